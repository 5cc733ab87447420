"""How numbers are written in figures, captions and the report: correlations, p-values, counts, percentages."""

from __future__ import annotations

import numpy as np

from ..derivatives.rows import of_group


def number(value) -> str:
    """A correlation as people write it: `.37`, `−.05`; `n/a` where there is none.

    Examples
    --------
    >>> number(0.374), number(-0.05), number(1.0), number(float("nan")), number(0.988), number(0.9996)
    ('.37', '−.05', '1.00', 'n/a', '.988', '.9996')
    """
    if value is None or not np.isfinite(value):
        return "n/a"
    # Values close to one keep the digits in which they differ from it.
    size = abs(value)
    digits = 2 if size < 0.985 or size >= 1 else next((d for d in (3, 4) if round(size, d) < 1), 4)
    text = f"{abs(value):.{digits}f}"
    if float(text) == 0:
        return ".00"
    return ("−" if value < 0 else "") + (text[1:] if text.startswith("0") else text)


def two_decimals(value) -> str:
    """The end of an interval: `.99`, never more digits; `n/a` where there is none.

    Examples
    --------
    >>> two_decimals(0.988), two_decimals(-0.054), two_decimals(1.2), two_decimals(float("nan"))
    ('.99', '−.05', '1.20', 'n/a')
    """
    if value is None or not np.isfinite(value):
        return "n/a"
    text = f"{abs(value):.2f}"
    sign = "−" if value < 0 and float(text) else ""
    return sign + text.removeprefix("0")


def probability(p) -> str:
    """A p-value in a table; a dash where there is none.

    Examples
    --------
    >>> probability(0.0004), probability(0.0312), probability(0.004), probability(float("nan"))
    ('< .001', '.03', '.004', '–')
    """
    if p is None or not np.isfinite(p):
        return "–"
    if p < 0.001:
        return "< .001"
    return f"{p:.{2 if p >= 0.0095 else 3}f}".removeprefix("0")


def p_value(p) -> str:
    """A p-value with its sign: `p = .03`, `p < .001`.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.0004), p_value(0.0049), p_value(float("nan"))
    ('p = .03', 'p < .001', 'p = .005', 'p n/a')
    """
    text = probability(p)
    if text == "–":
        return "p n/a"
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def count(n, noun: str) -> str:
    """A number of things: `1 scan`, `7 scans`."""
    return f"{n:.0f} {noun}{'' if n == 1 else 's'}"


def counted(rows, state, site, band, key: str = "r") -> str:
    """How many scans of how many animals have a value: `4 scans, 2 animals`; nothing where none has."""
    animals = [row["sub"] for row in of_group(rows, state, site, band=band) if np.isfinite(row[key])]
    return f"{count(len(animals), 'scan')}, {count(len(set(animals)), 'animal')}" if animals else ""


def percent(fraction) -> str:
    """A fraction of variance in per cent: whole numbers, one decimal below two per cent."""
    if fraction is None or not np.isfinite(fraction):
        return "n/a"
    return f"{100 * fraction:.1f} %" if abs(fraction) < 0.02 else f"{100 * fraction:.0f} %"
