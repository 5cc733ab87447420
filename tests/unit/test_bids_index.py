"""From BIDS datasets to the sheet: trees of known content, and what is skipped with its reason."""

from __future__ import annotations

import json

import pytest

from lfpbold.cli import main
from lfpbold.errors import InputError
from lfpbold.recordings import bids
from lfpbold.recordings.nifti import read_sidecar
from lfpbold.study.bids_index import index, write


def tree(folder, files, tables=None):
    """A dataset of empty files; `tables` are the files that have content."""
    for name in ("dataset_description.json", *files):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}" if path.suffix == ".json" else "")
    for name, content in (tables or {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return folder


def run(sub="01", ses="01", number=1, site="M1", task="rest", extension=".nwb", kind="ieeg"):
    start = f"sub-{sub}/ses-{ses}"
    name = f"sub-{sub}_ses-{ses}_task-{task}"
    return [
        f"{start}/func/{name}_run-{number}_bold.nii.gz",
        f"{start}/{kind}/{name}_acq-{site}_run-{number}_{kind}{extension}",
    ]


def test_runs_meet_their_recordings_by_label(tmp_path):
    files = [name for n in (1, 2) for site in ("M1", "ACC") for name in run(number=n, site=site)]
    found = index(tree(tmp_path, [*files, *run(sub="02", extension=".edf"), *run(sub="03", extension=".vhdr")]))
    assert [(r["sub"], r["run"], r["site"]) for r in found.rows] == [
        *[("01", "1", "ACC"), ("01", "1", "M1"), ("01", "2", "ACC"), ("01", "2", "M1")],
        *[("02", "1", "M1"), ("03", "1", "M1")],
    ]
    assert found.rows[1]["lfp"].endswith("sub-01_ses-01_task-rest_acq-M1_run-1_ieeg.nwb")
    assert found.skipped == [] and found.rows[0]["state"] == "default" and "state" in found.notes[0]


def test_what_is_skipped_says_why(tmp_path):
    files = [
        *run(task="whisker"),
        *run(sub="02", extension=".mefd"),
        "sub-03/func/sub-03_task-rest_bold.nii.gz",
        "sub-04/ieeg/sub-04_task-rest_acq-M1_ieeg.edf",
        *run(sub="05"),
        "sub-05/ses-01/func/sub-05_ses-01_task-rest_run-1_echo-2_bold.nii.gz",
        "sub-05/ses-01/func/sub-05_ses-01_task-rest_run-1_part-phase_bold.nii.gz",
        "sub-06/func/sub-06_task-rest_bold.nii.gz",
        "sub-06/ecephys/sub-06_task-rest_acq-M1_ecephys.nwb",
    ]
    found = index(tree(tmp_path, files))
    reasons = {entry["file"].split("/")[-1]: entry["reason"] for entry in found.skipped}
    assert [r["sub"] for r in found.rows] == ["05"]
    assert "task-whisker" in reasons["sub-01_ses-01_task-whisker_run-1_bold.nii.gz"]
    assert "task-whisker" in reasons["sub-01_ses-01_task-whisker_acq-M1_run-1_ieeg.nwb"]
    assert ".mefd" in reasons["sub-02_ses-01_task-rest_acq-M1_run-1_ieeg.mefd"]
    assert "no recording" in reasons["sub-03_task-rest_bold.nii.gz"]
    assert "no BOLD run" in reasons["sub-04_task-rest_acq-M1_ieeg.edf"]
    assert "echoes" in reasons["sub-05_ses-01_task-rest_run-1_echo-2_bold.nii.gz"]
    assert "phase" in reasons["sub-05_ses-01_task-rest_run-1_part-phase_bold.nii.gz"]
    assert any("--ecephys" in note for note in found.notes)
    with_ecephys = index(tmp_path, ecephys=True)
    assert [r["sub"] for r in with_ecephys.rows] == ["05", "06"]
    assert with_ecephys.rows[1]["ses"] == "01" and with_ecephys.rows[1]["run"] == "1"
    assert len(index(tmp_path, task="").rows) == 2


CHANNELS = "name\ttype\tunits\tgroup\tstatus\n"


def test_sites_and_channels_come_from_the_table_of_channels(tmp_path):
    channels = "".join(
        f"{name}\t{kind}\tuV\t{group}\t{status}\n"
        for name, kind, group, status in (
            ("a1", "SEEG", "M1", "good"),
            ("a2", "SEEG", "M1", "bad"),
            ("b1", "SEEG", "ACC left", "good"),
            ("TR", "TRIG", "n/a", "good"),
        )
    )
    start = "sub-01/{}/sub-01_task-rest_{}"
    files = [start.format("func", "bold.nii.gz"), start.format("ieeg", "ieeg.edf")]
    found = index(tree(tmp_path, files, {start.format("ieeg", "channels.tsv"): CHANNELS + channels}))
    assert [(r["site"], r["channels"], r["trigger"]) for r in found.rows] == [
        ("M1", "a1", "TR"),
        ("ACCleft", "b1", "TR"),
    ]


def test_a_recording_without_a_site_needs_one(tmp_path):
    start = "sub-01/{}/sub-01_task-rest_{}"
    tree(tmp_path, [start.format("func", "bold.nii.gz"), start.format("ieeg", "ieeg.edf")])
    assert "--site" in index(tmp_path).skipped[0]["reason"]
    assert index(tmp_path, site="M1").rows[0]["site"] == "M1"


@pytest.mark.parametrize("where", ["scans", "sessions", "participants"])
def test_the_state_stands_in_the_nearest_table(tmp_path, where):
    tables = {
        "participants.tsv": "participant_id\tstate\nsub-01\tawake\n",
        "sub-01/sub-01_sessions.tsv": "session_id\tstate\nses-01\tlight sedation\n",
        "sub-01/ses-01/sub-01_ses-01_scans.tsv": (
            "filename\tacq_time\tstate\nfunc/sub-01_ses-01_task-rest_run-1_bold.nii.gz\tn/a\tdeep\n"
        ),
    }
    kept = {"scans": 3, "sessions": 2, "participants": 1}[where]
    tree(tmp_path, run(), dict(list(tables.items())[:kept]))
    expected = {"scans": "deep", "sessions": "lightsedation", "participants": "awake"}[where]
    assert index(tmp_path).rows[0]["state"] == expected


def test_a_recording_over_several_runs_is_found_by_its_time(tmp_path):
    """One recording of an hour, two runs in it, and a recording of the day before."""
    bolds = [f"func/sub-01_task-rest_run-{n}_bold.nii.gz" for n in (1, 2)]
    lfps = [f"ieeg/sub-01_task-rest_acq-{name}_ieeg.nwb" for name in ("M1", "old")]
    times = ["2024-05-02T10:00:30", "2024-05-02T10:30:00.500", "2024-05-02T10:00:00", "2024-05-01T09:00:00"]
    table = "filename\tacq_time\n" + "".join(f"{f}\t{t}\n" for f, t in zip([*bolds, *lfps], times, strict=True))
    tree(tmp_path, [f"sub-01/{name}" for name in [*bolds, *lfps]], {"sub-01/sub-01_scans.tsv": table})
    found = index(tmp_path)
    assert [(r["run"], r["site"]) for r in found.rows] == [("1", "M1"), ("2", "M1")]
    assert [e["file"] for e in found.skipped] == ["sub-01/ieeg/sub-01_task-rest_acq-old_ieeg.nwb"]


def test_sidecars_are_inherited_from_the_root_down(tmp_path):
    name = "sub-01/ses-01/func/sub-01_ses-01_task-rest_run-1_bold"
    tree(
        tmp_path,
        [f"{name}.nii.gz"],
        {
            "task-rest_bold.json": {"RepetitionTime": 1.0, "EchoTime": 0.015},
            "task-other_bold.json": {"RepetitionTime": 9.0},
            "sub-01/sub-01_task-rest_bold.json": {"RepetitionTime": 2.0},
            f"{name}.json": {"SliceTiming": [0.0, 0.5]},
        },
    )
    path = tmp_path / f"{name}.nii.gz"
    assert bids.inherited_metadata(path) == {"RepetitionTime": 2.0, "EchoTime": 0.015}
    assert read_sidecar(path, "row 1") == {"RepetitionTime": 2.0, "EchoTime": 0.015, "SliceTiming": [0.0, 0.5]}
    path.with_name(f"{path.name.removesuffix('.nii.gz')}.json").write_text('{"RepetitionTime": 3.0}')
    assert read_sidecar(path, "row 1")["RepetitionTime"] == 3.0
    plain = tmp_path / "rat.nii.gz"  # no BIDS name
    assert read_sidecar(plain, "row 1") == {}


def test_the_command_writes_a_sheet_that_the_check_accepts(tmp_path, capsys):
    from lfpbold.simulate import simulate

    simulate(tmp_path / "study", preset="tiny", progress=lambda *_: None)
    study = tmp_path / "study"
    written = (study / "recordings.tsv").read_text().splitlines()
    assert main(["index", str(study), "--out", str(study / "indexed.tsv")]) == 0
    assert f"{len(written) - 1} recordings" in capsys.readouterr().out
    indexed = (study / "indexed.tsv").read_text().splitlines()
    assert sorted(line.rstrip() for line in indexed) == sorted(line.rstrip() for line in written)
    assert main(["check", str(study / "config.yaml"), "--set", f"recordings={study / 'indexed.tsv'}"]) == 0


def test_refusals_are_sentences(tmp_path, capsys):
    with pytest.raises(InputError, match=r"dataset_description\.json"):
        index(tmp_path)
    tree(tmp_path, ["sub-03/func/sub-03_task-rest_bold.nii.gz"])
    assert main(["index", str(tmp_path), "--out", str(tmp_path / "sheet.tsv")]) == 1
    assert "no simultaneous recording" in capsys.readouterr().err and not (tmp_path / "sheet.tsv").exists()
    (tmp_path / "sub-03" / "sub-03_scans.tsv").write_bytes(b"filename\n\xff\xfe")
    with pytest.raises(InputError, match="not tab-separated UTF-8"):
        index(tmp_path)


def test_events_make_a_run_evoked_by_inheritance(tmp_path):
    """The table of the dataset serves every run of the task, that of a run overrides it; rest stays at rest."""
    names = [f"sub-01/{kind}/sub-01_task-{task}_{rest}" for task in ("air", "rest") for kind, rest in
             (("func", "run-1_bold.nii.gz"), ("ieeg", "acq-M1_run-1_ieeg.nwb"))]  # fmt: skip
    names += [name.replace("run-1", "run-2") for name in names if "air" in name]
    tree(tmp_path, names)
    for name in ("task-air_events.tsv", "sub-01/func/sub-01_task-air_run-2_events.tsv", "task-rest_events.tsv"):
        (tmp_path / name).write_text("onset\tduration\n1\t1\n", encoding="utf-8")
    found = index(tmp_path, task="")
    rows = {(row["task"], row["run"]): row for row in found.rows}
    assert rows["air", "1"]["events"] == str(tmp_path / "task-air_events.tsv")
    assert rows["air", "2"]["events"].endswith("sub-01_task-air_run-2_events.tsv")
    assert rows["rest", "1"]["events"] == "none" and any("stays at rest" in note for note in found.notes)
    write(found, tmp_path / "recordings.tsv")
    header, *lines = (tmp_path / "recordings.tsv").read_text(encoding="utf-8").splitlines()
    assert header.endswith("\ttask\tevents") and lines[0].endswith("\tair\ttask-air_events.tsv")


def test_labels_that_differ_in_leading_zeros_are_told_with_both_names(tmp_path):
    bold, lfp = run(number=1)[0], run(number="01")[1]
    found = index(tree(tmp_path, [bold, lfp]))
    assert "it is run-1, and the recording sub-01_ses-01_task-rest_acq-M1_run-01_ieeg.nwb is run-01" in str(
        found.skipped[0]["reason"]
    )


@pytest.mark.parametrize("two", [("1", "01"), ("rat1", "rat01")])
def test_a_dataset_that_spells_one_label_in_two_ways_is_refused(tmp_path, two):
    files = [name for sub in two for name in run(sub=sub)]
    with pytest.raises(InputError, match=f"sub-{two[0]} and sub-{two[1]}|sub-{two[1]} and sub-{two[0]}"):
        index(tree(tmp_path, files))


def test_a_run_without_a_label_is_spelt_as_the_others(tmp_path):
    start, name = "sub-02/ses-01", "sub-02_ses-01_task-rest"
    bare = [f"{start}/func/{name}_bold.nii.gz", f"{start}/ieeg/{name}_acq-M1_ieeg.nwb"]
    found = index(tree(tmp_path, [*run(number="01"), *bare]))
    assert [(row["sub"], row["run"]) for row in found.rows] == [("01", "01"), ("02", "01")]
    assert not any("assumed" in row for row in found.rows)
