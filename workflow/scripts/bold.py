from lfpbold.derivatives import files
from lfpbold.pipeline import atlas
from lfpbold.pipeline import bold as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    volumes, affine = files.read_image(step.input.bold)
    brain = files.read_image(step.input.brain)[0] > 0
    confounds, _ = files.read_matrix(step.input.confounds)
    masks = atlas.open_masks(step.settings["atlas"], brain.shape, affine)
    before = files.read_json(files.sidecar_path(step.input.bold))
    clean, nuisance, info = stage.bold(
        volumes, affine, brain, confounds[:, :6], confounds[:, 7] > 0, masks, before, step.settings["bold"]
    )
    files.write_voxels(
        step.output.bold, clean, brain, affine, tr_s=info["RepetitionTime"], info=step.info | info, fill=0
    )
    rows = [[volume, *row] for volume, row in zip(info["VolumesKept"], nuisance, strict=True)]
    columns = step.columns["nuisance"](info["Nuisance"])
    files.write_matrix(step.output.nuisance, rows, columns, info=step.info)
