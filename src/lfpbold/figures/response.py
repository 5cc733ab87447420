"""The hemodynamic response estimated from band power and BOLD."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from ..derivatives.rows import Rows, of_group, pairs
from .style import INK, NO_SURROGATES, PALE, band_colours, message_figure, panels, styled, with_title, zero_line
from .text import counted

TITLE = "Estimated response of BOLD to the LFP"


@styled
def response(rows: list[dict], temporal: list[dict], main_band: str, names: list[str]) -> Figure:
    """The response of each state and site, with twice its standard error, and the configured HRF.

    Parameters
    ----------
    rows : list of dict
        `group/response.tsv`.
    temporal : list of dict
        `group/temporal.tsv`, to count scans and animals.
    main_band : str
        The band that is drawn.
    names : list of str
        Bands shown by name, which give the main one its colour.
    """
    rows = Rows(rows).where(band=main_band).finite("h")
    groups = pairs(rows)
    if not groups:
        return message_figure(TITLE, NO_SURROGATES)
    figure, axes = panels(len(groups), width=3.2, height=2.6, sharex=True, sharey=True)
    colour = band_colours(names)[main_band]
    for panel, (state, site) in zip(axes, groups, strict=True):
        of_pair = sorted(of_group(rows, state, site), key=lambda row: row["lag_s"])
        lag, h, se, config = (
            np.array([r[key] for r in of_pair], dtype=float) for key in ("lag_s", "h", "se", "h_config")
        )
        if np.isfinite(se).any():
            panel.fill_between(lag, h - 2 * se, h + 2 * se, color=colour, alpha=0.2, linewidth=0, label="± 2 SE")
        panel.plot(lag, h, color=colour, linewidth=1.6, label="estimated")
        if np.isfinite(config).any():
            panel.plot(lag, config, color=INK, linewidth=1.2, linestyle="--", label="configured HRF, scaled to it")
        zero_line(panel)
        panel.axvline(0, color=PALE, linewidth=0.8, zorder=0)
        panel.set(xlabel="time after the LFP's power (s)", xlim=(lag[0], lag[-1] if lag.size > 1 else lag[0] + 1))
        panel.set_title(f"{site}, {state}\n{counted(temporal, state, site, main_band)}".rstrip(), loc="left")
    axes[0].set_ylabel(f"BOLD (SD) per SD of {main_band}\npower for 1 s")
    figure.legend(*_entries(axes), loc="outside lower center", ncols=3, handlelength=2.2)
    return with_title(figure, TITLE)


def _entries(axes) -> tuple[list, list]:
    """One legend entry of each kind, whichever panel has it."""
    entries = {}
    for panel in axes:
        for handle, label in zip(*panel.get_legend_handles_labels(), strict=True):
            entries.setdefault(label, handle)
    return list(entries.values()), list(entries)
