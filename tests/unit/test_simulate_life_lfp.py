"""What life adds to a simulated LFP, each option against what was asked of it.

Tolerances are multiples of the sampling error that the comment beside each derives; seeds are fixed.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from lfpbold import cli
from lfpbold.simulate import artefact as gradient
from lfpbold.simulate import bold, disturbances, flaws, latent, lfp, resolve, truth
from lfpbold.simulate.presets import BANDS
from lfpbold.simulate.recording import Clock, record

STREAMS = ("electrode", "lfp", "artefact", "amplifier", "multiunit", "drift", "mains", "movements")
CLOCK = Clock(11.25, 40.0)
QUIET = {"artefact_ratio": 0.0, "line_uv": 0.0, "dc_uv": 0.0, "dtype": "float32", "fs_hz": 1017.25}


def rng(*seed):
    return np.random.default_rng(seed)


def recorded(parameters, seed=0, **more):
    """A recording of `tiny` with some parameters changed: microvolts (n, n_channels), LFP time, and the recording."""
    p = resolve("tiny", {name: value for name, value in parameters.items()})
    view = latent.band_limited(rng(seed, 99), 1, 400.0, p.activity_hz, p.activity_exponent)
    seeds = {name: rng(seed, i) for i, name in enumerate(STREAMS)}
    made = record(seeds, view, CLOCK, p.n_slices, p, **more)
    raw = np.concatenate([block for _, block in made.blocks()])
    return raw * np.float64(made.volts_per_unit * 1e6), np.arange(len(raw)) / p.fs_hz, made, p


def added(option, **more):
    """What an option adds to the recording that is otherwise the same; (n, n_channels) in uV."""
    without, _, _, _ = recorded(QUIET)
    with_it, t, made, p = recorded({**QUIET, **option}, **more)
    return with_it - without, t, made, p


def by_volume(x, t, p):
    """Mean of each volume; (n_volumes, n_channels)."""
    number = np.floor(CLOCK.scanner(t) / p.tr_s).astype(int)
    return np.stack([x[number == v].mean(axis=0) for v in range(p.n_volumes)])


# --- electrode and amplifier


@pytest.mark.parametrize("asked", [30.0, 100.0, 300.0])
def test_drift_has_the_stated_standard_deviation_of_volume_means(asked):
    drift, t, _, p = added({"electrode_drift_uv": asked})
    # means over 1 s of a tenth-second grid: 1 %
    np.testing.assert_allclose(by_volume(drift, t, p).std(axis=0), asked, rtol=0.01)


def test_drift_is_a_walk_that_ends_at_its_upper_edge():
    p = resolve("tiny", {"electrode_drift_uv": 100, "n_volumes": 1000, "n_channels": 16})
    drift = disturbances.electrode_drift(rng(1), p, CLOCK, int(1015 * p.fs_hz))
    x = drift(np.arange(0, 1010, 0.5)) * np.hanning(2020)[:, None]
    power = (np.abs(np.fft.rfft(x, axis=0)) ** 2).mean(axis=1)
    freqs = np.fft.rfftfreq(2020, 0.5)
    assert power[freqs > 0.22].sum() < 1e-4 * power.sum()
    inside = (freqs > 0.01) & (freqs < 0.18)
    # slope over 170 frequencies and 16 half-common channels: error of log power .33, of the slope .04
    slope = np.polyfit(np.log(freqs[inside]), np.log(power[inside]), 1)[0]
    assert slope == pytest.approx(-2.0, abs=0.15)
    # half of the variance is common: mean correlation of walks, each of which has few independent values
    assert 0.2 < np.corrcoef(drift(np.arange(0, 1010, 1.0)).T)[np.triu_indices(16, 1)].mean() < 0.8


def test_offset_is_added_to_every_contact():
    offset, _, made, _ = added({"dc_offset_uv": -3000.0})
    np.testing.assert_allclose(offset, -3000.0, atol=0.01)
    np.testing.assert_allclose(made.offset_uv, -3000.0)


def artefact_spectrum(antialias_hz, rate_hz):
    """Amplitudes of one volume's artefact at 0, 1, 2 ... Hz when it is sampled at a rate; (rate / 2 + 1,)."""
    made = gradient.gradient_artefact(rng(2), np.ones(1), 1.0, 10, 60, 5000.0, 0.5, 0.0, antialias_hz)
    return np.fft.rfft(made(np.arange(rate_hz) / rate_hz)[:, 0]) / rate_hz


