"""The whole workflow on simulated raw recordings: what it recovers against what is known.

The truth is computed by the simulator from the recordings' own clean parts, by code that shares nothing with the
analysis. It keeps what no analysis can remove (thermal noise, finite length, the estimation noise of band power) and
leaves out artefact, clock, motion, drift and physiological noise.
"""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from scipy import stats

from lfpbold.derivatives import files
from lfpbold.spectral import power

BANDS = ("delta", "theta", "alpha", "beta", "gamma")


def table(results, name):
    return files.read_table(results / "reference" / "group" / f"{name}.tsv")


def by_recording(rows, band):
    return {
        (r["sub"], r["ses"], r["run"], r["site"]): r["r"] for r in rows if r["band"] == band and r["sub"] != "group"
    }


def key(recording):
    return tuple(recording[name] for name in ("sub", "ses", "run", "site"))


def stem(recording, kind):
    label = "sub-{sub}/ses-{ses}/{kind}/sub-{sub}_ses-{ses}_task-rest_run-{run}".format(kind=kind, **recording)
    return label.replace("_run-", f"_acq-{recording['site']}_run-") if kind == "ieeg" else label


def nuisance_loss(truth):
    """Share of r that is left when 9 nuisance regressors take degrees of freedom from the BOLD but not from the LFP.

    Band-passed BOLD of T seconds has 2 × 0.09 Hz × T of them; the study's nuisance model has six motion parameters,
    white matter, ventricles and a trend beyond the global mean that the truth regresses too.
    """
    p = truth["parameters"]
    return np.sqrt(1 - 9 / (2 * 0.09 * p["n_volumes"] * p["tr_s"]))


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("site", ["M1", "ACC"])
def test_temporal_r_lies_within_three_standard_errors_of_the_expected_one(other_results, truth, band, site):
    """The mean over n scans, each with the standard deviation that the Monte-Carlo of the truth has."""
    found = [r["r"] for r in table(other_results, "temporal") if (r["band"], r["site"]) == (band, site)]
    expected = truth["expected"]["sedated"][site]
    assert len(found) == 4
    standard_error = expected["temporal_r_sd"][band] / np.sqrt(len(found))
    assert abs(np.mean(found) - nuisance_loss(truth) * expected["temporal_r"][band]) < 3 * standard_error


@pytest.mark.parametrize("band", BANDS)
def test_temporal_r_of_each_scan_follows_the_scans_own_truth(other_results, truth, band):
    """Against the realised truth, sampling error cancels: what is left is what the nuisance model takes at random.

    Projecting 9 of N = 65 dimensions out of the BOLD takes nine products of coefficients, each of size 1/N, out of r:
    a random change with standard deviation √9 / N ≈ .05. Three of these for a single scan, three over √8 for the mean,
    and .01 to .02 for what motion, drift and physiological noise leave behind.
    """
    p = truth["parameters"]
    spread = np.sqrt(9) / (2 * 0.09 * p["n_volumes"] * p["tr_s"])
    found = by_recording(table(other_results, "temporal"), band)
    loss = nuisance_loss(truth)
    differences = [found[key(r)] - loss * r["temporal_r"][band] for r in truth["recordings"]]
    assert np.abs(differences).max() < 3 * spread + 0.02
    assert abs(np.mean(differences)) < 3 * spread / np.sqrt(len(differences)) + 0.01


def test_bands_come_in_the_right_order(other_results):
    """Gamma follows the visible activity, delta and theta run against it, alpha and beta lie between."""
    rows = table(other_results, "temporal")
    mean = {band: np.mean([r["r"] for r in rows if r["band"] == band]) for band in BANDS}
    assert max(mean["delta"], mean["theta"]) < min(mean["alpha"], mean["beta"]) < mean["gamma"]
    assert mean["delta"] < 0 < mean["gamma"]


@pytest.mark.parametrize("site", ["M1", "ACC"])
def test_averaged_spatial_r_of_gamma(other_results, truth, site):
    """Averaged maps carry map noise of .08/√4 against a seed map of spread .15–.2 in both; .1 is two to three of it."""
    found = next(r for r in table(other_results, "spatial_group") if (r["band"], r["site"]) == ("gamma", site))
    assert found["r"] == pytest.approx(truth["expected"]["sedated"][site]["spatial_r_averaged"]["gamma"], abs=0.1)
    assert found["r2"] == pytest.approx(found["r"] ** 2, rel=1e-6)
    assert (found["n_scans"], found["n_animals"]) == (4, 2)


