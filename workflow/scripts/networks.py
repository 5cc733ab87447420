from lfpbold import atlases, io, job, tables
from lfpbold.road import networks as road
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    clean, brain, affine = io.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = io.read_matrix(step.input.regressors)
    info = io.read_json(io.sidecar_path(step.input.bold))
    seed = atlases.open_seed(step.row["site"], step.settings, brain, affine)
    found = road.networks(clean, seed, regressors, bands, info, step.settings["networks"])
    maps, names = list(found["maps"].values()), list(found["maps"])
    io.write_voxels(step.output.maps, maps, brain, affine, info=step.info | {"Maps": names})
    rows = [labels(step.row) | row for row in found["regression"]]
    io.write_table(step.output.regression, rows, tables.REGRESSION, info=step.info)
