"""LFP → band power at 10 Hz → HRF regressors, one value per volume."""


rule power:
    input:
        **named(rules.artefact.output, "lfp multiunit", how=of_variant),
    output:
        **with_sidecars(
            power="<lfp>_desc-power_ieeg.vhdr",
            contacts="<lfp>_desc-contacts_timeseries.tsv",
        ),
        samples="<lfp>_desc-power_ieeg.eeg",
        markers="<lfp>_desc-power_ieeg.vmrk",
    log:
        "<results>/logs/{variant}/power/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/power/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("power"),
    params:
        row=row,
        settings=settings_of("power"),
        code=code_of("power"),
    script:
        "../scripts/power.py"


rule hrf:
    input:
        power=of_variant(rules.power.output.power),
    output:
        **with_sidecars(regressors="<lfp>_desc-hrf_timeseries.tsv"),
    log:
        "<results>/logs/{variant}/hrf/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/hrf/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("hrf"),
    params:
        row=row,
        settings=settings_of("hrf"),
        code=code_of("hrf"),
    script:
        "../scripts/hrf.py"
