"""Raw BOLD → realigned, in atlas space, with framewise displacement → clean BOLD."""


rule motion:
    input:
        bold=raw("bold"),
        companions=companions("bold"),
        atlas=atlas("brain", "anatomy"),
    output:
        **with_sidecars(
            bold="<run>_desc-preproc_bold.nii",
            confounds="<run>_desc-confounds_timeseries.tsv",
            brain="<run>_desc-brain_mask.nii.gz",
        ),
    log:
        "<results>/logs/{variant}/motion/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    # No benchmark, which Snakemake does not allow beside a cache.
    cache: CACHES
    conda:
        "../envs/lfpbold.yaml"
    # Volumes are registered one by one in processes of one thread each: the same bytes with one.
    threads: 2
    resources:
        **size_of("motion"),
    params:
        row=row,
        settings=settings_of("motion"),
        raw=raw_state("bold"),
        code=code_of("motion"),
    script:
        "../scripts/motion.py"


rule bold:
    input:
        **named(rules.motion.output, "bold confounds brain", how=of_variant),
        atlas=atlas("white_matter", "ventricles"),
    output:
        **with_sidecars(
            bold="<run>_desc-clean_bold.nii",
            nuisance="<run>_desc-nuisance_timeseries.tsv",
        ),
    log:
        "<results>/logs/{variant}/bold/sub-{sub}_ses-{ses}_task-{task}_run-{run}.log",
    benchmark:
        "<results>/benchmarks/{variant}/bold/sub-{sub}_ses-{ses}_task-{task}_run-{run}.tsv"
    conda:
        "../envs/lfpbold.yaml"
    resources:
        **size_of("bold"),
    params:
        row=row,
        settings=settings_of("bold"),
        code=code_of("bold"),
    script:
        "../scripts/bold.py"
