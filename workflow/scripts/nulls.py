from lfpbold.derivatives import files
from lfpbold.derivatives.rows import labels
from lfpbold.pipeline import atlas, load_scan
from lfpbold.pipeline import nulls as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    clean, brain, affine = files.read_voxels(step.input.bold, step.input.brain)
    seed = atlas.open_seed(step.row["site"], step.settings, brain, affine)
    scan = load_scan.scan(step.input, step.settings, clean=clean, seed=seed)
    result = stage.nulls(scan, brain, affine, step.settings)
    maps = result["orthogonal_maps"]
    files.write_voxels(step.output.orthogonal_maps, maps, brain, affine, info=step.info | {"Bands": scan.design.bands})
    for name, columns in step.tables.items():
        rows = [labels(step.row) | row for row in result[name]]
        files.write_table(getattr(step.output, name), rows, columns, info=step.info)