@pytest.mark.parametrize("site", ["M1", "ACC"])
def test_maps_agree_with_the_true_maps(other, other_results, site):
    """Voxel by voxel, the averaged seed map against the truth's (first volume) and gamma against the fifth band."""
    group = other_results / "reference" / "group"
    true = nibabel.load(other / "truth" / f"state-sedated_site-{site}_maps.nii.gz").get_fdata()
    seed, _ = files.read_image(group / f"state-sedated_site-{site}_desc-seed_statmap.nii.gz")
    lfp, _ = files.read_image(group / f"state-sedated_site-{site}_desc-lfp_statmap.nii.gz")
    names = files.read_json(group / f"state-sedated_site-{site}_desc-lfp_statmap.json")["Bands"]
    inside = np.isfinite(seed)
    # Four scans: what the nuisance model and interpolation change is of the size of the map noise, .04 of .15.
    assert np.corrcoef(seed[inside], true[..., 0][inside])[0, 1] > 0.95
    assert np.corrcoef(lfp[names.index("gamma")][inside], true[..., 5][inside])[0, 1] > 0.85


def test_clock_within_half_a_ppm(other_results, truth):
    """From triggers where they are, from scan_start_s and the artefact alone where they are not."""
    assert not all(r["triggers"] for r in truth["recordings"])
    for recording in truth["recordings"]:
        info = files.read_json(f"{other_results}/reference/{stem(recording, 'ieeg')}_desc-clean_ieeg.json")
        assert info["ClockPpm"] == pytest.approx(recording["clock_ppm"], abs=0.5)
        assert info["ScanStart"] == pytest.approx(recording["scan_start_s"], abs=1e-4)


def test_power_after_artefact_removal_follows_the_clean_lfp(other, other_results, truth):
    """Correlation of every band's power with that of the LFP as it was before the artefact was added: ≥ .99."""
    settings = files.read_json(other_results / "dataset_description.json")
    assert settings["GeneratedBy"][0]["Name"] == "lfpbold"
    bands = {"delta": (1, 4), "theta": (4, 7), "alpha": (7, 13), "beta": (13, 30), "gamma": (40, 100)}
    for recording in truth["recordings"]:
        info = files.read_json(f"{other_results}/reference/{stem(recording, 'ieeg')}_desc-clean_ieeg.json")
        found = files.read_series(f"{other_results}/reference/{stem(recording, 'ieeg')}_desc-power_ieeg.vhdr")
        clean = np.load(other / recording["clean_lfp"])
        _, expected = power.band_power(
            clean, 1000.0, bands, notches_hz=info["Notches"], notch_width_hz=info["NotchWidth"]
        )
        n = min(len(expected), len(found.data))
        for i, band in enumerate(bands):
            r = np.corrcoef(expected[:n, i], found.data[:n, found.names.index(band)])[0, 1]
            assert r >= 0.99, (key(recording), band, r)


def test_motion_within_a_twentieth_of_a_millimetre(other, other_results, truth):
    """Every volume, at the centre and 8 mm from it, against the motion that was applied (relative to volume 0)."""
    names = ("trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z")
    for recording in truth["recordings"]:
        found, _ = files.read_matrix(
            f"{other_results}/reference/{stem(recording, 'func')}_desc-confounds_timeseries.tsv"
        )
        rows = files.read_table(other / recording["motion"])
        true = np.array([[row[name] for name in names] for row in rows])
        error = found[:, :6] - (true - true[0])
        assert np.abs(error[:, :3]).max() < 0.05
        assert np.abs(8 * error[:, 3:]).max() < 0.05


@pytest.mark.parametrize("removal", ["gamma", "all_joint", "all_unique", "peaks"])
def test_effect_of_each_removal(other_results, truth, removal):
    """Mean r and slope of the seed map after removal against the truth's own removal.

    One scan's slope varies with the r of that scan (slope falls with r²): .05 in r at r = .5 is .05 in slope, and a
    mean over eight scans is allowed this much; r of the maps varies by a tenth of that.
    """
    rows = [r for r in table(other_results, "regression") if r["removal"] == removal and r["sub"] != "group"]
    true = [r["removal"][removal] for r in truth["recordings"]]
    assert len(rows) == len(true) == 8
    assert np.mean([r["slope"] for r in rows]) == pytest.approx(np.mean([t["slope"] for t in true]), abs=0.05)
    assert np.mean([r["r"] for r in rows]) == pytest.approx(np.mean([t["r"] for t in true]), abs=0.01)


