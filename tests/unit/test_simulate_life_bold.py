"""What life adds to simulated images, each option against what was asked of it.

Tolerances are multiples of the sampling error that the comment beside each derives; seeds are fixed.
"""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
from scipy import signal

from lfpbold.simulate import atlas as brains
from lfpbold.simulate import bold, expected, latent, motion, resolve, sequence, simulate, stimulus, volumes
from lfpbold.simulate.presets import BANDS

SMALL = {"animal_sites": "[[M1]]", "n_volumes": 90, "untriggered": 0, "replicates": 4, "fs_hz": 1017.25}
SPOILT = {"lost_volumes": "[20]", "half_lost_volumes": "[31, 30]", "repeated_volumes": "[40, 41]"}


def rng(*seed):
    return np.random.default_rng(seed)


def scene(p, seed=1):
    atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng(seed))
    return bold.scene(atlas, brains.spatial_maps(atlas, p.region_fwhm_mm), p, rng(seed, 1))


def images(folder):
    return np.moveaxis(np.asanyarray(nibabel.load(next(folder.rglob("*_bold.nii.gz"))).dataobj), -1, 0)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return simulate(tmp_path_factory.mktemp("plain") / "out", "tiny", parameters=SMALL, progress=lambda _: None)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    asked = {**SMALL, **SPOILT, "unsteady_start": 1.0, "movements_per_min": 4.0, "line_hz": 50, "hrf_delay_s": 0.5}
    return simulate(tmp_path_factory.mktemp("spoilt") / "out", "tiny", parameters=asked, progress=lambda _: None)


# --- volumes that are no data


def test_lost_half_lost_and_repeated_volumes_are_where_they_were_asked_for(plain, spoilt):
    found, good = images(spoilt), images(plain)
    assert not found[20].any()
    for v in (30, 31):
        assert not found[v, ..., 5:].any() and found[v, ..., :5].any()
    for v in (40, 41):
        np.testing.assert_array_equal(found[v], found[39])
    same = [v for v in range(1, 90) if (found[v] == found[v - 1]).all()]
    assert same == [40, 41]
    assert [v for v in range(90) if not found[v].any()] == [20]
    assert not [v for v in range(1, 90) if (good[v] == good[v - 1]).all() or not good[v].any()]


def test_first_volumes_decay_as_bloch_says(plain, spoilt):
    """Magnetisation followed pulse by pulse from rest, relative to the pulse after the hundredth."""
    p = resolve("tiny", {"unsteady_start": 1.0})
    t1, _, flip = sequence.tissue(p)
    m, signal = 1.0, []
    for _ in range(101):
        signal.append(m * np.sin(flip))
        m = 1 + (m * np.cos(flip) - 1) * np.exp(-p.tr_s / t1)
    np.testing.assert_allclose(sequence.first_volumes(p)[:100], np.array(signal[:100]) / signal[-1], rtol=1e-9)
    brain = nibabel.load(next((plain / "atlas").glob("*brain*"))).get_fdata() > 0
    ratio = [(images(spoilt)[v][brain].mean() / images(plain)[v][brain].mean()) for v in range(6)]
    np.testing.assert_allclose(ratio, sequence.first_volumes(p)[:6], rtol=0.005)
    assert sequence.steady_from(p) == 4 and sequence.steady_from(resolve("tiny")) == 0
    half = sequence.first_volumes(resolve("tiny", {"unsteady_start": 0.5}))[0]
    assert half - 1 == pytest.approx((sequence.first_volumes(p)[0] - 1) / 2)


def test_truth_names_the_volumes_and_leaves_them_out(plain, spoilt):
    entry = json.loads((spoilt / "truth.json").read_text())["recordings"][0]
    wrong = {"not_steady": [0, 1, 2, 3], "lost": [20], "half_lost": [30, 31], "repeated": [40, 41]}
    assert entry["volumes"] == wrong
    kept = volumes.kept(resolve("tiny", {**SMALL, **SPOILT, "unsteady_start": 1.0}))
    assert np.flatnonzero(~kept).tolist() == [0, 1, 2, 3, 20, 30, 31, 40, 41]
    assert volumes.kept(resolve("tiny")).all()
    none = json.loads((plain / "truth.json").read_text())["recordings"][0]["volumes"]
    assert not any(none.values())


def test_truth_of_temporal_r_is_that_of_the_kept_volumes(tmp_path, plain):
    """The same recording with and without lost volumes: r over all volumes, and over those kept, by hand."""
    lost = list(range(30, 60))
    known = [json.loads((plain / "truth.json").read_text())["recordings"][0]]
    out = simulate(tmp_path / "lost", "tiny", parameters={**SMALL, "lost_volumes": str(lost)}, progress=lambda _: None)
    known.append(json.loads((out / "truth.json").read_text())["recordings"][0])
    np.testing.assert_array_equal(np.load(plain / known[0]["clean_lfp"]), np.load(out / known[1]["clean_lfp"]))
    difference = [known[0]["temporal_r"][b] - known[1]["temporal_r"][b] for b in BANDS]
    # a third of the volumes less: r of about 16 independent samples moves by some .1
    assert 0.01 < np.abs(difference).max() < 0.5


