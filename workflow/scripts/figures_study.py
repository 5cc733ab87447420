from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    data = inputs.study(step.input, step.settings)
    rows, options = data.rows, step.settings["variance"]
    pictures = {
        "headline": figures.headline(rows.headline, rows.temporal, rows.spatial, data.main, data.names),
        "bands": figures.bands(rows.temporal, rows.spatial, rows.spatial_group, data.names),
        "noise": figures.noise(rows.noise, rows.noise_curve, options, data.main, data.names, rows.reliability),
        "mediation": figures.mediation(rows.mediation, data.main, data.names),
        "response": figures.response(rows.response, rows.temporal, data.main, data.names),
        "coherence": figures.coherence(rows.coherence, data.names),
        "windows": figures.windows(rows.windows, data.main, data.names),
        "states": figures.states(rows.states, rows.paired, data.names),
        "multiunit": figures.multiunit(rows.multiunit, data.main, data.names),
        "yardstick": figures.yardstick(rows.yardstick, data.names),
    }
    files.write_json(step.output.captions, figures.save_all(pictures, step.output, **data.facts))
