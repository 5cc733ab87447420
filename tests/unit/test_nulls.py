"""Nulls: p-values hold their level on series without any relation, singly and as families."""

from __future__ import annotations

import numpy as np
import pytest
from mediated import band_basis, band_limited, loadings, scan
from scipy import signal, stats

from lfpbold.bold.cleaning import band_pass
from lfpbold.bold.projector import Projector
from lfpbold.coupling.correlation import correlate, lagged_r
from lfpbold.errors import InputError
from lfpbold.hemodynamics.hrf import averaged_over
from lfpbold.networks.maps import seed_map, spatial_r
from lfpbold.nulls import tests as null_tests
from lfpbold.stats.tests import permutation_p


def level(p, n_se=3.5):
    """Share of p ≤ .05, and how far binomial error lets it stray from .05."""
    p = np.asarray(p)
    return np.mean(p <= 0.05), n_se * np.sqrt(0.05 * 0.95 / p.size)


def red(n_volumes, m, rng, ar=0.5):
    """Series of a first-order autoregression, with frequencies in and outside the band."""
    return signal.lfilter([1], [1, -ar], rng.standard_normal((n_volumes + 200, m)), axis=0)[200:]


def projection(n_volumes, rng, censored=0.0):
    """0.01–0.1 Hz beside six random walks, without a share of the volumes in blocks of 3 to 12; and what is kept."""
    kept = np.ones(n_volumes, dtype=bool)
    while (~kept).mean() < censored:
        start = rng.integers(n_volumes)
        kept[start : start + rng.integers(3, 13)] = False
    nuisance = np.cumsum(rng.standard_normal((n_volumes, 6)), axis=0)
    return Projector(n_volumes, 1.0, (0.01, 0.1), nuisance, kept), kept


def rates_of_families(n_volumes, n_scans, rng, censored=0.0, ar=0.5, n=99, before=False):
    """Share of scans without any relation in which the best of 41 lags, or of 100 alike bins, has p ≤ .05."""
    times, lags, found = np.arange(0.5, n_volumes, 0.5), np.arange(-20.0, 21), []
    for i in range(n_scans):
        if i % 20 == 0:
            projector, kept = projection(n_volumes, rng, censored)
        volumes = np.arange(n_volumes)[kept] + 0.5
        seed = projector.apply(red(n_volumes, 1, rng, ar)[kept])[:, 0]
        power = red(times.size, 1, rng, np.sqrt(ar))
        r = lagged_r(power, times, seed, volumes, lags, apply_bold_filter=projector.apply)[:, 0]
        options = {
            "basis": projector.basis,
            "apply_bold_filter": projector.apply,
            "draw": "power" if before else "seed",
        }
        null = null_tests.lagged_null(power, times, seed, volumes, lags, n, rng, **options)[..., 0]
        alike = signal.lfilter(np.ones(10), [1], red(n_volumes, 110, rng, ar), axis=1)[:, 10:]
        raw = alike + 2 * red(n_volumes, 1, rng, ar)
        bins, options = projector.apply(raw[kept]), {"raw": raw, "kept": kept} if before else {}
        null_bins = null_tests.temporal_null(bins, seed, n, rng, basis=projector.basis, **options)
        r_bins = correlate(bins, seed)[:, 0]
        found.append([null_tests.max_statistic(r, null).min(), null_tests.max_statistic(r_bins, null_bins).min()])
    return np.mean(np.array(found) <= 0.05, axis=0)


