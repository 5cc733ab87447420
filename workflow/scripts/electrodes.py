from lfpbold.derivatives import files, load
from lfpbold.workflow import job, provenance

with job.start(snakemake) as step:
    rows = provenance.electrodes(load.channels(step.input.lfp))
    files.write_table(step.output.electrodes, rows, step.columns["electrodes"], info=step.info)
    files.write_json(step.output.coordinates, provenance.coordinate_system())
