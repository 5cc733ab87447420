"""One projection for BOLD and LFP regressors alike, where the settings ask for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..projector import Projector


def of_run(bold_info: dict, nuisance) -> Callable:
    """What the BOLD of a run has gone through after smoothing, as a function of series on its kept volumes.

    Parameters
    ----------
    bold_info : dict
        Sidecar of the clean BOLD.
    nuisance : array of float, shape (n_kept, n_nuisance)

    Returns
    -------
    like_bold : callable
        (n_kept, n) to (n_kept, n); leaves series as they are where `bold.filtering` is not `projector`.
    """
    if bold_info.get("Filtering") != "projector":
        return np.asarray
    projector = projector_of(bold_info, nuisance)

    def like_bold(series):
        series = np.asarray(series, dtype=float)
        usable = np.isfinite(series).all(axis=0)
        projected = np.full(series.shape, np.nan)
        projected[:, usable] = projector.apply(series[:, usable])
        return projected

    return like_bold


def basis_of(bold_info: dict, nuisance):
    """Orthonormal basis of the space that the projection leaves, for surrogates that stay in it; None without one."""
    return projector_of(bold_info, nuisance).basis if bold_info.get("Filtering") == "projector" else None


def projector_of(bold_info: dict, nuisance) -> Projector:
    """The projector of a run from its kept volumes and nuisance regressors."""
    n_volumes = bold_info["NumberOfVolumes"]
    kept = np.zeros(n_volumes, dtype=bool)
    kept[np.asarray(bold_info["VolumesKept"], dtype=int)] = True
    rows = np.zeros((n_volumes, np.shape(nuisance)[1]))
    rows[kept] = nuisance
    return Projector(n_volumes, bold_info["RepetitionTime"], bold_info["BandPass"], rows, kept)
