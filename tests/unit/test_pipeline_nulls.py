"""The nulls of recordings that allow few or none: one voxel, a seed that fills the brain, one scan."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.pipeline import explained, mediation, nulls
from lfpbold.pipeline.explained import commonality_rows
from lfpbold.pipeline.scan import BoldSeries, Design, PowerSeries, Scan

SETTINGS = {
    "bold": {"band_pass_hz": [0.01, 0.1]},
    "coupling": {"lag_max_s": 3},
    "hrf": {"p": [4, 4, 1, 1, 6, 0, 32]},
    "networks": {"removal_bands": ["gamma", "delta"]},
    "nulls": {
        **{"surrogates": 19, "lag_surrogates": 19, "rim_voxels": 1, "bootstrap": 100},
        **{"window_s": 60, "window_step_s": 20, "response_s": [0, 6]},
    },
    "variance": {"confidence": 0.95},
    "seed": 1,
}


def recording(shape, seed_voxels, n=200):
    rng = np.random.default_rng(0)
    brain = np.ones(shape, dtype=bool)
    clean = rng.standard_normal((n, brain.sum())) + rng.standard_normal((n, 1))
    seed = np.zeros(brain.sum(), dtype=bool)
    seed[:seed_voxels] = True
    return clean, seed, brain, rng.standard_normal((n, 2)) + clean[:, :1]


def scan(clean, seed, columns, sub="01") -> Scan:
    """A scan whose power, a value a volume, is what the regressors are made of."""
    times = np.arange(float(len(clean)))
    return Scan(
        scan_id=f"{sub} 01 1 M1",
        sub=sub,
        bold=BoldSeries(clean[:, seed].mean(axis=1), np.ones(len(clean), dtype=bool), 1.0, clean, seed),
        design=Design(columns, ["gamma", "delta"], columns[:, :1], ["f050"]),
        power=PowerSeries(columns, times, times),
    )


def alone(clean, seed, brain, columns):
    return nulls.nulls(scan(clean, seed, columns), brain, np.diag([0.5, 0.5, 1, 1]), SETTINGS)


def group(clean, seed, brain, columns, subs=("01", "02")):
    noise = {f"{sub} 01 1 M1": 0.1 for sub in subs}
    scans = (scan(clean, seed, columns, sub) for sub in subs)
    return mediation.mediation(scans, brain, ["gamma", "delta"], "gamma", noise, SETTINGS)


def all_together(clean, seed, columns, subs=("01", "02")):
    scans = (scan(clean, seed, columns, sub) for sub in subs)
    return explained.explained(scans, ["gamma", "delta"], ["f050"], ([], np.zeros((0, 0))), "gamma", SETTINGS)


def test_one_voxel_has_no_map_and_no_rows():
    clean, seed, brain, columns = recording((1, 1, 1), 1)
    found = alone(clean, seed, brain, columns)
    assert found["nulls"] == [] and np.isnan(found["orthogonal_maps"]).all()
    assert found["orthogonal_maps"].shape == (2, 1)
    of_group = group(clean, seed, brain, columns)
    assert of_group["mediation"] == [] and of_group["maps"].shape == (3, 1)


def test_a_rim_that_fills_the_brain_is_not_left_out():
    clean, seed, brain, columns = recording((3, 3, 1), 5)
    assert nulls.rim_mask(seed, brain, 1) is None
    found = alone(clean, seed, brain, columns)
    for row in found["nulls"]:
        assert np.isfinite(row["spatial_r_expected"]) and np.isnan(row["spatial_r_rim_expected"])
    assert {row["voxels"] for row in group(clean, seed, brain, columns)["mediation"]} == {"all"}


def test_the_group_draws_the_surrogates_of_its_scans_again():
    """With one scan the group's null is the scan's own, number by number; one animal has no interval."""
    clean, seed, brain, columns = recording((6, 5, 2), 4)
    own = alone(clean, seed, brain, columns)["nulls"][0]
    row = next(
        r
        for r in group(clean, seed, brain, columns, subs=("01",))["mediation"]
        if (r["sub"], r["measure"], r["voxels"]) == ("group", "spatial_r", "all")
    )
    for name in nulls.COLUMNS:
        assert row[name] == pytest.approx(own[f"spatial_r_{name}"], rel=1e-5)
    assert np.isnan(row["difference_low"]) and np.isnan(row["difference_high"])


def test_all_bands_predict_animals_that_they_were_not_fitted_to_and_parts_sum_to_the_whole():
    clean, seed, _, columns = recording((6, 5, 2), 4)
    found = all_together(clean, seed, columns)
    course = clean[:, seed].mean(axis=1)
    # Both animals are the same recording here, so that out of sample is in sample: ordinary R².
    fitted = np.column_stack([np.ones(len(course)), columns])
    residual = course - fitted @ np.linalg.lstsq(fitted, course, rcond=None)[0]
    r2 = 1 - residual.var() / course.var()
    whole = next(row for row in found["explained"] if row["sub"] == "group")
    assert whole["r2"] == pytest.approx(r2, abs=1e-9) and whole["r"] == pytest.approx(np.sqrt(r2), abs=1e-9)
    parts = {row["bands"]: row["part"] for row in found["commonality"]}
    total = parts.pop("all")
    assert total == pytest.approx(r2, abs=1e-9) and sum(parts.values()) == pytest.approx(total, abs=1e-9)
    assert set(parts) == {"gamma", "delta", "gamma+delta"}
    assert all_together(clean, seed, columns, subs=("01",))["explained"] == []


def test_a_scan_with_as_many_bands_as_degrees_of_freedom_is_left_out():
    clean, seed, _, columns = recording((6, 5, 2), 4)
    course = clean[:, seed].mean(axis=1)
    rows = commonality_rows([columns, columns], [course, course], ["01", "02"], ["gamma", "delta"], [2, 150])
    assert {row["n_scans"] for row in rows} == {1}
    assert commonality_rows([columns], [course], ["01"], ["gamma", "delta"], [2]) == []
