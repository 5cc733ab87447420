"""One bad recording does not stop a study: it is listed, everything else completes, the exit status tells."""

from __future__ import annotations

import csv
import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import pytest
import yaml

from lfpbold.derivatives import files, layout
from lfpbold.simulate import simulate

from . import test_bids
from .conftest import run_workflow
from .test_variants import planned

# Site M1 has no recording that can be used, ACC keeps two of four. One row each is bad in another way.
SHAPE = {"animal_sites": [["M1", "ACC"]] * 4, "n_volumes": 64, "fs_hz": 2048.0, "untriggered": 0}
FEW = {"reference": {"nulls": {"surrogates": 20, "lag_surrogates": 19, "bootstrap": 100}}}
LOST = {
    ("01", "M1"): ("artefact", "unusable", "is constant"),
    ("02", ""): ("motion", "unusable", "is damaged or cut short"),
    ("03", "M1"): ("recordings.tsv", "unusable", "there is no file sub-03"),
    ("04", "M1"): ("artefact", "unusable", "export it again or exclude the row"),
    ("04", "ACC"): ("recordings.tsv", "chosen", "electrode moved"),
}
SUMMARY = "5 of 7 recordings were excluded because they could not be used (artefact 2, motion 2, recordings.tsv 1)"


def lfp(study, sub, site) -> Path:
    return next((study / f"sub-{sub}").rglob(f"*_acq-{site}_*ieeg.nwb"))


