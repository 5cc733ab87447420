"""Correlation over the spectrum: every 1-Hz bin, and the spectrum of an example scan before and after its artefact."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from .recording import exclusion_text
from .style import (
    GREY,
    INK,
    NOTHING,
    SEQUENTIAL,
    band_colours,
    is_one_hz,
    message_figure,
    new_figure,
    styled,
    with_title,
    zero_line,
)

TIME = "#0072B2"
FAR_APART_DB = 20
LOWEST = -1.18
SIGNIFICANT = 0.05


@styled
def sweep(
    temporal: list[dict], spatial: list[dict], spatial_group: list[dict], bands: dict[str, tuple], title: str
) -> Figure:
    """Spatial and temporal r of every 1-Hz bin.

    Parameters
    ----------
    temporal, spatial, spatial_group : list of dict
        Rows of the tables of these names, of this state and site. Bins whose `p_max` is below .05 are marked.
    bands : dict of str to (low, high)
        Configured bands, Hz; those beyond the bins are not shown.
    title : str
    """
    rows = [[row for row in table if is_one_hz(row["band"])] for table in (temporal, spatial, spatial_group)]
    starts = sorted({int(row["band"][1:]) for table in rows for row in table})
    if not starts:
        return message_figure(title, "No 1-Hz bins were analysed (`power.one_hz` is off), or no recording remained.")
    bins = np.arange(starts[0], starts[-1] + 1)
    figure = new_figure(8.0, 3.6)
    panel = figure.subplots()
    time, space, of_maps = (_by_bin(table, bins) for table in rows)
    if not any(np.isfinite(mean).any() for mean, _ in (time, space, of_maps)):
        return message_figure(title, NOTHING)
    low, high = space[0] - space[1], space[0] + space[1]
    panel.fill_between(bins + 0.5, low, high, color=GREY, alpha=0.3, linewidth=0)
    for values, label, style in (
        (of_maps[0], "spatial, averaged maps", {"color": INK, "linewidth": 1.8}),
        (space[0], "spatial, mean of scans ± SEM", {"color": GREY, "linewidth": 1.4, "linestyle": (0, (5, 1.5))}),
        (time[0], "temporal, mean of scans", {"color": TIME, "linewidth": 1.4, "linestyle": (0, (1.2, 1))}),
    ):
        panel.plot(bins + 0.5, values, label=label, **style)
        lonely = _alone(values)  # of bins without neighbours a line shows nothing
        panel.plot(bins[lonely] + 0.5, values[lonely], linestyle="none", marker=".", markersize=4, color=style["color"])
    for height, table, label, colour in ((0.99, rows[1], "spatial", INK), (0.94, rows[0], "temporal", TIME)):
        beyond = sorted({int(row["band"][1:]) + 0.5 for row in table if row.get("p_max", 1.0) < SIGNIFICANT})
        if beyond:
            style = {"marker": "s", "s": 7, "color": colour, "linewidths": 0, "zorder": 4, "clip_on": False}
            panel.scatter(beyond, [height] * len(beyond), label=f"{label}, family-wise p < .05", **style)
    zero_line(panel)
    panel.set(xlabel="frequency (Hz)", ylabel="r, 1-Hz bins", xlim=(bins[0], bins[-1] + 1), ylim=(LOWEST, 1.02))
    panel.set_yticks([-1, -0.5, 0, 0.5, 1])
    figure.legend(loc="outside lower center", ncols=3, handlelength=2.6)
    _ranges(figure, panel, bands)
    return with_title(figure, title)


def _by_bin(rows, bins) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard error of r per bin, NaN where a notch left nothing."""
    values: dict[int, list] = {}
    for row in rows:
        if np.isfinite(row["r"]):
            values.setdefault(int(row["band"][1:]), []).append(row["r"])
    of_bins = [np.array(values.get(int(b), [])) for b in bins]
    mean = [v.mean() if v.size else np.nan for v in of_bins]
    error = [v.std(ddof=1) / np.sqrt(v.size) if v.size > 1 else np.nan for v in of_bins]
    return np.array(mean), np.array(error)


def _alone(values) -> np.ndarray:
    """Which bins have a value and no neighbour that has one."""
    there = np.pad(np.isfinite(values), 1)
    return there[1:-1] & ~there[:-2] & ~there[2:]


