"""Peaks of known place, and how often the radius from split halves holds them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from lfpbold import network_peak

SHAPE = (16, 18, 12)
AFFINE = np.array([[-0.5, 0, 0, 4.0], [0, 0.5, 0, -4.0], [0, 0, 0.8, -4.0], [0, 0, 0, 1.0]])
BRAIN = np.ones(SHAPE, bool)
GRID = np.stack(np.indices(SHAPE), axis=-1).reshape(-1, 3) @ AFFINE[:3, :3].T + AFFINE[:3, 3]


def bump(at, fwhm=2.4):
    """A Gaussian of this width around a place in mm, on all voxels."""
    return np.exp(-4 * np.log(2) * ((GRID - at) ** 2).sum(axis=1) / fwhm**2)


def around(at, radius=2.0):
    return np.linalg.norm(GRID - at, axis=1) < radius


def smooth_noise(rng, n, sd):
    """Noise as smooth as the data after a kernel of 1.2 mm."""
    sigma = 1.2 / 2.3548 / np.array([0.5, 0.5, 0.8])
    noise = ndimage.gaussian_filter(rng.standard_normal((n, *SHAPE)), (0, *sigma)).reshape(n, -1)
    return sd * noise / noise.std()


def test_peak_is_found_below_the_voxel_in_mm():
    rng = np.random.default_rng(0)
    refined, coarse = [], []
    for _ in range(50):
        at = rng.uniform(-1.5, 1.5, 3)
        found = network_peak.peak(bump(at), around(np.zeros(3), 3.5), BRAIN, AFFINE)
        assert found["inside"]
        refined.append(np.linalg.norm(found["mm"] - at))
        coarse.append(np.linalg.norm(GRID - at, axis=1).min())
    assert max(refined) < 0.12 and np.mean(refined) < 0.05 < 0.3 < np.mean(coarse)


def test_peak_of_a_parabola_is_exact():
    at = np.array([0.31, -0.72, 0.15])
    found = network_peak.peak(-(((GRID - at) / [1, 2, 3]) ** 2).sum(axis=1), np.ones(len(GRID), bool), BRAIN, AFFINE)
    np.testing.assert_allclose(found["mm"], at, atol=1e-9)


def test_a_slope_into_the_target_is_no_peak_of_it():
    target = GRID[:, 0] > 1.0
    found = network_peak.peak(bump([-1.0, 0, 0], 6), target, BRAIN, AFFINE)
    assert not found["inside"] and found["mm"][0] == pytest.approx(1.5)  # not drawn out of the target
    nothing = network_peak.peak(np.full(len(GRID), np.nan), target, BRAIN, AFFINE)
    assert np.isnan(nothing["mm"]).all() and np.isnan(nothing["value"])


def test_units_are_scans_where_there_are_four():
    whole, halves = np.zeros((3, 5)), np.zeros((3, 2, 5))
    assert network_peak.units(whole, halves)[0].shape == (6, 5)
    assert network_peak.units(np.zeros((4, 5)), np.zeros((4, 2, 5)))[1] == "scans"


@pytest.mark.parametrize("n", [2, 4, 9])
def test_radius_covers_the_true_peak(n):
    """120 animals whose maps are a bump at one place and noise of half its height: 95 % should hold the place."""
    rng = np.random.default_rng(n)
    held, errors, told = [], [], []
    for _ in range(120):
        at = rng.uniform(-0.8, 0.8, 3)
        maps = bump(at) + smooth_noise(rng, n, 0.35)
        found = network_peak.split_halves(maps, around(np.zeros(3), 3), BRAIN, AFFINE, rng, n_splits=40)
        error = np.linalg.norm(found["mm"] - at)
        held.append(error <= found["radius_mm"])
        errors.append(error)
        told.append(found["se_mm"])
    print(n, np.mean(held), np.sqrt(np.mean(np.square(errors))), np.sqrt(np.mean(np.square(told))))
    assert np.mean(held) >= 0.93
    assert np.sqrt(np.mean(np.square(told))) == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=0.6)


def test_one_map_has_a_peak_and_no_confidence():
    rng = np.random.default_rng(0)
    found = network_peak.split_halves(bump([0, 0, 0])[None], around(np.zeros(3)), BRAIN, AFFINE, rng)
    assert np.isfinite(found["mm"]).all() and np.isnan(found["radius_mm"])