def test_gamma_removal_takes_more_where_gamma_sees_more(other_results, truth):
    """Removing all bands jointly takes at least as much of the map as removing only their unique parts."""
    rows = [r for r in table(other_results, "regression") if r["sub"] == "group"]
    slope = {(r["site"], r["removal"]): r["slope"] for r in rows}
    for site in ("M1", "ACC"):
        assert slope[site, "all_joint"] < slope[site, "all_unique"] < 1.0
        assert slope[site, "gamma"] < 1.0


def test_multiunit_power_follows_the_spikes_and_little_artefact_is_left(other_results, truth):
    """Temporal r of multi-unit power against the scan's own truth, as for the bands; and the artefact that is left.

    The artefact is a thousand times stronger than the spikes. What is left of it, by the true spikes' own level, is
    below 2 µV beside 6, and costs r a twentieth; the random part is that of the bands.
    """
    p = truth["parameters"]
    spread = np.sqrt(9) / (2 * 0.09 * p["n_volumes"] * p["tr_s"])
    rows = {key(row): row for row in table(other_results, "multiunit")}
    temporal = by_recording(table(other_results, "temporal"), "multiunit")
    differences = []
    for recording in truth["recordings"]:
        row, true = rows[key(recording)], recording["multiunit"]
        assert row["r_multiunit"] == pytest.approx(temporal[key(recording)], abs=1e-6)
        assert (row["band_low_hz"], row["band_high_hz"]) == (300, 0.45 * p["fs_hz"])
        assert row["artefact_uv"] > 900 * true["rms_uv"]
        assert row["after_uv"] ** 2 - true["rms_uv"] ** 2 < 2.0**2
        assert row["residue_uv"] ** 2 == pytest.approx(max(row["after_uv"] ** 2 - row["outside_uv"] ** 2, 0), rel=1e-6)
        assert 12 < row["outside_s"] < 15  # the simulated lead and tail
        differences.append(row["r_multiunit"] - nuisance_loss(truth) * true["temporal_r"])
    assert np.abs(differences).max() < 3 * spread + 0.1
    assert abs(np.mean(differences)) < 3 * spread / np.sqrt(len(differences)) + 0.03


def test_shuffled_power_says_nothing(other_results):
    """r of eight independent scans with about 54 independent samples each: standard error 1/√(8 × 54) = .05."""
    found = list(by_recording(table(other_results, "temporal"), "shuffled_gamma").values())
    assert len(set(found)) == 8  # every scan has an order of its own
    assert abs(np.mean(found)) < 3 / np.sqrt(8 * 54)
    true = list(by_recording(table(other_results, "temporal"), "gamma").values())
    assert np.mean(np.abs(found)) < 0.5 * np.mean(true)


@pytest.mark.parametrize("site", ["M1", "ACC"])
def test_the_hrf_grid_peaks_near_the_simulated_response(other_results, truth, site):
    """Delay 5 s and undershoot 10 s were simulated.

    A volume's slices follow its onset by .6 s on average, and the regressor is sampled at the onset: 4.4 s are to be
    found. Within a second of it r changes by .02 to .03, which four scans do not tell apart. The undershoot is a sixth
    of the response and moves r by less than .01, so that it cannot be found.
    """
    rows = [r for r in table(other_results, "hrfgrid") if r["site"] == site]
    assert len(rows) == 525 and sum(r["degenerate"] for r in rows) == 13
    best = max(rows, key=lambda r: r["r"])
    expected = truth["parameters"]["hrf_p"][0] - truth["parameters"]["tr_s"] / 2
    assert best["delay_s"] == pytest.approx(expected, abs=1.0)
    configured = next(r for r in rows if (r["delay_s"], r["undershoot_s"]) == (5.0, 10.0))
    gamma = by_recording(table(other_results, "temporal"), "gamma")
    assert configured["r"] == pytest.approx(np.mean([r for k, r in gamma.items() if k[3] == site]), abs=1e-6)
    assert best["r"] - 0.05 < configured["r"] < best["r"]


