from lfpbold import gather, io, job, provenance

with job.start(snakemake) as step:
    inputs = gather.raw_files(step.input.sidecars)
    described = provenance.describe(snakemake.params.settings, inputs)
    io.write_json(step.output.description, described)
    provenance.write(step.output.config, provenance.resolved_yaml(snakemake.params.settings))
    provenance.write(step.output.readme, provenance.readme())
    provenance.write(step.output.ignore, provenance.bidsignore(snakemake.params.settings))
