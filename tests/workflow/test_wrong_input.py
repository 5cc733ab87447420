"""Wrong input: one message that names the file or row and the way out, a non-zero exit, nothing half-written."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest
import yaml

from lfpbold.derivatives import files
from lfpbold.pipeline import preflight


@pytest.fixture
def study(tiny, tmp_path) -> Path:
    """A private copy of the tiny study: links for what is large, until a test replaces one."""
    copy = tmp_path / "study"
    shutil.copytree(tiny, copy, copy_function=os.link, ignore=shutil.ignore_patterns("truth*"))
    return copy


def rewrite(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text, encoding="utf-8")


def sheet(study, change) -> None:
    """Replace the sheet by what `change` makes of its rows (lists of cells, header first)."""
    path = study / "recordings.tsv"
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    rewrite(path, "".join("\t".join(row) + "\n" for row in change(rows)))


def cell(rows, line, column, value):
    rows[line][rows[0].index(column)] = value
    return rows


def config(study, **changes) -> None:
    path = study / "config.yaml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section, values in changes.items():
        content[section] = {**content.get(section, {}), **values} if isinstance(values, dict) else values
    rewrite(path, yaml.safe_dump(content))


def first(study, kind) -> Path:
    return sorted(study.rglob(f"*_{kind}"))[0]


def image(study, change, **header) -> None:
    """Replace the first BOLD image by `change(data)`."""
    path = first(study, "bold.nii.gz")
    old = nibabel.load(path)
    data = change(np.asarray(old.dataobj))
    path.unlink()
    new = nibabel.Nifti1Image(data, old.affine)
    zooms = (*old.header.get_zooms()[:3], header.get("tr", old.header.get_zooms()[3]))
    new.header.set_zooms(zooms[: data.ndim])
    new.header.set_xyzt_units("mm", "sec")
    nibabel.save(new, path)


def sidecar(study, **changes) -> None:
    path = first(study, "bold.json")
    content = json.loads(path.read_text(encoding="utf-8")) | changes
    rewrite(path, json.dumps({k: v for k, v in content.items() if v is not None}))


def nwb(study, change) -> None:
    """Change a private copy of the first recording in place."""
    path = first(study, "ieeg.nwb")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    with h5py.File(path, "r+") as file:
        change(file)


def missing_file(study):
    first(study, "ieeg.nwb").unlink()


def three_dimensional(study):
    image(study, lambda data: data[..., 0])


def no_tr(study):
    image(study, lambda data: data, tr=0)
    sidecar(study, RepetitionTime=0)


def other_tr(study):
    sidecar(study, RepetitionTime=2.0)


def tr_in_milliseconds(study):
    sidecar(study, RepetitionTime=1000)


def more_volumes_than_lfp(study):
    def cut(file):
        stamps = file["acquisition/scanner_trigger/timestamps"][:]
        rate = file["acquisition/lfp/starting_time"].attrs["rate"]
        data = file["acquisition/lfp/data"][: int((stamps[60]) * rate)]
        del file["acquisition/lfp/data"]
        file["acquisition/lfp"].create_dataset("data", data=data).attrs.update({"conversion": 1e-6})

    nwb(study, cut)


def fewer_triggers_than_volumes(study):
    def cut(file):
        stamps = file["acquisition/scanner_trigger/timestamps"][:]
        del file["acquisition/scanner_trigger/timestamps"]
        file["acquisition/scanner_trigger"]["timestamps"] = stamps[:50]

    nwb(study, cut)


def unknown_site(study):
    sheet(study, lambda rows: cell(rows, 1, "site", "M2"))


def seed_outside_the_brain(study):
    config(study, sites={"M1": {"seed_mm": [500, 0, 0]}, "ACC": {"seed_mm": [500, 0, 0]}})


def voxels_ten_times_too_large(study):
    for path in sorted(study.rglob("*_bold.nii.gz")):
        old = nibabel.load(path)
        new = nibabel.Nifti1Image(np.asarray(old.dataobj), np.diag([10.0, 10, 10, 1]) @ old.affine)
        new.header.set_zooms((*new.header.get_zooms()[:3], old.header.get_zooms()[3]))
        path.unlink()
        nibabel.save(new, path)


def more_dummy_volumes_than_volumes(study):
    config(study, input={"dummy_volumes": 5000})


def more_volumes_in_the_header_than_in_the_file(study):
    import gzip

    path = first(study, "bold.nii.gz")
    data = bytearray(gzip.decompress(path.read_bytes()))
    data[48:50] = np.int16(int.from_bytes(data[48:50], "little") + 2).tobytes()  # dim[4]
    path.unlink()
    path.write_bytes(gzip.compress(bytes(data), 1))


def edf_of_text(study):
    (study / "lfp.edf").write_text("time\tlfp\n0.1\t12\n", encoding="utf-8")
    sheet(study, lambda rows: cell(rows, 1, "lfp", "lfp.edf"))


def folder_without_a_recording(study):
    (study / "Block-1").mkdir()
    sheet(study, lambda rows: cell(rows, 1, "lfp", "Block-1"))


def nan_volumes(study):
    def spoil(data):
        data = data.astype(np.float32)
        data[..., 7] = np.nan
        return data

    image(study, spoil)


def constant_channel(study):
    def flatten(file):
        file["acquisition/lfp/data"][:, 1] = 7

    nwb(study, flatten)


def misspelt_key(study):
    config(study, bold={"fwmh_mm": 1.0})


def misspelt_section(study):
    config(study, artifact={"template": "pooled"})


def misspelt_choice(study):
    config(study, artefact={"template": "per_slise"})


def band_above_nyquist(study):
    config(study, bands={"gamma": [40, 700]})


def duplicate_rows(study):
    sheet(study, lambda rows: [*rows, rows[1]])


def missing_column(study):
    sheet(study, lambda rows: [["sbu" if c == "sub" else c for c in rows[0]], *rows[1:]])


def label_with_a_path(study):
    sheet(study, lambda rows: cell(rows, 1, "sub", "../../etc"))


def not_a_number(study):
    sheet(study, lambda rows: cell(rows, 1, "scan_start_s", "ten"))


def empty_sheet(study):
    sheet(study, lambda rows: rows[:1])


def unknown_channel(study):
    sheet(study, lambda rows: cell(rows, 1, "channels", "left paw"))


def slice_times_in_milliseconds(study):
    times = json.loads(first(study, "bold.json").read_text(encoding="utf-8"))["SliceTiming"]
    sidecar(study, SliceTiming=[1000 * t for t in times])


def slice_times_of_another_image(study):
    sidecar(study, SliceTiming=[0.0, 0.25, 0.5])


def truncated_nwb(study):
    path = first(study, "ieeg.nwb")
    data = path.read_bytes()
    rewrite(path, "")
    path.write_bytes(data[: len(data) // 3])


def not_nifti(study):
    rewrite(first(study, "bold.nii.gz"), "this is not an image")


def broken_sidecar(study):
    rewrite(first(study, "bold.json"), "{ RepetitionTime: 1")


def atlas_on_another_grid(study):
    path = study / "atlas" / "white_matter.nii.gz"
    old = nibabel.load(path)
    data = np.asarray(old.dataobj)[:-1]
    path.unlink()
    nibabel.save(nibabel.Nifti1Image(data, old.affine), path)


def atlas_with_another_affine(study):
    path = study / "atlas" / "labels.nii.gz"
    old = nibabel.load(path)
    data = np.asarray(old.dataobj)
    path.unlink()
    nibabel.save(nibabel.Nifti1Image(data, old.affine @ np.diag([-1, 1, 1, 1])), path)


def truncated_image(study):
    path = first(study, "bold.nii.gz")
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data[: len(data) // 2])


def channel_twice(study):
    sheet(study, lambda rows: cell(rows, 1, "channels", "0,0"))


def all_volumes_the_same(study):
    image(study, lambda data: np.repeat(data[..., :1], data.shape[3], axis=3))


def last_volumes_empty(study):
    image(study, lambda data: np.where(np.arange(data.shape[3]) < data.shape[3] - 10, data, 0).astype(data.dtype))


def no_orientation(study):
    path = first(study, "bold.nii.gz")
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[252:256] = bytes(4)  # qform_code, sform_code
    path.unlink()
    path.write_bytes(gzip.compress(bytes(content)))


def bold_of_another_animal(study):
    def copied(rows):
        column = rows[0].index("bold")
        for row in rows[2:]:
            row[column] = rows[1][column]
        return rows

    sheet(study, copied)


def missing_atlas(study):
    (study / "atlas" / "brain.nii.gz").unlink()


def unknown_label(study):
    config(study, sites={"M1": {"seed_label": [999]}, "ACC": {"seed_label": [999]}})


def two_seeds(study):
    config(study, sites={"M1": {"seed_label": [1], "seed_mm": [0, 0, 0]}, "ACC": {"seed_label": [1]}})


def not_yaml(study):
    rewrite(study / "config.yaml", "recordings: [unclosed")


def variant_of_the_unknown(study):
    config(study, variants={"reference": {}, "other": {"bold": {"globalsignal": False}}})


def impossible_response(study):
    config(study, hrf={"p": [4, 4, 0, 1, 6, 0, 32]})


def filter_above_nyquist(study):
    config(study, bold={"band_pass_hz": [0.01, 0.7]})


# What is wrong, and what the message must name: the culprit, and the way out.
CASES = [
    (missing_file, "ieeg.nwb", "correct `lfp`"),
    (three_dimensional, "bold.nii.gz", "must be 4-D"),
    (no_tr, "bold.nii.gz", "set RepetitionTime"),
    (other_tr, "bold.nii.gz", "correct one, or set tr_s"),
    (tr_in_milliseconds, "bold.nii.gz", "in seconds"),
    (more_volumes_than_lfp, "sub-01", "shorten the BOLD"),
    (fewer_triggers_than_volumes, "ieeg.nwb", "give scan_start_s"),
    (unknown_site, "line 2", "under `sites`"),
    (seed_outside_the_brain, "sites.M1", "correct the site's seed"),
    (voxels_ten_times_too_large, "bold.nii.gz", "set bold_voxel_scale to 0.1"),
    (more_dummy_volumes_than_volumes, "bold.nii.gz", "leaves fewer than two; correct it"),
    (more_volumes_in_the_header_than_in_the_file, "the header says", "copy or export it again"),
    (edf_of_text, "lfp.edf", "export it again or exclude the row"),
    (folder_without_a_recording, "Block-1", "name the folder that holds"),
    (nan_volumes, "volume 7", "repair or exclude"),
    (constant_channel, "channel", "name the good channels"),
    (misspelt_key, "bold.fwmh_mm", "did you mean `fwhm_mm`?"),
    (misspelt_section, "artifact", "did you mean `artefact`?"),
    (misspelt_choice, "artefact.template", "did you mean `per_slice`?"),
    (band_above_nyquist, "gamma", "lower the band"),
    (duplicate_rows, "repeats line 2", "remove one of them"),
    (missing_column, "`sub` is missing", "rename `sbu`"),
    (label_with_a_path, "line 2", "only letters and digits"),
    (not_a_number, "line 2", "scan_start_s is `ten`"),
    (empty_sheet, "recordings.tsv", "add a row"),
    (unknown_channel, "left paw", "it has"),
    (slice_times_in_milliseconds, "bold.nii.gz", "these are likely milliseconds"),
    (slice_times_of_another_image, "bold.nii.gz", "correct the JSON sidecar"),
    (truncated_nwb, "ieeg.nwb", "export it again or exclude the row"),
    (not_nifti, "bold.nii.gz", "give a 4-D NIfTI file"),
    (broken_sidecar, "bold.json", "correct or remove it"),
    (atlas_on_another_grid, "atlas.white_matter", "bring both onto one grid"),
    (atlas_with_another_affine, "atlas.labels", "bring both onto one grid"),
    (truncated_image, "bold.nii.gz", "copy or export it again"),
    (channel_twice, "named twice", "remove one"),
    (all_volumes_the_same, "all volumes are the same", "give the 4-D time series"),
    (last_volumes_empty, "10 of 120 volumes (8.33 %) are no data", "repair or exclude"),
    (no_orientation, "states no orientation", "set bold_orientation"),
    (bold_of_another_animal, "another animal", "correct `bold`"),
    (missing_atlas, "brain.nii.gz", "correct the path"),
    (unknown_label, "999", "correct the site's seed"),
    (two_seeds, "sites.M1", "exactly one of"),
    (not_yaml, "config.yaml", "correct the line"),
    (variant_of_the_unknown, "variant `other`", "did you mean `global_signal`?"),
    (impossible_response, "hrf.p", "must be positive"),
    (filter_above_nyquist, "bold.band_pass_hz", "Nyquist"),
]


def test_the_study_itself_is_fine(study):
    assert preflight.check_study([study / "config.yaml"])[2] == []


@pytest.mark.parametrize(("spoil", "culprit", "way_out"), CASES, ids=[c[0].__name__ for c in CASES])
def test_check_names_the_culprit_and_the_way_out(study, spoil, culprit, way_out):
    spoil(study)
    problems = preflight.check_study([study / "config.yaml"])[2]
    assert len(problems) >= 1
    assert any(culprit in problem and way_out in problem for problem in problems), problems
    # One sentence each: no line break, no stack trace, not longer than a person reads.
    assert all("\n" not in problem and "Traceback" not in problem and len(problem) < 700 for problem in problems)


@pytest.mark.parametrize("spoil", [missing_file, misspelt_key, duplicate_rows, constant_channel, missing_atlas])
def test_the_workflow_refuses_before_it_writes(study, spoil, run, tmp_path):
    """What is wrong with the settings always; what is wrong with one recording where the config asks for `stop`."""
    spoil(study)
    if spoil in (missing_file, constant_channel):
        config(study, run={"on_bad_recording": "stop"})
    results = tmp_path / "run" / "results"
    finished = run(study / "config.yaml", results)
    assert finished.returncode != 0
    told = finished.stdout + finished.stderr
    assert told.count("Error: ") == 1, told[-2000:]
    assert "Traceback" not in told
    assert not [p for p in results.rglob("*") if p.is_file() and "logs" not in p.parts]


def test_a_job_that_fails_leaves_nothing_behind(study, run, tmp_path):
    """A channel that turns constant where `check` does not look: found by the job, in one sentence, without a trace."""

    def spoil(file):
        data = file["acquisition/lfp/data"]
        data[:, 1] = 7
        for start in np.linspace(0, len(data) - 3000, 5).astype(int):
            data[start : start + 10, 1] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 0]

    nwb(study, spoil)
    sheet(study, lambda rows: [rows[0], rows[1]])
    image(study, lambda data: np.where(np.arange(data.shape[2])[:, None] < 3, data, 0).astype(data.dtype))
    config(study, run={"on_bad_recording": "stop"})
    results = tmp_path / "run" / "results"
    finished = run(study / "config.yaml", results)
    assert finished.returncode == 1
    assert "voxels of atlas.brain hold no signal" in finished.stderr
    assert "failed; what does not rest on them is complete" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not list(results.rglob("*desc-preproc_bold*"))
    assert not [p for p in results.rglob("*") if ".partial" in p.name]


def test_command_line_exit_status(study):
    command = [sys.executable, "-m", "lfpbold.cli", "check", str(study / "config.yaml")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    misspelt_key(study)
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")


@pytest.mark.slow
def test_a_study_whose_scans_are_all_dropped_still_ends_with_a_report(study, run, tmp_path):
    """An empty group is a finding, not a failure: everything is listed in excluded.tsv."""
    config(study, states={"sedated": {"fd_mm": 1e-6, "on_motion": "drop_scan"}})
    results = tmp_path / "run" / "results"
    finished = run(study / "config.yaml", results)
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert (results / "report.html").is_file()
    excluded = files.read_table(results / "reference" / "excluded.tsv")
    assert len(excluded) == 2
    assert all("moved by more than" in row["reason"] for row in excluded)
    assert files.read_table(results / "reference" / "group" / "temporal.tsv") == []
