"""The report in a real browser: no console error, every section in the page, nothing loaded, nothing sticks out."""

import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lfpbold import figures
from lfpbold.report import inputs
from lfpbold.report import page as report
from lfpbold.study import settings

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "report"))
from report_study import full, page, recording

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@pytest.fixture(scope="module")
def chromium():
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("no Chromium found; install one (Debian: apt-get install chromium)")
    if found is None:
        pytest.skip("no Chromium found; install one (Debian: apt-get install chromium)")
    return found


# Tells in the page's title how wide the page is and what reaches beyond the window, all details open.
PROBE = """<script>addEventListener("load", () => {
  document.querySelectorAll("details").forEach(e => e.open = true);
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll, pre")
    && e.getBoundingClientRect().right > width + 1).map(e => e.tagName + " " + e.textContent.slice(0, 40));
  document.title = JSON.stringify([width, document.documentElement.scrollWidth, out.slice(0, 5)]);
});</script></body>"""


@pytest.fixture(scope="module")
def report_file(tmp_path_factory):
    """A report of two variants with every figure and table."""
    folder = tmp_path_factory.mktemp("report")
    config = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
    picture = folder / "figure.png"
    figures.save(figures.message_figure("title", "text"), picture, folder / "figure.svg")
    seen = {"figures": {"artefact": picture.read_bytes(), "motion": picture.read_bytes()}}
    other = copy.deepcopy(config)
    other["bold"]["global_signal"] = False
    variants = [full(config), full(other, "no_gsr")]
    for shown in variants:
        shown.recordings[:] = [recording(config, **seen)]
        shown.figures.update(dict.fromkeys(shown.figures, picture.read_bytes()))
    path = folder / "report.html"
    path.write_text(page(config, *variants), encoding="utf-8")
    return path


def browse(chromium, path, *arguments):
    """The page's DOM and the browser's messages."""
    command = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--disable-background-networking",
        "--no-first-run",
        f"--user-data-dir={path.parent / 'profile'}",
        "--enable-logging=stderr",
        "--virtual-time-budget=3000",
        *arguments,
        "--dump-dom",
        path.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)


@pytest.fixture(scope="module")
def opened(chromium, report_file):
    return browse(chromium, report_file)


def test_no_console_message(opened):
    assert [line for line in opened.stderr.splitlines() if "CONSOLE" in line] == []


def test_every_section_is_in_the_page(opened):
    for name in (*report.SECTIONS, "provenance"):
        assert f'<section id="{name}">' in opened.stdout
    for name in (*inputs.GROUP_FIGURES, "without", "noise"):
        assert f'<h3 id="panels-sedated-M1-{name}">' in opened.stdout
    assert "gamma power explained" in opened.stdout


def test_nothing_is_loaded_from_the_network(opened):
    loaded = re.findall(
        r'<(?:img|script|link|iframe|source|object)\b[^>]*?\b(?:src|href|data)="([^"]{0,80})', opened.stdout
    )
    assert loaded and all(address.startswith("data:") for address in loaded)


@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_sticks_out(chromium, report_file, width):
    probe = report_file.with_name(f"probe-{width}.html")
    probe.write_text(report_file.read_text(encoding="utf-8").replace("</body>", PROBE), encoding="utf-8")
    opened = browse(chromium, probe, f"--window-size={width},900")
    window, reached, out = json.loads(re.search(r"<title>(.*?)</title>", opened.stdout)[1])
    assert (window, reached, out) == (width, width, [])
