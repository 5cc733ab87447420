from lfpbold import atlases, io, job, tables
from lfpbold.road import networks as road
from lfpbold.road import projection
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    clean, brain, affine = io.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = io.read_matrix(step.input.regressors)
    info = io.read_json(io.sidecar_path(step.input.bold))
    nuisance = io.read_matrix(step.input.nuisance)[0][:, 1:]
    clean, nuisance, info = projection.covered(clean, nuisance, info, len(regressors))
    like_bold = projection.of_run(info, nuisance)
    seed = atlases.open_seed(step.row["site"], step.settings, brain, affine)
    regions = atlases.open_regions(step.settings, brain, affine)
    found = road.networks(
        clean, seed, regressors, bands, info, step.settings["networks"], labels=regions, like_bold=like_bold
    )
    maps, names = list(found["maps"].values()), list(found["maps"])
    io.write_voxels(step.output.maps, maps, brain, affine, info=step.info | {"Maps": names})
    rows = [labels(step.row) | row for row in found["regression"]]
    io.write_table(step.output.regression, rows, tables.REGRESSION, info=step.info)
    for name in ("connectivity", "removed"):
        matrix, columns = tables.matrix_of(found["regions"], found[name]), tables.matrix_columns(found["regions"])
        io.write_matrix(getattr(step.output, name), matrix, columns, info=step.info)
