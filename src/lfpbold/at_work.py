"""Who is at work in a results folder: one run at a time, whatever was killed before.

Every process that writes results holds a lock on one file, shared; a run begins only where it can hold it alone. The
lock belongs to the processes and not to the disk: it ends with the last of them, however that one ended, so that a
killed run leaves nothing that would have to be unlocked.
"""

from __future__ import annotations

import errno
import os
import shutil
import uuid
from pathlib import Path

from .errors import InputError
from .system_errors import said

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None

LOCK = Path("logs", ".at-work")  # among the logs, which are no results
RUN = "LFPBOLD_RUN"  # names the run to its jobs
PARTIAL = ".partial-"  # folders that jobs write into

_held: list = []  # open files: a lock lasts as long as its file is open


def claim(results) -> list[Path]:
    """Begin a run in a results folder, and clear what killed jobs of earlier runs left there.

    Returns
    -------
    list of Path
        Folders of half-written files that were removed.

    Raises
    ------
    InputError
        Where another run is at work there, or nothing can be written there.
    """
    results = Path(results)
    try:
        (results / LOCK).parent.mkdir(parents=True, exist_ok=True)
        file = (results / LOCK).open("a+", encoding="utf-8")
        # Alone first, then together with the jobs of this run.
        free = _lock(file, alone=True) and _lock(file, alone=False)
        if free:
            os.environ[RUN] = uuid.uuid4().hex
            file.truncate(0)
            file.write(os.environ[RUN])
            file.flush()
    except OSError as error:
        raise InputError(said(error, results) or f"{results}: {error}") from None
    if not free:
        raise InputError(
            f"{results}: another run is at work in this folder, or jobs of a run that was killed still are; wait until"
            " they have ended, or choose another folder with --config results=FOLDER"
        )
    _held.append(file)
    return clear(results)


def join(results) -> None:
    """Hold the lock of a run as one of its jobs.

    Raises
    ------
    InputError
        Where the run that started this job is gone and another has begun.
    """
    path, run = Path(results) / LOCK, os.environ.get(RUN)
    if run is None or not path.is_file():
        return
    file = path.open("r", encoding="utf-8")
    if not _lock(file, alone=False) or file.read() != run:
        raise InputError(f"{results}: the run that started this job has ended, and another is at work in its folder")
    _held.append(file)


def clear(results) -> list[Path]:
    """Remove folders of half-written files, of which there must be no writer left."""
    found = [Path(folder) / name for folder, names, _ in os.walk(results) for name in names if name.startswith(PARTIAL)]
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
    return found


def _lock(file, *, alone: bool) -> bool:
    """Whether the lock could be had; yes where the file system knows no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES)
    return True
