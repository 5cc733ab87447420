"""Figures of the whole study hold the numbers that they were given."""

import numpy as np
import pytest

from lfpbold import figures
from lfpbold.stats.noise_ceiling import apparent_r

BANDS = ["delta", "gamma"]
SETTINGS = {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1], "cnr_trials": 159}


def scan(sub="01", run="1", state="sedated", site="M1", **more):
    return {"sub": sub, "ses": "01", "run": run, "state": state, "site": site, **more}


def estimate(measure, value, low=np.nan, high=np.nan, **more):
    row = {"state": "sedated", "site": "M1", "measure": measure, "value": value, "ci_low": low, "ci_high": high}
    return {**row, "unit": "", "n": 2.0, "n_animals": 2.0, **more}


def texts(figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def bars(collection):
    return [segment[0, 1] for segment in collection.get_segments()]


def test_headline_shows_scans_and_estimates_where_they_are():
    temporal = [
        scan(run="1", band="gamma", r=0.5),
        scan(run="2", band="gamma", r=-0.3),
        scan(run="3", band="delta", r=0.9),
    ]
    spatial = [scan(run="1", band="gamma", r=0.8), scan(run="2", band="gamma", r=0.6)]
    rows = [
        estimate("temporal_r2", 0.01, 0.0, 0.2),
        estimate("spatial_r2_scan", 0.49),
        estimate("spatial_r2_group", 0.9),
    ]
    figure = figures.headline(rows, temporal, spatial, "gamma", BANDS)
    panel = figure.axes[0]
    lines, time, space = panel.collections[:3]
    assert sorted(time.get_offsets()[:, 1]) == pytest.approx([0.09, 0.25])
    assert sorted(space.get_offsets()[:, 1]) == pytest.approx([0.36, 0.64])
    ends = sorted(segment[:, 1].tolist() for segment in lines.get_segments())
    np.testing.assert_allclose(ends, [[0.09, 0.36], [0.25, 0.64]])
    # The scan with a negative r is an open dot.
    assert [tuple(face[:3]) == (1, 1, 1) for face in time.get_facecolors()] == [False, True]
    means = [line.get_ydata()[0] for line in panel.lines if line.get_linewidth() == 2.2]
    assert means == [0.01, 0.49, 0.9]
    assert {"1.0 %", "49 %", "90 %"} <= {text.get_text() for text in panel.texts}


def test_bands_show_every_scan_its_mean_and_the_averaged_maps_and_nothing_else():
    temporal = [
        scan(run=str(i), band=band, r=r)
        for band, values in (("delta", [-0.1, -0.3]), ("gamma", [0.2, 0.6]), ("f010", [7, 7]), ("shuffled_gamma", [8]))
        for i, r in enumerate(values)
    ]
    group = [{"state": "sedated", "site": "M1", "band": band, "r": r} for band, r in (("delta", -0.8), ("gamma", 0.95))]
    figure = figures.bands(temporal, temporal, group, [*BANDS, "theta"])
    top, bottom = figure.axes
    dots, rim, means = top.collections
    assert dots.get_offsets()[:, 1].tolist() == [-0.1, -0.3, 0.2, 0.6]
    assert dots.get_offsets()[:, 0].round().tolist() == [0, 0, 1, 1]
    assert bars(means) == bars(rim) == pytest.approx([-0.2, 0.4])
    assert [[0.3, -0.8], [1.3, 0.95]] in [c.get_offsets().tolist() for c in bottom.collections]
    assert [label.get_text() for label in bottom.get_xticklabels()] == BANDS


def test_a_mean_of_one_scan_is_not_drawn_over_its_dot():
    row = [scan(band="gamma", r=0.2)]
    panel = figures.bands(row, row, [], ["gamma"]).axes[0]
    assert [len(c.get_segments()) for c in panel.collections[1:]] == [0, 0]


def noise_row(**more):
    row = {"state": "sedated", "site": "M1", "observed_spatial": 0.58, "observed_temporal": 0.37}
    return {**row, "cnr_closed_form": 1.2519, "true_temporal_closed_form": 0.606, **more}


def test_noise_curve_is_the_closed_form_and_passes_through_the_observed_points():
    figure = figures.noise([noise_row()], [], SETTINGS, "gamma", BANDS)
    black, coloured = (line for line in figure.axes[0].lines if line.get_linewidth() == 1.3)
    assert np.interp(1.2519, *black.get_data()) == pytest.approx(0.58, abs=1e-3)
    assert np.interp(1.2519, *coloured.get_data()) == pytest.approx(0.37, abs=1e-3)


def test_noise_shows_the_simulated_curve_of_each_length_under_the_closed_form():
    curve = [
        {"n_points": n, "cnr": cnr, "r": apparent_r(0.95, cnr) + 0.01, "r_sd": 20 / n, "r_closed_form": 0.0}
        for n in (6157.0, 1200.0)
        for cnr in (3.0, 1.0, 2.0)
    ]
    figure = figures.noise([noise_row()], curve, SETTINGS, "gamma", BANDS)
    panel = figure.axes[0]
    lines = {line.get_label(): line for line in panel.lines}
    for label in ("1200 points", "6157 points"):
        np.testing.assert_array_equal(lines[label].get_xdata(), [1, 2, 3])
        np.testing.assert_allclose(lines[label].get_ydata(), apparent_r(0.95, np.array([1, 2, 3])) + 0.01)
    ratios, r = lines["closed form"].get_data()
    np.testing.assert_allclose(r, apparent_r(0.95, ratios))
    edges = panel.collections[0].get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx(apparent_r(0.95, 3.0) + 0.01 + 20 / 1200)
    assert "mean ± SD over 159 trials" in texts(figure)
    assert figure.axes[1].get_title(loc="left") == "M1, sedated"


def state_rows(band="gamma", p_animals=0.02):
    row = {"site": "M1", "band": band, "state_a": "sedated", "state_b": "awake", "n_a": 3.0, "n_b": 2.0}
    means = {"mean_a": 0.4, "mean_b": 0.1, "difference": -0.3, "p_animals": p_animals, "difference_animals": np.nan}
    return [{**row, "measure": measure, **means} for measure in ("temporal", "spatial")]


def test_states_join_the_means_of_each_animal_and_show_the_means_of_scans():
    values = [("01", "1", "sedated", 0.3), ("01", "2", "sedated", 0.5), ("02", "1", "sedated", 0.6)]
    values += [("01", "3", "awake", 0.1), ("03", "1", "awake", 0.2)]
    rows = [scan(s, run, state, band="gamma", temporal_r=r, spatial_r=r + 0.1) for s, run, state, r in values]
    figure = figures.states(state_rows(), rows, BANDS)
    for panel, shift in zip(figure.axes, (0, 0.1), strict=True):
        dots = [c.get_offsets() for c in panel.collections if len(c.get_offsets()) == 3]
        sedated, awake = (np.asarray(d.filled(np.nan))[:, 1] for d in dots)
        np.testing.assert_allclose(sedated, np.array([0.4, 0.6, np.nan]) + shift)
        np.testing.assert_allclose(awake, np.array([0.1, np.nan, 0.2]) + shift)
        joined = [line.get_ydata() for line in panel.lines if len(line.get_ydata()) == 2 and line.get_alpha() == 0.6]
        np.testing.assert_allclose(joined, [np.array([0.4, 0.1]) + shift])
        means = next(c for c in panel.collections if hasattr(c, "get_segments"))
        assert bars(means) == [0.4, 0.1]
        assert [t.get_text() for t in panel.texts] == ["Δ −.30\np = .02"]
    assert {"animal, sedated", "animal, awake", "mean of scans"} <= set(texts(figure).split("\n"))


def unit_row(run, lfp, spiking, **more):
    numbers = {"r_lfp": lfp, "r_multiunit": spiking, "r_lfp_partial": lfp / 2, "r_multiunit_partial": spiking / 2}
    noise = {"artefact_uv": 600.0, "after_uv": 9.0, "outside_uv": 8.2, "outside_s": 13.0, "residue_uv": 3.1}
    return scan(run=run, band="gamma", **numbers, r_between=0.5, **noise, **more)


def test_multiunit_sets_lfp_against_spiking_with_the_line_of_identity():
    rows = [unit_row("1", 0.4, 0.2), {**unit_row("2", 0.6, 0.5), "artefact_uv": 640.0}]
    figure = figures.multiunit(rows, "gamma", BANDS)
    (panel,) = figure.axes
    drawn = {c.get_label(): np.asarray(c.get_offsets()) for c in panel.collections}
    np.testing.assert_allclose(drawn["scan"], [[0.2, 0.4], [0.5, 0.6]])
    np.testing.assert_allclose(drawn["partial r, given the other"], [[0.1, 0.2], [0.25, 0.3]])
    equal = next(line for line in panel.lines if line.get_label() == "equal")
    np.testing.assert_array_equal(equal.get_xdata(), equal.get_ydata())
    assert panel.get_xlim() == panel.get_ylim()
    assert [t.get_text() for t in panel.texts] == ["artefact 620 → residue 3.1 µV\n8.2 µV in 13 s outside the scan"]
    assert any(np.allclose(c.get_offsets(), [[0.35, 0.5]]) for c in panel.collections if len(c.get_offsets()) == 1)


def test_multiunit_says_what_is_known_of_the_residue():
    inside = {"outside_uv": np.nan, "residue_uv": np.nan}
    figure = figures.multiunit([{**unit_row("1", 0.4, 0.2), **inside}], "gamma", BANDS)
    assert "artefact 600 → 9.0 µV after removal\n(nothing recorded outside the scan)" in texts(figure)
    clean = {**inside, "artefact_uv": np.nan, "after_uv": np.nan}
    figure = figures.multiunit([{**unit_row("1", 0.4, 0.2), **clean}], "gamma", BANDS)
    assert "artefact not measured" in texts(figure)


def test_yardstick_sets_ours_beside_the_published():
    base = {"state": "sedated", "site": "M1", "n_scans": 4.0, "published_n": 159.0}
    rows = [
        {**base, "band": "gamma", "measure": "temporal", "published": 0.37, "ours": 0.3},
        {**base, "band": "delta", "measure": "temporal", "published": np.nan, "ours": -0.1},
        {**base, "band": "gamma", "measure": "spatial_scan", "published": 0.58, "ours": np.nan},
        {**base, "band": "gamma", "measure": "cnr", "published": 1.3, "ours": 1.26},
    ]
    figure = figures.yardstick(rows, [*BANDS, "theta"])
    temporal, scans, averaged = figure.axes
    line, ours, published = temporal.collections
    np.testing.assert_allclose(line.get_segments(), [[[1, 0.37], [1, 0.3]]])
    np.testing.assert_allclose(ours.get_offsets(), [[0, -0.1], [1, 0.3]])
    np.testing.assert_allclose(published.get_offsets().filled(np.nan), [[np.nan, np.nan], [1, 0.37]])
    assert not scans.collections[0].get_segments() and len(averaged.collections[1].get_offsets()) == 0
    assert temporal.get_title(loc="left") == "M1, sedated\n4 scans (published 159)"
    assert "CNR (noise argument) 1.26 (published 1.30)" in texts(figure).replace("\n", " ")


def test_mediation_sets_the_observed_diamond_beside_the_bar_of_surrogates():
    base = {"state": "sedated", "site": "M1", "band": "gamma", "voxels": "all", "measure": "spatial_r"}
    null = {"expected": 0.7, "null_low": 0.6, "null_high": 0.8}
    rows = [{**base, "sub": "group", "observed": 0.9, **null}, {**base, "sub": "01", "observed": 0.85, **null}]
    figure = figures.mediation(rows, "gamma", BANDS)
    (panel,) = figure.axes
    bar, tick = (line for line in panel.lines if len(line.get_xdata()) == 2)
    assert list(bar.get_xdata()) == [0.6, 0.8] and list(tick.get_xdata()) == [0.7, 0.7]
    drawn = [np.asarray(c.get_offsets()).tolist() for c in panel.collections]
    assert [0.9, 0.0] in [xy for points in drawn for xy in points]
    assert any(points[0][0] == 0.85 and points[0][1] < 0 for points in drawn)
    assert ".90, expected .70" in texts(figure)


def test_a_figure_of_words_has_no_caption():
    silent = figures.mediation([], "gamma", BANDS)
    assert figures.caption_of(figures.windows([], "gamma", BANDS), "windows") == ""
    assert figures.caption_of(silent, "mediation") == ""
    assert figures.caption_of(figures.states(state_rows(), [], BANDS), "states") == figures.caption("states")
