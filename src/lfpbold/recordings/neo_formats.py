"""Blackrock, Neuralynx and Open Ephys, through neo; in µV, channel by channel."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import numpy as np

from ..errors import InputError
from .chosen import trigger_channel
from .names import listed, meant, name_and_code, one_meant
from .neo_checks import require_whole_ncs, require_whole_streams
from .open_ephys import binary_triggers, record_triggers, require_whole_records
from .opened import PAGE, Lfp, side_by_side
from .options import LfpOptions
from .triggers import named_line_onsets, onsets_of_changes

TO_MICROVOLTS = {"v": 1e6, "volt": 1e6, "volts": 1e6, "mv": 1e3, "uv": 1.0, "µv": 1.0, "nv": 1e-3}
NEVER_MS = 1e12  # no gap is that long: gaps are looked for before neo, which splits at each rounded time stamp
STRETCH = 2**17  # samples of all channels that are read at once


def is_neuralynx(folder: Path) -> bool:
    """Whether a folder holds Neuralynx channels."""
    return any(p.suffix.lower() == ".ncs" for p in folder.iterdir())


def is_open_ephys(folder: Path) -> bool:
    """Whether a folder holds an Open Ephys recording, in the binary or the older format."""
    return _listing(folder) is not None or any(folder.glob("*.continuous"))


def _listing(folder: Path) -> Path | None:
    """The listing of a binary recording; it stands in the folder of the session at most four levels deep."""
    levels = ("", "*/", "*/*/", "*/*/*/", "*/*/*/*/")
    return next((p for level in levels for p in folder.glob(f"{level}structure*.oebin")), None)


def open_blackrock(path, options: LfpOptions, where) -> Lfp:
    number = int(path.suffix[3:])
    return _open("BlackrockRawIO", options, path.stat().st_size, where, filename=str(path), nsx_to_load=number)


def open_neuralynx(path, options: LfpOptions, where) -> Lfp:
    folder = path if path.is_dir() else path.parent
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() == ".ncs") if path.is_dir() else [path]
    require_whole_ncs(files, where)
    arguments: dict = {"dirname": str(folder), "gap_tolerance_ms": NEVER_MS}
    if not path.is_dir():
        events = [p.name for p in folder.iterdir() if p.suffix.lower() == ".nev"]
        arguments["include_filenames"] = [path.name, *events]
    return _open("NeuralynxRawIO", options, sum(p.stat().st_size for p in files), where, **arguments)


def open_open_ephys(path, options: LfpOptions, where) -> Lfp:
    folder = path if path.is_dir() else path.parent
    listing = _listing(folder)
    if listing is None:
        require_whole_records(folder, where)

        def recorded(io, wanted, stream, where):
            rate = float(io.get_signal_sampling_rate(stream))
            return record_triggers(folder, wanted, rate, int(io.get_signal_size(0, 0, stream)))

        return _open("OpenEphysRawIO", options, _bytes_in(folder), where, recorded, dirname=str(folder))
    require_whole_streams(folder, where)

    def triggers(io, wanted, stream, where):
        name = str(io.header["signal_streams"]["name"][stream]).split("#")[-1]
        held = [path.name for path in (listing.parent / "continuous").iterdir() if name.startswith(path.name)]
        return binary_triggers(listing, max(held, key=len, default=name), wanted, where)

    return _open("OpenEphysBinaryRawIO", options, _bytes_in(folder), where, triggers, dirname=str(folder))


def _bytes_in(folder: Path) -> int:
    """Bytes of all files of a folder: no format here packs its samples."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


NEO_SUFFIXES = {f".ns{n}": open_blackrock for n in range(1, 7)} | {".ncs": open_neuralynx, ".oebin": open_open_ephys}


def _open(name: str, options: LfpOptions, held: int, where: str, find=None, **arguments) -> Lfp:
    """Through a reader of neo; `find(io, trigger, stream, where)` gives times of triggers, and what there is."""
    try:
        from neo import rawio
    except ImportError:
        raise InputError(
            f"{where}: this format is read by the package neo, which is not installed; install it (pip install neo)"
        ) from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            io = getattr(rawio, name)(**arguments)
            io.parse_header()
        n = sum(io.segment_count(block) for block in range(io.block_count()))
    except ValueError as error:
        if "gap" not in str(error):
            raise
        n = 2
    if n != 1:
        raise InputError(
            f"{where}: holds several recordings, or one with gaps; name the folder of one of them, or export the part"
            " with the scan alone"
        )
    stream = _stream(io, options.variable, where)
    channels = io.header["signal_channels"]
    channels = channels[channels["stream_id"] == io.header["signal_streams"]["id"][stream]]
    factors = [_factor(str(channel["units"]), options, where) for channel in channels]
    n_samples = int(io.get_signal_size(0, 0, stream))
    stated = n_samples * sum(np.dtype(str(channel["dtype"])).itemsize for channel in channels)
    if stated > held:
        raise InputError(
            f"{where}: its header states {n_samples} samples of {len(channels)} channels, more than {held} bytes hold;"
            " copy it again"
        )

    def read(position, start, stop):
        start, stop, _ = slice(start, stop).indices(n_samples)
        chunk = io.get_analogsignal_chunk(0, 0, start, stop, stream, channel_indexes=[position])
        volts = io.rescale_signal_raw_to_float(chunk, "float64", stream, channel_indexes=[position])[:, 0]
        _close(io)
        return (volts * factors[position]).astype(np.float32)

    def fill(out, positions, start, stop):
        for begin in range(start, stop, STRETCH):
            end = min(begin + STRETCH, stop)
            chunk = io.get_analogsignal_chunk(0, 0, begin, end, stream, channel_indexes=positions)
            volts = io.rescale_signal_raw_to_float(chunk, "float64", stream, channel_indexes=positions)
            side_by_side(out[:, begin - start : end - start], volts, [factors[p] for p in positions])
        _close(io)

    rate = float(io.get_signal_sampling_rate(stream))
    names = [str(name) for name in channels["name"]]
    triggers, known = (find or _events)(io, options.trigger, stream, where)
    if triggers is None or not triggers.size:
        line, lines = _line(io, options.trigger, stream, where)
        triggers, known = triggers if line is None else line, (*known, *lines)
    return Lfp(rate, n_samples, names, read, triggers, fill, PAGE, trigger_names=known)


