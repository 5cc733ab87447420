"""The only helpers: settings and sheet, read once; who owns a shared file; what makes a rule run again."""

import os
import sys
import time

from lfpbold.derivatives import layout
from lfpbold.errors import InputError
from lfpbold.study import selection, sheet
from lfpbold.study import settings as lfpbold_settings
from lfpbold.workflow import doubts, lock, outcome
from lfpbold.workflow import plan as helpers
from lfpbold.workflow import resources as needs
from lfpbold.workflow.code_digest import code_digest

STARTED = time.time()

try:
    lock.require_working_folder()
    SETTINGS = lfpbold_settings.load(workflow.configfiles, workflow.config_settings.config)
    ROWS = selection.mark_excluded(sheet.read_sheet(SETTINGS["recordings"], SETTINGS), SETTINGS)
    STRICTNESS, ON_DOUBTFUL = SETTINGS["run"]["on_bad_recording"], SETTINGS["run"]["on_doubtful"]
    PLAN = helpers.Plan(SETTINGS, sheet.without_missing(ROWS, STRICTNESS))
    lfpbold_settings.require_files(SETTINGS)
    SIZES = needs.Sizes(PLAN)
except InputError as error:
    sys.exit(f"Error: {error}")

# A grid multiplies, so that its size is said before anything runs, and in a dry run.
if lfpbold_settings.multiverses(SETTINGS) and workflow.is_main_process:
    print(PLAN.count(), file=sys.stderr)


# `snakemake --cache` keeps realigned BOLD for other results folders, where $SNAKEMAKE_OUTPUT_CACHE names a folder.
CACHES = workflow.workflow_settings.cache is not None


# A rule writes `<scan>_desc-seed_statmap.nii.gz`, which layout.PREFIXES spell out.
pathvars:
    **layout.PREFIXES,
    results=SETTINGS["results"],


# Read by every job, and no reason to run one again: strictness is not science.
config["on_bad_recording"], config["on_doubtful"] = STRICTNESS, ON_DOUBTFUL

# Recordings in doubt that were judged otherwise than `on_doubtful` is now.
JUDGED_OTHERWISE = doubts.judged_otherwise(PLAN, ON_DOUBTFUL) if workflow.is_main_process else set()

# The rows that are meant to be analysed, and those of them that an earlier run could not use.
MEANT = [row for row in ROWS if not row["exclude"]]
LOST_BEFORE = outcome.lost(SETTINGS["results"], PLAN.variants) if workflow.is_main_process else []
TELL_AGAIN = outcome.status(STRICTNESS, LOST_BEFORE, MEANT) > 0 or any(lost.used for lost in LOST_BEFORE)


onstart:
    from lfpbold.pipeline import preflight

    try:
        lock.claim(SETTINGS["results"])
    except InputError as error:
        sys.exit(f"Error: {error}")
    lock.end_on_request()
    if problem := preflight.first_problem(SETTINGS, PLAN.rows):
        sys.exit(f"Error: {problem}")


onsuccess:
    lost = outcome.lost(SETTINGS["results"], PLAN.variants)
    if text := outcome.sentence(STRICTNESS, lost, MEANT):
        print(f"\n{text}", file=sys.stderr, flush=True)
    if status := outcome.status(STRICTNESS, lost, MEANT):
        sys.exit(status)


onerror:
    from lfpbold.workflow import slurm_logs

    if killed := lock.after_failure(SETTINGS["results"], log):
        print(f"\nError: {killed}\n", file=sys.stderr, flush=True)
    if text := outcome.last_words(outcome.failures(f"{SETTINGS['results']}/logs", STARTED)):
        print(f"\n{text}\n", file=sys.stderr, flush=True)
    # On one machine a job has said itself what is wrong; from a cluster only its scheduler knows.
    if not workflow.local_exec:
        for sentence in slurm_logs.sentences(workflow.scheduler.failed, ".snakemake/slurm_logs", since=STARTED):
            print(f"Error: {sentence}", file=sys.stderr)


