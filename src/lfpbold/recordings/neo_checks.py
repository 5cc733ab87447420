"""What neo does not notice: Neuralynx and Open Ephys files that were cut short or are something else, and gaps.

neo (0.14) leaves a Neuralynx channel out without a word where its file is empty or damaged, shortens a recording to the
shortest file, and takes Open Ephys samples for contiguous.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from ..errors import InputError
from .bids import json_object

NCS_HEADER, NCS_RECORD = 16384, 1044
MADE_UP = 4  # records within which a stamp that came late is made up for
NCS = np.dtype([("stamp", "<u8"), ("channel", "<u4"), ("rate", "<u4"), ("n", "<u4"), ("samples", "<i2", 512)])


def require_whole_ncs(files: list[Path], where: str) -> None:
    """Every Neuralynx channel has a header and whole records, and those of one rate are equally long."""
    first: dict = {}
    for path in files:
        with path.open("rb") as file:
            header = file.read(NCS_HEADER)
        size = path.stat().st_size - NCS_HEADER
        if not header.startswith(b"########") or size < 0:
            raise InputError(f"{where}: {path.name} has no header of a Neuralynx file; copy it again or move it away")
        if size < NCS_RECORD or size % NCS_RECORD:
            raise InputError(f"{where}: {path.name} is empty or cut short; copy it again or move it away")
        rate = re.search(rb"-SamplingFrequency\s+([\d.]+)", header)
        key = rate[1] if rate else b""
        _require_steady_ncs(path, float(key or 0), where)
        other = first.setdefault(key, path)
        if path.stat().st_size != other.stat().st_size:
            raise InputError(
                f"{where}: {path.name} holds {size // NCS_RECORD} records,"
                f" {other.name} {(other.stat().st_size - NCS_HEADER) // NCS_RECORD}; copy the shorter one again or move"
                " it away"
            )


def _require_steady_ncs(path: Path, rate: float, where: str) -> None:
    """Records of a Neuralynx channel follow each other at its rate; their time stamps are whole microseconds."""
    if not 0 < rate < 1e7:
        return
    records = np.memmap(path, NCS, mode="r", offset=NCS_HEADER)
    counts, stamps = np.asarray(records["n"]).astype(float), np.asarray(records["stamp"]).astype(float)
    steps, expected = np.diff(stamps), counts[:-1] * 1e6 / rate
    away = np.abs(steps - expected)
    if steps.size > 2 and (typical := np.median(np.abs(steps - expected))) > max(1e6 / rate, 2):
        ratio = np.median(steps / expected)
        raise InputError(
            f"{where}: {path.name} states {rate:g} Hz, but its time stamps pass at {rate / ratio:g} Hz"
            f" ({typical:g} µs a record); correct its header, or exclude the row"
        )
    allowed = max(0.5e6 / rate, 2)
    late = steps - expected
    # Samples that were lost stay lost; a stamp that came late is made up for by one of the next.
    bad = [
        i for i in np.flatnonzero(away > allowed) if abs(late[max(i - MADE_UP, 0) : i + MADE_UP + 1].sum()) > allowed
    ]
    if bad:
        raise InputError(
            f"{where}: {path.name} has a gap {(stamps[bad[0]] + expected[bad[0]] - stamps[0]) / 1e6:.3f} s after its"
            f" start ({late[bad[0]] / 1e6:.6g} s); export the part with the scan alone"
        )


def require_whole_streams(folder: Path, where: str) -> None:
    """Every Open Ephys stream has as many samples as sample numbers, and these have no gaps."""
    for listing in sorted(folder.rglob("structure*.oebin")):
        try:
            streams = json_object(listing, where)["continuous"]
            named = [(str(stream["folder_name"]), int(stream["num_channels"])) for stream in streams]
        except (ValueError, KeyError, TypeError, OverflowError):
            raise InputError(
                f"{where}: cannot be read, {listing.name} lists no streams; copy the folder again"
            ) from None
        for name, n_channels in named:
            if ".." in Path(name).parts or Path(name).is_absolute():
                raise InputError(f"{where}: {listing.name} names a folder elsewhere, `{name}`; copy the folder again")
            _require_whole_stream(listing.parent / "continuous" / name, n_channels, where)


def _require_whole_stream(stream: Path, n_channels: int, where: str) -> None:
    data = stream / "continuous.dat"
    numbers = next((p for n in ("sample_numbers.npy", "timestamps.npy") if (p := stream / n).is_file()), None)
    if not data.is_file() or numbers is None:
        missing = "sample_numbers.npy" if data.is_file() else "continuous.dat"
        raise InputError(f"{where}: {stream.name}/{missing} is missing; copy the folder again")
    stamps = np.load(numbers, mmap_mode="r", allow_pickle=False)
    held = data.stat().st_size / (2 * max(n_channels, 1))
    if held != len(stamps):
        raise InputError(
            f"{where}: {stream.name}/continuous.dat holds {held:.10g} samples, {numbers.name} {len(stamps)}; one is cut"
            " short, copy the folder again"
        )
    if stamps.dtype.kind in "iu" and len(stamps) and stamps[-1] - stamps[0] != len(stamps) - 1:
        raise InputError(
            f"{where}: {stream.name} has gaps, {stamps[-1] - stamps[0] + 1 - len(stamps)} samples were lost; export the"
            " part with the scan alone"
        )
