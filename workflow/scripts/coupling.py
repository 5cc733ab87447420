from lfpbold.derivatives import files
from lfpbold.derivatives.rows import labels
from lfpbold.pipeline import atlas, projection
from lfpbold.pipeline import coupling as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    clean, brain, affine = files.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = files.read_matrix(step.input.regressors)
    series = files.read_series(step.input.power)
    power = stage.Power(series.data, series.fs_hz, series.info)
    info = files.read_json(files.sidecar_path(step.input.bold))
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    of_lfp, bold = files.read_json(files.sidecar_path(step.input.regressors)), step.settings["bold"]
    clean, nuisance, info = projection.covered_volumes(clean, nuisance, info, len(regressors), bold, of_lfp)
    apply_bold_filter = projection.bold_filter(info, nuisance, bold)
    seed = atlas.open_seed(step.row["site"], step.settings, brain, affine)
    how = {"apply_bold_filter": apply_bold_filter, "scan_id": "{sub} {ses} {run} {site}".format(**step.row)}
    result = stage.coupling(clean, seed, regressors, bands, power, info, step.settings, **how)
    step.log(f"{seed.sum()} seed voxels of {brain.sum()} in the brain, {len(clean)} volumes")
    maps = {
        "seed_map": {"SeedVoxels": seed.sum()},
        "lfp_maps": {"Bands": result["bands"]},
        "information_maps": {"Maps": ["seed", *result["named"]]},
    }
    for name, described in maps.items():
        files.write_voxels(getattr(step.output, name), result[name], brain, affine, info=step.info | described)
    for name in ("temporal", "spatial", "information", "hrfgrid", "multiunit"):
        rows = [labels(step.row) | row for row in result[name]]
        files.write_table(getattr(step.output, name), rows, step.columns[name], info=step.info)
    files.write_matrix(step.output.lags, result["lags"], step.columns["lags"](bands), info=step.info)
    files.write_matrix(step.output.seed_course, result["seed_course"], step.columns["seed_course"], info=step.info)