# --- movement and mains in the files


def test_movements_displace_the_volumes_in_which_the_lfp_shows_them(plain, spoilt):
    entry = json.loads((spoilt / "truth.json").read_text())["recordings"][0]
    after = (np.array(entry["life"]["movements_s"]) - entry["scan_start_s"]) / (1 + entry["clock_ppm"] * 1e-6)
    moved = np.floor(after).astype(int)
    assert len(moved) == 6
    fd, quiet = (np.loadtxt(next(folder.glob("truth/*motion.tsv")), skiprows=1)[:, 6] for folder in (spoilt, plain))
    # there and back; the walk adds .02 mm at most
    assert sorted(np.flatnonzero(fd > 0.025)) == sorted([*moved, *(moved + 1)])
    assert (fd[moved] > 0.025).all() and (fd[moved] < 0.09).all() and quiet.max() < 0.025


def test_displacements_are_uniform_in_their_range():
    fd = motion.framewise_displacement(
        motion.trajectory(rng(3), 4000, 0, 0, moved_in=np.arange(2, 3998, 4), moved_fd_mm=(0.1, 0.3))
    )
    there = fd[2:3998:4]
    assert there.min() > 0.0999 and there.max() < 0.3001
    assert there.mean() == pytest.approx(0.2, abs=3 * 0.2 / np.sqrt(12 * 999))


def test_sidecar_states_the_frequency_of_the_mains(plain, spoilt):
    for folder, line_hz in ((plain, 60), (spoilt, 50)):
        sidecar = json.loads(next(folder.rglob("*_ieeg.json")).read_text())
        assert sidecar["PowerLineFrequency"] == line_hz


# --- noise of the seed, unequal responses


def test_share_of_the_regions_variance_is_the_networks():
    p = resolve("tiny", {"seed_reliability": 0.6})
    shares, seen = [], []
    for i in range(200):
        activity = latent.band_limited(rng(4, i), 3, 400.0, p.activity_hz)
        whole = latent.with_own(rng(5, i), activity, [1], p)
        t = np.arange(0, 400, 4.0)
        a, b = activity(t), whole(t)
        np.testing.assert_array_equal(a[:, [0, 2]], b[:, [0, 2]])
        shares.append([(a[:, 1] ** 2).mean(), (b[:, 1] ** 2).mean(), (a[:, 1] * b[:, 1]).mean()])
        seen.append((a[:, 1] * (b[:, 1] - a[:, 1])).mean())
    a, b, both = np.mean(shares, axis=0)
    # 200 x 37 frequencies x 2: .012 of a variance
    assert both**2 / (a * b) == pytest.approx(0.6, abs=0.03)
    assert b == pytest.approx(1 / 0.6, abs=0.08)
    assert abs(np.mean(seen)) < 0.03


def test_expected_r_falls_with_the_reliability_of_the_seed():
    """Hardly any thermal noise. By sqrt(rho), and more, for the global signal takes from the network and not from it.

    By hand: the seed's mean less its regression on the brain's, both as weights of the regions' activities.
    """
    r, by_hand = {}, {}
    for rho in (1.0, 0.5):
        p = resolve("tiny", {"seed_reliability": rho, "replicates": 100, "cnr": 50, "n_channels": 1})
        view = scene(p)
        region, covariance = brains.region_of(view.atlas, "M1", {}), view.atlas.covariance
        times = np.zeros(p.n_slices)
        r[rho] = expected.temporal(rng(6), view, {"M1": region}, times, p)["sedated"]["M1"][:, 4].mean()
        sigma, brain = p.fwhm_mm / 2.3548 / view.atlas.voxel_mm, view.atlas.brain
        seed, whole = (
            (expected.smoothed_average(mask, brain, sigma)[brain] * view.signal_unit(p)) @ view.maps
            for mask in (view.atlas.labels == view.atlas.index[region], brain)
        )
        total = covariance.copy()
        total[region, region] += 1 / rho - 1
        rest = seed - whole * (whole @ total @ seed) / (whole @ total @ whole)
        by_hand[rho] = rest @ covariance[:, region] / np.sqrt(rest @ total @ rest)
    assert by_hand[0.5] / by_hand[1.0] < np.sqrt(0.5)
    # the same draws in both but for the noise: r varies by .13 at most, .013 in the mean of about .5
    assert r[0.5] / r[1.0] == pytest.approx(by_hand[0.5] / by_hand[1.0], abs=0.06)


