"""Opens what laboratories have: NWB, MATLAB and NumPy files with LFP, NIfTI and MATLAB files with BOLD.

The only module that opens raw recordings. Everything is checked at this door: samples, rate, channels, TR, slice times.
"""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from .arrays import open_bold_array, open_lfp_array
from .nifti import open_nifti
from .nwb import open_nwb
from .opened import Bold, Lfp, check_samples, require_scan

__all__ = ["Bold", "Lfp", "check_samples", "fingerprints", "open_bold", "open_lfp", "require_scan"]

LFP_READERS = {".nwb": open_nwb, ".mat": open_lfp_array, ".npy": open_lfp_array, ".npz": open_lfp_array}
BOLD_ARRAYS = (".mat", ".npy", ".npz")


def open_lfp(path, settings: dict, channels=(), where: str = "") -> Lfp:
    """Open a recording of LFP, or of band power, without reading its samples.

    Parameters
    ----------
    path : path
        `.nwb`, `.mat` (v5 or v7.3), `.npy` or `.npz`.
    settings : dict
        The row's `input` settings.
    channels : sequence of str
        Names, or indices from 0; empty for all.
    where : str
        Row of the sheet, for messages.

    Raises
    ------
    InputError
        When the file is missing, of another kind, damaged, empty, or does not hold what was asked for.
    """
    path = Path(path)
    where = f"{where}: {path.name}" if where else str(path)
    if not path.exists():
        raise InputError(f"{where}: there is no file {path}; correct `lfp` in the sheet (relative to the sheet)")
    if path.suffix.lower() not in LFP_READERS:
        raise InputError(f"{where}: LFP of type `{path.suffix}` is not known; use one of {', '.join(LFP_READERS)}")
    try:
        recording = LFP_READERS[path.suffix.lower()](path, settings, where)
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{where}: cannot be read as {path.suffix} ({reason}); export it again or exclude the row"
        ) from error
    if recording.n_samples < 2:
        raise InputError(f"{where}: holds {recording.n_samples} samples; export it again or exclude the row")
    if not (np.isfinite(recording.fs_hz) and recording.fs_hz > 0):
        raise InputError(f"{where}: the sampling rate is {recording.fs_hz}; set lfp_fs_hz in the sheet or config")
    recording = replace(recording, read=_guarded(recording.read, where))
    return _choose(recording, list(channels), where)


def _guarded(read, where: str):
    """Reading that fails halfway (a truncated or damaged file) ends in a sentence, like opening does."""

    def guarded(*arguments):
        try:
            return read(*arguments)
        except (OSError, EOFError, ValueError, TypeError, zlib.error) as error:
            reason = " ".join(str(error).split())[:200]
            raise InputError(f"{where}: is damaged or cut short ({reason}); copy or export it again") from error

    return guarded


def _choose(recording: Lfp, wanted: list, where: str) -> Lfp:
    """Restrict a recording to the channels asked for, by name or by index."""
    if not wanted:
        return recording
    names = list(recording.channels)
    positions = []
    for channel in wanted:
        if channel in names:
            positions.append(names.index(channel))
        elif channel.isdecimal() and int(channel) < len(names):
            positions.append(int(channel))
        else:
            raise InputError(
                f"{where}: there is no channel `{channel}`; it has {', '.join(names[:20])} (or indices 0 to"
                f" {len(names) - 1})"
            )
    if len(set(positions)) < len(positions):
        raise InputError(f"{where}: a channel is named twice in `channels` ({', '.join(wanted)}); remove one")
    return Lfp(
        recording.fs_hz,
        recording.n_samples,
        [names[p] for p in positions],
        lambda position, start, stop: recording.read(positions[position], start, stop),
        recording.triggers_s,
    )


def open_bold(path, settings: dict, where: str = "") -> Bold:
    """Open a BOLD series without reading its volumes.

    Parameters
    ----------
    path : path
        4-D NIfTI, with its JSON sidecar beside it where there is one; or `.mat` (volumes × voxels, or one series).
    settings : dict
        The row's `input` settings.
    where : str
        Row of the sheet, for messages.

    Raises
    ------
    InputError
        When the file is missing, damaged or not 4-D, or its TR is missing or contradicts the sidecar.
    """
    path = Path(path)
    where = f"{where}: {path.name}" if where else str(path)
    if not path.exists():
        raise InputError(f"{where}: there is no file {path}; correct `bold` in the sheet (relative to the sheet)")
    try:
        bold = (open_bold_array if path.suffix.lower() in BOLD_ARRAYS else open_nifti)(path, settings, where)
        return replace(bold, read=_guarded(bold.read, where))
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{where}: cannot be read as BOLD ({reason}); give a 4-D NIfTI file or exclude the row"
        ) from error


def fingerprints(path) -> list[dict]:
    """Path, size in bytes and SHA-256 of a raw file, or of every file of a folder."""
    path = Path(path)
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    found = []
    for file in files:
        with file.open("rb") as stream:
            found.append(
                {
                    "Path": str(file),
                    "Bytes": file.stat().st_size,
                    "SHA256": hashlib.file_digest(stream, "sha256").hexdigest(),
                }
            )
    return found
