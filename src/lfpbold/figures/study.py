"""Figures of all recordings together: the disparity, every band, and what noise would explain."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import (
    GREY,
    INK,
    NOTHING,
    PALE,
    band_colours,
    count,
    footnote,
    jitter,
    mean_by,
    message,
    new_figure,
    number,
    of_group,
    pairs,
    panels,
    percent,
    styled,
    zero_line,
)

MEASURES = (
    ("temporal_r2", "time"),
    ("spatial_r2_scan", "space,\nper scan"),
    ("spatial_r2_group", "space,\naveraged"),
)


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
        return message("Variance explained", NOTHING)
    figure, axes = panels(len(groups), width=3.0, height=3.4, columns=4, sharey=True)
    colour = band_colours(names)[main_band]
    for panel, (state, site) in zip(axes, groups, strict=True):
        dots = [_scans(temporal, state, site, main_band), _scans(spatial, state, site, main_band)]
        scans = list(dict.fromkeys([*dots[0], *dots[1]]))
        sideways = dict(zip(scans, jitter(len(scans)), strict=True))
        for key in (scan for scan in scans if scan in dots[0] and scan in dots[1]):
            ends = [dots[0][key] ** 2, dots[1][key] ** 2]
            panel.plot(sideways[key] + np.arange(2), ends, color=PALE, linewidth=0.6, zorder=1)
        for place, values in enumerate(dots):
            r = np.array(list(values.values()))
            face = [colour if value >= 0 else "white" for value in r]
            across = place + np.array([sideways[key] for key in values])
            panel.scatter(across, r**2, s=16, facecolors=face, edgecolors=colour, linewidths=0.7, alpha=0.65, zorder=2)
        for place, (measure, _) in enumerate(MEASURES):
            _estimate(panel, place, of_group(rows, state, site, measure=measure))
        counted = of_group(rows, state, site, measure="temporal_r2")
        panel.set_title(f"{site}, {state}{_n(counted)}", loc="left")
        panel.set_xticks(range(3), [label for _, label in MEASURES])
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
    """Temporal and spatial r of every band, and spatial r of every 1-Hz bin, per state and site.

    Parameters
    ----------
    temporal, spatial, spatial_group : list of dict
        Rows of the tables of these names.
    names : list of str
        Configured bands, in order.
    """
    groups = pairs(temporal)
    if not groups:
        return message("Correlation by band", NOTHING)
    bins = sorted({row["band"] for row in temporal} - set(names))
    figure = new_figure(max(3.0 * len(groups), 4.5), 7.6 if bins else 5.2)
    axes = figure.subplots(3 if bins else 2, len(groups), squeeze=False, sharey="row")
    colours = band_colours(names)
    for column, (state, site) in enumerate(groups):
        for panel, table in ((axes[0, column], temporal), (axes[1, column], spatial)):
            for place, band in enumerate(names):
                _column_of_dots(panel, place, _r(of_group(table, state, site, band=band)), colours[band])
            zero_line(panel)
            panel.set_xticks(range(len(names)), names, rotation=40, ha="right")
            panel.set_xlim(-0.6, len(names) - 0.4)
        for place, band in enumerate(names):
            of_maps = _r(of_group(spatial_group, state, site, band=band))
            axes[1, column].scatter(
                [place + 0.3] * of_maps.size,
                of_maps,
                marker="D",
                s=26,
                facecolors="white",
                edgecolors=colours[band],
                linewidths=1.4,
                zorder=4,
            )
        if not np.isfinite(_r(of_group(spatial, state, site))).any():
            axes[1, column].text(
                0.5, 0.6, "no maps to compare", transform=axes[1, column].transAxes, ha="center", color=GREY
            )
        axes[0, column].set_title(f"{site}, {state}", loc="left")
        if bins:
            _sweep(axes[2, column], spatial, spatial_group, temporal, state, site, bins)
    axes[0, 0].set_ylabel("temporal r")
    axes[1, 0].set_ylabel("spatial r")
    axes[1, 0].set_ylim(-1.05, 1.05)
    axes[1, 0].scatter([], [], s=10, color=GREY, label="scan")
    axes[1, 0].plot([], [], color=INK, linewidth=2, label="mean of scans")
    axes[1, 0].scatter([], [], marker="D", s=26, facecolors="white", edgecolors=GREY, label="averaged maps")
    handles, labels = axes[1, 0].get_legend_handles_labels()
    if bins:
        axes[2, 0].set_ylabel("r of 1-Hz bins")
        axes[2, 0].set_ylim(-1.05, 1.05)
        more, names_of_more = axes[2, 0].get_legend_handles_labels()
        handles, labels = handles + more, labels + names_of_more
    columns = max(1, min(len(handles), int(figure.get_figwidth() / 1.6)))  # a label takes about 1.6 inches
    figure.legend(handles, labels, loc="outside lower center", ncols=columns)
    return figure


def _column_of_dots(panel, place, values, colour) -> None:
    values = values[np.isfinite(values)]
    panel.scatter(place + jitter(values.size), values, s=10, color=colour, alpha=0.6, linewidths=0, zorder=2)
    if values.size:
        panel.plot([place - 0.25, place + 0.25], [values.mean()] * 2, color=INK, linewidth=2, zorder=3)


def _sweep(panel, spatial, spatial_group, temporal, state, site, bins) -> None:
    """r of each 1-Hz bin; gaps where a notch left nothing."""
    middle = np.array([float(name[1:]) + 0.5 for name in bins])
    place = {name: i for i, name in enumerate(bins)}
    for rows, style, label in (
        (spatial_group, {"color": INK, "linewidth": 1.3}, "1 Hz, averaged maps"),
        (spatial, {"color": GREY, "linewidth": 1.1, "linestyle": "--"}, "1 Hz, mean of scans"),
        (temporal, {"color": "#0072B2", "linewidth": 1.1}, "1 Hz, temporal"),
    ):
        panel.plot(middle, mean_by(of_group(rows, state, site), "band", place), label=label, **style)
    zero_line(panel)
    panel.set_xlabel("frequency (Hz)")
    panel.set_xlim(0, middle[-1] + 0.5)


@styled
def noise(rows: list[dict], settings: dict, main_band: str, names: list[str]) -> Figure:
    """The study's noise argument: at which CNR would noise turn a near-perfect correlation into the observed ones.

    Parameters
    ----------
    rows : list of dict
        `group/noise.tsv`.
    settings : dict
        `variance` section: `cnr_true_r` and `cnr_range`.
    main_band : str
    names : list of str
        Configured bands, which give the main one its colour.
    """
    groups = pairs(rows)
    if not groups:
        return message("Noise", NOTHING)
    figure, axes = panels(len(groups), width=3.0, height=3.1, columns=4, sharey=True)
    first, last, _ = settings["cnr_range"]
    ratios = np.linspace(first, last, 400)
    true_r, colour = settings["cnr_true_r"], band_colours(names)[main_band]
    for panel, row in zip(axes, (of_group(rows, *group)[0] for group in groups), strict=True):
        _curve(panel, ratios, true_r, f"assumed r {number(true_r)}", color=INK)
        cnr, true_temporal = row["cnr_closed_form"], row["true_temporal_closed_form"]
        told = f"no CNR makes {number(row['observed_spatial'])} of {number(true_r)}"
        if np.isfinite(cnr):
            told = f"CNR {cnr:.2f}"
            panel.axvline(cnr, color=PALE, linewidth=1, zorder=0)
            panel.scatter([cnr], [row["observed_spatial"]], color=INK, s=30, zorder=3)
            panel.scatter([cnr], [row["observed_temporal"]], color=colour, s=30, zorder=3)
            if np.isfinite(true_temporal):
                same = f"temporal r {number(true_temporal)}\nif noise is the same"
                _curve(panel, ratios, true_temporal, same, color=colour, linestyle="--")
        panel.set_title(f"{row['site']}, {row['state']}", loc="left", pad=18)
        observed = f"spatial {number(row['observed_spatial'])}, temporal {number(row['observed_temporal'])}; {told}"
        panel.text(0, 1.02, observed, transform=panel.transAxes, fontsize=8, color=GREY)
        panel.set(
            xlabel="contrast-to-noise ratio", xlim=(0, last), ylim=(min(0, row["observed_temporal"]) - 0.05, 1.02)
        )
    axes[0].set_ylabel("r that remains")
    return figure


def _curve(panel, ratios, true_r: float, label: str, **style) -> None:
    """What noise leaves of a true correlation, labelled at its end."""
    remains = true_r / (1 + 1 / ratios**2)
    panel.plot(ratios, remains, linewidth=1.3, **style)
    panel.annotate(
        label,
        (ratios[-1], remains[-1]),
        xytext=(-2, -8),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8,
        color=style["color"],
    )
