"""Neurodata Without Borders: an ElectricalSeries read channel by channel, and its triggers."""

from __future__ import annotations

import os
import weakref

import numpy as np

from ..errors import InputError
from .channel_kinds import BRAIN, kind_by_name
from .hdf5 import members, own_member
from .names import listed, nearest
from .nwb_events import find_triggers
from .opened import PAGE, TILE, Lfp, side_by_side
from .options import LfpOptions

MICROVOLTS = {"microvolts": 1.0, "microvolt": 1.0, "uV": 1.0, "µV": 1.0, "millivolts": 1e3, "millivolt": 1e3, "mV": 1e3}
BLOCK = 1_000_000  # time stamps that are looked at together
STRETCH = 2 * TILE  # samples of all channels that are read at once


def open_nwb(path, options: LfpOptions, where) -> Lfp:
    import h5py

    if not h5py.is_hdf5(path):
        raise InputError(
            f"{where}: is not an HDF5 file, as NWB is, or is cut short; export it again or exclude the row"
        )
    file = h5py.File(path, "r", locking=False)  # a file on a read-only or network disk cannot be locked
    series = _find_series(file, options, where)
    data = own_member(series, "data", where)
    if not isinstance(data, h5py.Dataset):
        raise InputError(f"{where}: `{series.name}/data` is not an array; set lfp_variable to another series")
    if data.ndim not in (1, 2) or data.dtype.kind not in "iuf":
        raise InputError(
            f"{where}: `{series.name}` has shape {data.shape} of {data.dtype}; numbers of samples × channels are"
            " needed: set lfp_variable to another series, or export it again"
        )
    n_channels = 1 if data.ndim == 1 else data.shape[1]
    _refuse_transposed(series, data, where)
    rate, first = _rate(series, len(data), where)
    scale, offset = _scale(data, series, n_channels, where)

    rows, direct = _rows(path, file, data)
    exact = np.float32 if data.dtype.kind == "f" or data.dtype.itemsize <= 2 else np.float64

    def read(position, start, stop):
        start, stop, _ = slice(start, stop).indices(len(data))
        raw = rows(start, stop, position)
        return (raw.astype(exact) * exact(scale[position]) + exact(offset)).astype(np.float32, copy=False)

    def fill(out, positions, start, stop):
        everything = list(positions) == list(range(n_channels))
        stretch = STRETCH if direct else stop - start  # compressed pieces are opened once
        for begin in range(start, stop, stretch):
            end = min(begin + stretch, stop)
            raw = rows(begin, end).reshape(end - begin, n_channels)
            part = out[:, begin - start : end - start]
            side_by_side(part, raw if everything else raw[:, positions], scale[positions].astype(exact))
        if offset:
            np.add(out, exact(offset), out=out, casting="same_kind")

    triggers, known = find_triggers(file, series.name.lstrip("/"), options.trigger, where)
    names = _names(file, series, n_channels, where)
    return Lfp(
        rate,
        len(data),
        names,
        read,
        None if triggers is None else triggers - first,
        fill,
        0 if direct else PAGE,
        trigger_names=known,
        kinds=_kinds(file, series, names, where),
    )


def _refuse_transposed(series, data, where: str) -> None:
    """NWB holds samples × channels; programs that write the reverse are common, and pynwb only warns."""
    n = len(own_member(series, "electrodes", where)) if "electrodes" in series else None
    turned = data.ndim == 2 and len(data) < data.shape[1] and (n == len(data) or 4 * len(data) < data.shape[1])
    if turned and n != data.shape[1]:
        raise InputError(
            f"{where}: `{series.name}` has shape {data.shape}, which is channels × samples; NWB holds samples ×"
            " channels: export it again, transposed"
        )


def _rows(path, file, data):
    """A function that reads samples from one to another, all channels or one; past HDF5 where they lie in one piece."""
    place = None if data.chunks or data.external or file.userblock_size else data.id.get_offset()
    if place is None:
        return lambda start, stop, *column: data[(slice(start, stop), *column[: data.ndim - 1])], False
    dtype, wide = data.dtype, tuple(data.shape[1:])
    item = dtype.itemsize * (wide[0] if wide else 1)
    raw = os.open(path, os.O_RDONLY)

    def rows(start, stop, *column):
        samples = np.empty((max(stop - start, 0), *wide), dtype)
        got, view = 0, memoryview(samples.reshape(-1).view(np.uint8))
        while got < samples.nbytes:
            n = os.preadv(raw, [view[got:]], place + start * item + got)
            if not n:
                raise EOFError("it is cut short")
            got += n
        return samples[(slice(None), *column[: len(wide)])]

    weakref.finalize(rows, os.close, raw)
    return rows, True