def test_gradients_above_half_the_rate_fold_back_onto_those_below():
    fine, sampled = artefact_spectrum(2200.0, 60_000), artefact_spectrum(2200.0, 3000)
    k = np.arange(1, 1500)
    folded = sum(fine[n * 3000 + k] + np.conj(fine[n * 3000 - k]) for n in (1, 2))
    np.testing.assert_allclose(sampled[k], fine[k] + folded, atol=2e-3 * np.abs(fine).max())
    low = k < 300
    assert (np.abs(folded[low]) ** 2).sum() > 0.001 * (np.abs(fine[k][low]) ** 2).sum()
    assert (np.abs(fine[1500:]) ** 2).sum() > 0.1 * (np.abs(fine) ** 2).sum()
    # without the option nothing is above 42 % of the rate, and nothing folds back
    made = gradient.gradient_artefact(rng(2), np.ones(1), 1.0, 10, 60, 0.42 * 3000, 0.5, 0.0)
    ideal = np.abs(np.fft.rfft(made(np.arange(60_000) / 60_000)[:, 0])) ** 2
    assert ideal[1270:].sum() < 1e-6 * ideal.sum()


def test_antialias_filter_is_a_butterworth_of_fourth_order():
    open_, closed = (
        np.abs(np.fft.rfft(gradient.volume_waveform(rng(2), 1.0, 10, 5000.0, 0.5, 1, corner)[0][:, 0]))
        for corner in (0.0, 1500.0)
    )
    f = np.arange(1, 4900)
    gain = closed[f] / open_[f]
    np.testing.assert_allclose(gain / gain[0], 1 / np.sqrt(1 + (f / 1500.0) ** 8), rtol=1e-6)


def test_recording_passes_the_antialias_filter_on():
    """Between .42 and .5 of the rate an ideal filter leaves nothing of the artefact, a real one does."""
    loud = {**QUIET, "artefact_ratio": 50.0, "fs_hz": 3051.7578125}
    power = []
    for more in ({}, {"antialias_hz": 1500.0}):
        raw, t, _, p = recorded({**loud, **more})
        x = raw[(t > 20) & (t < 80), 0]
        spectrum = np.abs(np.fft.rfft(x * np.hanning(len(x)))) ** 2
        freqs = np.fft.rfftfreq(len(x), 1 / p.fs_hz)
        power.append(spectrum[freqs > 0.43 * p.fs_hz].sum() / spectrum.sum())
    assert power[0] < 1e-5 and power[1] > 0.02


@pytest.mark.parametrize("dtype", ["int16", "float32"])
@pytest.mark.parametrize("asked", [0.001, 0.02])
def test_stated_share_of_samples_lies_at_the_rails(dtype, asked):
    loud = {"rail_fraction": asked, "dtype": dtype, "electrode_drift_uv": 300.0, "dc_offset_uv": 2000.0}
    raw, t, made, p = recorded(loud)
    during = (t >= CLOCK.start_s) & (t < CLOCK.lfp(p.n_volumes * p.tr_s))
    at_rail = np.abs(raw[during]) >= made.rails_uv * (1 - 1e-6)
    # 100 stretches of 4096 samples from 120 volumes that are nearly alike: within a tenth
    assert at_rail.mean() == pytest.approx(asked, rel=0.1)
    assert np.abs(raw).max() <= made.rails_uv * (1 + 1e-6)
    if dtype == "int16":
        assert made.volts_per_unit == pytest.approx(made.rails_uv * 1e-6 / 32767)


# --- mains


