from lfpbold import io, job
from lfpbold.road import power as road

with job.start(snakemake) as step:
    lfp = io.read_series(step.input.lfp)
    power, fs_hz, bands, info = road.power(lfp.data, lfp.fs_hz, lfp.names, lfp.info, step.settings)
    io.write_series(step.output.power, power, fs_hz, bands, unit="µV²", info=step.info | info)
