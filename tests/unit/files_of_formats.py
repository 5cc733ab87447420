"""Real small recordings of every format: by the format's own library where there is one, else by its specification.

Each function writes samples in µV, shape (n_samples, n_channels), and knows nothing of the package under test.
"""

from __future__ import annotations

import json
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

FS_HZ = 1000.0
NAMES = ("A1", "A2", "A3")
TRIGGERS_S = np.array([0.5, 1.5, 2.5])
START = datetime(2024, 1, 1, 12, tzinfo=UTC)


def samples(n_samples: int = 4000, n_channels: int = 3, seed: int = 0) -> np.ndarray:
    """Noise of 150 µV with an offset for each channel, so that no two can be mistaken for each other."""
    noise = np.random.default_rng(seed).normal(0, 150, (n_samples, n_channels))
    return np.round(noise + 100 * np.arange(n_channels), 1)


# ---- NWB -----------------------------------------------------------------------------------------------------------


def nwb(path: Path, uv, series=("lfp",), *, counts=False, gains=None, offset_uv=0.0, stamps=None, chunks=None) -> Path:
    """Each series holds `uv` times its number from 1; `counts`: integers of 0.1 µV; `gains`: a factor per channel."""
    import pynwb
    from hdmf.backends.hdf5 import H5DataIO

    file = pynwb.NWBFile("noise", "noise", START, file_create_date=START)
    device = file.create_device(name="probe")
    group = file.create_electrode_group(name="tip", description="tip", location="M1", device=device)
    file.add_electrode_column("channel_name", "name")
    for name in NAMES[: uv.shape[1]]:
        file.add_electrode(location="M1", group=group, channel_name=name)
    for number, name in enumerate(series, 1):
        region = file.create_electrode_table_region(list(range(uv.shape[1])), "all")
        stored = (uv * number - offset_uv) / (1 if gains is None else np.asarray(gains))
        data = np.round(stored * 10).astype(np.int16) if counts else stored * 1e-6
        timing = {"timestamps": stamps} if stamps is not None else {"rate": FS_HZ, "starting_time": 10.0}
        file.add_acquisition(
            pynwb.ecephys.ElectricalSeries(
                name=name,
                data=H5DataIO(data, chunks=chunks, compression="gzip") if chunks else data,
                electrodes=region,
                conversion=1e-7 if counts else 1.0,
                offset=offset_uv * 1e-6,
                channel_conversion=gains,
                **timing,
            )
        )
    first = 10.0 if stamps is None else stamps[0]
    file.add_acquisition(
        pynwb.TimeSeries(name="scanner_trigger", data=np.ones(3), timestamps=TRIGGERS_S + first, unit="n/a")
    )
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return path


# ---- what MNE reads ------------------------------------------------------------------------------------------------


def _raw(uv, names=NAMES, trigger_line=False, kind="seeg", first_samp=0):
    import mne

    volts = uv.T * 1e-6
    names, kinds = list(names[: uv.shape[1]]), [kind] * uv.shape[1]
    if trigger_line:
        line = np.zeros(len(uv))
        for onset in np.round(TRIGGERS_S * FS_HZ).astype(int):
            line[onset : onset + 20] = 1
        volts, names, kinds = np.vstack([volts, line]), [*names, "TRIG"], [*kinds, "stim"]
    raw = mne.io.RawArray(volts, mne.create_info(names, FS_HZ, kinds), first_samp=first_samp, verbose="error")
    raw.set_meas_date(START)
    if not trigger_line:
        raw.set_annotations(mne.Annotations(TRIGGERS_S, 0, "scanner_trigger"))
    return raw


def fif(path: Path, uv, **options) -> Path:
    _raw(uv, **options).save(path, fmt="double", overwrite=True, verbose="error")
    return path


def eeglab(path: Path, uv) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _raw(uv, kind="eeg").export(path, overwrite=True, verbose="error")
    return path


