"""Runs with stimuli together: which signal predicts BOLD, rest against evoked, and what animals are counted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lfpbold.derivatives import files, load
from lfpbold.figures import inputs
from lfpbold.pipeline import evoked_group as stage
from lfpbold.pipeline.scan import BoldSeries, Design, Scan

NAN = float("nan")


def scans(driver, n_animals=6, n=300, noise=1.0, seed=0):
    """BOLD that follows one of gamma and multi-unit power; the other is a noisy copy of it."""
    rng = np.random.default_rng(seed)
    found = []
    for animal in range(n_animals):
        for _ in range(2):
            true = rng.standard_normal(n)
            copy = true + rng.standard_normal(n)
            columns = np.column_stack([true, copy] if driver == "gamma" else [copy, true]) * [3.0, 0.2]
            course = true + noise * rng.standard_normal(n)
            bold = BoldSeries(5 * course, np.ones(len(course), dtype=bool))
            found.append(Scan("", f"{animal:02d}", bold, Design(columns, ["gamma", "multiunit"])))
    return found


@pytest.mark.parametrize("driver", ["gamma", "multiunit"])
def test_the_true_driver_predicts_better(driver):
    """R² of the driver is 1/2 and of the copy 1/4, whichever of LFP and spiking it is; six animals agree: p = 2/64."""
    rows = stage.prediction(scans(driver), ["gamma", "multiunit"], ["gamma"], 0.95, 1)
    r2 = {row["predictor"]: row for row in rows}
    other = "gamma" if driver == "multiunit" else "multiunit"
    assert r2[driver]["r2"] == pytest.approx(0.5, abs=0.05) and r2[other]["r2"] == pytest.approx(0.25, abs=0.05)
    difference = r2["gamma"]["difference"]
    assert difference == pytest.approx(0.25 if driver == "gamma" else -0.25, abs=0.06)
    assert r2["gamma"]["p"] == 2 / 64
    low, high = r2["gamma"]["difference_low"], r2["gamma"]["difference_high"]
    assert low < difference < high and low * high > 0
    assert (r2["gamma"]["n_scans"], r2["gamma"]["n_animals"]) == (12, 6) and "all_bands" not in r2


def test_a_band_that_adds_nothing_costs_a_little_in_left_out_animals():
    """Two bands of noise beside gamma: together they predict new animals no better than gamma alone."""
    rng = np.random.default_rng(3)
    recorded = scans("gamma")
    for scan in recorded:
        scan.design.columns = np.column_stack([scan.design.columns, rng.standard_normal((300, 2))])
    bands = ["gamma", "multiunit", "delta", "theta"]
    rows = {r["predictor"]: r["r2"] for r in stage.prediction(recorded, bands, ["gamma", "delta", "theta"], 0.95, 1)}
    assert abs(rows["delta"]) < 0.02 and rows["all_bands"] == pytest.approx(rows["gamma"], abs=0.02)


def test_bands_without_values_are_left_out_and_one_animal_predicts_nothing():
    recorded = scans("gamma")
    for scan in recorded:
        scan.design.columns = np.column_stack([scan.design.columns, np.full(300, NAN)])
    rows = stage.prediction(recorded, ["gamma", "multiunit", "slow"], ["gamma", "slow"], 0.95, 1)
    assert [row["predictor"] for row in rows] == ["gamma", "multiunit"]
    assert stage.prediction(scans("gamma", n_animals=1), ["gamma", "multiunit"], ["gamma"], 0.95, 1) == []


def test_animals_are_the_unit_of_responses():
    """Two scans of 1 and 3 in one animal, one of 5 in the other: mean of 2 and 5, its error from these two."""
    base = {"trial_type": "a", "signal": "bold", "time_s": 1.0}
    rows = [base | {"sub": sub, "mean": mean} for sub, mean in (("01", 1.0), ("01", 3.0), ("02", 5.0), ("02", NAN))]
    (row,) = stage.responses(rows)
    assert (row["mean"], row["n_animals"], row["n_scans"]) == (3.5, 2, 3)
    assert row["se"] == pytest.approx(np.std([2, 5], ddof=1) / np.sqrt(2))


def table(state, values, **more):
    base = {"state": state, "site": "M1", "band": "gamma", "ses": "01", "run": "1"}
    return [base | {"sub": f"{i:02d}", "r": r, **more} for i, r in enumerate(values)]


def test_rest_stands_beside_evoked():
    """Means, expectation and the paired difference by hand; a rest animal without stimuli counts on its side alone."""
    at_rest, driven = [0.2, 0.3, 0.1, 0.4, 0.9], [0.8, 0.7, 0.9, 0.85]
    group = {"site": "M1", "band": "gamma", "ci_low": 0.1, "ci_high": 0.9, "n_scans": 4, "n_animals": 4}
    tables = {
        "temporal": table("sedated", at_rest) + table("sedatedAir", driven),
        "spatial": table("sedated", at_rest) + table("sedatedAir", driven),
        "spatial_group": [group | {"state": "sedated", "r": 0.77}, group | {"state": "sedatedAir", "r": 0.88}],
        "nulls": table("sedated", [0, 0], spatial_r_expected=0.31) + table("sedatedAir", [0], spatial_r_expected=0.66),
        "mediation": [
            {"state": "sedatedAir", "site": "M1", "band": "gamma", "sub": sub, "measure": "spatial_r", "voxels": voxels}
            | {"expected": expected}
            for sub, voxels, expected in (("group", "all", 0.83), ("group", "rim", 0.5), ("01", "all", 0.1))
        ],
    }
    pairs = [{"rest": "sedated", "evoked": "sedatedAir", "site": "M1"}]
    rows = stage.rest_evoked(tables, pairs, ["gamma"], {"variance": {"confidence": 0.95}}, 1)
    of = {row["measure"]: row for row in rows}
    row = of["temporal"]
    assert row["rest_r"] == pytest.approx(np.mean(at_rest)) and row["evoked_r"] == pytest.approx(np.mean(driven))
    assert (row["rest_n"], row["rest_n_animals"], row["evoked_n"], row["n_animals"]) == (5, 5, 4, 4)
    differences = np.array(driven) - at_rest[:4]
    interval = stats.t.interval(0.95, 3, differences.mean(), differences.std(ddof=1) / 2)
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(interval)
    assert row["p"] == 2 / 16 and np.isnan(row["rest_expected"])
    assert (of["spatial"]["rest_expected"], of["spatial"]["evoked_expected"]) == pytest.approx((0.31, 0.66))
    assert (of["spatial_group"]["rest_r"], of["spatial_group"]["evoked_r"]) == (0.77, 0.88)
    assert of["spatial_group"]["evoked_expected"] == 0.83 and np.isnan(of["spatial_group"]["rest_expected"])


def test_evoked_runs_without_rest_have_half_a_row():
    tables = {name: [] for name in ("spatial", "spatial_group", "nulls", "mediation")}
    tables["temporal"] = table("sedatedAir", [0.8, 0.7])
    pairs = [{"rest": "sedated", "evoked": "sedatedAir", "site": "M1"}]
    rows = stage.rest_evoked(tables, pairs, ["gamma"], {"variance": {"confidence": 0.95}}, 1)
    assert rows[0]["rest_n"] == 0 and np.isnan(rows[0]["rest_r"]) and rows[0]["n_animals"] == 0
    assert rows[0]["evoked_r"] == pytest.approx(0.75)


def test_maps_over_animals_weigh_animals_alike():
    brain = np.ones((3, 3, 3), dtype=bool)
    maps = {"01": [1.0, 3.0], "02": [6.0]}
    recorded = [
        {"sub": sub, **{kind: {"a": np.full(27, v)} for kind in ("effect", "clusters", "subtraction")}}
        for sub, values in maps.items()
        for v in values
    ]
    settings = {"seed": 1, "evoked": {"cluster_p": 0.01, "permutations": 99, "alpha": 0.05}}
    found = stage.averaged(recorded, ["a"], brain, np.eye(4), settings)
    of = dict(zip(found["names"], found["maps"], strict=True))
    assert (of["a_effect"] == 4.0).all() and (of["a_share"] == 1.0).all() and (of["a_subtraction"] == 4.0).all()


def test_a_group_of_which_nothing_is_left_has_an_empty_map(tmp_path):
    """As it is written and read again for the figure."""
    scans, contrasts, brain, affine = load.evoked_maps([])
    found = stage.averaged(scans, contrasts, brain, affine, {"seed": 1, "evoked": {}})
    path = tmp_path / "glm_statmap.nii.gz"
    files.write_voxels(path, found["maps"], brain, affine, info={"Maps": found["names"]})
    assert inputs.named_maps(path, "Maps") == {} and found["rows"] == []
    assert stage.responses([]) == [] and stage.prediction([], [], [], 0.95, 1) == []
