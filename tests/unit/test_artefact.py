"""Artefact removal against an artefact and an LFP that are both known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scanner import gradient, one_over_f
from scipy import signal

from lfpbold.artefact.quality import residue
from lfpbold.artefact.regression import remove_gradient, remove_gradient_by
from lfpbold.errors import InputError
from lfpbold.pipeline.artefact.multiunit import Multiunit
from lfpbold.spectral.filters import band_limit, notch_frequencies, resample
from lfpbold.timing.clock import Clock
from lfpbold.timing.period import fit_period

FS = 24414.0625
FEW = 6103.515625


def scan(
    fs_hz, n_volumes, *, tr_s=1.0, n_slices=20, ppm=20.0, start_s=2.30007, after_s=1.0, slice_times_s=None, **options
):
    """Time, artefact, true clock and slice onsets (samples) of one scan."""
    clock = Clock(start_s, tr_s * (1 + ppm * 1e-6), tr_s)
    t = np.arange(int((start_s + n_volumes * clock.period_s + after_s) * fs_hz)) / fs_hz
    times = np.arange(n_slices) * tr_s / n_slices if slice_times_s is None else slice_times_s
    artefact = gradient(
        t,
        fs_hz,
        start_s=start_s,
        period_s=clock.period_s,
        slice_times_s=times,
        tr_s=tr_s,
        n_volumes=n_volumes,
        **options,
    )
    return t, artefact, clock, clock.slice_onsets(n_volumes, times) * fs_hz


def broadband(x, fs_hz):
    """Standard deviation in 300–3000 Hz, where there is little LFP."""
    high = min(3000, 0.45 * fs_hz)
    return np.std(signal.sosfiltfilt(signal.butter(4, (300, high), "bandpass", fs=fs_hz, output="sos"), x))


@pytest.fixture(scope="module")
def study():
    """The study's slice rate and sampling rate, a clock 20 ppm off, 600 µV of artefact in 300–3000 Hz."""
    n_volumes = 40
    t, artefact, clock, onsets = scan(FS, n_volumes)
    inside = slice(int(onsets[0, 0]) + 1, int((clock.start_s + n_volumes * clock.period_s) * FS))
    artefact *= 600 / broadband(artefact[inside], FS)
    lfp = one_over_f(t.size, FS)
    return {
        "t": t,
        "artefact": artefact,
        "lfp": lfp,
        "clock": clock,
        "onsets": onsets,
        "inside": inside,
        "n": n_volumes,
    }


def left(study, onsets, **options):
    """Artefact that is left in 300–3000 Hz, µV."""
    cleaned = remove_gradient(study["artefact"] + study["lfp"], onsets, **options)
    return broadband((cleaned - study["lfp"])[study["inside"]], FS)


def test_the_artefact_goes_with_a_clock_fitted_to_the_recording_alone(study):
    times = np.arange(20) / 20
    found = fit_period(study["artefact"] + study["lfp"], FS, Clock(study["clock"].start_s, 1.0, 1.0), study["n"])
    # Reference implementation: 9.5 µV of 601; here 2.5, which is the LFP of 40 volumes in the mean template.
    assert left(study, found.slice_onsets(study["n"], times) * FS) < 10


def test_whole_samples_leave_many_times_more(study):
    exact = left(study, study["onsets"])
    assert left(study, np.round(study["onsets"]), align=False) > 8 * exact  # reference: 41 against 9.5
    # The derivative of the template makes up for the rounding, but not for all of it.
    assert exact < left(study, np.round(study["onsets"])) < left(study, np.round(study["onsets"]), align=False) / 5


def test_an_unmodelled_clock_difference_leaves_nearly_everything(study):
    nominal = Clock(study["clock"].start_s, 1.0, 1.0).slice_onsets(study["n"], np.arange(20) / 20) * FS
    with pytest.warns(UserWarning, match="no gradient artefact stands out"):  # averaged away in some templates
        assert left(study, nominal) > 400  # reference: 520 of 601


