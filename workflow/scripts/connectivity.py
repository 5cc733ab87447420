import numpy as np

from lfpbold.derivatives import files as io
from lfpbold.pipeline import connectivity as stage
from lfpbold.pipeline import load_scan
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, site = step.input, snakemake.wildcards.site
    group = {"state": snakemake.wildcards.state, "site": site}
    seed_map, affine = io.read_image(files.seed_map)
    brain = np.isfinite(seed_map)
    scans, bands, _ = load_scan.scans(files, step.settings, brain=brain, affine=affine, site=site)
    result = stage.connectivity(scans, bands, load_scan.networks(step.settings, site, brain, affine), step.settings)
    for name, z in result["matrices"].items():
        columns = step.columns[name](result["regions"])
        io.write_matrix(getattr(step.output, name), io.matrix_rows(result["regions"], z), columns, info=step.info)
    io.write_voxels(step.output.maps, result["maps"], brain, affine, info=step.info | {"Maps": result["map_names"]})
    for name, columns in step.tables.items():
        rows = [group | row for row in result[name.removesuffix("_table")]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
