"""Matrices, peaks and components of a state and site on scans of known truth, and what figures show of them."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold import figures
from lfpbold.errors import InputError
from lfpbold.nulls.surrogates import mixed_with_seed
from lfpbold.pipeline import connectivity as stage
from lfpbold.pipeline.scan import BoldSeries, Design, Scan
from lfpbold.study import settings
from tests.unit import mediated as make

SHAPE = (6, 5, 4)
BRAIN = np.ones(SHAPE, bool)
AFFINE = np.diag([-1.0, 1.0, 2.0, 1.0])
LABELS = np.repeat([1, -1, 2, -2, 3, -3, 4, -4, 0, 5], 12)
SEED = LABELS == 1
SITE = {"seed_label": [1]}
OPTIONS = {"regions": True, "surrogates": 99, "seeds": {}, "targets": None, "components": 0}
N = 300


def config(**more):
    networks = {"main_band": "gamma", "removal_bands": ["delta", "gamma"]}
    return {"networks": networks, "connectivity": OPTIONS | more, "variance": {"confidence": 0.95}, "seed": 1}


def study(animals=(1, 1, 2, 2, 3, 3), more=0.0):
    """Scans of networks that all share; a LFP with r = .4 to the seed, and `more` of one region besides."""
    spread = make.loadings(LABELS.size, np.random.default_rng(1))
    spread[:, LABELS == -1] = spread[:, SEED].mean(axis=1)[:, None] * np.linspace(0.3, 1, 12)
    found = []
    for number, animal in enumerate(animals):
        rng = np.random.default_rng(50 + number)
        bold, _, _ = make.scan(N, spread, rng)
        course = bold[:, SEED].mean(axis=1)
        x = 0.4 * course / course.std() + 0.9 * unit(make.band_limited(N, 1, rng)[:, 0])
        x = unit(x) + more * unit(bold[:, LABELS == 4].mean(axis=1) - bold[:, LABELS == -3].mean(axis=1))
        columns = np.column_stack([unit(make.band_limited(N, 1, rng)[:, 0]), x])
        found.append(
            Scan(
                scan_id=f"{animal:02} 01 {number} M1",
                sub=f"{animal:02}",
                bold=BoldSeries(course, np.ones(N, bool), clean=bold, seed=SEED),
                design=Design(columns, ["delta", "gamma"]),
            )
        )
    return found


def unit(x):
    return (x - x.mean()) / x.std()


def analysed(scans, **more):
    complete = config(**more)
    networks = stage.networks_of_site(SEED, SITE, LABELS, BRAIN, AFFINE, complete["connectivity"])
    return stage.connectivity(lambda: iter(scans), ["delta", "gamma"], networks, complete)


def test_rows_are_those_of_scans_and_of_averaged_matrices():
    scans = study()
    found = analysed(scans)
    before = np.mean([np.arctanh(np.corrcoef(_means(s).T) - 1e-9) for s in scans], axis=0)
    upper = np.triu_indices(9, 1)
    assert found["regions"].tolist() == [1, -1, 2, -2, 3, -3, 4, -4, 5]
    np.testing.assert_allclose(found["matrices"]["connectivity"][upper], before[upper], atol=1e-6)
    rows = found["connectivity"]
    assert [row["sub"] for row in rows if row["removal"] == "gamma"] == ["01", "01", "02", "02", "03", "03", "group"]
    group = next(row for row in rows if row["sub"] == "group" and row["removal"] == "gamma")
    after = [np.arctanh(np.corrcoef(_left(_means(s), s.design.columns[:, [1]]).T) - 1e-9)[upper] for s in scans]
    assert group["r"] == pytest.approx(np.corrcoef(np.mean(after, axis=0), before[upper])[0, 1], abs=1e-6)
    assert group["slope"] == pytest.approx(np.polyfit(before[upper], np.mean(after, axis=0), 1)[0], abs=1e-6)
    assert {row["n_animals"] for row in rows} == {3} and group["n_scans"] == 6
    # Under mediation what was found lies with the surrogates, scan by scan and averaged.
    assert group["r_null_low"] < group["r"] < group["r_null_high"] and group["r_p"] > 0.05
    assert np.isnan(next(row for row in rows if row["removal"] == "all_joint")["r_p"])


def _means(scan):
    return np.column_stack([scan.bold.clean[:, k == LABELS].mean(axis=1) for k in (1, -1, 2, -2, 3, -3, 4, -4, 5)])


def _left(y, x):
    x = np.column_stack([np.ones(len(x)), x])
    return y - x @ np.linalg.lstsq(x, y, rcond=None)[0]


def test_more_than_mediation_is_seen():
    group = next(row for row in analysed(study(more=0.8))["connectivity"] if row["sub"] == "group")
    assert group["r"] < group["r_null_low"] and group["r_p"] <= 0.02


def test_the_same_seed_gives_the_same_numbers():
    first, again = (analysed(study(), components=2) for _ in range(2))
    assert repr(first["connectivity"]) == repr(again["connectivity"])
    np.testing.assert_array_equal(first["maps"], again["maps"])
    assert repr(first["network_peaks"]) == repr(again["network_peaks"])


def test_peak_lies_where_the_network_was_put_and_halves_say_how_surely():
    """Within the other side the seed's network grows towards the last voxel."""
    found = analysed(study())["network_peaks"]
    assert [row["sub"] for row in found] == ["01", "01", "02", "02", "03", "03", "group", "group"]
    assert {(row["network"], row["target"]) for row in found} == {("seed", "opposite")}
    place = (AFFINE @ [*np.argwhere(BRAIN)[LABELS == -1][-1], 1])[:3]
    before, after = (next(r for r in found if r["sub"] == "group" and r["lfp"] == of) for of in ("before", "after"))
    assert np.linalg.norm([before[f"{a}_mm"] for a in "xyz"] - place) <= before["radius_mm"] < 8
    assert before["units"] == "animals" and before["n"] == 3 and np.isnan(before["shift_mm"])
    assert after["shift_mm"] >= 0 and found[0]["units"] == "half scans" and found[0]["n"] == 4


