from lfpbold.derivatives import files
from lfpbold.derivatives.rows import labels
from lfpbold.pipeline import atlas
from lfpbold.pipeline import evoked as stage
from lfpbold.recordings import events
from lfpbold.study import settings
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row, info = step.row, files.read_json(files.sidecar_path(step.input.clean))
    volumes, affine = files.read_image(step.input.bold)
    brain = files.read_image(step.input.brain)[0] > 0
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    stimuli = events.row_events(row, len(volumes), info["RepetitionTime"])
    run = stage.prepared(volumes, affine, brain, stimuli, nuisance, info, step.settings)
    series = files.read_series(step.input.power)
    named = [name for name in settings.band_names(step.settings) if name in series.names]
    power = series.data[:, [series.names.index(name) for name in named]]
    seed = atlas.open_seed(row["site"], step.settings, brain, affine)
    result = stage.responses(run, seed, power, named, series.info, series.fs_hz, step.settings)
    rows = [labels(row) | rest for rest in result]
    files.write_table(step.output.responses, rows, step.columns["responses"], info=step.info)
