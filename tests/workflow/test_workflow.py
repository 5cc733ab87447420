"""The workflow as a machine: same bytes, shared files, what reruns, and a config that is documented and used."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from lfpbold.derivatives import files, layout
from lfpbold.study import settings, sheet
from lfpbold.workflow import provenance

from .conftest import REPOSITORY

TABLES = {  # the contract: names and first columns
    "temporal": "sub ses run state site band r r_spearman n n_eff p",
    "spatial": "sub ses run state site band r",
    "spatial_group": "state site band n_scans n_animals r r2",
    "regression": "sub ses run state site removal r slope",
    "noise": "state site cnr observed_spatial observed_temporal true_temporal r2",
    "headline": "state site measure value ci_low ci_high unit n",
    "lags": "state site band lag_s n_scans n_animals r sem",
    "hrfgrid": "state site band delay_s undershoot_s degenerate n_scans n_animals r sem",
    "paired": "sub ses run state site band temporal_r spatial_r temporal_rho spatial_rho temporal_z spatial_z",
    "yardstick": "state site band measure published ours n_scans n_animals published_n",
    "mediation": "state site sub band measure voxels n_scans n_animals observed expected null_low null_high percentile",
    "animals": "state site band measure n mean p n_animals mean_animals ci_low ci_high p_animals",
}


def digests(results) -> dict:
    """SHA-256 of every output; logs and benchmarks hold times and are no outputs."""
    return {
        p.relative_to(results).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(results.rglob("*"))
        if p.is_file() and p.relative_to(results).parts[0] not in ("logs", "benchmarks")
    }


def jobs(finished) -> Counter:
    """Jobs by rule, from the table that a dry run prints."""
    assert finished.returncode == 0, finished.stderr[-3000:]
    text = finished.stdout + finished.stderr
    found = re.findall(r"^(\w+)\s+(\d+)$", text[text.index("Job stats") :], flags=re.M)
    return Counter({name: int(n) for name, n in found if name not in ("all", "total")})


def with_variants(study, tmp_path, **variants):
    """A config that adds variants to the study's own."""
    content = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    content["recordings"] = str(study / content["recordings"])
    content["atlas"] = {k: str(study / v) for k, v in content["atlas"].items()}
    content["variants"] = {"reference": {}, **variants}
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def test_tables_keep_their_contract(tiny_results):
    for name, columns in TABLES.items():
        path = tiny_results / "reference" / "group" / f"{name}.tsv"
        header = path.read_text(encoding="utf-8").splitlines()[0].split("\t")
        assert header[: len(columns.split())] == columns.split()
        described = files.read_json(files.sidecar_path(path))
        assert all(described[column]["Description"] for column in header)


def test_every_output_has_a_sidecar_that_says_how_it_came_to_be(tiny_results):
    outputs = [p for p in tiny_results.rglob("*_desc-*") if p.suffix in (".gz", ".nii", ".vhdr", ".tsv")]
    outputs = [p for p in outputs if not {"logs", "benchmarks"} & set(p.relative_to(tiny_results).parts)]
    assert len(outputs) > 30
    for path in outputs:
        info = files.read_json(files.sidecar_path(path))
        assert info["GeneratedBy"][0]["Name"] == "lfpbold"
        assert info["Variant"] == path.relative_to(tiny_results).parts[0]
        assert info["Sources"]
        assert info["Function"] == layout.of_path(path.as_posix()).dotted_function


def test_provenance_names_versions_settings_and_inputs(tiny, tiny_results):
    described = files.read_json(tiny_results / "dataset_description.json")
    assert described["DatasetType"] == "derivative"
    rows = sheet.read_sheet(tiny / "recordings.tsv", settings.load([tiny / "config.yaml"]))
    inputs = {str(tiny / entry["Path"].removeprefix("bids:raw:")): entry["SHA256"] for entry in described["Inputs"]}
    for row in rows:
        for name in ("bold", "lfp"):
            with Path(row[name]).open("rb") as file:
                assert inputs[row[name]] == hashlib.file_digest(file, "sha256").hexdigest()
    # The resolved config, given back, resolves to itself.
    again = settings.load([tiny_results / "config.resolved.yaml"])
    assert provenance.config_hash(again) == described["ConfigHash"]


