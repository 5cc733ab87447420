from lfpbold import recordings
from lfpbold.derivatives import files
from lfpbold.pipeline import atlas as atlases
from lfpbold.pipeline import motion as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row, atlas = step.row, atlases.open_targets(step.settings["atlas"])
    bold = recordings.open_configured_bold(step.input.bold, row["input"], row["where"])
    progress = step.progress(bold.n_volumes, "volumes realigned")
    result = stage.motion(bold, row, step.settings, atlas, log=step.log, progress=progress, workers=step.threads)
    info = step.info | result.info
    raw = {"RawFiles": step.raw_files(recordings.fingerprints(step.input.bold))}
    files.write_image(step.output.bold, result.volumes, result.affine, tr_s=bold.tr_s, info=info | raw)
    files.write_image(step.output.brain, result.brain, result.affine, info=info | {"Type": "Brain"})
    files.write_table(step.output.confounds, stage.confounds(result), step.columns["confounds"], info=info)
