"""BOLD images: a gradient echo whose R2* follows activity, with drift, physiology, motion and thermal noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .atlas import Atlas
from .latent import Harmonics, band_limited
from .motion import moved
from .presets import Parameters
from .sequence import REFERENCE_ECHO_S, brightness, first_volumes
from .stimulus import Driven

BLOCK = 100
"""Volumes made at once."""


def slice_times(n_slices: int, tr_s: float, order: str) -> np.ndarray:
    """Onset of each slice within the volume in s, shape (n_slices,); even slices first if interleaved."""
    turn = np.arange(n_slices)
    sequence = np.concatenate([turn[::2], turn[1::2]]) if order == "interleaved" else turn
    times = np.empty(n_slices)
    times[sequence] = turn * tr_s / n_slices
    return times


@dataclass(frozen=True)
class Scene:
    """What the scanner looks at: the same for every run of an animal's session.

    Attributes
    ----------
    atlas : Atlas
    maps : ndarray, shape (n_brain, n_regions)
        Spatial maps, scaled so that the most active voxels have a signal of unit variance.
    image : ndarray of float32, shape (nx, ny, nz)
        Mean image in scanner units.
    delay_s : ndarray, shape (n_brain,), or None
        How late the response of each voxel is; None where all are alike.
    """

    atlas: Atlas
    maps: np.ndarray
    image: np.ndarray
    delay_s: np.ndarray | None = None

    @property
    def slice_of(self) -> np.ndarray:
        """Slice of each brain voxel, shape (n_brain,)."""
        return np.nonzero(self.atlas.brain)[2]

    def signal_unit(self, p: Parameters) -> np.ndarray:
        """Scanner units per unit of signal to first order, shape (n_brain,)."""
        return p.signal_fraction * self.image[self.atlas.brain]

    def echo(self, activity: np.ndarray, p: Parameters) -> np.ndarray:
        """Change of the gradient echo in scanner units when R2* falls with activity; shapes (..., n_brain)."""
        return self.image[self.atlas.brain] * np.expm1(np.float32(p.echo_time_s * p.r2star_sd) * activity)

    def noise_sd(self, p: Parameters) -> float:
        """Thermal noise per voxel and volume in scanner units, whatever the sequence.

        The signal of the most active voxels / cnr, both at the reference sequence.
        """
        return REFERENCE_ECHO_S * p.r2star_sd * p.intensity / p.cnr


def scene(atlas: Atlas, maps: np.ndarray, p: Parameters, rng: np.random.Generator | None = None) -> Scene:
    """Scale the maps and the anatomy; `maps` as `atlas.spatial_maps` gives them. `rng` draws delays where there are."""
    sd = np.sqrt(np.einsum("xr,rs,xs->x", maps, atlas.covariance, maps, optimize=True))
    # the most active voxels: the upper percent, so that one odd voxel does not decide
    maps = np.round(maps / np.percentile(sd, 99), 6).astype(np.float32)
    # a surface coil above the head: brighter at the top
    height = np.linspace(-1, 1, atlas.brain.shape[2])[None, None, :]
    image = atlas.anatomy * (p.intensity / 1000 * brightness(p)) * (1 + 0.08 * height)
    return Scene(atlas, maps, image.astype(np.float32), delays(rng, atlas, p) if p.hrf_delay_s else None)


def delays(rng: np.random.Generator, atlas: Atlas, p: Parameters) -> np.ndarray:
    """Delay of each brain voxel's response in s: uniform within +-`hrf_delay_s`, smooth over 2 mm; (n_brain,)."""
    field = ndimage.gaussian_filter(rng.standard_normal(atlas.brain.shape), 2.0 / 2.3548 / atlas.voxel_mm)[atlas.brain]
    rank = np.argsort(np.argsort(field))
    return np.round(p.hrf_delay_s * (2 * (rank + 0.5) / len(rank) - 1), 4)


