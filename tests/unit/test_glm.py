"""First-level model of evoked runs: analytic truth, distributions under noise, and an implementation of one's own."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lfpbold.errors import InputError
from lfpbold.evoked import glm

HRF = (4, 4, 1, 1, 6, 0, 32)  # a gamma density of shape 4 and scale 1 s
RESPONSE = stats.gamma(4)


def events(onsets, durations, kinds=None):
    onsets, durations = np.asarray(onsets, float), np.broadcast_to(np.asarray(durations, float), np.shape(onsets))
    return glm.Events(onsets, durations.copy(), list(kinds or ["whisker"] * len(onsets)))


BLOCKS = events(np.arange(20, 280, 45), 15)


def autoregressive(rng, n, n_voxels, rho, burn=50):
    noise = rng.standard_normal((n + burn, n_voxels))
    for t in range(1, n + burn):
        noise[t] += rho * noise[t - 1]
    return noise[burn:]


@pytest.mark.parametrize("sample_at_s", [0.0, 0.5])
def test_a_block_is_the_difference_of_two_distribution_functions(sample_at_s):
    """Convolved by hand: ∫ of the gamma density over the block. A step of nilearn's is 20 ms, and d/dt is below .23."""
    made = glm.design(events([20.0, 70.3], [15.0, 7.7]), 120, 1.0, HRF, sample_at_s=sample_at_s)
    t = np.arange(120) + sample_at_s
    expected = sum(RESPONSE.cdf(t - a) - RESPONSE.cdf(t - a - d) for a, d in ((20.0, 15.0), (70.3, 7.7)))
    np.testing.assert_allclose(made.stimuli[:, 0], expected, atol=0.023 * 0.23 + 0.002)
    assert made.stimuli.max() == pytest.approx(1, abs=0.005)


def test_an_impulse_is_the_response_itself():
    made = glm.design(events([20.0], [0.0]), 60, 1.0, HRF)
    np.testing.assert_allclose(made.stimuli[:, 0], RESPONSE.pdf(np.arange(60) - 20.0), atol=0.005)


def test_the_tr_does_not_change_the_model():
    coarse, fine = (glm.design(BLOCKS, n, tr, HRF).stimuli[:, 0] for n, tr in ((150, 2.0), (300, 1.0)))
    np.testing.assert_allclose(coarse, fine[::2], atol=0.02)


def test_stimuli_before_the_scan_still_echo():
    made = glm.design(events([-3.0, 50.0], [2.0, 2.0]), 100, 1.0, HRF)
    expected = RESPONSE.cdf(3.0) - RESPONSE.cdf(1.0)
    assert made.stimuli[0, 0] == pytest.approx(expected, abs=0.01)


def test_left_out_volumes_say_nothing():
    """Whatever stands in them, the fit of the others is that without them (white noise)."""
    rng = np.random.default_rng(1)
    left_out = np.zeros(300, dtype=bool)
    left_out[[3, 50, 51, 120]] = True
    nuisance = rng.standard_normal((300, 2))
    made = glm.design(BLOCKS, 300, 1.0, HRF, nuisance=nuisance, left_out=left_out)
    data = rng.standard_normal((300, 4)) + 2 * made.stimuli
    spoilt = data.copy()
    spoilt[left_out] = 1e3
    weights = np.r_[1, np.zeros(made.matrix.shape[1] - 1)]
    found = glm.contrast(glm.fit(spoilt, made.matrix, "ols"), weights)
    keep = ~left_out
    columns = made.matrix[keep][:, made.matrix[keep].any(axis=0)]
    beta, residual, rank, _ = np.linalg.lstsq(columns, data[keep], rcond=None)
    np.testing.assert_allclose(found["effect"], beta[0], rtol=1e-6)
    error = np.sqrt(residual / (keep.sum() - rank) * np.linalg.inv(columns.T @ columns)[0, 0])
    np.testing.assert_allclose(found["t"], beta[0] / error, rtol=1e-6)


def test_known_weights_come_back_with_their_known_error():
    """White noise: the estimate has mean β and variance (XᵀX)⁻¹, the t of a true zero Student's distribution."""
    rng = np.random.default_rng(2)
    two = events([20, 60, 110, 150, 200, 240], [15] * 6, ["a", "b", "b", "a", "a", "b"])
    made = glm.design(two, 300, 1.0, HRF, nuisance=rng.standard_normal((300, 3)))
    data = (made.stimuli @ [1.5, -0.5])[:, None] + rng.standard_normal((300, 4000))
    fitted = glm.fit(data, made.matrix, "ols")
    assert fitted.df == 300 - np.linalg.matrix_rank(made.matrix)
    for vector, truth in (([1, 0], 1.5), ([0, 1], -0.5), ([1, -1], 2.0), ([1, 3], 0.0)):
        c = np.r_[vector, np.zeros(made.matrix.shape[1] - 2)]
        found = glm.contrast(fitted, c)
        sd = np.sqrt(c @ np.linalg.pinv(made.matrix.T @ made.matrix) @ c)
        assert found["effect"].mean() == pytest.approx(truth, abs=4 * sd / np.sqrt(4000))
        assert found["effect"].std() == pytest.approx(sd, rel=0.05)
        about_truth = (found["effect"] - truth) / found["effect"] * found["t"]
        assert stats.kstest(about_truth, stats.t(fitted.df).cdf).pvalue > 0.01
        if truth == 0:
            assert stats.kstest(found["z"], "norm").pvalue > 0.01


