"""Raw LFP → LFP without gradient artefact, on the scan's time, at 1 kHz."""


rule artefact:
    input:
        judged_again,
        lfp=raw("lfp"),
        bold=raw("bold"),
        companions=companions("lfp", "bold"),
    output:
        **with_sidecars(
            lfp="<lfp>_desc-clean_ieeg.vhdr",
            multiunit="<lfp>_desc-multiunit_timeseries.tsv",
        ),
        samples="<lfp>_desc-clean_ieeg.eeg",
        markers="<lfp>_desc-clean_ieeg.vmrk",
        qc="<lfp>_desc-artefact_qc.json",
        spectrogram="<lfp>_desc-spectrogram_qc.json",
    log:
        "<results>/logs/{variant}/artefact/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/artefact/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 2
    resources:
        **size_of("artefact"),
    params:
        row=row,
        settings=settings_of("artefact"),
        raw=raw_state("lfp", "bold"),
        code=code_of("artefact"),
    script:
        "../scripts/artefact.py"
