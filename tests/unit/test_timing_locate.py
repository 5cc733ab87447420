"""The one way to a scan's place in a recording: stated, from triggers, from the artefact; knots, jitter, coverage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from test_pipeline_artefact import FS, SLICES, opened, scanned

from lfpbold.artefact.aliasing import knots_between
from lfpbold.errors import InputError
from lfpbold.timing import onset
from lfpbold.timing.clock import Clock
from lfpbold.timing.locate import locate_scan, stated_clock

OPTIONS = {"template": "per_slice", "between_samples": "auto", "average": "all", "window_volumes": 6}


def aliased(n=80, period=200.37):
    """A sine of .8 cycles a sample, folded at half the rate, that repeats with every volume; onsets of the volumes."""
    t = np.arange(int(n * period) + 1)
    noise = 0.05 * np.random.default_rng(1).standard_normal(t.size)
    return (np.sin(1.6 * np.pi * (t % period)) + noise).astype(np.float32), period * np.arange(n)[:, None]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"template": "none"}, 0),
        ({"between_samples": "band_limited"}, 0),
        ({"between_samples": 8}, 8),
        ({"between_samples": 8, "template": "none"}, 0),
        ({"average": "sliding"}, 0),  # six volumes cannot tell two knots a sample
    ],
)
def test_knots_are_as_the_settings_say(changes, expected):
    samples, onsets = aliased()
    assert knots_between(samples, onsets, **OPTIONS | changes) == expected


def test_an_aliased_artefact_needs_knots_where_all_volumes_serve():
    samples, onsets = aliased()
    assert knots_between(samples, onsets, **OPTIONS) >= 2
    assert knots_between(samples, onsets, **OPTIONS | {"average": "sliding", "window_volumes": 40}) >= 2


@pytest.mark.parametrize(("jitter_us", "noted"), [(30, False), (150, True)])
def test_jitter_is_noted_above_a_fifth_of_a_sample(jitter_us, noted):
    """65 µs at this rate; below it, fitting each slice makes up for it."""
    late = np.random.default_rng(0).normal(0, jitter_us * 1e-6, 40)
    raw, _, onsets = scanned(late=late)
    lfp, bold = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    clock = locate_scan(lfp, bold, between_samples="band_limited")
    assert any("the TR jitters" in text for text in clock.notes) == noted
    # Robust, and known to a tenth of a sample of 328 µs.
    expected = stats.median_abs_deviation(late, scale="normal") * 1e6
    assert clock.measurements["tr_jitter_us"] == pytest.approx(expected, abs=0.1 * 328)


@pytest.mark.parametrize(("away_s", "noted"), [(0.0, False), (0.018, False), (0.022, True), (0.7, True)])
def test_a_stated_start_that_is_no_trigger_is_noted(away_s, noted):
    """One hundredth of a TR of 2 s is allowed to whoever wrote the start down."""
    onsets = 3 + 2.0 * np.arange(10)
    lfp, bold = opened(np.zeros(30_000), 1000.0, n_volumes=10, tr_s=2.0, triggers_s=onsets)
    clock = stated_clock(lfp, bold, start_s=5.0 + away_s, clock="nominal", short_recording="use")
    assert clock.method == "scan_start_s" and clock.start_s == 5.0 + away_s
    about = [text for text in clock.notes if "nearest trigger" in text]
    expected = f"scan_start_s is {away_s:.3f} s from the nearest trigger; it is used, the triggers are not"
    assert about == ([expected] if noted else [])


SHORT = {"clock": "triggers", "short_recording": "use"}


def test_triggers_that_end_with_the_recording_say_how_many_volumes_there_are():
    """A scanner that is 200 ppm fast: 31 periods between 32 triggers are a little less than 31 TR."""
    onsets = 3 + 0.9998 * np.arange(32)
    given = {"n_volumes": 40, "tr_s": 1.0, "triggers_s": onsets}
    lfp, bold = opened(np.zeros(int((onsets[-1] + 0.5) * 1000)), 1000.0, **given)
    clock = stated_clock(lfp, bold, **SHORT)
    assert clock.n_volumes == 31 and clock.ppm == pytest.approx(-200, abs=1e-6)
    lfp, bold = opened(np.zeros(int((onsets[-1] + 20) * 1000)), 1000.0, **given)
    with pytest.raises(InputError, match="32 triggers for 40 volumes"):  # the recording went on: triggers are missing
        stated_clock(lfp, bold, **SHORT)


def test_a_volume_that_ends_with_the_last_sample_counts():
    """7 × 1.2 s after .3 s are 6.999… volumes in binary numbers."""
    lfp, bold = opened(np.zeros(8700), 1000.0, n_volumes=9, tr_s=1.2)
    assert stated_clock(lfp, bold, start_s=0.3, **SHORT).n_volumes == 7
    lfp, bold = opened(np.zeros(8699), 1000.0, n_volumes=9, tr_s=1.2)
    assert stated_clock(lfp, bold, start_s=0.3, **SHORT).n_volumes == 6


def test_a_recording_of_one_volume_is_no_short_scan():
    lfp, bold = opened(np.zeros(2000), 1000.0, n_volumes=9, tr_s=1.2)
    with pytest.raises(InputError, match=r"9 volumes of 1.2 s from 0.300 s need 11.100 s of LFP"):
        stated_clock(lfp, bold, start_s=0.3, **SHORT)


@pytest.mark.parametrize("clock", ["triggers", "nominal"])
def test_dropped_volumes_took_as_long_as_the_clock_says(clock):
    onsets = 3 + 1.0005 * np.arange(40)
    given = {"n_volumes": 37, "tr_s": 1.0, "triggers_s": onsets, "dummies": 3}
    lfp, bold = opened(np.zeros(60_000), 1000.0, **given)
    located = stated_clock(lfp, bold, clock=clock)
    period = 1.0 if clock == "nominal" else 1.0005
    assert (located.start_s, located.period_s) == pytest.approx((3 + 3 * period, period), abs=1e-9)


@pytest.mark.parametrize(("stage", "expected"), [("raw", np.arange(SLICES) * 0.12), ("realigned", [0.0])])
def test_only_raw_volumes_tell_their_slices(stage, expected):
    lfp, bold = opened(np.zeros(30_000), 1000.0, n_volumes=9, tr_s=1.2)
    clock = stated_clock(lfp, bold, start_s=0.3, bold_stage=stage, **SHORT)
    np.testing.assert_allclose(clock.slice_times_s, expected, atol=1e-12)


@pytest.mark.parametrize(("stage", "may_lack_s"), [("raw", 0.002), ("lfp", 0.05), ("power", 2.0)])
def test_how_much_of_the_scan_a_recording_may_lack(stage, may_lack_s):
    """At its end and at its start; two samples in any case."""
    scan = {"n_volumes": 20, "tr_s": 1.0}
    for lacks_s, fits in ((may_lack_s - 0.001, True), (may_lack_s + 0.001, False)):
        ends_early = opened(np.zeros(round((20 - lacks_s) * 1000)), 1000.0, **scan), 0.0
        starts_late = opened(np.zeros(30_000), 1000.0, **scan), -lacks_s
        for (lfp, bold), start_s in (ends_early, starts_late):
            if fits:
                assert stated_clock(lfp, bold, start_s=start_s, lfp_stage=stage).n_volumes == 20
                continue
            with pytest.raises(InputError, match=r"need 20.000 s of LFP|before the recording"):
                stated_clock(lfp, bold, start_s=start_s, lfp_stage=stage)


def test_where_the_artefact_alone_can_tell_the_start_is_not_known_yet():
    lfp, bold = opened(np.zeros(30_000), 1000.0, n_volumes=20, tr_s=1.0)
    clock = stated_clock(lfp, bold)
    assert clock.method == "artefact" and np.isnan(clock.start_s) and clock.n_volumes == 20
    with pytest.raises(InputError, match="no gradient artefact repeats"):
        locate_scan(lfp, bold)


@pytest.mark.parametrize("stage", ["lfp", "power"])
def test_lfp_without_artefact_begins_with_its_scan_only_where_it_is_as_long(stage):
    """Eleven seconds before the scan would shift everything by eleven volumes."""
    as_long, bold = opened(np.zeros(20_900), 1000.0, n_volumes=20, tr_s=1.0)
    clock = stated_clock(as_long, bold, lfp_stage=stage)
    assert clock.method == "start of the recording" and clock.start_s == 0.0
    longer, bold = opened(np.zeros(31_000), 1000.0, n_volumes=20, tr_s=1.0)
    with pytest.raises(InputError, match=r"lasts 31\.000 s and its scan 20\.000 s.*name the volume triggers by"):
        stated_clock(longer, bold, lfp_stage=stage)
    longer = replace(longer, trigger_names=("R128", "boundary"))
    with pytest.raises(InputError, match="set `trigger` to one of R128, boundary"):
        stated_clock(longer, bold, lfp_stage=stage)
    assert stated_clock(longer, bold, start_s=11.0, lfp_stage=stage).start_s == 11.0


def test_a_rate_that_is_a_period_is_guessed_from_the_length():
    power, bold = opened(np.zeros(200), 0.1, n_volumes=20, tr_s=1.0)
    with pytest.raises(InputError, match=r"if 0\.1 is the time between samples, the rate is 10 Hz"):
        stated_clock(power, bold, lfp_stage="power")


def test_triggers_leave_their_numbers_with_the_clock():
    onsets = np.delete(3 + 1.0 * np.arange(40), 7)
    lfp, bold = opened(np.zeros(60_000), 1000.0, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    clock = locate_scan(lfp, bold, lfp_stage="lfp")
    assert clock.measurements["triggers_per_volume"] == 1
    assert clock.measurements["triggers_missed"] == [[7, pytest.approx(10.0)]]
    assert clock.measurements["triggers_surplus"] == []
    assert clock.measurements["trigger_jitter_us"] == pytest.approx(0, abs=1e-3)
    assert len(clock.notes) == 1 and "1 missed (volume 7" in clock.notes[0]


def test_shifts_of_volumes_are_in_their_onsets():
    late = np.random.default_rng(0).normal(0, 150e-6, 40)
    raw, _, onsets = scanned(late=late)
    lfp, bold = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    clock = locate_scan(lfp, bold, jitter="volumes", between_samples="band_limited")
    apart = clock.volume_onsets() - onsets
    assert np.std(apart) < 2e-6 and np.abs(apart).max() < 0.5 / FS  # the jitter to microseconds, the start to a sample
    np.testing.assert_allclose(clock.slice_onsets()[:, 0], clock.volume_onsets(), atol=1e-12)
    np.testing.assert_allclose(clock.volume_onsets(5), clock.volume_onsets()[:5])
    assert clock.measurements["tr_jitter_us"] == pytest.approx(clock.volume_shifts_s.std() * 1e6)
    assert clock.measurements["triggers_per_volume"] == 1  # what the triggers told is still there


@pytest.mark.parametrize(("between_samples", "refined"), [(4, True), ("band_limited", False)])
def test_the_period_of_an_aliased_artefact_is_refined(monkeypatch, between_samples, refined):
    raw, _, onsets = scanned(n=12)
    lfp, bold = opened(raw, FS, n_volumes=12, tr_s=1.0, triggers_s=onsets)
    monkeypatch.setattr(onset, "refine_aliased", lambda channel, fs_hz, clock, n, knots: replace(clock, period_s=1.001))
    assert (locate_scan(lfp, bold, between_samples=between_samples).period_s == 1.001) == refined


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"short_recordings": "use"}, TypeError, "short_recordings"),
        ({"jitter": "fixed"}, InputError, "jitter is 'fixed'; choose one of none, volumes"),
        ({"clock": "trigger"}, InputError, "clock is 'trigger'; choose one of artefact, triggers, nominal"),
    ],
)
def test_an_option_that_does_not_exist(options, kind, message):
    lfp, bold = opened(np.zeros(30_000), 1000.0, n_volumes=20, tr_s=1.0)
    with pytest.raises(kind, match=message):
        locate_scan(lfp, bold, start_s=1.0, **options)


def test_a_clock_made_by_hand_does_not_know_its_volumes():
    clock = Clock(3.0, 1.0002, 1.0)
    assert clock == Clock(3.0, 1.0002, 1.0, n_volumes=5, notes=("a",)) and clock.n_acquisitions == 1
    np.testing.assert_allclose(clock.slice_onsets(2), [[3.0], [4.0002]])
    with pytest.raises(TypeError, match="give n_volumes"):
        clock.volume_onsets()
