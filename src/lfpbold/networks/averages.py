"""Variance explained: over scans and animals, of averaged maps, and what noise leaves of a correlation."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..hemodynamics.hrf import steps
from ..stats.tests import fisher_z, means_by_animal
from .maps import spatial_r


def apparent_r(true_r, cnr):
    """What equal noise on both signals leaves of a correlation: r = r_true / (1 + 1/CNR²).

    CNR is the standard deviation of each signal over that of its noise.

    Examples
    --------
    >>> [round(float(apparent_r(true_r, 1.3)), 4) for true_r in (0.95, 0.59)]
    [0.5968, 0.3707]
    """
    return true_r / (1 + 1 / np.square(cnr))


def cnr_for(true_r: float, observed_r: float) -> float:
    """CNR at which a true correlation appears as the observed one; NaN where none does (observed ≤ 0 or ≥ true)."""
    if not 0 < observed_r < true_r:
        return float("nan")
    return float(1 / np.sqrt(true_r / observed_r - 1))


def simulate_apparent_r(true_r, cnr, *, n_points: int, n_trials: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """The study's noise simulation: correlation of two noisy standard normal signals, over trials.

    Parameters
    ----------
    true_r : float or array, shape (n,)
        Correlation of the two signals without noise.
    cnr : float or array, shape (n,)
        Standard deviation of the signals over that of the noise.
    n_points, n_trials : int
    rng : numpy.random.Generator

    Returns
    -------
    mean, sd : ndarray, shape (n,)
        Over trials, for each pair of `true_r` and `cnr`; the same signals and noise serve all of them.
    """
    true_r, cnr = np.broadcast_arrays(np.atleast_1d(np.asarray(true_r, dtype=float)), np.asarray(cnr, dtype=float))
    found = np.empty((n_trials, *true_r.shape))
    for trial in range(n_trials):
        # r depends on the draws only through their covariance, so that one product serves the whole curve.
        gram = np.cov(rng.standard_normal((4, n_points)))  # first signal, second's own part, two noises
        loading_x = np.column_stack([np.ones_like(cnr), np.zeros_like(cnr), 1 / cnr, np.zeros_like(cnr)])
        loading_y = np.column_stack([true_r, np.sqrt(1 - true_r**2), np.zeros_like(cnr), 1 / cnr])
        xy = np.einsum("ni,ij,nj->n", loading_x, gram, loading_y)
        xx = np.einsum("ni,ij,nj->n", loading_x, gram, loading_x)
        yy = np.einsum("ni,ij,nj->n", loading_y, gram, loading_y)
        found[trial] = xy / np.sqrt(xx * yy)
    return found.mean(axis=0), found.std(axis=0, ddof=1) if n_trials > 1 else np.full(true_r.shape, np.nan)


def noise_curve(*, true_r, cnr_range, n_points, n_trials, rng) -> list[dict]:
    """The study's simulated curve: what noise leaves of `true_r` at each CNR, and the closed form beside it.

    Returns
    -------
    rows : list of dict
        `n_points`, `cnr`, `r` and `r_sd` (mean and standard deviation over trials), `r_closed_form`.
    """
    grid = steps(*cnr_range)
    mean, sd = simulate_apparent_r(true_r, grid, n_points=n_points, n_trials=n_trials, rng=rng)
    return [
        {"n_points": n_points, "cnr": cnr, "r": r, "r_sd": spread, "r_closed_form": apparent_r(true_r, cnr)}
        for cnr, r, spread in zip(grid, mean, sd, strict=True)
    ]


def noise_ceiling(observed_spatial, observed_temporal, *, true_r, cnr_range, n_points, n_trials, rng) -> dict:
    """The study's argument: which CNR turns a near-perfect spatial agreement into the observed one, and what true
    temporal correlation would then appear as the observed one.

    Returns
    -------
    row : dict
        `cnr` and `true_temporal` by simulation, `r2` (the square of the latter), `cnr_closed_form` and
        `true_temporal_closed_form`; NaN where the observed values allow no answer. The closed form shows that CNR
        drops out: the true temporal r is true_r × temporal / spatial.
    """
    grid = steps(*cnr_range)
    curve, _ = simulate_apparent_r(true_r, grid, n_points=n_points, n_trials=n_trials, rng=rng)
    cnr = float("nan")
    if curve.min() <= observed_spatial <= curve.max():
        cnr = float(np.interp(observed_spatial, np.maximum.accumulate(curve), grid))
    true_temporal = float("nan")
    if np.isfinite(cnr):
        candidates = np.linspace(-1, 1, 401)
        appear, _ = simulate_apparent_r(candidates, cnr, n_points=n_points, n_trials=n_trials, rng=rng)
        if appear[0] <= observed_temporal <= appear[-1]:
            true_temporal = float(np.interp(observed_temporal, np.maximum.accumulate(appear), candidates))
    closed = cnr_for(true_r, observed_spatial)
    true_closed = observed_temporal * (1 + 1 / closed**2) if np.isfinite(closed) else float("nan")
    return {
        "cnr": cnr,
        "true_temporal": true_temporal,
        "r2": true_temporal**2,
        "cnr_closed_form": closed,
        "true_temporal_closed_form": true_closed if abs(true_closed) <= 1 else float("nan"),
    }


def mean_r(values, animals, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of correlations over scans, with an interval whose unit is the animal.

    The mean is over scans, as the study reports it. The interval is Student's over the animals' means of Fisher's z:
    scans of one animal are not independent, and intervals over scans are too narrow.

    Parameters
    ----------
    values : array of float, shape (n_scans,)
    animals : array, shape (n_scans,)
        Animal of each scan.

    Returns
    -------
    mean, low, high : float
        The interval is NaN below two animals.
    """
    values, animals = np.asarray(values, dtype=float), np.asarray(animals)
    animals, values = animals[np.isfinite(values)], values[np.isfinite(values)]
    if values.size == 0:
        return (float("nan"),) * 3
    per_animal = means_by_animal(fisher_z(values), animals)
    low, high = _t_interval(
        per_animal.mean(),
        per_animal.std(ddof=1) / np.sqrt(per_animal.size) if per_animal.size > 1 else np.nan,
        per_animal.size,
        confidence,
    )
    return float(values.mean()), low, high