def rates_through_gaps(n_volumes, n_scans, rng, censored, ar, n=99, before=False):
    """Share of false p in time (phase, shift, family-wise over bands) and in space."""
    found = []
    for i in range(n_scans):
        if i % 20 == 0:
            projector, kept = projection(n_volumes, rng, censored)
        bold, seed, _ = scan(n_volumes, loadings(30, rng), rng, make=lambda k, m, g: red(k, m, g, ar))
        raw = red(n_volumes, 3, rng, ar)
        bold, x = projector.apply(bold[kept]), projector.apply(raw[kept])
        options = {"basis": projector.basis} | ({"raw": raw, "kept": kept} if before else {})
        in_time = null_tests.temporal_p(x, bold[:, seed].mean(axis=1), n, rng, shortest=1, **options)
        in_space = null_tests.spatial_p(bold, seed, x, n, rng, **options)
        names = ("p_phase", "p_shift", "p_phase_max")
        found.append([*(in_time[name].min() if "max" in name else in_time[name][0] for name in names)])
        found[-1] += [in_space["p"][0], in_space["p_max"].min()]
    return np.mean(np.array(found) <= 0.05, axis=0)


def test_p_upper_counts_the_observed_value_as_one_of_the_null():
    null = np.arange(99.0)
    assert permutation_p(1000, null) == 0.01
    assert permutation_p(-1, null) == 1
    assert permutation_p([98.0, 97.0], np.column_stack([null, null])).tolist() == [0.02, 0.03]
    assert np.isnan(permutation_p(np.nan, null))


def test_against_gives_exact_ranks():
    found = null_tests.compare_with_null(0.0, np.arange(1.0, 100))
    assert (found["percentile"], found["p_upper"], found["p"]) == (0.005, 1.0, 0.02)
    assert found["expected"] == 50
    tied = null_tests.compare_with_null(1.0, np.ones(9))
    assert (tied["percentile"], tied["p"]) == (0.5, 1.0)
    assert np.isnan(null_tests.compare_with_null(np.nan, np.arange(3.0))["p"])


def test_percentiles_of_exchangeable_values_are_uniform():
    rng = np.random.default_rng(1)
    found = [null_tests.compare_with_null(*_split(rng.standard_normal(100))) for _ in range(2000)]
    assert stats.kstest([f["percentile"] for f in found], "uniform").pvalue > 0.001
    for name in ("p", "p_upper"):
        share, reach = level([f[name] for f in found])
        assert abs(share - 0.05) < reach


def _split(values):
    return values[0], values[1:]


def test_max_statistic_is_bonferroni_for_independent_values():
    rng = np.random.default_rng(2)
    null = rng.standard_normal((100000, 30))
    observed = stats.norm.isf(np.array([0.001, 0.0001]) / 2)
    p = null_tests.max_statistic(np.r_[observed, np.zeros(28)], null)
    assert p[:2] == pytest.approx(1 - (1 - np.array([0.001, 0.0001])) ** 30, rel=0.2)
    assert (p[2:] == 1).all()


def test_max_statistic_of_one_value_is_its_own_p():
    null = np.random.default_rng(3).standard_normal((500, 1))
    assert null_tests.max_statistic([1.3], null) == permutation_p(1.3, np.abs(null[:, 0]))


def test_max_statistic_leaves_out_what_is_not_there():
    assert null_tests.max_statistic([0.5, np.nan], [[0.1, np.nan], [0.7, np.nan]])[0] == pytest.approx(2 / 3)
    assert np.isnan(null_tests.max_statistic([0.5, np.nan], [[0.1, np.nan]])[1])


def test_temporal_p_holds_its_level_on_band_limited_series():
    rng = np.random.default_rng(4)
    found, basis = [], band_basis(300)
    for _ in range(400):
        x = band_limited(300, 4, rng)
        found.append(null_tests.temporal_p(x[:, 1:], x[:, 0], 199, rng, shortest=50, basis=basis))
    for name in ("p_phase", "p_shift"):
        share, reach = level([f[name][0] for f in found])
        assert abs(share - 0.05) < reach, name
    share, reach = level([f["p_phase_max"].min() for f in found])
    assert abs(share - 0.05) < reach


def test_odd_padding_makes_false_positives():
    """What the surrogates' own page says: ends that the filter makes large in both series are no coupling."""
    rng = np.random.default_rng(15)
    found = {"odd": [], "even": []}
    for _ in range(150):
        white = rng.standard_normal((300, 2))
        for padding, p in found.items():
            x = band_pass(white, 1.0, (0.01, 0.1), padding=padding)
            p.append(null_tests.temporal_p(x[:, :1], x[:, 1], 99, rng)["p_phase"][0])
    assert np.mean(np.array(found["odd"]) <= 0.05) > 0.11
    assert abs(level(found["even"])[0] - 0.05) < level(found["even"])[1]


