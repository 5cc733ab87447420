"""Events of Open Ephys recordings on the time of a stream's samples, and records of the older format.

neo (0.14) counts a stream's samples from its first sample number but events in synchronised seconds, leaves out a pulse
that did not end, and does not read the lines of the older format.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import InputError
from .names import meant, name_and_code
from .triggers import onsets_of_changes

HEADER = 1024  # bytes of a file of the older format
RECORD = np.dtype(
    [("stamp", "<i8"), ("n", "<u2"), ("recording", "<u2"), ("samples", ">i2", 1024), ("mark", "u1", 10)]
)  # fmt: skip
EVENT = np.dtype([("stamp", "<i8"), ("place", "<i2"), ("type", "u1"), ("node", "u1"), ("value", "u1"), ("line", "u1"),
                  ("recording", "<u2")])  # fmt: skip
TTL = 3


def binary_triggers(listing: Path, stream: str, wanted: str, where: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Pulses of a TTL line, or messages, of a binary recording.

    Parameters
    ----------
    listing : Path
        `structure.oebin`.
    stream : str
        Folder of the samples.
    wanted : str
        Number of a line, `folder=number` where several folders have it, or the text of a message.
    where : str

    Returns
    -------
    times_s : ndarray or None
        From the stream's first sample.
    known : tuple of str
        Lines and messages that there are.

    Raises
    ------
    InputError
        Where several folders hold the line, or their clocks cannot be told from each other.
    """
    content = json.loads(listing.read_text(encoding="utf-8"))
    samples = _Clock(listing.parent / "continuous" / stream, _rate(content.get("continuous", []), stream))
    found: dict[str, dict[str, tuple]] = {}
    for entry in content.get("events", []):
        name = str(entry.get("folder_name", "")).strip("/")
        folder = listing.parent / "events" / name
        if ".." in Path(name).parts or not folder.is_dir():
            continue
        events = _Clock(folder, float(entry.get("sample_rate") or 0))
        for line, which, values in _lines(folder, events, where):
            found.setdefault(line, {})[name] = events, which, values
    known = tuple(found)
    for text, code in ((wanted, None), name_and_code(wanted)):
        lines = meant(code or text, known)
        places = {name: found[line][name] for line in lines for name in found[line]}
        if code is not None:
            places = {name: places[name] for name in meant(text, places)}
        own = {name: place for name, place in places.items() if name.split("/")[0] == stream}
        places = own or places
        if len(places) > 1:
            ways = " or ".join(f"`{name}={lines[0]}`" for name in places)
            raise InputError(f"{where}: line {wanted} is in several folders; set `trigger` to {ways}")
        for name, (events, which, values) in places.items():
            times = events.since(samples, same=name.split("/")[0] == stream, where=where)[which]
            if values is None:
                return np.sort(times), known
            return onsets_of_changes(times, values, 0.0, samples.length_s), known
    return None, known


def _rate(streams, name: str) -> float:
    return next((float(s["sample_rate"]) for s in streams if str(s["folder_name"]).strip("/") == name), 0.0)


class _Clock:
    """Numbers of samples and seconds of a folder of samples or events."""

    def __init__(self, folder: Path, fs_hz: float):
        numbers, stamps = _loaded(folder, "sample_numbers"), _loaded(folder, "timestamps")
        if numbers is None:  # before version 0.6 the stamps are numbers of samples
            numbers, stamps = stamps, None
        self.numbers, self.stamps, self.fs_hz = numbers, stamps, fs_hz

    @property
    def length_s(self) -> float:
        return len(self.numbers) / self.fs_hz if self.fs_hz else 0.0

    def since(self, samples: _Clock, same: bool, where: str) -> np.ndarray:
        """Times of all events, s from the first of the samples, which are of the same stream or not."""
        if self.numbers is None or not len(self.numbers):
            return np.zeros(0)
        if same and samples.fs_hz:
            return (np.asarray(self.numbers, dtype=float) - float(samples.numbers[0])) / samples.fs_hz
        if self.stamps is not None and samples.stamps is not None and float(samples.stamps[0]) != -1:
            return np.asarray(self.stamps, dtype=float) - float(samples.stamps[0])
        if self.fs_hz and self.fs_hz == samples.fs_hz and self.stamps is None:
            return (np.asarray(self.numbers, dtype=float) - float(samples.numbers[0])) / samples.fs_hz
        raise InputError(
            f"{where}: its events and samples are of different streams without common time stamps; choose a line of the"
            " same stream, or give scan_start_s"
        )


