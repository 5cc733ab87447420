"""Temporal correlation over the grid of hemodynamic responses."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import DIVERGING, NOTHING, message_figure, new_figure, styled, with_title
from .text import number


@styled
def hrfgrid(rows: list[dict], p, title: str) -> Figure:
    """Mean temporal r of the main band for each delay of the response and of the undershoot.

    Parameters
    ----------
    rows : list of dict
        `group/hrfgrid.tsv` of this state and site.
    p : sequence of float, length 7
        Configured parameters of the HRF; its first two are marked where the grid holds them.
    title : str
    """
    if not rows:
        return message_figure(
            title, "No grid of responses was computed (`coupling.grid_delay_s`), or no recording remained."
        )
    if not any(np.isfinite(row["r"]) for row in rows):
        return message_figure(title, NOTHING)
    delays, undershoots = (sorted({row[key] for row in rows}) for key in ("delay_s", "undershoot_s"))
    image = np.full((len(delays), len(undershoots)), np.nan)
    for row in rows:
        image[delays.index(row["delay_s"]), undershoots.index(row["undershoot_s"])] = row["r"]
    limit = float(np.nanmax(np.abs(image))) or 1.0
    high, wide = _step(delays), _step(undershoots)
    figure = new_figure(6.4, 4.4)
    panel = figure.subplots()
    shown = panel.imshow(
        image,
        origin="lower",
        aspect="auto",
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
        extent=(
            undershoots[0] - wide / 2,
            undershoots[-1] + wide / 2,
            delays[0] - high / 2,
            delays[-1] + high / 2,
        ),
    )
    figure.colorbar(shown, ax=panel, label=_label(rows))
    _marks(panel, rows, p, (wide, high))
    panel.set(xlabel="delay of the undershoot (s)", ylabel="delay of the response (s)")
    figure.legend(loc="outside lower center", ncols=3, handlelength=1.6, columnspacing=1.2)
    return with_title(figure, title)


def _label(rows) -> str:
    n = int(max(row["n_scans"] for row in rows))
    return f"temporal r, mean of {n} scans" if n > 1 else "temporal r of one scan"


def _marks(panel, rows, p, size) -> None:
    """Cells without undershoot, the strongest cell, and the configured response; a white rim shows on every colour."""

    def mark(cells, marker, size, label):
        places = [cell[1] for cell in cells], [cell[0] for cell in cells]
        for colour, width, text in (("white", 3.2, None), ("black", 1.3, label)):
            lines = {"color": colour} if marker == "x" else {"facecolors": "none", "edgecolors": colour}
            panel.scatter(
                *places, marker=marker, s=size, linewidths=width, label=text, zorder=4, clip_on=False, **lines
            )

    degenerate = [(row["delay_s"], row["undershoot_s"]) for row in rows if row["degenerate"]]
    if degenerate:
        mark(degenerate, "x", 22, "no undershoot")
    best = max((row for row in rows if np.isfinite(row["r"])), key=lambda row: abs(row["r"]))
    mark([(best["delay_s"], best["undershoot_s"])], "*", 130, f"largest |r|: r = {number(best['r'])}")
    far = [np.hypot((row["undershoot_s"] - p[1]) / size[0], (row["delay_s"] - p[0]) / size[1]) for row in rows]
    if min(far) <= 0.5:
        text = f"configured ({p[0]:g} s, {p[1]:g} s), r = {number(rows[int(np.argmin(far))]['r'])}"
        mark([(p[0], p[1])], "o", 90, text)


def _step(values) -> float:
    return float(np.diff(values).min()) if len(values) > 1 else 1.0
