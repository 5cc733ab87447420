"""What a perfect analysis would find, by the study's definitions and with code of its own.

Perfect means: no gradient artefact, clock error, motion, drift or physiological noise. Thermal noise, finite
length, slice times and the estimation noise of band power stay, because no analysis can remove them.
"""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from .latent import hrf
from .presets import BANDS

STEP_S = 0.1
"""Step of the power windows; each lasts 1 s."""


def band_power(lfp: np.ndarray, fs_hz: float, slice_rate_hz: float, line_hz: float = 60.0) -> np.ndarray:
    """Power of each band in 1 s symmetric Hamming windows every 0.1 s, averaged over bins and channels.

    Parameters
    ----------
    lfp : ndarray, shape (n_samples, n_channels)
        Clean LFP in uV.
    fs_hz : float
        A multiple of 10 Hz. The transform has the next power of two above a second's samples (256 or more).
    slice_rate_hz : float
        Bins within 0.5 Hz of its multiples, or of those of `line_hz`, are excluded.
    line_hz : float

    Returns
    -------
    ndarray, shape (n_windows, n_bands)
        uV^2 / Hz; the first window is centred on 0.5 s.
    """
    width, step = round(fs_hz), round(fs_hz * STEP_S)
    n_fft = max(256, 1 << (width - 1).bit_length())
    freqs = np.arange(n_fft // 2 + 1) * fs_hz / n_fft
    spoilt = np.zeros(len(freqs), bool)
    for base in (line_hz, slice_rate_hz):
        multiple = np.round(freqs / base)
        spoilt |= (np.abs(freqs - multiple * base) <= 0.5) & (multiple > 0)
    last = np.searchsorted(freqs, max(high for _, high in BANDS.values()))
    masks = np.stack([(freqs >= low) & (freqs < high) & ~spoilt for low, high in BANDS.values()])[:, :last]
    weights = (masks / masks.sum(axis=1, keepdims=True)).astype(np.float32)
    window = signal.windows.hamming(width, sym=True)
    scale = np.float32(2 / (fs_hz * (window**2).sum()))
    frames = np.lib.stride_tricks.sliding_window_view(lfp, width, axis=0)[::step]
    out = np.zeros((len(frames), len(BANDS)), np.float32)
    for first in range(0, len(frames), 500):  # bounded memory
        spectrum = fft.rfft(frames[first : first + 500] * window.astype(np.float32), n_fft, axis=-1)[..., :last]
        power = (spectrum.real**2 + spectrum.imag**2).mean(axis=1) * scale
        out[first : first + 500] = np.einsum("wf,bf->wb", power, weights)
    return out


def regressors(power: np.ndarray, hrf_p: tuple, onsets_s: np.ndarray) -> np.ndarray:
    """Band power behind the hemodynamic response, at the volumes.

    Parameters
    ----------
    power : ndarray, shape (n_windows, n_bands)
        As from `band_power`.
    hrf_p : tuple
    onsets_s : ndarray, shape (n_volumes,)
        Volume onsets on the LFP clock; 0 is the start of the power's recording.

    Returns
    -------
    ndarray, shape (n_volumes, n_bands)
    """
    centred = power - power.mean(axis=0)
    kernel = hrf(hrf_p, np.arange(0, hrf_p[6] + STEP_S / 2, STEP_S)) * STEP_S
    convolved = signal.fftconvolve(centred, kernel[:, None], axes=0)
    stamps = 0.5 + STEP_S * np.arange(len(convolved))
    return np.stack([np.interp(onsets_s, stamps, column, left=0.0) for column in convolved.T], axis=1)


def volume_means(power: np.ndarray, onsets_s: np.ndarray, tr_s: float) -> np.ndarray:
    """Band power averaged over the windows whose centres lie in each volume; (n_volumes, n_bands).

    Arguments as of `regressors`; a volume without a centre, as the very last may be, has the nearest window's.
    """
    stamps = 0.5 + STEP_S * np.arange(len(power))
    first, last = (np.searchsorted(stamps, onsets_s + shift) for shift in (0.0, tr_s))
    first = np.minimum(first, len(power) - 1)
    return np.stack([power[a : max(a + 1, b)].mean(axis=0) for a, b in zip(first, last, strict=True)])


def bold_filter(series: np.ndarray, tr_s: float) -> np.ndarray:
    """Second-order Butterworth band-pass 0.01-0.1 Hz, zero phase; time on axis 0."""
    b, a = signal.butter(2, [0.01, 0.1], btype="bandpass", fs=1 / tr_s)
    return signal.filtfilt(b, a, series, axis=0)


def without_global(series: np.ndarray, reference: np.ndarray | None = None) -> np.ndarray:
    """Residual of series (n_volumes, n) on their mean over axis 1 (or `reference`) and an intercept."""
    reference = series.mean(axis=1) if reference is None else reference
    reference = reference - reference.mean()
    centred = series - series.mean(axis=0)
    beta = np.einsum("t,tn->n", reference, centred) / np.einsum("t,t->", reference, reference)
    return centred - np.multiply.outer(reference, beta)


def standardised(x: np.ndarray) -> np.ndarray:
    """Columns with mean 0 and unit length; time on axis 0."""
    x = x - x.mean(axis=0)
    return x / np.sqrt(np.einsum("t...,t...->...", x, x))


def pearson(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Pearson r of the columns of x (n_times, m) with those of y (n_times, n); shape (m, n)."""
    return np.einsum("tm,tn->mn", standardised(x), standardised(y))


def clean_bold(perfect: np.ndarray, tr_s: float) -> np.ndarray:
    """Signal and thermal noise (n_volumes, n_brain) after global signal regression and band-pass."""
    return bold_filter(without_global(perfect.astype(np.float64)), tr_s)


def couple(regressor: np.ndarray, bold: np.ndarray, seed: np.ndarray) -> dict:
    """Temporal and spatial correlations of one recording.

    Parameters
    ----------
    regressor : ndarray, shape (n_volumes, n_bands)
    bold : ndarray, shape (n_volumes, n_brain)
        Clean BOLD.
    seed : ndarray of bool, shape (n_brain,)
        The region around the electrode.

    Returns
    -------
    dict
        ``temporal_r`` (n_bands,), ``spatial_r`` (n_bands,), ``seed_map`` (n_brain,), ``lfp_maps`` (n_bands,
        n_brain).
    """
    course = bold[:, seed].mean(axis=1)[:, None]
    seed_map = pearson(course, bold)[0]
    lfp_maps = pearson(regressor, bold)
    return {
        "temporal_r": pearson(regressor, course)[:, 0],
        "spatial_r": pearson(lfp_maps.T, seed_map[:, None])[:, 0],
        "seed_map": seed_map,
        "lfp_maps": lfp_maps,
    }


def filtered_r(regressor: np.ndarray, bold: np.ndarray, seed: np.ndarray, kept: np.ndarray, tr_s: float) -> np.ndarray:
    """Temporal r, as of `couple`, of regressors that are band-passed too; over the volumes in `kept`; (n_bands,)."""
    course = bold[:, seed].mean(axis=1)[:, None]
    return pearson(bold_filter(regressor, tr_s)[kept], course[kept])[:, 0]


def averaged(maps: list[dict]) -> np.ndarray:
    """Spatial r of LFP maps and seed map averaged over scans (as from `couple`); shape (n_bands,)."""
    lfp_maps = np.mean([m["lfp_maps"] for m in maps], axis=0)
    return pearson(lfp_maps.T, np.mean([m["seed_map"] for m in maps], axis=0)[:, None])[:, 0]
