"""Triggers of an NWB file: series with time stamps, tables of events or intervals, sampled lines."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .hdf5 import members, own_member
from .names import meant, name_and_code
from .triggers import Runs, named_line_onsets, pulses

TIMES = ("timestamps", "timestamp", "start_time", "event_times")  # columns or datasets that hold times
BESIDES = (*TIMES, "duration", "stop_time", "id")  # columns that hold no codes
NO_TRIGGERS = ("ElectricalSeries", "SpikeEventSeries", "SpatialSeries", "ImageSeries", "DecompositionSeries", "Units")


def find_triggers(file, lfp: str, wanted: str, where: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Times of the triggers that a name means.

    Parameters
    ----------
    file : h5py.File
    lfp : str
        Path of the series with the LFP.
    wanted : str
        Name of a series or a table, or its path; with a code (`port=1`) those of its events that have this value.
    where : str
        Start of messages.

    Returns
    -------
    times_s : ndarray or None
        On the file's clock; empty where something of that name holds no times, None where there is nothing.
    known : tuple of str
        What could be triggers.

    Raises
    ------
    InputError
        Where the name means several things, or its code none.
    """
    known = {path: item for path, item in members(file) if path != lfp and _may_be(item)}
    everything = {path: item for path, item in members(file) if path not in (lfp, "general")}
    names = tuple(dict.fromkeys(path.split("/")[-1] for path in known))
    if not wanted:
        return None, names
    for text, code in ((wanted, None), name_and_code(wanted)):
        fits = _fitting(text, known) or [p for p in everything if text in (p, p.split("/")[-1])][:1]
        if not fits:
            continue
        if len(fits) > 1:
            raise InputError(f"{where}: `{wanted}` may be {' or '.join(fits)}; give one of these paths as `trigger`")
        return _times(everything[fits[0]], fits[0], code, where), names
    saying = [path for path, item in known.items() if _says(item, wanted, where)]
    if len(saying) > 1:
        ways = " or ".join(f"{path}={wanted}" for path in saying)
        raise InputError(f"{where}: several series hold the text `{wanted}`; give {ways} as `trigger`")
    return (_times(known[saying[0]], saying[0], wanted, where) if saying else None), names


def _says(item, text: str, where: str) -> bool:
    """Whether a series or table of texts holds one."""
    key = next((name for name in TIMES if name in item), None)
    n = len(own_member(item, key, where)) if key else 0
    columns = [_column(item, name, n, where) for name in item] if n else []
    texts = [column for column in columns if column is not None and column.dtype.kind in "OSU"]
    return any(text in (v.decode() if isinstance(v, bytes) else str(v) for v in column) for column in texts)


def _fitting(text: str, items: dict) -> list[str]:
    """Paths of the items that a name means; of items within each other, the outermost."""
    if text in items:
        return [text]
    last = {path: path.split("/")[-1] for path in items}
    fits = [path for path, name in last.items() if name in meant(text, last.values())]
    return [path for path in fits if not any(path.startswith(f"{other}/") for other in fits)]


def _may_be(item) -> bool:
    keys = getattr(item, "keys", tuple)()
    kind = item.attrs.get("neurodata_type", "")
    kind = kind.decode() if isinstance(kind, bytes) else str(kind)
    has_times = any(key in keys for key in TIMES) or ("starting_time" in keys and "data" in keys)
    return has_times and kind not in NO_TRIGGERS


def _times(item, path: str, code: str | None, where: str) -> np.ndarray:
    keys = getattr(item, "keys", tuple)()
    key = next((name for name in TIMES if name in keys), None)
    if key:
        times = np.asarray(own_member(item, key, where)[:], dtype=float)
        return times[_chosen(item, path, times, code, where)]
    if "starting_time" in keys and "data" in keys:  # a sampled line
        start, data = own_member(item, "starting_time", where), own_member(item, "data", where)
        if data.ndim > 1 and data.size != len(data):
            raise InputError(f"{where}: `{path}` has {data.shape[1]} columns; export the trigger line on its own")
        onsets = named_line_onsets(data[()], float(start.attrs["rate"]), code, f"{where}: series {path}")
        return onsets + float(start[()])
    return np.zeros(0)


def _chosen(item, path: str, times, code: str | None, where: str) -> np.ndarray:
    """Which events count: those with the code; else those that leave rest, where a series states a line's level."""
    columns = {name: values for name in item if (values := _column(item, name, times.size, where)) is not None}
    if code is None:
        level = columns.get("data")
        if level is None or level.dtype.kind not in "iufb" or "labels" in item:
            return np.ones(times.size, dtype=bool)
        level = np.asarray(level, dtype=float)
        if not ((level > 0).any() and (level <= 0).any()):
            return np.ones(times.size, dtype=bool)
        return _departures(times, level)
    values = []
    for column in columns.values():
        texts = [value.decode() if isinstance(value, bytes) else str(value) for value in column]
        hits = meant(code, texts)
        if hits:
            return np.isin(texts, hits)
        values += texts
    held = ", ".join(list(dict.fromkeys(values))[:12]) or "no codes"
    raise InputError(f"{where}: `{path}` has no event of the code {code}; it has {held}: choose one of these after `=`")


def _column(item, name: str, n: int, where: str) -> np.ndarray | None:
    """A column of values of a table of events, labels in place of their numbers."""
    import h5py

    if name in BESIDES or not isinstance(item[name], h5py.Dataset) or item[name].shape != (n,):
        return None
    values = own_member(item, name, where)[()]
    labels = item[name].attrs.get("labels", item.attrs.get("labels"))
    if values.dtype.kind in "iu" and labels is not None and len(labels) > int(np.max(values, initial=-1)):
        return np.array([str(labels[int(value)]) for value in values], dtype=object)
    return values


def _departures(times, level) -> np.ndarray:
    """Where a line that states its new level at each stamp leaves the level at which it rests."""
    changes = np.append(True, level[1:] != level[:-1])
    if times.size < 3 or not (np.diff(times) > 0).all():
        return level > 0
    starts = np.append(times[0] - 1.0, times[changes])
    values = np.append(0 if level[0] > 0 else 1, level[changes] > 0)
    begins = pulses(Runs(starts, values, times[-1] + (times[-1] - times[-2])), None, 1e-6)
    return np.isin(times, begins) & changes
