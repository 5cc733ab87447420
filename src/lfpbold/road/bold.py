"""BOLD: from raw volumes to the clean series of the brain's voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .. import bold as science
from .. import motion as movement
from ..errors import InputError
from ..recordings import Bold

PARAMETERS = ("trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z")


@dataclass(frozen=True)
class Realigned:
    """A run in atlas space, not yet cleaned."""

    volumes: np.ndarray  # (n_volumes, x, y, z), float32
    affine: np.ndarray
    brain: np.ndarray  # (x, y, z), bool
    parameters: np.ndarray  # (n_volumes, 6), NaN where not estimated
    displacement: np.ndarray  # (n_volumes,), mm, NaN where not estimated
    keep: np.ndarray  # (n_volumes,), bool
    info: dict


def motion(bold: Bold, row: dict, settings: dict, atlas: dict, log=print, progress=None) -> Realigned:
    """Realign, bring into atlas space, and decide which volumes stay.

    Parameters
    ----------
    bold : Bold
        Opened series.
    row : dict
        Row of the sheet: state and stage.
    settings : dict
        `motion` and `states` sections.
    atlas : dict
        `brain` and `anatomy` as (array, affine) pairs or None.

    Returns
    -------
    realigned : Realigned
        `info` holds `Excluded` where the scan is dropped.
    """
    options = settings["motion"]
    volumes = bold.read(0, bold.n_volumes)
    movement.check_volumes(volumes, row["where"])
    parameters = np.full((bold.n_volumes, 6), np.nan)
    displacement = np.full(bold.n_volumes, np.nan)
    info = {"Stage": row["input"]["bold_stage"], "RepetitionTime": bold.tr_s, "NumberOfVolumes": bold.n_volumes}
    affine = bold.affine
    registration = "none: entered realigned"
    if row["input"]["bold_stage"] == "raw":
        matrices = np.tile(np.eye(4), (bold.n_volumes, 1, 1))
        if options["correct"]:
            parameters, matrices = movement.realign(volumes, affine, reference=options["reference"], progress=progress)
            displacement = movement.framewise_displacement(parameters, options["radius_mm"])
            log(f"framewise displacement: median {np.median(displacement):.3f}, largest {displacement.max():.3f} mm")
        volumes, affine, registration = _to_atlas(volumes, affine, matrices, options, atlas, row["where"], log)
    keep, reason = np.ones(bold.n_volumes, dtype=bool), ""
    state = settings["states"].get(row["state"], settings["states"].get("default"))
    if np.isfinite(displacement).all() and state:
        keep, reason = movement.scrub(displacement, **state)
    info |= {
        "MotionReference": options["reference"] if np.isfinite(parameters).all() else None,
        "FdThreshold": state["fd_mm"] if state else None,
        "OnMotion": state["on_motion"] if state else "keep",
        "Kept": int(keep.sum()),
        "Dropped": int((~keep).sum()),
        "DroppedBlocks": movement.blocks(~keep),
        "Registration": registration,
    }
    if reason:
        info["Excluded"] = {"Step": "motion", "Reason": reason}
        log(f"excluded: {reason}")
    return Realigned(volumes, affine, _brain(volumes, affine, atlas, row), parameters, displacement, keep, info)


def confounds(realigned: Realigned) -> list[dict]:
    """Rows of the confounds table, one for each volume."""
    return [
        dict(zip(PARAMETERS, moved, strict=True)) | {"framewise_displacement": distance, "keep": int(stays)}
        for moved, distance, stays in zip(realigned.parameters, realigned.displacement, realigned.keep, strict=True)
    ]


def same_grid(shape, affine, other) -> bool:
    """Whether an image (array, affine) has this shape and, to a hundredth of a millimetre, this affine."""
    data, its_affine = other
    return tuple(shape) == data.shape[:3] and np.allclose(affine, its_affine, atol=1e-2)


def _to_atlas(volumes, affine, matrices, options, atlas, where, log):
    """Resample to the reference, and to the atlas unless the data are on its grid already."""
    kind, target = options["registration"], atlas["anatomy"] or atlas["brain"]
    on_grid = target is None or same_grid(volumes.shape[1:], affine, target)
    if kind == "auto":
        kind = "none" if on_grid else "affine"
        log(f"registration: {kind} ({'the grid is the atlas’s own' if on_grid else 'the grid is not the atlas’s'})")
    if kind == "none":
        if not on_grid:
            raise InputError(
                f"{where}: the BOLD grid {volumes.shape[1:]} is not the atlas's {target[0].shape}; set"
                " motion.registration to affine"
            )
        if not options["correct"]:
            return volumes, affine, "none: already in atlas space"
        moved = movement.resample(
            volumes, affine, matrices, volumes.shape[1:], affine, interpolation=options["interpolation"]
        )
        return moved, affine, "none: already in atlas space"
    if atlas["anatomy"] is None:
        raise InputError(f"{where}: registration needs atlas.anatomy as its target; name it in the config")
    target_data, target_affine = atlas["anatomy"]
    realigned_mean = movement.resample(volumes[:1], affine, matrices[:1], volumes.shape[1:], affine)[0]
    transforms = movement.register(realigned_mean, affine, target_data, target_affine, kind)
    moved = movement.resample(
        volumes,
        affine,
        matrices,
        target_data.shape,
        target_affine,
        transforms=transforms,
        interpolation=options["interpolation"],
    )
    return moved, target_affine, kind


def _brain(volumes, affine, atlas, row) -> np.ndarray:
    """The atlas's brain where its grid fits, else a mask made from the mean image, or all voxels of a voxel list."""
    if atlas["brain"] is not None:
        if not same_grid(volumes.shape[1:], affine, atlas["brain"]):
            raise InputError(
                f"{row['where']}: the BOLD grid {volumes.shape[1:]} is not that of atlas.brain"
                f" {atlas['brain'][0].shape}"
            )
        return atlas["brain"][0] > 0
    varies = np.ptp(volumes, axis=0) > 0
    if row["input"]["bold_stage"] == "raw":
        return science.mean_brain_mask(volumes.mean(axis=0)) & varies
    return varies


