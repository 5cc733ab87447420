"""The study's noise argument: simulation, closed form, and where each state and site lies."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import of_group, pairs
from .style import GREY, INK, NOTHING, PALE, band_colours, message_figure, panels, styled, wrap_text
from .text import number

MEASURED = "#00664b"  # darker than the green of the simulation
LENGTHS = (("#56B4E9", "o"), ("#E69F00", "s"), ("#009E73", "^"), ("#CC79A7", "v"))


@styled
def noise(
    rows: list[dict], curve: list[dict], settings: dict, main_band: str, names: list[str], reliability=()
) -> Figure:
    """The study's noise argument: at which CNR would noise turn a near-perfect correlation into the observed ones.

    Parameters
    ----------
    rows : list of dict
        `group/noise.tsv`.
    curve : list of dict
        `group/noise_curve.tsv`: the simulated curves; without them there is no such panel.
    settings : dict
        `variance` section: `cnr_true_r`, `cnr_range` and, for the title, `cnr_trials`.
    main_band : str
    names : list of str
        Configured bands, which give the main one its colour.
    reliability : list of dict, optional
        `group/reliability.tsv`: the CNR that was measured, of measure `spatial` and the main band.
    """
    groups = pairs(rows)
    if not groups and not curve:
        return message_figure("Noise", NOTHING)
    figure, axes = panels(len(groups) + bool(curve), width=3.0, height=3.1, sharey=True)
    colour = band_colours(names)[main_band]
    if curve:
        _simulated(axes[0], curve, settings)
    for panel, (state, site) in zip(axes[bool(curve) :], groups, strict=True):
        _observed(panel, of_group(rows, state, site)[0], settings, colour)
        measured = of_group(reliability, state, site, band=main_band, measure="spatial")
        if measured and np.isfinite(measured[0]["cnr"]):
            _measured(panel, measured[0]["cnr"])
    lowest = min([0, *(row["observed_temporal"] for row in rows if np.isfinite(row["observed_temporal"]))])
    axes[0].set_ylim(lowest - 0.05, 1.02)
    for panel in axes:
        if panel.get_subplotspec().is_first_col():
            panel.set_ylabel("r with noise")
            panel.tick_params(labelleft=True)
    return figure


def _simulated(panel, curve, settings) -> None:
    """Mean and standard deviation over trials, for each length of the signals, and the closed form on top."""
    lengths = sorted({row["n_points"] for row in curve})
    for i, n_points in enumerate(lengths):
        colour, marker = LENGTHS[i % len(LENGTHS)]
        of_length = sorted((row for row in curve if row["n_points"] == n_points), key=lambda row: row["cnr"])
        cnr, r, r_sd = (np.array([row[key] for row in of_length], dtype=float) for key in ("cnr", "r", "r_sd"))
        panel.fill_between(cnr, r - r_sd, r + r_sd, color=colour, alpha=0.35, linewidth=0)
        # Every other point, in turn, so that no curve hides another.
        style = {"color": colour, "marker": marker, "markersize": 3.5, "linestyle": "none"}
        panel.plot(cnr, r, label=f"{n_points:.0f} points", markevery=(i, 2 * len(lengths)), **style)
    ratios = _ratios(settings)
    panel.plot(ratios, _attenuated(settings["cnr_true_r"], ratios), color=INK, linewidth=1, label="closed form")
    panel.set_title("Simulation", loc="left", pad=18)
    trials = f" over {settings['cnr_trials']} trials" if settings.get("cnr_trials") else ""
    text = f"true r {number(settings['cnr_true_r'])}; mean ± SD{trials}"
    panel.text(0, 1.02, text, transform=panel.transAxes, fontsize=8, color=GREY)
    panel.set(xlabel="contrast-to-noise ratio", xlim=(0, ratios[-1]))
    panel.legend(loc="lower right", handlelength=1.4)


def _observed(panel, row, settings, colour) -> None:
    """The closed form, with the observed correlations at the CNR that they imply."""
    ratios, true_r = _ratios(settings), settings["cnr_true_r"]
    _curve(panel, ratios, true_r, f"assumed r {number(true_r)}", color=INK)
    cnr, true_temporal = row["cnr_closed_form"], row["true_temporal_closed_form"]
    at_cnr = f"no CNR reduces {number(true_r)} to {number(row['observed_spatial'])}"
    if np.isfinite(cnr):
        at_cnr = f"CNR {cnr:.2f}"
        panel.axvline(cnr, color=PALE, linewidth=1, zorder=0)
        panel.scatter([cnr], [row["observed_spatial"]], color=INK, s=30, zorder=3)
        panel.scatter([cnr], [row["observed_temporal"]], color=colour, marker="s", s=28, zorder=3)
        if np.isfinite(true_temporal):
            same = f"temporal r {number(true_temporal)}\nif noise is the same"
            _curve(panel, ratios, true_temporal, same, color=colour, linestyle="--")
    panel.set_title(wrap_text(f"{row['site']}, {row['state']}", 2.65), loc="left", pad=18)
    observed = f"spatial {number(row['observed_spatial'])}, temporal {number(row['observed_temporal'])}; {at_cnr}"
    panel.text(0, 1.02, observed, transform=panel.transAxes, fontsize=8, color=GREY)
    panel.set(xlabel="contrast-to-noise ratio", xlim=(0, ratios[-1]))


def _measured(panel, cnr: float) -> None:
    """The CNR measured from halves of the scans, in place of the one that the argument assumes."""
    end = panel.get_xlim()[1]
    right = cnr > 0.55 * end
    text = f"measured CNR {cnr:.2f}" + (" →" if cnr > end else "")
    if cnr <= end:
        panel.axvline(cnr, color=MEASURED, linewidth=1.2, linestyle=":", zorder=1)
    place = {"xytext": (-4 if right else 4, 2), "textcoords": "offset points", "ha": "right" if right else "left"}
    where = (min(cnr, end), 0.0)
    panel.annotate(text, where, xycoords=panel.get_xaxis_transform(), va="bottom", fontsize=8, color=MEASURED, **place)


def _ratios(settings) -> np.ndarray:
    first, last, _ = settings["cnr_range"]
    return np.linspace(first, last, 400)


def _attenuated(true_r: float, ratios) -> np.ndarray:
    """A true correlation as it appears with equal noise on both signals: r_true / (1 + 1/CNR²)."""
    return true_r / (1 + 1 / ratios**2)


def _curve(panel, ratios, true_r: float, label: str, **style) -> None:
    """A true correlation attenuated by noise, labelled at its end."""
    attenuated = _attenuated(true_r, ratios)
    panel.plot(ratios, attenuated, linewidth=1.3, **style)
    panel.annotate(
        label,
        (ratios[-1], attenuated[-1]),
        xytext=(-2, -8),
        textcoords="offset points",
        ha="right",
        va="top",
        fontsize=8,
        color=style["color"],
    )
