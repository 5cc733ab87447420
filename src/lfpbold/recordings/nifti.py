"""4-D NIfTI with its JSON sidecar: geometry, TR, slice times."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .bids import inherited_metadata, json_object, own_sidecar
from .nifti_size import require_payload
from .opened import Bold
from .options import BoldOptions
from .orientation import stated_affine
from .slice_timing import require_agreement, require_volume_times, slice_times, timing_notes
from .special_files import special_kind

MILLIMETRES = {"meter": 1e3, "micron": 1e-3}
LARGEST_MM = 300.0  # no field of view of a head is larger
SMALLEST_MM = 0.2
LARGEST_SCALE = 1e20  # of the header's slope; what it makes of integers stays finite


def open_nifti(path, options: BoldOptions, where) -> Bold:
    import nibabel

    if path.suffix == ".hdr" and (kind := special_kind(path.with_suffix(".img"))):
        raise InputError(f"{where}: its image {path.stem}.img is {kind}, not a file; copy or export it again")
    image = nibabel.load(path)
    if not isinstance(image, nibabel.Nifti1Pair):
        raise InputError(f"{where}: is {type(image).__name__}, not NIfTI; convert it to NIfTI and name that")
    if len(image.shape) != 4 or image.shape[3] < 2 or 0 in image.shape:
        raise InputError(
            f"{where}: has shape {image.shape}; BOLD must be 4-D with at least two volumes; give the 4-D series"
        )
    kind = np.dtype(image.get_data_dtype()).kind
    if kind not in "iuf":
        raise InputError(f"{where}: holds {image.get_data_dtype()} instead of real numbers; export the magnitude")
    require_payload(image, path, where)
    scaling = (image.dataobj.slope, image.dataobj.inter)
    if not all(np.isfinite(s) and abs(s) < LARGEST_SCALE for s in scaling):
        raise InputError(f"{where}: its header scales the numbers by {scaling[0]:g}; correct scl_slope and scl_inter")
    stated, placed = stated_affine(image, options.orientation, "bold_orientation", where)
    affine = _affine(image, stated, float(options.voxel_scale), where)
    sidecar = read_sidecar(path, where)
    tr_s = _repetition_time(image.header, sidecar, options.tr_s, where)
    scale = np.float32(options.scale)

    def read(start, stop):
        block = np.moveaxis(np.asarray(image.dataobj[..., start:stop], dtype=np.float32), 3, 0)
        return block if scale == 1 else block * scale

    axis = _slice_axis(image.header, sidecar, where)
    times = sidecar.get("SliceTiming") if options.stage == "raw" else None  # of no use once resampled
    notes = _tr_notes(image.header, sidecar, options.tr_s)
    require_volume_times(sidecar.get("VolumeTiming"), image.shape[3], tr_s, where)
    if times is not None:
        times = slice_times(times, image.shape, axis, tr_s, sidecar.get("MRAcquisitionType"), where)
        require_agreement(times, image.shape, axis, sidecar, where)
        notes += timing_notes(times, image.shape, axis, tr_s, sidecar)
    return Bold(
        image.shape[:3],
        image.shape[3],
        affine,
        tr_s,
        times,
        read,
        kind in "iu",
        slice_axis=axis,
        placed=placed,
        notes=notes,
    )


def _slice_axis(header, sidecar, where: str) -> int:
    """Axis along which slices were taken: the sidecar's, else the header's, else the third."""
    stated = sidecar.get("SliceEncodingDirection")
    if stated is None:
        axis = header.get_dim_info()[2]
        return 2 if axis is None else int(axis)
    if stated not in ("i", "i-", "j", "j-", "k", "k-"):
        raise InputError(f"{where}: SliceEncodingDirection in the JSON sidecar is {stated!r}; give i, j or k")
    return "ijk".index(stated[0])


def _affine(image, stated, scale: float, where: str) -> np.ndarray:
    """Voxel to millimetres, in the header's own unit of length, times `bold_voxel_scale`."""
    affine = np.array(stated, dtype=float)
    affine[:3] *= scale * MILLIMETRES.get(image.header.get_xyzt_units()[0], 1.0)
    edges = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    if not np.isfinite(affine).all() or edges.min() <= 0:
        raise InputError(f"{where}: its header gives voxels of no size ({_mm(edges)}); correct the header's affine")
    axes = affine[:3, :3] / edges
    if np.abs(axes.T @ axes - np.eye(3)).max() > 0.01:
        raise InputError(
            f"{where}: its axes are not at right angles (a sheared affine), which registration cannot take; resample it"
            " to an upright grid first"
        )
    extent = edges * image.shape[:3]
    if extent.max() > LARGEST_MM or extent.max() < SMALLEST_MM:
        likely = 0.1 if extent.max() <= 10 * LARGEST_MM else 0.001
        advice = f"set bold_voxel_scale to {likely * scale if extent.max() > LARGEST_MM else 1000 * scale:g}"
        raise InputError(
            f"{where}: its header gives voxels of {_mm(edges)} mm and an image of {_mm(extent)} mm, which is no head's"
            f" size; where they are so many times too large or too small, {advice}, else correct the header"
        )
    return affine


def _mm(values) -> str:
    return " × ".join(f"{v:.4g}" for v in values)


def read_sidecar(path, where: str) -> dict:
    """What the JSON file beside a NIfTI image says, over what a BIDS dataset says of all such images."""
    sidecar = own_sidecar(path)
    if not sidecar.is_file():
        return inherited_metadata(path)
    return inherited_metadata(path) | json_object(sidecar, f"{where}: its sidecar {sidecar.name}")


def _tr_notes(header, sidecar, override) -> tuple[str, ...]:
    """What is said of a TR that the user states otherwise than the dataset does."""
    stated = sidecar.get("RepetitionTime")
    known = isinstance(stated, int | float) and not isinstance(stated, bool)
    told, where = (stated, "the JSON sidecar") if known else (_tr_in_header(header), "the NIfTI header")
    if not override or not 0 < told < 1e9 or abs(told - override) <= 1e-3 * override:
        return ()
    return (f"tr_s is {override:g} s, {where} says {told:g} s; tr_s is used",)


def _tr_in_header(header) -> float:
    unit = {"msec": 1e-3, "usec": 1e-6}.get(header.get_xyzt_units()[1], 1.0)
    return float(header.get_zooms()[3]) * unit


def _repetition_time(header, sidecar, override, where) -> float:
    """TR in seconds: the sheet's or config's, else the sidecar's, else the header's; contradictions are refused."""
    in_header = _tr_in_header(header)
    if override:
        return float(override)
    stated = sidecar.get("RepetitionTime")
    if stated is None:
        stated = in_header
    elif not isinstance(stated, int | float) or isinstance(stated, bool):
        raise InputError(f"{where}: RepetitionTime in the JSON sidecar is {stated!r}; give seconds")
    stated = float("inf") if abs(stated) > 1e9 else float(stated)
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
