"""The repetition period of the scanner on the LFP's clock, from the gradient artefact itself."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy import fft

from .clock import Clock

INTERPOLATION = 16  # values on either side of a maximum, from which it is found between samples
LAGS = 5  # delays in a row that are tried


def fit_period(signal, fs_hz: float, clock: Clock, n_volumes: int, max_ppm: float = 600.0) -> Clock:
    """Refine the period from the gradient artefact itself, which repeats with every volume.

    The delay at which the recording resembles itself one volume later gives the period to a fraction of a sample.
    Two, four, eight … volumes later the same delay is known ever more finely, and the finer estimate has only to
    be sought within the error of the coarser one, so that no multiple of the slice period can be mistaken for it.

    Parameters
    ----------
    signal : array of float, shape (n_samples,), or what gives one when it is sliced
        One channel with the artefact in it; only short parts of it are looked at.
    fs_hz : float
        Sampling rate on the LFP clock, in Hz.
    clock : Clock
        First guess.
    max_ppm : float
        Largest difference of the clocks that is looked for.

    Returns
    -------
    clock : Clock
        With the same start and the refined period; unchanged where the recording does not repeat at all.
    """
    first = int(np.ceil(clock.start_s * fs_hz))
    period = clock.period_s * fs_hz
    uncertainty = max(2.0, max_ppm * 1e-6 * period)
    lag_volumes = 1
    while lag_volumes < n_volumes:
        repeat = _next_repeat(signal, first, period, lag_volumes, n_volumes, uncertainty)
        if repeat is None:
            break
        lag_volumes, delay = repeat
        period = delay / lag_volumes
        # A tenth of a sample at this lag; twice the lag doubles it, which stays within the search.
        uncertainty = 1.0 / lag_volumes
        if lag_volumes == n_volumes - 1:
            break
        lag_volumes = min(2 * lag_volumes, n_volumes - 1)
    return replace(clock, period_s=period / fs_hz)


def _next_repeat(signal, first, period, lag_volumes, n_volumes, uncertainty):
    """Number of volumes, this one or one of the next, and delay at which the recording repeats; None where it does not.

    A volume that lasts half a sample more than a whole number repeats badly in the next one, but not in the one after.
    """
    for lag in range(lag_volumes, min(lag_volumes + LAGS, n_volumes)):
        delay = _repeat_after(signal, first, period, lag, n_volumes, uncertainty * lag)
        if delay is not None:
            return lag, delay
    return None


def _repeat_after(signal, first, period, lag_volumes, n_volumes, uncertainty, most_segments=16):
    """Delay in samples, near lag_volumes × period, at which `x` repeats; None where it does not."""
    length = int(min(max(period, 256), 2**17))
    centre = lag_volumes * period
    max_shift = int(np.ceil(uncertainty)) + 2 + INTERPOLATION
    starts = np.unique(np.linspace(0, n_volumes - 1 - lag_volumes, most_segments).astype(int))
    total = np.zeros(2 * max_shift + 1)
    energy = 0.0
    for volume in starts:
        begin = first + round(volume * period)
        target = begin + round(centre) - max_shift
        if target < 0 or target + length + 2 * max_shift > len(signal) - 1:
            continue
        # Differences of samples: the artefact is broadband, the LFP is not.
        here = np.diff(signal[begin : begin + length + 1].astype(float))
        later = np.diff(signal[target : target + length + 2 * max_shift + 1].astype(float))
        n_fft = fft.next_fast_len(later.size, real=True)
        cross = fft.irfft(fft.rfft(later, n_fft) * np.conj(fft.rfft(here, n_fft)), n_fft)
        total += cross[: 2 * max_shift + 1]
        energy += float(here @ here)
    if energy == 0:
        return None
    sought = total[INTERPOLATION:-INTERPOLATION]
    best = int(np.argmax(sought))
    if sought[best] < 0.3 * energy or best in (0, sought.size - 1):
        return None
    return round(centre) - max_shift + INTERPOLATION + best + peak_between(total[best : best + 2 * INTERPOLATION + 1])


def peak_between(around) -> float:
    """Offset of a maximum from the middle of equidistant values, in steps, by windowed-sinc interpolation.

    A parabola through three values is off by up to a tenth of a step where the artefact reaches to high frequencies.
    """
    offsets, kernel = _between(around.size)
    return float(offsets[np.argmax(kernel @ around)])


@lru_cache(maxsize=4)
def _between(n: int) -> tuple[np.ndarray, np.ndarray]:
    steps = np.arange(n) - n // 2
    offsets = np.linspace(-1, 1, 2001)
    distance = offsets[:, None] - steps
    return offsets, np.sinc(distance) * np.cos(np.pi / 2 * np.clip(distance / (steps[-1] + 1), -1, 1)) ** 2
