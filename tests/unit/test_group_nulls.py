"""Group nulls: loops and closed forms, level under no relation, and which question each p answers."""

from __future__ import annotations

import numpy as np
import pytest
from mediated import band_basis, band_limited
from scipy import stats

from lfpbold.coupling.correlation import correlate
from lfpbold.errors import InputError
from lfpbold.nulls import tests as null_tests
from lfpbold.nulls.group import GroupNull, cross_pairing, over_animals
from lfpbold.stats import animals as of_animals

ANIMALS = np.repeat(list("abcdef"), 4)


def level(p, expected=0.05, n_se=3.5):
    """How far the share of p ≤ .05 is from what is expected, in units of what binomial error allows."""
    p = np.asarray(p)
    return abs(np.mean(p <= 0.05) - expected) / (n_se * np.sqrt(expected * (1 - expected) / p.size))


def summary(scans, animals=ANIMALS):
    group = GroupNull()
    for animal, (r, null) in zip(animals, scans, strict=True):
        group.add(animal, r, null)
    return group.summary()


def test_group_is_that_of_a_loop_with_gaps():
    rng = np.random.default_rng(0)
    animals = ["b", "a", "b", "c", "a", "b"]
    r, null = rng.uniform(-0.8, 0.8, (6, 4)), rng.uniform(-0.8, 0.8, (6, 19, 4))
    r[0, 1] = null[0, :, 1] = np.nan  # a lag without overlap
    null[2, 5, 2] = np.nan  # one draw that is not defined
    r[3, 0] = np.nan  # an animal without a column
    r[:, 3] = np.nan  # a column without scans
    found = summary(zip(r, null, strict=True), animals)
    for column in range(3):
        own, drawn = [], []
        for animal in "abc":
            mine = [
                i
                for i in range(6)
                if animals[i] == animal and np.isfinite(r[i, column]) and np.isfinite(null[i, :, column]).all()
            ]
            if mine:
                own.append(np.mean(np.arctanh(r[mine, column])))
                drawn.append(np.mean(np.arctanh(null[mine, :, column]), axis=0))
        mean, chance = np.mean(own), np.mean(drawn, axis=0)
        assert found["r"][column] == pytest.approx(np.tanh(mean))
        assert found["p"][column] == pytest.approx((1 + (np.abs(chance) >= abs(mean)).sum()) / 20)
        assert found["expected_sd"][column] == pytest.approx(chance.std())
        assert found["animals_of_column"][column] == len(own)
        assert found["p_animals"][column] == pytest.approx(stats.ttest_1samp(own, 0).pvalue)
        interval = stats.ttest_1samp(own, 0).confidence_interval(0.95)
        assert [found["ci_low"][column], found["ci_high"][column]] == pytest.approx(list(interval))
        assert found["p_flip"][column] == pytest.approx(of_animals.sign_flip(own)[0])
    assert found["scans_of_column"].tolist() == [5, 5, 5, 0] and (found["n_scans"], found["n_animals"]) == (6, 3)
    assert found["flip_floor"] == 0.25
    for name in ("r", "p", "p_max", "p_animals", "p_flip", "p_flip_max"):
        assert np.isnan(found[name][3]) and np.isfinite(found[name][:3]).all(), name
    above = np.abs(found["mean"][:3]).max()
    assert (found["p_max"][:3].min() <= 0.05) == (above > np.arctanh(found["threshold"]))


def test_spread_of_the_null_is_that_of_a_mean_over_scans():
    rng = np.random.default_rng(1)
    found = summary([(np.zeros(1), np.tanh(0.2 * rng.standard_normal((4000, 1)))) for _ in ANIMALS])
    assert found["expected_sd"][0] == pytest.approx(0.2 / np.sqrt(24), rel=0.05)
    assert found["threshold"] == pytest.approx(np.tanh(1.96 * 0.2 / np.sqrt(24)), rel=0.06)


def test_flips_of_the_maximum_against_all_patterns():
    rng = np.random.default_rng(2)
    values = rng.standard_normal((5, 7)) + 0.4
    found = over_animals(values)
    signs = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1).T
    largest = np.abs(signs[:, :, None] * values).max(initial=0, axis=(1, 2)) * 0
    for k, pattern in enumerate(signs):
        largest[k] = np.abs((pattern[:, None] * values).mean(axis=0)).max()
    expected = [(largest >= size - 1e-12).mean() for size in np.abs(values.mean(axis=0))]
    assert found["p_flip_max"] == pytest.approx(expected)
    assert found["p_flip"] == pytest.approx([of_animals.sign_flip(column)[0] for column in values.T])
    best = over_animals(np.abs(values) + 1)
    assert best["p_flip_max"].min() == best["flip_floor"] == 2 / 32


def test_many_animals_are_sampled():
    values = np.random.default_rng(3).standard_normal((20, 3)) + np.array([0, 0.5, 1])
    found = over_animals(values, rng=np.random.default_rng(4), n_samples=20000)
    assert found["p_flip"] == pytest.approx(stats.ttest_1samp(values, 0).pvalue, abs=0.02)
    assert (found["p_flip_max"] >= found["p_flip"]).all() and found["flip_floor"] == 1 / 20001
    with pytest.raises(ValueError, match="give rng"):
        over_animals(values)