def test_one_template_for_slices_that_differ_is_wrong_and_for_slices_that_do_not_is_better(study):
    assert left(study, study["onsets"], template="pooled") > 400
    t, artefact, _, onsets = scan(FEW, 12, n_slices=10, alike=1.0)
    lfp = one_over_f(t.size, FEW)
    inside = slice(int(onsets[0, 0]) + 1, int(onsets[-1, -1]))
    pooled, own = (
        np.std((remove_gradient(artefact + lfp, onsets, template=kind) - lfp)[inside])
        for kind in ("pooled", "per_slice")
    )
    # What a template holds of the LFP falls with the root of the number of slices in it: √12 against √120.
    assert pooled < 0.5 * own
    assert pooled < 0.15 * lfp.std()


def test_align_follows_slices_that_come_a_little_early_or_late():
    t, artefact, _, onsets = scan(FEW, 40)
    lfp = one_over_f(t.size, FEW)
    inside = slice(int(onsets[0, 0]) + 1, int(onsets[-1, -1]))
    jittered = onsets + np.random.default_rng(0).normal(0, 0.05, onsets.shape)
    aligned, not_aligned = (
        broadband((remove_gradient(artefact + lfp, jittered, align=a) - lfp)[inside], FEW) for a in (True, False)
    )
    assert aligned < 0.25 * not_aligned


def test_first_and_last_volume_are_as_clean_as_the_middle(study):
    rest = remove_gradient(study["artefact"] + study["lfp"], study["onsets"]) - study["lfp"]
    starts = study["onsets"][:, 0].astype(int) + 1
    per_volume = [broadband(rest[a : a + int(FS) - 2], FS) for a in starts]
    assert max(per_volume[0], per_volume[-1]) < 1.3 * np.median(per_volume)


@pytest.mark.parametrize("frequency", [0.2137, 0.7312, 3.217, 7.331, 23.17, 47.83, 97.1, 151.7, 249.3])
def test_lfp_that_is_not_locked_to_the_scanner_stays(frequency):
    t, artefact, _, onsets = scan(FEW, 100)
    inside = slice(int(onsets[0, 0]) + 1, int(onsets[-1, -1]))
    lfp = 50 * np.sin(2 * np.pi * frequency * t + 1)
    kept = remove_gradient(artefact + lfp, onsets)[inside]
    # Two coefficients are fitted to each slice of 305 samples: they take 2/305 = 0.7 % of the LFP's variance where it
    # is as broad as the template, so that the gain is 0.993 or better and r the root of that, 0.997.
    gain = kept @ lfp[inside] / (lfp[inside] @ lfp[inside])
    assert abs(gain - 1) <= 0.01
    assert np.corrcoef(kept, lfp[inside])[0, 1] > 0.996


def test_silent_gaps_between_slices_and_before_the_next_volume_are_left_alone():
    slices = np.arange(10) * 0.06  # the last 0.4 s of the volume are silent, and half of every slice
    t, artefact, _, onsets = scan(FEW, 40, slice_times_s=slices, gap=0.5)
    lfp = one_over_f(t.size, FEW)
    cleaned = remove_gradient(artefact + lfp, onsets)
    phase = (np.arange(t.size) - onsets[0, 0]) / np.diff(onsets[:, 0]).mean() % 1
    volume = slice(int(onsets[0, 0]) + 1, int(onsets[-1, 0]))
    silent, last_slice = (phase > 0.62)[volume], ((phase > 0.545) & (phase < 0.565))[volume]
    assert np.std(artefact[volume][last_slice]) > 100 * np.std(artefact[volume][silent])
    rest = (cleaned - lfp)[volume]
    # In silence the template is 1/√40 of the LFP.
    assert np.std(rest[silent]) < 1.3 * lfp.std() / np.sqrt(40)
    assert np.std(rest[last_slice]) < 0.05 * np.std(artefact[volume][last_slice])


