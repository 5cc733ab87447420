"""The chain of tags of a FIF file, which MNE follows wherever it leads, and the parts of a recording that was split."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from .special_files import is_entry

PART_NUMBER, PART_NAME, LARGEST_NAME = 117, 118, 4096  # tags of a reference to another part; bytes of a name
MOST_PARTS = 1000


def require_chain(path: Path, where: str) -> None:
    """Refuse a FIF file whose tags lead back, so that following them never ends, or out of it.

    Raises
    ------
    InputError
    """
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while 0 <= at <= size - 16:
            file.seek(at)
            _, _, n, following = struct.unpack(">iIii", file.read(16))
            after = at + 16 + n if following == 0 else following
            if following < 0:
                return
            if n < 0 or at + 16 + n > size or after <= at:
                break
            at = after
    if at != size:
        raise InputError(f"{where}: is damaged, its parts lead back or out of it; copy or export it again")


def parts(path: Path) -> list[Path]:
    """The further parts of a recording that was split, each named by the one before it; those that exist.

    Of compressed files, which cannot be searched without unpacking them, those that are numbered like parts.
    """
    if path.suffix.lower() == ".gz":
        stem = path.name[: -len(".fif.gz")]
        numbered = re.compile(rf"{re.escape(stem)}-\d+\.fif\.gz", re.IGNORECASE)
        return sorted(p for p in path.parent.iterdir() if numbered.fullmatch(p.name))
    found: list[Path] = []
    left = [path]
    while left and len(found) < MOST_PARTS:
        named = [p for p in _named(left.pop()) if is_entry(p) and p != path and p not in found]
        found += named
        left += [p for p in named if p.is_file()]
    return found


def _named(path: Path) -> list[Path]:
    """Other parts that a part names, or counts: before it or behind it."""
    base, _, rest = path.name.partition(".")
    stem = re.sub(r"-\d+$", "", base)
    named = []
    for kind, value in _references(path):
        name = value.decode("latin-1").strip("\0") if kind == PART_NAME else f"{stem}-{int.from_bytes(value)}.{rest}"
        if name.strip(".") and not re.search(r"[/\\\0]", name):
            named.append(path.with_name(name))
    return named


def _references(path: Path) -> Iterator[tuple[int, bytes]]:
    """Kind and content of the tags that name or count another part."""
    size, at = path.stat().st_size, 0
    with path.open("rb") as file:
        while 0 <= at <= size - 16:
            file.seek(at)
            kind, _, n, following = struct.unpack(">iIii", file.read(16))
            if kind in (PART_NUMBER, PART_NAME) and 0 <= n <= LARGEST_NAME:
                yield kind, file.read(n)
            after = at + 16 + n if following == 0 else following
            if following < 0 or n < 0 or after <= at:
                return
            at = after
