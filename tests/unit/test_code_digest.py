"""The digest of a rule's code changes with the modules that its script imports, and with no others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from lfpbold.workflow import code_digest

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow" / "scripts"


@pytest.fixture
def digest(tmp_path, monkeypatch):
    """Digests of scripts against a copy of the package that a test may edit."""
    copy = tmp_path / "lfpbold"
    shutil.copytree(code_digest.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(code_digest, "PACKAGE", copy)

    def of(script: str) -> str:
        for cached in (code_digest.code_digest, code_digest._imports_of, code_digest._path):
            cached.cache_clear()
        return code_digest.code_digest(SCRIPTS / f"{script}.py")

    yield of, copy
    for cached in (code_digest.code_digest, code_digest._imports_of, code_digest._path):
        cached.cache_clear()


def edit(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("edited", "changed", "unchanged"),
    [
        (
            "coupling/correlation.py",
            {"coupling", "nulls"},
            {"artefact", "power", "motion", "bold", "figures_recording"},
        ),
        ("artefact/template.py", {"artefact"}, {"power", "coupling", "variance"}),
        ("recordings/nwb.py", {"artefact"}, {"variance", "average"}),
        ("report/templates/report.html.j2", {"report"}, {"variance", "figures_group", "coupling"}),
        ("report/references.json", {"report"}, {"variance", "figures_group", "coupling"}),
        ("figures/captions/group.yaml", {"report", "figures_group"}, {"variance", "coupling"}),
        ("workflow/job.py", set(), {"artefact", "coupling", "variance", "report"}),
        ("derivatives/files.py", {"artefact", "coupling", "variance"}, set()),
    ],
)
def test_editing_a_module_changes_the_rules_that_import_it(digest, edited, changed, unchanged):
    of, package = digest
    before = {name: of(name) for name in changed | unchanged}
    edit(package / edited)
    after = {name: of(name) for name in changed | unchanged}
    assert {name for name in before if before[name] != after[name]} == changed


def test_every_script_has_a_digest_of_its_own():
    digests = [code_digest.code_digest(path) for path in SCRIPTS.glob("*.py")]
    assert len(set(digests)) == len(digests) > 20


def test_records_are_part_of_it():
    path = SCRIPTS / "coupling.py"
    assert code_digest.code_digest(path, "a") != code_digest.code_digest(path, "b") != code_digest.code_digest(path)


@pytest.mark.parametrize(
    ("source", "folder", "wanted"),
    [
        ("from lfpbold.coupling import correlation", "", {"coupling", "coupling.correlation"}),
        ("import lfpbold.coupling.correlation as c", "", {"coupling", "coupling.correlation"}),
        ("from ..coupling import correlation", "nulls", {"coupling", "coupling.correlation"}),
        ("from .correlation import temporal", "coupling", {"coupling", "coupling.correlation"}),
        ("from . import correlation", "coupling", {"coupling", "coupling.correlation"}),
        ("from ...coupling.correlation import (\n    temporal,\n)", "a.b", {"coupling", "coupling.correlation"}),
        ("def f():\n    from ..coupling import correlation", "nulls", {"coupling", "coupling.correlation"}),
        ("if TYPE_CHECKING:\n    from ..coupling import correlation", "nulls", set()),
        ("if typing.TYPE_CHECKING:\n    pass\nelse:\n    from ..errors import InputError", "nulls", {"errors"}),
        ("import numpy as np\nfrom scipy import signal\nfrom .. import __version__", "workflow", set()),
        ("text = 'from ..coupling import correlation'", "nulls", set()),
    ],
)
def test_imports_are_found_however_they_are_written(source, folder, wanted):
    assert set(code_digest.imports(source, folder)) == wanted
