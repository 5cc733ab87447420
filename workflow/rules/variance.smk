"""Every table of the study; what was excluded and why; what made the results."""


rule variance:
    input:
        **dict(
            **named(rules.coupling.output, "temporal spatial multiunit information", how=each),
            regression=each(rules.networks.output.regression),
            confounds=each(rules.motion.output.confounds),
            recorded=each(rules.artefact.output.lfp_sidecar),
            spatial_group=of_groups(rules.average.output.spatial),
            regression_group=of_groups(rules.average.output.regression),
            information_group=of_groups(rules.average.output.information),
            connectivity=of_groups(rules.connectivity.output.connectivity_table),
            network_peaks=of_groups(rules.connectivity.output.network_peaks_table),
            components=of_groups(rules.connectivity.output.components_table),
            **named(rules.average.output, "lags hrfgrid", how=of_groups),
            nulls=where_asked(rules.nulls.output.nulls),
            **named(rules.mediation.output, "mediation k cross_scan", how=where_asked),
            **named(rules.explained.output, "explained commonality", how=where_asked),
            **named(rules.nulls.output, "bins coherence windows", how=where_asked),
            inter_scan=where_asked(rules.mediation.output.inter_scan),
            **named(rules.explained.output, "response hrfchoice pairing", how=where_asked),
            significance_in_space=where_asked(rules.mediation.output.significance),
            significance_in_time=where_asked(rules.explained.output.significance),
        ),
    output:
        **with_sidecars(
            **in_folder(
                "<tables>/{}.tsv",
                "temporal spatial lags spatial_group regression noise hrfgrid information multiunit",
                "connectivity network_peaks components paired ttests states noise_curve yardstick",
                "nulls mediation k cross_scan explained commonality bins coherence windows inter_scan",
                "response hrfchoice pairing significance reliability animals headline flow doubts",
            ),
            excluded="<results>/{variant}/excluded.tsv",
        ),
    log:
        "<results>/logs/{variant}/variance.log",
    benchmark:
        "<results>/benchmarks/{variant}/variance.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("variance"),
    params:
        gathers=True,
        rows=lambda wildcards: PLAN.listed(wildcards.variant),
        groups=lambda wildcards: PLAN.groups_of(wildcards.variant),
        seed=SETTINGS["seed"],
        settings=settings_of("variance"),
        names=lambda wildcards: lfpbold_settings.band_names(PLAN.complete(wildcards.variant)),
        code=code_of("variance"),
    script:
        "../scripts/variance.py"


rule electrodes:
    input:
        lfp=each(rules.artefact.output.lfp_sidecar),
    output:
        **with_sidecars(electrodes="<session>_electrodes.tsv"),
        coordinates="<session>_coordsystem.json",
    log:
        "<results>/logs/{variant}/electrodes/sub-{sub}_ses-{ses}.log",
    benchmark:
        "<results>/benchmarks/{variant}/electrodes/sub-{sub}_ses-{ses}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("electrodes"),
    params:
        gathers=True,
        code=code_of("electrodes"),
    script:
        "../scripts/electrodes.py"


rule dataset:
    output:
        description="<results>/{variant}/dataset_description.json",
        readme="<results>/{variant}/README",
        ignore="<results>/{variant}/.bidsignore",
    log:
        "<results>/logs/{variant}/dataset.log",
    benchmark:
        "<results>/benchmarks/{variant}/dataset.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("dataset"),
    params:
        gathers=True,
        settings=SETTINGS,
        code=code_of("dataset"),
    script:
        "../scripts/dataset.py"


rule provenance:
    input:
        sidecars=all_variants(rules.artefact.output.lfp_sidecar) + all_variants(rules.motion.output.bold_sidecar),
    output:
        description="<results>/dataset_description.json",
        config="<results>/config.resolved.yaml",
        readme="<results>/README",
        ignore="<results>/.bidsignore",
    log:
        "<results>/logs/provenance.log",
    benchmark:
        "<results>/benchmarks/provenance.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("provenance"),
    params:
        gathers=True,
        settings=SETTINGS,
        code=code_of("provenance"),
    script:
        "../scripts/provenance.py"
