from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    data = inputs.evoked(step.input, step.row, step.settings)
    on = {"background": data.anatomy, "seed": data.seed}
    pictures = {
        "glm": figures.glm(data.maps, data.contrasts, data.clusters, data.affine, data.title, alpha=data.alpha, **on),
        "evoked": figures.evoked(data.responses, data.prediction, data.names, data.title),
    }
    captions = figures.save_all(pictures, step.output, **data.facts)
    for name, caption in captions.items():
        files.write_json(getattr(step.output, f"{name}_sidecar"), step.info | {"Caption": caption})
