"""Reads a BIDS `events.tsv`: what was presented during a run, and what is wrong with it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..evoked.glm import Events
from . import bids


def read_events(path, where: str, *, n_volumes: int, tr_s: float, dummy_volumes: int = 0, task: str = "") -> Events:
    """Events of a run on the time of its first volume that is analysed.

    Parameters
    ----------
    path : path
        Columns `onset` and `duration` in s, the onset counted from the start of the first volume in the file, and
        `trial_type`; without the last all events are of one type.
    where : str
        Row of the sheet, for messages.
    n_volumes : int
        Volumes that are analysed.
    tr_s : float
    dummy_volumes : int
        Volumes before these in the file.
    task : str
        Name of the trial type where the file names none.

    Returns
    -------
    events : Events
        In the order of their onsets; onsets of events during the dummy volumes are negative.

    Raises
    ------
    InputError
        Naming the line and the way out.
    """
    path = Path(path)
    where = f"{where}: {path.name}"
    if not path.is_file():
        raise InputError(f"{where}: there is no file {path}; correct `events` in the sheet (relative to the sheet)")
    rows = bids.read_tsv(path)
    if not rows:
        raise InputError(f"{where}: holds no events; add them, or write `none` in the column `events`")
    for column in ("onset", "duration"):
        if column not in rows[0]:
            raise InputError(f"{where}: has no column `{column}`; BIDS asks for onset and duration, separated by tabs")
    scan_s = (n_volumes + dummy_volumes) * tr_s
    events = [
        _event(row, f"{where}, line {line}", scan_s, task or "stimulus") for line, row in enumerate(rows, start=2)
    ]
    events.sort(key=lambda event: event[:2])
    _refuse_overlap(events, where)
    onsets, durations, kinds = zip(*events, strict=True)
    return Events(np.array(onsets) - dummy_volumes * tr_s, np.array(durations), list(kinds))


def trial_types(path, task: str) -> set[str]:
    """Trial types of a file as they stand there; empty for one that cannot be read, which `read_events` refuses."""
    try:
        return {row.get("trial_type", task) for row in bids.read_tsv(path)}
    except InputError:
        return set()


def row_events(row: dict, n_volumes: int, tr_s: float) -> Events:
    """Events of a run by its row of the sheet."""
    dummies, task = row["input"]["dummy_volumes"], row["task"]
    return read_events(row["events"], row["where"], n_volumes=n_volumes, tr_s=tr_s, dummy_volumes=dummies, task=task)


def _event(row: dict, where: str, scan_s: float, only_kind: str) -> tuple[float, float, str]:
    onset, duration = (_seconds(row, name, where) for name in ("onset", "duration"))
    kind = row.get("trial_type", only_kind)
    if not kind:
        raise InputError(f"{where}: trial_type is empty; name the condition, or remove the line")
    if onset < 0:
        raise InputError(
            f"{where}: onset is {onset:g} s, before the first volume of the file, from which onsets count; correct it,"
            " or remove the line"
        )
    if onset >= scan_s:
        raise InputError(
            f"{where}: onset is {onset:g} s, but the scan ends at {scan_s:g} s; give seconds from the first volume of"
            " the file, or remove the line"
        )
    if duration < 0:
        raise InputError(f"{where}: duration is {duration:g} s; give 0 or more (0 for an impulse)")
    return onset, duration, kind


def _seconds(row: dict, name: str, where: str) -> float:
    text = row.get(name, "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        fault = f"is `{text}`" if text else "is empty or n/a"
        way = "; write 0 for an impulse" if name == "duration" else ""
        raise InputError(f"{where}: {name} {fault}; give a number of seconds{way}, or remove the line")
    return value


def _refuse_overlap(events: list[tuple], where: str) -> None:
    """Two events of one type at once would count twice."""
    ends: dict[str, tuple] = {}
    for onset, duration, kind in events:
        before = ends.get(kind)
        if before and onset < before[1] - 1e-9:
            raise InputError(
                f"{where}: `{kind}` begins at {onset:g} s while that of {before[0]:g} s lasts to {before[1]:g} s;"
                " shorten one, join them, or give them different trial types"
            )
        if before and onset == before[0]:
            raise InputError(f"{where}: `{kind}` at {onset:g} s is duplicated; remove one of the lines")
        ends[kind] = (onset, onset + duration)
