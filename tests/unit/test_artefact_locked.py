"""What repeats with the volumes: artefact left on lines, holes in them, LFP that answers to the scanner."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import one_over_f
from scipy import signal

from lfpbold.artefact.quality import _locked_power, line_levels, line_spectrum, residue, volume_locked
from lfpbold.artefact.regression import remove_gradient
from lfpbold.timing.clock import Clock

FEW = 6103.515625
TIMES = np.arange(20) / 20
N = 120


@pytest.fixture(scope="module")
def scan():
    """An artefact of tones on lines k/TR from 80 Hz up, as gradients that induce no more at low frequencies; LFP."""
    rng = np.random.default_rng(0)
    clock = Clock(0.2501, 1.00002, 1.0)
    t = np.arange(int((N + 1.5) * FEW)) / FEW
    phase = 2 * np.pi * ((t - clock.start_s) / clock.period_s)
    artefact = sum(20 * np.cos(k * phase + 6.28 * rng.random()) for k in rng.choice(np.arange(80, 2500), 300, False))
    artefact = artefact + sum(40 * np.cos(20 * k * phase + 6.28 * rng.random()) for k in range(1, 100))
    artefact *= (t >= clock.start_s) & (t < clock.start_s + N * clock.period_s)
    begin = int(clock.start_s * FEW)
    return {
        "t": t,
        "phase": phase,
        "artefact": artefact,
        "lfp": one_over_f(t.size, FEW),
        "onsets": clock.slice_onsets(N, TIMES) * FEW,
        "period": clock.period_s * FEW,
        "scan": slice(begin, begin + int(N * clock.period_s * FEW)),
    }


def looked_at(scan, raw, **options):
    cleaned = remove_gradient(raw, scan["onsets"], **options)
    both = raw[scan["scan"]], cleaned[scan["scan"]]
    return line_levels(*both, FEW, scan["period"], N, 20, [60]), volume_locked(*both, FEW, scan["period"], N, 20)


def test_lines_stand_as_high_as_their_tones():
    """A tone at k/TR of known amplitude in white noise of known density, by the Hann window's equivalent bandwidth."""
    rng = np.random.default_rng(1)
    period, n = 1000.3, 400
    t = np.arange(int(n * period))
    x = rng.standard_normal(t.size) + 0.2 * np.cos(2 * np.pi * 37 * t / period)
    on, between = line_spectrum(x, period, n)
    # Power of the tone over that of the noise in one bin of 8 periods: A²/4 · (N/1.5) / σ², N samples a segment.
    expected = 1 + 0.2**2 / 4 * (8 * period / 1.5)
    assert on[36] / between[36] == pytest.approx(expected, rel=0.2)  # 50 segments
    assert np.delete(on, 36).mean() == pytest.approx(between.mean(), rel=0.05)


def test_a_removal_in_order_has_no_band_at_risk(scan):
    found, repeating = looked_at(scan, scan["artefact"] + scan["lfp"])
    assert found["AtRisk"] == [] and repeating["LikeLfp"] == ""
    assert found["SliceBeforeDb"][-2] > 20 and abs(found["SliceAfterDb"][-2]) < 2
    assert repeating["VarianceBefore"] > 0.9 and repeating["VarianceAfter"] < 1e-3
    assert len(found["LineHz"]) == len(found["LineAfterDb"]) == 300


def test_slice_harmonics_that_fail_are_flagged_although_low_frequencies_are_well(scan):
    raw = scan["artefact"] + scan["lfp"]
    cleaned = scan["lfp"] + 0.05 * scan["artefact"]  # 5 % of an artefact that hardly reaches below 80 Hz
    found = line_levels(raw[scan["scan"]], cleaned[scan["scan"]], FEW, scan["period"], N, 20, [60])
    assert max(abs(level) for level in found["VolumeAfterDb"][:4]) < 2.5
    said = " ".join(found["AtRisk"])
    assert "30-100 Hz" in said and "left at multiples of the slice rate" in said and "1-4 Hz" not in said


def test_holes_that_a_short_window_cuts_are_flagged(scan):
    found, _ = looked_at(scan, scan["artefact"] + scan["lfp"], average="sliding", window=9)
    assert "LFP was taken with the artefact" in found["AtRisk"][0]
    # Segments of eight volumes of which a mean of nine is taken keep (1 − 8/9) of a line, and some of its shoulders.
    assert all(-9 < level < -3 for level in found["VolumeAfterDb"][:5])


