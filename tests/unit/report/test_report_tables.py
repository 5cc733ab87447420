"""Numbers beside the figures: what is picked from the tables, and when nothing may be said."""

from __future__ import annotations

import math

import pytest

from lfpbold.report.views import tables


@pytest.mark.parametrize(
    ("low", "high", "doubt"),
    [
        (-0.1, 0.3, "meaningless"),
        (0.0, 0.3, "meaningless"),  # an interval holds its ends
        (-0.3, 0.0, "meaningless"),
        (0.01, 0.3, ""),
        (-0.3, -0.01, ""),
        (math.nan, 0.3, "not known"),
        (0.1, math.nan, "not known"),
    ],
)
def test_the_noise_argument_says_nothing_where_the_interval_of_spatial_r_holds_zero(low, high, doubt):
    row = {"state": "awake", "site": "M1"}
    headline = [row | {"measure": "spatial_r_scan", "value": 0.1, "ci_low": low, "ci_high": high}]
    found = tables.noise_doubt(headline, row)
    assert found.startswith(doubt) and bool(found) == bool(doubt)
    assert tables.noise_doubt(headline, row | {"site": "ACC"}) == "not known: no interval"


def test_means_leave_out_what_has_no_value():
    rows = [{"r": 0.1}, {"r": math.nan}, {"r": 0.4}]
    assert tables.mean(rows) == pytest.approx(0.25)
    assert math.isnan(tables.mean([{"r": math.nan}])) and math.isnan(tables.mean([]))


def test_the_best_response_is_the_strongest_of_either_sign_that_has_an_undershoot():
    cells = [(0.5, 1.0), (-0.4, 0.0), (0.3, 0.0), (math.nan, 0.0)]
    rows = [{"r": r, "degenerate": degenerate} for r, degenerate in cells]
    assert tables.best_cell(rows) is rows[1]
    assert tables.best_cell(rows[:1]) is None


def test_what_was_removed_is_a_mean_over_scans_without_the_group_s_own_row():
    rows = [{"removal": "gamma", "sub": sub, "r": r, "slope": 2 * r} for sub, r in (("01", 0.8), ("02", 0.6))]
    rows += [{"removal": "gamma", "sub": "group", "r": 0.95, "slope": 0.1}]
    found = tables.removal_rows(rows)["gamma"]
    assert (found["r"], found["slope"]) == pytest.approx((0.7, 1.4)) and found["group"] is rows[2]


def test_largest_and_smallest_mean_of_each_band_are_found_among_the_lags():
    course = {-1.0: math.nan, 0.0: 0.2, 1.0: 0.4, 2.0: -0.3}
    rows = [{"band": "gamma", "lag_s": lag, "r": r} for lag, r in course.items()]
    (found,) = tables.lag_peaks(rows, ["gamma", "delta"])
    assert found["band"] == "gamma"
    assert (found["largest"]["lag_s"], found["smallest"]["lag_s"]) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("lost", "said"), [(0, ""), (1, "1 of 5 recordings was excluded"), (2, "2 of 5 recordings were excluded")]
)
def test_the_first_screen_says_how_many_recordings_could_not_be_used(lost, said):
    flow = [{"kind": "entered", "n_scans": 5, "lost": 0}, {"kind": "unusable", "n_scans": 5 - lost, "lost": lost}]
    flow += [{"kind": "motion", "n_scans": 4 - lost, "lost": 1}]  # was usable
    assert tables.unusable(flow).startswith(said) and bool(tables.unusable(flow)) == bool(lost)


def test_the_first_screen_tells_recordings_in_doubt_from_bad_ones():
    flow = [{"kind": "entered", "n_scans": 5, "lost": 0}, {"kind": "doubtful", "n_scans": 4, "lost": 1}]
    assert tables.unusable(flow) == "1 of 5 recordings was excluded: in doubt."
    flow += [{"kind": "unusable", "n_scans": 2, "lost": 2}]
    both = "2 of 5 recordings were excluded: not usable. 1 of 5 recordings was excluded: in doubt."
    assert tables.unusable(flow) == both
    row = {"state": "awake", "site": "M1", "n": 3}
    assert tables.in_doubt([row | {"n_doubtful": 0}]) == [] == tables.in_doubt([row])
    (said,) = tables.in_doubt([row | {"n_doubtful": 2}, row | {"n_doubtful": 2}])
    assert said == "M1, awake: 2 of 3 scans are in doubt and were used (run.on_doubtful)."


def test_amplitudes_are_medians_over_scans_and_correlations_means():
    keys = ("r_lfp", "r_multiunit", "r_lfp_partial", "r_multiunit_partial", "r_between", "artefact_uv", "after_uv")
    keys += ("outside_uv", "outside_s", "residue_uv")
    row = {"state": "awake", "site": "M1", "band_low_hz": 40.0, "band_high_hz": 100.0}
    rows = [row | dict.fromkeys(keys, value) for value in (0.1, 0.2, 0.9, math.nan)]
    (found,) = tables.multiunit_rows(rows, [("awake", "M1"), ("sedated", "M1")])
    assert (found["n"], found["low_hz"], found["high_hz"]) == (4, 40.0, 100.0)
    assert [found[key] for key in keys] == pytest.approx([0.4] * 5 + [0.2] * 5)
