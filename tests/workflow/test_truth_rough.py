"""The whole workflow on recordings with everything that goes wrong in laboratories, against what is known of them.

The truth is the simulator's: what a perfect analysis finds without gradients, drift, movement, mains, breathing and
heart, over the volumes that hold data. Tolerances are sampling errors; each test says which.
"""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
import yaml
from scipy import signal

from lfpbold.derivatives import files
from lfpbold.simulate import motion, simulate
from lfpbold.simulate import truth as perfect
from lfpbold.spectral import power

from .conftest import NO_FIGURES, analysed

BANDS = ("delta", "theta", "alpha", "beta", "gamma")
EDGES = {"delta": (1, 4), "theta": (4, 7), "alpha": (7, 13), "beta": (13, 30), "gamma": (40, 100)}
SITES = ("M1", "ACC")
MOTION = ("trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z")

VARIANTS = {
    "reference": {},
    "no_motion": {"bold": {"motion": False}},
    "filtered": {"hrf": {"band_pass": "regressor"}},
    "rigorous": {"bold": {"filtering": "projector"}, "nulls": {"surrogates": 99, "lag_surrogates": 19}},
}


@pytest.fixture(scope="module")
def rough(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rough") / "study"
    simulate(folder, preset="rough", progress=lambda *_: None)
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + yaml.safe_dump({"variants": VARIANTS}), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(rough, tmp_path_factory):
    return analysed(rough, tmp_path_factory.mktemp("rough-run") / "results", *NO_FIGURES)


@pytest.fixture(scope="module")
def truth(rough):
    return json.loads((rough / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def recordings(truth):
    """Those that a criterion does not drop."""
    return [r for r in truth["recordings"] if not r["dropped"]]


def table(results, name, variant="reference"):
    return files.read_table(results / variant / "group" / f"{name}.tsv")


def key(row):
    return tuple(str(row[name]) for name in ("sub", "ses", "run", "site"))


def by_recording(rows, band, column="r"):
    return {key(r): r[column] for r in rows if r["band"] == band and r["sub"] != "group"}


def path_of(results, recording, kind, what, variant="reference"):
    acq = f"_acq-{recording['site']}" if kind == "ieeg" else ""
    form = "sub-{sub}/ses-{ses}/{kind}/sub-{sub}_ses-{ses}_task-rest{acq}_run-{run}"
    return f"{results}/{variant}/{form.format(kind=kind, acq=acq, **recording)}_desc-{what}"


def no_data(recording):
    return sorted({v for wrong in recording["volumes"].values() for v in wrong})


def n_independent(truth, recording):
    """Independent samples of the seed's BOLD: 2 (ΣS)² / ΣS² of its spectrum S, in the share of volumes that are left.

    S is activity's 1/f behind the response, a Gamma density of shape 4, and the band-pass: 26 in 264 s, where a flat
    spectrum has 48. Slow signals have as few samples as that, and slow regressors take as much of them.
    """
    p = truth["parameters"]
    f = np.arange(1, 1000) / (10 * p["n_volumes"] * p["tr_s"])
    band = signal.butter(2, [0.01, 0.1], "bandpass", fs=1 / p["tr_s"])
    s = f ** -p["activity_exponent"] * (f < 0.1) * np.abs((1 + 2j * np.pi * f) ** -4) ** 2
    s *= np.abs(signal.freqz(*band, f, fs=1 / p["tr_s"])[1]) ** 4
    lost = len(no_data(recording)) + (2 * recording["n_volumes_moved"] if recording["state"] == "awake" else 0)
    return 2 * s.sum() ** 2 / (s**2).sum() / 10 * (1 - lost / p["n_volumes"])


def loss(truth, recording):
    """Share of r that is left when 9 nuisance regressors take degrees of freedom from the BOLD but not from the LFP."""
    return np.sqrt(1 - 9 / n_independent(truth, recording))


def courses(rough, recording):
    rows = files.read_table(rough / recording["timeseries"])
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


# --- what is told and what is left out


def of_volumes(row):
    """Whether a row of excluded.tsv names volumes, and not a whole recording."""
    return isinstance(row["first_volume"], int | float) and np.isfinite(row["first_volume"])


def test_only_the_scan_that_moved_is_excluded_and_for_that_reason(results, truth):
    rows = [r for r in files.read_table(results / "reference" / "excluded.tsv") if not of_volumes(r)]
    dropped = {(r["sub"], r["ses"], r["run"]) for r in truth["recordings"] if r["dropped"]}
    assert {(str(r["sub"]), str(r["ses"]), str(r["run"])) for r in rows} == dropped and len(dropped) == 1
    assert {(r["step"], r["kind"]) for r in rows} == {("motion", "criterion")}
    wanted = {key(r) for r in truth["recordings"] if not r["dropped"]}
    assert set(by_recording(table(results, "temporal"), "gamma")) == wanted


@pytest.mark.parametrize("kind", ["not_steady", "lost", "half_lost", "repeated"])
def test_volumes_that_hold_no_data_are_left_out_with_their_reason(results, recordings, kind):
    rows = [r for r in files.read_table(results / "reference" / "excluded.tsv") if of_volumes(r)]
    for recording in recordings:
        here = [r for r in rows if [str(r[n]) for n in ("sub", "ses", "run")] == list(key(recording)[:3])]
        other = [r for r in here if "framewise displacement" not in r["reason"]]
        listed = {v for r in other for v in range(int(r["first_volume"]), int(r["last_volume"]) + 1)}
        assert set(recording["volumes"][kind]) <= listed, (key(recording), kind)


def test_moved_volumes_and_their_neighbours_are_left_out_of_awake_scans(rough, results, recordings, truth):
    """True framewise displacement above .13 mm: .1 and three standard errors of an estimate, .01.

    That of a volume after one without data is from the last volume with data: nothing tells where the head was between.
    """
    rows = [r for r in files.read_table(results / "reference" / "excluded.tsv") if of_volumes(r)]
    for recording in recordings:
        moves = np.loadtxt(rough / recording["motion"], skiprows=1)
        kept, fd = np.setdiff1d(np.arange(len(moves)), no_data(recording)), moves[:, 6].copy()
        fd[kept] = motion.framewise_displacement(moves[kept, :6])
        here = [r for r in rows if [str(r[n]) for n in ("sub", "ses", "run")] == list(key(recording)[:3])]
        left_out = {v for r in here for v in range(int(r["first_volume"]), int(r["last_volume"]) + 1)}
        surely = set(np.flatnonzero(fd > 0.13)) - set(no_data(recording))
        if recording["state"] == "awake":
            assert surely <= left_out
        by_motion = {v for r in here if "framewise" in r["reason"] for v in
                     range(int(r["first_volume"]), int(r["last_volume"]) + 1)}  # fmt: skip
        near = {v for m in np.flatnonzero(fd > 0.07) for v in range(m - 2, m + 3)}
        beside = {v for m in no_data(recording) for v in range(m - 2, m + 3)}
        assert by_motion <= near | beside, (key(recording), by_motion - near - beside)


def told(results, recording):
    return " ".join(files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json")).get("Warnings") or [])


def test_a_clock_that_runs_evenly_is_not_said_to_jitter(results, recordings):
    for recording in recordings:
        assert "jitter" not in told(results, recording), key(recording)


def test_saturation_is_told(results, recordings):
    for recording in recordings:
        assert any(word in told(results, recording) for word in ("rail", "limit", "saturat")), key(recording)


def test_mains_are_found_at_their_frequency_and_not_at_another(results, recordings):
    """50 Hz and its harmonics are excluded; 60 Hz is neither a multiple of 50 nor of the slice rate, 9.09 Hz."""
    for recording in recordings:
        notches = np.array(files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json"))["Notches"])
        assert np.abs(notches - 50).min() < 0.1, key(recording)
        assert np.abs(notches - 60).min() > 1, key(recording)


# --- time


def test_clock_within_half_a_ppm(results, recordings):
    assert not all(r["triggers"] for r in recordings)
    for recording in recordings:
        info = files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json"))
        assert info["ClockPpm"] == pytest.approx(recording["clock_ppm"], abs=0.5)
        assert info["ScanStart"] == pytest.approx(recording["scan_start_s"], abs=1e-4)


# --- LFP


def unmoved(n, recording, margin_s):
    """Samples at 1 kHz that are further than `margin_s` from every movement, and 10 s after it."""
    t = np.arange(n) / 1000
    out = np.ones(n, bool)
    for moment in np.array(recording["life"]["movements_s"]) - recording["scan_start_s"]:
        out &= (t < moment - margin_s) | (t > moment + 10)
    return out


def cleaned_and_true(rough, results, recording):
    """Cleaned LFP, and clean LFP with drift, body and movements on the same time base; above .5 Hz; sidecar."""
    info = files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json"))
    found = files.read_series(path_of(results, recording, "ieeg", "clean_ieeg.vhdr")).data.astype(float)
    true = np.load(rough / (recording["lfp_with_extras"] or recording["clean_lfp"])).astype(float)
    n = min(len(found), len(true))
    shift = np.exp(2j * np.pi * np.fft.rfftfreq(n, 1e-3) * info["FirstSample"])[:, None]
    true = np.fft.irfft(np.fft.rfft(true[:n], axis=0) * shift, n, axis=0)
    high_pass = signal.butter(2, 0.5, "high", fs=1000, output="sos")
    return *(signal.sosfiltfilt(high_pass, x, axis=0) for x in (found[:n], true)), info


@pytest.mark.parametrize("band", BANDS)
def test_error_of_the_cleaned_lfp_is_a_tenth_of_its_power_or_less(rough, results, recordings, band):
    """In each band, away from movements: what gradients, saturation, mains and drift leave is 10 dB below the LFP.

    At −10 dB, and independent of the LFP, it costs a correlation of power at most 5 %.
    """
    low, high = EDGES[band]
    for recording in recordings:
        found, true, info = cleaned_and_true(rough, results, recording)
        frames = unmoved(len(true), recording, 2)[: len(true) // 2000 * 2000].reshape(-1, 2000).all(axis=1)
        density = []
        for x in (found - true, true):
            pieces = x[: len(frames) * 2000].reshape(len(frames), 2000, -1)[frames]
            density.append((np.abs(np.fft.rfft(pieces * np.hanning(2000)[:, None], axis=1)) ** 2).mean(axis=(0, 2)))
        f = np.fft.rfftfreq(2000, 1e-3)
        used = (f >= low) & (f < high) & (np.abs(f[:, None] - info["Notches"]).min(axis=1) > 1)
        assert used.any(), (key(recording), band, "no bin is left")
        error_db = 10 * np.log10(density[0][used].mean() / density[1][used].mean())
        assert error_db < -10, (key(recording), band, error_db)


def power_in_used_bins(results, recording, lfp):
    """Band power of an LFP at 1 kHz in the bins that the analysis kept for this recording; (n_windows, n_bands)."""
    info = files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json"))
    _, found = power.band_power(
        lfp, 1000.0, EDGES, notches_hz=info["Notches"], notch_width_hz=info["NotchWidth"]
    )  # fmt: skip
    return found


@pytest.mark.parametrize("band", BANDS)
def test_power_follows_that_of_the_lfp_away_from_movements(rough, results, recordings, band):
    """In the bins that the analysis used, r of window power is what the template's own noise allows, or more.

    A template of m values per sample from N volumes holds m/N of the LFP's power: ε = 4/240 with aliased gradients, and
    1/(1 + ε) is the correlation of |x|² with |x + e|² of complex Gaussians, when nothing else moves the power. Or .99,
    as on recordings without flaws, where that is less.
    """
    for recording in recordings:
        found = files.read_series(path_of(results, recording, "ieeg", "power_ieeg.vhdr"))
        true = np.load(rough / (recording["lfp_with_extras"] or recording["clean_lfp"]))
        expected = power_in_used_bins(results, recording, true)
        n = min(len(expected), len(found.data))
        far = unmoved(len(true), recording, 2)[500 : 500 + 100 * n : 100][:n]
        r = np.corrcoef(expected[:n, BANDS.index(band)][far], found.data[:n, found.names.index(band)][far])[0, 1]
        info = files.read_json(path_of(results, recording, "ieeg", "clean_ieeg.json"))
        values = max(1, info["TemplateKnotsPerSample"], 4 if info["TemplateImages"] else 0)
        noise = values / info["NumberOfVolumes"]
        allowed = min(0.99, 1 / (1 + noise))
        # windows a second apart are independent: three standard errors of r
        assert r >= allowed - 3 * (1 - allowed**2) / np.sqrt(far.sum() / 10), (key(recording), band, r)


# --- images


def test_motion_is_that_which_was_applied(rough, results, recordings):
    """Standard deviation below a hundredth of a voxel of 1.4 mm, .014 mm, and 2.8 mrad, as much at 5 mm."""
    for recording in recordings:
        found, _ = files.read_matrix(path_of(results, recording, "func", "confounds_timeseries.tsv"))
        rows = files.read_table(rough / recording["motion"])
        true = np.array([[row[name] for name in MOTION] for row in rows])
        kept = np.setdiff1d(np.arange(len(true)), no_data(recording))
        estimated = np.isfinite(found[kept]).all(axis=1)
        assert set(kept[~estimated]) <= {4, 5}, key(recording)  # of the decay that is within 1 % by then
        kept = kept[estimated]
        error = (found[:, :6] - true)[kept]
        error -= np.median(error, axis=0)
        assert error[:, :3].std(axis=0).max() < 0.014 and error[:, 3:].std(axis=0).max() < 0.0028
        fd = motion.framewise_displacement(true[kept])
        assert np.corrcoef(fd[1:], motion.framewise_displacement(found[kept, :6])[1:])[0, 1] > 0.5 or fd.max() < 0.1


# --- coupling


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("site", SITES)
def test_temporal_r_lies_within_three_standard_errors_of_the_expected_one(results, truth, recordings, band, site):
    """Both states have the same shares, so that all scans of a site count; standard deviation of the Monte-Carlo."""
    used = [r for r in recordings if r["site"] == site]
    found = by_recording(table(results, "temporal"), band)
    wanted = [loss(truth, r) * truth["expected"][r["state"]][site]["temporal_r"][band] for r in used]
    spread = np.mean([truth["expected"][r["state"]][site]["temporal_r_sd"][band] for r in used])
    assert len(used) >= 3
    assert abs(np.mean([found[key(r)] for r in used]) - np.mean(wanted)) < 3 * spread / np.sqrt(len(used))


@pytest.fixture(scope="module")
def own_truth(rough, results, truth, recordings):
    """Temporal r of each recording's clean LFP and BOLD, with the regressor as it is and band-passed; (n_bands,) each.

    The simulator's own code, in the bins that the analysis kept: which bins these are moves r by some .05 where a band
    has only a few of them.
    """
    p, out = truth["parameters"], {}
    for r in recordings:
        power_of_bands = power_in_used_bins(results, r, np.load(rough / r["clean_lfp"]))
        onsets = np.arange(p["n_volumes"]) * r["volume_period_s"]
        model = perfect.regressors(power_of_bands, tuple(p["hrf_p"]), onsets)
        kept = np.setdiff1d(np.arange(p["n_volumes"]), no_data(r))
        seed = courses(rough, r)["seed"][:, None]
        filtered = perfect.bold_filter(model, p["tr_s"])
        out[key(r)] = {name: perfect.pearson(x[kept], seed[kept])[:, 0] for name, x in
                       (("temporal_r", model), ("temporal_r_filtered", filtered))}  # fmt: skip
    return out


@pytest.mark.parametrize(("variant", "name"), [("reference", "temporal_r"), ("filtered", "temporal_r_filtered")])
@pytest.mark.parametrize("band", BANDS)
def test_temporal_r_of_each_scan_follows_the_scans_own_truth(
    results, truth, recordings, own_truth, band, variant, name
):
    """As on recordings without flaws: √9 / N of a scan for what the nuisance model takes at random.

    Three of these for one scan, three over √7 for the mean, and .02 and .01 for what motion and physiology leave.
    Once with the regressor as it is, and once band-passed: slow power makes the two different.
    """
    found = by_recording(table(results, "temporal", variant), band)
    differences, spreads = [], []
    for r in recordings:
        differences.append(found[key(r)] - loss(truth, r) * own_truth[key(r)][name][BANDS.index(band)])
        spreads.append(3 / n_independent(truth, r))
    assert (np.abs(differences) < 3 * np.array(spreads) + 0.02).all(), np.round(differences, 3)
    assert abs(np.mean(differences)) < 3 * np.mean(spreads) / np.sqrt(len(spreads)) + 0.01


def test_multiunit_power_follows_the_spikes(results, truth, recordings):
    """Temporal r as of the bands, with .03 in the mean and .1 in a scan for what is left of the artefact.

    Where the analysis says that it cannot tell, because the band is lost to saturation, there is no number to hold.
    """
    found = by_recording(table(results, "temporal"), "multiunit")
    recordings = [r for r in recordings if np.isfinite(found.get(key(r), np.nan))]
    differences = [found[key(r)] - loss(truth, r) * r["multiunit"]["temporal_r"] for r in recordings]
    if not recordings:
        return
    spread = np.mean([3 / n_independent(truth, r) for r in recordings])
    assert np.abs(differences).max() < 3 * spread + 0.1, np.round(differences, 3)
    assert abs(np.mean(differences)) < 3 * spread / np.sqrt(len(differences)) + 0.03


def test_shuffled_power_says_nothing(results, truth, recordings):
    found = by_recording(table(results, "temporal"), "shuffled_gamma")
    total = sum(n_independent(truth, r) for r in recordings)
    assert abs(np.mean(list(found.values()))) < 3 / np.sqrt(total)


@pytest.mark.parametrize("site", SITES)
def test_maps_agree_with_the_true_maps(rough, results, truth, recordings, site):
    """Mean over states: three or four scans, with map noise of .05 beside a spread of .15 in the seed map.

    That is r = .949, which varies by .013 over some sixty independent places: .92 is two standard errors below.

    Without the six motion parameters as regressors: those of a nearly still head follow activation, and take from maps
    of so few scans what would hide the rest (docs/validation.md).
    """
    pairs = []
    for state in ("awake", "sedated"):
        group = results / "no_motion" / "group"
        true = nibabel.load(rough / "truth" / f"state-{state}_site-{site}_maps.nii.gz").get_fdata()
        seed, _ = files.read_image(group / f"state-{state}_site-{site}_desc-seed_statmap.nii.gz")
        lfp, _ = files.read_image(group / f"state-{state}_site-{site}_desc-lfp_statmap.nii.gz")
        names = files.read_json(group / f"state-{state}_site-{site}_desc-lfp_statmap.json")["Bands"]
        pairs.append((seed, true[..., 0], lfp[names.index("gamma")], true[..., 5]))
    seed, true_seed, gamma, true_gamma = (np.mean(x, axis=0) for x in zip(*pairs, strict=True))
    inside = np.isfinite(seed)
    assert np.corrcoef(seed[inside], true_seed[inside])[0, 1] > 0.92
    assert np.corrcoef(gamma[inside], true_gamma[inside])[0, 1] > 0.85


def test_spatial_r_of_gamma_follows_the_scans_own_truth(results, recordings):
    """One scan's map noise of .08 to .1 beside a spread of .15 to .2: .1 for the mean over scans; as of the maps."""
    found = by_recording(table(results, "spatial", "no_motion"), "gamma")
    differences = [found[key(r)] - r["spatial_r"]["gamma"] for r in recordings]
    assert abs(np.mean(differences)) < 0.1, np.round(differences, 3)


@pytest.mark.parametrize("removal", ["gamma", "all_joint", "all_unique", "peaks"])
def test_effect_of_each_removal(results, truth, recordings, removal):
    """As on recordings without flaws: .05 in slope of the mean over scans, and in r .01 for 65 independent samples.

    What r lacks to 1 is noise of the maps, which goes with the inverse of their number: .026 for 25.
    """
    rows = {key(r): r for r in table(results, "regression") if r["removal"] == removal and r["sub"] != "group"}
    used = [(rows[key(r)], r["removal"][removal]) for r in recordings]
    assert np.mean([a["slope"] - b["slope"] for a, b in used]) == pytest.approx(0, abs=0.05)
    n_samples = np.mean([n_independent(truth, r) for r in recordings])
    assert np.mean([a["r"] - b["r"] for a, b in used]) == pytest.approx(0, abs=0.01 * 65 / n_samples)


@pytest.mark.parametrize("site", SITES)
def test_lags_of_gamma_are_those_of_the_true_courses(rough, results, truth, recordings, site):
    """Mean over scans of r at each lag from 0 to 10 TR, volumes' own mean power against the seed's clean BOLD.

    Three standard errors as of temporal r; where the true curve is highest the one that was found is so too, within
    what such an error makes of it.
    """
    tr_s, used = truth["parameters"]["tr_s"], [r for r in recordings if r["site"] == site]
    curves = []
    for recording in used:
        column = courses(rough, recording)
        gamma, seed = column["power_gamma"], column["seed"]
        n = len(seed)
        curves.append([loss(truth, recording) * np.corrcoef(gamma[: n - k], seed[k:])[0, 1] for k in range(11)])
    expected = np.mean(curves, axis=0)
    rows = [r for r in table(results, "lags") if (r["band"], r["site"]) == ("gamma", site)]
    found = []
    for lag in range(11):
        here = [r for r in rows if abs(r["lag_s"] - lag * tr_s) < 1e-6]
        found.append(np.average([r["r"] for r in here], weights=[r["n_scans"] for r in here]))
    error = np.mean([3 / n_independent(truth, r) for r in used]) / np.sqrt(len(used))
    assert np.abs(np.array(found) - expected).max() < 3 * error + 0.02, np.round(np.array(found) - expected, 3)
    assert expected[int(np.argmax(found))] > expected.max() - 3 * error


def dpss_coherence(x, y, n_tapers, width_hz, tr_s):
    """Mean magnitude-squared coherence within .01 to .1 Hz, one width from its ends; by other code."""
    n = len(x)
    tapers = signal.windows.dpss(n, n * tr_s * width_hz, n_tapers)
    a, b = (np.fft.rfft(tapers * (s - s.mean()), axis=1) for s in (x, y))
    c = np.abs((np.conj(a) * b).sum(axis=0)) ** 2 / ((np.abs(a) ** 2).sum(axis=0) * (np.abs(b) ** 2).sum(axis=0))
    f = np.fft.rfftfreq(n, tr_s)
    return c[(f >= 0.01 + width_hz) & (f <= 0.1 - width_hz)].mean()


def test_coherence_of_gamma_is_that_of_the_true_courses(rough, results, truth, recordings):
    """Mean over seven scans. One scan's mean over 14 tapered bands of five tapers varies by about .1: three over √7."""
    found = by_recording(table(results, "coherence", "rigorous"), "gamma", "coherence")
    n_tapers = by_recording(table(results, "coherence", "rigorous"), "gamma", "n_tapers")
    p = truth["parameters"]
    width = max(0.005, 3 / (p["n_volumes"] * p["tr_s"]))
    differences = []
    for recording in recordings:
        column = courses(rough, recording)
        k = int(n_tapers[key(recording)])
        true = dpss_coherence(column["gamma"], column["seed"], k, width, p["tr_s"])
        # nine regressors take their share of what is shared above chance
        differences.append(found[key(recording)] - (1 / k + (true - 1 / k) * loss(truth, recording) ** 2))
    assert abs(np.mean(differences)) < 3 * 0.1 / np.sqrt(len(differences)), np.round(differences, 3)


def test_mutual_information_of_gamma_is_above_chance_where_r_is(results, truth, recordings):
    """Gaussian: −½ log(1 − r²) of the scans' own true r; one scan's estimate varies by .1, the mean by .1/√7."""
    rows = {key(r): r for r in table(results, "information") if r["band"] == "gamma" and r["sub"] != "group"}
    above = [rows[key(r)]["mi"] - rows[key(r)]["chance"] for r in recordings]
    expected = [-0.5 * np.log(1 - (loss(truth, r) * r["temporal_r"]["gamma"]) ** 2) for r in recordings]
    assert np.mean(above) == pytest.approx(np.mean(expected), abs=3 * 0.1 / np.sqrt(len(above)))


def test_regions_covary_as_those_that_generated_them(rough, results, recordings):
    """Fisher's z of all pairs, averaged over scans, against the simulator's covariance."""
    found, order = [], None
    for recording in recordings:
        matrix, names = files.read_matrix(
            path_of(results, recording, "func", "connectivity_relmat.tsv").replace(
                "_run-", f"_acq-{recording['site']}_run-"
            )
        )
        found.append(matrix[:, 1:])
        order = names[1:]
    true, names = files.read_matrix(rough / "truth" / "covariance.tsv")
    chosen = [names.index(name) for name in order]
    upper = np.triu_indices(len(chosen), 1)
    assert np.corrcoef(np.mean(found, axis=0)[upper], true[np.ix_(chosen, chosen)][upper])[0, 1] > 0.5
