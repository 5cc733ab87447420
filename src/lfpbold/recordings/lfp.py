"""One door for LFP of every format: which reader, what must hold of what it returns, which channels."""

from __future__ import annotations

import operator
import zlib
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from ..errors import InputError
from .arrays import open_lfp_array
from .mne_formats import MNE_SUFFIXES, open_mne
from .neo_formats import NEO_SUFFIXES, is_neuralynx, is_open_ephys, open_neuralynx, open_open_ephys
from .nwb import open_nwb
from .opened import Lfp, error_reason, is_mistake_in_code
from .options import LfpOptions
from .plausible import require_regular
from .tdt import TDT_SUFFIXES, is_tdt, open_tdt
from .triggers import line_onsets

READERS = {
    ".nwb": open_nwb,
    **dict.fromkeys((".mat", ".npy", ".npz"), open_lfp_array),
    **dict.fromkeys(MNE_SUFFIXES, open_mne),
    **dict.fromkeys(TDT_SUFFIXES, open_tdt),
    **NEO_SUFFIXES,
}
FOLDERS = ((is_tdt, open_tdt), (is_neuralynx, open_neuralynx), (is_open_ephys, open_open_ephys))
SLOWEST_HZ, FASTEST_HZ = 1e-3, 1e7
# What is named by mistake, because the samples or the markers are in it, and what to name instead.
PARTS = {
    ".eeg": "the header `.vhdr` of a BrainVision recording",
    ".vmrk": "the header `.vhdr` of a BrainVision recording",
    ".fdt": "the `.set` file of an EEGLAB recording",
    ".nev": "the `.ns1` … `.ns6` file of a Blackrock recording, or the folder of a Neuralynx one",
    ".continuous": "the folder of an Open Ephys recording",
    ".dat": "the folder of an Open Ephys recording",
}


def open_lfp(
    path,
    *,
    trigger: str | None = "scanner_trigger",
    channels=None,
    stage: str = "raw",
    variable: str | None = None,
    fs_hz: float | str | None = None,
    scale: float | None = None,
    time_axis: str = "auto",
) -> Lfp:
    """Open a recording of LFP, or of band power, without reading more of its samples than a trigger line.

    Parameters
    ----------
    path : path
        A file (NWB; MATLAB, NumPy; FIF, EDF, BDF, BrainVision, EEGLAB and others that MNE reads; Blackrock, Neuralynx)
        or a folder (TDT block, Neuralynx, Open Ephys).
    trigger : str or None
        Name of the volume triggers: series (NWB), annotation or marker (EDF, BrainVision …), epoc store (TDT), event
        (neo), or a channel that rises with every volume. None for no triggers.
    channels : sequence of str or int, optional
        Names, or indices from 0; all by default.
    stage : {"raw", "lfp", "power"}
        What it holds: samples with the gradient artefact, samples without it, power.
    variable : str, optional
        What holds the LFP in a file that holds several things: variable (MATLAB, .npz), series (NWB), stream.
    fs_hz : float or str, optional
        Sampling rate, Hz, or the name of a variable that holds it, where the format has none (MATLAB, NumPy).
    scale : float, optional
        Factor to microvolts, for files without units.
    time_axis : {"auto", "rows", "columns"}
        Of arrays: samples × channels, channels × samples, or whichever is clearly the longer one.

    Returns
    -------
    recording : Lfp
        Samples in µV; triggers in seconds from the first sample, where the file has those that `trigger` names.

    Raises
    ------
    InputError
        When the file is missing, of another kind, damaged, empty, or does not hold what was asked for.
    TypeError
        For an option that does not exist, or of the wrong type.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> folder = tempfile.TemporaryDirectory()
    >>> np.save(f"{folder.name}/rat01.npy", np.arange(8000).reshape(4000, 2))
    >>> lfp = open_lfp(f"{folder.name}/rat01.npy", fs_hz=1000.0, channels=[1])
    >>> lfp.fs_hz, lfp.n_samples, lfp.channels, lfp.triggers_s is None
    (1000.0, 4000, ['1'], True)
    >>> lfp.read(0, 10, 13).tolist()
    [21.0, 23.0, 25.0]
    >>> folder.cleanup()
    """
    names = () if channels is None else (channels,) if isinstance(channels, str | int) else tuple(channels)
    if not all(isinstance(name, str | int) for name in names):
        raise TypeError("channels must be names or indices")
    if not isinstance(trigger, str | None):
        raise TypeError(f"trigger must be a name or None, not {type(trigger).__name__}")
    options = LfpOptions(trigger or "", tuple(map(str, names)), stage, variable, fs_hz, scale, time_axis)
    recording = _open(Path(path), options, "")
    return recording if trigger else replace(recording, triggers_s=None)


def open_configured_lfp(path, settings: dict, channels=(), where: str = "") -> Lfp:
    """`open_lfp` as a row of the sheet says.

    Parameters
    ----------
    path : path
    settings : dict
        The row's `input` settings.
    channels : sequence of str
        Names, or indices from 0; empty for all.
    where : str
        Row of the sheet, with which messages begin.
    """
    return _open(Path(path), LfpOptions.from_settings(settings, channels=tuple(channels)), where)


