from lfpbold.derivatives import files
from lfpbold.report import inputs
from lfpbold.report import page as report
from lfpbold.workflow import job, provenance

with job.start(snakemake) as step:
    described = files.read_json(step.input.description)
    variants = inputs.gather(step.settings, snakemake.params.rows)
    step.log(f"{len(variants)} variants, {len(variants[0].recordings)} recordings")
    page = report.build(variants, step.settings, described, inputs.specification(step.settings))
    provenance.write(step.output.report, page)
