"""What chance and algebra give: surrogates of one recording, and of maps averaged over recordings."""


rule nulls:
    input:
        **named(rules.bold.output, "bold nuisance", how=of_variant),
        brain=of_variant(rules.motion.output.brain),
        regressors=of_variant(rules.hrf.output.regressors),
        power=of_variant(rules.power.output.power),
        contacts=of_variant(rules.power.output.contacts),
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(
            nulls="<scan>_desc-nulls_coupling.tsv",
            bins="<scan>_desc-bins_nulls.tsv",
            coherence="<scan>_desc-coherence_nulls.tsv",
            windows="<scan>_desc-windows_nulls.tsv",
            orthogonal_maps="<scan>_desc-orthogonal_statmap.nii.gz",
        ),
    log:
        "<results>/logs/{variant}/nulls/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/nulls/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("nulls"),
    params:
        row=row,
        settings=settings_of("nulls"),
        code=code_of("nulls"),
    script:
        "../scripts/nulls.py"


rule mediation:
    input:
        **named(rules.bold.output, "bold nuisance", how=each),
        brain=each(rules.motion.output.brain),
        regressors=each(rules.hrf.output.regressors),
        power=each(rules.power.output.power),
        nulls=each(rules.nulls.output.nulls),
        seed_map=rules.average.output.seed_map,
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(
            maps="<group>_desc-mediation_statmap.nii.gz",
            mediation="<group>_desc-mediation_average.tsv",
            k="<group>_desc-k_average.tsv",
            cross_scan="<group>_desc-crossscan_average.tsv",
            inter_scan="<group>_desc-interscan_average.tsv",
            significance="<group>_desc-spatialsignificance_average.tsv",
        ),
    log:
        "<results>/logs/{variant}/mediation/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/mediation/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("mediation"),
    params:
        gathers=True,
        settings=settings_of("mediation"),
        code=code_of("mediation"),
    script:
        "../scripts/mediation.py"


rule explained:
    input:
        **named(rules.bold.output, "bold nuisance", how=each),
        regressors=each(rules.hrf.output.regressors),
        power=each(rules.power.output.power),
        seed_course=each(rules.coupling.output.seed_course),
        hrfgrid=each(rules.coupling.output.hrfgrid),
    output:
        **with_sidecars(
            explained="<group>_desc-explained_average.tsv",
            commonality="<group>_desc-commonality_average.tsv",
            response="<group>_desc-response_average.tsv",
            hrfchoice="<group>_desc-hrfchoice_average.tsv",
            pairing="<group>_desc-pairing_average.tsv",
            significance="<group>_desc-temporalsignificance_average.tsv",
        ),
    log:
        "<results>/logs/{variant}/explained/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/explained/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("explained"),
    params:
        gathers=True,
        settings=settings_of("explained"),
        code=code_of("explained"),
    script:
        "../scripts/explained.py"