def eeglab73(path: Path, uv) -> Path:
    """As EEGLAB saves large sets: MATLAB 7.3, structures as groups of references."""
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        aside, group = file.create_group("#refs#"), file.create_group("EEG")

        def put(where, name, value):
            is_text = isinstance(value, str)
            data = np.array([[ord(c)] for c in value], np.uint16) if is_text else np.atleast_2d(float(value))
            item = where.create_dataset(name, data=data)
            item.attrs["MATLAB_class"] = np.bytes_("char" if is_text else "double")
            if is_text:
                item.attrs["MATLAB_int_decode"] = np.int32(2)
            return item

        def structures(name, field, values):
            made = group.require_group(name)
            made.attrs["MATLAB_class"] = np.bytes_("struct")
            references = [[put(aside, f"{name}{field}{i}", value).ref] for i, value in enumerate(values)]
            made.create_dataset(field, data=np.array(references, h5py.ref_dtype), dtype=h5py.ref_dtype)

        group.attrs["MATLAB_class"] = np.bytes_("struct")
        duration = (len(uv) - 1) / FS_HZ
        about = {"nbchan": uv.shape[1], "trials": 1, "pnts": len(uv), "srate": FS_HZ, "xmin": 0, "xmax": duration}
        for name, value in {**about, "setname": "noise"}.items():
            put(group, name, value)
        group.create_dataset("data", data=uv.astype(np.float32)).attrs["MATLAB_class"] = np.bytes_("single")
        structures("chanlocs", "labels", NAMES[: uv.shape[1]])
        structures("event", "type", ["scanner_trigger"] * len(TRIGGERS_S))
        structures("event", "latency", TRIGGERS_S * FS_HZ + 1)
    _as_matlab(path)
    return path


def edf(path: Path, uv, *, units=("uV", "uV", "uV"), slow=None, line=False) -> Path:
    """`slow`: a channel of 100 Hz as well; `line`: a channel `TRIG` that is high for 20 ms after each trigger."""
    import edfio

    factor = {"uV": 1.0, "mV": 1e-3, "V": 1e-6, "mmHg": 1.0, "": 1.0}
    if path.suffix == ".bdf":
        make, container, annotations = edfio.BdfSignal, edfio.Bdf, {}
    else:
        make, container, annotations = edfio.EdfSignal, edfio.Edf, {}
    kind = {"physical_range": None}

    def signal(values, rate, name, unit):
        low, high = float(np.floor(values.min())), float(np.ceil(values.max()))
        kind["physical_range"] = (low - 1, high + 1) if unit != "V" else (-1e-2, 1e-2)
        return make(values, rate, label=name, physical_dimension=unit, **kind)

    signals = [signal(uv[:, c] * factor[u], FS_HZ, NAMES[c], u) for c, u in enumerate(units[: uv.shape[1]])]
    if slow is not None:
        signals.append(signal(slow, 100.0, "slow", "uV"))
    if line:
        level = np.zeros(len(uv))
        for onset in np.round(TRIGGERS_S * FS_HZ).astype(int):
            level[onset : onset + 20] = 1
        signals.append(signal(level, FS_HZ, "TRIG", ""))
    else:
        annotations = {"annotations": [edfio.EdfAnnotation(t, None, "scanner_trigger") for t in TRIGGERS_S]}
    container(signals, **annotations).write(path)
    return path


def brainvision(path: Path, uv) -> Path:
    import pybv

    onsets = np.round(TRIGGERS_S * FS_HZ).astype(int)
    events = [{"onset": int(o), "description": 128, "type": "Response", "channels": "all"} for o in onsets]
    pybv.write_brainvision(
        data=uv.T * 1e-6,
        sfreq=FS_HZ,
        ch_names=list(NAMES[: uv.shape[1]]),
        fname_base=path.stem,
        folder_out=path.parent,
        events=events,
        meas_date=START,
        overwrite=True,
    )
    return path


# ---- MATLAB and NumPy ----------------------------------------------------------------------------------------------


def mat5(path: Path, **variables) -> Path:
    from scipy import io

    io.savemat(path, variables)
    return path


def mat73(path: Path, **variables) -> Path:
    """As MATLAB writes it: HDF5 behind a block of 512 bytes, axes in reverse order."""
    import h5py

    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            file.create_dataset(name, data=np.atleast_2d(value).T).attrs["MATLAB_class"] = np.bytes_("double")
    _as_matlab(path)
    return path


def _as_matlab(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


# ---- BOLD ----------------------------------------------------------------------------------------------------------


def nifti(path: Path, data, affine=None, *, tr=1.0, units=("mm", "sec"), slope=None, sidecar=None) -> Path:
    import nibabel

    image = nibabel.Nifti1Image(data, np.diag([0.5, 0.5, 1.0, 1.0]) if affine is None else affine)
    image.header.set_xyzt_units(*units)
    image.header.set_zooms((*image.header.get_zooms()[:3], tr)[: data.ndim])
    if slope:
        image.header.set_slope_inter(*slope)
    nibabel.save(image, path)
    if sidecar is not None:
        name = path.name.removesuffix(".gz").removesuffix(".nii")
        path.with_name(f"{name}.json").write_text(json.dumps(sidecar), encoding="utf-8")
    return path
