"""What a job makes of an error: an exclusion of its recording, or a failure; and what it passes on."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from lfpbold.derivatives import files
from lfpbold.errors import InputError
from lfpbold.workflow import job


class Named(SimpleNamespace):
    """Inputs and outputs as Snakemake gives them: by name, and in order."""

    def items(self):
        return vars(self).items()

    def __iter__(self):
        return iter(vars(self).values())


@pytest.fixture
def snakemake(tmp_path):
    """Makes what Snakemake gives to a job; the input is a table with a sidecar."""
    source = tmp_path / "in.tsv"
    source.write_text("r\n0.5\n", encoding="utf-8")

    def made(strictness, told=None, on_doubtful="exclude", **params):
        files.write_json(source.with_suffix(".json"), told or {})
        return SimpleNamespace(
            rule="coupling",
            log=[str(tmp_path / "results" / "logs" / "reference" / "coupling" / "a.log")],
            input=Named(table=str(source)),
            output=Named(r=str(tmp_path / "results" / "reference" / "r.tsv")),
            params={"settings": {}, "row": {"where": "recordings.tsv: sub-01"}, **params},
            wildcards={"variant": "reference"},
            config={"on_bad_recording": strictness, "on_doubtful": on_doubtful},
        )

    return made


def ended(made, error) -> dict | None:
    """The `Excluded` of what the job left; None where it left nothing."""
    with job.start(made):
        raise error
    return files.exclusion(made.output.r)


@pytest.mark.parametrize("strictness", ["exclude", "accept"])
def test_wrong_input_leaves_the_recording_out(snakemake, strictness):
    found = ended(snakemake(strictness), InputError("too short"))
    assert found == {"Step": "coupling", "Reason": "recordings.tsv: sub-01: too short", "Kind": "unusable"}


@pytest.mark.parametrize(("strictness", "params"), [("stop", {}), ("exclude", {"gathers": True})])
def test_it_fails_the_job_where_asked_and_where_many_recordings_meet(snakemake, strictness, params, capsys):
    """Scans of unlike grids cannot be averaged: whose fault it is nobody knows, and no group vanishes in silence."""
    made = snakemake(strictness, **params)
    with pytest.raises(SystemExit) as exit_:
        ended(made, InputError("unlike grids"))
    assert exit_.value.code == 1 and "unlike grids" in capsys.readouterr().err
    assert files.exclusion(made.output.r) is None


@pytest.mark.parametrize("error", [MemoryError("no room"), ValueError("odd data")])
def test_a_crash_never_leaves_a_recording_out(snakemake, error):
    made = snakemake("exclude")
    with pytest.raises(type(error)):
        ended(made, error)
    assert files.exclusion(made.output.r) is None


def test_why_a_recording_was_left_out_passes_through(snakemake):
    told = {"Step": "motion", "Reason": "moved", "Kind": "criterion"}
    made = snakemake("stop", {"Excluded": told})
    with pytest.raises(SystemExit) as exit_:
        job.start(made)
    assert exit_.value.code == 0 and files.exclusion(made.output.r) == told


CLOCK = {"Name": "clock", "Severity": "severe", "Text": "the clock is in doubt"}
JITTER = {"Name": "jitter", "Severity": "slight", "Text": "the TR jitters"}


def judged(made, doubts):
    """The sidecar of a job that judged doubts and wrote its table, as `artefact` does."""
    with job.start(made) as step:
        files.write_table(step.output.r, [{"r": 0.5}], {"r": ("", "")}, info=step.info | step.judge(doubts))
    return files.read_json(files.sidecar_path(made.output.r)), files.read_table(made.output.r)


def test_a_severe_doubt_excludes_and_leaves_the_files_whole(snakemake, capsys):
    told, rows = judged(snakemake("exclude"), [JITTER, CLOCK])
    reason = "recordings.tsv: sub-01: in doubt (clock): the clock is in doubt"
    assert told["Excluded"] == {"Step": "coupling", "Reason": reason, "Kind": "doubtful"} and rows == [{"r": 0.5}]
    assert f"Warning: {reason} (excluded)" in capsys.readouterr().err


def test_a_severe_doubt_is_told_where_the_recording_is_used(snakemake, capsys):
    told, _ = judged(snakemake("exclude", on_doubtful="use"), [CLOCK])
    assert "Excluded" not in told and "in doubt (clock)" in capsys.readouterr().err


@pytest.mark.parametrize("strictness", ["exclude", "accept", "stop"])
def test_a_severe_doubt_fails_the_job_where_asked_whatever_a_bad_recording_does(snakemake, strictness, capsys):
    made = snakemake(strictness, on_doubtful="stop")
    with pytest.raises(SystemExit) as exit_:
        judged(made, [CLOCK])
    assert exit_.value.code == 1 and "run.on_doubtful is `stop`" in capsys.readouterr().err
    assert files.exclusion(made.output.r) is None


@pytest.mark.parametrize("on_doubtful", ["exclude", "use", "stop"])
def test_a_slight_doubt_has_no_consequence(snakemake, on_doubtful, capsys):
    told, _ = judged(snakemake("stop", on_doubtful=on_doubtful), [JITTER])
    assert "Excluded" not in told
    assert capsys.readouterr().err.strip() == (
        "Note: recordings.tsv: sub-01: slight doubts (jitter), in the sidecar and in doubts.tsv"
    )


def test_without_doubts_nothing_is_said(snakemake, capsys):
    assert "Excluded" not in judged(snakemake("exclude"), [])[0] and capsys.readouterr().err == ""
