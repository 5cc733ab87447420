from lfpbold.derivatives import files
from lfpbold.pipeline import hrf as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    power = files.read_series(step.input.power)
    regressors = stage.hrf(power.data, power.fs_hz, power.info, step.settings)
    columns = step.columns["regressors"](power.names)
    lost = stage.lost_volumes(len(power.data), power.fs_hz, power.info, step.settings)
    info = step.info | {"VolumesWithoutLfp": lost}
    files.write_matrix(step.output.regressors, regressors, columns, info=info)
