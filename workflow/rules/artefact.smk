"""Raw LFP → LFP without gradient artefact, on the scan's time, at 1 kHz."""


rule artefact:
    input:
        lfp=raw("lfp"),
        bold=raw("bold"),
    output:
        lfp="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.vhdr",
        samples="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.eeg",
        markers="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.vmrk",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.json",
        multiunit="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_timeseries.tsv",
        multiunit_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_timeseries.json",
        qc="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_qc.json",
        spectrogram="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-spectrogram_qc.json",
    log:
        "<results>/logs/{variant}/artefact/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/artefact/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 2
    resources:
        mem_mb=memory("artefact"),
        runtime=minutes("artefact"),
    params:
        row=row,
        settings=settings_of("artefact"),
        code=helpers.code_digest("pipeline.artefact.driver", "recordings"),
    script:
        "../scripts/artefact.py"
