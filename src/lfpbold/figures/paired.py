"""Time against space: scan by scan, and state by state."""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from ..derivatives.rows import Rows
from .labels import COEFFICIENTS
from .style import (
    FEW_DOTS,
    GREY,
    INK,
    MANY_DOTS,
    NOTHING,
    PALE,
    band_colours,
    bands_present,
    jitter,
    mean_bars,
    mean_of,
    message_figure,
    new_figure,
    styled,
    with_title,
    zero_line,
)
from .text import number, p_value

MARKERS = "os^D"


@styled
def paired(rows: list[dict], ttests: list[dict], names: list[str], title: str) -> Figure:
    """Temporal and spatial correlation of the same scan, joined by a line, per band.

    Parameters
    ----------
    rows : list of dict
        `group/paired.tsv` of this state and site.
    ttests : list of dict
        `group/ttests.tsv` of this state and site; those of `spatial_minus_temporal` are written under the panels.
    names : list of str
        Bands, in order.
    title : str
    """
    bands = bands_present(names, rows)
    keys = [f"{kind}_{measure}" for measure in COEFFICIENTS for kind in ("temporal", "spatial")]
    if not bands or not any(np.isfinite(row[key]) for row in rows for key in keys):
        return message_figure(title, NOTHING)
    wide = max(1.45, *(0.1 * len(band) for band in bands))  # room for the longest name above its column
    figure = new_figure(max(wide * len(bands) + 0.7, 4.5), 7.2)
    axes = figure.subplots(len(COEFFICIENTS), 1)
    colours = band_colours(names)
    tests = {(t["band"], t["measure"]): t for t in ttests if t["test"] == "spatial_minus_temporal"}
    for panel, (measure, label) in zip(axes, COEFFICIENTS.items(), strict=True):
        _pairs(panel, [Rows(rows).where(band=band) for band in bands], measure, [colours[b] for b in bands])
        zero_line(panel)
        for border in range(1, len(bands)):
            panel.axvline(2 * border - 0.5, color=PALE, linewidth=0.8)
        panel.set(ylabel=label, xlim=(-0.5, 2 * len(bands) - 0.5))
        panel.set_xticks(range(2 * len(bands)), ["time", "space"] * len(bands))
        results = [_test_text(tests.get((band, measure))) for band in bands]
        panel.set_xticks(np.arange(len(bands)) * 2 + 0.5, results, minor=True, fontsize=7.5, color=GREY)
        panel.tick_params(axis="x", which="minor", length=0, pad=17)
    above = axes[0].secondary_xaxis("top")
    above.set_xticks(np.arange(len(bands)) * 2 + 0.5, bands, weight="bold")
    above.tick_params(length=0)
    above.spines[:].set_visible(False)
    return with_title(figure, title)


def _pairs(panel, of_bands, measure, colours) -> None:
    """Two columns of dots for each band, a line for each scan that has both, and the means."""
    values = [np.array([[r[f"{k}_{measure}"] for k in ("temporal", "spatial")] for r in rows]) for rows in of_bands]
    across = [2 * i + jitter(len(both))[:, None] + [0, 1] for i, both in enumerate(values)]
    means = [mean_of(column) for both in values for column in both.T]
    dyes = [colour for colour, both in zip(colours, values, strict=True) for _ in range(both.size)]
    values, across = np.concatenate(values), np.concatenate(across)
    many, few = values.size > MANY_DOTS, values.size < FEW_DOTS
    mean_bars(panel, range(len(means)), means, 0.28, zorder=1.5 if few else 5)
    lines = np.stack([across, values], axis=-1)[np.isfinite(values).all(axis=1)]
    panel.add_collection(LineCollection(lines, colors=PALE, linewidths=0.5, zorder=1, rasterized=many))
    style = {"s": 16, "alpha": 0.85} if few else {"s": 7, "alpha": 0.55}
    style |= {"linewidths": 0, "zorder": 2, "rasterized": many}
    panel.scatter(across.ravel(), values.ravel(), color=dyes, **style)


def _test_text(test) -> str:
    """The paired t-test in two lines: the study's, whose unit is the scan, and that of the animals' means."""
    if not test or not np.isfinite(test["t"]):
        return "no test"
    t = f"{test['t']:.1f}".replace("-", "−")
    return f"t({test['df']:.0f}) = {t}, scans\nanimals {p_value(test['p_animals'])}"


