"""Neurodata Without Borders: an ElectricalSeries read channel by channel, and its triggers."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .opened import Lfp


def open_nwb(path, settings, where) -> Lfp:
    import h5py

    file = h5py.File(path, "r")
    series = _find_series(file, settings, where)
    data = series["data"]
    rate, first = _nwb_rate(series, where)
    scale = float(data.attrs.get("conversion", 1.0)) * 1e6
    offset = float(data.attrs.get("offset", 0.0)) * 1e6
    n_channels = 1 if data.ndim == 1 else data.shape[1]
    gains = series["channel_conversion"][:] if "channel_conversion" in series else np.ones(n_channels)

    def read(position, start, stop):
        raw = data[start:stop] if data.ndim == 1 else data[start:stop, position]
        return raw.astype(np.float32) * np.float32(scale * gains[position]) + np.float32(offset)

    return Lfp(
        rate, len(data), _nwb_names(file, series, n_channels), read, _nwb_triggers(file, settings["trigger"], first)
    )


def _find_series(file, settings, where):
    """The ElectricalSeries to analyse: the one named by `lfp_variable`, else the only one."""
    found = {}

    def visit(name, item):
        if item.attrs.get("neurodata_type") in ("ElectricalSeries", b"ElectricalSeries") and "data" in item:
            found[name] = item

    file.visititems(visit)
    wanted = settings["lfp_variable"]
    if wanted:
        found = {name: item for name, item in found.items() if wanted in (name, name.split("/")[-1])}
    if not found:
        raise InputError(
            f"{where}: holds no ElectricalSeries{f' named `{wanted}`' if wanted else ''}; set lfp_variable to one that"
            " it holds"
        )
    if len(found) > 1:
        raise InputError(
            f"{where}: holds several ElectricalSeries ({', '.join(found)}); say which by lfp_variable in the sheet or"
            " config"
        )
    return next(iter(found.values()))


def _nwb_rate(series, where) -> tuple[float, float]:
    """Rate in Hz and time of the first sample in s."""
    if "starting_time" in series:
        start = series["starting_time"]
        return float(start.attrs["rate"]), float(start[()])
    stamps = series["timestamps"]
    period = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
    for begin in range(0, len(stamps), 1_000_000):
        steps = np.diff(stamps[begin : begin + 1_000_001])
        if steps.size and np.abs(steps - period).max() > 0.5 * period:
            raise InputError(
                f"{where}: the time stamps have gaps; export the recording without gaps, or exclude the row"
            )
    return 1 / period, float(stamps[0])


def _nwb_names(file, series, n_channels) -> list[str]:
    """Channel names from the electrodes table, where it names them."""
    table = file.get("general/extracellular_ephys/electrodes")
    rows = series["electrodes"][:] if "electrodes" in series else range(n_channels)
    for column in ("channel_name", "label", "electrode_name"):
        if table is not None and column in table:
            values = table[column][:]
            names = [v.decode() if isinstance(v, bytes) else str(v) for v in (values[r] for r in rows)]
            if len(set(names)) == n_channels:
                return names
    return [str(i) for i in range(n_channels)]


def _nwb_triggers(file, name, first) -> np.ndarray | None:
    """Time stamps of the trigger series of that name, s from the first sample; None where there is none."""
    found = []

    def visit(path, item):
        if path.split("/")[-1] == name:
            for key in ("timestamps", "start_time"):
                if key in getattr(item, "keys", tuple)():
                    found.append(np.asarray(item[key][:], dtype=float))

    file.visititems(visit)
    return found[0] - first if found else None
