"""The only helpers: settings and sheet, read once; who owns a shared file; what makes a rule run again."""

import sys
import time

from lfpbold.errors import InputError
from lfpbold.study import selection, sheet
from lfpbold.study import settings as lfpbold_settings
from lfpbold.workflow import lock, outcome
from lfpbold.workflow import plan as helpers
from lfpbold.workflow import resources as needs

STARTED = time.time()

try:
    lock.require_working_folder()
    SETTINGS = lfpbold_settings.load(workflow.configfiles, workflow.config_settings.config)
    ROWS = selection.marked(sheet.read(SETTINGS["recordings"], SETTINGS), SETTINGS)
    STRICTNESS = SETTINGS["run"]["on_bad_recording"]
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


pathvars:
    results=SETTINGS["results"],


# Read by every job, and no reason to run one again: strictness is not science.
config["on_bad_recording"] = STRICTNESS

# The rows that are meant to be analysed, and those of them that an earlier run could not use.
MEANT = [row for row in ROWS if not row["exclude"]]
LOST_BEFORE = outcome.lost(SETTINGS["results"], PLAN.variants) if workflow.is_main_process else []
TELL_AGAIN = outcome.status(STRICTNESS, LOST_BEFORE, MEANT) > 0


onstart:
    from lfpbold.pipeline import preflight

    try:
        lock.claim(SETTINGS["results"])
    except InputError as error:
        sys.exit(f"Error: {error}")
    lock.end_on_request()
    if problem := preflight.why_not(SETTINGS, PLAN.rows):
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


def shared(stretch, path):
    """Input: a file of an earlier stretch, from the variant that computed it for this one."""
    return lambda wildcards: path.format(**{**wildcards, "variant": PLAN.owner(wildcards.variant, stretch)})


def settings_of(*stretches):
    """Params: exactly the settings that a rule reads; when they change, it runs again."""
    return lambda wildcards: PLAN.settings(wildcards.variant, stretches)


def row(wildcards):
    """Params: the row of the sheet, of a recording or of a run's first site; only the columns that jobs read."""
    return helpers.read_by_jobs(PLAN.row(wildcards), recording="site" in wildcards.keys())


def atlas(*names):
    """Input: images of the atlas; a rule runs again when one of them changes."""
    return lambda wildcards: PLAN.atlas(wildcards.variant, names)


def raw(column):
    """Input: a raw file named in the sheet."""
    return lambda wildcards: PLAN.row(wildcards)[column]


def memory(rule):
    """Resources: megabytes, from the size of what the job reads; more with each attempt."""
    return lambda wildcards, attempt: needs.memory_mb(rule, SIZES.of(wildcards), attempt)


def minutes(rule):
    """Resources: minutes, from the size of what the job reads; more with each attempt."""
    return lambda wildcards, attempt: needs.minutes(rule, SIZES.of(wildcards), attempt)


def each(stretch, path):
    """Input: one file for each recording (or run) of a variant, from the variant that computed it for this one."""
    return lambda wildcards: PLAN.expand(path, wildcards, stretch)


def of_groups(path):
    """Input: one file for each state and site that a variant holds."""
    return lambda wildcards: PLAN.expand_groups(path, [wildcards.variant])


def of_all_groups(path):
    """Input: one file for each state and site of the study, whatever the variant."""
    return [path.replace("{state}", state).replace("{site}", site) for state, site in PLAN.groups]


def all_variants(stretch, path):
    """Input: the files of every recording, of all variants, each once."""
    return PLAN.expand_all(path, stretch)


def where_asked(section, path):
    """Input: as `each`, in variants whose settings ask for surrogates; nothing in the others."""
    return lambda wildcards: each(section, path)(wildcards) if PLAN.asks(wildcards.variant, section) else []


def where_asked_of_groups(section, path):
    """Input: as `of_groups`, in variants whose settings ask for surrogates; nothing in the others."""
    return lambda wildcards: of_groups(path)(wildcards) if PLAN.asks(wildcards.variant, section) else []


def panel(path):
    """Output: a figure that `snakemake --report` shows, by its variant, its state and site, and its name."""
    kind, of_group = path.rpartition("desc-")[2].partition(".")[0], "{state}" in path
    labels = {"figure": kind} | ({"state": "{state}", "site": "{site}"} if of_group else {})
    return report(path, category="{variant}", subcategory="{site}, {state}" if of_group else "study", labels=labels)
