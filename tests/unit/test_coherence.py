"""Coherence and sliding windows against closed forms, other code, and their levels under the null."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from lfpbold.bold.projector import Projector
from lfpbold.coupling.coherence import _turned_together, coherence, sliding_window
from lfpbold.errors import InputError

BAND = (0.01, 0.1)
PROJECTOR = Projector(1200, 1.0, BAND)
SHORT = Projector(600, 1.0, BAND)


def level(p, n):
    """.05 give or take three binomial standard errors; of 1500 simulations, .015."""
    assert len(p) == n
    reach = 0.015 if n >= 1500 else 3 * np.sqrt(0.05 * 0.95 / n)
    return np.mean(np.asarray(p) <= 0.05) == pytest.approx(0.05, abs=reach)


def pair(r, n, rng, length=1200):
    x, own = rng.standard_normal((2, length, n))
    return x, r * x + np.sqrt(1 - r**2) * own


def test_chance_is_one_over_the_number_of_tapers_and_p_is_uniform():
    rng = np.random.default_rng(0)
    found = [coherence(*rng.standard_normal((2, 1200)), 1.0) for _ in range(400)]
    assert found[0]["n_tapers"] == 11 and found[0]["bias"] == pytest.approx(1 / 11)
    mean = np.array([one["mean"] for one in found])
    assert mean.mean() == pytest.approx(1 / 11, abs=4 * mean.std() / 20)
    above = np.array([one["above_chance"] for one in found])
    assert abs(above.mean()) < 4 * above.std() / 20 and (above < 0).any()
    assert level([one["p_band"] for one in found], 400)
    assert stats.kstest([one["p"][50] for one in found], "uniform").pvalue > 0.001
    assert stats.kstest([one["p_band"] for one in found], "uniform").pvalue > 0.001


@pytest.mark.parametrize("n", [400, pytest.param(1500, marks=pytest.mark.slow)])
def test_p_of_the_band_holds_for_filtered_series(n):
    rng = np.random.default_rng(1)
    x, y = PROJECTOR.apply(rng.standard_normal((1200, n))), PROJECTOR.apply(rng.standard_normal((1200, n)))
    found = [coherence(a, b, 1.0) for a, b in zip(x.T, y.T, strict=True)]
    assert level([one["p_band"] for one in found], n)
    assert np.mean([one["mean"] for one in found]) == pytest.approx(1 / 11, rel=0.03)
    # At the very edge half of the tapers see nothing.
    assert np.mean([one["coherence"][0] for one in found]) > 1.5 / 11


def test_a_quarter_of_the_volumes_missing_leaves_chance_where_it_is():
    rng = np.random.default_rng(2)
    kept = np.ones(1200, bool)
    kept[rng.choice(1200, 300, replace=False)] = False
    projector = Projector(1200, 1.0, BAND, None, kept)
    x, y = (projector.apply(rng.standard_normal((900, 300))) for _ in range(2))
    found = [coherence(a, b, 1.0, kept=kept) for a, b in zip(x.T, y.T, strict=True)]
    assert np.mean([one["mean"] for one in found]) == pytest.approx(1 / 11, rel=0.1)
    assert level([one["p_band"] for one in found], 300)
    with pytest.raises(InputError, match="1200 volumes and the mask 900"):
        coherence(np.zeros(1200), np.zeros(1200), 1.0, kept=kept)


def test_coherence_of_a_known_pair_at_all_frequencies():
    """White series of correlation r have a coherence of r² everywhere, and above chance this is what is left."""
    rng = np.random.default_rng(3)
    x, y = pair(0.6, 200, rng)
    found = [coherence(a, b, 1.0) for a, b in zip(x.T, y.T, strict=True)]
    # E Ĉ = C + (1 − C)²(1 + 2C/K …)/K, of which 1/K of (1 − C) is the chance taken off: the rest is −C(1 − C)/K.
    assert np.mean([one["above_chance"] for one in found]) == pytest.approx(0.36, abs=0.36 * 0.64 / 11 + 0.005)
    assert np.median([one["p_band"] for one in found]) < 1e-6


def test_coherence_finds_the_frequency_and_the_delay():
    rng = np.random.default_rng(4)
    n, delay = 2400, 3
    x = rng.standard_normal(n + delay)
    sections = signal.butter(4, (0.04, 0.06), "bandpass", fs=1.0, output="sos")
    y = signal.sosfiltfilt(sections, x) + 0.01 * rng.standard_normal(n + delay)
    found = coherence(x[delay:], y[:-delay], 1.0)  # y(t) = x(t − 3 s)
    inside = np.abs(found["frequency_hz"] - 0.05) < 0.008
    assert found["coherence"][inside].min() > 0.8
    np.testing.assert_allclose(found["phase"][inside], -2 * np.pi * found["frequency_hz"][inside] * delay, atol=0.2)
    far = (found["frequency_hz"] < 0.025) | (found["frequency_hz"] > 0.085)
    assert found["coherence"][far].mean() < 0.3


def test_coherence_agrees_with_welch_of_scipy():
    """Two estimates of one truth, white noise through a filter and more noise, good to hundredths over 40 pairs."""
    rng = np.random.default_rng(5)
    ours, welch = [], []
    for _ in range(40):
        x = rng.standard_normal(1200)
        y = signal.lfilter([1], [1, -0.9], x) + 2 * rng.standard_normal(1200)
        found = coherence(x, y, 1.0)
        frequency, squared = signal.coherence(x, y, 1.0, nperseg=200)
        inside = (frequency >= 0.01) & (frequency <= 0.1)
        ours.append(np.interp(frequency[inside], found["frequency_hz"], found["coherence"]))
        welch.append(squared[inside])
    truth = 1 / np.abs(1 - 0.9 * np.exp(-2j * np.pi * frequency[inside])) ** 2
    truth = truth / (truth + 4)
    np.testing.assert_allclose(np.mean(ours, axis=0), truth, atol=0.08)
    np.testing.assert_allclose(np.mean(ours, axis=0), np.mean(welch, axis=0), atol=0.1)


def test_short_scans_have_wider_bands_and_shorter_ones_are_refused():
    rng = np.random.default_rng(6)
    assert coherence(*rng.standard_normal((2, 300)), 1.0)["n_tapers"] == 5
    with pytest.raises(InputError, match=r"50 volumes of 1 s cannot resolve ±0\.06 Hz"):
        coherence(*rng.standard_normal((2, 50)), 1.0)
    with pytest.raises(InputError, match="cannot resolve"):
        coherence(*rng.standard_normal((2, 1200)), 1.0, half_bandwidth_hz=0.001)


def test_windowed_r_is_numpy_s():
    rng = np.random.default_rng(7)
    x, y = pair(0.5, 1, rng, 301)
    found = sliding_window(x[:, 0] + 50, y[:, 0], 40, 7, 3, rng)
    assert found["first"].tolist() == list(range(0, 262, 7))
    expected = [np.corrcoef(x[a : a + 40, 0], y[a : a + 40, 0])[0, 1] for a in found["first"]]
    np.testing.assert_allclose(found["r"], expected, atol=1e-12)
    assert found["variance"] == pytest.approx(np.arctanh(expected).var(ddof=1))


@pytest.mark.parametrize("n", [300, 301])
def test_surrogate_pairs_keep_r_and_both_spectra(n):
    rng = np.random.default_rng(8)
    x, y = (series[:, 0] for series in pair(0.5, 1, rng, n))
    a, b = _turned_together(x, y, 20, rng)
    for k in range(20):
        assert np.corrcoef(a[:, k], b[:, k])[0, 1] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-12)
        for new, old in ((a[:, k], x), (b[:, k], y)):
            np.testing.assert_allclose(np.abs(np.fft.rfft(new))[1:], np.abs(np.fft.rfft(old))[1:], rtol=1e-9)
    assert np.abs(np.corrcoef(a.T)[0, 1:]).max() < 0.5  # and they are different ones


@pytest.mark.parametrize("n", [250, pytest.param(1500, marks=pytest.mark.slow)])
@pytest.mark.parametrize("r", [0.0, 0.5])
def test_p_of_sliding_windows_holds_for_a_constant_correlation(r, n):
    rng = np.random.default_rng(9)
    x, y = (SHORT.apply(series) for series in pair(r, n, rng, 600))
    p = [sliding_window(a, b, 60, 30, 99, rng)["p"] for a, b in zip(x.T, y.T, strict=True)]
    assert level(p, n)


def test_a_correlation_that_changes_is_found_and_its_wandering_alone_is_not():
    """r of 0 and .8 in turn, 200 s each: found. Windows of a constant r wander by ±.2 all the same, as expected."""
    rng = np.random.default_rng(10)
    coupled = (np.arange(1200) // 200 % 2)[:, None] * 0.8
    x, own = rng.standard_normal((2, 1200, 30))
    changing = coupled * x + np.sqrt(1 - coupled**2) * own
    steady = 0.4 * x + np.sqrt(1 - 0.16) * own
    found = [
        sliding_window(*PROJECTOR.apply(np.column_stack(ab)).T, 100, 20, 99, rng)
        for ab in zip(x.T, changing.T, strict=True)
    ]
    assert np.mean([one["p"] <= 0.05 for one in found]) > 0.9
    found = [
        sliding_window(*PROJECTOR.apply(np.column_stack(ab)).T, 100, 20, 99, rng)
        for ab in zip(x.T, steady.T, strict=True)
    ]
    assert np.mean([np.ptp(one["r"]) for one in found]) > 0.4
    ratio = np.array([one["variance"] / one["expected"] for one in found])
    assert ratio.mean() == pytest.approx(1, abs=4 * ratio.std() / np.sqrt(30))


def test_too_few_windows_are_refused():
    rng = np.random.default_rng(11)
    with pytest.raises(InputError, match="100 volumes hold no two windows of 90"):
        sliding_window(*rng.standard_normal((2, 100)), 90, 20, 9, rng)
    assert np.isnan(sliding_window(*rng.standard_normal((2, 100)), 40, 20, 0, rng)["expected"])


def test_surrogate_pairs_have_no_mean():
    rng = np.random.default_rng(12)
    x, y = rng.standard_normal((2, 300))
    for drawn in _turned_together(x + 50, y - 7, 20, rng):
        assert np.abs(drawn.mean(axis=0)).max() < 1e-12


def test_two_windows_that_just_fit_are_taken():
    rng = np.random.default_rng(13)
    x, y = rng.standard_normal((2, 60))
    found = sliding_window(x, y, 40, 20, 0, rng)
    assert found["first"].tolist() == [0, 20]
    expected = [np.corrcoef(x[a : a + 40], y[a : a + 40])[0, 1] for a in (0, 20)]
    assert found["variance"] == pytest.approx(np.diff(np.arctanh(expected))[0] ** 2 / 2)  # of two values
    with pytest.raises(InputError, match="59 volumes hold no two windows"):
        sliding_window(x[:59], y[:59], 40, 20, 0, rng)
    assert sliding_window(x[:5], y[:5], 4, 1, 0, rng)["first"].tolist() == [0, 1]
    with pytest.raises(InputError, match="no two windows of 3"):
        sliding_window(x, y, 3, 1, 0, rng)


def test_two_tapers_are_enough():
    """2 W n − 1 of them, 2 with W = .005 Hz and 300 s: a chance level of one half."""
    x, y = np.random.default_rng(14).standard_normal((2, 300))
    found = coherence(x, y, 1.0, half_bandwidth_hz=0.005)
    assert found["n_tapers"] == 2 and found["bias"] == 0.5
    np.testing.assert_allclose(found["p"], 1 - found["coherence"], atol=1e-12)  # (1 − C)^(K − 1)


def test_means_of_series_with_gaps_are_no_coherence():
    """A mean would be the same box of kept volumes in both series, with frequencies of the gaps."""
    rng = np.random.default_rng(15)
    kept = rng.random(600) > 0.25
    x, y = rng.standard_normal((2, kept.sum()))
    found = coherence(x + 1000, y - 300, 1.0, kept=kept)
    k, n = found["n_tapers"], found["frequency_hz"].size
    assert k == 5 and found["mean"] < 1 / k + 0.2  # a single pair; the box alone has a coherence of one
    tapers, full = signal.windows.dpss(600, 3, k), np.zeros((2, 600))
    full[:, kept] = x - x.mean(), y - y.mean()
    a, b = (np.fft.rfft(tapers * one)[:, 6 : 6 + n] for one in full)  # 6/600 is 0.01 Hz
    expected = np.abs((a.conj() * b).sum(0)) ** 2 / ((np.abs(a) ** 2).sum(0) * (np.abs(b) ** 2).sum(0))
    np.testing.assert_allclose(found["coherence"], expected, atol=1e-9)
