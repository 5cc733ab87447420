"""How a run ended: which recordings could not be used, what the terminal says last, and the exit status."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..derivatives import files

LEFT_OUT = 3  # exit status of a run that is complete but for recordings that could not be used
MOST = 10  # failed jobs that are named
LABELS = ("sub", "ses", "run", "site")


@dataclass(frozen=True)
class Lost:
    """What one variant excluded as a whole; recordings by (sub, ses, run, site), without site for a whole run.

    `unusable` and `doubtful` hold rows of its `excluded.tsv`, `gone` the names of all, whatever the reason; `used`
    holds the names of the doubts about recordings that were used all the same, `slight` those without a consequence.
    """

    table: Path
    unusable: dict
    gone: frozenset
    doubtful: dict = field(default_factory=dict)
    used: dict = field(default_factory=dict)
    slight: dict = field(default_factory=dict)


def lost(results, variants) -> list[Lost]:
    """What the variants excluded, from the tables `excluded.tsv` of an earlier or this run; none without a table."""
    found = []
    for name in variants:
        table = Path(results) / name / "excluded.tsv"
        if table.is_file() and table.stat().st_size:
            whole = {_key(row): row for row in files.read_table(table) if np.isnan(row["n_volumes"])}
            unusable, doubtful = (
                {key: row for key, row in whole.items() if row.get("kind") == kind} for kind in ("unusable", "doubtful")
            )
            told = table.parent / "group" / "doubts.tsv"
            used, slight = (_doubts_by_recording(told, kind) for kind in ("used", "told"))
            found.append(Lost(table, unusable, frozenset(whole), doubtful, used, slight))
    return found


def _doubts_by_recording(table: Path, consequence: str) -> dict:
    """Names of the doubts of one consequence about each recording."""
    found: dict = {}
    if table.is_file() and table.stat().st_size:
        for row in files.read_table(table):
            if row["consequence"] == consequence:
                found.setdefault(_key(row), []).append(row["doubt"])
    return found


def _key(row: dict) -> tuple:
    return tuple(row[label] for label in LABELS)


def _in(row: dict, keys) -> tuple | None:
    """The name under which a row of the sheet is listed: its own, or that of its run."""
    key = _key(row)
    return next((name for name in (key, (*key[:-1], "")) if name in keys), None)


def missed(found: list[Lost], rows: list[dict]) -> list[dict]:
    """Rows of the sheet that one or more variants could not use."""
    return [row for row in rows if any(_in(row, of.unusable) for of in found)]


def doubted(found: list[Lost], rows: list[dict]) -> list[dict]:
    """Rows of the sheet that one or more variants excluded because they are in doubt."""
    return [row for row in rows if any(_in(row, of.doubtful) for of in found)]


def nothing_left(found: list[Lost], rows: list[dict]) -> bool:
    """Whether no variant has any recording, and not for the sheet's or a criterion's sake alone."""
    return bool(missed(found, rows) or doubted(found, rows)) and all(_in(row, of.gone) for of in found for row in rows)


def status(strictness: str, found: list[Lost], rows: list[dict]) -> int:
    """Exit status of a run whose jobs all ended well.

    Parameters
    ----------
    strictness : {"exclude", "accept", "stop"}
    found : list of Lost
    rows : list of dict
        Those of the sheet that were meant: neither excluded there nor by `select`.

    Returns
    -------
    status : int
        0 where every recording could be used and none was excluded for a doubt, or `accept` was set and some are left;
        1 under `stop`, which asks for a run without; otherwise 3.
    """
    if not (missed(found, rows) or doubted(found, rows)) or (strictness == "accept" and not nothing_left(found, rows)):
        return 0
    return 1 if strictness == "stop" else LEFT_OUT


def sentence(strictness: str, found: list[Lost], rows: list[dict]) -> str:
    """What the terminal says last; empty where every recording could be used, and none is in doubt."""
    texts = [_of_slight_doubts(found, rows), _of_doubts(strictness, found, rows), _of_unusable(strictness, found, rows)]
    return "\n".join(text for text in texts if text)


def _of_slight_doubts(found: list[Lost], rows: list[dict]) -> str:
    """How many of the recordings that are in no severe doubt are in a slight one, and how many in which."""
    names: dict = {}
    for row in rows:
        key = _key(row)
        if not any(_in(row, of.gone) or key in of.used for of in found):
            for name in {name for of in found for name in of.slight.get(key, [])}:
                names.setdefault(name, set()).add(key)
    if not names:
        return ""
    listed = ", ".join(f"{name} {len(of)}" for name, of in sorted(names.items()))
    n = len(set().union(*names.values()))
    table = found[0].table.parent / "group" / "doubts.tsv"
    return f"{n} of {len(rows)} recordings {'has' if n == 1 else 'have'} slight doubts ({listed}); reasons in {table}."


def _of_doubts(strictness: str, found: list[Lost], rows: list[dict]) -> str:
    """How many recordings are in doubt, which, why, and what became of them."""
    gone, kept = doubted(found, rows), [row for row in rows if any(_key(row) in of.used for of in found)]
    texts = []
    for bad, what in ((gone, "excluded"), (kept, "used")):
        if not bad:
            continue
        names = [_doubts_about(row, found, what) for row in bad]
        which = "; ".join(
            "sub-{sub} ses-{ses} run-{run} {site}".format(**row) + f" ({', '.join(of)})"
            for row, of in list(zip(bad, names, strict=True))[:MOST]
        )
        more = f" and {len(bad) - MOST} more" if len(bad) > MOST else ""
        n, table = len(bad), found[0].table.parent / "group" / "doubts.tsv"
        became = f"is in doubt and was {what}" if n == 1 else f"are in doubt and were {what}"
        texts.append(f"{n} of {len(rows)} recordings {became} (run.on_doubtful): {which}{more}; reasons in {table}.")
    if gone and not missed(found, rows):
        if nothing_left(found, rows):
            texts.append("No recording is left; every table is empty.")
        elif strictness == "exclude":
            texts.append(f"Exit status {LEFT_OUT}; with run.on_bad_recording: accept it would be 0.")
    return " ".join(texts)


def _doubts_about(row: dict, found: list[Lost], what: str) -> list[str]:
    """Names of the doubts for which a row was excluded, or that it was used with."""
    if what == "used":
        return list(dict.fromkeys(name for of in found for name in of.used.get(_key(row), [])))
    reasons = [of.doubtful[key]["reason"] for of in found if (key := _in(row, of.doubtful))]
    told = [match for text in reasons for match in re.findall(r"in doubt \(([a-z_, ]+)\)", text)[:1]]
    return list(dict.fromkeys(name for names in told for name in names.split(", "))) or ["doubtful"]


def _of_unusable(strictness: str, found: list[Lost], rows: list[dict]) -> str:
    """How many recordings could not be used, and where they are listed."""
    bad = missed(found, rows)
    if not bad:
        return ""
    n, one = len(bad), len(bad) == 1
    first = [next((of, key) for of in found if (key := _in(row, of.unusable))) for row in bad]
    steps = [of.unusable[key]["step"] for of, key in first]
    at = ", ".join(f"{step} {steps.count(step)}" for step in dict.fromkeys(steps))
    # One table where one holds them all, else each that is needed.
    tables = " and ".join(dict.fromkeys(str(of.table) for of, _ in first))
    listed = f"{'it is' if one else 'they are'} listed with step and reason in {tables}."
    if nothing_left(found, rows):
        text = f"No recording is left: {n} of {len(rows)} could not be used ({at}); {listed} Every table is empty."
    else:
        alike = len({frozenset(of.unusable) for of in found}) == 1
        where = "" if alike else " from one or more variants"
        text = f"{n} of {len(rows)} recordings {'was' if one else 'were'} excluded{where} because"
        text += f" {'it' if one else 'they'} could not be used ({at}); {listed} Everything else is complete."
    if strictness == "stop":
        return f"{text} run.on_bad_recording is `stop`: fix the recordings listed, or exclude them in the sheet."
    if strictness == "exclude" and not nothing_left(found, rows):
        return f"{text} Exit status {LEFT_OUT}; with run.on_bad_recording: accept it would be 0."
    return text


def failures(folder, since: float) -> list[tuple[Path, str]]:
    """Jobs that did not end well, from their own logs: Snakemake's names none where it is asked to be quiet.

    Parameters
    ----------
    folder : path
        Of the logs.
    since : float
        Start of the run, seconds of the epoch; older logs are of earlier runs.

    Returns
    -------
    failed : list of (log, last line)
        A job that ended well says so in its last line; of others it names the error.
    """
    found = []
    for log in sorted(Path(folder).rglob("*.log")):
        if log.stat().st_mtime >= since:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() or [""]
            if lines[-1] != "done" and not any(line.startswith("excluded at ") for line in lines):
                found.append((log, lines[-1]))
    return found


def last_words(failed: list[tuple[Path, str]]) -> str:
    """What the terminal says last where jobs failed."""
    if not failed:
        return ""
    lines = [f"{len(failed)} job{'s' if len(failed) > 1 else ''} failed; what does not rest on them is complete:"]
    lines += [f"  {log}\n    {line}" for log, line in failed[:MOST]]
    lines += [f"  and {len(failed) - MOST} more"] if len(failed) > MOST else []
    return "\n".join(
        [
            *lines,
            "No recording was excluded for this. Fix the cause, or exclude the recording by the column `exclude` of the"
            " sheet, and run the same command again: what is complete stays.",
        ]
    )
