"""Arrays and tables → figures → one self-contained page."""

from pathlib import Path

from lfpbold.results import specification

# Sidecars name raw files relative to the folder of the sheet, so that a study gives the same bytes wherever it stands.
config["study_folder"] = str(Path(SETTINGS["recordings"]).parent)


rule figures_recording:
    input:
        qc=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_qc.json",
        ),
        lfp=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-clean_ieeg.vhdr",
        ),
        confounds=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-confounds_timeseries.tsv",
        ),
    output:
        artefact_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_figure.png",
        artefact_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_figure.svg",
        artefact_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_figure.json",
        motion_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-motion_figure.png",
        motion_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-motion_figure.svg",
        motion_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-motion_figure.json",
    log:
        "<results>/logs/{variant}/figures_recording/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_recording/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_recording"),
        runtime=minutes("figures_recording"),
    params:
        gathers=True,
        row=row,
        code=helpers.code_digest("figures.recording", "figures.captions", "derivatives.files"),
    script:
        "../scripts/figures_recording.py"


rule figures_group:
    input:
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        lfp_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        removal_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        information_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-information_statmap.nii.gz",
        components_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-components_statmap.nii.gz",
        matrix="<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_relmat.tsv",
        matrix_removed="<results>/{variant}/group/state-{state}_site-{site}_desc-removed_relmat.tsv",
        matrix_expected="<results>/{variant}/group/state-{state}_site-{site}_desc-expected_relmat.tsv",
        connectivity="<results>/{variant}/group/connectivity.tsv",
        network_peaks="<results>/{variant}/group/network_peaks.tsv",
        components="<results>/{variant}/group/components.tsv",
        temporal="<results>/{variant}/group/temporal.tsv",
        spatial="<results>/{variant}/group/spatial.tsv",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        regression="<results>/{variant}/group/regression.tsv",
        lags="<results>/{variant}/group/lags.tsv",
        hrfgrid="<results>/{variant}/group/hrfgrid.tsv",
        information="<results>/{variant}/group/information.tsv",
        paired="<results>/{variant}/group/paired.tsv",
        ttests="<results>/{variant}/group/ttests.tsv",
        significance="<results>/{variant}/group/significance.tsv",
        power=each(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        regressors=each(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        seed_course=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_timeseries.tsv",
        ),
        spectrogram=each(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-spectrogram_qc.json",
        ),
        atlas=atlas("anatomy", "brain", "labels", "seeds"),
    output:
        lags_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.png"),
        lags_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.svg",
        lags_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.json",
        regressors_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-regressors.png"),
        regressors_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-regressors.svg",
        regressors_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-regressors.json",
        maps_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.png"),
        maps_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.svg",
        maps_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.json",
        scatter_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.png"),
        scatter_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.svg",
        scatter_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.json",
        sweep_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-sweep.png"),
        sweep_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-sweep.svg",
        sweep_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-sweep.json",
        spectrogram_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-spectrogram.png"),
        spectrogram_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-spectrogram.svg",
        spectrogram_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-spectrogram.json",
        shuffled_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-shuffled.png"),
        shuffled_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-shuffled.svg",
        shuffled_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-shuffled.json",
        paired_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-paired.png"),
        paired_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-paired.svg",
        paired_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-paired.json",
        hrfgrid_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-hrfgrid.png"),
        hrfgrid_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-hrfgrid.svg",
        hrfgrid_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-hrfgrid.json",
        removal_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.png"),
        removal_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.svg",
        removal_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.json",
        peaks_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-peaks.png"),
        peaks_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-peaks.svg",
        peaks_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-peaks.json",
        information_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-information.png"),
        information_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-information.svg",
        information_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-information.json",
        connectivity_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-connectivity.png"),
        connectivity_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-connectivity.svg",
        connectivity_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-connectivity.json",
        network_peaks_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-network_peaks.png"),
        network_peaks_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-network_peaks.svg",
        network_peaks_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-network_peaks.json",
        components_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-components.png"),
        components_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-components.svg",
        components_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-components.json",
        captions="<results>/{variant}/figures/state-{state}_site-{site}_desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_group/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_group/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_group"),
        runtime=minutes("figures_group"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("artefact", "power", "motion", "hrf", "seed", "coupling", "networks"),
        code=helpers.code_digest("figures", "figures.inputs"),
    script:
        "../scripts/figures_group.py"


rule figures_study:
    input:
        headline="<results>/{variant}/group/headline.tsv",
        temporal="<results>/{variant}/group/temporal.tsv",
        spatial="<results>/{variant}/group/spatial.tsv",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        noise="<results>/{variant}/group/noise.tsv",
        noise_curve="<results>/{variant}/group/noise_curve.tsv",
        states="<results>/{variant}/group/states.tsv",
        paired="<results>/{variant}/group/paired.tsv",
        multiunit="<results>/{variant}/group/multiunit.tsv",
        yardstick="<results>/{variant}/group/yardstick.tsv",
        mediation="<results>/{variant}/group/mediation.tsv",
        reliability="<results>/{variant}/group/reliability.tsv",
        response="<results>/{variant}/group/response.tsv",
        coherence="<results>/{variant}/group/coherence.tsv",
        windows="<results>/{variant}/group/windows.tsv",
    output:
        headline_png=panel("<results>/{variant}/figures/desc-headline.png"),
        headline_svg="<results>/{variant}/figures/desc-headline.svg",
        headline_sidecar="<results>/{variant}/figures/desc-headline.json",
        bands_png=panel("<results>/{variant}/figures/desc-bands.png"),
        bands_svg="<results>/{variant}/figures/desc-bands.svg",
        bands_sidecar="<results>/{variant}/figures/desc-bands.json",
        noise_png=panel("<results>/{variant}/figures/desc-noise.png"),
        noise_svg="<results>/{variant}/figures/desc-noise.svg",
        noise_sidecar="<results>/{variant}/figures/desc-noise.json",
        mediation_png=panel("<results>/{variant}/figures/desc-mediation.png"),
        mediation_svg="<results>/{variant}/figures/desc-mediation.svg",
        mediation_sidecar="<results>/{variant}/figures/desc-mediation.json",
        response_png=panel("<results>/{variant}/figures/desc-response.png"),
        response_svg="<results>/{variant}/figures/desc-response.svg",
        response_sidecar="<results>/{variant}/figures/desc-response.json",
        coherence_png=panel("<results>/{variant}/figures/desc-coherence.png"),
        coherence_svg="<results>/{variant}/figures/desc-coherence.svg",
        coherence_sidecar="<results>/{variant}/figures/desc-coherence.json",
        windows_png=panel("<results>/{variant}/figures/desc-windows.png"),
        windows_svg="<results>/{variant}/figures/desc-windows.svg",
        windows_sidecar="<results>/{variant}/figures/desc-windows.json",
        states_png=panel("<results>/{variant}/figures/desc-states.png"),
        states_svg="<results>/{variant}/figures/desc-states.svg",
        states_sidecar="<results>/{variant}/figures/desc-states.json",
        multiunit_png=panel("<results>/{variant}/figures/desc-multiunit.png"),
        multiunit_svg="<results>/{variant}/figures/desc-multiunit.svg",
        multiunit_sidecar="<results>/{variant}/figures/desc-multiunit.json",
        yardstick_png=panel("<results>/{variant}/figures/desc-yardstick.png"),
        yardstick_svg="<results>/{variant}/figures/desc-yardstick.svg",
        yardstick_sidecar="<results>/{variant}/figures/desc-yardstick.json",
        captions="<results>/{variant}/figures/desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_study.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_study.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_study"),
        runtime=minutes("figures_study"),
    params:
        gathers=True,
        settings=settings_of("artefact", "power", "networks", "variance"),
        code=helpers.code_digest("figures", "figures.inputs"),
    script:
        "../scripts/figures_study.py"


