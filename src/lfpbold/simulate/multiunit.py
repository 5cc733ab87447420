"""Multi-unit activity: Gaussian noise of the spiking band whose power follows what the electrode sees."""

from __future__ import annotations

import numpy as np
from scipy import fft

from .latent import Harmonics, deviates
from .presets import Parameters
from .stimulus import Driven, of_power

BAND_HZ = (300.0, 3000.0)
"""Spiking band of the study's control (Logothetis 2001)."""

LEAST_NYQUIST_HZ = 600.0
"""Recordings whose rate cannot hold at least 300-600 Hz have no multi-unit activity."""

MARGIN_HZ = 10.0
"""The carrier starts this far above the band's lower edge, so that nothing of it reaches 300 Hz."""

FADE = 8192
"""Samples over which two stretches of noise fade into each other."""

STEP_S = 0.1
"""Step of the power windows; each lasts 1 s."""


def band_hz(fs_hz: float) -> tuple[float, float] | None:
    """Edges of the band as far as the rate allows (up to 0.42 fs); None where the rate is too low."""
    return None if fs_hz / 2 < LEAST_NYQUIST_HZ else (BAND_HZ[0], min(BAND_HZ[1], 0.42 * fs_hz))


def relative_power(rng: np.random.Generator, view: Harmonics, p: Parameters, times_s: np.ndarray) -> np.ndarray:
    r"""Instantaneous power relative to its mean, as of the bands (`lfp.band_amplitudes`).

    .. math:: P(t) = \exp(g V(t) + q U(t) - (g^2 + q^2) / 2)

    Parameters
    ----------
    rng : numpy Generator
        Draws U, which has the spectrum of V and belongs to no region.
    view : Harmonics
        What the electrode sees, V, of unit variance.
    p : Parameters
        `multiunit_gain` is g, `multiunit_own` q.
    times_s : ndarray, shape (n_times,)
        Scanner time.

    Returns
    -------
    ndarray, shape (n_times,)
    """
    own = deviates(rng, view.freqs_hz, 1, p.activity_exponent)
    values = Harmonics(view.freqs_hz, np.concatenate([view.coefs, own], axis=1))(times_s)
    if isinstance(view, Driven):
        values[:, 1:] *= p.rest_left
        values += of_power(view, p, times_s)[:, [0, -1]]
    g, q = p.multiunit_gain, p.multiunit_own
    return np.exp(g * values[:, 0] + q * values[:, 1] - (g**2 + q**2) / 2)


def window_means(steps: np.ndarray) -> np.ndarray:
    """Mean over 1 s windows every `STEP_S` of values per step; shape (n_steps,) to (n_steps - 9,)."""
    return np.lib.stride_tricks.sliding_window_view(steps, round(1 / STEP_S)).mean(axis=1)


def expected_windows(rng: np.random.Generator, view: Harmonics, p: Parameters, duration_s: float) -> np.ndarray:
    """One draw of the power in 1 s windows without making the signal, for the Monte-Carlo.

    Power of Gaussian noise within a step is a chi-square variable with two degrees of freedom per hertz and
    second for every independent channel; channels that share a part of the variance count as fewer.

    Parameters
    ----------
    rng : numpy Generator
    view : Harmonics
    p : Parameters
    duration_s : float

    Returns
    -------
    ndarray, shape (n_windows,)
        Relative to the mean; the first window starts at 0 s of scanner time.
    """
    low, high = band_hz(p.fs_hz)
    n_steps = round(duration_s / STEP_S)
    power = relative_power(rng, view, p, (np.arange(n_steps) + 0.5) * STEP_S)
    channels = p.n_channels / (1 + (p.n_channels - 1) * p.multiunit_common**2)
    shape = (high - low - MARGIN_HZ) * STEP_S * channels
    return window_means(power * rng.standard_gamma(shape, n_steps) / shape)


