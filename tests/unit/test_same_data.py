"""One recording is used once: the same file, the same content, the same channels, the same part of an LFP."""

from __future__ import annotations

import gzip
import os
from types import SimpleNamespace

import files_of_formats as files
import numpy as np
import pytest

from lfpbold.errors import InputError
from lfpbold.pipeline import preflight, same_data
from lfpbold.study import settings, sheet

BASE = settings.load([], {"atlas": {"labels": "labels.nii.gz"}, "input": {"lfp_fs_hz": 1000.0}})
ROW = {"sub": "01", "ses": "01", "run": "1", "state": "awake", "site": "M1", "bold": "b.nii", "lfp": "a.npy"}
OTHER = {"sub": "02", "bold": "c.nii", "lfp": "c.npy"}


def read(folder, *rows):
    columns = list(dict.fromkeys(name for row in (ROW, *rows) for name in row))
    lines = ["\t".join(columns), *("\t".join((ROW | row).get(name, "") for name in columns) for row in rows)]
    (folder / "recordings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sheet.read_sheet(folder / "recordings.tsv", BASE)


def volumes(seed=0, n=6):
    return np.random.default_rng(seed).integers(500, 1000, (6, 5, 4, n)).astype(np.int16)


# ---- the same path -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (OTHER | {"bold": "b.nii"}, "its BOLD is the file of line 2 .*another animal"),
        (OTHER | {"bold": "../{here}/./b.nii"}, "its BOLD is the file of line 2"),
        (OTHER | {"sub": "01", "run": "2", "bold": "b.nii"}, "its BOLD is the file of line 2 .*another run"),
        (OTHER | {"sub": "01", "ses": "02", "bold": "b.nii"}, "another session"),
        (OTHER | {"lfp": "a.npy"}, "its LFP is that of line 2 .*another animal"),
        (OTHER | {"sub": "01", "run": "2", "lfp": "a.npy"}, "another run, and both scans would be found at the same"),
        ({"site": "ACC"}, "of another site, in the same channels"),
        ({"site": "ACC", "channels": "1,2"}, "of another site, in the same channels"),
    ],
)
def test_a_file_that_stands_for_two_is_refused(tmp_path, second, sentence):
    second = {name: text.replace("{here}", tmp_path.name) for name, text in second.items()}
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, {}, second)


def test_a_link_to_a_file_is_that_file(tmp_path):
    files.nifti(tmp_path / "b.nii", volumes())
    (tmp_path / "c.nii").symlink_to(tmp_path / "b.nii")
    with pytest.raises(InputError, match="its BOLD is the file of line 2"):
        read(tmp_path, {}, OTHER)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"channels": "0"}, {"site": "ACC", "channels": "1"}),  # two sites of one file
        ({"lfp_variable": "a"}, {"site": "ACC", "lfp_variable": "b"}),  # two series of one file
        ({}, {"site": "ACC", "lfp": "acc.npy"}),  # two files, one scan
        ({"scan_start_s": "0"}, {"run": "2", "bold": "c.nii", "scan_start_s": "700"}),  # two scans of one recording
        ({"trigger": "one"}, {"run": "2", "bold": "c.nii", "trigger": "two"}),
        ({"extra_triggers": "after"}, {"run": "2", "bold": "c.nii", "extra_triggers": "before"}),
        ({"exclude": "copied"}, OTHER | {"bold": "b.nii", "lfp": "a.npy"}),
        ({"channels": "0"}, {"sub": "02", "bold": "c.nii", "channels": "1"}),  # two animals on one amplifier
    ],
)
def test_what_may_be_shared_is(tmp_path, first, second):
    assert len(read(tmp_path, first, second)) == 2


def test_channels_that_overlap_in_part_are_refused_whatever_the_order_of_rows(tmp_path):
    for rows in (["0,1", "1,2"], ["1,2", "0,1"], ["", "1"], ["1", ""]):
        with pytest.raises(InputError, match="in the same channels"):
            read(tmp_path, {"channels": rows[0]}, {"site": "ACC", "channels": rows[1]})


# ---- the same content ----------------------------------------------------------------------------------------------


def study(folder, first="b.nii", second="c.nii", lfps=("a.npy", "c.npy")):
    return read(folder, {"bold": first, "lfp": lfps[0]}, {"sub": "02", "bold": second, "lfp": lfps[1]})


@pytest.mark.parametrize("how", ["copied", "hard link", "packed", "another header"])
def test_a_copy_of_a_bold_file_is_found_whatever_its_name_packing_and_header(tmp_path, how):
    first = files.nifti(tmp_path / "b.nii", volumes())
    second = "c.nii"
    if how == "copied":
        (tmp_path / "c.nii").write_bytes(first.read_bytes())
    elif how == "hard link":
        os.link(first, tmp_path / "c.nii")
    elif how == "packed":
        second = "c.nii.gz"
        (tmp_path / second).write_bytes(gzip.compress(first.read_bytes()))
    else:
        files.nifti(tmp_path / "c.nii", volumes(), tr=2.0)
    (problem,) = same_data.same_files(study(tmp_path, second=second))
    assert "sub-02" in problem and "same content" in problem and "line 2" in problem


