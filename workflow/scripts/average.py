from lfpbold import gather, io, job, tables
from lfpbold.road import group as road

with job.start(snakemake) as step:
    scans, brain, affine, bands = gather.scans(step.input.seed_maps, step.input.lfp_maps, step.input.removal_maps)
    step.log(f"{len(scans)} scans of {len(step.input.seed_maps)} are averaged")
    found = road.averaged(scans, bands, step.settings["variance"])
    group = {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    io.write_voxels(step.output.seed_map, found["seed_map"], brain, affine, info=step.info)
    io.write_voxels(step.output.lfp_maps, found["lfp_maps"], brain, affine, info=step.info | {"Bands": bands})
    io.write_voxels(
        step.output.removal_maps, found["removal_maps"], brain, affine, info=step.info | {"Maps": road.REMOVALS}
    )
    io.write_table(
        step.output.spatial, [group | r for r in found["spatial_group"]], tables.SPATIAL_GROUP, info=step.info
    )
    rows = [road.GROUP_LABELS | group | r for r in found["regression"]]
    io.write_table(step.output.regression, rows, tables.REGRESSION_GROUP, info=step.info)
