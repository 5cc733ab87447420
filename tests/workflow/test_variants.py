"""What runs again, and what does not: jobs by rule, counted in dry runs on a finished study."""

from __future__ import annotations

import csv
import io as text_io
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict

import pytest
import yaml

from lfpbold.derivatives import files
from lfpbold.study import settings

from .conftest import REPOSITORY, run_workflow, with_own_files
from .test_workflow import jobs

DEFAULT = settings.read_yaml(settings.default_file())["variants"]
OF_THE_LFP = {"artefact", "power"}
OF_THE_BOLD = {"motion", "bold"}
OF_A_SCAN = {*OF_THE_LFP, *OF_THE_BOLD, "hrf", "coupling", "networks", "nulls", "figures_recording"}


def config_of(study, folder, rows=None, **changes):
    """The study's config with changes, beside a sheet of these rows (all, without them); and the rows."""
    content = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    content["atlas"] = {k: str(study / v) for k, v in content["atlas"].items()}
    sheet = rows_of(study) if rows is None else rows
    folder.mkdir(parents=True, exist_ok=True)
    written = text_io.StringIO()
    writer = csv.DictWriter(written, list(sheet[0]), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(sheet)
    (folder / "recordings.tsv").write_text(written.getvalue(), encoding="utf-8")
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({**content, **changes}, sort_keys=False), encoding="utf-8")
    return path


