"""What is no regular file, though it has a name: reading a pipe or a device may never end."""

from __future__ import annotations

import os
import stat
from pathlib import Path

KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def special_kind(path) -> str:
    """What stands at a path in place of a regular file, such as `a pipe`; empty where it is one, or nothing is there.

    Links are followed.
    """
    try:
        return KINDS.get(stat.S_IFMT(os.stat(path).st_mode), "")  # noqa: PTH116
    except (OSError, ValueError):  # not there, a circle of links, a name that no file can have
        return ""


def is_entry(path: Path) -> bool:
    """Whether a name stands for a regular file, or for a link that leads nowhere."""
    try:
        return path.is_file() or (path.is_symlink() and not path.exists())
    except (OSError, ValueError):  # a name that no file can have
        return False


def pipes(folder) -> list[Path]:
    """Pipes, sockets and devices in a folder and in those below it, as far as four levels."""
    pipe_files, left = [], [(Path(folder), 0)]
    while left:
        here, depth = left.pop()
        try:
            with os.scandir(here) as entries:
                names = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in names:
            if entry.is_dir(follow_symlinks=False):
                left += [(here / entry.name, depth + 1)] if depth < 4 else []
            elif not entry.is_file() and special_kind(entry.path) not in ("", "a folder"):
                pipe_files.append(here / entry.name)
    return pipe_files
