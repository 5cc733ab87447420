from lfpbold.derivatives import columns, files, load
from lfpbold.workflow import job, provenance

with job.start(snakemake) as step:
    rows = provenance.electrodes(load.channels(step.input.lfp))
    files.write_table(step.output.electrodes, rows, columns.ELECTRODES, info=step.info)
    files.write_json(step.output.coordinates, provenance.coordinate_system())