def _open(path: Path, options: LfpOptions, row: str) -> Lfp:
    where = f"{row}: {path.name}" if row else str(path)
    if not path.exists():
        remedy = "correct `lfp` in the sheet (relative to the sheet)" if row else "correct the path"
        raise InputError(f"{where}: there is no file {path}; {remedy}")
    try:
        reader = _reader(path, where)
        require_regular(path, where)
        recording = reader(path, options, where)
    except InputError as error:
        raise error if str(error).startswith(where) else InputError(f"{where}: {error}") from None
    except MemoryError:
        raise InputError(
            f"{where}: asks for more memory than there is; export less of it, or exclude the row"
        ) from None
    except Exception as error:
        if is_mistake_in_code(error):
            raise
        kind = path.suffix or "a recording"
        raise InputError(
            f"{where}: cannot be read as {kind} ({error_reason(error)}); export it again or exclude the row"
        ) from error
    lock = Lock() if recording.page else nullcontext()
    fill = recording.fill and guarded(recording.fill, where, lock)
    recording = replace(recording, read=guarded(recording.read, where, lock), fill=fill)
    _require(recording, where)
    recording = _with_trigger_line(recording, options.trigger, list(options.channels), where)
    return _with_checked_positions(_choose(recording, list(options.channels), where))


def _with_checked_positions(recording: Lfp) -> Lfp:
    """A channel or a sample that a caller names wrongly is not taken for a damaged file."""

    def read(position, start, stop):
        position = operator.index(position)
        if not 0 <= position < len(recording.channels):
            raise IndexError(f"channel {position} of a recording of {len(recording.channels)}")
        return recording.read(position, operator.index(start), operator.index(stop))

    return replace(recording, read=read)


def _reader(path: Path, where: str) -> Callable:
    if path.is_dir():
        for fits, reader in FOLDERS:
            if fits(path):
                return reader
        suffix = path.suffix.lower()
        if suffix in READERS:  # some formats are folders with a suffix
            return READERS[suffix]
        raise InputError(
            f"{where}: is a folder without a recording that is known (TDT block, Neuralynx, Open Ephys); name the"
            " folder that holds the .tsq, the .ncs or the structure.oebin file, or a file"
        )
    if path.stat().st_size == 0:
        raise InputError(f"{where}: is an empty file; copy or export it again")
    suffix = path.suffix.lower()
    if suffix == ".gz" and path.name.lower().endswith(".fif.gz"):
        return open_mne
    if suffix in READERS:
        return READERS[suffix]
    if suffix in PARTS:
        raise InputError(f"{where}: is only a part of a recording; name {PARTS[suffix]} instead")
    raise InputError(f"{where}: LFP of type `{path.suffix}` is not known; use one of {', '.join(READERS)}, or a folder")


def _require(recording: Lfp, where: str) -> None:
    if not recording.channels:
        raise InputError(f"{where}: holds no channels; export it again or exclude the row")
    if recording.n_samples < 2:
        raise InputError(f"{where}: holds {recording.n_samples} samples; export it again or exclude the row")
    if not SLOWEST_HZ <= recording.fs_hz <= FASTEST_HZ:
        raise InputError(
            f"{where}: the sampling rate is {recording.fs_hz:g} Hz; set lfp_fs_hz for an array, else export it again"
        )
    if recording.triggers_s is not None and not np.isfinite(recording.triggers_s).all():
        raise InputError(f"{where}: the triggers hold NaN or infinity; repair them or name others by `trigger`")


def guarded(read: Callable, where: str, lock=nullcontext()) -> Callable:  # noqa: B008 - it holds nothing
    """Reading that fails halfway (a truncated or damaged file) ends in a sentence, like opening does."""

    def wrapped(*arguments):
        try:
            with lock:
                return read(*arguments)
        except InputError:
            raise
        except MemoryError:
            raise InputError(f"{where}: asks for more memory than there is; exclude the row") from None
        except (OSError, EOFError, ValueError, TypeError, KeyError, IndexError, RuntimeError, zlib.error) as error:
            if is_mistake_in_code(error):
                raise
            raise InputError(
                f"{where}: is damaged or cut short ({error_reason(error)}); copy or export it again"
            ) from error

    return wrapped


def _with_trigger_line(recording: Lfp, name: str, wanted: list, where: str) -> Lfp:
    """Triggers from the channel of that name, where the file has no events of that name; it is no LFP then."""
    if name not in recording.channels or name in wanted:
        return recording
    line = recording.channels.index(name)
    if recording.triggers_s is None:
        samples = recording.read(line, 0, recording.n_samples)
        try:
            recording = replace(recording, triggers_s=line_onsets(samples, recording.fs_hz))
        except InputError as error:
            raise InputError(f"{where}: channel {name}: {error}") from None
    if wanted:
        return recording
    rest = [channel for channel in recording.channels if channel != name]
    return _restricted(recording, [recording.channels.index(channel) for channel in rest])


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
    return _restricted(recording, positions)


def _restricted(recording: Lfp, positions: list[int]) -> Lfp:
    def fill(out, chosen, start, stop):
        recording.fill(out, [positions[p] for p in chosen], start, stop)

    return replace(
        recording,
        channels=[recording.channels[p] for p in positions],
        read=lambda position, start, stop: recording.read(positions[position], start, stop),
        fill=fill if recording.fill else None,
    )
