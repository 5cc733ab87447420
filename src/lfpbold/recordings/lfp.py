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
from .absent import absence, require_content
from .arrays import open_lfp_array
from .chosen import with_channels, with_triggers
from .mne_formats import MNE_SUFFIXES, open_mne
from .neo_formats import NEO_SUFFIXES, is_neuralynx, is_open_ephys, open_neuralynx, open_open_ephys
from .nwb import open_nwb
from .opened import Lfp, error_reason, is_mistake_in_code
from .options import USUAL_TRIGGER, LfpOptions
from .plausible import require_regular
from .stated import held_against
from .tdt import TDT_SUFFIXES, is_tdt, open_tdt

READERS = {
    ".nwb": open_nwb,
    **dict.fromkeys((".mat", ".npy", ".npz"), open_lfp_array),
    **dict.fromkeys(MNE_SUFFIXES, open_mne),
    **dict.fromkeys(TDT_SUFFIXES, open_tdt),
    **NEO_SUFFIXES,
}
FOLDERS = ((is_tdt, open_tdt), (is_neuralynx, open_neuralynx), (is_open_ephys, open_open_ephys))
SLOWEST_HZ, FASTEST_HZ = 1e-3, 1e7
# A stated rate below the first, or with which the samples last longer than the last, is no rate in Hz.
SLOWEST_LFP_HZ, FASTEST_LFP_HZ, LONGEST_S = 10.0, 65_536.0, 6 * 3600.0
# What libraries raise over samples that are damaged.
READING_ERRORS = (OSError, EOFError, ValueError, TypeError, LookupError, ArithmeticError, RuntimeError, zlib.error)
TRANSPOSED = 4  # times as many channels as samples are no recording
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
    bad_channels: str = "exclude",
) -> Lfp:
    """Open a recording of LFP, or of band power, without reading more of its samples than a trigger line.

    Parameters
    ----------
    path : path
        A file (NWB; MATLAB, NumPy; FIF, EDF, BDF, BrainVision, EEGLAB and others that MNE reads; Blackrock, Neuralynx)
        or a folder (TDT block, Neuralynx, Open Ephys).
    trigger : str or None
        Name of the volume triggers: series (NWB), annotation or marker (EDF, BrainVision …), epoc store (TDT), event
        (neo), or a channel that leaves its rest with every volume; `Status=1` counts one code of it alone. A name other
        than the default must be in the file. None for no triggers.
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
    bad_channels : {"exclude", "use"}
        Channels that the file, or a BIDS table of channels beside it, marks bad.

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
    options = LfpOptions(
        trigger=trigger or "",
        trigger_named=bool(trigger) and trigger != USUAL_TRIGGER,
        channels=tuple(map(str, names)),
        stage=stage,
        variable=variable,
        fs_hz=fs_hz,
        scale=scale,
        time_axis=time_axis,
        bad_channels=bad_channels,
    )
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
    return _open(Path(path), LfpOptions.of_row(settings, tuple(channels)), where)


def _open(path: Path, options: LfpOptions, row: str) -> Lfp:
    where = f"{row}: {path.name}" if row else str(path)
    if not path.exists():
        remedy = "correct `lfp` in the sheet (relative to the sheet)" if row else "correct the path"
        raise InputError(f"{where}: {absence(path, remedy)}")
    try:
        require_content(path, where)
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
    if reader is open_lfp_array and recording.fs_hz > 0:
        _require_rate_in_hz(recording, options, where)
    _require(recording, where)
    if reader is not open_lfp_array:
        recording = _with_ignored_settings(recording, options, reader, where)
    recording = with_triggers(recording, options, where)
    recording = with_channels(recording, options, path, where)
    return _with_checked_positions(held_against(recording, path, options, reader is not open_lfp_array, where))


def _with_ignored_settings(recording: Lfp, options: LfpOptions, reader: Callable, where: str) -> Lfp:
    """With a note about a rate that is stated though the file has another; a named series must be there."""
    if options.variable and reader is open_mne:
        raise InputError(
            f"{where}: lfp_variable is `{options.variable}`, but this format holds one recording without such names;"
            " leave lfp_variable empty for this row"
        )
    stated = options.fs_hz
    if not isinstance(stated, int | float) or abs(stated / recording.fs_hz - 1) < 1e-3:
        return recording
    note = f"lfp_fs_hz ({stated:g} Hz) is not used, the file states {recording.fs_hz:g} Hz"
    return replace(recording, notes=(*recording.notes, note))


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
    if TRANSPOSED * recording.n_samples < len(recording.channels):
        raise InputError(
            f"{where}: holds {recording.n_samples} samples of {len(recording.channels)} channels, which are channels ×"
            " samples taken for samples × channels; set lfp_time_axis to columns for an array, else export it again,"
            " transposed"
        )
    if not SLOWEST_HZ <= recording.fs_hz <= FASTEST_HZ:
        raise InputError(
            f"{where}: the sampling rate is {recording.fs_hz:g} Hz; set lfp_fs_hz for an array, else export it again"
        )
    if recording.triggers_s is not None and not np.isfinite(recording.triggers_s).all():
        raise InputError(f"{where}: the triggers hold NaN or infinity; repair them or name others by `trigger`")


def _require_rate_in_hz(recording: Lfp, options: LfpOptions, where: str) -> None:
    """Refuse the stated rate of an array that is the time between samples, or in kHz."""
    rate, n = recording.fs_hz, recording.n_samples
    guesses = {1 / rate: "a period in seconds", 1000 * rate: "in kHz"}
    fast = {hz: what for hz, what in guesses.items() if SLOWEST_LFP_HZ <= hz <= FASTEST_LFP_HZ}
    fitting = {hz: what for hz, what in fast.items() if 1 <= n / hz <= LONGEST_S}
    too_slow = options.stage != "power" and rate < SLOWEST_LFP_HZ
    if not (too_slow or (n / rate > LONGEST_S and fitting)):
        return
    likely = " or ".join(f"{hz:g} if it is {what}" for hz, what in (fitting or fast).items())
    raise InputError(
        f"{where}: lfp_fs_hz is {rate:g} Hz, with which {n} samples last {n / rate / 3600:.3g} h; give the rate in Hz"
        f" ({likely or 'samples per second'})"
    )


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
        except READING_ERRORS as error:
            if is_mistake_in_code(error):
                raise
            raise InputError(
                f"{where}: is damaged or cut short ({error_reason(error)}); copy or export it again"
            ) from error

    return wrapped
