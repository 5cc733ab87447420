import numpy as np

from lfpbold.derivatives import files as io
from lfpbold.derivatives import load
from lfpbold.pipeline import load_scan
from lfpbold.pipeline import mediation as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, site = step.input, snakemake.wildcards.site
    group = {"state": snakemake.wildcards.state, "site": site}
    seed_map, affine = io.read_image(files.seed_map)
    brain, main = np.isfinite(seed_map), step.settings["networks"]["main_band"]
    scans, bands, _ = load_scan.scans(files, step.settings, brain=brain, affine=affine, site=site)
    noise = load.noise_sd(files.nulls, main)
    result = stage.mediation(scans(), brain, bands, main, noise, step.settings)
    names = {"Maps": ["excess", "p", "orthogonal"]}
    io.write_voxels(step.output.maps, result["maps"], brain, affine, info=step.info | names)
    for name, columns in step.tables.items():
        rows = [group | row for row in result[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
