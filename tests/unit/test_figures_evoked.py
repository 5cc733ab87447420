"""Figures of runs with stimuli show the numbers that they are given."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold import figures

NAN = float("nan")


def row(measure="temporal", band="gamma", **changes):
    sides = {
        f"{side}_{key}": value
        for side, r in (("rest", 0.3), ("evoked", 0.8))
        for key, value in {
            "r": r,
            "ci_low": r - 0.1,
            "ci_high": r + 0.1,
            "expected": NAN,
            "n": 6,
            "n_animals": 3,
        }.items()
    }
    sides |= {"rest_n_animals": 3, "evoked_n_animals": 3}
    return {"site": "M1", "rest": "sedated", "evoked": "sedatedAir", "band": band, "measure": measure} | sides | changes


def test_rest_and_evoked_stand_side_by_side_with_what_mediation_gives():
    rows = [row(m) for m in ("temporal", "spatial_group")] + [row("spatial", rest_expected=0.25, evoked_expected=0.7)]
    figure = figures.rest_evoked(rows, ["gamma"])
    temporal, spatial, _ = figure.axes
    points = np.concatenate([np.asarray(p.get_offsets()) for p in temporal.collections])
    assert sorted(points[:, 1]) == pytest.approx([0.3, 0.8])
    assert "6 scans of 3 animals" in temporal.get_title(loc="left")
    bars = [line.get_ydata()[0] for line in spatial.lines if line.get_linewidth() == 3]
    assert sorted(bars) == pytest.approx([0.25, 0.7])
    assert not [line for line in temporal.lines if line.get_linewidth() == 3]


def test_nothing_evoked_is_said_in_words():
    assert figures.rest_evoked([], ["gamma"]).only_words


def test_responses_and_prediction_are_drawn_with_their_errors():
    rows = [
        {"trial_type": "air", "signal": s, "time_s": t, "mean": m * t, "se": 0.5, "n_animals": 3, "n_scans": 5}
        for s, m in (("bold", 1.0), ("gamma", 20.0), ("multiunit", -5.0))
        for t in (0.0, 1.0, 2.0)
    ]
    predicted = [{"predictor": "gamma", "r2": 0.4, "ci_low": 0.3, "ci_high": 0.5, "p": 0.25}]
    figure = figures.evoked(rows, predicted, ["gamma", "multiunit"], "M1, sedatedAir")
    of_bold, of_power, prediction = figure.axes
    assert of_bold.lines[0].get_ydata().tolist() == [0, 1, 2]
    drawn = {line.get_label(): list(line.get_ydata()) for line in of_power.lines}
    assert drawn["gamma"] == [0, 20, 40] and drawn["multiunit"] == [0, -5, -10]
    assert list(prediction.lines[0].get_xdata()) == [0.3, 0.5]
    assert any(text.get_text() == "p = .25" for text in prediction.texts)
    assert "5 scans of 3 animals" in figure.get_suptitle()


def test_clusters_are_told_with_what_so_few_animals_can_show():
    rng = np.random.default_rng(0)
    brain = np.zeros((12, 14, 8), dtype=bool)
    brain[2:10, 2:12, 1:7] = True
    effect = np.where(brain, rng.standard_normal(brain.shape), np.nan)
    maps = {"air_effect": effect, "air_clusters": 0 * effect, "air_share": np.abs(effect) / 5}
    clusters = [{"contrast": "air", "n_voxels": 9.0, "p": 0.125, "n_animals": 4.0, "smallest_p": 0.125}]
    figure = figures.glm(maps, ["air"], clusters, np.diag([0.5, 0.5, 1, 1]), "M1", alpha=0.05)
    words = " ".join(text.get_text().replace("\n", " ") for text in figure.findobj(lambda a: hasattr(a, "get_text")))
    assert (
        "largest cluster 9 voxels, p = .12, family-wise, 4 animals; so many animals cannot give less than .12" in words
    )
    assert "none" in words  # in the empty row
    of_effect, of_share = (panel.images[-1].get_array() for panel in (figure.axes[0], figure.axes[2]))
    assert np.nanmax(of_share) == pytest.approx(np.nanmax(np.abs(of_effect)) / 5)
    assert figures.glm({"air_effect": np.ones((1, 1, 1))}, ["air"], [], np.eye(4), "M1", alpha=0.05).only_words
