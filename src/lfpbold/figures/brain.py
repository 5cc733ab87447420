"""Maps on anatomy, and one map against another voxel by voxel."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from .style import GREY, INK, band_colours, message, new_figure, number, panels, styled, zero_line

COLOURS = "RdBu_r"
MOST_SLICES = 8
MOST_DOTS = 8000


@styled
def maps(seed_map, lfp_maps: dict, affine, title: str, *, background=None) -> Figure:
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
    """
    if seed_map is None or np.isfinite(seed_map).sum() < 3:
        return message(title, "There is no map to show: the recording has fewer than three voxels.")
    rows = [("seed map", seed_map), *lfp_maps.items()]
    limits = [colour_limit([seed_map])] + [colour_limit(lfp_maps.values())] * len(lfp_maps)
    view = View(np.isfinite(seed_map), affine, background)
    figure, axes = view.grid(len(rows))
    shown = [
        view.row(axes[i], values, limit, label)
        for i, ((label, values), limit) in enumerate(zip(rows, limits, strict=True))
    ]
    figure.colorbar(shown[0], ax=list(axes[0]), label="r", pad=0.01, aspect=8)
    if lfp_maps:
        figure.colorbar(
            shown[1], ax=list(axes[1:].ravel()), label="r (all bands)", pad=0.01, aspect=10 * len(lfp_maps), shrink=0.9
        )
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    return figure


def colour_limit(values) -> float:
    """Half-width of a colour scale around zero: the 99th percentile of |r|."""
    finite = np.concatenate([np.abs(np.asarray(v)[np.isfinite(v)]) for v in values] or [np.zeros(0)])
    limit = float(np.percentile(finite, 99)) if finite.size else 0.0
    return limit if limit > 0 else 1.0


class View:
    """How a volume is cut into slices: across its thickest voxel edge, with world axes to the right and up.

    Parameters
    ----------
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    background : array of float, shape (x, y, z), optional
    most : int
        Slices to show at most, evenly chosen among those with a fifth of the largest one's brain or more.
    """

    def __init__(self, brain, affine, background=None, most: int = MOST_SLICES):
        self.affine = np.asarray(affine, dtype=float)
        edges = np.sqrt((self.affine[:3, :3] ** 2).sum(axis=0))
        world = _world_axes(self.affine)
        # Slices are thicker than their pixels; where voxels are cubes, rodents are shown in coronal slices.
        self.across = int(np.argmax(edges)) if edges.max() > 1.05 * np.median(edges) else world.index(1)
        first, second = sorted((a for a in range(3) if a != self.across), key=lambda a: world[a])
        self.right, self.up = first, second
        self.world = world[self.across]
        self.aspect = edges[self.up] / edges[self.right]
        self.flips = [axis for axis in (first, second) if self.affine[world[axis], axis] < 0]
        area = brain.sum(axis=(self.right, self.up))
        occupied = np.flatnonzero(area >= 0.2 * area.max())
        chosen = np.unique(np.round(np.linspace(0, len(occupied) - 1, min(most, len(occupied)))).astype(int))
        self.slices = occupied[chosen]
        if self.affine[self.world, self.across] < 0:
            self.slices = self.slices[::-1]
        self.brain = brain
        self.box = {a: _extent(brain.any(axis=tuple(b for b in range(3) if b != a))) for a in (first, second)}
        self.background = _grey(background, brain)

    def cut(self, volume, index):
        """One slice as an image: rows go up, columns to the right."""
        for axis in self.flips:
            volume = np.flip(volume, axis)
        image = np.take(volume, index, axis=self.across)
        image = image if self.up > self.right else image.T
        image = image.T  # now rows: up, columns: right
        columns, rows = (self._window(axis, volume.shape[axis]) for axis in (self.right, self.up))
        return image[rows, columns]

    def _window(self, axis, size) -> slice:
        low, high = self.box[axis]
        low, high = (size - 1 - high, size - 1 - low) if axis in self.flips else (low, high)
        return slice(max(0, low - 1), min(size, high + 2))

    def label(self, index) -> str:
        """Where the slice lies, in the image's own millimetres."""
        centre = (np.array(self.brain.shape) - 1) / 2
        centre[self.across] = index
        return f"{'xyz'[self.world]} = {(self.affine @ np.append(centre, 1))[self.world]:.1f} mm".replace("-", "−")

    def grid(self, n_rows: int, extra_width: float = 0.0):
        """A figure with one row of slices for each map; returns it and its axes, rows × slices."""
        height, width = self.cut(self.brain, self.slices[0]).shape
        tall = 1.15 * min(max(height * self.aspect / width, 0.4), 1.6)
        figure = new_figure(max(1.15 * len(self.slices) + 1.9 + extra_width, 5.0), tall * n_rows + 0.55)
        return figure, figure.subplots(n_rows, len(self.slices), squeeze=False)

    def row(self, axes, values, limit: float, label: str, *, mark_slices: bool | None = None):
        """Draw one map; slices are labelled in the first row of a figure."""
        shown = None
        for panel, index in zip(axes, self.slices, strict=True):
            image = self.cut(np.asarray(values, dtype=float), index)
            panel.imshow(
                self.cut(self.background, index),
                cmap="gray",
                vmin=0,
                vmax=1,
                origin="lower",
                aspect=self.aspect,
                interpolation="nearest",
            )
            # Anatomy shines through where the correlation is weak.
            strength = np.clip(np.abs(np.nan_to_num(image)) / (0.5 * limit), 0.15, 1) * np.isfinite(image)
            panel.imshow(
                image,
                cmap=COLOURS,
                vmin=-limit,
                vmax=limit,
                alpha=0.9 * strength,
                origin="lower",
                aspect=self.aspect,
                interpolation="nearest",
            )
            shown = panel.images[-1]
            panel.set(xticks=[], yticks=[])
            for spine in panel.spines.values():
                spine.set_visible(False)
            if panel.get_subplotspec().is_first_row() if mark_slices is None else mark_slices:
                panel.set_title(self.label(index), fontsize=7.5, weight="normal", color=GREY)
        axes[0].set_ylabel(label, rotation=0, ha="right", va="center", labelpad=6)
        return _scale(shown, limit)


