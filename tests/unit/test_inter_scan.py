"""Maps that come again in other scans and animals: shares of variance that are known."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.inter_scan import across_scans, inter_scan, of_averaged_map
from lfpbold.networks import spatial_r


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
    assert of_averaged_map(maps, animals) == pytest.approx(1 / (1 + (0.49 + 1.44 / 5) / 6), abs=0.01)
    again = noisy_maps(np.random.default_rng(5), animals, 1.0, 0.0, 0.0)  # the same truth
    fresh = again + noisy_maps(np.random.default_rng(6), animals, 0.0, 0.7, 1.2)
    assert spatial_r(maps.mean(axis=0), fresh.mean(axis=0)) == pytest.approx(of_averaged_map(maps, animals), abs=0.02)
    assert np.isnan(of_averaged_map(maps[:5], animals[:5]))
    assert abs(of_averaged_map(noisy_maps(np.random.default_rng(7), animals, 0.0, 0.0, 1.0), animals)) < 0.15


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