def test_autocorrelated_noise_is_liberal_without_prewhitening():
    """ρ = .4, blocks: least squares finds far more than 5 % at .05; prewhitened it is near that."""
    rng = np.random.default_rng(3)
    made = glm.design(BLOCKS, 300, 1.0, HRF)
    noise = autoregressive(rng, 300, 3000, 0.4)
    c = np.r_[1, np.zeros(made.matrix.shape[1] - 1)]
    found = {model: glm.contrast(glm.fit(noise, made.matrix, model), c)["z"] for model in ("ols", "ar1")}
    false = {model: (np.abs(z) > 1.96).mean() for model, z in found.items()}
    assert false["ols"] > 0.15
    assert 0.04 < false["ar1"] < 0.062


def test_the_autocorrelation_of_the_noise_comes_back():
    """The plain estimate from residuals is .02 to .04 too low; this one is not, on average."""
    rng = np.random.default_rng(6)
    made = glm.design(BLOCKS, 280, 1.0, HRF, nuisance=rng.standard_normal((280, 8)))
    x = made.matrix
    for rho in (0.0, 0.3):
        noise = autoregressive(rng, 280, 3000, rho)
        e = noise - x @ np.linalg.lstsq(x, noise, rcond=None)[0]
        plain = (e[1:] * e[:-1]).sum(axis=0) / (e**2).sum(axis=0)
        assert plain.mean() < rho - 0.02
        assert glm.autocorrelation(e, x).mean() == pytest.approx(rho, abs=0.012)


def test_prewhitening_is_that_of_cochrane_and_orcutt():
    """Step by step for one voxel: least squares, autocorrelation of what is left, whitened least squares.

    The bias of the autocorrelation by simulation and not by traces: products of residuals of noise that has nothing,
    and of noise that has products at lag 1 alone.
    """
    rng = np.random.default_rng(4)
    made = glm.design(BLOCKS, 240, 1.0, HRF, nuisance=rng.standard_normal((240, 2)))
    x = made.matrix
    data = autoregressive(rng, 240, 5, 0.35) + made.stimuli
    fitted = glm.fit(data, x)
    found = glm.contrast(fitted, np.r_[1, np.zeros(x.shape[1] - 1)])
    hat = x @ np.linalg.solve(x.T @ x, x.T)
    draws = rng.standard_normal((240, 20000))
    moving = draws + np.vstack([np.zeros((1, 20000)), draws[:-1]])  # variance 2 (first volume 1), covariance 1 at lag 1
    moving[0] = draws[0] + rng.standard_normal(20000)

    def products(series):
        e = series - hat @ series
        return np.array([(e**2).sum(axis=0).mean(), (e[1:] * e[:-1]).sum(axis=0).mean()])

    of_white = products(draws)
    expected = np.column_stack([of_white, products(moving) - 2 * of_white])
    for voxel, y in enumerate(data.T):
        e = y - hat @ y
        own = np.linalg.solve(expected, [e @ e, e[1:] @ e[:-1]])
        rho = fitted.rho[voxel]
        assert rho == pytest.approx(own[1] / own[0], abs=0.02)
        xw, yw = x.copy(), y.copy()
        xw[1:] -= rho * x[:-1]
        yw[1:] -= rho * y[:-1]
        inverse = np.linalg.inv(xw.T @ xw)
        beta = inverse @ xw.T @ yw
        left = yw - xw @ beta
        t = beta[0] / np.sqrt(left @ left / (240 - x.shape[1]) * inverse[0, 0])
        assert (found["effect"][voxel], found["t"][voxel]) == pytest.approx((beta[0], t), rel=1e-6)


def test_adjusted_data_keep_the_stimulus_and_lose_the_rest():
    rng = np.random.default_rng(5)
    nuisance = rng.standard_normal((300, 2))
    made = glm.design(BLOCKS, 300, 1.0, HRF, nuisance=nuisance)
    true = 100 + 3 * made.stimuli
    data = true + nuisance @ [[4.0], [-2.0]] + np.cos(np.pi * (np.arange(300)[:, None] + 0.5) / 300)
    np.testing.assert_allclose(glm.adjusted(data, made), true, atol=1e-6)


def test_contrasts_are_those_that_concern_the_run():
    wanted = {"more": {"left": 1, "right": -1}, "other": {"odour": 1}}
    found = glm.contrast_weights(wanted, ["left", "right"])
    assert list(found) == ["more"] and found["more"].tolist() == [1, -1]
    alone = glm.contrast_weights({}, ["a", "b"])
    assert {name: w.tolist() for name, w in alone.items()} == {"a": [1, 0], "b": [0, 1]}
    assert list(glm.contrast_weights(wanted, ["sound"])) == ["sound"]


def test_a_trial_type_that_no_volume_shows_is_refused():
    left_out = np.zeros(100, dtype=bool)
    left_out[20:60] = True
    pair = events([20, 70], [1, 10], ["short", "long"])
    with pytest.raises(InputError, match=r"`short` leaves nothing"):
        glm.design(pair, 100, 1.0, (4, 4, 1, 1, 6, 0, 16), left_out=left_out)
