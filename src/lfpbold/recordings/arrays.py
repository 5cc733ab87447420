"""MATLAB and NumPy files: plain arrays whose rate, unit and TR the sheet or the config declares."""

from __future__ import annotations

import math
import zipfile

import numpy as np

from ..errors import InputError
from .hdf5 import own_member
from .mat5 import require_layout
from .names import name_and_code, nearest, one_meant
from .opened import Bold, Lfp, side_by_side
from .options import BoldOptions, LfpOptions
from .plausible import require_plausible
from .triggers import named_line_onsets

# Classes of variables of a MATLAB file that are never loaded: what lies in them may be of any size.
NO_NUMBERS = {
    **{"cell": "cells", "struct": "a structure", "char": "text", "object": "an object", "function": "a function"},
    **{"opaque": "an object", "sparse": "a sparse matrix", "logical": "true and false"},
}
ITEM_BYTES = {"single": 4, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4}
CLEARLY_LONGER = 4  # of two axes, the one that is at least this many times longer is time


def open_lfp_array(path, options: LfpOptions, where) -> Lfp:
    values = _numbers(_load_array(path, options.variable, "lfp_variable", where), where)
    flat = np.squeeze(values)
    values = flat.reshape(-1, 1) if flat.ndim < 2 else flat
    if values.ndim != 2:
        raise InputError(f"{where}: has shape {values.shape}; give samples × channels")
    if _time_is_second(values.shape, options.time_axis, where):
        values = values.T
    rate = options.fs_hz
    if isinstance(rate, str):
        rate = _rate_variable(path, rate, where)
    if rate is None:
        raise InputError(f"{where}: this format holds no sampling rate; set lfp_fs_hz in the sheet or config")
    scale = np.float32(options.to_microvolts)
    names = [str(i) for i in range(values.shape[1])]

    def fill(out, positions, start, stop):
        everything = list(positions) == list(range(len(names)))
        part = values[start:stop] if everything else values[start:stop, positions]
        side_by_side(out, part, np.full(len(positions), scale))

    def read(position, start, stop):
        return values[start:stop, position].astype(np.float32) * scale

    triggers, known, notes = _triggers(path, options, len(values), float(rate), where)
    return Lfp(float(rate), len(values), names, read, triggers, fill, notes=notes, trigger_names=known)


def _triggers(path, options: LfpOptions, n_samples: int, fs_hz: float, where: str):
    """Pulses of a variable that is a line beside the LFP; the variables that could be; and notes.

    A variable of any other length may hold times, of which nothing says whether they are seconds or samples.
    """
    if path.suffix.lower() == ".npy" or not options.trigger or not fs_hz > 0:
        return None, (), ()
    known = tuple(name for name in _variables(path) if name not in (options.variable, options.fs_hz))
    if options.variable is None and len(known) == 1:
        return None, (), ()  # it is the LFP
    for text, code in ((options.trigger, None), name_and_code(options.trigger)):
        name = one_meant(text, known, where)
        if name is None:
            continue
        line = np.ravel(_numbers(_load_array(path, name, "trigger", where), where))
        if line.size == n_samples:
            return named_line_onsets(line, fs_hz, code, f"{where}: variable {name}"), known, ()
        note = f"the variable {name} has {line.size} numbers and the LFP {n_samples} samples, so it is no trigger line"
        return np.zeros(0), known, (note,)
    return None, known, ()


def _variables(path) -> list[str]:
    if path.suffix.lower() == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            return list(archive.files)
    import h5py

    if h5py.is_hdf5(path):
        with h5py.File(path, "r") as file:
            return [name for name in file if not name.startswith("#")]
    from scipy import io as matlab

    return [name for name, *_ in matlab.whosmat(path)]


def _time_is_second(shape, axis: str, where: str) -> bool:
    """Whether samples run along the second axis: as stated, else the axis that is clearly the longer one."""
    if axis != "auto" or 1 in shape:
        return axis == "columns" and 1 not in shape
    if max(shape) < CLEARLY_LONGER * min(shape):
        raise InputError(
            f"{where}: has shape {shape}, which does not tell samples from channels; set lfp_time_axis to rows (samples"
            " × channels) or columns (channels × samples)"
        )
    return shape[1] > shape[0]


def _rate_variable(path, name: str, where: str) -> float:
    if path.suffix.lower() == ".npy":
        raise InputError(f"{where}: lfp_fs_hz is `{name}`, but this format holds no variables; give a number")
    rate = np.ravel(_numbers(_load_array(path, name, "lfp_fs_hz", where), where))
    if rate.size != 1:
        raise InputError(f"{where}: `{name}` holds {rate.size} numbers instead of one rate; give lfp_fs_hz as a number")
    return float(rate[0])


def _numbers(values, where: str) -> np.ndarray:
    values = np.asanyarray(values)
    if values.dtype.kind not in "iuf":
        kind = {
            "c": "complex numbers",
            "U": "text",
            "S": "text",
            "O": "cells",
            "V": "a structure",
            "b": "true and false",
        }
        raise _no_numbers(kind.get(values.dtype.kind, str(values.dtype)), where)
    if values.size == 0:
        raise InputError(f"{where}: holds an empty array of shape {values.shape}; export it again or exclude the row")
    return values


