"""Shares of band power of a raw rat hippocampal LFP (CRCNS hc-2, from neurodsp), in all power of the recording."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.artefact.repeating import repeating_share
from lfpbold.spectral.power import band_power

BANDS = {
    "delta": (1, 4),
    "theta": (4, 7),
    "alpha": (7, 13),
    "beta": (13, 30),
    "low_gamma": (30, 40),
    "gamma": (40, 100),
    "all": (0, 500),
}
SHARES = [0.070, 0.528, 0.191, 0.138, 0.024, 0.032]


@pytest.fixture
def lfp(shared_data):
    return np.load(shared_data / "neurodsp_rat_lfp" / "sample_data_2.npy").astype(float)


def shares(lfp, **options):
    _, power = band_power(lfp, 1000.0, BANDS, **options)
    mean = power.mean(axis=0)
    return mean[:-1] / mean[-1]


def test_shares_are_the_reference_s_with_a_spectrum_fine_enough_for_the_theta_peak(lfp):
    np.testing.assert_allclose(shares(lfp, window_s=4.096, step_s=2.048, taper="hann"), SHARES, atol=5e-4)
    np.testing.assert_allclose(shares(lfp, window_s=4.096, step_s=0.1, taper="hann"), SHARES, atol=0.01)


def test_shares_with_the_study_s_own_window_differ_by_what_one_hertz_blurs(lfp):
    # The theta peak lies at the border of 7 Hz: a 1 s Hamming window, 1.3 Hz wide, moves .02 across it from alpha.
    got = shares(lfp)
    np.testing.assert_allclose(got[[0, 3, 4, 5]], np.array(SHARES)[[0, 3, 4, 5]], atol=0.01)
    np.testing.assert_allclose(got[[1, 2]], [0.540, 0.167], atol=0.002)
    assert got[1] + got[2] == pytest.approx(SHARES[1] + SHARES[2], abs=0.015)


@pytest.mark.parametrize("tr_s", [0.3, 0.5, 1.0, 1.5, 2.0])
def test_real_lfp_is_not_taken_for_artefact(lfp, tr_s):
    assert repeating_share(lfp, 1000.0, 1000.0 * tr_s, int(150 / tr_s)) < 0.2
