"""The seed map before and after the LFP is regressed out."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows
from .style import GREY, INK, NOTHING, PALE, jitter, message_figure, new_figure, styled, with_title
from .text import count, number
from .view import View, colour_limit, enough


def removal_names(main_band: str, removal_bands, percentile: float) -> dict[str, str]:
    """What each removal of the tables is, in words."""
    return {
        "gamma": f"{main_band} regressed out",
        "all_joint": f"{count(len(list(removal_bands)), 'band')} regressed out",
        "all_unique": "only unique parts\nregressed out",
        "peaks": f"without {main_band} peaks\n(above percentile {percentile:g})",
    }


@styled
def removal(seed_map, removed: dict, affine, rows: list[dict], names: dict, title: str, *, background=None) -> Figure:
    """Seed maps before and after each removal, and their similarity: r and slope of every scan and of averaged maps.

    Parameters
    ----------
    seed_map : array of float, shape (x, y, z), or None
    removed : dict of removal to array of float, shape (x, y, z)
    affine : array of float, shape (4, 4)
    rows : list of dict
        `group/regression.tsv` of this state and site.
    names : dict of removal to str
        From `removal_names`.
    title : str
    background : array of float, shape (x, y, z), optional
    """
    if not rows and seed_map is None:
        return message_figure(title, NOTHING)
    kinds = [kind for kind in names if kind in {row["removal"] for row in rows}]
    with_maps = enough(seed_map)
    if not with_maps and not any(np.isfinite(row["r"]) for row in rows):
        return message_figure(title, "There is no map to compare: the recording has fewer than three voxels.")
    if not with_maps:
        figure = new_figure(6.5, 3.4)
        _similarity(figure, rows, kinds, names)
        return with_title(figure, title)
    view = View(np.isfinite(seed_map), affine, background, most=6)
    shown = {"before": seed_map, **{names[kind]: removed[kind] for kind in kinds if kind in removed}}
    limit = colour_limit([seed_map])
    width, height = view.size(list(shown))
    figure = new_figure(width + 4.2, max(height, 3.6))
    left, right = figure.subfigures(1, 2, width_ratios=[width, 4.2])
    axes = list(left.subplots(len(shown), 1, squeeze=False)[:, 0])
    scales = [
        view.row(panel, values, limit, name, mark_slices=panel is axes[0])
        for panel, (name, values) in zip(axes, shown.items(), strict=True)
    ]
    left.colorbar(scales[0], ax=axes, label="r", pad=0.01, aspect=30)
    _similarity(right, rows, kinds, names)
    return with_title(figure, title)


def _similarity(figure, rows, kinds, names) -> None:
    """Dots for scans, a diamond for averaged maps; r above, slope below."""
    top, bottom = figure.subplots(2, 1, sharex=True)
    top.yaxis.label.set_size(8)
    bottom.yaxis.label.set_size(8)
    for panel, key, label in ((top, "r", "r with map before"), (bottom, "slope", "slope on map before")):
        lowest = 1.0
        for place, kind in enumerate(kinds):
            of_kind = Rows(rows).where(removal=kind).finite(key)
            scans = np.array([row[key] for row in of_kind if row["sub"] != "group"])
            group = [row[key] for row in of_kind if row["sub"] == "group"]
            panel.scatter(place + jitter(scans.size), scans, s=12, color=GREY, alpha=0.6, linewidths=0)
            panel.scatter(
                [place] * len(group),
                group,
                marker="D",
                s=30,
                facecolors="white",
                edgecolors=INK,
                linewidths=1.4,
                zorder=3,
            )
            for value in group:
                panel.annotate(
                    number(value),
                    (place, value),
                    xytext=(9, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8},
                )
            lowest = min([lowest, *scans, *group])
        panel.axhline(1, color=PALE, linewidth=0.8, zorder=0)
        panel.set(ylabel=label, xlim=(-0.5, len(kinds) - 0.3))
        panel.set_ylim(min(0, 1.1 * lowest) if lowest < 0.5 else lowest - 0.1 * (1 - lowest) - 0.01, None)
    labels = [textwrap.fill(names[kind].replace("\n", " "), 12) for kind in kinds]
    bottom.set_xticks(range(len(kinds)), labels, fontsize=7.5)
    top.set_title("dots: scans; diamond: averaged maps", loc="left", weight="normal", fontsize=8, color=GREY)