def _scale(image, limit):
    """What the colour bar shows: the colours at full strength."""
    from matplotlib.cm import ScalarMappable

    return ScalarMappable(norm=image.norm, cmap=COLOURS)


def _world_axes(affine) -> list[int]:
    """The world axis (0 x, 1 y, 2 z) that each voxel axis runs along, each used once."""
    weights = np.abs(affine[:3, :3] / np.sqrt((affine[:3, :3] ** 2).sum(axis=0)))
    found = [-1, -1, -1]
    for _ in range(3):
        row, column = np.unravel_index(np.argmax(weights), weights.shape)
        found[column] = int(row)
        weights[row, :] = weights[:, column] = -1
    return found


def _extent(occupied) -> tuple[int, int]:
    where = np.flatnonzero(occupied)
    return int(where[0]), int(where[-1])


def _grey(background, brain) -> np.ndarray:
    """Anatomy in grey inside the brain; without one that fits, the brain in plain grey."""
    if background is None or background.shape != brain.shape or not np.ptp(background[brain]) > 0:
        return np.where(brain, 0.8, np.nan)
    low, high = np.percentile(background[brain], [1, 99])
    # Mid-greys only: white stands for a correlation of zero.
    return np.where(brain, 0.15 + 0.55 * np.clip((background - low) / (high - low or 1), 0, 1), np.nan)


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
    if seed_map is None or np.isfinite(seed_map).sum() < 3:
        return message(title, "There is nothing to compare: the recording has fewer than three voxels.")
    figure, axes = panels(
        len(lfp_maps), width=2.3, height=2.4, columns=3 if len(lfp_maps) in (3, 5, 6) else 4, sharex=True, sharey=True
    )
    colours = band_colours(lfp_maps)
    for panel, (band, values) in zip(axes, lfp_maps.items(), strict=True):
        both = np.isfinite(seed_map) & np.isfinite(values)
        x, y = np.asarray(seed_map)[both], np.asarray(values)[both]
        every = -(-x.size // MOST_DOTS) or 1
        panel.scatter(x[::every], y[::every], s=4, color=colours[band], alpha=0.35, linewidths=0, rasterized=True)
        zero_line(panel)
        panel.axvline(0, color="#d9d9d9", linewidth=0.8, zorder=0)
        if x.size > 2 and np.ptp(x) > 0:
            line = np.polynomial.Polynomial.fit(x, y, 1)
            ends = np.array([x.min(), x.max()])
            panel.plot(ends, line(ends), color=INK, linewidth=1.1)
        panel.set_title(f"{band}: r = {number(r.get(band, float('nan')))}", loc="left")
    figure.supxlabel("seed map (r)", fontsize=9)
    figure.supylabel("LFP map (r)", fontsize=9)
    figure.suptitle(title, x=0.01, ha="left", weight="bold")
    return figure
