from lfpbold.derivatives import files
from lfpbold.pipeline import evoked as stage
from lfpbold.recordings import events
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row, info = step.row, files.read_json(files.sidecar_path(step.input.clean))
    volumes, affine = files.read_image(step.input.bold)
    brain = files.read_image(step.input.brain)[0] > 0
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    stimuli = events.row_events(row, len(volumes), info["RepetitionTime"])
    run = stage.prepared(volumes, affine, brain, stimuli, nuisance, info, step.settings)
    scan_id = "{sub} {ses} {task} {run}".format(**row)
    result = stage.model(run, brain, affine, step.settings, scan_id, log=step.log)
    files.write_voxels(step.output.maps, result["maps"], brain, affine, info=step.info | result["info"])
    rows = [row | rest for rest in result["rows"]]
    files.write_table(step.output.clusters, rows, step.columns["clusters"], info=step.info)
