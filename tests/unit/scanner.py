"""A scanner and an animal for the tests of clock and artefact: periodic to the last digit, known between samples."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

OVERSAMPLING = 16  # of the spline that stands for the continuous waveform; its error is below 1e-4 of the amplitude


def gradient(t, fs_hz, *, start_s, period_s, slice_times_s, tr_s, n_volumes, rms=600.0, alike=0.0, gap=0.0, seed=0):
    """Gradient artefact at the times `t` (LFP clock), zero before and after the scan.

    Every slice acquisition is a sum of Gabor bursts below 0.35 of the rate, so that sampling it does not alias.
    `alike` is 0 for slices of their own and 1 for slices that are all the same; `gap` is the silent end of each slice.
    """
    rng = np.random.default_rng(seed)
    onsets = np.unique(np.round(slice_times_s, 6))
    lengths = np.diff(np.append(onsets, tr_s))
    shortest = lengths.min() * (1 - gap)
    fine = np.arange(round(tr_s * fs_hz * OVERSAMPLING)) * tr_s / round(tr_s * fs_hz * OVERSAMPLING)
    wave = np.zeros(fine.size)
    common = rng.random((40, 4))
    for onset in onsets:
        bursts = alike * common + (1 - alike) * rng.random((40, 4))
        for amplitude, wide, pitch, place in bursts:
            width = max((0.01 + 0.03 * wide) * shortest, 3 / fs_hz)
            if 10 * width > shortest:
                continue
            centre = onset + 5 * width + place * (shortest - 10 * width)
            part = slice(*np.searchsorted(fine, [centre - 5 * width, centre + 5 * width]))
            x = fine[part] - centre
            frequency = 50 + pitch * (min(3500.0, 0.35 * fs_hz) - 50)
            wave[part] += (amplitude - 0.5) * np.exp(-((x / width) ** 2) / 2) * np.cos(2 * np.pi * frequency * x)
    wave *= rms / wave.std()
    spline = CubicSpline(np.append(fine, tr_s), np.append(wave, wave[0]), bc_type="periodic")
    scanner = (np.asarray(t) - start_s) * tr_s / period_s
    inside = (scanner >= 0) & (scanner < n_volumes * tr_s)
    artefact = np.zeros(np.shape(t))
    artefact[inside] = spline(scanner[inside] % tr_s)
    return artefact


def one_over_f(n, fs_hz, rms=50.0, seed=1):
    """LFP-like noise: power falls with frequency to the power 1.5 above 0.5 Hz."""
    frequency = np.fft.rfftfreq(n, 1 / fs_hz)
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(n)) / np.maximum(frequency, 0.5) ** 0.75
    x = np.fft.irfft(spectrum, n)
    return x * rms / x.std()
