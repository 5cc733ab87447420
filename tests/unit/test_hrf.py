"""The hemodynamic response and its regressors against gamma densities, sums and straight lines."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lfpbold.errors import InputError
from lfpbold.hemodynamics.hrf import at_volumes, convolve, delay_grid, spm_hrf, within_recording
from lfpbold.pipeline import hrf as stage
from lfpbold.stats.noise_ceiling import steps

STUDY = (4, 4, 1, 1, 6, 0, 32)


@pytest.mark.parametrize("tr_s", [0.1, 0.5, 1.0])
def test_the_study_s_response_is_a_gamma_density_of_shape_four(tr_s):
    response = spm_hrf(tr_s, STUDY)
    t = np.arange(response.size) * tr_s
    density = stats.gamma.pdf(t, 4)  # t³ e⁻ᵗ / 6
    np.testing.assert_allclose(response, density / density.sum(), rtol=1e-10, atol=1e-15)
    assert response.sum() == pytest.approx(1, abs=1e-14)
    assert t[response.argmax()] == pytest.approx(3.0)
    # The mean of the density is ∫ t h = 4 s; at samples 1 s apart the sum is 0.004 below the integral.
    assert t @ response == pytest.approx(4.0, abs=5e-3)
    assert response.min() >= 0
    assert t[-1] == pytest.approx(32)


def test_a_single_gamma_of_other_scale():
    # Tu & Zhang 2022: shape 3, scale 0.8 s, which SPM writes as delay 2.4 s and dispersion 0.8 s.
    response = spm_hrf(0.1, (2.4, 2.4, 0.8, 0.8, 6, 0, 32))
    density = stats.gamma.pdf(np.arange(321) * 0.1, 3, scale=0.8)
    np.testing.assert_allclose(response, density / density.sum(), rtol=1e-9, atol=1e-15)


def test_a_response_that_begins_at_once_is_an_exponential_from_its_first_sample_on():
    response = spm_hrf(0.1, (1, 1, 1, 1, 6, 0, 32))
    density = np.exp(-np.arange(321) * 0.1)
    np.testing.assert_allclose(response, density / density.sum(), rtol=1e-10)


@pytest.mark.parametrize(("last", "expected"), [(0.3, [0, 0.1, 0.2, 0.3]), (0.29, [0, 0.1, 0.2]), (0.0, [0])])
def test_steps_include_the_last_value_where_they_meet_it(last, expected):
    """.3/.1 is a little less than 3 in binary numbers."""
    np.testing.assert_allclose(steps(0.0, last, 0.1), expected, atol=1e-15)


def test_a_recording_lasts_half_a_frame_beyond_its_stamps():
    times = 10 + 0.2 * np.arange(50)  # frames that stand for 9.9 to 19.9 s
    wanted = np.array([[9.89, 9.9, 9.95], [19.8, 19.9, 19.91]])
    assert within_recording(wanted, times).tolist() == [[False, True, True], [True, True, False]]


def test_onset_moves_the_response_and_ratio_deepens_the_undershoot():
    shifted, plain = spm_hrf(0.1, (6, 16, 1, 1, 6, 2, 32)), spm_hrf(0.1, (6, 16, 1, 1, 6, 0, 32))
    assert shifted.argmax() - plain.argmax() == 20
    assert (shifted[:20] == 0).all()
    assert spm_hrf(0.1, (6, 16, 1, 1, 2, 0, 32)).min() < 2 * plain.min() < 0


@pytest.mark.parametrize("ratio", [2, 6])
def test_the_canonical_response_is_the_difference_of_two_gamma_densities(ratio):
    t = np.arange(321) * 0.1
    density = stats.gamma.pdf(t, 6) - stats.gamma.pdf(t, 16) / ratio
    np.testing.assert_allclose(spm_hrf(0.1, (6, 16, 1, 1, ratio, 0, 32)), density / density.sum(), atol=1e-12)


@pytest.mark.parametrize(
    "p",
    [
        (0, 4, 1, 1, 6, 0, 32),
        (4, 4, -1, 1, 6, 0, 32),
        (4, 4, 1, 1, 0, 0, 32),
        (4, 4, 1, 1, 6, 0, np.nan),
        (4, 4, 1, 1, 1, 0, 32),  # response and undershoot are the same
    ],
)
def test_impossible_responses_are_refused(p):
    with pytest.raises(InputError, match=r"hrf\.p"):
        spm_hrf(1.0, p)


def test_convolution_is_the_sum_over_the_past():
    rng = np.random.default_rng(0)
    power = rng.gamma(2.0, size=(500, 3)) * [1, 1e-6, 1e6]
    got = convolve(power, spm_hrf(0.1, STUDY))
    response, centred = spm_hrf(0.1, STUDY), power - power.mean(axis=0)
    for frame in (0, 1, 57, 320, 321, 499):
        past = np.arange(max(0, frame - response.size + 1), frame + 1)
        error = got[frame] - response[frame - past] @ centred[past]
        assert (np.abs(error) < 1e-12 * power.max(axis=0)).all()
    assert got.shape == power.shape


def test_convolution_lets_a_slow_rhythm_through_four_seconds_late():
    t = np.arange(6000) * 0.1
    rhythm = np.sin(2 * np.pi * 0.02 * t)
    got = convolve(rhythm[:, None], spm_hrf(0.1, STUDY))[1000:, 0]
    # Γ(4, 1 s) has gain (1 + ω²)⁻² and phase 4 atan ω.
    omega = 2 * np.pi * 0.02
    expected = (1 + omega**2) ** -2 * np.sin(2 * np.pi * 0.02 * t[1000:] - 4 * np.arctan(omega))
    np.testing.assert_allclose(got, expected, atol=2e-4)


def test_sampling_at_volumes_is_exact_on_lines_and_holds_the_ends():
    frames = 0.5 + 0.1 * np.arange(200)
    lines = np.column_stack([2 * frames + 1, -3 * frames])
    volumes = np.array([0.0, 0.5, 1.234, 7.77, 20.3999, 20.4, 25.0])
    inside = np.clip(volumes, 0.5, 20.4)
    np.testing.assert_allclose(
        at_volumes(lines, frames, volumes), np.column_stack([2 * inside + 1, -3 * inside]), rtol=1e-12
    )


def test_sampling_at_volumes_is_numpy_s_interpolation_on_anything():
    rng = np.random.default_rng(0)
    frames, series = np.sort(rng.random(300)) * 100, rng.standard_normal((300, 4))
    volumes = np.linspace(-1, 101, 333)
    expected = np.column_stack([np.interp(volumes, frames, column) for column in series.T])
    np.testing.assert_allclose(at_volumes(series, frames, volumes), expected, atol=1e-9)


def test_grid_of_hrfs_has_the_study_s_cells_and_marks_the_degenerate_ones():
    grid = delay_grid((2, 8, 0.25), (2, 12, 0.5))
    assert len({delay for delay, _, _ in grid}) == 25 and len({undershoot for _, undershoot, _ in grid}) == 21
    assert [delay for delay, undershoot, same in grid if same] == [2 + 0.5 * k for k in range(13)]
    for delay, undershoot, same in grid[::37]:
        assert same == (delay == undershoot)
    # In a degenerate cell the undershoot is the response again, and the difference one gamma density.
    alone = spm_hrf(0.1, (5, 16, 1, 1, 1e15, 0, 32))
    np.testing.assert_allclose(spm_hrf(0.1, (5, 5, 1, 1, 6, 0, 32)), alone, atol=1e-14)


def test_regressors_over_the_grid_are_those_of_each_hrf():
    power, info = np.random.default_rng(0).random(1000), {"NumberOfVolumes": 95, "VolumePeriod": 1.0, "FirstStamp": 0.5}
    settings = {"hrf": {"p": [4, 4, 1, 1, 6, 0, 32], "detrend": "constant", "band_pass": "none", "sample_at_s": 0.0}}
    grid = [(3.0, 9.0, False), (5.0, 5.0, True)]
    found = stage.over_grid(power, 10.0, info, settings, grid)
    for column, (delay, undershoot, _) in enumerate(grid):
        expected = convolve(power[:, None], spm_hrf(0.1, (delay, undershoot, 1, 1, 6, 0, 32)))
        expected = at_volumes(expected, 0.5 + np.arange(1000) / 10, np.arange(95.0))[:, 0]
        np.testing.assert_allclose(found[:, column], expected, atol=1e-12)
