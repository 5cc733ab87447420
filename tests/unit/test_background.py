"""docs/background.md cites what it lists, shows what is there, and explains the words of the report."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
TEXT, SOURCES = (DOCS / "background.md").read_text(encoding="utf-8").split("## Sources")


def test_every_source_is_cited_in_order_and_none_is_missing():
    listed = [int(number) for number in re.findall(r"^(\d+)\. ", SOURCES, flags=re.M)]
    cited = list(dict.fromkeys(int(n) for found in re.findall(r"\[(\d+)\]", TEXT) for n in found.split()))
    assert cited == listed == list(range(1, len(listed) + 1))
    assert len(re.findall(r"doi:10\.\d{4,}/\S+", SOURCES)) == len(listed)


def test_figures_are_there_and_small():
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", TEXT)
    assert len(shown) == 4 and {Path(name).name for name in shown} == {
        path.name for path in (DOCS / "figures").glob("background_*.png")
    }
    assert all((DOCS / name).stat().st_size < 100_000 for name in shown)


@pytest.mark.parametrize(
    "word",
    [
        *("LFP", "BOLD", "HRF", "GLM", "Temporal r", "Spatial r", "seed map", "LFP map", "Surrogates", "mediation"),
        *("Framewise displacement", "Global signal regression", "Subtraction", "resting-state fMRI", "split halves"),
    ],
)
def test_words_of_the_report_are_explained(word):
    assert f"**{word}**" in TEXT


def test_it_stays_two_pages():
    assert len(TEXT.split()) < 1200
