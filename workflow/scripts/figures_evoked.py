from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    of = inputs.evoked(step.input, step.row, step.settings)
    on = {"background": of.anatomy, "seed": of.seed}
    drawn = {
        "glm": figures.glm(of.maps, of.contrasts, of.clusters, of.affine, of.title, alpha=of.alpha, **on),
        "evoked": figures.evoked(of.responses, of.prediction, of.names, of.title),
    }
    for kind, figure in drawn.items():
        caption = figures.caption_of(figure, kind, **of.facts)
        figures.save(figure, *(getattr(step.output, f"{kind}_{form}") for form in ("png", "svg")), caption=caption)
        files.write_json(getattr(step.output, f"{kind}_sidecar"), step.info | {"Caption": caption})
