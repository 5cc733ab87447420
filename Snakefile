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
include: "workflow/rules/evoked.smk"
include: "workflow/rules/report.smk"


# Snakemake asks nobody how a run ended that had nothing to do. Where recordings could not be used, the target is
# therefore a job that does nothing, so that the next run says so again and ends with the same exit status.
localrules:
    all,


rule all:
    default_target: not TELL_AGAIN
    input:
        rules.report.output.report,
        rules.provenance.output.description,
        rules.provenance.output.config,
        expand(rules.variance.output.headline, variant=PLAN.variants),
        expand(rules.dataset.output.description, variant=PLAN.variants),
        all_variants(rules.electrodes.output.electrodes),


if TELL_AGAIN:

    localrules:
        all_again,

    rule all_again:
        default_target: True
        input:
            rules.all.input,
        log:
            "<results>/logs/all.log",
        shell:
            ":"
