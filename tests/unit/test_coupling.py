"""Correlation, its significance and its lags against SciPy, closed forms and shifted copies."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, special, stats

from lfpbold.bold.cleaning import band_pass
from lfpbold.coupling.correlation import (
    correlate,
    correlate_ranks,
    effective_n,
    lagged_r,
    lags,
    p_value,
    temporal,
)
from lfpbold.errors import InputError
from lfpbold.hemodynamics.hrf import averaged_over, convolve, spm_hrf


def test_correlations_are_those_of_scipy():
    rng = np.random.default_rng(0)
    a = rng.standard_normal((60, 3)) * [1, 1e-7, 1e7] + [0, 5e-7, 1e8]
    b = rng.standard_normal((60, 4)) + a[:, [0]]
    a[:5, 0] = a[0, 0]  # ties
    for i in range(3):
        for j in range(4):
            assert correlate(a, b)[i, j] == pytest.approx(stats.pearsonr(a[:, i], b[:, j])[0], abs=1e-9)
            assert correlate_ranks(a, b)[i, j] == pytest.approx(stats.spearmanr(a[:, i], b[:, j])[0], abs=1e-12)
    assert correlate(a[:, 0], b[:, 0]).shape == (1, 1)


def test_what_has_no_correlation_is_nan():
    rng = np.random.default_rng(0)
    good, constant, broken = rng.standard_normal(50), np.full(50, 0.1), rng.standard_normal(50)
    broken[7] = np.nan
    pair = np.column_stack([good, constant, broken])
    for measure in (correlate, correlate_ranks):
        got = measure(pair, pair)
        assert got[0, 0] == pytest.approx(1)
        assert np.isnan(np.delete(got.ravel(), 0)).all()
    with pytest.raises(InputError, match="50 volumes and the BOLD 49"):
        correlate(good, good[1:])


def test_effective_n_of_white_series_is_their_length():
    rng = np.random.default_rng(0)
    found = [effective_n(*rng.standard_normal((2, 2000))) for _ in range(50)]
    # The sum of 500 products of autocorrelations, each of variance 1/n², has standard deviation 2√500/2000 = 0.022.
    assert np.mean(found) == pytest.approx(2000, rel=0.02)


@pytest.mark.parametrize(("a", "b"), [(0.8, 0.8), (0.9, 0.5), (0.8, -0.5), (0.9, 0.0)])
def test_effective_n_of_autoregressive_pairs_has_its_closed_form(a, b):
    rng, n = np.random.default_rng(1), 4000
    found = [
        effective_n(*(signal.lfilter([1], [1, -c], rng.standard_normal(n + 200))[200:] for c in (a, b)))
        for _ in range(40)
    ]
    # 1/n_eff = (1 + ab)/(1 − ab)/n; estimated autocorrelations scatter it by a few per cent, over 40 pairs less.
    # Where the product is negative there are more than n; that is not claimed.
    assert np.mean(found) == pytest.approx(min(n, n * (1 - a * b) / (1 + a * b)), rel=0.04)


def test_p_of_white_series_is_scipy_s():
    x, y = np.random.default_rng(2).standard_normal((2, 80)) + np.linspace(0, 1, 80)
    r, p = stats.pearsonr(x, y)
    assert p_value(r, 80) == pytest.approx(p, rel=1e-9)
    np.testing.assert_allclose(p_value([0.0, 1.0, -1.0], [50, 50, 50]), [1, 0, 0], atol=1e-300)
    assert p_value(-r, 80) == p_value(r, 80)
    assert p_value(r, 10) > p_value(r, 80)


@pytest.mark.parametrize(("padding", "filter_regressor"), [("odd", False), ("even", False), ("odd", True)])
def test_under_the_null_p_is_below_five_per_cent_in_five_per_cent(padding, filter_regressor):
    rng, n, pairs = np.random.default_rng(3), 600, 1500
    bold = band_pass(rng.standard_normal((n, pairs)), 1.0, (0.01, 0.1), padding=padding)
    regressors = convolve(rng.standard_normal((n * 4, pairs)), spm_hrf(0.25, (4, 4, 1, 1, 6, 0, 32)))[::4]
    if filter_regressor:
        regressors = band_pass(regressors, 1.0, (0.01, 0.1), padding=padding)
    r = np.array([correlate(regressors[:, i], bold[:, i])[0, 0] for i in range(pairs)])
    n_eff = np.array([effective_n(regressors[:, i], bold[:, i]) for i in range(pairs)])
    false = (p_value(r, n_eff) < 0.05).mean()
    # Binomial standard error √(.05 × .95/1500) = .0056, three of them; .01 more because padding inflates the edges, to
    # which an autocorrelation over the whole series is blind.
    assert 0.05 - 0.017 < false < 0.05 + 0.027
    assert (p_value(r, n) < 0.05).mean() > 0.25  # which is what ignoring the autocorrelation would do


def test_temporal_is_the_correlation_with_the_p_of_its_independent_samples():
    """Autocorrelated series: Bartlett's sum written out over lags, and p as the incomplete beta function."""
    rng, n = np.random.default_rng(4), 300
    slow = signal.lfilter([1], [1, -0.8], rng.standard_normal((2, n)))
    seed = slow[0]
    regressors = np.column_stack([seed + 2 * slow[1], -seed, np.full(n, np.nan)])
    got = temporal(regressors, seed)
    assert got["n"] == n
    for band in (0, 1):
        x, y = (series - series.mean() for series in (regressors[:, band], seed))
        total = sum((1 - k / n) * (x[k:] @ x[:-k]) / (x @ x) * (y[k:] @ y[:-k]) / (y @ y) for k in range(1, n // 4))
        n_eff = n / (1 + 2 * total)
        assert 3 < n_eff < n / 2
        assert got["n_eff"][band] == pytest.approx(n_eff, rel=1e-9)
        assert got["r"][band] == pytest.approx(stats.pearsonr(x, y)[0], abs=1e-12)
        assert got["r_spearman"][band] == pytest.approx(stats.spearmanr(x, y)[0], abs=1e-12)
    # Of n independent pairs without correlation, 1 − r² is a beta variate of (n − 2)/2 and 1/2.
    r = stats.pearsonr(regressors[:, 0], seed)[0]
    assert got["p"][0] == pytest.approx(special.betainc(got["n_eff"][0] / 2 - 1, 0.5, 1 - r**2), rel=1e-9)
    assert all(np.isnan(got[key][2]) for key in ("r", "r_spearman", "n_eff", "p"))


def test_lags_are_whole_repetition_times_on_both_sides():
    np.testing.assert_allclose(lags(20, 1.0), np.arange(-20, 21))
    np.testing.assert_allclose(lags(20, 2.048792), np.arange(-9, 10) * 2.048792)
    np.testing.assert_allclose(lags(0.3, 0.1), [-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3], atol=1e-15)


def test_power_faster_than_the_tr_is_averaged_over_it_before_it_is_sampled():
    """At one moment of each volume it is mostly what folds back: r would be .58."""
    rng = np.random.default_rng(0)
    tr_s, times = 1.5, np.arange(500 * 75) / 50
    power = np.interp(times, np.arange(0, 760, 2.0), rng.standard_normal(380)) + 1.5 * rng.standard_normal(times.size)
    volumes = tr_s * (np.arange(500) + 0.5)
    running = np.convolve(power, np.ones(75) / 75, "same")
    bold = np.interp(volumes - 3, times, running) + 0.3 * rng.standard_normal(500)
    steps = lags(6, tr_s)
    r = lagged_r(power[:, None], times, bold, volumes, steps)[:, 0]
    assert steps[r.argmax()] == 3.0 and r.max() == pytest.approx(0.928, abs=0.002)
    of_mean = np.corrcoef(np.interp(volumes[5:] - 3, times, running), bold[5:])[0, 1]
    assert r.max() == pytest.approx(of_mean, abs=0.005)
    kept = np.arange(500) % 3 == 0  # the window is the TR, whichever volumes are kept
    of_kept = lagged_r(power[:, None], times, bold[kept], volumes[kept], [3.0], tr_s=tr_s)[0, 0]
    assert of_kept == pytest.approx(0.928, abs=0.03)


def test_an_average_over_a_window_is_the_integral_of_its_frames():
    """Windows that are no whole number of frames, that are shorter than one, and that leave the recording."""
    rng, times = np.random.default_rng(1), 0.05 + 0.1 * np.arange(200)
    series = 1e6 + rng.standard_normal((200, 2))
    fine = np.repeat(series, 1000, axis=0)  # each frame in steps of 0.1 ms
    for width, wanted in ((0.7321, 4.3217), (0.01, 3.333), (1.0, 0.2), (1.0, 19.9)):
        inside = slice(max(round((wanted - width / 2) * 1e4), 0), round((wanted + width / 2) * 1e4))
        expected = fine[inside].mean(axis=0)
        np.testing.assert_allclose(averaged_over(series, times, width)([wanted])[0], expected, atol=2e-3)
    np.testing.assert_array_equal(averaged_over(series, times, 1.0)([-9.0, 99.0]), series[[0, -1]])


@pytest.mark.parametrize("delay_s", [-6.0, 0.0, 3.0])
@pytest.mark.parametrize("censored", [False, True])
def test_bold_that_follows_power_peaks_at_its_own_positive_lag(delay_s, censored):
    rng = np.random.default_rng(5)
    times = 0.5 + 0.1 * np.arange(4000)
    power = band_pass(rng.standard_normal((4000, 2)), 0.1, (0.01, 0.3))
    volumes = np.arange(30.0, 370.0)
    if censored:  # 40 % go, in blocks; what is left must be compared at its own times
        volumes = volumes[np.repeat(rng.random(34) > 0.4, 10)]
    seed = averaged_over(power, times, 1.0)(volumes - delay_s)[:, 0]
    steps = lags(10, 1.0)
    got = lagged_r(power, times, seed, volumes, steps)
    assert steps[got[:, 0].argmax()] == delay_s
    assert got[:, 0].max() == pytest.approx(1, abs=1e-9)
    assert np.abs(got[:, 1]).max() < 0.5


def test_lags_that_leave_the_recording_use_the_volumes_that_stay_in_it():
    rng = np.random.default_rng(6)
    times = 0.05 + 0.1 * np.arange(600)
    power, volumes = rng.standard_normal((600, 1)), np.arange(60.0)
    seed = rng.standard_normal(60)
    got = lagged_r(power, times, seed, volumes, [-55.0, -10.2, -10.0, 0.0, 10.0, 10.2])[:, 0]
    assert np.isnan(got[0])  # five volumes are left
    for value, lag in zip(got[1:], (-10.2, -10.0, 0.0, 10.0, 10.2), strict=True):
        wanted = volumes - lag
        inside = (wanted >= 0) & (wanted <= 60)  # what the frames stand for, with their half steps
        expected = stats.pearsonr(averaged_over(power, times, 1.0)(wanted[inside])[:, 0], seed[inside])[0]
        assert value == pytest.approx(expected, abs=1e-12)


def test_bartlett_does_not_see_the_edges_that_default_padding_inflates_in_both_series():
    """What docs/validation.md warns of: 12 % false positives at .05 with `odd`, the level held with `even`.

    800 pairs: a rate of .12 has a standard error of .011, one of .05 of .008; three of them each.
    """
    rng = np.random.default_rng(3)
    rate = {}
    for padding in ("odd", "even"):
        pairs = (band_pass(rng.standard_normal((1200, 2)), 1.0, (0.01, 0.1), padding=padding) for _ in range(800))
        rate[padding] = np.mean([temporal(pair[:, :1], pair[:, 1])["p"][0] < 0.05 for pair in pairs])
    assert abs(rate["odd"] - 0.12) < 0.033
    assert abs(rate["even"] - 0.05) < 0.024


@pytest.mark.parametrize("n", [8, 20])
def test_effective_n_of_a_short_series_that_alternates_has_its_closed_form(n):
    """Of +1, −1, +1, … the autocorrelation is ±(1 − k/n): n/(1 + 2 Σ (1 − k/n)³), with k below n/4."""
    x = (-1.0) ** np.arange(n)
    expected = n / (1 + 2 * sum((1 - k / n) ** 3 for k in range(1, max(2, n // 4))))
    assert 3 < expected < 3.5  # far below ten, and no less than what is claimed at least
    assert effective_n(x, x) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", [13, 37, 62, 67, 302, 600, 1005])
def test_effective_n_by_the_plain_sum_of_products_whatever_the_length(n):
    """Lengths of which the fast transform of twice as many samples is odd, and others: `numpy.correlate` of both."""
    x, y = signal.lfilter([1], [1, -0.8], np.random.default_rng(n).standard_normal((2, n)), axis=1)
    lags = np.arange(1, max(2, n // 4))

    def autocorrelation(series):
        full = np.correlate(series - series.mean(), series - series.mean(), "full")[n - 1 :]
        return full[lags] / full[0]

    inflation = 1 + 2 * np.sum((1 - lags / n) * autocorrelation(x) * autocorrelation(y))
    assert effective_n(x, y) == pytest.approx(min(n, max(3, n / inflation)), rel=1e-9)


def test_effective_n_sums_autocorrelations_to_a_quarter_of_the_series():
    n = 60
    x, y = np.arange(n) - (n - 1) / 2, np.sin(np.pi * (np.arange(n) - (n - 1) / 2) / n)  # two slow trends
    total = 0.0
    for k in range(1, n // 4):
        total += (1 - k / n) * (x[k:] @ x[:-k]) / (x @ x) * (y[k:] @ y[:-k]) / (y @ y)
    expected = n / (1 + 2 * total)
    assert 3 < expected < 10
    assert effective_n(x, y + 5) == pytest.approx(expected, rel=1e-12)


def test_effective_n_is_never_below_three():
    x = np.array([1.0, -1, 1, -1, 1, -1])
    assert 6 / (1 + 2 * (5 / 6) ** 3) < 3  # the formula, with one lag
    assert effective_n(x, x) == 3


def test_ten_volumes_must_overlap_at_a_lag():
    rng = np.random.default_rng(7)
    times = 0.05 + 0.1 * np.arange(600)  # frames that stand for 0 to 60 s
    volumes, power, bold = np.arange(60.0), rng.standard_normal((600, 1)), rng.standard_normal(60)
    r = lagged_r(power, times, bold, volumes, [51.0, 50.0, -51.0, -52.0])[:, 0]
    assert np.isfinite(r).tolist() == [False, True, True, False]  # 9, 10, 10 and 9 volumes
    for lag, got in ((50.0, r[1]), (-51.0, r[2])):
        inside = (volumes - lag >= 0) & (volumes - lag <= 60)
        at_lag = averaged_over(power, times, 1.0)(volumes[inside] - lag)[:, 0]
        assert got == pytest.approx(stats.pearsonr(at_lag, bold[inside])[0], abs=1e-12)


def test_p_of_the_fewest_samples_is_that_of_one_degree_of_freedom():
    """Student's t with one degree of freedom is Cauchy's: p = 1 − 2/π arcsin |r|."""
    r = np.array([-0.95, 0.2, 0.7])
    expected = 1 - 2 / np.pi * np.arcsin(np.abs(r))
    np.testing.assert_allclose(p_value(r, np.full(3, 3.0)), expected, rtol=1e-12)
    np.testing.assert_allclose(p_value(r, np.full(3, 2.5)), expected, rtol=1e-12)  # not fewer than one


def test_a_mean_ten_million_times_the_fluctuations_costs_no_digits_that_they_have():
    rng = np.random.default_rng(8)
    a, b = rng.standard_normal((80, 2)), rng.standard_normal((80, 3))
    expected = [[stats.pearsonr(one, other)[0] for other in b.T] for one in a.T]
    # 1e7 is stored to 2e-9, and so are the fluctuations about it.
    np.testing.assert_allclose(correlate(a, b + 1e7), expected, atol=1e-8)
    np.testing.assert_allclose(correlate(a - 1e7, b), expected, atol=1e-8)
