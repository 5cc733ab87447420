"""How a volume becomes a row of slices on anatomy."""

from __future__ import annotations

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection

from .style import DIVERGING, GREY, new_figure

MOST_SLICES = 8
SLICE_INCHES = 1.15


def colour_limit(values) -> float:
    """Upper end of a colour scale that starts at zero or is centred on it: the 99th percentile of |values|."""
    finite = np.concatenate([np.abs(np.asarray(v)[np.isfinite(v)]) for v in values] or [np.zeros(0)])
    limit = float(np.percentile(finite, 99)) if finite.size else 0.0
    return limit if limit > 0 else 1.0


def enough(volume) -> bool:
    """Whether there is a map to draw: three voxels at least."""
    return volume is not None and np.isfinite(volume).sum() >= 3


class View:
    """How a volume is cut into slices: across its thickest voxel edge, with world axes to the right and up.

    Parameters
    ----------
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    background : array of float, shape (x, y, z), optional
    most : int
        Slices to show at most, evenly chosen among those with a fifth of the largest one's brain or more.
    seed : array of bool, shape (x, y, z), optional
        Its voxels are outlined, and one slice at least holds some of them.
    """

    def __init__(self, brain, affine, background=None, most: int = MOST_SLICES, seed=None):
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
        self.seed = None if seed is None or seed.shape != brain.shape or not seed.any() else seed.astype(bool)
        self.slices = self._choose(brain, most)
        if self.affine[self.world, self.across] < 0:
            self.slices = self.slices[::-1]
        self.brain = brain
        self.box = {a: _extent(brain.any(axis=tuple(b for b in range(3) if b != a))) for a in (first, second)}
        self.background = _grey(background, brain)

    def _choose(self, brain, most) -> np.ndarray:
        area = brain.sum(axis=(self.right, self.up))
        occupied = np.flatnonzero(area >= 0.2 * area.max())
        chosen = occupied[np.unique(np.round(np.linspace(0, len(occupied) - 1, min(most, len(occupied)))).astype(int))]
        if self.seed is not None:
            of_seed = self.seed.sum(axis=(self.right, self.up))
            if not of_seed[chosen].any():
                chosen[np.argmin(np.abs(chosen - of_seed.argmax()))] = of_seed.argmax()
        return chosen

    def cut(self, volume, index):
        """One slice as an image: rows go up, columns to the right."""
        for axis in self.flips:
            volume = np.flip(volume, axis)
        image = np.take(volume, index, axis=self.across)
        image = image if self.up > self.right else image.T
        image = image.T  # now rows: up, columns: right
        columns, rows = (self._window(axis, volume.shape[axis]) for axis in (self.right, self.up))
        return image[rows, columns]

    def mosaic(self, volume) -> np.ndarray:
        """All slices side by side: one image per map is drawn many times faster than one per slice."""
        return np.concatenate([self.cut(volume, index) for index in self.slices], axis=1)

    def _window(self, axis, size) -> slice:
        low, high = self.box[axis]
        low, high = (size - 1 - high, size - 1 - low) if axis in self.flips else (low, high)
        return slice(max(0, low - 1), min(size, high + 2))

    def label(self, index) -> str:
        """Where the slice lies, in the image's own millimetres."""
        centre = (np.array(self.brain.shape) - 1) / 2
        centre[self.across] = index
        return f"{'xyz'[self.world]} = {(self.affine @ np.append(centre, 1))[self.world]:.1f} mm".replace("-", "−")

    def size(self, labels) -> tuple[float, float]:
        """Inches that a map for each label takes, with the labels to its left and colour bars to its right."""
        height, width = self.cut(self.brain, self.slices[0]).shape
        tall = SLICE_INCHES * min(max(height * self.aspect / width, 0.4), 1.6)
        letters = max(len(line) for label in labels for line in label.split("\n"))
        return max(SLICE_INCHES * len(self.slices) + 0.072 * letters + 1.1, 5.0), tall * len(labels) + 0.55

    def grid(self, labels):
        """A figure with one panel for each map; returns it and its panels."""
        figure = new_figure(*self.size(labels))
        return figure, list(figure.subplots(len(labels), 1, squeeze=False)[:, 0])

    def row(self, panel, values, limit: float, label: str, *, colours: str = DIVERGING, mark_slices: bool = False):
        """Draw one map; returns what a colour bar needs.

        Parameters
        ----------
        panel : matplotlib axes
        values : array of float, shape (x, y, z)
        limit : float
            Upper end of the scale; the lower one is −limit for diverging colours, 0 for others.
        label : str
        colours : str
            Name of a colour map.
        mark_slices : bool
            Write above each slice where it lies.
        """
        image = self.mosaic(np.asarray(values, dtype=float))
        grey = self.mosaic(self.background)
        layout = {"origin": "lower", "aspect": self.aspect, "interpolation": "nearest"}
        panel.imshow(grey, cmap="gray", vmin=0, vmax=1, **layout)
        # Anatomy shines through where the value is small.
        strength = np.clip(np.abs(np.nan_to_num(image)) / (0.5 * limit), 0.15, 1) * np.isfinite(image)
        lowest = -limit if colours == DIVERGING else 0
        shown = panel.imshow(image, cmap=colours, vmin=lowest, vmax=limit, alpha=0.9 * strength, **layout)
        if self.seed is not None:
            outline(panel, self.mosaic(self.seed))
        panel.set(xticks=[], yticks=[], anchor="W")  # spare room stays at the right, where it pushes no label out
        panel.spines[:].set_visible(False)
        if mark_slices:
            width = image.shape[1] / len(self.slices)
            for place, index in enumerate(self.slices):
                panel.text(
                    (place + 0.5) * width - 0.5,
                    image.shape[0] - 0.5,
                    self.label(index),
                    fontsize=7.5,
                    color=GREY,
                    ha="center",
                    va="bottom",
                )
        panel.set_ylabel(label, rotation=0, ha="right", va="center", labelpad=6)
        return ScalarMappable(norm=shown.norm, cmap=colours)  # the colours at full strength


