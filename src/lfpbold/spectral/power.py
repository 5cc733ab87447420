"""Band power of the LFP over time, by MATLAB's `spectrogram` conventions."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

from ..errors import InputError

TAPERS = {"hamming": signal.windows.hamming, "hann": signal.windows.hann, "boxcar": signal.windows.boxcar}
MULTIUNIT_WINDOW_S, MULTIUNIT_STEP_S = 0.1, 0.05
ROWS = 64  # windows of all channels that are transformed at once
FRAMES = 32  # that are transformed at once: as many as the processor's cache holds


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
    plan = _Frames(lfp, fs_hz, window_s, step_s, taper)
    for begin, spectra in plan.blocks(slice(None)):
        density = (spectra.real**2 + spectra.imag**2) * plan.scale
        yield plan.times[begin : begin + len(density)], plan.frequencies, density


class _Frames:
    """Windows of several channels and their spectra, in blocks that the processor's cache holds."""

    def __init__(self, lfp, fs_hz, window_s, step_s, taper):
        lfp = np.asarray(lfp)
        self._lfp = lfp[:, None] if lfp.ndim == 1 else lfp
        self._length, self._hop = length, hop = round(window_s * fs_hz), round(step_s * fs_hz)
        if length < 2 or hop < 1:
            raise InputError(
                f"a window of {window_s:g} s every {step_s:g} s holds no samples at {fs_hz:g} Hz; lengthen"
                " power.window_s"
            )
        if len(lfp) < length:
            raise InputError(
                f"the LFP has {len(lfp)} samples, fewer than one window of {length}; shorten power.window_s"
            )
        self._n_fft = max(256, 1 << (length - 1).bit_length())
        self._window = TAPERS[taper](length, sym=True)
        self.frequencies = fft.rfftfreq(self._n_fft, 1 / fs_hz)
        self.scale = np.full(self.frequencies.size, 2 / (fs_hz * (self._window**2).sum()))
        self.scale[[0, -1]] /= 2
        self.times = (np.arange((len(lfp) - length) // hop + 1) * hop + length / 2) / fs_hz

    def blocks(self, bins: slice):
        """First frame and some of the bins of the spectra, shape (n_frames, n_channels, n_bins), of each block."""
        n_channels, length, hop = self._lfp.shape[1], self._length, self._hop
        most = max(1, ROWS // n_channels)
        rows = np.zeros((most, n_channels, self._n_fft))
        for begin in range(0, self.times.size, most):
            n = min(most, self.times.size - begin)
            samples = self._lfp[begin * hop : (begin + n - 1) * hop + length].T.astype(float, order="C")
            frames = np.lib.stride_tricks.sliding_window_view(samples, length, axis=1)[:, ::hop]
            np.multiply(frames.transpose(1, 0, 2), self._window, out=rows[:n, :, :length])
            yield begin, fft.rfft(rows[:n], axis=-1)[..., bins]


def band_power(
    lfp,
    fs_hz: float,
    bands: dict,
    *,
    window_s=1.0,
    step_s=0.1,
    taper="hamming",
    notches_hz=(),
    notch_width_hz=0.5,
    groups=None,
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
        Centres of the notch filters; a bin of width Δf is touched, and excluded, when its centre is no more than
        (`notch_width_hz` + Δf) / 2 away.
    groups : sequence of index, optional
        Channels to average separately, such as odd and even contacts.

    Returns
    -------
    times : ndarray, shape (n_frames,)
        s from the first sample.
    power : ndarray, shape (n_frames, n_bands)
        µV². A band without any bin is NaN throughout. With `groups` shape (n_groups, n_frames, n_bands).

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
    plan = _Frames(lfp, fs_hz, window_s, step_s, taper)
    weights = _bin_weights(plan.frequencies, bands, notches_hz, notch_width_hz)
    used = np.flatnonzero(weights.any(axis=1))
    bins = slice(used[0], used[-1] + 1) if used.size else slice(0, 1)
    scaled = weights[bins] * plan.scale[bins, None]
    means = _means(groups or [slice(None)], np.ndim(lfp) < 2 or np.shape(lfp)[1])
    power = np.empty((len(means), plan.times.size, len(bands)))
    for begin, spectra in plan.blocks(bins):
        squared = spectra.real**2 + spectra.imag**2
        power[:, begin : begin + len(spectra)] = (means @ squared @ scaled).swapaxes(0, 1)
    power[..., ~weights.any(axis=0)] = np.nan
    return plan.times, power if groups else power[0]


def bins_kept(fs_hz: float, bands: dict, *, window_s: float, notches_hz=(), notch_width_hz=0.5) -> dict:
    """How many bins each band has, and how many of them no notch touches: name to (kept, all)."""
    length = round(window_s * fs_hz)
    frequencies = np.arange(length // 2 + 1) * fs_hz / length
    kept, every = (_bin_weights(frequencies, bands, notches, notch_width_hz) > 0 for notches in (notches_hz, ()))
    return {name: (int(kept[:, i].sum()), int(every[:, i].sum())) for i, name in enumerate(bands)}


def _means(groups, n_channels: int) -> np.ndarray:
    """Weights of the channels in the mean of each group, shape (n_groups, n_channels)."""
    means = np.zeros((len(groups), int(n_channels)))
    for row, group in zip(means, groups, strict=True):
        row[group] = 1
    return means / means.sum(axis=1, keepdims=True)


def _bin_weights(frequencies, bands, notches_hz, notch_width_hz) -> np.ndarray:
    """Which bins each band sums, times their width; shape (n_bins, n_bands)."""
    usable = np.ones(frequencies.size, dtype=bool)
    width = frequencies[1] - frequencies[0]
    for centre in notches_hz:  # a bin reaches half its width to either side, and so does the notch
        usable &= np.abs(frequencies - centre) > (notch_width_hz + width) / 2
    inside = [usable & (frequencies >= low) & (frequencies < high) for low, high in bands.values()]
    return np.array(inside, dtype=float).T * (frequencies[1] - frequencies[0])


class MultiunitFrames:
    """Power of multi-unit activity over time, of a channel that comes in pieces.

    Spikes of many cells near the electrode, above the LFP: windows of 0.1 s every 0.05 s (Hann), their density (as of
    `spectrogram`) summed over the band as far as the rate allows.

    Parameters
    ----------
    fs_hz : float
        Raw rate of the channel, Hz.
    band_hz : (low, high)
        Hz; the upper edge is lowered to 0.45 of the rate.

    Attributes
    ----------
    band_hz : (low, high) or None
        The band that is reached; None where the rate leaves less than half an octave of it.
    """

    def __init__(self, fs_hz: float, band_hz):
        low, high = band_hz[0], min(band_hz[1], 0.45 * fs_hz)
        self.band_hz, self._fs_hz = ((low, high) if high >= 1.4 * low else None), fs_hz
        self._length, self._hop = round(MULTIUNIT_WINDOW_S * fs_hz), round(MULTIUNIT_STEP_S * fs_hz)
        self._n_fft = max(256, 1 << (self._length - 1).bit_length())
        window = TAPERS["hann"](self._length, sym=True)
        frequencies = fft.rfftfreq(self._n_fft, 1 / fs_hz)
        self._bins = slice(*np.searchsorted(frequencies, [low, high]))
        self._scale = 2 / (fs_hz * (window**2).sum()) * frequencies[1]
        self._window, self._held = window.astype(np.float32), np.zeros(0, np.float32)
        self._power: list = []

    def add(self, samples) -> None:
        """Samples of the channel that follow those before, µV; in float32, since spikes are far above its rounding."""
        held = np.concatenate([self._held, np.asarray(samples, dtype=np.float32)])
        n = (len(held) - self._length) // self._hop + 1 if len(held) >= self._length else 0
        if n:
            frames = np.lib.stride_tricks.sliding_window_view(held, self._length)[:: self._hop][:n]
            rows = np.zeros((min(n, FRAMES), self._n_fft), np.float32)
            for begin in range(0, n, FRAMES):
                block = frames[begin : begin + FRAMES]
                np.multiply(block, self._window, out=rows[: len(block), : self._length])
                spectra = fft.rfft(rows[: len(block)], axis=1)[:, self._bins].view(np.float32)
                self._power.append(np.einsum("ij,ij->i", spectra, spectra).astype(float) * self._scale)
        self._held = held[n * self._hop :].copy()

    def found(self) -> tuple[np.ndarray, np.ndarray]:
        """Times, s from the first sample, and power, µV²."""
        power = np.concatenate(self._power) if self._power else np.zeros(0)
        return (np.arange(power.size) * self._hop + self._length / 2) / self._fs_hz, power


def as_windowed(power, fs_hz: float, *, window_s: float, taper: str) -> np.ndarray:
    """Power over time as longer windows would have found it: averaged with weights of the squared taper.

    Parameters
    ----------
    power : array of float, shape (n_frames,)
    fs_hz : float
        Rate of the frames.
    window_s : float
        Of the longer window.
    taper : {"hamming", "hann", "boxcar"}

    Returns
    -------
    averaged : ndarray, shape (n_frames,)
        At the ends over those frames that there are.
    """
    weights = TAPERS[taper](2 * round(window_s * fs_hz / 2) + 1, sym=True) ** 2
    power = np.asarray(power, dtype=float)
    return signal.oaconvolve(power, weights, mode="same") / signal.oaconvolve(np.ones(power.size), weights, mode="same")


def spectra_at(lfp, fs_hz: float, times_s, *, window_s: float, taper: str, top_hz: float):
    """Spectra of single windows at chosen times, in bins of 1 Hz; what a picture of a spectrogram needs, and no more.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,), or what gives one when it is sliced
    times_s : array of float, shape (n_times,)
        Middle of each window, s from the first sample; windows that reach beyond the recording are moved inside.
    top_hz : float
        Upper edge of the last bin.

    Returns
    -------
    frequencies : ndarray, shape (n_bins,)
        Middle of each bin, Hz.
    density : ndarray, shape (n_bins, n_times)
        Mean one-sided density, in squared units of the LFP per Hz.
    """
    length = round(window_s * fs_hz)
    begins = np.clip(np.round(np.asarray(times_s) * fs_hz - length / 2).astype(int), 0, len(lfp) - length)
    edges = np.arange(0, int(min(top_hz, fs_hz / 2)) + 1)
    n_fft = max(256, 1 << (length - 1).bit_length())
    window, frequencies = TAPERS[taper](length, sym=True), fft.rfftfreq(n_fft, 1 / fs_hz)
    bins = np.searchsorted(frequencies, edges)
    counts = np.maximum(np.diff(bins), 1)
    density = np.empty((edges.size - 1, begins.size))
    for column, begin in enumerate(begins):
        spectrum = fft.rfft(np.asarray(lfp[begin : begin + length]) * window, n_fft)[: bins[-1]]
        one_sided = (spectrum.real**2 + spectrum.imag**2) * 2 / (fs_hz * (window**2).sum())
        one_sided[0] /= 2
        total = np.concatenate([[0.0], np.cumsum(one_sided)])
        density[:, column] = (total[bins[1:]] - total[bins[:-1]]) / counts
    return edges[:-1] + 0.5, density


def one_hz_bands(first: int, last: int) -> dict:
    """1-Hz bins by the name that tables use: `f012` starts at 12 Hz. The bin at 0 starts at 0.1 Hz."""
    return {f"f{f:03d}": (max(f, 0.1), f + 1) for f in range(first, last)}