def test_same_bytes_with_one_core_and_with_two(tiny, tiny_results, run, tmp_path):
    """Figures of recordings among them; the others are drawn in one process, from files that are compared here."""
    alone = tmp_path / "alone" / "results"
    without = ("--omit-from", "figures_group", "figures_study", "figures_specification")
    assert run(tiny / "config.yaml", alone, *without, cores=1).returncode == 0
    # The results folder's own path stands in the config and in nothing else.
    first, second = digests(tiny_results), digests(alone)
    assert second.keys() <= first.keys()
    assert {name.partition(".")[0] for name in first.keys() - second.keys() if "figures/" not in name} == {"report"}
    first = {name: first[name] for name in second}
    with_paths = {"config.resolved.yaml", "dataset_description.json", "report.html"}
    differing = {name for name in first if first[name] != second[name] and not name.endswith(".json")}
    assert differing <= with_paths
    for name in first:
        if name.endswith(".json") and name not in with_paths:
            texts = [(root / name).read_text(encoding="utf-8") for root in (tiny_results, alone)]
            assert texts[0].replace(str(tiny_results), "R") == texts[1].replace(str(alone), "R"), name


def test_a_finished_study_has_nothing_left_to_do(tiny, tiny_results, run):
    again = run(tiny / "config.yaml", tiny_results, "--dry-run")
    assert again.returncode == 0
    assert "Nothing to be done" in again.stdout + again.stderr


@pytest.mark.parametrize(
    ("change", "untouched", "touched"),
    [
        (
            {"hrf": {"p": [6, 16, 1, 1, 6, 0, 32]}},
            {"artefact", "power", "motion", "bold"},
            {"hrf", "coupling", "networks"},
        ),
        ({"bold": {"global_signal": False}}, {"artefact", "power", "motion", "hrf"}, {"bold", "coupling"}),
        (
            {"networks": {"peak_percentile": 80}},
            {"artefact", "power", "motion", "bold", "hrf", "coupling"},
            {"networks"},
        ),
        ({"artefact": {"notch_width_hz": 1.0}}, {"motion", "bold"}, {"artefact", "power", "hrf", "coupling"}),
        (
            {"variance": {"cnr_trials": 20}},
            {"artefact", "power", "motion", "bold", "hrf", "coupling", "networks"},
            {"variance"},
        ),
    ],
    ids=["hrf", "bold", "networks", "artefact", "variance"],
)
def test_a_variant_recomputes_the_first_stretch_that_it_changes(
    tiny, tiny_results, run, tmp_path, change, untouched, touched
):
    config = with_variants(tiny, tmp_path, other=change)
    planned = jobs(run(config, tiny_results, "--dry-run", "--rerun-triggers", "mtime", "code", "input", "software-env"))
    assert not untouched & planned.keys()
    assert touched <= planned.keys()


def test_scripts_hold_no_logic():
    """Adapters read, call and write: no function, no loop beyond one over tables, no arithmetic."""
    for path in sorted((REPOSITORY / "workflow" / "scripts").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.While | ast.If)], path.name
        arithmetic = ast.Add | ast.Sub | ast.Mult | ast.Div | ast.Pow
        assert not [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, arithmetic)], path.name
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 32, path.name


def test_every_group_table_is_described():
    assert set(TABLES) <= set(layout.GROUP)
    assert all(text for record in layout.GROUP.values() for text, _ in record.columns.values())


def test_json_outputs_are_valid_json(tiny_results):
    def refuse(constant):
        pytest.fail(f"{constant} is not JSON")

    for path in tiny_results.rglob("*.json"):
        json.loads(path.read_text(encoding="utf-8"), parse_constant=refuse)


def test_the_example_compares_results_with_their_truth(tiny, tiny_results):
    """The command of the README: a row per state, site and band, and the errors of clock and motion."""
    command = [sys.executable, str(REPOSITORY / "examples" / "compare_with_truth.py"), str(tiny), str(tiny_results)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert "| sedated | M1 | gamma | 2 |" in finished.stdout
    clock = next(line for line in finished.stdout.splitlines() if line.startswith("| clock |"))
    assert float(clock.split()[3]) < 1  # ppm: the clock of a scan is found from its artefact
