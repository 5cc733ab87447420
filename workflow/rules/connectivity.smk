"""All scans of a state and site → averaged maps; region × region matrices, peaks of networks, components."""


rule average:
    input:
        seed_maps=each(rules.coupling.output.seed_map),
        lfp_maps=each(rules.coupling.output.lfp_maps),
        removal_maps=each(rules.networks.output.maps),
        information_maps=each(rules.coupling.output.information_maps),
        lags=each(rules.coupling.output.lags),
        hrfgrid=each(rules.coupling.output.hrfgrid),
    output:
        **with_sidecars(
            seed_map="<group>_desc-seed_statmap.nii.gz",
            lfp_maps="<group>_desc-lfp_statmap.nii.gz",
            removal_maps="<group>_desc-removal_statmap.nii.gz",
            information_maps="<group>_desc-information_statmap.nii.gz",
            spatial="<group>_desc-spatial_average.tsv",
            regression="<group>_desc-regression_average.tsv",
            information="<group>_desc-information_average.tsv",
            lags="<group>_desc-lags_average.tsv",
            hrfgrid="<group>_desc-hrfgrid_average.tsv",
        ),
    log:
        "<results>/logs/{variant}/average/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/average/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("average"),
    params:
        gathers=True,
        settings=settings_of("average"),
        code=code_of("average"),
    script:
        "../scripts/average.py"


rule connectivity:
    input:
        **named(rules.bold.output, "bold nuisance", how=each),
        brain=each(rules.motion.output.brain),
        regressors=each(rules.hrf.output.regressors),
        power=each(rules.power.output.power),
        seed_map=rules.average.output.seed_map,
        atlas=atlas("labels", "seeds"),
    output:
        **with_sidecars(
            connectivity="<group>_desc-connectivity_relmat.tsv",
            removed="<group>_desc-removed_relmat.tsv",
            expected="<group>_desc-expected_relmat.tsv",
            maps="<group>_desc-components_statmap.nii.gz",
            connectivity_table="<group>_desc-connectivity_average.tsv",
            network_peaks_table="<group>_desc-networkpeaks_average.tsv",
            components_table="<group>_desc-components_average.tsv",
        ),
    log:
        "<results>/logs/{variant}/connectivity/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/connectivity/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("connectivity"),
    params:
        gathers=True,
        settings=settings_of("connectivity"),
        code=code_of("connectivity"),
    script:
        "../scripts/connectivity.py"
