"""Lagged correlation of band power and BOLD."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import NOTHING, PALE, band_colours, mean_by, message, new_figure, styled, zero_line

NOTCHED = "#6e6e6e"


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
    most = 0
    for band in names:
        scans = _scans_by_lag([row for row in rows if row["band"] == band], steps)
        mean, error = _mean_and_error(scans)
        most = max(most, int(np.isfinite(scans).any(axis=1).sum()))
        if np.isfinite(mean).any():
            if np.isfinite(error).any():
                axes[0].fill_between(steps, mean - error, mean + error, color=colours[band], alpha=0.2, linewidth=0)
            axes[0].plot(steps, mean, color=colours[band], linewidth=1.4, label=band)
    zero_line(axes[0])
    axes[0].axvline(0, color=PALE, linewidth=0.8, zorder=0)
    axes[0].set(
        xlabel="lag (s); BOLD follows the LFP at positive lags",
        ylabel=f"r, mean ± SEM over {most} scans" if most > 1 else "r of one scan" if most else "r",
        xlim=(steps[0], steps[-1] or 1),
    )
    axes[0].set_title(title, loc="left")
    if axes[0].get_legend_handles_labels()[0]:
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


def _mean_and_error(values) -> tuple[np.ndarray, np.ndarray]:
    """Mean over scans and its standard error, per lag; NaN below one and two scans."""
    count = np.isfinite(values).sum(axis=0)
    mean = np.nansum(values, axis=0) / np.where(count > 0, count, np.nan)
    variance = np.nansum((values - mean) ** 2, axis=0) / np.where(count > 1, count - 1, np.nan)
    return mean, np.sqrt(variance / np.where(count > 1, count, np.nan))


def _lag_by_frequency(figure, panel, rows, bins, steps) -> None:
    place = {lag: i for i, lag in enumerate(steps)}
    by_bin: dict = {name: [] for name in bins}
    for row in rows:
        if row["band"] in by_bin:
            by_bin[row["band"]].append(row)
    first, last = int(bins[0][1:]), int(bins[-1][1:])
    image = np.full((last - first + 1, len(steps)), np.nan)
    for name, of_bin in by_bin.items():
        image[int(name[1:]) - first] = mean_by(of_bin, "lag_s", place)
    limit = np.nanmax(np.abs(image)) if np.isfinite(image).any() else 1
    step = steps[1] - steps[0] if len(steps) > 1 else 1
    shown = panel.imshow(
        image,
        aspect="auto",
        origin="lower",
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        interpolation="nearest",
        extent=(steps[0] - step / 2, steps[-1] + step / 2, first, last + 1),
    )
    panel.set_facecolor(NOTCHED)  # far darker than the near-white of r = 0
    panel.set(xlabel="lag (s)", ylabel="frequency (Hz)")
    panel.set_title("Mean of scans, 1-Hz bins (dark grey: notched)", loc="left")
    figure.colorbar(shown, ax=panel, label="r")
