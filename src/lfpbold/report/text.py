"""Small words of the methods section: counts, lists, ranges."""

from __future__ import annotations

from .inputs import Recording


def runs(recordings) -> list[Recording]:
    """One recording of each run: the BOLD of a run is the same for all its sites."""
    return list({(r.row["sub"], r.row["ses"], r.row["run"], r.row["state"]): r for r in recordings}.values())


def count(n: int, noun: str) -> str:
    """`1 run`, `3 runs`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def dropped_whole(n: int, noun: str) -> str:
    """`No run was left out`, `3 runs were left out`."""
    return f"{count(n, noun) if n else f'No {noun}'} {'were' if n > 1 else 'was'} left out"


def join(items) -> str:
    """`a, b and c`."""
    items = [str(item) for item in items]
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else "none"


def span(values, form="{:g}") -> str:
    """One value, or the lowest and highest of several."""
    values = sorted(set(values))
    texts = list(dict.fromkeys(form.format(v).replace("-", "−") for v in values))
    return texts[0] if len(texts) == 1 else f"{texts[0]} to {texts[-1]}"
