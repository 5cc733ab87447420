"""What is legal but looks wrong is said: in the job's log, in the sidecar, and by that in the report."""

from __future__ import annotations

import csv
import json
import re
import shutil

import nibabel
import numpy as np
import pytest
import yaml

from lfpbold import recordings
from lfpbold.derivatives import files
from lfpbold.errors import InputError
from lfpbold.pipeline.artefact import driver
from lfpbold.study import settings, sheet

from .conftest import NO_FIGURES, run_workflow


@pytest.fixture(scope="module")
def opened(tiny):
    resolved = settings.load([tiny / "config.yaml"])
    row = next(r for r in sheet.read_sheet(resolved["recordings"], resolved) if r["scan_start_s"] is None)
    lfp = recordings.open_configured_lfp(row["lfp"], row["input"], row["channels"], row["where"])
    bold = recordings.open_configured_bold(row["bold"], row["input"], row["where"])
    return lfp, bold, row, resolved["artefact"]


def warned(opened, start_shift_s=None, **changes) -> list:
    lfp, bold, row, options = opened
    if start_shift_s is not None:
        row = row | {"scan_start_s": lfp.triggers_s[0] + start_shift_s}
    _, _, info, _, _ = driver.artefact(lfp, bold, row, options | changes, log=lambda text: None)
    return info["Warnings"]


def test_a_scan_in_order_gives_no_warning(opened):
    assert warned(opened) == []


def test_a_scan_start_that_is_late_is_noticed(opened):
    """A little: the artefact stands before the stated start. By more than a volume, no number would be right."""
    assert any("the artefact is there before the scan too" in text for text in warned(opened, start_shift_s=0.3))
    with pytest.raises(InputError, match=r"scan_start_s says .* too late"):
        warned(opened, start_shift_s=1.5)


def test_a_clock_that_is_not_fitted_is_noticed(opened):
    assert any("of the broadband signal is left" in text for text in warned(opened, clock="nominal"))


def test_one_template_for_unlike_slices_is_noticed(opened):
    assert any("of the broadband signal is left" in text for text in warned(opened, template="pooled"))


def test_a_scan_start_that_is_no_trigger_is_noticed(opened):
    assert any("from the nearest trigger" in text for text in warned(opened, start_shift_s=0.3))
    assert warned(opened, start_shift_s=0.0) == []


def test_a_recording_in_doubt_is_excluded_and_a_change_of_mind_computes_it_alone(tiny, tmp_path):
    """Its TR is wrong in header and sidecar alike, and its start is stated, so that nothing contradicts it."""
    study, results = tmp_path / "study", tmp_path / "run" / "results"
    shutil.copytree(tiny, study)
    path = next((study / "sub-01").rglob("*_bold.nii.gz"))
    image = nibabel.load(path)
    image = nibabel.Nifti1Image(np.asarray(image.dataobj), image.affine, image.header)
    image.header["pixdim"][4] = 1.01
    nibabel.save(image, path)
    sidecar = path.with_name(path.name.replace(".nii.gz", ".json"))
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {"RepetitionTime": 1.01}), encoding="utf-8")
    lfp = recordings.open_lfp(next((study / "sub-01").rglob("*_ieeg.nwb")))
    with (study / "recordings.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row | {"scan_start_s": ""} for row in csv.DictReader(file, delimiter="\t")]
    for row in rows:
        row["scan_start_s"] = f"{lfp.triggers_s[0]:.6f}" if row["sub"] == "01" else ""
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    (study / "recordings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    configs = {}
    for policy in ("exclude", "use"):
        content = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
        content |= {"variants": {"reference": {}}, "run": {"on_doubtful": policy}}
        configs[policy] = study / f"{policy}.yaml"
        configs[policy].write_text(yaml.safe_dump(content), encoding="utf-8")
    ended = run_workflow(configs["exclude"], results, *NO_FIGURES)
    assert ended.returncode == 3, ended.stderr[-2000:]
    assert "1 of 3 recordings is in doubt and was excluded (run.on_doubtful): sub-01" in ended.stderr
    assert {row["n"] for row in table(results, "headline")} == {1}
    ended = run_workflow(configs["use"], results, *NO_FIGURES)
    assert ended.returncode == 0 and "1 of 3 recordings is in doubt and was used" in ended.stderr
    assert {(r["site"], r["n"], r["n_doubtful"]) for r in table(results, "headline")} == {("M1", 2, 1), ("ACC", 1, 0)}
    done = re.findall(r"^artefact +(\d+)$", ended.stdout + ended.stderr, flags=re.M)
    assert done == ["1"]
    planned = run_workflow(configs["use"], results, "--dry-run", *NO_FIGURES)
    assert not re.findall(r"^artefact +\d+$", planned.stdout + planned.stderr, flags=re.M)


def table(results, name) -> list[dict]:
    return files.read_table(results / "reference" / "group" / f"{name}.tsv")