def bold(volumes, affine, brain, parameters, keep, masks: dict, info: dict, settings: dict):
    """Smooth, regress nuisance out, band-pass.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
    brain : array of bool, shape (x, y, z)
    parameters : array of float, shape (n_volumes, 6)
        Motion; NaN where it was not estimated.
    keep : array of bool, shape (n_volumes,)
        Volumes that stay; the others are left out before anything is fitted, as in the study.
    masks : dict
        `white_matter` and `ventricles` as bool arrays or None.
    info : dict
        Sidecar of the realigned run.
    settings : dict
        `bold` section.

    Returns
    -------
    clean : ndarray, shape (n_kept, n_brain_voxels)
    info : dict
    """
    kept = np.flatnonzero(keep)
    record = {
        "Stage": info["Stage"],
        "RepetitionTime": info["RepetitionTime"],
        "VolumesKept": kept,
        "BrainVoxels": int(brain.sum()),
    }
    if info["Stage"] == "clean":
        return volumes[kept][:, brain].astype(float), {**record, "Nuisance": [], "BandPass": None, "FwhmMm": 0}
    voxel_mm = np.sqrt((np.asarray(affine)[:3, :3] ** 2).sum(axis=0))
    smoothed = science.smooth(volumes[kept], voxel_mm, settings["fwhm_mm"])
    chosen = {
        name: masks[name] & brain for name in ("white_matter", "ventricles") if settings[name] and _require(masks, name)
    }
    if settings["global_signal"]:
        chosen["global_signal"] = brain
    with_motion = settings["motion"] and np.isfinite(parameters).all()
    regressors, names = science.nuisance_regressors(
        smoothed, chosen, parameters[kept] if with_motion else None, detrend=settings["detrend"]
    )
    residual = science.regress_out(smoothed[:, brain], regressors)
    clean = science.band_pass(
        residual,
        info["RepetitionTime"],
        settings["band_pass_hz"],
        order=settings["filter_order"],
        padding=settings["filter_padding"],
    )
    return clean, {
        **record,
        "Nuisance": names,
        "BandPass": settings["band_pass_hz"],
        "FilterPadding": settings["filter_padding"],
        "FwhmMm": settings["fwhm_mm"],
    }


def _require(masks, name) -> bool:
    if masks[name] is None:
        raise InputError(f"bold.{name} is on but atlas.{name} names no mask; name one or turn bold.{name} off")
    return True
