from lfpbold import recordings
from lfpbold.derivatives import files
from lfpbold.pipeline.artefact import driver as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row = step.row
    lfp = recordings.open_configured_lfp(step.input.lfp, row["input"], row["channels"], row["where"])
    bold = recordings.open_configured_bold(step.input.bold, row["input"], row["where"])
    samples, fs_hz, info, multiunit, qc = stage.artefact(
        lfp, bold, row, step.settings["artefact"], log=step.log, threads=snakemake.threads
    )
    info |= step.info | {"RawFiles": step.raw_files(recordings.fingerprints(step.input.lfp))}
    info |= step.judge(info["Doubts"])
    files.write_series(step.output.lfp, samples, fs_hz, info["ChannelsUsed"], info=info)
    files.write_matrix(step.output.multiunit, multiunit, step.columns["multiunit"], info=step.info | info["Multiunit"])
    files.write_json(step.output.qc, step.info | qc["artefact"])
    files.write_json(step.output.spectrogram, step.info | qc["spectrogram"])
