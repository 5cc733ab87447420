"""Responses estimated from known input: recovered, unpenalised as least squares, and judged on scans left out."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.bold.projector import Projector
from lfpbold.errors import InputError
from lfpbold.hemodynamics.fir import fir, lagged_power
from lfpbold.hemodynamics.hrf import spm_hrf

STUDY = (4, 4, 1, 1, 6, 0, 32)
CANONICAL = (6, 16, 1, 1, 6, 0, 32)
LAGS = np.arange(0.0, 33.0)


def scans(rng, p, *, n_scans=6, n_volumes=600, snr=1.0, tr_s=1.0):
    """Power at 10 Hz with slow fluctuations, and its response, sampled at the volumes, in white noise."""
    power, times, bold, volumes = [], [], [], []
    response = spm_hrf(0.1, p)
    for _ in range(n_scans):
        frames = int(n_volumes * tr_s * 10)
        slow = np.convolve(rng.standard_normal(frames + 50), np.ones(10) / np.sqrt(10), mode="same")[:frames]
        one = np.exp(0.5 * slow) * 3
        clean = np.convolve(one - one.mean(), response)[:frames]
        at = np.arange(n_volumes) * tr_s + 0.5
        clean = np.interp(at, 0.05 + np.arange(frames) / 10, clean)
        power.append(one)
        times.append(0.05 + np.arange(frames) / 10)
        bold.append(clean / clean.std() * snr + rng.standard_normal(n_volumes) + 1000)
        volumes.append(at)
    return power, times, bold, volumes


def alike(a, b):
    return np.corrcoef(a, b)[0, 1]


@pytest.mark.parametrize("p", [STUDY, CANONICAL])
def test_a_known_response_is_recovered(p):
    found = fir(*scans(np.random.default_rng(0), p), lags_s=LAGS)
    truth = spm_hrf(1.0, p)
    assert alike(found["hrf"], truth) > 0.98
    assert abs(found["hrf"].argmax() - truth.argmax()) <= 1
    # Equal signal and noise: what is left out is predicted with R² of one half, r of the root of it.
    assert found["r2"].mean() == pytest.approx(0.5, abs=0.05)
    assert found["r"].mean() == pytest.approx(np.sqrt(0.5), abs=0.04)
    # The jackknife's error covers what the estimate misses, in units in which the truth is its best fit.
    scale = truth @ found["hrf"] / (truth @ truth)
    outside = np.abs(found["hrf"] - scale * truth) > 4 * found["se"] + 0.02 * found["hrf"].max()
    assert outside.mean() < 0.1


def test_through_projectors_with_gaps_and_nuisance():
    """Filtered at .01–.1 Hz, nuisance of twice the BOLD's variance, a fifth of the volumes out: the same response."""
    rng = np.random.default_rng(1)
    power, times, bold, volumes = scans(rng, STUDY, n_scans=8)
    projectors = []
    for k in range(8):
        kept = rng.random(600) > 0.2
        nuisance = rng.standard_normal((600, 3)).cumsum(axis=0)
        projectors.append(Projector(600, 1.0, (0.01, 0.1), nuisance, kept))
        bold[k] = (bold[k] + 2 * nuisance @ [1, 1, 1] / nuisance.std())[kept]
        volumes[k] = volumes[k][kept]
    found = fir(power, times, bold, volumes, lags_s=np.arange(0.0, 21.0), projectors=projectors)
    assert abs(found["hrf"].argmax() - 3) <= 1
    # The mean of a response is outside the band.
    band = Projector(21, 1.0, None)
    assert alike(band.apply(found["hrf"]), band.apply(spm_hrf(1.0, STUDY)[:21])) > 0.9
    wrong = fir(power, times, bold, volumes, lags_s=np.arange(0.0, 21.0))
    assert found["r2"].mean() > 0.5 > wrong["r2"].mean() + 0.2


def test_without_penalty_it_is_least_squares():
    rng = np.random.default_rng(2)
    power, times, bold, volumes = scans(rng, STUDY, n_scans=1)
    lags_s = np.arange(-2.0, 11.0, 2.0)
    found = fir(power, times, bold, volumes, lags_s=lags_s, penalties=[0.0])
    x = lagged_power(power[0], times[0], volumes[0], lags_s) / np.std(power[0])
    design = np.column_stack([np.ones(600), x])
    expected = np.linalg.lstsq(design, bold[0] / bold[0].std(), rcond=None)[0][1:]
    np.testing.assert_allclose(found["hrf"], expected, atol=1e-9)
    assert np.isnan(found["r2"]).all() and np.isnan(found["se"]).all()


