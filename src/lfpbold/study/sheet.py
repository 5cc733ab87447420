"""Reads the sample sheet, `recordings.tsv`: one row per electrode site and fMRI run."""

from __future__ import annotations

import contextlib
import csv
import difflib
import math
import os
import re
from collections import Counter
from pathlib import Path

from ..errors import InputError, printable
from ..recordings.absent import absence, hint
from ..recordings.bids import parse
from ..recordings.options import USUAL_TRIGGER
from ..recordings.special_files import special_kind
from . import spelling
from .same_files import refuse_same_files
from .settings import schema
from .suggestion import suggestion

REST = "rest"
NONE = "none"  # in the column `events`: a file beside the BOLD that is not to be used
COLUMNS = ("sub", "ses", "run", "state", "site", "bold", "lfp", "channels", "scan_start_s", "exclude", "task", "events")
REQUIRED = ("sub", "ses", "run", "state", "site", "bold", "lfp")
LABELS = ("sub", "ses", "run", "state", "site")
# Columns that override a setting of the config's section `input`, with their part of its schema.
INPUT_COLUMNS = schema.columns()
# What must be the same in every row of one run.
OF_RUN = ("bold", "state", "events", *(name for name, part in INPUT_COLUMNS.items() if part["x-column"] == "run"))
KNOWN = (*COLUMNS, *INPUT_COLUMNS, "date")
LONGEST_LABEL, LONGEST_NAME = 32, 255  # letters of a label, which names files; bytes that a file's name may have


def read_sheet(path, settings: dict) -> list[dict]:
    """Read and validate the sheet.

    Parameters
    ----------
    path : path
        Tab-separated, with a header; `bold` and `lfp` are relative to it.
    settings : dict
        Resolved configuration: known sites, and the defaults of the `input` columns.

    Returns
    -------
    rows : list of dict
        Every row that is not excluded has `bold` and `lfp` as absolute paths, `channels` as a list, `scan_start_s`
        as a number or None, `exclude` as text, `input` as the row's own input settings, `where` for messages, and what
        `with_task` adds.

    Raises
    ------
    InputError
        Naming the row and what to do.
    """
    path = Path(path)
    if kind := special_kind(path):
        raise InputError(f"{path}: is {kind}, not a sheet; set `recordings` in the config to a .tsv file")
    folder = path.resolve().parent
    rows = [_row(raw, path, folder, number, settings) for number, raw in _records(path)]
    if not rows:
        raise InputError(f"{path}: has no recordings; add a row per electrode site and fMRI run")
    _refuse_duplicates(rows)
    refuse_same_names(rows)
    refuse_same_files(rows)
    return rows


def _records(path: Path):
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter="\t", strict=True)
            header = next(reader, [])
            _check_header(path, header)
            names = [spelling.trimmed(name) for name in header]
            for cells in reader:
                record = dict(zip(names, map(spelling.trimmed, cells), strict=False))
                if not any(map(spelling.trimmed, cells)):
                    continue
                where = f"{path}, line {reader.line_num}"
                if any(map(spelling.trimmed, cells[len(names) :])):
                    raise InputError(f"{where}: has more cells than the header; remove the extra tab")
                if [record.get(name) for name in REQUIRED] == list(REQUIRED):
                    raise InputError(f"{where}: repeats the header (sheets were put together); remove this line")
                if record.pop("", ""):
                    raise InputError(f"{where}: has a cell below an empty heading; give the column a name")
                yield reader.line_num, dict.fromkeys(names, "") | record
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such sheet; set `recordings` in the config to an existing one") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not UTF-8 text; save it as tab-separated UTF-8") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror}); check its read permission") from None
    except csv.Error as error:
        raise InputError(f"{path}: not readable as tab-separated text ({error}); save it as .tsv") from None


