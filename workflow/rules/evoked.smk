"""Runs with stimuli, and only these: where the brain responds, how LFP and BOLD do, and rest beside them."""


rule glm:
    input:
        bold=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.nii",
        ),
        clean=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        brain=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        events=raw("events"),
    output:
        maps="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-glm_statmap.nii.gz",
        maps_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-glm_statmap.json",
        clusters="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clusters_statmap.tsv",
        clusters_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clusters_statmap.json",
    log:
        "<results>/logs/{variant}/glm/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    benchmark:
        "<results>/benchmarks/{variant}/glm/sub-{sub}_ses-{ses}_task-{task}_run-{run}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("glm"),
        runtime=minutes("glm"),
    params:
        row=row,
        settings=settings_of("motion", "bold", "hrf", "evoked"),
        code=helpers.code_digest("pipeline.evoked", "recordings.events", "derivatives.columns"),
    script:
        "../scripts/glm.py"


rule evoked:
    input:
        bold=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.nii",
        ),
        clean=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=shared(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        brain=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        power=shared(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        events=raw("events"),
        atlas=atlas("labels", "seeds"),
    output:
        responses="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-evoked_timeseries.tsv",
        responses_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-evoked_timeseries.json",
    log:
        "<results>/logs/{variant}/evoked/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/evoked/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("evoked"),
        runtime=minutes("evoked"),
    params:
        row=row,
        settings=settings_of("artefact", "motion", "bold", "power", "hrf", "seed", "evoked"),
        code=helpers.code_digest("pipeline.evoked", "recordings.events", "derivatives.columns"),
    script:
        "../scripts/evoked.py"


rule evoked_average:
    input:
        maps=each(
            "evoked",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-glm_statmap.nii.gz",
        ),
        responses=each(
            "evoked",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-evoked_timeseries.tsv",
        ),
        bold=each(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=each(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        regressors=each(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        power=each(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        seed_course=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-seed_timeseries.tsv",
        ),
    output:
        maps="<results>/{variant}/group/state-{state}_site-{site}_desc-glm_statmap.nii.gz",
        maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-glm_statmap.json",
        clusters="<results>/{variant}/group/state-{state}_site-{site}_desc-clusters_statmap.tsv",
        clusters_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-clusters_statmap.json",
        responses="<results>/{variant}/group/state-{state}_site-{site}_desc-evoked_timeseries.tsv",
        responses_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-evoked_timeseries.json",
        prediction="<results>/{variant}/group/state-{state}_site-{site}_desc-prediction_average.tsv",
        prediction_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-prediction_average.json",
    log:
        "<results>/logs/{variant}/evoked_average/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/evoked_average/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("evoked_average"),
        runtime=minutes("evoked_average"),
    params:
        gathers=True,
        settings=settings_of("artefact", "power", "hrf", "bold", "networks", "evoked", "variance"),
        code=helpers.code_digest(
            "pipeline.evoked_group", "derivatives.load", "pipeline.load_scan", "derivatives.columns"
        ),
    script:
        "../scripts/evoked_average.py"


rule rest_evoked:
    input:
        temporal="<results>/{variant}/group/temporal.tsv",
        spatial="<results>/{variant}/group/spatial.tsv",
        spatial_group="<results>/{variant}/group/spatial_group.tsv",
        nulls="<results>/{variant}/group/nulls.tsv",
        mediation="<results>/{variant}/group/mediation.tsv",
    output:
        table="<results>/{variant}/group/rest_evoked.tsv",
        sidecar="<results>/{variant}/group/rest_evoked.json",
    log:
        "<results>/logs/{variant}/rest_evoked.log",
    benchmark:
        "<results>/benchmarks/{variant}/rest_evoked.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("rest_evoked"),
        runtime=minutes("rest_evoked"),
    params:
        gathers=True,
        pairs=lambda wildcards: PLAN.rest_and_evoked(wildcards.variant),
        seed=SETTINGS["seed"],
        settings=settings_of("variance"),
        names=lambda wildcards: lfpbold_settings.band_names(PLAN.complete(wildcards.variant)),
        code=helpers.code_digest("pipeline.evoked_group", "derivatives.columns"),
    script:
        "../scripts/rest_evoked.py"


rule figures_evoked:
    input:
        maps="<results>/{variant}/group/state-{state}_site-{site}_desc-glm_statmap.nii.gz",
        clusters="<results>/{variant}/group/state-{state}_site-{site}_desc-clusters_statmap.tsv",
        responses="<results>/{variant}/group/state-{state}_site-{site}_desc-evoked_timeseries.tsv",
        prediction="<results>/{variant}/group/state-{state}_site-{site}_desc-prediction_average.tsv",
        atlas=atlas("anatomy", "brain", "labels", "seeds"),
    output:
        glm_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-glm.png"),
        glm_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-glm.svg",
        glm_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-glm.json",
        evoked_png=panel("<results>/{variant}/figures/state-{state}_site-{site}_desc-evoked.png"),
        evoked_svg="<results>/{variant}/figures/state-{state}_site-{site}_desc-evoked.svg",
        evoked_sidecar="<results>/{variant}/figures/state-{state}_site-{site}_desc-evoked.json",
    log:
        "<results>/logs/{variant}/figures_evoked/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_evoked/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_evoked"),
        runtime=minutes("figures_evoked"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("artefact", "power", "motion", "seed", "networks", "evoked"),
        code=helpers.code_digest("figures", "figures.inputs"),
    script:
        "../scripts/figures_evoked.py"


rule figures_rest_evoked:
    input:
        table="<results>/{variant}/group/rest_evoked.tsv",
    output:
        rest_evoked_png=panel("<results>/{variant}/figures/desc-rest_evoked.png"),
        rest_evoked_svg="<results>/{variant}/figures/desc-rest_evoked.svg",
        rest_evoked_sidecar="<results>/{variant}/figures/desc-rest_evoked.json",
    log:
        "<results>/logs/{variant}/figures_rest_evoked.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_rest_evoked.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("figures_rest_evoked"),
        runtime=minutes("figures_rest_evoked"),
    params:
        gathers=True,
        settings=settings_of("artefact", "power", "networks"),
        code=helpers.code_digest("figures", "figures.inputs"),
    script:
        "../scripts/figures_rest_evoked.py"
