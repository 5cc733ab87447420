"""Which files are opened for one recording: the file or folder that the sheet names, and all that belongs to it.

What makes a job run again, what is hashed and what is told of a result's origin all ask `files_of`; a test holds it
against the files that are opened. A reader that opens another file needs it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from . import bids, brainvision, eeglab, fif
from .channel_kinds import channels_table
from .special_files import is_entry
from .tdt import TDT_SUFFIXES

IMAGES = {".nii": (), ".nii.gz": (), ".hdr": (".img",), ".img": (".hdr",)}
BLACKROCK = tuple(f".ns{n}" for n in range(1, 7))
LARGEST_LAYOUT = 1_000_000  # bytes of a Persyst layout that is looked at
LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini")  # in folders that were looked at; besides names that begin with a dot


def files_of(path) -> list[Path]:
    """Every file that is opened for a recording, the one that was named first; links that lead nowhere among them.

    Parameters
    ----------
    path : path
        As the sheet names it: LFP or BOLD, a file or a folder.

    Returns
    -------
    files : list of Path
        A file, or every file of a folder; what its format keeps beside it; of BIDS, its own JSON sidecar and those
        that it inherits, and for LFP the table of channels.
    """
    path = Path(path)
    own = _of_folder(path) if path.is_dir() else [path, *parts_of(path)]
    told = [bids.own_sidecar(path), *bids.inherited_sidecars(path)]
    if _suffix(path) not in IMAGES and (table := channels_table(path)):
        told.append(table)
    return list(dict.fromkeys(file for file in (*own, *told) if file == path or is_entry(file)))


def required_files(path) -> list[Path]:
    """Those of the files without which a recording is not opened: all but JSON sidecars of LFP, which describe it."""
    path = Path(path)
    if _suffix(path) in IMAGES:
        return files_of(path)
    described = {bids.own_sidecar(path), *bids.inherited_sidecars(path)}
    return [file for file in files_of(path) if file not in described]


def parts_of(path: Path) -> list[Path]:
    """The other files of a recording of which one is named: what its format keeps beside it."""
    suffix = _suffix(path)
    if suffix in IMAGES:
        return [path.with_suffix(other) for other in IMAGES[suffix]]
    if suffix in BLACKROCK:  # neo reads the headers of all rates
        return [path.with_suffix(other) for other in (".nev", *BLACKROCK)]
    parts = PARTS.get(suffix)
    return parts(path) if parts is not None and path.is_file() else []


def _suffix(path: Path) -> str:
    name = path.name.lower()
    return next((end for end in (".nii.gz", ".fif.gz") if name.endswith(end)), path.suffix.lower())


def _of_folder(folder: Path) -> list[Path]:
    """Every file of a folder but those that operating systems leave in it."""
    inside = (p for p in folder.rglob("*") if not any(part.startswith(".") for part in p.relative_to(folder).parts))
    return sorted(p for p in inside if p.name.lower() not in LEFT_BY_SYSTEMS and is_entry(p))


def _persyst(path: Path) -> list[Path]:
    """The samples that a layout names, else those that are called like it."""
    if path.stat().st_size > LARGEST_LAYOUT:
        return []
    named = re.findall(r"(?mi)^[ \t]*File[ \t]*=[ \t]*([^\r\n]+)", path.read_text(encoding="latin-1"))
    names = [re.split(r"[/\\]", name.strip())[-1] for name in named]
    return [*(path.with_name(name) for name in names if name), path.with_suffix(".dat")]


def _neuralynx(path: Path) -> list[Path]:
    """Events of a folder of which one channel is named."""
    return sorted(p for p in path.parent.iterdir() if p.suffix.lower() == ".nev")


def _tdt(path: Path) -> list[Path]:
    """The block of which one file is named, with the streamer's logs of lost packets."""
    beside = (p for p in path.parent.iterdir() if not p.name.startswith("._"))
    return sorted(p for p in beside if p.suffix.lower() in TDT_SUFFIXES or p.name.endswith("_log.txt"))


PARTS: dict[str, Callable[[Path], list[Path]]] = {
    ".vhdr": brainvision.parts,
    ".ahdr": brainvision.parts,
    ".set": eeglab.parts,
    ".fif": fif.parts,
    ".fif.gz": fif.parts,
    ".lay": _persyst,
    ".ncs": _neuralynx,
    ".oebin": lambda path: _of_folder(path.parent),
    **dict.fromkeys(TDT_SUFFIXES, _tdt),
}
