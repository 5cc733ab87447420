from lfpbold import figures, io, job, settings

with job.start(snakemake) as step:
    rows, names = io.read_table(step.input.table), settings.band_names(step.settings)
    figure = figures.rest_evoked(rows, names)
    caption = figures.caption_of(figure, "rest_evoked")
    figures.save(figure, step.output.rest_evoked_png, step.output.rest_evoked_svg, caption=caption)
    io.write_json(step.output.rest_evoked_sidecar, step.info | {"Caption": caption})