def test_mains_wax_and_wane_as_stated():
    logs, relative = [], []
    for seed in range(6):
        p = resolve("tiny", {"line_hz": 50, "line_wax": 0.4, "line_harmonics": "[1, 0.3, 0.5]", "line_uv": 40})
        line = disturbances.mains(rng(seed), p, np.array([1.0, 2.0]), 0.3, 600.0)
        x = line(np.arange(0, 600, 1e-3))
        np.testing.assert_allclose(x[:, 1], 2 * x[:, 0], atol=1e-3)
        seconds = np.abs(np.fft.rfft(x[:, 0].reshape(600, 1000), axis=1)) / 500
        logs.append(np.log(seconds[:, 50] / 40))
        relative.append((seconds[:, [100, 150]] / seconds[:, [50]]).mean(axis=0))
        assert seconds[:, [49, 51, 60, 200]].max() < 0.1 * seconds[:, 50].max()
    # 6 runs of 30 frequencies: relative error of the sd 1 / sqrt(2 * 360 / 2) = .05
    assert np.std(logs) == pytest.approx(0.4, rel=0.15)
    np.testing.assert_allclose(np.mean(relative, axis=0), [0.3, 0.5], rtol=0.01)
    # slow: neighbouring seconds are alike
    assert np.mean([np.corrcoef(x[:-1], x[1:])[0, 1] for x in logs]) > 0.95


def test_mains_without_options_are_those_of_60_hz_and_steady():
    p = resolve("tiny")
    line = disturbances.mains(None, p, np.ones(1), 0.7, 60.0)
    t = np.arange(0, 2, 1e-3)
    expected = 30 * (np.sin(2 * np.pi * 60 * t + 0.7) + 0.25 * np.sin(2 * np.pi * 180 * t))
    np.testing.assert_allclose(line(t)[:, 0], expected, atol=1e-4)


# --- spectra


@pytest.mark.parametrize("exponent", [1.0, 1.5])
def test_activity_is_slow_down_to_one_cycle_a_scan(exponent):
    p = resolve("tiny", {"activity_exponent": exponent, "n_volumes": 526})
    assert p.activity_hz == (pytest.approx(1 / 599.5), 0.1)  # scan, 11 + 2.5 s around it, and a minute
    x = latent.band_limited(rng(3), 400, 600.0, (1 / 600, 0.1), p.activity_exponent)
    values = x(np.arange(600.0))
    power = (np.abs(np.fft.rfft(values, axis=0)) ** 2).mean(axis=1)
    freqs = np.fft.rfftfreq(600, 1.0)
    inside = (freqs > 1 / 601) & (freqs < 0.1001)
    # 60 frequencies, 400 signals: error of log power .05, of the slope .008
    assert np.polyfit(np.log(freqs[inside]), np.log(power[inside]), 1)[0] == pytest.approx(-exponent, abs=0.03)
    assert power[~inside].sum() < 1e-20 * power.sum()
    # 1/f**1.5: effective number of frequencies about 5; 400 signals
    assert (values**2).mean() == pytest.approx(1, abs=0.1)


def test_power_of_the_lfp_repeats_itself_as_its_spectrum_says():
    """Autocorrelation of log gamma amplitude at 10 s: sum of cos(2 pi f 10) over the spectrum's shares."""
    lags = {}
    for exponent in (0.0, 1.0):
        p = resolve("tiny", {"activity_exponent": exponent, "n_volumes": 240})
        t, found = np.arange(0, 240, 1.0), []
        for i in range(150):
            view = latent.band_limited(rng(4, i), 1, 300.0, p.activity_hz, exponent)
            x = np.log(lfp.band_amplitudes(rng(5, i), view, p, t)["gamma"])
            centred = x - (-(p.band_gain["gamma"] ** 2 + p.band_own["gamma"] ** 2) / 4)
            found.append((centred[:-10] * centred[10:]).mean() / ((0.7**2 + 0.3**2) / 4))
        shares = latent.variance_shares(view.freqs_hz, exponent)
        expected = (shares * np.cos(2 * np.pi * 10 * view.freqs_hz)).sum()
        lags[exponent] = (np.mean(found), expected, np.std(found) / np.sqrt(len(found)))
    for mean, expected, error in lags.values():
        assert abs(mean - expected) < 3.5 * error
    assert lags[1.0][0] > lags[0.0][0] + 0.2


def density(p, seed, n_s=400):
    """Power density of the clean LFP's first channel, 1 Hz apart from 1 Hz, and frequencies."""
    view = latent.band_limited(rng(6, seed), 1, 500.0, p.activity_hz)
    x = lfp.clean(rng(7, seed), view, np.ones(p.n_channels), p, n_s * 1000, 1000.0, (0.0, 1.0))[:, 0]
    frames = x.reshape(-1, 2000) * np.hanning(2000)
    return (np.abs(np.fft.rfft(frames, axis=1)) ** 2).mean(axis=0), np.fft.rfftfreq(2000, 1e-3)