def test_a_copy_of_an_lfp_file_is_found_and_so_is_one_of_a_folder(tmp_path):
    samples = np.random.default_rng(0).normal(size=(3000, 2))
    np.save(tmp_path / "a.npy", samples)
    (tmp_path / "c.npy").write_bytes((tmp_path / "a.npy").read_bytes())
    assert "lfp c.npy has the same content as that of line 2, a.npy" in same_data.same_files(study(tmp_path))[0]
    for name in ("a", "c"):
        (tmp_path / name / "sub").mkdir(parents=True)
        (tmp_path / name / "sub" / "x.bin").write_bytes(samples.tobytes())
    assert "lfp c has the same content" in same_data.same_files(study(tmp_path, lfps=("a", "c")))[0]


def test_recordings_that_differ_are_no_copies(tmp_path):
    """Of the same size, with the same first volume of zeros, or with headers that are the same text."""
    files.nifti(tmp_path / "b.nii", volumes(0))
    files.nifti(tmp_path / "c.nii", volumes(1))
    for seed, name in enumerate(("a.npy", "c.npy")):
        np.save(tmp_path / name, np.random.default_rng(seed).normal(size=(3000, 2)))
    assert same_data.same_files(study(tmp_path)) == []
    same_start = [volumes(0), volumes(1)]
    same_start[1][..., 0] = same_start[0][..., 0]
    for data, name in zip(same_start, ("b.nii", "c.nii"), strict=True):
        files.nifti(tmp_path / name, data)
    assert same_data.same_files(study(tmp_path)) == []
    for seed, name in enumerate(("a", "c")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "rec.vhdr").write_text("[Common Infos]\nDataFile=rec.eeg\n", encoding="utf-8")
        (tmp_path / name / "rec.eeg").write_bytes(np.random.default_rng(seed).bytes(5000))
    lfps = ("a/rec.vhdr", "c/rec.vhdr")
    assert same_data.same_files(study(tmp_path, lfps=lfps)) == []
    (tmp_path / "c" / "rec.eeg").write_bytes((tmp_path / "a" / "rec.eeg").read_bytes())
    assert "same content" in same_data.same_files(study(tmp_path, lfps=lfps))[0]


def test_two_files_that_differ_in_one_byte_in_between_are_no_copies(tmp_path):
    content = bytearray(np.random.default_rng(0).bytes(1_000_000))
    (tmp_path / "a.npy").write_bytes(content)
    content[300_000] ^= 1
    (tmp_path / "c.npy").write_bytes(content)
    files.nifti(tmp_path / "b.nii", volumes(0))
    files.nifti(tmp_path / "c.nii", volumes(1))
    assert same_data.same_files(study(tmp_path)) == []


def test_files_that_are_not_there_or_cannot_be_read_are_told_elsewhere(tmp_path):
    (tmp_path / "b.nii").write_bytes(b"no image")
    assert same_data.same_files(study(tmp_path)) == []


def test_check_and_the_start_of_a_run_refuse_the_study(tmp_path):
    first = files.nifti(tmp_path / "b.nii", volumes(n=40))
    (tmp_path / "c.nii").write_bytes(first.read_bytes())
    base = BASE | {"atlas": dict.fromkeys(BASE["atlas"]), "sites": {"M1": {"seed": "all"}}}
    rows = study(tmp_path)
    assert any("same content" in problem for problem in preflight.check(base, rows).of_all)
    base["bold"] = base["bold"] | {"white_matter": False, "ventricles": False}
    base["variants"] = {"reference": {"bold": {"white_matter": False, "ventricles": False}}}
    assert "same content" in preflight.first_problem(base, rows)


# ---- the same part -------------------------------------------------------------------------------------------------


def stretches(*rows, n=100, lfp=None):
    bold = SimpleNamespace(n_volumes=n, dummy_volumes=0, tr_s=1.0)
    lfp = lfp or SimpleNamespace(channels=["0", "1"], triggers_s=None)
    seen = same_data.Stretches()
    return [seen.problem(row, lfp, bold) for row in rows][-1]


def test_two_scans_that_overlap_in_one_recording_are_refused(tmp_path):
    one, two = read(tmp_path, {"scan_start_s": "10"}, {"run": "2", "bold": "c.nii", "scan_start_s": "60"})
    assert "scan lies at 60–160 s of a.npy, and that of line 2 at 10–110 s" in stretches(one, two)[0]
    one, two = read(tmp_path, {"scan_start_s": "10"}, {"run": "2", "bold": "c.nii", "scan_start_s": "110"})
    assert stretches(one, two) == []


def test_a_stated_start_within_the_triggers_of_another_scan_is_refused(tmp_path):
    one, two = read(tmp_path, {}, {"run": "2", "bold": "c.nii", "scan_start_s": "20"})
    lfp = SimpleNamespace(channels=["0"], triggers_s=10 + np.arange(100.0))
    assert "cannot overlap" in stretches(one, two, lfp=lfp)[0]
    lfp = SimpleNamespace(channels=["0"], triggers_s=300 + np.arange(100.0))
    assert stretches(one, two, lfp=lfp) == []


def test_one_channel_by_its_name_and_by_its_number_is_one_channel(tmp_path):
    one, two = read(tmp_path, {"channels": "A1"}, {"site": "ACC", "channels": "0"})
    known = same_data.Stretches()
    bold = SimpleNamespace(n_volumes=100, dummy_volumes=0, tr_s=1.0)
    lfp = SimpleNamespace(channels=["A1"], triggers_s=np.arange(100.0))
    assert known.problem(one, lfp, bold) == []
    assert "the channels A1 of a.npy are those of site M1 too" in known.problem(two, lfp, bold)[0]
