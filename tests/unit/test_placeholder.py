"""What stands in place of an excluded recording's outputs opens everywhere, and holds no number."""

from __future__ import annotations

import mne
import nibabel
import numpy as np
import pytest

from lfpbold.derivatives import files, layout, placeholder
from lfpbold.figures import inputs

EXCLUDED = {"Excluded": {"Step": "motion", "Reason": "moved", "Kind": "criterion"}}


@pytest.mark.parametrize(("name", "shape"), [("a_desc-seed_statmap.nii.gz", (1, 1, 1)), ("a_bold.nii", (1, 1, 1, 1))])
def test_an_image_is_one_voxel_without_a_value(tmp_path, name, shape):
    placeholder.write(tmp_path / name, None, EXCLUDED)
    image = nibabel.load(tmp_path / name)
    assert image.shape == shape and np.isnan(image.get_fdata()).all()
    assert inputs.image(tmp_path / name) == (None, None)
    assert files.read_json(files.sidecar_path(tmp_path / name)).get("SkullStripped") == (
        False if len(shape) == 4 else None
    )


def test_a_mask_holds_nothing(tmp_path):
    placeholder.write(tmp_path / "a_desc-brain_mask.nii.gz", None, EXCLUDED)
    assert nibabel.load(tmp_path / "a_desc-brain_mask.nii.gz").get_fdata().tolist() == [[[0.0]]]


@pytest.mark.parametrize("columns", [layout.GROUP["temporal"].columns, None])
def test_a_table_has_a_header_and_no_row(tmp_path, columns):
    placeholder.write(tmp_path / "a.tsv", columns, EXCLUDED)
    header = (tmp_path / "a.tsv").read_text(encoding="utf-8").rstrip("\n").split("\t")
    assert header == list(columns or ["n/a"])
    assert files.read_table(tmp_path / "a.tsv") == [] and inputs.table(tmp_path / "a.tsv") == []
    assert files.exclusion(tmp_path / "a.tsv") == EXCLUDED["Excluded"]


def test_a_recording_is_one_sample_of_no_channel(tmp_path):
    for suffix in (".vhdr", ".eeg", ".vmrk"):
        placeholder.write(tmp_path / f"a_ieeg{suffix}", None, EXCLUDED)
    raw = mne.io.read_raw_brainvision(tmp_path / "a_ieeg.vhdr", verbose="error")
    assert raw.n_times == 1 and np.isnan(raw.get_data()).all()
    assert files.exclusion(tmp_path / "a_ieeg.vhdr") == EXCLUDED["Excluded"]


def test_any_output_has_one(tmp_path):
    """Of a rule that may exclude: none is an empty file."""
    for output in (*layout.OF_RUNS, *layout.OF_SCANS):
        path = tmp_path / output.rule / output.path.rpartition("/")[2].replace("<", "").replace(">", "")
        path.parent.mkdir(exist_ok=True)
        placeholder.write(path, output.columns if isinstance(output.columns, dict) else None, EXCLUDED)
        assert path.stat().st_size and files.exclusion(path)
