"""Band power on its way to regressors: drift, bands without a value, and the filter that the settings name."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal, stats

from lfpbold.pipeline import hrf as stage

SETTINGS = {
    "hrf": {"p": [4, 4, 1, 1, 6, 0, 32], "detrend": "linear", "band_pass": "none", "sample_at_s": 0.5},
    "bold": {"band_pass_hz": [0.01, 0.1], "filter_order": 2, "filter_padding": "odd"},
}


def drifting(n=3000, fs_hz=10.0):
    """Power of two bands that drifts through the scan, one more that has no bin; and its times."""
    t = np.arange(n) / fs_hz
    power = np.random.default_rng(0).gamma(2.0, size=(n, 2)) + np.outer(t, [0.05, -0.2]) + [5, 90]
    return np.column_stack([power, np.full(n, np.nan)]), t


@pytest.mark.parametrize("degree", [0, 1])
def test_mean_or_drift_is_taken_out_of_the_power(degree):
    power, t = drifting()
    given = SETTINGS | {"hrf": SETTINGS["hrf"] | {"detrend": ("constant", "linear")[degree]}}
    found = stage.prepared_power(power, 10.0, given)
    design = np.vander(t, degree + 1)
    expected = power[:, :2] - design @ np.linalg.lstsq(design, power[:, :2], rcond=None)[0]
    np.testing.assert_allclose(found[:, :2], expected, atol=1e-9)
    assert np.isnan(found[:, 2]).all()


def test_power_is_filtered_like_the_bold_where_asked_for():
    power, _ = drifting()
    given = SETTINGS | {"hrf": SETTINGS["hrf"] | {"band_pass": "power"}}
    found = stage.prepared_power(power, 10.0, given)[:, 0]
    sections = signal.butter(2, (0.01, 0.1), "bandpass", fs=10.0, output="sos")
    expected = signal.sosfiltfilt(sections, signal.detrend(power[:, 0]))
    # Paddings may differ; three periods of the lowest frequency from either end they no longer count.
    np.testing.assert_allclose(found[1000:-1000], expected[1000:-1000], atol=0.03 * expected.std())


def test_regressors_are_the_response_to_the_past_at_the_time_that_the_settings_name():
    """A burst of one frame at 100 s; its response is t³ e⁻ᵗ/6 of the time since, of both bands alike."""
    power = np.zeros((3000, 2))
    power[1000, 0] = 1.0
    power[:, 1] = np.nan
    info = {"NumberOfVolumes": 290, "VolumePeriod": 1.0, "RepetitionTime": 1.0, "FirstStamp": 0.5}
    given = SETTINGS | {"hrf": SETTINGS["hrf"] | {"detrend": "constant"}}
    found = stage.hrf(power, 10.0, info, given)
    assert found.shape == (290, 2) and np.isnan(found[:, 1]).all()
    since = np.arange(290) + 0.5 - (0.5 + 1000 / 10)  # of a volume, compared at the middle of its TR
    np.testing.assert_allclose(found[since > 0, 0] * 10, stats.gamma.pdf(since[since > 0], 4) - 1 / 300, atol=5e-4)
    assert since[found[:, 0].argmax()] == 3
