"""Where a network peaks within a target region, in millimetres, and how well its halves agree on that."""

from __future__ import annotations

import numpy as np
from scipy import stats

NAN = float("nan")
FEWEST_UNITS = 4  # scans (or animals) of which halves are made; with fewer, half scans are the units


def peak(values, target, brain, affine) -> dict:
    """The largest value of a map within a target, in mm, refined below the voxel.

    Along each voxel axis the top of the parabola through the largest voxel and its two neighbours is taken, where both
    lie in the brain and neither is larger: half a voxel at most.

    Parameters
    ----------
    values : array of float, shape (n_voxels,)
        Map on the brain's voxels, such as Fisher's z.
    target : array of bool, shape (n_voxels,)
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)

    Returns
    -------
    maximum : dict
        `mm`, shape (3,); `value`, of the largest voxel; `inside`, whether no neighbour outside the target is larger:
        otherwise the place is that of the target's border and not of a peak.
    """
    values, target = np.asarray(values, dtype=float), np.asarray(target, dtype=bool)
    usable = target & np.isfinite(values)
    if not usable.any():
        return {"mm": np.full(3, NAN), "value": NAN, "inside": False}
    volume = np.full(brain.shape, NAN)
    volume[brain] = values
    place = np.argwhere(brain)[np.flatnonzero(usable)[np.argmax(values[usable])]]
    top, offset, inside = volume[tuple(place)], np.zeros(3), True
    for axis in range(3):
        low, high = (_beside(volume, place, axis, step) for step in (-1, 1))
        inside &= not (low > top or high > top)
        bend = low - 2 * top + high
        if low <= top and high <= top and bend < 0:
            offset[axis] = 0.5 * (low - high) / bend
    return {"mm": affine[:3, :3] @ (place + offset) + affine[:3, 3], "value": float(top), "inside": bool(inside)}


def _beside(volume, place, axis: int, step: int) -> float:
    index = place.copy()
    index[axis] += step
    return float(volume[tuple(index)]) if 0 <= index[axis] < volume.shape[axis] else NAN


def split_halves(maps, target, brain, affine, rng, n_splits: int = 200, confidence: float = 0.95) -> dict:
    """The peak of the mean map, and its confidence from random halves of the maps.

    The two halves of n maps are independent, and each peak is about √2 times as uncertain as that of all maps: the
    distance d of two halves has four times the variance. √mean(d²)/2 is thus the standard error of the peak in three
    dimensions, and √F(confidence; 3, 3 (n − 1)) times that the radius of a ball which holds the true peak in
    `confidence` of studies, where errors are normal and alike along the axes. A target with two tops, or one whose top
    lies on its border, has errors of another kind: the radius is at least the `confidence` quantile of d itself, and
    half a voxel's diagonal is added in quadrature for the grid. A Gaussian hill in smooth noise is then held in .95 or
    more. On the laboratory's atlas, 74 regions of either side as seen from their counterpart, four scans of 300 s, it
    was held in .9 (.6 without the two additions), and in .8 where the true r is below .2.

    Parameters
    ----------
    maps : array of float, shape (n_maps, n_voxels)
        Of scans, of their halves, or of animals; Fisher's z.
    target, brain, affine : as in `peak`
    rng : numpy.random.Generator
    n_splits : int
        Random divisions into halves; with two maps there is one.
    confidence : float

    Returns
    -------
    of_mean_map : dict
        As `peak` of the mean map; `n`, number of maps; `distance_mm`, median distance of the peaks of two halves;
        `se_mm`; `radius_mm`.
    """
    maps = np.asarray(maps, dtype=float)
    n = len(maps)
    of_mean_map = peak(maps.mean(axis=0), target, brain, affine) | {"n": n}
    nothing = dict.fromkeys(("distance_mm", "se_mm", "radius_mm"), NAN)
    if n < 2 or not np.isfinite(of_mean_map["mm"]).all():
        return of_mean_map | nothing
    squared = []
    for _ in range(n_splits if n > 2 else 1):
        order = rng.permutation(n)
        halves = [maps[half].mean(axis=0) for half in (order[: n // 2], order[n // 2 :])]
        places = [peak(half, target, brain, affine)["mm"] for half in halves]
        squared.append(np.sum((places[0] - places[1]) ** 2))
    # Halves of an odd number of maps differ in size: 1/a + 1/b instead of 4/n.
    shrink = (1 / n) / (1 / (n // 2) + 1 / (n - n // 2))
    se = float(np.sqrt(np.mean(squared) * shrink))
    radius = max(np.sqrt(stats.f.ppf(confidence, 3, 3 * (n - 1))) * se, np.sqrt(np.quantile(squared, confidence)))
    grid = np.linalg.norm(affine[:3, :3].sum(axis=1)) / 2
    distance = float(np.median(np.sqrt(squared)))
    return of_mean_map | {"distance_mm": distance, "se_mm": se, "radius_mm": float(np.hypot(radius, grid))}


def units(whole, halves) -> tuple[np.ndarray, str]:
    """The maps of which halves are made: scans where there are four or more, else both halves of each scan.

    Parameters
    ----------
    whole : array of float, shape (n_scans, n_voxels)
    halves : array of float, shape (n_scans, 2, n_voxels)
        First and second half of each scan.
    """
    whole, halves = np.asarray(whole), np.asarray(halves)
    if len(whole) >= FEWEST_UNITS:
        return whole, "scans"
    return halves.reshape(-1, halves.shape[-1]), "half scans"
