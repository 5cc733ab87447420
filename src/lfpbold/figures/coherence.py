"""Coherence of band power and BOLD, and that of unrelated series."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows, of_group, pairs
from .style import (
    GREY,
    INK,
    NO_SURROGATES,
    band_colours,
    bands_present,
    jitter,
    mean_bars,
    mean_of,
    message_figure,
    panels,
    styled,
    with_title,
)
from .text import counted

TITLE = "Coherence with the seed's BOLD"
ANIMAL = {"marker": "o", "s": 26, "facecolors": "white", "linewidths": 1.2, "zorder": 4}


@styled
def coherence(rows: list[dict], names: list[str]) -> Figure:
    """Magnitude-squared coherence of every scan per band, means of animals and scans, and that of unrelated series.

    Parameters
    ----------
    rows : list of dict
        `group/coherence.tsv`.
    names : list of str
        Bands, in order.
    """
    rows = Rows(rows).finite("coherence")
    groups, shown = pairs(rows), bands_present(names, rows)
    if not groups or not shown:
        return message_figure(TITLE, NO_SURROGATES)
    figure, axes = panels(len(groups), width=3.2, height=3.0, sharey=True)
    colours = band_colours(names)
    for panel, (state, site) in zip(axes, groups, strict=True):
        means = []
        for place, band in enumerate(shown):
            of_band = of_group(rows, state, site, band=band)
            values = [row["coherence"] for row in of_band]
            means.append(mean_of(values))
            across = place + jitter(len(values))
            panel.scatter(across, values, s=12, color=colours[band], alpha=0.6, linewidths=0, zorder=2)
            animals = _animals(of_band)
            panel.scatter([place + 0.33] * len(animals), animals, edgecolors=colours[band], **ANIMAL)
        mean_bars(panel, range(len(shown)), means, zorder=1.5)
        unrelated = mean_of([row["bias"] for row in of_group(rows, state, site)])
        if not np.isfinite(unrelated):
            unrelated = of_group(rows, state, site)[0]["bias"]
        panel.axhline(unrelated, color=GREY, linewidth=1.1, linestyle="--", zorder=1)
        panel.set_xticks(range(len(shown)), shown, rotation=40, ha="right", rotation_mode="anchor")
        panel.set(xlim=(-0.6, len(shown) - 0.3), ylim=(0, None))
        panel.set_title(f"{site}, {state}\n{counted(rows, state, site, shown[0], 'coherence')}".rstrip(), loc="left")
    axes[0].set_ylabel("coherence (0 to 1), mean over\nfrequencies of the BOLD")
    axes[0].scatter([], [], s=12, color=GREY, label="scan")
    axes[0].scatter([], [], edgecolors=GREY, label="animal", **ANIMAL)
    axes[0].plot([], [], color=INK, linewidth=2, label="mean of scans")
    axes[0].plot([], [], color=GREY, linewidth=1.1, linestyle="--", label="unrelated series")
    figure.legend(loc="outside lower center", ncols=4, columnspacing=1, handletextpad=0.4)
    return with_title(figure, TITLE)


def _animals(rows) -> list[float]:
    """Mean of each animal; none where a single one has a single scan."""
    of_animal: dict[str, list] = {}
    for row in rows:
        of_animal.setdefault(row["sub"], []).append(row["coherence"])
    return [float(np.mean(values)) for values in of_animal.values()] if len(rows) > 1 else []
