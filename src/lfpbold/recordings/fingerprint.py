"""What a raw recording was, to the byte: path, size and hash of each of its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

# Files that belong to the one that the sheet names, by the suffix of that one.
COMPANIONS = {
    ".vhdr": (".eeg", ".dat", ".vmrk"),
    ".set": (".fdt",),
    **{f".ns{n}": (".nev",) for n in range(1, 7)},
}


def fingerprints(path) -> list[dict]:
    """Path, size in bytes and SHA-256 of a raw file and of those that belong to it, or of every file of a folder."""
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file())
    else:
        beside = (path.with_suffix(suffix) for suffix in COMPANIONS.get(path.suffix.lower(), ()))
        files = [path, *(p for p in beside if p.is_file())]
    return [_fingerprint(file) for file in files]


def _fingerprint(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"Path": str(file), "Bytes": file.stat().st_size, "SHA256": digest}
