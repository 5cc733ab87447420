"""LFP → band power at 10 Hz → HRF regressors, one value per volume."""


rule power:
    input:
        lfp=shared(
            "artefact",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-clean_ieeg.vhdr",
        ),
    output:
        power=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.vhdr",
        samples=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.eeg",
        markers=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.vmrk",
        sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.json",
    log:
        RESULTS + "/logs/{variant}/power/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/power/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1000,
    params:
        row=row,
        settings=settings_of("power"),
        on_bad_recording=SETTINGS["run"]["on_bad_recording"],
        code=helpers.code_digest("road.power"),
    script:
        "../scripts/power.py"


rule hrf:
    input:
        power=shared(
            "power",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-power_ieeg.vhdr",
        ),
    output:
        regressors=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-hrf_timeseries.tsv",
        sidecar=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-hrf_timeseries.json",
    log:
        RESULTS + "/logs/{variant}/hrf/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/hrf/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1000,
    params:
        row=row,
        settings=settings_of("hrf", "bold"),
        on_bad_recording=SETTINGS["run"]["on_bad_recording"],
        code=helpers.code_digest("road.hrf"),
    script:
        "../scripts/hrf.py"
