from lfpbold.derivatives import files as io
from lfpbold.derivatives import load
from lfpbold.pipeline.group import tables as road
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, group = step.input, {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    scans, brain, affine, bands, named = load.scans(
        files.seed_maps, files.lfp_maps, files.removal_maps, files.information_maps
    )
    step.log(f"{len(scans)} scans of {len(files.seed_maps)} are averaged")
    found = road.averaged(scans, bands, named, step.settings["variance"])
    maps = {
        "seed_map": {},
        "lfp_maps": {"Bands": bands},
        "removal_maps": {"Maps": road.REMOVALS},
        "information_maps": {"Maps": ["seed", *named]},
    }
    for name, described in maps.items():
        io.write_voxels(getattr(step.output, name), found[name], brain, affine, info=step.info | described)
    found["lags"] = road.lags(*load.lags(files.lags), load.animals(files.lags))
    found["hrfgrid"] = road.hrfgrid(
        *load.hrfgrid(files.hrfgrid), load.animals(files.hrfgrid), step.settings["networks"]["main_band"]
    )
    for name, columns in step.tables.items():
        rows = [road.GROUP_LABELS | group | row for row in found[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
