"""Pages and messages speak the language of the field; docs/glossary.md holds one meaning for each word."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "benchmarks").rglob("*.md")]
PACKAGE = ROOT / "src" / "lfpbold"
# Any string of a module may reach the user: on the screen, in a table's sidecar, in the report.
SPOKEN = sorted(path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file())
INSTEAD = {
    r"le(ft|aves?|aving) out": "excluded (recordings), censored (volumes), held out (cross-validation)",
    r"leave \w+( \w+)? out\b": "exclude",
    r"tak(e|es|en|ing) out": "regress out; remove",
    r"algebra": "closed-form expectation under mediation",
    r"likeness": "similarity",
    r"a person should know": "warning",
    r"comes? again": "reproducibility",
    r"stretch(es)?": "stage; segment of a recording",
    r"the road": "pipeline",
    r"(?<!time )(?<!of )courses?": "time course",
    r"what chance (gives|and)": "null distribution",
    r"shift(ed|s)? around": "circularly shifted",
    r"second opinion": "sensitivity analysis",
    r"yardsticks?": "reference values",
    r"wax(es)? and wanes?": "fluctuates",
    r"look to it": "check",
    r"told to end": "terminated",
    r"stands? twice": "is duplicated",
    r"mend(ed|s)?": "fix, correct",
    r"at large": "in the population",
}
DIALECT = re.compile("|".join(rf"\b{words}\b" for words in INSTEAD), re.I)


def dialect(text: str) -> list[str]:
    """Words of ours in prose, without code and links."""
    text = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)", " ", text, flags=re.S)
    return [match[0] for match in DIALECT.finditer(re.sub(r"\s+", " ", text))]


def spoken(path: Path) -> list[str]:
    """Strings of a module that are not docstrings, of two words or more."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    strings = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in strings if " " in text.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_speak_the_language_of_the_field(page):
    assert dialect(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("room", SPOKEN)
def test_messages_speak_the_language_of_the_field(room):
    place = PACKAGE / room
    modules = place.rglob("*.py") if place.is_dir() else [place]
    assert {path.name: words for path in modules if (words := dialect(" \n".join(spoken(path))))} == {}


def test_dialect_is_seen_in_prose_and_not_in_code():
    assert dialect("The volumes were left\nout, and the course; but `coupling.stretch`, a time course, of course.") == [
        "left out",
        "course",
    ]


def entries() -> list[tuple[str, str]]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return re.findall(r"^\*\*(.+?)\*\*: (.+?)(?=\n\n\*\*|\Z)", text, flags=re.M | re.S)


def test_the_glossary_is_alphabetical_and_explains_each_word_once():
    words = [word.lower() for word, _ in entries()]
    assert words == sorted(set(words))
    assert len(words) >= 30


def test_words_that_had_several_meanings_have_an_entry():
    words = {word for word, _ in entries()}
    assert words >= {
        "excluded",
        "censored",
        "held out",
        "regressed out",
        "time course",
        "stage",
        "scan",
        "run",
        "recording",
    }
