"""Smoothing, nuisance regression and band-pass against analytic Gaussians, scikit-learn, SciPy and nilearn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal
from sklearn.linear_model import LinearRegression

from lfpbold.bold.cleaning import band_pass, mean_brain_mask, nuisance_regressors, regress_out, smooth
from lfpbold.errors import InputError

BAND = (0.01, 0.1)


def test_smoothing_has_its_width_in_millimetres_along_every_axis():
    voxel_mm, fwhm_mm, shape = np.array([0.5, 0.4, 0.8]), 3.0, (61, 71, 41)
    point = np.zeros((1, *shape))
    point[0, 30, 35, 20] = 1
    got = smooth(point, voxel_mm, fwhm_mm)[0].astype(float)
    assert got.sum() == pytest.approx(1, abs=1e-4)
    distance = (np.stack(np.indices(shape), axis=-1) - [30, 35, 20]) * voxel_mm
    sigma = fwhm_mm / 2.3548200450309493
    density = np.exp(-(distance**2).sum(axis=-1) / (2 * sigma**2)) * voxel_mm.prod() / (2 * np.pi * sigma**2) ** 1.5
    # Voxels are narrow beside the kernel, so that the sampled Gaussian is the continuous one; it is cut off at 4 sigma.
    np.testing.assert_allclose(got, density, atol=3e-4 * density.max())


def test_smoothing_by_the_study_s_kernel_and_by_none():
    volumes = np.random.default_rng(0).standard_normal((3, 12, 12, 6)).astype(np.float32)
    np.testing.assert_array_equal(smooth(volumes, (0.5, 0.5, 1), 0), volumes)
    constant = smooth(np.full((2, 8, 8, 4), 7.0), (0.5, 0.5, 1), 0.75)
    np.testing.assert_allclose(constant, 7, rtol=1e-6)  # to the very edge
    # White noise keeps 1/(2√π σ) of its variance along each axis, σ in voxels (0.637, 0.637 of 0.5 mm).
    noise = np.random.default_rng(1).standard_normal((40, 40, 40, 1)).astype(np.float32)
    sigma = 0.75 / 2.3548200450309493 / 0.5
    weights = np.exp(-(np.arange(-6, 7) ** 2) / (2 * sigma**2))
    expected = ((weights / weights.sum()) ** 2).sum() ** 2  # the sum that the integral stands for
    inside = smooth(noise, (0.5, 0.5, 1), 0.75)[:, 4:-4, 4:-4]
    assert inside.var() == pytest.approx(expected, rel=0.03)  # 41 000 voxels, a quarter of them independent: 1.4 %


def test_nuisance_regressors_are_the_means_of_their_masks_and_the_motion():
    rng = np.random.default_rng(0)
    volumes, motion = rng.standard_normal((50, 4, 4, 3)) + 100, rng.standard_normal((50, 6)) * 1e-3
    masks = {"white_matter": rng.random((4, 4, 3)) > 0.5, "global_signal": np.ones((4, 4, 3), bool)}
    got, names = nuisance_regressors(volumes, masks, motion)
    assert (
        names[:2] == ["constant", "trend"] and names[-2:] == ["white_matter", "global_signal"] and got.shape == (50, 10)
    )
    np.testing.assert_array_equal(got[:, 0], 1)
    np.testing.assert_allclose(got[:, 1:].mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(got[:, 1:].std(axis=0), 1)
    expected = np.column_stack(
        [np.arange(50), motion, volumes[:, masks["white_matter"]].mean(axis=1), volumes.reshape(50, -1).mean(axis=1)]
    )
    for column, truth in zip(got[:, 1:].T, expected.T, strict=True):
        assert np.corrcoef(column, truth)[0, 1] == pytest.approx(1, abs=1e-10)
    assert nuisance_regressors(volumes, {}, None, detrend="constant")[1] == ["constant"]
    with pytest.raises(InputError, match="ventricles is empty"):
        nuisance_regressors(volumes, {"ventricles": np.zeros((4, 4, 3), bool)})


def test_residuals_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((200, 9)), rng.standard_normal((200, 50))
    got = regress_out(y, np.column_stack([np.ones(200), x]))
    np.testing.assert_allclose(got, y - LinearRegression().fit(x, y).predict(x), atol=1e-12)


def test_residuals_know_nothing_of_collinear_and_badly_scaled_regressors():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((200, 3)), rng.standard_normal((200, 20)) + 1000
    plain = regress_out(y, np.column_stack([np.ones(200), x]))
    twice = regress_out(y, np.column_stack([np.ones(200), x, x @ [1, 2, 3], x[:, 0], 1e-4 * x[:, 1], np.zeros(200)]))
    np.testing.assert_allclose(twice, plain, atol=1e-8)
    assert np.abs(x.T @ twice).max() < 1e-8
    np.testing.assert_allclose(regress_out(plain, np.column_stack([np.ones(200), x])), plain, atol=1e-9)


def test_too_few_volumes_for_the_regressors_are_refused():
    with pytest.raises(InputError, match="10 volumes are too few for 10"):
        regress_out(np.zeros((10, 1)), np.eye(10))


@pytest.mark.parametrize("tr_s", [0.6, 1.0, 2.048792])
def test_band_pass_is_matlab_s_filtfilt(tr_s):
    x = np.random.default_rng(0).standard_normal((600, 5)) + 10
    b, a = signal.butter(2, np.array(BAND) * 2 * tr_s, "bandpass")
    np.testing.assert_allclose(band_pass(x, tr_s, BAND), signal.filtfilt(b, a, x, axis=0), atol=1e-9)


@pytest.mark.parametrize("padding", ["odd", "even", "gustafsson"])
def test_band_pass_has_the_gain_of_butterworth_to_the_fourth_and_no_delay(padding):
    t = np.arange(4000.0)
    b, a = signal.butter(2, BAND, "bandpass", fs=1.0)
    for frequency in (0.002, 0.01, 0.03, 0.1, 0.2):
        tone = np.sin(2 * np.pi * frequency * t)
        got = band_pass(tone[:, None], 1.0, BAND, padding=padding)[1000:3000, 0]
        # |H|² = 1/(1 + x⁴), twice: an edge keeps exactly a half.
        gain = abs(signal.freqz(b, a, [frequency], fs=1.0)[1][0]) ** 2
        np.testing.assert_allclose(got, gain * tone[1000:3000], atol=2e-3)
        if frequency in BAND:
            assert gain == pytest.approx(0.5)


def test_edges_of_the_band_pass_are_as_the_settings_say():
    """The variance of the first and last volumes against the middle, of white noise."""
    x = np.random.default_rng(0).standard_normal((1200, 2000))
    edge = {}
    for padding in ("odd", "even", "gustafsson"):
        variance = (band_pass(x, 1.0, BAND, padding=padding) ** 2).mean(axis=1)
        edge[padding] = (variance[:10].mean() + variance[-10:].mean()) / 2 / variance[300:900].mean()
    # Ten volumes of 2000 series at two ends: the ratio is known to 3 %.
    assert edge["odd"] == pytest.approx(4, abs=0.6)
    assert 0.9 < edge["even"] < 1.3
    assert 0.9 < edge["gustafsson"] < 1.5


@pytest.mark.parametrize(("padding", "sd"), [("odd", 0.082), ("even", 0.067), ("gustafsson", 0.067)])
def test_correlation_of_independent_filtered_series_spreads_as_known(padding, sd):
    x = np.random.default_rng(1).standard_normal((1200, 4000))
    y = band_pass(x, 1.0, BAND, padding=padding)
    y /= np.linalg.norm(y - y.mean(axis=0), axis=0)
    r = (y[:, ::2] * y[:, 1::2]).sum(axis=0)
    # The standard deviation of 2000 values is known to 1/√4000 = 1.6 %: three of them, and the digit that 0.082 lacks.
    assert r.std() == pytest.approx(sd, rel=0.05)


def test_band_pass_refuses_what_does_not_fit_and_can_be_off():
    x = np.random.default_rng(0).standard_normal((100, 2))
    np.testing.assert_array_equal(band_pass(x, 1.0, None), x)
    with pytest.raises(InputError, match=r"not below the Nyquist frequency 0\.1 Hz"):
        band_pass(x, 5.0, BAND)
    with pytest.raises(InputError, match="15 volumes are too few"):
        band_pass(x[:15], 1.0, BAND)


def test_brain_mask_of_a_mean_image_is_the_large_bright_thing_without_holes():
    grid = np.indices((30, 30, 20)) - np.array([15, 15, 10])[:, None, None, None]
    ball = (grid**2).sum(axis=0) < 64
    image = np.where(ball, 1000.0, 20.0)
    image[15, 15, 10] = 0  # a dark ventricle
    image[2, 2, 2] = 5000  # a bright speck elsewhere
    np.testing.assert_array_equal(mean_brain_mask(image), ball)
    with pytest.raises(InputError, match="empty"):
        mean_brain_mask(np.zeros((5, 5, 5)))


def test_gustafsson_is_refused_above_order_four():
    x = np.random.default_rng(2).standard_normal((400, 2))
    with pytest.raises(InputError, match="unstable above order 4"):
        band_pass(x, 1.0, BAND, order=5, padding="gustafsson")
    assert np.isfinite(band_pass(x, 1.0, BAND, order=4, padding="gustafsson")).all()
    assert np.isfinite(band_pass(x, 1.0, BAND, order=5, padding="even")).all()


@pytest.mark.parametrize(("n", "tr_s", "reach"), [(600, 1.0, 100), (600, 2.048792, 49), (80, 1.0, 79)])
def test_even_padding_reflects_over_one_period_of_the_lower_edge(n, tr_s, reach):
    """0.01 Hz has a period of 100 s; a series that is shorter is reflected whole."""
    x = np.random.default_rng(3).standard_normal((n, 3)) + 10
    sections = signal.butter(2, BAND, "bandpass", fs=1 / tr_s, output="sos")
    expected = signal.sosfiltfilt(sections, x, axis=0, padtype="even", padlen=reach)
    np.testing.assert_allclose(band_pass(x, tr_s, BAND, padding="even"), expected, atol=1e-9)


def test_sixteen_volumes_are_the_fewest_that_order_two_filters():
    """A continuation of 3 × (2 × 2 + 1) = 15 volumes, which SciPy's `filtfilt` needs too, and one more."""
    x = np.random.default_rng(4).standard_normal((16, 2))
    b, a = signal.butter(2, BAND, "bandpass", fs=1.0)
    np.testing.assert_allclose(band_pass(x, 1.0, BAND), signal.filtfilt(b, a, x, axis=0), atol=1e-9)


