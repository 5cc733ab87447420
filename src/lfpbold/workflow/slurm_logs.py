"""Which recordings' jobs failed on a cluster, and why: from the logs that Slurm leaves, told in a sentence each."""

from __future__ import annotations

import re
from pathlib import Path

# How Slurm writes into a job's log that it was the one to end it; by cgroups or by its own accounting.
TIME = re.compile(r"DUE TO TIME LIMIT")
MEMORY = re.compile(r"exceeded memory limit|[Oo]ut [Oo]f [Mm]emory|oom[-_]kill|OOM Killed")
BEGUN = re.compile(r"^rule (\w+):\n((?:    .*\n)+)", re.M)
ENDED = re.compile(r"^Finished jobid: (\d+) ", re.M)
SAID = re.compile(r"^Error in (?!rule |group )(\w+): (.+)$", re.M)  # what a job itself found wrong with its input
FIELD = re.compile(r"^    (\w+): (.*)$", re.M)
CLOCKS_S = 120  # by so much the clock of a file server may be behind
RECORDING = ("sub", "ses", "run", "site", "state", "variant")


def sentences(failed, folder, since: float = 0.0) -> list[str]:
    """What to tell of failed jobs: each recording once, with the reason and what to change.

    Parameters
    ----------
    failed : iterable of Snakemake jobs
        Of single jobs, or of groups, which are iterated.
    folder : path
        Where the executor leaves the logs of its Slurm jobs; jobs without one are named without a reason.
    since : float
        When this run began, s; older logs are of other runs.

    Returns
    -------
    sentences : list of str
    """
    keys = [_key(job.rule.name, dict(job.wildcards.items())) for part in failed for job in _members(part)]
    written = {path: path.stat().st_mtime for path in Path(folder).rglob("*.log")}
    died, spoken = {}, set()
    for path in sorted((path for path in written if written[path] > since - CLOCKS_S), key=written.get):
        words = last_words(path)
        died.update({key: found for key, found in words.items() if key in keys})  # of several attempts the last counts
    for part in failed:
        members = [_key(job.rule.name, dict(job.wildcards.items())) for job in _members(part)]
        # In a group, one member stopped the others: they have nothing to be told of.
        spoken.update([key for key in members if key in died] or members)
    return [_sentence(key, *died.get(key, ({}, "", None))) for key in keys if key in spoken]


def last_words(path) -> dict:
    """The jobs that were at work when a Slurm job ended: what they had asked for, why they ended, the log.

    The reason is `time`, `memory`, or what the job said itself; empty where nothing is known. Members of a group that
    had finished, or had not begun, are not among them.
    """
    text = Path(path).read_text(encoding="utf-8", errors="replace")
    reason = "time" if TIME.search(text) else "memory" if MEMORY.search(text) else ""
    said, finished, found = dict(SAID.findall(text)), set(ENDED.findall(text)), {}
    for rule, block in BEGUN.findall(text):
        fields = dict(FIELD.findall(block))
        if fields.get("jobid") not in finished:
            wildcards = dict(pair.split("=", 1) for pair in fields.get("wildcards", "").split(", ") if "=" in pair)
            asked = dict(pair.split("=", 1) for pair in fields.get("resources", "").split(", ") if "=" in pair)
            found[_key(rule, wildcards)] = (asked, reason or said.get(rule, ""), path)
    return found


def _members(part):
    return list(part) if hasattr(part, "__iter__") else [part]


def _key(rule: str, wildcards: dict) -> tuple:
    return rule, *((name, wildcards[name]) for name in RECORDING if name in wildcards)


def _sentence(key, asked: dict, reason: str, log) -> str:
    rule, *labels = key
    who = " ".join(f"{name}-{value}" for name, value in labels if name != "variant") or "the study"
    who += f" (variant {dict(labels)['variant']})" if "variant" in dict(labels) else ""
    at = f"; its log: {log}" if log else ""
    if reason == "time":
        more = 4 * int(asked["runtime"]) if asked.get("runtime", "").isdigit() else "MINUTES"
        return (
            f"{rule} of {who} was ended because it took longer than the {asked.get('runtime', '?')} minutes that it had"
            f" asked for; give it more with --set-resources {rule}:runtime={more}{at}"
        )
    if reason == "memory":
        more = 4 * int(asked["mem_mb"]) if asked.get("mem_mb", "").isdigit() else "MEGABYTES"
        return (
            f"{rule} of {who} was ended because it needed more than the {asked.get('mem_mb', '?')} MB that it had asked"
            f" for; give it more with --set-resources {rule}:mem_mb={more}{at}"
        )
    return f"{rule} of {who} failed{': ' + reason if reason else ''}{at}"
