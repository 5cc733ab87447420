"""The simulator against analytic truth: what it writes must be what it says.

Tolerances are multiples of the sampling error that the comment beside each derives; seeds are fixed.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from lfpbold.simulate import PRESETS, bold, latent, lfp, motion, removal, resolve, simulate, truth
from lfpbold.simulate import artefact as gradient
from lfpbold.simulate import atlas as brains
from lfpbold.simulate.recording import Clock, record
from lfpbold.simulate.spline import UniformSpline

LABORATORY = Path(__file__).resolve().parents[3] / "shared" / "data" / "zhang_rat_rsfmri"
SMALL = {"replicates": 20}


def rng(seed=0):
    return np.random.default_rng(seed)


def seeds(seed=0):
    return {name: rng([seed, i]) for i, name in enumerate(("electrode", "lfp", "artefact", "amplifier", "multiunit"))}


def digest(folder):
    return {
        str(f.relative_to(folder)): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in sorted(Path(folder).rglob("*"))
        if f.is_file()
    }


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    """A tiny dataset, as a user gets it."""
    return simulate(tmp_path_factory.mktemp("simulated") / "tiny", "tiny", progress=lambda line: None)


@pytest.fixture(scope="module")
def known(dataset):
    return json.loads((dataset / "truth.json").read_text())


@pytest.fixture(scope="module")
def sheet(dataset):
    with (dataset / "recordings.tsv").open(newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


# --- latent activity and hemodynamic response


def test_activity_has_unit_variance_and_no_power_outside_its_band():
    x = latent.band_limited(rng(1), 400, 1000.0, (0.01, 0.1))
    values = x(np.arange(0, 1000, 0.5))
    # a whole period sampled evenly: the periodogram is exact
    power = (np.abs(np.fft.rfft(values, axis=0)) ** 2).mean(axis=1)
    freqs = np.fft.rfftfreq(2000, 0.5)
    inside = (freqs > 0.0099) & (freqs < 0.1001)
    assert power[~inside].sum() < 1e-20 * power.sum()
    # 91 frequencies x 400 signals x 2 Gaussian numbers: relative error of variance sqrt(2 / 72800) = 0.005
    assert (values**2).mean() == pytest.approx(1, abs=0.02)
    # flat: each frequency's mean over 400 signals has a relative error of 0.05
    assert np.ptp(power[inside] / power[inside].mean()) < 0.05 * 7


def test_electrode_sees_the_square_root_of_its_share_of_every_region():
    covariance = np.array([[1, 0.6, -0.3], [0.6, 1, 0.1], [-0.3, 0.1, 1]])
    share, products = 0.35, []
    for i in range(400):
        draw = rng([2, i])
        activity = latent.band_limited(draw, 3, 400.0, (0.01, 0.1)).mixed(latent.factor(covariance))
        seen = latent.electrode_view(activity, 0, share, draw)
        t = np.arange(0, 400, 4.0)
        v, a = seen(t)[:, 0], activity(t)
        products.append([*(v @ a / len(t)), v @ v / len(t)])
    found = np.mean(products, axis=0)
    # 400 x 37 frequencies x 2: standard error below 1 / sqrt(29600) = 0.006
    np.testing.assert_allclose(found[:3], np.sqrt(share) * covariance[0], atol=0.024)
    assert found[3] == pytest.approx(1, abs=0.034)


def test_hemodynamic_response_of_the_study_is_a_gamma_density():
    t = np.linspace(0, 32, 641)
    np.testing.assert_allclose(latent.hrf((4, 4, 1, 1, 6, 0, 32), t), stats.gamma.pdf(t, 4), atol=1e-6)
    # its transfer function has the closed form (1 + i w)^-4
    freqs = np.array([0.0, 0.01, 0.05, 0.1])
    closed = (1 + 2j * np.pi * freqs) ** -4
    np.testing.assert_allclose(latent.hrf_transfer((4, 4, 1, 1, 6, 0, 32), freqs), closed, atol=1e-5)


def test_canonical_response_peaks_and_undershoots_where_spm_says():
    t = np.arange(0, 32, 0.01)
    h = latent.hrf((6, 16, 1, 1, 6, 0, 32), t)
    assert t[h.argmax()] == pytest.approx(5.0, abs=0.02)
    assert h[t > 12].min() < -0.05 * h.max()
    assert h.sum() * 0.01 == pytest.approx(1, abs=1e-3)


def test_response_filters_activity_as_convolution_does():
    p = (4, 4, 1, 1, 6, 0, 32)
    x = latent.band_limited(rng(3), 2, 300.0, (0.01, 0.1))
    y = x.filtered(latent.hrf_transfer(p, x.freqs_hz))
    u = np.arange(0, 32, 0.01) + 0.005
    by_hand = np.array([(x(t - u) * latent.hrf(p, u)[:, None]).sum(axis=0) * 0.01 for t in (50.0, 123.4)])
    np.testing.assert_allclose(y(np.array([50.0, 123.4])), by_hand, atol=1e-4)


def test_nearest_correlation_is_positive_definite_and_leaves_good_matrices():
    good = np.array([[1, 0.5], [0.5, 1]])
    np.testing.assert_allclose(latent.nearest_correlation(good), good, atol=1e-8)
    bad = latent.nearest_correlation(np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1.0]]))
    assert np.linalg.eigvalsh(bad)[0] > 0
    np.testing.assert_allclose(np.diag(bad), 1)


# --- LFP


def test_spline_passes_through_its_grid_and_between():
    t = np.arange(200) / 100
    wave = np.sin(2 * np.pi * 3 * t)[:, None]
    spline = UniformSpline.through(wave, 0.0, 100.0)
    np.testing.assert_allclose(spline(t), wave, atol=1e-5)
    middle = t[20:-20] + 0.0037
    np.testing.assert_allclose(spline(middle)[:, 0], np.sin(2 * np.pi * 3 * middle), atol=1e-4)
    with pytest.raises(ValueError, match="outside"):
        spline(np.array([5.0]))


def test_band_power_follows_what_the_electrode_sees_with_the_stated_gain():
    p = resolve("tiny", {f"band_own.{b}": 0.0 for b in lfp.BANDS})
    slopes = []
    for i in range(6):
        view = latent.band_limited(rng([4, i]), 1, 400.0, (0.01, 0.1))
        x = lfp.clean(rng([5, i]), view, np.ones(2), p, 300 * 250, 250.0, (0.0, 1.0))
        power = truth.band_power(x, 250.0, 17.0)
        v = view(0.5 + 0.1 * np.arange(len(power)))[:, 0]
        # Poisson-like regression by moments: cov(P, V) / mean(P) = g exactly for log-normal power
        slopes.append(((power - power.mean(axis=0)) * v[:, None]).mean(axis=0) / power.mean(axis=0) / v.var())
        # smoothing over the 1 s window leaves more than 0.97 of activity below 0.1 Hz
    found = np.mean(slopes, axis=0)
    expected = np.array([p.band_gain[b] for b in lfp.BANDS])
    # the 1/f background dilutes each band; its share of the power is below one half everywhere
    ratio = found / expected
    assert (np.sign(found) == np.sign(expected)).all()
    assert (ratio[[0, 1, 4]] > 0.5).all() and (ratio[[0, 1, 4]] < 1.25).all()


def test_lfp_has_its_standard_deviation_and_stays_within_its_bands():
    p = resolve("tiny", {"channel_gain_sd": 0.0})
    view = latent.band_limited(rng(6), 1, 400.0, (0.01, 0.1))
    x = lfp.clean(rng(7), view, np.ones(2), p, 300 * 1000, 1000.0, (0.0, 1.0))
    # slow power changes (log sd 0.8, n_eff about 30) leave the variance uncertain by about 10 %
    assert x.std() == pytest.approx(p.lfp_sd_uv, rel=0.15)
    power = np.abs(np.fft.rfft(x[:, 0] * np.hanning(len(x)))) ** 2
    freqs = np.fft.rfftfreq(len(x), 1e-3)
    assert power[freqs > 301].sum() < 1e-6 * power.sum()


def test_artefact_repeats_every_volume_at_times_between_samples():
    p = resolve("tiny", {"artefact_modulation": 0.0})
    made = gradient.gradient_artefact(rng(8), np.array([100.0, 200.0]), 1.0, 20, 60, 2000.0, 0.5, 0.0)
    t = rng(9).uniform(0, 58, 5000)
    np.testing.assert_allclose(made(np.sort(t)), made(np.sort(t) + 1.0), atol=0.02)  # float32 of 1000 uV
    inside = made(np.arange(0, 60, 1 / 6103.515625))
    np.testing.assert_allclose(inside.std(axis=0), [100, 200], rtol=1e-3)
    assert not made(np.array([-0.5, -1e-9, 60.0, 61.0])).any()
    # broadband, and nothing above its upper edge (cubic spline images stay 60 dB below)
    power = np.abs(np.fft.rfft(made(np.arange(0, 1, 1 / 40000))[:, 0])) ** 2
    freqs = np.arange(len(power))
    assert power[freqs > 2000].sum() < 1e-6 * power.sum()
    assert power[(freqs > 1000) & (freqs < 1500)].sum() > 0.1 * power.sum()
    # every slice has its own waveform
    slices = made(np.arange(0, 1, 1 / 40000))[:, 0].reshape(20, -1)
    between = np.corrcoef(slices)[np.triu_indices(20, 1)]
    assert 0.3 < between.mean() < 0.7
    assert p.artefact_ratio == 50


def test_artefact_modulation_is_slow_and_about_one_percent():
    deviations = [
        gradient.gradient_artefact(rng([10, i]), np.ones(1), 1.0, 20, 300, 2000.0, 0.5, 0.01).modulation(
            np.arange(0, 300, 1.0)
        )
        for i in range(40)
    ]
    # 40 x 11 frequencies x 2: relative error of the variance 0.05
    assert np.std(deviations) == pytest.approx(0.01, rel=0.12)
    assert np.abs(np.diff(deviations, axis=1)).max() < 0.01


def test_recording_holds_the_artefact_at_fifty_times_the_lfp_on_the_scanner_clock():
    p = resolve("tiny")
    view = latent.band_limited(rng(11), 1, 300.0, (0.01, 0.1))
    clock = Clock(11.25, 400.0)  # an absurd clock, so that a wrong sign shows
    made = record(seeds(), view, clock, 20, p)
    raw = np.concatenate([block for _, block in made.blocks()])
    assert raw.dtype == np.int16 and np.abs(raw).max() < 32767
    microvolts = raw * (made.volts_per_unit * 1e6)
    t = np.arange(len(raw)) / p.fs_hz
    during = (t > clock.start_s) & (t < clock.lfp(p.n_volumes * p.tr_s))
    ratio = microvolts[during].std(axis=0) / made.clean_during_scan().std(axis=0)
    np.testing.assert_allclose(ratio, 50, rtol=0.05)
    # nothing of the scanner before the scan
    assert microvolts[t < clock.start_s - 0.01].std() < 4 * p.lfp_sd_uv
    # fold at a period of 1 + 400 ppm: the residual is the LFP; fold at 1 s: the artefact itself
    left = [_residual_after_folding(microvolts[during, 0], t[during] - clock.start_s, s) for s in (1.0004, 1.0)]
    assert left[0] < 0.1 * left[1]


def _residual_after_folding(x, t, period, bins=40000):
    """Standard deviation of x left after subtraction of its mean in each bin of the phase."""
    phase = ((t / period) % 1 * bins).astype(int)
    mean = np.bincount(phase, x, bins) / np.maximum(np.bincount(phase, minlength=bins), 1)
    many = np.bincount(phase, minlength=bins)[phase] > 5
    return (x - mean[phase])[many].std()


# --- BOLD and motion


def test_framewise_displacement_by_hand():
    moves = np.zeros((3, 6))
    moves[1] = [0.1, -0.2, 0, 0.01, 0, 0]
    np.testing.assert_allclose(motion.framewise_displacement(moves), [0, 0.35, 0.35])


def test_moved_volume_puts_points_where_the_convention_says():
    grid = np.stack(np.meshgrid(*[np.arange(24) - 11.5] * 3, indexing="ij"), axis=-1)
    spacing = np.array([0.9, 1.0, 0.6])
    start = np.array([2.0, -3.0, 1.0])  # mm from the centre

    def blob(at):
        return np.exp(-(((grid * spacing - at) / 1.5) ** 2).sum(axis=-1)).astype(np.float32)

    parameters = np.array([0.4, -0.3, 0.2, 0.05, -0.08, 0.1])
    x, y, z = parameters[3:]
    rx = [[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]]
    ry = [[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]]
    rz = [[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]]
    target = np.array(rz) @ ry @ rx @ start + parameters[:3]
    found = motion.moved(blob(start), parameters, np.diag([*spacing, 1]))
    # a blob of 1 mm on voxels of up to 1 mm: the cubic spline is good to 0.02; a wrong sign gives above 0.1
    np.testing.assert_allclose(found, blob(target), atol=0.02)


def test_trajectories_stay_small_when_sedated_and_spike_when_awake():
    still = motion.framewise_displacement(motion.trajectory(rng(12), 1200, 0.001, 0.0002))
    assert still.max() < 0.04
    spiky = motion.framewise_displacement(motion.trajectory(rng(13), 300, 0.001, 0.0002, spike_rate=0.016))
    assert (spiky > 0.1).sum() == 10  # five displacements, there and back
    assert not ((spiky > 0.04) & (spiky < 0.14)).any()  # no volume on the edge of the threshold
    jump = motion.framewise_displacement(motion.trajectory(rng(14), 300, 0.001, 0.0002, jump_mm=0.3))
    assert (jump > 0.1).sum() == 1 and jump.max() == pytest.approx(0.3, abs=0.02)


def test_slices_are_interleaved():
    np.testing.assert_allclose(bold.slice_times(5, 1.0, "interleaved"), [0, 0.6, 0.2, 0.8, 0.4])


def test_signal_to_noise_is_the_stated_one_at_the_most_active_voxels():
    p = resolve("tiny", {"cnr": 2.0, "n_volumes": 600, "fwhm_mm": 1e-3})
    atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng(15))
    view = bold.scene(atlas, brains.spatial_maps(atlas, p.region_fwhm_mm), p)
    variance = np.einsum("xr,rs,xs->x", view.maps, atlas.covariance, view.maps, optimize=True)
    assert np.percentile(variance, 99) == pytest.approx(1, abs=1e-3)
    still = latent.Harmonics(np.array([0.05]), np.zeros((1, len(atlas.index)), complex))
    quiet = bold.nuisance(rng(16), view, p, False)
    frozen = np.zeros((p.n_volumes, 6))
    blocks = bold.volumes(rng(17), view, still, quiet, frozen, np.zeros(p.n_slices), p)
    noise = np.concatenate([perfect for _, _, perfect in blocks])
    wanted = p.signal_fraction * p.intensity / p.cnr
    assert noise.std() == pytest.approx(wanted, rel=0.01)


def test_synthetic_brain_is_symmetrical_and_complete():
    p = PRESETS["demo"]
    atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng(18))
    np.testing.assert_array_equal(atlas.labels, -atlas.labels[::-1])
    assert set(np.unique(atlas.labels)) == {0, *atlas.index}
    assert not (atlas.white_matter & atlas.ventricles).any()
    assert (atlas.brain >= (atlas.white_matter | atlas.ventricles | (atlas.labels != 0))).all()
    left, right = (brains.region_of(atlas, site, {}) for site in ("M1", "ACC"))
    x = [np.argwhere(atlas.labels == atlas.index[r])[:, 0].mean() for r in (left, right)]
    assert x[0] < 9.5 < x[1]


# --- truth


def test_removal_of_a_regressor_that_explains_nothing_changes_nothing():
    draw = rng(19)
    course = draw.standard_normal((2000, 1))
    field = course * np.linspace(-1, 1, 50) + 0.5 * draw.standard_normal((2000, 50))
    seed = np.arange(50) > 45
    found = removal.removed(draw.standard_normal((2000, 5)), field, seed)
    assert all(found[k]["r"] > 0.999 for k in ("gamma", "all_joint", "all_unique"))
    # regressors that contain the course take the map away; 'soft' removal spares what the bands share
    shared = course + 0.05 * draw.standard_normal((2000, 5))
    found = removal.removed(shared, field, seed)
    assert found["all_joint"]["slope"] < 0.2 < found["all_unique"]["slope"]


def test_power_of_a_sine_and_excluded_bins():
    t = np.arange(20000) / 1000
    x = (3 * np.sin(2 * np.pi * 10 * t) + 40 * np.sin(2 * np.pi * 60 * t))[:, None].astype(np.float32)
    power = truth.band_power(x, 1000.0, 20.0)
    assert power.shape == (191, 5)
    assert power[:, 2].mean() > 100 * power[:, [0, 1]].mean()
    # with all bins the mean over 40-100 Hz is the line's variance / 60 Hz; without its bin half remains
    density = 40**2 / 2 / 60
    assert power[:, 4].mean() < 0.6 * density


def test_realised_temporal_correlations_agree_with_the_expected_ones():
    """Six scans of one animal, the simulated mean against the Monte-Carlo, which shares no random number."""
    import tempfile

    settings = {"animal_sites": "[[M1]]", "runs": 8, "fs_hz": 1017.25, "replicates": 60, "untriggered": 0}
    with tempfile.TemporaryDirectory() as folder:
        out = simulate(Path(folder) / "six", "tiny", parameters=settings, progress=lambda line: None)
        known = json.loads((out / "truth.json").read_text())
    entry = known["expected"]["sedated"]["M1"]
    for band in lfp.BANDS:
        # standard error of the mean of 8 scans and of 60 replicates; 3.5 of them for five bands
        error = entry["temporal_r_sd"][band] * np.sqrt(1 / 8 + 1 / 60)
        assert abs(entry["realised_temporal_r"][band] - entry["temporal_r"][band]) < 3.5 * error
    assert entry["temporal_r"]["gamma"] > 0.25 > 0 > entry["temporal_r"]["delta"]


# --- files


def test_recordings_in_the_sheet_exist_and_carry_what_a_scan_needs(dataset, sheet, known):
    import nibabel as nib
    import pynwb

    assert len(sheet) == len(known["recordings"]) == 3
    for row, entry in zip(sheet, known["recordings"], strict=True):
        image = nib.load(dataset / row["bold"])
        sidecar = json.loads((dataset / row["bold"].replace(".nii.gz", ".json")).read_text())
        assert image.shape[3] == 120 and image.get_data_dtype() == np.int16
        assert image.header.get_zooms()[3] == sidecar["RepetitionTime"] == 1.0
        assert len(sidecar["SliceTiming"]) == image.shape[2]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pynwb.NWBHDF5IO(str(dataset / row["lfp"]), "r") as io:
                file = io.read()
                series = file.acquisition["lfp"]
                assert series.data.shape[1] == 2 and series.rate == pytest.approx(3051.7578125)
                assert series.electrodes.to_dataframe()["location"].nunique() == 1
                triggers = file.acquisition.get("scanner_trigger")
                duration = series.data.shape[0] / series.rate
                triggers = None if triggers is None else triggers.timestamps[:]
                volts = series.data[:] * series.conversion
        assert duration > entry["scan_start_s"] + 120 * (1 + entry["clock_ppm"] * 1e-6)
        assert entry["scan_start_s"] >= 10
        assert 1e-3 < volts.std() < 0.1
        if triggers is None:
            assert float(row["scan_start_s"]) == entry["scan_start_s"]
        else:
            assert row["scan_start_s"] == ""
            # slope of 120 stamps with 10 us jitter: standard error 10 us / (34.6 sqrt(120)) = 0.026 ppm
            slope, start = np.polyfit(np.arange(120), triggers, 1)
            assert (slope - 1) * 1e6 == pytest.approx(entry["clock_ppm"], abs=0.11)
            assert start == pytest.approx(entry["scan_start_s"], abs=1e-5)
    assert sum(row["scan_start_s"] != "" for row in sheet) == 1


def test_written_motion_has_the_stated_framewise_displacement(dataset, known):
    for entry in known["recordings"]:
        table = np.loadtxt(dataset / entry["motion"], skiprows=1)
        np.testing.assert_allclose(motion.framewise_displacement(table[:, :6]), table[:, 6], atol=2e-5)
        assert (table[:, 6] > 0.1).sum() == entry["n_volumes_moved"] == 0


def test_written_lfp_is_the_clean_one_plus_what_the_scanner_adds(dataset, known):
    import h5py

    entry = known["recordings"][0]
    clean = np.load(dataset / entry["clean_lfp"])
    assert clean.shape == (int(120 * (1 + entry["clock_ppm"] * 1e-6) * 1000), 2)
    with h5py.File(dataset / entry["lfp"]) as file:
        data = file["acquisition/lfp/data"]
        before = data[: int((entry["scan_start_s"] - 0.1) * 3051.7578125)] * data.attrs["conversion"] * 1e6
        during = data[int((entry["scan_start_s"] + 1) * 3051.7578125) :][:200000] * data.attrs["conversion"] * 1e6
    assert during.std(axis=0).mean() == pytest.approx(50 * clean.std(), rel=0.25)
    assert before.std(axis=0).mean() < 3 * clean.std()


def test_same_seed_same_bytes_and_another_seed_does_not(dataset, tmp_path):
    again = digest(simulate(tmp_path / "again", "tiny", progress=lambda line: None))
    assert again == digest(dataset)
    other = digest(simulate(tmp_path / "other", "tiny", seed=7, parameters=SMALL, progress=lambda line: None))
    assert other.keys() == again.keys()
    for name in again:
        if name.endswith((".nwb", "bold.nii.gz", ".npy", "motion.tsv")) or name == "truth.json":
            assert other[name] != again[name], name


def test_laboratory_atlas(tmp_path):
    if not LABORATORY.is_dir():
        assert os.environ.get("CI") != "true", f"{LABORATORY} is missing"
        pytest.skip("the laboratory's atlas is not here")
    import nibabel as nib
    import yaml

    settings = {"n_volumes": 60, "animal_sites": "[[M1, ACC]]", "replicates": 2, "untriggered": 0}
    out = simulate(tmp_path / "zhang", "tiny", LABORATORY, parameters=settings, progress=lambda line: None)
    config = yaml.safe_load((out / "config.yaml").read_text())
    assert config["sites"] == {"M1": {"seed_label": [-75]}, "ACC": {"seed_label": [56]}}
    assert set(config["atlas"]) == {"labels", "brain", "white_matter", "ventricles", "anatomy"}
    labels = np.asarray(nib.load(out / config["atlas"]["labels"]).dataobj)
    assert labels.shape == (64, 64, 20) and (labels == 56).sum() == 43
    covariance = np.loadtxt(out / "truth" / "covariance.tsv", skiprows=1)
    index = (out / "truth" / "covariance.tsv").read_text().split("\n")[0].split("\t")
    # the group's correlations: ACA left-right .456, MOp left-right .178
    assert covariance[index.index("56"), index.index("-56")] == pytest.approx(0.456, abs=0.001)
    assert covariance[index.index("75"), index.index("-75")] == pytest.approx(0.178, abs=0.001)
    assert nib.load(next(out.rglob("*_bold.nii.gz"))).shape == (64, 64, 20, 60)


# --- wrong input


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"cnrr": 1}, "did you mean 'cnr'"),
        ({"n_volumes": "many"}, "n_volumes"),
        ({"share.sedated.M1": 1.5}, "share.sedated.M1"),
        ({"n_volumes": 30}, "60 s"),
        ({"animal_sites": "[[V9]]"}, "V9"),
        ({"animal_sites": "[M1]"}, "animal_sites"),
    ],
)
def test_wrong_parameters_are_named(tmp_path, overrides, message):
    with pytest.raises(ValueError, match=message):
        simulate(tmp_path / "out", "tiny", parameters=overrides, progress=lambda line: None)
    assert not list(tmp_path.iterdir())


def test_overrides_reach_entries_and_keep_the_rest():
    p = resolve("tiny", {"share.sedated.M1": "0.6", "runs": "3", "clock_ppm": "12.5"})
    assert p.share["sedated"] == {"M1": 0.6, "ACC": 0.25} and p.runs == 3 and p.clock_ppm == 12.5


def test_unknown_preset_full_folder_and_missing_atlas_are_refused(tmp_path):
    with pytest.raises(ValueError, match="did you mean 'demo'"):
        simulate(tmp_path / "out", "dem")
    with pytest.raises(ValueError, match="labels image"):
        simulate(tmp_path / "out", "tiny", atlas=tmp_path)
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        simulate(tmp_path, "tiny")
    assert [f.name for f in tmp_path.iterdir()] == ["kept.txt"]
