"""Events of a run: what is read, what is refused, and in which group the run ends."""

from __future__ import annotations

import pytest

from lfpbold.errors import InputError
from lfpbold.recordings import events
from lfpbold.study import settings, sheet
from lfpbold.workflow import plan as workflow

GOOD = "onset\tduration\ttrial_type\n10\t5\tright\n30.5\t0\tleft\n"


def written(tmp_path, text):
    path = tmp_path / "sub-01_task-whisker_events.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def read(tmp_path, text, **more):
    return events.read_events(written(tmp_path, text), "line 2", **{"n_volumes": 100, "tr_s": 1.0, **more})


def test_events_are_read_in_the_order_of_time(tmp_path):
    found = read(tmp_path, "onset\tduration\ttrial_type\tnote\n30.5\t0\tleft\tn/a\n10\t5\tright\tx\n")
    assert found.onsets_s.tolist() == [10, 30.5] and found.durations_s.tolist() == [5, 0]
    assert found.kinds == ["right", "left"] and found.names == ["left", "right"]
    assert found.of("left")[0].tolist() == [30.5]


def test_dummy_volumes_move_events_with_the_scan(tmp_path):
    """BIDS counts from the first volume in the file; the scan starts as many TR later."""
    found = read(tmp_path, GOOD, n_volumes=46, tr_s=2.0, dummy_volumes=6)
    assert found.onsets_s.tolist() == [-2, 18.5]


def test_without_trial_types_all_events_are_of_the_task(tmp_path):
    assert read(tmp_path, "onset\tduration\n3\t1\n7\t1\n", task="whisker").kinds == ["whisker"] * 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("start\tduration\ttrial_type\n1\t1\ta\n", "has no column `onset`"),
        ("onset\ttrial_type\n1\ta\n", "has no column `duration`"),
        ("onset\tduration\ttrial_type\n", "holds no events"),
        ("onset\tduration\ttrial_type\n-3\t1\ta\n", "line 2: onset is -3 s, before the first volume"),
        ("onset\tduration\ttrial_type\n3\t1\ta\n100\t1\ta\n", "line 3: onset is 100 s, but the scan ends at 100 s"),
        ("onset\tduration\ttrial_type\n3\t-1\ta\n", "duration is -1 s; give 0 or more"),
        ("onset\tduration\ttrial_type\n3\tn/a\ta\n", "duration is empty or n/a; .* write 0 for an impulse"),
        ("onset\tduration\ttrial_type\nnan\t1\ta\n", "onset is `nan`"),
        ("onset\tduration\ttrial_type\nsoon\t1\ta\n", "onset is `soon`"),
        ("onset\tduration\ttrial_type\n3\t1\tn/a\n", "trial_type is empty"),
        ("onset\tduration\ttrial_type\n3\t5\ta\n7\t1\ta\n", "`a` begins at 7 s while that of 3 s lasts to 8 s"),
        ("onset\tduration\ttrial_type\n3\t0\ta\n3\t0\ta\n", "`a` at 3 s is duplicated; remove one of the lines"),
    ],
)
def test_wrong_events_end_in_one_sentence(tmp_path, text, told):
    with pytest.raises(InputError, match=told) as error:
        read(tmp_path, text)
    assert ";" in str(error.value) and str(error.value).startswith("line 2: sub-01_task-whisker_events.tsv")


def test_different_types_may_overlap(tmp_path):
    assert len(read(tmp_path, "onset\tduration\ttrial_type\n3\t5\ta\n3\t5\tb\n").kinds) == 2


# --- the sheet

ROWS = [
    "sub ses run state site bold lfp task events",
    "01 01 1 sedated M1 sub-01_task-rest_run-1_bold.nii.gz a.nwb - -",
    "01 01 1 sedated M1 sub-01_task-whisker_run-1_bold.nii.gz b.nwb - -",
]


def study(tmp_path, rows=ROWS, beside=("sub-01_task-whisker_run-1_events.tsv",)):
    for name in beside:
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    path = tmp_path / "recordings.tsv"
    text = "".join("\t".join("" if c == "-" else c for c in row.split()) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text("recordings: recordings.tsv\natlas: {labels: labels.nii}\n", encoding="utf-8")
    found = settings.load([config], {"variants": {"reference": {}}})
    return found, sheet.read_sheet(path, found)


def test_a_file_beside_the_bold_makes_a_run_evoked(tmp_path):
    found, (rest, evoked) = study(tmp_path)
    assert (rest["task"], rest["state"], rest["events"]) == ("rest", "sedated", "")
    assert (evoked["task"], evoked["state"], evoked["own_state"]) == ("whisker", "sedatedWhisker", "sedated")
    assert evoked["events"] == str(tmp_path / "sub-01_task-whisker_run-1_events.tsv")
    plan = workflow.Plan(found, [rest, evoked])
    assert plan.groups == [("sedated", "M1"), ("sedatedWhisker", "M1")]
    labels = {"variant": "reference", "sub": "01", "ses": "01", "run": "1", "site": "M1"}
    for row in (rest, evoked):
        assert plan.row(labels | {"task": row["task"]}) is row
    wanted = plan.expand("{task}-{run}", {"variant": "reference", "state": "sedatedWhisker"}, "bold")
    assert wanted == ["whisker-1"]


def test_only_jobs_of_evoked_runs_see_events(tmp_path):
    _, (rest, evoked) = study(tmp_path)
    for recording in (True, False):
        assert "events" not in workflow.read_by_jobs(rest, recording)
        assert workflow.read_by_jobs(evoked, recording)["own_state"] == "sedated"


def test_the_sheet_names_task_and_events(tmp_path):
    rows = [ROWS[0], "01 01 1 awake M1 a.nii a.nwb air odour.tsv", "01 01 2 awake M1 b.nii b.nwb - none"]
    _, (first, second) = study(tmp_path, rows, beside=("odour.tsv", "b_events.tsv"))
    assert (first["task"], first["state"], first["events"]) == ("air", "awakeAir", str(tmp_path / "odour.tsv"))
    assert (second["task"], second["state"], second["events"]) == ("rest", "awake", "")


def test_events_that_are_not_there_are_named(tmp_path):
    _, rows = study(tmp_path, [ROWS[0], "01 01 1 awake M1 a.nii a.nwb air odour.tsv"])
    for name in ("a.nii", "a.nwb"):
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=r"there is no file .*odour.tsv; correct `events` in the sheet"):
        sheet.without_missing(rows, "stop")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["01 01 1 awake M1 x_task-rest_bold.nii a.nwb - -"], "so it is not at rest; name its task"),
        (["01 01 1 awake M1 a.nii a.nwb whi-sker -"], "task is `whi-sker`; a label has only letters and digits"),
        (
            ["01 01 1 awake M1 a.nii a.nwb air -", "01 02 1 awakeAir M1 b.nii b.nwb - -"],
            "has the same name as state awake with task air",
        ),
    ],
)
def test_what_cannot_be_a_condition_is_refused(tmp_path, rows, told):
    with pytest.raises(InputError, match=told):
        study(tmp_path, [ROWS[0], *rows], beside=("x_task-rest_events.tsv",))
