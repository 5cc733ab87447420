"""Figures of all recordings together: the disparity, and every band."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..derivatives.rows import Rows, of_group, pairs
from .style import (
    FEW_DOTS,
    GREY,
    INK,
    MANY_DOTS,
    NOTHING,
    PALE,
    band_colours,
    bands_present,
    footnote,
    jitter,
    mean_bars,
    mean_of,
    message_figure,
    new_figure,
    panels,
    styled,
    wrap_text,
    zero_line,
)
from .text import count, percent

ESTIMATES = (
    ("temporal_r2", "time"),
    ("spatial_r2_scan", "space,\nper scan"),
    ("spatial_r2_group", "space,\naveraged"),
)
DIAMOND = {"marker": "D", "s": 26, "facecolors": "white", "linewidths": 1.4, "zorder": 6}


def _r(rows) -> np.ndarray:
    return np.array([row["r"] for row in rows], dtype=float)


@styled
def headline(rows: list[dict], temporal: list[dict], spatial: list[dict], main_band: str, names: list[str]) -> Figure:
    """The disparity: variance that the main band explains in time and in space, per state and site.

    Parameters
    ----------
    rows : list of dict
        `group/headline.tsv`.
    temporal, spatial : list of dict
        `group/temporal.tsv` and `group/spatial.tsv`: the dots, one per scan, paired by a line.
    main_band : str
    names : list of str
        Configured bands, which give the main one its colour.
    """
    groups = pairs(rows)
    if not groups:
        return message_figure("Variance explained", NOTHING)
    temporal, spatial = (Rows(table).where(band=main_band) for table in (temporal, spatial))
    figure, axes = panels(len(groups), width=3.0, height=3.4, sharey=True)
    colour = band_colours(names)[main_band]
    for panel, (state, site) in zip(axes, groups, strict=True):
        dots = [_scans(temporal, state, site, main_band), _scans(spatial, state, site, main_band)]
        scans = list(dict.fromkeys([*dots[0], *dots[1]]))
        sideways = dict(zip(scans, jitter(len(scans)), strict=True))
        both = [scan for scan in scans if scan in dots[0] and scan in dots[1]]
        ends = [[(sideways[key] + i, dots[i][key] ** 2) for i in (0, 1)] for key in both]
        panel.add_collection(LineCollection(ends, colors=PALE, linewidths=0.6, zorder=1))
        for place, values in enumerate(dots):
            r = np.array(list(values.values()))
            face = [colour if value >= 0 else "white" for value in r]
            across = place + np.array([sideways[key] for key in values])
            panel.scatter(across, r**2, s=16, facecolors=face, edgecolors=colour, linewidths=0.7, alpha=0.65, zorder=2)
        for place, (measure, _) in enumerate(ESTIMATES):
            _estimate(panel, place, of_group(rows, state, site, measure=measure))
        of_time = of_group(rows, state, site, measure="temporal_r2")
        panel.set_title(wrap_text(f"{site}, {state}{_n(of_time)}", 2.65), loc="left")
        panel.set_xticks(range(3), [label for _, label in ESTIMATES])
        panel.set(xlim=(-0.5, 2.75), ylim=(-0.02, 1.04))
        panel.set_yticks(np.linspace(0, 1, 6), [f"{v} %" for v in range(0, 101, 20)])
        panel.grid(axis="y", color="#eeeeee", linewidth=0.6)
        panel.set_axisbelow(True)
    axes[0].set_ylabel(f"variance explained by {main_band} (r²)")
    footnote(
        figure,
        "dots: scans (open where r is negative); bars: r² of the mean r or of averaged maps, interval over animals",
    )
    return figure


def _scans(rows, state, site, band) -> dict:
    """r of each scan that has one."""
    chosen = of_group(rows, state, site, band=band)
    return {(row["sub"], row["ses"], row["run"]): row["r"] for row in chosen if np.isfinite(row["r"])}


def _n(rows) -> str:
    if not rows:
        return ""
    animals = rows[0].get("n_animals")
    of_animals = f", {count(animals, 'animal')}" if animals is not None and np.isfinite(animals) else ""
    return f"\n{count(rows[0]['n'], 'scan')}{of_animals}"


def _estimate(panel, place, rows) -> None:
    """Bar, interval and value of one number."""
    if not rows or not np.isfinite(rows[0]["value"]):
        panel.text(place, 0.02, "n/a", ha="center", color=GREY)
        return
    value, low, high = (rows[0][key] for key in ("value", "ci_low", "ci_high"))
    panel.plot([place - 0.25, place + 0.25], [value, value], color=INK, linewidth=2.2, zorder=4)
    if np.isfinite([low, high]).all():
        panel.plot([place, place], [low, high], color=INK, linewidth=1.2, zorder=3)
    panel.text(place + 0.28, max(value, 0.02), percent(value), va="center", ha="left", weight="bold", zorder=5)


@styled
def bands(temporal: list[dict], spatial: list[dict], spatial_group: list[dict], names: list[str]) -> Figure:
    """Temporal and spatial r of every band, per state and site.

    Parameters
    ----------
    temporal, spatial, spatial_group : list of dict
        Rows of the tables of these names.
    names : list of str
        Bands, in order; others of the tables, such as 1-Hz bins, are not shown.
    """
    # The tables are long: a hundred 1-Hz bins of each scan.
    temporal, spatial, spatial_group = (Rows(table).where(band=names) for table in (temporal, spatial, spatial_group))
    groups, shown = pairs(temporal), bands_present(names, temporal, spatial, spatial_group)
    if not groups or not shown:
        return message_figure("Correlation by band", NOTHING)
    figure = new_figure(max(3.0 * len(groups), 4.5), 5.2)
    axes = figure.subplots(2, len(groups), squeeze=False, sharey="row")
    colours = band_colours(names)
    for column, (state, site) in enumerate(groups):
        for panel, table in ((axes[0, column], temporal), (axes[1, column], spatial)):
            of_bands = [_r(of_group(table, state, site, band=band)) for band in shown]
            across = [place + jitter(values.size) for place, values in enumerate(of_bands)]
            dyes = [colours[band] for band, values in zip(shown, of_bands, strict=True) for _ in values]
            few = len(dyes) < FEW_DOTS
            style = {"s": 16, "alpha": 0.85} if few else {"s": 10, "alpha": 0.6}
            style |= {"linewidths": 0, "zorder": 2, "rasterized": len(dyes) > MANY_DOTS}
            panel.scatter(np.concatenate(across), np.concatenate(of_bands), c=dyes, **style)
            mean_bars(panel, range(len(shown)), [mean_of(values) for values in of_bands], zorder=1.5 if few else 5)
            zero_line(panel)
            panel.set_xticks(range(len(shown)), shown, rotation=40, ha="right", rotation_mode="anchor")
            panel.set_xlim(-0.6, len(shown) - 0.4)
        of_maps = of_group(spatial_group, state, site).where(band=shown)
        axes[1, column].scatter(
            [shown.index(row["band"]) + 0.3 for row in of_maps],
            _r(of_maps),
            edgecolors=[colours[row["band"]] for row in of_maps],
            **DIAMOND,
        )
        if not np.isfinite(_r(of_group(spatial, state, site).where(band=shown))).any():
            axes[1, column].text(
                0.5, 0.6, "no maps to compare", transform=axes[1, column].transAxes, ha="center", color=GREY
            )
        axes[0, column].tick_params(labelbottom=False)
        axes[0, column].set_title(wrap_text(f"{site}, {state}", 2.65), loc="left")
    axes[0, 0].set_ylabel("temporal r")
    axes[1, 0].set_ylabel("spatial r")
    axes[1, 0].set_ylim(-1.05, 1.05)
    axes[1, 0].scatter([], [], s=10, color=GREY, label="scan")
    axes[1, 0].plot([], [], color=INK, linewidth=2, label="mean of scans")
    axes[1, 0].scatter([], [], edgecolors=GREY, label="averaged maps", **DIAMOND)
    figure.legend(loc="outside lower center", ncols=3, columnspacing=1, handletextpad=0.4)
    return figure
