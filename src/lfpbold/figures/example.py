"""One scan as an example: band power, its regressors, and the peaks of the main band."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import GREY, INK, NOTHING, band_colours, footnote, message_figure, new_figure, styled, with_title
from .view import View, colour_limit, enough

SHOWN_S = 300.0
SHADE = "#F0E442"


def _z(values) -> np.ndarray:
    """In standard deviations from the mean, over all values that are there."""
    values = np.asarray(values, dtype=float)
    there = values[np.isfinite(values)]
    sd = there.std() if there.size else 0.0
    return (values - there.mean()) / sd if sd > 0 else np.zeros(values.shape)


def _seed(example) -> np.ndarray:
    """The seed's BOLD at every volume, NaN at those that were censored."""
    kept = np.asarray(example["kept"], dtype=bool)
    time_course = np.full(kept.size, np.nan)
    time_course[kept] = _z(example["seed"])
    return time_course


def _window(example) -> tuple[float, float, str]:
    """Start and end of what is shown, and that in words."""
    times = np.asarray(example["volume_times_s"], dtype=float)
    period = float(np.median(np.diff(times))) if times.size > 1 else 1.0
    total = times[-1] - times[0] + period
    if total <= SHOWN_S:
        return times[0], times[-1], f"the whole scan of {total:.0f} s"
    return times[0], times[0] + SHOWN_S, f"the first {SHOWN_S:.0f} s of {total:.0f} s"


def _usable(example) -> bool:
    return bool(example) and len(example["volume_times_s"]) > 0 and np.asarray(example["kept"], dtype=bool).any()


@styled
def regressors(example: dict | None, names: list[str], title: str) -> Figure:
    """Power of each band, its HRF-convolved regressor, and the seed's BOLD, of one scan.

    Parameters
    ----------
    example : dict or None
        `power_times_s` (n_frames,), `power` (n_frames, n_bands), `volume_times_s` (n_volumes,), `regressors`
        (n_volumes, n_bands), `bands`, `kept` (n_volumes,) bool, `seed` (n_kept,) and `scan`, its name.
    names : list of str
        Bands to draw, in order.
    title : str
    """
    if not _usable(example):
        return message_figure(title, NOTHING)
    bands = [name for name in names if name in example["bands"]]
    start, end, shown_part = _window(example)
    figure = new_figure(9.5, 0.72 * (len(bands) + 1) + 0.9)
    axes = figure.subplots(len(bands) + 1, 1, sharex=True, squeeze=False)[:, 0]
    colours = band_colours(names)
    frames = np.asarray(example["power_times_s"], dtype=float)
    volumes = np.asarray(example["volume_times_s"], dtype=float)
    there = (frames >= start) & (frames <= end)
    shown = (volumes >= start) & (volumes <= end)
    for panel, band in zip(axes, bands, strict=False):
        column = list(example["bands"]).index(band)
        power = _z(np.asarray(example["power"])[:, column])[there]
        panel.plot(frames[there], power, color=colours[band], alpha=0.4, linewidth=0.5, rasterized=True)
        regressor = _z(np.asarray(example["regressors"])[:, column])[shown]
        panel.plot(volumes[shown], regressor, color="white", linewidth=2.8)
        panel.plot(volumes[shown], regressor, color=colours[band], linewidth=1.5)
        # A burst would squeeze everything else: the scale follows nearly all of the power.
        ends = np.nanpercentile(power, [0, 99.5]) if np.isfinite(power).any() else (-2, 2)
        panel.set_ylim(min(-2.2, ends[0], *regressor) - 0.2, max(2.2, ends[1], *regressor) + 0.2)
        panel.set_yticks([-2, 0, 2])
        panel.set_ylabel(band, rotation=0, ha="right", va="center")
    axes[-1].plot(volumes[shown], _seed(example)[shown], color=INK, linewidth=1.3)
    axes[-1].set_yticks([-2, 0, 2])
    axes[-1].set_ylabel("seed\nBOLD", rotation=0, ha="right", va="center")
    axes[-1].set(xlabel="time in the scan (s)", xlim=(start, end))
    for panel in axes[:-1]:
        panel.tick_params(labelbottom=False)
    gaps = " Gaps: censored volumes." if not np.asarray(example["kept"], dtype=bool).all() else ""
    footnote(
        figure,
        f"{example['scan']}, {shown_part}. In standard deviations of the whole scan. Pale: power; dark: its regressor,"
        f" convolved with the HRF; bursts are clipped.{gaps}",
    )
    return with_title(figure, title)


