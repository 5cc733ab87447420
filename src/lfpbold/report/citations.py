"""The works that the methods section cites, from `references.json` (CSL-JSON), and their numbers."""

from __future__ import annotations

import json
import re
from pathlib import Path

from markupsafe import Markup, escape

REFERENCES = {
    item["id"]: item for item in json.loads(Path(__file__).with_name("references.json").read_text(encoding="utf-8"))
}


def reference(item: dict) -> str:
    """One work as the list of references prints it, without its DOI.

    Parameters
    ----------
    item : dict
        CSL-JSON, as reference managers write it.

    Examples
    --------
    >>> reference(REFERENCES["thomson1982"])
    'Thomson DJ. Spectrum estimation and harmonic analysis. Proceedings of the IEEE 1982;70:1055–1096.'
    """
    people = ", ".join(_name(person) for person in item.get("author") or item["editor"]).rstrip(".")
    year = item["issued"]["date-parts"][0][0] if "issued" in item else None
    parts = [people if "author" in item else f"{people} (eds)", item["title"]]
    if "container-title" in item:
        parts.append(f"{item['container-title']} {year};{item['volume']}:{item['page']}")
    elif "publisher" in item:
        note = f"; {item['note']}" if "note" in item else ""
        parts.append(f"{item['publisher']}, {year}{note}")
    return ". ".join(parts) + "."


def _name(person: dict) -> str:
    return person.get("literal") or f"{person['family']} {person['given']}"


def numbered(
    paragraphs: list[tuple[str, str]], prefix: str = ""
) -> tuple[list[tuple[str, Markup]], list[tuple[str, str, str | None]]]:
    """Replace citation marks by numbered links, in order of first mention.

    Parameters
    ----------
    paragraphs : list of (title, text)
        From `sections`.
    prefix : str
        Of the anchors, where a page holds several lists.

    Returns
    -------
    paragraphs : list of (title, HTML)
        Everything else is escaped.
    references : list of (key, text, DOI or None)
    """
    keys = list(dict.fromkeys(key for _, text in paragraphs for key in re.findall(r"\[@(\w+)\]", text)))

    def linked(text: str) -> Markup:
        pieces = re.split(r"\[@(\w+)\]", text)
        html = [
            (
                escape(piece)
                if i % 2 == 0
                else Markup('<a class="cite" href="#{}ref-{}">[{}]</a>').format(prefix, piece, keys.index(piece) + 1)
            )
            for i, piece in enumerate(pieces)
        ]
        return Markup("").join(html)

    return [(title, linked(text)) for title, text in paragraphs], [
        (key, reference(REFERENCES[key]), REFERENCES[key].get("DOI")) for key in keys
    ]