def bold(study, sub) -> Path:
    return next((study / f"sub-{sub}").rglob("*_bold.nii.gz"))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def sheet(study) -> list[dict]:
    with (study / "recordings.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def configured(study, **sections) -> Path:
    """A config of its own beside the study's; the study's own files stay as they are."""
    content = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8"))
    path = study / f"config-{len(list(study.glob('config-*')))}.yaml"
    path.write_text(yaml.safe_dump(content | sections), encoding="utf-8")
    return path


def made(folder, **shape) -> Path:
    simulate(folder, preset="tiny", parameters={**SHAPE, **shape}, progress=lambda *_: None)
    return folder


def spoil(study) -> None:
    """Make the rows of `LOST` bad; good copies stay beside them."""
    for path in (lfp(study, "01", "M1"), bold(study, "02")):
        shutil.copy(path, path.with_suffix(".good"))
    with h5py.File(lfp(study, "01", "M1"), "r+") as file:
        file["acquisition/lfp/data"][:, 1] = 7
    cut(bold(study, "02"))
    lfp(study, "03", "M1").unlink()
    cut(lfp(study, "04", "M1"))
    rows = sheet(study)
    for row in rows:
        if (row["sub"], row["site"]) == ("04", "ACC"):
            row["exclude"] = "electrode moved"
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
    (study / "recordings.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def bad(tmp_path_factory) -> Path:
    study = made(tmp_path_factory.mktemp("bad") / "study")
    spoil(study)
    content = yaml.safe_load((study / "config.yaml").read_text(encoding="utf-8")) | {"variants": FEW}
    (study / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return study


@pytest.fixture(scope="module")
def finished(bad, tmp_path_factory):
    """The one run that all tests here look at, and its results."""
    results = tmp_path_factory.mktemp("bad-run") / "results"
    return run_workflow(bad / "config.yaml", results), results


def table(results, name) -> list[dict]:
    return files.read_table(results / "reference" / "group" / f"{name}.tsv")


def test_the_run_completes_and_its_last_words_and_status_tell(finished):
    ended, results = finished
    assert ended.returncode == 3, ended.stderr[-3000:]
    assert (results / "report.html").is_file()
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith(SUMMARY), last
    assert "results/reference/excluded.tsv" in last and "Exit status 3" in last


def test_each_is_listed_with_step_and_reason(finished):
    _, results = finished
    rows = files.read_table(results / "reference" / "excluded.tsv")
    found = {(row["sub"], row["site"]): row for row in rows if math.isnan(row["n_volumes"])}
    assert found.keys() == LOST.keys()
    for key, (step, kind, reason) in LOST.items():
        assert (found[key]["step"], found[key]["kind"]) == (step, kind)
        assert reason in found[key]["reason"]


def test_what_is_left_of_an_excluded_recording_is_bids_and_no_file_is_empty(finished):
    _, results = finished
    assert test_bids.faults(results) == []
    assert [error for folder in ("", "reference") for error in test_bids.errors(results / folder)] == []
    lost = [path for path in results.rglob("sub-02*_statmap.nii.gz") if files.exclusion(path)]
    assert lost and all(math.isnan(files.read_image(path)[0].item()) for path in lost)


def independent_counts(bad, results) -> dict:
    """Scans and animals of each site that remain: the sheet without what `excluded.tsv` lists as a whole."""
    with (results / "reference" / "excluded.tsv").open(encoding="utf-8", newline="") as file:
        listed = [row for row in csv.DictReader(file, delimiter="\t") if row["n_volumes"] == "n/a"]
    gone = {(row["sub"], row["site"]) for row in listed}
    left = [row for row in sheet(bad) if not {(row["sub"], row["site"]), (row["sub"], "n/a")} & gone]
    return {
        site: (len(of), len({row["sub"] for row in of}))
        for site in ("M1", "ACC")
        for of in [[row for row in left if row["site"] == site]]
    }


# Tables of scans state their n by their rows. The noise curve is a simulation; no two states are compared, no
# components asked for, and no run is evoked, here.
OF_SCANS = {"temporal", "spatial", "multiunit", "paired", "nulls", "bins", "coherence", "windows"}
NO_GROUP = {"noise_curve", "flow", "states", "components", "rest_evoked", "doubts"}
TOO_SHORT = {"coherence", "windows"}  # what these scans are
NOT_ASKED = {"connectivity", "network_peaks", "components"}  # of regions and seeds that a config names
ALL = set(layout.GROUP) - NO_GROUP - {"excluded"}


@pytest.mark.parametrize("name", sorted(ALL - OF_SCANS))
def test_every_row_of_a_group_states_its_n(bad, finished, name):
    """What rests on all scans of ACC says two scans of two animals; what has no value may say that it has no scan."""
    _, results = finished
    truth, seen = independent_counts(bad, results), 0
    for path in [results / "reference" / "group" / f"{name}.tsv", *averages(results, name)]:
        for row in files.read_table(path):
            if row.get("sub", "group") != "group":
                continue
            told = (row["n_scans"] if "n_scans" in row else row["n"], row["n_animals"])
            undefined = any(math.isnan(row[c]) for c in ("r", "ours", "value", "cnr") if c in row)
            if of_one_bin(row):
                assert told <= truth[row["site"]], (path.name, row)
                continue
            assert told == truth[row["site"]] or (undefined and told == (0, 0)), (path.name, row)
            seen += row["site"] == "ACC"
    assert seen or name in NOT_ASKED


def of_one_bin(row) -> bool:
    """Whether it is about a bin of 1 Hz, which a notch may have taken from any of the recordings."""
    return re.fullmatch(r"f\d{3}", str(row.get("band", ""))) is not None


def averages(results, name) -> list[Path]:
    """The same table of each state and site."""
    return sorted((results / "reference" / "group").glob(f"state-*_desc-{name.replace('_', '')}_average.tsv"))


@pytest.mark.parametrize("name", sorted(OF_SCANS))
def test_tables_of_scans_hold_the_scans_that_remain(bad, finished, name):
    _, results = finished
    for site, (scans, animals) in independent_counts(bad, results).items():
        of = [row for row in table(results, name) if row["site"] == site]
        found = len({(row["sub"], row["ses"], row["run"]) for row in of})
        assert found == scans or (name in TOO_SHORT and found == 0)
        known = [row for row in of if not math.isnan(row.get("r", 0.0)) and not of_one_bin(row)]
        assert {row["n_animals"] for row in known if "n_animals" in row} <= {animals}


def test_the_independent_count_is_what_was_made_bad(bad, finished):
    assert independent_counts(bad, finished[1]) == {"M1": (0, 0), "ACC": (2, 2)}


def test_the_flow_counts_what_entered_and_what_remains(finished):
    _, results = finished
    rows = [tuple(row.values()) for row in table(results, "flow")]
    assert [row[1:] for row in rows] == [
        ("M1", "sheet", "entered", 0, 4, 4),
        ("M1", "recordings.tsv", "unusable", 1, 3, 3),
        ("M1", "artefact", "unusable", 2, 1, 1),
        ("M1", "motion", "unusable", 1, 0, 0),
        ("ACC", "sheet", "entered", 0, 4, 4),
        ("ACC", "recordings.tsv", "chosen", 1, 3, 3),
        ("ACC", "motion", "unusable", 1, 2, 2),
    ]


def test_report_and_headline_say_it(finished):
    _, results = finished
    page = re.sub(r"<[^>]+>", " ", (results / "report.html").read_text(encoding="utf-8"))
    page = re.sub(r"\s+", " ", page)
    assert "5 of 8 recordings were excluded: not usable." in page
    assert "M1, sedated: 4 recordings of 4 animals entered, and none remains." in page
    assert "ACC, sedated: 4 recordings of 4 animals entered; 2 scans of 2 animals remain." in page
    for step, kind, reason in LOST.values():
        assert step in page and kind in page and reason in page
    command = [sys.executable, "-m", "lfpbold.cli", "headline", str(results)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "0 scans of 0 animals; 4 of 4 recordings excluded (recordings.tsv 1 unusable, artefact 2 unusable" in said
    assert "2 scans of 2 animals; 2 of 4 recordings excluded (recordings.tsv 1 chosen, motion 1 unusable)" in said


def test_two_animals_and_none_give_no_warnings(finished):
    """Intervals that so few animals do not define are n/a; nothing is divided by nothing on the way."""
    _, results = finished
    logs = [path for path in (results / "logs").rglob("*.log") if "RuntimeWarning" in path.read_text(encoding="utf-8")]
    assert logs == []


def test_nothing_left_to_do_tells_the_same(bad, finished, run):
    _, results = finished
    again = run(bad / "config.yaml", results)
    assert again.returncode == 3 and again.stderr.strip().splitlines()[-1].startswith(SUMMARY)
    assert run(bad / "config.yaml", results, "--dry-run").returncode == 0
    assert planned(bad / "config.yaml", results).keys() <= {"all_again"}


def test_another_strictness_runs_no_recording_again(bad, finished):
    _, results = finished
    for strictness in ("accept", "exclude"):
        config = configured(bad, run={"on_bad_recording": strictness})
        assert not planned(config, results).keys() & {"artefact", "motion", "power", "coupling", "average", "variance"}


def test_stop_refuses_before_anything_runs(bad, tmp_path, run):
    config = configured(bad, run={"on_bad_recording": "stop"})
    refused = run(config, tmp_path / "fresh" / "results")
    assert refused.returncode == 1 and "there is no file" in refused.stderr and "3 rows" not in refused.stderr
    assert not list((tmp_path / "fresh").rglob("*.eeg"))


def test_check_says_what_would_be_left_out(bad):
    command = [sys.executable, "-m", "lfpbold.cli", "check", str(bad / "config.yaml")]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    last = said.stderr.strip().splitlines()[-1]
    assert "The run would exclude 5 of 7 recordings (sub-01 ses-01 run-1 M1, " in last and "exit status 3" in last
    said = subprocess.run(
        [*command, "--set", "run.on_bad_recording=accept"], capture_output=True, text=True, check=False
    )
    assert said.returncode == 1 and "exit status 0" in said.stderr
    said = subprocess.run([*command, "--set", "run.on_bad_recording=stop"], capture_output=True, text=True, check=False)
    assert "would refuse to begin" in said.stderr


def test_a_repaired_file_runs_that_recording_and_its_groups_alone(bad, finished):
    """Planned only: `test_a_repaired_recording_leaves_the_list` runs it."""
    _, results = finished
    broken = lfp(bad, "01", "M1")
    spoilt = broken.read_bytes()
    shutil.copy(broken.with_suffix(".good"), broken)
    try:
        found = planned(bad / "config.yaml", results)
    finally:
        broken.write_bytes(spoilt)
    assert {rule: found[rule] for rule in ("artefact", "power", "hrf", "coupling", "networks", "average")} == {
        **dict.fromkeys(("artefact", "power", "hrf", "coupling", "networks", "average"), 1)
    }
    assert not {"motion", "bold"} & found.keys()


def test_where_no_recording_can_be_used_nothing_begins(tmp_path, run):
    """Hours would end in empty tables: the fault is likely one of the settings, and the sentence says so."""
    study = made(tmp_path / "study", animal_sites=[["M1"], ["M1"]])
    for sub in ("01", "02"):
        cut(lfp(study, sub, "M1"))
    refused = run(study / "config.yaml", tmp_path / "run" / "results")
    assert refused.returncode == 1
    assert "Error: no recording can be used: " in refused.stderr and "2 recordings have a problem" in refused.stderr
    assert not list((tmp_path / "run").rglob("*desc-*"))
    shutil.rmtree(study / "sub-01"), shutil.rmtree(study / "sub-02")
    refused = run(study / "config.yaml", tmp_path / "run" / "results")
    assert refused.returncode == 1 and refused.stderr.count("Error: ") == 1
    assert "there is no file" in refused.stderr and "2 rows name files that do not exist" in refused.stderr


CRASH = """
import os, lfpbold.stage.artefact as stage
first = stage.artefact
def artefact(lfp, bold, row, *rest, **more):
    if row["sub"] == "01":
        raise MemoryError("no room for 12 GB")
    return first(lfp, bold, row, *rest, **more)
stage.artefact = artefact
"""


@pytest.mark.slow
def test_a_crash_is_no_exclusion_and_the_others_complete(tmp_path, run, monkeypatch):
    """A bug must not look like a bad recording: the run fails, names the job, and has done what it could."""
    study = made(tmp_path / "study", animal_sites=[["M1"], ["M1"]])
    config = configured(study, variants={"reference": {}})
    (tmp_path / "crash").mkdir()
    (tmp_path / "crash" / "sitecustomize.py").write_text(CRASH, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path / "crash"), os.environ.get("PYTHONPATH", "")])
    with monkeypatch.context() as crashing:
        crashing.setenv("PYTHONPATH", path)
        failed = run(config, tmp_path / "run" / "results")
    assert failed.returncode == 1
    last = failed.stderr[failed.stderr.index("1 job failed") :]
    assert "MemoryError: no room for 12 GB" in last and "artefact/sub-01_ses-01_run-1_M1.log" in last
    assert "No recording was excluded for this" in last
    results = tmp_path / "run" / "results" / "reference"
    assert list((results / "sub-02").rglob("*desc-seed_statmap.nii.gz"))  # the other went on
    assert not (results / "excluded.tsv").exists() and not (results / "group" / "headline.tsv").exists()
    assert run(config, tmp_path / "run" / "results").returncode == 0


@pytest.mark.slow
def test_a_repaired_recording_leaves_the_list(tmp_path, run):
    study = made(tmp_path / "study", animal_sites=[["M1"], ["M1"]])
    good = bold(study, "02").read_bytes()
    cut(bold(study, "02"))
    config, results = configured(study, variants={"reference": {}}), tmp_path / "run" / "results"
    assert run(config, results).returncode == 3
    (headline, *_) = files.read_table(results / "reference" / "group" / "headline.tsv")
    assert (headline["n"], headline["n_animals"]) == (1, 1) and math.isnan(headline["ci_low"])
    untouched = next((results / "reference" / "sub-01").rglob("*desc-lfp_statmap.nii.gz"))
    before = untouched.stat().st_mtime_ns
    bold(study, "02").write_bytes(good)
    mended = run(config, results)
    assert mended.returncode == 0, mended.stderr[-2000:]
    assert "could not be used" not in mended.stderr
    assert untouched.stat().st_mtime_ns == before
    assert not [row for row in files.read_table(results / "reference" / "excluded.tsv") if math.isnan(row["n_volumes"])]
    (headline, *_) = files.read_table(results / "reference" / "group" / "headline.tsv")
    assert (headline["n"], headline["n_animals"]) == (2, 2)
    again = run(config, results)
    assert again.returncode == 0 and "Nothing to be done" in again.stdout + again.stderr
