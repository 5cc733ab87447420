"""Region × region connectivity against known covariance, other libraries, and least squares done in the open."""

from __future__ import annotations

import numpy as np
import pytest
from nilearn.connectome import ConnectivityMeasure
from scipy import stats
from sklearn.covariance import EmpiricalCovariance
from sklearn.linear_model import LinearRegression

from lfpbold.coupling.correlation import correlate
from lfpbold.networks import connectivity
from lfpbold.nulls import connectivity as nulls
from lfpbold.stats.tests import fisher_z
from tests.unit import mediated as make

N = 400


def residual(y, x):
    return y - LinearRegression().fit(x, y).predict(x)


def random_correlation(n, rng):
    factor = rng.standard_normal((n, n + 3))
    covariance = factor @ factor.T
    scale = np.sqrt(np.diag(covariance))
    return covariance / np.outer(scale, scale)


@pytest.fixture
def data():
    """Twelve regions, the seed's course and three regressors that share something with both."""
    rng = np.random.default_rng(3)
    means = rng.standard_normal((N, 12)) @ rng.standard_normal((12, 12))
    course = means[:, :2].mean(axis=1)
    regressors = 0.6 * course[:, None] + rng.standard_normal((N, 3)) * 2 + means[:, [3]]
    return means, course, regressors * [1, 1e-6, 1e4]


def test_known_covariance_gives_known_correlations():
    rng = np.random.default_rng(0)
    true = random_correlation(8, rng)
    white = rng.standard_normal((N, 8))
    white = np.linalg.qr(white - white.mean(axis=0))[0]  # orthonormal, and still centred
    got = connectivity.correlation_matrix(white @ np.linalg.cholesky(true).T + rng.standard_normal(8))
    np.testing.assert_allclose(got, true, atol=1e-12)


def test_means_of_regions_are_those_of_a_loop():
    rng = np.random.default_rng(1)
    labels, bold = rng.integers(-3, 4, 60), rng.standard_normal((20, 60))
    labels[np.isin(labels, [1, 3])] = 0
    labels[5:9], labels[7] = 1, 3
    means, index = connectivity.region_means(bold, labels, fewest=2)
    assert index.tolist() == [1, -1, 2, -2, -3]  # 3 has one voxel alone
    for column, label in enumerate(index):
        expected = np.mean([bold[:, v] for v in range(60) if labels[v] == label], axis=0)
        np.testing.assert_allclose(means[:, column], expected)


def test_matrix_and_partial_agree_with_nilearn(data):
    means, _, regressors = data
    measure = ConnectivityMeasure(EmpiricalCovariance(), kind="correlation", standardize=False)
    np.testing.assert_allclose(connectivity.correlation_matrix(means), measure.fit_transform([means])[0], atol=1e-6)
    cleaned = residual(means, regressors / regressors.std(axis=0))
    found = connectivity.matrix_without_lfp(means, means[:, 0], regressors)
    np.testing.assert_allclose(found["after"], measure.fit_transform([cleaned])[0], atol=1e-6)


def test_partial_of_two_is_that_of_the_inverse(data):
    """Partial correlation by the precision matrix: another way to the same number."""
    means, _, regressors = data
    three = np.column_stack([means[:, [4, 5]], regressors[:, 1] * 1e6])
    precision = np.linalg.inv(np.corrcoef(three.T))
    expected = -precision[0, 1] / np.sqrt(precision[0, 0] * precision[1, 1])
    got = connectivity.matrix_without_lfp(means, means[:, 0], regressors[:, [1]])["after"][4, 5]
    assert got == pytest.approx(expected, abs=1e-10)


def test_closed_form_equals_least_squares_exactly(data):
    """Partial correlation from correlations alone is the correlation of residuals to rounding."""
    means, course, regressors = data
    for columns in ([0], [0, 1, 2]):
        x = regressors[:, columns]
        left = residual(means, x / x.std(axis=0))
        got = connectivity.matrix_without_lfp(means, course, x)
        np.testing.assert_allclose(got["after"], np.corrcoef(left.T), atol=1e-10)
        fitted = course - residual(course[:, None], x / x.std(axis=0))[:, 0]
        assert got["r2"] == pytest.approx(fitted.var() / course.var(), abs=1e-10)


@pytest.mark.parametrize("n_regressors", [1, 3])
def test_mediation_is_exact_where_regressors_reach_regions_through_the_seed(n_regressors):
    """Noise that is orthogonal to every region: then expectation and least squares must agree to rounding."""
    rng = np.random.default_rng(5)
    means = rng.standard_normal((N, 10)) @ rng.standard_normal((10, 10))
    means -= means.mean(axis=0)
    course = means[:, :3].mean(axis=1)
    noise = rng.standard_normal((N, n_regressors))
    noise = residual(noise - noise.mean(axis=0), means)
    regressors = course[:, None] * rng.uniform(0.2, 0.6, n_regressors) + noise
    found = connectivity.matrix_without_lfp(means, course, regressors)
    np.testing.assert_allclose(found["after"], found["expected"], atol=1e-10)
    assert connectivity.matrix_similarity(found["after"], found["before"])["r"] < 0.9999  # it changes something