def test_temporal_p_finds_what_is_there():
    rng = np.random.default_rng(5)
    x = band_limited(600, 2, rng)
    found = null_tests.temporal_p(np.column_stack([x[:, 0] + x[:, 1], x[:, 1]]), x[:, 0], 199, rng)
    assert found["p_phase"][0] == found["p_shift"][0] == found["p_phase_max"][0] == 1 / 200
    assert found["r"] == pytest.approx(correlate(x[:, 0], np.column_stack([x[:, 0] + x[:, 1], x[:, 1]]))[0])


def test_family_wise_p_knows_that_bins_are_alike():
    """Thirty copies of one bin are one test: the family-wise p is that of the single one."""
    rng = np.random.default_rng(6)
    x = band_limited(300, 2, rng)
    found = null_tests.temporal_p(np.repeat(x[:, [1]], 30, axis=1), x[:, 0], 199, rng)
    assert found["p_phase_max"] == pytest.approx(found["p_phase"])


def test_lagged_null_is_the_lagged_correlation_of_surrogates():
    rng = np.random.default_rng(7)
    times, volumes = np.arange(0.5, 300, 0.1), np.arange(300.0)[rng.random(300) < 0.9]
    power, lags = rng.standard_normal((times.size, 2)), np.arange(-5.0, 6)
    null = null_tests.lagged_null(power, times, np.sin(volumes / 9), volumes, lags, 3, np.random.default_rng(0))
    drawn = null_tests.surrogates_of(np.sin(volumes / 9), 3, np.random.default_rng(0), "phase", 100)
    for j in range(3):
        np.testing.assert_allclose(null[j], lagged_r(power, times, drawn[:, j], volumes, lags), atol=1e-12)


@pytest.mark.parametrize("how", ["phase", "shift"])
def test_lagged_null_goes_through_the_projector_like_the_data(how):
    rng = np.random.default_rng(17)
    projector, kept = projection(200, rng, 0.15)
    times, volumes = np.arange(0.5, 200, 0.1), np.arange(200.0)[kept]
    power, lags = rng.standard_normal((times.size, 2)), np.arange(-20.0, 21, 4)
    seed = projector.apply(red(200, 1, rng)[kept])[:, 0]
    options = {"how": how, "basis": projector.basis}
    null = null_tests.lagged_null(
        power, times, seed, volumes, lags, 3, np.random.default_rng(0), apply_bold_filter=projector.apply, **options
    )
    drawn = null_tests.surrogates_of(seed, 3, np.random.default_rng(0), how, 100, projector.basis)
    np.testing.assert_allclose(projector.apply(drawn), drawn, atol=1e-10)
    for j in range(3):
        expected = lagged_r(power, times, drawn[:, j], volumes, lags, apply_bold_filter=projector.apply)
        np.testing.assert_allclose(null[j], expected, atol=1e-12)
    of_power = null_tests.lagged_null(
        power,
        times,
        seed,
        volumes,
        lags,
        3,
        np.random.default_rng(0),
        apply_bold_filter=projector.apply,
        draw="power",
        **options,
    )
    for j in range(3):
        made = np.column_stack(
            [one[:, j] for one in null_tests.level_surrogates(power, 3, np.random.default_rng(0), how, 1000)]
        )
        expected = lagged_r(made, times, seed, volumes, lags, apply_bold_filter=projector.apply)
        np.testing.assert_allclose(of_power[j], expected, atol=1e-12)


