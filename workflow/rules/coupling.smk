"""Clean BOLD and LFP regressors → temporal r, lags, seed map, LFP maps, spatial r; and networks without the LFP."""


rule coupling:
    input:
        bold=shared(
            "bold",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-clean_bold.nii",
        ),
        brain=shared(
            "motion",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-brain_mask.nii.gz",
        ),
        regressors=shared(
            "hrf",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-hrf_timeseries.tsv",
        ),
        power=shared(
            "power",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.vhdr",
        ),
        atlas=atlas("labels", "seeds"),
    output:
        seed_map=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-seed_statmap.nii.gz",
        seed_map_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-seed_statmap.json",
        lfp_maps=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lfp_statmap.nii.gz",
        lfp_maps_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lfp_statmap.json",
        temporal=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-temporal_coupling.tsv",
        temporal_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-temporal_coupling.json",
        lags=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lags_coupling.tsv",
        lags_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-lags_coupling.json",
        spatial=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-spatial_coupling.tsv",
        spatial_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-spatial_coupling.json",
    log:
        RESULTS + "/logs/{variant}/coupling/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/coupling/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=3000,
    params:
        row=row,
        settings=settings_of("motion", "bold", "hrf", "coupling"),
        on_bad_recording=SETTINGS["run"]["on_bad_recording"],
        code=helpers.code_digest("road.coupling"),
    script:
        "../scripts/coupling.py"


rule networks:
    input:
        bold=shared(
            "bold",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-clean_bold.nii",
        ),
        brain=shared(
            "motion",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-brain_mask.nii.gz",
        ),
        regressors=shared(
            "hrf",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-hrf_timeseries.tsv",
        ),
        atlas=atlas("labels", "seeds"),
    output:
        maps=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-removal_statmap.nii.gz",
        maps_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-removal_statmap.json",
        regression=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-regression_networks.tsv",
        regression_sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-regression_networks.json",
    log:
        RESULTS + "/logs/{variant}/networks/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/networks/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=3000,
    params:
        row=row,
        settings=settings_of("motion", "bold", "hrf", "coupling", "networks"),
        on_bad_recording=SETTINGS["run"]["on_bad_recording"],
        code=helpers.code_digest("road.networks"),
    script:
        "../scripts/networks.py"