def outline(panel, mask) -> None:
    """The borders of a mask along the edges of its pixels: dark on white, which shows on every colour."""
    padded = np.pad(mask, 1)
    upright, level = padded[1:-1, 1:] != padded[1:-1, :-1], padded[1:, 1:-1] != padded[:-1, 1:-1]
    y, x = np.nonzero(upright)
    lines = np.stack([np.column_stack([x, y]), np.column_stack([x, y + 1])], axis=1)
    y, x = np.nonzero(level)
    lines = np.concatenate([lines, np.stack([np.column_stack([x, y]), np.column_stack([x + 1, y])], axis=1)]) - 0.5
    for colour, width in (("white", 1.8), ("black", 0.8)):
        panel.add_collection(LineCollection(lines, colors=colour, linewidths=width, capstyle="round"), autolim=False)


def _world_axes(affine) -> list[int]:
    """The world axis (0 x, 1 y, 2 z) that each voxel axis runs along, each used once."""
    weights = np.abs(affine[:3, :3] / np.sqrt((affine[:3, :3] ** 2).sum(axis=0)))
    of_voxel_axis = [-1, -1, -1]
    for _ in range(3):
        row, column = np.unravel_index(np.argmax(weights), weights.shape)
        of_voxel_axis[column] = int(row)
        weights[row, :] = weights[:, column] = -1
    return of_voxel_axis


def _extent(occupied) -> tuple[int, int]:
    where = np.flatnonzero(occupied)
    return int(where[0]), int(where[-1])


def _grey(background, brain) -> np.ndarray:
    """Anatomy in grey inside the brain; without one that fits, the brain in plain grey."""
    if background is None or background.shape != brain.shape or not np.nanstd(background[brain]) > 0:
        return np.where(brain, 0.8, np.nan)
    low, high = np.nanpercentile(background[brain], [1, 99])
    # Mid-greys only: white stands for a correlation of zero.
    return np.where(brain, 0.15 + 0.55 * np.clip((background - low) / (high - low or 1), 0, 1), np.nan)
