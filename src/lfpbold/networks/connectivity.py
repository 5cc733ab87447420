"""Region × region connectivity, and what regressing out a regressor must do to it."""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..stats.tests import fisher_z, partial_r
from .maps import map_similarity, slope, spatial_r

LARGEST_R = 1 - 1e-7  # of which Fisher's z is still finite


def region_means(bold, labels, fewest: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Mean BOLD of every region that has voxels.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    labels : array of int, shape (n_voxels,)
        Region of each voxel, zero for none; the sides of a region may differ in sign.
    fewest : int
        Voxels that a region needs.

    Returns
    -------
    means : ndarray, shape (n_volumes, n_regions)
    index : ndarray of int, shape (n_regions,)
        Labels in the order of their size, and of a pair the positive side first: 1, −1, 2, −2, …

    Examples
    --------
    >>> means, index = region_means([[1.0, 3.0, 5.0, 9.0]], [2, 2, -2, 0])
    >>> means.tolist(), index.tolist()
    ([[2.0, 5.0]], [2, -2])
    """
    bold, labels = np.asarray(bold, dtype=float), np.asarray(labels, dtype=int)
    names, count = np.unique(labels, return_counts=True)
    index = names[(names != 0) & (count >= fewest)]
    index = index[np.lexsort((-index, np.abs(index)))]
    if not index.size:
        return np.zeros((len(bold), 0)), index
    return np.column_stack([bold[:, labels == label].mean(axis=1) for label in index]), index


def correlation_matrix(means) -> np.ndarray:
    """Pearson correlation of every region with every other; NaN where a region is constant.

    Parameters
    ----------
    means : array of float, shape (n_volumes, n_regions)

    Returns
    -------
    r : ndarray, shape (n_regions, n_regions)
    """
    return correlate(means, means)


def z_matrix(r) -> np.ndarray:
    """Fisher's z of a matrix of correlations; NaN on the diagonal.

    Parameters
    ----------
    r : array of float, shape (n_regions, n_regions)
        |r| is clipped to `LARGEST_R`.

    Returns
    -------
    z : ndarray, shape (n_regions, n_regions)
    """
    z = fisher_z(r, largest=LARGEST_R)
    np.fill_diagonal(z, np.nan)
    return z


def edges(square) -> np.ndarray:
    """The upper triangle of a symmetric matrix without its diagonal, shape (n (n − 1) / 2,)."""
    return np.asarray(square)[np.triu_indices(len(square), 1)]


def matrix_similarity(after, before) -> dict:
    """Similarity of two matrices over their edges: `r`, and the `slope` of `after` on `before`."""
    after, before = edges(after), edges(before)
    return {"r": spatial_r(after, before), "slope": slope(after, before)}


def edge_similarity(many, before) -> dict:
    """As `matrix_similarity`, of many matrices at once, given by their edges.

    Parameters
    ----------
    many : array of float, shape (n, n_edges)
    before : array of float, shape (n_edges,)

    Returns
    -------
    similarity : dict
        `r` and `slope`, shape (n,).
    """
    many, before = np.asarray(many, dtype=float), np.asarray(before, dtype=float)
    both = np.isfinite(before) & np.isfinite(many).all(axis=0)
    if both.sum() < 3 or np.ptp(before[both]) == 0:
        return {name: np.full(len(many), np.nan) for name in ("r", "slope")}
    return dict(zip(("r", "slope"), map_similarity(many[:, both], before[both]), strict=True))


def partial_matrix(r, with_regressors, between_regressors) -> np.ndarray:
    """What regressors leave of a matrix of correlations, from correlations alone.

    The residuals of least squares on X have the covariance C − Cₓᵀ Rₓₓ⁻¹ Cₓ, here with C in correlations, so that
    dividing by its diagonal gives the correlations of residuals exactly. For one regressor it is the partial
    correlation (rᵢⱼ − rᵢₓ rⱼₓ) / √((1 − rᵢₓ²)(1 − rⱼₓ²)) (Yule 1907, Proc R Soc A 79:182).

    Parameters
    ----------
    r : array of float, shape (n_regions, n_regions)
    with_regressors : array of float, shape (n_regressors, n_regions)
        Correlation of each regressor with each region.
    between_regressors : array of float, shape (n_regressors, n_regressors)

    Returns
    -------
    partial : ndarray, shape (n_regions, n_regions)
        NaN for a region that the regressors explain wholly.

    Examples
    --------
    >>> partial_matrix([[1, 0.5], [0.5, 1]], [[0.6, 0.6]], [[1.0]]).round(6).tolist()
    [[1.0, 0.21875], [0.21875, 1.0]]
    """
    shared = np.asarray(with_regressors, dtype=float)
    taken = shared.T @ np.linalg.lstsq(np.asarray(between_regressors, dtype=float), shared, rcond=None)[0]
    return rescaled(np.asarray(r, dtype=float) - taken)


def mediated_matrix(r, with_seed, r2: float) -> np.ndarray:
    """Closed-form expectation under full mediation: the regressors reach every region through the seed alone.

    Then their correlation with a region is the one with the seed times that of region and seed, and of
    `partial_matrix` only their multiple R² with the seed's BOLD is left: C − R² c cᵀ, rescaled.

    Parameters
    ----------
    r : array of float, shape (n_regions, n_regions)
    with_seed : array of float, shape (n_regions,)
        Correlation of each region with the seed's BOLD.
    r2 : float
        Share of the variance of the seed's BOLD that the regressors explain together.

    Examples
    --------
    >>> mediated_matrix([[1, 0.5], [0.5, 1]], [0.6, 0.6], 1.0).round(6).tolist()
    [[1.0, 0.21875], [0.21875, 1.0]]
    """
    with_seed = np.asarray(with_seed, dtype=float)
    return rescaled(np.asarray(r, dtype=float) - r2 * np.outer(with_seed, with_seed))


def rescaled(covariance) -> np.ndarray:
    variance = np.diag(covariance)
    scale = np.sqrt(np.where(variance > 1e-12, variance, np.nan))
    return np.clip(covariance / np.outer(scale, scale), -1, 1)


def map_without(r_map, with_regressors) -> np.ndarray:
    """The row of `partial_matrix` that belongs to one time course: its map without one regressor.

    A regressor that reaches the voxels through the time course alone has r_x with it and r_x r with them. Then the map
    becomes r √(1 − r_x²)/√(1 − r_x² r²): it rises with r, so that no peak can move.

    Parameters
    ----------
    r_map : array of float, shape (n_voxels,)
        Correlation of the time course with every voxel.
    with_regressors : tuple (float, array of shape (n_voxels,))
        Correlation of the regressor with the time course, and with every voxel.
    """
    return partial_r(r_map, *with_regressors)


def multiple_r2(time_course, regressors) -> float:
    """Share of the variance of a time course that regressors explain together, by least squares with intercept."""
    regressors = np.asarray(regressors, dtype=float)
    centred = regressors - regressors.mean(axis=0)
    centred = centred / centred.std(axis=0)
    if np.ptp(time_course) == 0:
        return float("nan")
    time_course = np.asarray(time_course, dtype=float) - np.mean(time_course)
    fitted = centred @ np.linalg.lstsq(centred, time_course, rcond=None)[0]
    return float(fitted @ fitted / (time_course @ time_course))


def matrix_without_lfp(means, time_course, regressors) -> dict:
    """The matrix before and after regressors are regressed out of every region, and its expectation under mediation.

    Parameters
    ----------
    means : array of float, shape (n_volumes, n_regions)
    time_course : array of float, shape (n_volumes,)
        BOLD of the seed, through which an expected regressor reaches the regions.
    regressors : array of float, shape (n_volumes, n_regressors)
        Constant ones are ignored.

    Returns
    -------
    result : dict
        `before`, `after`, `expected`, matrices of r; `r2`, of the seed's time course on the regressors.
    """
    regressors = np.asarray(regressors, dtype=float)
    # A constant regressor takes nothing away.
    regressors = regressors[:, np.isfinite(np.diag(correlate(regressors, regressors)))]
    before, r2 = correlation_matrix(means), multiple_r2(time_course, regressors)
    after = partial_matrix(before, correlate(regressors, means), correlate(regressors, regressors))
    return {
        "before": before,
        "after": after,
        "expected": mediated_matrix(before, correlate(time_course, means)[0], r2),
        "r2": r2,
    }
