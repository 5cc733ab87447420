"""Clean BOLD and LFP regressors of a state and site → region × region matrices, peaks of networks, components."""


rule connectivity:
    input:
        bold=each(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        ),
        nuisance=each(
            "bold",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        ),
        brain=each(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        regressors=each(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        power=each(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        atlas=atlas("labels", "seeds"),
    output:
        connectivity="<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_relmat.tsv",
        connectivity_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_relmat.json",
        removed="<results>/{variant}/group/state-{state}_site-{site}_desc-removed_relmat.tsv",
        removed_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-removed_relmat.json",
        expected="<results>/{variant}/group/state-{state}_site-{site}_desc-expected_relmat.tsv",
        expected_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-expected_relmat.json",
        maps="<results>/{variant}/group/state-{state}_site-{site}_desc-components_statmap.nii.gz",
        maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-components_statmap.json",
        connectivity_table="<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_average.tsv",
        connectivity_table_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-connectivity_average.json",
        network_peaks_table="<results>/{variant}/group/state-{state}_site-{site}_desc-networkpeaks_average.tsv",
        network_peaks_table_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-networkpeaks_average.json",
        components_table="<results>/{variant}/group/state-{state}_site-{site}_desc-components_average.tsv",
        components_table_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-components_average.json",
    log:
        "<results>/logs/{variant}/connectivity/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/connectivity/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("connectivity"),
        runtime=minutes("connectivity"),
    params:
        gathers=True,
        settings=settings_of(
            "artefact", "power", "hrf", "motion", "bold", "seed", "networks", "connectivity", "variance"
        ),
        code=helpers.code_digest(
            "pipeline.connectivity", "derivatives.load", "pipeline.load_scan", "derivatives.columns"
        ),
    script:
        "../scripts/connectivity.py"
