"""Scans of known truth for the nulls: BOLD of a few latent sources, and regressors that reach it through the seed."""

from __future__ import annotations

import numpy as np
from scipy import fft

SEED_VOXELS = 4


def band_limited(n_volumes, n, rng, tr_s=1.0, band_hz=(0.01, 0.1), slope=0.5):
    """Independent series with frequencies of the band alone and power ~ 1/f^slope: rows of the inverse DCT-II."""
    frequency, inside = _band(n_volumes, tr_s, band_hz)
    coefficients = np.zeros((n_volumes, n))
    coefficients[inside] = rng.standard_normal((inside.sum(), n)) * (frequency[inside, None] / 0.05) ** (-slope / 2)
    return fft.idct(coefficients, axis=0, norm="ortho")


def band_basis(n_volumes, tr_s=1.0, band_hz=(0.01, 0.1)):
    """Orthonormal basis of the series that `band_limited` makes; shape (n_volumes, n_functions)."""
    return fft.idct(np.eye(n_volumes)[:, _band(n_volumes, tr_s, band_hz)[1]], axis=0, norm="ortho")


def _band(n_volumes, tr_s, band_hz):
    frequency = np.arange(n_volumes) / (2 * n_volumes * tr_s)
    return frequency, (frequency >= band_hz[0]) & (frequency <= band_hz[1])


def loadings(n_voxels, rng, n_sources=6):
    """How the sources spread over the voxels, smooth along them; the first voxels, the seed, share one loading."""
    smooth = np.cumsum(rng.standard_normal((n_sources, n_voxels)), axis=1) / np.sqrt(n_voxels)
    smooth -= smooth.mean(axis=1, keepdims=True)
    smooth[:, :SEED_VOXELS] = smooth[:, [0]]
    return smooth


def scan(n_volumes, spread, rng, noise=0.5, make=band_limited):
    """BOLD (n_volumes, n_voxels), the seed (n_voxels,), and the seed's course with mean 0 and unit variance."""
    sources = make(n_volumes, len(spread), rng)
    bold = sources @ spread + noise * make(n_volumes, spread.shape[1], rng)
    seed = np.arange(spread.shape[1]) < SEED_VOXELS
    course = bold[:, seed].mean(axis=1)
    return bold, seed, (course - course.mean()) / course.std()


def regressor(course, r, rng, make=band_limited):
    """r × seed + noise of the same kind: touches the brain through the seed alone."""
    rest = make(len(course), 1, rng)[:, 0]
    return r * course + np.sqrt(1 - r**2) * rest / rest.std()


def sum_by_animal(maps_by_scan, animals):
    """Maps (n_maps, n_voxels) summed over the scans of each animal, float32 (n_animals, n_maps, n_voxels), by name."""
    names, place = np.unique(np.asarray(animals), return_inverse=True)
    sums = [0.0] * names.size
    for maps, animal in zip(maps_by_scan, place, strict=True):
        sums[animal] = sums[animal] + np.asarray(maps, dtype=np.float32)
    return np.array(sums)
