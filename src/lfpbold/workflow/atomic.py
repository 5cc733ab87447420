"""From half-written to whole: a job's files move to their places all together, whenever it is killed.

A job writes into folders of its own, `.partial-*`, beside the destinations. When all is written and on the disk, a
list of these folders is put into the first of them: from then on the files are results, and whoever finds the list
moves what has not been moved. Folders without a list are half-written and are removed.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from ..derivatives import files

PARTIAL = ".partial-"
LIST = ".whole.json"


def publish(folders) -> None:
    """Move the files of a job to the folders above; all of them, or none where the disk refuses one.

    Parameters
    ----------
    folders : sequence of path
        The folders that the job wrote into.

    Raises
    ------
    OSError
        Where something could not be written or moved; what was moved before is removed again.
    """
    folders = [Path(folder) for folder in folders]
    moves = [(item, item.parent.parent / item.name) for folder in folders for item in sorted(folder.iterdir())]
    for path in (*(item for item, _ in moves), *folders):
        files.to_disk(path)
    _commit(folders)
    try:
        for item, place in moves:
            item.replace(place)
        _leave(folders)
    except BaseException:
        (folders[0] / LIST).unlink(missing_ok=True)
        for _, place in moves:
            place.unlink(missing_ok=True)
        raise


def recover(results) -> list[Path]:
    """Finish what jobs were moving when they were killed, remove what was half-written, and return the latter.

    Nobody else may be at work in these results.
    """
    found = sorted(
        Path(folder) / name for folder, names, _ in os.walk(results) for name in names if name.startswith(PARTIAL)
    )
    for listing in [folder / LIST for folder in found]:
        if listing.is_file():
            names = json.loads(listing.read_text(encoding="utf-8"))
            folders = [Path(os.path.normpath(listing.parent / name)) for name in names]
            for folder in filter(Path.is_dir, folders):
                for item in sorted(folder.iterdir()):
                    if item.name != LIST:
                        item.replace(folder.parent / item.name)
            _leave(folders)
    half_written = [folder for folder in found if folder.is_dir()]
    for folder in half_written:
        shutil.rmtree(folder, ignore_errors=True)
    return half_written


def _commit(folders: list[Path]) -> None:
    """Put the list into the first folder, whole or not at all."""
    first = folders[0]
    draft = first / f"{LIST}.draft"
    draft.write_text(json.dumps([os.path.relpath(folder, first) for folder in folders]), encoding="utf-8")
    files.to_disk(draft)
    draft.replace(first / LIST)
    files.to_disk(first)


def _leave(folders: list[Path]) -> None:
    """Remove the emptied folders, the one with the list last, when their files' new names are on the disk."""
    for folder in folders:
        files.to_disk(folder.parent)
    for folder in reversed(folders):
        (folder / LIST).unlink(missing_ok=True)
        if folder.is_dir():
            folder.rmdir()
