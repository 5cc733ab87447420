"""LFP and spiking as predictors of BOLD, and comparison with the published numbers."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..derivatives.rows import Rows, of_group, pairs
from .labels import CORRELATIONS, PUBLISHED, PUBLISHED_ONCE
from .style import (
    GREY,
    INK,
    PALE,
    band_colours,
    bands_present,
    footnote,
    message_figure,
    new_figure,
    panels,
    styled,
    with_title,
    wrap_text,
    zero_line,
)
from .text import count

TITLE_OF_SPIKING = "LFP and multi-unit activity"
TITLE_OF_YARDSTICK = "Published values (×) and those of these recordings (●)"


@styled
def multiunit(rows: list[dict], main_band: str, names: list[str]) -> Figure:
    """Correlation of seed BOLD with the main band's power against that with multi-unit power, scan by scan.

    Parameters
    ----------
    rows : list of dict
        `group/multiunit.tsv`.
    main_band : str
    names : list of str
        Configured bands, which give the main one its colour.
    """
    rows = Rows(rows).where(band=main_band)
    if not any(np.isfinite(row["r_lfp"]) and np.isfinite(row["r_multiunit"]) for row in rows):
        return message_figure(
            TITLE_OF_SPIKING,
            "No multi-unit power was computed: `artefact.multiunit_hz` is null, or no recording is raw and sampled"
            " at more than twice the lower edge of that band.",
        )
    groups = pairs(rows)
    figure, axes = panels(len(groups), width=3.1, height=4.2, sharex=True, sharey=True)
    colour = band_colours(names)[main_band]
    values = np.array([[row[key] for key in KEYS] for row in rows], dtype=float)
    low, high = min(0.0, np.nanmin(values)) - 0.05, max(0.0, np.nanmax(values)) + 0.05
    for panel, (state, site) in zip(axes, groups, strict=True):
        _against(panel, of_group(rows, state, site), colour, (low, high))
        panel.set_title(wrap_text(f"{site}, {state}", 2.8), loc="left", pad=28)
    for panel in axes:
        panel.set_xlabel("r with seed BOLD, multi-unit power")
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel(f"r with seed BOLD, {main_band} power")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=2 if len(groups) == 1 else 4, columnspacing=1.2)
    return with_title(figure, TITLE_OF_SPIKING)


KEYS = ("r_multiunit", "r_lfp", "r_multiunit_partial", "r_lfp_partial")


def _against(panel, rows, colour, limits) -> None:
    """Dots above the line of identity: the LFP predicts BOLD better than spiking does."""
    x, y, x_partial, y_partial = np.array([[row[key] for key in KEYS] for row in rows], dtype=float).T
    panel.plot(limits, limits, color=GREY, linewidth=0.9, linestyle="--", zorder=1, label="equal")
    zero_line(panel)
    panel.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    panel.scatter(
        x_partial,
        y_partial,
        s=18,
        marker="^",
        facecolors="white",
        edgecolors=GREY,
        linewidths=0.8,
        alpha=0.8,
        zorder=2,
        label="partial r, given the other",
    )
    panel.scatter(x, y, s=16, color=colour, alpha=0.7, linewidths=0, zorder=3, label="scan")
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() > 1:
        panel.scatter([x[both].mean()], [y[both].mean()], marker="P", s=70, color=INK, edgecolors="white", zorder=4)
        panel.scatter([], [], marker="P", s=50, color=INK, label="mean of scans")
    panel.set(xlim=limits, ylim=limits)
    panel.text(0, 1.02, _residue(rows), transform=panel.transAxes, fontsize=7.5, color=GREY, va="bottom")


def _residue(rows) -> str:
    """Medians over scans of the residual gradient artefact in the multi-unit band."""
    before, residue, outside, seconds = (
        _median([row[key] for row in rows]) for key in ("artefact_uv", "residue_uv", "outside_uv", "outside_s")
    )
    if not np.isfinite(before):
        return "artefact not measured\n"
    if not np.isfinite(residue):
        after = _median([row["after_uv"] for row in rows])
        text = f"artefact {_microvolts(before)} → {_microvolts(after)} µV after removal"
        return f"{text}\n(nothing recorded outside the scan)"
    return (
        f"artefact {_microvolts(before)} → residue {_microvolts(residue)} µV\n{_microvolts(outside)} µV in"
        f" {seconds:.0f} s outside the scan"
    )


def _median(values) -> float:
    finite = [value for value in values if np.isfinite(value)]
    return float(np.median(finite)) if finite else float("nan")


def _microvolts(value) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"


@styled
def yardstick(rows: list[dict], names: list[str]) -> Figure:
    """The study's published correlations (crosses) and these recordings' (dots), per band.

    Parameters
    ----------
    rows : list of dict
        `group/yardstick.tsv`, which holds the sites and states that the study has.
    names : list of str
        Bands, in order.
    """
    groups, bands = pairs(rows), bands_present(names, rows)
    if not groups or not bands:
        return message_figure(
            TITLE_OF_YARDSTICK, "The study has none of these sites and states, or no recording remained."
        )
    wide = max(0.42 * len(bands) + 0.9, 2.4)
    figure = new_figure(max(wide * len(groups) + 0.6, 5.0), 6.6)
    axes = figure.subplots(len(PUBLISHED), len(groups), squeeze=False, sharey="row", sharex="col")
    colours = band_colours(names)
    for column, (state, site) in enumerate(groups):
        for row, measure in enumerate(PUBLISHED):
            panel = axes[row, column]
            of_band = {r["band"]: r for r in of_group(rows, state, site, measure=measure)}
            _published_and_ours(panel, bands, of_band, colours)
            zero_line(panel)
            panel.grid(axis="y", color="#eeeeee", linewidth=0.6)
            panel.set_axisbelow(True)
            if column == 0:
                panel.set_ylabel(CORRELATIONS[measure])
        axes[-1, column].set_xticks(range(len(bands)), bands, rotation=40, ha="right", rotation_mode="anchor")
        axes[-1, column].set_xlim(-0.6, len(bands) - 0.4)
        title = f"{site}, {state}{_scans(of_group(rows, state, site))}"
        axes[0, column].set_title(wrap_text(title, wide - 0.4), loc="left")
    for panel in axes[1:, 0]:
        panel.set_ylim(-1.05, 1.05)
    singles = _single_numbers(rows, groups)
    if singles:
        footnote(figure, singles)
    return with_title(figure, TITLE_OF_YARDSTICK)


def _published_and_ours(panel, bands, of_band: dict, colours) -> None:
    """Each band's two values, joined by a line."""
    there = [band for band in bands if band in of_band]
    places = np.array([bands.index(band) for band in there])
    published, ours = (np.array([of_band[band][key] for band in there], dtype=float) for key in ("published", "ours"))
    dyes = [colours[band] for band in there]
    both = np.isfinite(published) & np.isfinite(ours)
    ends = np.stack([np.column_stack([places, published]), np.column_stack([places, ours])], axis=1)[both]
    of_both = [dye for dye, whole in zip(dyes, both, strict=True) if whole]
    panel.add_collection(LineCollection(ends, colors=of_both, linewidths=1.2, alpha=0.6, zorder=1))
    panel.scatter(places, ours, s=34, color=dyes, linewidths=0, zorder=2)
    panel.scatter(places, published, marker="x", s=34, color=INK, linewidths=1.3, zorder=3)


def _scans(rows) -> str:
    """How many scans each side rests on."""
    n, published = ([row[key] for row in rows if np.isfinite(row[key])] for key in ("n_scans", "published_n"))
    return f"\n{count(max(n), 'scan')} (published {max(published):.0f})" if n and max(n) and published else ""


def _single_numbers(rows, groups) -> str:
    """The published numbers that belong to no band, and those of these recordings, a line for each group."""
    lines = []
    for state, site in groups:
        numbers = [
            f"{name} {_plain(r['ours'], unit)} (published {_plain(r['published'], unit)})"
            for measure, (name, unit) in PUBLISHED_ONCE.items()
            for r in of_group(rows, state, site, measure=measure)
        ]
        if numbers:
            lines.append(f"{site}, {state}: {', '.join(numbers)}")
    return "\n".join(lines)


def _plain(value, unit: str) -> str:
    text = f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "n/a"
    return f"{text} {unit}".rstrip()
