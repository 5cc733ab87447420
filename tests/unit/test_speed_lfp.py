"""The LFP stage is as many times as fast as its yardsticks as it was when that was recorded, or nearly.

Ratios of processor time, never seconds: both are measured by turns on the same arrays, and the least of some repeats
counts, so that what else the machine does hardly matters. Removal and resampling are products of matrices: with AVX-512
their ratios were 0.7 and 15; what is recorded is what half as wide registers give.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import fft, signal

from lfpbold.artefact.regression import remove_gradient_by
from lfpbold.spectral.filters import resample
from lfpbold.spectral.power import MultiunitFrames, band_power, one_hz_bands

FS, VOLUMES, SLICES = 24414.0625, 24, 5
STILL = 0.7  # of the recorded ratio
REPEATS = 7


@pytest.fixture(scope="module")
def raw():
    """One channel with something in it that repeats."""
    rng = np.random.default_rng(0)
    one = 500 * np.convolve(rng.standard_normal(int(FS)), np.hanning(12), "same")
    return (np.tile(one, VOLUMES + 2) + rng.standard_normal((VOLUMES + 2) * int(FS))).astype(np.float32)


@pytest.fixture(scope="module")
def slow():
    """Four channels of a minute at 1 kHz."""
    return np.random.default_rng(1).standard_normal((60_000, 4))


def removal(raw):
    onsets = 1000.3 + np.arange(VOLUMES)[:, None] * int(FS) + np.arange(SLICES) / SLICES * int(FS)
    return remove_gradient_by(raw, onsets, ("samples", "differences"))


def moved_by_fft(raw):
    """Each acquisition moved by a fraction of a sample and back: the least that averaging by FFT costs."""
    rows = raw[: VOLUMES * 20 * 1220].reshape(-1, 1220)
    factors = np.exp(1j * np.multiply.outer(np.linspace(0, 1, len(rows)), np.linspace(0, 3, 676))).astype(np.complex64)
    mean = fft.rfft(rows, 1350, axis=1) * factors
    return fft.irfft(mean.mean(axis=0) * np.conj(factors), 1350, axis=1)


def spectrogram_of_spikes(raw):
    return signal.spectrogram(raw, FS, "hann", 2441, 1220, 4096, detrend=False)[2][51:504].sum(axis=0)


BANDS = {"delta": (1, 4), "gamma": (40, 100), **one_hz_bands(0, 100)}


def spectrogram_of_lfp(slow):
    window = signal.windows.hamming(1000)
    density = signal.spectrogram(slow, 1000.0, window, 1000, 900, 1024, detrend=False, axis=0)[2].mean(axis=1)
    return [density[int(low) : int(high)].sum(axis=0) for low, high in BANDS.values()]


def multiunit_power(raw):
    frames = MultiunitFrames(FS, (300, 3000))
    frames.add(raw)
    return frames.found()


PARTS = {  # ours, yardstick, how many times as long the yardstick takes
    "removal": (removal, moved_by_fft, 0.5),
    "resampling": (lambda x: resample(x, FS, 1000.0), lambda x: signal.resample_poly(x, 128, 3125), 8.0),
    "multiunit": (multiunit_power, spectrogram_of_spikes, 2.6),
    "power": (lambda x: band_power(x, 1000.0, BANDS), spectrogram_of_lfp, 2.5),
}


@pytest.mark.slow  # a ratio of times: for an idle machine
@pytest.mark.parametrize("name", PARTS)
def test_each_part_is_as_fast_as_it_was(name, raw, slow):
    ours, yardstick, recorded = PARTS[name]
    samples, least = slow if name == "power" else raw, [np.inf, np.inf]
    for _ in range(REPEATS):
        for i, call in enumerate((ours, yardstick)):
            begin = time.process_time()
            call(samples)
            least[i] = min(least[i], time.process_time() - begin)
    assert least[1] / least[0] > STILL * recorded, f"{least[0]:.4f} s beside {least[1]:.4f} s"
