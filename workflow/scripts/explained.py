from lfpbold import gather, io, job, scan_inputs, tables
from lfpbold.road import explained as road

with job.start(snakemake) as step:
    files, group = step.input, {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    scans, bands, bins = scan_inputs.scans(files, step.settings)
    grid = gather.hrfgrid(files.hrfgrid)
    found = road.together(scans(), bands, bins, grid, step.settings["main_band"], step.settings)
    for name, columns in tables.EXPLAINED.items():
        rows = [group | row for row in found[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
