"""What MNE reads: FIF, EDF and BDF, BrainVision, EEGLAB and others; in µV, channel by channel."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path

import numpy as np

from ..errors import InputError
from . import neuroscan
from .brainvision import require_own_parts, require_stated_length
from .chosen import trigger_channel
from .edf import EdfHeader, read_edf_header
from .fif import require_chain
from .hdf5 import is_hdf5, require_own_members
from .mat5 import require_layout
from .names import one_meant
from .opened import PAGE, Lfp
from .options import LfpOptions
from .triggers import named_line_onsets

MNE_SUFFIXES = (".fif", ".edf", ".bdf", ".gdf", ".vhdr", ".ahdr", ".set", ".cnt", ".mff", ".nxe", ".lay", ".mefd")
BRAIN = ("eeg", "seeg", "ecog", "dbs")
# Warnings of MNE after which what it returns is not the recording.
FATAL = ("does not match the file", "not found; no annotations")
OUTSIDE = re.compile(r"Omitted \d+ annotation")
MNE_KINDS = {"stim": "trigger or digital line", "resp": "respiration", "misc": "MISC", "bio": "physiological",
             "temperature": "temperature", "gsr": "skin conductance", "ref_meg": "reference"}  # fmt: skip
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
    line = trigger_channel(options.trigger, header.names, where) if header else (None, None)
    include = header.of_one_rate(options.channels, line[0], where) if header else None
    arguments: dict = {"include": include} if include else {}
    scan = neuroscan.read_header(path, where) if path.suffix.lower() == ".cnt" else None
    if scan:
        arguments = {"data_format": f"int{8 * scan.n_bytes}", "recompute_n_samples": True}
    raw, notes = _open(path, where, **arguments)
    _refuse_gaps(raw, path, where)
    onsets_s, texts = neuroscan.events(path, scan) if scan else _marks(raw)
    named = trigger_channel(options.trigger, raw.ch_names, where)[0]
    positions = _positions(raw, named, options)
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

    triggers = _events(onsets_s, texts, options.trigger, where)
    if triggers is None and include and line[0] is not None:
        triggers = _line(_open(path, where, include=[line[0]])[0], header, *line, where)
    names = [raw.ch_names[p] for p in positions]
    return Lfp(
        float(raw.info["sfreq"]),
        int(raw.n_times),
        names,
        read,
        triggers,
        fill,
        PAGE,
        notes,
        tuple(dict.fromkeys([*texts, *(n for n in raw.ch_names if n not in names)])),
        _kinds(raw, header, named),
        units={name: str(unit) for name, unit in (getattr(raw, "_orig_units", None) or {}).items()},
    )


def _open(path, where, **arguments):
    import mne

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        raw = mne.io.read_raw(path, preload=False, verbose="warning", **arguments)
    notes = []
    for warning in caught:
        text = " ".join(str(warning.message).split())
        if any(part in text for part in FATAL):
            raise InputError(f"{where}: is incomplete ({text[:160]}); copy or export it again")
        if OUTSIDE.search(text):
            notes.append("some of its events lie outside its samples, which may have been cut short; they are not used")
    _refuse_elsewhere(raw, path, where)
    return raw, tuple(notes)


def _refuse_elsewhere(raw, path, where) -> None:
    """Samples of another folder would be read, of which no record is kept."""
    folder = Path(os.path.abspath(path if path.is_dir() else path.parent))  # noqa: PTH100 (links are kept)
    for name in raw.filenames:
        file = Path(os.path.abspath(name)) if name is not None else None  # noqa: PTH100
        if file is not None and not file.is_relative_to(folder):
            raise InputError(f"{where}: names samples in another folder ({file.name}); copy all files into one folder")


def _refuse_gaps(raw, path, where) -> None:
    """Samples on either side of a gap would be taken for neighbours."""
    half_s, length_s = 0.5 / raw.info["sfreq"], raw.n_times / raw.info["sfreq"]
    times = zip(
        raw.annotations.onset - raw.first_time, raw.annotations.duration, raw.annotations.description, strict=True
    )
    for onset, duration, text in times:
        plain = text.lower()
        # Nothing is missing within a recording where a boundary stands before its first or behind its last sample.
        outside = onset <= half_s or onset >= length_s - half_s
        skipped = plain == "bad_acq_skip" and duration > 2 * half_s
        if (plain in GAPS or plain.startswith("new segment")) and (skipped or not outside):
            raise InputError(
                f"{where}: was interrupted {onset:.3f} s after its start (`{text}`); export the part with the scan"
                " alone, without gaps"
            )
    if path.suffix.lower() in (".vhdr", ".ahdr"):
        _whole_frames(raw, where)
        require_stated_length(path, int(raw.n_times), where)


def _whole_frames(raw, where) -> None:
    """BrainVision states no length; a file that was cut rarely ends with a whole sample of all channels."""
    extra = raw._raw_extras[0]
    item = {"short": 2, "int": 4, "single": 4, "double": 8}.get(
        extra.get("fmt") if isinstance(extra.get("fmt"), str) else ""
    )
    size = Path(raw.filenames[0]).stat().st_size
    if item and size % (item * extra["orig_nchan"]):
        raise InputError(f"{where}: its samples ({Path(raw.filenames[0]).name}) are cut short; copy or export it again")


def _positions(raw, trigger: str | None, options) -> list[int]:
    """Channels to offer: all but trigger lines, unless they are named."""
    kinds = raw.get_channel_types()
    wanted = (trigger, *options.channels)
    return [p for p, kind in enumerate(kinds) if kind != "stim" or raw.ch_names[p] in wanted]


def _kinds(raw, header: EdfHeader | None, trigger: str | None) -> dict[str, str]:
    """Channels that are no LFP by their type, their unit or their rate, and what they are."""
    kinds = {}
    for name, kind in zip(raw.ch_names, raw.get_channel_types(), strict=True):
        if kind not in BRAIN:
            kinds[name] = MNE_KINDS.get(kind, kind.upper())
        elif name in raw.info["bads"]:
            kinds[name] = "marked bad"
        elif header is not None and not header.is_voltage(name):
            kinds[name] = f"in {header.unit(name)}"
    if header is not None:
        kinds |= {name: "of another rate" for name in header.names if name not in raw.ch_names}
    return {name: kind for name, kind in kinds.items() if name != trigger}


def _factor(raw, header: EdfHeader | None, position: int, options) -> float:
    """MNE gives volts; what has no unit of voltage is scaled by `lfp_scale`, and codes of a trigger line stay."""
    name = raw.ch_names[position]
    if raw.get_channel_types([position])[0] == "stim":
        return 1.0
    volts = raw.info["chs"][position]["unit"] == VOLT and (header is None or header.is_known_voltage(name))
    return 1e6 if volts else options.to_microvolts


def _marks(raw) -> tuple[np.ndarray, list[str]]:
    """Onsets of all annotations, s from the first sample, and what they say.

    MNE counts them from `first_time` before the first sample, whether or not the recording has a date.
    """
    marks = raw.annotations
    return np.asarray(marks.onset, dtype=float) - raw.first_time, [str(text) for text in marks.description]


def _events(onsets_s, texts: list[str], name: str, where: str) -> np.ndarray | None:
    """Onsets of the annotations of that name (`R128` is also `Response/R128`), s from the first sample."""
    # `Response/R128` may be called `R128`, but what is called so in full goes before.
    found = one_meant(name, texts, where)
    if found is not None:
        meant_texts = {found}
    else:
        short = one_meant(name, [text.split("/", 1)[-1] for text in texts], where)
        meant_texts = {text for text in texts if short is not None and text.split("/", 1)[-1] == short}
    if not meant_texts:
        return None
    if len(meant_texts) > 1:
        raise InputError(f"{where}: `{name}` may be {' or '.join(sorted(meant_texts))}; write one of these in full")
    is_trigger = np.array([text in meant_texts for text in texts])
    return np.sort(np.asarray(onsets_s, dtype=float)[is_trigger])


def _line(raw, header, name: str, code: str | None, where: str) -> np.ndarray:
    """Pulses of a trigger line that has another rate than the LFP."""
    factor = _factor(raw, header, 0, LfpOptions())
    return named_line_onsets(
        raw.get_data(picks=[name], verbose="error")[0] * factor, raw.info["sfreq"], code, f"{where}: channel {name}"
    )
