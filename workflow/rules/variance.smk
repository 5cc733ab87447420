"""Every table of the study; what was excluded and why; what made the results."""


rule variance:
    input:
        temporal=each(rules.coupling.output.temporal),
        spatial=each(rules.coupling.output.spatial),
        multiunit=each(rules.coupling.output.multiunit),
        information=each(rules.coupling.output.information),
        regression=each(rules.networks.output.regression),
        confounds=each(rules.motion.output.confounds),
        spatial_group=of_groups(rules.average.output.spatial),
        regression_group=of_groups(rules.average.output.regression),
        information_group=of_groups(rules.average.output.information),
        connectivity=of_groups(rules.connectivity.output.connectivity_table),
        network_peaks=of_groups(rules.connectivity.output.network_peaks_table),
        components=of_groups(rules.connectivity.output.components_table),
        lags=of_groups(rules.average.output.lags),
        hrfgrid=of_groups(rules.average.output.hrfgrid),
        nulls=where_asked(rules.nulls.output.nulls),
        mediation=where_asked_of_groups(rules.mediation.output.mediation),
        k=where_asked_of_groups(rules.mediation.output.k),
        cross_scan=where_asked_of_groups(rules.mediation.output.cross_scan),
        explained=where_asked_of_groups(rules.explained.output.explained),
        commonality=where_asked_of_groups(rules.explained.output.commonality),
        bins=where_asked(rules.nulls.output.bins),
        coherence=where_asked(rules.nulls.output.coherence),
        windows=where_asked(rules.nulls.output.windows),
        inter_scan=where_asked_of_groups(rules.mediation.output.inter_scan),
        response=where_asked_of_groups(rules.explained.output.response),
        hrfchoice=where_asked_of_groups(rules.explained.output.hrfchoice),
        pairing=where_asked_of_groups(rules.explained.output.pairing),
        significance_in_space=where_asked_of_groups(rules.mediation.output.significance),
        significance_in_time=where_asked_of_groups(rules.explained.output.significance),
    output:
        **with_sidecars(
            temporal="<tables>/temporal.tsv",
            spatial="<tables>/spatial.tsv",
            lags="<tables>/lags.tsv",
            spatial_group="<tables>/spatial_group.tsv",
            regression="<tables>/regression.tsv",
            noise="<tables>/noise.tsv",
            hrfgrid="<tables>/hrfgrid.tsv",
            information="<tables>/information.tsv",
            multiunit="<tables>/multiunit.tsv",
            connectivity="<tables>/connectivity.tsv",
            network_peaks="<tables>/network_peaks.tsv",
            components="<tables>/components.tsv",
            paired="<tables>/paired.tsv",
            ttests="<tables>/ttests.tsv",
            states="<tables>/states.tsv",
            noise_curve="<tables>/noise_curve.tsv",
            yardstick="<tables>/yardstick.tsv",
            nulls="<tables>/nulls.tsv",
            mediation="<tables>/mediation.tsv",
            k="<tables>/k.tsv",
            cross_scan="<tables>/cross_scan.tsv",
            explained="<tables>/explained.tsv",
            commonality="<tables>/commonality.tsv",
            bins="<tables>/bins.tsv",
            coherence="<tables>/coherence.tsv",
            windows="<tables>/windows.tsv",
            inter_scan="<tables>/inter_scan.tsv",
            response="<tables>/response.tsv",
            hrfchoice="<tables>/hrfchoice.tsv",
            pairing="<tables>/pairing.tsv",
            significance="<tables>/significance.tsv",
            reliability="<tables>/reliability.tsv",
            animals="<tables>/animals.tsv",
            headline="<tables>/headline.tsv",
            flow="<tables>/flow.tsv",
            excluded="<results>/{variant}/excluded.tsv",
        ),
    log:
        "<results>/logs/{variant}/variance.log",
    benchmark:
        "<results>/benchmarks/{variant}/variance.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("variance"),
        runtime=minutes("variance"),
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
        **with_sidecars(
            electrodes="<session>_electrodes.tsv",
        ),
        coordinates="<session>_coordsystem.json",
    log:
        "<results>/logs/{variant}/electrodes/sub-{sub}_ses-{ses}.log",
    benchmark:
        "<results>/benchmarks/{variant}/electrodes/sub-{sub}_ses-{ses}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("electrodes"),
        runtime=minutes("electrodes"),
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
    threads: 1
    resources:
        mem_mb=memory("dataset"),
        runtime=minutes("dataset"),
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
    threads: 1
    resources:
        mem_mb=memory("provenance"),
        runtime=minutes("provenance"),
    params:
        gathers=True,
        settings=SETTINGS,
        code=code_of("provenance"),
    script:
        "../scripts/provenance.py"
