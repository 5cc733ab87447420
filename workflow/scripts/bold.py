from lfpbold import atlases, io, job, tables
from lfpbold.road import bold as road

with job.start(snakemake) as step:
    volumes, affine = io.read_image(step.input.bold)
    brain = io.read_image(step.input.brain)[0] > 0
    confounds, _ = io.read_matrix(step.input.confounds)
    masks = atlases.open_masks(step.settings["atlas"], brain.shape, affine)
    before = io.read_json(io.sidecar_path(step.input.bold))
    clean, nuisance, info = road.bold(
        volumes, affine, brain, confounds[:, :6], confounds[:, 7] > 0, masks, before, step.settings["bold"]
    )
    io.write_voxels(step.output.bold, clean, brain, affine, tr_s=info["RepetitionTime"], info=step.info | info, fill=0)
    rows = [[volume, *row] for volume, row in zip(info["VolumesKept"], nuisance, strict=True)]
    io.write_matrix(step.output.nuisance, rows, tables.nuisance(info["Nuisance"]), info=step.info)
