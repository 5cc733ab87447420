"""What follows from a doubt about a recording: `run.on_doubtful`, in the job that finds it and in later runs."""

from __future__ import annotations

from pathlib import Path

from ..derivatives import files, layout
from .plan import Plan

KIND = "doubtful"  # of what is excluded for it, as in `excluded.tsv`


def severe(doubts: list[dict]) -> list[dict]:
    """Those, of a sidecar's `Doubts`, for which a recording should not be used as it is."""
    return [doubt for doubt in doubts if doubt["Severity"] == "severe"]


def names_of(doubts: list[dict]) -> str:
    """Their names, each once."""
    return ", ".join(dict.fromkeys(doubt["Name"] for doubt in doubts))


def reason(doubts: list[dict]) -> str:
    """Why a recording is in doubt, in one sentence that begins with the names of the doubts."""
    texts = list(dict.fromkeys(doubt["Text"] for doubt in doubts))
    more = f"; and {len(texts) - 2} more" if len(texts) > 2 else ""
    return f"in doubt ({names_of(doubts)}): {'; '.join(texts[:2])}{more}"


def key_of(labels: dict) -> tuple:
    """What names a recording in a variant, of a row with `variant` or of wildcards."""
    return tuple(labels[name] for name in ("variant", "sub", "ses", "task", "run", "site"))


def judged_otherwise(plan: Plan, policy: str) -> set[tuple]:
    """Recordings, by `key_of`, in which a doubt had another consequence than it has by `run.on_doubtful` now.

    The setting is no parameter of a rule: where it changes, only these are computed again.
    """
    record = layout.of_rule("artefact")["lfp"]
    labelled = {
        key_of(row | {"variant": plan.owner(name, "artefact")}): row | {"variant": plan.owner(name, "artefact")}
        for name in plan.variants
        for row in plan.rows_of(name)
    }
    return {key for key, row in labelled.items() if _has_other(Path(record.at(plan.results, **row)), policy)}


def _has_other(path: Path, policy: str) -> bool:
    try:
        told = files.read_json(files.sidecar_path(path))
        doubted = bool(severe(told.get("Doubts", [])))
        excluded = (told.get("Excluded") or {}).get("Kind") == KIND
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return False  # not there, or not whole: computed anyway
    return doubted and (policy == "stop" or excluded != (policy == "exclude"))
