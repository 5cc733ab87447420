"""Multi-unit activity, gains per site and the `paper` preset, against what their formulas say.

Tolerances are multiples of the sampling error that the comment beside each derives; seeds are fixed.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import signal

from lfpbold.simulate import expected, latent, lfp, multiunit, presets, resolve, simulate
from lfpbold.simulate import run as runner
from lfpbold.simulate.recording import BLOCK, Clock, record

LATENT_HZ = (0.01, 0.1)


def rng(seed=0):
    return np.random.default_rng(seed)


def streams(seed=0):
    return {name: rng([seed, i]) for i, name in enumerate(("electrode", "lfp", "artefact", "amplifier", "multiunit"))}


def seen(seed, span=400.0):
    return latent.band_limited(rng(seed), 1, span, LATENT_HZ)


def make(view, p, seconds=60.0, start_s=10.5, ppm=0.0, gains=None):
    """All samples of the multi-unit activity of one recording, and the object that made them."""
    n = int(seconds * p.fs_hz)
    gains = np.ones(p.n_channels) if gains is None else gains
    spikes = multiunit.Multiunit(rng(99), view, gains, p, BLOCK, Clock(start_s, ppm), n)
    blocks = [spikes.next(first, min(BLOCK, n - first)) for first in range(0, n, BLOCK)]
    return np.concatenate(blocks), spikes


def steady(**more):
    """Settings without changes of power, so that the power of the noise itself can be tested."""
    return resolve("full", {"multiunit_gain": 0.0, "multiunit_own": 0.0, "n_channels": 3, "n_volumes": 60, **more})


# --- the signal


def test_power_in_the_band_is_the_stated_one_flat_and_nowhere_else():
    p = steady()
    x, spikes = make(seen(1), p, 30.0)
    freqs, density = signal.welch(x, p.fs_hz, nperseg=8192, axis=0)
    inside = (freqs >= 300) & (freqs < 3000)
    power = density[inside].sum(axis=0) * freqs[1]
    # 2690 Hz x 30 s: the relative standard error of the power is 1 / sqrt(80700) = .0035
    np.testing.assert_allclose(power, p.multiunit_uv**2, rtol=0.015)
    flat = density[(freqs > 330) & (freqs < 2970)].mean(axis=1)
    # about 90 segments x 3 channels (partly common): relative error of each frequency below .08
    assert np.abs(flat / (p.multiunit_uv**2 / 2690) - 1).max() < 0.4
    assert np.abs(x).max() < spikes.bound_uv


def test_nothing_of_it_reaches_300_hz_not_even_by_the_joints_of_its_stretches():
    p = steady()
    n = int(30 * p.fs_hz)
    x, _ = make(seen(2), p, 30.0)
    freqs = np.fft.rfftfreq(n, 1 / p.fs_hz)
    power = np.abs(np.fft.rfft(x[:n] * signal.windows.blackmanharris(n)[:, None], axis=0)) ** 2
    assert power[freqs < 300].sum() < 1e-8 * power.sum()


def test_variance_is_the_same_where_stretches_join():
    p = steady(n_channels=64, multiunit_common=0.0)
    x, _ = make(seen(3), p, 4 * BLOCK / p.fs_hz)
    joints = np.concatenate([x[k * BLOCK : k * BLOCK + multiunit.FADE] for k in (1, 2, 3)])
    # 64 channels x 24576 samples x 2690 / 12207: relative error of the variance sqrt(2 / 692000) = .0017
    assert joints.var() == pytest.approx(p.multiunit_uv**2, rel=0.01)


def test_channels_share_the_stated_part_of_the_variance_and_have_their_gains():
    p = steady(multiunit_common=0.4)
    gains = np.array([0.5, 1.0, 1.5])
    x, _ = make(seen(4), p, gains=gains)
    np.testing.assert_allclose(x.std(axis=0), p.multiunit_uv * gains, rtol=0.015)
    # correlation over 60 s x 2690 Hz x 2 samples: standard error .002
    np.testing.assert_allclose(np.corrcoef(x.T)[np.triu_indices(3, 1)], 0.4, atol=0.01)


@pytest.mark.parametrize(("fs_hz", "upper"), [(1190.0, None), (3051.7578125, 0.42 * 3051.7578125), (24414.0625, 3000)])
def test_slow_recordings_hold_less_of_the_band_or_none(fs_hz, upper):
    assert multiunit.band_hz(fs_hz) == (None if upper is None else (300.0, upper))
    p = steady(fs_hz=fs_hz)
    made = record(streams(), seen(5), Clock(10.5, 0.0), 20, p)
    assert (made.multiunit is None) == (upper is None)
    if upper and upper < 3000:
        x, _ = make(seen(5), p)
        assert x.var() == pytest.approx(p.multiunit_uv**2 * (upper - 310) / 2690, rel=0.02)


def test_power_follows_what_the_electrode_sees_by_the_stated_formula():
    p = resolve("full", {"fs_hz": 6103.515625, "n_channels": 1, "n_volumes": 300})
    g, q = p.multiunit_gain, p.multiunit_own
    slopes, correlations, means = [], [], []
    for i in range(8):
        view, clock = seen([6, i]), Clock(10.5, 0.0)
        _, spikes = make(view, p, 311.0)
        power = spikes.power()[:, 0]
        v = view(clock.scanner(clock.start_s + 0.5 + 0.1 * np.arange(len(power))))[:, 0]
        fit = np.polyfit(v, np.log(power), 1)
        slopes.append(fit[0])
        correlations.append(np.corrcoef(v, np.log(power))[0, 1])
        means.append(power.mean())
    # U and V are independent: standard error of the slope q / sqrt(54 independent samples x 8 scans) = .02;
    # the 1 s window leaves .98 of activity at .06 Hz
    assert np.mean(slopes) == pytest.approx(0.98 * g, abs=0.06)
    assert np.mean(correlations) == pytest.approx(g / np.hypot(g, q), abs=0.06)
    band = np.diff(multiunit.band_hz(p.fs_hz))[0] - multiunit.MARGIN_HZ
    # sd of log power .64, 54 x 8 independent samples: relative error .035
    assert np.mean(means) == pytest.approx(p.multiunit_uv**2 * band / 2690, rel=0.12)


def test_noted_power_is_that_of_the_samples():
    p = resolve("full", {"fs_hz": 6000.0, "n_channels": 2, "n_volumes": 60})
    start, ppm = 10.2, 50.0
    x, spikes = make(seen(7), p, 75.0, start, ppm, np.array([0.8, 1.2]))
    power = spikes.power()
    # 60 s of the scanner's clock are 60.003 s of the LFP's: 600 steps, 591 windows
    assert power.shape == (591, 1)
    for k in (0, 137, 590):
        first = round((start + k * 0.1) * p.fs_hz)
        by_hand = (x[first : first + 6000] ** 2).mean()
        assert power[k, 0] == pytest.approx(by_hand, rel=1e-3)
    during = x[round(start * p.fs_hz) : round((start + 60) * p.fs_hz)]
    assert spikes.rms_uv() == pytest.approx(np.sqrt((during**2).mean()), rel=1e-4)


def test_it_is_present_before_and_after_the_scan_and_leaves_the_clean_lfp_alone():
    quiet = {"artefact_ratio": 0.0, "line_uv": 0.0, "dc_uv": 0.0, "dtype": "float32", "n_volumes": 60}
    silent = resolve("tiny", {**quiet, "multiunit_uv": 0.0})
    p = resolve("tiny", {**quiet, "multiunit_gain": 0.0, "multiunit_own": 0.0})
    made = [record(streams(), seen(8), Clock(11.0, 0.0), 20, q) for q in (p, silent)]
    np.testing.assert_array_equal(made[0].clean_during_scan(), made[1].clean_during_scan())
    raw = [np.concatenate([block for _, block in m.blocks()]) for m in made]
    difference = raw[0] - raw[1]
    wanted = p.multiunit_uv * np.sqrt((0.42 * p.fs_hz - 310) / 2690) * lfp.channel_gains(streams()["electrode"], p)
    for part in (slice(0, int(11 * p.fs_hz)), slice(int(71 * p.fs_hz), None)):
        # at least 2.4 s x 970 Hz: relative error of the standard deviation .015
        np.testing.assert_allclose(difference[part].std(axis=0), wanted, rtol=0.06)


def test_monte_carlo_draws_power_as_the_signal_has_it():
    p = steady(fs_hz=6103.515625, n_channels=4, multiunit_common=0.5)
    _, spikes = make(seen(9), p, 71.0)
    drawn = np.concatenate([multiunit.expected_windows(rng([9, i]), seen(9), p, 60.0) for i in range(20)])
    assert drawn.mean() == pytest.approx(1, abs=0.003)
    made = spikes.power()
    # chance fluctuations: 2253 Hz x 1 s x 4 channels that count as 16 / 7: sd sqrt(1 / 5150) = .0139
    assert drawn.std() == pytest.approx(0.0139, rel=0.05)
    # 60 independent windows: relative error of the sd .09
    assert made.std() / made.mean() == pytest.approx(0.0139, rel=0.3)


# --- in a dataset


@pytest.fixture(scope="module")
def two_sites(tmp_path_factory):
    """The same tiny study as it is, with another gain at ACC, and at a rate without multi-unit activity."""
    folder = tmp_path_factory.mktemp("sites")
    base = {"animal_sites": "[[M1, ACC]]", "replicates": 20, "untriggered": 0, "n_volumes": 100}
    changes = {
        "plain": {},
        "other": {"site_band_gain.ACC.gamma": 0.0, "site_band_gain.ACC.multiunit": -0.5},
        "slow": {"fs_hz": 1017.25},
    }
    out = {}
    for name, change in changes.items():
        simulate(folder / name, "tiny", parameters={**base, **change}, progress=lambda line: None)
        out[name] = json.loads((folder / name / "truth.json").read_text())
    return folder, out


def test_gains_of_one_site_change_that_site_only(two_sites):
    folder, truths = two_sites
    plain, other = truths["plain"]["recordings"], truths["other"]["recordings"]
    assert [r["site"] for r in plain] == ["M1", "ACC"]
    assert plain[0] == other[0]
    assert (folder / "plain" / plain[0]["lfp"]).read_bytes() == (folder / "other" / other[0]["lfp"]).read_bytes()
    assert plain[1]["temporal_r"]["gamma"] != other[1]["temporal_r"]["gamma"]
    assert plain[1]["multiunit"] != other[1]["multiunit"]
    # the other bands keep their carriers and amplitudes; leakage and channel power change them by a trifle
    for band in ("delta", "theta", "alpha", "beta"):
        assert other[1]["temporal_r"][band] == pytest.approx(plain[1]["temporal_r"][band], abs=0.01)


def test_expected_values_follow_the_gains_of_the_site(two_sites):
    _, truths = two_sites
    plain, other = (truths[name]["expected"]["sedated"] for name in ("plain", "other"))
    assert plain["M1"]["temporal_r"] == pytest.approx(other["M1"]["temporal_r"], abs=0.15)
    # without a gain nothing is left to expect: sd of one scan of 100 s about .25, 20 replicates
    assert abs(other["ACC"]["temporal_r"]["gamma"]) < 0.2 < plain["ACC"]["temporal_r"]["gamma"]
    assert other["ACC"]["multiunit"]["temporal_r"] < -0.1 < 0.1 < plain["ACC"]["multiunit"]["temporal_r"]


def test_truth_holds_multiunit_where_the_rate_does(two_sites):
    _, truths = two_sites
    for r in truths["plain"]["recordings"]:
        assert set(r["multiunit"]) == {"temporal_r", "spatial_r", "rms_uv"}
        # gains of the channels (sd .15) and slow changes of power (sd of the log .64 over 100 s)
        assert r["multiunit"]["rms_uv"] == pytest.approx(8 * np.sqrt((1281.7 - 310) / 2690), rel=0.35)
    assert all(r["multiunit"] is None for r in truths["slow"]["recordings"])
    assert all(site["multiunit"] is None for site in truths["slow"]["expected"]["sedated"].values())


def test_parameters_of_a_site():
    p = resolve("tiny", {"site_band_gain": {"ACC": {"gamma": 0.5}}, "site_band_own.ACC.multiunit": "0.9"})
    there = presets.at_site(p, "ACC")
    assert there.band_gain == {**p.band_gain, "gamma": 0.5} and there.band_own == p.band_own
    assert (there.multiunit_gain, there.multiunit_own) == (p.multiunit_gain, 0.9)
    assert presets.at_site(p, "M1") == p


@pytest.mark.parametrize("wrong", [{"site_band_gain.ACX.gamma": 1}, {"site_band_own.ACC.gama": 1}])
def test_unknown_sites_and_bands_are_refused(wrong):
    with pytest.raises(ValueError, match="site -> band -> number"):
        resolve("tiny", wrong)


# --- the preset of the published study


PUBLISHED = {
    "M1": {"delta": -0.20, "theta": -0.19, "alpha": -0.11, "beta": -0.06, "gamma": 0.37},
    "ACC": {"delta": -0.13, "theta": -0.04, "alpha": -0.03, "beta": -0.01, "gamma": 0.18},
}


def test_paper_preset_expects_what_the_study_found(tmp_path):
    """Expected temporal r of a perfect analysis: the published one and 3.5 % that the nuisance model will take."""
    replicates = 8
    p = resolve("paper", {"replicates": replicates})
    study = runner._Simulation(tmp_path, p, "paper", None, print)
    found = expected.temporal(rng(10), study.scene, study.regions, study.times_s, p)["sedated"]
    for site, bands in PUBLISHED.items():
        for i, (band, r) in enumerate(bands.items()):
            # one scan of 1200 volumes varies by .067 at most: 3.5 standard errors of the mean
            assert found[site][:, i].mean() == pytest.approx(1.035 * r, abs=3.5 * 0.067 / np.sqrt(replicates)), band
        assert 0.7 < found[site][:, 5].mean() / found[site][:, 4].mean() < 1.1
