"""Removal from an array is the pipeline's removal, byte for byte; what a user may get wrong is told."""

from __future__ import annotations

import inspect
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import yaml
from scanner import gradient, one_over_f
from test_pipeline_artefact import opened

from lfpbold.artefact import passes, plan
from lfpbold.artefact.gradient import RemovalOptions, remove_gradient_artefact
from lfpbold.artefact.regression import remove_gradient_by
from lfpbold.errors import InputError
from lfpbold.pipeline.artefact import streaming
from lfpbold.pipeline.artefact.driver import clean_lfp
from lfpbold.recordings import Lfp
from lfpbold.timing import locate

FS, SLICES, VOLUMES, PERIOD_S, START_S = 3051.7578125, 10, 30, 1.0001, 2.30007
CONFIG = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scan():
    """Three channels of µV with offsets, their LFP, and the clock of the scan in them."""
    t = np.arange(int((START_S + VOLUMES * PERIOD_S + 4) * FS)) / FS
    times = np.arange(SLICES) / SLICES
    made = gradient(t, FS, rms=2000.0, start_s=START_S, period_s=PERIOD_S, slice_times_s=times, tr_s=1.0,
                    n_volumes=VOLUMES)  # fmt: skip
    lfp = np.column_stack([one_over_f(t.size, FS, seed=i) + 90 * i for i in range(3)])
    raw = (lfp + made[:, None] * [1, 0.5, 2]).astype(np.float32)
    onsets = START_S + PERIOD_S * np.arange(VOLUMES)
    clock = locate.locate_scan(*opened(raw[:, 0], FS, n_volumes=VOLUMES, tr_s=1.0, triggers_s=onsets))
    return {
        "raw": raw,
        "lfp": lfp,
        "clock": clock,
        "inside": slice(int(onsets[0] * FS) + 1, int((onsets[-1] + 1) * FS)),
    }


def recording(raw) -> Lfp:
    names = [f"c{i}" for i in range(raw.shape[1])]
    return Lfp(FS, len(raw), names, lambda position, start, stop: raw[start:stop, position].copy(), None)


def removed(scan, raw=None, **options):
    clock = scan["clock"]
    return remove_gradient_artefact(scan["raw"] if raw is None else raw, FS, clock.volume_onsets(),
                                    clock.slice_offsets(), **options)  # fmt: skip


WAYS = {
    "blockwise": {},
    "differences": {"fit": "differences", "align": False},
    "pooled": {"template": "pooled"},
    "whole channels": {"average": "sliding", "window_volumes": 9},
    "spline": {"between_samples": 4},
    "components": {"components": 2},
    "nothing": {"template": "none"},
}


@pytest.mark.parametrize("name", WAYS)
def test_an_array_is_cleaned_to_the_bytes_of_the_pipeline(scan, monkeypatch, name):
    """Before resampling; both less the mean of each channel."""
    monkeypatch.setattr(plan, "CHANNEL_SAMPLES", int(7 * FS))
    monkeypatch.setattr(passes, "CHANNELS", 2)
    after = [[] for _ in range(3)]
    add = streaming.ChannelStream.add

    def watched(self, first, before, cleaned, for_spikes):
        after[int(self.name[1])].append(np.array(cleaned))
        add(self, first, before, cleaned, for_spikes)

    monkeypatch.setattr(streaming.ChannelStream, "add", watched)
    clean_lfp(recording(scan["raw"]), scan["clock"], multiunit_hz=None, workers=2, **WAYS[name])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cleaned = removed(scan, keep_offset=False, **WAYS[name])
    assert cleaned.dtype == np.float32
    np.testing.assert_array_equal(cleaned, np.column_stack([np.concatenate(parts) for parts in after]))


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_time_outside_the_scan_and_the_offset_stay(scan, kind):
    raw = scan["raw"].astype(kind) + kind(1e-7)  # which no float32 holds
    kept = raw.copy()
    cleaned = removed(scan, raw)
    np.testing.assert_array_equal(raw, kept)
    assert cleaned.shape == raw.shape and cleaned.dtype == kind
    outside = np.ones(len(raw), bool)
    outside[scan["inside"].start - 1 : scan["inside"].stop + 3] = False
    np.testing.assert_array_equal(cleaned[outside], raw[outside])
    rest = (cleaned - scan["lfp"])[scan["inside"]]
    assert (rest.std(axis=0) < 12).all()  # of 2000, 1000 and 4000 µV
    np.testing.assert_allclose(cleaned[scan["inside"]].mean(axis=0), raw.mean(axis=0), atol=0.5)
    np.testing.assert_array_equal(removed(scan, raw, workers=3), cleaned)


