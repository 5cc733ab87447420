"""Coupling by frequency and over time: multitaper coherence with its chance level, sliding windows with their null."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal, stats

from ..errors import InputError
from ..stats.tests import fisher_z, permutation_p


def coherence(x, y, tr_s: float, *, band_hz=(0.01, 0.1), half_bandwidth_hz: float | None = None, kept=None) -> dict:
    """Magnitude-squared coherence of two series, |Σ X̄Y|²/(Σ|X|² Σ|Y|²) over K orthogonal tapers.

    For unrelated Gaussian series its mean is 1/K at every frequency and P(C > c) = (1 − c)^(K − 1), whatever their
    spectra, as long as these are even within ±W (Thomson 1982, Proc IEEE 70:1055; Percival & Walden 1993). Within W of
    the edge of a filter they are not, and fewer tapers count: the mean over the band is therefore over frequencies
    whose whole width lies in it, and the p of the band is Fisher's combination of such frequencies, 2W apart.

    Parameters
    ----------
    x, y : array of float, shape (n_volumes,)
        Of kept volumes.
    tr_s : float
        Interval of the volumes, s.
    band_hz : pair of float
    half_bandwidth_hz : float, optional
        W; by default 0.005 Hz, or three over the length of shorter scans.
    kept : array of bool, shape (n_full,), optional
        Which volumes of the scan `x` and `y` hold. Tapers are zero at the others, which is right for few gaps.

    Returns
    -------
    estimate : dict
        `frequency_hz`, `coherence`, `p`, `phase` (rad; below zero where y follows x), shape (n_frequencies,);
        `n_tapers`, `bias` (1/K); `mean` over the band, `above_chance`, (mean − 1/K)/(1 − 1/K), which may be negative;
        `p_band`.

    Raises
    ------
    InputError
        When the scan is too short for two tapers or for a band this narrow, the series do not cover the same volumes,
        or the band ends above the Nyquist frequency.
    TypeError
        When a series is not one-dimensional.

    Examples
    --------
    >>> x = np.random.default_rng(0).standard_normal(1200)
    >>> estimate = coherence(x, 2 * x, 1.0)
    >>> estimate["n_tapers"], round(estimate["mean"], 9), round(estimate["bias"], 4)
    (11, 1.0, 0.0909)
    """
    if np.ndim(x) != 1 or np.ndim(y) != 1:
        raise TypeError(f"x and y must be one time course each, not of the shapes {np.shape(x)} and {np.shape(y)}")
    x, y = (_in_place(series, kept) for series in (x, y))
    n = len(x)
    if len(y) != n:
        raise InputError(f"the series have {n} and {len(y)} volumes; both must cover the same volumes")
    if not 0 < tr_s < np.inf or band_hz[1] > 0.5 / tr_s:
        raise InputError(f"a TR of {tr_s:g} s (seconds) does not sample a band of {band_hz[0]:g}–{band_hz[1]:g} Hz")
    width = max(0.005, 3 / (n * tr_s)) if half_bandwidth_hz is None else half_bandwidth_hz
    n_tapers = int(2 * width * n * tr_s - 1 + 1e-9)
    centres = np.arange(band_hz[0] + width, band_hz[1] - width + 1e-9, 2 * width)
    if n_tapers < 2 or centres.size == 0:
        raise InputError(
            f"{n} volumes of {tr_s:g} s cannot resolve ±{width:g} Hz within {band_hz[0]:g}–{band_hz[1]:g} Hz"
        )
    tapers = signal.windows.dpss(n, width * n * tr_s, n_tapers).T
    tapers = tapers if kept is None else tapers * np.asarray(kept, dtype=bool)[:, None]
    frequency = fft.rfftfreq(n, tr_s)
    of_x, of_y = (fft.rfft(series[:, None] * tapers, axis=0) for series in (x, y))
    cross = (np.conj(of_x) * of_y).sum(axis=1)
    with np.errstate(invalid="ignore"):
        squared = np.abs(cross) ** 2 / ((np.abs(of_x) ** 2).sum(axis=1) * (np.abs(of_y) ** 2).sum(axis=1))
    p = (1 - np.clip(squared, 0, 1)) ** (n_tapers - 1)
    apart = np.abs(frequency[:, None] - centres).argmin(axis=0)
    inside = (frequency >= band_hz[0] - 1e-9) & (frequency <= band_hz[1] + 1e-9)
    whole = (frequency >= centres[0] - 1e-9) & (frequency <= band_hz[1] - width + 1e-9)
    mean, bias = float(squared[whole].mean()), 1 / n_tapers
    return {
        "frequency_hz": frequency[inside],
        "coherence": squared[inside],
        "p": p[inside],
        "phase": np.angle(cross[inside]),
        "n_tapers": n_tapers,
        "bias": bias,
        "mean": mean,
        "above_chance": (mean - bias) / (1 - bias),
        "p_band": float(stats.chi2.sf(-2 * np.log(np.maximum(p[apart], 1e-300)).sum(), 2 * apart.size)),
    }


def _in_place(series, kept) -> np.ndarray:
    """Series without its mean, at its own place in the scan, zero where volumes are missing."""
    series = np.asarray(series, dtype=float)
    centred = series - series.mean()
    if kept is None:
        return centred
    kept = np.asarray(kept, dtype=bool)
    if kept.sum() != len(series):
        raise InputError(f"the series has {len(series)} volumes and the mask {kept.sum()} kept ones; both must agree")
    full = np.zeros(kept.size)
    full[kept] = centred
    return full


def sliding_window(x, y, window: int, step: int, n_null: int, rng) -> dict:
    """Correlation in sliding windows, and whether it varies more than one constant correlation makes it vary.

    Windows hold few independent samples, so that r wanders where nothing changes. The null are pairs with the phases of
    every frequency turned by one random angle in both series: spectra, cross-spectrum and r over the scan stay exactly
    as they are, and what is left is stationary (Prichard & Theiler 1994, Phys Rev Lett 73:951; Hindriks et al. 2016,
    NeuroImage 127:242).

    Parameters
    ----------
    x, y : array of float, shape (n_volumes,)
        Filtered; windows shorter than one period of the lower edge see mostly noise (Leonardi & Van De Ville 2015,
        NeuroImage 104:430).
    window, step : int
        Volumes.
    n_null : int
        Surrogates.
    rng : numpy.random.Generator

    Returns
    -------
    result : dict
        `first` (first volume of each window) and `r`, shape (n_windows,); `variance` of Fisher's z over windows,
        `expected` (mean of the null), `null` (n_null,), `p` = (1 + #{null ≥ variance})/(n_null + 1).

    Raises
    ------
    InputError
        When fewer than two windows fit, or a window is shorter than four volumes.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.standard_normal((2, 300))
    >>> y[:150] += 2 * x[:150]
    >>> result = sliding_window(x, y, 50, 50, 199, rng)
    >>> result["first"].tolist(), result["p"]
    ([0, 50, 100, 150, 200, 250], 0.005)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if window < 4 or step < 1 or len(x) < window + step:
        raise InputError(f"{len(x)} volumes hold no two windows of {window} volumes that are {step} apart")
    first = np.arange(0, len(x) - window + 1, step)
    surrogates = _turned_together(x, y, n_null, rng)
    r = _windowed(x[:, None], y[:, None], first, window)[:, 0]
    variance = _spread(r[:, None])[0]
    null = _spread(_windowed(*surrogates, first, window))
    return {
        "first": first,
        "r": r,
        "variance": float(variance),
        "expected": float(null.mean()) if n_null else float("nan"),
        "null": null,
        "p": float(permutation_p(variance, null)),
    }


def _turned_together(x, y, n: int, rng) -> tuple[np.ndarray, np.ndarray]:
    """Both series with one random phase added at every frequency, shape (n_volumes, n) each."""
    angles = rng.uniform(0, 2 * np.pi, (len(x) // 2 + 1, n))
    turn = np.exp(1j * angles)
    if len(x) % 2 == 0:  # the last frequency is real and can only change its sign
        turn[-1] = np.where(angles[-1] < np.pi, 1, -1)
    turn[0] = 0  # the mean is of no interest
    return tuple(fft.irfft(fft.rfft(series)[:, None] * turn, len(x), axis=0) for series in (x, y))


def _windowed(x, y, first, window: int) -> np.ndarray:
    """Pearson r of each pair of columns in each window, shape (n_windows, n)."""
    x, y = x - x.mean(axis=0), y - y.mean(axis=0)

    def mean(series):
        cumulated = np.vstack([np.zeros((1, series.shape[1])), np.cumsum(series, axis=0)])
        return (cumulated[first + window] - cumulated[first]) / window

    of_x, of_y = mean(x), mean(y)
    spread = (mean(x * x) - of_x**2) * (mean(y * y) - of_y**2)
    return (mean(x * y) - of_x * of_y) / np.sqrt(np.where(spread > 0, spread, np.nan))


def _spread(r) -> np.ndarray:
    """Variance of Fisher's z over windows; shape (n,)."""
    return np.nanvar(fisher_z(r), axis=0, ddof=1)
