"""Hemodynamic response, and the regressors that it makes of band power."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy

from ..errors import InputError
from ..stats.noise_ceiling import steps


def spm_hrf(tr_s: float, p=(6, 16, 1, 1, 6, 0, 32), *, microtime: int = 16) -> np.ndarray:
    """SPM's hemodynamic response function, to the last digit.

    With dt = TR/16 and u = 0…⌈p₇/dt⌉ − p₆/dt: h = Γpdf(u; p₁/p₃, dt/p₃) − Γpdf(u; p₂/p₄, dt/p₄)/p₅, every 16th sample,
    divided by its sum. Source: `spm_hrf.m` of SPM12 (r7721). With p₁ = p₂ and p₃ = p₄ it is a single gamma density.

    Parameters
    ----------
    tr_s : float
        Sampling interval of the result, s.
    p : sequence of 7 floats
        Delay of response, delay of undershoot, dispersions of both, ratio, onset, length; s.
    microtime : int
        Samples per `tr_s` in the computation.

    Returns
    -------
    hrf : ndarray, shape (⌊p₇/TR⌋ + 1,)
        Sums to one.

    Raises
    ------
    InputError
        When the interval, a delay, dispersion, ratio or the length is not positive, or the response vanishes.
    TypeError
        When there are not seven parameters.

    Examples
    --------
    >>> int(spm_hrf(1.0, (4, 4, 1, 1, 6, 0, 32)).argmax())
    3
    """
    p = np.asarray(p, dtype=float)
    if p.shape != (7,):
        raise TypeError(f"p must hold seven numbers, not have the shape {p.shape}")
    if not 0 < tr_s < np.inf:
        raise InputError(f"the sampling interval is {tr_s:g} s; give a positive number of seconds")
    if not np.isfinite(p).all() or (p[[0, 1, 2, 3, 4, 6]] <= 0).any():
        raise InputError(
            f"hrf.p {p.tolist()}: delays, dispersions, ratio and length must be positive; see config/config.yaml"
        )
    dt = tr_s / microtime
    u = np.arange(np.ceil(p[6] / dt) + 1) - p[5] / dt
    response, undershoot = (_gamma_pdf(u, shape / scale, scale / dt) for shape, scale in ((p[0], p[2]), (p[1], p[3])))
    sampled = (response - undershoot / p[4])[np.arange(int(p[6] / tr_s) + 1) * microtime]
    if not np.isfinite(sampled).all() or abs(sampled.sum()) < 1e-12:
        raise InputError(f"hrf.p {p.tolist()}: this response vanishes; give another delay or ratio")
    return sampled / sampled.sum()


def _gamma_pdf(u, shape: float, scale: float) -> np.ndarray:
    """Density of the gamma distribution, zero below zero; `scipy.stats.gamma.pdf` takes long to import."""
    x = u / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        log_x = 0.0 if shape == 1 else (shape - 1) * np.log(x)
        density = np.exp(log_x - x - math.lgamma(shape)) / scale
    return np.where(u >= 0, density, 0)


def convolve(power, response) -> np.ndarray:
    """Convolve band power with an impulse response at the power's own rate.

    The mean is subtracted first: before the recording the power is taken to have been at its mean.

    Parameters
    ----------
    power : array of float, shape (n_frames, n_bands)
    response : array of float, shape (n,)
        At the rate of the frames, such as `spm_hrf(step_s, p)`.

    Returns
    -------
    convolved : ndarray, shape (n_frames, n_bands)

    Examples
    --------
    >>> convolve([[0.0], [3.0], [0.0]], [0.5, 0.5]).round(9).tolist()
    [[-0.5], [0.5], [0.5]]
    """
    power, response = np.asarray(power, dtype=float), np.asarray(response, dtype=float)
    if response.ndim != 1:
        raise TypeError(f"response must be an array of shape (n,), not {response.shape}")
    return scipy.signal.oaconvolve(power - power.mean(axis=0), response[:, None], axes=0)[: len(power)]


def at_volumes(series, times_s, volume_times_s) -> np.ndarray:
    """Sample a series at the volumes by linear interpolation, holding its first and last value beyond its ends.

    Parameters
    ----------
    series : array of float, shape (n_frames, n_bands)
    times_s : array of float, shape (n_frames,)
        Time of each frame, ascending, s.
    volume_times_s : array of float, shape (n_volumes,)
        On the same clock, s.

    Returns
    -------
    sampled : ndarray, shape (n_volumes, n_bands)
    """
    series = np.asarray(series, dtype=float)
    position = np.interp(volume_times_s, times_s, np.arange(len(times_s)))
    below = np.minimum(position.astype(int), len(times_s) - 2)
    weight = (position - below)[:, None]
    return (1 - weight) * series[below] + weight * series[below + 1]


def averaged_over(series, times_s, width_s: float) -> Callable[[np.ndarray], np.ndarray]:
    """Sampling of a series that is first averaged over a window about each time, such as a TR about each volume.

    Power that changes faster than the TR has to be averaged before it is compared with BOLD: sampled at one moment of
    each volume, what is faster folds back as noise. What was convolved with an HRF has nothing so fast and needs
    no more than `at_volumes`.

    Each frame holds from midway between its neighbours to midway; the average is the integral over the window. At the
    ends of the recording it is over that part of the window that lies within, and beyond them the first or last value.

    Parameters
    ----------
    series : array of float, shape (n_frames, n_bands)
    times_s : array of float, shape (n_frames,)
        Time of each frame, ascending, s.
    width_s : float
        Of the window, s.

    Returns
    -------
    sample : callable
        `sample(wanted_s)` gives shape (n_wanted, n_bands).

    Examples
    --------
    >>> sample = averaged_over([[0.0], [4.0], [8.0], [0.0]], [0.0, 1.0, 2.0, 3.0], 2.0)
    >>> sample([1.0, 1.5, 9.0]).ravel().tolist()
    [4.0, 6.0, 0.0]
    """
    series, times_s = np.asarray(series, dtype=float), np.asarray(times_s, dtype=float)
    middle = (times_s[1:] + times_s[:-1]) / 2
    edges = np.concatenate([[2 * times_s[0] - middle[0]], middle, [2 * times_s[-1] - middle[-1]]])
    level = series.mean(axis=0)  # cumulated sums of what has a large mean lose digits
    held = np.concatenate(
        [np.zeros((1, series.shape[1])), np.cumsum((series - level) * np.diff(edges)[:, None], axis=0)]
    )

    def sample(wanted_s):
        wanted_s = np.asarray(wanted_s, dtype=float)
        begin, end = (np.clip(wanted_s + half, edges[0], edges[-1]) for half in (-width_s / 2, width_s / 2))
        length = end - begin
        inside = length > 1e-9 * max(width_s, 1e-9)
        out = at_volumes(series, times_s, wanted_s)
        integral = at_volumes(held, edges, end[inside]) - at_volumes(held, edges, begin[inside])
        out[inside] = level + integral / length[inside, None]
        return out

    return sample


def within_recording(wanted_s, times_s) -> np.ndarray:
    """Whether times lie within a recording of evenly spaced frames, which lasts half a frame beyond its outer stamps.

    Parameters
    ----------
    wanted_s : array of float
        Such as the times of volumes minus a lag, s.
    times_s : array of float, shape (n_frames,)
        Stamps of the frames, s.

    Returns
    -------
    inside : ndarray of bool, shape as `wanted_s`

    Examples
    --------
    >>> within_recording([-0.6, -0.5, 2.5, 2.6], [0.0, 1.0, 2.0]).tolist()
    [False, True, True, False]
    """
    slack_s = 0.5 * np.median(np.diff(times_s)) + 1e-9
    return (np.asarray(wanted_s) >= times_s[0] - slack_s) & (np.asarray(wanted_s) <= times_s[-1] + slack_s)


def delay_grid(delays_s, undershoots_s) -> list[tuple[float, float, bool]]:
    """Every pair of response and undershoot delay: (delay, undershoot, degenerate).

    Where both delays are equal, and the dispersions too, response and undershoot are one function and the HRF is a
    single gamma density without undershoot: such a pair is degenerate.

    Parameters
    ----------
    delays_s, undershoots_s : (first, last, step)

    Examples
    --------
    >>> grid = delay_grid((2, 8, 0.25), (2, 12, 0.5))
    >>> len(grid), sum(degenerate for *_, degenerate in grid)
    (525, 13)
    """
    delays, undershoots = steps(*delays_s), steps(*undershoots_s)
    return [(float(a), float(b), bool(abs(a - b) < 1e-9)) for a in delays for b in undershoots]
