from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.study import settings
from lfpbold.workflow import job

with job.start(snakemake) as step:
    rows, names = files.read_table(step.input.table), settings.band_names(step.settings)
    figure = figures.rest_evoked(rows, names)
    caption = figures.caption_of(figure, "rest_evoked")
    figures.save(figure, step.output.rest_evoked_png, step.output.rest_evoked_svg, caption=caption)
    files.write_json(step.output.rest_evoked_sidecar, step.info | {"Caption": caption})
