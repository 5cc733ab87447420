"""docs/panels.md names every panel of the study and every figure of a run, and nothing that is not there."""

import base64
import csv
import importlib
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lfpbold import figures
from lfpbold.derivatives import layout, panels, panels_page
from lfpbold.report import inputs, page

REPOSITORY = Path(__file__).resolve().parents[2]
VARIANTS = ("reference", "no_gsr", "rigorous")
OF_SURROGATES = layout.tables("surrogates")  # of the variant that makes any
NEEDS_COMPONENTS = ("components",)  # of which the defaults ask for none: words
NEEDS_SURROGATES = [figure.name for figure in panels.FIGURES if figure.made == "surrogates"]  # words elsewhere
NEEDS_EVENTS = [figure.name for figure in panels.FIGURES if figure.made == "evoked"]  # not made for a study at rest
COLUMNS = list(panels_page.COLUMNS)
DRAWN = ("path", "use", "image", "text", "rect")
OF_IMAGES = {
    "maps": 4,
    "shuffled": 3,
    "removal": 3,
    "peaks": 2,
    "information": 4,
    "spectrogram": 4,
    "hrfgrid": 1,
    "connectivity": 4,
}


@dataclass(frozen=True)
class Row:
    """A row of the map: the study's panels, and what stands in backquotes in the other cells."""

    panels: str
    word: str
    target: str
    files: str
    behind: list
    functions: list
    rules: list


