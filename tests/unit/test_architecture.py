"""The pages describe the code that is there: the drawing of floors, and every name and link."""

import importlib
import inspect
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "lfpbold"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")])
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
ROOMS = {folder.name for folder in PACKAGE.iterdir() if (folder / "__init__.py").is_file()}
# Made from the records of outputs, whose own tests hold their names.
GENERATED = {"panels.md"}


def floors_of(lines: list[str], between: str) -> list[set[str]]:
    return [{room.strip() for room in line.split(between)} for line in lines]


def drawing(page: str) -> list[set[str]]:
    """The floors as the page draws them, from the top."""
    section = page.split("### Floors")[1].split("\n#")[0]
    return floors_of([line for line in section.splitlines() if line.startswith("    ")], "│")


def architecture() -> str:
    return (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_the_drawing_shows_the_floors_of_the_contract():
    layers = next(contract["layers"] for contract in CONTRACTS if contract["type"] == "layers")
    assert drawing(architecture()) == floors_of(layers, "|")


def test_a_room_that_stands_on_another_floor_is_seen():
    page = architecture().replace("    errors\n", "    errors │ timing\n")
    assert drawing(page) != drawing(architecture())


def test_every_room_has_its_line():
    table = architecture().split("## Rooms")[1].split("### Floors")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.M)) == ROOMS


@cache
def settings() -> dict:
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


def is_setting(name: str) -> bool:
    section, key = name.split(".", 1)
    return isinstance(settings().get(section), dict) and key in settings()[section]


def is_importable(name: str) -> bool:
    """Whether a dotted name below the package leads to a module or to something in one."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        path = PACKAGE.joinpath(*parts[:n])
        if path.is_dir() or path.with_suffix(".py").is_file():
            target = importlib.import_module(".".join(["lfpbold", *parts[:n]]))
            for part in parts[n:]:
                if not hasattr(target, part) and not (inspect.isclass(target) and part in target.__annotations__):
                    return False
                target = getattr(target, part, None)
            return True
    return hasattr(importlib.import_module("lfpbold"), parts[0])


@cache
def files() -> frozenset:
    folders = ("src", "tests", "benchmarks", "workflow", "docs", "examples", "config", "profiles")
    return frozenset(str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*"))


def is_file(name: str) -> bool:
    """Whether a file of this repository ends so; most pages name tests and modules without the way to them."""
    return (ROOT / name).exists() or any(path == name or path.endswith(f"/{name}") for path in files())


def names(text: str):
    """What a page names of the code: dotted names below the package, and source files."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)
    for span in re.findall(r"`([^`\n]+)`", prose):
        match = re.fullmatch(r"(lfpbold\.)?((\w+)(?:\.\w+)+)(?:\(.*\))?", span)
        if match and (match[1] or (match[3] in ROOMS and not re.search(r"\.(py|tsv|smk|yaml)$", span))):
            yield match[2], is_importable(match[2]) or (not match[1] and is_setting(match[2]))
        if re.fullmatch(r"[\w./-]+\.(py|smk)", span):
            yield span, is_file(span)
    for path in re.findall(r"\btests/[\w/]+\.py", prose):
        yield path, is_file(path)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name not in GENERATED], ids=lambda page: page.name)
def test_names_in_pages_exist(page):
    assert [name for name, there in names(page.read_text(encoding="utf-8")) if not there] == []


def test_names_that_are_not_there_are_seen():
    page = "`lfpbold.stats.tests.fisher`, `networks.no_such_map`, `timing.py`, tests/unit/test_none.py, `bold.fwhm_mm`"
    wrong = {"stats.tests.fisher", "networks.no_such_map", "timing.py", "tests/unit/test_none.py"}
    assert {name for name, there in names(page) if not there} == wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"https?://|mailto:|#", target):
            path, _, anchor = target.partition("#")
            there = page.parent / path
            assert there.exists(), target
            if anchor:
                assert anchor in anchors(there), target


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
