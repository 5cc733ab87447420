""".sev files of a TDT block: one channel each, with a header of 40 bytes, in pieces of an hour where they are long."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..errors import InputError
from .tdt_tev import FORMATS, Stream

HEADER = np.dtype(
    [
        ("bytes", "<u8"),
        ("magic", "S3"),
        ("version", "u1"),
        ("store", "S4"),
        ("channel", "<u2"),
        ("n_channels", "<u2"),
        ("sample_bytes", "<u2"),
        ("reserved", "<u2"),
        ("format", "u1"),
        ("decimate", "u1"),
        ("rate", "<u2"),
        ("reserved2", "V12"),
    ]
)


def sev_stores(folder: Path, where: str) -> dict:
    """.sev files of a folder, by store.

    Returns
    -------
    stores : dict of str to dict of int to list of (path, header)
        Store → channel → pieces in order of time.
    """
    stores: dict = {}
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() == ".sev" and not p.name.startswith("._")):
        header = _header(path, where)
        name = header["store"].decode("latin-1") if header["version"] >= 3 else _named(path)
        part = re.search(r"-(\d+)h", path.stem)
        hour = int(part[1]) if part else 0
        channel = stores.setdefault(name, {}).setdefault(int(header["channel"]), {})
        if hour in channel:
            raise InputError(f"{where}: two .sev files hold channel {header['channel']} of {name}; remove one")
        channel[hour] = (path, header)
    return {
        name: {n: [pieces[hour] for hour in sorted(pieces)] for n, pieces in sorted(channels.items())}
        for name, channels in stores.items()
    }


def _header(path: Path, where: str) -> np.void:
    size = path.stat().st_size
    if size < HEADER.itemsize:
        raise InputError(f"{where}: {path.name} is empty or cut short; copy it again")
    header = np.fromfile(path, HEADER, count=1)[0]
    if header["magic"] != b"SEV" or not 1 <= header["version"] <= 3 or not header["decimate"]:
        raise InputError(f"{where}: {path.name} has no header of a .sev file; copy it again")
    if header["bytes"] > size:
        raise InputError(
            f"{where}: {path.name} is cut short, it holds {size} bytes and its header says {header['bytes']}; copy it"
            " again"
        )
    if header["format"] & 7 >= len(FORMATS):
        raise InputError(f"{where}: {path.name} has an unknown number format; export it by TDT's own software")
    return header


def _named(path: Path) -> str:
    """The store by the file's name, `tank_block_store_ch1.sev`; headers before version 3 have it reversed or not."""
    stores = re.findall(r"_([^_]{4})_", path.stem)
    return stores[-1] if stores else path.stem


def open_sev_files(channels: dict, where: str) -> Stream:
    """The .sev files of one store, whose start they do not tell."""
    first = next(iter(channels.values()))[0][1]
    lengths, arrays = set(), []
    for pieces in channels.values():
        for path, header in pieces:
            if any(header[key] != first[key] for key in ("format", "decimate", "rate")):
                raise InputError(f"{where}: {path.name} has another rate or format than its neighbours; copy it again")
            _refuse_lost(path, where)
        dtype = np.dtype(FORMATS[first["format"] & 7])
        maps = [_samples(path, dtype, where) for path, _ in pieces]
        lengths.add(sum(len(m) for m in maps))
        arrays.append(maps)
    if len(lengths) > 1:
        raise InputError(
            f"{where}: its .sev files hold {min(lengths)} to {max(lengths)} samples; one is cut short, copy it again"
        )

    def read(position, start, stop):
        start, stop, _ = slice(start, stop).indices(n_samples)
        parts, begin = [], 0
        for piece in arrays[position]:
            parts.append(piece[max(start - begin, 0) : max(stop - begin, 0)])
            begin += len(piece)
        return np.concatenate(parts)

    n_samples = lengths.pop()
    fs_hz = 25e6 * 2.0 ** (int(first["rate"]) - 12) / int(first["decimate"])
    return Stream(fs_hz, dtype, n_samples, [str(n) for n in channels], read, float("nan"))


def _samples(path: Path, dtype, where: str) -> np.ndarray:
    if path.stat().st_size - HEADER.itemsize < dtype.itemsize:
        raise InputError(f"{where}: {path.name} holds no samples; copy it again or exclude the row")
    whole = (path.stat().st_size - HEADER.itemsize) // dtype.itemsize
    return np.memmap(path, dtype, mode="r", offset=HEADER.itemsize, shape=(whole,))


def _refuse_lost(path: Path, where: str) -> None:
    """A streamer notes lost packets in a log beside its files."""
    for log in path.parent.glob("*_log.txt"):
        gap = re.search(r"gap detected[^\n]*", log.read_text(encoding="utf-8", errors="replace"))
        if gap:
            raise InputError(f"{where}: {log.name} says `{gap[0][:80]}`; exclude the row, or ask TDT how to repair it")