def read_map() -> list[Row]:
    found = []
    for line in (REPOSITORY / "docs" / "panels.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("| ") or cells == COLUMNS:
            continue
        assert len(cells) == len(COLUMNS), line
        panels = cells[0]
        quoted = [re.findall(r"`([^`]+)`", cell) for cell in cells]
        ((word,), (command,), (files,)) = quoted[1], quoted[3], quoted[4]
        found.append(Row(panels, word, re.search(r"results/\S+", command)[0], files, *quoted[5:]))
    return found


ROWS = read_map()
NAMES = [f"{row.word}: {row.panels}" for row in ROWS]


def groups(study) -> list[tuple[str, str]]:
    """States and sites of the sample sheet."""
    with (study / "recordings.tsv").open(encoding="utf-8") as file:
        return list(dict.fromkeys((row["state"], row["site"]) for row in csv.DictReader(file, delimiter="\t")))


def driven(study) -> bool:
    """Whether a run of the study has stimuli."""
    return any(study.rglob("*_events.tsv"))


def states(study) -> set[str]:
    return {state for state, _ in groups(study)}


@pytest.fixture(scope="module")
def finished(request) -> tuple[Path, Path]:
    """A study and its results: those that LFPBOLD_PANELS_OF names (`make panels` gives the demo), else the tiny one."""
    named = os.environ.get("LFPBOLD_PANELS_OF")
    if named:
        study, results = (REPOSITORY / path for path in named.split(":"))
        assert (results / "report.html").is_file(), f"{results} holds no results; run `make demo` first"
        return study, results
    return request.getfixturevalue("tiny"), request.getfixturevalue("tiny_results")


@pytest.fixture(scope="module")
def study(finished) -> Path:
    return finished[0]


@pytest.fixture(scope="module")
def results(finished) -> Path:
    return finished[1]


def expanded(pattern: str, study) -> set[str]:
    """The glob patterns, one for each state, site and variant of a run, that a cell of the map stands for."""
    found = set()
    for variant, (state, site), form in product(VARIANTS, groups(study), ("png", "svg")):
        path = pattern.replace("{png,svg}", form).replace("<variant>", variant).replace("<state>", state)
        if "state-" in path and f"state-{state}_" not in path:  # a state that this study does not have
            continue
        found.add(path.replace("<site>", site))
    return found


def written(results, pattern: str, study) -> list[Path]:
    """Files of the run that a cell of the map stands for; each pattern must find one."""
    found = []
    if not driven(study) and any(f"desc-{word}." in pattern for word in NEEDS_EVENTS):
        assert not [path for path in expanded(pattern, study) if list(results.glob(path))]
        return []
    for path in sorted(expanded(pattern, study)):
        mine = sorted(results.glob(path))
        # Figures of recordings stand once, in the variant that computed what they show.
        assert mine or ("sub-*" in path and not path.startswith("reference/")), f"{path} is missing"
        found += mine
    return found


def drawn_elements(svg: Path) -> dict[str, int]:
    tags = [element.tag.rsplit("}", 1)[-1] for element in ElementTree.parse(svg).iter()]
    return {name: tags.count(name) for name in DRAWN}


@pytest.fixture(scope="module")
def checklist():
    path = REPOSITORY.parent / "shared" / "REFERENCE.md"
    if not path.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing; CI needs it")
        pytest.skip("REFERENCE.md is not beside the repository")
    section = re.search(r"^## 4\..*?(?=^## 5\.)", path.read_text(encoding="utf-8"), re.M | re.S)[0]
    cells = re.findall(r"^\| ([^|]+?) \|", section, re.M)
    return [cell for cell in cells if cell != "panel"]


def test_every_panel_of_the_checklist_is_in_the_map(checklist):
    assert len(checklist) == 17
    ours = {label for row in ROWS for label in row.panels.split()} - {"–"}
    assert ours == {label for cell in checklist for label in cell.split()}


def test_the_page_is_written_from_the_records():
    text = (REPOSITORY / "docs" / "panels.md").read_text(encoding="utf-8")
    assert text == panels_page.page(text), "run `python -m lfpbold.derivatives.panels_page docs/panels.md`"


def test_the_map_names_every_figure_and_no_other():
    assert {row.word for row in ROWS} == set(figures.PANELS)
    of_events = inputs.EVOKED_FIGURES
    assert {w for words in of_events.values() for w in words} == set(NEEDS_EVENTS)
    of_groups = {row.word for row in ROWS if "state-" in row.files}
    assert of_groups == {*inputs.GROUP_FIGURES, *of_events["group"]}
    of_study = {row.word for row in ROWS if "/figures/desc-" in row.files}
    assert of_study == {*inputs.STUDY_FIGURES, *of_events["study"]}


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_word_leads_to_function_rule_and_tables(row):
    assert row.functions[0] == f"figures.{row.word}" and row.word in figures.__all__
    for name in row.functions:
        module, function = name.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(f"lfpbold.{module}"), function))
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "workflow" / "rules").glob("*.smk"))
    for name in row.rules:
        assert re.search(rf"^rule {name}:$", rules, re.M), name
    of_tables = [name for name in row.behind if name.startswith("group/")]
    assert {Path(name).stem for name in of_tables} <= set(layout.GROUP)
    assert set(page.TABLES_BEHIND.get(row.word, ())) <= {Path(name).stem for name in of_tables}


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_captions_name_the_same_panels(row):
    # Without global signal regression, or awake, a figure is the same one of another variant or state.
    if row.panels not in ("–", "1-s3 2-s2", "1-s4 2-s3"):
        assert set(row.panels.split()) <= set(figures.PANELS[row.word].split())


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_figures_are_there_and_are_drawn(row, study, results):
    paths = written(results, row.files, study)
    assert paths or "state-awake" in row.files or (row.word in NEEDS_EVENTS and not driven(study))
    for path in paths:
        if path.suffix == ".svg":
            count = drawn_elements(path)
            if row.word in NEEDS_SURROGATES and "/rigorous/" not in path.as_posix():
                assert "No surrogates" in "".join(ElementTree.parse(path).getroot().itertext())
                continue
            if row.word in NEEDS_COMPONENTS:
                assert "No components" in "".join(ElementTree.parse(path).getroot().itertext())
                continue
            if row.word == "states" and len(states(study)) < 2:
                assert "No site has scans of two states" in "".join(ElementTree.parse(path).getroot().itertext())
                continue
            assert sum(count.values()) >= 40, f"{path} is nearly empty: {count}"
            assert count["image"] >= OF_IMAGES.get(row.word, 0), f"{path} lacks its maps: {count}"
        else:
            with Image.open(path) as picture:
                pixels = np.asarray(picture.convert("RGB"))
            assert pixels.shape[0] > 150 and pixels.shape[1] > 600
            if row.word in NEEDS_SURROGATES and "/rigorous/" not in path.as_posix():
                continue
            if row.word in NEEDS_COMPONENTS:
                continue
            ink = (pixels.min(axis=2) < 200).mean()
            assert ink > (0.001 if row.word == "states" and len(states(study)) < 2 else 0.005), (
                f"{path} is nearly white"
            )


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_numbers_behind_it_are_there(row, study, results):
    for name in row.behind if row.word not in NEEDS_EVENTS or driven(study) else ():
        if name.startswith("group/"):
            for variant in VARIANTS:
                with (results / variant / name).open(encoding="utf-8") as file:
                    header, *rows = csv.reader(file, delimiter="\t")
                assert set(layout.GROUP[Path(name).stem].columns) <= set(header)
                none = variant != "rigorous" and Path(name).stem in OF_SURROGATES
                none |= name == "group/components.tsv"
                none |= name == "group/states.tsv" and len(states(study)) < 2
                assert bool(rows) != none, f"{variant}/{name} has {len(rows)} rows"
        else:
            assert list(results.glob(name.replace("<variant>", "reference"))), name


