"""Arrays and tables → figures → one self-contained page."""


rule figures_recording:
    input:
        qc=shared(
            "artefact",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_qc.json",
        ),
        lfp=shared(
            "artefact",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-clean_ieeg.vhdr",
        ),
        confounds=shared(
            "motion",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-confounds_timeseries.tsv",
        ),
    output:
        artefact_png=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.png",
        artefact_svg=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.svg",
        motion_png=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-motion_figure.png",
        motion_svg=RESULTS
        + "/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-motion_figure.svg",
    log:
        RESULTS + "/logs/{variant}/figures_recording/sub-{sub}_ses-{ses}_run-{run}_{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/figures_recording/sub-{sub}_ses-{ses}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        row=row,
        code=helpers.code_digest("figures", "report_inputs"),
    script:
        "../scripts/figures_recording.py"


rule figures_group:
    input:
        seed_map=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        lfp_maps=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        removal_maps=RESULTS + "/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        spatial_group=RESULTS + "/{variant}/group/spatial_group.tsv",
        regression=RESULTS + "/{variant}/group/regression.tsv",
        lags=RESULTS + "/{variant}/group/lags.tsv",
        atlas=atlas("anatomy", "brain"),
    output:
        maps_png=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-maps.png",
        maps_svg=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-maps.svg",
        scatter_png=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-scatter.png",
        scatter_svg=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-scatter.svg",
        lags_png=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-lags.png",
        lags_svg=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-lags.svg",
        removal_png=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-removal.png",
        removal_svg=RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-removal.svg",
    log:
        RESULTS + "/logs/{variant}/figures_group/state-{state}_site-{site}.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/figures_group/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("motion", "power", "networks"),
        code=helpers.code_digest("figures", "report_inputs"),
    script:
        "../scripts/figures_group.py"


rule figures_study:
    input:
        headline=RESULTS + "/{variant}/group/headline.tsv",
        temporal=RESULTS + "/{variant}/group/temporal.tsv",
        spatial=RESULTS + "/{variant}/group/spatial.tsv",
        spatial_group=RESULTS + "/{variant}/group/spatial_group.tsv",
        noise=RESULTS + "/{variant}/group/noise.tsv",
    output:
        headline_png=RESULTS + "/{variant}/figures/desc-headline.png",
        headline_svg=RESULTS + "/{variant}/figures/desc-headline.svg",
        bands_png=RESULTS + "/{variant}/figures/desc-bands.png",
        bands_svg=RESULTS + "/{variant}/figures/desc-bands.svg",
        noise_png=RESULTS + "/{variant}/figures/desc-noise.png",
        noise_svg=RESULTS + "/{variant}/figures/desc-noise.svg",
    log:
        RESULTS + "/logs/{variant}/figures_study.log",
    benchmark:
        RESULTS + "/benchmarks/{variant}/figures_study.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        mem_mb=1500,
    params:
        gathers=True,
        settings=settings_of("power", "networks", "variance"),
        code=helpers.code_digest("figures", "report_inputs"),
    script:
        "../scripts/figures_study.py"


rule report:
    input:
        description=RESULTS + "/dataset_description.json",
        excluded=expand(RESULTS + "/{variant}/excluded.tsv", variant=PLAN.variants),
        study=expand(RESULTS + "/{variant}/figures/desc-headline.png", variant=PLAN.variants),
        groups=[
            path.format(variant=variant)
            for variant in PLAN.variants
            for path in of_groups(RESULTS + "/{variant}/figures/state-{state}_site-{site}_desc-maps.png")
        ],
        recordings=all_variants(
            "figures_recording",
            RESULTS
            + "/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.png",
        ),
    output:
        report=RESULTS + "/report.html",
    log:
        RESULTS + "/logs/report.log",
    benchmark:
        RESULTS + "/benchmarks/report.tsv"
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
