"""Stretches that are no LFP spoil neither what is beside them nor r: found by job and `check`, told, censored."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import gradient, one_over_f
from test_preflight_lfp import check

from lfpbold.artefact.gradient import remove_gradient_artefact
from lfpbold.coupling.correlation import lagged_r
from lfpbold.errors import InputError
from lfpbold.evoked import glm
from lfpbold.pipeline import evoked, hrf, interactive, projection
from lfpbold.pipeline.artefact import driver
from lfpbold.pipeline.artefact.multiunit import Multiunit
from lfpbold.pipeline.coupling import Power
from lfpbold.pipeline.power import power
from lfpbold.recordings import Lfp
from lfpbold.study import settings
from lfpbold.timing.clock import Clock
from lfpbold.timing.extent import check_start

pytestmark = pytest.mark.usefixtures("quiet_writers")

FS, SLICES, VOLUMES, START_S, BIT = 3000.0, 5, 60, 2.0, 1.24
CLOCK = Clock(START_S, 1.0001, 1.0, n_volumes=VOLUMES, slice_times_s=np.arange(SLICES) / SLICES)
NO_NOTCH = {"notch_hz": (), "notch_slice_rate": False}
SETTINGS = settings.load([], {"atlas": {"labels": "labels.nii.gz"}}) | {"bands": {"theta": [4, 8], "gamma": [40, 100]}}
SETTINGS["power"] = SETTINGS["power"] | {"one_hz": None}


@pytest.fixture(scope="module")
def scan():
    """Raw samples and LFP of two channels, (n, 2), µV."""
    t = np.arange(round(66 * FS)) / FS
    where = {"start_s": START_S, "period_s": CLOCK.period_s, "slice_times_s": CLOCK.slice_times_s}
    artefact = gradient(t, FS, **where, tr_s=1.0, n_volumes=VOLUMES, rms=2000.0, seed=3)
    slow = 1 + 0.5 * np.sin(2 * np.pi * t / 20)
    lfp = np.column_stack([slow * one_over_f(t.size, FS, rms=150, seed=7 + i) for i in range(2)])
    return artefact[:, None] * [1.0, 0.8] + lfp, lfp


def at(seconds):
    """Sample of a time in the recording."""
    return round(seconds * FS)


def digitised(samples):
    return (np.round(samples / BIT) * BIT).astype(np.float32)


def cleaned(samples, stage="raw", **options):
    samples = digitised(samples)
    lfp = Lfp(FS, len(samples), ["a", "b"][: samples.shape[1]], lambda i, start, stop: samples[start:stop, i])
    return driver.clean_lfp(lfp, CLOCK, lfp_stage=stage, **NO_NOTCH | {"multiunit_hz": None} | options)


def powers(clean):
    """Band power and what is told of it."""
    none = np.zeros((0, 2))
    values, _, _, info, _ = power(clean.samples, clean.fs_hz, clean.channels, none, clean.info, SETTINGS)
    return np.asarray(values), info


def lost_s(clean):
    return float(sum(end - begin for begin, end in clean.unusable[clean.channels[0]]))


def like(clean, right):
    """r of the power of each band with what it should be, where both are data and where one is not."""
    found, info = powers(clean)
    true, _ = powers(right)
    good = np.ones(len(true), dtype=bool)
    for first, stop in info["LostFrames"]:
        good[first:stop] = False
    return [np.corrcoef(found[good, i], true[good, i])[0, 1] for i in range(2)], ~good, found, true


FAULTS = {
    "zeros": ((slice(at(20.3), at(25.3)), 0.0), "filled with zeros: 20.30–25.30 s"),
    "held": ((slice(at(20.3), at(25.3)), 31.0), "held at one value: 20.30–25.30 s"),
    "from the start": ((slice(0, at(6.0)), 0.0), "filled with zeros: 2.00–6.00 s"),
    "to the end": ((slice(at(57.9), None), 0.0), "filled with zeros: 57.90–62.01 s"),
}


@pytest.mark.parametrize("stage", ["raw", "lfp"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_gap_is_told_with_its_time_and_power_beside_it_is_as_without(scan, name, stage):
    (where, value), words = FAULTS[name]
    samples = scan[0 if stage == "raw" else 1].copy()
    right = cleaned(samples, stage)
    samples[where] = value
    clean = cleaned(samples, stage)
    assert [words in note and "they do not count" in note for note in clean.notes] == [True, True]
    r, lost, found, true = like(clean, right)
    assert min(r) > 0.98
    assert 0.05 < lost.mean() < 0.13
    assert (found[lost] < 3 * true.max(axis=0)).all()
    assert right.unusable == {"a": [], "b": []}
    assert powers(right)[1]["LostFrames"] == []


def test_gaps_between_volumes_and_several_of_them_are_found(scan):
    samples = scan[0].copy()
    for begin in (10.0, 31.17, 48.2):
        samples[at(begin) : at(begin + 0.3), 0] = 0
    clean = cleaned(samples)
    assert len(clean.unusable["a"]) == 3
    assert clean.unusable["b"] == []
    assert 0.9 < lost_s(clean) < 2
    assert min(like(clean, cleaned(scan[0]))[0]) > 0.98


def test_of_two_channels_the_one_that_is_dead_for_long_is_left_out_and_of_one_the_recording_is_refused(scan):
    samples = scan[0].copy()
    samples[at(30) :, 0] = 0
    clean = cleaned(samples)
    assert clean.channels == ["b"]
    assert clean.samples.shape[1] == 1
    assert clean.info["ChannelsUsed"] == ["b"]
    assert "the channel is excluded" in clean.notes[0]
    np.testing.assert_allclose(clean.samples[:, 0], cleaned(scan[0][:, 1:]).samples[:, 0], atol=1e-3)
    with pytest.raises(
        InputError, match=r"channel a: 32.* s of 60.01 s \(53.* %\) are no LFP .*unusable_fraction is 20"
    ):
        cleaned(samples[:, :1])
    assert cleaned(samples[:, :1], max_unusable_fraction=0.6).channels == ["a"]


def test_an_array_whose_artefact_is_removed_is_told_of_samples_that_are_none(scan):
    samples = digitised(scan[0])
    times = {"volume_onsets_s": CLOCK.volume_onsets(), "slice_times_s": CLOCK.slice_offsets()}
    remove_gradient_artefact(samples, FS, **times)  # and any warning is an error
    samples[at(20) : at(23), 1] = samples[at(20), 1]
    with pytest.warns(UserWarning, match=r"^channel 1: 3 s of the scan are no LFP, held at one value, from 18.000 s"):
        remove_gradient_artefact(samples, FS, **times)


def test_lost_packets_cost_no_more_than_their_share_of_a_window(scan):
    samples = scan[1].copy()
    for begin in np.arange(0.5, 65, 1.7):
        samples[at(begin) : at(begin + 0.03)] = 0
    clean, right = cleaned(samples, "lfp"), cleaned(scan[1], "lfp")
    r, lost, found, true = like(clean, right)
    assert lost.sum() == 0
    assert min(r) > 0.95
    np.testing.assert_allclose(found.mean(axis=0), true.mean(axis=0), rtol=0.05)


@pytest.mark.parametrize("size_uv", [3000.0, 10_000.0])
@pytest.mark.parametrize("stage", ["raw", "lfp"])
def test_movements_are_left_out_of_power(scan, size_uv, stage):
    given = scan[0 if stage == "raw" else 1]
    samples, t = given.copy(), np.arange(len(given)) / FS
    for start in (12.31, 33.9, 51.7):
        u = np.maximum(t - start, 0)
        wave = (np.exp(-u / 0.2) * np.cos(2 * np.pi * 8 * u) + 0.5 * np.exp(-u / 0.5)) * -np.expm1(-u / 0.005)
        samples += size_uv * wave[:, None]
    clean = cleaned(samples, stage)
    assert "as a movement leaves" in clean.notes[0]
    r, lost, found, true = like(clean, cleaned(given, stage))
    assert min(r) > 0.99
    assert lost.mean() < 0.25
    assert (found < 3 * true.max(axis=0)).all()


def test_a_gain_that_is_changed_in_the_scan_leaves_the_longer_part(scan):
    samples = scan[0].copy()
    samples[at(55) :] *= 1.6
    clean = cleaned(samples)
    assert "gain is changed: 55.01–62.01 s" in clean.notes[0]


def test_a_recording_of_bursts_or_without_artefact_holds_no_fault(scan):
    t = np.arange(len(scan[1])) / FS
    bursts = np.where((t % 9) < 1.5, 4 * scan[1].T, 0.05 * scan[1].T).T
    for samples, stage in ((bursts, "lfp"), (scan[0] - scan[1] + bursts, "raw"), (scan[1], "raw"), (bursts, "raw")):
        clean = cleaned(samples, stage)
        assert clean.unusable == {"a": [], "b": []}


def test_multiunit_frames_that_touch_the_rails_are_interpolated_or_too_many():
    clock = Clock(0.0, 1.0, 1.0, n_volumes=20)
    rng = np.random.default_rng(0)
    samples = rng.normal(0, 5, 20 * 3000)
    every_slice = [[k / 10, k / 10 + 3e-4] for k in range(200)]
    for hurt, used in (([[5.0, 5.001]], True), (every_slice, False), (every_slice[::20], False)):
        spoilt = samples.copy()
        for begin, end in hurt:
            spoilt[round(begin * 3000) : round(end * 3000)] = 3000
        found = Multiunit((300, 1300), 3000.0, clock)
        channel = found.channel()
        channel.add(0, spoilt, spoilt)
        text = found.enter(channel, rails_s=hurt, limit=0.2)
        assert (text == "") == used
        assert bool(len(found.series())) == used
        if used:
            assert found.series()[:, 1].max() < 3 * np.median(found.series()[:, 1])
    assert "4.76 % of the frames" in text


def test_power_that_was_given_is_filled_where_it_is_held():
    clock, rng = Clock(0.0, 1.0, 1.0, n_volumes=60), np.random.default_rng(0)
    given = rng.gamma(5, 1, (600, 2)).astype(np.float32)
    given[200:260] = given[200]
    lfp = Lfp(10.0, 600, ["theta", "gamma"], lambda i, start, stop: given[start:stop, i])
    clean = driver.clean_lfp(lfp, clock, lfp_stage="power", multiunit_hz=None)
    values, info = powers(clean)
    assert info["LostFrames"] == [(200, 261)]
    assert np.ptp(values[200:260], axis=0).max() < 1
    np.testing.assert_allclose(values[:190], given[:190])


# ---- from power to r -----------------------------------------------------------------------------------------------

INFO = {"FirstStamp": 0.05, "VolumePeriod": 1.0, "RepetitionTime": 1.0, "NumberOfVolumes": 60}


def test_volumes_of_which_more_than_half_the_response_is_without_lfp_are_left_out():
    assert hrf.lost_volumes(600, 10.0, INFO, SETTINGS).size == 0
    long = hrf.lost_volumes(600, 10.0, INFO | {"LostFrames": [[200, 350]]}, SETTINGS)
    assert long.tolist() == list(range(24, 39))
    with pytest.warns(UserWarning, match=r"^volumes 24–38 rest on power where there was no LFP"):
        interactive.convolve(Power(np.ones((600, 1)), 10.0, INFO | {"LostFrames": [[200, 350]]}, ("gamma",)))
    brief = hrf.lost_volumes(600, 10.0, INFO | {"LostFrames": [[200, 210]]}, SETTINGS)
    assert brief.size == 0


def test_r_is_over_the_volumes_that_have_lfp():
    bold_info = {"VolumesKept": np.arange(2, 60), "NumberOfVolumes": 60, "RepetitionTime": 1.0, "Stage": "clean"}
    clean, nuisance = np.arange(58.0)[:, None], np.zeros((58, 0))
    lost = {"VolumesWithoutLfp": [0, 24, 25, 59]}
    left, _, info = projection.covered_volumes(clean, nuisance, bold_info, 60, SETTINGS["bold"], lost)
    assert info["VolumesKept"] == [*range(2, 24), *range(26, 59)]
    assert left[:, 0].tolist() == [*range(22), *range(24, 57)]
    with pytest.raises(InputError, match="only 9 volumes have both"):
        projection.covered_volumes(
            clean, nuisance, bold_info, 60, SETTINGS["bold"], {"VolumesWithoutLfp": list(range(11, 60))}
        )


def test_lags_that_meet_a_gap_are_without_its_volumes():
    rng = np.random.default_rng(0)
    seed, times = rng.standard_normal(60), np.arange(60.0)
    power_ = np.roll(seed, -2)[:, None].copy()
    lost = np.zeros(60, dtype=bool)
    lost[20:30], power_[20:30] = True, 1e3
    r = lagged_r(power_, times, seed, times, [2.0], lost=lost)[0, 0]
    assert r == pytest.approx(1, abs=1e-6)
    assert lagged_r(power_, times, seed, times, [2.0])[0, 0] < 0.9


def test_trials_that_touch_a_gap_are_not_averaged():
    """Windows are −2 to 10 s about onset; the second trial meets lost frames in its power, and none in its BOLD."""
    rng, n = np.random.default_rng(0), 60
    events = glm.Events(np.array([5.0, 15.0, 25.0, 40.0]), np.ones(4), ["a"] * 4)
    design = glm.design(events, n, 1.0, SETTINGS["hrf"]["p"], high_pass_hz=0.01)
    run = evoked.Run(rng.normal(0, 1, (n, 3)), design, np.ones(n, dtype=bool), np.arange(1.0 * n), events)
    how = SETTINGS | {"evoked": SETTINGS["evoked"] | {"window_s": [-2, 10], "step_s": 0.5, "baseline_s": [-2, 0]}}
    counted = {}
    for lost in ([], [[200, 210], [590, 600]]):
        info = INFO | {"LostFrames": lost}
        rows = evoked.responses(run, [True] * 3, rng.gamma(5, 1, (600, 1)), ["gamma"], info, 10.0, how)
        counted[len(lost)] = {(row["signal"], row["n_events"]) for row in rows}
    assert counted == {0: {("bold", 4), ("gamma", 4)}, 2: {("bold", 4), ("gamma", 3)}}


# ---- before a run --------------------------------------------------------------------------------------------------


def test_where_most_of_a_scan_is_empty_the_artefact_says_nothing_of_its_start(scan):
    samples = digitised(scan[0][:, 0])
    samples[at(15) : at(60)] = 0
    assert check_start(samples, FS, CLOCK, "scan_start_s") == CLOCK


@pytest.mark.parametrize(("begin_s", "end_s"), [(0, 8), (1, 6), (55, 66)])
def test_a_gap_at_the_start_or_the_end_does_not_contradict_the_start(scan, begin_s, end_s):
    samples = digitised(scan[0][:, 0])
    samples[at(begin_s) : at(end_s)] = 0
    clock = check_start(samples, FS, CLOCK, "scan_start_s")
    assert clock == CLOCK
    assert clock.notes == ()


@pytest.mark.parametrize("stage", ["raw", "lfp"])
def test_check_tells_of_a_gap_and_refuses_what_is_mostly_one(tmp_path, stage):
    rng = np.random.default_rng(0)
    uv = rng.normal(0, 100, (30_000, 3))
    uv[2000:2300] = 0
    rate = {"lfp_fs_hz": "1000", "lfp_stage": stage, "scan_start_s": "1"}
    np.save(tmp_path / "a.npy", uv)
    problems, notes = check(tmp_path, "a.npy", **rate)
    assert problems == []
    assert [note for note in notes if "0.3 s of 3 s (10 %) are no LFP (filled with zeros: 2.00–2.30 s)" in note]
    uv[1200:3800] = 0
    np.save(tmp_path / "a.npy", uv)
    problems, _ = check(tmp_path, "a.npy", **rate)
    assert len(problems) == 1
    assert "no channel is left" in problems[0]
