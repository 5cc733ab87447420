"""The report in a real browser: no console error, every section in the page, nothing loaded from the network."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lfpbold import figures, report, settings

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from test_report import page, recording, variant

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")
def chromium():
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium found; install one (Debian: apt-get install chromium)")
    if found is None:
        pytest.skip("no Chromium found; install one (Debian: apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def opened(chromium, tmp_path_factory):
    """The page's DOM and the browser's messages."""
    folder = tmp_path_factory.mktemp("report")
    config = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
    picture = folder / "figure.png"
    figures.save(figures.message("title", "text"), picture, folder / "figure.svg")
    shown = variant(
        config,
        recordings=[recording(config, figures={"artefact": picture.read_bytes(), "motion": picture.read_bytes()})],
    )
    for key in shown.figures:
        shown.figures[key] = picture.read_bytes()
    (folder / "report.html").write_text(page(config, shown), encoding="utf-8")
    command = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={folder / 'profile'}",
        "--enable-logging=stderr",
        "--virtual-time-budget=3000",
        "--dump-dom",
        (folder / "report.html").as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


def test_no_console_message(opened):
    assert [line for line in opened.stderr.splitlines() if "CONSOLE" in line] == []


def test_every_section_is_in_the_page(opened):
    for name in (*report.SECTIONS, "provenance"):
        assert f'<section id="{name}">' in opened.stdout
    assert "gamma power explained" in opened.stdout


def test_nothing_is_loaded_from_the_network(opened):
    loaded = re.findall(
        r'<(?:img|script|link|iframe|source|object)\b[^>]*?\b(?:src|href|data)="([^"]{0,80})', opened.stdout
    )
    assert loaded and all(address.startswith("data:") for address in loaded)