def _check_header(path, header) -> None:
    repeated = [name for name, n in Counter(map(spelling.trimmed, header)).items() if n > 1 and name]
    if repeated and repeated[0] not in KNOWN:
        raise InputError(f"{path}: the column `{sorted(repeated)[0]}` is duplicated; rename or remove one")
    exact = [name for name, n in Counter(header).items() if n > 1 and name in KNOWN]
    if exact:
        raise InputError(f"{path}: the column `{sorted(exact)[0]}` is duplicated; rename or remove one")
    for column in REQUIRED:
        if column not in header:
            others = [name[:100] for name in header[:1000] if name not in COLUMNS]
            near = [name for name in others if spelling.canonical(name) == column]
            near = near or difflib.get_close_matches(column, others, n=1)
            hint = f"rename `{near[0]}`" if near else "add it (columns are separated by tabs)"
            raise InputError(f"{path}: the column `{column}` is missing; {hint}")
    # Columns of the user's own are kept and ignored; one that is nearly a known one would be missed in silence.
    optional = [name for name in KNOWN if name not in REQUIRED]
    for column in [name[:100] for name in header[:1000] if name not in KNOWN and spelling.trimmed(name)]:
        if meant := spelling.meant_column(column, KNOWN, optional):
            raise InputError(
                f"{path}: the column `{column}` is not known; did you mean `{meant}`?"
                " Rename it (a column of your own needs a name that is less like it)"
            )


def _row(raw: dict, path: Path, folder: Path, number: int, settings: dict) -> dict:
    where = f"{path.name}, line {number}"
    spelling.require_typed(raw, KNOWN, where)
    row = {key: "" if key in KNOWN and _says_nothing(key, text, settings) else text for key, text in raw.items()}
    row |= {"where": where, "exclude": spelling.exclusion(raw.get("exclude", ""), where)}
    for name in LABELS:
        if not re.fullmatch(r"[0-9A-Za-z]+", row[name]):
            raise InputError(
                f"{where}: {name} is `{raw[name]}`; a label has only letters and digits, at least one"
                f"{_label_hint(raw[name])}"
            )
        if len(row[name]) > LONGEST_LABEL:
            raise InputError(
                f"{where}: {name} is `{row[name]}`; a label has at most {LONGEST_LABEL} letters, shorten it"
            )
    if row.get("exclude"):  # the rest of an excluded row may be incomplete
        row = with_task(row, path, where)
        return row | {"channels": [], "scan_start_s": None, "input": dict(settings["input"]), "line": number}
    if row["state"] not in settings["states"] and "default" not in settings["states"]:
        hint = suggestion(row["state"], settings["states"], "add it, or a `default`")
        raise InputError(f"{where}: the state `{row['state']}` is not under `states` in the config; {hint}")
    if row["site"] not in settings["sites"]:
        hint = suggestion(row["site"], settings["sites"], "sites are {known}")
        raise InputError(
            f"{where}: the site `{row['site']}` is not under `sites` in the config; {hint}; add it there with its seed"
        )
    for name in ("bold", "lfp"):
        if not row[name]:
            raise InputError(f"{where}: `{name}` is empty; give a path relative to {path.name}, or remove the row")
        if set(row[name]) & set("<>{}"):
            raise InputError(
                f"{where}: `{name}` contains one of < > {{ }}, which Snakemake would interpret; rename the file"
            )
        if printable(row[name]) != row[name] or set(row[name]) & set("\n\t"):
            raise InputError(
                f"{where}: `{name}` is `{row[name]}`, which contains invisible characters; rename the file"
            )
        if any(len(part.encode()) > LONGEST_NAME for part in row[name].split("/")) or len(row[name]) > 3000:
            raise InputError(f"{where}: `{name}` is longer than a file name may be; correct it")
        row[name] = os.path.normpath(folder / row[name])
    row = with_task(row, path, where)
    row["channels"] = [c.strip() for c in row.get("channels", "").split(",") if c.strip()]
    row["scan_start_s"] = _number(row, "scan_start_s", where)
    row["input"] = _input(row, where, settings)
    # Later messages name the recording, not the line: a job must not change when a row is added above it.
    row["line"] = number
    task = f" task-{row['task']}" if row["task"] != REST else ""
    row["where"] = "{}: sub-{sub} ses-{ses}{} run-{run} site {site}".format(path.name, task, **row)
    return row


