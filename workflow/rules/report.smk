"""Arrays and tables → figures → one self-contained page."""


rule figures_recording:
    input:
        qc=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_qc.json",
        ),
        lfp=shared(
            "artefact",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-clean_ieeg.vhdr",
        ),
        confounds=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-rest_run-{run}_desc-confounds_timeseries.tsv",
        ),
    output:
        artefact_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.png",
        artefact_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.svg",
        motion_png="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-motion_figure.png",
        motion_svg="<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-motion_figure.svg",
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
        code=helpers.code_digest("figures", "report_inputs"),
    script:
        "../scripts/figures_recording.py"


rule figures_group:
    input:
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        lfp_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-lfp_statmap.nii.gz",
        removal_maps="<results>/{variant}/group/state-{state}_site-{site}_desc-removal_statmap.nii.gz",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        regression="<results>/{variant}/group/regression.tsv",
        lags="<results>/{variant}/group/lags.tsv",
        atlas=atlas("anatomy", "brain"),
    output:
        maps_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.png",
        maps_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-maps.svg",
        scatter_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.png",
        scatter_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-scatter.svg",
        lags_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.png",
        lags_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-lags.svg",
        removal_png="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.png",
        removal_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-removal.svg",
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
        settings=settings_of("motion", "power", "networks"),
        code=helpers.code_digest("figures", "report_inputs"),
    script:
        "../scripts/figures_group.py"


rule figures_study:
    input:
        headline="<results>/{variant}/group/headline.tsv",
        temporal="<results>/{variant}/group/temporal.tsv",
        spatial="<results>/{variant}/group/spatial.tsv",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        noise="<results>/{variant}/group/noise.tsv",
    output:
        headline_png="<results>/{variant}/figures/desc-headline.png",
        headline_svg="<results>/{variant}/figures/desc-headline.svg",
        bands_png="<results>/{variant}/figures/desc-bands.png",
        bands_svg="<results>/{variant}/figures/desc-bands.svg",
        noise_png="<results>/{variant}/figures/desc-noise.png",
        noise_svg="<results>/{variant}/figures/desc-noise.svg",
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
        settings=settings_of("power", "networks", "variance"),
        code=helpers.code_digest("figures", "report_inputs"),
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
            "<results>/{variant}/sub-{sub}/ses-{ses}/figures/sub-{sub}_ses-{ses}_task-rest_run-{run}_acq-{site}_desc-artefact_figure.png",
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