rule specification:
    input:
        headlines=expand("<results>/{variant}/group/headline.tsv", variant=PLAN.variants),
    output:
        curve="<results>/specification.tsv",
        curve_sidecar="<results>/specification.json",
        choices="<results>/specification_choices.tsv",
        choices_sidecar="<results>/specification_choices.json",
    log:
        "<results>/logs/specification.log",
    benchmark:
        "<results>/benchmarks/specification.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("specification"),
        runtime=minutes("specification"),
    params:
        gathers=True,
        variants=PLAN.variants,
        settings={"choices": specification.choices({name: PLAN.complete(name) for name in PLAN.variants})},
        code=helpers.code_digest("results.specification", "derivatives.files"),
    script:
        "../scripts/specification.py"


rule figures_specification:
    input:
        curve="<results>/specification.tsv",
        choices="<results>/specification_choices.tsv",
    output:
        png=report(
            "<results>/figures/specification_state-{state}_site-{site}.png",
            category="all variants",
            subcategory="{site}, {state}",
            labels={"figure": "specification", "state": "{state}", "site": "{site}"},
        ),
        svg="<results>/figures/specification_state-{state}_site-{site}.svg",
        sidecar="<results>/figures/specification_state-{state}_site-{site}.json",
    log:
        "<results>/logs/figures_specification/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/figures_specification/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_specification"),
        runtime=minutes("figures_specification"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings={"main_band": SETTINGS["networks"]["main_band"]},
        code=helpers.code_digest("figures", "figures.specification", "derivatives.files"),
    script:
        "../scripts/figures_specification.py"


rule report:
    input:
        description="<results>/dataset_description.json",
        specification="<results>/specification.tsv",
        specification_choices="<results>/specification_choices.tsv",
        specification_figures=expand(
            "<results>/figures/specification_state-{group[0]}_site-{group[1]}.png", group=PLAN.groups
        ),
        headlines=expand("<results>/{variant}/group/headline.tsv", variant=PLAN.variants),
        # Combinations of grids have no panels of their own: they are points of the specification curve.
        excluded=expand("<results>/{variant}/excluded.tsv", variant=PLAN.drawn),
        study=expand("<results>/{variant}/figures/desc-headline.png", variant=PLAN.drawn),
        groups=PLAN.expand_groups("<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.png", PLAN.drawn),
        # Of runs with stimuli alone.
        evoked=PLAN.expand_groups(
            "<results>/{variant}/figures/state-{state}_site-{site}_desc-glm.png", PLAN.drawn, evoked=True
        ),
        rest_evoked=expand("<results>/{variant}/figures/desc-rest_evoked.png", variant=PLAN.evoked_variants(PLAN.drawn)),
        recordings=PLAN.expand_all(
            "<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-artefact_figure.png",
            "figures_recording",
            PLAN.drawn,
        ),
    output:
        report=report("<results>/report.html", category="Report", labels={"page": "all variants"}),
        sidecar="<results>/report.json",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("report"),
        runtime=minutes("report"),
    params:
        gathers=True,
        settings=SETTINGS,
        rows=PLAN.rows + PLAN.left_out,
        code=helpers.code_digest("report.page", "report.inputs", "report.methods", "report.views.variants"),
    script:
        "../scripts/report.py"
