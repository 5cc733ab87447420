"""The stage from a raw recording to LFP on the scan's time, from recordings without triggers, cut short, jittered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from aliasing import recording
from scanner import gradient, one_over_f

from lfpbold.errors import InputError
from lfpbold.pipeline.artefact.clock import require_coverage
from lfpbold.pipeline.artefact.driver import artefact
from lfpbold.pipeline.artefact.notches import choose_notches
from lfpbold.pipeline.artefact.quality import QualityWarnings, line_warnings
from lfpbold.pipeline.artefact.streaming import CleanOptions
from lfpbold.recordings import Bold, Lfp
from lfpbold.timing.clock import Clock
from lfpbold.timing.trigger_line import edges

FS, SLICES = 3051.7578125, 10


@pytest.fixture(scope="module")
def defaults():
    return yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())["artefact"]


def opened(raw, fs_hz, *, n_volumes, tr_s, n_slices=SLICES, triggers_s=None, slice_times_s=None, dummies=0):
    raw = np.asarray(raw, dtype=np.float32)
    lfp = Lfp(fs_hz, raw.size, ["a"], lambda position, start, stop: raw[start:stop], triggers_s)
    bold = Bold((4, 4, n_slices), n_volumes, np.eye(4), tr_s, slice_times_s, lambda a, b: None, dummy_volumes=dummies)
    return lfp, bold


def row(**changes):
    stages = {"lfp_stage": "raw", "bold_stage": "raw", "extra_triggers": "refuse", "trigger": "t"}
    return {"where": "line 2", "lfp": "x.edf", "scan_start_s": None, "input": stages | changes}


def scanned(n=40, ppm=200.0, start_s=3.1234, late=0.0, seconds=6.0):
    """Raw, LFP and volume onsets; `late` are the jitters of the volumes."""
    period_s = 1 + ppm * 1e-6
    t = np.arange(int((start_s + n * period_s + seconds) * FS)) / FS
    onsets = start_s + period_s * np.arange(n) + late
    lfp = one_over_f(t.size, FS)
    raw = lfp.copy()
    one = {"period_s": period_s, "slice_times_s": np.arange(SLICES) / SLICES, "tr_s": 1.0, "n_volumes": 1}
    for onset in onsets:
        here = slice(int(onset * FS), int((onset + 1.01) * FS))
        raw[here] += gradient(t[here], FS, start_s=onset, **one)
    return raw, lfp, onsets


def agree(cleaned, lfp, fs_hz, start_s, low=4, high=30):
    """Correlation with the true LFP, in a band."""
    from scipy import signal

    times = np.arange(len(cleaned)) / 1000 + np.round(start_s * fs_hz) / fs_hz
    true = np.interp(times, np.arange(lfp.size) / fs_hz, lfp)
    sections = signal.butter(2, (low, high), "bandpass", fs=1000, output="sos")
    return np.corrcoef(*(signal.sosfiltfilt(sections, x)[1000:-1000] for x in (cleaned, true)))[0, 1]


def run(lfp, bold, given, settings, **changes):
    return artefact(
        lfp, bold, given, settings | {"notch_hz": [], "notch_slice_rate": False} | changes, log=lambda _: None
    )


def test_without_trigger_or_start_the_scan_is_found_in_the_artefact(defaults):
    raw, lfp, onsets = scanned()
    cleaned, fs_hz, info, _, qc = run(*opened(raw, FS, n_volumes=40, tr_s=1.0), row(), defaults)
    assert info["ClockFrom"] == "artefact" and abs(info["ClockPpm"] - 200) < 0.1
    assert abs(info["ScanStart"] - onsets[0]) < 0.01
    assert len(info["Warnings"]) == 1 and "there is no trigger and no scan_start_s" in info["Warnings"][0]
    assert fs_hz == 1000 and agree(cleaned[:, 0], lfp, FS, info["ScanStart"]) > 0.97
    assert qc["artefact"]["Lines"]["AtRisk"] == [] and qc["artefact"]["Locked"]["VarianceAfter"] < 1e-3


def test_a_recording_of_1024_hz_without_trigger_whose_header_is_387_ppm_off(defaults):
    raw, lfp, _ = recording(order=2, cutoff=0.3, n_volumes=150)
    settings = defaults | {"fs_hz": 1024}
    given = opened(raw, 1024.0, n_volumes=150, tr_s=2.0, n_slices=16)
    cleaned, _, info, _, qc = run(*given, row(), settings, band_pass_hz=[0.1, 300])
    assert abs(info["VolumePeriod"] * 1024 - 2048.792) < 3e-4
    assert info["TemplateImages"] > 1
    begin = round(info["ScanStart"] * 1024)
    rest = cleaned[2000:-2000, 0] - lfp[begin : begin + len(cleaned)][2000:-2000]
    assert np.std(rest) < 35  # of 2000 µV; the LFP below 0.1 Hz that the filter takes is in it
    assert qc["artefact"]["Locked"]["VarianceBefore"] > 0.5
    plain, *_ = run(*given, row(), settings, between_samples="band_limited")
    assert np.std(plain[2000:-2000, 0] - lfp[begin : begin + len(plain)][2000:-2000]) > 100


def test_a_thresholded_line_of_slice_triggers_with_faults(defaults):
    raw, lfp, onsets = scanned()
    slices = (onsets[:, None] + np.arange(SLICES) / SLICES * 1.0002).ravel()
    t = np.arange(raw.size) / FS
    line = np.zeros(raw.size)
    for onset in np.delete(slices, [57, 123]):
        line[(t >= onset) & (t < onset + 0.02)] = 4.0
    given = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=edges(line, FS))
    cleaned, _, info, *_ = run(*given, row(), defaults)
    assert info["TriggersPerVolume"] == SLICES and [k for k, _ in info["TriggersMissed"]] == [57, 123]
    assert abs(info["ScanStart"] - onsets[0]) < 1 / FS and abs(info["ClockPpm"] - 200) < 0.1
    assert any("2 missed (volume 5 slice 7" in text for text in info["Warnings"])
    assert agree(cleaned[:, 0], lfp, FS, info["ScanStart"]) > 0.97


def test_a_recording_that_ends_before_the_scan_is_refused_or_used_as_far_as_it_goes(defaults):
    raw, lfp, onsets = scanned()
    raw = raw[: int((onsets[31] + 0.4) * FS)]
    for triggers in (onsets[:32], None):
        lfp_file, bold = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=triggers)
        with pytest.raises(InputError, match=r"line 2.*(32 triggers for 40|40 volumes of 1 s)"):
            run(lfp_file, bold, row(), defaults)
        cleaned, _, info, *_ = run(lfp_file, bold, row(), defaults, short_recording="use")
        assert info["NumberOfVolumes"] == 31 and info["NumberOfVolumesInBold"] == 40
        assert any("ends after 31 of 40 volumes" in text for text in info["Warnings"])
        assert agree(cleaned[:, 0], lfp, FS, info["ScanStart"]) > 0.96
    with pytest.raises(InputError, match="line 2"):
        require_coverage(*opened(raw, FS, n_volumes=40, tr_s=1.0), row(), defaults)


def test_a_tr_that_jitters_is_noticed_and_followed(defaults):
    late = np.random.default_rng(0).normal(0, 150e-6, 40)
    raw, lfp, onsets = scanned(late=late - late.mean())
    given = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    _, _, info, *_ = run(*given, row(), defaults)
    assert any("the TR jitters by" in text and "artefact.jitter" in text for text in info["Warnings"])
    cleaned, _, followed, *_ = run(*given, row(), defaults, jitter="volumes")
    late = onsets - np.polyval(np.polyfit(np.arange(40), onsets, 1), np.arange(40))
    assert followed["TrJitterUs"] == pytest.approx(late.std() * 1e6, rel=0.02)
    assert not any("jitter" in text or "left" in text for text in followed["Warnings"])
    assert agree(cleaned[:, 0], lfp, FS, followed["ScanStart"], 100, 200) > 0.95


def test_volumes_that_were_dropped_from_the_file_still_had_triggers(defaults):
    raw, _, onsets = scanned()
    for triggers, given in ((onsets, row()), (None, row()), (None, row() | {"scan_start_s": onsets[0]})):
        dropped = opened(raw, FS, n_volumes=37, tr_s=1.0, triggers_s=triggers, dummies=3)
        _, _, info, *_ = run(*dropped, given, defaults)
        assert abs(info["ScanStart"] - onsets[3]) < 0.012 and info["NumberOfVolumes"] == 37


def test_bands_at_risk_reach_the_warnings(defaults):
    raw, _, onsets = scanned()
    given = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    _, _, info, _, qc = run(*given, row(), defaults, average="sliding", window_volumes=5)
    assert any("LFP was taken with the artefact" in text and "bands more" in text for text in info["Warnings"])
    assert len(qc["artefact"]["Lines"]["AtRisk"]) > 4


def quality_warnings(left=0.0, outside=0.0, template="per_slice", reach_s=5.0, seconds=20.0, fs_hz=1000.0, n=10):
    """Warnings about white artefact of which a share is left in the scan, and some is `reach_s` beyond its ends."""
    clock = Clock(5.0, 1.0, 1.0, n_volumes=n)
    t = np.arange(int(seconds * fs_hz)) / fs_hz
    samples, scan = np.random.default_rng(0).standard_normal(t.size), (t >= 5) & (t < 5 + n)
    near = (t >= 5 - reach_s) & (t < 5 + n + reach_s)
    before = samples * np.where(scan, 1.0, outside * near)
    after = before * np.where(scan, left, 1.0)
    quality = QualityWarnings(fs_hz, clock, template)
    for first in range(0, samples.size, 1700):  # in pieces, as a recording comes
        quality.add(first, before[first : first + 1700], after[first : first + 1700])
    return quality.texts()


def test_an_artefact_that_stays_is_told_with_its_share():
    (text,) = quality_warnings(left=0.25, outside=0.5)
    assert text.startswith("25 % of the broadband signal is left; check the clock")
    assert quality_warnings(left=0.11)[0].startswith("11 %") and quality_warnings(left=0.09) == []
    assert quality_warnings(left=0.0, template="none")[0].startswith("artefact.template is none")


def test_an_artefact_beyond_the_scan_is_told_of_either_side():
    texts = quality_warnings(outside=0.35)  # of a second of white samples, whose deviation is known to 2 %
    assert [text.split(";")[0] for text in texts] == [
        "the artefact is there before the scan too",
        "the artefact is there after the scan too",
    ]
    assert quality_warnings(outside=0.26) == []
    assert quality_warnings(outside=3.0, reach_s=0.095) == []  # a tenth of a second is left to the gradients' edges


def test_the_artefact_of_dummy_volumes_before_the_scan_is_no_surprise(defaults):
    raw, _, onsets = scanned()
    given = row() | {"scan_start_s": float(onsets[0])}
    _, _, info, _, _ = run(*opened(raw, FS, n_volumes=38, tr_s=1.0, dummies=2), given, defaults)
    assert info["DummyVolumes"] == 2
    assert not [text for text in info["Warnings"] if "before the scan" in text]
    late = row() | {"scan_start_s": float(onsets[2])}  # the same volumes, of which nobody has said anything
    _, _, info, _, _ = run(*opened(raw, FS, n_volumes=38, tr_s=1.0), late, defaults)
    assert [text for text in info["Warnings"] if "before the scan" in text]


def test_half_a_second_after_the_scan_is_needed_to_tell_of_it():
    """The recording goes on for .1 s that do not count, and .45 or .55 s more."""
    assert len(quality_warnings(outside=1.0, seconds=15.55)) == 1
    assert len(quality_warnings(outside=1.0, seconds=15.65)) == 2


def test_of_bands_at_risk_two_are_told_and_the_others_counted():
    bands = [f"{band}: 4.0 dB of artefact are left at multiples of 1/TR" for band in ("1-4 Hz", "4-7 Hz", "7-13 Hz")]
    slices = "30-100 Hz: 5.0 dB of artefact are left at multiples of the slice rate"

    def texts(at_risk, like_lfp="", template="per_slice", notch_slice_rate=True):
        return line_warnings(
            {"Lines": {"AtRisk": at_risk}, "Locked": {"LikeLfp": like_lfp}}, template, notch_slice_rate
        )

    assert texts([]) == [] and texts([slices]) == []  # which the notches remove
    assert texts([slices], notch_slice_rate=False) == [slices]
    assert texts(bands[:2]) == ["; ".join(bands[:2])]
    assert texts(bands, "LFP is gone") == [
        "; ".join([*bands[:2], "and 1 bands more (Lines in the sidecar)"]),
        "LFP is gone",
    ]
    assert texts(bands, "LFP is gone", template="none") == []


@pytest.mark.parametrize(("fs_hz", "highest_hz"), [(1000.0, 300), (500.0, 0.49 * 500)])
def test_stated_notches_end_with_the_band_pass_or_where_the_rate_does(fs_hz, highest_hz):
    clock = Clock(0.0, 1.0002, 1.0, n_volumes=9, slice_times_s=np.arange(7) / 7)
    channels = np.random.default_rng(0).standard_normal((1, int(9.1 * fs_hz)))
    expected = {60.0 * k for k in range(1, 9)} | {7.0 * k for k in range(1, 99)}
    study = CleanOptions(notch_hz=(60,), notch_slice_rate=True)
    notches_hz = choose_notches(channels, fs_hz, clock, study).hz
    np.testing.assert_allclose(notches_hz, sorted(f for f in expected if f <= highest_hz))
    one = Clock(0.0, 1.0, 1.0, n_volumes=9)
    mains = [60.0 * k for k in range(1, int(highest_hz / 60) + 1)]
    for options, at in ((study, one), (CleanOptions(notch_hz=(60,), notch_slice_rate=False), clock)):
        np.testing.assert_allclose(choose_notches(channels, fs_hz, at, options).hz, mains)
    assert choose_notches(channels, fs_hz, clock, CleanOptions()).hz.size == 0
