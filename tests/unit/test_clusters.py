"""Clusters by permutation: an independent implementation, and how often noise has one."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import ndimage

from lfpbold.evoked import clusters, glm
from lfpbold.stats.tests import permutation_p
from tests.unit.test_glm import BLOCKS, HRF, autoregressive

BRAIN = np.zeros((10, 10, 6), dtype=bool)
BRAIN[1:-1, 1:-1, 1:-1] = True


def smooth_noise(rng, n, rho=0.3, sigma=0.8):
    """Autocorrelated in time, smooth in space; (n, n_voxels)."""
    noise = autoregressive(rng, n, BRAIN.size, rho).reshape(n, *BRAIN.shape)
    return ndimage.gaussian_filter(noise, (0, sigma, sigma, sigma))[:, BRAIN]


def model(n=200, **more):
    return (
        glm.design(BLOCKS, n, 1.0, HRF, **more)
        if n >= 300
        else glm.design(
            glm.Events(np.array([20.0, 70.0, 110.0, 165.0]), np.full(4, 12.0), ["a"] * 4), n, 1.0, HRF, **more
        )
    )


def test_clusters_touch_by_faces_and_edges_and_have_one_sign():
    volume = np.zeros(BRAIN.shape)
    volume[2, 2, 2] = volume[3, 3, 2] = volume[4, 3, 2] = 5.0  # an edge, a face
    volume[5, 4, 3] = 5.0  # touches the third by a corner alone
    volume[4, 4, 2] = -5.0
    labels, sizes = clusters.label_clusters(volume[BRAIN], BRAIN, 3.0)
    assert sizes.tolist() == [3, 1, 1]
    assert (labels[volume[BRAIN] != 0] > 0).all() and (labels[volume[BRAIN] == 0] == 0).all()
    assert clusters.largest_cluster(volume[BRAIN], BRAIN, 3.0) == 3
    assert permutation_p([3, 1], [0, 1, 2, 5]).tolist() == [0.4, 0.8]


@pytest.mark.parametrize("kind", ["sign_flips", "shifts"])
def test_the_observed_map_is_nilearns(kind):
    rng = np.random.default_rng(1)
    made = model(nuisance=rng.standard_normal((200, 3)))
    data = smooth_noise(rng, 200)
    fitted = glm.fit(data, made.matrix)
    t = glm.contrast(fitted, np.r_[1, np.zeros(made.matrix.shape[1] - 1)])["t"]
    _, again = clusters.scan_null(
        data, made.stimuli, made.rest, np.ones(1), fitted.rho, BRAIN, 3.0, 1, np.random.default_rng(2), kind
    )
    np.testing.assert_allclose(again, t, rtol=1e-4, atol=1e-4)


def test_a_flipped_map_is_the_fit_to_flipped_residuals():
    """One voxel class (ρ = 0), one flip, by the textbook: reduced model, flipped residuals, full model again."""
    rng = np.random.default_rng(3)
    made = model(nuisance=rng.standard_normal((200, 2)))
    data = smooth_noise(rng, 200, rho=0.0)
    signs = rng.choice([-1.0, 1.0], size=(1, 200))
    maps = clusters._sign_flipped(data, made.stimuli, made.rest, np.ones(1), 0.0, signs)
    reduced = made.rest @ np.linalg.lstsq(made.rest, data, rcond=None)[0]
    flipped = signs[0][:, None] * (data - reduced)
    expected = glm.contrast(glm.fit(flipped, made.matrix, "ols"), np.r_[1, np.zeros(made.matrix.shape[1] - 1)])["t"]
    np.testing.assert_allclose(maps[1], expected, rtol=1e-3, atol=1e-3)


def test_a_shifted_map_is_the_fit_of_the_shifted_stimuli():
    rng = np.random.default_rng(4)
    made = model()
    data = smooth_noise(rng, 200, rho=0.0)
    maps = clusters._shifted(data, made.stimuli, made.rest, np.ones(1), 0.0, [37])
    moved = np.column_stack([np.roll(made.stimuli, 37, axis=0), made.rest])
    expected = glm.contrast(glm.fit(data, moved, "ols"), np.r_[1, np.zeros(moved.shape[1] - 1)])["t"]
    np.testing.assert_allclose(maps[1], expected, rtol=1e-6, atol=1e-6)


def false_positives(kind, n_runs, n_null, seed, rho=0.3):
    rng, found = np.random.default_rng(seed), 0
    made = model()
    level = clusters.t_threshold(0.01, 200 - made.matrix.shape[1])
    for _ in range(n_runs):
        data = smooth_noise(rng, 200, rho)
        fitted = glm.fit(data, made.matrix)
        null, t = clusters.scan_null(
            data, made.stimuli, made.rest, np.ones(1), fitted.rho, BRAIN, level, n_null, rng, kind
        )
        sizes = clusters.label_clusters(t, BRAIN, level)[1]
        found += bool(sizes.size) and permutation_p(sizes[:1], null)[0] <= 0.05
    return found / n_runs


@pytest.mark.parametrize("kind", ["sign_flips", "shifts"])
def test_noise_seldom_has_a_cluster(kind):
    """40 runs at .05: 2 expected, and 7 or more in one of two hundred."""
    assert false_positives(kind, 40, 59, seed=5) <= 6 / 40


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sign_flips", "shifts"])
def test_noise_has_a_cluster_at_the_stated_rate(kind):
    """400 runs at .05: standard error .011."""
    assert 0.025 < false_positives(kind, 400, 99, seed=6) < 0.083


def test_a_response_is_found_where_it_is():
    rng = np.random.default_rng(7)
    made = model()
    data = smooth_noise(rng, 200)
    there = np.zeros(BRAIN.shape)
    there[3:6, 3:6, 2:4] = 1.0
    data = data + made.stimuli * there[BRAIN] * 1.0
    fitted = glm.fit(data, made.matrix)
    level = clusters.t_threshold(0.001, fitted.df)
    null, t = clusters.scan_null(
        data, made.stimuli, made.rest, np.ones(1), fitted.rho, BRAIN, level, 199, rng, "sign_flips"
    )
    labels, sizes = clusters.label_clusters(t, BRAIN, level)
    p = permutation_p(sizes, null)
    assert p[0] <= 0.02
    found = labels == 1
    assert found[there[BRAIN] > 0].mean() > 0.8 and found[ndimage.binary_dilation(there > 0)[BRAIN] == 0].mean() < 0.02


def test_clusters_over_animals_are_counted_over_all_patterns():
    """Against a loop that flips, averages and labels afresh."""
    rng = np.random.default_rng(8)
    effects = np.stack([smooth_noise(rng, 1)[0] for _ in range(5)])
    effects[:, :60] += 1.0
    found = clusters.group_clusters(effects, BRAIN, 0.01, 1000, rng)
    level = clusters.t_threshold(0.01, 4)
    sizes = []
    for signs in itertools.product([1, -1], repeat=5):
        flipped = effects * np.array(signs)[:, None]
        t = flipped.mean(axis=0) / (flipped.std(axis=0, ddof=1) / np.sqrt(5))
        both = []
        for sign in (1, -1):
            volume = np.zeros(BRAIN.shape)
            volume[BRAIN] = sign * t > level
            labelled, n = ndimage.label(volume, ndimage.generate_binary_structure(3, 2))
            both += [int((labelled == i + 1).sum()) for i in range(n)]
        sizes.append(max(both, default=0))
        if all(s == 1 for s in signs):
            own = sorted(both, reverse=True)
    assert found["sizes"].tolist() == own
    np.testing.assert_allclose(found["p"], [np.mean([s >= mine for s in sizes]) for mine in own])
    assert found["smallest_p"] == 2 / 32


def test_one_animal_has_no_clusters():
    found = clusters.group_clusters(np.ones((1, BRAIN.sum())), BRAIN, 0.01, 10, np.random.default_rng(0))
    assert not found["labels"].any() and not len(found["p"]) and (found["mean"] == 1).all()
