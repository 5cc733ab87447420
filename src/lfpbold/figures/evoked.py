"""Runs with stimuli: response of the brain, responses of LFP and BOLD, and comparison with rest."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows
from .brain import TOO_FEW
from .labels import CORRELATIONS
from .style import (
    GREY,
    INK,
    PALE,
    SEQUENTIAL,
    band_colours,
    footnote,
    message_figure,
    new_figure,
    panels,
    styled,
    with_title,
    wrap_text,
    zero_line,
)
from .text import count, number, p_value
from .view import View, colour_limit, enough

NO_EVENTS = "No run of this study has events."
MOST_CONTRASTS = 3


@styled
def glm(maps: dict, contrasts: list[str], rows: list[dict], affine, title: str, *, alpha: float, **on) -> Figure:
    """Response, clusters over animals, and how many scans have a cluster of their own, for each contrast.

    Parameters
    ----------
    maps : dict of name to array of float, shape (x, y, z)
        `…_effect` (%), `…_clusters` (t over animals, 0 outside), `…_share` of each contrast.
    contrasts : list of str
        The first three are drawn.
    rows : list of dict
        Clusters over animals of this state and site.
    affine : array of float, shape (4, 4)
    title : str
    alpha : float
        Family-wise p up to which clusters are shown.
    **on
        `background` and `seed` of the view.
    """
    shown = [name for name in contrasts[:MOST_CONTRASTS] if enough(maps.get(f"{name}_effect"))]
    if not shown:
        return message_figure(title, TOO_FEW)
    view = View(np.isfinite(maps[f"{shown[0]}_effect"]), affine, **on)
    several = len(shown) > 1
    kinds = {
        "effect": ("response", "%", None),
        "clusters": ("clusters over\nanimals", "t", None),
        "share": ("scans with a\ncluster there", "share", SEQUENTIAL),
    }
    labels = [f"{name}:\n{text}" if several else text for _, (text, *_) in kinds.items() for name in shown]
    labels[0] += "" if view.seed is None else "\n(seed outlined)"
    figure, axes = view.grid(labels)
    place = 0
    for kind, (_, unit, colours) in kinds.items():
        of_kind = [maps[f"{name}_{kind}"] for name in shown]
        if kind != "effect":  # where there is nothing, the anatomy shows
            of_kind = [np.where(values == 0, np.nan, values) for values in of_kind]
        limit = 1.0 if kind == "share" else colour_limit(of_kind)
        of_row = axes[place : place + len(shown)]
        for panel, values in zip(of_row, of_kind, strict=True):
            how = {"colours": colours} if colours else {}
            scale = view.row(panel, values, limit, labels[place], mark_slices=place == 0, **how)
            if not np.nan_to_num(values).any():
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
                panel.text(0.5, 0.5, "none", transform=panel.transAxes, ha="center", va="center", color=INK, bbox=box)
            place += 1
        figure.colorbar(scale, ax=of_row, label=unit, pad=0.01, aspect=8 * len(shown))
    footnote(figure, wrap_text(_largest_clusters(rows, shown, alpha), 6.5, 15))
    return with_title(figure, title)


def _largest_clusters(rows, shown, alpha) -> str:
    """The largest cluster of each contrast in words, and the smallest p that so few animals can give."""
    texts = []
    for name in shown:
        clusters = Rows(rows).where(contrast=name)
        if not clusters:
            texts.append(f"{name}: no voxel above the threshold")
            continue
        row = clusters[0]
        text = f"{name}: largest cluster {count(row['n_voxels'], 'voxel')}, {p_value(row['p'])}, family-wise, "
        text += count(row["n_animals"], "animal")
        if row["smallest_p"] > alpha:
            text += f"; so many animals cannot give less than {number(row['smallest_p'])}"
        texts.append(text)
    return "; ".join(texts)


@styled
def evoked(responses: list[dict], prediction: list[dict], names: list[str], title: str) -> Figure:
    """Averages locked to the stimulus of BOLD, LFP and spiking; and which of these predicts BOLD.

    Parameters
    ----------
    responses : list of dict
        Of this state and site: mean over animals with its standard error.
    prediction : list of dict
        Of this state and site: cross-validated R².
    names : list of str
        Bands shown by name.
    title : str
    """
    kinds = list(dict.fromkeys(row["trial_type"] for row in responses))[:MOST_CONTRASTS]
    if not kinds:
        return message_figure(title, "No event has a response: none lies entirely within a scan.")
    figure = new_figure(2.7 * 3, 2.7 * len(kinds))
    axes = figure.subplots(len(kinds), 3, squeeze=False)
    colours, signals = band_colours(names), [name for name in names if name != "multiunit"]
    for line, kind in zip(axes, kinds, strict=True):
        of_kind = Rows(responses).where(trial_type=kind)
        _time_courses(line[0], of_kind, ["bold"], {"bold": INK})
        _time_courses(line[1], of_kind, signals, colours)
        if "multiunit" in names:
            _time_courses(line[1], of_kind, ["multiunit"], colours)
        line[0].set(ylabel=f"{kind + ': ' if len(kinds) > 1 else ''}BOLD (%)")
        line[1].set(ylabel="power (% of baseline)")
    for panel in axes[:, :2].ravel():
        zero_line(panel)
        panel.axvline(0, color=PALE, linewidth=0.8, zorder=0)
        panel.set(xlabel="time after onset (s)")
    for spare in axes[1:, 2]:
        spare.set_axis_off()
    _prediction(axes[0, 2], prediction, colours)
    handles, labels = axes[0, 1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)), handlelength=1.8)
    n = max((row["n_animals"] for row in responses), default=0)
    scans = max((row["n_scans"] for row in responses), default=0)
    return with_title(figure, f"{title}: {count(scans, 'scan')} of {count(n, 'animal')}")


def _time_courses(panel, rows, signals, colours) -> None:
    for signal in signals:
        of_signal = sorted((row for row in rows if row["signal"] == signal), key=lambda row: row["time_s"])
        if not of_signal:
            continue
        t, mean, se = (np.array([row[key] for row in of_signal], dtype=float) for key in ("time_s", "mean", "se"))
        panel.fill_between(t, mean - se, mean + se, color=colours[signal], alpha=0.2, linewidth=0)
        panel.plot(t, mean, color=colours[signal], linewidth=1.3, label=signal)


def _prediction(panel, rows, colours) -> None:
    """R² of each predictor with its interval over animals, and p of its difference from spiking."""
    if not rows:
        panel.set_axis_off()
        panel.text(0.5, 0.5, "one animal cannot be\npredicted from others", ha="center", va="center", color=GREY)
        return
    for place, row in enumerate(rows):
        colour = colours.get(row["predictor"], GREY)
        panel.plot([row["ci_low"], row["ci_high"]], [-place] * 2, color=colour, linewidth=1.4)
        panel.scatter([row["r2"]], [-place], s=26, color=colour, edgecolors=INK, linewidths=0.5, zorder=3)
        if row.get("p") is not None and np.isfinite(row["p"]):
            panel.text(1.02, -place, p_value(row["p"]), transform=panel.get_yaxis_transform(), fontsize=7, va="center")
    panel.set_yticks(range(0, -len(rows), -1), [row["predictor"].replace("_", " ") for row in rows])
    panel.axvline(0, color=PALE, linewidth=0.8, zorder=0)
    panel.set(xlabel="R², held-out animals", ylim=(-len(rows) + 0.5, 0.5))
    low, high = panel.get_xlim()
    panel.set_xlim(max(low, -0.5), min(max(high, 0.1), 1))
    panel.set_title("prediction of BOLD\n(p: against multiunit)", loc="left", fontsize=8)


@styled
def rest_evoked(rows: list[dict], names: list[str]) -> Figure:
    """Rest and evoked: temporal r, spatial r of scans and of averaged maps, expected ones under full mediation.

    Parameters
    ----------
    rows : list of dict
        `group/rest_evoked.tsv`.
    names : list of str
        Bands, in the order of the axis.
    """
    title = "Rest and evoked"
    groups = Rows(rows).distinct("rest", "evoked", "site")
    if not groups:
        return message_figure(title, NO_EVENTS)
    figure, axes = panels(3 * len(groups), width=3.0, height=2.9, sharey=True)
    colours = band_colours(names)
    for g, group in enumerate(groups):
        for m, measure in enumerate(("temporal", "spatial", "spatial_group")):
            panel = axes[3 * g + m]
            of_measure = Rows(rows).where(rest=group[0], evoked=group[1], site=group[2], measure=measure)
            shown = [name for name in names if any(row["band"] == name for row in of_measure)]
            for place, band in enumerate(shown):
                row = next(row for row in of_measure if row["band"] == band)
                _side(panel, place - 0.17, row, "rest", colours[band], filled=False)
                _side(panel, place + 0.17, row, "evoked", colours[band], filled=True)
            zero_line(panel)
            panel.set_xticks(range(len(shown)), shown, rotation=45, ha="right")
            panel.set(ylim=(-1.05, 1.05), xlim=(-0.6, len(shown) - 0.4))
            # The first line is that of the group and runs on over the panels beside it.
            panel.set_title(
                f"{_groups_text(group, of_measure) if m == 0 else ''}\n{CORRELATIONS[measure]}", loc="left", fontsize=8
            )
        axes[3 * g].set_ylabel("r")
    footnote(
        figure,
        "open: rest; filled: evoked (interval over animals); grey bar: expected under full mediation through the seed",
    )
    return with_title(figure, title)


def _side(panel, place, row, side, colour, *, filled) -> None:
    if not np.isfinite(row[f"{side}_r"]):
        return
    if np.isfinite(row[f"{side}_expected"]):
        panel.plot([place - 0.15, place + 0.15], [row[f"{side}_expected"]] * 2, color=GREY, linewidth=3, alpha=0.7)
    low, high = row[f"{side}_ci_low"], row[f"{side}_ci_high"]
    if np.isfinite(low) and np.isfinite(high):
        panel.plot([place] * 2, [low, high], color=colour, linewidth=1.2)
    face = colour if filled else "white"
    panel.scatter([place], [row[f"{side}_r"]], s=24, facecolors=face, edgecolors=colour, linewidths=1.1, zorder=3)


def _groups_text(group, rows) -> str:
    """The group, and how many scans and animals each side has."""
    row = max(rows, key=lambda row: row["rest_n"] + row["evoked_n"])
    sides = [
        f"{state} ({count(row[f'{side}_n'], 'scan')} of {count(row[f'{side}_n_animals'], 'animal')})"
        for side, state in zip(("rest", "evoked"), group, strict=False)
    ]
    return f"{group[2]}: {' and '.join(sides)}"