def rows_of(study) -> list[dict]:
    """Rows of a sheet, with absolute paths."""
    lines = (study / "recordings.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    return [row | {name: str(study / row[name]) for name in ("bold", "lfp")} for row in rows]


def planned(config, results, *arguments, **more) -> Counter:
    return jobs(run_workflow(config, results, "--dry-run", *arguments, **more))


def test_another_hrf_runs_no_job_of_the_lfp_or_the_bold(tiny, tiny_results, tmp_path):
    other = {"hrf": {"p": [6, 16, 1, 1, 6, 0, 32]}}
    found = planned(config_of(tiny, tmp_path, variants={**DEFAULT, "canonical": other}), tiny_results)
    n, groups = len(rows_of(tiny)), 2
    assert not (OF_THE_LFP | OF_THE_BOLD | {"figures_recording", "nulls"}) & found.keys()
    assert {rule: found[rule] for rule in ("hrf", "coupling", "networks", "average", "variance", "figures_group")} == {
        "hrf": n,
        "coupling": n,
        "networks": n,
        "average": groups,
        "variance": 1,
        "figures_group": groups,
    }


def test_a_grid_shares_and_draws_no_figures_of_its_own(tiny, tiny_results, tmp_path):
    grid = {"inherits": "no_gsr", "grid": {"coupling.lag_max_s": [10, 15], "networks.peak_percentile": [80, 85, 90]}}
    config = config_of(tiny, tmp_path, variants={**DEFAULT, "edges": grid})
    finished = run_workflow(config, tiny_results, "--dry-run")
    said = "9 variants: reference, no_gsr, rigorous, 6 of the grid edges (2 × 3: coupling.lag_max_s, networks"
    assert said in finished.stderr  # before anything runs
    found, n = jobs(finished), len(rows_of(tiny))
    assert not (OF_THE_LFP | OF_THE_BOLD | {"hrf", "nulls", "figures_group", "figures_study"}) & found.keys()
    # Two lags in two couplings; of three percentiles, one is the default and its networks are those of no_gsr.
    assert (found["coupling"], found["networks"]) == (2 * n, 2 * n)
    assert (found["average"], found["variance"]) == (6 * 2, 6)


@pytest.mark.parametrize(
    ("module", "stage", "again"),
    [
        ("coupling/correlation", "coupling", {"coupling", "nulls", "average", "variance", "report"}),
        pytest.param("pipeline/networks", "networks", {"networks", "average", "variance"}, marks=pytest.mark.slow),
        pytest.param(
            "bold/motion", "motion", {*OF_THE_BOLD, "coupling", "networks", "nulls", "variance"}, marks=pytest.mark.slow
        ),
    ],
)
def test_editing_a_module_reruns_its_stage_and_what_follows(tiny, tiny_results, tmp_path, module, stage, again):
    copy = tmp_path / "copy"
    for name in ("src", "workflow", "config", "profiles"):
        shutil.copytree(REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(REPOSITORY / "Snakefile", copy)

    def dry_run():
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(copy / "Snakefile"), "--cores", "1"]
        command += ["--directory", str(tiny_results.parent), "--configfile", str(tiny / "config.yaml")]
        environment = os.environ | {"PYTHONPATH": str(copy / "src")}
        return subprocess.run(
            [*command, "--config", f"results={tiny_results}", "--dry-run"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )

    before = dry_run()
    assert "Nothing to be done" in before.stdout + before.stderr, "a copy of the repository is the same workflow"
    path = copy / "src" / "lfpbold" / f"{module}.py"
    path.write_text(path.read_text(encoding="utf-8") + "\nEDITED = True\n", encoding="utf-8")
    found = jobs(dry_run())
    assert again <= found.keys()
    order = ["artefact", "power", "motion", "bold", "hrf", "coupling", "networks", "nulls"]
    first = order.index(stage)
    others = {*order[:first], "figures_recording"} if stage != "motion" else {*OF_THE_LFP, "hrf"}
    assert not others & found.keys(), f"editing {module} reran {sorted(others & found.keys())}"


def test_adding_a_recording_runs_that_recording_and_the_group(tiny, tiny_results, tmp_path):
    rows = rows_of(tiny)
    new = with_own_files(next(row for row in rows if row["sub"] == "01"), tmp_path / "new", 1) | {"run": "2"}
    found = planned(config_of(tiny, tmp_path, [new, *rows]), tiny_results)
    per_variant = {"coupling": 3, "networks": 3, "bold": 3}  # reference, no_gsr and rigorous filter differently
    once = dict.fromkeys(("artefact", "power", "hrf", "motion", "nulls", "figures_recording"), 1)
    assert {rule: found[rule] for rule in OF_A_SCAN} == per_variant | once
    # Of the other site nothing is averaged again.
    assert (found["average"], found["variance"], found["report"]) == (3, 3, 1)


def test_removing_a_recording_runs_the_group_alone(tiny, tiny_results, tmp_path):
    rows = rows_of(tiny)
    assert [row["site"] for row in rows if row["sub"] == "02"] == ["M1", "ACC"]
    # The first site of a run that two share: the run's own jobs are not the site's. Notes in the sheet rerun nothing.
    fewer = [row | {"note": "calm", "date": "2024-05-31"} for row in rows if (row["sub"], row["site"]) != ("02", "M1")]
    found = planned(config_of(tiny, tmp_path, fewer), tiny_results)
    assert not OF_A_SCAN & found.keys()
    assert (found["average"], found["variance"], found["report"]) == (3, 3, 1)


def test_a_selection_runs_the_group_alone_and_nothing_of_the_others_leaks_in(tiny, tiny_results, tmp_path):
    one = {"select": {"sub": ["02"], "site": ["M1"]}}
    config = config_of(tiny, tmp_path, variants={**DEFAULT, "one": one})
    found = planned(config, tiny_results)
    assert not OF_A_SCAN & found.keys()
    assert (found["average"], found["variance"], found["figures_group"]) == (1, 1, 1)

    # For good, with the files of all recordings beside it; `--until` and `--forcerun` on the way.
    results = tmp_path / "run" / "results"
    shutil.copytree(tiny_results, results)
    stale = results / "one" / "group" / "state-sedated_site-ACC_desc-spatial_average.tsv"
    stale.parent.mkdir(parents=True)
    shutil.copy2(results / "reference" / "group" / stale.name, stale)
    arguments = ("--until", "variance", "--forcerun", "average", "--rerun-triggers", "mtime")
    finished = run_workflow(config, results, *arguments, "--", str(results / "one" / "group" / "headline.tsv"))
    assert finished.returncode == 0, finished.stderr[-3000:]
    for name in ("temporal", "spatial", "spatial_group", "regression", "headline", "lags"):
        rows = files.read_table(results / "one" / "group" / f"{name}.tsv")
        assert rows
        assert {row["site"] for row in rows} == {"M1"}, name
        assert {row["sub"] for row in rows if "sub" in row} <= {"02", "group"}, name
    excluded = files.read_table(results / "one" / "excluded.tsv")
    reasons = {(row["sub"], row["site"]): row["reason"] for row in excluded if "not selected" in str(row["reason"])}
    assert reasons == {("01", "M1"): "not selected: sub is 01", ("02", "ACC"): "not selected: site is ACC"}
    # What one scan alone gives is that scan.
    of_scan = {
        row["band"]: row["r"]
        for row in files.read_table(results / "reference" / "group" / "spatial.tsv")
        if row["sub"] == "02" and row["site"] == "M1"
    }
    of_group = {row["band"]: row["r"] for row in files.read_table(results / "one" / "group" / "spatial_group.tsv")}
    assert of_group["gamma"] == pytest.approx(of_scan["gamma"], abs=1e-4)


def seconds_of(results) -> dict:
    """Mean seconds of a job of each rule, from what Snakemake keeps of a run."""
    found = defaultdict(list)
    for path in (results.parent / ".snakemake" / "metadata").rglob("*"):
        if path.is_file():
            record = json.loads(path.read_text(encoding="utf-8"))
            found[record["rule"]].append((record["starttime"], record["endtime"]))
    # Every output of a job has a record of its own.
    return {rule: sum(b - a for a, b in set(times)) / len(set(times)) for rule, times in found.items()}


def test_ten_variants_of_the_coupling_cost_less_than_two_and_a_half_times_one(tiny, tiny_results, tmp_path):
    first, *_ = rows_of(tiny)
    who = [(f"{sub:02d}", str(run)) for sub in range(1, 6) for run in range(1, 5)]
    rows = [with_own_files(first, tmp_path / "files", n) | {"sub": sub, "run": run} for n, (sub, run) in enumerate(who)]
    assert len(rows) == 20
    seconds = seconds_of(tiny_results)
    ten = {
        "reference": {},
        "many": {"grid": {"coupling.lag_max_s": [5, 10, 15], "coupling.information_bins": [5, 8, 12]}},
    }
    cost = {}
    for name, variants in (("one", {"reference": {}}), ("ten", ten)):
        found = planned(config_of(tiny, tmp_path / name, rows, variants=variants), tmp_path / name / "run" / "results")
        cost[name] = sum(n * seconds[rule] for rule, n in found.items())
        assert found["coupling"] == {"one": 20, "ten": 200}[name]
        assert found["networks"] == found["bold"] == found["artefact"] == 20
    # These scans are so small that starting a job is what costs; motion alone takes ten times as long in real ones.
    assert cost["ten"] < 2.5 * cost["one"]
