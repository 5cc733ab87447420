"""Tests over scans against SciPy, over animals against their known level, partial correlation against regression."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats

from lfpbold.stats.resampling import jackknife_interval, jackknife_se
from lfpbold.stats.tests import (
    between_states,
    fisher_z,
    mean_and_sem,
    means_by_animal,
    partial_r,
    permutation_p,
    t_half_width,
    t_interval,
    t_test,
)


def test_t_over_scans_and_over_animals_are_those_of_scipy():
    rng = np.random.default_rng(0)
    values, animals = rng.normal(0.2, 0.3, 21), np.array(list("abcdefg") * 3)
    found = t_test(values, animals)
    over_scans = stats.ttest_1samp(values, 0)
    over_animals = stats.ttest_1samp([values[animals == a].mean() for a in "abcdefg"], 0)
    assert (found["t"], found["p"], found["df"]) == pytest.approx((over_scans.statistic, over_scans.pvalue, 20))
    assert (found["t_animals"], found["p_animals"], found["df_animals"]) == pytest.approx(
        (over_animals.statistic, over_animals.pvalue, 6)
    )
    assert (found["n"], found["n_animals"], found["mean"]) == (21, 7, pytest.approx(values.mean()))


def test_a_paired_test_is_the_test_of_differences():
    a, b = np.random.default_rng(1).normal(size=(2, 12))
    paired = stats.ttest_rel(a, b)
    found = t_test(a - b, np.arange(12))
    assert (found["t"], found["p"]) == pytest.approx((paired.statistic, paired.pvalue))
    assert (found["t_animals"], found["p_animals"]) == pytest.approx((paired.statistic, paired.pvalue))


@pytest.mark.parametrize(("icc", "of_scans"), [(0.05, 0.20), (0.1, 0.31), (0.3, 0.52)])
def test_scans_as_the_unit_find_what_is_not_there_and_animals_do_not(icc, of_scans):
    """Six animals of 26 scans under the null: the known rates of false positives, to three standard errors."""
    rng, studies = np.random.default_rng(2), 2000
    animals = np.repeat(np.arange(6), 26)
    found = np.empty((studies, 2))
    for i in range(studies):
        values = np.sqrt(icc) * rng.standard_normal(6)[animals] + np.sqrt(1 - icc) * rng.standard_normal(156)
        test = t_test(values, animals)
        found[i] = test["p"] < 0.05, test["p_animals"] < 0.05
    rate = found.mean(axis=0)
    assert rate[0] == pytest.approx(of_scans, abs=3 * np.sqrt(of_scans * (1 - of_scans) / studies) + 0.005)
    assert rate[1] == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / studies))


@pytest.mark.parametrize("values", [[], [0.3], [0.3, np.nan], [0.2, 0.2, 0.2]])
def test_what_allows_no_test_gives_none(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = t_test(values, np.arange(len(values)))
    assert np.isnan([found["t"], found["p"], found["p_animals"]]).all()
    assert found["n"] == np.isfinite(values).sum()


def test_states_are_compared_by_welch_over_scans_and_in_pairs_over_animals():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.3, 0.1, 12), rng.normal(0.1, 0.3, 9)
    animals_a, animals_b = np.array(list("abcd") * 3), np.array(list("bcx") * 3)
    found = between_states(a, animals_a, b, animals_b, confidence=0.9)
    welch = stats.ttest_ind(b, a, equal_var=False)
    assert (found["t"], found["p"], found["df"]) == pytest.approx((welch.statistic, welch.pvalue, welch.df))
    both = [b[animals_b == x].mean() - a[animals_a == x].mean() for x in "bc"]
    paired = stats.ttest_1samp(both, 0)
    interval = paired.confidence_interval(0.9)
    assert found["n_animals"] == 2
    assert (found["difference_animals"], found["p_animals"]) == pytest.approx((np.mean(both), paired.pvalue))
    assert (found["ci_low"], found["ci_high"]) == pytest.approx((interval.low, interval.high))


def test_states_without_a_common_animal_have_no_paired_test():
    found = between_states([0.1, 0.2], ["a", "a"], [0.3, 0.5], ["b", "b"])
    assert found["n_animals"] == 0
    assert np.isnan([found["ci_low"], found["p_animals"], found["difference_animals"]]).all()
    assert np.isfinite(found["p"])


def test_partial_correlation_is_that_of_residuals():
    x, y, z = np.random.default_rng(4).standard_normal((3, 400))
    x, y = x + 0.8 * z, y - 0.5 * z + 0.3 * x
    design = np.column_stack([np.ones(400), z])
    left = [v - design @ np.linalg.lstsq(design, v, rcond=None)[0] for v in (x, y)]
    r = np.corrcoef([x, y, z])
    assert partial_r(r[0, 1], r[0, 2], r[1, 2]) == pytest.approx(np.corrcoef(*left)[0, 1], rel=1e-10)
    assert np.isnan(partial_r(0.3, 1.0, 0.3))
    many = partial_r([r[0, 1], 0.3], [r[0, 2], 1.0], [r[1, 2], 0.3])  # of whole maps at once
    assert many[0] == pytest.approx(np.corrcoef(*left)[0, 1], rel=1e-10) and np.isnan(many[1])


def test_mean_and_standard_error_skip_what_is_missing():
    values = np.random.default_rng(5).standard_normal((7, 3))
    values[2:, 0] = values[:, 1] = np.nan
    values[0, 1] = 0.5
    mean, sem, count = mean_and_sem(values)
    assert mean == pytest.approx(np.nanmean(values, axis=0))
    assert sem[[0, 2]] == pytest.approx(stats.sem(values[:, [0, 2]], nan_policy="omit"))
    assert np.isnan(sem[1]) and count.tolist() == [2, 1, 7]


def test_fisher_z_stays_finite():
    assert fisher_z([0.5, 1.0, -1.0]) == pytest.approx([np.arctanh(0.5), 14.16, -14.16], abs=0.01)


def test_interval_of_a_mean_is_that_of_scipy():
    values = np.random.default_rng(6).normal(0.3, 0.2, 7)
    for confidence in (0.9, 0.95):
        by_scipy = stats.ttest_1samp(values, 0).confidence_interval(confidence)
        assert t_interval([*values, np.nan, np.inf], confidence) == pytest.approx(tuple(by_scipy), rel=1e-12)
        half_width = t_half_width(stats.sem(values), 6, confidence)
        assert 2 * half_width == pytest.approx(by_scipy.high - by_scipy.low, rel=1e-12)
    assert np.isnan(t_interval([0.4])).all() and np.isnan(t_interval([])).all()


def test_jackknife_of_a_ratio_is_that_of_its_definition():
    """Of a mean it is the standard error of the mean; of any other statistic the sum over deletions."""
    x, y = np.random.default_rng(7).uniform(1, 2, (2, 6))
    deleted = np.array([np.delete(x, i).mean() for i in range(6)])
    assert jackknife_se(deleted) == pytest.approx(stats.sem(x), rel=1e-12)
    assert jackknife_interval(x.mean(), deleted) == pytest.approx(t_interval(x), rel=1e-12)
    ratios = [np.delete(x, i).sum() / np.delete(y, i).sum() for i in range(6)]
    squares = sum((ratio - sum(ratios) / 6) ** 2 for ratio in ratios)
    assert jackknife_se(ratios) == pytest.approx((5 / 6 * squares) ** 0.5, rel=1e-12)
    np.testing.assert_allclose(
        jackknife_se(np.column_stack([ratios, deleted]), axis=0), [jackknife_se(ratios), stats.sem(x)]
    )


def test_p_of_a_null_counts_the_draws_one_by_one():
    rng = np.random.default_rng(8)
    null = rng.integers(-3, 4, (99, 5)).astype(float)  # many ties
    null[:7, 1] = np.nan
    observed = np.array([2.0, -1.0, 0.0, np.nan, -3.0])
    for column, value in enumerate(observed):
        draws = null[:, column]
        large, small = (sum(bool(sign * d >= sign * value) for d in draws) for sign in (1, -1))
        sized = sum(bool(abs(d) >= abs(value)) for d in draws)
        one_side = (1 + min(large, small)) / 100
        expected = {"upper": (1 + large) / 100, "lower": (1 + small) / 100, "absolute": (1 + sized) / 100}
        for tail, p in (expected | {"two-sided": min(1, 2 * one_side)}).items():
            p = np.nan if np.isnan(value) else p
            np.testing.assert_allclose(permutation_p(observed, null, tail)[column], p, err_msg=tail)
            np.testing.assert_allclose(permutation_p(value, draws, tail), p, err_msg=tail)
    with pytest.raises(ValueError, match="choose upper"):
        permutation_p(1.0, [1.0], "both")


def test_one_null_serves_many_observed_values():
    null = np.array([1.0, 2.0, 2.0, np.nan, 5.0])
    assert permutation_p([[2.0, 6.0], [0.0, 5.0]], null).tolist() == [[4 / 6, 1 / 6], [5 / 6, 2 / 6]]


def test_means_by_animal_keep_further_indices():
    values, animals = np.arange(24.0).reshape(4, 3, 2), np.array(["b", "a", "b", "b"])
    np.testing.assert_array_equal(
        means_by_animal(values, animals), [values[1], (values[0] + values[2] + values[3]) / 3]
    )
