"""What body, mains and electrode add to the LFP: functions of LFP time that return microvolts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .latent import Harmonics, band_limited, deviates
from .presets import Parameters
from .spline import UniformSpline

GRID_HZ = 10.0
"""Grid of everything slower than 0.2 Hz or so."""

WAX_HZ = (0.005, 0.05)
"""Band in which the mains wax and wane."""

HEART_WAVE = (1.0, 0.6, 0.4, 0.25, 0.15)
"""Amplitudes of the harmonics of the heart's wave in the LFP."""

OSCILLATION_HZ, OSCILLATION_S = 8.0, 0.08
"""Frequency and decay of the oscillation that a movement leaves in the LFP."""

RISE_S = 0.005
"""Time in which a movement rises to 1 - 1/e."""

MOVEMENT_LASTS = 8.0
"""Decay times after which nothing is left of a movement."""


@dataclass(frozen=True)
class Slow:
    """A slow function of LFP time for every channel."""

    spline: UniformSpline

    def __call__(self, lfp_s: np.ndarray) -> np.ndarray:
        """Values in uV, float32 (n_times, n_channels)."""
        return self.spline(lfp_s)

    @property
    def bound_uv(self) -> float:
        """A value that is nowhere exceeded."""
        return float(np.abs(self.spline.coefs).max())


def electrode_drift(rng: np.random.Generator, p: Parameters, clock, n_samples: int) -> Slow:
    """Random walk of each contact between the slowest frequency of the recording and `electrode_drift_max_hz`.

    Half of its variance is common to the contacts. The standard deviation of the volumes' means is exactly
    `electrode_drift_uv` in every channel: a walk left to itself would be anything between half and twice that.
    """
    t = np.arange(int(np.ceil(n_samples / p.fs_hz * GRID_HZ)) + 8) / GRID_HZ
    span = 1.25 * t[-1]
    freqs = np.arange(1, np.floor(p.electrode_drift_max_hz * span) + 1) / span
    walk = Harmonics(freqs, deviates(rng, freqs, 1 + p.n_channels, 2.0))(t)
    values = walk[:, :1] + walk[:, 1:]
    volume = np.floor(clock.scanner(t) / p.tr_s)
    means = np.stack([
        np.interp((np.arange(p.n_volumes) + 0.5) * p.tr_s, clock.scanner(t), _moving_mean(x, p.tr_s)) for x in values.T
    ])  # fmt: skip
    values -= values[(volume >= 0) & (volume < p.n_volumes)].mean(axis=0)
    return Slow(UniformSpline.through(values * (p.electrode_drift_uv / means.std(axis=1)), 0.0, GRID_HZ))


def _moving_mean(x: np.ndarray, tr_s: float) -> np.ndarray:
    width = max(1, round(tr_s * GRID_HZ))
    return np.convolve(np.pad(x, width, mode="edge"), np.ones(width) / width, mode="same")[width:-width]


@dataclass(frozen=True)
class Mains:
    """The line and its harmonics, which wax and wane together.

    Attributes
    ----------
    line_hz : float
    harmonics : tuple of float
        Amplitudes of the line, twice its frequency, and so on.
    phase : float
        Of the line itself.
    gains_uv : ndarray, shape (n_channels,)
    wax : Harmonics or None
        Log amplitude over LFP time.
    """

    line_hz: float
    harmonics: tuple
    phase: float
    gains_uv: np.ndarray
    wax: Harmonics | None = None

    def __call__(self, lfp_s: np.ndarray) -> np.ndarray:
        """Values in uV, float32 (n_times, n_channels)."""
        wave = np.zeros(len(lfp_s))
        for k, amplitude in enumerate(self.harmonics, start=1):
            if amplitude:
                wave += amplitude * np.sin(2 * np.pi * (k * self.line_hz) * lfp_s + (self.phase if k == 1 else 0.0))
        if self.wax is not None:
            wave *= self.amplitude(lfp_s)
        return np.multiply.outer(wave.astype(np.float32), self.gains_uv.astype(np.float32))

    def amplitude(self, lfp_s: np.ndarray) -> np.ndarray:
        """Relative amplitude, 1 where the mains are steady; (n_times,)."""
        if self.wax is None:
            return np.ones(len(lfp_s))
        coarse = np.arange(np.floor(lfp_s[0] * GRID_HZ), np.ceil(lfp_s[-1] * GRID_HZ) + 1) / GRID_HZ
        return np.exp(np.interp(lfp_s, coarse, self.wax(coarse)[:, 0]))

    @property
    def bound_uv(self) -> float:
        """A value that is nowhere exceeded."""
        grown = 1.0 if self.wax is None else float(np.exp(np.abs(self.wax.coefs).sum()))
        return float(np.abs(self.harmonics).sum() * np.abs(self.gains_uv).max() * grown)