def test_noise_of_the_seed_lowers_its_map():
    plain, noisy = (resolve("tiny", {"seed_reliability": value}) for value in (1.0, 0.5))
    view = scene(plain)
    region = brains.region_of(view.atlas, "M1", {})
    maps = [expected.seed_map(view, region, p, (region,)) for p in (plain, noisy)]
    seed = (view.atlas.labels == view.atlas.index[region])[view.atlas.brain]
    assert np.abs(maps[1][~seed]).mean() < 0.85 * np.abs(maps[0][~seed]).mean()
    assert maps[1][seed].mean() >= maps[0][seed].mean() - 0.02


def test_delays_are_uniform_within_their_range_and_smooth():
    view = scene(resolve("demo", {"hrf_delay_s": 0.5}))
    delay = view.delay_s
    assert np.abs(delay).max() <= 0.5 and delay.std() == pytest.approx(0.5 / np.sqrt(3), rel=0.01)
    assert abs(delay.mean()) < 1e-3
    volume = np.full(view.atlas.brain.shape, np.nan)
    volume[view.atlas.brain] = delay
    beside = np.stack([volume[:-1].ravel(), volume[1:].ravel()])
    assert np.corrcoef(beside[:, np.isfinite(beside).all(axis=0)])[0, 1] > 0.7
    assert scene(resolve("tiny")).delay_s is None


@pytest.mark.parametrize("evoked", [False, True])
def test_every_voxel_is_as_late_as_stated(evoked):
    """A voxel's signal is that of equal responses, read its delay earlier."""
    p = resolve("tiny", {"hrf_delay_s": 0.5})
    view = scene(p)
    equal = scene(resolve("tiny"))
    response = latent.band_limited(rng(7), len(view.atlas.index), 400.0, (0.01, 0.1))
    if evoked:
        course = expected.hemodynamic(stimulus.Train(np.array([20.0, 60.0]), 15.0), p, response.freqs_hz)
        response = stimulus.Driven(response, course, rng(8).uniform(size=len(view.atlas.index)))
    onsets, times = np.arange(10, 100, 1.0), bold.slice_times(p.n_slices, 1.0, "interleaved")
    found = bold.signal(view, response, onsets, times)
    for voxel in (3, 200, 350):
        shifted = bold.signal(equal, response, onsets - view.delay_s[voxel], times)[:, voxel]
        np.testing.assert_allclose(found[:, voxel], shifted, atol=2e-3)
        assert np.abs(found[:, voxel] - bold.signal(equal, response, onsets, times)[:, voxel]).max() > 5e-3


def test_expected_gain_of_unequal_responses_is_that_of_a_sine():
    """`linear_view` against the mean over voxels of a simulated sine."""
    p = resolve("tiny", {"hrf_delay_s": 0.5})
    view = scene(p)
    times = bold.slice_times(p.n_slices, p.tr_s, p.slice_order)
    weights = np.where(view.atlas.labels == view.atlas.index[3], 1.0, 0.0)
    weights /= weights[view.atlas.brain].sum()
    f = np.array([0.06])
    gain = expected.linear_view(view, weights, np.ones(1), f, times, p)
    draw = rng(9).standard_normal((2, 1, len(view.atlas.index)))
    sine = latent.Harmonics(f, draw[0] + 1j * draw[1])
    onsets = np.arange(0, 50, 1.0)
    voxels = bold.signal(view, sine, onsets, times) * view.signal_unit(p)
    by_hand = voxels @ weights[view.atlas.brain]
    predicted = latent.Harmonics(f, (sine.coefs * gain).sum(axis=1, keepdims=True))(onsets)[:, 0]
    np.testing.assert_allclose(predicted, by_hand, atol=1e-3 * np.abs(by_hand).max())


def test_truth_holds_the_delays(spoilt):
    delay = nibabel.load(spoilt / "truth" / "hrf_delay_s.nii.gz").get_fdata()
    assert np.abs(delay).max() == pytest.approx(0.5, abs=0.005)


def oracle(exponent, n=400, n_s=300, share=0.9):
    """Ratio of r with unfiltered to r with band-passed power, of `n` scans made here: mean and standard deviation."""
    draw, f = rng(10), np.arange(1, 38) / 373.5
    t, sd = np.arange(-40.0, n_s), np.sqrt(f**-exponent / (f**-exponent).sum())
    wave = np.exp(2j * np.pi * np.multiply.outer(t, f)) * sd
    v, u, h = (np.real(wave @ (draw.standard_normal((37, n)) + 1j * draw.standard_normal((37, n)))) for _ in range(3))
    kernel = np.arange(33.0) ** 3 * np.exp(-np.arange(33.0)) / 6
    power = np.exp(0.7 * v + 0.3 * u)
    x, y = (
        np.stack([np.convolve(s, kernel)[40 : len(t)] for s in series.T], axis=1)
        for series in (power, np.sqrt(share) * v + np.sqrt(1 - share) * h)
    )
    band = signal.butter(2, [0.01, 0.1], "bandpass", fs=1)
    y = signal.filtfilt(*band, y, axis=0)
    r = [
        [np.corrcoef(a, b)[0, 1] for a, b in zip(m.T, y.T, strict=True)] for m in (x, signal.filtfilt(*band, x, axis=0))
    ]
    ratio = np.array(r[0]) / np.array(r[1])
    return np.median(ratio), ratio.std()