def _no_numbers(what: str, where: str) -> InputError:
    return InputError(f"{where}: holds {what} instead of real numbers; export the numbers, or name their variable")


def _load_array(path, variable, setting: str, where: str):
    """A variable of a .mat or .npz file, or the content of a .npy file; never anything pickled."""
    kind = path.suffix.lower()
    try:
        if kind == ".npy":
            if variable:
                raise InputError(
                    f"{where}: {setting} is `{variable}`, but this format holds one array without a name; leave"
                    f" {setting} empty for this row"
                )
            return np.load(path, mmap_mode="r", allow_pickle=False)
        if kind == ".npz":
            with np.load(path, allow_pickle=False) as archive:
                if not hasattr(archive, "files"):
                    raise InputError(f"{where}: is a .npy file by content; rename it to .npy")
                name = _variable(variable, archive.files, setting, where)
                _require_plausible_member(archive.zip, name, where)
                return archive[name]
    except ValueError as error:
        if any(part in str(error) for part in ("allow_pickle", "Object arrays", "Python objects")):
            raise InputError(
                f"{where}: holds pickled Python objects, which are not opened because they can run code; save plain"
                " numbers"
            ) from None
        raise
    except zipfile.BadZipFile:
        raise InputError(f"{where}: is not a readable .npz file; copy or export it again") from None
    return _load_matlab(path, variable, setting, where)


def _require_plausible_member(archive: zipfile.ZipFile, name: str, where: str) -> None:
    """The array of a .npz file is not much larger than what is packed, by its own header."""
    known = set(archive.namelist())
    member = archive.getinfo(f"{name}.npy" if f"{name}.npy" in known else name)
    with archive.open(member) as stream:
        version = np.lib.format.read_magic(stream)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(stream)
    require_plausible(math.prod(shape) * dtype.itemsize, member.compress_size, where)


def _load_matlab(path, variable, setting: str, where: str):
    import h5py

    if h5py.is_hdf5(path):  # MATLAB 7.3, with axes in reverse order
        with h5py.File(path, "r") as file:
            known = [name for name in file if not name.startswith("#")]
            item = own_member(file, _variable(variable, known, setting, where), where)
            if not isinstance(item, h5py.Dataset) or "MATLAB_empty" in item.attrs:
                raise InputError(
                    f"{where}: `{item.name.lstrip('/')}` is not an array of numbers; set {setting} to one that is"
                )
            if item.attrs.get("MATLAB_class") in (b"char", b"cell"):
                raise InputError(f"{where}: `{item.name.lstrip('/')}` holds text or cells instead of real numbers; set"
                                 f" {setting} to a variable of numbers")  # fmt: skip
            return item[()].T
    from scipy import io as matlab

    require_layout(path, where)
    known = {name: (shape, kind) for name, shape, kind in matlab.whosmat(path)}
    name = _variable(variable, list(known), setting, where)
    shape, kind = known[name]
    if kind in NO_NUMBERS:
        raise _no_numbers(NO_NUMBERS[kind], where)
    require_plausible(math.prod(shape) * ITEM_BYTES.get(kind, 8), path.stat().st_size, where)
    return matlab.loadmat(path, variable_names=[name], squeeze_me=False)[name]


def _variable(wanted, known, setting: str, where: str) -> str:
    if wanted in known:
        return wanted
    if wanted is None and len(known) == 1:
        return known[0]
    what = (
        f"no variable `{wanted}`{nearest(wanted, known)}"
        if wanted
        else "several variables"
        if known
        else "no variables"
    )
    if not known:
        raise InputError(f"{where}: holds {what}; export it again or exclude the row")
    raise InputError(f"{where}: holds {what}; it has {', '.join(known[:30])}: set {setting} to one of them")


def open_bold_array(path, options: BoldOptions, where) -> Bold:
    values = _numbers(_load_array(path, options.variable, "bold_variable", where), where)
    if values.ndim > 2:
        raise InputError(f"{where}: has shape {values.shape}; give volumes × voxels, or NIfTI")
    values = values.astype(np.float32)
    if 1 in values.shape or values.ndim < 2:
        values = values.reshape(-1, 1)
    elif options.time_axis == "columns":
        values = values.T
    if not options.tr_s:
        raise InputError(f"{where}: this format holds no TR; set tr_s in the sheet or config")
    values = values * np.float32(options.scale)
    shape = (values.shape[1], 1, 1)
    if options.stage == "raw" and shape[0] > 1:
        raise InputError(
            f"{where}: holds {shape[0]} voxels without their places, which realignment needs; give a 4-D NIfTI file, or"
            " set bold_stage to what the array holds (realigned, clean)"
        )

    def read(start, stop):
        return values[start:stop].reshape(-1, *shape)

    return Bold(shape, len(values), np.eye(4), float(options.tr_s), None, read, placed=False)
