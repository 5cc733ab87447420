"""Raw BOLD to realigned BOLD in atlas space, with framewise displacement and the volumes that stay."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass

import numpy as np

from ..bold import cleaning as masks
from ..bold import motion as science
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


def motion(bold: Bold, row: dict, settings: dict, atlas: dict, log=print, progress=None, workers: int = 1) -> Realigned:
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
    workers : int
        As in `motion.realign`.

    Returns
    -------
    realigned : Realigned
        `info` holds `Excluded` where the scan is dropped.
    """
    options = settings["motion"]
    volumes = bold.read(0, bold.n_volumes)
    science.check_volumes(volumes, row["where"])
    parameters = np.full((bold.n_volumes, 6), np.nan)
    displacement = np.full(bold.n_volumes, np.nan)
    info = {"Stage": row["input"]["bold_stage"], "RepetitionTime": bold.tr_s, "NumberOfVolumes": bold.n_volumes}
    info |= {"SkullStripped": False, "DummyVolumes": bold.dummy_volumes}
    affine = bold.affine
    registration = "none: entered realigned"
    if row["input"]["bold_stage"] == "raw":
        matrices = np.tile(np.eye(4), (bold.n_volumes, 1, 1))
        if options["correct"]:
            realigned = science.realign(
                volumes,
                affine,
                reference=options["reference"],
                sampling=options["sampling"],
                progress=progress,
                workers=workers,
            )
            parameters, matrices = realigned.parameters, realigned.matrices
            displacement = realigned.framewise_displacement(options["radius_mm"])
            log(f"framewise displacement: median {np.median(displacement):.3f}, largest {displacement.max():.3f} mm")
        volumes, affine, registration = _to_atlas(volumes, affine, matrices, options, atlas, row["where"], log)
    keep, reason = np.ones(bold.n_volumes, dtype=bool), ""
    state = settings["states"].get(row.get("own_state", row["state"]), settings["states"].get("default"))
    if np.isfinite(displacement).all() and state:
        keep, reason = science.scrub(displacement, **state)
    info |= {
        "MotionReference": options["reference"] if np.isfinite(parameters).all() else None,
        "FdThreshold": state["fd_mm"] if state else None,
        "OnMotion": state["on_motion"] if state else "keep",
        "Kept": int(keep.sum()),
        "Dropped": int((~keep).sum()),
        "DroppedBlocks": science.blocks(~keep),
        "Registration": registration,
    }
    if reason:
        info["Excluded"] = {"Step": "motion", "Reason": reason, "Kind": "criterion"}
        log(f"excluded: {reason}")
    return Realigned(volumes, affine, _brain(volumes, affine, atlas, row), parameters, displacement, keep, info)


def confounds(realigned: Realigned) -> list[dict]:
    """Rows of the confounds table, one for each volume."""
    return [
        dict(zip(PARAMETERS, moved, strict=True)) | {"framewise_displacement": distance, "keep": int(stays)}
        for moved, distance, stays in zip(realigned.parameters, realigned.displacement, realigned.keep, strict=True)
    ]


def _to_atlas(volumes, affine, matrices, options, atlas, where, log):
    """Resample to the reference, and to the atlas unless the data are on its grid already."""
    kind, target = options["registration"], atlas["anatomy"] or atlas["brain"]
    on_grid = target is None or science.same_grid(volumes.shape[1:], affine, target)
    if target is not None and (scale := science.scale_to(volumes.shape[1:], affine, (target[0].shape, target[1]))):
        raise InputError(
            f"{where}: its image is {1 / scale:g} times as large as the atlas by its header; set bold_voxel_scale to"
            f" {scale:g} times what it is, or correct the header that is wrong"
        )
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
        moved = science.resample(
            volumes, affine, matrices, volumes.shape[1:], affine, interpolation=options["interpolation"]
        )
        return moved, affine, "none: already in atlas space"
    if atlas["anatomy"] is None:
        raise InputError(f"{where}: registration needs atlas.anatomy as its target; name it in the config")
    target_data, target_affine = atlas["anatomy"]
    some = np.unique(np.linspace(0, len(volumes) - 1, 30).astype(int))
    mean = science.resample(volumes[some], affine, matrices[some], volumes.shape[1:], affine).mean(axis=0)
    with tempfile.TemporaryDirectory() as folder:
        moved = science.resample(
            volumes,
            affine,
            matrices,
            target_data.shape,
            target_affine,
            transforms=science.register(mean, affine, target_data, target_affine, kind, folder),
            interpolation=options["interpolation"],
        )
    return moved, target_affine, kind


def _brain(volumes, affine, atlas, row) -> np.ndarray:
    """The atlas's brain where its grid fits, else a mask made from the mean image, or all voxels of a voxel list."""
    if atlas["brain"] is not None:
        if not science.same_grid(volumes.shape[1:], affine, atlas["brain"]):
            raise InputError(
                f"{row['where']}: the BOLD grid {volumes.shape[1:]} is not that of atlas.brain"
                f" {atlas['brain'][0].shape}"
            )
        return atlas["brain"][0] > 0
    varies = np.ptp(volumes, axis=0) > 0
    if row["input"]["bold_stage"] == "raw":
        return masks.mean_brain_mask(volumes.mean(axis=0)) & varies
    return varies
