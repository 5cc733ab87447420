from lfpbold import io, job, tables
from lfpbold.road import evoked_group as road

with job.start(snakemake) as step:
    params = snakemake.params
    read = {name: io.read_table(path) for name, path in step.input.items()}
    rows = road.rest_evoked(read, params.pairs, params.names, step.settings, step.seed)
    io.write_table(step.output.table, rows, tables.GROUP["rest_evoked"], info=step.info)