class Multiunit:
    """Multi-unit activity of one recording, made block by block in one pass, in order.

    Stretches of noise with a flat spectrum are drawn in the frequency domain, where only the band costs
    random numbers, and joined by fades that keep the variance. The power of what was made is noted on the
    way, so that the truth needs no second pass.

    Parameters
    ----------
    rng : numpy Generator
    view : Harmonics
        What the electrode sees, as a function of scanner time.
    gains : ndarray, shape (n_channels,)
        Gains of the channels.
    p : Parameters
    block : int
        Samples of a block (the last may be shorter).
    clock : recording.Clock
    n_samples : int
    """

    def __init__(self, rng, view: Harmonics, gains: np.ndarray, p: Parameters, block: int, clock, n_samples: int):
        low, high = band_hz(p.fs_hz)
        self._rng, self._gains, self._fs_hz, self._block, self._start_s = rng, gains, p.fs_hz, block, clock.start_s
        # 10 values a second describe activity below 0.1 Hz to 1e-3
        self._coarse_s = np.arange(int(np.ceil(n_samples / p.fs_hz * 10)) + 2) / 10
        self._amplitude = np.sqrt(relative_power(rng, view, p, clock.scanner(self._coarse_s)))
        n_fft = block + FADE
        freqs = np.arange(n_fft // 2 + 1) * (p.fs_hz / n_fft)
        self._use = slice(*np.searchsorted(freqs, [low + MARGIN_HZ, high]))
        # the density is that of the whole band: a rate that holds less of it sees less of the power
        per_bin = p.multiunit_uv / np.sqrt((BAND_HZ[1] - BAND_HZ[0] - MARGIN_HZ) / (p.fs_hz / n_fft))
        self._sd_uv = per_bin * np.sqrt(self._use.stop - self._use.start)
        self._common = np.float32(per_bin * n_fft / 2 * np.sqrt(p.multiunit_common))
        self._own = np.float32(per_bin * n_fft / 2 * np.sqrt(1 - p.multiunit_common))
        rise = np.sin(np.pi / 2 * np.sin(np.pi / 2 * (np.arange(FADE) + 0.5) / FADE) ** 2)
        self._rise = rise.astype(np.float32)  # squares of rise and its reverse sum to 1
        self._tail = None
        n_steps = int(np.floor((clock.lfp(p.n_volumes * p.tr_s) - clock.start_s) / STEP_S + 1e-6))
        self._squares, self._counts = np.zeros(n_steps), np.zeros(n_steps, np.int64)

    @property
    def bound_uv(self) -> float:
        """A value that no sample exceeds: 7 standard deviations at the moment of highest power."""
        return float(7 * self._sd_uv * self._amplitude.max() * self._gains.max())

    def next(self, first: int, n: int) -> np.ndarray:
        """Samples `first` to `first + n` in uV, float32 (n, n_channels); each block once, in order."""
        values = self._noise()[:n]
        lfp_s = np.arange(first, first + n) / self._fs_hz
        values *= np.interp(lfp_s, self._coarse_s, self._amplitude).astype(np.float32)[:, None]
        values *= self._gains.astype(np.float32)
        self._note(lfp_s, values)
        return values

    def _noise(self) -> np.ndarray:
        """The next stretch of stationary noise in uV, (block, n_channels); no BLAS: same bytes everywhere."""
        n_fft, n_use = self._block + FADE, self._use.stop - self._use.start
        draw = self._rng.standard_normal((1 + len(self._gains), n_use, 2), dtype=np.float32).view(np.complex64)[..., 0]
        spectrum = np.zeros((len(self._gains), n_fft // 2 + 1), np.complex64)
        spectrum[:, self._use] = self._common * draw[0] + self._own * draw[1:]
        stretch = fft.irfft(spectrum, n_fft, axis=1, overwrite_x=True)
        if self._tail is not None:
            stretch[:, :FADE] *= self._rise
            stretch[:, :FADE] += self._tail
        self._tail = stretch[:, self._block :] * self._rise[::-1]
        return np.ascontiguousarray(stretch[:, : self._block].T)

    def _note(self, lfp_s: np.ndarray, values: np.ndarray) -> None:
        """Add a block's squares to the steps of the scan."""
        step = np.floor((lfp_s - self._start_s) / STEP_S).astype(np.int64)
        here = slice(*np.searchsorted(step, [0, len(self._squares)]))
        if here.stop > here.start:
            squares = np.einsum("tc,tc->t", values[here], values[here]) / values.shape[1]
            origin = step[here.start]
            sums, counts = np.bincount(step[here] - origin, squares), np.bincount(step[here] - origin)
            self._squares[origin : origin + len(sums)] += sums
            self._counts[origin : origin + len(counts)] += counts

    def power(self) -> np.ndarray:
        """Power during the scan, mean of channels, in 1 s windows every `STEP_S`; uV^2, (n_windows, 1).

        The first window is centred on 0.5 s after scan start, on the LFP clock. Call after the last block.
        """
        return (window_means(self._squares) / window_means(self._counts.astype(float)))[:, None]

    def rms_uv(self) -> float:
        """Root mean square during the scan, over time and channels, in uV."""
        return float(np.sqrt(self._squares.sum() / self._counts.sum()))