def scans_without_relation(n_volumes, m, n, rng, between=0.0, n_scans=ANIMALS.size):
    """r and surrogates of m correlated columns; `between`: of how large a coupling each animal's scans share."""
    basis = band_basis(n_volumes)
    own = dict.fromkeys(ANIMALS, 0.0) | {a: between * rng.standard_normal() for a in np.unique(ANIMALS)}
    for animal in ANIMALS[:n_scans]:
        made = band_limited(n_volumes, m + 2, rng)
        x = made[:, :m] + made[:, [m]] + own[animal] * made[:, [m + 1]]
        seed = made[:, m + 1]
        yield correlate(x, seed)[:, 0], null_tests.temporal_null(x, seed, n, rng, basis=basis)


def rates(n_groups, n_volumes, rng, between=0.0, n=99):
    found = [summary(scans_without_relation(n_volumes, 5, n, rng, between)) for _ in range(n_groups)]
    names = ("p", "p_max", "p_animals", "p_flip", "p_flip_max")
    return {name: np.array([f[name].min() if "max" in name else f[name][0] for f in found]) for name in names}


def test_level_without_relation():
    found = rates(150, 120, np.random.default_rng(5))
    for name in ("p", "p_max", "p_animals"):
        assert level(found[name]) < 1, name
    for name in ("p_flip", "p_flip_max"):  # multiples of 1/32: what can be reached below .05 is .03125
        assert level(found[name], 1 / 32) < 1, name


@pytest.mark.slow
def test_level_without_relation_in_longer_scans():
    found = rates(1000, 300, np.random.default_rng(6))
    shares = {name: np.mean(p <= 0.05) for name, p in found.items()}
    assert all(0.03 < shares[name] < 0.07 for name in ("p", "p_max", "p_animals")), shares
    assert all(0.012 < shares[name] < 0.05 for name in ("p_flip", "p_flip_max")), shares


def test_surrogates_answer_for_these_animals_and_flips_for_animals_at_large():
    """Couplings of either sign that differ between animals, zero on average: true of these animals, not of animals."""
    found = rates(100, 120, np.random.default_rng(7), between=1.5, n=49)
    assert np.mean(found["p"] <= 0.05) > 0.3
    assert level(found["p_animals"]) < 1 and level(found["p_flip_max"], 1 / 32) < 1


def test_errors():
    group = GroupNull()
    with pytest.raises(InputError, match="no scan"):
        group.summary()
    with pytest.raises(InputError, match="correlations of shape"):
        group.add("a", [0.1, 0.2], np.zeros((5, 3)))
    group.add("a", [0.1], np.zeros((5, 1)))
    with pytest.raises(InputError, match="as many surrogates"):
        group.add("b", [0.1], np.zeros((6, 1)))
    alone = group.summary()
    assert alone["n_animals"] == 1 and np.isnan([alone["p_animals"][0], alone["p_flip"][0], alone["flip_floor"]]).all()


def test_cross_pairing_against_a_loop():
    rng = np.random.default_rng(11)
    lengths, animals = [200, 190, 210, 200], ["a", "a", "b", "c"]
    x, y = ([rng.standard_normal(n) for n in lengths] for _ in range(2))
    found = cross_pairing(x, y, animals, 50, rng)
    for i in range(4):
        others = [
            np.corrcoef(x[i][:n], y[j][:n])[0, 1]
            for j in range(4)
            if animals[j] != animals[i]
            for n in [min(lengths[i], lengths[j])]
        ]
        own = np.corrcoef(x[i], y[i])[0, 1]
        assert found["r"][i] == pytest.approx(own)
        assert found["p"][i] == pytest.approx((1 + (np.abs(others) >= abs(own)).sum()) / (len(others) + 1))
    with pytest.raises(InputError, match="two animals"):
        cross_pairing(x, y, ["a"] * 4, 5, rng)


def test_cross_pairing_sees_what_all_scans_share():
    """A course that every scan has is no coupling of this scan: surrogates call it one, other scans do not."""
    rng = np.random.default_rng(12)
    common = band_limited(300, 1, rng)[:, 0] * 2
    x, y = (common[:, None] + band_limited(300, 12, rng) for _ in range(2))
    animals = np.repeat(list("abcd"), 3)
    found = cross_pairing(x.T, y.T, animals, 999, rng)
    assert found["p_mean"] > 0.05
    assert null_tests.temporal_p(x, y[:, 0], 199, rng)["p_phase"][0] < 0.05


@pytest.mark.parametrize(("n_animals", "scans"), [(5, 3), (2, 4)])
def test_mean_over_scans_against_random_pairings_holds_its_level(n_animals, scans):
    rng = np.random.default_rng(13)
    animals = np.repeat(list("abcde")[:n_animals], scans)
    found = []
    for _ in range(400):
        x, y = (band_limited(100, animals.size, rng, band_hz=(0.01, 0.3)).T for _ in range(2))
        found.append(cross_pairing(x, y, animals, 199, rng)["p_mean"])
    assert level(found) < 1


def test_two_scans_have_two_orders():
    """Nothing can be significant: the other order is one of two."""
    x = np.random.default_rng(14).standard_normal((2, 100))
    assert cross_pairing(x, x, ["a", "b"], 999, np.random.default_rng(0))["p_mean"] == 0.5