def signal(view: Scene, response: Harmonics | Driven, onsets_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Hemodynamic signal of every brain voxel, each slice at its own time.

    Parameters
    ----------
    view : Scene
    response : Harmonics or Driven
        Activity of the regions behind the hemodynamic response.
    onsets_s : ndarray, shape (n_volumes,)
        Volume onsets on the scanner clock.
    times_s : ndarray, shape (n_slices,)
        Slice times.

    Returns
    -------
    ndarray of float32, shape (n_volumes, n_brain)
        Unit variance at the most active voxels.
    """
    out = np.empty((len(onsets_s), len(view.maps)), np.float32)
    slice_of = view.slice_of
    for s in np.unique(slice_of):
        here = slice_of == s
        if view.delay_s is None:
            out[:, here] = np.einsum("tr,xr->tx", response(onsets_s + times_s[s]).astype(np.float32), view.maps[here])
        else:
            out[:, here] = _delayed(response, view.maps[here], view.delay_s[here], onsets_s + times_s[s])
    return out


def _delayed(response: Harmonics | Driven, maps: np.ndarray, delay_s: np.ndarray, times_s: np.ndarray) -> np.ndarray:
    """Signal of voxels whose responses are late by `delay_s`, (n_voxels,); shape (n_times, n_voxels)."""
    free = response.spontaneous if isinstance(response, Driven) else response
    late = np.exp(-2j * np.pi * np.multiply.outer(free.freqs_hz, delay_s))
    out = Harmonics(free.freqs_hz, np.einsum("kr,xr->kx", free.coefs, maps, optimize=True) * late)(times_s)
    if isinstance(response, Driven):
        out += response.course(times_s[:, None] - delay_s) * np.einsum("r,xr->x", response.weights, maps)
    return out


@dataclass(frozen=True)
class Nuisance:
    """Everything of one run that a perfect analysis would take away, apart from motion."""

    drift_maps: np.ndarray  # (3, n_brain), relative
    slow: Harmonics  # global physiological fluctuation, one signal of unit variance
    wobble: Harmonics  # two signals: slow changes of the respiratory and the cardiac phase
    rates_hz: tuple  # respiratory and cardiac
    gains: np.ndarray  # (3, n_brain): slow, respiratory, cardiac; relative
    duration_s: float

    def __call__(self, onsets_s: np.ndarray, times_s: np.ndarray, slice_of: np.ndarray) -> np.ndarray:
        """Relative deviation of every brain voxel, float32, shape (n_volumes, n_brain)."""
        t = (onsets_s[:, None] + times_s).ravel()
        shift = self.wobble(t)
        waves = [self.slow(t)[:, 0]]
        waves += [np.sin(2 * np.pi * f * t + 2 * shift[:, i]) for i, f in enumerate(self.rates_hz)]
        waves = np.stack(waves).astype(np.float32).reshape(3, len(onsets_s), len(times_s))
        out = np.zeros((len(onsets_s), len(slice_of)), np.float32)
        for wave, gain in zip(waves, self.gains, strict=True):
            out += wave[:, slice_of] * gain
        u = (onsets_s / self.duration_s).astype(np.float32)
        for shape, drift in zip((u, u**2, np.sin(np.pi * u)), self.drift_maps, strict=True):
            out += np.multiply.outer(shape, drift)
        return out


def nuisance(rng: np.random.Generator, view: Scene, p: Parameters, awake: bool) -> Nuisance:
    """Draw drift and physiological noise of one run; stronger and faster in the awake animal."""
    atlas = view.atlas
    smooth = [ndimage.gaussian_filter(rng.standard_normal(atlas.brain.shape), 3.0 / atlas.voxel_mm) for _ in range(3)]
    drift = np.stack([m[atlas.brain] / m.std() for m in smooth]) * p.drift_fraction / np.sqrt(3)
    wet = np.zeros(atlas.brain.shape) if atlas.ventricles is None else atlas.ventricles.astype(float)
    wet = ndimage.gaussian_filter(wet, 0.4 / atlas.voxel_mm)[atlas.brain]
    strength = 1.3 if awake else 1.0
    gains = np.stack([
        p.physio_fraction * (1 + 1.0 * wet), p.respiration_fraction * (1 + 0.5 * wet),
        p.cardiac_fraction * (1 + 4.0 * wet),
    ]) * strength  # fmt: skip
    duration = p.n_volumes * p.tr_s
    usual = (1.7, 6.2) if awake else (1.3, 5.7)
    draws = [rng.uniform(-0.08, 0.08) for _ in usual]
    stated = (p.respiration_hz, p.cardiac_hz)
    # a stated rate varies by 5 % between runs
    rates = tuple(s * (1 + 0.05 * d / 0.08) if s else r + d for s, r, d in zip(stated, usual, draws, strict=True))
    return Nuisance(
        drift.astype(np.float32), band_limited(rng, 1, duration + 100.0, (0.01, 0.1)),
        band_limited(rng, 2, duration + 400.0, (0.005, 0.03)), rates, gains.astype(np.float32), duration,
    )  # fmt: skip


def volumes(
    rng: np.random.Generator, view: Scene, response: Harmonics | Driven, disturbance: Nuisance, motion: np.ndarray,
    times_s: np.ndarray, p: Parameters,
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:  # fmt: skip
    """Make one run block by block.

    Parameters
    ----------
    rng : numpy Generator
        Draws the thermal noise.
    view : Scene
    response : Harmonics or Driven
        Activity of the regions behind the hemodynamic response.
    disturbance : Nuisance
    motion : ndarray, shape (n_volumes, 6)
    times_s : ndarray, shape (n_slices,)
    p : Parameters

    Yields
    ------
    first : int
        First volume of the block.
    raw : ndarray of int16, shape (n_block, nx, ny, nz)
        What the scanner stores.
    perfect : ndarray of float32, shape (n_block, n_brain)
        Signal and thermal noise of the brain's voxels as deviation from the mean, smoothed by `fwhm_mm`:
        what is left when all that an analysis can remove has been removed.
    """
    brain = view.atlas.brain
    sigma = np.concatenate([[0], p.fwhm_mm / 2.3548 / view.atlas.voxel_mm])
    noise_sd = np.float32(view.noise_sd(p))
    mean, slice_of = view.image[brain], view.slice_of
    bright = first_volumes(p)
    for first in range(0, p.n_volumes, BLOCK):
        onsets = np.arange(first, min(first + BLOCK, p.n_volumes)) * p.tr_s
        deviation = view.echo(signal(view, response, onsets, times_s), p)
        noise = rng.standard_normal((2, len(onsets), *brain.shape), dtype=np.float32) * noise_sd
        perfect = noise[0].copy()
        perfect[:, brain] += deviation
        smooth = ndimage.gaussian_filter(perfect, sigma, mode="nearest")[:, brain]
        deviation += disturbance(onsets, times_s, slice_of) * mean
        for v in range(len(onsets)):
            head = view.image.copy()
            head[brain] += deviation[v]
            if p.unsteady_start:
                head *= np.float32(bright[first + v])
            noise[0, v] += moved(head, motion[first + v], view.atlas.affine)
        # the scanner stores magnitudes: noise of the second quadrature channel lifts the air above zero
        raw = np.minimum(np.rint(np.hypot(noise[0], noise[1])), 32767).astype(np.int16)
        yield first, raw, smooth
