"""Killed and resumed, two at once: nothing lost, nothing half-written believed, the same bytes, a message each."""

from __future__ import annotations

import re
import signal
import time

import numpy as np
import pytest

from .interruptions import Run, at_every_start, forget, half_written, killed_while_moving, standing, unlike

SOME = ("--until", "hrf")  # nine jobs: what a recording's LFP goes through


@pytest.fixture(scope="module")
def undisturbed(tiny_results) -> dict:
    """The bytes of every result of a run that nothing disturbed."""
    return standing(tiny_results)


def resumed(study, results, *arguments, **options) -> Run:
    """The same command again, once the jobs of a killed run have ended."""
    while True:
        run = Run(study / "config.yaml", results, *arguments, **options)
        if run.until_at_work() or "another run is at work" not in run.said:
            return run
        assert run.ended() == 1
        time.sleep(0.5)


@pytest.fixture(scope="module")
def broken(tiny, undisturbed, tmp_path_factory) -> dict:
    """A run killed in three ways, resumed each time by the same command, and disturbed by a second run."""
    folder = tmp_path_factory.mktemp("interrupted")
    results, config, found = folder / "results", tiny / "config.yaml", {}

    # All of it, while a job moves its files: some stand in their places, others do not.
    run = Run(config, results, *SOME, environment=killed_while_moving(folder / "killer", "artefact", 4))
    found["moving"] = (run.ended(), unlike(results, undisturbed), half_written(results))
    # What Snakemake remembers is lost besides.
    forget(results)

    # One job, as the kernel does where memory is short. A second run is started on the same folder from
    # another place.
    run = resumed(tiny, results, *SOME)
    run.until_jobs_finished(1)
    with run.held():
        second = Run(config, results, *SOME, at=folder / "elsewhere")
        found["second"] = (second.ended(), second.said)
    run.kill(workflow=False)
    found["job"] = (run.ended(), unlike(results, undisturbed), half_written(results), run.said)

    # The workflow, whose jobs live on: a run that is started at once must not begin beside them.
    run = resumed(tiny, results, *SOME)
    run.until_jobs_finished(1)
    orphans = run.jobs()
    run.kill(jobs=False)
    alive = [job for job in orphans if job.is_running()]
    second = Run(config, results, *SOME)
    found["workflow"] = (len(alive), second.ended(), unlike(results, undisturbed), second.said)

    run = resumed(tiny, results, *SOME)
    found["last"] = (run.ended(), run.said)
    return found | {"results": results}


def test_a_run_killed_while_files_are_moved_leaves_no_wrong_file(broken):
    code, wrong, left = broken["moving"]
    assert code == -signal.SIGKILL
    assert left, "the run was not killed while a job was at work"
    assert not wrong


def test_a_killed_job_stops_the_run_and_leaves_nothing(broken):
    code, wrong, left, said = broken["job"]
    assert code == 1
    assert not wrong and not left
    assert "Error: a job was killed from outside, most often because memory ran short" in said


def test_jobs_of_a_killed_workflow_are_waited_for(broken):
    alive, code, wrong, said = broken["workflow"]
    assert not wrong
    if alive and code:
        assert code == 1
        assert "jobs of a run that was killed still are; wait until they have ended" in said


def test_a_second_run_ends_at_once_and_disturbs_nothing(broken):
    code, said = broken["second"]
    assert code == 1
    (sentence,) = [line for line in said.splitlines() if "Error" in line]
    assert sentence.startswith(f"Error: {broken['results']}: another run is at work in this folder")
    assert sentence.endswith("wait until they have ended, or choose another folder with --config results=FOLDER")
    assert "Traceback" not in said


def test_what_was_killed_three_times_ends_with_the_same_bytes(broken, undisturbed):
    code, said = broken["last"]
    assert code == 0, said[-3000:]
    found = standing(broken["results"])
    kinds = "clean_ieeg multiunit_timeseries artefact_qc spectrogram_qc power_ieeg hrf_timeseries contacts_timeseries"
    assert found.keys() == {
        name for name in undisturbed if "/ieeg/" in name and any(f"desc-{kind}." in name for kind in kinds.split())
    }
    assert not unlike(broken["results"], undisturbed)
    assert not half_written(broken["results"])


THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
NOTED = """
import os, sys
if any(".snakemake/scripts" in word for word in sys.orig_argv):
    with open(os.environ["NOTES"], "a") as notes:
        print(*(os.environ.get(name) for name in {names}), file=notes)
"""


def test_same_bytes_in_another_order_and_where_the_shell_asks_for_threads(tiny, undisturbed, tmp_path):
    """BLAS has one thread in every job; jobs in another order write the same."""
    results, notes = tmp_path / "run" / "results", tmp_path / "notes"
    target = results / "reference/sub-01/ses-01/func/sub-01_ses-01_task-rest_acq-M1_run-1_desc-spatial_coupling.tsv"
    environment = at_every_start(tmp_path / "start", NOTED.format(names=THREADS)) | {"NOTES": str(notes)}
    # The LFP's jobs usually come first.
    order = ("--scheduler", "greedy", "--prioritize", "bold")
    run = Run(
        tiny / "config.yaml",
        results,
        *order,
        "--",
        str(target),
        cores=1,
        environment=environment | dict.fromkeys(THREADS, "4"),
    )
    assert run.ended() == 0, run.said[-3000:]
    rules = re.findall(r"Rule: (\w+)", run.said)
    assert rules[:2] == ["motion", "bold"] and len(rules) == 6
    assert set(notes.read_text(encoding="utf-8").splitlines()) == {"1 1 1"}
    assert target.exists() and not unlike(results, undisturbed)


def at_random(run: Run, random: np.random.Generator) -> str:
    """Kill a run at a random moment, in a random way."""
    way = str(random.choice(["all", "all", "workflow", "job", "forgotten", "SIGTERM", "SIGINT"]))
    if run.until_jobs_finished(int(random.integers(0, 5))):
        time.sleep(random.uniform(0, 4))
    if run.process.poll() is not None:
        return "ended"
    by = {"SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}.get(way, signal.SIGKILL)
    run.kill(workflow=way != "job", jobs=way != "workflow", by=by)
    if way == "job" and run.process.returncode == 0:
        return "ended"  # the job was faster
    if way == "forgotten":
        forget(run.results)
    return way


@pytest.mark.slow
def test_twenty_kills_at_random_moments(tiny, undisturbed, tmp_path_factory):
    """Whatever stands as a result after each of twenty kills is right, and the end is the same, byte for byte."""
    random, results = np.random.default_rng(20), tmp_path_factory.mktemp("kills") / "results"
    ways: list[str] = []
    while len(ways) < 20 and standing(results).keys() != undisturbed.keys():
        run = resumed(tiny, results, cores=int(random.integers(1, 3)))
        ways.append(at_random(run, random))
        print(f"{len(ways)} {ways[-1]}: {len(standing(results))} of {len(undisturbed)} results stand")
        assert ways[-1] != "ended" or run.ended() == 0, run.said[-3000:]
        assert not unlike(results, undisturbed), (ways, unlike(results, undisturbed))
    assert len(ways) == 20, "the study was done before it could be killed twenty times"
    last = resumed(tiny, results)
    assert last.ended() == 0, last.said[-3000:]
    assert not half_written(results)
    assert standing(results).keys() == undisturbed.keys()
    assert not unlike(results, undisturbed)
