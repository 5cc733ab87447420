from lfpbold import io, job, tables
from lfpbold.road import power as road

with job.start(snakemake) as step:
    lfp = io.read_series(step.input.lfp)
    multiunit, _ = io.read_matrix(step.input.multiunit)
    power, fs_hz, bands, info, contacts = road.power(lfp.data, lfp.fs_hz, lfp.names, multiunit, lfp.info, step.settings)
    io.write_series(step.output.power, power, fs_hz, bands, unit="µV²", info=step.info | info)
    columns = tables.contacts(step.settings["bands"])
    io.write_matrix(step.output.contacts, contacts, columns, info=step.info | info | {"SamplingFrequency": fs_hz})
