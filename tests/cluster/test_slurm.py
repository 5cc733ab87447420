"""Through a real Slurm: the same bytes; jobs that die get more memory; jobs over their time are named."""

from __future__ import annotations

import hashlib
import os

import pytest

from .conftest import STUDY, snakemake

pytestmark = pytest.mark.cluster
LEFT_OUT = ("logs", "benchmarks")  # times and machines
TARGET = "results/reference/sub-01/ses-01/ieeg/sub-01_ses-01_task-rest_acq-M1_run-1_desc-clean_ieeg.vhdr"


def digests(results) -> dict:
    """SHA-256 of every file below a results folder."""
    files = (path for path in sorted(results.rglob("*")) if path.is_file())
    named = ((path.relative_to(results), path) for path in files)
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in named
        if not set(LEFT_OUT) & set(name.parts)
    }


def test_a_study_goes_through_slurm_and_gives_the_same_bytes(slurm, study, tmp_path):
    before = {job["id"] for job in slurm.jobs()}
    through = slurm.run(study / "config.yaml", tmp_path / "slurm")
    assert through.returncode == 0, through.stderr[-6000:]
    local = snakemake(study / "config.yaml", tmp_path / "local", "--cores", str(os.cpu_count()))
    assert local.returncode == 0, local.stderr[-6000:]

    found, expected = (digests(tmp_path / name / "results") for name in ("slurm", "local"))
    assert found.keys() == expected.keys()
    assert {name for name in found if found[name] != expected[name]} == set()
    for kind, least in {".tsv": 50, ".json": 100, ".nii.gz": 10, ".nii": 4, ".eeg": 4, ".html": 1}.items():
        assert sum(name.endswith(kind) for name in found) >= least, kind

    jobs = [job for job in slurm.jobs() if job["id"] not in before]
    assert {job["state"] for job in jobs} == {"COMPLETED"}
    steps = int(through.stderr.rpartition(" steps (100%) done")[0].rpartition(" of ")[2])
    assert len(jobs) < steps / 2, "small jobs go together"
    asked = {job["memory"] for job in jobs}
    # Everything in the tiny study is so small that it asks for the least that there is.
    assert len(asked) > 1 or STUDY == "tiny", "memory follows from the size of the input"
    assert len({job["limit"] for job in jobs}) > 1
    print(f"\n{steps} jobs of the workflow were {len(jobs)} Slurm jobs, which asked for {', '.join(sorted(asked))}")


def test_a_job_that_dies_of_memory_is_sent_again_with_more(slurm, tiny, tmp_path):
    before = {job["id"] for job in slurm.jobs()}
    small_at_first = ("--set-resources", "artefact:mem_mb=120*attempt**3")
    finished = slurm.run(tiny / "config.yaml", tmp_path, *small_at_first, "--", TARGET)
    assert finished.returncode == 0, finished.stderr[-4000:]
    assert (tmp_path / TARGET).stat().st_size > 0
    jobs = sorted((job for job in slurm.jobs() if job["id"] not in before), key=lambda job: int(job["id"]))
    assert [job["memory"] for job in jobs] == ["120M", "960M"]
    assert jobs[0]["state"] in ("FAILED", "OUT_OF_MEMORY") and jobs[1]["state"] == "COMPLETED"
    (log,) = (tmp_path / ".snakemake" / "slurm_logs").rglob(f"{jobs[0]['id']}.log")
    assert "exceeded memory limit" in log.read_text(encoding="utf-8")
    assert "Error: artefact" not in finished.stderr, "what came right in the end is not told as an error"


def test_a_job_over_its_time_is_named_with_its_recording(slurm, tiny, tmp_path):
    slurm.hang("sub=01,ses=01,task=rest,site=M1")
    limits = ("--set-resources", "artefact:runtime=1", "--retries", "0")
    try:
        finished = slurm.run(tiny / "config.yaml", tmp_path, *limits, "--", TARGET)
    finally:
        slurm.hang("")
    assert finished.returncode != 0
    told = [line for line in finished.stderr.splitlines() if line.startswith("Error: ")]
    assert len(told) == 1, finished.stderr[-4000:]
    for words in ("artefact of sub-01 ses-01 run-1 site-M1", "longer than the 1 minutes", "--set-resources artefact:"):
        assert words in told[0]
    assert not (tmp_path / TARGET).exists()
