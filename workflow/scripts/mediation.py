import numpy as np

from lfpbold import gather, io, job, tables
from lfpbold.road import mediation as road

with job.start(snakemake) as step:
    files, site = step.input, snakemake.wildcards.site
    group = {"state": snakemake.wildcards.state, "site": site}
    seed_map, affine = io.read_image(files.seed_map)
    brain, main = np.isfinite(seed_map), step.settings["main_band"]
    scans, bands = gather.clean_scans(files, brain, affine, site, step.settings)
    noise = gather.noise_sd(files.nulls, main)
    found = road.mediation(scans, brain, bands, main, noise, step.settings)
    names = {"Maps": ["excess", "p", "orthogonal"]}
    io.write_voxels(step.output.maps, found["maps"], brain, affine, info=step.info | names)
    for name in ("mediation", "k", "cross_scan", "explained", "commonality"):
        rows = [group | row for row in found[name]]
        io.write_table(getattr(step.output, name), rows, tables.GROUP[name], info=step.info)
