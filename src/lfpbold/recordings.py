"""Opens what laboratories have: NWB, MATLAB and NumPy files with LFP, NIfTI and MATLAB files with BOLD.

The only module that opens raw recordings. Everything is checked at this door: samples, rate, channels, TR, slice times.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .errors import InputError

LFP_SUFFIXES = (".nwb", ".mat", ".npy", ".npz")


@dataclass(frozen=True)
class Lfp:
    """A recording that is read channel by channel.

    Attributes
    ----------
    fs_hz : float
        Sampling rate, Hz.
    n_samples : int
    channels : list of str
        The channels asked for, or all.
    read : callable
        `read(position, start, stop)` gives samples of the channel at that position of `channels`: float32, in µV.
    triggers_s : ndarray or None
        Volume triggers, s from the first sample.
    """

    fs_hz: float
    n_samples: int
    channels: list
    read: Callable = field(repr=False)
    triggers_s: np.ndarray | None = None


@dataclass(frozen=True)
class Bold:
    """A 4-D series with its geometry and timing.

    Attributes
    ----------
    shape : tuple of int
        (x, y, z).
    n_volumes : int
    affine : ndarray, shape (4, 4)
    tr_s : float
    slice_times_s : ndarray or None
        Onset of each slice within its volume, s; None where unknown.
    read : callable
        `read(start, stop)` gives volumes, shape (n, x, y, z), float32.
    """

    shape: tuple
    n_volumes: int
    affine: np.ndarray
    tr_s: float
    slice_times_s: np.ndarray | None
    read: Callable = field(repr=False)
    holds_integers: bool = False


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
    readers = {".nwb": _open_nwb, ".mat": _open_array, ".npy": _open_array, ".npz": _open_array}
    if not path.exists():
        raise InputError(f"{where}: there is no file {path}; correct `lfp` in the sheet (relative to the sheet)")
    if path.suffix.lower() not in readers:
        raise InputError(f"{where}: LFP of type `{path.suffix}` is not known; use one of {', '.join(LFP_SUFFIXES)}")
    try:
        recording = readers[path.suffix.lower()](path, settings, where)
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
    return _choose(recording, list(channels), where)


def _choose(recording: Lfp, wanted: list, where: str) -> Lfp:
    """Restrict a recording to the channels asked for, by name or by index."""
    if not wanted:
        return recording
    names = list(recording.channels)
    positions = []
    for channel in wanted:
        if channel in names:
            positions.append(names.index(channel))
        elif channel.isdigit() and int(channel) < len(names):
            positions.append(int(channel))
        else:
            raise InputError(
                f"{where}: there is no channel `{channel}`; it has {', '.join(names[:20])} (or indices 0 to"
                f" {len(names) - 1})"
            )
    return Lfp(
        recording.fs_hz,
        recording.n_samples,
        [names[p] for p in positions],
        lambda position, start, stop: recording.read(positions[position], start, stop),
        recording.triggers_s,
    )


def _open_nwb(path, settings, where) -> Lfp:
    import h5py

    file = h5py.File(path, "r")
    series = _find_series(file, settings, where)
    data = series["data"]
    rate, first = _nwb_rate(series, where)
    scale = float(data.attrs.get("conversion", 1.0)) * 1e6
    offset = float(data.attrs.get("offset", 0.0)) * 1e6
    n_channels = 1 if data.ndim == 1 else data.shape[1]
    gains = series["channel_conversion"][:] if "channel_conversion" in series else np.ones(n_channels)

    def read(position, start, stop):
        raw = data[start:stop] if data.ndim == 1 else data[start:stop, position]
        return raw.astype(np.float32) * np.float32(scale * gains[position]) + np.float32(offset)

    return Lfp(
        rate, len(data), _nwb_names(file, series, n_channels), read, _nwb_triggers(file, settings["trigger"], first)
    )


def _find_series(file, settings, where):
    """The ElectricalSeries to analyse: the one named by `lfp_variable`, else the only one."""
    found = {}

    def visit(name, item):
        if item.attrs.get("neurodata_type") in ("ElectricalSeries", b"ElectricalSeries") and "data" in item:
            found[name] = item

    file.visititems(visit)
    wanted = settings["lfp_variable"]
    if wanted:
        found = {name: item for name, item in found.items() if wanted in (name, name.split("/")[-1])}
    if not found:
        raise InputError(
            f"{where}: holds no ElectricalSeries{f' named `{wanted}`' if wanted else ''}; set lfp_variable to one that"
            " it holds"
        )
    if len(found) > 1:
        raise InputError(
            f"{where}: holds several ElectricalSeries ({', '.join(found)}); say which by lfp_variable in the sheet or"
            " config"
        )
    return next(iter(found.values()))


def _nwb_rate(series, where) -> tuple[float, float]:
    """Rate in Hz and time of the first sample in s."""
    if "starting_time" in series:
        start = series["starting_time"]
        return float(start.attrs["rate"]), float(start[()])
    stamps = series["timestamps"]
    period = (stamps[-1] - stamps[0]) / (len(stamps) - 1)
    some = np.diff(stamps[: min(len(stamps), 100_000)])
    if np.abs(some - period).max() > 0.5 * period:
        raise InputError(f"{where}: the time stamps have gaps; export the recording without gaps, or exclude the row")
    return 1 / period, float(stamps[0])


def _nwb_names(file, series, n_channels) -> list[str]:
    """Channel names from the electrodes table, where it names them."""
    table = file.get("general/extracellular_ephys/electrodes")
    rows = series["electrodes"][:] if "electrodes" in series else range(n_channels)
    for column in ("channel_name", "label", "electrode_name"):
        if table is not None and column in table:
            values = table[column][:]
            names = [v.decode() if isinstance(v, bytes) else str(v) for v in (values[r] for r in rows)]
            if len(set(names)) == n_channels:
                return names
    return [str(i) for i in range(n_channels)]


def _nwb_triggers(file, name, first) -> np.ndarray | None:
    """Time stamps of the trigger series of that name, s from the first sample; None where there is none."""
    found = []

    def visit(path, item):
        if path.split("/")[-1] == name:
            for key in ("timestamps", "start_time"):
                if key in getattr(item, "keys", tuple)():
                    found.append(np.asarray(item[key][:], dtype=float))

    file.visititems(visit)
    return found[0] - first if found else None


def _open_array(path, settings, where) -> Lfp:
    values = np.asarray(_load_array(path, settings["lfp_variable"], where))
    if values.dtype.kind not in "iuf":
        raise InputError(f"{where}: holds {values.dtype} instead of real numbers; export the LFP as numbers")
    values = values.squeeze()
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2:
        raise InputError(f"{where}: has shape {values.shape}; give samples × channels")
    if values.shape[0] < values.shape[1]:  # time is the longer axis in every recording
        values = values.T
    rate = settings["lfp_fs_hz"]
    if isinstance(rate, str):
        rate = float(np.ravel(_load_array(path, rate, where))[0])
    if rate is None:
        raise InputError(f"{where}: this format holds no sampling rate; set lfp_fs_hz in the sheet or config")
    scale = np.float32(settings["lfp_scale"])
    names = [str(i) for i in range(values.shape[1])]
    return Lfp(float(rate), len(values), names, lambda c, start, stop: values[start:stop, c].astype(np.float32) * scale)


def _load_array(path, variable, where):
    """A variable of a .mat or .npz file, or the content of a .npy file; never anything pickled."""
    if path.suffix.lower() == ".npy":
        return np.load(path, mmap_mode="r", allow_pickle=False)
    if path.suffix.lower() == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return archive[_variable(variable, archive.files, where)]
    from scipy import io as matlab

    try:
        known = [name for name, *_ in matlab.whosmat(path)]
        return matlab.loadmat(path, variable_names=[_variable(variable, known, where)], squeeze_me=False)[
            _variable(variable, known, where)
        ]
    except NotImplementedError:  # MATLAB 7.3 files are HDF5, with axes in reverse order
        import h5py

        with h5py.File(path, "r") as file:
            return file[_variable(variable, [n for n in file if not n.startswith("#")], where)][()].T


def _variable(wanted, known, where) -> str:
    if wanted in known:
        return wanted
    if wanted is None and len(known) == 1:
        return known[0]
    what = f"no variable `{wanted}`" if wanted else "several variables"
    raise InputError(
        f"{where}: holds {what}; it has {', '.join(known) or 'none'}: set lfp_variable or bold_variable to one of them"
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
        if path.suffix.lower() in (".mat", ".npy", ".npz"):
            return _open_bold_array(path, settings, where)
        return _open_nifti(path, settings, where)
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(
            f"{where}: cannot be read as BOLD ({reason}); give a 4-D NIfTI file or exclude the row"
        ) from error


def _open_nifti(path, settings, where) -> Bold:
    import nibabel

    image = nibabel.load(path)
    if len(image.shape) != 4 or image.shape[3] < 2:
        raise InputError(f"{where}: has shape {image.shape}; BOLD must be 4-D with at least two volumes")
    sidecar = read_sidecar(path, where)
    tr_s = _repetition_time(image.header, sidecar, settings["tr_s"], where)
    scale = np.float32(settings["bold_scale"])

    def read(start, stop):
        block = np.moveaxis(np.asarray(image.dataobj[..., start:stop], dtype=np.float32), 3, 0)
        return block if scale == 1 else block * scale

    times = sidecar.get("SliceTiming")
    if times is not None and settings["bold_stage"] == "raw":
        times = _slice_times(times, image.shape, tr_s, where)
    return Bold(
        image.shape[:3], image.shape[3], image.affine, tr_s, times, read, np.dtype(image.get_data_dtype()).kind in "iu"
    )


def _slice_times(times, shape, tr_s, where) -> np.ndarray:
    try:
        times = np.asarray(times, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{where}: SliceTiming in the JSON sidecar is not a list of numbers; correct it") from None
    if times.ndim != 1 or times.size not in shape[:3]:
        raise InputError(
            f"{where}: SliceTiming has {times.size} entries for an image of {shape[:3]}; correct the JSON sidecar"
        )
    if not np.isfinite(times).all() or times.min() < 0 or times.max() >= tr_s:
        raise InputError(
            f"{where}: SliceTiming must lie in 0…TR ({tr_s:g} s); correct the JSON sidecar (seconds, not milliseconds)"
        )
    return times


def read_sidecar(path, where: str) -> dict:
    """The JSON file beside a NIfTI image; empty where there is none."""
    name = Path(path).name
    for suffix in (".nii.gz", ".nii"):
        name = name.removesuffix(suffix)
    sidecar = Path(path).with_name(f"{name}.json")
    if not sidecar.is_file():
        return {}
    try:
        content = json.loads(sidecar.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            f"{where}: its sidecar {sidecar.name} is not valid JSON ({error}); correct or remove it"
        ) from None
    if not isinstance(content, dict):
        raise InputError(f"{where}: its sidecar {sidecar.name} holds no JSON object; correct or remove it")
    return content


def _repetition_time(header, sidecar, override, where) -> float:
    """TR in seconds: the sheet's or config's, else the sidecar's, else the header's; contradictions are refused."""
    unit = {"msec": 1e-3, "usec": 1e-6}.get(header.get_xyzt_units()[1], 1.0)
    in_header = float(header.get_zooms()[3]) * unit
    if override:
        return float(override)
    stated = sidecar.get("RepetitionTime")
    if stated is None:
        stated = in_header
    elif not isinstance(stated, int | float) or isinstance(stated, bool):
        raise InputError(f"{where}: RepetitionTime in the JSON sidecar is {stated!r}; give seconds")
    if not np.isfinite(stated) or stated <= 0:
        raise InputError(
            f"{where}: the TR is {stated:g} s; set RepetitionTime in the JSON sidecar, or tr_s in the sheet or config"
        )
    if stated > 60:
        raise InputError(
            f"{where}: the TR is {stated:g} s, probably milliseconds; set tr_s in the sheet or config, in seconds"
        )
    if in_header > 0 and abs(in_header - stated) > 1e-3 * stated:
        raise InputError(
            f"{where}: the NIfTI header has TR {in_header:g} s and the JSON sidecar {stated:g} s; correct one, or set"
            " tr_s in the sheet"
        )
    return float(stated)


def _open_bold_array(path, settings, where) -> Bold:
    values = np.asarray(_load_array(path, settings["bold_variable"], where), dtype=np.float32)
    if values.ndim > 2:
        raise InputError(f"{where}: has shape {values.shape}; give volumes × voxels, or NIfTI")
    values = values.reshape(-1, 1) if 1 in values.shape or values.ndim == 1 else values
    if not settings["tr_s"]:
        raise InputError(f"{where}: this format holds no TR; set tr_s in the sheet or config")
    values = values * np.float32(settings["bold_scale"])
    shape = (values.shape[1], 1, 1)
    return Bold(
        shape, len(values), np.eye(4), float(settings["tr_s"]), None, lambda a, b: values[a:b].reshape(-1, *shape)
    )


def require_scan(lfp: Lfp, bold: Bold, start_s: float, period_s: float, where: str) -> None:
    """Refuse a recording that does not cover the scan."""
    needed = start_s + bold.n_volumes * period_s
    length = lfp.n_samples / lfp.fs_hz
    if start_s < 0 or needed > length + 0.5 * period_s + 1 / lfp.fs_hz:
        raise InputError(
            f"{where}: {bold.n_volumes} volumes of {bold.tr_s:g} s from {start_s:.3f} s need {needed:.1f} s of LFP, but"
            f" there are {length:.1f} s; correct scan_start_s or the TR, or shorten the BOLD"
        )


def check_samples(samples, channel: str, where: str) -> None:
    """Refuse a channel that holds anything but numbers, or never changes."""
    if not np.isfinite(samples).all():
        raise InputError(f"{where}: channel {channel} holds NaN or infinity; name the good channels in `channels`")
    if np.ptp(samples) == 0:
        raise InputError(f"{where}: channel {channel} is constant; name the good channels in `channels`")


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
