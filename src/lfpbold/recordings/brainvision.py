"""The header of a BrainVision recording: what must hold of it before MNE follows the names in it."""

from __future__ import annotations

import math
import re
from pathlib import Path

from ..errors import InputError

LARGEST = 20_000_000  # bytes of a header
MOST_CHANNELS = 100_000


def require_own_parts(path: Path, where: str) -> None:
    """Samples and markers lie beside the header, and its numbers are those of a recording.

    Raises
    ------
    InputError
    """
    if path.stat().st_size > LARGEST:
        raise InputError(f"{where}: is too large for a BrainVision header; name the `.vhdr` file of the recording")
    text = _header(path)
    for key in ("DataFile", "MarkerFile"):
        for name in _values(text, key):
            if re.search(r"[/\\\0]", name) or name in (".", ".."):
                raise InputError(
                    f"{where}: its {key} is `{name}`, not the name of a file beside it; put all files into one folder"
                    " and correct the header"
                )
    for key, least, most in (("NumberOfChannels", 1, MOST_CHANNELS), ("SamplingInterval", 1e-3, 1e12)):
        for value in _values(text, key):
            if not least <= _number(value) <= most:
                raise InputError(f"{where}: its {key} is `{value}`; export it again or exclude the row")


def parts(path: Path) -> list[Path]:
    """Samples and markers that a header names, in this order; as they are called by habit where it names none."""
    text = _header(path) if path.stat().st_size <= LARGEST else ""
    named = []
    for key, suffix in (("DataFile", ".eeg"), ("MarkerFile", ".vmrk")):
        name = next(iter(_values(text, key)), f"$b{suffix}").replace("$b", path.stem)
        if name.strip(".") and not re.search(r"[/\\\0]", name):
            named.append(path.with_name(name))
    return named


def require_stated_length(path: Path, n_samples: int, where: str) -> None:
    """The samples are as many as the header states, where it does (`DataPoints`).

    Raises
    ------
    InputError
    """
    text = _header(path)
    for value in _values(text, "DataPoints"):
        stated = _number(value)
        if stated > 0 and stated != n_samples:
            raise InputError(
                f"{where}: its header states {stated:.0f} samples (DataPoints), but its file holds {n_samples}; copy or"
                " export it again"
            )


def _header(path: Path) -> str:
    return path.read_bytes().decode("latin-1").partition("\n[Comment]")[0]


def _values(text: str, key: str) -> list[str]:
    return [value.strip() for value in re.findall(rf"(?mi)^[ \t]*{key}[ \t]*=([^\r\n]*)", text)]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
