from lfpbold.derivatives import files as io
from lfpbold.derivatives import load
from lfpbold.pipeline import evoked_group as stage
from lfpbold.pipeline import load_scan
from lfpbold.workflow import job

with job.start(snakemake) as step:
    files, group = step.input, {"state": snakemake.wildcards.state, "site": snakemake.wildcards.site}
    scans, contrasts, brain, affine = load.evoked_maps(files.maps)
    result = stage.averaged(scans, contrasts, brain, affine, step.settings)
    io.write_voxels(step.output.maps, result["maps"], brain, affine, info=step.info | {"Maps": result["names"]})
    result["clusters"] = result["rows"]
    result["responses"] = stage.responses(load.read_rows(files.responses))
    recorded, bands, _ = load_scan.scans(files, step.settings)
    confidence, together = step.settings["variance"]["confidence"], step.settings["networks"]["removal_bands"]
    result["prediction"] = stage.prediction(list(recorded()), bands, together, confidence, step.settings["seed"])
    for name, columns in step.tables.items():
        rows = [group | row for row in result[name]]
        io.write_table(getattr(step.output, name), rows, columns, info=step.info)
