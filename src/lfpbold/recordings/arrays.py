"""MATLAB and NumPy files: plain arrays whose rate, unit and TR the sheet or the config declares."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .opened import Bold, Lfp


def open_lfp_array(path, settings, where) -> Lfp:
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
    if isinstance(rate, str) and path.suffix.lower() == ".npy":
        raise InputError(f"{where}: lfp_fs_hz is `{rate}`, but this format holds no variables; give a number")
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


def open_bold_array(path, settings, where) -> Bold:
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
