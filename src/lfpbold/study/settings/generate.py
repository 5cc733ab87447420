"""What is made from the model of the settings: the config with its comments, its JSON schema, its documentation.

python -m lfpbold.study.settings.generate           # write all three into the repository
python -m lfpbold.study.settings.generate --check   # exit status 1 where one of them differs
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

from .model import Settings
from .model.documentation import documentation
from .model.fields import Section
from .model.group import Variant
from .model.inputs import Site, State
from .model.json_schema import COMMAND, flow, schema, section_of

REPOSITORY = Path(__file__).resolve().parents[4]
WIDTH = 120
COMMENT = 29  # column in which comments begin
ENTRIES = {"sites": Site, "states": State, "variants": Variant}  # what an entry of a table may have


def config() -> str:
    """`config/config.yaml`: every default, with its reason as a comment."""
    scalars: list[str] = []
    blocks: list[list[str]] = []
    for name, field in Settings.model_fields.items():
        if section := section_of(field):
            settings = section.model_fields.items()
            lines = [line for key, inner in settings for line in _line(f"  {key}", inner.default, inner.description)]
            blocks.append([*_comment(inspect.getdoc(section)), f"{name}:", *lines])
        elif isinstance(field.default, dict):
            entry = ENTRIES.get(name)
            comment = _comment(inspect.getdoc(entry) if entry else field.description)
            lines = [f"  {key}: {flow(value)}" for key, value in field.default.items()]
            blocks.append([*comment, *(_entries(entry) if entry else ()), f"{name}:", *lines])
        else:
            scalars += _line(name, field.default, field.description)
    return "\n\n".join("\n".join(block) for block in [_comment(inspect.getdoc(Settings)), scalars, *blocks]) + "\n"


def _comment(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines += [*(["#"] if lines else []), *(f"# {line}" for line in _wrapped(paragraph, WIDTH - 2))]
    return lines


def _line(name: str, value, reason: str | None) -> Iterator[str]:
    """One setting with its reason, which goes on below itself where it is longer than a line."""
    start = f"{name}: {flow(value)}"
    if not reason:
        yield start
        return
    column = COMMENT if len(start) < COMMENT else COMMENT + 7
    first, *others = _wrapped(reason, WIDTH - column - 2)
    yield f"{start.ljust(column)}# {first}"
    yield from (f"{' ' * column}# {line}" for line in others)


def _entries(entry: type[Section]) -> Iterator[str]:
    """What an entry of a table may have, as indented comments."""
    about = {_written(name, field): field.description for name, field in entry.model_fields.items()}
    column = max(map(len, about)) + 3
    for start, reason in about.items():
        if reason:
            first, *others = _wrapped(reason, WIDTH - column)
            yield start.ljust(column) + first
            yield from ("#".ljust(column) + line for line in others)


def _written(name: str, field) -> str:
    form = (field.json_schema_extra or {}).get("x-form", "")
    return f"#   {name}: {form}" if form else f"#   {name}"


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of a text; a word with a dash in it stays whole, for it may be a path or a range."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def files() -> dict[Path, str]:
    """Every file that is made from the model, with its content."""
    return {
        REPOSITORY / "config" / "config.yaml": config(),
        REPOSITORY / "workflow" / "schemas" / "config.schema.json": json.dumps(schema(), indent=1, ensure_ascii=False)
        + "\n",
        REPOSITORY / "docs" / "settings.md": documentation(),
    }


def main(arguments=None) -> int:
    """Write the files, or name those that differ."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 where a file differs")
    check, status = parser.parse_args(arguments).check, 0
    for path, text in files().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        if check:
            print(f"{path.relative_to(REPOSITORY)} differs from the model; run `{COMMAND}`", file=sys.stderr)
            status = 1
        else:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(REPOSITORY)}")
    return status


if __name__ == "__main__":
    sys.exit(main())
