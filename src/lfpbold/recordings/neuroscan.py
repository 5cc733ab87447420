"""Neuroscan's .cnt files: what MNE is to be told, and the events, which it counts from one sample before the first.

Source of the layout: P. Bourke, EEG data formats (paulbourke.net/dataformats/eeg); offsets as EEGLAB's `loadcnt` reads
them.
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError

SETUP, CHANNEL = 900, 75  # bytes of the header, and of each channel in it
EVENT = {1: np.dtype("<u2,u1,u1,<i4"), 2: np.dtype("<u2,u1,u1,<i4,<i2,<i2,<f4,u1,u1,u1")}
LOOKED_AT = 100_000  # samples, of which the upper halves tell 32 bits from 16


@dataclass(frozen=True)
class Header:
    """Sizes of a .cnt file.

    Attributes
    ----------
    n_channels, n_bytes, n_samples : int
        Bytes of one number: 2 or 4.
    fs_hz : float
    table : int
        Where the events begin.
    """

    n_channels: int
    n_bytes: int
    n_samples: int
    fs_hz: float
    table: int


def read_header(path: Path, where: str) -> Header | None:
    """Sizes of a Neuroscan file; None for a file of ANT, which has the same suffix.

    Raises
    ------
    InputError
        For a file of neither, one that is cut short, and one of ANT where the package that reads it is missing.
    """
    with path.open("rb") as file:
        head = file.read(SETUP)
    if head[:4] in (b"RIFF", b"RF64"):
        if importlib.util.find_spec("antio") is None:
            raise InputError(
                f"{where}: is a recording of ANT eego, which the package antio reads; install it (pip install antio)"
                " or export the recording as EDF"
            )
        return None
    if len(head) < SETUP or not head.startswith(b"Version"):
        raise InputError(f"{where}: does not begin as a .cnt file of Neuroscan or ANT does; export it again")
    n_channels, rate = (int(np.frombuffer(head, "<u2", 1, at)[0]) for at in (370, 376))
    stated, table = (int(np.frombuffer(head, "<i4", 1, at)[0]) for at in (864, 886))
    begin, size = SETUP + CHANNEL * n_channels, path.stat().st_size
    if n_channels < 1 or rate < 1 or not begin < table <= size:
        raise InputError(
            f"{where}: is cut short or damaged ({rate} Hz, events at byte {table} of {size}); copy it again"
        )
    n_bytes = next((n for n in (2, 4) if stated > 0 and stated * n_channels * n == table - begin), 0)
    n_bytes = n_bytes or _bytes_by_content(path, begin, table)
    n_samples, rest = divmod(table - begin, n_bytes * n_channels)
    if rest:
        raise InputError(f"{where}: does not hold whole samples of {n_channels} channels; copy or export it again")
    return Header(n_channels, n_bytes, n_samples, float(rate), table)


def _bytes_by_content(path: Path, begin: int, table: int) -> int:
    """Many headers state a wrong number of samples: of 32 bits the upper half is nothing but the sign."""
    n = min((table - begin) // 4, LOOKED_AT) * 2
    upper = np.fromfile(path, "<i2", n, offset=begin)[1::2]
    return 4 if upper.size and np.isin(upper, (0, -1)).mean() > 0.9 else 2


def events(path: Path, header: Header) -> tuple[np.ndarray, list[str]]:
    """Times from the first sample, s, and codes of the events."""
    with path.open("rb") as file:
        file.seek(header.table)
        kind, n = np.frombuffer(file.read(5).ljust(5, b"\0"), "u1,<i4")[0]
        file.seek(header.table + 9)
        data = file.read(max(int(n), 0))
    dtype = EVENT[1 if kind == 1 else 2]
    table = np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)
    size, begin = header.n_channels * header.n_bytes, SETUP + CHANNEL * header.n_channels
    samples = table["f3"].astype(float) if kind == 3 else (table["f3"].astype(float) - begin) // size
    codes = []
    for stimulus, keyboard, keypad, *_ in table.tolist():
        key = keypad & 0x0F
        codes.append(
            f"KeyPad Response {key}" if key else f"Keyboard Response {keyboard}" if keyboard else str(stimulus)
        )
    return samples / header.fs_hz, codes
