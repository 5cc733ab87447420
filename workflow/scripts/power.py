from lfpbold.derivatives import files
from lfpbold.pipeline import power as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    lfp = files.read_series(step.input.lfp)
    multiunit, _ = files.read_matrix(step.input.multiunit)
    power, fs_hz, bands, info, contacts = stage.power(
        lfp.data, lfp.fs_hz, lfp.names, multiunit, lfp.info, step.settings
    )
    files.write_series(step.output.power, power, fs_hz, bands, unit="µV²", info=step.info | info)
    columns = step.columns["contacts"](step.settings["bands"])
    files.write_matrix(step.output.contacts, contacts, columns, info=step.info | info | {"SamplingFrequency": fs_hz})
