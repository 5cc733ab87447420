from lfpbold import atlases, gather, io, job, tables
from lfpbold.road import nulls as road
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    clean, brain, affine = io.read_voxels(step.input.bold, step.input.brain)
    columns, bands, basis = gather.columns(step.input.bold, step.input.regressors, step.input.nuisance, step.settings)
    seed = atlases.open_seed(step.row["site"], step.settings, brain, affine)
    who = "{sub} {ses} {run} {site}".format(**step.row)
    found = road.nulls(clean, seed, brain, columns, bands, basis, step.settings, who)
    maps = found["orthogonal_maps"]
    io.write_voxels(step.output.orthogonal_maps, maps, brain, affine, info=step.info | {"Bands": bands})
    rows = [labels(step.row) | row for row in found["nulls"]]
    io.write_table(step.output.nulls, rows, tables.NULLS, info=step.info)
