from lfpbold import figures, job
from lfpbold import report_inputs as inputs

with job.start(snakemake) as step:
    main, bands = step.settings["networks"]["main_band"], list(step.settings["bands"])
    names = ("headline", "temporal", "spatial", "spatial_group", "noise")
    rows = {name: inputs.table(getattr(step.input, name)) for name in names}
    drawn = {
        "headline": figures.headline(rows["headline"], rows["temporal"], rows["spatial"], main, bands),
        "bands": figures.bands(rows["temporal"], rows["spatial"], rows["spatial_group"], bands),
        "noise": figures.noise(rows["noise"], step.settings["variance"], main, bands),
    }
    for kind, figure in drawn.items():
        figures.save(figure, getattr(step.output, f"{kind}_png"), getattr(step.output, f"{kind}_svg"))
