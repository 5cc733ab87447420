"""The choice of an HRF: order statistics of pure noise, and peaks of known place."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from lfpbold.errors import InputError
from lfpbold.hemodynamics.grid_search import nested_search

ANIMALS = np.repeat(list("abcdef"), 4)


def expected_maximum(n):
    """Mean of the largest of n standard normal values, by its integral."""
    return integrate.quad(lambda x: x * n * stats.norm.pdf(x) * stats.norm.cdf(x) ** (n - 1), -10, 10)[0]


def noise(rng, n_cells=40, sd=0.1):
    return np.tanh(sd * rng.standard_normal((ANIMALS.size, n_cells)))


def test_grid_of_noise_has_the_optimism_of_order_statistics():
    rng = np.random.default_rng(0)
    found = [nested_search(noise(rng), ANIMALS) for _ in range(400)]
    error = 0.1 / np.sqrt(24)
    in_sample = np.array([f["r_in_sample"] for f in found])
    left_out = np.array([f["r_mean"] for f in found])
    assert in_sample.mean() == pytest.approx(error * expected_maximum(40), abs=4 * in_sample.std() / 20)
    assert abs(left_out.mean()) < 4 * left_out.std() / 20
    own = np.mean([f["r_own_best"].mean() for f in found])
    assert own == pytest.approx(0.1 / 2 * expected_maximum(40), rel=0.02)
    assert np.mean([f["optimism"] for f in found]) == pytest.approx(in_sample.mean() - left_out.mean())


@pytest.mark.parametrize("sign", ["negative", "either"])
def test_other_signs_are_no_better_than_chance_either(sign):
    rng = np.random.default_rng(1)
    found = [nested_search(noise(rng), ANIMALS, sign=sign) for _ in range(300)]
    left_out = np.array([f["r_mean"] for f in found])
    assert abs(left_out.mean()) < 4 * left_out.std() / np.sqrt(300)
    # largest in size of 40 is the largest of 80 normal values, to within the little that their pairing changes
    extreme = {"negative": -expected_maximum(40), "either": expected_maximum(80)}[sign]
    assert np.mean([f["r_in_sample"] for f in found]) == pytest.approx(0.1 / np.sqrt(24) * extreme, rel=0.03)


@pytest.mark.parametrize(("sign", "height"), [("positive", 0.3), ("negative", -0.3), ("either", -0.3)])
def test_a_peak_is_chosen_and_its_height_is_not_inflated(sign, height):
    rng = np.random.default_rng(2)
    truth = height * np.exp(-(((np.arange(40) - 17) / 4.0) ** 2))
    found = [nested_search(np.tanh(np.arctanh(truth) + np.arctanh(noise(rng))), ANIMALS, sign=sign) for _ in range(200)]
    assert np.mean([np.abs(f["cell"] - 17) for f in found]) < 1.5
    left_out = np.mean([f["r_mean"] for f in found])
    assert 0.275 < left_out * (1 if sign == "either" else np.sign(height)) < 0.302
    assert abs(np.mean([f["r_in_sample"] for f in found])) > 0.3


def test_against_a_loop():
    rng = np.random.default_rng(3)
    r = noise(rng, 12, 0.3)
    animals, usable = np.repeat(["x", "y", "z"], [5, 12, 7]), np.arange(12) != 4
    r[:, 4] = 0.99  # a degenerate cell, not to be chosen
    r[3, 2] = r[8] = np.nan
    found = nested_search(r, animals, usable)
    z = np.array([np.nanmean(np.arctanh(r[animals == name]), axis=0) for name in "xyz"])
    for i in range(3):
        others = np.delete(z, i, axis=0).mean(axis=0)
        cell = max((c for c in range(12) if usable[c]), key=lambda c: others[c])
        assert found["cell"][i] == cell
        assert found["r_animals"][i] == pytest.approx(np.tanh(z[i, cell]))
        assert found["r_own_best"][i] == pytest.approx(np.tanh(np.delete(z[i], 4).max()))
    best = int(np.argmax(np.where(usable, z.mean(axis=0), -9)))
    assert found["cell_in_sample"] == best
    assert found["r_in_sample"] == pytest.approx(np.tanh(z[:, best].mean()))
    assert found["r_in_sample_animals"] == pytest.approx(np.tanh(z[:, best]))


def test_animals_count_alike_however_many_scans_they_have():
    r = np.array([[0.5, 0.0]] * 9 + [[0.0, 0.3], [0.0, 0.3], [0.1, 0.1]])
    found = nested_search(r, ["a"] * 9 + ["b", "c", "d"])
    assert found["cell"][3] == 1  # .55/3 beside .62/3 in z; over scans the first cell would win


def test_what_cannot_be_judged_is_nan():
    found = nested_search([[0.1, 0.4]], ["a"])
    assert found["cell"].tolist() == [-1] and np.isnan([found["r_mean"], found["optimism"]]).all()
    assert found["r_in_sample"] == pytest.approx(0.4)
    lacking = nested_search([[np.nan, 0.4], [0.3, 0.1], [np.nan, np.nan]], ["a", "b", "c"])
    assert lacking["animals"].tolist() == ["a", "b"] and lacking["cell"].tolist() == [1, 1]
    apart = nested_search([[np.nan, 0.4], [0.3, np.nan]], ["a", "b"])
    assert apart["cell"].tolist() == [-1, -1] and np.isnan(apart["r_mean"])
    with pytest.raises(InputError, match="no HRF of the grid"):
        nested_search([[0.1, 0.4]], ["a"], usable=[False, False])
    with pytest.raises(InputError, match="one row a scan"):
        nested_search([[0.1, 0.4]], ["a", "b"])
    with pytest.raises(ValueError, match="choose one of"):
        nested_search([[0.1]], ["a"], sign="best")
