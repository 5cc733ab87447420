from lfpbold.derivatives import files
from lfpbold.pipeline import evoked as road
from lfpbold.recordings import events
from lfpbold.workflow import job

with job.start(snakemake) as step:
    row, info = step.row, files.read_json(files.sidecar_path(step.input.clean))
    volumes, affine = files.read_image(step.input.bold)
    brain = files.read_image(step.input.brain)[0] > 0
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    happened = events.of_row(row, len(volumes), info["RepetitionTime"])
    run = road.prepared(volumes, affine, brain, happened, nuisance, info, step.settings)
    who = "{sub} {ses} {task} {run}".format(**row)
    found = road.model(run, brain, affine, step.settings, who, log=step.log)
    files.write_voxels(step.output.maps, found["maps"], brain, affine, info=step.info | found["info"])
    rows = [row | of for of in found["rows"]]
    files.write_table(step.output.clusters, rows, step.columns["clusters"], info=step.info)
