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

    def made(strictness, told=None, **params):
        files.write_json(source.with_suffix(".json"), told or {})
        return SimpleNamespace(
            rule="coupling",
            log=[str(tmp_path / "results" / "logs" / "reference" / "coupling" / "a.log")],
            input=Named(table=str(source)),
            output=Named(r=str(tmp_path / "results" / "reference" / "r.tsv")),
            params={"settings": {}, "row": {"where": "recordings.tsv: sub-01"}, **params},
            wildcards={"variant": "reference"},
            config={"on_bad_recording": strictness},
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