def test_lfp_that_answers_to_the_volumes_is_seen_before_it_is_gone(scan):
    """An evoked response of 20 µV to every volume, which any average removes."""
    place = scan["phase"] / (2 * np.pi) % 1
    evoked = np.exp(-place / 0.08) * np.sin(2 * np.pi * 5 * place)
    evoked = 20 * (evoked - evoked.mean()) / evoked.std()
    _, repeating = looked_at(scan, scan["artefact"] + scan["lfp"] + evoked)
    assert "LFP that is locked to the TR seems to have been removed" in repeating["LikeLfp"]
    slow = signal.butter(4, (1, 30), "bandpass", fs=FEW, output="sos")
    true = np.std(signal.sosfiltfilt(slow, evoked)[scan["scan"]])
    # Its locked power on the lines of 1–30 Hz, one of which the artefact has too (20 Hz, 28 µV).
    found = np.sqrt(sum(np.square(repeating["LockedUv"][:4])) - 40**2 / 2)
    assert found == pytest.approx(true, rel=0.1)
    _, without = looked_at(scan, scan["artefact"] + scan["lfp"])
    assert without["LikeLfp"] == ""


def test_what_does_not_repeat_is_not_called_locked():
    """White noise: the mean over n volumes holds 1/n of it by chance, which is taken off."""
    noise = 50 * np.random.default_rng(2).standard_normal(100 * 800)
    repeating, rest = _locked_power(noise, 800.0, 100)
    # Each line's locked power varies about zero by 1/n of its power; 399 lines, four standard errors.
    assert abs(repeating.sum()) < 4 * 50**2 / 100 / np.sqrt(399)
    assert rest.sum() == pytest.approx(50**2, rel=0.02)
    tone = 10 * np.cos(2 * np.pi * 7 * np.arange(noise.size) / 800.0)
    assert _locked_power(noise + tone, 800.0, 100)[0][6] == pytest.approx(10**2 / 2, rel=0.25)


def test_chance_in_few_lines_is_no_artefact_and_a_tone_is():
    """TR .4 s: one or two lines in the bands below 13 Hz, of four segments each, scatter by several dB."""
    fs_hz, period, n = 250.0, 100.0, 32
    flagged, over = 0, 0
    for seed in range(40):
        noise = np.random.default_rng(seed).standard_normal(int(n * period))
        found = line_levels(noise, noise, fs_hz, period, n, 1)
        flagged += len(found["AtRisk"])
        over += sum(abs(level) > 3 for level in found["VolumeAfterDb"] if np.isfinite(level))
    # Power at one line of four segments is Gamma(4)/4: below −10.6 dB (four standard errors) once in 2000, above
    # 10.6 dB never. Two bands of one line in 40 recordings are 80 chances, .04 of them expected.
    assert over > 10 and flagged <= 1
    tone = noise + 3 * np.cos(2 * np.pi * np.arange(noise.size) * 2 / period)
    assert [text[:6] for text in line_levels(noise, tone, fs_hz, period, n, 1)["AtRisk"]] == ["4-7 Hz"]


@pytest.mark.parametrize(("share", "told"), [(0.02, False), (0.08, True)])
def test_little_of_the_lfp_that_is_locked_is_not_told(share, told):
    """LFP below 50 Hz, of which a share below 30 Hz repeats; 400 volumes make either certain."""
    fs_hz, n = 800.0, 400
    rng = np.random.default_rng(4)
    low_pass = signal.butter(4, 50, fs=fs_hz, output="sos")
    lfp = signal.sosfilt(low_pass, rng.standard_normal(int(n * fs_hz))) + 1e-3 * rng.standard_normal(int(n * fs_hz))
    spectrum, density = signal.periodogram(lfp, fs_hz)
    slow = density[(spectrum > 0.5) & (spectrum < 29.5)].sum() * spectrum[1]
    tones = sum(np.cos(2 * np.pi * (k * np.arange(lfp.size) / fs_hz + rng.random())) for k in range(1, 30))
    tones *= np.sqrt(share * slow / (29 / 2))
    found = volume_locked(lfp + tones, lfp, fs_hz, fs_hz, n, 1)
    assert bool(found["LikeLfp"]) == told


