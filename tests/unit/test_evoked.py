"""Averages locked to events."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.evoked import averages
from lfpbold.stats.noise_ceiling import steps
from lfpbold.stats.tests import mean_and_sem
from tests.unit.test_glm import events


def test_pieces_of_a_straight_line_lie_on_it():
    """Interpolation is exact, whatever the place of an event between samples."""
    times = np.arange(0, 100, 0.7)
    after = steps(-2, 5, 0.5)
    assert after[0] == -2 and after[-1] == 5 and len(after) == 15
    found = averages.around_onsets(np.column_stack([3 * times, -times]), times, [10.0, 33.33], after)
    np.testing.assert_allclose(found[..., 0], 3 * (np.array([[10.0], [33.33]]) + after), atol=1e-9)
    np.testing.assert_allclose(found[..., 1], -(np.array([[10.0], [33.33]]) + after), atol=1e-9)


def test_nothing_is_invented_outside_and_in_gaps():
    times = np.r_[np.arange(0, 20.0), np.arange(25, 60.0)]
    found = averages.around_onsets(times[:, None], times, [3.0, 18.0, 58.0], np.arange(-5, 6.0))[..., 0]
    assert np.isnan(found[0, :2]).all() and np.isfinite(found[0, 2:]).all()  # before the first sample
    assert np.isfinite(found[1, :7]).all() and np.isnan(found[1, 7:]).all()  # 20 … 24 were left out
    assert np.isnan(found[2, 7:]).all() and found[2, 6] == 59


def test_change_is_in_per_cent_of_what_was_before():
    """Two events of baselines 2 and 6, each doubled: +2 and +6, which are 50 and 150 % of their mean, 4."""
    after = np.arange(-2, 3.0)
    pieces = np.array([[2, 2, 4, 4, 4], [6, 6, 12, 12, 12.0]])[..., None]
    found = averages.percent_of_baseline(pieces, after, (-2, 0), ratio=True)[..., 0]
    np.testing.assert_allclose(found, [[0, 0, 50, 50, 50], [0, 0, 150, 150, 150]])
    plain = averages.percent_of_baseline(pieces, after, (-2, 0), ratio=False)[..., 0]
    np.testing.assert_allclose(plain[1], [0, 0, 6, 6, 6])


def test_mean_and_error_over_events_leave_out_what_is_missing():
    change = np.array([[1.0, 2.0], [3.0, np.nan], [5.0, 4.0]])[..., None]
    mean, error, n = (x[:, 0] for x in mean_and_sem(change))
    assert mean.tolist() == [3.0, 3.0] and n.tolist() == [3, 2]
    assert error == pytest.approx([2 / np.sqrt(3), np.sqrt(2) / np.sqrt(2)])


def test_the_average_finds_the_response_in_noise():
    """A boxcar of 8 in noise of sd 4: the mean over 200 events errs by 4/√200."""
    rng = np.random.default_rng(0)
    times = np.arange(0, 4000.0)
    onsets = np.arange(10, 3990, 20.0)
    series = 100 + 4 * rng.standard_normal((4000, 1))
    for onset in onsets:
        series[int(onset) : int(onset) + 5] += 8
    after = np.arange(-5, 10.0)
    change = averages.percent_of_baseline(
        averages.around_onsets(series, times, onsets, after), after, (-5, 0), ratio=True
    )
    mean, error, _ = mean_and_sem(change)
    truth = np.where((after >= 0) & (after < 5), 8.0, 0.0)
    assert np.abs(mean[:, 0] - truth).max() < 4 * np.median(error)
    assert np.median(error) == pytest.approx(4 / np.sqrt(len(onsets)) * np.sqrt(1 + 1 / 5), rel=0.15)


def test_subtraction_is_the_difference_of_two_means():
    """A signal that is 7 higher from 2 s after onset to 2 s after the end, on a level of its own in each voxel."""
    times = np.arange(200.0)
    on = np.zeros(200)
    for onset in (30, 80, 130):
        on[onset + 2 : onset + 12] = 1
    data = on[:, None] * [7.0, -1.0] + [100.0, 50.0]
    trains = events([30, 80, 130], 10)
    found = averages.subtraction(data, times, trains, [1.0], delay_s=2.0, baseline_s=(-10, 0))
    np.testing.assert_allclose(found, [7.0, -1.0])
    data[81:95] = 1e6  # volumes that are not kept say nothing
    keep = np.ones(200, dtype=bool)
    keep[81:95] = False
    np.testing.assert_allclose(
        averages.subtraction(data, times, trains, [2.0], delay_s=2.0, baseline_s=(-10, 0), keep=keep), [14.0, -2.0]
    )
