"""Figures of what surrogates say hold the numbers that they were given."""

from types import SimpleNamespace

import numpy as np
import pytest

from lfpbold import figures
from lfpbold.derivatives import files as io
from lfpbold.figures import inputs

BANDS = ["delta", "gamma"]
NAN = float("nan")
GROUP = {"state": "sedated", "site": "M1"}


def scan(sub="01", run="1", **more):
    return {"sub": sub, "ses": "01", "run": run, **GROUP, **more}


def texts(figure) -> str:
    return "\n".join(t.get_text() for t in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_response_draws_the_main_band_in_order_of_lags_with_two_standard_errors_and_the_scaled_hrf():
    values = {1.0: (0.2, 0.05, 0.25), -1.0: (0.0, 0.02, 0.0), 0.0: (0.1, 0.03, 0.05)}
    rows = [
        {**GROUP, "band": band, "lag_s": lag, "h": size * h, "se": se, "h_config": config, "penalty": 1.0}
        for band, size in (("gamma", 1), ("delta", 100))
        for lag, (h, se, config) in values.items()
    ]
    temporal = [scan(s, r, band="gamma", r=x) for s, r, x in (("01", "1", 0.1), ("01", "2", 0.2), ("02", "1", NAN))]
    figure = figures.response(rows, temporal, "gamma", BANDS)
    (panel,) = figure.axes
    drawn = {line.get_label(): line for line in panel.lines}
    assert [list(found) for found in drawn["estimated"].get_data()] == [[-1, 0, 1], [0, 0.1, 0.2]]
    config = drawn["configured HRF, scaled to it"]
    assert list(config.get_ydata()) == [0, 0.05, 0.25] and config.get_linestyle() == "--"
    edges = panel.collections[0].get_paths()[0].vertices
    at_one = edges[edges[:, 0] == 1, 1]
    assert (at_one.min(), at_one.max()) == pytest.approx((0.1, 0.3))
    assert panel.get_title(loc="left") == "M1, sedated\n2 scans, 1 animal"


def test_coherence_shows_scans_animals_their_mean_and_that_of_unrelated_series():
    found = (("01", "1", 0.2), ("01", "2", 0.4), ("02", "1", 0.6))
    rows = [scan(s, r, band="gamma", coherence=c, bias=0.1) for s, r, c in found]
    rows += [scan(s, r, band="f010", coherence=9.0, bias=0.1) for s, r, _ in found]
    figure = figures.coherence(rows, BANDS)
    (panel,) = figure.axes
    dots, animals = (np.asarray(c.get_offsets())[:, 1] for c in panel.collections[:2])
    assert dots.tolist() == [0.2, 0.4, 0.6]
    assert animals == pytest.approx([0.3, 0.6])
    bars = [s[0, 1] for c in panel.collections if hasattr(c, "get_segments") for s in c.get_segments()]
    assert bars == pytest.approx([0.4, 0.4])  # with its white rim
    chance = next(line for line in panel.lines if line.get_linestyle() == "--" and len(line.get_ydata()))
    assert list(chance.get_ydata()) == pytest.approx([0.1, 0.1])
    assert [label.get_text() for label in panel.get_xticklabels()] == ["gamma"]


def test_windows_set_observed_against_expected_with_the_line_of_identity():
    rows = [
        scan(run=str(i), band=band, sd=sd, sd_expected=expected, window_s=60.0, p_animals=0.03)
        for i, (band, sd, expected) in enumerate((("gamma", 0.5, 0.3), ("gamma", NAN, 0.2), ("delta", 0.2, 0.25)))
    ]
    figure = figures.windows(rows, "gamma", BANDS)
    (panel,) = figure.axes
    drawn = {c.get_label(): np.asarray(c.get_offsets()).tolist() for c in panel.collections}
    assert drawn == {"other bands": [[0.25, 0.2]], "gamma": [[0.3, 0.5]]}
    (equal,) = panel.lines
    np.testing.assert_array_equal(equal.get_xdata(), equal.get_ydata())
    assert panel.get_xlim() == panel.get_ylim()
    assert "gamma, over animals: p = .03" in texts(figure) and panel.get_ylabel() == "SD over 60-s windows (z)"


def test_lags_draw_the_family_wise_threshold_on_both_sides_of_zero():
    rows = [
        {**GROUP, "band": band, "lag_s": lag, "n_scans": 3.0, "r": 0.1, "sem": 0.01} | more
        for band, more in (("delta", {}), ("gamma", {"threshold": 0.17}))
        for lag in (0.0, 1.0)
    ]
    (panel,) = figures.lags(rows, BANDS, "M1").axes
    dotted = [line.get_ydata()[0] for line in panel.lines if line.get_linestyle() == ":"]
    assert dotted == [0.17, -0.17]
    assert "gamma, family-wise threshold" in [text.get_text() for text in panel.get_legend().get_texts()]


def test_sweep_marks_significant_bins():
    rows = [scan(band=f"f{i:03d}", r=0.1, p_max=p) for i, p in ((10, 0.049), (11, 0.05), (12, NAN), (13, 0.001))]
    plain = [{k: v for k, v in row.items() if k != "p_max"} for row in rows]
    (panel,) = figures.sweep(rows, plain, plain, {}, "M1").axes
    marked = {c.get_label(): np.asarray(c.get_offsets())[:, 0].tolist() for c in panel.collections[1:]}
    assert marked == {"temporal, family-wise p < .05": [10.5, 13.5]}


@pytest.mark.parametrize(("cnr", "drawn"), [(0.8, [0.8, 0.8]), (7.0, None)])
def test_noise_marks_the_cnr_that_was_measured(cnr, drawn):
    row = {**GROUP, "observed_spatial": 0.58, "observed_temporal": 0.37, "cnr_closed_form": 1.25}
    row |= {"true_temporal_closed_form": 0.6}
    reliability = [{**GROUP, "band": "gamma", "measure": m, "cnr": c} for m, c in (("temporal", 2.0), ("spatial", cnr))]
    options = {"cnr_true_r": 0.95, "cnr_range": [0.1, 5, 0.1]}
    figure = figures.noise([row], [], options, "gamma", BANDS, reliability)
    dotted = [list(line.get_xdata()) for line in figure.axes[0].lines if line.get_linestyle() == ":"]
    assert dotted == ([drawn] if drawn else [])
    assert f"measured CNR {cnr:.2f}" in texts(figure)


def test_what_surrogates_say_is_joined_to_the_rows_that_figures_show():
    rows = {
        "significance": [
            {"measure": "lag", "family": "lags", "band": "gamma", "threshold": 0.2, "p_max": 0.9},
            {"measure": "lag", "family": "lags", "band": "delta", "threshold": 0.3, "p_max": 0.9},
            {"measure": "temporal", "family": "bins", "band": "f010", "threshold": 0.3, "p_max": 0.01},
            {"measure": "temporal", "family": "bands", "band": "gamma", "threshold": 0.3, "p_max": 0.02},
        ],
        "lags": [{"band": "gamma"}, {"band": "delta"}],
        "temporal": [{"band": "f010"}, {"band": "gamma"}],
        "spatial": [{"band": "f010"}],
    }
    inputs._join_significance(rows, "gamma")
    assert rows["lags"] == [{"band": "gamma", "threshold": 0.2}, {"band": "delta"}]
    assert rows["temporal"] == [{"band": "f010", "p_max": 0.01}, {"band": "gamma"}]
    assert rows["spatial"] == [{"band": "f010"}]


def test_a_study_without_surrogates_says_so_in_words(tmp_path):
    io.write_table(
        tmp_path / "temporal.tsv", [scan(band="gamma", r=0.2)], {name: ("", "") for name in scan(band=1, r=1)}
    )
    files = {name: tmp_path / f"{name}.tsv" for name in ("temporal", "response", "coherence", "windows")}
    complete = {"networks": {"main_band": "gamma"}, "bands": {"gamma": [40, 100]}, "artefact": {"multiunit_hz": None}}
    of = inputs.study(SimpleNamespace(**files, items=files.items), complete)
    for figure in (
        figures.response(of.rows.response, of.rows.temporal, of.main, of.names),
        figures.coherence(of.rows.coherence, of.names),
        figures.windows(of.rows.windows, of.main, of.names),
    ):
        assert figure.only_words and "No surrogates" in texts(figure)
