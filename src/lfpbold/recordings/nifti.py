"""4-D NIfTI with its JSON sidecar: geometry, TR, slice times."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from ..errors import InputError
from .opened import Bold


def open_nifti(path, settings, where) -> Bold:
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

    times = sidecar.get("SliceTiming") if settings["bold_stage"] == "raw" else None  # of no use once resampled
    if times is not None:
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
