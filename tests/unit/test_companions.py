"""Every file that a reader opens is one of those that make its jobs run again, that are hashed, and that are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import opened_files as traced
import pytest

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.recordings.companions import files_of
from lfpbold.recordings.lfp import READERS
from lfpbold.study import settings
from lfpbold.workflow import plan

CASES = [*(f"LFP: {name}" for name in traced.LFP), *(f"BOLD: {name}" for name in traced.BOLD), "atlas"]


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    command = [sys.executable, traced.__file__, str(tmp_path_factory.mktemp("opened"))]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


@pytest.mark.parametrize("case", CASES)
def test_every_file_that_is_opened_is_listed(found, case):
    assert found[case]["opened"]
    assert set(found[case]["opened"]) <= set(found[case]["listed"])


@pytest.mark.parametrize("case", CASES)
def test_what_stands_beside_and_belongs_to_another_recording_is_not_listed(found, case):
    assert not set(found[case]["strangers"]) & set(found[case]["listed"])


def test_every_format_is_traced(found):
    """All suffixes of the readers but those of which no library writes a file."""
    unwritten = {".gdf", ".ahdr", ".mff", ".nxe", ".mefd", ".npz"}
    alike = {*(f".ns{n}" for n in (1, 3, 4, 5, 6)), ".tev", ".tbk", ".tdx", ".tin", ".tnt", ".sev"}
    traced_suffixes = {Path(one["path"]).suffix for one in found.values()}
    assert set(READERS) - unwritten - alike <= traced_suffixes


def test_the_named_file_is_the_first(found):
    assert all(one["first"] == one["path"] for one in found.values() if not Path(one["path"]).is_dir())


@pytest.fixture
def dataset(tmp_path) -> Path:
    """LFP in a dataset: its own sidecar, three that it inherits, an inherited table of channels."""
    return traced.in_dataset(tmp_path)


def names(path) -> list[str]:
    return [file.name for file in files_of(path)]


def state(path) -> str:
    return recordings.fingerprint.state_of(path, files_of(path))


def test_what_a_recording_inherits_belongs_to_it(dataset):
    assert names(dataset) == [
        dataset.name,
        dataset.with_suffix(".json").name,
        *("ieeg.json", "sub-01_ieeg.json", "task-rest_ieeg.json"),  # from the root down
        "sub-01_channels.tsv",
    ]


def edited(path: Path) -> None:
    (path.parents[1] / "task-rest_ieeg.json").write_text('{"PowerLineFrequency": 50}')


def added(path: Path) -> None:
    path.with_name(path.name.replace("_ieeg.edf", "_channels.tsv")).write_text("name\tstatus\nA1\tbad\n")


def removed(path: Path) -> None:
    path.with_suffix(".json").unlink()


def replaced_by_an_older_one(path: Path) -> None:
    added(path)
    os.utime(path.with_name(path.name.replace("_ieeg.edf", "_channels.tsv")), (0, 0))


def retimed(path: Path) -> None:
    """A larger file counts by its size and time."""
    path.write_bytes(path.read_bytes() + bytes(2**20))
    os.utime(path, (0, 0))


@pytest.mark.parametrize("change", [edited, added, removed, replaced_by_an_older_one, retimed])
def test_a_change_of_any_of_its_files_is_noticed(dataset, change):
    before = state(dataset)
    change(dataset)
    assert state(dataset) != before


def test_what_does_not_belong_to_it_changes_nothing(dataset):
    before = state(dataset)
    for folder in (dataset.parent, dataset.parents[1]):
        traced.strangers(folder)
        (folder / "sub-01_ses-01_task-other_ieeg.json").write_text("{}")
        (folder / "sub-01_ses-01_task-rest_bold.json").write_text("{}")
    os.utime(dataset.with_suffix(".json"))
    assert state(dataset) == before


def test_what_systems_leave_in_a_folder_is_no_part_of_a_recording(tmp_path):
    folder = traced.sev_with_log(tmp_path)
    before = names(folder)
    for name in (".DS_Store", "._T_B.tsq", "Thumbs.db", "desktop.ini"):
        (folder / name).write_bytes(b"left here")
    assert names(folder) == before


def test_a_table_of_channels_that_was_not_fetched_is_refused(tmp_path):
    """A link of a data manager that leads nowhere is not the same as no table: bad channels would be used."""
    path = traced.files.edf(tmp_path / "a.edf", traced.UV)
    (tmp_path / "a_channels.tsv").symlink_to(".git/annex/objects/aa/bb/cc.tsv")
    with pytest.raises(InputError, match=r"a_channels\.tsv is a link to a file that is not here"):
        recordings.open_lfp(path)


def test_a_sidecar_of_images_that_was_not_fetched_is_refused(tmp_path):
    path = traced.volumes(tmp_path, "a.nii.gz")
    (tmp_path / "a.json").symlink_to(".git/annex/objects/aa/bb/cc.json")
    with pytest.raises(InputError, match=r"a\.json is a link to a file"):
        recordings.open_bold(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.vhdr", b"DataFile=" + b"x" * 5000 + b"\nMarkerFile=..\n"),
        ("a.set", b"MATLAB 5.0".ljust(126) + b"IM" + b"\x0f\0\0\0\xff\xff\xff\xff" + b"../../x.fdt"),
        ("a.set", b"MATLAB 7.3".ljust(512) + b"\x89HDF\r\n\x1a\n" + bytes(64)),
        ("a.fif", b"\0\0\0\x76\0\0\0\x0a\0\0\0\x02\0\0\0\0.."),
        ("a.lay", b"File=\nFile=/\nFile=.."),
        ("a.ns2", b""),
        ("a.tsq", b""),
    ],
)
def test_a_damaged_file_is_listed_and_left_to_its_reader(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    assert files_of(path) == [path]


def test_parts_of_a_split_recording_hold_its_samples(tmp_path):
    path = traced.split_fif(tmp_path)
    held = recordings.fingerprint.sample_files(path)
    assert [file.name for file in held][:2] == ["a_raw.fif", "a_raw-1.fif"] and len(held) > 3
    assert [entry["Path"] for entry in recordings.fingerprints(path)] == [str(file) for file in held]


def test_what_a_job_reads_by_name_leaves_out_what_snakemake_would_interpret(tmp_path):
    """Its content counts all the same."""
    block = traced.sev_with_log(tmp_path)
    (block / "take {1}_log.txt").write_text("recording started\n")
    row = {"lfp": str(block), "bold": str(traced.volumes(tmp_path, "a.nii", sidecar={}))}
    named = [Path(path).name for path in plan.companions(row, ["lfp", "bold"])]
    assert "a.json" in named and "T_B_LFP1_log.txt" in named and not {"take {1}_log.txt", "a.nii"} & set(named)
    before = plan.raw_state(row, ["lfp", "bold"])
    (block / "take {1}_log.txt").write_text("gap detected\n")
    assert plan.raw_state(row, ["lfp", "bold"]) != before


def test_of_the_atlas_the_image_of_a_header_is_an_input(tmp_path):
    found = settings.load([], {"atlas": {"labels": str(traced.pair(tmp_path))}})
    row = {"sub": "01", "ses": "01", "task": "rest", "run": "1", "site": "M1", "state": "sedated", "exclude": ""}
    named = plan.Plan(found, [row]).atlas("reference", ["labels"])
    assert [Path(path).name for path in named] == ["a.hdr", "a.img"]