@styled
def peaks(
    example: dict | None,
    seed_map,
    without_peaks,
    affine,
    main_band: str,
    percentile: float,
    title: str,
    *,
    background=None,
) -> Figure:
    """Peaks of the main band's regressor in one scan, and the seed map with and without the volumes of the peaks.

    Parameters
    ----------
    example : dict or None
        As for `regressors`.
    seed_map, without_peaks : array of float, shape (x, y, z), or None
        They share one colour scale.
    affine : array of float, shape (4, 4)
    main_band : str
    percentile : float
        Of the regressor over the volumes that were kept; above it lie the peaks.
    title : str
    background : array of float, shape (x, y, z), optional
    """
    with_example = _usable(example) and main_band in example["bands"]
    with_maps = enough(seed_map) and without_peaks is not None
    if not with_example and not with_maps:
        return message_figure(title, NOTHING)
    if not with_maps:
        figure = new_figure(9.5, 2.6)
        _regressor_and_seed(figure, example, main_band, percentile)
        return with_title(figure, title)
    view = View(np.isfinite(seed_map), affine, background)
    labels = ("seed map", "without\npeaks")
    width, height = view.size(labels)
    figure = new_figure(max(width, 8.0), height + (2.3 if with_example else 0))
    below = figure
    if with_example:
        above, below = figure.subfigures(2, 1, height_ratios=[2.3, height])
        _regressor_and_seed(above, example, main_band, percentile)
    axes = list(below.subplots(2, 1))
    limit = colour_limit([seed_map])
    shown = view.row(axes[0], seed_map, limit, labels[0], mark_slices=True)
    view.row(axes[1], without_peaks, limit, labels[1])
    below.colorbar(shown, ax=axes, label="r", pad=0.01, aspect=16)
    return with_title(figure, title)


def _regressor_and_seed(figure, example, main_band, percentile) -> None:
    """Regressor and seed, with the volumes shaded at which the regressor is above its percentile."""
    start, end, shown_part = _window(example)
    volumes = np.asarray(example["volume_times_s"], dtype=float)
    shown = (volumes >= start) & (volumes <= end)
    kept = np.asarray(example["kept"], dtype=bool)
    regressor = np.asarray(example["regressors"], dtype=float)[:, list(example["bands"]).index(main_band)]
    of_peaks = kept & (regressor > np.percentile(regressor[kept], percentile))
    panel = figure.subplots()
    colour = band_colours([*example["bands"]])[main_band]
    bottom, top = panel.get_xaxis_transform(), (volumes[1] - volumes[0] if volumes.size > 1 else 1.0) / 2
    panel.fill_between(
        np.repeat(volumes[shown], 2) + np.tile([-top, top], shown.sum()),
        0,
        1,
        where=np.repeat(of_peaks[shown], 2),
        transform=bottom,
        color=SHADE,
        alpha=0.55,
        linewidth=0,
        label=f"above percentile {percentile:g}",
    )
    panel.plot(volumes[shown], _z(regressor)[shown], color=colour, linewidth=1.5, label=f"{main_band} regressor")
    panel.plot(volumes[shown], _seed(example)[shown], color=INK, linewidth=1.1, linestyle="--", label="seed BOLD")
    panel.axhline(0, color=GREY, linewidth=0.5, zorder=0)
    panel.set(xlabel="time in the scan (s)", ylabel="SD from the mean", xlim=(start, end))
    text = f"{example['scan']}, {shown_part}; {of_peaks.sum()} of {kept.sum()} volumes are peaks"
    panel.set_title(text, loc="left", weight="normal", fontsize=8.5, color=GREY)
    panel.legend(loc="center left", bbox_to_anchor=(1, 0.5))