def test_gamma_leads_bold_by_the_lag_of_the_response(other_results):
    """The response of delay 5 s has its centre of gravity near 4.5 s; lags come in steps of the TR, 1.2 s."""
    for site in ("M1", "ACC"):
        rows = [r for r in table(other_results, "lags") if (r["band"], r["site"]) == ("gamma", site)]
        assert len(rows) == 33 and {r["n_scans"] for r in rows} == {4}
        assert max(rows, key=lambda r: r["r"])["lag_s"] == pytest.approx(4.5, abs=1.3)


def test_mutual_information_of_gamma_is_above_chance_where_r_is(other_results):
    """Gaussian signals: at r = .5 there are .14 nats above what bins find in independent series."""
    temporal = by_recording(table(other_results, "temporal"), "gamma")
    rows = {key(r): r for r in table(other_results, "information") if r["band"] == "gamma" and r["sub"] != "group"}
    above = np.array([rows[k]["mi"] - rows[k]["chance"] for k in temporal])
    expected = np.array([-0.5 * np.log(1 - r**2) for r in temporal.values()])
    # One estimate of about 54 independent samples varies by r/√54 / √(1 − r²) or so: .08, and .03 for the mean.
    assert above.mean() == pytest.approx(expected.mean(), abs=0.09)


def test_pairs_repeat_the_tables_of_time_and_space(other_results):
    """And their t-tests are those of SciPy."""
    pairs = [r for r in table(other_results, "paired") if (r["band"], r["site"]) == ("gamma", "M1")]
    time, space = (by_recording(table(other_results, name), "gamma") for name in ("temporal", "spatial"))
    for row in pairs:
        assert (row["temporal_r"], row["spatial_r"]) == (time[key(row)], space[key(row)])
        assert row["temporal_z"] == pytest.approx(np.arctanh(row["temporal_r"]), rel=1e-6)
    expected = stats.ttest_rel([r["spatial_z"] for r in pairs], [r["temporal_z"] for r in pairs])
    found = next(
        r
        for r in table(other_results, "ttests")
        if (r["band"], r["site"], r["test"], r["measure"]) == ("gamma", "M1", "spatial_minus_temporal", "z")
    )
    assert (found["t"], found["p"], found["df"]) == pytest.approx((expected.statistic, expected.pvalue, 3), rel=1e-5)
    assert (found["n"], found["n_animals"]) == (4, 2)


def test_without_global_signal_the_variant_differs_only_after_the_nuisance_model(other_results):
    """`no_gsr` shares LFP, power, regressors and motion with the reference, and its maps are more positive."""
    kinds = {p.name.split("_desc-")[1] for p in (other_results / "no_gsr").rglob("sub-*_desc-*")}
    assert not kinds & {"clean_ieeg.vhdr", "power_ieeg.vhdr", "hrf_timeseries.tsv", "preproc_bold.nii"}
    maps = [
        files.read_image(other_results / name / "group" / "state-sedated_site-M1_desc-seed_statmap.nii.gz")[0]
        for name in ("reference", "no_gsr")
    ]
    assert np.nanmean(maps[1]) > np.nanmean(maps[0]) + 0.05


@pytest.mark.parametrize("site", ["M1", "ACC"])
def test_regions_covary_as_those_that_generated_them(other, other_results, site):
    """Averaged Fisher's z of all pairs of regions against the simulator's covariance; the recordings' own."""
    found, names = files.read_matrix(
        other_results / "reference" / "group" / f"state-sedated_site-{site}_desc-connectivity_relmat.tsv"
    )
    true, order = files.read_matrix(other / "truth" / "covariance.tsv")
    chosen = [order.index(name) for name in names[1:]]
    upper = np.triu_indices(len(chosen), 1)
    assert stats.pearsonr(found[:, 1:][upper], true[np.ix_(chosen, chosen)][upper])[0] > 0.5
    paths = (other_results / "reference").glob(f"sub-*/ses-*/func/*_acq-{site}_*_desc-connectivity_relmat.tsv")
    of_scans = np.mean([files.read_matrix(path)[0] for path in paths], axis=0)
    np.testing.assert_allclose(of_scans[:, 1:][upper], found[:, 1:][upper], atol=1e-4)