def mains(rng: np.random.Generator, p: Parameters, gains: np.ndarray, phase: float, span_s: float) -> Mains:
    """The mains of one recording."""
    wax = band_limited(rng, 1, span_s + 60.0, WAX_HZ).scaled(p.line_wax) if p.line_wax else None
    return Mains(p.line_hz, tuple(p.line_harmonics), phase, p.line_uv * gains, wax)


@dataclass(frozen=True)
class Body:
    """Breathing and heart in the LFP, in step with those of the images.

    Attributes
    ----------
    rates_hz : tuple of float
        Of breathing and heart.
    wobble : Harmonics
        Slow changes of their phases over scanner time.
    sizes_uv : tuple of float
    gains : ndarray, shape (n_channels,)
    clock : Clock
    """

    rates_hz: tuple
    wobble: Harmonics
    sizes_uv: tuple
    gains: np.ndarray
    clock: object

    def __call__(self, lfp_s: np.ndarray) -> np.ndarray:
        """Values in uV, float32 (n_times, n_channels)."""
        t = self.clock.scanner(lfp_s)
        coarse = np.arange(np.floor(t[0] * 2), np.ceil(t[-1] * 2) + 1) / 2
        shift = self.wobble(coarse)
        breath, heart = (2 * np.pi * f * t + 2 * np.interp(t, coarse, shift[:, i]) for i, f in enumerate(self.rates_hz))
        wave = self.sizes_uv[0] * np.sin(breath)
        for k, amplitude in enumerate(HEART_WAVE, start=1):
            wave += self.sizes_uv[1] * amplitude * np.sin(k * heart)
        return np.multiply.outer(wave.astype(np.float32), self.gains.astype(np.float32))

    @property
    def bound_uv(self) -> float:
        """A value that is nowhere exceeded."""
        return float((self.sizes_uv[0] + self.sizes_uv[1] * sum(HEART_WAVE)) * np.abs(self.gains).max())


@dataclass(frozen=True)
class Movements:
    """Brief movements in the LFP: each a damped oscillation, and a step that decays.

    Attributes
    ----------
    times_s : ndarray, shape (n_movements,)
        On the LFP clock.
    sizes_uv : ndarray, shape (n_movements, n_channels)
    step_s : float
    """

    times_s: np.ndarray
    sizes_uv: np.ndarray
    step_s: float

    def __call__(self, lfp_s: np.ndarray) -> np.ndarray:
        """Values in uV, float32 (n_times, n_channels)."""
        out = np.zeros((len(lfp_s), self.sizes_uv.shape[1]), np.float32)
        for start, size in zip(self.times_s, self.sizes_uv, strict=True):
            a, b = np.searchsorted(lfp_s, [start, start + MOVEMENT_LASTS * max(self.step_s, OSCILLATION_S)])
            t = lfp_s[a:b] - start
            wave = np.exp(-t / OSCILLATION_S) * np.cos(2 * np.pi * OSCILLATION_HZ * t) + 0.5 * np.exp(-t / self.step_s)
            wave *= -np.expm1(-t / RISE_S)
            out[a:b] += np.multiply.outer(wave.astype(np.float32), size.astype(np.float32))
        return out

    @property
    def bound_uv(self) -> float:
        """A value that is nowhere exceeded."""
        return float(1.5 * np.abs(self.sizes_uv).sum(axis=0).max()) if self.sizes_uv.size else 0.0


def movement_times(rng: np.random.Generator, p: Parameters) -> np.ndarray:
    """Scanner times of one run's movements, each in a volume of its own with three others after it."""
    n = round(p.movements_per_min * p.n_volumes * p.tr_s / 60)
    places = 5 + 4 * np.sort(rng.choice((p.n_volumes - 8) // 4, n, replace=False))
    return (places + rng.uniform(0.1, 0.9, n)) * p.tr_s


def movements(rng: np.random.Generator, p: Parameters, times_s: np.ndarray, clock) -> Movements:
    """What one electrode shows of a run's movements: .5 to 1.5 times `movement_uv`, alike in all contacts."""
    size = p.movement_uv * rng.uniform(0.5, 1.5, (len(times_s), 1)) * rng.choice([-1.0, 1.0], (len(times_s), 1))
    return Movements(clock.lfp(times_s), size * rng.uniform(0.8, 1.2, (len(times_s), p.n_channels)), p.movement_step_s)