def test_family_wise_p_over_lags_holds_its_level():
    rng = np.random.default_rng(8)
    times, lags, found = np.arange(300.0), np.arange(-20.0, 21, 2), []
    for _ in range(200):
        x = band_limited(300, 2, rng)
        r = lagged_r(x[:, :1], times, x[:, 1], times, lags)[:, 0]
        null = null_tests.lagged_null(x[:, :1], times, x[:, 1], times, lags, 99, rng)[..., 0]
        found.append(null_tests.max_statistic(r, null).min())
    share, reach = level(found)
    assert abs(share - 0.05) < reach


def test_spatial_r_without_maps_is_that_of_maps():
    rng = np.random.default_rng(9)
    bold, seed, _ = scan(200, loadings(50, rng), rng)
    x, rim = band_limited(200, 3, rng), np.arange(50) < 9
    bold[:, 30] = 1.0  # a constant voxel belongs to no map
    for exclude in (None, rim):
        found = null_tests.spatial_p(bold, seed, x, 5, rng, exclude=exclude)
        use = np.ones(50, bool) if exclude is None else ~rim
        expected = [spatial_r(lfp[use], seed_map(bold, seed)[use]) for lfp in correlate(x, bold)]
        assert found["r"] == pytest.approx(expected, abs=1e-12)
        assert found["null"].shape == (5, 3)


def test_spatial_p_holds_its_level():
    rng = np.random.default_rng(10)
    found, basis = [], band_basis(300)
    for _ in range(250):
        bold, seed, _ = scan(300, loadings(40, rng), rng)
        found.append(null_tests.spatial_p(bold, seed, band_limited(300, 3, rng), 99, rng, basis=basis))
    share, reach = level([f["p"][0] for f in found])
    assert abs(share - 0.05) < reach
    share, reach = level([f["p_max"].min() for f in found])
    assert abs(share - 0.05) < reach


def test_same_generator_same_bytes():
    x = band_limited(100, 3, np.random.default_rng(0))
    first, second = (null_tests.temporal_p(x[:, 1:], x[:, 0], 20, np.random.default_rng(5)) for _ in range(2))
    assert all((first[name] == second[name]).all() for name in first)


def test_too_few_voxels_are_said():
    rng = np.random.default_rng(14)
    bold, seed, _ = scan(100, loadings(10, rng), rng)
    with pytest.raises(InputError, match="fewer than three voxels"):
        null_tests.spatial_p(bold, seed, band_limited(100, 1, rng), 5, rng, exclude=np.arange(10) < 8)


def test_families_hold_their_level_through_the_projector():
    rates = rates_of_families(300, 100, np.random.default_rng(18), n=39)
    assert (np.abs(rates - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 100)).all(), rates


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_volumes", "ar", "before", "highest"),
    [(300, 0.5, False, 0.065), (300, 0.9, True, 0.065), (1200, 0.5, False, 0.065), (300, 0.9, False, 0.125)],
)
def test_families_hold_their_level_through_the_projector_in_many_scans(n_volumes, ar, before, highest):
    """Within [.035, .065], but for a steep spectrum whose surrogates are drawn after the projector.

    The bounds are widened by twice the standard error of a share in 1500 simulations.
    """
    rates = rates_of_families(n_volumes, 1500, np.random.default_rng(19), 0.0, ar, n=39, before=before)
    print(rates)
    assert ((rates > 0.035 - 0.011) & (rates < highest + 0.011)).all(), rates


def test_volumes_left_out_do_no_harm():
    rates = rates_through_gaps(300, 100, np.random.default_rng(20), 0.15, 0.9, n=39, before=True)
    assert (np.abs(rates - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / 100)).all(), rates


@pytest.mark.slow
@pytest.mark.parametrize("censored", [0.0, 0.15])
@pytest.mark.parametrize(
    ("ar", "before", "highest"), [(0.5, True, 0.065), (0.9, True, 0.065), (0.5, False, 0.1), (0.9, False, 0.13)]
)
def test_volumes_left_out_do_no_harm_in_many_scans(censored, ar, before, highest):
    """What raises the level is nuisance and a spectrum that is steep within the band, not the volumes left out."""
    rates = rates_through_gaps(300, 1500, np.random.default_rng(21), censored, ar, n=39, before=before)
    print(rates)
    assert ((rates > 0.035) & (rates < highest)).all(), rates