def _says_nothing(name: str, text: str, settings: dict) -> bool:
    """Whether a cell is empty or says so, unless that is the name of a site, of a state, or `none` in `events`."""
    known = {"site": settings["sites"], "state": settings["states"], "events": (NONE,)}.get(name, ())
    return spelling.is_empty(text) and text not in known


def _label_hint(text: str) -> str:
    if not text:
        return " (merged cells of a spreadsheet are empty but for the first; fill each)"
    if spelling.is_empty(text):
        return ", and this word means that there is none; rename it"
    if re.fullmatch(r"\d+\.0+", text):
        return f"; write {text.split('.')[0]}"
    return ""


def _input(row: dict, where: str, settings: dict) -> dict:
    chosen = dict(settings["input"])
    for name, part in INPUT_COLUMNS.items():
        choices, kinds = part.get("enum"), part.get("type", "string")
        if row.get(name):
            chosen[name] = row[name] if "string" in kinds else _number(row, name, where)
        if choices and chosen[name] not in choices:
            raise InputError(f"{where}: {name} is `{chosen[name]}`; choose one of {', '.join(choices)}")
    # What the sheet names must be in the file; what the config names, unless the row states the start instead.
    config_names = settings["input"]["trigger"] != USUAL_TRIGGER and row["scan_start_s"] is None
    chosen["trigger_named"] = bool(row.get("trigger")) or config_names
    if isinstance(chosen["lfp_fs_hz"], str):  # a number in text, or the name of a variable
        if hint := spelling.number_hint(chosen["lfp_fs_hz"]):
            raise InputError(f"{where}: lfp_fs_hz is `{chosen['lfp_fs_hz']}`{hint}")
        with contextlib.suppress(ValueError):
            chosen["lfp_fs_hz"] = float(chosen["lfp_fs_hz"])
    for name, part in INPUT_COLUMNS.items():
        if isinstance(chosen[name], int | float):
            _require_allowed(chosen[name], part, f"{where}: {name}")
    chosen["dummy_volumes"] = int(chosen["dummy_volumes"])
    return chosen


def _require_allowed(value: float, part: dict, where: str) -> None:
    """Refuse a number that the schema of a setting does not allow."""
    if where.endswith(" tr_s") and value > part["maximum"]:
        raise InputError(f"{where} is {value:g}, probably milliseconds; give seconds")
    if where.endswith(" lfp_fs_hz") and 0 < value < part["minimum"]:
        raise InputError(f"{where} is {value:g}, probably a period; give the rate in Hz ({1 / value:g})")
    if value == 0 and "not" in part:
        raise InputError(f"{where} must not be 0; give another number")
    whole = "integer" not in part["type"] or float(value).is_integer()
    above = part.get("minimum", -math.inf) <= value and part.get("exclusiveMinimum", -math.inf) < value
    if not (whole and above and value <= part.get("maximum", math.inf)):
        raise InputError(f"{where} is {value:g}; allowed: {schema.allowed(part)}")


def _number(row: dict, name: str, where: str) -> float | None:
    text = row.get(name) or ""
    if not text:
        return None
    value = spelling.number(text)
    if not abs(value) < 1e9:
        way_out = spelling.number_hint(text) or "; correct it or leave it empty"
        raise InputError(f"{where}: {name} is `{text}`, which is not a number below 10⁹{way_out}")
    return value


