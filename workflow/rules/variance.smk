"""All recordings → averaged maps, group tables, headline; what was left out and why."""


rule average:
    input:
        seed_maps=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_statmap.nii.gz",
        ),
        lfp_maps=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lfp_statmap.nii.gz",
        ),
        removal_maps=each(
            "networks",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-removal_statmap.nii.gz",
        ),
        information_maps=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_statmap.nii.gz",
        ),
        lags=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-lags_coupling.tsv",
        ),
        hrfgrid=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrfgrid_coupling.tsv",
        ),
    output:
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        seed_map_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.json",
        lfp_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        lfp_maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.json",
        removal_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        removal_maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.json",
        information_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-information_statmap.nii.gz",
        information_maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-information_statmap.json",
        spatial="<results>/{variant}/group/state-{state}_site-{site}_desc-spatial_average.tsv",
        spatial_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-spatial_average.json",
        regression="<results>/{variant}/group/state-{state}_site-{site}_desc-regression_average.tsv",
        regression_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-regression_average.json",
        information="<results>/{variant}/group/state-{state}_site-{site}_desc-information_average.tsv",
        information_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-information_average.json",
        lags="<results>/{variant}/group/state-{state}_site-{site}_desc-lags_average.tsv",
        lags_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-lags_average.json",
        hrfgrid="<results>/{variant}/group/state-{state}_site-{site}_desc-hrfgrid_average.tsv",
        hrfgrid_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-hrfgrid_average.json",
    log:
        "<results>/logs/{variant}/average/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/average/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("average"),
        runtime=minutes("average"),
    params:
        gathers=True,
        settings=settings_of("networks", "variance"),
        code=helpers.code_digest("pipeline.group.tables", "derivatives.load", "derivatives.columns"),
    script:
        "../scripts/average.py"


