"""What noise leaves of a correlation, and the noise ceiling that the study derives from it."""

from __future__ import annotations

import numpy as np


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
    apparent = np.empty((n_trials, *true_r.shape))
    for trial in range(n_trials):
        # r depends on the draws only through their covariance, so that one product serves the whole curve.
        gram = np.cov(rng.standard_normal((4, n_points)))  # first signal, second's own part, two noises
        loading_x = np.column_stack([np.ones_like(cnr), np.zeros_like(cnr), 1 / cnr, np.zeros_like(cnr)])
        loading_y = np.column_stack([true_r, np.sqrt(1 - true_r**2), np.zeros_like(cnr), 1 / cnr])
        xy = np.einsum("ni,ij,nj->n", loading_x, gram, loading_y)
        xx = np.einsum("ni,ij,nj->n", loading_x, gram, loading_x)
        yy = np.einsum("ni,ij,nj->n", loading_y, gram, loading_y)
        apparent[trial] = xy / np.sqrt(xx * yy)
    return apparent.mean(axis=0), apparent.std(axis=0, ddof=1) if n_trials > 1 else np.full(true_r.shape, np.nan)


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

    Parameters
    ----------
    observed_spatial, observed_temporal : float
        Correlation of LFP map and seed map; correlation in time of LFP regressor and seed.
    true_r : float
        Spatial correlation that there would be without noise.
    cnr_range : (first, last, step)
        Ratios of the standard deviations of signal and noise that are simulated.
    n_points : int
        Length of the simulated signals.
    n_trials : int
        Repetitions whose mean is taken.
    rng : numpy.random.Generator

    Returns
    -------
    row : dict
        `cnr` and `true_temporal` by simulation, `r2` (the square of the latter), `cnr_closed_form` and
        `true_temporal_closed_form`; NaN where the observed values allow no answer. The closed form shows that CNR
        drops out: the true temporal r is true_r × temporal / spatial.

    References
    ----------
    Tu, Cramer & Zhang (2024), eLife 13:RP95680.

    Examples
    --------
    >>> row = noise_ceiling(0.6, 0.3, true_r=0.95, cnr_range=(0.5, 3.0, 0.1), n_points=2000, n_trials=5,
    ...                     rng=np.random.default_rng(0))
    >>> round(row["cnr_closed_form"], 3), round(row["true_temporal_closed_form"], 3)
    (1.309, 0.475)
    >>> bool(abs(row["cnr"] - 1.309) < 0.05), bool(abs(row["true_temporal"] - 0.475) < 0.03)
    (True, True)
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


def steps(first: float, last: float, step: float) -> np.ndarray:
    """Evenly spaced values from first to last, both included where the step meets it.

    Examples
    --------
    >>> steps(0.0, 1.0, 0.25).tolist(), steps(0.0, 1.0, 0.4).tolist()
    ([0.0, 0.25, 0.5, 0.75, 1.0], [0.0, 0.4, 0.8])
    """
    return first + step * np.arange(int(np.floor((last - first) / step + 1e-9)) + 1)
