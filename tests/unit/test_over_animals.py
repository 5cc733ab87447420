"""No p of a scan stands alone: the animals' p in every row, against SciPy and simulations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lfpbold.pipeline.group.over_animals import with_animals_p
from lfpbold.pipeline.group.reliability import reliability

LABELS = {"ses": "01", "run": "1", "state": "awake", "site": "M1", "band": "gamma"}
EMPTY = {name: [] for name in ("temporal", "nulls", "bins", "pairing", "coherence", "windows")}


def test_correlations_get_student_s_t_of_the_animals_means():
    r = {"a": [0.1, 0.3], "b": [0.2, 0.4], "c": [0.5, 0.1]}
    rows = [LABELS | {"sub": sub, "r": value} for sub, values in r.items() for value in values]
    other = [row | {"site": "ACC", "r": -0.2} for row in rows]
    group = LABELS | {"sub": "group", "r": 0.27}
    found = with_animals_p(EMPTY | {"temporal": rows + other, "pairing": [group, *rows]})
    means = [np.arctanh(values).mean() for values in r.values()]
    for row in [*found["temporal"][:6], *found["pairing"]]:
        assert row["p_animals"] == pytest.approx(stats.ttest_1samp(means, 0).pvalue)
        assert row["mean_animals"] == pytest.approx(np.tanh(np.mean(means)))
        assert row["n_animals"] == 3
    assert np.isnan(found["temporal"][-1]["p_animals"])  # three equal means have no spread


def test_space_and_time_of_the_nulls_have_their_own():
    rows = [LABELS | {"sub": sub, "r": r, "spatial_r_observed": s} for sub, r, s in (("a", 0.1, 0.8), ("b", 0.2, 0.5))]
    row = with_animals_p(EMPTY | {"nulls": rows})["nulls"][0]
    assert row["p_animals"] == pytest.approx(stats.ttest_1samp(np.arctanh([0.1, 0.2]), 0).pvalue)
    assert row["spatial_p_animals"] == pytest.approx(stats.ttest_1samp(np.arctanh([0.8, 0.5]), 0).pvalue)


def test_scores_of_uniform_p_hold_their_level_and_small_p_are_found():
    rng, false, found = np.random.default_rng(0), 0, 0
    for _ in range(600):
        of = [str(i) for i in range(6) for _ in range(4)]
        for shape, p in (("null", rng.random(24)), ("some", rng.beta(0.4, 1, 24))):
            rows = [LABELS | {"sub": sub, "p": value} for sub, value in zip(of, p, strict=True)]
            below = with_animals_p(EMPTY | {"windows": rows})["windows"][0]["p_animals"] < 0.05
            false, found = false + (below and shape == "null"), found + (below and shape == "some")
    assert 0.03 < false / 600 < 0.07  # three standard errors of .009 are .023 to .077
    assert found / 600 > 0.8


def test_reliability_stands_beside_what_the_study_supposed():
    """Halves of known signal and noise: time is corrected for both sides where contacts exist, and the CNR is known."""
    rng, rows = np.random.default_rng(1), []
    for scan in range(300):
        signal, other = rng.standard_normal((2, 400))
        lfp, bold = signal, 0.5 * signal + np.sqrt(0.75) * other
        odd, even = lfp + rng.standard_normal((2, 400))  # each half: signal over noise 1
        left, right = bold + 0.5 * rng.standard_normal((2, 400))
        row = {"r": np.corrcoef(odd + even, left + right)[0, 1], "contact_halves": np.corrcoef(odd, even)[0, 1]}
        row |= {"seed_halves": np.corrcoef(left, right)[0, 1]}
        rows.append(LABELS | {"sub": str(scan % 6), "halves_lfp": 0.4, "halves_seed": 0.9, "halves_across": 0.6} | row)
    curve = [{"n_points": 1200, "cnr": c, "r": 0.95 / (1 + 1 / c**2)} for c in np.arange(0.1, 5.1, 0.1)]
    tables = {"nulls": rows, "inter_scan": [], "noise": [{"state": "awake", "site": "M1", "cnr": 1.4}]}
    settings = {"confidence": 0.95, "cnr_points": [1200, 6157], "cnr_true_r": 0.95}
    found = {r["measure"]: r for r in reliability(tables | {"noise_curve": curve}, ["gamma"], settings, 200, 0)}
    both, alone = found["temporal_contacts"], found["temporal"]
    assert both["reliability_x"] == pytest.approx(2 / 3, abs=0.01)
    assert both["reliability_y"] == pytest.approx(1 / (1 + 0.25 / 2), abs=0.01)
    assert both["value"] == pytest.approx(0.5, abs=0.02) and both["low"] < 0.5 < both["high"]
    assert alone["value"] == pytest.approx(0.5 * np.sqrt(2 / 3), abs=0.02)
    assert both["cnr_study"] == 1.4
    assert both["closed_form_r"] == pytest.approx(
        0.95 * np.sqrt(both["reliability_x"] * both["reliability_y"]), abs=1e-9
    )
    assert both["simulated_r"] == pytest.approx(both["closed_form_r"], abs=0.002)
    assert found["spatial"]["value"] == pytest.approx(0.6 / np.sqrt(0.4 * 0.9))
