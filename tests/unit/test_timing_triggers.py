"""Triggers as scanners and cables make them: of slices, jittered, missed, doubled, analogue."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from lfpbold.errors import InputError
from lfpbold.timing.clock import Clock
from lfpbold.timing.trigger_line import edges
from lfpbold.timing.triggers import match_triggers

UNEVEN = np.array([0.0, 0.11, 0.19, 0.42, 0.60])
EVEN = np.arange(20) / 20


@pytest.mark.parametrize("ppm", [0, 387, -500, 900])
@pytest.mark.parametrize("slices", [None, EVEN, UNEVEN], ids=["volumes", "even-slices", "uneven-slices"])
def test_missed_and_surplus_triggers_are_named_and_do_not_enter_the_fit(ppm, slices):
    rng = np.random.default_rng(1)
    n, truth = 400, Clock(3.0, 1 + ppm * 1e-6, 1.0)
    m = 1 if slices is None else slices.size
    true = truth.slice_onsets(n, [0.0] if slices is None else slices).ravel()
    seen = true + rng.normal(0, 40e-6, true.size)  # a TR that jitters by tens of microseconds
    gone, doubled = [5 * m + m // 2, 100 * m, 100 * m + m - 1], [20.3 + 0.0123, 300.2477]
    given = np.sort(np.append(np.delete(seen, gone), doubled))
    match = match_triggers(given, 1.0, n, slice_times_s=slices)
    assert match.per_volume == m
    assert [k for k, _ in match.missed] == sorted(set(gone))
    np.testing.assert_allclose([t for _, t in match.missed], true[sorted(set(gone))], atol=1e-4)
    np.testing.assert_allclose([t for _, t in match.surplus], doubled, atol=1e-9)
    # Four standard errors of a regression line through n × m points.
    assert abs(match.clock.ppm - ppm) < 4 * 40e-6 * np.sqrt(12 / (n**3 * m)) * 1e6
    assert abs(match.clock.start_s - 3.0) < 4 * 2 * 40e-6 / np.sqrt(n * m)
    assert match.jitter_s == pytest.approx(40e-6, rel=0.1)
    assert f"{len(set(gone))} missed" in match.notes[0] and "2 too many" in match.notes[0]


def test_slice_triggers_are_recognised_without_knowing_the_slice_times():
    onsets = Clock(2.0, 1.2 * (1 + 83e-6), 1.2).slice_onsets(50, np.arange(16) * 0.075).ravel()
    match = match_triggers(onsets, 1.2, 50)
    assert match.per_volume == 16 and match.notes == []
    assert match.clock.ppm == pytest.approx(83, abs=1e-6) and match.clock.start_s == pytest.approx(2.0, abs=1e-9)


@pytest.mark.parametrize(("extra", "start"), [("before", 7.0), ("after", 3.0)])
def test_surplus_volumes_of_slice_triggers_are_used_as_told(extra, start):
    onsets = np.delete(Clock(3.0, 1.0, 1.0).slice_onsets(54, UNEVEN).ravel(), [103])
    with pytest.raises(InputError, match=r"270 slice triggers for 50 volumes of 5 slices.*set input\.extra_triggers"):
        match_triggers(onsets, 1.0, 50, slice_times_s=UNEVEN)
    match = match_triggers(onsets, 1.0, 50, extra, UNEVEN)
    assert match.clock.start_s == pytest.approx(start, abs=1e-9)
    # Counted from the first volume that is used: trigger 103 is slice 3 of volume 20, the 16th where four went before.
    assert match.missed[0][0] == (83 if extra == "before" else 103)


@pytest.mark.parametrize("extra", ["before", "after"])
def test_triggers_of_volumes_that_are_not_used_are_no_faults(extra):
    onsets = np.sort(np.append(Clock(3.0, 1.0, 1.0).volume_onsets(54), 30.4))
    match = match_triggers(onsets, 1.0, 50, extra)
    assert match.missed == [] and match.surplus == [(28, 30.4)]


def test_a_trigger_missed_at_an_end_is_not_guessed():
    onsets = Clock(3.0, 1.0, 1.0).volume_onsets(50)
    for some in (onsets[1:], onsets[:-1]):
        with pytest.raises(InputError, match="49 triggers for 50 volumes: the first or the last 1 were missed"):
            match_triggers(some, 1.0, 50)


def test_a_first_trigger_that_belongs_to_nothing_is_passed_over():
    onsets = np.append(0.3, Clock(3.01, 1.0, 1.0).volume_onsets(50))  # a test pulse before the scan
    match = match_triggers(onsets, 1.0, 50)
    assert match.clock.start_s == pytest.approx(3.01, abs=1e-9)
    assert [i for i, _ in match.surplus] == [0] or match.surplus == []


@pytest.mark.parametrize("apart", [0.3, 0.43, 0.66])
def test_triggers_at_no_part_of_the_tr_are_refused(apart):
    with pytest.raises(InputError, match="neither the TR"):
        match_triggers(np.arange(200) * apart, 1.0, 50)


def test_many_missed_triggers_are_too_many():
    onsets = np.delete(Clock(3.0, 1.0, 1.0).volume_onsets(100), np.arange(10, 90, 12))
    with pytest.raises(InputError, match=r"7 missed \(volume 10 at 13.0000 s.*and 1 more\)"):
        match_triggers(onsets, 1.0, 100)


@pytest.mark.parametrize(("missed", "refused"), [(5, False), (6, True)])
def test_one_trigger_in_twenty_may_be_missed(missed, refused):
    onsets = np.delete(Clock(3.0, 1.0, 1.0).volume_onsets(100), np.arange(10, 90, 12)[:missed])
    if refused:
        with pytest.raises(InputError, match="6 missed"):
            match_triggers(onsets, 1.0, 100)
    else:
        assert match_triggers(onsets, 1.0, 100).clock.start_s == pytest.approx(3.0, abs=1e-9)


def test_a_single_missed_trigger_of_a_short_scan_is_no_fault():
    onsets = np.delete(Clock(3.0, 1.0, 1.0).volume_onsets(12), 5)
    assert [k for k, _ in match_triggers(onsets, 1.0, 12).missed] == [5]


@pytest.mark.parametrize("ppm", [-900, 900, 1100])
def test_clocks_apart_by_a_thousandth_are_taken_for_another_tr(ppm):
    onsets = Clock(3.0, 2 * (1 + ppm * 1e-6), 2.0).volume_onsets(60)
    if ppm > 1000:
        with pytest.raises(InputError, match=r"2\.0022 s apart.*the TR is 2 s"):
            match_triggers(onsets, 2.0, 60)
    else:
        assert match_triggers(onsets, 2.0, 60).clock.ppm == pytest.approx(ppm, abs=1e-6)


def test_two_triggers_are_enough_for_a_period():
    found = match_triggers([3.0, 4.0005], 1.0, 2).clock
    assert (found.start_s, found.period_s) == pytest.approx((3.0, 1.0005), abs=1e-12)


def test_half_of_the_triggers_are_missing_before_anything_is_matched():
    with pytest.raises(InputError, match="24 triggers for 50 volumes; give scan_start_s"):
        match_triggers(np.arange(24.0), 1.0, 50)


@pytest.mark.parametrize("fs_hz", [1024.0, 6103.515625])
@pytest.mark.parametrize("falling", [False, True])
def test_edges_of_an_analogue_line_between_samples(fs_hz, falling):
    """Pulses of 20 ms through the low-pass of the amplifier, with noise, drift of the level and clicks."""
    rng = np.random.default_rng(2)
    true = 1.2345 + 0.9137 * np.arange(60)
    fine = 16
    t = np.arange(int(58 * fs_hz * fine)) / (fs_hz * fine)
    line = ((t[:, None] >= true) & (t[:, None] < true + 0.02)).any(axis=1) if fs_hz < 2000 else np.isin(
        np.searchsorted(np.column_stack([true, true + 0.02]).ravel(), t, side="right") % 2, 1)  # fmt: skip
    sections = signal.butter(2, 0.25 * fs_hz, fs=fs_hz * fine, output="sos")
    line = signal.sosfilt(sections, 5.0 * line)[::fine] + 0.02 * rng.standard_normal(t[::fine].size) - 0.3
    line[[100, 3000, 9000]] += 3.0  # clicks that are over the half, but not over three quarters
    found = edges(-line if falling else line, fs_hz, falling=falling)
    inside = true[true < 57.9]
    assert found.size == inside.size
    delay = signal.group_delay(signal.sos2tf(sections), [10.0], fs=fs_hz * fine)[1][0] / (fs_hz * fine)
    # A twentieth of a sample would need a line without corners; a tenth is 16 µs at 6 kHz.
    np.testing.assert_allclose(found - delay, inside, atol=0.15 / fs_hz)


def test_bounces_are_one_edge_and_lines_without_levels_none():
    line = np.zeros(1000)
    line[100:150] = line[153:200] = line[600:700] = 1.0
    np.testing.assert_allclose(edges(line, 1000.0, dead_s=0.1), [0.0995, 0.5995])
    assert edges(line, 1000.0, dead_s=1e-3).size == 3
    for bad, message in ((np.zeros(100), "never changes"), (np.array([]), "empty"), (np.full(9, np.nan), "NaN"),
                         (np.random.default_rng(0).standard_normal(9999), "looks like noise")):  # fmt: skip
        with pytest.raises(InputError, match=message):
            edges(bad, 1000.0)


def test_a_line_that_is_already_high_has_not_risen():
    line = np.array([5.0, 5, 5, 0, 0, 0, 0, 5, 5, 5, 0, 0])
    np.testing.assert_allclose(edges(line, 1.0, dead_s=0), [6.5])


def test_duplicated_triggers_count_once_and_are_told():
    """Some programs write every marker into two lists."""
    once = 3.0 + 2.0001 * np.arange(12)
    plain, doubled = match_triggers(once, 2.0, 12), match_triggers(np.repeat(once, 2), 2.0, 12)
    assert doubled.clock == plain.clock and plain.notes == []
    assert doubled.notes == ["12 triggers are duplicated (the first at 3.0000 s); each counts once"]
