from lfpbold import figures
from lfpbold.derivatives import files as io
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    of = inputs.group(step.input, step.row, step.settings)
    rows, at, on = of.rows, of.affine, {"background": of.anatomy}
    main_r = {"true": of.r.get(of.main), "shuffled": of.r.get(f"shuffled_{of.main}")}
    shuffled = (of.true_map, of.shuffled_map, main_r)
    drawn = {
        "lags": figures.lags(rows.lags, of.names, of.title),
        "regressors": figures.regressors(of.example, of.names, of.title),
        "maps": figures.maps(of.seed_map, of.lfp, at, of.title, seed=of.seed, **on),
        "scatter": figures.scatter(of.seed_map, of.lfp, of.r, of.title),
        "sweep": figures.sweep(rows.temporal, rows.spatial, rows.spatial_group, of.bands, of.title),
        "spectrogram": figures.spectrogram(of.spectrogram, of.title),
        "shuffled": figures.shuffled(of.seed_map, *shuffled, at, of.title, main_band=of.main, **on),
        "paired": figures.paired(rows.paired, rows.ttests, of.names, of.title),
        "hrfgrid": figures.hrfgrid(rows.hrfgrid, of.p, of.title),
        "removal": figures.removal(of.seed_map, of.removed, of.affine, rows.regression, of.removals, of.title, **on),
        "peaks": figures.peaks(
            of.example, of.seed_map, of.removed.get("peaks"), at, of.main, of.percentile, of.title, **on
        ),
        "information": figures.information(of.information, at, of.title, chance=of.chance, note=of.estimator, **on),
        "connectivity": figures.connectivity(of.matrices, of.regions, rows.connectivity, of.main, of.title),
        "network_peaks": figures.network_peaks(rows.network_peaks, of.main, of.title),
        "components": figures.components(of.components, rows.components, at, of.main, of.title, **on),
    }
    captions = {kind: figures.caption_of(drawn[kind], kind, note=of.estimator, **of.facts) for kind in drawn}
    for kind, figure in drawn.items():
        files = (getattr(step.output, f"{kind}_{form}") for form in ("png", "svg"))
        figures.save(figure, *files, caption=captions[kind])
    io.write_json(step.output.captions, captions)