def _find_series(file, options, where):
    """The ElectricalSeries to analyse: the one named by `lfp_variable`, else the only one."""
    electrical, others = {}, {}

    for name, item in members(file):
        if "data" in getattr(item, "keys", tuple)():
            kind = item.attrs.get("neurodata_type")
            is_electrical = isinstance(kind, str | bytes) and kind in ("ElectricalSeries", b"ElectricalSeries")
            (electrical if is_electrical else others)[name] = item
    wanted = options.variable
    if wanted:
        named = {n: item for n, item in {**others, **electrical}.items() if wanted in (n, n.split("/")[-1])}
        if not named:
            last = [path.split("/")[-1] for path in electrical]
            raise InputError(
                f"{where}: holds no ElectricalSeries named `{wanted}`{nearest(wanted, last)}; it has"
                f" {', '.join(electrical) or listed(others) or 'none'}: set lfp_variable to one that it holds"
            )
        electrical = named
    if not electrical:
        has = f"it has {listed(others)}: set lfp_variable to the one that is LFP" if others else "nor any other series"
        raise InputError(f"{where}: holds no ElectricalSeries; {has}, or exclude the row")
    if len(electrical) > 1:
        raise InputError(
            f"{where}: holds several ElectricalSeries ({', '.join(electrical)}); say which by lfp_variable in the sheet"
            " or config"
        )
    return next(iter(electrical.values()))


def _scale(data, series, n_channels: int, where: str) -> tuple[np.ndarray, float]:
    """Factor to µV of each channel, and offset in µV: data × conversion × channel_conversion + offset."""
    unit = data.attrs.get("unit", "volts")
    to_uv = MICROVOLTS.get(unit.decode() if isinstance(unit, bytes) else str(unit), 1e6)
    gains = np.ones(n_channels)
    if "channel_conversion" in series:
        gains = np.ravel(own_member(series, "channel_conversion", where)[()])
        if gains.size != n_channels:
            raise InputError(
                f"{where}: has {gains.size} values of channel_conversion for {n_channels} channels; export it again"
            )
    scale = float(data.attrs.get("conversion", 1.0)) * gains * to_uv
    offset = float(data.attrs.get("offset", 0.0)) * to_uv
    if not (np.isfinite(scale).all() and scale.all() and np.isfinite(offset)):
        raise InputError(f"{where}: its conversion to volts is zero or not a number; export it again")
    return scale, offset


def _rate(series, n_samples: int, where: str) -> tuple[float, float]:
    """Rate in Hz and time of the first sample in s."""
    if "starting_time" in series:
        start = own_member(series, "starting_time", where)
        return float(start.attrs["rate"]), float(start[()])
    if "timestamps" not in series:
        raise InputError(f"{where}: `{series.name}` has neither a rate nor time stamps; export it again")
    stamps = own_member(series, "timestamps", where)
    if len(stamps) != n_samples or n_samples < 2:
        raise InputError(f"{where}: has {len(stamps)} time stamps for {n_samples} samples; export it again")
    period = float((stamps[-1] - stamps[0]) / (len(stamps) - 1))
    for begin in range(0, len(stamps) - 1, BLOCK):
        steps = np.diff(stamps[begin : begin + BLOCK + 1])
        if not (np.abs(steps - period) <= 0.5 * period).all():
            bad = begin + int(np.argmin(np.abs(steps - period) <= 0.5 * period))
            raise InputError(
                f"{where}: the time stamps are irregular or have gaps (after sample {bad}); export the recording"
                " without gaps, or exclude the row"
            )
    return 1 / period, float(stamps[0])


def _names(file, series, n_channels, where) -> list[str]:
    """Channel names from the electrodes table, where it names them."""
    table = file.get("general/extracellular_ephys/electrodes")
    rows = own_member(series, "electrodes", where)[:] if "electrodes" in series else range(n_channels)
    for column in ("channel_name", "label", "electrode_name"):
        if table is not None and column in table:
            values = own_member(table, column, where)[:]
            names = [v.decode() if isinstance(v, bytes) else str(v) for v in (values[r] for r in rows)]
            if len(set(names)) == n_channels:
                return names
    return [str(i) for i in range(n_channels)]


def _kinds(file, series, names: list[str], where: str) -> dict[str, str]:
    """Channels of which a column of the electrodes table says that they are no LFP."""
    table = file.get("general/extracellular_ephys/electrodes")
    if table is None or "electrodes" not in series:
        return {}
    rows, kinds = own_member(series, "electrodes", where)[:], {}
    for column in ("type", "channel_type", "modality", "signal_type", "group_name"):
        if column not in table or getattr(table[column], "ndim", 0) != 1:
            continue
        values = own_member(table, column, where)[:]
        for name, row in zip(names, rows, strict=False):
            text = values[row].decode() if isinstance(values[row], bytes) else str(values[row])
            kind = "" if text.upper() in BRAIN else kind_by_name(text)
            if kind and name not in kinds:
                kinds[name] = kind
    return kinds
