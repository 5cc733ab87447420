"""The specification curve: results of every variant, sorted, with the choices beneath."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import blended_transform_factory

from ..derivatives.rows import Rows
from .labels import HEADLINE
from .style import GREY, INK, NAMED, PALE, message_figure, new_figure, styled, with_title, wrap_text
from .text import number, percent

MARKS = {
    "reference": {"marker": "D", "s": 40, "color": INK, "zorder": 5},
    "rigorous": {"marker": "s", "s": 38, "color": NAMED["gamma"], "zorder": 5},
}
OTHERS = {"marker": "o", "color": GREY, "linewidths": 0, "zorder": 4}
WIDEST = 6.0  # inches of one curve
MOST_NAMED = 12  # variants whose names fit below their columns


@styled
def specification(rows: list[dict], effects: list[dict], main_band: str, title: str) -> Figure:
    """One state and site: a curve for each headline measure, and the choices of each variant below it.

    Parameters
    ----------
    rows : list of dict
        `specification.tsv` of this state and site: from `multiverse.curve`.
    effects : list of dict
        `specification_choices.tsv` of the same: from `multiverse.effects`.
    main_band : str
    title : str
    """
    rows = Rows(rows).where(measure=HEADLINE).finite("value")
    # A column without any role comes back from its file as numbers that are missing.
    rows = [row | {"role": row["role"] if isinstance(row["role"], str) else ""} for row in rows]
    shown = [measure for measure in HEADLINE if any(row["measure"] == measure for row in rows)]
    n = max((sum(row["measure"] == measure for row in rows) for measure in shown), default=0)
    if n < 2:
        return message_figure(title, "Fewer than two variants have a value.")
    levels = _levels(effects)
    width, height = float(np.clip(0.3 * n, 2.4, WIDEST)), 0.17 * (len(levels) + 0.6)
    labels = 0.075 * max((len(text) for _, _, text in levels), default=0) + 0.4
    columns = min(2, len(shown))
    lines = math.ceil(len(shown) / columns)
    names = 0.075 * max(len(row["variant"]) for row in rows) if n <= MOST_NAMED else 0.1
    figure = new_figure(labels + columns * (width + 0.9), lines * (1.9 + height + names) + 0.7)
    grid = figure.subplots(2 * lines, columns, squeeze=False, height_ratios=[1.7, max(height, 0.2)] * lines)
    for place in range(lines * columns):
        upper, lower = grid[2 * (place // columns) : 2 * (place // columns) + 2, place % columns]
        if place >= len(shown):
            upper.set_axis_off(), lower.set_axis_off()
            continue
        of_measure = Rows(rows).where(measure=shown[place])
        _curve(upper, of_measure, wrap_text(HEADLINE[shown[place]].format(main_band=main_band), width))
        shares = {row["choice"]: row["share"] for row in effects if row["measure"] == shown[place] and _whole(row)}
        _matrix(lower, of_measure, levels, shares, named=place % columns == 0)
        names_below = (
            [row["variant"] for row in of_measure] if n <= MOST_NAMED else []
        )  # each curve has an order of its own
        lower.set_xticks(range(len(names_below)), names_below, rotation=90, fontsize=8)
    _legend(figure, rows)
    return with_title(figure, f"{title}: all variants")


def as_level(value) -> str:
    """A setting as the table of choices writes it: a column of numbers alone comes back from its file as numbers.

    Examples
    --------
    >>> as_level(0.75), as_level(1.0), as_level("true")
    ('0.75', '1', 'true')
    """
    return f"{value:.9g}" if isinstance(value, float) else str(value)


def _whole(row) -> bool:
    return row["level"] == "all"


def _levels(effects) -> list[tuple[str, str, str]]:
    """Choice, level and label of each line of the matrix; the first line of a choice names it."""
    pairs = dict.fromkeys((row["choice"], row["level"]) for row in effects if not _whole(row))
    seen: set = set()
    lines = []
    for choice, level in pairs:
        lines.append((choice, level, short(level) if choice in seen else f"{short(choice)}: {short(level)}"))
        seen.add(choice)
    return lines


def short(text: str, letters: int = 34) -> str:
    """A long label without its middle.

    Examples
    --------
    >>> short("bold.fwhm_mm"), short("abcdefghij", 7)
    ('bold.fwhm_mm', 'abc…hij')
    """
    half = (letters - 1) // 2
    return text if len(text) <= letters else f"{text[:half]}…{text[-half:]}"


def _curve(panel, rows, title: str) -> None:
    """Sorted values with their intervals; the reference's value as a line across."""
    across = np.arange(len(rows))
    for x, row in zip(across, rows, strict=True):
        if np.isfinite([row["ci_low"], row["ci_high"]]).all():
            colour = MARKS.get(row["role"], OTHERS)["color"]
            panel.plot([x, x], [row["ci_low"], row["ci_high"]], color=colour, linewidth=1.2, alpha=0.55, zorder=2)
        if row["role"] and len(rows) > MOST_NAMED:
            panel.axvspan(x - 0.5, x + 0.5, color="#f4f1ea", zorder=0, linewidth=0)
        if row["role"] == "reference":
            panel.axhline(row["value"], color=PALE, linewidth=0.9, zorder=1)
    others = [(x, row["value"]) for x, row in zip(across, rows, strict=True) if row["role"] not in MARKS]
    if others:
        panel.scatter(*zip(*others, strict=True), s=26 if len(rows) < 24 else 14, **OTHERS)
    for x, row in zip(across, rows, strict=True):
        if row["role"] in MARKS:
            panel.scatter([x], [row["value"]], **MARKS[row["role"]], edgecolors="white", linewidths=0.5)
    values = [row["value"] for row in rows]
    panel.set_title(f"{title}\n{number(min(values))} to {number(max(values))}", loc="left", fontsize=9)
    panel.set_xlim(-0.6, len(rows) - 0.4)
    panel.set_ylim(*_limits(rows, values))
    panel.set_xticks([])
    panel.grid(axis="y", color="#eeeeee", linewidth=0.6)
    panel.set_axisbelow(True)


