"""Networks with and without the LFP: matrices of regions, positions of peaks, components."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows
from .style import DIVERGING, GREY, INK, NOTHING, PALE, footnote, jitter, message_figure, new_figure, styled, with_title
from .text import number
from .view import View, colour_limit, enough

MOST_COMPONENTS = 8
NO_REGIONS = "No matrix: the atlas has no regions, or `connectivity.regions` is false."
NO_TARGETS = "No target was named (`connectivity.targets`), and the electrode's regions have no contralateral ones."
NO_COMPONENTS = "No components were estimated (`connectivity.components` is 0)."
SIDES = (("x_mm", "y_mm", "x (mm)", "y (mm)"), ("x_mm", "z_mm", "x (mm)", "z (mm)"))


@styled
def connectivity(matrices: dict, regions, rows: list[dict], main_band: str, title: str) -> Figure:
    """Averaged matrices before and after removal of the main band, the change, and its closed-form expectation.

    Parameters
    ----------
    matrices : dict of name to array of float, shape (n_regions, n_regions)
        `connectivity`, `removed`, `expected`: Fisher's z.
    regions : array of int, shape (n_regions,)
        Labels; those below zero are another side and are drawn last.
    rows : list of dict
        `group/connectivity.tsv` of this state and site.
    main_band, title : str
    """
    if not rows:
        return message_figure(title, NO_REGIONS)
    order = np.lexsort((np.abs(regions), np.asarray(regions) < 0))
    split = int(np.sum(np.asarray(regions) > 0)) if np.any(np.asarray(regions) < 0) else 0
    before, after, expected = (matrices[name][np.ix_(order, order)] for name in ("connectivity", "removed", "expected"))
    figure = new_figure(13.2, 3.1)
    left, right = figure.subfigures(1, 2, width_ratios=[10.6, 2.6])
    axes = left.subplots(1, 4)
    limit, change = colour_limit([before]), colour_limit([after - before, expected - before])
    shown = (
        ("before", before, limit),
        (f"{main_band} regressed out", after, limit),
        ("after − before", after - before, change),
        ("expected under mediation", expected - before, change),
    )
    for panel, (name, z, largest) in zip(axes, shown, strict=True):
        scale = panel.imshow(z, cmap=DIVERGING, vmin=-largest, vmax=largest, interpolation="nearest")
        panel.set_title(name, loc="left")
        panel.set(xticks=[], yticks=[], xlabel=f"{len(regions)} regions")
        for line in (panel.axhline, panel.axvline) if split else ():
            line(split - 0.5, color=INK, linewidth=0.6)
        if panel in (axes[1], axes[3]):
            left.colorbar(scale, ax=panel, label="Fisher's z" if panel is axes[1] else "change of z", aspect=25)
    _similarity(right.subplots(), Rows(rows).where(removal="gamma"))
    return with_title(figure, title)


def _similarity(panel, rows) -> None:
    """r and slope of the matrix after on that before: scans, their averages, and surrogates."""
    for place, name in enumerate(("r", "slope")):
        scans = np.array([row[name] for row in rows if row["sub"] != "group"])
        panel.scatter(place + jitter(scans.size), scans, s=12, color=GREY, alpha=0.6, linewidths=0)
        for row in rows:
            if row["sub"] != "group":
                continue
            if np.isfinite(row[f"{name}_null_low"]):
                ends = [row[f"{name}_null_low"], row[f"{name}_null_high"]]
                panel.plot([place + 0.22] * 2, ends, color=PALE, linewidth=9, solid_capstyle="butt")
                panel.plot([place + 0.12, place + 0.32], [row[f"{name}_null"]] * 2, color=GREY, linewidth=2)
            panel.scatter([place + 0.22], [row[name]], marker="D", s=26, color="white", edgecolors=INK, zorder=3)
            offset = {"xytext": (9, 0), "textcoords": "offset points", "va": "center", "fontsize": 8}
            panel.annotate(number(row[name]), (place + 0.22, row[name]), **offset)
    panel.axhline(1, color=PALE, linewidth=0.8, zorder=0)
    panel.set_xticks([0, 1], ["r", "slope"])
    panel.set(xlim=(-0.4, 1.75), ylabel="after, on before")
    panel.set_title(
        "dots: scans; diamond: averaged;\nbar: surrogates", loc="left", fontsize=8, weight="normal", color=GREY
    )


@styled
def network_peaks(rows: list[dict], main_band: str, title: str) -> Figure:
    """Where each animal's network peaks within its target, before and after removal, from above and from behind.

    Parameters
    ----------
    rows : list of dict
        `group/network_peaks.tsv` of this state and site.
    main_band, title : str
    """
    if not rows:
        return message_figure(title, NO_TARGETS)
    names = Rows(rows).distinct("network", "target")
    figure = new_figure(7.6, 3.2 * len(names))
    for (network, target), (left, right) in zip(names, figure.subplots(len(names), 2, squeeze=False), strict=True):
        of_target = Rows(rows).where(network=network, target=target)
        for panel, (across, up, x_label, y_label) in zip((left, right), SIDES, strict=True):
            _places(panel, of_target, across, up)
            panel.set(xlabel=x_label, ylabel=y_label, aspect="equal")
            panel.margins(0.15)
            panel.grid(color="#eeeeee", linewidth=0.6)
            panel.set_axisbelow(True)
        left.set_title(f"network {network}, target {target}: from above", loc="left")
        right.set_title("from behind", loc="left")
    footnote(
        figure,
        f"filled: before; open: {main_band} regressed out; dots: animals; diamond: their mean; circle: interval of the"
        " place before; grey: on the target's border",
    )
    return with_title(figure, title)


def _places(panel, rows, across: str, up: str) -> None:
    for sub in dict.fromkeys(row["sub"] for row in rows):
        of = {row["lfp"]: row for row in rows if row["sub"] == sub and np.isfinite(row[across])}
        if set(of) != {"before", "after"}:
            continue
        group = sub == "group"
        colour = INK if of["before"]["inside"] == "true" else GREY
        look = {"marker": "D" if group else "o", "s": 46 if group else 26, "edgecolors": colour, "zorder": 4}
        panel.plot([of[lfp][across] for lfp in of], [of[lfp][up] for lfp in of], color=PALE, linewidth=1, zorder=2)
        panel.scatter([of["before"][across]], [of["before"][up]], color=colour, **look)
        panel.scatter([of["after"][across]], [of["after"][up]], color="white", **look)
        radius = of["before"]["radius_mm"]
        if np.isfinite(radius):
            angle = np.linspace(0, 2 * np.pi, 60)
            x, y = of["before"][across] + radius * np.cos(angle), of["before"][up] + radius * np.sin(angle)
            panel.plot(x, y, color=colour, linewidth=1.4 if group else 0.6, alpha=0.8, zorder=1)
        if not group:
            name = (of["before"][across], of["before"][up])
            panel.annotate(sub, name, xytext=(5, 4), textcoords="offset points", fontsize=7.5, color=GREY)


@styled
def components(maps: dict, rows: list[dict], affine, main_band: str, title: str, *, background=None) -> Figure:
    """The components of largest variance: r of their time course with every voxel, averaged over scans.

    Parameters
    ----------
    maps : dict of name to array of float, shape (x, y, z)
        "component 1" and so on.
    rows : list of dict
        `group/components.tsv` of this state and site.
    affine : array of float, shape (4, 4)
    main_band, title : str
    background : array of float, shape (x, y, z), optional
    """
    if not rows:
        return message_figure(title, NO_COMPONENTS if not maps else NOTHING)
    shown = [(row, maps[f"component {row['component']:.0f}"]) for row in rows][:MOST_COMPONENTS]
    if not enough(shown[0][1]):
        return message_figure(title, NOTHING)
    view = View(np.isfinite(shown[0][1]), affine, background)
    labels = [
        f"{row['component']:.0f}\nr with {main_band} {number(row['r_lfp'])}\nslope after {number(row['slope'])}"
        f"\n(expected: {number(row['slope_expected'])})"
        for row, _ in shown
    ]
    figure, axes = view.grid(labels)
    limit = colour_limit([values for _, values in shown])
    for panel, label, (_, values) in zip(axes, labels, shown, strict=True):
        scale = view.row(panel, values, limit, label, mark_slices=panel is axes[0])
    figure.colorbar(scale, ax=axes, label="r", pad=0.01, aspect=30)
    if len(rows) > len(shown):
        footnote(figure, f"{len(shown)} of {len(rows)} components are shown; all are in the images and tables")
    return with_title(figure, title)
