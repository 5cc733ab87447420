"""Clean BOLD and LFP regressors → temporal r, lags, seed map, LFP maps, spatial r; and networks without the LFP."""


rule coupling:
    input:
        bold=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        brain=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        regressors=shared(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        power=shared(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        atlas=atlas("labels", "seeds"),
    output:
        seed_map="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_statmap.nii.gz",
        seed_map_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_statmap.json",
        lfp_maps="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lfp_statmap.nii.gz",
        lfp_maps_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lfp_statmap.json",
        temporal="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-temporal_coupling.tsv",
        temporal_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-temporal_coupling.json",
        information_maps="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_statmap.nii.gz",
        information_maps_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_statmap.json",
        lags="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lags_coupling.tsv",
        lags_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lags_coupling.json",
        hrfgrid="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrfgrid_coupling.tsv",
        hrfgrid_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrfgrid_coupling.json",
        information="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_coupling.tsv",
        information_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_coupling.json",
        multiunit="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_coupling.tsv",
        multiunit_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_coupling.json",
        seed_course="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_timeseries.tsv",
        seed_course_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_timeseries.json",
        spatial="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-spatial_coupling.tsv",
        spatial_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-spatial_coupling.json",
    log:
        "<results>/logs/{variant}/coupling/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/coupling/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("coupling"),
        runtime=minutes("coupling"),
    params:
        row=row,
        settings=settings_of("motion", "bold", "power", "hrf", "seed", "coupling"),
        code=helpers.code_digest("pipeline.coupling", "derivatives.columns"),
    script:
        "../scripts/coupling.py"


rule networks:
    input:
        bold=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        brain=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        regressors=shared(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        atlas=atlas("labels", "seeds"),
    output:
        maps="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-removal_statmap.nii.gz",
        maps_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-removal_statmap.json",
        regression="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-regression_networks.tsv",
        regression_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-regression_networks.json",
        connectivity="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-connectivity_relmat.tsv",
        connectivity_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-connectivity_relmat.json",
        removed="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-removed_relmat.tsv",
        removed_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-removed_relmat.json",
    log:
        "<results>/logs/{variant}/networks/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/networks/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("networks"),
        runtime=minutes("networks"),
    params:
        row=row,
        settings=settings_of("motion", "bold", "hrf", "seed", "networks"),
        code=helpers.code_digest("pipeline.networks", "derivatives.columns.networks"),
    script:
        "../scripts/networks.py"
