"""Null distributions of region matrices without the LFP: regressors of the same r with the seed, and nothing else."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..networks.connectivity import edges, fisher_z, matrix, rescaled
from .surrogates import mixed_with_seed


def removed_surrogates(means, course, regressor, n: int, rng, *, basis=None, raw=None, kept=None) -> np.ndarray:
    """Fisher's z of matrices without regressors that have the same r with the seed and no more to do with the brain.

    Unlike the closed form of `mediated`, they lose what any regressor takes with it by chance: a degree of freedom,
    and what it happens to share with each region.

    Parameters
    ----------
    means, course : as in `removal`
    regressor : array of float, shape (n_volumes,)
    n : int
    rng, basis, raw, kept
        As of `surrogates.mixed_with_seed`.

    Returns
    -------
    z : ndarray of float32, shape (n, n_edges)
    """
    drawn = mixed_with_seed(regressor, course, n, rng, basis, raw, kept)
    before, shared = matrix(means), correlate(drawn, means)
    found = np.empty((n, means.shape[1] * (means.shape[1] - 1) // 2), dtype=np.float32)
    for place, one in enumerate(shared):
        found[place] = edges(fisher_z(rescaled(before - np.outer(one, one))))
    return found


def against(observed: float, null) -> dict:
    """Mean and central 95 % of a null distribution, and the two-sided p of what was observed."""
    null = np.asarray(null, dtype=float)
    null = null[np.isfinite(null)]
    if null.size < 19 or not np.isfinite(observed):
        return dict.fromkeys(("null", "null_low", "null_high", "p"), np.nan)
    low, high = np.percentile(null, [2.5, 97.5])
    above, below = np.sum(null >= observed), np.sum(null <= observed)
    p = min(1.0, 2 * (1 + min(above, below)) / (null.size + 1))
    return {"null": float(null.mean()), "null_low": float(low), "null_high": float(high), "p": float(p)}
