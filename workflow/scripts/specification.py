from lfpbold.derivatives import files
from lfpbold.results import specification
from lfpbold.workflow import job

with job.start(snakemake) as step:
    choices = step.settings["choices"]
    headlines = dict(zip(snakemake.params.variants, map(files.read_table, step.input.headlines), strict=True))
    rows = specification.curve(headlines, choices)
    effects = specification.effects(rows, choices)
    files.write_table(step.output.curve, rows, specification.curve_columns(choices), info=step.info)
    files.write_table(step.output.choices, effects, specification.EFFECTS, info=step.info)
    step.log(f"{len(headlines)} variants, {len(choices)} choices")
