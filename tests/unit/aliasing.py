"""A slow amplifier beside a fast scanner: the gradients reach far above half the sampling rate, and fold back.

The waveform of a volume is made of the pulses that an echo-planar sequence plays, sent through the amplifier's analogue
filter at a rate far above its own, and looked up at the times of the samples. Nothing here is shared with the analysis.
"""

from __future__ import annotations

import numpy as np
from scipy import signal
from scipy.interpolate import CubicSpline

FINE = 64  # points of the waveform per sample of the recording


def waveform(period, n_slices, fs_hz, *, order=4, cutoff=0.4, uneven=0.3, silent=0.0, seed=0):
    """One volume as a function of time in samples, `period` long, behind an analogue Butterworth low-pass.

    Every slice plays a slice selection, a train of readout pulses of alternating sign (about 1 kHz) with blips between
    them, and a spoiler; amplitudes differ from slice to slice by `uneven`; the last `silent` share of a slice is still.
    The filter has `order` and −3 dB at `cutoff` of the sampling rate. Standard deviation 1.
    """
    rng = np.random.default_rng(seed)
    n = n_slices * round(FINE * period / n_slices)
    per_slice = n // n_slices
    wave = np.zeros((n_slices, per_slice))
    place = np.arange(per_slice) / per_slice / (1 - silent)
    seconds = place * (1 - silent) * period / n_slices / fs_hz
    echo_hz = 900.0 + 100 * rng.random()
    for row in wave:
        a, b, c, d = 1 + uneven * rng.standard_normal(4)
        readout = (place > 0.15) & (place < 0.85)
        row += readout * a * np.sign(np.sin(2 * np.pi * echo_hz * seconds)) * (0.8 + 0.2 * np.cos(9 * place))
        row += readout * b * 1.5 * (np.abs(np.sin(2 * np.pi * echo_hz * seconds)) < 0.15)
        row += c * 3 * ((place < 0.05) * 1.0 - ((place > 0.05) & (place < 0.08)) * 1.4)
        row += d * 2 * ((place > 0.88) & (place < 0.93)) - d * 2 * ((place > 0.94) & (place < 0.99))
    wave = wave.ravel()
    frequency = np.fft.rfftfreq(n, period / n)  # cycles per sample
    numerator, denominator = signal.butter(order, 2 * np.pi * cutoff, analog=True)
    response = signal.freqs(numerator, denominator, 2 * np.pi * frequency)[1]
    filtered = np.fft.irfft(np.fft.rfft(wave - wave.mean()) * response, n)
    grid = np.arange(n + 1) * period / n
    return CubicSpline(grid, np.append(filtered, filtered[0]) / filtered.std(), bc_type="periodic")


def recording(
    *, fs_hz=1024.0, period=2048.792, n_volumes=150, n_slices=16, start=9471.37, after=6000, artefact_uv=2000.0,
    lfp_uv=120.0, noise_uv=2.0, jitter=0.0, seed=0, **options,
):  # fmt: skip
    """Samples, what they are without the artefact, and the onsets of the volumes (samples); LFP up to 200 Hz."""
    rng = np.random.default_rng(seed + 1)
    n = int(start + n_volumes * period + after)
    frequency = np.fft.rfftfreq(n, 1 / fs_hz)
    shape = (frequency >= 0.1) * (frequency < 200) / np.maximum(frequency, 0.5) ** 0.75
    lfp = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) * shape, n)
    lfp = lfp * lfp_uv / lfp.std() + noise_uv * rng.standard_normal(n)
    onsets = start + period * np.arange(n_volumes) + jitter * rng.standard_normal(n_volumes)
    wave = waveform(period, n_slices, fs_hz, seed=seed, **options)
    artefact = np.zeros(n)
    for onset, end in zip(onsets, np.append(onsets[1:], onsets[-1] + period), strict=True):
        inside = np.arange(int(np.ceil(onset)), int(np.ceil(end)))
        artefact[inside] = wave(np.minimum(inside - onset, period))
    return artefact * artefact_uv + lfp, lfp, onsets
