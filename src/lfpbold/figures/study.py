"""Figures of all recordings together: the disparity, every band, every lag, and what noise would explain."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import GREY, INK, PALE, band_colours, jitter, message, new_figure, number, of_group, pairs, panels, percent, styled, zero_line

MEASURES = (
    ("temporal_r2", "time:\nscan by scan"),
    ("spatial_r2_scan", "space:\nscan by scan"),
    ("spatial_r2_group", "space:\naveraged maps"),
)
NOTHING = "No recording was left to analyse."


def _r(rows) -> np.ndarray:
    return np.array([row["r"] for row in rows], dtype=float)


@styled
def headline(rows: list[dict], temporal: list[dict], spatial: list[dict], main_band: str) -> Figure:
    """The disparity: variance that the main band explains in time and in space, per state and site.

    Parameters
    ----------
    rows : list of dict
        `group/headline.tsv`.
    temporal, spatial : list of dict
        `group/temporal.tsv` and `group/spatial.tsv`: the dots, one per scan, paired by a line.
    main_band : str
    """
    groups = pairs(rows)
    if not groups:
        return message("Variance explained", NOTHING)
    figure, axes = panels(len(groups), width=3.0, height=3.4, columns=4, sharey=True)
    colour = band_colours([main_band])[main_band]
    for panel, (state, site) in zip(axes, groups, strict=True):
        dots = [_scans(temporal, state, site, main_band), _scans(spatial, state, site, main_band)]
        shared = [key for key in dots[0] if key in dots[1]]
        sideways = dict(zip(shared, jitter(len(shared)), strict=True))
        for key, shift in sideways.items():
            panel.plot([shift, 1 + shift], [dots[0][key] ** 2, dots[1][key] ** 2], color=PALE, linewidth=0.6, zorder=1)
        for place, values in enumerate(dots):
            r = np.array([values[key] for key in shared])
            face = np.where(r >= 0, colour, "white")
            panel.scatter(place + np.array([sideways[k] for k in shared]), r**2, s=16, facecolors=face, edgecolors=colour,
                          linewidths=0.7, alpha=0.65, zorder=2)
        for place, (measure, _) in enumerate(MEASURES):
            _estimate(panel, place, of_group(rows, state, site, measure=measure))
        count = of_group(rows, state, site, measure="temporal_r2")
        panel.set_title(f"{site}, {state}{_n(count)}", loc="left")
        panel.set_xticks(range(3), [label for _, label in MEASURES])
        panel.set(xlim=(-0.5, 2.75), ylim=(-0.02, 1.04))
        panel.set_yticks(np.linspace(0, 1, 6), [f"{v} %" for v in range(0, 101, 20)])
        panel.grid(axis="y", color="#eeeeee", linewidth=0.6)
        panel.set_axisbelow(True)
    axes[0].set_ylabel(f"variance explained by {main_band} (r²)")
    figure.supxlabel("dots: scans (open where r is negative); bars: r² of the mean r, or of averaged maps, with interval over animals",
                     fontsize=8, color=GREY)
    return figure


def _scans(rows, state, site, band) -> dict:
    """r of each scan that has one."""
    chosen = of_group(rows, state, site, band=band)
    return {(row["sub"], row["ses"], row["run"]): row["r"] for row in chosen if np.isfinite(row["r"])}


def _n(rows) -> str:
    if not rows:
        return ""
    animals = rows[0].get("n_animals")
    of_animals = f", {animals:.0f} animals" if animals is not None and np.isfinite(animals) else ""
    return f"\n{rows[0]['n']:.0f} scans{of_animals}"


def _estimate(panel, place, rows) -> None:
    """Bar, interval and value of one number."""
    if not rows or not np.isfinite(rows[0]["value"]):
        panel.text(place, 0.02, "n/a", ha="center", color=GREY)
        return
    value, low, high = (rows[0][key] for key in ("value", "ci_low", "ci_high"))
    panel.plot([place - 0.25, place + 0.25], [value, value], color=INK, linewidth=2.2, zorder=4)
    if np.isfinite([low, high]).all():
        panel.plot([place, place], [low, high], color=INK, linewidth=1.2, zorder=3)
    panel.text(place + 0.28, value, percent(value), va="center", ha="left", weight="bold", zorder=5)


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
            axes[1, column].scatter([place + 0.3] * of_maps.size, of_maps, marker="D", s=26, facecolors="white", edgecolors=colours[band],
                                    linewidths=1.4, zorder=4)
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
    figure.legend(handles, labels, loc="outside lower center", ncols=6)
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
        panel.plot(middle, _mean_by(of_group(rows, state, site), "band", place), label=label, **style)
    zero_line(panel)
    panel.set_xlabel("frequency (Hz)")
    panel.set_xlim(0, middle[-1] + 0.5)


def _mean_by(rows, key, place: dict) -> np.ndarray:
    """Mean of r over rows for each value of a label, NaN where there is none; `place` gives the position of a value."""
    total, count = np.zeros(len(place)), np.zeros(len(place))
    for row in rows:
        at = place.get(row[key])
        if at is not None and np.isfinite(row["r"]):
            total[at] += row["r"]
            count[at] += 1
    return np.divide(total, count, out=np.full(len(place), np.nan), where=count > 0)


@styled
def lags(rows: list[dict], names: list[str], title: str) -> Figure:
    """Lagged correlation of one state and site: mean and standard error over scans per band, and the mean per 1-Hz bin.

    Parameters
    ----------
    rows : list of dict
        `group/lags.tsv`, of this state and site. BOLD follows the LFP at positive lags.
    names : list of str
        Configured bands.
    title : str
    """
    if not rows:
        return message(title, NOTHING)
    steps = sorted({row["lag_s"] for row in rows})
    bins = sorted({row["band"] for row in rows} - set(names))
    figure = new_figure(9.5 if bins else 6, 3.6)
    axes = figure.subplots(1, 2 if bins else 1, squeeze=False)[0]
    colours = band_colours(names)
    for band in names:
        values = _scans_by_lag([row for row in rows if row["band"] == band], steps)
        count = np.isfinite(values).sum(axis=0)
        if not count.any():
            continue
        mean = np.divide(np.nansum(values, axis=0), count, out=np.full(len(steps), np.nan), where=count > 0)
        spread = np.sqrt(np.divide(np.nansum((values - mean) ** 2, axis=0), count - 1, out=np.full(len(steps), np.nan), where=count > 1))
        error = np.divide(spread, np.sqrt(count), out=np.full(len(steps), np.nan), where=count > 1)
        axes[0].fill_between(steps, mean - error, mean + error, color=colours[band], alpha=0.2, linewidth=0)
        axes[0].plot(steps, mean, color=colours[band], linewidth=1.4, label=band)
    zero_line(axes[0])
    axes[0].axvline(0, color=PALE, linewidth=0.8, zorder=0)
    axes[0].set(xlabel="lag (s); BOLD follows the LFP at positive lags", ylabel="r, mean ± SEM over scans", xlim=(steps[0], steps[-1] or 1))
    axes[0].set_title(title, loc="left")
    axes[0].legend(ncols=2, handlelength=1.2, columnspacing=1)
    if bins:
        _lag_by_frequency(figure, axes[1], rows, bins, steps)
    return figure


def _scans_by_lag(rows, steps) -> np.ndarray:
    """r, scans × lags, NaN where there is none."""
    scans = {key: i for i, key in enumerate(dict.fromkeys((r["sub"], r["ses"], r["run"]) for r in rows))}
    column = {lag: i for i, lag in enumerate(steps)}
    values = np.full((len(scans), len(steps)), np.nan)
    for row in rows:
        values[scans[row["sub"], row["ses"], row["run"]], column[row["lag_s"]]] = row["r"]
    return values


def _lag_by_frequency(figure, panel, rows, bins, steps) -> None:
    place = {lag: i for i, lag in enumerate(steps)}
    by_bin: dict = {name: [] for name in bins}
    for row in rows:
        if row["band"] in by_bin:
            by_bin[row["band"]].append(row)
    first, last = int(bins[0][1:]), int(bins[-1][1:])
    image = np.full((last - first + 1, len(steps)), np.nan)
    for name, of_bin in by_bin.items():
        image[int(name[1:]) - first] = _mean_by(of_bin, "lag_s", place)
    limit = np.nanmax(np.abs(image)) if np.isfinite(image).any() else 1
    step = steps[1] - steps[0] if len(steps) > 1 else 1
    shown = panel.imshow(
        image, aspect="auto", origin="lower", cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest",
        extent=(steps[0] - step / 2, steps[-1] + step / 2, first, last + 1),
    )
    panel.set_facecolor("#e6e6e6")
    panel.set(xlabel="lag (s)", ylabel="frequency (Hz)")
    panel.set_title("Mean of scans, 1-Hz bins (grey: notched)", loc="left")
    figure.colorbar(shown, ax=panel, label="r")


@styled
def noise(rows: list[dict], settings: dict, main_band: str) -> Figure:
    """The study's noise argument: at which CNR noise alone would turn a near-perfect correlation into the observed ones.

    Parameters
    ----------
    rows : list of dict
        `group/noise.tsv`.
    settings : dict
        `variance` section: `cnr_true_r` and `cnr_range`.
    main_band : str
    """
    groups = pairs(rows)
    if not groups:
        return message("Noise", NOTHING)
    figure, axes = panels(len(groups), width=3.0, height=3.0, columns=4, sharey=True)
    first, last, _ = settings["cnr_range"]
    ratios = np.linspace(first, last, 400)
    colour = band_colours([main_band])[main_band]
    true_r = settings["cnr_true_r"]
    for panel, row in zip(axes, (of_group(rows, *group)[0] for group in groups), strict=True):
        panel.plot(ratios, true_r / (1 + 1 / ratios**2), color=INK, linewidth=1.3, label=f"true r = {number(true_r)}")
        cnr = row["cnr_closed_form"]
        panel.set_title(f"{row['site']}, {row['state']}", loc="left")
        if np.isfinite(cnr):
            _observed(panel, row, cnr, ratios, colour)
        else:
            panel.text(0.5, 0.06, f"no CNR turns a true r of {number(true_r)}\ninto the observed {number(row['observed_spatial'])}",
                       transform=panel.transAxes, ha="center", fontsize=8, color=GREY)
        panel.set(xlabel="contrast-to-noise ratio", xlim=(0, last), ylim=(min(0, -0.05), 1.02))
        panel.legend(loc="lower right")
    axes[0].set_ylabel("r that remains")
    return figure


def _observed(panel, row, cnr, ratios, colour) -> None:
    """The observed spatial r on the curve, and the curve that would pass through the observed temporal r."""
    panel.axvline(cnr, color=PALE, linewidth=1, zorder=0)
    panel.scatter([cnr], [row["observed_spatial"]], color=INK, s=30, zorder=3)
    panel.annotate(f"observed spatial {number(row['observed_spatial'])}\nat CNR {cnr:.2f}", (cnr, row["observed_spatial"]),
                   xytext=(8, -3), textcoords="offset points", fontsize=8, va="top")
    true_temporal = row["true_temporal_closed_form"]
    if np.isfinite(true_temporal):
        panel.plot(ratios, true_temporal / (1 + 1 / ratios**2), color=colour, linewidth=1.3, linestyle="--",
                   label=f"true r = {number(true_temporal)}")
    if np.isfinite(row["observed_temporal"]):
        panel.scatter([cnr], [row["observed_temporal"]], color=colour, s=30, zorder=3)
        panel.annotate(f"observed temporal {number(row['observed_temporal'])}", (cnr, row["observed_temporal"]),
                       xytext=(8, -3), textcoords="offset points", fontsize=8, va="top", color=colour)
