"""docs/background.md cites what it lists, shows what is there, and explains the words of the report."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PACKAGE, PARTS = DOCS.parent / "src" / "lfpbold", ("report", "figures")  # that the report is made of
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


def test_every_term_is_defined_once_and_made_of_words_of_the_report():
    """The page promises the report's words: each word of a term in bold stands in what the report is written from."""
    terms = [" ".join(term.lower().split()) for term in re.findall(r"\*\*([^*]+)\*\*", TEXT)]
    assert len(set(terms)) == len(terms)
    sources = [path for part in PARTS for path in (PACKAGE / part).rglob("*.*")]
    texts = [path.read_text(encoding="utf-8") for path in sources if path.suffix in (".py", ".j2", ".yaml")]
    written = "".join(texts).lower()
    assert {word for term in terms for word in re.findall(r"[\w-]+", term) if word not in written} == set()


@pytest.mark.parametrize("short", ["LFP", "BOLD", "HRF", "GLM"])
def test_abbreviations_are_spelt_out_by_words_that_begin_with_their_letters(short):
    (spelt,) = re.findall(rf"\*\*{short}\*\*\s+\(([^)]+)\)", TEXT)
    initials = "".join(part[0] for part in re.split(r"[\s-]+", spelt)).upper()
    assert initials.startswith(short)


def test_every_figure_is_drawn_by_the_script_that_the_page_names():
    (script,) = set(re.findall(r"`python (docs/figures/\w+\.py)`", TEXT))
    text = (DOCS.parent / script).read_text(encoding="utf-8")
    shown = re.findall(r"figures/background_(\w+)\.png", TEXT)
    assert [name for name in shown if f'"{name}"' not in text] == []
