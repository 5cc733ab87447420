from lfpbold.derivatives import columns, files
from lfpbold.pipeline import atlas, projection
from lfpbold.pipeline import coupling as road
from lfpbold.pipeline.group.tables import labels
from lfpbold.workflow import job

with job.start(snakemake) as step:
    clean, brain, affine = files.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = files.read_matrix(step.input.regressors)
    series = files.read_series(step.input.power)
    power = road.Power(series.data, series.fs_hz, series.info)
    info = files.read_json(files.sidecar_path(step.input.bold))
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    clean, nuisance, info = projection.covered(clean, nuisance, info, len(regressors))
    apply_bold_filter = projection.of_run(info, nuisance)
    seed = atlas.open_seed(step.row["site"], step.settings, brain, affine)
    scan_id = "{sub} {ses} {run} {site}".format(**step.row)
    found = road.coupling(
        clean, seed, regressors, bands, power, info, step.settings, apply_bold_filter=apply_bold_filter, scan_id=scan_id
    )
    step.log(f"{seed.sum()} seed voxels of {brain.sum()} in the brain, {len(clean)} volumes")
    maps = {
        "seed_map": {"SeedVoxels": seed.sum()},
        "lfp_maps": {"Bands": found["bands"]},
        "information_maps": {"Maps": ["seed", *found["named"]]},
    }
    for name, described in maps.items():
        files.write_voxels(getattr(step.output, name), found[name], brain, affine, info=step.info | described)
    for name in ("temporal", "spatial", "information", "hrfgrid", "multiunit"):
        rows = [labels(step.row) | row for row in found[name]]
        files.write_table(getattr(step.output, name), rows, columns.SCAN[name], info=step.info)
    files.write_matrix(step.output.lags, found["lags"], columns.scan_lags(bands), info=step.info)
    files.write_matrix(step.output.seed_course, found["seed_course"], columns.SEED_COURSE, info=step.info)
