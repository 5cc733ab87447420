"""Which files a raw recording consists of, and what it was, to the byte: path, size and hash of each of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from . import brainvision

# Files that belong to the one that the sheet names, by the suffix of that one; a BrainVision header names its own.
COMPANIONS = {
    ".set": (".fdt",),
    **{f".ns{n}": (".nev",) for n in range(1, 7)},
    **dict.fromkeys((".tev", ".tsq", ".tbk"), (".tev", ".tsq", ".tbk")),
}
HEADERS = (".vhdr", ".ahdr")


def files_of(path) -> list[Path]:
    """A raw file and those that belong to it, or every file of a folder; links that lead nowhere among them."""
    path = Path(path)
    if path.is_dir():
        return sorted(p for p in path.rglob("*") if _is_entry(p))
    suffix = path.suffix.lower()
    beside = [path.with_suffix(other) for other in COMPANIONS.get(suffix, ())]
    if suffix in HEADERS and path.is_file():
        beside += brainvision.parts(path)
    return [path, *(p for p in dict.fromkeys(beside) if p != path and _is_entry(p))]


def sample_files(path) -> list[Path]:
    """Those of the files that hold the samples: what two recordings, whose headers may be alike, differ in."""
    path = Path(path)
    if path.is_dir():
        return [p for p in files_of(path) if p.is_file() and p.stat().st_size]
    if path.suffix.lower() in HEADERS:
        return brainvision.parts(path)[:1]
    if path.suffix.lower() == ".set" and (beside := path.with_suffix(".fdt")).is_file():
        return [beside]
    return [path]


def fingerprints(path) -> list[dict]:
    """Path, size in bytes and SHA-256 of a raw file and of those that belong to it, or of every file of a folder."""
    return [_fingerprint(file) for file in files_of(path) if file.is_file()]


def _is_entry(path: Path) -> bool:
    return path.is_file() or (path.is_symlink() and not path.exists())


def _fingerprint(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"Path": str(file), "Bytes": file.stat().st_size, "SHA256": digest}
