from lfpbold import atlases, io, job, tables
from lfpbold.road import coupling as road
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    clean, brain, affine = io.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = io.read_matrix(step.input.regressors)
    power = io.read_series(step.input.power)
    info = io.read_json(io.sidecar_path(step.input.bold))
    seed = atlases.open_seed(step.row["site"], step.settings, brain, affine)
    found = road.coupling(clean, seed, regressors, power.data, power.fs_hz, bands, power.info, info, step.settings)
    step.log(f"{seed.sum()} seed voxels of {brain.sum()} in the brain, {len(clean)} volumes")
    io.write_voxels(step.output.seed_map, found["seed_map"], brain, affine, info=step.info | {"SeedVoxels": seed.sum()})
    io.write_voxels(step.output.lfp_maps, found["lfp_maps"], brain, affine, info=step.info | {"Bands": bands})
    for name in ("temporal", "lags", "spatial"):
        rows = [labels(step.row) | row for row in found[name]]
        io.write_table(getattr(step.output, name), rows, getattr(tables, name.upper()), info=step.info)
