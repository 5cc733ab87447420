"""What chance and algebra give: surrogates of one recording, and of maps averaged over recordings."""


rule nulls:
    input:
        bold=shared(
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
        regressors=shared(
            "hrf",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrf_timeseries.tsv",
        ),
        power=shared(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-power_ieeg.vhdr",
        ),
        contacts=shared(
            "power",
            "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-contacts_timeseries.tsv",
        ),
        atlas=atlas("labels", "seeds"),
    output:
        nulls="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-nulls_coupling.tsv",
        nulls_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-nulls_coupling.json",
        bins="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-bins_nulls.tsv",
        bins_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-bins_nulls.json",
        coherence="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-coherence_nulls.tsv",
        coherence_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-coherence_nulls.json",
        windows="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-windows_nulls.tsv",
        windows_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-windows_nulls.json",
        orthogonal_maps="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-orthogonal_statmap.nii.gz",
        orthogonal_maps_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-orthogonal_statmap.json",
    log:
        "<results>/logs/{variant}/nulls/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/nulls/sub-{sub}_ses-{ses}_task-{task}_run-{run}_{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("nulls"),
        runtime=minutes("nulls"),
    params:
        row=row,
        settings=settings_of("artefact", "power", "hrf", "motion", "bold", "seed", "nulls"),
        code=helpers.code_digest("pipeline.nulls", "pipeline.load_scan", "derivatives.columns"),
    script:
        "../scripts/nulls.py"


rule mediation:
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
        nulls=each(
            "nulls",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-nulls_coupling.tsv",
        ),
        seed_map="<results>/{variant}/group/state-{state}_site-{site}_desc-seed_statmap.nii.gz",
        atlas=atlas("labels", "seeds"),
    output:
        maps="<results>/{variant}/group/state-{state}_site-{site}_desc-mediation_statmap.nii.gz",
        maps_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-mediation_statmap.json",
        mediation="<results>/{variant}/group/state-{state}_site-{site}_desc-mediation_average.tsv",
        mediation_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-mediation_average.json",
        k="<results>/{variant}/group/state-{state}_site-{site}_desc-k_average.tsv",
        k_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-k_average.json",
        cross_scan="<results>/{variant}/group/state-{state}_site-{site}_desc-crossscan_average.tsv",
        cross_scan_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-crossscan_average.json",
        inter_scan="<results>/{variant}/group/state-{state}_site-{site}_desc-interscan_average.tsv",
        inter_scan_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-interscan_average.json",
        significance="<results>/{variant}/group/state-{state}_site-{site}_desc-spatialsignificance_average.tsv",
        significance_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-spatialsignificance_average.json",
    log:
        "<results>/logs/{variant}/mediation/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/mediation/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("mediation"),
        runtime=minutes("mediation"),
    params:
        gathers=True,
        settings=settings_of(
            "artefact", "power", "hrf", "motion", "bold", "seed", "coupling", "networks", "nulls", "variance"
        ),
        code=helpers.code_digest("pipeline.mediation", "derivatives.load", "pipeline.load_scan", "derivatives.columns"),
    script:
        "../scripts/mediation.py"


rule explained:
    input:
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
        hrfgrid=each(
            "coupling",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_acq-{site}_run-{run}_desc-hrfgrid_coupling.tsv",
        ),
    output:
        explained="<results>/{variant}/group/state-{state}_site-{site}_desc-explained_average.tsv",
        explained_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-explained_average.json",
        commonality="<results>/{variant}/group/state-{state}_site-{site}_desc-commonality_average.tsv",
        commonality_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-commonality_average.json",
        response="<results>/{variant}/group/state-{state}_site-{site}_desc-response_average.tsv",
        response_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-response_average.json",
        hrfchoice="<results>/{variant}/group/state-{state}_site-{site}_desc-hrfchoice_average.tsv",
        hrfchoice_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-hrfchoice_average.json",
        pairing="<results>/{variant}/group/state-{state}_site-{site}_desc-pairing_average.tsv",
        pairing_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-pairing_average.json",
        significance="<results>/{variant}/group/state-{state}_site-{site}_desc-temporalsignificance_average.tsv",
        significance_sidecar="<results>/{variant}/group/state-{state}_site-{site}_desc-temporalsignificance_average.json",
    log:
        "<results>/logs/{variant}/explained/state-{state}_site-{site}.log",
    benchmark:
        "<results>/benchmarks/{variant}/explained/state-{state}_site-{site}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("explained"),
        runtime=minutes("explained"),
    params:
        gathers=True,
        settings=settings_of("artefact", "power", "hrf", "bold", "coupling", "networks", "nulls", "variance"),
        code=helpers.code_digest("pipeline.explained", "derivatives.load", "pipeline.load_scan", "derivatives.columns"),
    script:
        "../scripts/explained.py"