def _close(io) -> None:
    """neo's Blackrock reader leaves its file open; it opens it again when it reads."""
    handles = getattr(io, "_nsx_fids", {})
    while handles:
        handles.popitem()[1].close()


def _stream(io, wanted: str | None, where: str) -> int:
    streams = io.header["signal_streams"]
    names = [str(name) for name in streams["name"]]
    described = ", ".join(
        f"{name} ({io.get_signal_sampling_rate(i):g} Hz, {io.signal_channels_count(i)} channels)"
        for i, name in enumerate(names)
    )
    if wanted:
        fits = [i for i, name in enumerate(names) if meant(wanted, (name, str(streams["id"][i]), name.split("#")[-1]))]
        exact = [i for i in fits if wanted in (names[i], str(streams["id"][i]), names[i].split("#")[-1])]
        fits = exact or fits
        if len(fits) != 1:
            raise InputError(f"{where}: holds no single stream `{wanted}`; set lfp_variable to one of {described}")
        return fits[0]
    if not names:
        raise InputError(f"{where}: holds no stream of samples; export it again or exclude the row")
    if len(names) > 1:
        raise InputError(f"{where}: holds several streams; say which is the LFP by lfp_variable ({described})")
    return 0


def _factor(unit: str, options, where: str) -> float:
    """Factor to µV; a stream without a unit of voltage is scaled by `lfp_scale`."""
    return TO_MICROVOLTS.get(unit.strip().lower(), options.to_microvolts)


def _events(io, wanted: str, stream: int, where: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Events whose channel or label is meant, s from the first sample; and what events there are."""
    first = float(io.get_signal_t_start(0, 0, stream))
    end = first + int(io.get_signal_size(0, 0, stream)) / float(io.get_signal_sampling_rate(stream))
    names, times, texts, ports = [], [], [], []
    for number, channel in enumerate(io.header["event_channels"]):
        stamps, _, labels = io.get_event_timestamps(0, 0, number)
        names.append((str(channel["name"]), str(channel["id"])))
        times.append(np.asarray(io.rescale_event_timestamp(stamps, "float64", number), dtype=float))
        texts.append(np.array([str(label).strip() for label in labels], dtype=object))
        ports.append(re.search(r"ttl=(-?\d+)$", names[-1][0]))
    every = list(dict.fromkeys(text for own in texts for text in own))
    known = tuple(dict.fromkeys([*(name for name, _ in names), *every]))
    for text, code in ((wanted, None), name_and_code(wanted)):
        for i, both in enumerate(names):
            if text and meant(text, both):
                own = _of_port(times[i], texts[i], first, end, code, f"{where}: {both[0]}")
                return np.sort(own) - first, known
    label = one_meant(wanted, every, where)
    if label is None:  # the value of a Neuralynx port
        label = one_meant(wanted, [port[1] for port in ports if port], where)
        chosen = [times[i] for i, port in enumerate(ports) if label is not None and port and port[1] == label]
    else:
        chosen = [own[labels == label] for own, labels in zip(times, texts, strict=True)]
    return (np.sort(np.concatenate(chosen)) - first if chosen else None), known


def _of_port(times, texts, begin: float, end: float, code: str | None, where: str) -> np.ndarray:
    """Events of one channel: where its labels are the values of a port, those at which it leaves rest."""
    try:
        values = np.array([int(float(text)) for text in texts])
    except ValueError:
        chosen = meant(code, texts) if code is not None else []
        if code is not None and not chosen:
            raise InputError(f"{where}: has no event `{code}`; it has {listed(texts)}") from None
        return times[np.isin(texts, chosen)] if chosen else times
    order = np.argsort(times, kind="stable")
    try:
        return onsets_of_changes(times[order], values[order], begin, end, code)
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _line(io, wanted: str, stream: int, where: str) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Pulses of a trigger line of another stream, s from the first sample; and the channels of other streams."""
    channels, known = io.header["signal_channels"], []
    for other, identity in enumerate(io.header["signal_streams"]["id"]):
        names = [str(n) for n in channels["name"][channels["stream_id"] == identity]]
        if other == stream:
            continue
        known += names
        name, code = trigger_channel(wanted, names, where) if wanted else (None, None)
        if name is not None:
            chunk = io.get_analogsignal_chunk(0, 0, None, None, other, channel_indexes=[names.index(name)])
            begins = float(io.get_signal_t_start(0, 0, other)) - float(io.get_signal_t_start(0, 0, stream))
            onsets = named_line_onsets(
                chunk[:, 0], float(io.get_signal_sampling_rate(other)), code, f"{where}: channel {name}"
            )
            return onsets + begins, tuple(known)
    return None, tuple(known)
