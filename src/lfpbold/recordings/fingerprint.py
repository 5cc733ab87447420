"""Which files a raw recording consists of, and what it was, to the byte: path, size and hash of each of them."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from .companions import files_of, parts_of
from .tdt import TDT_SUFFIXES

HEADERS = (".vhdr", ".ahdr")
WITH_SAMPLES_BESIDE = (".set", ".hdr", ".lay")  # in the first of their parts, where there is one
OF_SEVERAL = (".fif", ".oebin", *TDT_SUFFIXES)
SMALL = 2**20  # bytes of a file whose content is compared; larger ones are taken for changed by size or time


def sample_files(path) -> list[Path]:
    """Those of the files that hold the samples: what two recordings, whose headers may be alike, differ in."""
    path = Path(path)
    if path.is_dir():
        inside = [p for p in files_of(path) if p.is_relative_to(path)]
    elif path.suffix.lower() in HEADERS:
        return parts_of(path)[:1]
    elif path.suffix.lower() in WITH_SAMPLES_BESIDE:
        inside = [p for p in parts_of(path) if p.is_file()][:1]
    elif path.suffix.lower() in OF_SEVERAL:
        inside = [path, *parts_of(path)]
    else:
        return [path]
    return [p for p in dict.fromkeys(inside) if p.is_file() and p.stat().st_size] or [path]


def fingerprints(path) -> list[dict]:
    """Path, size in bytes and SHA-256 of a raw file and of those that belong to it, or of every file of a folder."""
    return [_fingerprint(file) for file in files_of(path) if file.is_file()]


def large_files(path) -> list[Path]:
    """Those of the files of a recording that take long to read."""
    return [file for file in files_of(path) if file.is_file() and file.stat().st_size > SMALL]


def state_of(path, files) -> str:
    """Digest by which a change of any file of a recording is noticed, be it added, removed or replaced by an older one.

    Small files count by their content, large ones by size and time, so that none is read whole.

    Parameters
    ----------
    path : path
        As the sheet names it; the others are named relative to its folder.
    files : sequence of Path
        Its `files_of`.
    """
    digest, folder = hashlib.sha256(), Path(path).parent
    for file in files:
        with contextlib.suppress(OSError):  # gone, or not readable, which its reader tells
            about = file.stat()
            small = about.st_size <= SMALL
            told = file.read_bytes() if small else f"{about.st_size} {about.st_mtime_ns}".encode()
            digest.update(f"{os.path.relpath(file, folder)} {len(told)}\n".encode() + told)
    return digest.hexdigest()[:16]


def _fingerprint(file: Path) -> dict:
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {"Path": str(file), "Bytes": file.stat().st_size, "SHA256": digest}
