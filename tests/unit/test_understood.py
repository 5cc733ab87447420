"""What `lfpbold check` prints that it understood of a study, against what the study was made with."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lfpbold import cli
from lfpbold.pipeline import preflight
from lfpbold.simulate import simulate
from lfpbold.study import settings as config
from lfpbold.study import sheet

LINE_50 = {"line_hz": 50.0, "line_harmonics": [1.0], "line_uv": 30.0, "lead_s": 16.0, "n_volumes": 60}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Three recordings of which one has no triggers; mains of 50 Hz, which the config does not name."""
    folder = tmp_path_factory.mktemp("understood") / "study"
    return simulate(folder, "tiny", parameters=LINE_50, progress=lambda line: None)


def checked(study, change=None):
    settings = config.load([study / "config.yaml"])
    rows = sheet.read_sheet(settings["recordings"], settings)
    for row in rows:
        row.update((change or (lambda row: {}))(row))
    return preflight.check(settings, rows), rows


def test_each_recording_is_told_as_it_was_made(study):
    truth = json.loads((study / "truth.json").read_text(encoding="utf-8"))
    found, rows = checked(study)
    assert found.problems == []
    assert len(found.understood) == len(rows) == len(truth["recordings"])
    parameters = truth["parameters"]
    for told, of_truth, row in zip(found.understood, truth["recordings"], rows, strict=True):
        assert told.recording == "sub-{sub} ses-{ses} run-{run} {site}".format(**row)
        assert told.fs_hz == parameters["fs_hz"]
        assert (told.channels, told.volumes) == (parameters["n_channels"], parameters["n_volumes"])
        assert (told.tr_s, told.acquisitions, told.dummies) == (parameters["tr_s"], parameters["n_slices"], 0)
        assert told.start_s == pytest.approx(of_truth["scan_start_s"], abs=1e-4)
        assert told.start_from == ("scan_start_s" if row["scan_start_s"] is not None else "triggers")
        assert told.artefact_s == pytest.approx(of_truth["scan_start_s"], abs=0.1)
        assert told.mains_hz == (50.0,)
        assert told.lfp_s > told.start_s + told.volumes * told.tr_s
        assert 5 < told.seed < 200


def test_a_start_that_the_artefact_contradicts_is_a_problem_before_anything_is_run(study):
    late = lambda row: {"scan_start_s": row["scan_start_s"] + 1.0} if row["scan_start_s"] is not None else {}  # noqa: E731
    found, rows = checked(study, late)
    stated = [row["where"] for row in rows if row["scan_start_s"] is not None]
    assert len(found.problems) == len(stated) == 1
    assert found.problems[0].startswith(stated[0])
    assert "1.00 s too late (1.0 volumes)" in found.problems[0]
    assert [row["where"] for row in found.bad] == stated
    assert len(found.understood) == len(rows) - 1


def test_a_start_that_is_empty_comes_from_the_artefact(study):
    before, _ = checked(study)
    found, _ = checked(study, lambda row: {"scan_start_s": None})
    told = next(told for told in found.understood if told.start_from == "artefact")
    same = next(other for other in before.understood if other.recording == told.recording)
    assert told.start_s == told.artefact_s == pytest.approx(same.start_s, abs=0.02)


def test_lfp_without_artefact_is_not_searched_for_one(study):
    found, _ = checked(study, lambda row: {"input": row["input"] | {"lfp_stage": "lfp"}})
    assert all(told.artefact_s is None for told in found.understood)
    assert "-" in found.understood[0].cells()["artefact s"]


def test_check_prints_the_table_and_what_the_run_takes(study, capsys):
    assert cli.main(["check", str(study / "config.yaml")]) == 0
    out = capsys.readouterr().out.splitlines()
    heading = next(line for line in out if line.startswith("recording "))
    for name in (
        "LFP Hz",
        "ch",
        "LFP s",
        "volumes",
        "TR s",
        "slices",
        "start s",
        "from",
        "artefact s",
        "mains Hz",
        "seed",
    ):
        assert name in heading
    table = out[out.index(heading) : out.index(heading) + 4]
    assert len({len(line) for line in table}) == 1
    assert len(heading) <= 120
    assert sum("  50  " in line for line in table[1:]) == 3
    (taken,) = [line for line in out if line.startswith("The whole run: at most about ")]
    assert np.all([word in taken for word in ("of one core", "GB of memory", "MB of disk")])
