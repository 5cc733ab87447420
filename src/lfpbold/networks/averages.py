"""Maps averaged over scans, and how similar two of them are, with the animal as the unit."""

from __future__ import annotations

import numpy as np

from ..stats.resampling import jackknife_interval
from ..stats.tests import fisher_z
from .maps import spatial_r


def averaged_map_similarity(
    maps_a, maps_b, animals, measure=spatial_r, confidence: float = 0.95, bounded: bool = True
) -> tuple[float, float, float]:
    """A measure of similarity of two averaged maps, with a delete-one-animal jackknife interval.

    Parameters
    ----------
    maps_a, maps_b : array of float, shape (n_scans, n_voxels)
    animals : array, shape (n_scans,)
    measure : callable
        Of two maps, such as `spatial_r` or `slope`.
    bounded : bool
        The measure is a correlation: the interval is symmetric on Fisher's z.

    Returns
    -------
    value, low, high : float
        The interval is NaN below two animals.
    """
    maps_a, maps_b, animals = np.asarray(maps_a), np.asarray(maps_b), np.asarray(animals)
    value = measure(average(maps_a), average(maps_b))
    names = np.unique(animals)
    if names.size < 2 or not np.isfinite(value):
        return value, float("nan"), float("nan")
    forward, back = (fisher_z, np.tanh) if bounded else (np.asarray, np.asarray)
    deleted = forward([measure(average(maps_a[animals != a]), average(maps_b[animals != a])) for a in names])
    low, high = jackknife_interval(forward(value), deleted, confidence)
    return value, float(back(low)), float(back(high))


def average(maps) -> np.ndarray:
    """Mean map over scans; a voxel that is missing in one scan is missing."""
    return np.mean(np.asarray(maps, dtype=float), axis=0)
