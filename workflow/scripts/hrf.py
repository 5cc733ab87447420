from lfpbold import io, job, tables
from lfpbold.road import hrf as road

with job.start(snakemake) as step:
    power = io.read_series(step.input.power)
    regressors = road.hrf(power.data, power.fs_hz, power.info, step.settings)
    io.write_matrix(step.output.regressors, regressors, tables.regressors(power.names), info=step.info)
