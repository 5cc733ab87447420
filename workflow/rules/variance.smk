"""All recordings → averaged maps, group tables, headline; what was left out and why."""


rule average:
    input:
        seed_maps=each(
            "coupling",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-seed_statmap.nii.gz",
        ),
        lfp_maps=each(
            "coupling",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lfp_statmap.nii.gz",
        ),
        removal_maps=each(
            "networks",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-removal_statmap.nii.gz",
        ),
    output:
        seed_map=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        seed_map_sidecar=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.json",
        lfp_maps=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        lfp_maps_sidecar=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.json",
        removal_maps=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        removal_maps_sidecar=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.json",
        spatial=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-spatial_average.tsv",
        spatial_sidecar=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-spatial_average.json",
        regression=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-regression_average.tsv",
        regression_sidecar=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-regression_average.json",
    log:
        RESULTS + "/logs/{variant}/average/state-{state}_site-{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/average/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=4000,
    params:
        gathers=True,
        settings=settings_of("variance"),
        code=helpers.code_digest("road.group", "gather"),
    script:
        "../scripts/average.py"


rule variance:
    input:
        temporal=each(
            "coupling",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-temporal_coupling.tsv",
        ),
        spatial=each(
            "coupling",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-spatial_coupling.tsv",
        ),
        lags=each(
            "coupling",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lags_coupling.tsv",
        ),
        regression=each(
            "networks",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-regression_networks.tsv",
        ),
        confounds=each(
            "motion",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-confounds_timeseries.tsv",
        ),
        spatial_group=of_groups(RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-spatial_average.tsv"),
        regression_group=of_groups(RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-regression_average.tsv"),
    output:
        temporal=RESULTS + "/{variant}/group/temporal.tsv",
        temporal_sidecar=RESULTS + "/{variant}/group/temporal.json",
        spatial=RESULTS + "/{variant}/group/spatial.tsv",
        spatial_sidecar=RESULTS + "/{variant}/group/spatial.json",
        lags=RESULTS + "/{variant}/group/lags.tsv",
        lags_sidecar=RESULTS + "/{variant}/group/lags.json",
        spatial_group=RESULTS + "/{variant}/group/spatial_group.tsv",
        spatial_group_sidecar=RESULTS + "/{variant}/group/spatial_group.json",
        regression=RESULTS + "/{variant}/group/regression.tsv",
        regression_sidecar=RESULTS + "/{variant}/group/regression.json",
        noise=RESULTS + "/{variant}/group/noise.tsv",
        noise_sidecar=RESULTS + "/{variant}/group/noise.json",
        headline=RESULTS + "/{variant}/group/headline.tsv",
        headline_sidecar=RESULTS + "/{variant}/group/headline.json",
        excluded=RESULTS + "/{variant}/excluded.tsv",
        excluded_sidecar=RESULTS + "/{variant}/excluded.json",
    log:
        RESULTS + "/logs/{variant}/variance.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/variance.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=2000,
    params:
        gathers=True,
        rows=PLAN.rows + PLAN.left_out,
        groups=PLAN.groups,
        seed=SETTINGS["seed"],
        settings=settings_of("networks", "variance"),
        code=helpers.code_digest("road.group", "gather", "tables"),
    script:
        "../scripts/variance.py"


rule provenance:
    input:
        sidecars=all_variants(
            "artefact",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-clean_ieeg.json",
        )
        + all_variants(
            "motion",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-preproc_bold.json",
        ),
    output:
        description=RESULTS + "/dataset_description.json",
        config=RESULTS + "/config.resolved.yaml",
        readme=RESULTS + "/README",
        ignore=RESULTS + "/.bidsignore",
    log:
        RESULTS + "/logs/provenance.log",
    benchmark:
        RESULTS + "/benchmarks/provenance.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1000,
    params:
        gathers=True,
        settings=SETTINGS,
        code=helpers.code_digest("provenance", "gather"),
    script:
        "../scripts/provenance.py"
