"""Whether a file can hold what it says: few bytes that unpack to very many are no recording."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from .special_files import pipes, special_kind

PACKED, SMALL = 200, 2**28  # times that numbers which were measured are packed smaller, at most; bytes that do no harm


def require_plausible(n_bytes: int, held: int, where: str) -> None:
    """Refuse numbers that are far more than the bytes that hold them.

    Parameters
    ----------
    n_bytes : int
        That the numbers take in memory.
    held : int
        Bytes of the file, or of the part of it that holds them.
    """
    if n_bytes > SMALL and n_bytes > PACKED * held:
        raise InputError(
            f"{where}: says that it holds {n_bytes / 1e9:.3g} GB of numbers, which {held / 1e6:.3g} MB of file cannot"
            " be unless they are all alike; copy or export it again"
        )


def require_regular(path: Path, where: str) -> None:
    """Refuse a recording with a pipe or a device among its files, of which reading may never end."""
    if path.is_dir():
        strange = next(iter(pipes(path)), None)
    else:
        strange = next((p for p in _beside(path) if special_kind(p) not in ("", "a folder")), None)
    if strange is not None:
        raise InputError(f"{where}: {strange.name} is {special_kind(strange)} and no file; remove it, or copy it again")


def _beside(path: Path) -> list[Path]:
    """The files that may belong to one that the sheet names."""
    ends = {".nev", ".ncs", ".tsq", ".tev", ".tbk", ".sev", ".json"}
    return [p for p in path.parent.iterdir() if p.stem.startswith(path.stem) or p.suffix in ends or "_log." in p.name]
