"""Maps on anatomy, and one map against another voxel by voxel."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import INK, PALE, SEQUENTIAL, band_colours, footnote, message_figure, panels, styled, with_title, zero_line
from .text import number
from .view import View, colour_limit, enough

MOST_DOTS = 8000
TOO_FEW = "There is no map to show: the recording has fewer than three voxels."


@styled
def maps(seed_map, lfp_maps: dict, affine, title: str, *, background=None, seed=None) -> Figure:
    """The seed map and one LFP map per band, slice by slice.

    Parameters
    ----------
    seed_map : array of float, shape (x, y, z)
        NaN outside the brain.
    lfp_maps : dict of band to array of float, shape (x, y, z)
        They share one colour scale; the seed map, whose correlations are larger, has its own.
    affine : array of float, shape (4, 4)
        Voxel to millimetres.
    title : str
    background : array of float, shape (x, y, z), optional
        Anatomy; the brain in plain grey without it.
    seed : array of bool, shape (x, y, z), optional
        The voxels of the seed, which are outlined.
    """
    if not enough(seed_map):
        return message_figure(title, TOO_FEW)
    view = View(np.isfinite(seed_map), affine, background, seed=seed)
    limits = [colour_limit([seed_map])] + [colour_limit(lfp_maps.values())] * len(lfp_maps)
    first = "seed map" if view.seed is None else "seed map\n(seed outlined)"
    return with_title(_two_scales(view, {first: seed_map, **lfp_maps}, limits, ("r", "r (all bands)")), title)


def _two_scales(view: View, rows: dict, limits, names, **style) -> Figure:
    """One row per map, with a colour bar for the first and one for all the others."""
    figure, axes = view.grid(list(rows))
    shown = [
        view.row(panel, values, limit, label, mark_slices=panel is axes[0], **style)
        for panel, (label, values), limit in zip(axes, rows.items(), limits, strict=True)
    ]
    # Aspect: the bars are as thick as each other, however many rows they span.
    figure.colorbar(shown[0], ax=axes[:1], label=names[0], pad=0.01, aspect=8)
    if len(rows) > 1:
        figure.colorbar(shown[1], ax=axes[1:], label=names[1], pad=0.01, aspect=8 * (len(rows) - 1))
    return figure


@styled
def shuffled(
    seed_map, true_map, shuffled_map, r: dict, affine, title: str, *, background=None, main_band: str = "main band"
) -> Figure:
    """The control of shuffled power: the main band's map, and that of the same power with its frames in random order.

    Parameters
    ----------
    seed_map, true_map, shuffled_map : array of float, shape (x, y, z), or None
        The last two share one colour scale.
    r : dict
        Spatial correlation of both LFP maps with the seed map: `true` and `shuffled`.
    affine : array of float, shape (4, 4)
    title : str
    background : array of float, shape (x, y, z), optional
    main_band : str
        Its name, for the label.
    """
    if not enough(seed_map) or true_map is None:
        return message_figure(title, TOO_FEW)
    if shuffled_map is None:
        return message_figure(title, "No map of shuffled power was made (`coupling.shuffle` is off).")
    rows = {"seed map": seed_map}
    for name, label, values in (("true", main_band, true_map), ("shuffled", f"shuffled {main_band}", shuffled_map)):
        rows[f"{label}\nspatial r = {number(r.get(name, float('nan')))}"] = values
    limit = colour_limit([true_map, shuffled_map])
    view = View(np.isfinite(seed_map), affine, background)
    return with_title(_two_scales(view, rows, [colour_limit([seed_map]), limit, limit], ("r", "r (both)")), title)


@styled
def information(
    maps: dict, affine, title: str, *, chance: dict | None = None, background=None, note: str = ""
) -> Figure:
    """Mutual information of every voxel with the seed and with each band's regressor.

    Parameters
    ----------
    maps : dict of str to array of float, shape (x, y, z)
        `seed`, which has a colour scale of its own, and the bands, which share one; nats.
    affine : array of float, shape (4, 4)
    title : str
    chance : dict of str to float, optional
        The estimate for each band in unrelated series, nats: it is subtracted, and colours begin there. It
        depends on how a regressor is distributed, so that one level for all would raise some bands over others. From
        the seed's map the mean of all is subtracted.
    background : array of float, shape (x, y, z), optional
    note : str
        How it was estimated, for the foot of the figure.
    """
    seed_map = maps.get("seed")
    if not enough(seed_map):
        return message_figure(title, TOO_FEW)
    levels = {band: level for band, level in (chance or {}).items() if np.isfinite(level)}
    mean = float(np.mean(list(levels.values()))) if levels else 0.0
    above = {name: np.maximum(values - levels.get(name, mean), 0) for name, values in maps.items()}
    seed_map, of_bands = above["seed"], {band: values for band, values in above.items() if band != "seed"}
    limits = [colour_limit([seed_map])] + [colour_limit(of_bands.values())] * len(of_bands)
    view = View(np.isfinite(seed_map), affine, background)
    rows = {"seed": seed_map, **of_bands}
    figure = _two_scales(view, rows, limits, ("nats", "nats above chance level (all bands)"), colours=SEQUENTIAL)
    if levels:
        span = f"{min(levels.values()):.2g} to {max(levels.values()):.2g}"
        note = f"{note}{'; ' if note else ''}each band's chance level ({span} nats) subtracted"
    if note:
        footnote(figure, note)
    return with_title(figure, title)


@styled
def scatter(seed_map, lfp_maps: dict, r: dict, title: str) -> Figure:
    """LFP map against seed map, voxel by voxel, one panel per band.

    Parameters
    ----------
    seed_map : array of float
    lfp_maps : dict of band to array of float
    r : dict of band to float
        Spatial correlation, as in the tables.
    title : str
    """
    if not enough(seed_map) or not lfp_maps:
        return message_figure(title, "There is nothing to compare: the recording has fewer than three voxels.")
    figure, axes = panels(len(lfp_maps), width=2.3, height=2.4, sharex=True, sharey=True)
    colours = band_colours(lfp_maps)
    for panel, (band, values) in zip(axes, lfp_maps.items(), strict=True):
        both = np.isfinite(seed_map) & np.isfinite(values)
        x, y = np.asarray(seed_map)[both], np.asarray(values)[both]
        every = -(-x.size // MOST_DOTS) or 1
        panel.scatter(x[::every], y[::every], s=4, color=colours[band], alpha=0.35, linewidths=0, rasterized=True)
        zero_line(panel)
        panel.axvline(0, color=PALE, linewidth=0.8, zorder=0)
        if x.size > 2 and np.ptp(x) > 0:
            line = np.polynomial.Polynomial.fit(x, y, 1)
            ends = np.array([x.min(), x.max()])
            panel.plot(ends, line(ends), color="white", linewidth=2.6)
            panel.plot(ends, line(ends), color=INK, linewidth=1.1)
        panel.set_title(f"{band}: r = {number(r.get(band, float('nan')))}", loc="left")
    figure.supxlabel("seed map (r)", fontsize=9)
    figure.supylabel("LFP map (r)", fontsize=9)
    return with_title(figure, title)
