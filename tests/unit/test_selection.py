"""Selections: which rows of the sheet a variant's group rests on, and what is refused."""

from __future__ import annotations

import pytest

from lfpbold.errors import InputError
from lfpbold.study import selection, settings, sheet
from lfpbold.workflow import plan as workflow

SHEET = """sub ses run state site bold lfp date exclude
01 01 1 sedated M1 a.nii a.nwb 2024-01-05 -
01 01 1 sedated ACC a.nii acc.nwb 2024-01-05 -
01 02 1 awake M1 b.nii b.nwb 2024-02-01 -
02 01 1 sedated M1 c.nii c.nwb 2024-03-10T14:30:00 -
02 02 1 awake M1 d.nii d.nwb 2024-03-31 noise
03 01 1 asleep M1 e.nii e.nwb 2024-04-01 -
"""


def study(tmp_path, text=SHEET, **changes):
    """Settings and rows of a small sheet."""
    lines = [line.split() for line in text.splitlines()]
    path = tmp_path / "recordings.tsv"
    path.write_text("".join("\t".join("" if c == "-" else c for c in line) + "\n" for line in lines), encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text("recordings: recordings.tsv\natlas: {labels: labels.nii}\n", encoding="utf-8")
    found = settings.load([config], {"variants": {"reference": {}}, **changes})
    return found, sheet.read_sheet(path, found)


def who(rows):
    return ["{sub}-{ses}-{site}".format(**row) for row in rows]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "01-01-M1 01-01-ACC 01-02-M1 02-01-M1 03-01-M1"),
        ({"state": ["awake"]}, "01-02-M1"),
        ({"state": ["awake", "asleep"]}, "01-02-M1 03-01-M1"),
        ({"sub": ["01", "03"], "site": ["M1"]}, "01-01-M1 01-02-M1 03-01-M1"),
        ({"ses": ["02"]}, "01-02-M1"),
        ({"run": ["1"]}, "01-01-M1 01-01-ACC 01-02-M1 02-01-M1 03-01-M1"),
        ({"date": ["2024-02-01", "2024-03-10"]}, "01-02-M1 02-01-M1"),
        ({"date": [None, "2024-01-31"]}, "01-01-M1 01-01-ACC"),
        ({"date": ["2024-03-11", None]}, "03-01-M1"),
        ({"date": [None, None]}, "01-01-M1 01-01-ACC 01-02-M1 02-01-M1 03-01-M1"),
    ],
)
def test_rows_are_selected_by_label_and_day(tmp_path, wanted, expected):
    found, rows = study(tmp_path, select=wanted)
    plan = workflow.Plan(found, rows)
    assert who(plan.rows) == who(plan.rows_of("reference")) == expected.split()
    # Nothing is lost: what is left out has its reason.
    listed = plan.listed("reference")
    assert who(listed) == who(rows)
    assert all(row["exclude"] for row in listed if who([row])[0] not in expected.split())
    assert next(row for row in listed if row["ses"] == "02" and row["sub"] == "02")["exclude"] == "noise"


def test_dates_of_a_file_need_no_quotes(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("select: {date: [2024-02-01, null]}", encoding="utf-8")
    assert settings.load([path], {"atlas": {"labels": "l.nii"}})["select"]["date"] == ["2024-02-01", None]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"state": ["awoke"]}, "did you mean `awake`?"),
        ({"sub": ["9"]}, "the sheet has 01, 02, 03"),
        ({"state": ["awake"], "site": ["ACC"]}, "select matches no recording (state awake; site ACC)"),
        ({"sub": ["02"], "state": ["awake"]}, "select matches no recording"),  # its only row is excluded in the sheet
        ({"date": ["2025-01-01", None]}, "date 2025-01-01 to any"),
        ({"date": ["2024-05-01", "2024-04-01"]}, "select.date"),
        ({"sub": [1]}, "write 1 in quotes"),
        ({"sub": []}, "select.sub"),
        ({"stat": ["awake"]}, "did you mean `state`?"),
        ({"date": ["May", None]}, "select.date.0: `May` is not a day; write it as 2024-05-31"),
    ],
)
def test_selections_that_mean_nothing_are_refused(tmp_path, wanted, said):
    with pytest.raises(InputError) as error:
        workflow.Plan(*study(tmp_path, select=wanted))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("written", "said"), [("-", "`date` is empty"), ("5.1.2024", "`date` is `5.1.2024`")])
