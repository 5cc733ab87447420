from lfpbold.derivatives import files, load
from lfpbold.pipeline.group import doubts
from lfpbold.pipeline.group import tables as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    names = ("temporal", "spatial", "multiunit", "lags", "hrfgrid", "spatial_group")
    networks = ("connectivity", "network_peaks", "components")
    nulls = ("nulls", "bins", "coherence", "windows", "mediation", "k", "cross_scan", "inter_scan")
    predictions = ("explained", "commonality", "response", "hrfchoice", "pairing")
    gathered = {name: load.read_rows(getattr(step.input, name)) for name in (*names, *networks, *nulls, *predictions)}
    significance = [*step.input.significance_in_time, *step.input.significance_in_space]
    gathered["significance"] = load.read_rows(significance)
    for name in ("regression", "information"):
        scans, groups = getattr(step.input, name), getattr(step.input, f"{name}_group")
        gathered[name] = load.read_rows([*scans, *groups])
    gathered["excluded"] = stage.excluded(
        load.exclusions(step.input.confounds, step.input.temporal), snakemake.params.rows
    )
    gathered["doubts"] = doubts.doubts(load.doubts(step.input.recorded), snakemake.params.rows)
    gathered["flow"] = stage.flow(gathered["excluded"], snakemake.params.rows)
    gathered |= stage.variance(gathered, snakemake.params.groups, step.settings, snakemake.params.names, step.seed)
    gathered["headline"] = doubts.with_doubtful(gathered["headline"], gathered["temporal"], gathered["doubts"])
    for name, rows in gathered.items():
        files.write_table(getattr(step.output, name), rows, step.columns[name], info=step.info)
