"""Noise, intervals and averages against closed forms and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lfpbold.networks.averages import average, averaged_map_similarity
from lfpbold.networks.maps import slope, spatial_r
from lfpbold.stats.noise_ceiling import apparent_r, cnr_for, noise_ceiling, noise_curve, simulate_apparent_r
from lfpbold.stats.tests import mean_r, square_interval

ANIMALS = np.repeat(["01", "02", "03", "04", "05"], [4, 3, 5, 2, 4])


def test_closed_form_of_the_noise_has_the_reference_values():
    assert apparent_r(0.95, 1.3) == pytest.approx(0.5968, abs=5e-5)
    assert apparent_r(0.59, 1.3) == pytest.approx(0.3707, abs=5e-5)
    assert cnr_for(0.95, 0.58) == pytest.approx(1.252, abs=5e-4)
    assert cnr_for(0.95, apparent_r(0.95, 0.7)) == pytest.approx(0.7)
    assert np.isnan([cnr_for(0.95, 0.95), cnr_for(0.95, 0.0), cnr_for(0.95, -0.3), cnr_for(0.95, np.nan)]).all()


def test_simulated_noise_follows_the_closed_form():
    cnr = np.arange(0.1, 5.05, 0.1)
    got, _ = simulate_apparent_r(0.95, cnr, n_points=1200, n_trials=159, rng=np.random.default_rng(0))
    expected = apparent_r(0.95, cnr)
    # One correlation of 1200 points has standard error (1 − r²)/√1200, the mean of 159 a twelfth of it; four of those,
    # and 1e-3 for the bias r(1 − r²)/2n of a correlation.
    assert (np.abs(got - expected) < 4 * (1 - expected**2) / np.sqrt(1200 * 159) + 1e-3).all()
    several, _ = simulate_apparent_r([-0.5, 0.0, 0.59], 1.3, n_points=6157, n_trials=50, rng=np.random.default_rng(1))
    np.testing.assert_allclose(several, apparent_r(np.array([-0.5, 0, 0.59]), 1.3), atol=4 / np.sqrt(6157 * 50))


def test_simulated_noise_scatters_like_correlations_and_repeats_with_its_seed():
    one = [
        simulate_apparent_r(0.59, 1.3, n_points=300, n_trials=1, rng=np.random.default_rng(s))[0][0] for s in range(300)
    ]
    assert np.std(one) == pytest.approx((1 - 0.3707**2) / np.sqrt(300), rel=0.15)  # 300 values: 4 % each way
    assert one[0] == simulate_apparent_r(0.59, 1.3, n_points=300, n_trials=1, rng=np.random.default_rng(0))[0][0]


def test_spread_over_trials_is_the_sample_standard_deviation_of_single_correlations():
    """Two trials by NumPy's correlation of the same draws: their spread is |r₁ − r₂|/√2, and one trial has none."""
    rng, r = np.random.default_rng(8), []
    for _ in range(2):
        first, own, noise_x, noise_y = rng.standard_normal((4, 100))
        second = 0.59 * first + np.sqrt(1 - 0.59**2) * own
        r.append(np.corrcoef(first + noise_x / 1.3, second + noise_y / 1.3)[0, 1])
    given = {"n_points": 100, "n_trials": 2, "rng": np.random.default_rng(8)}
    mean, sd = simulate_apparent_r(0.59, 1.3, **given)
    assert (mean[0], sd[0]) == pytest.approx((np.mean(r), abs(r[0] - r[1]) / np.sqrt(2)), abs=1e-12)
    assert np.isnan(simulate_apparent_r(0.59, 1.3, **given | {"n_trials": 1})[1]).all()
    (row,) = noise_curve(true_r=0.59, cnr_range=(1.3, 1.3, 0.1), **given | {"rng": np.random.default_rng(8)})
    assert (row["r"], row["r_sd"]) == pytest.approx((mean[0], sd[0]), abs=1e-12)
    assert (row["cnr"], row["r_closed_form"]) == pytest.approx((1.3, 0.59 / (1 + 1 / 1.69)))


def test_two_animals_have_an_interval_of_one_degree_of_freedom():
    """Student's t with one degree is Cauchy's: its 97.5 % point is tan(.475 π)."""
    reach = np.tan(0.475 * np.pi) * 0.1 / 2  # z of .3 and .4: standard error ½ · .1
    _, low, high = mean_r(np.tanh([0.3, 0.4]), ["01", "02"])
    assert (low, high) == pytest.approx((np.tanh(0.35 - reach), np.tanh(0.35 + reach)))
    maps = np.array([[1.0, 2.0], [3.0, 6.0]])  # means 1.5 and 4.5: jackknife's standard error is half of their distance
    reach = np.tan(0.475 * np.pi) * 3 / 2
    found = averaged_map_similarity(maps, maps, ["01", "02"], measure=lambda a, b: np.mean(a), bounded=False)
    assert found == pytest.approx((3, 3 - reach, 3 + reach))


def test_noise_ceiling_of_the_study():
    got = noise_ceiling(
        0.58, 0.37, true_r=0.95, cnr_range=(0.1, 5.0, 0.1), n_points=1200, n_trials=159, rng=np.random.default_rng(2)
    )
    assert got["cnr_closed_form"] == pytest.approx(1.252, abs=5e-4)
    assert got["true_temporal_closed_form"] == pytest.approx(0.606, abs=5e-4)  # .95 × .37/.58, whatever the CNR
    # The curve of means is known to .002 and climbs by .4 for each unit of CNR there.
    assert got["cnr"] == pytest.approx(1.252, abs=0.02)
    assert got["true_temporal"] == pytest.approx(0.606, abs=0.015)
    assert got["r2"] == pytest.approx(got["true_temporal"] ** 2)


