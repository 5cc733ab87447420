"""Our own files and the config: what is written is what is read, and what is ambiguous is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest
import yaml

from lfpbold.derivatives import files
from lfpbold.errors import InputError
from lfpbold.study import settings, sheet


@pytest.mark.parametrize("unit", ["µV", "µV²"])
def test_a_series_comes_back_as_it_was_written(tmp_path, unit):
    """Whatever its unit: BrainVision scales voltages only."""
    data = np.random.default_rng(0).normal(0, 150, (500, 3)).astype(np.float32)
    files.write_series(tmp_path / "x.vhdr", data, 1000.0, ["a", "b", "c"], unit=unit, info={"Key": 1})
    found = files.read_series(tmp_path / "x.vhdr")
    np.testing.assert_allclose(found.data, data, rtol=1e-6)
    assert (found.fs_hz, found.names, found.info["Units"], found.info["Key"]) == (1000.0, ["a", "b", "c"], unit, 1)


def test_a_table_comes_back_with_labels_as_text_and_gaps_as_nan(tmp_path):
    columns = {"sub": ("Animal", ""), "r": ("Correlation", ""), "n": ("Volumes", "volumes")}
    files.write_table(
        tmp_path / "t.tsv", [{"sub": "01", "r": 0.123456789123}, {"sub": "1e5", "r": float("nan"), "n": 3}], columns
    )
    first, second = files.read_table(tmp_path / "t.tsv")
    assert (first["sub"], second["sub"]) == ("01", "1e5")
    assert first["r"] == pytest.approx(0.123456789, abs=1e-9)
    assert math.isnan(second["r"])
    assert math.isnan(first["n"])
    assert files.read_json(tmp_path / "t.json")["n"] == {"Description": "Volumes", "Units": "volumes"}


def test_voxels_go_back_to_their_places(tmp_path):
    brain = np.zeros((4, 3, 2), bool)
    brain[1:3, 1, :] = True
    values = np.arange(8.0).reshape(2, 4)
    files.write_voxels(tmp_path / "m.nii.gz", values, brain, np.diag([1, 2, 3, 1.0]))
    image, affine = files.read_image(tmp_path / "m.nii.gz")
    np.testing.assert_array_equal(image[:, brain], values)
    assert np.isnan(image[:, ~brain]).all()
    np.testing.assert_array_equal(affine, np.diag([1, 2, 3, 1.0]))


LABELS = {"atlas": {"labels": "labels.nii.gz"}}  # the default sites name regions


def config(tmp_path, text) -> dict:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return settings.load([path], None if "labels" in text else LABELS)


def test_a_key_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"line 3: the key `bold` is duplicated"):
        config(tmp_path, "bold: {fwhm_mm: 1}\nseed: 1\nbold: {motion: false}\n")


def test_tables_are_replaced_and_sections_are_merged(tmp_path):
    found = config(tmp_path, "bands: {gamma: [40, 100]}\nnetworks: {removal_bands: [gamma]}\nbold: {fwhm_mm: 1}\n")
    assert list(found["bands"]) == ["gamma"]
    assert found["bold"]["fwhm_mm"] == 1
    assert found["bold"]["band_pass_hz"] == [0.01, 0.1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("variants: {a: {input: {bold_scale: -1}}}", "the same in every variant"),
        (
            "bands: {high: [320, 480]}\nnetworks: {main_band: high, removal_bands: [high]}",
            "lies above artefact.band_pass_hz",
        ),
        ("bold: {band_pass_hz: [0, 0.1]}", "bold.band_pass_hz"),
        ("bands: {1: [1, 4]}", "keys must be text"),
        ("networks: {main_band: gama}", "did you mean `gamma`"),
        ("sites: {M1: {seed_label: [1]}}\natlas: {labels: null}", "needs atlas.labels"),
    ],
)
def test_settings_at_odds_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        config(tmp_path, text)


def test_hrf_reads_the_bold_section_only_where_it_filters():
    base = settings.load([], LABELS)
    other = settings.merge(base, {"variants": {"reference": {}, "no_gsr": {"bold": {"global_signal": False}}}})
    assert settings.owner(other, "no_gsr", "hrf") == "reference"
    assert settings.owner(other, "no_gsr", "bold") == "no_gsr"
    filtered = settings.merge(other, {"hrf": {"band_pass": "power"}})
    assert settings.owner(filtered, "no_gsr", "hrf") == "no_gsr"


def test_reference_owns_shared_files_wherever_it_stands():
    base = settings.load([], LABELS)
    found = settings.merge(base, {"variants": {"a": {"hrf": {"detrend": "linear"}}, "reference": {}}})
    assert settings.owner(found, "a", "power") == "reference"
    assert settings.owner(found, "a", "hrf") == "a"


HEADER = "sub\tses\trun\tstate\tsite\tbold\tlfp\ttr_s\texclude\n"


def rows(tmp_path, *lines):
    path = tmp_path / "recordings.tsv"
    path.write_text(HEADER + "".join(line + "\n" for line in lines), encoding="utf-8")
    base = settings.load([], LABELS)
    base["states"].pop("default")
    return sheet.read_sheet(path, base)


def test_a_state_that_no_rule_covers_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"the state `sedatd` is not under `states`.*did you mean `sedated`"):
        rows(tmp_path, "01\t01\t1\tsedatd\tM1\tb.nii\tl.nwb\t\t")


def test_rows_of_one_run_that_contradict_each_other_are_refused(tmp_path):
    with pytest.raises(InputError, match="another tr_s"):
        rows(tmp_path, "01\t01\t1\tawake\tM1\tb.nii\tl.nwb\t1\t", "01\t01\t1\tawake\tACC\tb.nii\tl.nwb\t2\t")


def test_an_excluded_row_may_be_incomplete(tmp_path):
    found = rows(tmp_path, "01\t01\t1\tawake\tM1\tb.nii\tl.nwb\t\t", "01\t01\t2\tawake\tM9\t\t\t\tlost")
    assert [row["exclude"] for row in found] == ["", "lost"]


def test_the_written_config_resolves_to_itself(tmp_path):
    base = settings.load([], LABELS)
    path = tmp_path / "resolved.yaml"
    path.write_text(yaml.safe_dump(base), encoding="utf-8")
    assert settings.load([path]) == base
