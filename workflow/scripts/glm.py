from lfpbold import events, io, job, tables
from lfpbold.road import evoked as road

with job.start(snakemake) as step:
    row, info = step.row, io.read_json(io.sidecar_path(step.input.clean))
    volumes, affine = io.read_image(step.input.bold)
    brain = io.read_image(step.input.brain)[0] > 0
    nuisance = io.read_matrix(step.input.nuisance)[0][:, 1:]
    happened = events.of_row(row, len(volumes), info["RepetitionTime"])
    run = road.prepared(volumes, affine, brain, happened, nuisance, info, step.settings)
    who = "{sub} {ses} {task} {run}".format(**row)
    found = road.model(run, brain, affine, step.settings, who, log=step.log)
    io.write_voxels(step.output.maps, found["maps"], brain, affine, info=step.info | found["info"])
    rows = [row | of for of in found["rows"]]
    io.write_table(step.output.clusters, rows, tables.EVOKED["clusters"], info=step.info)