def test_noise_ceiling_knows_when_there_is_no_answer():
    options = {"true_r": 0.95, "cnr_range": (0.1, 5.0, 0.1), "n_points": 200, "n_trials": 20}
    for spatial, temporal in ((0.97, 0.3), (-0.2, 0.3), (np.nan, 0.3)):
        got = noise_ceiling(spatial, temporal, rng=np.random.default_rng(3), **options)
        assert np.isnan([got["cnr"], got["true_temporal"], got["r2"]]).all()
    impossible = noise_ceiling(0.2, 0.6, rng=np.random.default_rng(3), **options)  # would need a true r of 2.85
    assert np.isnan([impossible["true_temporal"], impossible["true_temporal_closed_form"]]).all()
    assert impossible["cnr"] == pytest.approx(cnr_for(0.95, 0.2), abs=0.05)


def test_mean_is_over_scans_and_its_interval_over_animals():
    r = np.tanh(np.random.default_rng(4).normal(0.4, 0.15, ANIMALS.size))
    mean, low, high = mean_r(r, ANIMALS)
    per_animal = [np.arctanh(r[a == ANIMALS]).mean() for a in np.unique(ANIMALS)]
    expected = np.tanh(stats.ttest_1samp(per_animal, 0).confidence_interval(0.95))
    assert mean == pytest.approx(r.mean(), abs=1e-14)
    assert (low, high) == pytest.approx(tuple(expected), abs=1e-12)
    narrow = mean_r(r, ANIMALS, confidence=0.5)
    assert low < narrow[1] < narrow[2] < high


def test_intervals_hold_the_truth_as_often_as_they_say():
    """Six animals with 26 scans each and an intraclass correlation of .3, as in the reference."""
    rng, animals, hits, wrong = np.random.default_rng(5), np.repeat(np.arange(6), 26), 0, 0
    for _ in range(1000):
        r = np.tanh(
            0.3 + 0.1 * (np.sqrt(0.3) * rng.standard_normal(6)[animals] + np.sqrt(0.7) * rng.standard_normal(156))
        )
        _, low, high = mean_r(r, animals)
        hits += low < np.tanh(0.3) < high
        wrong += stats.ttest_1samp(np.arctanh(r), 0.3).pvalue < 0.05
    # Binomial standard error √(.95 × .05/1000) = .007, three of them.
    assert hits / 1000 == pytest.approx(0.95, abs=0.021)
    assert wrong / 1000 > 0.45  # reference: .52 when scans are the unit


def test_mean_without_animals_or_values():
    assert mean_r([0.2, 0.4, np.nan], ["01", "01", "02"])[0] == pytest.approx(0.3)
    assert np.isnan(mean_r([0.2, 0.4, np.nan], ["01", "01", "02"])[1:]).all()
    assert np.isnan(mean_r([], [])).all()
    assert np.isnan(mean_r([np.nan], ["01"])).all()


@pytest.mark.parametrize("bounded", [True, False])
def test_averaged_maps_have_a_jackknife_over_animals(bounded):
    rng = np.random.default_rng(6)
    truth = rng.standard_normal(80)
    a, b = (truth + 2 * rng.standard_normal((ANIMALS.size, 80)) for _ in range(2))
    measure = spatial_r if bounded else slope
    value, low, high = averaged_map_similarity(a, b, ANIMALS, measure=measure, bounded=bounded)
    forward, back = (np.arctanh, np.tanh) if bounded else (lambda x: x, lambda x: x)
    names, left_out = np.unique(ANIMALS), []
    for name in names:
        rows = [i for i, animal in enumerate(ANIMALS) if animal != name]
        left_out.append(forward(measure(a[rows].mean(axis=0), b[rows].mean(axis=0))))
    n = len(names)
    error = np.sqrt((n - 1) / n * sum((x - np.mean(left_out)) ** 2 for x in left_out))
    centre, reach = forward(measure(a.mean(axis=0), b.mean(axis=0))), stats.t.ppf(0.975, n - 1) * error
    assert value == pytest.approx(back(centre), abs=1e-12)
    assert (low, high) == pytest.approx((back(centre - reach), back(centre + reach)), abs=1e-10)
    assert low < value < high


def test_averaged_maps_of_one_animal_have_no_interval():
    a = np.random.default_rng(7).standard_normal((3, 50))
    value, low, high = averaged_map_similarity(a, a, ["01"] * 3)
    assert value == pytest.approx(1) and np.isnan([low, high]).all()


def test_averages_are_missing_where_a_scan_is_missing():
    got = average([[1.0, 2.0, np.nan], [3.0, 5.0, 1.0]])
    np.testing.assert_array_equal(got, [2, 3.5, np.nan])


def test_squared_intervals_begin_at_zero_where_the_interval_holds_zero():
    assert square_interval(0.5, 0.3, 0.7) == pytest.approx((0.25, 0.09, 0.49))
    assert square_interval(-0.5, -0.7, -0.3) == pytest.approx((0.25, 0.09, 0.49))
    assert square_interval(0.1, -0.2, 0.3) == pytest.approx((0.01, 0.0, 0.09))
    assert square_interval(-0.1, -0.4, 0.2) == pytest.approx((0.01, 0.0, 0.16))
    value, low, high = square_interval(0.5, np.nan, np.nan)
    assert value == 0.25 and np.isnan([low, high]).all()
