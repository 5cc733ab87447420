"""The rows of docs/your-data.md, written into a sheet as they stand and opened, with a real file of each format."""

from __future__ import annotations

import re
import warnings
from pathlib import Path

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest

from lfpbold.pipeline import preflight
from lfpbold.study import settings, sheet

DOCUMENT = Path(__file__).parents[2] / "docs" / "your-data.md"
SECTIONS = re.split(r"^##+ ", DOCUMENT.read_text(encoding="utf-8"), flags=re.M)
EXAMPLES = {
    f"{section.splitlines()[0]} {number}": block
    for section in SECTIONS
    for number, block in enumerate(re.findall(r"```tsv\n(.*?)```", section, flags=re.S), 1)
}
UV = files.samples(160_000)
CONFIG = {
    "sites": {"M1": {"seed": "all"}, "ACC": {"seed": "all"}},
    "atlas": {"labels": None},
    "bold": {"white_matter": False, "ventricles": False, "band_pass_hz": None},
    "artefact": {"multiunit_hz": None},
    "input": {"extra_triggers": "refuse"},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with what the document names, each file written by its own format's library."""
    folder = tmp_path_factory.mktemp("study")
    rng = np.random.default_rng(0)
    volumes = rng.normal(1000, 10, (8, 7, 6, 3)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files.nifti(folder / "bold.nii.gz", volumes, sidecar={"RepetitionTime": 1.0})
        large = rng.normal(1000, 10, (70, 8, 6, 8)).astype(np.float32)
        files.nifti(folder / "large.nii.gz", large, np.diag([5.0, 5, 10, 1]), tr=0.0)
        rigs.tdt_tev(folder / "Tank1" / "Block-3", {"LFP1": UV * 1e-6, "RAW1": UV[:, :1] * 1e-6})
        files.nwb(folder / "rat01.nwb", UV)
        files.edf(folder / "rat01.edf", UV)
        files.brainvision(folder / "rat01.vhdr", UV)
        files.fif(folder / "rat01_raw.fif", UV, trigger_line=True)
        files.eeglab(folder / "rat01.set", UV)
        rigs.blackrock(folder / "rat01.ns5", UV)
        rigs.neuralynx(folder / "2024-01-01_12-00-00", UV)
        rigs.open_ephys(folder / "2024-01-01_12-00-00_rat01", UV)
    files.mat5(folder / "rat01.mat", lfp=UV / 1000, fs=files.FS_HZ)
    np.save(folder / "rat01.npy", UV)
    files.mat5(folder / "power.mat", power=np.abs(UV[:35]))
    files.mat5(folder / "clean.mat", bold=rng.normal(size=(3, 4)))
    return folder


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_row_of_the_document_opens_what_it_says(study, name):
    """`lfpbold check` finds nothing wrong with it."""
    (study / "recordings.tsv").write_text(EXAMPLES[name], encoding="utf-8")
    base = settings.load([], CONFIG)
    rows = sheet.read_sheet(study / "recordings.tsv", base)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        problems = preflight.check(base, rows).problems
    assert problems == []


def test_every_format_has_an_example():
    text = "".join(EXAMPLES.values())
    for kind in (
        "Block-3",
        ".nwb",
        ".edf",
        ".vhdr",
        ".fif",
        ".set",
        ".ns5",
        "12-00-00\t",
        "Record Node",
        ".mat",
        ".npy",
    ):
        assert kind in text
    assert len(EXAMPLES) >= 14


def test_every_setting_that_the_document_names_exists():
    known = {*sheet.COLUMNS, *sheet.INPUT_COLUMNS}
    columns = {column for block in EXAMPLES.values() for column in block.splitlines()[0].split("\t")}
    assert columns <= known
    named = set(re.findall(r"`((?:lfp|bold|dummy|extra|tr|scan)_[a-z_]+)[:`]", DOCUMENT.read_text(encoding="utf-8")))
    assert named - known == set()


def test_every_input_setting_is_a_column_as_the_document_says():
    assert set(sheet.INPUT_COLUMNS) == set(settings.load([], CONFIG)["input"])