def test_filtered_and_unfiltered_regressors_differ_where_power_is_slow(tmp_path, plain):
    """Power below .01 Hz is in the regressor and not in the BOLD: r of eight scans, against other code's."""
    asked = {**SMALL, "activity_exponent": 1.5, "n_volumes": 300, "runs": 8, "share.sedated.M1": 0.9, "n_channels": 1}
    out = simulate(tmp_path / "slow", "tiny", parameters=asked, progress=lambda _: None)
    entries = json.loads((out / "truth.json").read_text())["recordings"]
    r = np.array([[e[name]["gamma"] for name in ("temporal_r", "temporal_r_filtered")] for e in entries])
    expected_ratio, spread = oracle(1.5)
    assert expected_ratio < 0.9
    # the noise of power estimates and of the images is in both; the median of eight has 1.25 / sqrt(8) of the spread
    ratio = np.median(r[:, 0] / r[:, 1])
    assert abs(ratio - expected_ratio) < 3 * 1.25 * spread / np.sqrt(8)
    assert ratio < 0.92
    assert oracle(0.0)[0] > expected_ratio + 0.15
    steady = json.loads((plain / "truth.json").read_text())["recordings"][0]
    assert abs(steady["temporal_r"]["gamma"] - steady["temporal_r_filtered"]["gamma"]) < 0.1


def test_truth_holds_what_removal_of_gradients_should_leave(spoilt, plain):
    """The clean LFP and the movements, at their moments; nothing is written where nothing was added."""
    entry = json.loads((spoilt / "truth.json").read_text())["recordings"][0]
    added = np.load(spoilt / entry["lfp_with_extras"]) - np.load(spoilt / entry["clean_lfp"])
    t = entry["scan_start_s"] + np.arange(len(added)) / 1000
    near = np.min([np.where(t > m - 0.001, t - m, np.inf) for m in entry["life"]["movements_s"]], axis=0) < 16.01
    assert not added[~near].any() and np.abs(added[near]).max() > 1000
    assert json.loads((plain / "truth.json").read_text())["recordings"][0]["lfp_with_extras"] is None
    assert not list(plain.glob("truth/*withextras*"))


def test_truth_holds_the_courses_from_which_its_r_follows(plain):
    entry = json.loads((plain / "truth.json").read_text())["recordings"][0]
    path = plain / entry["timeseries"]
    names, courses = path.read_text().split("\n")[0].split("\t"), np.loadtxt(path, skiprows=1)
    assert courses.shape == (90, len(names)) and names[0] == "seed" and names[-1] == "power_gamma"
    column = dict(zip(names, courses.T, strict=True))
    for band in BANDS:
        r = np.corrcoef(column["seed"], column[band])[0, 1]
        assert r == pytest.approx(entry["temporal_r"][band], abs=1e-4)
    # mean power behind the response, by a sum over volumes: what is known of the regressor to a volume's width
    t = np.arange(33.0)
    by_hand = np.convolve(column["power_gamma"] - column["power_gamma"].mean(), t**3 * np.exp(-t) / 6)[:90]
    assert np.corrcoef(by_hand[20:], column["gamma"][20:])[0, 1] > 0.95


def test_expected_r_is_that_of_recordings_with_slow_power_noise_of_the_seed_and_unequal_responses(tmp_path):
    """Twelve scans against the Monte-Carlo, of other random numbers; 3.5 standard errors for five bands."""
    asked = {**SMALL, "runs": 12, "replicates": 80, "n_volumes": 120, "activity_exponent": 1, "seed_reliability": 0.6}
    asked |= {"band_overlap_octaves": 0.5, "hrf_delay_s": 0.5, "share.sedated.M1": 0.6}
    out = simulate(tmp_path / "slow", "tiny", parameters=asked, progress=lambda _: None)
    entry = json.loads((out / "truth.json").read_text())["expected"]["sedated"]["M1"]
    for band in BANDS:
        error = entry["temporal_r_sd"][band] * np.sqrt(1 / 12 + 1 / 80)
        assert abs(entry["realised_temporal_r"][band] - entry["temporal_r"][band]) < 3.5 * error, band
    assert entry["temporal_r"]["gamma"] > 0.25
