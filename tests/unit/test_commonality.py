"""Commonality parts against the textbook's formulas, a simulation of known parts, and their sum."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.coupling.commonality import commonality, parts
from lfpbold.errors import InputError


def r2_of(x, y):
    design = np.column_stack([np.ones(len(y)), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return 1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum()


def five_bands(rng, n=600):
    """Correlated like band powers of one electrode, on scales that differ by orders of magnitude."""
    x = rng.standard_normal((n, 5)) + 0.8 * rng.standard_normal((n, 1))
    y = x @ [0.3, -0.2, 0.1, 0.0, 0.6] + 2 * rng.standard_normal(n)
    return x * 10.0 ** np.arange(-3, 2) + 5, y + 100


def test_the_31_parts_sum_to_r2_and_each_r2_is_the_sum_of_the_parts_that_meet_it():
    x, y = five_bands(np.random.default_rng(0))
    found = commonality(x, y)
    assert len(found["subsets"]) == 31
    assert found["part"].sum() == pytest.approx(found["total"], abs=1e-12)
    assert found["total"] == pytest.approx(r2_of(x, y), abs=1e-12)
    for subset, r2 in zip(found["subsets"], found["r2"], strict=True):
        assert r2 == pytest.approx(r2_of(x[:, subset], y), abs=1e-12)
        meets = [bool(set(subset) & set(other)) for other in found["subsets"]]
        assert found["part"][meets].sum() == pytest.approx(r2, abs=1e-12)
    for band in range(5):
        others = np.delete(x, band, axis=1)
        assert found["unique"][band] == pytest.approx(r2_of(x, y) - r2_of(others, y), abs=1e-12)
        assert found["unique"][band] + found["common"][band] == pytest.approx(r2_of(x[:, [band]], y), abs=1e-12)


def test_three_regressors_are_the_formulas_of_nimon():
    x, y = five_bands(np.random.default_rng(1))
    x = x[:, [0, 1, 4]]
    found = commonality(x, y)
    r = {s: r2_of(x[:, list(s)], y) for s in found["subsets"]}
    expected = {
        (0,): r[0, 1, 2] - r[1, 2],
        (1,): r[0, 1, 2] - r[0, 2],
        (2,): r[0, 1, 2] - r[0, 1],
        (0, 1): r[0, 2] + r[1, 2] - r[2,] - r[0, 1, 2],
        (0, 2): r[0, 1] + r[1, 2] - r[1,] - r[0, 1, 2],
        (1, 2): r[0, 1] + r[0, 2] - r[0,] - r[0, 1, 2],
        (0, 1, 2): r[0,] + r[1,] + r[2,] - r[0, 1] - r[0, 2] - r[1, 2] + r[0, 1, 2],
    }
    for subset, part in zip(found["subsets"], found["part"], strict=True):
        assert part == pytest.approx(expected[subset], abs=1e-12)


def test_what_two_bands_share_is_common_and_a_suppressor_has_a_negative_part():
    rng = np.random.default_rng(2)
    shared, own, noise = rng.standard_normal((3, 200_000))
    x = np.column_stack([shared, shared, own])  # two bands that are one, and one of its own
    found = commonality(x, shared + own + noise)
    named = dict(zip(found["subsets"], found["part"], strict=True))
    assert named[0, 1] == pytest.approx(1 / 3, abs=0.01)
    assert named[2,] == pytest.approx(1 / 3, abs=0.01)
    assert named[0,] == pytest.approx(0, abs=1e-9) and named[1,] == pytest.approx(0, abs=1e-9)
    suppressor = commonality(np.column_stack([shared + own, own]), shared)
    assert suppressor["part"][2] == pytest.approx(0.5 - 1, abs=0.01)  # R² is .5 alone, 0 alone, 1 together


def test_chance_is_in_the_unique_parts_and_the_degrees_of_freedom_take_it_out():
    rng = np.random.default_rng(3)
    raw, reduced = [], []
    for _ in range(1500):
        x, y = rng.standard_normal((60, 5)), rng.standard_normal(60)
        raw.append(commonality(x, y)["part"])
        found = commonality(x, y, degrees_of_freedom=59)
        reduced.append(found["part"])
        assert found["part"].sum() == pytest.approx(found["total"], abs=1e-12)
    raw, reduced = np.array(raw), np.array(reduced)
    # One 59th for each of five, nothing for the other 26; standard errors over 1500 simulations.
    expected = np.r_[np.full(5, 1 / 59), np.zeros(26)]
    for found, truth in ((raw, expected), (reduced, np.zeros(31))):
        z = (found.mean(axis=0) - truth) / (found.std(axis=0) / np.sqrt(1500))
        assert np.abs(z).max() < 4


def test_parts_of_any_measure():
    x, y = five_bands(np.random.default_rng(4))
    found = commonality(x, y)
    twice = parts(found["subsets"], np.column_stack([found["r2"], 2 * found["r2"]]))
    np.testing.assert_allclose(twice, np.column_stack([found["part"], 2 * found["part"]]), atol=1e-12)
    with pytest.raises(ValueError, match="not all of 5"):
        parts(found["subsets"][3:], found["r2"][3:])


def test_what_cannot_be_split_is_refused():
    x, y = five_bands(np.random.default_rng(5))
    with pytest.raises(InputError, match="600 volumes and the BOLD 599"):
        commonality(x, y[1:])
    with pytest.raises(InputError, match="5 degrees of freedom are too few for 5"):
        commonality(x, y, degrees_of_freedom=5)
    for bad in (3.0, np.nan):
        broken = x.copy()
        broken[:, 1] = bad
        with pytest.raises(InputError, match="constant or not finite"):
            commonality(broken, y)
