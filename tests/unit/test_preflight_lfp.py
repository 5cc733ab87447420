"""What `lfpbold check` says of a recording of LFP, through the door that a user takes: the sheet and the config."""

from __future__ import annotations

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest

from lfpbold.pipeline import preflight
from lfpbold.study import settings, sheet

UV = files.samples(30_000)
CONFIG = {"sites": {"M1": {"seed": "all"}}, "atlas": {"labels": None}, "artefact": {"multiunit_hz": None},
          "bold": {"white_matter": False, "ventricles": False, "band_pass_hz": None}}  # fmt: skip
VOLUMES = np.random.default_rng(0).normal(1000, 10, (4, 4, 3, 3)).astype(np.float32)


pytestmark = pytest.mark.usefixtures("quiet_writers")


def check(folder, lfp, given=None, **cells):
    """Problems and notes of a study of one row: three volumes of one second."""
    files.nifti(folder / "b.nii", VOLUMES, sidecar={"RepetitionTime": 1.0})
    row = {"sub": "01", "ses": "01", "run": "1", "state": "awake", "site": "M1", "bold": "b.nii", "lfp": lfp, **cells}
    (folder / "recordings.tsv").write_text(
        "\n".join(["\t".join(row), "\t".join(row.values())]) + "\n", encoding="utf-8"
    )
    base = settings.load([], CONFIG | (given or {}))
    found = preflight.check(base, sheet.read_sheet(folder / "recordings.tsv", base))
    return found.problems, found.notes


@pytest.mark.parametrize("stage", ["raw", "lfp", "power"])
def test_a_trigger_of_the_sheet_or_the_config_is_there_at_every_stage_or_the_row_states_its_start(tmp_path, stage):
    files.edf(tmp_path / "a.edf", UV)
    of_config = {"input": {"trigger": "scaner_trigger"}}
    for given, cells in ((None, {"trigger": "scaner_trigger"}), (of_config, {})):
        problems, _ = check(tmp_path, "a.edf", given, lfp_stage=stage, **cells)
        assert len(problems) == 1, problems
        assert "a.edf: holds no trigger `scaner_trigger` (did you mean `scanner_trigger`?)" in problems[0]
    assert check(tmp_path, "a.edf", of_config, lfp_stage=stage, scan_start_s="0.5")[0] == []
    named = check(tmp_path, "a.edf", lfp_stage=stage, scan_start_s="0.5", trigger="scaner_trigger")[0]
    assert "holds no trigger `scaner_trigger`" in named[0]
    assert check(tmp_path, "a.edf", lfp_stage=stage, trigger="scanner_trigger")[0] == []


@pytest.mark.parametrize("stage", ["lfp", "power"])
def test_lfp_that_is_longer_than_its_scan_needs_triggers_or_a_start(tmp_path, stage):
    rigs.blackrock(tmp_path / "a.ns2", UV)
    problems, _ = check(tmp_path, "a.ns2", lfp_stage=stage)
    assert "the LFP lasts 30.000 s and its scan 3.000 s, and nothing tells where" in problems[0]
    assert "set `trigger` to one of digital_input_port" in problems[0]
    for cells in ({"scan_start_s": "2.0"}, {"trigger": "digital_input_port"}, {"trigger": "01"}):
        assert check(tmp_path, "a.ns2", lfp_stage=stage, **cells)[0] == []
    rigs.blackrock(tmp_path / "short.ns2", UV[:3900], events=False)
    assert check(tmp_path, "short.ns2", lfp_stage=stage)[0] == []


def test_units_are_checked_of_lfp_and_not_of_power(tmp_path):
    for factor, message in ((1e6, "which no electrode gives"), (1e-6, "are probably volts")):
        np.save(tmp_path / "a.npy", np.abs(UV[:35]) * factor)
        np.save(tmp_path / "raw.npy", UV * factor)
        assert check(tmp_path, "a.npy", lfp_stage="power", lfp_fs_hz="10")[0] == []
        for stage in ("raw", "lfp"):
            cells = {"lfp_stage": stage, "lfp_fs_hz": "1000", "scan_start_s": "1"}
            problems, _ = check(tmp_path, "raw.npy", **cells)
            assert len(problems) == 1 and message in problems[0]
            assert check(tmp_path, "raw.npy", lfp_scale=str(1 / factor), **cells)[0] == []


def test_what_is_no_problem_but_worth_knowing_is_told_once_with_its_rows(tmp_path):
    files.edf(tmp_path / "a.edf", UV, units=("uV", "mmHg", "uV"))
    problems, notes = check(tmp_path, "a.edf", scan_start_s="0.7")
    assert problems == []
    said = "channels that are no LFP were not used: A2 (in mmHg); name them in `channels` to analyse them"
    assert notes[said] == ["recordings.tsv: sub-01 ses-01 run-1 site M1"]
    assert any("scan_start_s is 0.200 s from the nearest trigger" in note for note in notes)


def test_a_code_is_chosen_in_the_sheet(tmp_path):
    rigs.blackrock(tmp_path / "a.ns2", UV, rest=254)
    assert check(tmp_path, "a.ns2", lfp_stage="lfp", trigger="digital_input_port=255")[0] == []
    problems, _ = check(tmp_path, "a.ns2", lfp_stage="lfp", trigger="digital_input_port=7")
    assert "never takes the code 7; it rests at 254 and takes 255 (3 times)" in problems[0]