def test_map_without_is_a_row_of_least_squares(data):
    means, course, regressors = data
    x = regressors[:, [0]]
    left = residual(np.column_stack([course, means]), x)
    got = connectivity.map_without(correlate(course, means)[0], (correlate(x, course)[0, 0], correlate(x, means)[0]))
    np.testing.assert_allclose(got, np.corrcoef(left.T)[0, 1:], atol=1e-10)


def test_mediation_moves_no_peak():
    """Whatever the regressor's r with the course, voxels keep their order and the map fades."""
    r = np.sort(np.random.default_rng(0).uniform(-0.99, 0.99, 500))
    for share in (0.1, 0.5, 0.95):
        after = connectivity.map_without(r, (share, share * r))
        assert (np.diff(after) > 0).all() and (np.abs(after) <= np.abs(r)).all()
        np.testing.assert_allclose(after, r * np.sqrt(1 - share**2) / np.sqrt(1 - share**2 * r**2), rtol=1e-12)


def scan_of_regions(rng, share, n_volumes=600):
    """BOLD of fifteen regions, the seed's course, and a regressor that reaches it through the seed alone."""
    spread = make.loadings(60, rng)
    bold, _, course = make.scan(n_volumes, spread, rng)
    regressor = share * course + np.sqrt(1 - share**2) * _unit(make.band_limited(n_volumes, 1, rng)[:, 0])
    means, _ = connectivity.region_means(bold, np.repeat(np.arange(1, 16), 4))
    return means, course, regressor


def _unit(x):
    return (x - x.mean()) / x.std()


def test_surrogates_lose_what_chance_takes():
    """Their mean is the closed form less what a regressor takes of unrelated variance, 1/n_eff of it per region."""
    rng = np.random.default_rng(8)
    means, course, regressor = scan_of_regions(rng, 0.5)
    z = nulls.surrogate_matrices(means, course, regressor, 400, np.random.default_rng(0))
    found = connectivity.matrix_without_lfp(means, course, regressor[:, None])
    mean = np.tanh(z.mean(axis=0))
    closed = connectivity.edges(found["expected"])
    assert np.corrcoef(mean, closed)[0, 1] > 0.999
    assert np.abs(mean - closed).mean() < 0.01  # 108 independent samples in this band
    assert np.abs(connectivity.edges(found["before"]) - closed).mean() > 3 * np.abs(mean - closed).mean()


def test_many_at_once_are_one_by_one():
    rng = np.random.default_rng(0)
    many, before = rng.standard_normal((4, 45)), rng.standard_normal(45)
    before[7] = np.nan
    square = np.full((10, 10), np.nan)
    square[np.triu_indices(10, 1)] = before
    found = connectivity.edge_similarity(many, before)
    for place, one in enumerate(many):
        after = np.full((10, 10), np.nan)
        after[np.triu_indices(10, 1)] = one
        alone = connectivity.matrix_similarity(after, square)
        assert found["r"][place] == pytest.approx(alone["r"]) and found["slope"][place] == pytest.approx(alone["slope"])


def test_p_of_removal_is_uniform_under_mediation_and_small_for_more():
    """100 scans where the LFP has no more than the seed's part; and a regressor that is a network of its own."""
    p, more = [], []
    for draw in range(100):
        rng = np.random.default_rng(100 + draw)
        means, course, regressor = scan_of_regions(rng, 0.4, 300)
        other = _unit(means[:, 9] - means[:, 12])
        for x, out in ((regressor, p), (0.3 * course + other, more)):
            found = connectivity.matrix_without_lfp(means, course, x[:, None])
            before = connectivity.z_matrix(found["before"])
            null = nulls.surrogate_matrices(means, course, x, 99, rng)
            rs = connectivity.edge_similarity(null, connectivity.edges(before))["r"]
            got = connectivity.matrix_similarity(connectivity.z_matrix(found["after"]), before)["r"]
            out.append(nulls.similarity_null(got, rs)["p"])
    print("false at .05:", np.mean(np.array(p) <= 0.05), "found:", np.mean(np.array(more) <= 0.05))
    assert np.mean(np.array(p) <= 0.05) <= 0.11  # binomial: .05 of 100, upper 1 %
    assert 0.3 < np.mean(p) < 0.7
    assert np.mean(np.array(more) <= 0.05) > 0.8


