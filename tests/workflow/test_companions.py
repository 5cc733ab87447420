"""A file beside a raw recording is corrected, added or removed: the same command computes what rests on it again."""

from __future__ import annotations

import contextlib
import csv
import os
import shutil
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY, run_workflow
from .test_variants import planned
from .test_workflow import jobs

sys.path.insert(0, str(REPOSITORY / "tests" / "unit"))
import files_of_formats as formats
import files_of_rigs as rigs

OUTPUT = "reference/sub-{0}/ses-01/ieeg/sub-{0}_ses-01_task-rest_acq-M1_run-1_desc-clean_ieeg.vhdr"


@pytest.fixture(scope="module")
def study(tiny, tmp_path_factory) -> Path:
    """The tiny study, two of whose recordings are exchanged for others: BrainVision, and a TDT block."""
    folder = tmp_path_factory.mktemp("companions") / "study"
    shutil.copytree(tiny, folder)
    with (folder / "recordings.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    formats.brainvision(folder / "rat.vhdr", formats.samples())
    rigs.tdt_tev(folder / "tank" / "block", {"LFP1": formats.samples() * 1e-6})
    exchanged = {"01": "rat.vhdr", "02": "tank/block"}
    for row in rows:
        row["lfp"] = exchanged[row["sub"]] if row["site"] == "M1" else row["lfp"]
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    (folder / "recordings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(study, tmp_path_factory) -> Path:
    """Both recordings are too short for their scans; that they are excluded is an outcome like others."""
    results = tmp_path_factory.mktemp("companions-run") / "results"
    finished = run_workflow(study / "config.yaml", results, "--", *targets(results))
    assert finished.returncode == 0, finished.stderr[-3000:]
    return results


def targets(results) -> list[str]:
    return [str(results / OUTPUT.format(sub)) for sub in ("01", "02")]


def again(study, results) -> int:
    """How many of the two recordings' jobs would run."""
    found = run_workflow(study / "config.yaml", results, "--dry-run", "--", *targets(results))
    return 0 if "Nothing to be done" in found.stdout + found.stderr else jobs(found)["artefact"]


@contextlib.contextmanager
def changed(path: Path, content: bytes | None):
    """A file with another content, older than the results; or none. As it was in the end, to the nanosecond."""
    before = (path.read_bytes(), path.stat().st_mtime_ns) if path.exists() else None
    try:
        if content is None:
            path.unlink()
        else:
            path.write_bytes(content)
            os.utime(path, (1e9, 1e9))
        yield
    finally:
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before[0])
            os.utime(path, ns=(before[1], before[1]))


def test_where_nothing_was_changed_nothing_runs(study, results):
    (study / "notes.txt").write_text("about the rat\n")
    (study / "tank" / "block" / ".DS_Store").write_bytes(b"left by the system")
    assert again(study, results) == 0


@pytest.mark.parametrize(
    ("name", "n_jobs"),
    [
        ("rat.vmrk", 1),
        ("rat.eeg", 1),
        ("rat_channels.tsv", 1),  # which was not there
        ("tank/block/tank_block.Tbk", 1),
        ("task-rest_bold.json", 2),  # which was not there, and is inherited by the BOLD of both
        ("sub-02/ses-01/func/sub-02_ses-01_task-rest_run-1_bold.json", 1),
    ],
)
def test_a_file_that_belongs_to_a_recording_runs_its_job_again(study, results, name, n_jobs):
    path = study / name
    content = path.read_bytes() + b"\n" if path.exists() else b"{}" if name.endswith("json") else b"name\tstatus\n"
    with changed(path, content):
        assert again(study, results) == n_jobs
    assert again(study, results) == 0


def test_a_file_that_was_removed_does_too(study, results):
    with changed(study / "tank/block/tank_block.Tdx", None):
        assert again(study, results) == 1


def test_what_does_not_rest_on_it_stays(tiny, tiny_results):
    """A table of channels concerns no job of the BOLD, and none of another recording."""
    lfp = next(tiny.glob("sub-01/ses-01/ieeg/*_acq-M1_*_ieeg.nwb"))
    table = lfp.with_name(lfp.name.replace("_ieeg.nwb", "_channels.tsv"))
    with changed(table, table.read_bytes() + b"\n"):
        found = planned(tiny / "config.yaml", tiny_results)
    assert found["artefact"] == 1 and found["power"] == 1 and found["coupling"] == 3  # of this scan in three variants
    assert not {"motion", "bold"} & found.keys()
