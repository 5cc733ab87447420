"""A full disk, a folder that cannot be written, an input that vanishes: a message each, then the same bytes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import run_workflow
from .interruptions import Run, half_written, standing, unlike

LFP = ("--until", "artefact")
ONE = "reference/sub-01/ses-01/ieeg/sub-01_ses-01_task-rest_acq-M1_run-1_desc-clean_ieeg.vhdr"  # of eight files


@pytest.fixture(scope="module")
def undisturbed(tiny_results) -> dict:
    return standing(tiny_results)


@pytest.fixture
def disk(tmp_path):
    """Mounts a disk in memory with given options, also anew with others; returns its folder."""
    place = tmp_path / "disk"

    def mount(options: str) -> Path:
        again = place.is_dir()
        place.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", f"remount,{options}" if again else options, "tmpfs", str(place)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            sentence = f"a disk in memory cannot be mounted here ({done.stderr.strip()})"
            pytest.fail(sentence) if os.environ.get("CI") == "true" else pytest.skip(sentence)
        return place

    if os.geteuid() != 0:
        pytest.skip("only root may mount the small disk that this test fills")
    yield mount
    subprocess.run(["umount", "--lazy", str(place)], capture_output=True, check=False)


def sentences(said: str, of: str = "Error") -> set[str]:
    return {line for line in said.splitlines() if line.startswith(of)}


def refused(finished) -> str:
    """The one sentence that a run ended with before any job began."""
    assert finished.returncode == 1
    said = finished.stdout + finished.stderr
    assert "Traceback" not in said
    (sentence,) = sentences(said)
    return sentence


@pytest.mark.parametrize("records", ["elsewhere", "there"])
def test_a_full_disk_is_one_sentence_and_the_run_goes_on_with_room(tiny, undisturbed, disk, tmp_path, records):
    """With Snakemake's own records on another disk, and on the one that is full."""
    place = disk("size=1m")  # for half of what the job writes
    results, at = place / "results", tmp_path if records == "elsewhere" else place
    run = Run(tiny / "config.yaml", results, "--", str(results / ONE), at=at)
    assert run.ended() == 1
    # On the screen, and in the log that Snakemake shows.
    (sentence,) = {line.partition("Error in artefact: ")[2] for line in run.said.splitlines() if "Error in art" in line}
    assert sentence.startswith(str(place))
    assert sentence.endswith(": the disk is full; make room and run the same command again: it goes on from there")
    assert "Traceback" not in run.said
    assert not half_written(results)
    assert not standing(results)

    disk("size=100m")
    run = Run(tiny / "config.yaml", results, "--", str(results / ONE), at=at)
    assert run.ended() == 0, run.said[-3000:]
    assert len(standing(results)) == 8
    assert not unlike(results, undisturbed)
    assert not half_written(results)


def test_a_disk_too_full_to_begin(tiny, disk, run):
    place = disk("size=64k")
    with pytest.raises(OSError), (place / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    sentence = refused(run(tiny / "config.yaml", place / "results", "--directory", str(place.parent), *LFP))
    assert "the disk is full; make room" in sentence and str(place) in sentence


def test_a_working_folder_that_cannot_be_written(tiny, disk, tmp_path):
    place = disk("size=1m")
    disk("ro")
    run = Run(tiny / "config.yaml", tmp_path / "results", *LFP, at=place)
    assert run.ended() == 1
    (sentence,) = [line for line in run.said.splitlines() if "Error" in line]
    assert f"Error: {place}: cannot be written" in sentence and "--directory FOLDER" in sentence


@pytest.mark.parametrize("there_before", [True, False], ids=["results there", "no results yet"])
def test_a_results_folder_that_cannot_be_written(tiny, disk, run, there_before):
    place = disk("size=1m")
    if there_before:
        (place / "results" / "logs").mkdir(parents=True)
    disk("ro")
    sentence = refused(run(tiny / "config.yaml", place / "results", "--directory", str(place.parent), *LFP))
    assert str(place / "results") in sentence
    assert "cannot be written (the file system is read-only)" in sentence
    assert "--config results=FOLDER" in sentence


def test_a_raw_file_that_vanishes_while_the_run_is_at_work(tiny, undisturbed, tmp_path):
    """Nothing of it is believed, no recording is excluded for it, and the run goes on when the file is back."""
    study, results = tmp_path / "study", tmp_path / "run" / "results"
    shutil.copytree(tiny, study, copy_function=os.link)
    asked = ("--config", f"results={results}", "run={on_bad_recording: exclude}")
    run = Run(study / "config.yaml", results, *LFP, *asked, cores=1)
    assert run.until_at_work()
    away = [path.rename(path.with_suffix(".away")) for path in sorted(study.rglob("*_ieeg.nwb"))]
    assert run.ended() == 1
    assert "Traceback" not in run.said
    assert re.search(r"^Error in artefact: \S+_ieeg.nwb: disappeared during the run; put it back", run.said, re.M)
    assert not half_written(results) and not unlike(results, undisturbed)
    for path in away:
        path.rename(path.with_suffix(".nwb"))
    run = Run(study / "config.yaml", results, *LFP, *asked)
    assert run.ended() == 0, run.said[-3000:]
    assert not unlike(results, undisturbed) and len(standing(results)) == 24


def test_a_file_of_an_earlier_stretch_that_is_gone_is_made_again(tiny, undisturbed, tmp_path):
    results = tmp_path / "results"
    assert run_workflow(tiny / "config.yaml", results, "--", str(results / ONE)).returncode == 0
    (results / ONE).unlink()
    assert run_workflow(tiny / "config.yaml", results, "--", str(results / ONE)).returncode == 0
    assert len(standing(results)) == 8
    assert not unlike(results, undisturbed)
