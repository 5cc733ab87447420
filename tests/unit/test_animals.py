"""Animals as the unit, against closed forms, SciPy, a REML of dense matrices, and known rates of false positives."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from scipy import linalg, optimize, stats

from lfpbold.errors import InputError
from lfpbold.stats.animals import (
    design_effect,
    icc,
    icc_interval,
    mixed_model,
    sign_flip,
    sign_patterns,
    smallest_flip_p,
    summary,
)
from lfpbold.stats.resampling import hierarchical_bootstrap, jackknife
from lfpbold.stats.tests import means_by_animal, t_test

UNEQUAL = np.repeat(list("abcdef"), [30, 12, 26, 8, 26, 20])
SIX = np.repeat(np.arange(6), 26)
SESSIONS = np.tile(np.arange(26) // 7, 6)


def scans(rng, animals, correlation, mean=0.0):
    _, place = np.unique(animals, return_inverse=True)
    of_animals = rng.standard_normal(place.max() + 1)[place]
    own = rng.standard_normal(len(animals))
    return mean + np.sqrt(correlation) * of_animals + np.sqrt(1 - correlation) * own


def test_sign_flip_goes_through_all_patterns():
    values = np.random.default_rng(0).normal(0.4, 1, 7)
    means = [abs(np.mean(signs * values)) for signs in itertools.product([-1, 1], repeat=7)]
    assert sign_flip(values)[0] == pytest.approx(np.mean(np.array(means) >= abs(values.mean()) - 1e-12))
    by_scipy = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip(values)[0] == pytest.approx(by_scipy.pvalue)


def test_sign_patterns_are_all_of_them_but_for_their_mirror_images():
    signs, exact = sign_patterns(5)
    both = {tuple(row) for row in np.concatenate([signs, -signs])}
    assert exact and len(signs) == 16 and both == set(itertools.product([1.0, -1.0], repeat=5))
    assert (signs[0] == 1).all()  # the data as they are
    drawn, exact = sign_patterns(5, np.random.default_rng(0), 4000, exact_up_to=4)
    assert not exact and drawn.shape == (4000, 5) and (np.abs(drawn) == 1).all()
    assert (
        np.abs(drawn.mean(axis=0)).max() < 4 / np.sqrt(4000) and np.abs(np.corrcoef(drawn.T) - np.eye(5)).max() < 0.07
    )
    with pytest.raises(ValueError, match="5 animals have too many"):
        sign_patterns(5, exact_up_to=4)
    assert (smallest_flip_p(5), smallest_flip_p(5, 99, exact_up_to=4)) == (2 / 32, 0.01)


def test_sign_flip_states_the_least_that_it_can_find():
    for n in range(1, 17):
        p, floor = sign_flip(np.arange(1.0, n + 1))
        assert p == floor == 2 / 2**n
    assert sign_flip([0.1, 0.2, 0.3, 0.2, 0.5, 0.3]) == (0.03125, 0.03125)
    assert sign_flip([0.0, 0.0, 0.0])[0] == 1
    # Equal sums may differ by rounding, in whatever order they were added.
    rng = np.random.default_rng(19)
    assert all(sign_flip(rng.random(11) + 0.1)[0] == 2 / 2**11 for _ in range(200))
    assert sign_flip([0.1, 0.2, -0.3])[0] == 1
    assert np.isnan(sign_flip([np.nan])).all()


def test_sign_flip_draws_patterns_where_there_are_too_many():
    values = np.random.default_rng(1).normal(0.5, 1, 20)
    p, floor = sign_flip(values, rng=np.random.default_rng(2))
    half = np.array(list(itertools.product([-1, 1], repeat=10)))
    left, right = np.sort(half @ values[:10]), half @ values[10:]
    far = abs(values.sum()) - 1e-9
    # All 2²⁰ sums from two halves of 2¹⁰.
    above = len(left) - np.searchsorted(left, far - right)
    exact = 2 * above.sum() / 2**20
    assert p == pytest.approx(exact, abs=4 * np.sqrt(exact / 2**16))
    assert floor == 1 / (2**16 + 1)
    assert p == sign_flip(values, rng=np.random.default_rng(2))[0]
    with pytest.raises(ValueError, match="give rng"):
        sign_flip(values)


def test_icc_is_that_of_the_analysis_of_variance():
    values = scans(np.random.default_rng(3), SIX, 0.3)
    f = stats.f_oneway(*values.reshape(6, 26)).statistic
    assert icc(values, SIX) == pytest.approx((f - 1) / (f + 25))
    low, high = icc_interval(values, SIX)
    for end, quantile in ((low, 0.975), (high, 0.025)):
        ratio = f / stats.f.ppf(quantile, 5, 150)
        assert end == pytest.approx((ratio - 1) / (ratio + 25))
    values = scans(np.random.default_rng(4), UNEQUAL, 0.3)
    groups = [values[a == UNEQUAL] for a in "abcdef"]
    n = np.array([g.size for g in groups])
    within = sum(((g - g.mean()) ** 2).sum() for g in groups) / (n.sum() - 6)
    variance = (stats.f_oneway(*groups).statistic - 1) * within / ((n.sum() - (n**2).sum() / n.sum()) / 5)
    assert icc(values, UNEQUAL) == pytest.approx(variance / (variance + within))
    assert icc([1.0, 2.0, 1.0, 2.0], list("aabb")) == pytest.approx(-1)
    assert np.isnan([icc([1.0, 2.0], list("ab")), icc([1.0, 2.0], list("aa")), icc([1.0] * 4, list("aabb"))]).all()


def test_icc_is_without_bias_enough_and_its_interval_holds():
    rng, studies = np.random.default_rng(5), 1500
    for animals in (SIX, UNEQUAL):
        inside = np.empty(studies)
        for i in range(studies):
            low, high = icc_interval(scans(rng, animals, 0.2), animals)
            inside[i] = low <= 0.2 <= high
        assert inside.mean() == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / studies) + 0.005)


def test_design_effect_is_the_variance_of_the_mean():
    n = np.unique(UNEQUAL, return_counts=True)[1]
    covariance = np.where(UNEQUAL[:, None] == UNEQUAL, 0.2, 0.0) + 0.8 * np.eye(UNEQUAL.size)
    assert design_effect(0.2, n) == pytest.approx(covariance.mean() * UNEQUAL.size)
    assert design_effect(-0.3, n) == 1
    assert np.isnan(design_effect(np.nan, n))


def dense_reml(values, animals):
    """Independent of the module: whole covariance matrices, a general minimiser over both variances."""
    z = (animals[:, None] == np.unique(animals)).astype(float)
    ones = np.ones(len(values))

    def parts(log_variances):
        v = np.exp(log_variances[0]) * z @ z.T + np.exp(log_variances[1]) * np.eye(len(values))
        inverse = linalg.inv(v)
        weight = ones @ inverse @ ones
        mean = ones @ inverse @ values / weight
        rest = values - mean
        return np.linalg.slogdet(v)[1] + np.log(weight) + rest @ inverse @ rest, mean, 1 / np.sqrt(weight)

    start = np.log([values.var() / 3, values.var()])
    options = {"xatol": 1e-9, "fatol": 1e-12, "maxiter": 4000}
    found = optimize.minimize(lambda v: parts(v)[0], start, method="Nelder-Mead", options=options)
    return (*parts(found.x)[1:], *np.exp(found.x))


@pytest.mark.parametrize("seed", [1, 2, 6])
def test_mixed_model_is_that_of_dense_matrices(seed):
    values = scans(np.random.default_rng(seed), UNEQUAL, 0.3, mean=0.4)
    found = mixed_model(values, UNEQUAL)
    mean, se, var_animal, var_scan = dense_reml(values, UNEQUAL)
    assert (found["mean"], found["se"]) == pytest.approx((mean, se), rel=1e-5)
    assert (found["var_animal"], found["var_scan"]) == pytest.approx((var_animal, var_scan), rel=1e-4)
    assert found["p"] == pytest.approx(2 * stats.t.sf(abs(mean / se), 5), rel=1e-4)


def test_mixed_model_is_that_of_statsmodels():
    models = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    values = scans(np.random.default_rng(6), UNEQUAL, 0.3, mean=0.4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = models.MixedLM(values, np.ones((values.size, 1)), UNEQUAL).fit(reml=True)
    found = mixed_model(values, UNEQUAL)
    # Theirs stops searching earlier; the dense matrices above agree with ours to 1e-5.
    assert (found["mean"], found["se"]) == pytest.approx((theirs.params[0], theirs.bse[0]), rel=1e-3)
    assert (found["var_animal"], found["var_scan"]) == pytest.approx(
        (np.asarray(theirs.cov_re)[0, 0], theirs.scale), rel=5e-3
    )


def test_mixed_model_of_equally_many_scans_is_the_test_of_animal_means():
    values = scans(np.random.default_rng(7), SIX, 0.3, mean=0.3)
    found, of_animals = mixed_model(values, SIX), t_test(values, SIX)
    assert (found["t"], found["p"]) == pytest.approx((of_animals["t_animals"], of_animals["p_animals"]), rel=1e-5)
    assert found["icc"] == pytest.approx(icc(values, SIX), rel=1e-5)
    # Animals that are more alike than scans allow: no variance is left for them, and the error is that of scans.
    alike = values - np.repeat(values.reshape(6, 26).mean(axis=1), 26) + 0.3
    found = mixed_model(alike, SIX)
    assert found["var_animal"] == 0
    assert found["se"] == pytest.approx(alike.std(ddof=1) / np.sqrt(156))


def test_mixed_model_where_there_is_little():
    one_each = mixed_model([0.1, 0.3, 0.2, 0.4], list("abcd"))
    assert one_each["p"] == pytest.approx(stats.ttest_1samp([0.1, 0.3, 0.2, 0.4], 0).pvalue)
    assert np.isnan([one_each["var_animal"], one_each["icc"]]).all()
    no_spread = mixed_model([0.1, 0.1, 0.3, 0.3, 0.2, 0.2], list("aabbcc"))
    assert no_spread["p"] == pytest.approx(stats.ttest_1samp([0.1, 0.3, 0.2], 0).pvalue, rel=1e-6)
    for values, animals in (([], []), ([0.2], ["a"]), ([0.2, 0.2], ["a", "b"]), ([0.2, 0.3], ["a", "a"])):
        assert np.isnan(mixed_model(values, animals)["p"])


def test_jackknife_of_the_mean_is_the_interval_of_animal_means():
    values = scans(np.random.default_rng(8), SIX, 0.3)
    means = means_by_animal(values, SIX)
    low, high = stats.t.interval(0.95, 5, means.mean(), stats.sem(means))
    found = jackknife(values, SIX)
    assert (found["value"], found["se"], found["low"], found["high"]) == pytest.approx(
        (values.mean(), stats.sem(means), low, high)
    )
    assert np.isnan(jackknife(values, np.zeros(156))["se"])
    assert np.isnan(jackknife([], [])["value"])


def test_bootstrap_has_the_spread_that_its_levels_give():
    """Closed forms: each level that is drawn adds its variance (over n, not n − 1) to that of the mean."""
    values, sessions = scans(np.random.default_rng(9), SIX, 0.2), np.tile(np.repeat([0, 1], 13), 6)
    values += 0.7 * np.random.default_rng(20).standard_normal(12).repeat(13)  # sessions differ
    nested = values.reshape(6, 2, 13)
    animal = values.reshape(6, 26).mean(axis=1).var() / 6
    scan = values.reshape(6, 26).var(axis=1).mean() / 156
    session, scan_in_session = nested.mean(axis=2).var(axis=1).mean() / 12, nested.var(axis=2).mean() / 156
    for levels, of, variance in (
        ("animals", None, animal),
        ("all", None, animal + scan),
        ("all", sessions, animal + session + scan_in_session),
    ):
        found = hierarchical_bootstrap(values, SIX, of, 8000, np.random.default_rng(10), levels=levels)
        assert found["se"] == pytest.approx(np.sqrt(variance), rel=4 / np.sqrt(2 * 8000))


def test_bootstrap_draws_scans_within_drawn_sessions_of_drawn_animals():
    animals = np.array(list("aaaaabbbb"))
    sessions = np.array([1, 1, 2, 2, 2, 1, 1, 1, 9])
    scan = np.arange(9.0)
    seen = []

    def note(rows):
        if rows.size > 5:  # whole resamples, not those without an animal
            seen.append(rows.astype(int))
        return rows.mean()

    hierarchical_bootstrap(scan, animals, sessions, 200, np.random.default_rng(11), statistic=note)
    assert {rows.size for rows in seen} > {9}
    whole = {("a", 1): 2, ("a", 2): 3, ("b", 1): 3, ("b", 9): 1}
    for rows in seen:
        for (animal, session), size in whole.items():
            inside = (animals[rows] == animal) & (sessions[rows] == session)
            assert inside.sum() % size == 0  # a session comes whole, each time it is drawn
    assert any(len(set(rows)) < rows.size for rows in seen)
    assert set(np.concatenate(seen)) == set(range(9))


def test_bootstrap_of_any_statistic_is_that_of_the_mean_for_the_mean():
    values = scans(np.random.default_rng(12), UNEQUAL, 0.2, mean=0.5)
    sessions = np.arange(UNEQUAL.size) % 3
    fast = hierarchical_bootstrap(values, UNEQUAL, sessions, 300, np.random.default_rng(13))
    slow = hierarchical_bootstrap(
        values, UNEQUAL, sessions, 300, np.random.default_rng(13), statistic=lambda rows: rows.mean()
    )
    assert fast == pytest.approx(slow)
    assert fast == hierarchical_bootstrap(values, UNEQUAL, sessions, 300, np.random.default_rng(13))
    assert fast["t_low"] < fast["value"] < fast["t_high"]
    holes = np.append(values, np.nan), np.append(UNEQUAL, "z"), np.append(sessions, 0)
    assert fast == hierarchical_bootstrap(*holes, 300, np.random.default_rng(13))


def test_bootstrap_counts_what_has_no_value():
    values, animals = np.array([1.0, -1.0, 1.0, -1.0]), np.array(list("abcd"))
    found = hierarchical_bootstrap(
        values, animals, None, 400, np.random.default_rng(14), levels="animals",
        statistic=lambda rows: 1.0 if rows.min() < rows.max() else np.nan,
    )  # fmt: skip
    assert found["undefined"] == pytest.approx(2 / 2**4, abs=4 * np.sqrt(0.125 * 0.875 / 400))
    with pytest.raises(ValueError, match="choose all or animals"):
        hierarchical_bootstrap(values, animals, None, 10, np.random.default_rng(0), levels="scans")
    alone = hierarchical_bootstrap([0.2, 0.4], ["a", "a"], None, 10, np.random.default_rng(0))
    assert alone["value"] == pytest.approx(0.3)
    assert np.isnan([alone["low"], alone["t_low"], alone["p"]]).all()
    assert np.isnan(hierarchical_bootstrap([], [], None, 10, np.random.default_rng(0))["value"])


def test_summary_sets_animals_beside_scans():
    values = scans(np.random.default_rng(15), SIX, 0.3, mean=0.4)
    found = summary(values, SIX, SESSIONS, rng=np.random.default_rng(16))
    means = means_by_animal(values, SIX)
    assert (found["ci_low"], found["ci_high"]) == pytest.approx(
        stats.t.interval(0.95, 5, means.mean(), stats.sem(means))
    )
    assert found["p"] < found["p_animals"] == pytest.approx(found["p_mixed"], rel=1e-5)
    assert found["n_effective"] == pytest.approx(156 / (1 + 25 * found["icc"]))
    assert found["p_sign_flip_floor"] == 0.03125 <= found["p_sign_flip"]
    assert found["bootstrap_t_low"] < found["bootstrap_low"] < found["bootstrap_high"] < found["bootstrap_t_high"]
    plain = summary(values, SIX)
    assert list(plain) == list(found)
    assert np.isnan(plain["bootstrap_low"])


@pytest.mark.parametrize("values", [[], [0.3], [np.nan, 0.3], [0.2, 0.2, 0.2]])
def test_summary_of_next_to_nothing_holds_no_p_value(values):
    found = summary(values, np.arange(len(values)), rng=np.random.default_rng(0))
    assert found["n"] == np.isfinite(values).sum()
    assert np.isnan([found["p"], found["p_animals"], found["p_mixed"], found["icc"]]).all()


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(InputError, match="3 values, 2 animals"):
        summary([0.1, 0.2, 0.3], ["a", "b"])


def false_positives(rng, animals, sessions, correlation, studies, resamples):
    """Share of studies without any effect in which each test finds one at .05."""
    found = np.empty((studies, 6))
    for i in range(studies):
        values = scans(rng, animals, correlation)
        over = t_test(values, animals)
        drawn = hierarchical_bootstrap(values, animals, sessions, resamples, rng)
        found[i] = (
            over["p"] < 0.05,
            over["p_animals"] < 0.05,
            sign_flip(means_by_animal(values, animals))[0] < 0.05,
            mixed_model(values, animals)["p"] < 0.05,
            not drawn["t_low"] <= 0 <= drawn["t_high"],
            not drawn["low"] <= 0 <= drawn["high"],
        )
    return dict(zip(("scans", "t", "sign_flip", "mixed", "studentised", "percentile"), found.mean(axis=0), strict=True))


def test_tests_over_animals_hold_their_level_with_six_animals():
    """Six animals of 26 scans, ICC .3; 1500 studies know a rate of .05 to .0056."""
    rate = false_positives(np.random.default_rng(17), SIX, SESSIONS, 0.3, 1500, 250)
    assert rate["scans"] == pytest.approx(0.52, abs=0.04)
    for name in ("t", "mixed", "studentised"):
        assert rate[name] == pytest.approx(0.05, abs=0.015), name
    assert rate["sign_flip"] == pytest.approx(0.03125, abs=0.0135)  # all that 2⁶ patterns allow below .05
    assert rate["percentile"] == pytest.approx(0.10, abs=0.025)  # too narrow, as its docstring says


@pytest.mark.slow
@pytest.mark.parametrize(("correlation", "of_scans"), [(0.0, 0.05), (0.05, 0.20), (0.1, 0.31), (0.3, 0.52)])
@pytest.mark.parametrize("unequal", [False, True])
def test_tests_over_animals_hold_their_level_at_every_icc(correlation, of_scans, unequal):
    animals = UNEQUAL if unequal else SIX
    sessions = np.arange(animals.size) % 4 if unequal else SESSIONS
    rate = false_positives(np.random.default_rng(18), animals, sessions, correlation, 4000, 500)
    if not unequal:
        assert rate["scans"] == pytest.approx(of_scans, abs=0.03)
    for name in ("t", "studentised"):
        assert rate[name] == pytest.approx(0.05, abs=0.015), name
    # Where animals do not differ, the mixed model finds less than it may.
    assert rate["mixed"] <= 0.065
    assert rate["sign_flip"] == pytest.approx(0.03125, abs=0.009)


def test_draws_of_the_bootstrap_come_in_blocks_of_five_hundred():
    """The block size is part of what a seed gives: with other blocks published intervals would change.

    Four animals of one session with two scans each: animals are drawn first, then their sessions, then their scans.
    """
    scans, n = np.round(64 * np.random.default_rng(20).normal(1, 1, (4, 2))) / 64, 1200
    rng, drawn = np.random.default_rng(21), []
    for block in (500, 500, 200):
        animal = rng.integers(4, size=(block, 4))
        rng.integers(np.ones((block, 4, 1), int), size=(block, 4, 1))  # of one session
        scan = rng.integers(np.full((block, 4, 1, 1), 2), size=(block, 4, 1, 2))[:, :, 0]
        drawn.extend(scans[animal[:, :, None], scan].mean(axis=2))
    means = np.mean(drawn, axis=1)
    found = hierarchical_bootstrap(scans.ravel(), np.repeat(np.arange(4), 2), None, n, np.random.default_rng(21))
    assert found["se"] == pytest.approx(np.std(means, ddof=1), rel=1e-12)
    assert (found["low"], found["high"]) == pytest.approx(tuple(np.quantile(means, [0.025, 0.975])), rel=1e-12)
    # The mean without each animal has the standard error of the mean of the four.
    error, whole = np.std(drawn, axis=1, ddof=1) / 2, scans.mean(axis=1)
    t = np.abs(means - whole.mean())[error > 0] / error[error > 0]
    whole_error = whole.std(ddof=1) / 2
    assert found["p"] == (1 + np.sum(t >= whole.mean() / whole_error)) / (t.size + 1)
    assert found["t_high"] == pytest.approx(whole.mean() + np.quantile(t, 0.95) * whole_error, rel=1e-9)


def test_jackknife_of_two_animals_is_student_s_t_of_one_degree_of_freedom():
    found = jackknife([0.1, 0.3, 0.5, 0.9], ["a", "a", "b", "b"])
    # Means .2 and .7: standard error (.7 − .2)/2, and Cauchy's quantile tan(.475 π) = 12.7.
    assert (found["value"], found["se"]) == pytest.approx((0.45, 0.25))
    assert found["high"] - 0.45 == pytest.approx(np.tan(0.475 * np.pi) * 0.25)
