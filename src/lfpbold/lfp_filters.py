"""Resampling, notches and band-pass of the LFP, without phase shift."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy import signal


def resample(lfp, fs_hz: float, new_fs_hz: float) -> tuple[np.ndarray, float]:
    """Resample one channel with an anti-aliasing filter (`scipy.signal.resample_poly`).

    Returns
    -------
    resampled : ndarray, shape (n_new,)
    rate : float
        The rate that was reached, in Hz: `new_fs_hz` to better than 1e-7, or `fs_hz` where that is no higher.
    """
    if fs_hz <= new_fs_hz:
        return np.asarray(lfp, dtype=np.float32), float(fs_hz)
    ratio = Fraction(new_fs_hz / fs_hz).limit_denominator(20_000)
    resampled = signal.resample_poly(np.asarray(lfp, dtype=np.float32), ratio.numerator, ratio.denominator)
    return resampled.astype(np.float32), float(fs_hz * ratio.numerator / ratio.denominator)


def notch_frequencies(mains_hz, slice_rate_hz: float | None, highest_hz: float) -> np.ndarray:
    """Mains, slice rate and their multiples up to `highest_hz`, ascending, in Hz."""
    bases = [*mains_hz, *([slice_rate_hz] if slice_rate_hz else [])]
    multiples = [base * k for base in bases for k in range(1, int(highest_hz / base) + 1)]
    kept: list[float] = []
    for frequency in sorted(multiples):
        if not kept or frequency - kept[-1] > 1e-3:
            kept.append(frequency)
    return np.array(kept)


def band_limit(lfp, fs_hz: float, *, band_pass_hz, filter_order: int, notches_hz=(), notch_width_hz: float = 1.0):
    """Notch filters and a band-pass, all without phase shift.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,) or (n_samples, n_channels)
    band_pass_hz : pair of float
        Edges of the Butterworth band-pass, Hz; an upper edge above 0.45 of the rate is left out (high-pass only).
    notches_hz : array of float
        Centres; each notch is second-order with −3 dB width `notch_width_hz`, passed forwards and backwards.
    """
    low, high = band_pass_hz
    if high < 0.45 * fs_hz:
        sections = [signal.butter(filter_order, (low, high), "bandpass", fs=fs_hz, output="sos")]
    else:
        sections = [signal.butter(filter_order, low, "highpass", fs=fs_hz, output="sos")]
    for centre in notches_hz:
        if centre < 0.49 * fs_hz:
            sections.append(signal.tf2sos(*signal.iirnotch(centre, centre / notch_width_hz, fs=fs_hz)))
    # Long reflected ends, so that the 0.1 Hz edge has settled where the recording begins.
    padding = min(len(lfp) - 1, round(3 * fs_hz / low))
    return signal.sosfiltfilt(np.concatenate(sections), lfp, axis=0, padtype="even", padlen=padding).astype(np.float32)