def with_task(row: dict, path: Path, where: str) -> dict:
    """The row with its task, its events, and the state by which it is grouped.

    Parameters
    ----------
    row : dict
        Cells of the sheet, `bold` as an absolute path (of an excluded row as it is written).
    path : Path
        The sheet.
    where : str
        Start of messages.

    Returns
    -------
    row : dict
        `task`; `events`, an absolute path, empty at rest; `own_state`, that of the sheet, by which motion is judged;
        and `state`, which for every task but rest is state and task together (`sedatedWhisker`), so that no group ever
        has two tasks.

    Raises
    ------
    InputError
        For a label that is not valid, and for events of a run that is called rest.
    """
    excluded = bool(row.get("exclude"))
    events = "" if excluded else _events(row, path)
    task = row.get("task") or (_task_of_name(row["bold"]) if events else "") or REST
    if not re.fullmatch(r"[0-9A-Za-z]+", task):
        raise InputError(f"{where}: task is `{task}`; a label has only letters and digits, at least one")
    if events and task == REST:
        raise InputError(
            f"{where}: has events ({Path(events).name}), so it is not at rest; name its task in the column `task`,"
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
                f"{row['where']}: state {row['own_state']} with task {row['task']} has the same name as state"
                f" {first['own_state']} with task {first['task']} ({row['state']}); rename one of them"
            )
        if bool(first["events"]) != bool(row["events"]):
            without, other = (row, first) if first["events"] else (first, row)
            raise InputError(
                f"{without['where']}: has no events, although {other['where']} of the same task has; name them in the"
                " column `events`, or exclude one"
            )


def _refuse_duplicates(rows: list[dict]) -> None:
    seen: dict = {}
    runs: dict = {}
    spellings: dict = {}
    for row in rows:
        if row["exclude"]:
            continue
        for name in ("task", *LABELS):
            first = spellings.setdefault((name, spelling.without_leading_zeros(row[name])), row[name])
            if first != row[name]:
                alike = first.lower() == row[name].lower()
                why = "which some file systems do not distinguish" if alike else "which differ only in leading zeros"
                raise InputError(
                    f"{row['where']}: {name} is `{row[name]}` here and `{first}` above, {why}; write both alike, or"
                    " rename one"
                )
        key = (row["sub"], row["ses"], row["task"], row["run"], row["site"])
        if key in seen:
            raise InputError(
                f"{row['where']}: line {row['line']} repeats line {seen[key]}; remove one of them or change its labels"
            )
        seen[key] = row["line"]
        first = runs.setdefault(key[:4], row)
        for name in OF_RUN:
            here, there = (r["input"][name] if name in r["input"] else r[name] for r in (row, first))
            if here != there:
                raise InputError(
                    f"{row['where']}: has another {name} than {first['where']}, although both are sub-{key[0]} "
                    f"ses-{key[1]} run-{key[3]}; one run has one {name}"
                )


def without_missing(rows: list[dict], on_bad_recording: str) -> list[dict]:
    """Refuse rows whose files do not exist, or, where bad recordings are excluded, mark them so.

    Parameters
    ----------
    rows : list of dict
        From `read_sheet`.
    on_bad_recording : {"exclude", "accept", "stop"}

    Returns
    -------
    rows : list of dict
        A row without its file has the reason under `exclude`, and `unusable`.

    Raises
    ------
    InputError
        For the first missing file, when bad recordings stop the run or when no row is left.
    """
    checked = [row | _missing(row) for row in rows]
    lost = [row for row in checked if row.get("unusable")]
    if lost and (on_bad_recording == "stop" or all(row["exclude"] for row in checked)):
        column, path = next((name, lost[0][name]) for name in _named(lost[0]) if not Path(lost[0][name]).exists())
        others = f" ({len(lost)} rows name files that do not exist)" if len(lost) > 1 else ""
        remedy = f"correct `{column}` in the sheet (relative to the sheet)"
        raise InputError(f"{lost[0]['where']}: {absence(Path(path), remedy)}{others}")
    return checked


def _missing(row: dict) -> dict:
    """Marks of a row whose file does not exist; nothing for others."""
    name = next((name for name in _named(row) if not row["exclude"] and not Path(row[name]).exists()), None)
    if not name:
        return {}
    path = Path(row[name])
    if path.is_symlink() or "\\" in str(path):
        return {"exclude": absence(path, ""), "unusable": True}
    return {"exclude": f"there is no file {path.name}{hint(path)}", "unusable": True}


def _named(row: dict) -> tuple:
    """Columns that name files which must exist."""
    return ("bold", "lfp", *(["events"] if row["events"] else []))
