from lfpbold import io, job, report, report_inputs as inputs

with job.start(snakemake) as step:
    described = io.read_json(step.input.description)
    variants = inputs.gather(step.settings, snakemake.params.rows)
    step.log(f"{len(variants)} variants, {len(variants[0].recordings)} recordings")
    io.write_text(step.output.report, report.build(variants, step.settings, described, step.info["ConfigHash"]))
