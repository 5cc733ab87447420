"""Blackrock, Neuralynx and Open Ephys, through neo; in µV, channel by channel."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from ..errors import InputError
from .neo_checks import require_whole_ncs, require_whole_streams
from .opened import PAGE, Lfp, side_by_side
from .options import LfpOptions
from .triggers import line_onsets

TO_MICROVOLTS = {"v": 1e6, "volt": 1e6, "volts": 1e6, "mv": 1e3, "uv": 1.0, "µv": 1.0, "nv": 1e-3}
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
    if path.is_dir():
        require_whole_ncs(sorted(p for p in path.iterdir() if p.suffix.lower() == ".ncs"), where)
        return _open("NeuralynxRawIO", options, _bytes_in(path), where, dirname=str(path))
    require_whole_ncs([path], where)
    events = [p.name for p in path.parent.iterdir() if p.suffix.lower() == ".nev"]
    arguments = {"dirname": str(path.parent), "include_filenames": [path.name, *events]}
    return _open("NeuralynxRawIO", options, path.stat().st_size, where, **arguments)


def open_open_ephys(path, options: LfpOptions, where) -> Lfp:
    folder = path if path.is_dir() else path.parent
    binary = _listing(folder) is not None
    if binary:
        require_whole_streams(folder, where)
    kind = "OpenEphysBinaryRawIO" if binary else "OpenEphysRawIO"
    return _open(kind, options, _bytes_in(folder), where, dirname=str(folder))


def _bytes_in(folder: Path) -> int:
    """Bytes of all files of a folder: no format here packs its samples."""
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


NEO_SUFFIXES = {f".ns{n}": open_blackrock for n in range(1, 7)} | {".ncs": open_neuralynx, ".oebin": open_open_ephys}


def _open(name: str, options: LfpOptions, held: int, where: str, **arguments) -> Lfp:
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
    return Lfp(rate, n_samples, names, read, _events(io, options.trigger, stream), fill, PAGE)


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
        fits = [i for i, name in enumerate(names) if wanted in (name, str(streams["id"][i]), name.split("#")[-1])]
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


def _events(io, name: str, stream: int) -> np.ndarray | None:
    """Events whose channel or label has that name, s from the first sample."""
    onsets = []
    for number, channel in enumerate(io.header["event_channels"]):
        stamps, _, labels = io.get_event_timestamps(0, 0, number)
        times = np.asarray(io.rescale_event_timestamp(stamps, "float64", number), dtype=float)
        texts = np.array([str(label).strip() for label in labels])
        if name not in (str(channel["name"]), str(channel["id"])):
            times = times[texts == name]
        elif (texts == "0").any():  # the port's new value at every change
            times = times[texts != "0"]
        onsets.append(times)
    times = np.sort(np.concatenate(onsets)) if onsets else np.zeros(0)
    return times - float(io.get_signal_t_start(0, 0, stream)) if times.size else _line(io, name, stream)


def _line(io, name: str, stream: int) -> np.ndarray | None:
    """Rises of a trigger line that was recorded as a channel of another stream, s from the first sample."""
    channels = io.header["signal_channels"]
    for other, identity in enumerate(io.header["signal_streams"]["id"]):
        names = [str(n) for n in channels["name"][channels["stream_id"] == identity]]
        if other != stream and name in names:
            chunk = io.get_analogsignal_chunk(0, 0, None, None, other, channel_indexes=[names.index(name)])
            begins = float(io.get_signal_t_start(0, 0, other)) - float(io.get_signal_t_start(0, 0, stream))
            return line_onsets(chunk[:, 0], float(io.get_signal_sampling_rate(other))) + begins
    return None
