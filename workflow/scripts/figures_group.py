from lfpbold import figures, job
from lfpbold import report_inputs as inputs

with job.start(snakemake) as step:
    state, site, title = step.row["state"], step.row["site"], "{site}, {state}".format(**step.row)
    bands, networks = list(step.settings["bands"]), step.settings["networks"]
    names = figures.removal_names(networks["main_band"], networks["removal_bands"], networks["peak_percentile"])
    seed, affine = inputs.image(step.input.seed_map)
    lfp = inputs.named_maps(step.input.lfp_maps, "Bands", bands)
    removed = inputs.named_maps(step.input.removal_maps, "Maps")
    anatomy = inputs.background(step.settings["atlas"])
    spatial = inputs.of_group(inputs.table(step.input.spatial_group), state, site)
    regression = inputs.of_group(inputs.table(step.input.regression), state, site)
    lags = inputs.of_group(inputs.table(step.input.lags), state, site)
    r = {row["band"]: row["r"] for row in spatial}
    drawn = {
        "maps": figures.maps(seed, lfp, affine, title, background=anatomy),
        "scatter": figures.scatter(seed, lfp, r, title),
        "lags": figures.lags(lags, bands, title),
        "removal": figures.removal(seed, removed, affine, regression, names, title, background=anatomy),
    }
    for kind, figure in drawn.items():
        figures.save(figure, getattr(step.output, f"{kind}_png"), getattr(step.output, f"{kind}_svg"))