def _ranges(figure, panel, bands) -> None:
    """The bands as coloured blocks along the lower edge; those that overlap lie above each other."""
    first, last = panel.get_xlim()
    colours, lanes = band_colours(bands), []
    for band, (low, high) in sorted(bands.items(), key=lambda item: item[1]):
        low, high = max(low, first), min(high, last)
        if high <= low:
            continue
        lane = next((i for i, end in enumerate(lanes) if end <= low), len(lanes))
        lanes[lane : lane + 1] = [high]
        style = {"facecolor": colours[band], "alpha": 0.6, "edgecolor": "white", "zorder": 3, "label": band}
        panel.add_patch(Rectangle((low, LOWEST + 0.07 * lane), high - low, 0.07, **style))
    if panel.patches:
        figure.legend(handles=panel.patches, loc="outside right upper", handlelength=1, title="bands")


@styled
def spectrogram(qc: dict, title: str) -> Figure:
    """Spectrogram of an example scan and of a close-up, before and after template removal.

    Parameters
    ----------
    qc : dict
        Content of `desc-spectrogram_qc.json`: `Channel`, and `Whole` and `CloseUp` with `Times` (s), `Frequencies`
        (Hz), `Before` and `After` (frequencies × times, dB re 1 µV²/Hz).
    title : str
    """
    if qc.get("Excluded"):
        return message_figure(title, exclusion_text(qc))
    parts = [(key, qc[key]) for key in ("Whole", "CloseUp") if qc.get(key) and len(qc[key]["Times"])]
    if not parts:
        return message_figure(title, "No gradient artefact was removed: the LFP entered free of it.")
    figure = new_figure(9.5, 5.0)
    widths = [1.5, 1][: len(parts)]
    axes = figure.subplots(2, len(parts), squeeze=False, sharey=True, sharex="col", width_ratios=widths)
    limits = [_range_db([part[key] for _, part in parts]) for key in ("Before", "After")]
    apart = max(abs(a - b) for a, b in zip(*limits, strict=True)) > FAR_APART_DB
    if not apart:
        limits = [(min(limits[0][0], limits[1][0]), max(limits[0][1], limits[1][1]))] * 2
    for row, (key, (low, high)) in enumerate(zip(("Before", "After"), limits, strict=True)):
        for column, (part, values) in enumerate(parts):
            shown = _image(axes[row, column], values, key, low, high)
            if row == 0:
                axes[0, column].set_title("Whole scan" if part == "Whole" else _close_up(values["Times"]), loc="left")
        axes[row, 0].set_ylabel(f"{key.lower()} removal\nfrequency (Hz)")
        if apart:
            figure.colorbar(shown, ax=list(axes[row]), label="dB re 1 µV²/Hz", pad=0.01)
    if not apart:
        figure.colorbar(shown, ax=list(axes.ravel()), label="dB re 1 µV²/Hz", pad=0.01)
    for panel in axes[1]:
        panel.set_xlabel("time in the scan (s)")
        panel.xaxis.set_major_locator(MaxNLocator(5))
    channel = f", channel {qc['Channel']}" if qc.get("Channel") not in (None, "") else ""
    return with_title(figure, f"{title}{channel}")


def _close_up(times) -> str:
    step = times[1] - times[0] if len(times) > 1 else 0
    return f"Close-up of {times[-1] - times[0] + step:.0f} s"


def _range_db(values) -> tuple[float, float]:
    """The scale that holds nearly all values: their 1st and 99.5th percentiles."""
    finite = np.concatenate([v[np.isfinite(v)] for v in (np.asarray(v, dtype=float) for v in values)])
    if not finite.size:
        return 0.0, 1.0
    low, high = np.percentile(finite, [1, 99.5])
    return float(low), float(high if high > low else low + 1)


def _image(panel, values, key, low, high):
    image = np.ma.masked_invalid(np.asarray(values[key], dtype=float))
    shown = panel.pcolorfast(
        _edges(values["Times"]), _edges(values["Frequencies"]), image, cmap=SEQUENTIAL, vmin=low, vmax=high
    )
    panel.set_facecolor("white")
    return shown


def _edges(centres) -> np.ndarray:
    """Borders of the cells around their centres."""
    centres = np.asarray(centres, dtype=float)
    if centres.size == 1:
        return np.array([centres[0] - 0.5, centres[0] + 0.5])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])
