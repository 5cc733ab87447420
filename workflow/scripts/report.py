from lfpbold import io, job, provenance, report
from lfpbold import report_inputs as inputs

with job.start(snakemake) as step:
    described = io.read_json(step.input.description)
    variants = inputs.gather(step.settings, snakemake.params.rows)
    step.log(f"{len(variants)} variants, {len(variants[0].recordings)} recordings")
    provenance.write(step.output.report, report.build(variants, step.settings, described))
