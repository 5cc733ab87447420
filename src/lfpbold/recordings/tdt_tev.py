"""Samples of a TDT store that lie in packets in the block's .tev file, where the index says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..errors import InputError

INDEX = np.dtype(
    [
        ("size", "<i4"),  # of header and samples, in 4 bytes; the header is 10 of them
        ("kind", "<u4"),
        ("name", "S4"),
        ("channel", "<u2"),
        ("sort", "<u2"),
        ("time_s", "<f8"),
        ("offset", "<i8"),  # of the samples in the .tev, bytes; the value itself for events
        ("format", "<i4"),
        ("fs_hz", "<f4"),
    ]
)
FORMATS = ("<f4", "<i4", "<i2", "<i1", "<f8", "<i8")
CLOCK_HZ = 25e6  # every rate of a TDT processor is a whole fraction of it


@dataclass(frozen=True)
class Stream:
    """One store of a block.

    Attributes
    ----------
    fs_hz : float
    dtype : dtype
    n_samples : int
    channels : list of str
    read : callable
        `read(position, start, stop)` gives samples as they are stored.
    first_s : float
        Time of the first sample, in seconds of the block's clock; NaN where the index does not say.
    """

    fs_hz: float
    dtype: np.dtype
    n_samples: int
    channels: list
    read: Callable = field(repr=False)
    first_s: float


def open_tev(index_file: Path, records, name: str, where: str) -> Stream:
    tev = next(
        (p for p in index_file.parent.iterdir() if p.suffix.lower() == ".tev" and p.stem == index_file.stem), None
    )
    if tev is None:
        raise InputError(
            f"{where}: the samples of {name} are missing ({index_file.stem}.tev or .sev files); copy them beside the"
            " index"
        )
    if len({*records["size"].tolist()}) > 1 or len({*records["format"].tolist()}) > 1:
        raise InputError(f"{where}: store {name} changes its format within the block; export it by TDT's own software")
    if not 0 <= records["format"][0] < len(FORMATS):
        raise InputError(f"{where}: store {name} has an unknown number format; export it by TDT's own software")
    dtype = np.dtype(FORMATS[records["format"][0]])
    length = (int(records["size"][0]) - 10) * 4 // dtype.itemsize
    needed, held = int(records["offset"].max()) + length * dtype.itemsize, tev.stat().st_size
    if needed > held or records["offset"].min() < 0 or length < 1:
        raise InputError(
            f"{where}: {tev.name} is cut short, it holds {held} bytes and its index reaches to {needed}; copy it again"
        )
    numbers = sorted({*records["channel"].tolist()})
    offsets = [records["offset"][records["channel"] == number] for number in numbers]
    for number, each in zip(numbers, offsets, strict=True):
        if len(each) != len(offsets[0]):
            raise InputError(
                f"{where}: channel {number} of {name} has {len(each)} packets, channel {numbers[0]} {len(offsets[0])};"
                " copy the block again"
            )
    stamps = records["time_s"][records["channel"] == numbers[0]]
    fs_hz = snapped_rate(float(records["fs_hz"][0]), where)
    _refuse_pauses(stamps, length / fs_hz, name, fs_hz, where)
    samples = np.memmap(tev, np.uint8, mode="r")

    def read(position, start, stop):
        start, stop, _ = slice(start, stop).indices(length * len(offsets[position]))
        first, last = start // length, -(-stop // length)
        values = np.empty((max(last - first, 0), length), dtype)
        as_bytes = values.view(np.uint8)
        for row, offset in enumerate(offsets[position][first:last]):
            as_bytes[row] = samples[offset : offset + as_bytes.shape[1]]
        return values.ravel()[start - first * length : stop - first * length]

    return Stream(fs_hz, dtype, length * len(stamps), [str(n) for n in numbers], read, float(stamps[0]))


def _refuse_pauses(stamps, period_s: float, name: str, fs_hz: float, where: str) -> None:
    """Time stamps of the packets must follow each other at the rate that the index states."""
    if not np.isfinite(stamps).all():
        raise InputError(f"{where}: the index of {name} holds time stamps that are no numbers; copy the block again")
    steps = np.diff(stamps)
    if steps.size and abs(np.median(steps) / period_s - 1) > 0.01:
        raise InputError(
            f"{where}: the index states {fs_hz:g} Hz for {name}, but its time stamps pass at"
            f" {fs_hz * period_s / np.median(steps):g} Hz; export it by TDT's own software"
        )
    strays = np.flatnonzero(np.abs(steps - period_s) > 0.5 * period_s)
    if strays.size:
        raise InputError(
            f"{where}: {name} has a gap {stamps[strays[0]] - stamps[0]:.3f} s after its start (a pause, or lost"
            " packets); export the part with the scan alone"
        )


def snapped_rate(fs_hz: float, where: str) -> float:
    """The exact rate, 25 MHz divided by a whole number, which the index holds in seven digits."""
    divisor = round(CLOCK_HZ / fs_hz) if np.isfinite(fs_hz) and fs_hz > 0 else 0
    if divisor < 1 or abs(CLOCK_HZ / divisor / fs_hz - 1) > 1e-6:
        raise InputError(
            f"{where}: the rate is {fs_hz:g} Hz, which no TDT processor has (25 MHz over a whole number, such as"
            " 24414.0625 Hz); export it by TDT's own software"
        )
    return CLOCK_HZ / divisor
