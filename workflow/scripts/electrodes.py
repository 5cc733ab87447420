from lfpbold import gather, io, job, provenance, tables

with job.start(snakemake) as step:
    rows = provenance.electrodes(gather.channels(step.input.lfp))
    io.write_table(step.output.electrodes, rows, tables.ELECTRODES, info=step.info)
    io.write_json(step.output.coordinates, provenance.coordinate_system())
