from lfpbold.derivatives import files, layout
from lfpbold.workflow import job, provenance

with job.start(snakemake) as step:
    described = provenance.describe_variant(snakemake.params.settings, snakemake.wildcards.variant)
    files.write_json(step.output.description, described)
    provenance.write(step.output.readme, provenance.readme())
    provenance.write(step.output.ignore, layout.bidsignore())
