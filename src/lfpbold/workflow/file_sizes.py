"""How large the study's files are, at the cost of a look at each: the Snakefile asks before every run."""

from __future__ import annotations

import gzip
import math
import struct
from functools import cache
from pathlib import Path

import numpy as np

PARTNERS = {".vhdr": (".eeg", ".dat"), ".set": (".fdt",)}  # headers whose samples stand beside them
# NIfTI 1 and 2, by the size of the header: where shape, kind of number and start of the data stand, and how.
LAYOUTS = {348: ((40, "8h"), (70, "h"), (108, "f")), 540: ((16, "8q"), (12, "h"), (168, "q"))}
KINDS = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}


@cache
def megabytes(path: str) -> float:
    """Size of a file, of a header with its samples, or of all files of a folder, 10⁶ bytes; 0 where there is none."""
    try:
        if Path(path).is_dir():
            return sum(item.stat().st_size for item in Path(path).rglob("*") if item.is_file()) / 1e6
        partners = (Path(path).with_suffix(end) for end in PARTNERS.get(Path(path).suffix, ()))
        return (Path(path).stat().st_size + sum(item.stat().st_size for item in partners if item.exists())) / 1e6
    except OSError:
        return 0.0


@cache
def shape(path: str) -> tuple[int, ...]:
    """Shape of a NIfTI image, from its header alone; empty where there is none to be read.

    The size of a compressed image says little: BOLD shrinks to a half or a tenth.
    """
    try:
        with _opened(path) as file:
            return _header(file.read(540))[0]
    except (OSError, EOFError, struct.error):
        return ()


@cache
def filled(path: str) -> int:
    """How many voxels of a NIfTI mask are not zero; 0 where it cannot be read."""
    try:
        with _opened(path) as file:
            content = file.read()
        found, kind, start = _header(content)
        return int(np.count_nonzero(np.frombuffer(content, kind, math.prod(found), start))) if kind else 0
    except (OSError, EOFError, struct.error, ValueError):
        return 0


def _opened(path: str):
    return gzip.open(path) if str(path).endswith(".gz") else Path(path).open("rb")


def _header(content: bytes) -> tuple[tuple[int, ...], str, int]:
    """Shape, kind of number and start of the data; empty where it is no NIfTI image."""
    for order in "<>":
        places = LAYOUTS.get(struct.unpack_from(order + "i", content)[0])
        if places:
            (n, *sizes), (kind,), (start,) = (struct.unpack_from(order + what, content, at) for at, what in places)
            if 0 < n < 8 and min(sizes[:n]) > 0 and kind in KINDS:
                return tuple(sizes[:n]), order + KINDS[kind], int(start)
    return (), "", 0
