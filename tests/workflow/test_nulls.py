"""The rigorous variant: one projection for both sides, and every observed number found again by another way."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.derivatives import files

NAMES = ("sub", "ses", "run", "site")


def table(results, name, variant="rigorous"):
    return files.read_table(results / variant / "group" / f"{name}.tsv")


def by_recording(rows, band):
    return {tuple(row[name] for name in NAMES): row for row in rows if row["band"] == band}


def test_observed_values_of_scans_are_those_of_the_other_tables(other_results):
    """Maps and removals are computed in two places: by regression (networks) and by partial correlation (nulls)."""
    found = by_recording(table(other_results, "nulls"), "gamma")
    temporal, spatial = (by_recording(table(other_results, name), "gamma") for name in ("temporal", "spatial"))
    removal = {
        tuple(row[name] for name in NAMES): row
        for row in table(other_results, "regression")
        if row["removal"] == "gamma" and row["sub"] != "group"
    }
    assert len(found) == 8
    for key, row in found.items():
        assert row["r"] == pytest.approx(temporal[key]["r"], abs=1e-6)
        assert row["spatial_r_observed"] == pytest.approx(spatial[key]["r"], abs=1e-5)
        assert row["removal_r_observed"] == pytest.approx(removal[key]["r"], abs=1e-4)
        assert row["removal_slope_observed"] == pytest.approx(removal[key]["slope"], abs=1e-4)
        assert row["n_surrogates"] == 300
        for p in ("p_phase", "p_shift", "p_spatial", "spatial_r_p", "removal_r_p"):
            assert 0.99 / 301 < row[p] <= 1  # never zero: the observed value is one of them
        assert row["p_phase_max"] >= row["p_phase"] - 1e-9


def test_averaged_maps_against_mediation_observe_what_the_group_tables_hold(other_results):
    group = {
        (row["site"], row["measure"]): row
        for row in table(other_results, "mediation")
        if row["sub"] == "group" and row["voxels"] == "all"
    }
    averaged = {row["site"]: row["r"] for row in table(other_results, "spatial_group") if row["band"] == "gamma"}
    removal = {
        row["site"]: row
        for row in table(other_results, "regression")
        if (row["sub"], row["removal"]) == ("group", "gamma")
    }
    for site in ("M1", "ACC"):
        assert group[site, "spatial_r"]["observed"] == pytest.approx(averaged[site], abs=1e-4)
        assert group[site, "removal_r"]["observed"] == pytest.approx(removal[site]["r"], abs=1e-4)
        assert group[site, "removal_slope"]["observed"] == pytest.approx(removal[site]["slope"], abs=1e-3)
        assert group[site, "spatial_r"]["n_scans"] == 4
        for row in (group[site, "spatial_r"], group[site, "removal_r"]):
            assert row["null_low"] < row["expected"] < row["null_high"]
            assert row["difference"] == pytest.approx(row["observed"] - row["expected"], abs=1e-6)
            assert row["difference_low"] <= row["difference"] <= row["difference_high"]


def test_mediation_expects_nearly_all_of_the_spatial_agreement(other_results):
    """In the simulation LFP and BOLD share the region's activity and nothing else, of which the seed is a noisy copy.

    A regressor with the same r to the seed therefore reaches nearly the observed agreement; what the seed's own noise
    hides from it leaves the observed value a little above, never far.
    """
    for row in table(other_results, "mediation"):
        if (row["sub"], row["measure"], row["voxels"]) == ("group", "spatial_r", "all"):
            assert row["expected"] > 0.7
            assert abs(row["difference"]) < 0.15


def test_k_of_scans_is_near_that_of_noise(other_results):
    """Under mediation k is the noise of a map over the spread of the seed map; the fit pools seven bands.

    28 pairs of scans and bands, or 7 of averaged maps, whose spatial r scatters by about a tenth around the law: k is
    known to a tenth or so, and a quarter is allowed.
    """
    for row in table(other_results, "k"):
        assert row["k"] == pytest.approx(row["k_noise"], rel=0.25)
        assert row["r2"] > 0.9


def test_clean_bold_holds_nothing_of_the_nuisance(other_results):
    """One projection: residual R² is 0; regressing first and filtering then leaves some."""
    left = {}
    for variant in ("reference", "rigorous"):
        path = next((other_results / variant).rglob("*_desc-clean_bold.nii"))
        brain = next((other_results / "reference").rglob(f"{path.name.split('_desc-')[0]}_desc-brain_mask.nii.gz"))
        clean, _, _ = files.read_voxels(path, brain)
        nuisance, names = files.read_matrix(
            path.with_name(path.name.replace("clean_bold.nii", "nuisance_timeseries.tsv"))
        )
        design = nuisance[:, 2:]  # without the volume and the constant
        assert names[:2] == ["volume", "constant"] and len(design) == len(clean)
        centred = clean - clean.mean(axis=0)
        fitted = design @ np.linalg.lstsq(design, centred, rcond=None)[0]
        left[variant] = (fitted**2).sum() / (centred**2).sum()
    assert left["rigorous"] < 1e-8  # float32 on disk
    assert left["reference"] > 1e-4


def test_regressors_go_through_the_same_projection(other_results):
    """r of the rigorous variant is the partial correlation in the band: recomputed here by least squares alone."""
    path = next((other_results / "rigorous").rglob("*_desc-clean_bold.nii"))
    run = path.name.split("_desc-")[0]
    site, ieeg = "M1", path.parent.parent.parent.parent.parent / "reference"
    info = files.read_json(files.sidecar_path(path))
    n, tr_s = info["NumberOfVolumes"], info["RepetitionTime"]
    kept = np.asarray(info["VolumesKept"])
    regressors, bands = files.read_matrix(
        next(ieeg.rglob(f"{run.replace('_run', f'_acq-{site}_run')}_desc-hrf_timeseries.tsv"))
    )
    nuisance, _ = files.read_matrix(path.with_name(path.name.replace("clean_bold.nii", "nuisance_timeseries.tsv")))
    course = files.read_matrix(
        next(path.parent.glob(f"{run.replace('_run', f'_acq-{site}_run')}_desc-seed_timeseries.tsv"))
    )[0][:, 2]
    order = np.arange(n)
    frequency = order / (2 * n * tr_s)
    cosines = np.cos(np.pi * np.outer(order + 0.5, order) / n)[kept]
    inside = cosines[:, (frequency >= 0.01) & (frequency <= 0.1)]
    unwanted = np.column_stack([cosines[:, frequency < 0.01], nuisance[:, 1:]])
    x = regressors[kept, bands.index("gamma")]

    def without(y, design):
        return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]

    # Functions of the band that are orthogonal to the nuisance, and the regressor's share of them.
    basis = np.linalg.svd(unwanted, full_matrices=True)
    rank = (1e-9 * basis.S[0] < basis.S).sum()
    free = basis.U[:, rank:]
    overlap = np.linalg.svd(np.linalg.qr(inside)[0].T @ free)
    shared = free @ overlap.Vh[: (overlap.S > 1 - 1e-9).sum()].T
    expected = np.corrcoef(shared @ (shared.T @ x), course)[0, 1]
    row = next(
        r
        for r in table(other_results, "temporal")
        if r["band"] == "gamma"
        and r["site"] == site
        and f"sub-{r['sub']}_ses-{r['ses']}_task-rest_run-{r['run']}" == run
    )
    assert row["r"] == pytest.approx(expected, abs=1e-6)


def test_animals_stand_beside_scans(other_results):
    rows = [
        r for r in table(other_results, "animals", "reference") if (r["band"], r["measure"]) == ("gamma", "temporal")
    ]
    tests = {
        r["site"]: r
        for r in table(other_results, "ttests", "reference")
        if (r["band"], r["test"], r["measure"]) == ("gamma", "temporal", "z")
    }
    assert len(rows) == 2
    for row in rows:
        assert row["p_animals"] == pytest.approx(tests[row["site"]]["p_animals"], rel=1e-6)
        assert row["p_sign_flip_floor"] == 0.5  # two animals
        assert row["ci_low"] < row["mean_animals"] < row["ci_high"]


def test_variants_without_surrogates_say_so_and_have_no_rows(other_results, tiny_results):
    assert table(other_results, "mediation", "reference") == []
    assert not list((other_results / "reference").rglob("*_desc-nulls_coupling.tsv"))
    text = (tiny_results / "report.html").read_text(encoding="utf-8")
    assert text.count("Comparison with null distributions") == 2  # once in the contents, once as a heading
    assert "Difference" in text
