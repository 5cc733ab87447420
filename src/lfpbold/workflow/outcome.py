"""How a run ended: which recordings could not be used, what the terminal says last, and the exit status."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..derivatives import files

LEFT_OUT = 3  # exit status of a run that is complete but for recordings that could not be used
MOST = 10  # failed jobs that are named
LABELS = ("sub", "ses", "run", "site")


@dataclass(frozen=True)
class Lost:
    """What one variant excluded as a whole; recordings by (sub, ses, run, site), without site for a whole run.

    `unusable` holds rows of its `excluded.tsv`, `gone` the names of all, whatever the reason.
    """

    table: Path
    unusable: dict
    gone: frozenset


def lost(results, variants) -> list[Lost]:
    """What the variants excluded, from the tables `excluded.tsv` of an earlier or this run; none without a table."""
    found = []
    for name in variants:
        table = Path(results) / name / "excluded.tsv"
        if table.is_file() and table.stat().st_size:
            whole = {_key(row): row for row in files.read_table(table) if np.isnan(row["n_volumes"])}
            unusable = {key: row for key, row in whole.items() if row.get("kind") == "unusable"}
            found.append(Lost(table, unusable, frozenset(whole)))
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


def nothing_left(found: list[Lost], rows: list[dict]) -> bool:
    """Whether no variant has any recording, and not for the sheet's or a criterion's sake alone."""
    return bool(missed(found, rows)) and all(_in(row, of.gone) for of in found for row in rows)


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
        0 where every recording could be used, or `accept` was set and some are left; 1 under `stop`, which asks for a
        run without; otherwise 3.
    """
    if not missed(found, rows) or (strictness == "accept" and not nothing_left(found, rows)):
        return 0
    return 1 if strictness == "stop" else LEFT_OUT


def sentence(strictness: str, found: list[Lost], rows: list[dict]) -> str:
    """What the terminal says last; empty where every recording could be used."""
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
