"""Lagged correlation of band power and BOLD."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows
from .style import (
    DIVERGING,
    GREY,
    NOTHING,
    PALE,
    band_colours,
    band_lines,
    bands_present,
    is_one_hz,
    message_figure,
    new_figure,
    styled,
    zero_line,
)

NOTCHED = "#6e6e6e"


@styled
def lags(rows: list[dict], names: list[str], title: str) -> Figure:
    """Lagged correlation of one state and site: mean and standard error over scans per band, and the mean per 1-Hz bin.

    Parameters
    ----------
    rows : list of dict
        `group/lags.tsv`, of this state and site. BOLD follows the LFP at positive lags. Where rows of a band have a
        `threshold`, the family-wise critical |r|, it is drawn.
    names : list of str
        Bands to draw as lines, in order.
    title : str
    """
    if not rows:
        return message_figure(title, NOTHING)
    steps = sorted({row["lag_s"] for row in rows})
    bins = sorted({row["band"] for row in rows if is_one_hz(row["band"])})
    figure = new_figure(9.5 if bins else 6, 3.6)
    axes = figure.subplots(1, 2 if bins else 1, squeeze=False)[0]
    colours, styles = band_colours(names), band_lines(names)
    most = 0
    for band in bands_present(names, rows):
        of_band = Rows(rows).where(band=band)
        lag, mean, error = (np.array([row[key] for row in of_band], dtype=float) for key in ("lag_s", "r", "sem"))
        if not np.isfinite(mean).any():
            continue
        most = max(most, int(max(row["n_scans"] for row in of_band)))
        order = np.argsort(lag)
        lag, mean, error = lag[order], mean[order], error[order]
        if np.isfinite(error).any():
            axes[0].fill_between(lag, mean - error, mean + error, color=colours[band], alpha=0.2, linewidth=0)
        axes[0].plot(lag, mean, color=colours[band], linestyle=styles[band], linewidth=1.5, label=band)
    _thresholds(axes[0], rows, colours)
    zero_line(axes[0])
    axes[0].axvline(0, color=PALE, linewidth=0.8, zorder=0)
    axes[0].set(
        xlabel="lag (s); BOLD follows the LFP at positive lags",
        ylabel=f"r, mean ± SEM over {most} scans" if most > 1 else "r of one scan" if most else "r",
        xlim=(steps[0], steps[-1] if steps[-1] > steps[0] else steps[0] + 1),
    )
    axes[0].set_title(title, loc="left")
    if axes[0].get_legend_handles_labels()[0]:
        axes[0].legend(ncols=2, handlelength=2.4, columnspacing=1)
    if bins:
        _lag_by_frequency(figure, axes[1], [row for row in rows if is_one_hz(row["band"])], bins, steps)
    return figure


def _thresholds(panel, rows, colours) -> None:
    """Beyond these lines r is significant, family-wise over lags."""
    thresholds = {row["band"]: row["threshold"] for row in rows if np.isfinite(row.get("threshold", np.nan))}
    for band, size in thresholds.items():
        style = {"color": colours.get(band, GREY), "linewidth": 0.9, "linestyle": ":", "zorder": 1}
        panel.axhline(size, label=f"{band}, family-wise threshold", **style)
        panel.axhline(-size, **style)


def _lag_by_frequency(figure, panel, rows, bins, steps) -> None:
    column = {lag: i for i, lag in enumerate(steps)}
    first, last = int(bins[0][1:]), int(bins[-1][1:])
    image = np.full((last - first + 1, len(steps)), np.nan)
    for row in rows:
        image[int(row["band"][1:]) - first, column[row["lag_s"]]] = row["r"]
    limit = np.nanmax(np.abs(image)) if np.isfinite(image).any() else 1
    step = steps[1] - steps[0] if len(steps) > 1 else 1
    shown = panel.imshow(
        image,
        aspect="auto",
        origin="lower",
        cmap=DIVERGING,
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
        extent=(steps[0] - step / 2, steps[-1] + step / 2, first, last + 1),
    )
    panel.axvline(0, color="black", linewidth=0.6, linestyle=":")
    panel.set_facecolor(NOTCHED)  # far darker than the near-white of r = 0
    panel.set(xlabel="lag (s)", ylabel="frequency (Hz)")
    panel.set_title("Mean of scans, 1-Hz bins (dark grey: notched)", loc="left")
    figure.colorbar(shown, ax=panel, label="r")