def on_lines(fs_hz, period, n, chosen, db, seed=5):
    """White noise with tones on lines, which stand so many dB above what is between them (Hann, eight volumes)."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(n * period))
    height = np.sqrt((10 ** (db / 10) - 1) * 4 * 1.5 / (8 * period))
    tones = sum(np.cos(2 * np.pi * (k * t / period + rng.random())) for k in chosen)
    return rng.standard_normal(t.size) + height * tones


@pytest.mark.parametrize(("db", "told"), [(2.4, False), (3.6, True)])
def test_three_decibels_are_a_risk(db, told):
    """Lines 12 to 39 of TR .4 s are those of 30-100 Hz; of 50 segments their level is known to .15 dB."""
    x = on_lines(250.0, 100.0, 400, range(12, 40), db)
    found = line_levels(x, x, 250.0, 100.0, 400, 1)
    assert found["VolumeAfterDb"][4] == pytest.approx(db, abs=0.6)  # four standard errors
    assert [text[:6] for text in found["AtRisk"]] == ["30-100"] * told


def test_lines_of_the_mains_are_no_artefact_of_the_scanner():
    x = on_lines(250.0, 100.0, 80, [20, 40], 20)  # 50 and 100 Hz
    assert len(line_levels(x, x, 250.0, 100.0, 80, 1)["AtRisk"]) == 2
    assert line_levels(x, x, 250.0, 100.0, 80, 1, [50])["AtRisk"] == []


def test_what_ten_volumes_share_by_chance_is_not_told():
    """Slow LFP of few lines: the mean of ten volumes holds more than a twenty-fifth of it in one scan of five."""
    low_pass, chance = signal.butter(4, 5, fs=800.0, output="sos"), 0
    for seed in range(100):
        lfp = signal.sosfilt(low_pass, np.random.default_rng(seed).standard_normal(8000 + 1600))[1600:]
        found = volume_locked(lfp, lfp, 800.0, 800.0, 10, 1)
        chance += found["VarianceBefore"] > 0.04
        assert found["LikeLfp"] == ""
    assert 5 < chance < 40


@pytest.mark.parametrize(("highest", "told"), [(30, True), (300, False)])
def test_only_what_rises_towards_low_frequencies_looks_like_lfp(highest, told):
    """Tones of one height on every line, as gradients induce them, or on those below 30 Hz alone."""
    rng = np.random.default_rng(6)
    t = np.arange(100 * 800)
    lfp = rng.standard_normal(t.size)
    tones = sum(0.1 * np.cos(2 * np.pi * (k * t / 800 + rng.random())) for k in range(1, highest))
    assert bool(volume_locked(lfp + tones, lfp, 800.0, 800.0, 100, 1)["LikeLfp"]) == told


@pytest.mark.parametrize("n", [2, 5])
def test_what_is_the_same_in_every_volume_is_locked_altogether(n):
    tone = 10 * np.cos(2 * np.pi * 7 * np.arange(n * 800) / 800)
    repeating, rest = _locked_power(tone, 800.0, n)
    assert repeating[6] == pytest.approx(10**2 / 2, rel=1e-5)  # single precision
    assert abs(rest).max() < 1e-4


def test_harmonics_of_the_slice_rate_stand_as_high_as_their_tone_and_the_mains_do_not_count():
    fs_hz, height = 1000.0, 0.2
    t = np.arange(400_000) / fs_hz
    noise = np.random.default_rng(7).standard_normal(t.size)
    x = noise + height * np.cos(2 * np.pi * 150 * t)
    # All of the tone's power is in three bins of .25 Hz; that of the noise is 2/fs a Hz.
    expected = 10 * np.log10(1 + height**2 / 2 / 0.75 / (2 / fs_hz))
    # Two hundred segments: a density is known to 7 %, the mean of three and its neighbours to .3 dB; two of them.
    assert residue(x, x, fs_hz, 150.0)["slice_harmonics_db"] == pytest.approx(expected, abs=0.6)
    assert "slice_harmonics_db" not in residue(x, x, fs_hz, 150.0, [50])  # its only multiple below 300 Hz
    assert abs(residue(x, x, fs_hz, 75.0, [50])["slice_harmonics_db"]) < 0.6  # 75 and 225 Hz


def test_slow_recordings_have_no_broadband_signal():
    x = np.random.default_rng(8).standard_normal(6000)
    found = residue(x, x / 2, 600.0, 20.0)
    assert set(found) == {"rms_before_uv", "rms_after_uv", "slice_harmonics_db"}
    assert (found["rms_before_uv"], found["rms_after_uv"]) == pytest.approx((x.std(), x.std() / 2), rel=1e-9)