wildcard_constraints:
    variant="|".join(SETTINGS["variants"]),
    sub="[0-9A-Za-z]+",
    ses="[0-9A-Za-z]+",
    run="[0-9A-Za-z]+",
    task="[0-9A-Za-z]+",
    site="[0-9A-Za-z]+",
    state="[0-9A-Za-z]+",


# Inputs, from the output of an earlier rule: of the same recording, of each recording of a group, of each group.
of_variant, each, of_groups, where_asked = PLAN.of_variant, PLAN.each, PLAN.of_groups, PLAN.where_asked
all_variants = PLAN.all_variants


def named(output, *names, how=str):
    """Input: outputs of a rule by the names that they have there."""
    return {name: how(getattr(output, name)) for name in " ".join(names).split()}


def in_folder(path, *names):
    """Output: files that are called like the names of the outputs."""
    return {name: path.format(name) for name in " ".join(names).split()}


def with_sidecars(**paths):
    """Output: these files, and as NAME_sidecar the JSON that describes each."""
    return paths | {f"{name}_sidecar": layout.sidecar_of(path) for name, path in paths.items()}


def pictures(path, *names, in_report=True):
    """Output: each figure as PNG, which `snakemake --report` shows, and as SVG, with the sidecar of both."""
    files = {}
    for name in " ".join(names).split():
        start = path.format(name)
        png = _labelled(f"{start}.png", name, of_group=start.startswith("<group_")) if in_report else f"{start}.png"
        files |= {f"{name}_png": png, f"{name}_svg": f"{start}.svg", f"{name}_sidecar": f"{start}.json"}
    return files


def _labelled(path, name, of_group):
    """A figure of Snakemake's own report, by its variant, its state and site, and its name."""
    labels = {"figure": name} | ({"state": "{state}", "site": "{site}"} if of_group else {})
    return report(path, category="{variant}", subcategory="{site}, {state}" if of_group else "study", labels=labels)


def settings_of(stage):
    """Params: what a stage and all stages before it read; when that changes, the rule runs again."""
    return lambda wildcards: PLAN.settings(wildcards.variant, stage)


def code_of(rule):
    """Params: digest of a rule's script, of every module that it imports at any depth, and of what it writes."""
    script = workflow.source_path(f"../scripts/{rule}.py")
    return lambda wildcards: code_digest(script, *(output.digested() for output in layout.of_rule(rule).values()))


def row(wildcards):
    """Params: the row of the sheet, of a recording or of a run's first site; only the columns that jobs read."""
    return helpers.read_by_jobs(PLAN.row(wildcards), recording="site" in wildcards.keys())


def atlas(*names):
    """Input: images of the atlas; a rule runs again when one of them changes."""
    return lambda wildcards: PLAN.atlas(wildcards.variant, names)


def raw(column):
    """Input: a raw file named in the sheet; of a folder its files count (`companions`), not when one was last put in."""

    def path(wildcards):
        named = PLAN.row(wildcards)[column]
        return ancient(named) if os.path.isdir(named) else named

    return path


def companions(*columns):
    """Input: what is opened beside these raw files; a rule runs again when one is edited, added or removed."""
    return lambda wildcards: helpers.companions(PLAN.row(wildcards), columns)


def raw_state(*columns):
    """Params: digest of these raw files and their companions, which tells one that was replaced by an older file."""
    return lambda wildcards: helpers.raw_state(PLAN.row(wildcards), columns)


def judged_again(wildcards):
    """Input of `artefact`: no file. Its job is forced where a doubt has another consequence now, and no other is."""
    if doubts.key_of(wildcards) in JUDGED_OTHERWISE and workflow.dag is not None:
        workflow.dag.forcefiles.add(rules.artefact.output.lfp.format(**wildcards))
    return []


def size_of(rule):
    """Resources: megabytes and minutes, from the size of what the job reads; more with each attempt."""
    return {
        "mem_mb": lambda wildcards, attempt: needs.memory_mb(rule, SIZES.of(wildcards), attempt),
        "runtime": lambda wildcards, attempt: needs.minutes(rule, SIZES.of(wildcards), attempt),
    }
