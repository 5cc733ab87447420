"""Why a file is not there, or is not what its name says: links and pointers of data managers, paths of Windows."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from .companions import required_files

SMALLEST = 32_768  # bytes that a pointer never reaches


def absence(path: Path, remedy: str) -> str:
    """Why there is nothing at a path, and what to do.

    Parameters
    ----------
    path : Path
    remedy : str
        What to do where nothing more is known.
    """
    if path.is_symlink():
        manager = "annex" in str(path.readlink())
        way_out = "fetch it with `datalad get` or `git annex get`" if manager else "copy the file, or correct the link"
        return f"{path.name} is a link to a file that is not here; {way_out}"
    if "\\" in str(path):
        return f"there is no file {path}; write / in place of \\ in paths"
    return f"there is no file {path}{hint(path)}; {remedy}"


def hint(path: Path) -> str:
    """Why a file may not be found where its name or its neighbours show that; begins with a blank, or is empty."""
    text = str(path)
    if text.endswith(('"', "'")) or path.name.startswith(('"', "'")):
        return " (without quotes)"
    try:
        near = next((p for p in path.parent.iterdir() if p.name.lower() == path.name.lower()), None)
    except OSError:
        return ""
    return f" (there is {near.name}: capital letters count)" if near else ""


def pointer(path: Path) -> str:
    """What a data manager left in place of a file's content, and what to do; empty where it is there.

    Links that lead nowhere are told as well.
    """
    if path.is_symlink() and not path.exists():
        return absence(path, "")
    try:
        if not path.is_file() or not 0 < path.stat().st_size < SMALLEST:
            return ""
        with path.open("rb") as file:
            head = file.read(200)
    except OSError:
        return ""
    if head.startswith(b"version https://git-lfs.github.com"):
        return f"{path.name} is a pointer of git-lfs, its content is not here; fetch it with `git lfs pull`"
    if head.startswith((b"/annex/objects/", b".git/annex/objects/")) or b"/.git/annex/objects/" in head:
        return (
            f"{path.name} is a pointer of git-annex, its content is not here; fetch it with `datalad get` or"
            " `git annex get`"
        )
    return ""


def require_content(path: Path, where: str) -> None:
    """Refuse a recording of which a data manager has not fetched the content, or that of a part of it.

    Raises
    ------
    InputError
    """
    for part in required_files(path):
        if reason := pointer(part):
            raise InputError(f"{where}: {reason}")