def test_whole_numbers_and_one_channel_are_taken_as_they_are(scan):
    raw = np.round(scan["raw"]).astype(np.int16)
    cleaned = removed(scan, raw[:, 1])
    assert cleaned.shape == (len(raw),) and cleaned.dtype == np.float32
    np.testing.assert_array_equal(cleaned, removed(scan, raw[:, [1]].astype(np.float32))[:, 0])


def test_slices_acquired_at_once_count_once_and_may_come_in_any_order(scan):
    clock, raw = scan["clock"], scan["raw"][:, :1]
    twice = np.concatenate([clock.slice_offsets()[::-1], clock.slice_offsets() + 1e-7])
    both = [remove_gradient_artefact(raw, FS, clock.volume_onsets(), times) for times in (clock.slice_offsets(), twice)]
    np.testing.assert_allclose(both[1], both[0], atol=1e-3)


def test_the_gradients_of_a_volume_begin_with_it_whatever_its_first_slices_own_time(scan):
    clock, raw = scan["clock"], scan["raw"][:, :1]
    later = remove_gradient_artefact(raw, FS, clock.volume_onsets(), clock.slice_offsets() + 0.03)
    np.testing.assert_allclose(later, removed(scan, raw), atol=1e-3)


def test_components_are_removed_above_a_frequency_in_hz(scan):
    raw = scan["raw"][:, 0] - np.float32(scan["raw"][:, 0].mean(dtype=float))
    onsets = scan["clock"].slice_onsets() * FS
    options = {"components": 2, "components_above": 250 / FS}
    expected = remove_gradient_by(raw, onsets, ("samples",), **options)["samples"]
    got = removed(scan, scan["raw"][:, 0], components=2, components_above_hz=250, keep_offset=False)
    np.testing.assert_allclose(got, expected, atol=1e-2)
    assert np.abs(removed(scan, scan["raw"][:, 0], components=2, keep_offset=False) - expected).max() > 1.0


@pytest.mark.parametrize("options", [{}, {"average": "leave_one_out"}])
def test_a_channel_without_an_artefact_is_left_as_it_is_with_a_warning(scan, options):
    with pytest.warns(UserWarning, match="channel 0: no gradient artefact stands out in 10 of 10 templates"):
        cleaned = removed(scan, scan["lfp"][:, :1], **options)
    np.testing.assert_allclose(cleaned, scan["lfp"][:, :1], atol=1e-4)


def spoilt(scan, **changes):
    given = {"samples": scan["raw"], "fs_hz": FS, "volume_onsets_s": scan["clock"].volume_onsets(),
             "slice_times_s": scan["clock"].slice_offsets()}  # fmt: skip
    return given | {name: change(given[name]) for name, change in changes.items()}


def with_nan(raw):
    raw = raw.copy()
    raw[70_000, 2] = np.nan
    return raw


WRONG = {
    "channel 2 holds NaN": {"samples": with_nan},
    r"samples has shape \(2, 2, 2\)": {"samples": lambda _: np.zeros((2, 2, 2))},
    r"samples has shape \(0, 3\)": {"samples": lambda raw: raw[:0]},
    "fs_hz is 0": {"fs_hz": lambda _: 0.0},
    r"volume_onsets_s \(shape \(30,\)\) must be two or more times that ascend": {"volume_onsets_s": lambda t: t[::-1]},
    r"volume_onsets_s \(shape \(1,\)\)": {"volume_onsets_s": lambda t: t[:1]},
    r"begins 1.000 s before the recording": {"volume_onsets_s": lambda t: t - t[0] - 1},
    "the LFP ends before the last volume": {"samples": lambda raw: raw[:80_000]},
    r"slice_times_s must lie in 0…1.0001 s": {"slice_times_s": lambda t: 1000 * t},
    r"slice_times_s must lie in 0": {"slice_times_s": lambda t: t - 0.1},
}


