from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.derivatives.rows import of_group
from lfpbold.figures.specification import specification
from lfpbold.workflow import job

with job.start(snakemake) as step:
    curve, choices = (of_group(files.read_table(path), **step.row) for path in (step.input.curve, step.input.choices))
    title = "{site}, {state}".format(**step.row)
    figure = specification(curve, choices, step.settings["main_band"], title)
    n_variants = f"{len({row['variant'] for row in curve})} variants"
    caption = figures.caption_of(figure, "specification", who=title, n=n_variants)
    figures.save(figure, step.output.png, step.output.svg, caption=caption)
    files.write_json(step.output.sidecar, step.info | {"Caption": caption})