def test_component_r_and_removal_are_least_squares():
    scans = study()
    found = analysed(scans, components=3)
    assert found["maps"].shape == (6, LABELS.size) and len(found["components"]) == 3
    assert found["map_names"][3] == "component 1 without gamma"
    row = found["components"][0]
    assert row["n_animals"] == 3 and 0 < row["r_expected"] <= 1 and row["converged"] in (True, False)
    assert row["slope_expected"] == pytest.approx(1 - row["r_lfp"] ** 2 / 2, abs=0.08)  # √(1 − r²) of small maps


def test_what_is_not_asked_or_not_there_gives_no_rows():
    none = analysed(study(), regions=False, targets={})
    assert none["connectivity"] == [] and none["network_peaks"] == [] and none["matrices"]["removed"].shape == (0, 0)
    empty = analysed([], components=3)
    assert empty["components"] == [] and empty["maps"].shape == (1, LABELS.size)
    assert not analysed(study(), surrogates=0)["connectivity"][0]["r_p"] > 0


def test_region_without_voxels_is_named():
    with pytest.raises(InputError, match=r"seeds\.far: region 9 has no voxel"):
        analysed([], seeds={"far": [9]})
    one_sided = stage.networks_of_site(SEED, {"seed_label": [5]}, LABELS, BRAIN, AFFINE, OPTIONS)
    assert one_sided.targets == {}
    named = OPTIONS | {"seeds": {"five": [5]}, "targets": {"four": {"network": "five", "labels": [4, -4]}}}
    asked = stage.networks_of_site(SEED, {"seed_mm": [0, 0, 0]}, LABELS, BRAIN, AFFINE, named)
    assert asked.targets["four"][0] == "five" and asked.targets["four"][1].sum() == 24
    assert asked.seeds["five"].sum() == 12


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"seeds": {"seed": [1]}}, "reserved for the electrode"),
        ({"seeds": {"left": [1]}, "targets": {"t": {"network": "lift", "labels": [2]}}}, "did you mean `left`"),
        ({"targets": {"t": {"network": "seed", "labels": [0]}}}, "targets"),
        ({"component": 3}, "did you mean `components`"),
    ],
)
def test_settings_that_cannot_be_meant(wrong, said):
    sites = {"M1": {"seed_label": [-6]}}
    with pytest.raises(InputError, match=said):
        settings.load([], {"atlas": {"labels": "labels.nii"}, "sites": sites, "connectivity": wrong})


def test_figures_show_these_numbers():
    found = analysed(study(), components=2)
    rows = [row | {"inside": str(row["inside"]).lower()} for row in found["network_peaks"]]
    regions = found["regions"]
    figure = figures.connectivity(found["matrices"], regions, found["connectivity"], "gamma", "M1")
    images = [image for panel in figure.axes for image in panel.images]
    shown = [np.ma.filled(image.get_array(), np.nan) for image in images[:4]]
    order = [0, 2, 4, 6, 8, 1, 3, 5, 7]  # one side, then the other
    z = found["matrices"]
    np.testing.assert_allclose(shown[0], z["connectivity"][np.ix_(order, order)])
    np.testing.assert_allclose(shown[2], (z["removed"] - z["connectivity"])[np.ix_(order, order)])
    figure = figures.network_peaks(rows, "gamma", "M1")
    dots = np.concatenate([np.asarray(c.get_offsets()) for c in figure.axes[0].collections])
    assert dots.tolist() == [[row["x_mm"], row["y_mm"]] for row in rows]
    maps = {name: one.reshape(SHAPE) for name, one in zip(found["map_names"], found["maps"], strict=True)}
    figure = figures.components(maps, found["components"], AFFINE, "gamma", "M1")
    assert "slope after" in figure.axes[0].get_ylabel()


def test_surrogates_keep_r():
    scan = study()[0]
    x = mixed_with_seed(scan.design.columns[:, 1], scan.bold.course, 5, np.random.default_rng(0))
    r = [np.corrcoef(one, scan.bold.course)[0, 1] for one in x.T]
    np.testing.assert_allclose(r, np.corrcoef(scan.design.columns[:, 1], scan.bold.course)[0, 1])
