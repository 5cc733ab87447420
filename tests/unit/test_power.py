"""Band power against Parseval, analytic sines and SciPy's spectrogram."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from lfpbold.errors import InputError
from lfpbold.pipeline import power as stage
from lfpbold.spectral.power import MultiunitFrames, as_windowed, band_power, one_hz_bands, spectra_at, spectrogram


def whole(*args, **options):
    """All blocks of the spectrogram in one."""
    blocks = list(spectrogram(*args, **options))
    return np.concatenate([b[0] for b in blocks]), blocks[0][1], np.concatenate([b[2] for b in blocks])


@pytest.mark.parametrize("fs_hz", [1000.0, 6.25 * 32, 1017.25])
@pytest.mark.parametrize("taper", ["hamming", "hann", "boxcar"])
def test_density_is_that_of_scipy(fs_hz, taper):
    x = np.random.default_rng(0).standard_normal((round(17 * fs_hz), 2)) + 3  # an offset: nothing is detrended
    times, frequencies, density = whole(x, fs_hz, taper=taper)
    length, hop = round(fs_hz), round(0.1 * fs_hz)
    n_fft = max(256, 2 ** int(np.ceil(np.log2(length))))
    expected = signal.spectrogram(
        x,
        fs_hz,
        window=signal.get_window(taper, length, fftbins=False),
        nperseg=length,
        noverlap=length - hop,
        nfft=n_fft,
        detrend=False,
        scaling="density",
        mode="psd",
        axis=0,
    )
    np.testing.assert_allclose(frequencies, expected[0], rtol=1e-14)
    np.testing.assert_allclose(times, expected[1], rtol=1e-14)
    np.testing.assert_allclose(density, expected[2].transpose(2, 1, 0), rtol=1e-10, atol=1e-14)


def test_stamps_lie_in_the_middle_of_windows():
    times, _, density = whole(np.random.default_rng(0).standard_normal(20_000), 1000.0)
    assert times[0] == 0.5
    np.testing.assert_allclose(np.diff(times), 0.1)
    assert times.size == len(density) == (20_000 - 1000) // 100 + 1
    burst = np.zeros(20_000)
    burst[7300] = 1.0  # 7.3 s
    _, power = band_power(burst, 1000.0, {"all": (0, 500)})
    assert times[power[:, 0].argmax()] == pytest.approx(7.3, abs=0.051)
    # The centre of gravity is off by what the ten hops sample of the taper.
    assert np.average(times, weights=power[:, 0]) == pytest.approx(7.3, abs=5e-3)


def test_parseval_power_of_all_bands_is_the_variance():
    x = np.random.default_rng(1).standard_normal(4096)
    _, power = band_power(x, 1024.0, {"low": (0, 100), "high": (100, 512)}, window_s=1.0, step_s=1.0, taper="boxcar")
    _, _, density = whole(x, 1024.0, window_s=1.0, step_s=1.0, taper="boxcar")
    # The bands are half-open, so that the one bin at Nyquist (1 Hz wide) belongs to none.
    total = power.sum(axis=1) + density[:, 0, -1] * 1.0
    np.testing.assert_allclose(total, (x.reshape(4, 1024) ** 2).mean(axis=1), rtol=1e-12)


def test_power_of_a_sine_is_half_its_amplitude_squared_in_its_own_band():
    t = np.arange(10_000) / 1000
    bands = {"delta": (1, 4), "alpha": (7, 13), "gamma": (40, 100)}
    _, power = band_power(6 * np.sin(2 * np.pi * 10 * t) + 2 * np.sin(2 * np.pi * 70 * t), 1000.0, bands)
    # A Hamming window leaks 40 dB below: 18 µV² × 1e-4.
    np.testing.assert_allclose(power[:, 1], 18, rtol=2e-3)
    np.testing.assert_allclose(power[:, 2], 2, rtol=2e-3)
    assert power[:, 0].max() < 18e-3


def test_power_follows_the_amplitude_in_time():
    t = np.arange(60_000) / 1000
    amplitude = 5 + 3 * np.sin(2 * np.pi * 0.05 * t)
    stamps, power = band_power(amplitude * np.sin(2 * np.pi * 70 * t), 1000.0, {"gamma": (40, 100)})
    # A window of 1 s blurs a modulation of 0.05 Hz by less than 1 %.
    np.testing.assert_allclose(power[:, 0], np.interp(stamps, t, amplitude) ** 2 / 2, rtol=0.01, atol=0.1)


def test_bands_are_half_open_and_share_nothing():
    t = np.arange(5120) / 1024
    for frequency, inside in ((7.0, 1), (13.0, 2), (12.0, 1), (4.0, 0)):  # bins of exactly 1 Hz
        _, power = band_power(
            np.sin(2 * np.pi * frequency * t),
            1024.0,
            {"theta": (4, 7), "alpha": (7, 13), "beta": (13, 30)},
            taper="boxcar",
        )
        expected = np.zeros(3)
        expected[inside] = 0.5
        np.testing.assert_allclose(power, np.tile(expected, (len(power), 1)), atol=1e-12)


def test_bins_that_a_notch_touches_are_left_out():
    t = np.arange(5120) / 1024
    x = sum(np.sin(2 * np.pi * f * t) for f in (58, 59, 60, 61, 62))
    options = {"taper": "boxcar", "notches_hz": [60.0]}
    # A bin of 1 Hz reaches 0.5 Hz to either side, and the notch half its width: 0.75, 1.25 and 2.25 Hz between centres.
    for width, left in ((0.5, 4), (1.5, 2), (3.5, 0)):
        _, power = band_power(x, 1024.0, {"gamma": (40, 100)}, notch_width_hz=width, **options)
        np.testing.assert_allclose(power, 0.5 * left, atol=1e-12)
    _, power = band_power(x, 1024.0, {"f060": (60, 61), "f061": (61, 62)}, notch_width_hz=0.5, **options)
    assert np.isnan(power[:, 0]).all()  # nothing is left of this band, which is not the same as no power
    np.testing.assert_allclose(power[:, 1], 0.5)


def test_channels_are_averaged_in_power_and_not_in_signal():
    t = np.arange(5120) / 1024
    pair = np.column_stack([np.sin(2 * np.pi * 10 * t), -3 * np.sin(2 * np.pi * 10 * t)])
    _, power = band_power(pair, 1024.0, {"alpha": (7, 13)}, taper="boxcar")
    np.testing.assert_allclose(power, (0.5 + 4.5) / 2, rtol=1e-12)


def test_one_hz_bands_are_named_after_where_they_start():
    bands = one_hz_bands(0, 100)
    assert len(bands) == 100
    assert next(iter(bands)) == "f000" and bands["f000"] == (0.1, 1)
    assert bands["f012"] == (12, 13) and list(bands)[-1] == "f099" and bands["f099"] == (99, 100)
    t = np.arange(5120) / 1024
    _, power = band_power(np.sin(2 * np.pi * 12 * t), 1024.0, bands, taper="boxcar")
    assert list(bands)[int(np.nanargmax(power[0]))] == "f012"


def test_bands_and_windows_that_do_not_fit_are_refused():
    x = np.zeros(2000)
    with pytest.raises(InputError, match="gamma reaches 100 Hz, above the Nyquist frequency 90 Hz"):
        band_power(x, 180.0, {"delta": (1, 4), "gamma": (40, 100)})
    with pytest.raises(InputError, match="fewer than one window"):
        band_power(x, 1000.0, {"delta": (1, 4)}, window_s=3.0)
    with pytest.raises(InputError, match="holds no samples"):
        band_power(x, 1.0, {}, window_s=1.0)


def multiunit_power(lfp, fs_hz, band_hz):
    """Times, power and band of one whole channel."""
    frames = MultiunitFrames(fs_hz, band_hz)
    frames.add(lfp)
    return *frames.found(), frames.band_hz


@pytest.mark.parametrize("fs_hz", [24414.0625, 6103.515625, 2000.0])
def test_multiunit_power_is_that_of_the_band_alone(fs_hz):
    """White noise has a share of the band in the Nyquist range; LFP below 100 Hz, twenty times as strong, has none."""
    rng = np.random.default_rng(2)
    times, power, (low, high) = multiunit_power(rng.standard_normal(round(20 * fs_hz)), fs_hz, (300, 3000))
    assert (low, high) == (300, min(3000, 0.45 * fs_hz))
    assert power.mean() == pytest.approx((high - low) / (fs_hz / 2), rel=0.03)
    assert times[0] == pytest.approx(0.05, abs=1 / fs_hz)
    assert np.diff(times) == pytest.approx(0.05, abs=1 / fs_hz)
    t = np.arange(round(20 * fs_hz)) / fs_hz
    spikes, lfp = 3 * np.sin(2 * np.pi * 500 * t), 60 * np.sin(2 * np.pi * 90 * t)
    _, power, _ = multiunit_power(spikes + lfp, fs_hz, (300, 3000))
    assert power.mean() == pytest.approx(4.5, rel=0.01)  # the variance of the sine of 500 Hz


def test_multiunit_power_needs_a_raw_rate():
    assert MultiunitFrames(800.0, (300, 3000)).band_hz is None
    assert multiunit_power(np.random.default_rng(0).standard_normal(5000), 1000.0, (300, 3000))[2] == (300, 450)


def test_averaged_short_windows_are_one_long_window():
    """Against the same average written as a sum over frames; a constant stays one up to the ends."""
    power = np.random.default_rng(3).random(200)
    found = as_windowed(power, 20.0, window_s=1.0, taper="hamming")
    weights = signal.windows.hamming(21) ** 2
    assert found[100] == pytest.approx((weights * power[90:111]).sum() / weights.sum())
    assert found[0] == pytest.approx((weights[10:] * power[:11]).sum() / weights[10:].sum())
    assert as_windowed(np.full(50, 7.0), 20.0, window_s=1.0, taper="hann") == pytest.approx(np.full(50, 7.0))


def test_spectra_at_chosen_times_are_those_of_the_spectrogram():
    x = np.random.default_rng(4).standard_normal(30_000)
    frequencies, density = spectra_at(x, 1000.0, [0.1, 5.0, 29.9], window_s=1.0, taper="hann", top_hz=100.0)
    times, bins, expected = whole(x, 1000.0, taper="hann")
    assert frequencies.tolist() == [f + 0.5 for f in range(100)]
    for column, stamp in enumerate([0.5, 5.0, 29.5]):  # the first and the last window are moved inside
        row = expected[np.argmin(np.abs(times - stamp)), 0]
        for f in (0, 12, 99):
            inside = (bins >= f) & (bins < f + 1)
            assert density[f, column] == pytest.approx(row[inside].mean(), rel=1e-9)


def test_a_longer_window_sees_infraslow_power_and_a_short_one_delta_s_leakage():
    """0.3 Hz of growing amplitude under strong delta of its own: only five seconds tell them apart."""
    rng, t = np.random.default_rng(5), np.arange(300_000) / 1000
    growing, delta = 1 + t / 100, 1 + 0.5 * np.sin(2 * np.pi * t / 60 + 1)
    carrier = signal.sosfilt(signal.butter(2, (1.5, 3), "bandpass", fs=1000, output="sos"), rng.standard_normal(t.size))
    lfp = 20 * growing * np.sin(2 * np.pi * 0.3 * t) + 60 * delta * carrier / carrier.std()
    info = {key: 0 for key in ("ScanStart", "VolumePeriod", "RepetitionTime", "NumberOfVolumes")}
    info |= {"Notches": [], "NotchWidth": 1.0, "Stage": "lfp", "Multiunit": {}}
    found = {}
    for window in (1.0, 5.0):
        options = {"window_s": 1.0, "infraslow_window_s": window, "step_s": 0.1, "taper": "hamming", "one_hz": None}
        settings = {"bands": {"infraslow": [0.1, 1]}, "power": {**options, "channels": "mean_power"}}
        values, rate, names, said, _ = stage.power(lfp[:, None], 1000.0, ["a"], np.zeros((0, 2)), info, settings)
        assert (names, said["FirstStamp"], rate, len(values)) == (["infraslow"], 0.5, 10.0, 2991)
        smooth = np.convolve(values[:, 0], np.ones(100) / 100, mode="same")[200:-200]
        found[window] = np.corrcoef(smooth, (growing**2)[500::100][: len(values)][200:-200])[0, 1]
    assert found[5.0] > 0.97
    assert found[1.0] < 0.8


@pytest.mark.parametrize("channels", ["mean_power", "mean_signal"])
def test_contacts_are_halved_and_the_whole_is_what_it_was(channels):
    """Odd and even contacts have the power that each half has on its own, the slow band's window included."""
    rng = np.random.default_rng(6)
    lfp = rng.standard_normal((60_000, 5)) * [1, 2, 3, 4, 5]
    info = {key: 0 for key in ("ScanStart", "VolumePeriod", "RepetitionTime", "NumberOfVolumes")}
    info |= {"Notches": [], "NotchWidth": 1.0, "Stage": "lfp", "Multiunit": {}}
    options = {"window_s": 1.0, "infraslow_window_s": 5.0, "step_s": 0.1, "taper": "hamming", "one_hz": [0, 3]}
    settings = {"bands": {"infraslow": [0.1, 1], "gamma": [40, 100]}, "power": {**options, "channels": channels}}

    def of(contacts):
        return stage.power(lfp[:, contacts], 1000.0, list("abcde"), np.zeros((0, 2)), info, settings)

    whole, _, names, _, halves = of([0, 1, 2, 3, 4])
    odd, even = of([0, 2, 4])[0][:, :2], of([1, 3])[0][:, :2]
    np.testing.assert_allclose(halves, np.column_stack([odd, even]), rtol=1e-12)
    assert names == ["infraslow", "gamma", "f000", "f001", "f002"]
    if channels == "mean_power":
        np.testing.assert_allclose(whole[:, :2], (3 * odd + 2 * even) / 5, rtol=1e-9)
    single = of([2])
    assert single[4].shape == (len(whole), 4) and np.isnan(single[4]).all()


def test_how_many_bins_a_band_keeps_is_said_and_few_are_told():
    """Slices every fifth of a second: multiples of 5 Hz, each with a bin to either side where notches are wide."""
    info = {key: 0 for key in ("ScanStart", "VolumePeriod", "RepetitionTime", "NumberOfVolumes")}
    info |= {"Notches": np.arange(5.0, 100, 5), "NotchWidth": 0.5, "Stage": "lfp", "Multiunit": {}}
    options = {"window_s": 1.0, "infraslow_window_s": 1.0, "step_s": 0.1, "taper": "hamming", "one_hz": None}
    settings = {"bands": {"theta": [3, 7], "alpha": [7, 13]}, "power": {**options, "channels": "mean_power"}}
    given = np.random.default_rng(0).standard_normal((5000, 1)), 1000.0, ["a"], np.zeros((0, 2))
    assert stage.power(*given, info, settings)[3]["BinsKept"] == {"theta": (3, 4), "alpha": (5, 6)}
    info["NotchWidth"] = 1.5
    with pytest.warns(UserWarning, match="the band theta keeps 1 of 4 bins"):
        said = stage.power(*given, info, settings)[3]
    assert said["BinsKept"] == {"theta": (1, 4), "alpha": (3, 6)}