def test_smooth_bands_make_one_power_law_without_steps():
    p = resolve("tiny", {"band_overlap_octaves": 0.5, "background_exponent": 1.8, "channel_gain_sd": 0.0})
    power, freqs = density(p, 1)
    inside = (freqs >= 2) & (freqs <= 250)
    slope, _ = np.polyfit(np.log(freqs[inside]), np.log(power[inside]), 1)
    # band power wanders slowly: log sd .8 over about 70 independent values of 400 s, .1 between neighbouring bands
    assert slope == pytest.approx(-1.8, abs=0.1)
    steps = edge_steps(power, freqs)
    sharp, _ = density(resolve("tiny", {"channel_gain_sd": 0.0}), 1)
    assert np.abs(steps).max() < 0.35
    assert np.abs(edge_steps(sharp, freqs)).max() > 1.0


def edge_steps(power, freqs):
    """Log ratio of the densities, times f**1.8, just above and below each edge of a band."""
    flat = np.log(power[1:] * freqs[1:] ** 1.8)
    f = freqs[1:]
    steps = []
    for edge in (4, 7, 13, 30, 40, 100):
        above, below = ((f > edge * a) & (f < edge * b) for a, b in ((1.02, 1.15), (0.87, 0.98)))
        steps.append(flat[above].mean() - flat[below].mean())
    return np.array(steps)


def test_smooth_shares_cross_over_and_sum_to_one_within_the_bands():
    f = np.geomspace(0.5, 200, 2000)
    shares = lfp.smooth_shares(f, 0.5)
    whole = sum(shares.values())
    inside = (f > 1.3) & (f < 80)
    np.testing.assert_allclose(whole[inside], 1, atol=1e-12)
    assert whole[f < 0.8].max() == whole[f > 125].max() == 0
    at = dict(zip(BANDS, BANDS.values(), strict=True))
    np.testing.assert_allclose([np.interp(at["theta"][0], f, shares[b]) for b in ("delta", "theta")], 0.5, atol=0.01)
    assert all(np.abs(np.diff(x)).max() < 0.02 for x in shares.values())


def test_smooth_bands_still_follow_what_the_electrode_sees():
    quiet = {f"band_own.{b}": 0.0 for b in BANDS}
    p = resolve("tiny", {**quiet, "band_overlap_octaves": 0.5})
    slopes = []
    for i in range(6):
        view = latent.band_limited(rng(8, i), 1, 400.0, (0.01, 0.1))
        power = truth.band_power(lfp.clean(rng(9, i), view, np.ones(2), p, 75000, 250.0, (0.0, 1.0)), 250.0, 17.0)
        v = view(0.5 + 0.1 * np.arange(len(power)))[:, 0]
        slopes.append(((power - power.mean(axis=0)) * v[:, None]).mean(axis=0) / power.mean(axis=0) / v.var())
    # a quarter of the power is background, and neighbours leak in: .5 to 1 of the gain
    ratio = np.mean(slopes, axis=0)[[0, 1, 4]] / np.array([p.band_gain[b] for b in ("delta", "theta", "gamma")])
    assert (ratio > 0.5).all() and (ratio < 1.1).all()


# --- the body


def test_breathing_and_heart_have_their_sizes_and_the_phase_of_the_images():
    p = resolve("tiny", {"respiration_hz": 1.0, "cardiac_hz": 6.0})
    still = latent.Harmonics(np.array([0.01]), np.zeros((1, 2), complex))
    body = bold.Nuisance(None, None, still, (1.0, 6.0), None, 120.0)
    x, t, _, _ = added({"respiration_uv": 20.0, "cardiac_uv": 8.0}, body=body)
    scanner = CLOCK.scanner(t)
    whole = (scanner >= 0) & (scanner < 120)
    for f, size in ((1, 20.0), *((6 * k, 8.0 * a) for k, a in enumerate(disturbances.HEART_WAVE, start=1))):
        gain = 2 * (x[whole] * np.sin(2 * np.pi * f * scanner[whole])[:, None]).mean(axis=0)
        np.testing.assert_allclose(gain / size, lfp.channel_gains(rng(0, 0), p), rtol=0.01)