def _loaded(folder: Path, name: str) -> np.ndarray | None:
    path = folder / f"{name}.npy"
    return np.load(path, mmap_mode="r", allow_pickle=False) if path.is_file() else None


def _lines(folder: Path, events: _Clock, where: str):
    """Lines or messages of a folder of events: name, which events, and the level after each."""
    states = _loaded(folder, "states")
    states = _loaded(folder, "channel_states") if states is None else states
    if states is not None and events.numbers is not None and len(states) != len(events.numbers):
        raise InputError(
            f"{where}: {folder.name} holds {len(states)} states of lines for {len(events.numbers)} events; copy the"
            " folder again"
        )
    if states is not None and states.dtype.kind in "iu":
        for line in np.unique(np.abs(states.astype(int))):
            which = np.flatnonzero(np.abs(states.astype(int)) == line)
            yield str(line), which, np.asarray(states[which]) > 0
    texts = _loaded(folder, "text")
    if texts is not None and texts.dtype.kind in "SU":
        plain = np.array([t.decode("utf-8", "replace") if isinstance(t, bytes) else str(t) for t in texts])
        for text in dict.fromkeys(plain.tolist()):
            yield text, np.flatnonzero(plain == text), None


def require_whole_records(folder: Path, where: str) -> None:
    """Every channel of the older format has whole records that follow each other.

    Raises
    ------
    InputError
        Naming the first gap.
    """
    first: tuple | None = None
    for path in sorted(folder.glob("*.continuous")):
        rate = _header_number(path, "sampleRate", where)
        if (path.stat().st_size - HEADER) % RECORD.itemsize or path.stat().st_size <= HEADER:
            raise InputError(f"{where}: {path.name} is empty or cut short; copy it again or move it away")
        records = np.memmap(path, RECORD, mode="r", offset=HEADER)
        stamps, counts = np.asarray(records["stamp"]), np.asarray(records["n"]).astype(np.int64)
        lost = np.diff(stamps) - counts[:-1]
        if (np.diff(records["recording"].astype(int)) != 0).any():
            raise InputError(f"{where}: {path.name} holds several recordings; export the one with the scan alone")
        if lost.any():
            at = int(np.flatnonzero(lost)[0])
            raise InputError(
                f"{where}: {path.name} has a gap {(stamps[at] + counts[at] - stamps[0]) / rate:.3f} s after its start,"
                f" {int(lost[lost > 0].sum())} samples were lost; export the part with the scan alone"
            )

        ends = int(stamps[0]), int(stamps[-1] + counts[-1])
        first = first or (path, ends)
        if ends != first[1]:
            raise InputError(
                f"{where}: {path.name} holds samples {ends[0]} to {ends[1]}, {first[0].name} {first[1][0]} to"
                f" {first[1][1]}; copy the shorter one again or move it away"
            )


def _header_number(path: Path, name: str, where: str) -> float:
    with path.open("rb") as file:
        head = file.read(HEADER).decode("latin-1")
    for part in head.split(";"):
        key, _, value = part.partition("=")
        if key.strip() == f"header.{name}":
            try:
                return float(value)
            except ValueError:
                break
    raise InputError(f"{where}: {path.name} has no header of an Open Ephys file; copy it again or move it away")


def record_triggers(
    folder: Path, wanted: str, fs_hz: float, n_samples: int
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Pulses of a TTL line of the older format, s from the first sample; lines count from 0, as the file has them."""
    first = min(
        int(np.memmap(path, RECORD, mode="r", offset=HEADER)["stamp"][0]) for path in folder.glob("*.continuous")
    )
    events = [
        np.fromfile(path, EVENT, offset=HEADER)
        for path in sorted(folder.glob("*.events"))
        if path.name != "messages.events"
    ]
    every = np.concatenate(events) if events else np.zeros(0, EVENT)
    every = every[every["type"] == TTL]
    known = tuple(str(line) for line in np.unique(every["line"]))
    for line in meant(wanted, known):
        own = every[every["line"] == int(line)]
        times = (own["stamp"] - first) / fs_hz
        return onsets_of_changes(times, own["value"], 0.0, n_samples / fs_hz), known
    return None, known
