from lfpbold import io, job, provenance, report
from lfpbold import report_inputs as inputs

with job.start(snakemake) as step:
    described = io.read_json(step.input.description)
    variants = inputs.gather(step.settings, snakemake.params.rows)
    step.log(f"{len(variants)} variants, {len(variants[0].recordings)} recordings")
    page = report.build(variants, step.settings, described, inputs.specification(step.settings))
    provenance.write(step.output.report, page)
