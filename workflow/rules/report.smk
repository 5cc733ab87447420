"""Arrays and tables → figures → one self-contained page."""


rule figures_recording:
    input:
        qc=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-artefact_qc.json",
        ),
        lfp=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-clean_ieeg.vhdr",
        ),
        confounds=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-confounds_timeseries.tsv",
        ),
    output:
        artefact_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-artefact_figure.png",
        artefact_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-artefact_figure.svg",
        motion_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-motion_figure.png",
        motion_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-motion_figure.svg",
    log:
        "<results>/logs/{variant}/figures_recording/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_recording/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        row=row,
        code=helpers.code_digest("figures", "figure_inputs"),
    script:
        "../scripts/figures_recording.py"


rule figures_group:
    input:
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        lfp_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        removal_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        information_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-information_statmap.nii.gz",
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
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        regressors=each(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        seed_course=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-seed_timeseries.tsv",
        ),
        spectrogram=each(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-spectrogram_qc.json",
        ),
        atlas=atlas("anatomy", "brain", "labels", "seeds"),
    output:
        lags_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.png",
        lags_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.svg",
        regressors_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-regressors.png",
        regressors_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-regressors.svg",
        maps_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.png",
        maps_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.svg",
        scatter_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.png",
        scatter_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.svg",
        sweep_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-sweep.png",
        sweep_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-sweep.svg",
        spectrogram_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-spectrogram.png",
        spectrogram_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-spectrogram.svg",
        shuffled_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-shuffled.png",
        shuffled_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-shuffled.svg",
        paired_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-paired.png",
        paired_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-paired.svg",
        hrfgrid_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-hrfgrid.png",
        hrfgrid_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-hrfgrid.svg",
        removal_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.png",
        removal_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.svg",
        peaks_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-peaks.png",
        peaks_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-peaks.svg",
        information_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-information.png",
        information_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-information.svg",
        captions="<results>/{variant}/figures/state-{state}_site-{site}_desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_group/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_group/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("artefact", "power", "motion", "hrf", "coupling", "networks"),
        code=helpers.code_digest("figures", "figure_inputs"),
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
        headline_png="<results>/{variant}/figures/desc-headline.png",
        headline_svg="<results>/{variant}/figures/desc-headline.svg",
        bands_png="<results>/{variant}/figures/desc-bands.png",
        bands_svg="<results>/{variant}/figures/desc-bands.svg",
        noise_png="<results>/{variant}/figures/desc-noise.png",
        noise_svg="<results>/{variant}/figures/desc-noise.svg",
        mediation_png="<results>/{variant}/figures/desc-mediation.png",
        mediation_svg="<results>/{variant}/figures/desc-mediation.svg",
        response_png="<results>/{variant}/figures/desc-response.png",
        response_svg="<results>/{variant}/figures/desc-response.svg",
        coherence_png="<results>/{variant}/figures/desc-coherence.png",
        coherence_svg="<results>/{variant}/figures/desc-coherence.svg",
        windows_png="<results>/{variant}/figures/desc-windows.png",
        windows_svg="<results>/{variant}/figures/desc-windows.svg",
        states_png="<results>/{variant}/figures/desc-states.png",
        states_svg="<results>/{variant}/figures/desc-states.svg",
        multiunit_png="<results>/{variant}/figures/desc-multiunit.png",
        multiunit_svg="<results>/{variant}/figures/desc-multiunit.svg",
        yardstick_png="<results>/{variant}/figures/desc-yardstick.png",
        yardstick_svg="<results>/{variant}/figures/desc-yardstick.svg",
        captions="<results>/{variant}/figures/desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_study.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_study.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        settings=settings_of("artefact", "power", "networks", "variance"),
        code=helpers.code_digest("figures", "figure_inputs"),
    script:
        "../scripts/figures_study.py"


rule report:
    input:
        description="<results>/dataset_description.json",
        excluded=expand("<results>/{variant}/excluded.tsv", variant=PLAN.variants),
        study=expand("<results>/{variant}/figures/desc-headline.png", variant=PLAN.variants),
        groups=[
            path.format(variant=variant)
            for variant in PLAN.variants
            for path in of_groups("<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.png")
        ],
        recordings=all_variants(
            "figures_recording",
            "<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_acq-{site}_run-{run}_desc-artefact_figure.png",
        ),
    output:
        report="<results>/report.html",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        settings=SETTINGS,
        rows=PLAN.rows + PLAN.left_out,
        code=helpers.code_digest("report", "report_inputs", "methods"),
    script:
        "../scripts/report.py"
