"""Blocks of stimulation, and what they add to activity, LFP and BOLD."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import signal

from .latent import Harmonics, hrf
from .presets import BANDS, Parameters

RAMP_S = 0.5
"""A response to a block rises and falls within this time."""

STEP_S = 0.05
"""Step at which a block is convolved with the hemodynamic response."""


@dataclass(frozen=True)
class Train:
    """Blocks of one length; times in scanner seconds."""

    onsets_s: np.ndarray
    duration_s: float
    weight: float = 1.0

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        """Course of the stimulation, `weight` within a block and 0 outside, with smooth edges; (n_times,)."""
        t = np.asarray(times_s, float)
        out = np.zeros(t.shape)
        for onset in self.onsets_s:
            rise, fall = (np.clip((t - edge) / RAMP_S, 0, 1) for edge in (onset, onset + self.duration_s))
            out += (np.cos(np.pi * fall) - np.cos(np.pi * rise)) / 2
        return self.weight * out

    def times(self, weight: float) -> Train:
        """The same blocks, so many times as strong."""
        return Train(self.onsets_s, self.duration_s, self.weight * weight)


@dataclass(frozen=True)
class Hemodynamic:
    """A train behind the hemodynamic response, evaluated at any time."""

    grid_s: np.ndarray
    values: np.ndarray

    @classmethod
    def of(cls, train: Train, hrf_p: tuple, end_s: float) -> Hemodynamic:
        """Convolve; `end_s` is the last time that will be asked for."""
        kernel = hrf(hrf_p, np.arange(0, hrf_p[6] + STEP_S / 2, STEP_S)) * STEP_S
        grid = np.arange(-STEP_S, end_s + 2 * STEP_S, STEP_S)
        return cls(grid, signal.fftconvolve(train(grid), kernel)[: len(grid)])

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        return np.interp(times_s, self.grid_s, self.values)


@dataclass(frozen=True)
class Driven:
    """Spontaneous activity, and a stimulated part that has one course and a weight for each signal.

    Attributes
    ----------
    spontaneous : Harmonics
    course : callable
        Times in s -> ndarray (n_times,).
    weights : ndarray, shape (n_signals,)
    """

    spontaneous: Harmonics
    course: Train | Hemodynamic
    weights: np.ndarray

    @property
    def freqs_hz(self) -> np.ndarray:
        return self.spontaneous.freqs_hz

    @property
    def coefs(self) -> np.ndarray:
        return self.spontaneous.coefs

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        """Values at any times, shape (n_times, n_signals)."""
        return self.spontaneous(times_s) + np.multiply.outer(self.course(times_s), self.weights)


def train(rng: np.random.Generator, p: Parameters) -> Train:
    """Draw the blocks of one run: the first after a pause, pauses of random length, the last with time to fade."""
    onsets, t = [], float(np.mean(p.pause_s))
    while t + p.block_s + p.pause_s[0] <= p.n_volumes * p.tr_s:
        onsets.append(round(t, 3))
        t += p.block_s + rng.uniform(*p.pause_s)
    return Train(np.array(onsets), p.block_s)


FOCAL = 0.7
"""Regions whose activity correlates with that of the stimulated one at least so much answer too."""


def region_weights(covariance: np.ndarray, region: int) -> np.ndarray:
    """How much of the stimulus each region feels: the stimulated one all, its close partners their correlation with it.

    Focal, as a stimulus that moved half of the brain would be taken away with the global signal.
    """
    return np.where(covariance[:, region] >= FOCAL, covariance[:, region], 0.0)


def of_bold(p: Parameters, share: float) -> float:
    """What stimulation adds to the activity behind BOLD, in its standard deviations at rest.

    Its visible part follows with `drive_lfp`, its invisible part with `drive_bold`: both components that make up the
    activity, sqrt(s) V + sqrt(1 - s) H, answer to the stimulus.
    """
    return float(np.sqrt(share) * p.drive_lfp + np.sqrt(1 - share) * p.drive_bold)


def of_regions(p: Parameters, state: str, covariance: np.ndarray, regions: dict) -> np.ndarray:
    """What stimulation adds to the activity of each region; the visible share is that of the stimulated site."""
    felt = region_weights(covariance, regions[p.stimulated_site])
    return felt * of_bold(p, p.share[state][p.stimulated_site])


def of_power(view: Driven, p: Parameters, times_s: np.ndarray) -> np.ndarray:
    """What stimulation adds to V, and to what each band and multi-unit activity have of their own.

    The own part pushes power the way in which V pushes it.

    Parameters
    ----------
    view : Driven
        What the electrode sees; its weight says how much of the stimulus reaches it.
    p : Parameters
    times_s : ndarray, shape (n_times,)
        Scanner time.

    Returns
    -------
    ndarray, shape (n_times, 2 + n_bands)
        V, the bands in their order, multi-unit activity.
    """
    ways = [np.sign(p.band_gain[band]) for band in BANDS] + [np.sign(p.multiunit_gain)]
    strength = np.array([p.drive_lfp, *(p.drive_own * way for way in ways)])
    return np.multiply.outer(view.course(times_s), strength * view.weights[0])
