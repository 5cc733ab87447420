"""Snakemake's own ways: every option that its users know does here what it does elsewhere."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from lfpbold.study import settings as config
from lfpbold.study import sheet
from lfpbold.study.settings.stages import FOLLOWS
from lfpbold.workflow import estimate
from lfpbold.workflow.plan import Plan

from .conftest import REPOSITORY, run_workflow
from .test_variants import planned
from .test_workflow import jobs


def said(finished) -> str:
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout + finished.stderr


def test_until_stops_at_a_rule(tiny, tmp_path):
    found = planned(tiny / "config.yaml", tmp_path / "fresh" / "results", "--until", "hrf")
    assert dict(found) == {"artefact": 3, "power": 3, "hrf": 3}


def test_forcerun_repeats_a_rule_and_what_follows(tiny, tiny_results):
    found = planned(tiny / "config.yaml", tiny_results, "--forcerun", "networks")
    assert {"networks", "average", "variance", "figures_group", "report"} <= found.keys()
    assert not {"artefact", "power", "motion", "bold", "hrf", "coupling", "nulls"} & found.keys()


def test_what_was_interrupted_runs_again(tiny, tiny_results):
    """Our profile asks for `--rerun-incomplete`: a killed run goes on without further ado."""
    output = next(tiny_results.glob("reference/sub-01/ses-01/ieeg/*_desc-hrf_timeseries.tsv"))
    mark = base64.b64encode(str(output).encode()).decode()
    folder = tiny_results.parent / ".snakemake" / "incomplete"
    folder.mkdir(exist_ok=True)
    path = folder / mark if len(mark) < 255 else folder / f"@{mark[:254]}" / mark[254:]
    path.parent.mkdir(exist_ok=True)
    path.touch()
    try:
        found = planned(tiny / "config.yaml", tiny_results, "--rerun-incomplete")
    finally:
        path.unlink()
    assert found["hrf"] == 1
    assert not {"artefact", "power", "motion", "bold"} & found.keys()


def test_rulegraph_and_summary(tiny, tiny_results, run):
    graph = run(tiny / "config.yaml", tiny_results, "--rulegraph", "dot").stdout
    names = dict(re.findall(r'(\d+)\[label = "(\w+)', graph))
    edges = {(names[a], names[b]) for a, b in re.findall(r"(\d+) -> (\d+)", graph)}
    stages = ["artefact", "power", "hrf", "coupling", "average", "variance", "figures_study", "report", "all"]
    reached = {(a, b) for a, b in edges if a in stages and b in stages}
    assert {("artefact", "power"), ("power", "hrf"), ("hrf", "coupling"), ("coupling", "average")} <= reached
    assert ("report", "all") in reached
    # Nothing flows backwards, and networks rest on no correlation.
    assert ("coupling", "hrf") not in edges and ("coupling", "networks") not in edges
    summary = run(tiny / "config.yaml", tiny_results, "--summary").stdout.splitlines()
    assert summary[0].split("\t")[0] == "output_file"
    header, *lines = [line.split("\t") for line in summary]
    plan = header.index("plan")
    assert len(lines) > 500
    assert {line[plan] for line in lines} == {"no update"}


def test_report_of_snakemake_has_categories_and_labels(tiny, tiny_results, run, tmp_path):
    path = tmp_path / "report.zip"
    finished = run(tiny / "config.yaml", tiny_results, "--report", str(path))
    said(finished)
    shutil.unpack_archive(path, tmp_path / "unpacked")
    page = next((tmp_path / "unpacked").rglob("report.html")).read_text(encoding="utf-8")
    for words in ("Report", "reference", "no_gsr", "rigorous", "M1, sedated", "ACC, sedated", "study"):
        assert f'"{words}": ' in page, f"no category {words}"
    assert page.count('"labels": {"figure": "maps", "state": "sedated", "site": "M1"}') == 3  # one of each variant


def test_realigned_bold_is_cached_between_runs(tiny, run, tmp_path):
    """With `--cache`, another results folder takes realigned BOLD from there; without it, no cache is spoken of."""
    content = yaml.safe_load((tiny / "config.yaml").read_text(encoding="utf-8"))
    content["atlas"] = {k: str(tiny / v) for k, v in content["atlas"].items()}
    content |= {"recordings": str(tiny / "recordings.tsv"), "motion": {"correct": False}}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content), encoding="utf-8")
    target = "reference/sub-01/ses-01/func/sub-01_ses-01_task-rest_run-1_desc-preproc_bold.nii"
    (tmp_path / "cache").mkdir()
    found = []
    for name in ("one", "two"):
        results = tmp_path / name / "results"
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "1"]
        # Relative results: `--directory` says relative to what.
        command += ["--directory", str(results.parent), "--configfile", str(config), "--config", "results=results"]
        results.parent.mkdir()
        finished = subprocess.run(
            [*command, "--cache", "--", f"results/{target}"],
            capture_output=True,
            text=True,
            env=os.environ | {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path / "cache")},
            check=False,
        )
        assert "eligible for caching" not in said(finished)
        found.append((said(finished), (results / target).read_bytes()))
    assert "Finished jobid" in found[0][0] and "1 of 1 steps" in found[0][0]
    assert (tmp_path / "two" / "results" / target).is_symlink()
    assert found[0][1] == found[1][1]
    assert len(found[0][1]) > 10_000
    again = run(config, tmp_path / "three" / "results", "--dry-run")
    assert "eligible for caching" not in said(again)


@pytest.mark.slow  # `make lint` says the same
def test_the_workflow_lints_clean_and_is_formatted(tiny, run, tmp_path):
    linted = run(tiny / "config.yaml", tmp_path / "results", "--lint")
    assert "Congratulations" in said(linted)
    pytest.importorskip("snakefmt")
    program = "from snakefmt.snakefmt import main; main()"
    command = [sys.executable, "-c", program, "--check", "Snakefile", "workflow"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=REPOSITORY)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def test_the_workflow_catalogue_finds_what_it_needs():
    content = yaml.safe_load((REPOSITORY / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))
    usage = content["usage"]
    assert usage["report"] is True
    assert usage["software-stack-deployment"]["conda"] is True
    assert "--configfile" in usage["mandatory-flags"]["flags"]
    # What the catalogue asks of a repository's layout.
    for path in ("README.md", "LICENSE", "config/config.yaml", "Snakefile", "workflow/rules"):
        assert (REPOSITORY / path).exists(), path


@pytest.mark.slow
def test_a_single_figure_is_a_target(tiny, tiny_results):
    target = str(tiny_results / "reference" / "figures" / "desc-headline.svg")
    found = jobs(run_workflow(tiny / "config.yaml", tiny_results, "--dry-run", "--forcerun", target, "--", target))
    assert dict(found) == {"figures_study": 1}


def test_what_check_expects_is_what_snakemake_plans(tiny, tmp_path):
    settings = config.load([tiny / "config.yaml"])
    plan = Plan(settings, sheet.read_sheet(settings["recordings"], settings))
    planned = jobs(run_workflow(tiny / "config.yaml", tmp_path / "results", "--dry-run"))
    expected = {stage: len(estimate.jobs_of(plan, stage)) for stage in FOLLOWS}
    assert {stage: n for stage, n in expected.items() if n} == {s: n for s, n in planned.items() if s in FOLLOWS}


def test_the_disk_that_check_expects_is_that_of_the_results(tiny, tiny_results):
    settings = config.load([tiny / "config.yaml"])
    plan = Plan(settings, sheet.read_sheet(settings["recordings"], settings))
    expected = estimate.estimate(plan, [(4, 120.0)] * len(plan.rows))
    disk_mb = sum(item.stat().st_size for item in tiny_results.rglob("*") if item.is_file()) / 1e6
    assert disk_mb / 3 < expected.disk_mb < 10 * disk_mb
