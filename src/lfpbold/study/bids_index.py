"""`lfpbold index`: from a BIDS dataset to the sample sheet."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..errors import InputError
from ..recordings import bids
from .sheet import COLUMNS, NONE, REST
from .spelling import without_leading_zeros

OPTIONAL = ("trigger", "task", "events")  # columns that are written only where a row has one
FOLDERS = ("ieeg", "eeg")  # `ecephys` (BEP032) on demand: it is not in the standard yet
READ = (".nwb", ".edf", ".bdf", ".vhdr", ".set", ".fif")
NO_SIGNAL = ("TRIG", "MISC", "EOG", "ECG", "EMG", "AUDIO", "PD", "EYEGAZE", "PUPIL", "REF", "SYSCLOCK", "ADC", "DAC")
TOGETHER = ("sub", "ses", "task", "run")  # entities by which BOLD and LFP of one run agree


@dataclass
class Index:
    """What was found: `rows` of the sheet, `skipped` files with the reason, `notes` to read."""

    rows: list = field(default_factory=list)
    skipped: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def skip(self, path, reason: str) -> None:
        """Skip a file and say why."""
        self.skipped.append({"file": str(path), "reason": reason})


def index(dataset, *, task: str = "rest", site: str = "", state: str = "", ecephys: bool = False) -> Index:
    """Find simultaneous recordings in a BIDS dataset.

    A run of BOLD is matched with the recordings of the folders `ieeg` and `eeg` that have its subject, session,
    task and run; one row per electrode site. Where no recording has a run label, the one that had begun last by
    `acq_time` (`scans.tsv`) is taken. The site is the recording's `acq` label; without one, the `group` of its
    channels (`channels.tsv`), a row each; without either, `site`. Bad channels are excluded, and a single channel
    of type TRIG becomes the trigger. The state is the column `state` of `scans.tsv` (the BOLD's row, else the
    recording's), of `sessions.tsv`, or of `participants.tsv`; without any, `state`, else `default`. Events of a run
    make it evoked (`sheet.with_task`). A column `scan_start_s` of `scans.tsv` is copied.

    Parameters
    ----------
    dataset : path
        Folder with `dataset_description.json`.
    task : str
        Runs of other tasks are skipped; empty for all.
    site, state : str
        Labels where the dataset has none.
    ecephys : bool
        Take the folder `ecephys` of BEP032 too.

    Returns
    -------
    listing : Index
        Paths of the rows are absolute.

    Raises
    ------
    InputError
        When the folder is not a dataset, or a table of it cannot be read.
    """
    root = Path(dataset).resolve()
    if not (root / "dataset_description.json").is_file():
        raise InputError(f"{dataset}: has no dataset_description.json; give the top folder of a BIDS dataset")
    listing, folders = Index(), (*FOLDERS, *(("ecephys",) if ecephys else ()))
    for subject in sorted(root.glob("sub-*")):
        for session in sorted(subject.glob("ses-*")) or [subject]:
            _session(root, session, folders, task, site, state, listing)
    if not ecephys and any(root.glob("sub-*/**/ecephys")):
        listing.notes.append("there are folders `ecephys`; --ecephys takes them (BEP032, which is not in BIDS yet)")
    _refuse_leading_zeros(listing.rows)
    if any(row["state"] == "default" for row in listing.rows):
        listing.notes.append("no state was found for some runs: add a column `state` to scans.tsv, or give --state")
    return listing


def _refuse_leading_zeros(rows: list[dict]) -> None:
    """Refuse labels that differ only in leading zeros, which the sheet could not hold."""
    spellings: dict = {}
    for row in sorted(rows, key=lambda row: len(row["assumed"])):
        assumed = row.pop("assumed")
        for name in ("sub", "ses", "run", "task"):
            label = row.get(name, "")
            if name in assumed:  # a label that the name lacks is spelt as where others have it
                row[name] = label = spellings.get((name, without_leading_zeros(label)), label)
            first = spellings.setdefault((name, without_leading_zeros(label)), label)
            if first != label:
                raise InputError(
                    f"the dataset has {name}-{first} and {name}-{label}, which differ only in leading zeros or capital"
                    " letters; rename the files so that one label has one spelling"
                )


def _session(root, folder, folders, task, site, state, listing: Index) -> None:
    bolds = [bids.parse(path) for path in sorted(folder.glob("func/*_bold.nii*"))]
    lfps = [named for kind in folders for named in _recordings(folder / kind, root, listing)]
    times, used = _scans(folder), set()
    for bold in bolds:
        reason = _no_use(bold, task)
        if bold is None or reason:
            listing.skip(_relative(bold.path, root), reason)
            continue
        partners = _partners(bold, lfps, times)
        if not partners:
            reason = f"no recording in {' or '.join(folders)} has its session, task and run"
            listing.skip(_relative(bold.path, root), _other_spelling(bold, lfps) or reason)
        for lfp in partners:
            used.add(lfp.path)
            _rows(root, bold, lfp, times, site, state, listing)
    for lfp in lfps:
        if lfp.path not in used:
            other = lfp.entities.get("task", "")
            text = (
                f"task-{other} was not asked for" if task and other not in ("", task) else "no BOLD run belongs to it"
            )
            listing.skip(_relative(lfp.path, root), text)


def _recordings(folder, root, listing: Index) -> list:
    """Recordings of a folder whose format can be read."""
    recordings = []
    for path in sorted(folder.glob("sub-*")):
        named = bids.parse(path)
        if (
            named is None
            or named.suffix != folder.name
            or named.extension in (".json", ".eeg", ".vmrk", ".fdt", ".tsv")
        ):
            continue
        if named.extension.lower() not in READ:
            listing.skip(_relative(path, root), f"recordings of type `{named.extension}` cannot be read")
            continue
        recordings.append(named)
    return recordings


def _no_use(bold, task: str) -> str:
    """Why an image is not analysed; empty where it is."""
    entities = bold.entities
    if task and entities.get("task") != task:
        return f"task-{entities.get('task', '')} was not asked for; choose another with --task"
    if entities.get("echo", "1") not in ("1", "01"):
        return "of several echoes the first is taken"
    if entities.get("part", "mag") != "mag":
        return f"part-{entities['part']} is not a magnitude image"
    return ""


def _scans(folder) -> dict:
    """Rows of the session's `scans.tsv` by file, relative to its folder."""
    tables = sorted(folder.glob("*_scans.tsv"))
    return {row["filename"]: row for table in tables for row in bids.read_tsv(table) if row.get("filename")}


def _partners(bold, lfps, times) -> list:
    """Recordings of a run: same labels; where labels leave a choice, the one that had begun when the run did."""
    wanted = {key: bold.entities.get(key) for key in TOGETHER}
    same = [lfp for lfp in lfps if all(lfp.entities.get(key) == value for key, value in wanted.items())]
    if same or "run" not in wanted:
        return same
    loose = [lfp for lfp in lfps if "run" not in lfp.entities and lfp.entities.get("task") in (wanted["task"], None)]
    start = _time_of(bold, times)
    begun = [(lfp, at) for lfp in loose if start and (at := _time_of(lfp, times)) and at <= start]
    latest = max((at for _, at in begun), default=None)
    return [lfp for lfp, at in begun if at == latest]


def _other_spelling(bold, lfps) -> str:
    """Why a run has no recording where one has its labels but for leading zeros; empty where none has."""
    for lfp in lfps:
        labels = [(key, bold.entities.get(key, ""), lfp.entities.get(key, "")) for key in TOGETHER]
        differing = [(key, a, b) for key, a, b in labels if a != b]
        if all(without_leading_zeros(a) == without_leading_zeros(b) for _, a, b in labels) and differing:
            key, here, there = differing[0]
            return f"it is {key}-{here}, and the recording {lfp.path.name} is {key}-{there}; write both alike"
    return ""


def _row_of(named, times) -> dict:
    """The row of a file in `scans.tsv`."""
    return times.get(f"{named.path.parent.name}/{named.path.name}", {})


def _time_of(named, times) -> datetime | None:
    try:
        return datetime.fromisoformat(_row_of(named, times).get("acq_time", "").removesuffix("Z"))
    except ValueError:
        return None


def _rows(root, bold, lfp, times, site, state, listing: Index) -> None:
    entities = bold.entities
    base = {"sub": entities["sub"], "ses": entities.get("ses", "01"), "run": entities.get("run", "1")}
    base["assumed"] = [name for name in ("ses", "run") if name not in entities]
    base |= {"state": _state(root, bold, lfp, times) or state or "default"}
    base |= {"bold": str(bold.path), "lfp": str(lfp.path), "exclude": ""}
    base["scan_start_s"] = _row_of(lfp, times).get("scan_start_s", "")
    base |= _evoked(root, bold, listing)
    channels = bids.read_tsv(bids.sibling(lfp, "channels"))
    trigger = [row["name"] for row in channels if row.get("type", "").upper() == "TRIG"]
    if len(trigger) == 1:
        base["trigger"] = trigger[0]
    start, begun = _time_of(bold, times), _time_of(lfp, times)
    if start and begun and not 0 <= (start - begun).total_seconds() < 86_400:
        listing.skip(
            _relative(bold.path, root), f"began {(begun - start).total_seconds():.0f} s before {lfp.path.name}"
        )
        return
    signal = [row for row in channels if row.get("type", "").upper() not in NO_SIGNAL]
    groups = dict.fromkeys(row.get("group", "") for row in signal)
    label = lfp.entities.get("acq", "")
    if label or len(groups) < 2:
        label = label or next((_label(group) for group in groups if group), "") or site
        if not label:
            listing.skip(
                _relative(lfp.path, root),
                "has no site: neither an acq label nor a `group` in channels.tsv; give --site",
            )
            return
        listing.rows.append(base | {"site": label, "channels": _chosen(signal, channels)})
        return
    for group in groups:
        members = [row for row in signal if row.get("group", "") == group]
        listing.rows.append(base | {"site": _label(group) or site or "unknown", "channels": _chosen(members, channels)})


def _evoked(root, bold, listing: Index) -> dict:
    """Task and events of a run that has any; `none` for a run that is called rest in spite of them."""
    events = bids.find_table(bold.path, "events", root)
    task = bold.entities.get("task", "")
    if events is None:
        return {}
    if task in ("", REST):
        listing.notes.append(
            f"{_relative(bold.path, root)} has events ({events.name}) but is called rest: it stays at rest; name its"
            " task in the column `task` and its events in `events` to have them used"
        )
        return {"task": REST, "events": NONE}
    return {"task": task, "events": str(events)}


def _chosen(members, channels) -> str:
    """Names of the channels to take; empty where these are all that the recording has."""
    good = [row["name"] for row in members if row.get("status", "").lower() != "bad"]
    return "" if len(good) == len(channels) else ",".join(good)


def _state(root, bold, lfp, times) -> str:
    """The first table that names a state: of the scan, of the session, of the animal."""
    rows = [_row_of(bold, times), _row_of(lfp, times)]
    sub, ses = f"sub-{bold.entities['sub']}", f"ses-{bold.entities.get('ses', '')}"
    rows += [r for r in bids.read_tsv(root / sub / f"{sub}_sessions.tsv") if r.get("session_id") == ses]
    rows += [r for r in bids.read_tsv(root / "participants.tsv") if r.get("participant_id") == sub]
    return next((_label(row["state"]) for row in rows if row.get("state")), "")


def _label(text: str) -> str:
    """Letters and digits of a text: all that a label may have."""
    return "".join(c for c in text if c.isalnum() and c.isascii())


def _relative(path, root) -> str:
    return Path(path).relative_to(root).as_posix()


def write(listing: Index, out) -> None:
    """Write the sheet, with paths relative to it.

    Raises
    ------
    InputError
        When nothing was found, or the sheet exists already.
    """
    out = Path(out)
    if not listing.rows:
        reasons = "; ".join(sorted({entry["reason"] for entry in listing.skipped})[:3]) or "it has no BOLD runs"
        raise InputError(f"{out}: not written, because no simultaneous recording was found ({reasons})")
    if out.exists():
        raise InputError(f"{out}: already exists; remove it, or give another file with --out")
    more = [name for name in OPTIONAL if any(name in row for row in listing.rows)]
    columns = [*(name for name in COLUMNS if name not in OPTIONAL), *more]
    lines = ["\t".join(columns)]
    for row in listing.rows:
        named = [name for name in ("bold", "lfp", "events") if row.get(name) not in (None, "", NONE)]
        paths = {name: Path(os.path.relpath(row[name], out.resolve().parent)).as_posix() for name in named}
        lines.append("\t".join((row | paths).get(name, "") for name in columns))
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.partial")
    partial.write_text("\n".join(lines) + "\n", encoding="utf-8")
    partial.replace(out)
