"""Coupling of LFP regressors and BOLD in time: correlation, its significance under autocorrelation, lags, maps."""

from __future__ import annotations

import numpy as np
import scipy

from ..errors import InputError
from ..hemodynamics.hrf import averaged_over, within_recording

BLOCK = 2048  # voxels at a time, whatever the number of cores
ROWS = 512  # regressors at a time
LEVEL = 0.01  # a mean whose square is less than this share of the mean square costs no digits and may stay


def correlate(a, b) -> np.ndarray:
    """Pearson correlation of every column of `a` with every column of `b`.

    Parameters
    ----------
    a : array of float, shape (n_volumes, n_a)
    b : array of float, shape (n_volumes, n_b)

    Returns
    -------
    r : ndarray, shape (n_a, n_b)
        NaN where a column is constant or holds NaN.

    Examples
    --------
    >>> correlate([[1.], [2.], [3.]], [[1., 3.], [2., 2.], [3., 1.]]).round(12).tolist()
    [[1.0, -1.0]]
    """
    a, b = _columns(a), _columns(b)
    if len(a) != len(b):
        raise InputError(
            f"the regressors have {len(a)} volumes and the BOLD {len(b)}; both must cover the same volumes"
        )
    if a.shape[1] > b.shape[1]:
        return np.ascontiguousarray(correlate(b, a).T)
    centred, norm = _centred(a)
    unit = np.empty((a.shape[1] + 1, len(a)))  # the first row gives the means of `b` in the same product
    np.divide(centred.T, norm[:, None], out=unit[1:])
    unit[0] = 1 / np.sqrt(max(len(a), 1))
    r = np.empty((a.shape[1], b.shape[1]))
    room = np.empty((min(ROWS, len(unit)), BLOCK))  # memory that is new costs more than what is done with it
    for start in range(0, b.shape[1], BLOCK):
        _against_units(unit, b[:, start : start + BLOCK], room, r[:, start : start + BLOCK])
    return r


def _against_units(unit, block, room, r) -> None:
    """Correlation of series of mean 0 and norm 1, in rows, with the columns of a block as they are, into `r`."""
    norm = None
    for start in range(0, len(unit), ROWS):
        rows = unit[start : start + ROWS]
        product = room[: len(rows), : block.shape[1]]
        np.matmul(rows, block, out=product)
        if norm is None:
            power, of_mean = np.einsum("ij,ij->j", block, block), product[0] ** 2
            if (of_mean <= LEVEL * power).all():
                norm = np.sqrt(np.where(power > 0, power - of_mean, np.nan))
            else:
                block, norm = _centred(block)
                np.matmul(rows, block, out=product)
        first = max(start, 1)
        into = r[first - 1 : start + len(rows) - 1]
        np.divide(product[first - start :], norm, out=into)
        np.clip(into, -1, 1, out=into)


def _centred(x) -> tuple[np.ndarray, np.ndarray]:
    """Columns with mean 0, and their norm; that of a constant column is NaN."""
    mean = x.mean(axis=0)
    centred = x - mean
    norm = np.sqrt(np.einsum("ij,ij->j", centred, centred))
    # A constant column is left with rounding errors, which would correlate as if they were data.
    return centred, np.where(norm > 1e-12 * np.sqrt(len(x)) * np.abs(mean), norm, np.nan)


def correlate_ranks(a, b) -> np.ndarray:
    """Spearman's rank correlation of every column of `a` with every column of `b`; shapes as in `correlate`."""
    return correlate(
        *(np.where(np.isfinite(x).all(axis=0), scipy.stats.rankdata(x, axis=0), np.nan) for x in map(_columns, (a, b)))
    )


def _columns(x):
    x = as_floats(x)
    if x.ndim not in (1, 2):
        raise TypeError(f"series must have the shape (n_volumes, n_series) or (n_volumes,), not {x.shape}")
    return x[:, None] if x.ndim == 1 else x


def as_floats(x) -> np.ndarray:
    """An array of float, NaN where a masked array is masked: `numpy.asarray` would bring back what the mask hides."""
    if isinstance(x, np.ma.MaskedArray):
        return np.ma.filled(np.ma.asarray(x, dtype=float), np.nan)
    return np.asarray(x, dtype=float)


