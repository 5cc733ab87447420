"""Recordings without any trigger: start, period and jitter from the artefact; 1024 Hz, where it is strongly aliased."""

from __future__ import annotations

import numpy as np
import pytest
from aliasing import recording
from scanner import gradient, one_over_f

from lfpbold.artefact.aliasing import knots_needed
from lfpbold.artefact.regression import remove_gradient
from lfpbold.errors import InputError
from lfpbold.timing.clock import Clock
from lfpbold.timing.onset import find_scan, follow_volumes, refine_aliased, volume_jitter
from lfpbold.timing.period import fit_period

FS, PERIOD, NOMINAL = 1024.0, 2048.792, 2.0
FILTERS = {"eighth-order": (8, 0.4), "fourth-order": (4, 0.4), "second-order": (2, 0.3), "first-order": (1, 0.3)}


@pytest.fixture(scope="module", params=FILTERS.values(), ids=FILTERS)
def unseen(request):
    """9.4 T, 1024 Hz, one channel, no trigger, 387 ppm; from amplifiers whose filters let more and more fold back."""
    order, cutoff = request.param
    raw, lfp, onsets = recording(order=order, cutoff=cutoff, lfp_uv=120.0, artefact_uv=2000.0)
    found, notes = find_scan(raw, FS, NOMINAL, len(onsets))
    found = refine_aliased(raw, FS, found, len(onsets), knots_needed(raw, slices_of(found)))
    return {"order": order, "raw": raw, "lfp": lfp, "onsets": onsets, "found": found, "notes": notes}


def inside(onsets):
    return slice(int(onsets[0]) + 2, int(onsets[-1] + PERIOD))


def slices_of(clock, n=150):
    return clock.slice_onsets(n, np.arange(16) * NOMINAL / 16) * FS


def test_period_and_onset_come_from_the_artefact_alone(unseen):
    assert abs(unseen["found"].period_s * FS - PERIOD) < 0.0003
    assert unseen["found"].ppm == pytest.approx(386.7, abs=1)
    # The analogue filter itself delays the artefact, by up to a sample for the fourth order and two for the eighth.
    assert -1 < unseen["found"].start_s * FS - unseen["onsets"][0] < (1.0 if unseen["order"] < 4 else 2.5)
    assert "9.25" in unseen["notes"][0] and "150.00 volumes" in unseen["notes"][0]


def test_what_is_left_is_little_more_than_averaged_lfp_whatever_the_filter(unseen):
    knots = knots_needed(unseen["raw"], slices_of(unseen["found"]))
    steps = slices_of(unseen["found"])
    with pytest.warns(UserWarning, match="no gradient artefact stands out"):  # averaged away at the nominal period
        nominal = remove_gradient(unseen["raw"], slices_of(Clock(unseen["found"].start_s, NOMINAL, NOMINAL)))
    left = {
        name: np.std((remove_gradient(unseen["raw"], onsets, knots=k) - unseen["lfp"])[inside(unseen["onsets"])])
        for name, onsets, k in (
            ("ours", steps, knots),
            ("band-limited", steps, 0),
            ("whole samples", np.round(steps), 0),
        )
    }
    # 120 µV of LFP over the root of 150 volumes is 9.8 µV; k knots per sample cost √k of that.
    assert left["ours"] < 1.5 * 120 * np.sqrt(max(knots, 1) / 150) + 6
    assert left["ours"] < {8: 30, 4: 30, 2: 30, 1: 60}[unseen["order"]]
    assert np.std((nominal - unseen["lfp"])[inside(unseen["onsets"])]) > 500
    if unseen["order"] < 8:
        assert left["ours"] < 0.4 * left["band-limited"]
    assert left["ours"] < 0.6 * left["whole samples"]


@pytest.mark.parametrize("average", ["all", "leave_one_out"])
def test_averages_of_a_spline_leave_as_little(unseen, average):
    cleaned = remove_gradient(unseen["raw"], slices_of(unseen["found"]), knots=4, average=average)
    assert np.std((cleaned - unseen["lfp"])[inside(unseen["onsets"])]) < (75 if unseen["order"] == 1 else 30)


@pytest.mark.parametrize(("order", "cutoff"), [(1, 0.3), (2, 0.3)])
def test_lfp_survives_in_every_band(order, cutoff):
    """Where .5 and 4 % of the artefact's power fold back."""
    n = 300
    raw, lfp, onsets = recording(order=order, cutoff=cutoff, n_volumes=n)
    found, _ = find_scan(raw, FS, NOMINAL, n)
    found = refine_aliased(raw, FS, found, n, knots_needed(raw, slices_of(found, n)))
    steps = slices_of(found, n)
    knots = knots_needed(raw, steps)
    cleaned = remove_gradient(raw, steps, knots=knots, fit="differences")
    for low, high in ((1, 4), (4, 7), (7, 13), (13, 30), (30, 100)):
        r = np.corrcoef(*(band_power(x[inside(onsets)], low, high) for x in (cleaned, lfp)))[0, 1]
        # The template takes knots/n of the LFP's variance; in gamma there is little LFP and some of the artefact left.
        assert r > 1 - 1.3 * knots / n - ((0.12 if order == 1 else 0.02) if low == 30 else 0.01), (low, high, r)
    before = np.corrcoef(*(band_power(x[inside(onsets)], 30, 100) for x in (raw, lfp)))[0, 1]
    assert before < 0.3