def test_stated_rates_replace_those_of_the_state():
    p = resolve("tiny", {"respiration_hz": 0.3, "cardiac_hz": 1.1})
    from lfpbold.simulate import atlas as brains

    atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng(1))
    scene = bold.scene(atlas, brains.spatial_maps(atlas, p.region_fwhm_mm), p)
    rates = np.array([bold.nuisance(rng(i), scene, p, False).rates_hz for i in range(20)])
    assert (np.abs(rates / [0.3, 1.1] - 1) <= 0.05).all() and rates.std(axis=0).min() > 0
    usual = bold.nuisance(rng(0), scene, resolve("tiny"), False).rates_hz
    assert abs(usual[0] - 1.3) < 0.09 and abs(usual[1] - 5.7) < 0.09


def test_movements_are_an_oscillation_and_a_step_that_decays():
    times = np.array([30.2, 71.7])
    x, t, made, _ = added({"movement_uv": 2000.0, "movement_step_s": 3.0}, moved_s=times)
    for moment, size in zip(CLOCK.lfp(times), made.extras["movements"].sizes_uv, strict=True):
        assert (np.abs(size) > 0.4 * 2000).all() and (np.abs(size) < 1.8 * 2000).all()
        assert np.abs(x[(t < moment - 0.01) & (t > moment - 1)]).max() < 0.001 * 2000
        late = np.argmin(np.abs(t - moment - 3.0))
        np.testing.assert_allclose(x[late], 0.5 * size / np.e, rtol=0.01)
        # rises within 5 ms to the sum of both parts, 1 + 1/2, before the oscillation turns
        peak = np.abs(x[(t >= moment) & (t < moment + 0.03)]).max(axis=0)
        assert (peak > 1.1 * np.abs(size)).all() and (peak < 1.5 * np.abs(size)).all()


def test_movement_times_are_as_many_as_stated_and_apart():
    p = resolve("tiny", {"movements_per_min": 2.0})
    times = disturbances.movement_times(rng(1), p)
    assert len(times) == 4 and np.diff(times).min() > 2 * p.tr_s and times.min() >= 5 and times.max() < 119
    assert len(disturbances.movement_times(rng(1), resolve("tiny"))) == 0


# --- all of them


def test_no_default_has_a_flaw_and_rough_has_each():
    off = {f.name: f.default for f in fields(flaws.Flaws)}
    tuned = {"electrode_drift_max_hz", "movement_step_s", "movement_fd_mm"}
    plain, rough = resolve("demo"), resolve("rough")
    assert all(getattr(plain, name) == value for name, value in off.items())
    assert {name for name, value in off.items() if getattr(rough, name) == value} == tuned


@pytest.mark.parametrize("name", [f.name for f in fields(flaws.Flaws)])
def test_every_option_can_be_set_as_text(name):
    value = getattr(resolve("rough"), name)
    text = "[" + ", ".join(map(str, value)) + "]" if isinstance(value, tuple) else str(value)
    assert getattr(resolve("tiny", {"n_volumes": 240, name: text}), name) == value


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"rail_fraction": 0.7}, "rail_fraction"),
        ({"seed_reliability": 0}, "seed_reliability"),
        ({"electrode_drift_uv": -1}, "electrode_drift_uv"),
        ({"band_overlap_octaves": 2}, "band_overlap_octaves"),
        ({"lost_volumes": "[120]"}, "lost_volumes"),
        ({"repeated_volumes": "[0]"}, "none before it"),
        ({"line_hz": 50, "line_harmonics": [1] * 40}, "half the sampling rate"),
        ({"movements_per_min": 60}, "movements_per_min"),
    ],
)
def test_flaws_that_cannot_be_are_named(overrides, message):
    with pytest.raises(ValueError, match=message):
        resolve("tiny", overrides)


def test_help_and_documentation_list_every_option(capsys):
    with pytest.raises(SystemExit):
        cli.main(["simulate", "--help"])
    helped = capsys.readouterr().out
    page = (Path(__file__).resolve().parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    for name in (f.name for f in fields(flaws.Flaws)):
        assert name in helped and f"`{name}`" in page, name