@pytest.mark.parametrize("how", ["phase", "shift"])
def test_surrogates_of_raw_regressors_share_their_draws(how):
    rng = np.random.default_rng(22)
    projector, kept = projection(200, rng, 0.1)
    raw = red(200, 1, rng) * [1.0, -2.0, np.nan] + np.linspace(0, 9, 200)[:, None]
    seed = projector.apply(red(200, 1, rng)[kept])[:, 0]
    null = null_tests.temporal_null(None, seed, 20, rng, how, 20, projector.basis, raw, kept)
    np.testing.assert_allclose(null[:, 0], -null[:, 1], atol=1e-12)
    assert np.isnan(null[:, 2]).all() and null[:, 0].std() > 0.02


@pytest.mark.parametrize("draw", ["seed", "power"])
def test_lagged_null_counts_the_half_frame_at_either_end_of_the_power(draw):
    """Frames at 0.05, 0.15, … 59.95 s stand for 0 to 60 s: volumes at 0 and at 60 s are within them."""
    rng = np.random.default_rng(23)
    times, volumes = 0.05 + 0.1 * np.arange(600), np.arange(60.0)
    power, seed, lags = rng.standard_normal((600, 1)), rng.standard_normal(60), [51.0, 50.0, 0.0, -51.0, -52.0]
    null = null_tests.lagged_null(power, times, seed, volumes, lags, 2, np.random.default_rng(0), draw=draw)[..., 0]
    # Of sixty volumes 9, 10, 60, 10 and 9 have power of that age; ten are needed.
    assert np.isfinite(null).tolist() == [[False, True, True, True, False]] * 2
    if draw == "seed":
        drawn = null_tests.surrogates_of(seed, 2, np.random.default_rng(0), "phase", 100)
        for column, lag in ((1, 50.0), (2, 0.0), (3, -51.0)):
            inside = (volumes - lag >= 0) & (volumes - lag <= 60)
            at_lag = averaged_over(power, times, 1.0)(volumes[inside] - lag)[:, 0]
            expected = [stats.pearsonr(at_lag, one)[0] for one in drawn[inside].T]
            np.testing.assert_allclose(null[:, column], expected, atol=1e-12)


def test_interval_of_a_null_is_its_central_quantiles():
    found = null_tests.compare_with_null(3.0, np.arange(101.0))
    assert (found["null_low"], found["null_high"]) == pytest.approx((2.5, 97.5))
    found = null_tests.compare_with_null(3.0, np.arange(101.0), 0.5)
    assert (found["null_low"], found["null_high"]) == pytest.approx((25, 75))


def test_mean_of_the_seed_does_not_count_where_the_projector_leaves_a_constant():
    raw, seed = np.random.default_rng(24).standard_normal((2, 80))
    basis = np.eye(80)  # that of a projector which leaves everything
    null = null_tests.temporal_null(None, seed + 100, 5, np.random.default_rng(0), basis=basis, raw=raw[:, None])
    draws = np.random.default_rng(np.random.default_rng(0).integers(2**63))
    drawn = null_tests.surrogates_of(signal.detrend(raw), 5, draws, "phase", 100)
    np.testing.assert_allclose(null[:, 0], [stats.pearsonr(one, seed)[0] for one in drawn.T], atol=1e-12)


def test_three_voxels_are_enough_for_a_spatial_p():
    rng = np.random.default_rng(25)
    bold, seed, _ = scan(100, loadings(10, rng), rng)
    x, rim = band_limited(100, 1, rng), np.arange(10) < 7
    found = null_tests.spatial_p(bold, seed, x, 5, rng, exclude=rim)
    maps = [[stats.pearsonr(series, voxel)[0] for voxel in bold[:, 7:].T] for series in (x[:, 0], bold[:, :4].mean(1))]
    assert found["r"] == pytest.approx(stats.pearsonr(*maps)[0], abs=1e-10)