def test_every_figure_file_of_a_run_is_named(study, results):
    known = {path for row in ROWS for path in written(results, row.files, study)}
    found = {path for form in ("png", "svg") for path in results.rglob(f"*.{form}")}
    assert found - set((results / "figures").iterdir()) == known  # what compares variants stands above them


def test_a_file_that_is_in_no_row_is_noticed(study, results, tmp_path):
    fewer = [row for row in ROWS if row.word != "lags"]
    known = {path for row in fewer for path in written(results, row.files, study)}
    assert {path.name.split("desc-")[1] for path in set((results / "reference").rglob("*.svg")) - known} == {"lags.svg"}
    with pytest.raises(AssertionError, match="is missing"):
        written(tmp_path, ROWS[0].files, study)


def test_the_commands_make_these_files(study, results, run):
    mine = [row for row in ROWS if row.word not in NEEDS_EVENTS or driven(study)]
    targets = {row.target for row in mine if "state-awake" not in row.target or "awake" in states(study)}
    assert all(target.startswith("results/") for target in targets)
    paths = [results / target.removeprefix("results/") for target in sorted(targets)]
    assert [path for path in paths if not path.is_file()] == []
    again = run(study / "config.yaml", results, "--dry-run", *map(str, paths))
    assert again.returncode == 0, again.stderr[-2000:]
    assert "Nothing to be done" in again.stdout + again.stderr


def test_the_report_shows_every_figure(study, results):
    text = (results / "report.html").read_text(encoding="utf-8")
    shown = {base64.b64decode(found) for found in re.findall(r'src="data:image/png;base64,([^"]*)"', text)}
    assert all(Image.open(io.BytesIO(png)).format == "PNG" for png in shown)
    for row in ROWS:
        if row.word != "states" or len(states(study)) > 1:  # one state alone is said in words
            for path in written(results, row.files, study):
                if row.word in NEEDS_SURROGATES and "/rigorous/" not in path.as_posix():
                    continue  # nothing was asked, nothing is shown
                assert path.suffix != ".png" or path.read_bytes() in shown, f"{path.name} is not in the report"


def test_the_commands_work_as_they_stand(study, results, run):
    """The target comes before `--configfile`, which would take it for another config."""
    text = (REPOSITORY / "docs" / "panels.md").read_text(encoding="utf-8")
    commands = re.findall(r"`(snakemake [^`]+)`", text)
    assert len(commands) == len(ROWS)
    for command in commands:
        words = command.split()
        study_of = "evoked" if any(f"desc-{word}." in words[3] for word in NEEDS_EVENTS) else "demo"
        assert words[-2:] == ["--configfile", f"{study_of}/config.yaml"] and words[3].startswith("results/")
    target = ROWS[0].target.replace("results/", f"{results}/", 1)
    planned = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "--snakefile", REPOSITORY / "Snakefile", "--cores", "1", target),
            *("--dry-run", "--configfile", study / "config.yaml", "--config", f"results={results}"),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=results.parent,
    )
    assert planned.returncode == 0, planned.stderr[-2000:]