def test_brain_mask_starts_above_a_fifth_of_the_98th_percentile():
    image = np.full((20, 20, 10), 1000.0)
    image[0, 0, 0] = 1e6  # one bright voxel of 4000 does not count
    image[:3], image[3:6] = 199.0, 201.0
    expected = np.ones(image.shape, bool)
    expected[:3] = False
    np.testing.assert_array_equal(mean_brain_mask(image), expected)


def test_regressors_that_differ_by_a_ten_millionth_are_both_taken_out():
    rng = np.random.default_rng(5)
    one, other, y = rng.standard_normal((200, 1)), rng.standard_normal((200, 1)), rng.standard_normal((200, 4))
    got = regress_out(y, np.column_stack([np.ones(200), one, one + 1e-7 * other]))
    both = np.column_stack([one, other])
    # Their difference is known to 1e-16/1e-7 = 1e-9.
    np.testing.assert_allclose(got, y - LinearRegression().fit(both, y).predict(both), atol=3e-8)


def test_motion_that_does_not_move_is_a_regressor_of_zeros():
    motion = np.random.default_rng(6).standard_normal((30, 6))
    motion[:, 2] = 0
    got, names = nuisance_regressors(np.zeros((30, 2, 2, 2)), {}, motion)
    assert np.isfinite(got).all() and not got[:, names.index("trans_z")].any()