def test_an_artefact_that_runs_on_from_slice_to_slice_leaves_nothing_at_the_seams():
    rng, n_volumes, start_s, period_s = np.random.default_rng(0), 30, 2.30007, 1.00002
    t = np.arange(int(34 * FEW)) / FEW
    onsets = Clock(start_s, period_s, 1.0).slice_onsets(n_volumes, np.arange(10) / 10) * FEW
    phase = 2 * np.pi * (t - start_s) / period_s  # tones that repeat with every volume, up to 2 kHz, never silent
    artefact = sum(100 * np.cos(k * phase + rng.random() * 6.28) for k in rng.integers(100, 2000, 40))
    rest = remove_gradient(artefact, onsets)
    seams = np.round(onsets[1:-1].ravel()).astype(int)[:, None] + np.arange(-8, 9)
    # 450 µV of artefact; slices that were shifted without what lies beside them would leave tens of µV at the seams.
    assert np.std(rest[seams]) < 0.5


def test_outside_the_scan_nothing_changes_and_at_its_ends_everything_fits():
    t, artefact, clock, onsets = scan(FEW, 20, start_s=0.0, after_s=0.0)  # from the first to the last sample
    lfp = one_over_f(t.size, FEW)
    cleaned = remove_gradient(artefact + lfp, onsets)
    assert cleaned.shape == t.shape
    assert broadband((cleaned - lfp)[-int(FEW) // 2 :], FEW) < 0.02 * artefact.std()
    assert broadband((cleaned - lfp)[: int(FEW) // 2], FEW) < 0.02 * artefact.std()
    t, artefact, clock, onsets = scan(FEW, 20)
    recording = (artefact + one_over_f(t.size, FEW)).astype(np.float32)
    cleaned = remove_gradient(recording, onsets)
    before, after = int(np.floor(onsets[0, 0])), int(np.ceil((clock.start_s + 20 * clock.period_s) * FEW))
    np.testing.assert_array_equal(cleaned[:before], recording[:before])
    np.testing.assert_array_equal(cleaned[after:], recording[after:])
    assert (cleaned[before + 1 : after - 1] != recording[before + 1 : after - 1]).mean() > 0.99


def test_recordings_without_a_template_or_without_an_end_are_refused():
    _t, artefact, _, onsets = scan(FEW, 4)
    with pytest.raises(InputError, match="at least two volumes"):
        remove_gradient(artefact, onsets[:1])
    with pytest.raises(InputError, match="ends before the last volume"):
        remove_gradient(artefact[: int(onsets[-1, -1]) + 50], onsets)


@pytest.mark.parametrize(
    ("fs_hz", "up", "down"),
    [(FS, 128, 3125), (FEW, 512, 3125), (5000.0, 1, 5), (2048.0, 125, 256), (1017.2526, None, None)],
)
def test_resampling_keeps_sines_and_reaches_the_rate(fs_hz, up, down):
    t = np.arange(int(20 * fs_hz)) / fs_hz
    lfp = 40 * np.sin(2 * np.pi * 7.3 * t) + 5 * np.sin(2 * np.pi * 251 * t + 0.4)
    got, rate = resample(lfp, fs_hz, 1000.0)
    if up:
        assert rate == fs_hz * up / down == 1000.0
    assert rate == pytest.approx(1000, rel=1e-7)
    t = np.arange(got.size) / rate
    expected = 40 * np.sin(2 * np.pi * 7.3 * t) + 5 * np.sin(2 * np.pi * 251 * t + 0.4)
    # The ripple of the anti-aliasing filter (Kaiser, β = 5) is 1e-3.
    np.testing.assert_allclose(got[500:-500], expected[500:-500], atol=0.1)


def test_resampling_lets_nothing_fold_back():
    t = np.arange(int(10 * FS)) / FS
    for frequency in (700.0, 1500.0, 1993.0):  # would appear at 300, 500 and 7 Hz
        folded, _ = resample(np.sin(2 * np.pi * frequency * t), FS, 1000.0)
        assert np.std(folded[500:-500]) < 2e-3 * np.sqrt(0.5)


def test_resampling_never_raises_the_rate():
    lfp = np.arange(10.0)
    same, rate = resample(lfp, 800.0, 1000.0)
    assert rate == 800.0
    np.testing.assert_array_equal(same, lfp)


def test_notch_frequencies_are_all_multiples_once():
    found = notch_frequencies([60], 20.0, 300)
    np.testing.assert_allclose(found, np.arange(20, 301, 20))
    np.testing.assert_allclose(notch_frequencies([60], None, 300), [60, 120, 180, 240, 300])
    np.testing.assert_allclose(notch_frequencies([50], 32.5, 130), [32.5, 50, 65, 97.5, 100, 130])
    assert notch_frequencies([], None, 300).size == 0


def test_band_limit_has_the_gain_of_its_filters_squared_and_no_phase():
    fs_hz, n = 1000.0, 2**17
    impulse = np.zeros(n)
    impulse[n // 2] = 1e4
    got = band_limit(impulse, fs_hz, band_pass_hz=(0.1, 300), filter_order=2, notches_hz=[20, 60], notch_width_hz=1.0)
    frequency = np.fft.rfftfreq(n, 1 / fs_hz)
    response = np.fft.rfft(np.roll(got, -n // 2)) / 1e4
    _, gain = signal.sosfreqz(signal.butter(2, (0.1, 300), "bandpass", fs=fs_hz, output="sos"), frequency, fs=fs_hz)
    for centre in (20, 60):
        gain = gain * signal.freqz(*signal.iirnotch(centre, centre / 1.0, fs=fs_hz), frequency, fs=fs_hz)[1]
    # Float32 output: one part in 1e7 of the impulse, summed over 131 072 samples.
    np.testing.assert_allclose(response.real, np.abs(gain) ** 2, atol=2e-4)
    np.testing.assert_allclose(response.imag, 0, atol=2e-4)


def test_a_notch_takes_its_own_frequency_and_half_the_power_at_half_its_width():
    t = np.arange(60_000) / 1000
    for offset, gain in (
        (0.0, 0.0),
        (0.5, 0.5),
        (8.0, 1.0),
    ):  # forwards and backwards, −3 dB become a half in amplitude
        tone = np.sin(2 * np.pi * (60 + offset) * t)
        got = band_limit(tone, 1000.0, band_pass_hz=(0.1, 300), filter_order=2, notches_hz=[60], notch_width_hz=1.0)
        middle = slice(20_000, 40_000)
        assert got[middle] @ tone[middle] / (tone[middle] @ tone[middle]) == pytest.approx(gain, abs=0.01)


def test_band_limit_of_slow_recordings_is_high_pass_and_of_several_channels_works_on_each():
    x = np.random.default_rng(0).standard_normal((20_000, 2)) + 100
    got = band_limit(x, 500.0, band_pass_hz=(0.1, 300), filter_order=2, notches_hz=[300])
    high = signal.butter(2, 0.1, "highpass", fs=500.0, output="sos")
    middle = slice(5000, 15_000)
    expected = signal.sosfiltfilt(high, x, axis=0, padtype="even", padlen=15_000)
    np.testing.assert_allclose(got[middle], expected[middle], atol=1e-3)
    assert abs(got[:100].mean()) < 1  # the offset does not ring at the beginning


def test_residue_measures_what_is_left():
    rng = np.random.default_rng(0)
    t = np.arange(int(30 * FEW)) / FEW
    noise = rng.standard_normal(t.size)
    tone = sum(np.sin(2 * np.pi * 20 * k * t) for k in range(1, 16))
    numbers = residue(noise + tone, noise, FEW, 20.0)
    assert numbers["rms_before_uv"] == pytest.approx(np.sqrt(1 + 7.5), rel=0.01)
    assert numbers["rms_after_uv"] == pytest.approx(1, rel=0.01)
    # White noise of unit variance has (high − low)/(fs/2) of it in a band; the filter's edges cost a few per cent.
    assert numbers["broadband_after_uv"] == pytest.approx(np.sqrt((0.45 * FEW - 300) / (FEW / 2)), rel=0.05)
    assert abs(numbers["slice_harmonics_db"]) < 1  # 15 harmonics of a Welch spectrum of 14 windows: 0.4 dB
    assert residue(noise, noise + tone, FEW, 20.0)["slice_harmonics_db"] > 20


def test_a_recording_without_artefact_is_left_as_it_is():
    """Its template is averaged LFP, which must not be fitted back to the LFP that it was averaged from."""
    fs_hz, n = 6103.515625, 60
    t = np.arange(round(64 * fs_hz)) / fs_hz
    lfp = 50 * np.sin(2 * np.pi * 7.3 * t).astype(np.float32)
    onsets = fs_hz * (1.0 + np.arange(n)[:, None] + np.arange(20) / 20)
    with pytest.warns(UserWarning, match="no gradient artefact stands out in 20 of 20 templates"):
        assert np.array_equal(remove_gradient(lfp, onsets), lfp)


@pytest.fixture(scope="module")
def strong():
    """LFP of 150 µV whose delta waxes and wanes, under 6 mV of artefact, with 5 µV of spikes before, in and after."""
    n_volumes = 60
    t, artefact, clock, onsets = scan(FEW, n_volumes, start_s=3.0, after_s=3.0, rms=6000.0)
    rng = np.random.default_rng(7)
    below = signal.butter(8, 200, "lowpass", fs=FEW, output="sos")
    lfp = signal.sosfiltfilt(below, one_over_f(t.size, FEW, rms=150.0)) * (1 + 0.6 * np.sin(2 * np.pi * t / 20))
    spikes = signal.sosfiltfilt(
        signal.butter(4, (300, 2700), "bandpass", fs=FEW, output="sos"), rng.standard_normal(t.size)
    )
    spikes *= 5.0 / spikes.std()
    return {
        "raw": lfp + artefact + spikes,
        "lfp": lfp,
        "spikes": spikes,
        "clock": clock,
        "onsets": onsets,
        "n": n_volumes,
    }


def test_a_fit_to_differences_keeps_the_lfp_out_of_the_artefact_s_amplitude(strong):
    """Fitted to the samples, LFP moves β: what is left in 300–3000 Hz is more than the spikes and follows the LFP."""
    cleaned = remove_gradient_by(strong["raw"], strong["onsets"], ("samples", "differences"))
    begin = int(strong["onsets"][0, 0]) + 1
    inside = slice(begin, begin + round(59 * FEW))
    left = {fit: broadband((x - strong["lfp"] - strong["spikes"])[inside], FEW) for fit, x in cleaned.items()}
    assert left["samples"] > 3.0  # more than half of what the spikes are
    assert left["differences"] < 0.4 * left["samples"]
    assert np.array_equal(cleaned["differences"], remove_gradient(strong["raw"], strong["onsets"], fit="differences"))


@pytest.mark.parametrize("fit", ["samples", "differences"])
def test_residue_of_multiunit_power_is_what_the_recording_outside_the_scan_does_not_have(strong, fit):
    found = Multiunit((300, 3000), FEW, replace(strong["clock"], n_volumes=strong["n"]))
    cleaned = remove_gradient(strong["raw"], strong["onsets"], fit=fit)
    found.add(strong["raw"], cleaned)
    said, series = found.summary(), found.series()
    begin = int(strong["onsets"][0, 0]) + 1
    true = broadband((cleaned - strong["lfp"] - strong["spikes"])[begin : begin + round(59 * FEW)], FEW)
    assert said["OutsideUv"] == pytest.approx(5.0, rel=0.05)
    assert said["BeforeUv"] == pytest.approx(broadband(strong["raw"][begin : begin + round(59 * FEW)], FEW), rel=0.05)
    excess = said["AfterUv"] ** 2 - said["OutsideUv"] ** 2
    assert said["ResidueUv"] ** 2 == pytest.approx(max(excess, 0), rel=1e-9)
    # Of 60 volumes the template takes 1/60 of the spikes' power, too; two windows of three seconds outside vary by 2 %.
    assert said["ResidueUv"] ** 2 == pytest.approx(true**2, abs=0.1 * 25 + 0.1 * true**2)
    assert series.shape[1] == 2 and series[:, 1].mean() == pytest.approx(said["AfterUv"] ** 2)


def test_multiunit_activity_is_not_claimed_where_it_cannot_be(strong):
    for band, fs_hz in (((300, 3000), 800.0), (None, FEW)):
        found = Multiunit(band, fs_hz, replace(strong["clock"], n_volumes=strong["n"]))
        found.add(np.zeros(round(70 * fs_hz)), np.zeros(round(70 * fs_hz)))
        assert found.summary() == {} and found.series().shape == (0, 2)
