"""Clean BOLD and LFP regressors → temporal r, lags, seed map, LFP maps, spatial r; and networks without the LFP."""


rule coupling:
    input:
        **named(rules.bold.output, "bold nuisance", how=of_variant),
        brain=of_variant(rules.motion.output.brain),
        regressors=of_variant(rules.hrf.output.regressors),
        power=of_variant(rules.power.output.power),
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(
            seed_map="<scan>_desc-seed_statmap.nii.gz",
            lfp_maps="<scan>_desc-lfp_statmap.nii.gz",
            temporal="<scan>_desc-temporal_coupling.tsv",
            information_maps="<scan>_desc-information_statmap.nii.gz",
            lags="<scan>_desc-lags_coupling.tsv",
            hrfgrid="<scan>_desc-hrfgrid_coupling.tsv",
            information="<scan>_desc-information_coupling.tsv",
            multiunit="<scan>_desc-multiunit_coupling.tsv",
            seed_course="<scan>_desc-seed_timeseries.tsv",
            spatial="<scan>_desc-spatial_coupling.tsv",
        ),
    log:
        "<results>/logs/{variant}/coupling/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/coupling/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("coupling"),
    params:
        row=row,
        settings=settings_of("coupling"),
        code=code_of("coupling"),
    script:
        "../scripts/coupling.py"


rule networks:
    input:
        **named(rules.bold.output, "bold nuisance", how=of_variant),
        brain=of_variant(rules.motion.output.brain),
        regressors=of_variant(rules.hrf.output.regressors),
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(
            maps="<scan>_desc-removal_statmap.nii.gz",
            regression="<scan>_desc-regression_networks.tsv",
            connectivity="<scan>_desc-connectivity_relmat.tsv",
            removed="<scan>_desc-removed_relmat.tsv",
        ),
    log:
        "<results>/logs/{variant}/networks/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/networks/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("networks"),
    params:
        row=row,
        settings=settings_of("networks"),
        code=code_of("networks"),
    script:
        "../scripts/networks.py"