def test_nothing_to_remove_and_nothing_to_remove_it_from(data):
    means, course, regressors = data
    found = connectivity.matrix_without_lfp(means, course, np.column_stack([np.full(N, 3.0), regressors[:, 1]]))
    np.testing.assert_allclose(
        found["after"], connectivity.matrix_without_lfp(means, course, regressors[:, [1]])["after"]
    )
    nothing = connectivity.matrix_without_lfp(means, course, np.full((N, 1), 3.0))
    np.testing.assert_allclose(nothing["after"], nothing["before"])
    assert nothing["r2"] == 0
    none, index = connectivity.region_means(means, np.zeros(12))
    assert connectivity.matrix_without_lfp(none, course, regressors)["after"].shape == (0, 0) and index.size == 0
    assert np.isnan(connectivity.matrix_without_lfp(means, np.ones(N), regressors)["r2"])


def test_constant_region_and_region_that_is_explained_wholly(data):
    means, course, regressors = data
    means[:, 4] = 7.0
    means[:, 5] = regressors[:, 0]
    after = connectivity.matrix_without_lfp(means, course, regressors[:, [0]])["after"]
    assert np.isnan(after[4]).all() and np.isnan(after[5]).all()
    rest = [k for k in range(12) if k not in (4, 5)]
    assert np.isfinite(after[np.ix_(rest, rest)]).all()
    assert np.isfinite(connectivity.matrix_similarity(after, connectivity.correlation_matrix(means))["r"])


def test_nulls_of_fewer_than_nineteen_draws_are_refused():
    """Nineteen are what a one-sided p of .05 needs, 1/(19 + 1)."""
    names = ("null", "null_low", "null_high", "p")
    null = np.arange(1.0, 20)
    assert np.isnan([nulls.similarity_null(0.0, null[:18])[name] for name in names]).all()
    assert np.isnan([nulls.similarity_null(np.nan, null)[name] for name in names]).all()
    assert np.isnan(nulls.similarity_null(0.0, np.r_[null[:18], np.nan])["p"])  # a draw without a value is none
    found = nulls.similarity_null(0.0, null)
    assert found["p"] == pytest.approx(2 / 20) and found["null"] == pytest.approx(10)
    # 18 steps of one from 1 to 19: quantile q lies at 1 + 18 q.
    assert (found["null_low"], found["null_high"]) == pytest.approx((1.45, 18.55))
    assert nulls.similarity_null(19.0, np.r_[null, np.nan])["p"] == pytest.approx(2 * 2 / 20)  # a tie counts
    assert nulls.similarity_null(10.0, null)["p"] == 1


def test_fisher_z_of_an_r_of_one_is_finite_and_the_largest():
    z = connectivity.z_matrix([[1.0, 1.0], [-1.0, 0.5]])
    assert np.isnan(np.diag(z)).all()
    assert z[0, 1] == -z[1, 0] == pytest.approx(0.5 * np.log(2e7), abs=1e-6)  # ½ ln((1 + r)/(1 − r)), 1 − r = 1e-7
    row = fisher_z([0.999999, 0.5], largest=connectivity.LARGEST_R)
    np.testing.assert_allclose(row, [0.5 * np.log(1.999999 / 1e-6), 0.5 * np.log(3)], rtol=1e-9)


def test_regions_with_just_the_fewest_voxels_are_kept():
    means, index = connectivity.region_means([[1.0, 3.0, 5.0]], [2, 2, 1], fewest=2)
    assert means.tolist() == [[2.0]] and index.tolist() == [2]


def test_what_is_left_by_rounding_alone_is_no_region(data):
    means, course, regressors = data
    x = regressors / regressors.std(axis=0)
    means[:, :4] = x @ np.random.default_rng(9).standard_normal((3, 4)) + 2
    after = connectivity.matrix_without_lfp(means, course, x)["after"]
    assert np.isnan(after[:4]).all() and np.isfinite(after[4:, 4:]).all()
    without = connectivity.map_without([0.3, 0.3], (0.5, np.array([1 - 1e-14, 0.0])))
    assert np.isnan(without[0]) and without[1] == pytest.approx(0.3 / np.sqrt(0.75))


def test_regions_of_one_course_are_left_with_an_r_of_one_and_not_more(data):
    means, course, regressors = data
    means = means[:, np.arange(24) // 2] * np.tile([1.0, 3.0], 12)
    after = connectivity.matrix_without_lfp(means, course, regressors)["after"]
    assert np.abs(after).max() <= 1
    np.testing.assert_allclose(after[np.arange(0, 24, 2), np.arange(1, 24, 2)], 1, atol=1e-12)


def test_three_edges_are_enough_to_compare_matrices():
    rng = np.random.default_rng(10)
    many, before = rng.standard_normal((2, 4)), rng.standard_normal(4)
    before[1] = np.nan
    found, use = connectivity.edge_similarity(many, before), [0, 2, 3]
    for place, one in enumerate(many):
        line = stats.linregress(before[use], one[use])
        assert found["r"][place] == pytest.approx(line.rvalue) and found["slope"][place] == pytest.approx(line.slope)
    assert np.isnan(connectivity.edge_similarity(many[:, :3], before[:3])["r"]).all()
