"""What puts a recording in doubt, and what does not: artefact that stays, start, clock, mains, movement."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import one_over_f
from test_pipeline_artefact import FS, opened, row, run, scanned

from lfpbold.artefact.quality import line_levels
from lfpbold.artefact.repeating import repeating_share
from lfpbold.errors import DOUBTS, Doubt, InputError, of_channel
from lfpbold.pipeline.artefact.driver import doubts_of
from lfpbold.pipeline.artefact.quality import MOST_REPEATING
from lfpbold.study.settings import defaults

AUTO = {"notch_hz": "auto", "notch_slice_rate": "auto"}


@pytest.fixture(scope="module")
def options():
    return defaults("artefact")


def doubts(given, options, start_s=None, **changes):
    """Names of the doubts by severity, and the share that repeats."""
    _, _, info, *_ = run(*given, row() | {"scan_start_s": start_s}, options, **(AUTO | changes))
    names = {kind: {d["Name"] for d in info["Doubts"] if d["Severity"] == kind} for kind in ("severe", "slight")}
    return names["severe"], names["slight"], info["RepeatingShare"][0]


def test_a_doubt_is_a_sentence_with_a_name_of_a_closed_list():
    doubt = of_channel("A1", Doubt("clock", "the clock is in doubt"))
    assert isinstance(doubt, Doubt) and doubt == "channel A1: the clock is in doubt" and doubt.name == "clock"
    assert of_channel("A1", "a note") == "channel A1: a note" and not isinstance(of_channel("A1", "a note"), Doubt)
    with pytest.raises(KeyError, match="there is no doubt `weather`"):
        Doubt("weather", "it rains")
    assert {severity for severity, _ in DOUBTS.values()} == {"severe", "slight"}


def test_harmless_notes_are_no_doubts():
    notes = ["lfp_fs_hz is not used", Doubt("jitter", "it jitters"), Doubt("clock", "it slips")]
    assert [(d["Name"], d["Severity"], d["Text"]) for d in doubts_of(notes)] == [
        ("jitter", "slight", "it jitters"),
        ("clock", "severe", "it slips"),
    ]


def test_a_scan_in_order_has_no_doubt(options):
    raw, _, onsets = scanned()
    for triggers in (onsets, None):
        severe, slight, share = doubts(opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=triggers), options)
        assert severe == slight == set() and share < 0.25


@pytest.mark.parametrize("tr_s", [0.99, 1.001, 1.01])
def test_a_wrong_tr_leaves_the_artefact(options, tr_s):
    raw, _, onsets = scanned()
    severe, _, share = doubts(opened(raw, FS, n_volumes=39, tr_s=tr_s), options, start_s=onsets[0])
    assert "artefact_left" in severe and share > 0.8


@pytest.mark.parametrize("changes", [{"clock": "nominal"}, {"template": "pooled"}, {"template": "none"}])
def test_a_setting_that_does_not_fit_leaves_the_artefact(options, changes):
    raw, _, onsets = scanned()
    severe, _, share = doubts(opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets), options, **changes)
    assert severe == {"artefact_left"} and share > 0.8


def test_samples_that_were_lost_within_the_scan_leave_the_artefact(options):
    raw, _, onsets = scanned()
    gap = round(onsets[20] * FS)
    raw = np.r_[raw[:gap], raw[gap + 10 :]]
    assert "artefact_left" in doubts(opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets), options)[0]


def test_a_jitter_that_is_not_followed_leaves_the_artefact_and_is_none_where_it_is(options):
    late = np.random.default_rng(0).normal(0, 300e-6, 40)
    raw, _, onsets = scanned(late=late - late.mean())
    given = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    severe, slight, _ = doubts(given, options)
    assert severe == {"artefact_left"} and "jitter" in slight
    assert doubts(given, options, jitter="volumes")[0] == set()


@pytest.mark.parametrize("clock", ["artefact", "triggers"])
def test_triggers_that_are_all_one_volume_late_are_refused(options, clock):
    """The first was lost, and one too many came at the end."""
    raw, _, onsets = scanned()
    late = np.r_[onsets[1:], onsets[-1] + 1.0002]
    with pytest.raises(InputError, match=r"the first trigger says .* 1.00 s too late"):
        doubts(opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=late), options, clock=clock)


def test_dummy_scans_before_the_first_volume_are_no_severe_doubt(options):
    raw, _, onsets = scanned()
    severe, slight, _ = doubts(opened(raw, FS, n_volumes=37, tr_s=1.0, triggers_s=onsets[3:]), options)
    assert severe == set() and slight == {"artefact_beside_scan"}


@pytest.mark.parametrize("uv", [30, 150])
def test_mains_are_not_artefact_that_is_left(options, uv):
    raw, _, onsets = scanned()
    t = np.arange(raw.size) / FS
    raw = raw + uv * (1 + 0.4 * np.sin(2 * np.pi * t / 37)) * np.sin(2 * np.pi * 50.02 * t)
    given = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    severe, _, share = doubts(given, options)
    assert severe == set() and share < 0.25
    severe, _, share = doubts(
        given, options, notch_hz=[60], notch_slice_rate=False
    )  # 50 Hz is five times the slice rate
    assert severe == {"mains_left"} and share < 0.25  # ten times the power of this LFP around 50 Hz, and more


def test_weak_mains_are_told_alone(options):
    raw, _, onsets = scanned()
    raw = raw + 8 * np.sin(2 * np.pi * 50.02 * np.arange(raw.size) / FS)
    given, notches = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets), {"notch_hz": [60]}
    severe, slight, _ = doubts(given, options, **notches, notch_slice_rate=False)
    assert severe == set() and slight == {"mains_missed"}
    assert doubts(given, options, **notches)[:2] == (set(), set())  # notched as a multiple of the slice rate


def test_lfp_that_entered_clean_is_held_against_its_volumes_too(options):
    """Somebody removed the artefact elsewhere, and not well."""
    raw, lfp, onsets = scanned()
    for samples, expected in ((raw, {"artefact_left"}), (lfp, set())):
        given = opened(samples, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
        _, _, info, *_ = run(*given, row(lfp_stage="lfp"), options)
        assert {d["Name"] for d in info["Doubts"]} == expected


def test_the_share_that_repeats_is_that_of_the_power():
    """Noise with a waveform of the same power in it repeats by almost half: frequencies at which the waveform is weak
    tell as much as those at which it is strong. Tones hardly count."""
    rng, n = np.random.default_rng(0), 120
    noise, wave = rng.standard_normal(n * 1000), np.tile(rng.standard_normal(1000), n)
    assert repeating_share(noise, 1000.0, 1000.0, n) < 0.2
    assert repeating_share(noise + wave, 1000.0, 1000.0, n) == pytest.approx(0.43, abs=0.04)
    assert repeating_share(noise + 3 * wave, 1000.0, 1000.0, n) == pytest.approx(0.8, abs=0.06)
    assert repeating_share(noise + 3 * wave, 1000.0, 1013.0, n) > 0.7  # a period that is wrong by 1.3 %
    t = np.arange(noise.size) / 1000
    assert repeating_share(noise + 30 * np.sin(2 * np.pi * 77.7 * t), 1000.0, 1000.0, n) < 0.25
    assert repeating_share(noise + 30 * np.sin(2 * np.pi * 50 * t), 1000.0, 1000.0, n, (50.0,)) < 0.25
    assert np.isnan(repeating_share(noise[:2000], 1000.0, 1000.0, 2))
    assert np.isnan(repeating_share(noise, 50.0, 50.0, n))


@pytest.mark.parametrize(("fs_hz", "tr_s"), [(250.0, 2.0), (1000.0, 0.3), (1000.0, 2.5)])
def test_lfp_of_any_rate_and_tr_stays_below_the_limit(fs_hz, tr_s):
    n = round(120 / tr_s)
    lfp = one_over_f(round(120 * fs_hz), fs_hz)
    assert repeating_share(lfp, fs_hz, tr_s * fs_hz, n) < 0.7 * MOST_REPEATING


def moved(raw, uv, at_s=(20.3, 55.71, 88.123)):
    """The recording with brief movements: a damped oscillation of 8 Hz, and a step that decays."""
    t = np.arange(raw.size) / FS
    for begin in at_s:
        since = np.maximum(t - begin, 0)
        begun = np.clip(since / 0.005, 0, 1)
        raw = raw + uv * begun * (np.exp(-since / 0.15) * np.cos(16 * np.pi * since) + 0.5 * np.exp(-since))
    return raw


@pytest.mark.parametrize("uv", [1000, 3000])
def test_a_movement_is_no_artefact_that_is_left(options, uv):
    """It enters the templates of an average, and so every volume."""
    raw, _, onsets = scanned(n=100)
    given = opened(moved(raw, uv), FS, n_volumes=100, tr_s=1.0, triggers_s=onsets)
    severe, slight, share = doubts(given, options)
    assert severe == slight == set() and share < 0.25


def test_a_movement_alone_does_not_put_a_band_at_risk():
    """Two hundred times as strong as the LFP, and of the volumes' own period, in one segment of fifty."""
    rng, n = np.random.default_rng(0), 400
    lfp, burst = rng.standard_normal(n * 1000), np.tile(200 * rng.standard_normal(1000), 8)
    once, always = lfp.copy(), lfp + np.tile(2 * rng.standard_normal(1000), n)
    once[160_000:168_000] += burst
    at_risk = [line_levels(x, x, 1000.0, 1000.0, n, 10)["AtRisk"] for x in (lfp, once, always)]
    assert at_risk[0] == at_risk[1] == [] and len(at_risk[2]) > 6
