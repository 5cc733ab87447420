from lfpbold.derivatives import files
from lfpbold.pipeline import evoked_group as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    params = snakemake.params
    read = {name: files.read_table(path) for name, path in step.input.items()}
    rows = stage.rest_evoked(read, params.pairs, params.names, step.settings, step.seed)
    files.write_table(step.output.table, rows, step.columns["table"], info=step.info)
