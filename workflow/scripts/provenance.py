from lfpbold.derivatives import files, load
from lfpbold.workflow import job, provenance

with job.start(snakemake) as step:
    inputs = load.raw_files(step.input.sidecars)
    described = provenance.describe(snakemake.params.settings, inputs)
    files.write_json(step.output.description, described)
    provenance.write(step.output.config, provenance.resolved_yaml(snakemake.params.settings))
    provenance.write(step.output.readme, provenance.readme())
    provenance.write(step.output.ignore, provenance.bidsignore(snakemake.params.settings))
