"""Null distributions of region matrices without the LFP: regressors of the same r with the seed, and nothing else."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..networks.connectivity import correlation_matrix, edges, rescaled, z_matrix
from .surrogates import mixed_with_seed
from .tests import compare_with_null

FEWEST_DRAWS = 19  # what a one-sided p of .05 needs, 1/(19 + 1)


def surrogate_matrices(means, time_course, regressor, n: int, rng, *, basis=None, raw=None, kept=None) -> np.ndarray:
    """Fisher's z of matrices without regressors that have the same r with the seed and no more to do with the brain.

    Unlike the closed form of `mediated_matrix`, they lose what any regressor takes with it by chance: a degree of
    freedom, and what it happens to share with each region.

    Parameters
    ----------
    means, time_course : as in `matrix_without_lfp`
    regressor : array of float, shape (n_volumes,)
    n : int
    rng, basis, raw, kept
        As of `surrogates.mixed_with_seed`.

    Returns
    -------
    z : ndarray of float32, shape (n, n_edges)
    """
    surrogates = mixed_with_seed(regressor, time_course, n, rng, basis, raw, kept)
    before, with_regions = correlation_matrix(means), correlate(surrogates, means)
    z = np.empty((n, means.shape[1] * (means.shape[1] - 1) // 2), dtype=np.float32)
    for draw, r in enumerate(with_regions):
        z[draw] = edges(z_matrix(rescaled(before - np.outer(r, r))))
    return z


def similarity_null(observed: float, null) -> dict:
    """Mean and central 95 % of the null distribution of a similarity, and the two-sided p of the observed one.

    Parameters
    ----------
    observed : float
    null : array of float, shape (n,)
        Draws without a value do not count.

    Returns
    -------
    columns : dict
        `null`, `null_low`, `null_high`, `p`; NaN with fewer than 19 draws.
    """
    null = np.asarray(null, dtype=float)
    null = null[np.isfinite(null)]
    columns = compare_with_null(observed if null.size >= FEWEST_DRAWS else np.nan, null)
    return {"null": columns["expected"], **{name: columns[name] for name in ("null_low", "null_high", "p")}}
