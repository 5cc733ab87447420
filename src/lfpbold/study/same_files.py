"""Refuses a sheet that uses the same recording twice: for two animals, two runs, or two sites."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import InputError

ALL, EACH = "\0all", "\0each"  # channels: a row that names none, and whatever a row names


def refuse_same_files(rows: list[dict]) -> None:
    """Refuse rows that name the same file, by whatever path, for what must be different data.

    One BOLD file belongs to one run, whose sites share it. One LFP file may hold several sites (in channels or series
    of their own) and several runs of one animal (at starts or triggers of their own).

    Parameters
    ----------
    rows : list of dict
        Of the sheet; those that are excluded do not count.

    Raises
    ------
    InputError
        Naming both rows.
    """
    of_bold: dict = {}
    of_lfp: dict = {}
    for row in rows:
        if row["exclude"]:
            continue
        first = of_bold.setdefault(os.path.realpath(row["bold"]), row)
        if run_of(first) != run_of(row):
            raise InputError(
                f"{row['where']}: its BOLD is the file of line {first['line']} ({Path(first['bold']).name}),"
                f" which is another {_difference(first, row)}; correct `bold` in one of them"
            )
        _refuse_same_lfp(of_lfp, row)


def run_of(row: dict) -> tuple:
    """What names a run."""
    return tuple(row[name] for name in ("sub", "ses", "task", "run"))


def share_channels(first: dict, second: dict) -> bool:
    """Whether two rows of one LFP file take channels of the same name; none named means all."""
    return not first["channels"] or not second["channels"] or bool(set(first["channels"]) & set(second["channels"]))


def _difference(first: dict, second: dict) -> str:
    names = {"sub": "animal", "ses": "session", "task": "task", "run": "run"}
    return next(text for name, text in names.items() if first[name] != second[name])


def _refuse_same_lfp(seen: dict, row: dict) -> None:
    """Compare a row with those before that take the same channels of its file; none named means all."""
    file = os.path.realpath(row["lfp"]), row["input"]["lfp_variable"]
    start = row["scan_start_s"]
    place = start if start is not None else (row["input"]["trigger"], row["input"]["extra_triggers"])
    # Of each of these the rows of one file and channel must not be alike, or, the animal, must be.
    for what, value, must_differ in (("sub", row["sub"], False), ("run", run_of(row), True), ("place", place, True)):
        for channel in row["channels"] or [EACH]:
            for other in (channel, ALL) if channel != EACH else (EACH,):
                known = seen.get((file, what, other), {})
                same = known.get(value) if must_differ else next((r for v, r in known.items() if v != value), None)
                if same is not None:
                    raise InputError(_same_lfp(what, same, row))
        for channel in (EACH, *(row["channels"] or [ALL])):
            seen.setdefault((file, what, channel), {}).setdefault(value, row)


def _same_lfp(what: str, first: dict, second: dict) -> str:
    where = f"{second['where']}: its LFP is that of line {first['line']} ({Path(first['lfp']).name})"
    if what == "sub":
        return f"{where}, which is another animal; correct `lfp` in one of them"
    if what == "run":
        return f"{where}, of another site, in the same channels; name the channels of each site in `channels`"
    return (
        f"{where}, of another {_difference(first, second)}, and both scans would be found at the same place; give each"
        " row its scan_start_s"
    )
