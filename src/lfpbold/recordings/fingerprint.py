"""Which files a raw recording consists of, and what it was, to the byte: path, size and hash of each of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from . import brainvision, eeglab
from .companions import files_of

HEADERS = (".vhdr", ".ahdr")
SMALL = 2**20  # bytes of a file whose content is compared; larger ones are taken for changed by size or time


def sample_files(path) -> list[Path]:
    """Those of the files that hold the samples: what two recordings, whose headers may be alike, differ in."""
    path = Path(path)
    if path.is_dir():
        return [p for p in files_of(path) if p.is_relative_to(path) and p.is_file() and p.stat().st_size]
    if path.suffix.lower() in HEADERS:
        return brainvision.parts(path)[:1]
    if path.suffix.lower() == ".set" and (beside := [p for p in eeglab.parts(path) if p.is_file()]):
        return beside[:1]
    return [path]


def fingerprints(path) -> list[dict]:
    """Path, size in bytes and SHA-256 of a raw file and of those that belong to it, or of every file of a folder."""
    return [_fingerprint(file) for file in files_of(path) if file.is_file()]


def state_of(path) -> str:
    """Digest by which a change of any file of a recording is noticed, be it added, removed or replaced by an older one.

    Small files count by their content, large ones by size and time, so that none is read whole.
    """
    path, digest = Path(path), hashlib.sha256()
    for file in files_of(path):
        if file.is_file():
            about = file.stat()
            small = about.st_size <= SMALL
            told = file.read_bytes() if small else f"{about.st_size} {about.st_mtime_ns}".encode()
            digest.update(f"{os.path.relpath(file, path.parent)} {len(told)}\n".encode() + told)
    return digest.hexdigest()[:16]


def _fingerprint(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"Path": str(file), "Bytes": file.stat().st_size, "SHA256": digest}