def band_power(x, low, high):
    """Power in one-second windows."""
    rows = x[: len(x) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    spectrum = np.abs(np.fft.rfft(rows, axis=1)) ** 2
    return spectrum[:, low : high + 1].mean(axis=1)


@pytest.mark.parametrize("period", [2048.0, 2048.5, 2047.21, 2044.0, 2051.9])
def test_periods_with_any_fraction_and_clocks_up_to_two_thousand_ppm_apart(period):
    raw, _, onsets = recording(period=period, order=2, cutoff=0.3, n_volumes=60)
    found, _ = find_scan(raw, FS, NOMINAL, 60)
    assert abs(found.period_s * FS - period) < 0.005
    assert abs(found.start_s * FS - onsets[0]) < 2
    # With the start given, 500 ppm and more are found as well.
    if abs(period / 2048 - 1) < 6e-4:
        assert abs(fit_period(raw, FS, Clock(onsets[0] / FS, 2.0, 2.0), 60).period_s * FS - period) < 0.005


def test_a_fast_recording_with_minutes_before_the_scan_and_mains_all_along():
    fs_hz, n = 6103.515625, 40
    t = np.arange(int(120 * fs_hz)) / fs_hz
    scan = {"start_s": 61.2345, "period_s": 1.0 - 137e-6, "slice_times_s": np.arange(20) / 20, "tr_s": 1.0}
    raw = gradient(t, fs_hz, n_volumes=n, **scan) + one_over_f(t.size, fs_hz) + 80 * np.sin(2 * np.pi * 60 * t)
    found, _ = find_scan(raw, fs_hz, 1.0, n)
    assert abs(found.ppm + 137) < 0.05
    assert abs(found.start_s - 61.2345) < 0.005  # its first burst comes 3 ms after the volume; a slice lasts 50 ms


def test_dummy_scans_and_scans_of_another_length_are_not_guessed():
    raw, _, onsets = recording(n_volumes=64)
    with pytest.raises(InputError, match=r"64\.\d+ volumes, but the BOLD has 60; set input\.extra_triggers"):
        find_scan(raw, FS, NOMINAL, 60)
    before, _ = find_scan(raw, FS, NOMINAL, 60, "before")
    after, _ = find_scan(raw, FS, NOMINAL, 60, "after")
    assert before.start_s * FS == pytest.approx(onsets[4], abs=2)
    assert after.start_s * FS == pytest.approx(onsets[0], abs=2)
    with pytest.raises(InputError, match="but the BOLD has 80"):
        find_scan(raw, FS, NOMINAL, 80)


def test_where_nothing_repeats_no_scan_is_found():
    for silent in (one_over_f(200_000, FS), np.zeros(200_000), one_over_f(900, FS)):
        with pytest.raises(InputError, match="no gradient artefact repeats with the TR"):
            find_scan(silent, FS, NOMINAL, 60)


@pytest.mark.parametrize("jitter", [0.05, 0.5, 2.0])
def test_volumes_that_jitter_are_followed(jitter):
    """In samples of 1 ms: half a millisecond and more is far beyond what scanners do, tens of microseconds are less."""
    raw, lfp, onsets = recording(order=4, jitter=jitter, n_volumes=100)
    regular = np.polyval(np.polyfit(np.arange(100), onsets, 1), np.arange(100))
    followed, error = follow_volumes(raw, regular, 8, 4)
    rest = (followed - onsets) - (followed - onsets).mean()
    assert rest.std() < 0.02 and error < 0.01
    assert volume_jitter(raw, regular, 8) == pytest.approx(jitter, rel=0.25, abs=0.15)
    fine = np.arange(16) / 16 * PERIOD
    left = [
        np.std((remove_gradient(raw, start[:, None] + fine, knots=4) - lfp)[inside(onsets)])
        for start in (regular, followed)
    ]
    assert left[1] < 45
    if jitter > 0.1:
        assert left[1] < 0.2 * left[0]


@pytest.mark.parametrize("jitter_us", [0, 20, 60])
def test_tens_of_microseconds_at_a_high_rate(jitter_us):
    fs_hz, n = 12207.03125, 30
    rng = np.random.default_rng(0)
    late = rng.normal(0, jitter_us * 1e-6, n)
    regular = 2.30007 + 1.00002 * np.arange(n)
    t = np.arange(int(34 * fs_hz)) / fs_hz
    scan = {"slice_times_s": np.arange(20) / 20, "tr_s": 1.0, "n_volumes": 1, "period_s": 1.00002}
    raw = one_over_f(t.size, fs_hz)
    for onset in regular + late:
        here = slice(int(onset * fs_hz), int((onset + 1.01) * fs_hz))
        raw[here] += gradient(t[here], fs_hz, start_s=onset, **scan)
    followed, _ = follow_volumes(raw, regular * fs_hz, 6)
    rest = followed / fs_hz - regular - late
    assert np.std(rest) < 0.1e-6
    assert volume_jitter(raw, regular * fs_hz, 6) / fs_hz == pytest.approx(jitter_us * 1e-6, rel=0.35, abs=3e-6)