def effective_n(x, y) -> float:
    """Number of independent samples in a pair of autocorrelated series (Bartlett 1935).

    1/n_eff = 1/n + (2/n) Σₖ (1 − k/n) ρₓ(k) ρᵧ(k), summed to a quarter of the series. For white series it is n.

    Parameters
    ----------
    x, y : array of float, shape (n_volumes,)

    Returns
    -------
    n_eff : float
        Between 3 and n; NaN where a series holds NaN.

    Raises
    ------
    InputError
        When the series do not cover the same volumes.
    TypeError
        When a series is not one-dimensional.

    References
    ----------
    Bartlett (1935), J R Stat Soc 98:536.

    Examples
    --------
    Two autoregressions of coefficient .5 are worth (1 − .5²)/(1 + .5²) = .6 of their samples:

    >>> x, y = scipy.signal.lfilter([1.0], [1.0, -0.5], np.random.default_rng(0).standard_normal((2, 20_000)))
    >>> round(effective_n(x, y) / 20_000, 1)
    0.6
    """
    x, y = as_floats(x), as_floats(y)
    if x.ndim != 1 or y.ndim != 1:
        raise TypeError(f"x and y must be one time course each, of shape (n_volumes,), not {x.shape} and {y.shape}")
    if len(x) != len(y) or len(x) < 2:
        raise InputError(f"the series have {len(x)} and {len(y)} volumes; give the same two or more of both")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        return float("nan")
    n = len(x)
    lags = np.arange(1, max(2, n // 4))
    product = _autocorrelation(x)[lags] * _autocorrelation(y)[lags]
    inflation = 1 + 2 * np.sum((1 - lags / n) * product)
    return float(np.clip(n / max(inflation, 1e-12), 3, n))


def _autocorrelation(x) -> np.ndarray:
    centred = np.asarray(x, dtype=float) - np.mean(x)
    length = scipy.fft.next_fast_len(2 * len(centred), real=True)  # may be odd, which the inverse cannot know
    spectrum = scipy.fft.rfft(centred, length)
    covariance = scipy.fft.irfft(np.abs(spectrum) ** 2, length)[: len(centred)]
    return covariance / covariance[0] if covariance[0] > 0 else np.zeros(len(centred))


def p_value(r, n_eff) -> np.ndarray:
    """Two-sided p of a Pearson correlation with `n_eff` independent samples, by Student's t with n_eff − 2."""
    r, n_eff = np.asarray(r, dtype=float), np.asarray(n_eff, dtype=float)
    freedom = np.maximum(n_eff - 2, 1)
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(freedom / (1 - r**2))
    return 2 * scipy.stats.t.sf(t, freedom)


def temporal_r(regressors, seed) -> np.ndarray:
    """Correlation in time of each regressor with the seed's BOLD time course.

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands) or (n_volumes,)
        Band power after convolution with the HRF, one value per volume.
    seed : array of float, shape (n_volumes,)
        Mean BOLD of the voxels around the electrode.

    Returns
    -------
    r : ndarray, shape (n_bands,)
        Pearson's r; NaN where a series is constant or holds NaN.

    Raises
    ------
    InputError
        When both do not cover the same volumes.

    References
    ----------
    Tu, Cramer & Zhang (2024), eLife 13:RP95680, "Correlation between LFP and rsfMRI signals".

    Examples
    --------
    >>> temporal_r([[1.0, 3.0], [2.0, 1.0], [4.0, 2.0]], [1.0, 2.0, 4.0]).round(3).tolist()
    [1.0, -0.327]
    """
    seed = as_floats(seed)
    if seed.ndim != 1:
        raise TypeError(f"seed must be one time course of shape (n_volumes,), not {seed.shape}")
    return correlate(regressors, seed)[:, 0]


def temporal(regressors, seed) -> dict:
    """Correlation in time of each regressor with the seed's BOLD, with its p under autocorrelation.

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands)
    seed : array of float, shape (n_volumes,)

    Returns
    -------
    columns : dict
        `r`, `r_spearman`, `n_eff`, `p`, arrays of shape (n_bands,), and the number of volumes `n`.
    """
    r = temporal_r(regressors, seed)
    usable = np.isfinite(r)
    n_eff = np.full(r.size, np.nan)
    for band in np.flatnonzero(usable):
        n_eff[band] = effective_n(np.asarray(regressors)[:, band], seed)
    return {
        "r": r,
        "r_spearman": correlate_ranks(regressors, seed)[:, 0],
        "n_eff": n_eff,
        "p": p_value(r, n_eff),
        "n": len(seed),
    }


def lagged_r(
    power, times_s, seed, volume_times_s, lags_s, *, tr_s: float | None = None, lost=None, apply_bold_filter=np.asarray
) -> np.ndarray:
    """Correlation of the seed's BOLD with band power that is `lag` older: positive lags, BOLD follows.

    The power is averaged over a TR about the kept volumes' own times minus the lag: censored volumes between them do
    not shift anything, and what is faster than the TR does not fold back. Volumes whose lagged time falls outside the
    recording do not count at that lag.

    Parameters
    ----------
    power : array of float, shape (n_frames, n_bands)
        Not convolved.
    times_s : array of float, shape (n_frames,)
        Stamps of the power, s.
    seed : array of float, shape (n_volumes,)
    volume_times_s : array of float, shape (n_volumes,)
        On the same clock, s.
    lags_s : array of float, shape (n_lags,)
    tr_s : float, optional
        Window of the average, s; the shortest interval between volumes by default.
    lost : array of bool, shape (n_frames,), optional
        Frames in which there was no LFP: a volume whose average would be half of them does not count at that lag.
    apply_bold_filter : callable
        What the lagged power goes through before it is compared; it sees all volumes, with the first or last value of
        the power where the lag leaves the recording.

    Returns
    -------
    r : ndarray, shape (n_lags, n_bands)
        NaN where fewer than ten volumes overlap.

    Raises
    ------
    InputError
        When power and its times, or seed and its times, are not of the same length, or the power's times do not ascend.

    Examples
    --------
    BOLD that follows the power by two seconds:

    >>> power = np.random.default_rng(0).standard_normal((60, 1))
    >>> r = lagged_r(power, np.arange(60.0), np.roll(power[:, 0], 2), np.arange(60.0), [-2.0, 0.0, 2.0])
    >>> r.shape, round(float(r[2, 0]), 9), bool((np.abs(r[:2]) < 0.3).all())
    ((3, 1), 1.0, True)
    """
    volume_times_s, seed, times_s = np.asarray(volume_times_s, dtype=float), as_floats(seed), np.asarray(times_s)
    power = _columns(power)
    if len(power) != len(times_s) or len(seed) != len(volume_times_s) or not (np.diff(times_s) > 0).all():
        raise InputError(
            f"{len(power)} frames of power have {len(times_s)} times and {len(seed)} volumes have"
            f" {len(volume_times_s)}; give one time for each, ascending"
        )
    r = np.full((len(lags_s), power.shape[1]), np.nan)
    sample = averaged_over(power, times_s, window_s(volume_times_s, tr_s))
    share = None
    if lost is not None and np.any(lost):
        share = averaged_over(np.asarray(lost, dtype=float)[:, None], times_s, window_s(volume_times_s, tr_s))
    for row, lag in enumerate(lags_s):
        inside = within_recording(volume_times_s - lag, times_s)
        if share is not None:
            inside &= share(volume_times_s - lag)[:, 0] < 0.5
        if inside.sum() >= 10:
            r[row] = correlate(apply_bold_filter(sample(volume_times_s - lag))[inside], seed[inside])[:, 0]
    return r


def window_s(volume_times_s, tr_s: float | None) -> float:
    """The TR: as stated, else the shortest interval between volumes; 0 for a single volume."""
    if tr_s is not None:
        return float(tr_s)
    return float(np.diff(volume_times_s).min()) if len(volume_times_s) > 1 else 0.0


def lags(lag_max_s: float, tr_s: float) -> np.ndarray:
    """Whole multiples of the TR from −lag_max to +lag_max, s."""
    steps = int(np.floor(lag_max_s / tr_s + 1e-9))
    return np.arange(-steps, steps + 1) * tr_s
