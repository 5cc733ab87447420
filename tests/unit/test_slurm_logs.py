"""Jobs that a cluster ended are named with their recording, the reason and what to change."""

from __future__ import annotations

import os
from types import SimpleNamespace

from lfpbold.workflow import slurm_logs

BEGIN = """[Sat Nov 21 15:52:42 2026]
rule {rule}:
    input: /study/sub-{sub}_bold.nii.gz
    log: /results/logs/{sub}.log
    jobid: {jobid}
    reason: Forced execution
    wildcards: variant=reference, sub={sub}, ses=01, site=M1, run=1
    resources: tmpdir=/tmp, disk_mb=1000, mem_mb=700, mem=700 MB, serial=1, runtime=6
"""
END = "Finished jobid: {jobid} (Rule: {rule})\n1 of 1 steps (100%) done\n"
OVER_TIME = "slurmstepd: error: *** JOB 2 ON n1 CANCELLED AT 2026-11-21T15:56:00 DUE TO TIME LIMIT ***\n"
OVER_MEMORY = "slurmstepd: error: StepId=3.0 exceeded memory limit (734003200 > 4096), being killed\n"


def job(rule, sub):
    labels = {"variant": "reference", "sub": sub, "ses": "01", "run": "1", "site": "M1"}
    return SimpleNamespace(rule=SimpleNamespace(name=rule), wildcards=labels)


def log(folder, name, *parts, after=0):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(parts), encoding="utf-8")
    os.utime(path, (1e9 + after, 1e9 + after))
    return path


def begun(rule, sub, jobid):
    return BEGIN.format(rule=rule, sub=sub, jobid=jobid)


def test_time_names_the_recording_and_the_way_out(tmp_path):
    path = log(tmp_path, "rule_motion/01/2.log", begun("motion", "01", 7), OVER_TIME)
    (found,) = slurm_logs.sentences([job("motion", "01")], tmp_path)
    for words in ("motion of sub-01 ses-01 run-1 site-M1", "longer than the 6 minutes", "motion:runtime=24", str(path)):
        assert words in found


def test_memory_names_the_recording_and_the_way_out(tmp_path):
    for number, words in enumerate((OVER_MEMORY, "Detected 1 oom_kill event in StepId=3.0\n", "Out Of Memory\n")):
        log(tmp_path, "rule_bold/3.log", begun("bold", "02", 7), words, after=number)
        (found,) = slurm_logs.sentences([job("bold", "02")], tmp_path)
        assert "bold of sub-02 ses-01 run-1 site-M1" in found
        assert "more than the 700 MB" in found and "bold:mem_mb=2800" in found


def test_of_a_group_only_those_are_named_that_were_at_work(tmp_path):
    done = begun("bold", "01", 1) + END.format(rule="bold", jobid=1)
    log(tmp_path, "group_maps/4.log", done, begun("coupling", "01", 2), OVER_TIME)
    group = [job("bold", "01"), job("coupling", "01"), job("networks", "01")]
    (found,) = slurm_logs.sentences([group], tmp_path)
    assert found.startswith("coupling of sub-01")


def test_what_a_job_found_wrong_with_its_input_is_told(tmp_path):
    said = "Error in motion: recordings.tsv: sub-01: volume 7 holds NaN; repair the file\n"
    log(tmp_path, "rule_motion/8.log", begun("motion", "01", 1), said, "Error in rule motion:\n    message: None\n")
    (found,) = slurm_logs.sentences([job("motion", "01")], tmp_path)
    assert "failed: recordings.tsv: sub-01: volume 7 holds NaN; repair the file; its log" in found


def test_the_last_attempt_counts_and_those_that_came_right_are_not_named(tmp_path):
    log(tmp_path, "rule_bold/5.log", begun("bold", "01", 1), OVER_MEMORY, after=10)
    log(tmp_path, "rule_bold/6.log", begun("bold", "01", 1), OVER_TIME, after=20)
    log(tmp_path, "rule_bold/7.log", begun("bold", "02", 2), OVER_MEMORY, after=30)
    (found,) = slurm_logs.sentences([job("bold", "01")], tmp_path)
    assert "longer than" in found


def test_without_a_log_of_this_run_the_recording_is_named_all_the_same(tmp_path):
    log(tmp_path, "rule_bold/5.log", begun("bold", "01", 1), OVER_MEMORY, after=-5000)
    (found,) = slurm_logs.sentences([job("bold", "01")], tmp_path, since=1e9)
    assert found == "bold of sub-01 ses-01 run-1 site-M1 (variant reference) failed"
    assert slurm_logs.sentences([], tmp_path) == []
    assert slurm_logs.sentences([job("bold", "01")], tmp_path / "none") == [found]
