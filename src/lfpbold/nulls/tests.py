"""Null distributions of correlations in time and space, from surrogates through the same BOLD, and their p-values."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..coupling.correlation import correlate, temporal_r, window_s
from ..errors import InputError
from ..hemodynamics.hrf import averaged_over, within_recording
from ..networks.maps import seed_map
from ..stats.tests import permutation_p
from .surrogates import (
    each_phase_randomised,
    level_surrogates,
    norm_of,
    surrogate_coordinates,
    surrogates_of,
)


def compare_with_null(observed: float, null, confidence: float = 0.95) -> dict:
    """One observed number beside its null distribution.

    Parameters
    ----------
    observed : float
    null : array of float, shape (n,)
    confidence : float
        Of the null's own interval.

    Returns
    -------
    columns : dict
        `observed`; `expected`, `null_low`, `null_high` (mean and quantiles of the null); `percentile` of the observed
        value among n + 1, mid-rank, between 0 and 1; `p_upper` and `p`, two-sided (twice the smaller tail).

    Examples
    --------
    >>> columns = compare_with_null(2.5, [0.0, 1.0, 2.0, 3.0])
    >>> columns["percentile"], columns["p_upper"], columns["p"]
    (0.7, 0.4, 0.8)
    """
    null = np.asarray(null, dtype=float)
    if not np.isfinite(observed) or not np.isfinite(null).all():
        names = ("expected", "null_low", "null_high", "percentile", "p_upper", "p")
        return {"observed": float(observed), **dict.fromkeys(names, float("nan"))}
    low, high = np.quantile(null, [0.5 - confidence / 2, 0.5 + confidence / 2])
    rank = (null < observed).sum() + ((null == observed).sum() + 1) / 2
    return {
        "observed": float(observed),
        "expected": float(null.mean()),
        "null_low": float(low),
        "null_high": float(high),
        "percentile": float(rank / (null.size + 1)),
        "p_upper": float(permutation_p(observed, null)),
        "p": float(permutation_p(observed, null, "two-sided")),
    }


def max_statistic(observed, null) -> np.ndarray:
    """Family-wise p of many values at once: each against the largest size in each draw of the null (Westfall & Young).

    Parameters
    ----------
    observed : array of float, shape (m,)
        Such as r at each lag or in each 1-Hz bin.
    null : array of float, shape (n, m)
        Draws that keep how the m values hang together.

    Returns
    -------
    p : ndarray, shape (m,)
        Two-sided; the probability under the null hypothesis of as large a value anywhere among the m.

    Examples
    --------
    >>> max_statistic([0.5, -2.0], [[1.0, -1.0], [0.0, 3.0], [-0.1, 0.1]]).tolist()
    [0.75, 0.5]
    """
    null = np.abs(np.asarray(null, dtype=float))
    largest = np.where(np.isfinite(null), null, 0).max(axis=1)
    return permutation_p(np.abs(np.asarray(observed, dtype=float)), largest)


def temporal_null(
    regressors, seed, n: int, rng, how: str = "phase", shortest: int = 100, basis=None, raw=None, kept=None
):
    """Correlation of the regressors with surrogates of the seed.

    The seed is what is drawn, so that the regressors keep their correlations with each other, which `max_statistic`
    needs over bands and bins. With `raw` the regressors are drawn instead, all with the same phases or shifts. Do so
    where a projector removes nuisance: what it leaves has no spectrum of its own, since nuisance mixes frequencies,
    and surrogates of the projected series are too free. Six random walks as nuisance, 300 volumes, spectra that are
    steep within the band (autoregression .9): false at .05 in .06 to .09 singly and .08 to .12 for the best of a
    hundred bins; with `raw` .044 and .046.

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands)
    seed : array of float, shape (n_volumes,)
    n : int
    rng : numpy.random.Generator
    how : {"phase", "shift"}
        Random phases, or circular shifts by at least `shortest` volumes.
    shortest : int
        At most a quarter of the series is used.
    basis : array of float, shape (n_volumes, n_functions), optional
        Of the projector that made the series; see `surrogates.phase_randomised`. Shifted series are put back too.
    raw : array of float, shape (n_scan_volumes, n_bands), optional
        Regressors before the projector, in all volumes of the scan. Needs `basis`.
    kept : array of bool, shape (n_scan_volumes,), optional
        Volumes that are left, with `raw`; all by default.

    Returns
    -------
    r : ndarray, shape (n, n_bands)
    """
    if raw is None:
        return correlate(surrogates_of(seed, n, rng, how, shortest, basis), regressors)
    surrogates = surrogate_coordinates(raw, kept, n, rng, how, shortest, basis)
    time_course = np.asarray(seed, dtype=float) - np.mean(seed)
    along = time_course @ basis / np.linalg.norm(time_course)
    return np.column_stack([along @ one / norm_of(one, basis) for one in surrogates])


def temporal_p(regressors, seed, n: int, rng, *, shortest: int = 100, basis=None, raw=None, kept=None) -> dict:
    """Two-sided p of the correlation in time of each regressor with the seed, without a formula for n_eff.

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands)
    seed : array of float, shape (n_volumes,)
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    shortest : int
        Smallest shift, volumes.
    basis : array of float, shape (n_volumes, n_functions), optional
        Of the projector that made the series; surrogates of both kinds are put back into its space.
    raw, kept
        As in `temporal_null`.

    Returns
    -------
    columns : dict
        `r`, `p_phase`, `p_shift`, and `p_phase_max`, family-wise over the bands; shape (n_bands,).

    Raises
    ------
    InputError
        When regressors and seed do not cover the same volumes, or are too short to be shifted.
    TypeError
        When the seed is not one time course.

    Examples
    --------
    One regressor that the seed follows, at the smallest p that 199 surrogates allow, and one that it does not:

    >>> rng = np.random.default_rng(0)
    >>> regressors = rng.standard_normal((300, 2))
    >>> columns = temporal_p(regressors, regressors[:, 0] + rng.standard_normal(300), 199, rng, shortest=20)
    >>> columns["p_phase"][0].item(), columns["p_shift"][0].item(), bool(columns["p_phase"][1] > 0.05)
    (0.005, 0.005, True)
    """
    r = temporal_r(regressors, seed)
    phase = temporal_null(regressors, seed, n, rng, basis=basis, raw=raw, kept=kept)
    shift = temporal_null(regressors, seed, n, rng, "shift", shortest, basis, raw, kept)
    return {
        "r": r,
        "p_phase": permutation_p(r, phase, "absolute"),
        "p_shift": permutation_p(r, shift, "absolute"),
        "p_phase_max": max_statistic(r, phase),
    }


def lagged_null(
    power,
    times_s,
    seed,
    volume_times_s,
    lags_s,
    n: int,
    rng,
    how: str = "phase",
    shortest: int = 100,
    basis=None,
    apply_bold_filter=np.asarray,
    draw: str = "seed",
    tr_s: float | None = None,
):
    """The lagged correlation of `coupling.lagged_r` with surrogates of seed or power; for `max_statistic` over lags.

    Parameters
    ----------
    power : array of float, shape (n_frames, n_bands)
    times_s, volume_times_s, lags_s : array of float, s
        As in `coupling.lagged_r`.
    seed : array of float, shape (n_volumes,)
    n : int
    rng : numpy.random.Generator
    how, shortest, basis
        As in `temporal_null`.
    apply_bold_filter : callable
        As in `coupling.lagged_r`.
    draw : {"seed", "power"}
        `power` where `apply_bold_filter` is a projector that removes nuisance, for the reason given in `temporal_null`;
        it costs as many projections as there are surrogates, lags and bands.
    tr_s : float, optional
        As in `coupling.lagged_r`.

    Returns
    -------
    r : ndarray, shape (n, n_lags, n_bands)
        NaN where fewer than ten volumes overlap.
    """
    volume_times_s, power = np.asarray(volume_times_s, dtype=float), np.asarray(power, dtype=float)
    r = np.full((n, len(lags_s), power.shape[1]), np.nan)
    if draw == "seed":
        pairs: Iterable = [(slice(None), surrogates_of(seed, n, rng, how, shortest, basis), power)]
    elif draw == "power":
        frames = round(shortest * np.median(np.diff(volume_times_s)) / np.median(np.diff(times_s)))
        each = level_surrogates(power, n, rng, how, frames)
        pairs = ((band, np.asarray(seed, dtype=float), one) for band, one in enumerate(each))
    else:
        raise ValueError(f"draw is {draw!r}; choose seed or power")
    for band, bold, series in pairs:
        sample = averaged_over(series, times_s, window_s(volume_times_s, tr_s))
        for column, lag in enumerate(lags_s):
            wanted = volume_times_s - lag
            inside = within_recording(wanted, times_s)
            if inside.sum() >= 10:
                at_lag = correlate(bold[inside], apply_bold_filter(sample(wanted))[inside])
                r[:, column, band] = at_lag if draw == "seed" else at_lag[0]
    return r


def spatial_p(clean, seed, regressors, n: int, rng, *, exclude=None, basis=None, raw=None, kept=None) -> dict:
    """p of the spatial correlation of LFP map and seed map: surrogate regressors through the same BOLD.

    The smoothness of both maps, and whatever the voxels share, is that of the data. The spatial r of a map needs no
    map: with voxels standardised in time and centred over space, Z, the covariance with the seed map m is xᵀ(Z m) and
    the variance of the map xᵀ(Z Zᵀ)x, so that many bands and surrogates cost little. Bands of one draw share their
    random phases and with them their correlations.

    Parameters
    ----------
    clean : array of float, shape (n_volumes, n_voxels)
    seed : array of bool, shape (n_voxels,)
    regressors : array of float, shape (n_volumes, n_bands)
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    exclude : array of bool, shape (n_voxels,), optional
        Voxels excluded from the spatial r, such as `noise_law.near_seed`.
    basis : array of float, shape (n_volumes, n_functions), optional
        Of the projector that made the series.
    raw, kept
        As in `temporal_null`.

    Returns
    -------
    columns : dict
        `r` and `p`, shape (n_bands,), two-sided; `p_max`, family-wise over the bands; `null`, shape (n, n_bands).

    Raises
    ------
    InputError
        When the seed holds no voxel, fewer than three voxels are left to compare maps over, or the regressors do not
        cover the same volumes as the BOLD.
    TypeError
        When the seed is not boolean, or `exclude` has another shape.

    Examples
    --------
    A signal of which voxels hold more and less, a regressor that follows it, and one that does not:

    >>> rng = np.random.default_rng(0)
    >>> signal, weight = rng.standard_normal(300), np.linspace(2, -2, 40)
    >>> bold = signal[:, None] * weight + rng.standard_normal((300, 40))
    >>> regressors = np.column_stack([signal + rng.standard_normal(300), rng.standard_normal(300)])
    >>> columns = spatial_p(bold, weight > 1.5, regressors, 99, rng, exclude=weight > 1.5)
    >>> bool(columns["r"][0] > 0.95), columns["null"].shape
    (True, (99, 2))
    """
    regressors = np.asarray(regressors, dtype=float)
    regressors = regressors[:, None] if regressors.ndim == 1 else regressors
    if len(regressors) != len(clean):
        raise InputError(
            f"the regressors have {len(regressors)} volumes and the BOLD {len(clean)}; both must cover the same volumes"
        )
    before = seed_map(clean, seed)
    use = voxels_in_use(before, exclude)
    clean = np.asarray(clean, dtype=float)
    space = clean if use.all() else clean[:, use]
    space = space - space.mean(axis=0)
    space /= np.sqrt(np.einsum("ij,ij->j", space, space))
    space -= space.mean(axis=1, keepdims=True)
    target = before[use] - before[use].mean()
    regressors = regressors - regressors.mean(axis=0)
    maps, size = regressors.T @ space, np.sqrt(target @ target)
    spread = np.einsum("ij,ij->i", maps, maps)
    r = maps @ target / (np.sqrt(np.where(spread > 0, spread, np.nan)) * size)
    if raw is None:
        surrogates = each_phase_randomised(regressors, n, rng, basis)
    else:
        surrogates, space = surrogate_coordinates(raw, kept, n, rng, "phase", 1, basis), basis.T @ space
    # The mean of a series over time meets voxels without one, and so does not count.
    along, gram = space @ target, space @ space.T

    def spatial(series):
        spread = np.einsum("ij,ij->j", series, gram @ series)
        return along @ series / (np.sqrt(np.where(spread > 0, spread, np.nan)) * size)

    null = np.column_stack([spatial(one) for one in surrogates])
    return {"r": r, "p": permutation_p(r, null, "absolute"), "p_max": max_statistic(r, null), "null": null}


def voxels_in_use(seed_map, exclude=None) -> np.ndarray:
    """Voxels at which the seed map is defined and that are not excluded; shape (n_voxels,), bool."""
    use = np.isfinite(seed_map)
    if exclude is not None and np.shape(exclude) != use.shape:
        raise TypeError(f"exclude must be a boolean array of shape {use.shape}, not of shape {np.shape(exclude)}")
    use = use if exclude is None else use & ~np.asarray(exclude, dtype=bool)
    if use.sum() < 3:
        raise InputError("fewer than three voxels are left to compare maps over; lower the rim around the seed")
    return use
