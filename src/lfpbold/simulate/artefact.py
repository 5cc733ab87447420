"""The gradient artefact: a continuous function of scanner time that repeats with every volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from .latent import Harmonics, band_limited
from .spline import UniformSpline

MODULATION_HZ = (0.003, 0.02)
"""Band of the slow modulation of the artefact's amplitude (warming gradients, slow breathing)."""


@dataclass(frozen=True)
class Artefact:
    """Gradient artefact of one recording.

    Attributes
    ----------
    waveform : UniformSpline
        One volume, all channels, in uV; periodic in `tr_s`.
    modulation : Harmonics
        Relative deviation of the amplitude.
    duration_s : float
        Gradients run from 0 to here, on the scanner clock.
    """

    waveform: UniformSpline
    modulation: Harmonics
    duration_s: float

    def __call__(self, scanner_s: np.ndarray) -> np.ndarray:
        """Artefact at any times of the scanner clock (s), in uV; float32, shape (n_times, n_channels)."""
        out = np.zeros((len(scanner_s), self.waveform.coefs.shape[1]), np.float32)
        during = (scanner_s >= 0) & (scanner_s < self.duration_s)
        if during.any():
            t = scanner_s[during]
            # 2 Hz is plenty for a modulation below 0.02 Hz, and saves evaluating it at every sample
            coarse = np.arange(np.floor(t[0] * 2), np.ceil(t[-1] * 2) + 1) / 2
            gain = 1 + np.interp(t, coarse, self.modulation(coarse)[:, 0])
            out[during] = self.waveform(t) * gain.astype(np.float32)[:, None]
        return out


def volume_waveform(
    rng: np.random.Generator,
    tr_s: float,
    n_slices: int,
    max_hz: float,
    slice_common: float,
    n_sources: int,
    antialias_hz: float = 0.0,
) -> tuple[np.ndarray, float]:
    """Artefact sources of one volume: a different waveform for every slice, nothing above `max_hz`.

    Every slice is a burst of broadband noise that rises and falls at its borders, partly the same in all
    slices (readout) and partly its own (slice selection), as after the anti-alias filter of the amplifier.

    Parameters
    ----------
    rng : numpy Generator
    tr_s, max_hz : float
    n_slices : int
    slice_common : float
        Share of the variance common to the slices.
    n_sources : int
    antialias_hz : float
        Corner of the fourth-order Butterworth filter before the converter; 0 for none.

    Returns
    -------
    values : ndarray, shape (n_grid, n_sources)
        Unit variance; one repetition time on a uniform grid.
    rate_hz : float
        Grid points per second, 16 times `max_hz` or a little more.
    """
    per_slice = fft.next_fast_len(int(np.ceil(16 * max_hz * tr_s / n_slices)))
    n = per_slice * n_slices
    rate = n / tr_s
    common = rng.standard_normal((1, per_slice, n_sources))
    own = rng.standard_normal((n_slices, per_slice, n_sources))
    # gradients ramp within 3 % of the slice, so that the artefact starts and ends without a step
    edge = np.clip(np.minimum(np.arange(per_slice), np.arange(per_slice)[::-1]) / (0.03 * per_slice), 0, 1)
    window = np.sin(np.pi / 2 * edge)[None, :, None] ** 2
    burst = (np.sqrt(slice_common) * common + np.sqrt(1 - slice_common) * own) * window
    spectrum = fft.rfft(burst.reshape(n, n_sources), axis=0)
    freqs = np.arange(len(spectrum)) / tr_s
    # strongest about 1 kHz, where echo-planar readouts switch; smooth end between 0.75 and 1 of the upper
    # edge
    shape = 1 / np.sqrt(1 + (freqs / 1500.0) ** 2)
    shape *= np.cos(np.pi / 2 * np.clip((freqs / max_hz - 0.75) / 0.25, 0, 1))
    shape[freqs >= max_hz] = 0
    if antialias_hz:
        shape /= np.sqrt(1 + (freqs / antialias_hz) ** 8)
    shape[0] = 0
    values = fft.irfft(spectrum * shape[:, None], n, axis=0)
    return values / values.std(axis=0), rate


def gradient_artefact(
    rng: np.random.Generator, sd_uv: np.ndarray, tr_s: float, n_slices: int, n_volumes: int, max_hz: float,
    slice_common: float, modulation: float, antialias_hz: float = 0.0,
) -> Artefact:  # fmt: skip
    """Draw the artefact of one recording.

    Parameters
    ----------
    rng : numpy Generator
    sd_uv : ndarray, shape (n_channels,)
        Standard deviation of the artefact during the scan.
    tr_s, max_hz : float
    n_slices, n_volumes : int
    slice_common : float
        Share of the variance common to the slices of a volume.
    modulation : float
        Standard deviation of the slow relative amplitude modulation.
    antialias_hz : float
        As in `volume_waveform`.

    Returns
    -------
    Artefact
    """
    values, rate = volume_waveform(rng, tr_s, n_slices, max_hz, slice_common, 2, antialias_hz)
    # two sources reach the contacts in different mixtures: similar, but not one template for all channels
    angle = rng.uniform(0, np.pi / 3, len(sd_uv))
    channels = np.einsum("ns,sc->nc", values, np.stack([np.cos(angle), np.sin(angle)]))
    channels *= np.asarray(sd_uv) * rng.choice([-1.0, 1.0], len(sd_uv)) / channels.std(axis=0)
    duration = n_volumes * tr_s
    slow = band_limited(rng, 1, duration + 400.0, MODULATION_HZ)
    slow = Harmonics(slow.freqs_hz, slow.coefs * modulation)
    return Artefact(UniformSpline.through(channels, 0.0, rate, periodic=True), slow, duration)
