from lfpbold import io, job, recordings, tables
from lfpbold.road import artefact as road

with job.start(snakemake) as step:
    row = step.row
    lfp = recordings.open_lfp(step.input.lfp, row["input"], row["channels"], row["where"])
    bold = recordings.open_bold(step.input.bold, row["input"], row["where"])
    samples, fs_hz, info, multiunit, qc = road.artefact(
        lfp, bold, row, step.settings["artefact"], log=step.log, threads=snakemake.threads
    )
    info |= step.info | {"RawFiles": step.raw_files(recordings.fingerprints(step.input.lfp))}
    io.write_series(step.output.lfp, samples, fs_hz, lfp.channels, info=info)
    io.write_matrix(step.output.multiunit, multiunit, tables.MULTIUNIT_POWER, info=step.info | info["Multiunit"])
    io.write_json(step.output.qc, step.info | qc["artefact"])
    io.write_json(step.output.spectrogram, step.info | qc["spectrogram"])
