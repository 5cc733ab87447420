from lfpbold import atlases, io, job, scan_inputs, tables
from lfpbold.road import nulls as road
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    clean, brain, affine = io.read_voxels(step.input.bold, step.input.brain)
    seed = atlases.open_seed(step.row["site"], step.settings, brain, affine)
    scan = scan_inputs.scan(step.input, step.settings, clean=clean, seed=seed)
    found = road.nulls(scan, brain, affine, step.settings)
    maps = found["orthogonal_maps"]
    io.write_voxels(step.output.orthogonal_maps, maps, brain, affine, info=step.info | {"Bands": scan.bands})
    for name, columns in tables.NULLS_OF_SCAN.items():
        rows = [labels(step.row) | row for row in found[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
