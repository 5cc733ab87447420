"""LFP → band power at 10 Hz → HRF regressors, one value per volume."""


rule power:
    input:
        lfp=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.vhdr",
        ),
        multiunit=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_timeseries.tsv",
        ),
    output:
        power="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        samples="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.eeg",
        markers="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vmrk",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.json",
        contacts="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-contacts_timeseries.tsv",
        contacts_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-contacts_timeseries.json",
    log:
        "<results>/logs/{variant}/power/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/power/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("power"),
        runtime=minutes("power"),
    params:
        row=row,
        settings=settings_of("power"),
        code=helpers.code_digest("pipeline.power", "derivatives.columns"),
    script:
        "../scripts/power.py"


rule hrf:
    input:
        power=shared(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
    output:
        regressors="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.json",
    log:
        "<results>/logs/{variant}/hrf/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/hrf/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("hrf"),
        runtime=minutes("hrf"),
    params:
        row=row,
        settings=settings_of("hrf"),
        code=helpers.code_digest("pipeline.hrf"),
    script:
        "../scripts/hrf.py"
