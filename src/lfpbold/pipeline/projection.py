"""One projection for BOLD and LFP regressors alike, where the settings ask for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..bold.projector import Projector
from ..errors import InputError

FEWEST = 10  # volumes of a run that a correlation is made of


def bold_filter(bold_info: dict, nuisance, settings: dict) -> Callable:
    """What the BOLD of a run has gone through after smoothing, as a function of series on its kept volumes.

    Parameters
    ----------
    bold_info : dict
        Sidecar of the clean BOLD: which volumes were kept, the TR, and whether it was clean when it came.
    nuisance : array of float, shape (n_kept, n_nuisance)
    settings : dict
        Section `bold`.

    Returns
    -------
    apply_bold_filter : callable
        (n_kept, n) to (n_kept, n); leaves series as they are where `bold.filtering` is not `projector`.
    """
    if not is_projected(bold_info, settings):
        return np.asarray
    projector = run_projector(bold_info, nuisance, settings["band_pass_hz"])

    def apply_bold_filter(series):
        series = np.asarray(series, dtype=float)
        usable = np.isfinite(series).all(axis=0)
        projected = np.full(series.shape, np.nan)
        projected[:, usable] = projector.apply(series[:, usable])
        return projected

    return apply_bold_filter


def covered_volumes(clean, nuisance, bold_info: dict, n_volumes: int, settings: dict, lfp_info: dict | None = None):
    """The BOLD of a run where there is LFP: a recording may have ended early, or hold stretches that are no LFP.

    Parameters
    ----------
    clean : array of float, shape (n_kept, n_voxels)
    nuisance : array of float, shape (n_kept, n_nuisance)
    bold_info : dict
        Sidecar of the clean BOLD.
    n_volumes : int
        Volumes that the LFP covers, from the first one.
    settings : dict
        Section `bold`.
    lfp_info : dict, optional
        Sidecar of the regressors, which names volumes without LFP.

    Returns
    -------
    clean, nuisance, bold_info
        Of the volumes covered; a projection is made again for these alone, so that all lie in one space.
    """
    kept = np.asarray(bold_info["VolumesKept"], dtype=int)
    inside = (kept < n_volumes) & ~np.isin(kept, (lfp_info or {}).get("VolumesWithoutLfp") or [])
    if inside.all():
        return clean, nuisance, bold_info
    if inside.sum() < FEWEST:
        raise InputError(f"only {inside.sum()} volumes have both BOLD and LFP; exclude this recording")
    bold_info = bold_info | {"VolumesKept": kept[inside].tolist()}
    nuisance = np.asarray(nuisance)[inside]
    return bold_filter(bold_info, nuisance, settings)(np.asarray(clean)[inside]), nuisance, bold_info


def is_projected(bold_info: dict, settings: dict) -> bool:
    """Whether the BOLD of a run went through one projection: not where it was clean when it came."""
    return settings["filtering"] == "projector" and bold_info["Stage"] != "clean"


def run_projector(bold_info: dict, nuisance, band_pass_hz) -> Projector:
    """The projector of a run from its kept volumes and nuisance regressors."""
    n_volumes = bold_info["NumberOfVolumes"]
    kept = np.zeros(n_volumes, dtype=bool)
    kept[np.asarray(bold_info["VolumesKept"], dtype=int)] = True
    rows = np.zeros((n_volumes, np.shape(nuisance)[1]))
    rows[kept] = nuisance
    return Projector(n_volumes, bold_info["RepetitionTime"], band_pass_hz, rows, kept)
