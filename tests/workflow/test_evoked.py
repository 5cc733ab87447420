"""The positive control: where a stimulus drives LFP and BOLD alike, the same analysis finds them tightly coupled."""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
import yaml

from lfpbold.derivatives import files
from lfpbold.simulate import simulate
from tests.workflow.conftest import analysed
from tests.workflow.test_bids import errors
from tests.workflow.test_truth import nuisance_loss

# One variant with few surrogates, and no grid of HRFs: all that is looked at here.
FAST = {
    "variants": {"reference": {}},
    "nulls": {"surrogates": 49, "lag_surrogates": 19},
    "coupling": {"grid_delay_s": None},
    "evoked": {"permutations": 99},
}
REST, EVOKED = "sedated", "sedatedWhisker"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evoked") / "study"
    parameters = {"animal_sites": [["M1"]] * 4, "replicates": 40}
    simulate(folder, preset="evoked", parameters=parameters, progress=lambda *_: None)
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + yaml.safe_dump(FAST), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(study, tmp_path_factory):
    return analysed(study, tmp_path_factory.mktemp("evoked-run") / "results")


@pytest.fixture(scope="module")
def truth(study):
    return json.loads((study / "truth.json").read_text(encoding="utf-8"))


def group(results, name):
    return results / "reference" / "group" / name


def rest_evoked(results, measure, band):
    rows = files.read_table(group(results, "rest_evoked.tsv"))
    (row,) = (r for r in rows if (r["measure"], r["band"]) == (measure, band))
    return row


@pytest.mark.parametrize("band", ["delta", "theta", "alpha", "beta", "gamma", "multiunit"])
def test_temporal_r_is_the_truth_on_both_sides(results, truth, band):
    """Each side against the realised truth of its own scans, as `test_truth` does for rest.

    At rest nine nuisance regressors take √9/N of r at random, N = 43; a mean over four scans is allowed three
    standard errors and .02. Of driven scans the same, though a signal that is known to be there suffers less.
    """
    row, p = rest_evoked(results, "temporal", band), truth["parameters"]
    spread = np.sqrt(9) / (2 * 0.09 * p["n_volumes"] * p["tr_s"])
    for side, state, loss in (("rest", REST, nuisance_loss(truth)), ("evoked", EVOKED, 1.0)):
        scans = [r for r in truth["recordings"] if r["state"] == state]
        true = [r["multiunit"]["temporal_r"] if band == "multiunit" else r["temporal_r"][band] for r in scans]
        assert row[f"{side}_n"] == len(scans) == 4 and row[f"{side}_n_animals"] == 4
        assert row[f"{side}_r"] == pytest.approx(loss * np.mean(true), abs=3 * spread / 2 + 0.02), side


def test_a_stimulus_that_drives_both_couples_them_tightly(results):
    """The answer of the positive control: r far above that of rest, for gamma and for spiking."""
    for band in ("gamma", "multiunit"):
        row = rest_evoked(results, "temporal", band)
        assert row["evoked_r"] > 0.65 and row["evoked_ci_low"] > 0.4
        assert row["rest_r"] < 0.6 and row["difference"] > 0.1
        assert row["n_animals"] == 4 and row["p"] >= 0.125  # four animals cannot give less


def test_spatial_r_is_what_mediation_gives_on_both_sides(results):
    """Both components share one map in the simulation, so that nothing but algebra is left."""
    row = rest_evoked(results, "spatial", "gamma")
    for side in ("rest", "evoked"):
        assert row[f"{side}_r"] == pytest.approx(row[f"{side}_expected"], abs=0.12)
    averaged = rest_evoked(results, "spatial_group", "gamma")
    assert averaged["evoked_r"] > 0.85 and np.isfinite(averaged["evoked_expected"])


def test_groups_do_not_mix(results):
    temporal = files.read_table(group(results, "temporal.tsv"))
    assert {r["state"] for r in temporal} == {REST, EVOKED}
    for state in (REST, EVOKED):
        assert len({(r["sub"], r["run"]) for r in temporal if r["state"] == state}) == 4


def test_motion_is_judged_by_the_states_own_rule(results):
    info = files.read_json(next(results.rglob("*task-whisker*_desc-confounds_timeseries.json")))
    assert (info["OnMotion"], info["FdThreshold"]) == ("drop_scan", 0.1)


def maps_of(path):
    image, affine = files.read_image(path)
    return dict(zip(files.read_json(files.sidecar_path(path))["Maps"], image, strict=True)), affine


