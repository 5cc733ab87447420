"""The import contract sees what it is there for: a forbidden import in any room breaks it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
LAYERS, FORBIDDEN, SIMULATOR = CONTRACTS["contracts"]
SCIENCE = [name.removeprefix("lfpbold.") for name in FORBIDDEN["source_modules"]]
FLOORS = [[room.strip() for room in floor.split("|")] for floor in LAYERS["layers"]]
ROOMS = [room for floor in FLOORS for room in floor if room not in ("errors", "cli")]


def lint(folder: Path) -> str:
    """What `lint-imports` says of a copy of the package."""
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    environment = os.environ | {"PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    return subprocess.run(
        [*command, "--no-cache"], capture_output=True, text=True, cwd=folder, env=environment, check=False
    ).stdout


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(REPOSITORY / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    return tmp_path


def inject(folder: Path, room: str, line: str) -> None:
    """Put an import at the end of a module that is new to the room."""
    (folder / "src" / "lfpbold" / room / "injected.py").write_text(f"{line}\n", encoding="utf-8")


def test_the_package_keeps_its_contract(copy):
    assert "3 kept, 0 broken" in lint(copy)


def test_every_room_is_a_folder_on_exactly_one_floor():
    package = REPOSITORY / "src" / "lfpbold"
    folders = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    assert sorted(ROOMS) == sorted(folders)
    in_the_hall = {path.name for path in package.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert in_the_hall <= {"__init__.py", "__init__.pyi", "cli.py", "errors.py", "py.typed"}


@pytest.mark.parametrize(
    "line", ["import nibabel", "import matplotlib.pyplot", "from lfpbold.derivatives import files"]
)
def test_a_forbidden_import_is_seen_in_every_science_room(copy, line):
    for room in SCIENCE:
        inject(copy, room, line)
    said = lint(copy)
    target = re.search(r"(?:import|from) ([\w.]+)", line)[1]
    for room in SCIENCE:
        assert re.search(rf"lfpbold\.{room}\.injected -> {target.split('.pyplot')[0]}", said), (room, said)
    assert "0 broken" not in said


def test_an_import_of_a_room_above_is_seen_on_every_floor(copy):
    """Each room imports one of the floor above; only layers can say so."""
    above = {room: FLOORS[number - 1][0] for number, floor in enumerate(FLOORS) for room in floor if number}
    rooms = [room for room in ROOMS if room in above and above[room] != "errors"]
    for room in rooms:
        inject(copy, room, f"import lfpbold.{above[room]}")
    said = lint(copy)
    for room in rooms:
        assert f"lfpbold.{room} is not allowed to import lfpbold.{above[room]}" in said, room


def test_the_simulator_may_not_import_what_it_judges(copy):
    for room in SCIENCE:
        assert f"lfpbold.{room}" in SIMULATOR["forbidden_modules"]
    inject(copy, "simulate", "from lfpbold.errors import InputError\nfrom lfpbold.spectral import power")
    assert "lfpbold.simulate is not allowed to import lfpbold.spectral" in lint(copy)


def test_a_room_without_a_floor_is_refused(copy):
    folder = copy / "src" / "lfpbold" / "attic"
    folder.mkdir()
    (folder / "__init__.py").touch()
    said = lint(copy)
    assert "attic" in said and "0 broken" not in said
