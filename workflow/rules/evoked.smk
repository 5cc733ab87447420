"""Runs with stimuli, and only these: where the brain responds, how LFP and BOLD do, and rest beside them."""


rule glm:
    input:
        bold=of_variant(rules.motion.output.bold),
        clean=of_variant(rules.bold.output.bold),
        nuisance=of_variant(rules.bold.output.nuisance),
        brain=of_variant(rules.motion.output.brain),
        events=raw("events"),
    output:
        **with_sidecars(
            maps="<run>_desc-glm_statmap.nii.gz",
            clusters="<run>_desc-clusters_statmap.tsv",
        ),
    log:
        "<results>/logs/{variant}/glm/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    benchmark:
        "<results>/benchmarks/{variant}/glm/sub-{sub}_ses-{ses}_task-{task}_run-{run}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("glm"),
    params:
        row=row,
        raw=raw_state("events"),
        settings=settings_of("glm"),
        code=code_of("glm"),
    script:
        "../scripts/glm.py"


rule evoked:
    input:
        bold=of_variant(rules.motion.output.bold),
        clean=of_variant(rules.bold.output.bold),
        nuisance=of_variant(rules.bold.output.nuisance),
        brain=of_variant(rules.motion.output.brain),
        power=of_variant(rules.power.output.power),
        events=raw("events"),
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(responses="<scan>_desc-evoked_timeseries.tsv"),
    log:
        "<results>/logs/{variant}/evoked/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/evoked/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("evoked"),
    params:
        row=row,
        raw=raw_state("events"),
        settings=settings_of("evoked"),
        code=code_of("evoked"),
    script:
        "../scripts/evoked.py"


rule evoked_average:
    input:
        maps=each(rules.glm.output.maps),
        responses=each(rules.evoked.output.responses),
        bold=each(rules.bold.output.bold),
        nuisance=each(rules.bold.output.nuisance),
        regressors=each(rules.hrf.output.regressors),
        power=each(rules.power.output.power),
        seed_course=each(rules.coupling.output.seed_course),
    output:
        **with_sidecars(
            maps="<group>_desc-glm_statmap.nii.gz",
            clusters="<group>_desc-clusters_statmap.tsv",
            responses="<group>_desc-evoked_timeseries.tsv",
            prediction="<group>_desc-prediction_average.tsv",
        ),
    log:
        "<results>/logs/{variant}/evoked_average/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/evoked_average/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("evoked_average"),
    params:
        gathers=True,
        settings=settings_of("evoked_average"),
        code=code_of("evoked_average"),
    script:
        "../scripts/evoked_average.py"


rule rest_evoked:
    input:
        **named(rules.variance.output, "temporal spatial spatial_group nulls mediation"),
    output:
        **with_sidecars(table="<tables>/rest_evoked.tsv"),
    log:
        "<results>/logs/{variant}/rest_evoked.log",
    benchmark:
        "<results>/benchmarks/{variant}/rest_evoked.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("rest_evoked"),
    params:
        gathers=True,
        pairs=lambda wildcards: PLAN.rest_and_evoked(wildcards.variant),
        seed=SETTINGS["seed"],
        settings=settings_of("rest_evoked"),
        names=lambda wildcards: lfpbold_settings.band_names(PLAN.complete(wildcards.variant)),
        code=code_of("rest_evoked"),
    script:
        "../scripts/rest_evoked.py"


rule figures_evoked:
    input:
        **named(rules.evoked_average.output, "maps clusters responses prediction"),
        atlas=atlas("anatomy", "brain", "labels", "seeds"),
    output:
        **pictures("<group_figures>_desc-{}", "glm evoked"),
    log:
        "<results>/logs/{variant}/figures_evoked/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_evoked/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("figures_evoked"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("figures_evoked"),
        code=code_of("figures_evoked"),
    script:
        "../scripts/figures_evoked.py"


rule figures_rest_evoked:
    input:
        table=rules.rest_evoked.output.table,
    output:
        **pictures("<figures>/desc-{}", "rest_evoked"),
    log:
        "<results>/logs/{variant}/figures_rest_evoked.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_rest_evoked.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("figures_rest_evoked"),
    params:
        gathers=True,
        settings=settings_of("figures_rest_evoked"),
        code=code_of("figures_rest_evoked"),
    script:
        "../scripts/figures_rest_evoked.py"