@pytest.mark.parametrize("message", WRONG)
def test_what_cannot_be_cleaned_is_told_in_a_sentence(scan, message):
    with pytest.raises(InputError, match=message):
        remove_gradient_artefact(**spoilt(scan, **WRONG[message]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"template": "slice"}, "template is 'slice'; choose one of per_slice, pooled, none"),
        ({"fit": "diff"}, "choose one of samples, differences"),
        ({"between_samples": "fine"}, "choose auto, band_limited, or a number of knots"),
    ],
)
def test_an_impossible_choice_names_the_possible_ones(scan, options, message):
    with pytest.raises(InputError, match=message):
        removed(scan, **options)


@pytest.mark.parametrize(
    ("changes", "options", "message"),
    [
        ({}, {"tempalte": "pooled"}, "tempalte"),
        ({"samples": lambda _: "rat01.nwb"}, {}, "samples must be an array of real numbers"),
        ({"samples": lambda raw: raw[:99] > 0}, {}, "samples must be an array of real numbers, not of bool"),
        ({"fs_hz": lambda _: "24414"}, {}, "fs_hz must be a number, not str"),
        ({"volume_onsets_s": lambda _: None}, {}, "volume_onsets_s must be an array of real numbers"),
    ],
)
def test_a_programmers_mistake_is_a_type_error(scan, changes, options, message):
    with pytest.raises(TypeError, match=message):
        remove_gradient_artefact(**spoilt(scan, **changes), **options)


def test_defaults_are_those_of_the_config():
    """Of every function that takes options of the section `artefact`; every setting of it belongs to one of them."""
    clean = {f.name: f.default for f in fields(streaming.CleanOptions)}
    located = {f.name: f.default for f in fields(locate._Options)}
    for name, default in (located | clean).items():
        if name not in ("start_s", "lfp_stage", "bold_stage", "extra_triggers"):
            configured = CONFIG["artefact"][name]
            assert default == (tuple(configured) if isinstance(configured, list) else configured), name
    for name in ("lfp_stage", "bold_stage", "extra_triggers"):
        assert located[name] == CONFIG["input"][name]
    assert clean["lfp_stage"] == CONFIG["input"]["lfp_stage"]
    assert set(CONFIG["artefact"]) <= clean.keys() | located.keys()
    assert {f.name for f in fields(RemovalOptions)} <= clean.keys()


def test_every_option_is_described():
    for function, options in (
        (remove_gradient_artefact, RemovalOptions),
        (clean_lfp, streaming.CleanOptions),
        (locate.locate_scan, locate._Options),
    ):
        text = inspect.getdoc(function)
        for option in fields(options):
            assert option.name in text, (function.__name__, option.name)


def test_a_clock_without_its_volumes_cannot_clean(scan):
    with pytest.raises(TypeError, match="use locate_scan"):
        clean_lfp(recording(scan["raw"]), locate.Clock(START_S, PERIOD_S, 1.0))


def test_cleaned_lfp_is_an_array_with_its_rate_and_clock(scan):
    clean = clean_lfp(recording(scan["raw"]), scan["clock"], notch_slice_rate=False)
    assert clean.fs_hz == pytest.approx(1000, rel=1e-6) and clean.channels == ["c0", "c1", "c2"]
    assert np.asarray(clean).shape == clean.samples.shape == (int(VOLUMES * PERIOD_S * clean.fs_hz) + 1, 3)
    assert 0 <= abs(clean.first_sample_s) <= 0.5 / FS and clean.notes == []


@pytest.mark.parametrize("stage", ["raw", "lfp"])
def test_a_channel_is_judged_by_all_of_its_blocks(scan, monkeypatch, stage):
    """Silent blocks before and after the scan are no constant channel; NaN in one block is told whatever follows."""
    monkeypatch.setattr(passes, "BLOCK_BYTES", 3 * 4 * int(FS))
    monkeypatch.setattr(plan, "CHANNEL_SAMPLES", int(FS))
    silent, flat, hurt = (scan["raw"].copy() for _ in range(3))
    silent[:6000, 1] = silent[-9000:, 1] = 5.0
    clean_lfp(recording(silent), scan["clock"], lfp_stage=stage, multiunit_hz=None)
    flat[:, 1], hurt[20_000, 2] = 5.0, np.inf
    with pytest.raises(InputError, match=r"^channel c1 is constant; name the good channels"):
        clean_lfp(recording(flat), scan["clock"], lfp_stage=stage, multiunit_hz=None)
    with pytest.raises(InputError, match=r"^channel c2 holds NaN or infinity; name the good channels"):
        clean_lfp(recording(hurt), scan["clock"], lfp_stage=stage, multiunit_hz=None)
