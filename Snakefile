"""lfpbold: how much of the resting-state fMRI signal the local field potential explains, in space and in time."""

from snakemake.utils import min_version

min_version("9.16")


include: "workflow/rules/common.smk"
include: "workflow/rules/artefact.smk"
include: "workflow/rules/power.smk"
include: "workflow/rules/bold.smk"
include: "workflow/rules/coupling.smk"
include: "workflow/rules/connectivity.smk"
include: "workflow/rules/nulls.smk"
include: "workflow/rules/variance.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "<results>/report.html",
        "<results>/dataset_description.json",
        "<results>/config.resolved.yaml",
        expand("<results>/{variant}/group/headline.tsv", variant=PLAN.variants),
        expand("<results>/{variant}/dataset_description.json", variant=PLAN.variants),
        all_variants("artefact", "<results>/{variant}/sub-{sub}/ses-{ses}/ieeg/sub-{sub}_ses-{ses}_electrodes.tsv"),
