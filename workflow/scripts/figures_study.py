from lfpbold import figures
from lfpbold.derivatives import files as io
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    of = inputs.study(step.input, step.settings)
    rows, options = of.rows, step.settings["variance"]
    drawn = {
        "headline": figures.headline(rows.headline, rows.temporal, rows.spatial, of.main, of.names),
        "bands": figures.bands(rows.temporal, rows.spatial, rows.spatial_group, of.names),
        "noise": figures.noise(rows.noise, rows.noise_curve, options, of.main, of.names, rows.reliability),
        "mediation": figures.mediation(rows.mediation, of.main, of.names),
        "response": figures.response(rows.response, rows.temporal, of.main, of.names),
        "coherence": figures.coherence(rows.coherence, of.names),
        "windows": figures.windows(rows.windows, of.main, of.names),
        "states": figures.states(rows.states, rows.paired, of.names),
        "multiunit": figures.multiunit(rows.multiunit, of.main, of.names),
        "yardstick": figures.yardstick(rows.yardstick, of.names),
    }
    captions = {kind: figures.caption_of(drawn[kind], kind, **of.facts) for kind in drawn}
    for kind, figure in drawn.items():
        files = (getattr(step.output, f"{kind}_{form}") for form in ("png", "svg"))
        figures.save(figure, *files, caption=captions[kind])
    io.write_json(step.output.captions, captions)
