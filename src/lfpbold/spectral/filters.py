"""Resampling, notches and band-pass of the LFP, without phase shift."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

import numpy as np
from scipy import fft, signal

TAPS = 10  # half length of the anti-aliasing filter, in periods of the lower rate (`scipy.signal.resample_poly`)
TOGETHER = 4  # samples of the output that one product of matrices makes
FFT_SIZE = 2**19  # samples of a block that is filtered at once
SETTLED = 6  # periods of the high-pass after which a zero-phase filter has forgotten (exp(−26) of the amplitude)


def resample(lfp, fs_hz: float, new_fs_hz: float) -> tuple[np.ndarray, float]:
    """Resample one channel with an anti-aliasing filter (that of `scipy.signal.resample_poly`).

    Returns
    -------
    resampled : ndarray, shape (n_new,)
    rate : float
        The rate that was reached, in Hz: `new_fs_hz` to better than 1e-7, or `fs_hz` where that is no higher.
    """
    resampler = Resampler(fs_hz, new_fs_hz)
    return np.concatenate([resampler.add(np.asarray(lfp, dtype=np.float32)), resampler.finish()]), resampler.rate


class Resampler:
    """`resample` for a channel that comes in pieces: what `add` and, at the end, `finish` return, one after the other.

    Attributes
    ----------
    rate : float
        The rate that is reached, in Hz.
    """

    def __init__(self, fs_hz: float, new_fs_hz: float):
        self.rate, self._n, self._made = float(fs_hz), 0, 0
        self._up = self._down = 1
        if fs_hz > new_fs_hz:
            ratio = Fraction(new_fs_hz / fs_hz).limit_denominator(20_000)
            self._up, self._down = ratio.numerator, ratio.denominator
            self.rate = float(fs_hz * ratio.numerator / ratio.denominator)
            self._lead, self._reach, self._products = _polyphase(self._up, self._down)
            self._held = np.zeros(self._lead, np.float32)  # silence before the first sample

    def length(self, n: int) -> int:
        """Samples that come out where n go in."""
        return -(-n * self._up // self._down)

    def add(self, samples) -> np.ndarray:
        """As many samples of the output as those that came tell, float32."""
        self._n += len(samples)
        if self._up == self._down:
            return samples
        held = np.concatenate([self._held, samples])
        periods = max(0, (len(held) - self._reach) // self._down + 1) if len(held) >= self._reach else 0
        made = np.empty((periods, self._up), np.float32)
        step = held.strides[0]
        for column, begin, weights in self._products if periods else ():
            shape, strides = (periods, len(weights)), (self._down * step, step)
            windows = np.ndarray(shape, held.dtype, held, begin * step, strides)
            made[:, column : column + weights.shape[1]] = windows @ weights
        self._held = held[periods * self._down :].copy()
        self._made += made.size
        return made.ravel()

    def finish(self) -> np.ndarray:
        """What is left, as if the channel went on with zeros."""
        if self._up == self._down:
            return np.zeros(0, np.float32)
        wanted, n = self.length(self._n) - self._made, self._n
        periods = -(-wanted // self._up)
        rest = self.add(np.zeros(max(0, periods * self._down + self._reach - len(self._held)), np.float32))[:wanted]
        self._n = n
        return rest


@lru_cache(maxsize=4)
def _polyphase(up: int, down: int):
    """The anti-aliasing filter as matrices that make some samples each of every `up`, of which `down` were read.

    Returns
    -------
    lead, reach : int
        Samples before the first of such a period that enter into it, and samples that enter altogether.
    products : list of (int, int, ndarray)
        First sample made, first sample read, and the weights of those from there on (n_read × n_made).
    """
    half = TAPS * max(up, down)
    taps = (signal.firwin(2 * half + 1, 1 / max(up, down), window=("kaiser", 5.0)) * up).astype(np.float32)
    lead, products = half // up, []
    for column in range(0, up, TOGETHER):
        made = np.arange(column, min(column + TOGETHER, up))
        first, last = -((half - column * down) // up), (made[-1] * down + half) // up
        index = half + made * down - np.arange(first, last + 1)[:, None] * up
        weights = np.where((index >= 0) & (index <= 2 * half), taps[np.clip(index, 0, 2 * half)], 0)
        products.append((column, int(first) + lead, np.ascontiguousarray(weights, dtype=np.float32)))
    return lead, max(begin + len(weights) for _, begin, weights in products), products


def notch_frequencies(mains_hz, slice_rate_hz: float | None, highest_hz: float) -> np.ndarray:
    """Mains, slice rate and their multiples up to `highest_hz`, ascending, in Hz."""
    bases = [*mains_hz, *([slice_rate_hz] if slice_rate_hz else [])]
    multiples = [base * k for base in bases for k in range(1, int(highest_hz / base) + 1)]
    kept: list[float] = []
    for frequency in sorted(multiples):
        if not kept or frequency - kept[-1] > 1e-3:
            kept.append(frequency)
    return np.array(kept)


def band_limit(lfp, fs_hz: float, *, band_pass_hz, filter_order: int, notches_hz=(), notch_width_hz: float = 0.5,
               out=None):  # fmt: skip
    """Notch filters and a band-pass, all without phase shift.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,) or (n_samples, n_channels)
    band_pass_hz : pair of float
        Edges of the Butterworth band-pass, Hz; an upper edge above 0.45 of the rate is ignored (high-pass only).
    notches_hz : array of float
        Centres; each notch is second-order with −3 dB width `notch_width_hz`, passed forwards and backwards.
    out : ndarray of float32, optional
        Where the result goes; may be `lfp`.
    """
    low, high = band_pass_hz
    if high < 0.45 * fs_hz:
        sections = [signal.butter(filter_order, (low, high), "bandpass", fs=fs_hz, output="sos")]
    else:
        sections = [signal.butter(filter_order, low, "highpass", fs=fs_hz, output="sos")]
    for centre in notches_hz:
        if centre < 0.49 * fs_hz:
            sections.append(signal.tf2sos(*signal.iirnotch(centre, centre / notch_width_hz, fs=fs_hz)))
    lfp, sections = np.asarray(lfp), np.concatenate(sections)
    filtered = np.empty(lfp.shape, np.float32) if out is None else out
    columns = (lfp[:, None], filtered[:, None]) if lfp.ndim == 1 else (lfp, filtered)
    for x, y in zip(columns[0].T, columns[1].T, strict=True):
        zero_phase(x, sections, round(SETTLED * fs_hz / low), y)
    return filtered


def zero_phase(x, sections, settled: int, out) -> None:
    """Pass one channel through a filter forwards and backwards: by the square of its gain, block by block.

    At its ends the channel goes on as its mirror image, so that the high-pass has settled where the recording begins.

    Parameters
    ----------
    x, out : array of float, shape (n_samples,)
        May be the same.
    sections : ndarray, shape (n_sections, 6)
    settled : int
        Samples after which the filter has forgotten.
    """
    n = len(x)
    if n <= 2 * settled + 1:  # mirrored, it is a period
        gain = _gain(sections.tobytes(), max(2 * n - 2, 1))
        out[:] = fft.irfft(fft.rfft(np.concatenate([x, x[-2:0:-1]]).astype(float)) * gain, max(2 * n - 2, 1))[:n]
        return
    size = fft.next_fast_len(min(n + 2 * settled, max(FFT_SIZE, 4 * settled)), real=True)
    gain, useful = _gain(sections.tobytes(), size), size - 2 * settled
    waiting = None  # until the next block, whose margin it is, has been read
    for begin in range(0, n, useful):
        place = np.abs(np.arange(begin - settled, begin - settled + size))
        place = np.minimum(np.where(place < n, place, np.abs(2 * n - 2 - place)), n - 1)
        spectrum = fft.rfft(np.asarray(x[place], dtype=float))
        if waiting is not None:
            out[begin - useful : begin] = waiting
        waiting = fft.irfft(spectrum * gain, size)[settled : settled + min(useful, n - begin)]
    out[begin:] = waiting


@lru_cache(maxsize=4)
def _gain(sections: bytes, size: int) -> np.ndarray:
    """Squared gain of second-order sections at the frequencies of a real FFT."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    gain = np.ones(z.size)
    for b0, b1, b2, a0, a1, a2 in np.frombuffer(sections).reshape(-1, 6):
        gain *= np.abs((b0 + z * (b1 + z * b2)) / (a0 + z * (a1 + z * a2))) ** 2
    return gain
