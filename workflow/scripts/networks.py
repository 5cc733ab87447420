from lfpbold.derivatives import files
from lfpbold.derivatives.rows import labels
from lfpbold.pipeline import atlas, projection
from lfpbold.pipeline import networks as stage
from lfpbold.workflow import job

with job.start(snakemake) as step:
    clean, brain, affine = files.read_voxels(step.input.bold, step.input.brain)
    regressors, bands = files.read_matrix(step.input.regressors)
    info = files.read_json(files.sidecar_path(step.input.bold))
    nuisance = files.read_matrix(step.input.nuisance)[0][:, 1:]
    of_lfp, bold = files.read_json(files.sidecar_path(step.input.regressors)), step.settings["bold"]
    clean, nuisance, info = projection.covered_volumes(clean, nuisance, info, len(regressors), bold, of_lfp)
    seed = atlas.open_seed(step.row["site"], step.settings, brain, affine)
    regions, bold_filter = (
        atlas.open_regions(step.settings, brain, affine),
        projection.bold_filter(info, nuisance, bold),
    )
    how = {"labels": regions, "apply_bold_filter": bold_filter}
    result = stage.networks(clean, seed, regressors, bands, info, step.settings["networks"], **how)
    maps, names = list(result["maps"].values()), list(result["maps"])
    files.write_voxels(step.output.maps, maps, brain, affine, info=step.info | {"Maps": names})
    rows = [labels(step.row) | row for row in result["regression"]]
    files.write_table(step.output.regression, rows, step.columns["regression"], info=step.info)
    for name in ("connectivity", "removed"):
        matrix, columns = files.matrix_rows(result["regions"], result[name]), step.columns[name](result["regions"])
        files.write_matrix(getattr(step.output, name), matrix, columns, info=step.info)
