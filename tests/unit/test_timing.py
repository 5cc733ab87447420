"""The scanner's clock on the LFP's, against clocks that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import gradient, one_over_f

from lfpbold.errors import InputError
from lfpbold.timing.clock import Clock, acquisition_times
from lfpbold.timing.period import fit_period
from lfpbold.timing.triggers import match_triggers


def recording(fs_hz, tr_s, n_slices, n_volumes, ppm, *, start_s=3.1234, slice_times_s=None, **options):
    """Artefact and LFP of a scan that began at `start_s`; the recording goes on for a second after it."""
    period_s = tr_s * (1 + ppm * 1e-6)
    t = np.arange(int((start_s + n_volumes * period_s + 1) * fs_hz)) / fs_hz
    if slice_times_s is None:
        slice_times_s = np.arange(n_slices) * tr_s / n_slices
    scan = {
        "start_s": start_s,
        "period_s": period_s,
        "slice_times_s": slice_times_s,
        "tr_s": tr_s,
        "n_volumes": n_volumes,
    }
    return gradient(t, fs_hz, **scan, **options) + one_over_f(t.size, fs_hz)


def test_clock_gives_onsets_of_volumes_and_slices_on_the_lfp_clock():
    clock = Clock(2.0, 1.00002, 1.0)
    assert clock.ppm == pytest.approx(20, abs=1e-6)
    np.testing.assert_allclose(clock.volume_onsets(3), [2, 3.00002, 4.00004], rtol=1e-15)
    # Multiband: two slices at each time are one acquisition; the scanner's 0.25 s last 20 ppm longer on the LFP clock.
    onsets = clock.slice_onsets(2, [0.25, 0.0, 0.25, 0.0, 0.7, 0.7])
    np.testing.assert_allclose(onsets, [[2, 2.250005, 2.700014], [3.00002, 3.250025, 3.700034]], rtol=1e-14)


def test_slices_begin_with_their_volume_whatever_the_first_slice_s_own_time():
    """BIDS allows slice times that do not begin at 0; the triggers still mark the first gradient."""
    clock, times = Clock(2.0, 1.00002, 1.0), np.array([0.35, 0.1, 0.8])
    within = (np.sort(times) - 0.1) * 1.00002
    np.testing.assert_allclose(clock.slice_onsets(2, times), [2 + within, 3.00002 + within], rtol=1e-14)


@pytest.mark.parametrize("times", [[], [0, 1.0], [-0.1, 0.2], [0, 50.0, 100.0], [0, np.nan]])
def test_slice_times_outside_the_volume_are_refused(times):
    with pytest.raises(InputError, match=r"SliceTiming in the JSON sidecar \(seconds\)"):
        acquisition_times(times, 1.0)


def test_slices_at_once_count_once_and_slices_of_few_milliseconds_each():
    """Sidecars hold times of single precision: what differs by less than a microsecond is one acquisition."""
    times = [0.3, 0.3 + 2e-7, 0.0, 0.004, 0.008, 0.0085]
    np.testing.assert_allclose(acquisition_times(times, 1.0), [0, 0.004, 0.008, 0.0085, 0.3], atol=5e-7)


def test_triggers_without_jitter_give_the_clock_exactly():
    truth = Clock(12.345678, 2.048792 * (1 - 137.3e-6), 2.048792)
    found = match_triggers(truth.volume_onsets(300), 2.048792, 300).clock
    assert found.start_s == pytest.approx(truth.start_s, abs=1e-9)
    assert found.ppm == pytest.approx(-137.3, abs=1e-6)


def test_triggers_with_jitter_give_the_clock_within_its_standard_error():
    rng = np.random.default_rng(0)
    truth, n, jitter_s = Clock(7.5, 1.00002, 1.0), 600, 0.5e-3
    found = match_triggers(truth.volume_onsets(n) + rng.normal(0, jitter_s, n), 1.0, n).clock
    # Standard errors of a regression line on 0 … n−1: slope σ√(12/n³), intercept 2σ/√n; four of them.
    assert abs(found.ppm - 20) < 4 * jitter_s * np.sqrt(12 / n**3) * 1e6
    assert abs(found.start_s - 7.5) < 4 * 2 * jitter_s / np.sqrt(n)


def test_surplus_triggers_are_used_as_told_and_never_guessed():
    onsets = Clock(1.0, 1.0, 1.0).volume_onsets(52)
    with pytest.raises(InputError, match=r"52 triggers for 50 volumes; set input\.extra_triggers"):
        match_triggers(onsets, 1.0, 50)
    assert match_triggers(onsets, 1.0, 50, extra="after").clock.start_s == pytest.approx(1.0, abs=1e-9)
    assert match_triggers(onsets, 1.0, 50, extra="before").clock.start_s == pytest.approx(3.0, abs=1e-9)


@pytest.mark.parametrize(
    ("triggers", "tr_s", "message"),
    [
        (np.arange(9.0), 1.0, "9 triggers for 10 volumes"),
        (np.arange(10.0)[::-1], 1.0, "not ascending"),
        (np.r_[np.arange(9.0), 7.5], 1.0, "not ascending times: trigger 9 at 7.5 s follows that at 8 s"),
        (np.r_[np.arange(9.0), 8.0], 1.0, "9 triggers for 10 volumes"),
        (np.r_[np.arange(9.0), np.nan], 1.0, "no numbers"),
        (np.arange(10.0), 1.01, "correct the TR"),
        (np.arange(10.0), 2.0, "correct the TR"),
        (np.arange(10.0) + np.isin(np.arange(10), [4, 5]) * 0.3, 1.0, r"2 too many \(trigger 4 at 4\.3000 s"),
        (np.delete(np.arange(11.0), 5), 1.0, r"11 triggers for 10 volumes \(1 missed \(volume 5 at 5\.0000 s\)"),
    ],
)
def test_triggers_that_cannot_be_volumes_are_refused(triggers, tr_s, message):
    with pytest.raises(InputError, match=message):
        match_triggers(triggers, tr_s, 10)


# A twentieth of a part per million is 0.06 samples of 24414 Hz in 60 s. What limits the fit is the last lag, of n − 1
# volumes, known to about a thousandth of a sample where the waveform does not alias: errors are ten times smaller.
@pytest.mark.parametrize("ppm", [0, 20, -20, 137.3, -137.3, 480, -480])
@pytest.mark.parametrize("alike", [0.0, 0.98, 1.0], ids=["own-slices", "nearly-same-slices", "same-slices"])
def test_period_from_the_artefact_with_nothing_known_but_the_nominal_tr(ppm, alike):
    # With slices that are all the same the artefact repeats every 1/20 of a volume: any multiple of it looks right.
    found = fit_period(recording(6103.515625, 1.0, 20, 60, ppm, alike=alike), 6103.515625, Clock(3.1234, 1.0, 1.0), 60)
    assert abs(found.ppm - ppm) < 0.05
    assert found.start_s == 3.1234


@pytest.mark.parametrize(
    ("fs_hz", "tr_s", "n_slices", "n_volumes"),
    [
        (24414.0625, 1.0, 20, 30),
        (6103.515625, 0.6, 12, 60),
        (6103.515625, 2.048792, 37, 40),
        (5000.0, 2.0, 32, 40),
        (5000.0, 0.6, 9, 7),  # a number of volumes that is not a power of two
        (1024.0, 1.0, 20, 120),
        (1024.0, 2.048792, 16, 60),
    ],
)
@pytest.mark.parametrize("ppm", [137.3, -480])
def test_period_at_other_rates_and_repetition_times(fs_hz, tr_s, n_slices, n_volumes, ppm):
    x = recording(fs_hz, tr_s, n_slices, n_volumes, ppm, alike=0.98)
    assert abs(fit_period(x, fs_hz, Clock(3.1234, tr_s, tr_s), n_volumes).ppm - ppm) < 0.05


def test_period_with_uneven_multiband_slices_and_a_scan_start_that_is_off():
    times = np.tile([0.0, 0.11, 0.19, 0.42, 0.60], 3)  # the last 0.4 s of the volume are silent
    x = recording(6103.515625, 1.0, 5, 60, -20, slice_times_s=times, alike=1.0)
    for error_s in (-0.03, 0.0, 0.4):  # the period does not need the start: the artefact repeats from anywhere
        assert abs(fit_period(x, 6103.515625, Clock(3.1234 + error_s, 1.0, 1.0), 60).ppm + 20) < 0.05


def test_period_from_triggers_is_refined_and_not_spoilt():
    rng = np.random.default_rng(3)
    truth = Clock(3.1234, 1 + 20e-6, 1.0)
    coarse = match_triggers(truth.volume_onsets(60) + rng.normal(0, 1e-3, 60), 1.0, 60).clock
    found = fit_period(recording(5000.0, 1.0, 10, 60, 20), 5000.0, coarse, 60)
    assert abs(coarse.ppm - 20) > 0.5 > 0.05 > abs(found.ppm - 20)


def test_period_when_the_recording_ends_with_the_scan():
    x = recording(5000.0, 1.0, 10, 60, 20)
    found = fit_period(x[: int((3.1234 + 60 * 1.00002) * 5000)], 5000.0, Clock(3.1234, 1.0, 1.0), 60)
    assert abs(found.ppm - 20) < 0.05


def test_period_stays_as_it_was_where_nothing_repeats():
    guess = Clock(3.0, 1.00001, 1.0)
    assert fit_period(one_over_f(5000 * 60, 5000.0), 5000.0, guess, 50) == guess
    assert fit_period(np.random.default_rng(0).standard_normal(5000 * 60), 5000.0, guess, 50) == guess
    assert fit_period(np.zeros(5000 * 60), 5000.0, guess, 50) == guess


def test_period_further_away_than_the_search_is_not_invented():
    x = recording(5000.0, 1.0, 10, 40, 3000)
    assert fit_period(x, 5000.0, Clock(3.1234, 1.0, 1.0), 40).ppm == 0
