"""A condition is a state and a task: which rows of the sheet are evoked, and what their group is called."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..errors import InputError
from ..recordings.bids import parse

REST = "rest"
NONE = "none"  # in the column `events`: a file beside the BOLD that is not to be used


def with_task(row: dict, path: Path, where: str) -> dict:
    """The row with its task, its events, and the state by which it is grouped.

    Parameters
    ----------
    row : dict
        Cells of the sheet, `bold` as an absolute path (of an excluded row as it stands there).
    path : Path
        The sheet.
    where : str
        Start of messages.

    Returns
    -------
    row : dict
        `task`; `events`, an absolute path, empty at rest; `own_state`, that of the sheet, by which motion is judged;
        and `state`, which for every task but rest is state and task together (`sedatedWhisker`), so that no group ever
        holds two tasks.

    Raises
    ------
    InputError
        For a label that is none, and for events of a run that is called rest.
    """
    excluded = bool(row.get("exclude"))
    events = "" if excluded else _events(row, path)
    task = row.get("task") or (_task_of_name(row["bold"]) if events else "") or REST
    if not re.fullmatch(r"[0-9A-Za-z]+", task):
        raise InputError(f"{where}: task is `{task}`; a label has only letters and digits, at least one")
    if events and task == REST:
        raise InputError(
            f"{where}: has events ({Path(events).name}), so that it is not at rest; name its task in the column `task`,"
            f" or write `{NONE}` in the column `events`"
        )
    state = row["state"] if task == REST else row["state"] + task[0].upper() + task[1:]
    return row | {"task": task, "events": events, "own_state": row["state"], "state": state}


def _events(row: dict, path: Path) -> str:
    """The events of a run: those that the sheet names, else `…_events.tsv` beside its BOLD, as BIDS has it."""
    named = row.get("events", "")
    if named == NONE:
        return ""
    if named:
        return os.path.normpath(path.resolve().parent / named)
    bold = Path(row["bold"])
    stem = bold.name.removesuffix(".gz").removesuffix(".nii")
    beside = bold.with_name(stem.removesuffix("_bold") + "_events.tsv")
    return str(beside) if stem.endswith("_bold") and beside.is_file() else ""


def _task_of_name(bold: str) -> str:
    named = parse(bold)
    return named.entities.get("task", "") if named else ""


def refuse_same_names(rows: list[dict]) -> None:
    """Refuse a state whose name is that of another state and task together, and a task that has events in some runs."""
    seen: dict = {}
    for row in rows:
        if row.get("exclude"):
            continue
        first = seen.setdefault(row["state"], row)
        if (first["own_state"], first["task"] == REST) != (row["own_state"], row["task"] == REST):
            raise InputError(
                f"{row['where']}: state {row['own_state']} with task {row['task']} has the name of state"
                f" {first['own_state']} with task {first['task']} ({row['state']}); rename one of them"
            )
        if bool(first["events"]) != bool(row["events"]):
            without, other = (row, first) if first["events"] else (first, row)
            raise InputError(
                f"{without['where']}: has no events, though {other['where']} of the same task has; name them in the"
                " column `events`, or exclude one"
            )
