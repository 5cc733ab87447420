"""The table of doubts, and how many scans of the headline are in doubt."""

from __future__ import annotations

import json

import pytest

from lfpbold import cli
from lfpbold.derivatives import files, layout, load
from lfpbold.pipeline.group.doubts import doubts, with_doubtful
from lfpbold.workflow import doubts as consequences

ROWS = [
    {"sub": sub, "ses": "01", "task": "rest", "run": "1", "state": "awake", "site": site}
    for sub in ("01", "02")
    for site in ("M1", "ACC")
]
SEVERE = {"Name": "clock", "Severity": "severe", "Text": "it slips"}
SLIGHT = {"Name": "jitter", "Severity": "slight", "Text": "it jitters"}


@pytest.fixture
def sidecars(tmp_path):
    """Of M1: excluded for a doubt, and used with one; of ACC: a slight doubt, and one that an error excluded."""
    told = {
        ("01", "M1"): {"Doubts": [SEVERE, SEVERE, SLIGHT], "Excluded": {"Kind": "doubtful"}},
        ("02", "M1"): {"Doubts": [SEVERE]},
        ("01", "ACC"): {"Doubts": [SLIGHT]},
        ("02", "ACC"): {"Excluded": {"Kind": "unusable"}},
    }
    paths = []
    for (sub, site), content in told.items():
        paths.append(tmp_path / f"sub-{sub}_ses-01_task-rest_acq-{site}_run-1_desc-clean_ieeg.json")
        paths[-1].write_text(json.dumps(content), encoding="utf-8")
    return paths


def test_each_doubt_of_a_recording_is_one_row_with_what_became_of_it(sidecars):
    rows = doubts(load.doubts(sidecars), ROWS)
    assert [(r["sub"], r["site"], r["doubt"], r["severity"], r["consequence"]) for r in rows] == [
        ("01", "M1", "clock", "severe", "excluded"),
        ("01", "M1", "jitter", "slight", "told"),
        ("02", "M1", "clock", "severe", "used"),
        ("01", "ACC", "jitter", "slight", "told"),
    ]
    assert {r["state"] for r in rows} == {"awake"} and rows[0]["reason"] == "it slips"


def test_the_headline_counts_the_scans_that_it_rests_on(sidecars):
    used = [row | {"r": 0.5} for row in ROWS if (row["sub"], row["site"]) not in {("01", "M1"), ("02", "ACC")}]
    headline = [{"state": "awake", "site": site, "measure": "temporal_r", "n": 1} for site in ("M1", "ACC")]
    counted = with_doubtful(headline, used, doubts(load.doubts(sidecars), ROWS))
    assert [(row["site"], row["n_doubtful"]) for row in counted] == [("M1", 1), ("ACC", 0)]


class Planned:
    """As much of a plan as is asked: one variant, of whose files all are its own."""

    variants = ("reference",)

    def __init__(self, results):
        self.results = results

    def owner(self, name, stage):
        return name

    def rows_of(self, name):
        return ROWS


def test_recordings_that_would_be_judged_otherwise_now(tmp_path):
    told = {
        ("01", "M1"): {"Doubts": [SEVERE], "Excluded": {"Kind": "doubtful"}},
        ("02", "M1"): {"Doubts": [SEVERE]},
        ("01", "ACC"): {"Doubts": [SLIGHT]},
        ("02", "ACC"): {"Doubts": [SEVERE], "Excluded": {"Kind": "unusable"}},
    }
    record = layout.of_rule("artefact")["lfp"]
    for (sub, site), content in told.items():
        row = next(row for row in ROWS if (row["sub"], row["site"]) == (sub, site))
        path = files.sidecar_path(record.at(tmp_path, **row, variant="reference"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    found = {
        policy: {(key[1], key[-1]) for key in consequences.judged_otherwise(Planned(tmp_path), policy)}
        for policy in ("exclude", "use", "stop")
    }
    assert found["exclude"] == {("02", "M1"), ("02", "ACC")} and found["use"] == {("01", "M1")}
    assert found["stop"] == {("01", "M1"), ("02", "M1"), ("02", "ACC")}
    assert consequences.judged_otherwise(Planned(tmp_path / "nothing"), "exclude") == set()


def test_the_headline_on_the_terminal_says_how_many_scans_are_in_doubt(tmp_path, capsys):
    path = tmp_path / "reference" / "group" / "headline.tsv"
    path.parent.mkdir(parents=True)
    numbers = {"measure": "temporal_r", "value": 0.4, "ci_low": 0.1, "ci_high": 0.6, "unit": "r", "n_animals": 2}
    rows = [
        {"state": "awake", "site": "M1", "n": 3, "n_doubtful": 2, **numbers},
        {"state": "awake", "site": "ACC", "n": 2, "n_doubtful": 0, **numbers},
    ]
    files.write_table(path, rows, layout.GROUP["headline"].columns, info={})
    assert cli.main(["headline", str(tmp_path)]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "in doubt" in line]
    assert len(said) == 1 and said[0].split()[:3] == ["reference", "awake", "M1"]
    assert "2 of these 3 scans are in doubt: reference/group/doubts.tsv" in said[0]
