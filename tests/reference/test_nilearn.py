"""Cleaning and smoothing against nilearn, another implementation of each step."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from nilearn.image import smooth_img
from nilearn.signal import butterworth, clean
from scipy import signal

from lfpbold.bold.cleaning import band_pass, regress_out, smooth


@pytest.fixture
def series():
    return np.random.default_rng(0).standard_normal((400, 12)).cumsum(axis=0) * 0.1 + np.random.default_rng(
        1
    ).standard_normal(12)


def test_band_pass_is_nilearn_s_butterworth(series):
    expected = butterworth(series.copy(), sampling_rate=1.0, low_pass=0.1, high_pass=0.01, order=2)
    # Second-order sections there, a ratio of polynomials here: the same filter, rounded in other places.
    np.testing.assert_allclose(band_pass(series, 1.0, (0.01, 0.1)), expected, atol=1e-8)


def test_nuisance_regression_is_nilearn_s(series):
    confounds = np.random.default_rng(2).standard_normal((400, 5)) @ np.diag([1, 10, 1e-3, 1, 1])
    # The same confounds, detrended, and a line: what nilearn does before it regresses.
    line = np.column_stack([np.ones(400), np.linspace(-1, 1, 400)])
    got = regress_out(series, np.column_stack([line, signal.detrend(confounds, axis=0)]))
    expected = clean(series.copy(), confounds=confounds, detrend=True, standardize=False, standardize_confounds=False)
    np.testing.assert_allclose(got, expected, atol=1e-8)


def test_smoothing_is_nilearn_s_within_the_image(shared_data):
    image = nibabel.load(shared_data / "nitime_human_4d" / "fmri1.nii.gz")
    affine = np.diag([2.0, 2.5, 3.0, 1.0])
    volumes = np.moveaxis(np.asarray(image.dataobj[..., :3], dtype=np.float32), 3, 0)
    got = smooth(volumes, (2.0, 2.5, 3.0), 3.0)
    smoothed = smooth_img(nibabel.Nifti1Image(np.moveaxis(volumes, 0, 3), affine), 3.0)
    expected = np.moveaxis(smoothed.get_fdata(), 3, 0)
    # nilearn takes zeros beyond the image, so that the outermost three voxels differ.
    inside = np.s_[:, 3:-3, 3:-3, 3:-3]
    np.testing.assert_allclose(got[inside], expected[inside], rtol=1e-3)
    assert np.corrcoef(got[inside].ravel(), volumes[inside].ravel())[0, 1] < 0.99