def _t_interval(z, standard_error, n, confidence) -> tuple[float, float]:
    """Interval of a mean Fisher z, turned back to r."""
    if n < 2 or not np.isfinite(standard_error):
        return float("nan"), float("nan")
    reach = stats.t.ppf(0.5 + confidence / 2, n - 1) * standard_error
    return float(np.tanh(z - reach)), float(np.tanh(z + reach))


def of_averaged_maps(maps_a, maps_b, animals, measure=spatial_r, confidence: float = 0.95, bounded: bool = True):
    """A measure of two averaged maps, with a delete-one-animal jackknife interval.

    Parameters
    ----------
    maps_a, maps_b : array of float, shape (n_scans, n_voxels)
    animals : array, shape (n_scans,)
    measure : callable
        Of two maps, such as `spatial_r` or `slope`.
    bounded : bool
        The measure is a correlation, to be treated as Fisher's z.

    Returns
    -------
    value, low, high : float
    """
    maps_a, maps_b, animals = np.asarray(maps_a), np.asarray(maps_b), np.asarray(animals)
    value = measure(average(maps_a), average(maps_b))
    names = np.unique(animals)
    if names.size < 2 or not np.isfinite(value):
        return value, float("nan"), float("nan")
    forward, back = (fisher_z, np.tanh) if bounded else (np.asarray, np.asarray)
    left_out = forward([measure(average(maps_a[animals != a]), average(maps_b[animals != a])) for a in names])
    n = names.size
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    reach = stats.t.ppf(0.5 + confidence / 2, n - 1) * error
    return value, float(back(forward(value) - reach)), float(back(forward(value) + reach))


def average(maps) -> np.ndarray:
    """Mean map over scans; a voxel that is missing in one scan is missing."""
    return np.mean(np.asarray(maps, dtype=float), axis=0)


def square_interval(value: float, low: float, high: float) -> tuple[float, float, float]:
    """Square a correlation and its interval: r² is zero wherever the interval of r holds zero."""
    if not np.isfinite([low, high]).all():
        return value**2, float("nan"), float("nan")
    ends = sorted((low**2, high**2))
    return value**2, 0.0 if low <= 0 <= high else ends[0], ends[1]