def test_a_day_that_cannot_be_read_names_its_row(tmp_path, written, said):
    text = SHEET.replace("2024-02-01", written)
    found, rows = study(tmp_path, text, select={"date": ["2024-01-01", None]})
    with pytest.raises(InputError, match=said) as error:
        workflow.Plan(found, rows)
    assert "sub-01 ses-02 run-1 site M1" in str(error.value)
    workflow.Plan(*study(tmp_path, text))  # who does not ask for days needs none


def test_a_variant_selects_for_its_group_and_shares_the_files(tmp_path):
    variants = {
        "reference": {},
        "awake_only": {"select": {"state": ["awake"]}},
        "everything": {"select": {"sub": None}},
        "other_band": {"inherits": "awake_only", "coupling": {"lag_max_s": 5}},
    }
    found, rows = study(tmp_path, select={"sub": ["01", "02"]}, variants=variants)
    plan = workflow.Plan(found, rows)
    assert who(plan.rows_of("reference")) == ["01-01-M1", "01-01-ACC", "01-02-M1", "02-01-M1"]
    assert who(plan.rows_of("awake_only")) == who(plan.rows_of("other_band")) == ["01-02-M1"]
    assert who(plan.rows) == who(plan.rows_of("everything")) == [w for w in who(rows) if w != "02-02-M1"]
    assert plan.groups_of("awake_only") == [("awake", "M1")]
    assert set(plan.groups) == {("sedated", "M1"), ("sedated", "ACC"), ("awake", "M1"), ("asleep", "M1")}
    path = "{variant}/{sub}-{ses}-{site}"
    assert plan.expand(path, {"variant": "awake_only"}, "coupling") == ["reference/01-02-M1"]
    assert plan.expand(path, {"variant": "other_band"}, "coupling") == ["other_band/01-02-M1"]
    assert plan.expand(path, {"variant": "everything", "state": "sedated", "site": "M1"}, "bold") == [
        "reference/01-01-M1",
        "reference/02-01-M1",
    ]
    # Of all variants: every file once, and no coupling of rows that `other_band` does not select.
    assert sorted(plan.expand_all(path, "coupling")) == sorted(
        [*(f"reference/{w}" for w in who(plan.rows)), "other_band/01-02-M1"]
    )
    assert plan.expand_groups("{variant}/{state}-{site}", ["awake_only"]) == ["awake_only/awake-M1"]


def test_rows_that_no_variant_selects_are_marked_before_their_files_are_looked_for(tmp_path):
    variants = {"a": {"select": {"sub": ["01"]}}, "b": {"select": {"sub": ["03"]}}}
    found, rows = study(tmp_path, variants=variants)
    for name in ("a.nii", "a.nwb", "acc.nwb", "b.nii", "b.nwb", "e.nii", "e.nwb"):  # the files of sub-02 are not there
        (tmp_path / name).touch()
    marked = selection.mark_excluded(rows, found)
    assert [bool(row["exclude"]) for row in marked] == [False, False, False, True, True, False]
    checked = sheet.without_missing(marked, "stop")
    plan = workflow.Plan(found, checked)
    assert who(plan.left_out) == ["02-01-M1", "02-02-M1"]
    # Given back as the report gets it, the plan is the same.
    again = workflow.Plan(found, plan.rows + plan.left_out)
    assert [who(again.rows_of(name)) for name in "ab"] == [who(plan.rows_of(name)) for name in "ab"]
