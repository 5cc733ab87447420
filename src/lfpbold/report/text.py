"""Small pieces of text of the report: lists, ranges, and numbers in cells of tables."""

from __future__ import annotations

import math


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