@styled
def states(rows: list[dict], paired_rows: list[dict], names: list[str], title: str = "States compared") -> Figure:
    """Temporal and spatial r of each band in each state: animals' means joined by lines, and the means of scans.

    Parameters
    ----------
    rows : list of dict
        `group/states.tsv`.
    paired_rows : list of dict
        `group/paired.tsv`, of which the animals' means are made.
    names : list of str
        Bands, in order.
    title : str
    """
    sites = list(dict.fromkeys(row["site"] for row in rows))
    bands = bands_present(names, rows)
    if not sites or not bands:
        return message_figure(title, "No site has scans of two states.")
    of_state = list(dict.fromkeys(state for row in rows for state in (row["state_a"], row["state_b"])))
    figure = new_figure(max(0.85 * len(bands) + 1.2, 4.0) * len(sites), 6.0)
    axes = figure.subplots(2, len(sites), squeeze=False, sharey="row")
    colours = band_colours(names)
    for column, site in enumerate(sites):
        for row, measure in enumerate(("temporal", "spatial")):
            panel = axes[row, column]
            chosen = Rows(rows).where(site=site, measure=measure)
            for place, band in enumerate(bands):
                means = _animals(Rows(paired_rows).where(site=site, band=band), measure, of_state)
                _across_states(panel, place, means, colours[band])
                _differences(panel, place, chosen.where(band=band), of_state)
            zero_line(panel)
            panel.set_xlim(-0.6, len(bands) - 0.4)
            panel.set_xticks(range(len(bands)), bands, rotation=40, ha="right", rotation_mode="anchor")
        axes[0, column].set_title(site, loc="left", pad=24)
        axes[0, column].tick_params(labelbottom=False)
        axes[1, column].set_title(" ", pad=24)
    axes[0, 0].set_ylabel("temporal r")
    axes[1, 0].set_ylabel("spatial r")
    _legend(figure, axes[0, 0], of_state)
    return with_title(figure, title)


def _animals(rows, measure, of_state) -> np.ndarray:
    """Mean r of each animal in each state, animals × states, NaN where it was not recorded."""
    animals = list(dict.fromkeys(row["sub"] for row in rows))
    means = np.full((len(animals), len(of_state)), np.nan)
    for i, animal in enumerate(animals):
        for j, state in enumerate(of_state):
            r = [row[f"{measure}_r"] for row in rows if (row["sub"], row["state"]) == (animal, state)]
            r = [value for value in r if np.isfinite(value)]
            means[i, j] = np.mean(r) if r else np.nan
    return means


def _places(place, n_states) -> np.ndarray:
    return place + np.linspace(-0.22, 0.22, n_states)


def _across_states(panel, place, means, colour) -> None:
    """One line per animal; filled dots for the first state, open ones for the others."""
    across = _places(place, means.shape[1])
    for animal in means:
        there = np.isfinite(animal)
        panel.plot(across[there], animal[there], color=GREY, alpha=0.6, linewidth=0.7, zorder=3)
    for j, x in enumerate(across):
        face = colour if j == 0 else "white"
        style = {"s": 16, "marker": MARKERS[j % 4], "linewidths": 0.9, "zorder": 4}
        panel.scatter(np.full(len(means), x), means[:, j], facecolors=face, edgecolors=colour, **style)


def _differences(panel, place, rows, of_state) -> None:
    """Means of scans as bars, and above the panel the difference with the p of animals."""
    means = {}
    for row in rows:
        means |= {row["state_a"]: row["mean_a"], row["state_b"]: row["mean_b"]}
    places = _places(place, len(of_state))
    mean_bars(panel, places, [means.get(state, np.nan) for state in of_state], 0.16, zorder=1)
    if len(rows) == 1:
        paired = np.isfinite(rows[0]["difference_animals"])  # Δ and p of the same comparison
        text = f"Δ {number(rows[0]['difference_animals' if paired else 'difference'])}\n{p_value(rows[0]['p_animals'])}"
        panel.text(
            place, 1.01, text, transform=panel.get_xaxis_transform(), fontsize=6.5, color=GREY, ha="center", va="bottom"
        )


def _legend(figure, panel, of_state) -> None:
    for j, state in enumerate(of_state):
        face = GREY if j == 0 else "white"
        panel.scatter([], [], s=16, marker=MARKERS[j % 4], facecolors=face, edgecolors=GREY, label=f"animal, {state}")
    panel.plot([], [], color=INK, linewidth=2, label="mean of scans")
    figure.legend(loc="outside lower center", ncols=len(of_state) + 1, columnspacing=1.2)
