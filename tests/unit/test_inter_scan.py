"""Maps that come again in other scans and animals: shares of variance that are known."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.errors import InputError
from lfpbold.networks.maps import spatial_r
from lfpbold.networks.reliability import across_scans, averaged_map_reliability, inter_scan


def noisy_maps(rng, animals, common, of_animal, of_scan, n_voxels=6000):
    base = common * rng.standard_normal(n_voxels)
    of_animals = of_animal * rng.standard_normal((animals.max() + 1, n_voxels))
    return base + of_animals[animals] + of_scan * rng.standard_normal((animals.size, n_voxels))


def test_scans_of_one_animal_are_more_alike_than_those_of_two():
    animals = np.repeat(np.arange(6), 5)
    maps = noisy_maps(np.random.default_rng(4), animals, 1.0, 0.7, 1.2)
    found = inter_scan(maps, animals)
    total = 1 + 0.49 + 1.44
    assert found["within"] == pytest.approx(1.49 / total, abs=0.02)
    assert found["between"] == pytest.approx(1 / total, abs=0.03)
    assert found["between_low"] < found["between"] < found["between_high"]
    maps[3, 5] = np.nan
    assert inter_scan(maps, animals)["within"] == pytest.approx(found["within"], abs=1e-3)
    assert np.isnan(inter_scan(maps[:5], animals[:5])["between"])
    assert np.isnan(inter_scan(maps[::5], animals[::5])["within"])


def test_reliability_of_the_average_is_its_share_of_signal():
    animals = np.repeat(np.arange(6), 5)
    maps = noisy_maps(np.random.default_rng(5), animals, 1.0, 0.7, 1.2)
    assert averaged_map_reliability(maps, animals) == pytest.approx(1 / (1 + (0.49 + 1.44 / 5) / 6), abs=0.01)
    again = noisy_maps(np.random.default_rng(5), animals, 1.0, 0.0, 0.0)  # the same truth
    fresh = again + noisy_maps(np.random.default_rng(6), animals, 0.0, 0.7, 1.2)
    assert spatial_r(maps.mean(axis=0), fresh.mean(axis=0)) == pytest.approx(
        averaged_map_reliability(maps, animals), abs=0.02
    )
    assert np.isnan(averaged_map_reliability(maps[:5], animals[:5]))
    assert abs(averaged_map_reliability(noisy_maps(np.random.default_rng(7), animals, 0.0, 0.0, 1.0), animals)) < 0.15


def test_maps_of_other_animals_share_what_animals_share():
    """LFP and seed map have a common part that correlates at .6; scans add noise that both maps of a scan share."""
    rng, animals, n = np.random.default_rng(8), np.repeat(np.arange(8), 3), 20_000
    seed_truth, other = rng.standard_normal((2, n))
    lfp_truth = 0.6 * seed_truth + 0.8 * other
    shared = 1.5 * rng.standard_normal((animals.size, n))
    lfp = lfp_truth + shared + rng.standard_normal((animals.size, n))
    seed = seed_truth + shared + 0.5 * rng.standard_normal((animals.size, n))
    same_scan = np.mean([spatial_r(*pair) for pair in zip(lfp, seed, strict=True)])
    found = across_scans(lfp, seed, animals)
    # Variances: LFP 1 + 2.25 + 1, seed 1 + 2.25 + .25; between animals only the truths remain.
    assert found["across"]["between"] == pytest.approx(0.6 / np.sqrt(4.25 * 3.5), abs=0.005)
    truth, whole = spatial_r(lfp_truth, seed_truth), found["disattenuated"]  # these voxels' own
    assert whole["between"] == pytest.approx(truth, abs=0.01)
    assert whole["between_low"] < truth < whole["between_high"]
    assert same_scan > 0.7  # which is what sharing a scan's noise does
    assert np.isnan(across_scans(lfp[:3], seed[:3], animals[:3])["disattenuated"]["between"])


def test_voxels_that_one_scan_lacks_are_left_out_of_all_pairs():
    rng, animals, n = np.random.default_rng(9), np.array([0, 0, 1, 1, 2]), 300
    lfp = 5 + noisy_maps(rng, animals, 1.0, 0.7, 1.2, n)
    seed = -3 + 0.5 * lfp + rng.standard_normal((5, n))
    holes = rng.permutation(n)[:150].reshape(5, 30)  # half of the voxels, each missing in one scan
    for scan, missing in enumerate(holes):
        (lfp if scan % 2 else seed)[scan, missing] = np.nan
    of_lfp, of_both = np.delete(np.arange(n), holes[[1, 3]]), np.delete(np.arange(n), holes)
    same, other = [(0, 1), (2, 3)], [(0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4), (2, 4), (3, 4)]

    def mean(a, b, pairs):
        return np.mean([np.corrcoef(a[i], b[j])[0, 1] for i, j in pairs])

    found = inter_scan(lfp, animals)
    whole = lfp[:, of_lfp]
    assert found["within"] == pytest.approx(mean(whole, whole, same), abs=1e-12)
    assert found["between"] == pytest.approx(mean(whole, whole, other), abs=1e-12)
    across = across_scans(lfp, seed, animals)
    whole, whole_seed = lfp[:, of_both], seed[:, of_both]
    both_ways = other + [(j, i) for i, j in other]
    between = mean(whole, whole_seed, both_ways)
    assert across["across"]["between"] == pytest.approx(between, abs=1e-12)
    assert across["across"]["within"] == pytest.approx(
        mean(whole, whole_seed, same + [(j, i) for i, j in same]), abs=1e-12
    )
    own = mean(whole, whole, other) * mean(whole_seed, whole_seed, other)
    assert across["disattenuated"]["between"] == pytest.approx(between / np.sqrt(own), abs=1e-12)


def test_reliability_with_voxels_that_one_scan_lacks_is_alpha_over_the_others():
    rng, animals = np.random.default_rng(10), np.array([0, 0, 1, 2, 2, 2])
    maps = 5 + noisy_maps(rng, animals, 1.0, 0.7, 1.2, 200)
    maps[1, :40], maps[4, 30:90] = np.nan, np.nan
    items = np.array([maps[rows, 90:].mean(axis=0) for rows in ([0, 1], [2], [3, 4, 5])])
    covariance = np.cov(items)  # alpha = k/(k − 1) × (share of the sum of all covariances that is off the diagonal)
    expected = 1.5 * (covariance.sum() - np.trace(covariance)) / covariance.sum()
    assert averaged_map_reliability(maps, animals) == pytest.approx(expected, abs=1e-12)


def test_as_many_animals_as_maps_are_asked_for():
    with pytest.raises(InputError, match="5 maps and 4 animals"):
        inter_scan(np.zeros((5, 10)), np.zeros(4))
