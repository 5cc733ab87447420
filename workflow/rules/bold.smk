"""Raw BOLD → realigned, in atlas space, with framewise displacement → clean BOLD."""


rule motion:
    input:
        bold=raw("bold"),
        atlas=atlas("brain", "anatomy"),
    output:
        bold="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.nii",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.json",
        confounds="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-confounds_timeseries.tsv",
        confounds_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-confounds_timeseries.json",
        brain="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        brain_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.json",
    log:
        "<results>/logs/{variant}/motion/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    # No benchmark, which Snakemake does not allow beside a cache.
    cache: CACHES
    conda:
        "../envs/lfpbold.yaml"
    # Volumes are registered one by one in processes of one thread each: the same bytes with one.
    threads: 2
    resources:
        mem_mb=memory("motion"),
        runtime=minutes("motion"),
    params:
        row=row,
        settings=settings_of("motion"),
        code=helpers.code_digest("pipeline.motion", "recordings"),
    script:
        "../scripts/motion.py"


rule bold:
    input:
        bold=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-preproc_bold.nii",
        ),
        confounds=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-confounds_timeseries.tsv",
        ),
        brain=shared(
            "motion",
            "<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-brain_mask.nii.gz",
        ),
        atlas=atlas("white_matter", "ventricles"),
    output:
        bold="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.nii",
        sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-clean_bold.json",
        nuisance="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.tsv",
        nuisance_sidecar="<results>/{variant}/sub-{sub}/ses-{ses}/func/sub-{sub}_ses-{ses}_task-{task}_run-{run}_desc-nuisance_timeseries.json",
    log:
        "<results>/logs/{variant}/bold/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    benchmark:
        "<results>/benchmarks/{variant}/bold/sub-{sub}_ses-{ses}_task-{task}_run-{run}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    threads: 1
    resources:
        mem_mb=memory("bold"),
        runtime=minutes("bold"),
    params:
        row=row,
        settings=settings_of("motion", "bold"),
        code=helpers.code_digest("pipeline.bold"),
    script:
        "../scripts/bold.py"
