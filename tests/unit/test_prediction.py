"""All bands in animals left out, and copula information: known truths, other code, and levels under the null."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import Ridge
from sklearn.model_selection import LeaveOneGroupOut

from lfpbold.bold.projector import Projector
from lfpbold.coupling.information import mutual_information
from lfpbold.coupling.prediction import all_bands
from lfpbold.errors import InputError
from lfpbold.nulls.information import copula_information

SHORT = Projector(300, 1.0, (0.01, 0.1))
LONG = Projector(1200, 1.0, (0.01, 0.1))


def study(rng, beta, *, n_animals=6, n_scans=4, projector=SHORT, noise=1.0):
    """Band-passed regressors and BOLD of several animals; bands overlap as band powers do."""
    animals = np.repeat([f"rat{k}" for k in range(n_animals)], n_scans)
    n, x, y = projector.kept.sum(), [], []
    for _ in animals:
        bands = rng.standard_normal((n, len(beta))) + 0.7 * rng.standard_normal((n, 1))
        x.append(projector.apply(bands))
        y.append(projector.apply(bands @ beta + noise * rng.standard_normal(n)))
    return x, y, animals


def z(series):
    return (series - series.mean(axis=0)) / series.std(axis=0)


@pytest.mark.parametrize("penalty", [0.0, 0.3])
def test_it_is_scikit_learn_s_ridge_fitted_to_the_other_animals(penalty):
    x, y, animals = study(np.random.default_rng(0), [0.2, 0.0, -0.3, 0.1, 0.5])
    found = all_bands(x, y, animals, penalties=[penalty])
    for train, test in LeaveOneGroupOut().split(x, groups=animals):
        # Scans of one length and animals of as many scans weigh the same here and there.
        rows = np.vstack([z(x[k]) for k in train])
        model = Ridge(alpha=penalty * len(rows) + 1e-12, fit_intercept=False).fit(
            rows, np.concatenate([z(y[k]) for k in train])
        )
        which = np.flatnonzero(found["animals"] == animals[test[0]])[0]
        np.testing.assert_allclose(found["weights"][which], model.coef_, atol=1e-8)
        for k in test:
            predicted, truth = model.predict(z(x[k])), z(y[k])
            assert found["r"][k] == pytest.approx(np.corrcoef(predicted, truth)[0, 1], abs=1e-8)
            assert found["r2"][k] == pytest.approx(1 - ((truth - predicted) ** 2).mean(), abs=1e-8)
        assert found["r_animals"][which] == pytest.approx(found["r"][test].mean())
    assert found["r2_mean"] == pytest.approx(found["r2_animals"].mean()) and np.isnan(found["p"])


def test_out_of_sample_r2_is_the_truth_and_what_is_not_there_is_below_zero():
    """With one noise and bands of unit variance plus .49 that they share, R² = βᵀSβ/(βᵀSβ + 1)."""
    beta = np.array([0.2, 0.0, -0.3, 0.1, 0.5])
    covariance = np.eye(5) + 0.49
    truth = beta @ covariance @ beta / (beta @ covariance @ beta + 1)
    x, y, animals = study(np.random.default_rng(1), beta, n_scans=10, projector=LONG)
    found = all_bands(x, y, animals, n_null=99, rng=np.random.default_rng(2))
    assert found["r2_mean"] == pytest.approx(truth, abs=0.02)
    assert found["r_mean"] == pytest.approx(np.sqrt(truth), abs=0.02)
    assert found["p"] == 0.01
    nothing = [all_bands(*study(np.random.default_rng(seed), np.zeros(5)))["r2_mean"] for seed in range(20)]
    # Each fit of 20 scans with 53 degrees of freedom costs 5/(20 × 53) of the variance.
    assert np.mean(nothing) == pytest.approx(-5 / (20 * SHORT.degrees_of_freedom), abs=0.003)


def test_weights_are_of_one_sign_for_all_animals_or_they_do_not_count():
    """In-sample R² is high in every animal; it does not carry over, and this is what is reported."""
    rng = np.random.default_rng(3)
    x, y, animals = study(rng, np.array([0.8, 0.0, 0.0]), n_animals=6)
    y = [course * (-1) ** int(animal[-1]) for course, animal in zip(y, animals, strict=True)]
    found = all_bands(x, y, animals)
    assert found["r2_mean"] < 0 and found["r_mean"] < 0.1


def test_animals_weigh_the_same_whatever_their_scans():
    x, y, animals = study(np.random.default_rng(4), [0.5, 0.2])
    plain = all_bands(x, y, animals)
    again = [0, 0, 0, *range(len(animals))]  # rat0's scans: one of them four times
    more = all_bands([x[k] for k in again], [y[k] for k in again], animals[again])
    repeated = all_bands([x[k] for k in range(4)] * 2 + x[4:], y[:4] * 2 + y[4:], [*animals[:4], *animals])
    np.testing.assert_allclose(repeated["weights"], plain["weights"], atol=1e-12)
    assert not np.allclose(more["weights"], plain["weights"])


def test_the_penalty_is_chosen_without_the_animal_that_it_is_judged_on():
    rng = np.random.default_rng(5)
    x, y, animals = study(rng, np.r_[0.15, np.zeros(9)], n_animals=4, n_scans=1)
    grid = [0.0, 0.1, 1.0, 10.0]
    found = all_bands(x, y, animals, penalties=grid)
    for k, animal in enumerate(found["animals"]):
        rest = np.flatnonzero(animals != animal)
        inner = [all_bands([x[i] for i in rest], [y[i] for i in rest], animals[rest], penalties=[g]) for g in grid]
        assert found["penalty"][k] == grid[np.argmax([one["r2_mean"] for one in inner])]
    assert found["r2_mean"] > all_bands(x, y, animals)["r2_mean"]
    # Nothing of the animal enters its own weights.
    y[0] = rng.standard_normal(300)
    np.testing.assert_array_equal(all_bands(x, y, animals, penalties=grid)["weights"][0], found["weights"][0])


def test_shifts_are_those_of_the_series():
    """The surrogates by Fourier transform are what the function finds for courses that are rolled in fact."""
    x, y, animals = study(np.random.default_rng(6), [0.4, 0.2], n_animals=3, n_scans=2)
    found = all_bands(x, y, animals, n_null=5, rng=np.random.default_rng(7))
    rng = np.random.default_rng(7)
    shifts = [rng.integers(1, 300, size=5) for _ in animals]
    for draw in range(5):
        rolled = [np.roll(course, -shift[draw]) for course, shift in zip(y, shifts, strict=True)]
        assert found["null"][draw] == pytest.approx(all_bands(x, rolled, animals)["r_mean"], abs=1e-10)


def level(p):
    """.05 give or take three binomial standard errors; of 1500 simulations, .015."""
    reach = 0.015 if len(p) >= 1500 else 3 * np.sqrt(0.05 * 0.95 / len(p))
    return np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=reach)


@pytest.mark.parametrize("n", [250, pytest.param(1500, marks=pytest.mark.slow)])
def test_p_of_all_bands_holds_its_level_where_a_t_test_does_not(n):
    rng = np.random.default_rng(8)
    p, t = [], []
    for _ in range(n):
        found = all_bands(*study(rng, np.zeros(5)), n_null=99, rng=rng)
        p.append(found["p"])
        t.append(stats.ttest_1samp(found["r_animals"], 0, alternative="greater").pvalue)
    assert level(p)
    assert np.mean(np.array(t) <= 0.05) > 0.065  # .13: each animal helps to predict the others


def test_copula_information_has_no_bias():
    """1200 volumes of .01–.1 Hz: −½ ln(1 − r²) of r = .37 is .0736; at r = 0 the raw estimate is 1/(2 × 217)."""
    rng, n = np.random.default_rng(9), 100
    x, noise = LONG.apply(rng.standard_normal((1200, n))), LONG.apply(rng.standard_normal((1200, n)))
    found = [copula_information(x[:, k], noise[:, k], 99, rng, projector=LONG) for k in range(n)]
    information, raw = (np.array([one[key][0] for one in found]) for key in ("information", "raw"))
    error = information.std() / np.sqrt(n)
    assert abs(information.mean()) < 4 * error and (information < 0).mean() > 0.5
    assert raw.mean() == pytest.approx(1 / (2 * 217), abs=4 * error)
    y = 0.37 * x + np.sqrt(1 - 0.37**2) * noise
    found = [copula_information(x[:, k], y[:, k], 99, rng, projector=LONG) for k in range(n)]
    information = np.array([one["information"][0] for one in found])
    # What is left of a bias, of shifts that are short and of the second order, is less than a hundredth.
    assert information.mean() == pytest.approx(0.0736, abs=4 * information.std() / np.sqrt(n) + 0.0007)
    assert np.median([one["p"][0] for one in found]) == 0.01


@pytest.mark.parametrize("n", [400, pytest.param(1500, marks=pytest.mark.slow)])
def test_p_of_copula_information_holds_its_level(n):
    rng = np.random.default_rng(12)
    x, y = SHORT.apply(rng.standard_normal((300, n))), SHORT.apply(rng.standard_normal((300, n)))
    p = [copula_information(x[:, k], y[:, k], 99, rng, projector=SHORT)["p"][0] for k in range(n)]
    assert level(p)


def test_copula_information_is_the_raw_one_less_that_of_shifts():
    rng = np.random.default_rng(10)
    x, y = LONG.apply(rng.standard_normal((1200, 3))), LONG.apply(rng.standard_normal(1200))
    x[:, 2] = 1.0
    found = copula_information(x, y, 2000, rng, shortest=300)  # all shifts from 300 to 900
    every = np.column_stack([np.roll(y, shift) for shift in range(300, 901)])
    expected = mutual_information(x, every, estimator="gaussian_copula")
    raw = mutual_information(x, y, estimator="gaussian_copula")[:, 0]
    np.testing.assert_allclose(found["bias"], expected.mean(axis=1), rtol=1e-10)
    np.testing.assert_allclose(found["information"], raw - expected.mean(axis=1), rtol=1e-10)
    p = (1 + (expected >= raw[:, None]).sum(axis=1)) / 602
    np.testing.assert_allclose(found["p"], [*p[:2], np.nan])


def test_what_cannot_be_predicted_is_refused():
    x, y, animals = study(np.random.default_rng(11), [0.4, 0.2], n_animals=2, n_scans=1)
    with pytest.raises(InputError, match="1 animals are too few"):
        all_bands(x, y, ["a", "a"])
    with pytest.raises(InputError, match="2 animals are too few"):
        all_bands(x, y, animals, penalties=[0, 1])
    with pytest.raises(InputError, match="scan 1: the regressors have 300 volumes and the seed 299"):
        all_bands(x, [y[0], y[1][1:]], animals)
    with pytest.raises(InputError, match="scan 0: a regressor or the seed's BOLD is constant"):
        all_bands([np.ones((300, 2)), x[1]], y, animals)
    with pytest.raises(InputError, match="2 scans have regressors and 1 a seed"):
        all_bands(x, y[:1], animals)
    with pytest.raises(InputError, match="no circular shift of at least 151"):
        copula_information(x[0], y[0], 9, np.random.default_rng(0), shortest=151)
    twice = [np.column_stack([one, one[:, 0]]) for one in x]  # one band two times: shared, not failing
    np.testing.assert_allclose(all_bands(twice, y, animals)["r"], all_bands(x, y, animals)["r"], atol=1e-9)
