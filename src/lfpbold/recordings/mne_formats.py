"""What MNE reads: FIF, EDF and BDF, BrainVision, EEGLAB and others; in µV, channel by channel."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import numpy as np

from ..errors import InputError
from .brainvision import require_own_parts
from .edf import EdfHeader, read_edf_header
from .fif import require_chain
from .hdf5 import is_hdf5, require_own_members
from .mat5 import require_layout
from .opened import PAGE, Lfp
from .options import LfpOptions
from .triggers import line_onsets

MNE_SUFFIXES = (".fif", ".edf", ".bdf", ".gdf", ".vhdr", ".ahdr", ".set", ".cnt", ".mff", ".nxe", ".lay", ".mefd")
BRAIN = ("eeg", "seeg", "ecog", "dbs")
# Warnings of MNE after which what it returns is not the recording.
FATAL = ("does not match the file", "not found; no annotations")
GAPS = ("boundary", "bad_acq_skip", "edge boundary", "bad boundary")
VOLT = 107  # FIFF_UNIT_V
STRETCH = 2**17  # samples of all channels that are read at once


def open_mne(path, options: LfpOptions, where) -> Lfp:
    if path.suffix.lower() in (".vhdr", ".ahdr"):
        require_own_parts(path, where)
    if path.suffix.lower() == ".set":
        (require_own_members if is_hdf5(path) else require_layout)(path, where)
    if path.suffix.lower() == ".fif":
        require_chain(path, where)
    header = read_edf_header(path, where) if path.suffix.lower() in (".edf", ".bdf") else None
    chosen, include = options.channels, None
    if header:
        include = header.of_one_rate(chosen, options.trigger, where)
    raw = _open(path, where, **({"include": include} if include else {}))
    _refuse_gaps(raw, path, where)
    positions = _positions(raw, header, chosen, options, where)
    factors = [_factor(raw, header, p, options) for p in positions]

    def read(position, start, stop):
        values = raw.get_data(picks=[positions[position]], start=start, stop=stop, verbose="error")[0]
        return (values * factors[position]).astype(np.float32)

    def fill(out, wanted, start, stop):
        picks = [positions[p] for p in wanted]
        order = np.argsort(picks)  # MNE is told channels in the file's order
        for begin in range(start, stop, STRETCH):
            end = min(begin + STRETCH, stop)
            values = raw.get_data(picks=sorted(picks), start=begin, stop=end, verbose="error")
            for row, p in zip(values, order, strict=True):
                np.multiply(row, factors[wanted[p]], out=out[p, begin - start : end - start], casting="same_kind")

    triggers = _events(raw, options.trigger)
    if triggers is None and header and include and options.trigger in header.names:
        triggers = _line(_open(path, where, include=[options.trigger]), options.trigger)
    names = [raw.ch_names[p] for p in positions]
    return Lfp(float(raw.info["sfreq"]), int(raw.n_times), names, read, triggers, fill, PAGE)


def _open(path, where, **arguments):
    import mne

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        raw = mne.io.read_raw(path, preload=False, verbose="warning", **arguments)
    for warning in caught:
        text = " ".join(str(warning.message).split())
        if any(part in text for part in FATAL):
            raise InputError(f"{where}: is incomplete ({text[:160]}); copy or export it again")
    _refuse_elsewhere(raw, path, where)
    return raw


def _refuse_elsewhere(raw, path, where) -> None:
    """Samples of another folder would be read, of which no record is kept."""
    folder = Path(os.path.abspath(path if path.is_dir() else path.parent))  # noqa: PTH100 (links are kept)
    for name in raw.filenames:
        file = Path(os.path.abspath(name)) if name is not None else None  # noqa: PTH100
        if file is not None and not file.is_relative_to(folder):
            raise InputError(f"{where}: names samples in another folder ({file.name}); copy all files into one folder")


def _refuse_gaps(raw, path, where) -> None:
    """Samples on either side of a gap would be taken for neighbours."""
    for onset, text in zip(raw.annotations.onset - _origin(raw), raw.annotations.description, strict=True):
        plain = text.lower()
        gap = plain in GAPS or (plain.startswith("new segment") and onset > 0.5 / raw.info["sfreq"])
        if gap:
            raise InputError(
                f"{where}: was interrupted {onset:.3f} s after its start (`{text}`); export the part with the scan"
                " alone, without gaps"
            )
    if path.suffix.lower() in (".vhdr", ".ahdr"):
        _whole_frames(raw, where)


def _whole_frames(raw, where) -> None:
    """BrainVision states no length; a file that was cut rarely ends with a whole sample of all channels."""
    extra = raw._raw_extras[0]
    item = {"short": 2, "int": 4, "single": 4, "double": 8}.get(
        extra.get("fmt") if isinstance(extra.get("fmt"), str) else ""
    )
    size = Path(raw.filenames[0]).stat().st_size
    if item and size % (item * extra["orig_nchan"]):
        raise InputError(f"{where}: its samples ({Path(raw.filenames[0]).name}) are cut short; copy or export it again")


def _positions(raw, header: EdfHeader | None, chosen, options, where) -> list[int]:
    """Channels to offer: all but trigger lines where some are asked for by name, else those of the brain."""
    kinds = raw.get_channel_types()
    keep = [
        p
        for p, kind in enumerate(kinds)
        if kind != "stim" or raw.ch_names[p] == options.trigger or raw.ch_names[p] in chosen
    ]
    if chosen:
        return keep
    brain = [
        p
        for p in keep
        if raw.ch_names[p] == options.trigger
        or (
            kinds[p] in BRAIN
            and raw.ch_names[p] not in raw.info["bads"]
            and (header is None or header.is_voltage(raw.ch_names[p]))
        )
    ]
    if all(raw.ch_names[p] == options.trigger for p in brain):
        raise InputError(
            f"{where}: holds no EEG, sEEG, ECoG or DBS channels; name the channels to analyse in `channels` (it has"
            f" {', '.join(raw.ch_names[:20])})"
        )
    return brain


def _factor(raw, header: EdfHeader | None, position: int, options) -> float:
    """MNE gives volts; what has no unit of voltage is scaled by `lfp_scale`."""
    name = raw.ch_names[position]
    volts = raw.info["chs"][position]["unit"] == VOLT and (header is None or header.is_known_voltage(name))
    return 1e6 if volts else options.to_microvolts


def _origin(raw) -> float:
    """Time of the first sample on the clock of the annotations."""
    return raw.first_time if raw.annotations.orig_time is not None else 0.0


def _plain(text: str) -> str:
    return "".join(text.split()).lower()


def _events(raw, name: str) -> np.ndarray | None:
    """Onsets of the annotations of that name (`R128` is also `Response/R128`), s from the first sample."""
    wanted = _plain(name)
    is_trigger = [wanted in (_plain(text), _plain(text.split("/", 1)[-1])) for text in raw.annotations.description]
    if any(is_trigger):
        return np.sort(np.asarray(raw.annotations.onset, dtype=float)[np.array(is_trigger)] - _origin(raw))
    return None


def _line(raw, name: str) -> np.ndarray:
    """Rises of a trigger line that has another rate than the LFP."""
    return line_onsets(raw.get_data(picks=[name], verbose="error")[0], raw.info["sfreq"])
