"""Who is at work in a results folder: one run at a time, whatever was killed before.

Every process that writes results holds a shared lock on one file; a run begins only where it can hold the lock alone.
The lock belongs to the processes and not to the disk: it ends with the last of them, however that one ended, so that a
killed run leaves nothing that would have to be unlocked.
"""

from __future__ import annotations

import errno
import os
import signal
import threading
import uuid
from pathlib import Path

from ..errors import InputError
from . import atomic
from .os_errors import AGAIN, os_error_message

try:
    import fcntl
except ImportError:  # Windows has no such locks
    fcntl = None

LOCK = Path("logs", ".at-work")  # among the logs, which are no results
RUN = "LFPBOLD_RUN"  # names the run to its jobs

KILLED = ("died with <Signals.SIGKILL", "exit status 137")  # Snakemake's words for a job that was killed


def require_working_folder() -> None:
    """Refuse to begin where Snakemake could not keep its records.

    Raises
    ------
    InputError
        Where the folder that the command is given in cannot be written.
    """
    folder = Path.cwd()
    for place in (folder / ".snakemake", folder):
        if place.is_dir() and not os.access(place, os.W_OK):
            raise InputError(
                f"{place}: cannot be written, and Snakemake keeps its records there; give the command in another"
                " folder, or with --directory FOLDER"
            )


def claim(results) -> list[Path]:
    """Begin a run in a results folder, and put in order what killed jobs of earlier runs left there.

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
        # Left open: the lock lasts as long as the process.
        file = os.open(results / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        # Alone first, then together with the jobs of this run.
        free = _lock(file, alone=True) and _lock(file, alone=False)
        if free:
            os.environ[RUN] = uuid.uuid4().hex
            os.write(file, os.environ[RUN].encode())
    except OSError as error:
        raise InputError(os_error_message(error, results) or f"{results}: {error}") from None
    if not free:
        raise InputError(
            f"{results}: another run is at work in this folder, or jobs of a run that was killed still are; wait until"
            " they have ended, or choose another folder with --config results=FOLDER"
        )
    return atomic.recover(results)


def end_on_request() -> None:
    """Let SIGTERM end the run whatever it is doing.

    Snakemake's handler waits for a lock that the interrupted code may itself hold, while it chooses the next jobs, and
    would then wait for ever; in a thread of its own it waits until that code goes on.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if callable(handler):
        signal.signal(signal.SIGTERM, lambda *given: threading.Thread(target=handler, args=given).start())


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
    file = os.open(path, os.O_RDONLY)  # left open, as above
    if not _lock(file, alone=False) or os.read(file, len(run)).decode() != run:
        raise InputError(f"{results}: the run that started this job has ended, and another is at work in its folder")


def after_failure(results, logs) -> str | None:
    """Clear what killed jobs of this run left, and one sentence about them, from Snakemake's logs; None without any."""
    atomic.recover(results)
    paths = [Path(path) for path in ([logs] if isinstance(logs, str) else logs or [])]
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in paths if path.is_file()]
    if not any(words in text for words in KILLED for text in texts):
        return None
    return (
        f"a job was killed from outside, most often because memory ran short; {AGAIN}, with fewer --cores if memory is"
        " what was short"
    )


def _lock(file: int, *, alone: bool) -> bool:
    """Whether the lock could be had; yes where the file system knows no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EACCES)
    return True
