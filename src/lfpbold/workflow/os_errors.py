"""What the machine refused: a full disk, a folder that cannot be written, a file that is gone, in one sentence each."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from pathlib import Path

from .atomic import PARTIAL

AGAIN = "run the same command again: it goes on from there"
UNWRITABLE = {
    errno.EROFS: "the file system is read-only",
    errno.EACCES: "permission denied",
    errno.EPERM: "not permitted",
}
_NAMES = ("EIO", "ESTALE", "ENXIO", "ENODEV", "ETIMEDOUT", "EHOSTDOWN", "EREMOTEIO")  # not every system has all
BROKEN = tuple(getattr(errno, name) for name in _NAMES if hasattr(errno, name))
SHORT_WRITE = re.compile(r"\d+ requested and \d+ written")  # NumPy's words, which come without a number


def os_error_message(error: OSError, results) -> str | None:
    """One sentence for an error of the operating system: the folder or file, and the way out.

    Parameters
    ----------
    error : OSError
    results : path
        The results folder, which is named where the error itself names no file.

    Returns
    -------
    str or None
        None where the error is none that a person can act on: a fault of the program, whose traceback is to be seen.
    """
    code = error.errno
    if code is None and SHORT_WRITE.search(str(error)):
        code = errno.ENOSPC
    if code in (errno.ENOSPC, errno.EDQUOT):
        full = "the disk is full" if code == errno.ENOSPC else "the quota is used up"
        return f"{_fullest(error, results)}: {full}; make room and {AGAIN}"
    path = _subject(error, results)
    if code in UNWRITABLE:
        return f"{path}: {_unreachable(path, code)}; {_permit(path, results)} and {AGAIN}"
    if code == errno.ENOENT and _belongs(path, results):
        return (
            f"{path}: is missing from the results although a later stage needs it; make it again: run the same"
            " command with `--forcerun` and this file's name"
        )
    if code in BROKEN:
        return f"{path}: the disk or network drive reports an error ({os.strerror(code)}); check the drive and {AGAIN}"
    if code in (errno.ENFILE, errno.EMFILE):
        return f"{path}: too many files are open; allow more with `ulimit -n`, or use fewer cores, and {AGAIN}"
    return None


def missing_input(inputs) -> str | None:
    """One sentence for the first input file that is no longer there; None where all are."""
    missing = next((path for path in inputs if not Path(path).exists()), None)
    return missing and f"{missing}: disappeared during the run; put it back and {AGAIN}"


def _subject(error: OSError, results) -> str:
    name = error.filename if isinstance(error.filename, str | os.PathLike) else results
    return str(name)


def _unreachable(path: str, code: int) -> str:
    readable = Path(path).is_file() and os.access(path, os.R_OK)
    return f"cannot be {'written' if readable or code == errno.EROFS else 'read or written'} ({UNWRITABLE[code]})"


def _permit(path: str, results) -> str:
    inside = Path(path).absolute().is_relative_to(Path(results).absolute())
    return "make the folder writable, or choose another with --config results=FOLDER," if inside else "permit it"


def _belongs(path: str, results) -> bool:
    """Whether a file is a result, and not one that a job was writing."""
    inside = Path(path).absolute().is_relative_to(Path(results).absolute())
    return inside and Path(path) != Path(results) and PARTIAL not in path


def _fullest(error: OSError, results) -> str:
    """The folder whose disk has least room: that of the file, of the results, or of temporary files."""
    named = Path(error.filename).parent if isinstance(error.filename, str) else results
    folders = [folder for folder in (named, results, tempfile.gettempdir()) if Path(folder).is_dir()]
    return str(min(folders, key=lambda folder: shutil.disk_usage(folder).free, default=results))
