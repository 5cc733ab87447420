from lfpbold.derivatives import files as io
from lfpbold.derivatives import load
from lfpbold.pipeline.group import tables as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, group = step.input, {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    scans, brain, affine, bands, named = load.scans(
        files.seed_maps, files.lfp_maps, files.removal_maps, files.information_maps
    )
    step.log(f"{len(scans)} scans of {len(files.seed_maps)} are averaged")
    result = stage.averaged(scans, bands, named, step.settings["variance"])
    maps = {
        "seed_map": {},
        "lfp_maps": {"Bands": bands},
        "removal_maps": {"Maps": stage.REMOVALS},
        "information_maps": {"Maps": ["seed", *named]},
    }
    for name, described in maps.items():
        io.write_voxels(getattr(step.output, name), result[name], brain, affine, info=step.info | described)
    result |= stage.of_scans(
        (*load.read_lags(files.lags), load.animals(files.lags)),
        (*load.read_hrfgrids(files.hrfgrid), load.animals(files.hrfgrid)),
        step.settings["networks"]["main_band"],
    )
    for name, columns in step.tables.items():
        rows = [stage.GROUP_LABELS | group | row for row in result[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
