"""What is written is BIDS, as its own validator sees it: the simulated dataset, and each variant as a derivative."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lfpbold.derivatives import files

VALIDATOR = Path(sys.executable).parent / "bids-validator-deno"
# What BIDS asks of a sidecar, by the end of its file's name.
REQUIRED = {"_bold.nii": {"SkullStripped"}, "_ieeg.vhdr": {"SamplingFrequency"}, "_mask.nii.gz": {"Type"}}


def errors(dataset) -> list[tuple]:
    """Errors of the validator, which holds BIDS's rules itself and needs no network: code, key, place."""
    if not VALIDATOR.is_file():
        pytest.skip("bids-validator-deno is not installed beside this Python")
    finished = subprocess.run([VALIDATOR, str(dataset), "--json"], capture_output=True, text=True, check=False)
    found = json.loads(finished.stdout)["issues"]["issues"]
    return [(i["code"], i.get("subCode"), i.get("location")) for i in found if i.get("severity") == "error"]


def faults(results) -> list[str]:
    """What is wrong with the files of a results folder whatever BIDS says: empty, no JSON, without what it asks for."""
    found = []
    for path in (p for p in results.rglob("*") if p.is_file()):
        place = path.relative_to(results)
        if {"logs", "benchmarks"} & set(place.parts):
            continue
        if not path.stat().st_size:
            found.append(f"{place} is empty")
        elif path.suffix == ".json" and not isinstance(files.read_json(path), dict):
            found.append(f"{place} holds no JSON object")
        for end, keys in REQUIRED.items():
            told = files.read_json(files.sidecar_path(path)) if path.name.endswith(end) else {}
            if path.name.endswith(end) and not keys <= told.keys():
                found.append(f"the sidecar of {place} lacks {keys - told.keys()}")
    return found


@pytest.mark.parametrize("folder", ["", "reference", "no_gsr", "rigorous"])
def test_the_results_and_each_variant_are_derivatives(tiny_results, folder):
    assert errors(tiny_results / folder) == []


def test_no_file_is_empty_and_every_sidecar_says_what_it_must(tiny_results):
    assert faults(tiny_results) == []


def test_the_simulated_study_is_a_dataset(tiny):
    assert errors(tiny) == []


@pytest.mark.parametrize("place", ["derivatives/lfpbold", "results"])
def test_the_study_is_a_dataset_with_its_results_inside(tiny, tiny_results, tmp_path, place):
    shutil.copytree(tiny, tmp_path / "study")
    shutil.copytree(tiny_results, tmp_path / "study" / place)
    assert errors(tmp_path / "study") == []


def test_the_validator_sees_what_is_wrong(tiny, tmp_path):
    (tmp_path / "dataset_description.json").write_text(json.dumps({"Name": "none", "BIDSVersion": "1.10.0"}))
    wrong = tmp_path / "sub-01" / "func" / "sub-01_run-1_task-rest_bold.nii.gz"
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(next(tiny.rglob("*_bold.nii.gz")).read_bytes())
    assert errors(tmp_path)
