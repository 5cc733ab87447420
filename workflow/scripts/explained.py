from lfpbold.derivatives import files as io
from lfpbold.derivatives import load
from lfpbold.pipeline import explained as stage
from lfpbold.pipeline import load_scan
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, group = step.input, {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    scans, bands, bins = load_scan.scans(files, step.settings)
    grid = load.read_hrfgrids(files.hrfgrid)
    result = stage.explained(scans(), bands, bins, grid, step.settings["networks"]["main_band"], step.settings)
    for name, columns in step.tables.items():
        rows = [group | row for row in result[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
