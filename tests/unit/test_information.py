"""Mutual information against its closed form, scikit-learn, and the biases that are known for band-passed series."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from sklearn.metrics import mutual_info_score

from lfpbold.coupling.information import mutual_information, shifted_baseline


def gaussian_pair(r, n, rng, columns=1):
    x, own = rng.standard_normal((2, n, columns))
    return x, r * x + np.sqrt(1 - r**2) * own


@pytest.mark.parametrize("r", [0.0, 0.37, -0.6, 0.95])
def test_gaussian_copula_is_the_closed_form_of_a_gaussian_pair(r):
    """−½ ln(1 − r²) nats; r = .37 gives .0736. One estimate of 20 000 samples varies by |r|/√n."""
    x, y = gaussian_pair(r, 20_000, np.random.default_rng(0))
    expected = -0.5 * np.log(1 - r**2)
    found = mutual_information(x, y, estimator="gaussian_copula")[0, 0]
    assert found == pytest.approx(expected, abs=4 * max(abs(r), 0.01) / np.sqrt(20_000) / (1 - r**2) ** 0.5)
    if r == 0.37:
        assert expected == pytest.approx(0.0736, abs=5e-5)


@pytest.mark.parametrize("estimator", ["equal_occupancy", "gaussian_copula"])
def test_only_the_order_of_values_counts(estimator):
    x, y = gaussian_pair(0.7, 500, np.random.default_rng(1))
    plain = mutual_information(x, y, estimator=estimator)
    assert mutual_information(np.exp(x), y**3, estimator=estimator) == pytest.approx(plain, rel=1e-12)
    assert mutual_information(y, x, estimator=estimator) == pytest.approx(plain, rel=1e-9)


def occupied(column, bins):
    return np.argsort(np.argsort(column)) * bins // column.size


def wide(column, bins):
    return np.digitize(column, np.linspace(column.min(), column.max(), bins + 1)[1:-1])


@pytest.mark.parametrize(("estimator", "into"), [("equal_occupancy", occupied), ("equal_width", wide)])
@pytest.mark.parametrize("bins", [2, 7, 10])
def test_binned_is_scikit_learn_s_for_every_pair_of_columns(bins, estimator, into):
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((2, 331, 3))
    y[:, 1] = x[:, 0] ** 2 + 0.1 * y[:, 1]
    found = mutual_information(x, y, estimator=estimator, bins=bins)
    for i in range(3):
        for j in range(3):
            expected = mutual_info_score(into(x[:, i], bins), into(y[:, j], bins))
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


def test_binned_sees_what_correlation_cannot():
    x = np.random.default_rng(3).standard_normal((4000, 1))
    assert abs(np.corrcoef(x[:, 0], x[:, 0] ** 2)[0, 1]) < 0.1
    assert mutual_information(x, x**2, estimator="equal_occupancy")[0, 0] > 1
    assert mutual_information(x, x**2, estimator="gaussian_copula")[0, 0] < 0.01


def band_passed(n_series, rng):
    sections = signal.butter(2, (0.01, 0.1), "bandpass", fs=1.0, output="sos")
    return signal.sosfiltfilt(sections, rng.standard_normal((1200, n_series)), axis=0)


@pytest.mark.parametrize(
    ("estimator", "bias"), [("equal_width", 0.054), ("equal_occupancy", 0.046), ("gaussian_copula", 0.003)]
)
def test_bias_of_independent_band_passed_series_is_the_known_one_and_the_shifted_baseline_finds_it(estimator, bias):
    """1200 volumes of 0.01–0.1 Hz: .054 nats with ten bins, .003 with the copula, to half of the last digit."""
    rng = np.random.default_rng(4)
    x, y = band_passed(200, rng), band_passed(200, rng)
    found = mutual_information(x, y, estimator=estimator).mean()
    # Pairs share series, whose extremes set the width of bins: standard error .0003 in repetitions; and the rounding.
    assert found == pytest.approx(bias, abs=3 * 0.0003 + 0.0005)
    # Three shifts of the same series: an estimate of the same bias from other pairs. It misses what both series share
    # at their ends, where the filter's padding swells them: a fifth of the variance of r, which is all that the copula
    # has, and hardly anything of what bins have.
    assert shifted_baseline(x, y, estimator=estimator).mean() == pytest.approx(
        found, rel=0.3 if estimator == "gaussian_copula" else 0.1
    )


def test_shifted_baseline_does_not_see_a_relation_that_is_there():
    rng = np.random.default_rng(5)
    x = band_passed(4, rng)
    y = x + 0.1 * band_passed(4, rng)
    related = np.diag(mutual_information(x, y))
    assert (related > 0.8).all()
    assert (shifted_baseline(x, y) < 0.25).all()


def test_constant_and_missing_columns_have_none():
    x = np.random.default_rng(6).standard_normal((100, 3))
    x[:, 1] = 4.0
    x[3, 2] = np.nan
    for estimator in ("equal_width", "equal_occupancy", "gaussian_copula"):
        found = mutual_information(x, x[:, :2], estimator=estimator)
        assert np.isfinite(found).tolist() == [[True, False], [False, False], [False, False]]
    assert np.isnan(shifted_baseline(x, x[:, :1])).tolist() == [False, True, True]
    with pytest.raises(ValueError, match="choose equal_width, equal_occupancy or gaussian_copula"):
        mutual_information(x, x, estimator="kernel")


@pytest.mark.parametrize("n", [800, 801])
def test_shifted_baseline_is_the_mean_over_shifts_by_a_quarter_a_half_and_three_quarters(n):
    """Each shifted pair by scikit-learn; none of the shifts is zero, which would count the relation itself."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((n, 2))
    y = x + 0.1 * rng.standard_normal((n, 2))
    found = shifted_baseline(x, y, estimator="equal_occupancy", bins=8)
    for i in range(2):
        pairs = [(np.roll(x[:, i], shift), column) for shift in (n // 4, n // 2, 3 * n // 4) for column in y.T]
        expected = np.mean([mutual_info_score(occupied(a, 8), occupied(b, 8)) for a, b in pairs])
        assert found[i] == pytest.approx(expected, abs=1e-12)
    # Independent samples have (8 − 1)²/(2n) = .031 nats, with a standard deviation of √(2 × 49)/(2n) = .006 a pair.
    assert found == pytest.approx(49 / (2 * n), abs=3 * 0.006)


def test_copula_of_a_series_with_itself_is_finite_and_as_large_as_digits_allow():
    x = np.random.default_rng(8).standard_normal((50, 1))
    found = mutual_information(x, np.column_stack([x, -x]), estimator="gaussian_copula")
    assert np.isfinite(found).all() and (found > 12).all()  # |r| = 1 − 1e-11 has as much, and digits end at 1e-16


@pytest.mark.parametrize("estimator", ["equal_width", "equal_occupancy"])
def test_a_full_grid_of_values_has_no_information_and_not_less(estimator):
    x, y = np.repeat(np.arange(10.0), 10), np.tile(np.arange(10.0), 10)
    found = mutual_information(x, y, estimator=estimator, bins=10)[0, 0]
    assert 0 <= found < 1e-14  # a hundred terms, each to rounding


def test_ties_go_into_bins_in_the_order_of_time():
    rng = np.random.default_rng(9)
    x, y = rng.integers(0, 3, 500).astype(float), rng.standard_normal(500)
    y[:250] += x[:250]
    into = np.empty(500, int)
    into[sorted(range(500), key=lambda k: x[k])] = np.arange(500) * 10 // 500  # a sort that keeps ties in order
    expected = mutual_info_score(into, occupied(y, 10))
    assert mutual_information(x, y, estimator="equal_occupancy")[0, 0] == pytest.approx(expected, abs=1e-12)
