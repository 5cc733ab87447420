"""What is written is BIDS, as its own validator sees it: the simulated dataset, and each variant as a derivative."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

VALIDATOR = Path(sys.executable).parent / "bids-validator-deno"


def errors(dataset) -> list[tuple]:
    """Errors of the validator: code, key, place."""
    finished = subprocess.run([VALIDATOR, str(dataset), "--json"], capture_output=True, text=True, check=False)
    found = json.loads(finished.stdout)["issues"]["issues"]
    return [(i["code"], i.get("subCode"), i.get("location")) for i in found if i.get("severity") == "error"]


@pytest.mark.parametrize("variant", ["reference", "rigorous"])
def test_each_variant_is_a_derivative(tiny_results, variant):
    assert errors(tiny_results / variant) == []


def test_the_simulated_study_is_a_dataset(tiny):
    assert errors(tiny) == []


def test_the_validator_sees_what_is_wrong(tiny, tmp_path):
    (tmp_path / "dataset_description.json").write_text(json.dumps({"Name": "none", "BIDSVersion": "1.10.0"}))
    wrong = tmp_path / "sub-01" / "func" / "sub-01_run-1_task-rest_bold.nii.gz"
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(next(tiny.rglob("*_bold.nii.gz")).read_bytes())
    assert errors(tmp_path)
