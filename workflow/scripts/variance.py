from lfpbold import gather, io, job, tables
from lfpbold.road import group as road

with job.start(snakemake) as step:
    names = ("temporal", "spatial", "lags", "spatial_group")
    gathered = {name: gather.tables(getattr(step.input, name)) for name in names}
    gathered["regression"] = gather.tables([*step.input.regression, *step.input.regression_group])
    gathered["excluded"] = road.excluded(
        gather.exclusions(step.input.confounds, step.input.temporal), snakemake.params.rows
    )
    gathered |= road.variance(gathered, snakemake.params.groups, step.settings, step.seed)
    for name, rows in gathered.items():
        io.write_table(getattr(step.output, name), rows, tables.GROUP[name], info=step.info)