rule variance:
    input:
        temporal=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-temporal_coupling.tsv",
        ),
        spatial=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-spatial_coupling.tsv",
        ),
        multiunit=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-multiunit_coupling.tsv",
        ),
        information=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-information_coupling.tsv",
        ),
        regression=each(
            "networks",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-regression_networks.tsv",
        ),
        confounds=each(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-confounds_timeseries.tsv",
        ),
        spatial_group=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-spatial_average.tsv"),
        regression_group=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-regression_average.tsv"),
        information_group=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-information_average.tsv"),
        connectivity=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_average.tsv"),
        network_peaks=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-networkpeaks_average.tsv"),
        components=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-components_average.tsv"),
        lags=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-lags_average.tsv"),
        hrfgrid=of_groups("<results>/{variant}/group/state-{state}_site-{site}_desc-hrfgrid_average.tsv"),
        nulls=where_asked(
            "nulls",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-nulls_coupling.tsv",
        ),
        mediation=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-mediation_average.tsv"
        ),
        k=where_asked_of_groups("nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-k_average.tsv"),
        cross_scan=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-crossscan_average.tsv"
        ),
        explained=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-explained_average.tsv"
        ),
        commonality=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-commonality_average.tsv"
        ),
        bins=where_asked(
            "nulls",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-bins_nulls.tsv",
        ),
        coherence=where_asked(
            "nulls",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-coherence_nulls.tsv",
        ),
        windows=where_asked(
            "nulls",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-windows_nulls.tsv",
        ),
        inter_scan=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-interscan_average.tsv"
        ),
        response=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-response_average.tsv"
        ),
        hrfchoice=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-hrfchoice_average.tsv"
        ),
        pairing=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-pairing_average.tsv"
        ),
        significance_in_space=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-spatialsignificance_average.tsv"
        ),
        significance_in_time=where_asked_of_groups(
            "nulls", "<results>/{variant}/group/state-{state}_site-{site}_desc-temporalsignificance_average.tsv"
        ),
    output:
        temporal="<results>/{variant}/group/temporal.tsv",
        temporal_sidecar="<results>/{variant}/group/temporal.json",
        spatial="<results>/{variant}/group/spatial.tsv",
        spatial_sidecar="<results>/{variant}/group/spatial.json",
        lags="<results>/{variant}/group/lags.tsv",
        lags_sidecar="<results>/{variant}/group/lags.json",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        spatial_group_sidecar="<results>/{variant}/group/spatial_group.json",
        regression="<results>/{variant}/group/regression.tsv",
        regression_sidecar="<results>/{variant}/group/regression.json",
        noise="<results>/{variant}/group/noise.tsv",
        noise_sidecar="<results>/{variant}/group/noise.json",
        hrfgrid="<results>/{variant}/group/hrfgrid.tsv",
        hrfgrid_sidecar="<results>/{variant}/group/hrfgrid.json",
        information="<results>/{variant}/group/information.tsv",
        information_sidecar="<results>/{variant}/group/information.json",
        multiunit="<results>/{variant}/group/multiunit.tsv",
        multiunit_sidecar="<results>/{variant}/group/multiunit.json",
        connectivity="<results>/{variant}/group/connectivity.tsv",
        connectivity_sidecar="<results>/{variant}/group/connectivity.json",
        network_peaks="<results>/{variant}/group/network_peaks.tsv",
        network_peaks_sidecar="<results>/{variant}/group/network_peaks.json",
        components="<results>/{variant}/group/components.tsv",
        components_sidecar="<results>/{variant}/group/components.json",
        paired="<results>/{variant}/group/paired.tsv",
        paired_sidecar="<results>/{variant}/group/paired.json",
        ttests="<results>/{variant}/group/ttests.tsv",
        ttests_sidecar="<results>/{variant}/group/ttests.json",
        states="<results>/{variant}/group/states.tsv",
        states_sidecar="<results>/{variant}/group/states.json",
        noise_curve="<results>/{variant}/group/noise_curve.tsv",
        noise_curve_sidecar="<results>/{variant}/group/noise_curve.json",
        yardstick="<results>/{variant}/group/yardstick.tsv",
        yardstick_sidecar="<results>/{variant}/group/yardstick.json",
        nulls="<results>/{variant}/group/nulls.tsv",
        nulls_sidecar="<results>/{variant}/group/nulls.json",
        mediation="<results>/{variant}/group/mediation.tsv",
        mediation_sidecar="<results>/{variant}/group/mediation.json",
        k="<results>/{variant}/group/k.tsv",
        k_sidecar="<results>/{variant}/group/k.json",
        cross_scan="<results>/{variant}/group/cross_scan.tsv",
        cross_scan_sidecar="<results>/{variant}/group/cross_scan.json",
        explained="<results>/{variant}/group/explained.tsv",
        explained_sidecar="<results>/{variant}/group/explained.json",
        commonality="<results>/{variant}/group/commonality.tsv",
        commonality_sidecar="<results>/{variant}/group/commonality.json",
        bins="<results>/{variant}/group/bins.tsv",
        bins_sidecar="<results>/{variant}/group/bins.json",
        coherence="<results>/{variant}/group/coherence.tsv",
        coherence_sidecar="<results>/{variant}/group/coherence.json",
        windows="<results>/{variant}/group/windows.tsv",
        windows_sidecar="<results>/{variant}/group/windows.json",
        inter_scan="<results>/{variant}/group/inter_scan.tsv",
        inter_scan_sidecar="<results>/{variant}/group/inter_scan.json",
        response="<results>/{variant}/group/response.tsv",
        response_sidecar="<results>/{variant}/group/response.json",
        hrfchoice="<results>/{variant}/group/hrfchoice.tsv",
        hrfchoice_sidecar="<results>/{variant}/group/hrfchoice.json",
        pairing="<results>/{variant}/group/pairing.tsv",
        pairing_sidecar="<results>/{variant}/group/pairing.json",
        significance="<results>/{variant}/group/significance.tsv",
        significance_sidecar="<results>/{variant}/group/significance.json",
        reliability="<results>/{variant}/group/reliability.tsv",
        reliability_sidecar="<results>/{variant}/group/reliability.json",
        animals="<results>/{variant}/group/animals.tsv",
        animals_sidecar="<results>/{variant}/group/animals.json",
        headline="<results>/{variant}/group/headline.tsv",
        headline_sidecar="<results>/{variant}/group/headline.json",
        flow="<results>/{variant}/group/flow.tsv",
        flow_sidecar="<results>/{variant}/group/flow.json",
        excluded="<results>/{variant}/excluded.tsv",
        excluded_sidecar="<results>/{variant}/excluded.json",
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
        settings=settings_of("power", "bold", "networks", "nulls", "variance"),
        names=lambda wildcards: lfpbold_settings.band_names(PLAN.complete(wildcards.variant)),
        code=helpers.code_digest("pipeline.group.tables", "derivatives.load", "derivatives.columns"),
    script:
        "../scripts/variance.py"


rule electrodes:
    input:
        lfp=each(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.json",
        ),
    output:
        electrodes="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_electrodes.tsv",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_electrodes.json",
        coordinates="<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_coordsystem.json",
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
        code=helpers.code_digest("workflow.provenance", "derivatives.load"),
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
        code=helpers.code_digest("workflow.provenance"),
    script:
        "../scripts/dataset.py"


rule provenance:
    input:
        sidecars=all_variants(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.json",
        )
        + all_variants(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.json",
        ),
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
        code=helpers.code_digest("workflow.provenance", "derivatives.load"),
    script:
        "../scripts/provenance.py"
