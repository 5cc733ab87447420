from lfpbold import io, job, multiverse

with job.start(snakemake) as step:
    choices = step.settings["choices"]
    headlines = dict(zip(snakemake.params.variants, map(io.read_table, step.input.headlines), strict=True))
    rows = multiverse.curve(headlines, choices)
    effects = multiverse.effects(rows, choices)
    io.write_table(step.output.curve, rows, multiverse.curve_columns(choices), info=step.info)
    io.write_table(step.output.choices, effects, multiverse.EFFECTS, info=step.info)
    step.log(f"{len(headlines)} variants, {len(choices)} choices")
