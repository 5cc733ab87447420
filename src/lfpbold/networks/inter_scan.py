"""How much of a map comes again in other scans and other animals."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..errors import InputError
from ..stats.resampling import jackknife
from .reliability import NAN, disattenuated


def inter_scan(maps, animals, confidence: float = 0.95) -> dict:
    """Mean spatial r of pairs of scans: of one animal, and of different animals, which is the one that generalises.

    Parameters
    ----------
    maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in one scan is left out.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    found : dict
        `within`, `between`, NaN where there is no such pair; `between_low`, `between_high` by leaving out one animal at
        a time (Student's t).
    """
    maps, animals = np.asarray(maps, dtype=float), np.asarray(animals)
    if len(maps) != len(animals):
        raise InputError(f"there are {len(maps)} maps and {len(animals)} animals; give one animal for every map")
    whole = maps[:, np.isfinite(maps).all(axis=0)].T
    return _pairs(correlate(whole, whole), animals, confidence)


def across_scans(lfp_maps, seed_maps, animals, confidence: float = 0.95) -> dict:
    """LFP map of a scan with the seed map of another, and the same freed of what maps do not share over animals.

    Maps of different animals share no noise, neither that of a scan nor the animal's own: their correlation over the
    roots of both maps' own correlations between animals is the spatial correlation of what animals have in common.

    Parameters
    ----------
    lfp_maps, seed_maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in any of them is left out.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    found : dict
        `across`, as `inter_scan` for pairs of an LFP map and a seed map of different scans; `disattenuated`, with
        `between`, `between_low`, `between_high` (Student's t, leaving out one animal at a time), NaN below two animals
        or where a map does not come again at all; it may exceed 1.
    """
    lfp_maps, seed_maps, animals = np.asarray(lfp_maps), np.asarray(seed_maps), np.asarray(animals)
    known = (np.isfinite(lfp_maps) & np.isfinite(seed_maps)).all(axis=0)
    lfp, seed = lfp_maps[:, known].T, seed_maps[:, known].T
    across, of_lfp, of_seed = correlate(lfp, seed), correlate(lfp, lfp), correlate(seed, seed)

    def ratio(rows):
        rows = rows.astype(int)
        apart = animals[rows][:, None] != animals[rows]
        mean, x, y = (_mean(r[np.ix_(rows, rows)][apart]) for r in (across, of_lfp, of_seed))
        return float(disattenuated(mean, x, y))

    found = jackknife(np.arange(len(animals)), animals, ratio, confidence)
    whole = {"within": NAN, "between": found["value"], "between_low": found["low"], "between_high": found["high"]}
    return {"across": _pairs(across, animals, confidence), "disattenuated": whole}


def _pairs(r, animals, confidence) -> dict:
    """Means of r (n_scans, n_scans) over pairs of scans, within and between animals."""

    def between(rows):
        rows = rows.astype(int)
        return _mean(r[np.ix_(rows, rows)][animals[rows][:, None] != animals[rows]])

    same = animals[:, None] == animals
    found = jackknife(np.arange(len(r)), animals, between, confidence)
    return {
        "within": _mean(r[same & ~np.eye(len(r), dtype=bool)]),
        "between": found["value"],
        "between_low": found["low"],
        "between_high": found["high"],
    }


def _mean(values) -> float:
    return float(values.mean()) if values.size else NAN


def of_averaged_map(maps, animals) -> float:
    """Reliability of the average of the animals' mean maps, with animals drawn from a population.

    Cronbach's alpha (1951, Psychometrika 16:297) with animals as items and voxels as cases:
    k/(k − 1) × (1 − Σ var(map of animal) / var(sum of maps)), variances over voxels. It may be negative.

    Parameters
    ----------
    maps : array of float, shape (n_scans, n_voxels)
        A voxel that is missing in one scan is left out.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    reliability : float
        NaN below two animals.
    """
    maps, animals = np.asarray(maps, dtype=float), np.asarray(animals)
    maps = maps[:, np.isfinite(maps).all(axis=0)]
    of_animals = np.array([maps[animals == animal].mean(axis=0) for animal in np.unique(animals)])
    k, total = len(of_animals), of_animals.sum(axis=0).var() if maps.size else 0.0
    return float(k / (k - 1) * (1 - of_animals.var(axis=1).sum() / total)) if k > 1 and total > 0 else NAN
