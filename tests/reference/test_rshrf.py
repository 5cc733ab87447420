"""A real simultaneous recording: rat LFP envelope and intrinsic optical signal (rsHRF toolbox), 6.25 Hz, 386 s."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from scipy.io import loadmat

from lfpbold.bold.cleaning import band_pass
from lfpbold.coupling.correlation import correlate, lagged_r, lags
from lfpbold.hemodynamics.hrf import convolve, spm_hrf

STEP_S = 0.16
CANONICAL = (6, 16, 1, 1, 6, 0, 32)


@pytest.fixture
def pair(shared_data):
    content = loadmat(shared_data / "rsHRF" / "s1_suj5_525_preproc.mat")
    assert content["FS2"].item() == 1 / STEP_S
    return signal.detrend(content["LFP"], axis=0), signal.detrend(-content["OPT"], axis=0)


@pytest.mark.parametrize(
    ("band_hz", "at_zero", "largest", "at_s", "convolved"),
    [((0.01, 0.1), -0.124, 0.767, 4.64, 0.762), (None, -0.225, 0.512, 3.36, 0.684)],
    ids=["band-passed", "detrended-only"],
)
def test_reference_numbers_of_the_real_recording(pair, band_hz, at_zero, largest, at_s, convolved):
    envelope, hemodynamic = (band_pass(series, STEP_S, band_hz) for series in pair)
    assert correlate(envelope, hemodynamic)[0, 0] == pytest.approx(at_zero, abs=0.005)
    times, steps = np.arange(len(envelope)) * STEP_S, lags(20, STEP_S)
    course = lagged_r(envelope, times, hemodynamic[:, 0], times, steps)[:, 0]
    assert course.max() == pytest.approx(largest, abs=0.005)
    assert steps[course.argmax()] == pytest.approx(at_s, abs=1e-9)
    regressor = convolve(envelope, spm_hrf(STEP_S, CANONICAL))
    assert correlate(regressor, hemodynamic)[0, 0] == pytest.approx(convolved, abs=0.005)