def test_lagged_power_is_convolution_with_a_response_that_is_linear_between_lags():
    """The sum over lags with weights h is the convolution of power with straight lines through h."""
    rng = np.random.default_rng(3)
    times = 0.05 + np.arange(3000) / 10
    power = rng.standard_normal(3000)
    volumes = 60.05 + np.arange(200.0)
    h = np.r_[0, 0.3, 1, 0.6, 0.2, 0]
    lagged = lagged_power(power, times, volumes, np.arange(6.0))
    fine = np.interp(np.arange(0, 5.01, 0.1), np.arange(6.0), h) / 10
    expected = np.convolve(power - power.mean(), fine)[(np.arange(200) * 10) + 600]
    np.testing.assert_allclose(lagged @ h, expected, atol=1e-10)


def test_smoothness_is_chosen_by_what_it_predicts():
    noisy = fir(*scans(np.random.default_rng(4), STUDY, snr=0.3, n_scans=4, n_volumes=300), lags_s=LAGS)
    clear = fir(*scans(np.random.default_rng(4), STUDY, snr=3.0, n_scans=4, n_volumes=300), lags_s=LAGS)
    assert noisy["penalty"] > clear["penalty"]
    rough = fir(
        *scans(np.random.default_rng(4), STUDY, snr=0.3, n_scans=4, n_volumes=300), lags_s=LAGS, penalties=[1e-12]
    )
    truth = spm_hrf(1.0, STUDY)
    assert alike(noisy["hrf"], truth) > alike(rough["hrf"], truth) + 0.05
    assert noisy["r2"].mean() > rough["r2"].mean()


def test_power_that_has_nothing_to_do_with_the_bold_predicts_nothing():
    rng = np.random.default_rng(5)
    r2, r = [], []
    for _ in range(6):
        power, times, bold, volumes = scans(rng, STUDY, n_scans=4, n_volumes=300)
        found = fir(power, times, bold[::-1], volumes, lags_s=LAGS)
        r2.append(found["r2"].mean())
        r.append(found["r"].mean())
    assert -0.1 < np.mean(r2) < 0.01
    assert abs(np.mean(r)) < 0.1


def test_groups_are_left_out_together():
    rng = np.random.default_rng(6)
    parts = scans(rng, STUDY, n_scans=6, n_volumes=200)
    animals = ["a", "a", "b", "b", "c", "c"]
    found = fir(*parts, lags_s=LAGS[:20], groups=animals, penalties=[1.0])
    # The fit without animal a predicts its scans.
    rest = fir(*([one[k] for k in range(2, 6)] for one in parts), lags_s=LAGS[:20], penalties=[1.0])
    for k in (0, 1):
        x = lagged_power(parts[0][k] / np.std(parts[0][k]), parts[1][k], parts[3][k], LAGS[:20])
        predicted, truth = (x - x.mean(axis=0)) @ rest["hrf"], parts[2][k] - parts[2][k].mean()
        truth = truth / truth.std()
        assert found["r"][k] == pytest.approx(
            predicted @ truth / np.sqrt((predicted @ predicted) * (truth @ truth)), abs=1e-9
        )
        assert found["r2"][k] == pytest.approx(1 - ((truth - predicted) ** 2).sum() / (truth @ truth), abs=1e-9)


def test_the_penalty_is_chosen_without_the_scan_that_it_is_judged_on():
    parts = scans(np.random.default_rng(8), STUDY, n_scans=5, n_volumes=200, snr=0.5)
    found = fir(*parts, lags_s=LAGS)
    own = []
    for k in range(5):
        rest = fir(*([one[j] for j in range(5) if j != k] for one in parts), lags_s=LAGS)
        x = lagged_power(parts[0][k], parts[1][k], parts[3][k], LAGS)
        assert found["r"][k] == pytest.approx(alike(x @ rest["hrf"], parts[2][k]), abs=1e-9)
        own.append(rest["penalty"])
    assert len(set(own)) > 1  # it is not one and the same anyway


def test_what_cannot_be_estimated_is_refused():
    power, times, bold, volumes = scans(np.random.default_rng(7), STUDY, n_scans=2, n_volumes=100)
    with pytest.raises(InputError, match="cannot choose the penalty"):
        fir(power[:1], times[:1], bold[:1], volumes[:1], lags_s=LAGS)
    with pytest.raises(InputError, match="power of a scan is constant"):
        fir([power[0], np.ones(1000)], times, bold, volumes, lags_s=LAGS)
    with pytest.raises(InputError, match="BOLD of a scan is constant"):
        fir(power, times, [bold[0], np.ones(100)], volumes, lags_s=LAGS)
