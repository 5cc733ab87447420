"""Does the correlation vary over a scan more than a constant one would appear to?"""

from __future__ import annotations

from matplotlib.figure import Figure

from ..derivatives.rows import Rows, of_group, pairs
from .style import GREY, INK, NO_SURROGATES, band_colours, message_figure, panels, styled, with_title
from .text import counted, p_value

TITLE = "Variation of the correlation over sliding windows"


@styled
def windows(rows: list[dict], main_band: str, names: list[str]) -> Figure:
    """Standard deviation of the windows' correlations, of each scan, against that of a constant relation.

    Parameters
    ----------
    rows : list of dict
        `group/windows.tsv`.
    main_band : str
        In its colour; all other bands are grey.
    names : list of str
        Bands shown by name.
    """
    rows = Rows(rows).where(band=names).finite("sd", "sd_expected")
    groups = pairs(rows)
    if not groups:
        return message_figure(TITLE, NO_SURROGATES)
    figure, axes = panels(len(groups), width=2.9, height=2.9, sharex=True, sharey=True)
    colour = band_colours(names)[main_band]
    deviations = [row[key] for row in rows for key in ("sd", "sd_expected")]
    least, most = 0.85 * min(deviations), 1.08 * max(deviations) or 1.0
    for panel, (state, site) in zip(axes, groups, strict=True):
        panel.plot([least, most], [least, most], color=INK, linewidth=0.9, linestyle="--", zorder=1, label="equal")
        of_pair = of_group(rows, state, site)
        for label, chosen, style in (
            (
                "other bands",
                of_pair.where(lambda row: row["band"] != main_band),
                {"s": 11, "color": GREY, "alpha": 0.45},
            ),
            (main_band, of_pair.where(band=main_band), {"s": 24, "color": colour, "alpha": 0.85}),
        ):
            if chosen:
                x, y = ([row[key] for row in chosen] for key in ("sd_expected", "sd"))
                panel.scatter(x, y, linewidths=0, label=label, zorder=2 + (label == main_band), **style)
        main = next((row for row in of_pair if row["band"] == main_band), None)
        text = f"{main_band}, over animals: {p_value(main['p_animals'])}" if main else ""
        panel.text(0, 1.02, text, transform=panel.transAxes, fontsize=8, color=GREY)
        panel.set(xlim=(least, most), ylim=(least, most), aspect="equal", xlabel="SD expected if constant (z)")
        panel.set_title(
            f"{site}, {state}\n{counted(of_pair, state, site, of_pair[0]['band'], 'sd')}".rstrip(), loc="left", pad=18
        )
    length = f"{rows[0]['window_s']:g}-s windows" if len({row["window_s"] for row in rows}) == 1 else "windows"
    axes[0].set_ylabel(f"SD over {length} (z)")
    handles = {label: h for panel in axes for h, label in zip(*panel.get_legend_handles_labels(), strict=True)}
    figure.legend(handles.values(), handles, loc="outside lower center", ncols=3, handletextpad=0.5)
    return with_title(figure, TITLE)
