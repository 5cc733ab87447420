"""Realigned BOLD to the clean series of the brain's voxels."""

from __future__ import annotations

import numpy as np

from ..bold import cleaning as science
from ..errors import InputError
from .projection import run_projector


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
    nuisance : ndarray, shape (n_kept, n_nuisance)
        What was regressed out.
    info : dict
    """
    kept = np.flatnonzero(keep)
    record = {
        "Stage": info["Stage"],
        "RepetitionTime": info["RepetitionTime"],
        "NumberOfVolumes": len(volumes),
        "VolumesKept": kept,
        "BrainVoxels": int(brain.sum()),
    }
    if info["Stage"] == "clean":
        nothing = {"Nuisance": [], "Filtering": None, "BandPass": None, "FwhmMm": 0, "SkullStripped": True}
        return volumes[kept][:, brain].astype(float), np.empty((len(kept), 0)), record | nothing
    if info.get("ListOfVoxels"):
        require_no_smoothing(settings)
    voxel_mm = np.sqrt((np.asarray(affine)[:3, :3] ** 2).sum(axis=0))
    smoothed = science.smooth(volumes[kept], voxel_mm, settings["fwhm_mm"])
    # Smoothing gives voxels without signal that of their neighbours.
    alive = np.ptp(volumes[kept], axis=0) > 0
    wanted = [name for name in ("white_matter", "ventricles") if settings[name] and _require(masks, name)]
    chosen = {name: masks[name] & brain & alive for name in wanted}
    if settings["global_signal"]:
        chosen["global_signal"] = brain & alive
    with_motion = settings["motion"] and np.isfinite(parameters[kept]).all()
    regressors, names = science.nuisance_regressors(
        smoothed, chosen, parameters[kept] if with_motion else None, detrend=settings["detrend"]
    )
    described = {
        "Nuisance": names,
        "Filtering": settings["filtering"],
        "BandPass": settings["band_pass_hz"],
        "FilterPadding": settings["filter_padding"] if settings["filtering"] == "butterworth" else None,
        "FwhmMm": settings["fwhm_mm"],
    }
    signal = smoothed[:, brain]
    signal[:, ~alive[brain]] = 0
    if settings["filtering"] == "projector":
        projector = run_projector(record, regressors, settings["band_pass_hz"])
        clean = projector.apply(signal)
        described["DegreesOfFreedom"] = projector.degrees_of_freedom
    else:
        clean = science.regress_out(signal, regressors)
    if clean.std() < 1e-9 * signal.std(axis=0).max():
        raise InputError(
            f"the nuisance regressors ({', '.join(names)}) take all of the BOLD signal away; turn bold.global_signal"
            " off for a single voxel or region"
        )
    if settings["filtering"] == "butterworth":
        clean = science.band_pass(
            clean,
            info["RepetitionTime"],
            settings["band_pass_hz"],
            order=settings["filter_order"],
            padding=settings["filter_padding"],
        )
    return clean, regressors, record | described | {"SkullStripped": True}


def require_no_smoothing(settings: dict) -> None:
    """Refuse to smooth a list of voxels, of which no one knows which are neighbours."""
    if settings["fwhm_mm"]:
        raise InputError(
            "the BOLD is a list of voxels without their places, which cannot be smoothed; set bold.fwhm_mm to 0, or"
            " give a 4-D NIfTI file"
        )


def _require(masks, name) -> bool:
    if masks[name] is None:
        raise InputError(f"bold.{name} is on but atlas.{name} names no mask; name one or turn bold.{name} off")
    return True