def test_every_scan_responds_where_it_was_stimulated(study, results, truth):
    """The region of M1 lies in a cluster of every scan; outside it and its partner hardly a voxel does."""
    labels = nibabel.load(study / "atlas" / "labels.nii.gz").get_fdata().round()
    here = labels == truth["sites"]["M1"]["label"]
    partner = np.flip(here, axis=0)
    for path in sorted(results.rglob("*task-whisker*_desc-glm_statmap.nii.gz")):
        maps, _ = maps_of(path)
        found = np.nan_to_num(maps["stimulus_clusters"]) > 0
        assert found[here].mean() > 0.8
        assert found[np.isfinite(maps["stimulus_t"]) & ~(here | partner)].mean() < 0.08
        # The model and the plain subtraction agree where there is a response.
        assert maps["stimulus_subtraction"][here].mean() == pytest.approx(
            maps["stimulus_effect"][here].mean(), rel=0.35
        )


def test_the_group_says_what_four_animals_can_show(results):
    maps, _ = maps_of(group(results, f"state-{EVOKED}_site-M1_desc-glm_statmap.nii.gz"))
    assert np.nanmax(maps["stimulus_share"]) == 1.0
    rows = files.read_table(group(results, f"state-{EVOKED}_site-M1_desc-clusters_statmap.tsv"))
    assert rows[0]["n_animals"] == 4 and rows[0]["smallest_p"] == 0.125
    assert rows[0]["p"] == 0.125 and rows[0]["peak_effect"] > 2
    assert not np.nan_to_num(maps["stimulus_clusters"]).any()


def test_responses_follow_the_blocks(results, truth):
    """Power rises at once and by the factor of the simulation, BOLD some seconds later; both return."""
    rows = files.read_table(group(results, f"state-{EVOKED}_site-M1_desc-evoked_timeseries.tsv"))
    course = {
        name: {r["time_s"]: r["mean"] for r in rows if r["signal"] == name}
        for name in ("bold", "gamma", "delta", "multiunit")
    }
    p = truth["parameters"]
    for name, g, q in (
        ("gamma", p["band_gain"]["gamma"], p["band_own"]["gamma"]),
        ("multiunit", p["multiunit_gain"], p["multiunit_own"]),
    ):
        expected = 100 * (np.exp(g * p["drive_lfp"] + q * p["drive_own"]) - 1)
        plateau = np.mean([course[name][t] for t in np.arange(3, 13, 0.5)])
        assert plateau == pytest.approx(expected, rel=0.35), name
    assert np.mean([course["delta"][t] for t in np.arange(3, 13, 0.5)]) < -40
    half = {name: min(t for t, v in course[name].items() if t > -2 and v > 0.5 * max(course[name].values()))
            for name in ("bold", "gamma")}  # fmt: skip
    assert 1.5 < half["bold"] - half["gamma"] < 6
    assert abs(course["bold"][28.0]) < 0.2 * max(course["bold"].values())


def test_prediction_counts_animals(results):
    table = files.read_table(group(results, f"state-{EVOKED}_site-M1_desc-prediction_average.tsv"))
    rows = {row["predictor"]: row for row in table}
    assert rows["gamma"]["n_animals"] == 4 and rows["gamma"]["r2"] > 0.3 and rows["multiunit"]["r2"] > 0.4
    assert rows["gamma"]["difference"] == pytest.approx(rows["gamma"]["r2"] - rows["multiunit"]["r2"], abs=1e-6)
    assert rows["gamma"]["p"] >= 0.125


def test_figures_and_report_show_it(results):
    figures = results / "reference" / "figures"
    for name in ("desc-rest_evoked", f"state-{EVOKED}_site-M1_desc-glm", f"state-{EVOKED}_site-M1_desc-evoked"):
        assert (figures / f"{name}.png").stat().st_size > 10_000 and (figures / f"{name}.svg").is_file()
        assert files.read_json(figures / f"{name}.json")["Caption"]
    assert not list(figures.glob(f"state-{REST}_*desc-glm*"))
    page = (results / "report.html").read_text(encoding="utf-8")
    assert 'id="evoked"' in page and "Friston" in page and "Logothetis" in page


def test_both_sides_are_bids(study, results):
    assert errors(study) == [] and errors(results / "reference") == []


def test_a_second_run_has_nothing_to_do(study, results, run):
    again = run(study / "config.yaml", results, "--dry-run")
    assert again.returncode == 0 and "Nothing to be done" in again.stdout + again.stderr
