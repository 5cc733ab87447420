"""Spatial agreement compared with the null distribution under full mediation through the seed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import of_group, pairs
from .style import GREY, INK, PALE, band_colours, footnote, message_figure, panels, styled, with_title
from .text import number

TITLE = "Observed, and expected under full mediation"
SHOWN = (
    ("spatial_r", "all", "spatial r"),
    ("spatial_r", "rim", "spatial r without\nseed and rim"),
    ("removal_r", "all", "seed map after\nremoval, r"),
)


@styled
def mediation(rows: list[dict], main_band: str, names: list[str]) -> Figure:
    """Averaged maps of each state and site: observed values and those of surrogates with the same temporal r.

    Parameters
    ----------
    rows : list of dict
        `group/mediation.tsv`.
    main_band : str
    names : list of str
        Bands shown by name, which give the main one its colour.
    """
    groups = pairs(rows)
    if not groups:
        return message_figure(TITLE, "No surrogates were made in this variant (`nulls.surrogates` is 0).")
    figure, axes = panels(len(groups), width=3.2, height=2.6, sharey=True)
    colour = band_colours(names)[main_band]
    for panel, (state, site) in zip(axes, groups, strict=True):
        for place, (measure, voxels, _) in enumerate(SHOWN):
            of_measure = of_group(rows, state, site, measure=measure, voxels=voxels)
            for row in of_measure:
                if row["sub"] == "group":
                    _one(panel, -place, row, colour)
                elif np.isfinite(row["observed"]):
                    panel.scatter([row["observed"]], [-place - 0.28], s=9, color=colour, alpha=0.6, linewidths=0)
        panel.set_yticks(range(0, -len(SHOWN), -1), [label for _, _, label in SHOWN])
        panel.set(xlabel="r", ylim=(-len(SHOWN) + 0.4, 0.6))
        panel.set_title(f"{site}, {state}", loc="left")
        panel.grid(axis="x", color="#eeeeee", linewidth=0.6)
        panel.set_axisbelow(True)
    footnote(
        figure,
        "grey: surrogates with the same r with the seed (mean, interval); diamond: observed, averaged maps; dots:"
        " animals",
    )
    return with_title(figure, TITLE)


def _one(panel, place, row, colour) -> None:
    """The null as a bar with its mean, the observed value as a diamond with its percentile."""
    if np.isfinite(row["null_low"]):
        panel.plot([row["null_low"], row["null_high"]], [place, place], color=PALE, linewidth=9, solid_capstyle="butt")
        panel.plot([row["expected"]] * 2, [place - 0.16, place + 0.16], color=GREY, linewidth=2)
    panel.scatter([row["observed"]], [place], marker="D", s=34, color=colour, edgecolors=INK, linewidths=0.6, zorder=3)
    text = f"{number(row['observed'])}, expected {number(row['expected'])}"
    panel.text(0.02, place + 0.27, text, transform=panel.get_yaxis_transform(), fontsize=7.5, color=GREY, va="bottom")
