"""Band power of the LFP over time, by MATLAB's `spectrogram` conventions."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from .errors import InputError

TAPERS = {"hamming": signal.windows.hamming, "hann": signal.windows.hann, "boxcar": signal.windows.boxcar}


def spectrogram(lfp, fs_hz: float, *, window_s: float = 1.0, step_s: float = 0.1, taper: str = "hamming"):
    """Power spectral density over time.

    As MATLAB's `spectrogram(x, window, noverlap, [], fs, 'psd')`: symmetric taper w, nfft = max(256, next power of two
    of the window), no detrending, one-sided density 2 |X|² / (fs Σw²) (not doubled at 0 Hz and Nyquist), the stamp in
    the middle of the window. Checked against `scipy.signal.spectrogram`.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,) or (n_samples, n_channels)
    fs_hz : float
        Sampling rate, Hz.
    window_s, step_s : float
        Window and hop, s; rounded to samples.
    taper : {"hamming", "hann", "boxcar"}

    Yields
    ------
    times : ndarray, shape (n_frames,)
        Middle of each window, s from the first sample.
    frequencies : ndarray, shape (n_bins,)
        Hz.
    density : ndarray, shape (n_frames, n_channels, n_bins)
        In squared units of the LFP per Hz. Blocks of frames are yielded one after the other to bound the memory.
    """
    lfp = np.asarray(lfp)
    lfp = lfp[:, None] if lfp.ndim == 1 else lfp
    length, hop = round(window_s * fs_hz), round(step_s * fs_hz)
    if length < 2 or hop < 1:
        raise InputError(
            f"a window of {window_s:g} s every {step_s:g} s holds no samples at {fs_hz:g} Hz; lengthen power.window_s"
        )
    if len(lfp) < length:
        raise InputError(f"the LFP has {len(lfp)} samples, fewer than one window of {length}; shorten power.window_s")
    n_fft = max(256, 1 << (length - 1).bit_length())
    window = TAPERS[taper](length, sym=True)
    frames = np.lib.stride_tricks.sliding_window_view(lfp, length, axis=0)[::hop]
    scale = np.full(n_fft // 2 + 1, 2 / (fs_hz * (window**2).sum()))
    scale[[0, -1]] /= 2
    times = (np.arange(len(frames)) * hop + length / 2) / fs_hz
    for begin in range(0, len(frames), 128):
        block = slice(begin, begin + 128)
        spectra = fft.rfft(frames[block] * window, n_fft, axis=-1)
        yield times[block], fft.rfftfreq(n_fft, 1 / fs_hz), (spectra.real**2 + spectra.imag**2) * scale


def band_power(
    lfp, fs_hz: float, bands: dict, *, window_s=1.0, step_s=0.1, taper="hamming", notches_hz=(), notch_width_hz=1.0
):
    """Power in frequency bands over time, averaged over channels.

    P_b(t) = Δf Σ S(f, t) over the bins f in [low, high) that no notch touches, S the one-sided density.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,) or (n_samples, n_channels)
        In µV.
    bands : dict of name to (low, high)
        Half-open, Hz.
    notches_hz : array of float
        Centres of the notch filters; a bin of width Δf is touched, and left out, when its centre is no more than
        (`notch_width_hz` + Δf) / 2 away.

    Returns
    -------
    times : ndarray, shape (n_frames,)
        s from the first sample.
    power : ndarray, shape (n_frames, n_bands)
        µV². A band without any bin is NaN throughout.

    Raises
    ------
    InputError
        When a band reaches beyond the Nyquist frequency.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(5000) / 1000
    >>> _, power = band_power(3 * np.sin(2 * np.pi * 10 * t), 1000, {"alpha": (7, 13), "beta": (13, 30)})
    >>> bool(abs(power[:, 0].mean() - 4.5) < 0.05), bool(power[:, 1].mean() < 0.05)   # variance of the sine: 3²/2
    (True, True)
    """
    for name, (_, high) in bands.items():
        if high > fs_hz / 2 + 1e-9:
            raise InputError(
                f"the band {name} reaches {high:g} Hz, above the Nyquist frequency {fs_hz / 2:g} Hz of the LFP"
            )
    stamps, rows, weights = [], [], None
    for times, frequencies, density in spectrogram(lfp, fs_hz, window_s=window_s, step_s=step_s, taper=taper):
        if weights is None:
            weights = _bin_weights(frequencies, bands, notches_hz, notch_width_hz)
        stamps.append(times)
        rows.append(density.mean(axis=1) @ weights)
    power = np.concatenate(rows)
    power[:, ~weights.any(axis=0)] = np.nan
    return np.concatenate(stamps), power


def _bin_weights(frequencies, bands, notches_hz, notch_width_hz) -> np.ndarray:
    """Which bins each band sums, times their width; shape (n_bins, n_bands)."""
    usable = np.ones(frequencies.size, dtype=bool)
    width = frequencies[1] - frequencies[0]
    for centre in notches_hz:  # a bin reaches half its width to either side, and so does the notch
        usable &= np.abs(frequencies - centre) > (notch_width_hz + width) / 2
    inside = [usable & (frequencies >= low) & (frequencies < high) for low, high in bands.values()]
    return np.array(inside, dtype=float).T * (frequencies[1] - frequencies[0])


def one_hz_bands(first: int, last: int) -> dict:
    """1-Hz bins by the name that tables use: `f012` starts at 12 Hz. The bin at 0 starts at 0.1 Hz."""
    return {f"f{f:03d}": (max(f, 0.1), f + 1) for f in range(first, last)}
