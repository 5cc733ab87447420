"""Raw BOLD to realigned BOLD in atlas space, with framewise displacement and the volumes that stay."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..bold import cleaning as masks
from ..bold import motion as science
from ..bold import volumes as quality
from ..errors import InputError
from ..recordings import Bold
from .atlas import in_atlas_space
from .volumes import usable_volumes

LEAST_BRAIN = 0.5  # share of the atlas's brain that a run must show
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
    usable, notes, faults = usable_volumes(volumes, bold, row, options["max_unusable_fraction"])
    notes = [*bold.notes, *notes]
    for note in notes:
        log(f"warning: {note}")
    parameters = np.full((bold.n_volumes, 6), np.nan)
    displacement = np.full(bold.n_volumes, np.nan)
    info = {"Stage": row["input"]["bold_stage"], "RepetitionTime": bold.tr_s, "NumberOfVolumes": bold.n_volumes}
    info |= {"SkullStripped": False, "DummyVolumes": bold.dummy_volumes}
    info |= {"ListOfVoxels": True} if bold.is_list else {}
    affine = in_atlas_space(bold, atlas["brain"] or atlas["anatomy"], row["input"]["bold_stage"]).affine
    stage, registration = row["input"]["bold_stage"], "none: entered realigned"
    if stage == "raw":
        matrices = np.tile(np.eye(4), (bold.n_volumes, 1, 1))
        if options["correct"]:
            realigned = science.realign(
                volumes if usable.all() else volumes[usable],
                affine,
                reference=options["reference"],
                sampling=options["sampling"],
                progress=progress,
                workers=workers,
            )
            parameters[usable], matrices[usable] = realigned.parameters, realigned.matrices
            displacement[usable] = moved = realigned.framewise_displacement(options["radius_mm"])
            log(f"framewise displacement: median {np.median(moved):.3f}, largest {moved.max():.3f} mm")
    signal = quality.with_signal(volumes if usable.all() else volumes[usable], options["max_unusable_fraction"], stage)
    if stage == "raw":
        volumes, affine, registration, signal = _to_atlas(
            volumes, affine, matrices, options, atlas, row["where"], log, usable, signal
        )
    still, reason = np.ones(bold.n_volumes, dtype=bool), ""
    state = settings["states"].get(row.get("own_state", row["state"]), settings["states"].get("default"))
    estimated = bool(np.isfinite(displacement).any())
    if estimated and state:
        still[usable], reason = science.scrub(displacement[usable], **state)
    keep = still & usable
    brain, note = _brain(volumes, affine, atlas, row, signal, usable)
    notes += [note] if note else []
    info |= {
        "MotionReference": options["reference"] if estimated else None,
        "FdThreshold": state["fd_mm"] if state else None,
        "OnMotion": state["on_motion"] if state else "keep",
        "Kept": int(keep.sum()),
        "Dropped": int((~still).sum()),
        "DroppedBlocks": science.blocks(~still),
        "NoData": [{"Kind": kind, "Blocks": science.blocks(which)} for kind, which in faults.items()],
        "Warnings": notes,
        "Registration": registration,
    }
    if reason:
        info["Excluded"] = {"Step": "motion", "Reason": reason, "Kind": "criterion"}
        log(f"excluded: {reason}")
    return Realigned(volumes, affine, brain, parameters, displacement, keep, info)


def confounds(realigned: Realigned) -> list[dict]:
    """Rows of the confounds table, one for each volume."""
    return [
        dict(zip(PARAMETERS, moved, strict=True)) | {"framewise_displacement": distance, "keep": int(stays)}
        for moved, distance, stays in zip(realigned.parameters, realigned.displacement, realigned.keep, strict=True)
    ]


def _to_atlas(volumes, affine, matrices, options, atlas, where, log, usable, signal):
    """Resample to the reference, and to the atlas unless the data are on its grid already; and the voxels with signal.

    Interpolation gives voxels without signal that of their neighbours.
    """
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
            return volumes, affine, "none: already in atlas space", signal
        moved = science.resample(
            volumes, affine, matrices, volumes.shape[1:], affine, interpolation=options["interpolation"]
        )
        return moved, affine, "none: already in atlas space", signal
    if atlas["anatomy"] is None:
        raise InputError(f"{where}: registration needs atlas.anatomy as its target; name it in the config")
    target_data, target_affine = atlas["anatomy"]
    some = np.flatnonzero(usable)[np.unique(np.linspace(0, usable.sum() - 1, 30).astype(int))]
    mean = science.resample(volumes[some], affine, matrices[some], volumes.shape[1:], affine).mean(axis=0)
    with tempfile.TemporaryDirectory() as folder:
        transforms = science.register(mean, affine, target_data, target_affine, kind, folder)
        moved = science.resample(
            volumes,
            affine,
            matrices,
            target_data.shape,
            target_affine,
            transforms=transforms,
            interpolation=options["interpolation"],
        )
        there = science.resample(
            signal[None].astype(float), affine, np.eye(4)[None], target_data.shape, target_affine, transforms=transforms
        )[0]
    return moved, target_affine, kind, there >= 0.5


def _brain(volumes, affine, atlas, row, signal, usable) -> tuple[np.ndarray, str]:
    """The brain, and what is to be said of it.

    The atlas's where its grid fits, else a mask made from the mean image, or all voxels of a voxel list; without the
    voxels that hold no signal, which smoothing would fill from their neighbours.
    """
    data = volumes if usable.all() else volumes[usable]
    if atlas["brain"] is None:
        signal = signal & (np.ptp(data, axis=0) > 0)
        return (
            masks.mean_brain_mask(data.mean(axis=0)) & signal if row["input"]["bold_stage"] == "raw" else signal
        ), ""
    if not science.same_grid(volumes.shape[1:], affine, atlas["brain"]):
        raise InputError(
            f"{row['where']}: the BOLD grid {volumes.shape[1:]} is not that of atlas.brain {atlas['brain'][0].shape}"
        )
    whole = atlas["brain"][0] > 0
    brain = whole & signal & (np.ptp(data, axis=0) > 0)
    missing = int((whole & ~brain).sum())
    if missing > (1 - LEAST_BRAIN) * whole.sum():
        raise InputError(
            f"{row['where']}: {missing} of {whole.sum()} voxels of atlas.brain hold no signal in"
            f" {Path(row['bold']).name}; give a brain mask of what was imaged, or exclude this run"
        )
    note = f"{row['where']}: {missing} of {whole.sum()} voxels of the brain hold no signal and are excluded"
    return brain, note if missing else ""
