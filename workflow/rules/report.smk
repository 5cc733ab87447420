"""Arrays and tables → figures → one self-contained page."""

from pathlib import Path

from lfpbold.results import specification

# Sidecars name raw files relative to the folder of the sheet, so that a study gives the same bytes wherever it stands.
config["study_folder"] = str(Path(SETTINGS["recordings"]).parent)


rule figures_recording:
    input:
        **named(rules.artefact.output, "qc lfp", how=of_variant),
        confounds=of_variant(rules.motion.output.confounds),
    output:
        **pictures("<scan_figures>_desc-{}_figure", "artefact motion", in_report=False),
    log:
        "<results>/logs/{variant}/figures_recording/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_recording/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("figures_recording"),
    params:
        gathers=True,
        row=row,
        code=code_of("figures_recording"),
    script:
        "../scripts/figures_recording.py"


rule figures_group:
    input:
        **dict(
            **named(rules.average.output, "seed_map lfp_maps removal_maps information_maps"),
            components_maps=rules.connectivity.output.maps,
            matrix=rules.connectivity.output.connectivity,
            matrix_removed=rules.connectivity.output.removed,
            matrix_expected=rules.connectivity.output.expected,
            **named(
                rules.variance.output,
                "connectivity network_peaks components temporal spatial spatial_group regression",
                "lags hrfgrid information paired ttests significance",
            ),
            power=each(rules.power.output.power),
            regressors=each(rules.hrf.output.regressors),
            seed_course=each(rules.coupling.output.seed_course),
            spectrogram=each(rules.artefact.output.spectrogram),
            atlas=atlas("anatomy", "brain", "labels", "seeds"),
        ),
    output:
        **pictures(
            "<group_figures>_desc-{}",
            "lags regressors maps scatter sweep spectrogram shuffled paired hrfgrid removal peaks",
            "information connectivity network_peaks components",
        ),
        captions="<group_figures>_desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_group/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_group/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("figures_group"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings=settings_of("figures_group"),
        code=code_of("figures_group"),
    script:
        "../scripts/figures_group.py"


rule figures_study:
    input:
        **named(
            rules.variance.output,
            "headline temporal spatial spatial_group noise noise_curve states paired multiunit yardstick",
            "mediation reliability response coherence windows",
        ),
    output:
        **pictures(
            "<figures>/desc-{}", "headline bands noise mediation response coherence windows states multiunit yardstick"
        ),
        captions="<figures>/desc-captions.json",
    log:
        "<results>/logs/{variant}/figures_study.log",
    benchmark:
        "<results>/benchmarks/{variant}/figures_study.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("figures_study"),
    params:
        gathers=True,
        settings=settings_of("figures_study"),
        code=code_of("figures_study"),
    script:
        "../scripts/figures_study.py"


rule specification:
    input:
        headlines=expand(rules.variance.output.headline, variant=PLAN.variants),
    output:
        **with_sidecars(
            curve="<results>/specification.tsv",
            choices="<results>/specification_choices.tsv",
        ),
    log:
        "<results>/logs/specification.log",
    benchmark:
        "<results>/benchmarks/specification.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("specification"),
    params:
        gathers=True,
        variants=PLAN.variants,
        settings={"choices": specification.choices({name: PLAN.complete(name) for name in PLAN.variants})},
        code=code_of("specification"),
    script:
        "../scripts/specification.py"


rule figures_specification:
    input:
        **named(rules.specification.output, "curve choices"),
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
    resources:
        **size_of("figures_specification"),
    params:
        gathers=True,
        row=lambda wildcards: {"state": wildcards.state, "site": wildcards.site},
        settings={"main_band": SETTINGS["networks"]["main_band"]},
        code=code_of("figures_specification"),
    script:
        "../scripts/figures_specification.py"


rule report:
    input:
        description=rules.provenance.output.description,
        specification=rules.specification.output.curve,
        specification_choices=rules.specification.output.choices,
        specification_figures=expand(
            "<results>/figures/specification_state-{group[0]}_site-{group[1]}.png", group=PLAN.groups
        ),
        headlines=expand(rules.variance.output.headline, variant=PLAN.variants),
        # Combinations of grids have no panels of their own: they are points of the specification curve.
        excluded=expand(rules.variance.output.excluded, variant=PLAN.drawn),
        study=expand(rules.figures_study.output.headline_png, variant=PLAN.drawn),
        groups=PLAN.expand_groups(rules.figures_group.output.maps_png, PLAN.drawn),
        # Of runs with stimuli alone.
        evoked=PLAN.expand_groups(rules.figures_evoked.output.glm_png, PLAN.drawn, evoked=True),
        rest_evoked=expand(rules.figures_rest_evoked.output.rest_evoked_png, variant=PLAN.evoked_variants(PLAN.drawn)),
        recordings=all_variants(rules.figures_recording.output.artefact_png, PLAN.drawn),
    output:
        report=report("<results>/report.html", category="Report", labels={"page": "all variants"}),
        sidecar="<results>/report.json",
    log:
        "<results>/logs/report.log",
    benchmark:
        "<results>/benchmarks/report.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("report"),
    params:
        gathers=True,
        settings=SETTINGS,
        rows=PLAN.rows + PLAN.left_out,
        code=code_of("report"),
    script:
        "../scripts/report.py"
