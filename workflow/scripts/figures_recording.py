from lfpbold import figures, job
from lfpbold import report_inputs as inputs

with job.start(snakemake) as step:
    run = "sub-{sub}, ses-{ses}, run-{run} ({state})".format(**step.row)
    lfp = figures.artefact(inputs.sidecar(step.input.qc), inputs.sidecar(step.input.lfp), f"{run}, {step.row['site']}")
    figures.save(lfp, step.output.artefact_png, step.output.artefact_svg)
    motion = figures.motion(inputs.table(step.input.confounds), inputs.sidecar(step.input.confounds), run)
    figures.save(motion, step.output.motion_png, step.output.motion_svg)
