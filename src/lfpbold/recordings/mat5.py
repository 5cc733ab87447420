"""The layout of a MATLAB 5 file, before SciPy reads it: what its tags say must fit into what holds them.

SciPy (1.16) ends the whole process by a segmentation fault on some files whose tags contradict each other, and asks for
as much memory as a tag says. Source of the layout: MathWorks, MAT-File Format (R2019b), chapter 1.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

from ..errors import InputError
from .plausible import PACKED, SMALL

ITEM = {1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8, 12: 8, 13: 8, 16: 1, 17: 2, 18: 4}  # bytes, by type of data
MATRIX, PACKED_ELEMENT = 14, 15
CELL, STRUCTURE, OBJECT, CHARACTERS, NUMBERS = 1, 2, 3, 4, range(6, 16)
DEEPEST, HEAD = 30, 4096  # matrices in matrices; bytes of a packed matrix of numbers that are looked at


class _Wrong(ValueError):
    pass


def require_layout(path: Path, where: str) -> None:
    """Refuse a file of MATLAB 4 or 5 whose tags contradict each other.

    Raises
    ------
    InputError
    """
    with path.open("rb") as file:
        head = file.read(128)
        order = {b"IM": "<", b"MI": ">"}.get(head[126:128])
        is_four = 0 in head[:4]
        if order is None and not is_four:
            raise InputError(
                f"{where}: cannot be read as {path.suffix}, it does not begin as a MATLAB file; export it again"
            )
        try:
            (_matrices_of_four if is_four else _elements)(file, order or "<", path.stat().st_size)
        except (_Wrong, struct.error, zlib.error):
            raise InputError(f"{where}: is damaged or cut short, its parts do not fit together; copy or export it again"
                             ) from None  # fmt: skip


def _elements(file, order: str, size: int) -> None:
    """Every variable of a file."""
    at = 128
    while at + 8 <= size:
        file.seek(at)
        kind, n = struct.unpack(f"{order}II", file.read(8))
        if kind not in (MATRIX, PACKED_ELEMENT) or at + 8 + n > size:
            raise _Wrong
        if kind == MATRIX:
            part = file.read(min(n, HEAD))
            _matrix(part if _holds_numbers(part, order) else part + file.read(n - len(part)), n, order, 0)
        else:
            _packed(file.read(n), order)
        at += 8 + n


def _matrices_of_four(file, _, size: int) -> None:
    """Every variable of a MATLAB 4 file: five numbers, a name, and the samples."""
    at, items = 0, (8, 4, 4, 2, 2, 1)
    while at < size:
        file.seek(at)
        head = file.read(20)
        order = "<" if 0 <= struct.unpack("<i", head[:4])[0] < 5000 else ">"
        kind, n_rows, n_columns, is_complex, n_letters = struct.unpack(f"{order}5i", head)
        if min(n_rows, n_columns, n_letters) < 0 or not 0 <= kind < 5000 or kind // 10 % 10 >= len(items):
            raise _Wrong
        at += 20 + n_letters + n_rows * n_columns * items[kind // 10 % 10] * (2 if is_complex else 1)
        if at > size:
            raise _Wrong


def _packed(data: bytes, order: str) -> None:
    part = zlib.decompressobj().decompress(data, HEAD)
    kind, n = struct.unpack(f"{order}II", part[:8])
    if kind != MATRIX:
        raise _Wrong
    if not _holds_numbers(part[8:], order):
        if n > max(SMALL, PACKED * len(data)):
            raise _Wrong
        part = zlib.decompressobj().decompress(data, n + 8)
    _matrix(part[8:], n, order, 0)


def _holds_numbers(part: bytes, order: str) -> bool:
    """Whether the beginning of a matrix says that it is one of numbers, of which the beginning tells all."""
    return len(part) >= 16 and struct.unpack(f"{order}I", part[8:12])[0] & 0xFF in NUMBERS


def _tag(part: bytes, at: int, end: int, order: str) -> tuple[int, int, int, int]:
    """Type, bytes, place of the data and place of the next part; small data stand in the tag itself."""
    first, n = struct.unpack(f"{order}II", part[at : at + 8])
    kind, small = first & 0xFFFF, first >> 16
    if small:
        if small > 4:
            raise _Wrong
        return kind, small, at + 4, at + 8
    after = at + 8 + n + (-n % 8)
    if at + 8 + n > end:
        raise _Wrong
    return kind, n, at + 8, after


def _matrix(part: bytes, n: int, order: str, depth: int, begin: int = 0) -> None:
    """One matrix of `n` bytes; `part` may be cut behind the tag of a matrix of numbers."""
    end = begin + n
    if n == 0:
        return
    if depth > DEEPEST:
        raise _Wrong
    kind, length, at, after = _tag(part, begin, end, order)
    if kind != 6 or length != 8:
        raise _Wrong
    flags = struct.unpack(f"{order}I", part[at : at + 4])[0]
    kind, length, at, after = _tag(part, after, end, order)
    if kind not in (5, 6) or length < 8 or length % 4 or length > 128:
        raise _Wrong
    sizes = struct.unpack(f"{order}{length // 4}i", part[at : at + length])
    kind, length, _, after = _tag(part, after, end, order)
    if min(sizes) < 0 or ITEM.get(kind) != 1:
        raise _Wrong
    of_class, count = flags & 0xFF, math.prod(sizes)
    if of_class in NUMBERS or of_class == CHARACTERS:
        for _ in range(2 if flags & 0x800 else 1):
            after = _numbers(part, after, end, order, count, exact=of_class != CHARACTERS)
    elif of_class in (CELL, STRUCTURE, OBJECT):
        fields, after = (1, after) if of_class == CELL else _fields(part, after, end, order, of_class)
        if count * fields > n:
            raise _Wrong
        for _ in range(count * fields):
            kind, length, at, after = _tag(part, after, end, order)
            if kind != MATRIX:
                raise _Wrong
            _matrix(part, length, order, depth + 1, at)


def _numbers(part: bytes, at: int, end: int, order: str, count: int, exact: bool) -> int:
    kind, length, _, after = _tag(part, at, end, order)
    if kind not in ITEM or length % ITEM[kind]:
        raise _Wrong
    held = length // ITEM[kind]  # of text in UTF-8, as many bytes as it takes
    if held != count if exact else held < count and length:
        raise _Wrong
    return after


def _fields(part: bytes, at: int, end: int, order: str, of_class: int) -> tuple[int, int]:
    """How many fields a structure has, and what follows their names."""
    if of_class == OBJECT:
        *_, at = _tag(part, at, end, order)
    kind, length, at, after = _tag(part, at, end, order)
    if kind != 5 or length != 4:
        raise _Wrong
    width = struct.unpack(f"{order}i", part[at : at + 4])[0]
    kind, length, _, after = _tag(part, after, end, order)
    if width < 1 or ITEM.get(kind) != 1 or length % width:
        raise _Wrong
    return length // width, after