def _limits(rows, values) -> tuple[float, float]:
    """Limits upwards: intervals of few animals run out of the panel, so that the values can be distinguished."""
    margin = max(0.1, 1.5 * (max(values) - min(values)))
    lows = [row["ci_low"] for row in rows if np.isfinite(row["ci_low"])]
    highs = [row["ci_high"] for row in rows if np.isfinite(row["ci_high"])]
    rim = 0.08 * margin
    return max(min(values) - margin, min([*lows, *values]) - rim), min(
        max(values) + margin, max([*highs, *values]) + rim
    )


def _matrix(panel, rows, levels, shares: dict, *, named: bool) -> None:
    """A dot where a variant has a level; at the right the share of variance of each choice."""
    first = {choice: i for i, (choice, _, _) in reversed(list(enumerate(levels)))}
    last = {choice: i for i, (choice, _, _) in enumerate(levels)}
    beside = blended_transform_factory(panel.transAxes, panel.transData)
    panel.text(1.015, 1.0, "share", transform=beside, va="center", fontsize=7.5, color=GREY)
    for choice in last:
        panel.axhline(-last[choice] - 0.5, color=PALE, linewidth=0.7, zorder=0)
        share = shares.get(choice, math.nan)
        text = percent(share) if np.isfinite(share) else "–"
        panel.text(1.015, -(first[choice] + last[choice]) / 2, text, transform=beside, va="center", fontsize=8)
    size = 20 if len(rows) < 24 else 9
    for role, colour in (("", GREY), *((role, mark["color"]) for role, mark in MARKS.items())):
        dots = [
            (x, -y)
            for x, row in enumerate(rows)
            for y, (choice, level, _) in enumerate(levels)
            if row["role"] == role and as_level(row.get(choice)) == level
        ]
        if dots:
            panel.scatter(*zip(*dots, strict=True), s=size, color=colour, linewidths=0, zorder=3)
    panel.set_ylim(-len(levels) + 0.5, 0.5)
    panel.set_yticks(range(0, -len(levels), -1), [text for *_, text in levels] if named else [""] * len(levels))
    panel.set_xlim(-0.6, len(rows) - 0.4)
    panel.tick_params(axis="both", length=0, labelsize=8)
    for side in ("left", "bottom"):
        panel.spines[side].set_visible(False)


def _legend(figure, rows) -> None:
    """Only the marks that are there."""
    roles = {row["role"] for row in rows}
    marks = [(role, mark) for role, mark in MARKS.items() if role in roles]
    if roles - MARKS.keys():
        marks.append(("other variants", OTHERS | {"s": 26}))
    handles = [
        Line2D([], [], linestyle="", marker=m["marker"], color=m["color"], markersize=m["s"] ** 0.5, label=name)
        for name, m in marks
    ]
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles), columnspacing=1, handletextpad=0.2)
