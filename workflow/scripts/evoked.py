from lfpbold import atlases, events, io, job, settings, tables
from lfpbold.road import evoked as road
from lfpbold.road.group import labels

with job.start(snakemake) as step:
    row, info = step.row, io.read_json(io.sidecar_path(step.input.clean))
    volumes, affine = io.read_image(step.input.bold)
    brain = io.read_image(step.input.brain)[0] > 0
    nuisance = io.read_matrix(step.input.nuisance)[0][:, 1:]
    happened = events.of_row(row, len(volumes), info["RepetitionTime"])
    run = road.prepared(volumes, affine, brain, happened, nuisance, info, step.settings)
    series = io.read_series(step.input.power)
    named = [name for name in settings.band_names(step.settings) if name in series.names]
    power = series.data[:, [series.names.index(name) for name in named]]
    seed = atlases.open_seed(row["site"], step.settings, brain, affine)
    found = road.responses(run, seed, power, named, series.info, series.fs_hz, step.settings)
    rows = [labels(row) | of for of in found]
    io.write_table(step.output.responses, rows, tables.EVOKED["responses"], info=step.info)
