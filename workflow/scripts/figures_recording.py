from lfpbold import figures
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    run = "sub-{sub}, ses-{ses}, run-{run} ({state})".format(**step.row)
    recording = f"{run}, {step.row['site']}"
    lfp = figures.artefact(inputs.sidecar(step.input.qc), inputs.sidecar(step.input.lfp), recording)
    caption = figures.caption("artefact", who=recording)
    figures.save(lfp, step.output.artefact_png, step.output.artefact_svg, caption=caption)
    motion = figures.motion(inputs.table(step.input.confounds), inputs.sidecar(step.input.confounds), run)
    caption = figures.caption("motion", who=run)
    figures.save(motion, step.output.motion_png, step.output.motion_svg, caption=caption)
