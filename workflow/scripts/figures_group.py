from lfpbold import figures
from lfpbold.derivatives import files
from lfpbold.figures import inputs
from lfpbold.workflow import job

with job.start(snakemake) as step:
    data = inputs.group(step.input, step.row, step.settings)
    rows, title, main, on = data.rows, data.title, data.main, {"background": data.anatomy}
    seed_map, affine, names = data.seed_map, data.affine, data.names
    main_r = {"true": data.r.get(main), "shuffled": data.r.get(f"shuffled_{main}")}
    shuffled = (data.true_map, data.shuffled_map, main_r)
    peaks = (data.example, seed_map, data.removed.get("peaks"))
    pictures = {
        "lags": figures.lags(rows.lags, names, title),
        "regressors": figures.regressors(data.example, names, title),
        "maps": figures.maps(seed_map, data.lfp, affine, title, seed=data.seed, **on),
        "scatter": figures.scatter(seed_map, data.lfp, data.r, title),
        "sweep": figures.sweep(rows.temporal, rows.spatial, rows.spatial_group, data.bands, title),
        "spectrogram": figures.spectrogram(data.spectrogram, title),
        "shuffled": figures.shuffled(seed_map, *shuffled, affine, title, main_band=main, **on),
        "paired": figures.paired(rows.paired, rows.ttests, names, title),
        "hrfgrid": figures.hrfgrid(rows.hrfgrid, data.p, title),
        "removal": figures.removal(seed_map, data.removed, affine, rows.regression, data.removals, title, **on),
        "peaks": figures.peaks(*peaks, affine, main, data.percentile, title, **on),
        "information": figures.information(
            data.information, affine, title, chance=data.chance, note=data.estimator, **on
        ),
        "connectivity": figures.connectivity(data.matrices, data.regions, rows.connectivity, main, title),
        "network_peaks": figures.network_peaks(rows.network_peaks, main, title),
        "components": figures.components(data.components, rows.components, affine, main, title, **on),
    }
    files.write_json(step.output.captions, figures.save_all(pictures, step.output, note=data.estimator, **data.facts))
