"""Text of the report that is written by templates: sentences and paragraphs, and what their filters make of numbers."""

from __future__ import annotations

import functools
import math
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..figures.text import count, number, percent, two_decimals

TEMPLATES = Path(__file__).with_name("templates")


def sentence(template: str, **facts) -> str:
    """What a template of plain text says of some facts, on one line.

    Parameters
    ----------
    template : str
        Path below `templates`.
    **facts
        What the template names; a missing one raises `jinja2.UndefinedError`.
    """
    return one_line(environment().get_template(template).render(facts))


def one_line(text: str) -> str:
    """Lines of a template joined, with no space before a punctuation mark or after an opening bracket.

    Examples
    --------
    >>> one_line("(  r = .38\\n, 2 scans ).")
    '(r = .38, 2 scans).'
    """
    return re.sub(r"\s+(?=[,;:)]|\.(?:\s|$))|(?<=\()\s+", "", re.sub(r"\s+", " ", text)).strip()


@functools.cache
def environment() -> Environment:
    """Templates of plain text: nothing is escaped, and an unknown name is an error."""
    made = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined)
    made.filters |= {"count": count, "r": number, "ci": two_decimals, "percent": percent, "finite": math.isfinite}
    made.filters |= {"g": _g, "listed": _listed, "span": span}
    return made


def _g(value, form: str = "{:g}") -> str:
    return form.format(value)


def _listed(values, form: str = "{}") -> str:
    return join(form.format(value) for value in values)


def join(items) -> str:
    """`a, b and c`."""
    items = [str(item) for item in items]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def span(values, form="{:g}") -> str:
    """One value, or the lowest and highest of several."""
    values = sorted(set(values))
    texts = list(dict.fromkeys(form.format(v).replace("-", "−") for v in values))
    return texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}"


def plain(value, form="{:.3g}") -> str:
    """A number for a cell of a table; a dash where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    return form.format(value).replace("-", "−")
