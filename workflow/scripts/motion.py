from lfpbold import recordings
from lfpbold.derivatives import files
from lfpbold.pipeline import atlas as atlases
from lfpbold.pipeline import motion as road
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row, atlas = step.row, atlases.open_targets(step.settings["atlas"])
    bold = recordings.open_bold(step.input.bold, row["input"], row["where"])
    progress = step.progress(bold.n_volumes, "volumes realigned")
    found = road.motion(bold, row, step.settings, atlas, log=step.log, progress=progress, workers=step.threads)
    info = step.info | found.info
    raw = {"RawFiles": step.raw_files(recordings.fingerprints(step.input.bold))}
    files.write_image(step.output.bold, found.volumes, found.affine, tr_s=bold.tr_s, info=info | raw)
    files.write_image(step.output.brain, found.brain, found.affine, info=info)
    files.write_table(step.output.confounds, road.confounds(found), step.columns["confounds"], info=info)
