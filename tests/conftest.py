"""Real recordings and reference numbers, which live beside the repository and not in it."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Tests of the workflow share analysed studies: one worker runs them all, the others go where there is room."""
    from xdist.scheduler import LoadScopeScheduling

    class ByRoom(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return "workflow" if nodeid.startswith("tests/workflow/") else nodeid

    return ByRoom(config, log)


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        sentence = f"there is no folder shared/{name} beside the repository: this test reads real data from it"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    return folder


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real recordings and atlases, described in its SOURCES.md."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_reference() -> Path:
    """Folder of numbers that other programs computed."""
    return _shared("reference")


@pytest.fixture
def quiet_writers():
    """The libraries that write the files of a test warn of this and that; what a reader warns of is tested by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
