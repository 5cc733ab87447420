"""Peaks of known place, and how often the radius from split halves holds them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage, stats

from lfpbold.networks import peaks

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
        found = peaks.peak(bump(at), around(np.zeros(3), 3.5), BRAIN, AFFINE)
        assert found["inside"]
        refined.append(np.linalg.norm(found["mm"] - at))
        coarse.append(np.linalg.norm(GRID - at, axis=1).min())
    assert max(refined) < 0.12 and np.mean(refined) < 0.05 < 0.3 < np.mean(coarse)


def test_peak_of_a_parabola_is_exact():
    at = np.array([0.31, -0.72, 0.15])
    found = peaks.peak(-(((GRID - at) / [1, 2, 3]) ** 2).sum(axis=1), np.ones(len(GRID), bool), BRAIN, AFFINE)
    np.testing.assert_allclose(found["mm"], at, atol=1e-9)


def test_a_slope_into_the_target_is_no_peak_of_it():
    target = GRID[:, 0] > 1.0
    found = peaks.peak(bump([-1.0, 0, 0], 6), target, BRAIN, AFFINE)
    assert not found["inside"] and found["mm"][0] == pytest.approx(1.5)  # not drawn out of the target
    nothing = peaks.peak(np.full(len(GRID), np.nan), target, BRAIN, AFFINE)
    assert np.isnan(nothing["mm"]).all() and np.isnan(nothing["value"])


def test_units_are_scans_where_there_are_four():
    whole, halves = np.zeros((3, 5)), np.zeros((3, 2, 5))
    assert peaks.units(whole, halves)[0].shape == (6, 5)
    assert peaks.units(np.zeros((4, 5)), np.zeros((4, 2, 5)))[1] == "scans"


@pytest.mark.parametrize("n", [2, 4, 9])
def test_radius_covers_the_true_peak(n):
    """120 animals whose maps are a bump at one place and noise of half its height: 95 % should hold the place."""
    rng = np.random.default_rng(n)
    held, errors, told = [], [], []
    for _ in range(120):
        at = rng.uniform(-0.8, 0.8, 3)
        maps = bump(at) + smooth_noise(rng, n, 0.35)
        found = peaks.split_halves(maps, around(np.zeros(3), 3), BRAIN, AFFINE, rng, n_splits=40)
        error = np.linalg.norm(found["mm"] - at)
        held.append(error <= found["radius_mm"])
        errors.append(error)
        told.append(found["se_mm"])
    print(n, np.mean(held), np.sqrt(np.mean(np.square(errors))), np.sqrt(np.mean(np.square(told))))
    assert np.mean(held) >= 0.93
    assert np.sqrt(np.mean(np.square(told))) == pytest.approx(np.sqrt(np.mean(np.square(errors))), rel=0.6)


def test_one_map_has_a_peak_and_no_confidence():
    rng = np.random.default_rng(0)
    found = peaks.split_halves(bump([0, 0, 0])[None], around(np.zeros(3)), BRAIN, AFFINE, rng)
    assert np.isfinite(found["mm"]).all() and np.isnan(found["radius_mm"])


def turned_affine():
    """Voxels of 0.5 × 0.5 × 0.8 mm, whose axes are turned by 0.4 rad about z and then by 0.3 rad about x."""
    about_z = np.array([[np.cos(0.4), -np.sin(0.4), 0], [np.sin(0.4), np.cos(0.4), 0], [0, 0, 1]])
    about_x = np.array([[1, 0, 0], [0, np.cos(0.3), -np.sin(0.3)], [0, np.sin(0.3), np.cos(0.3)]])
    affine = np.eye(4)
    affine[:3, :3] = about_x @ about_z @ np.diag([0.5, 0.5, 0.8])
    return affine


HALF_DIAGONAL = np.sqrt(0.5**2 + 0.5**2 + 0.8**2) / 2


@pytest.mark.parametrize("affine", [AFFINE, turned_affine()])
def test_maps_that_agree_wholly_still_leave_half_a_voxel_s_diagonal(affine):
    maps = np.zeros((4, *SHAPE))
    maps[:, 8, 9, 6] = 1
    everywhere, rng = np.ones(BRAIN.size, bool), np.random.default_rng(0)
    found = peaks.split_halves(maps.reshape(4, -1), everywhere, BRAIN, affine, rng, n_splits=5)
    np.testing.assert_allclose(found["mm"], affine[:3, :3] @ [8, 9, 6] + affine[:3, 3])
    assert found["distance_mm"] == found["se_mm"] == 0
    assert found["radius_mm"] == pytest.approx(HALF_DIAGONAL)


def test_three_tops_of_a_triangle_have_the_standard_error_of_their_mean():
    """The mean of parabolas has its top at the mean of theirs, so that a half's peak is the mean of its maps' peaks.

    From corner to mean R: each corner is 1.5 R from the mean of the others; the places' variance is 3 R²/2, and that of
    their mean R²/2.
    """
    reach, turn = 0.9, 2 * np.pi * np.arange(3) / 3
    corners = np.column_stack([reach * np.cos(turn) + 0.11, reach * np.sin(turn) - 0.07, np.full(3, 0.2)])
    maps = -((GRID[None] - corners[:, None]) ** 2).sum(axis=2)
    everywhere = np.ones(BRAIN.size, bool)
    found = peaks.split_halves(maps, everywhere, BRAIN, AFFINE, np.random.default_rng(0), n_splits=9)
    np.testing.assert_allclose(found["mm"], [0.11, -0.07, 0.2], atol=1e-9)
    assert found["n"] == 3 and found["distance_mm"] == pytest.approx(1.5 * reach)
    assert found["se_mm"] == pytest.approx(reach / np.sqrt(2))
    ball = np.sqrt(stats.f.ppf(0.95, 3, 6)) * reach / np.sqrt(2)
    assert ball > 1.5 * reach  # else the distance itself would be the radius
    assert found["radius_mm"] == pytest.approx(np.hypot(ball, HALF_DIAGONAL))


def test_a_larger_voxel_beside_the_target_says_that_the_peak_is_not_inside():
    volume = np.zeros(SHAPE)
    volume[8, 9, 6], volume[9, 9, 6] = 1, 2
    target = np.zeros(SHAPE, bool)
    target[8, 9, 6] = True
    found = peaks.peak(volume.ravel(), target.ravel(), BRAIN, np.eye(4))
    assert not found["inside"] and found["mm"].tolist() == [8, 9, 6]
    volume[9, 9, 6] = 1  # as large is not larger: the top lies between the two
    found = peaks.peak(volume.ravel(), target.ravel(), BRAIN, np.eye(4))
    assert found["inside"] and found["mm"].tolist() == [8.5, 9, 6]


def test_two_tops_make_a_radius_as_large_as_their_distance():
    """Two maps at either place: a third of the halves lie D apart, the others nowhere; the mean's variance is D²/12."""
    places = np.array([[-0.9, 0.1, 0.2], [-0.9, 0.1, 0.2], [0.9, 0.1, 0.2], [0.9, 0.1, 0.2]])
    maps, everywhere = -((GRID[None] - places[:, None]) ** 2).sum(axis=2), np.ones(BRAIN.size, bool)
    found = peaks.split_halves(maps, everywhere, BRAIN, AFFINE, np.random.default_rng(0))
    assert found["distance_mm"] == pytest.approx(0, abs=1e-9)
    # A third of 200 splits is known to .033, a tenth of itself, and its root to half of that; three of them.
    assert found["se_mm"] == pytest.approx(1.8 / np.sqrt(12), rel=0.15)
    assert np.sqrt(stats.f.ppf(0.95, 3, 9)) * found["se_mm"] < 1.8  # errors of a normal kind would reach less far
    assert found["radius_mm"] == pytest.approx(np.hypot(1.8, HALF_DIAGONAL))
