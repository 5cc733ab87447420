"""The slow drift of an electrode: a curve through the means of the volumes.

Every volume holds the same artefact, so that what its mean differs in from the next one's is the electrode's. An
electrode that is coupled to direct current drifts by many times the LFP within a scan. A template that is made of, or
fitted to, samples which hold that takes baselines for artefact; the curve is therefore left out of both, and stays in
the LFP. All but its mean: at what level a volume would lie without the artefact, whose mean is not zero, no volume
tells, and the level is that of the recording.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

STEPS = 64  # of straight lines a volume, by which the curve is looked up: within 3e-5 of what a sine of two volumes has


class DriftCurve:
    """A cubic spline that has the volumes' means, and straight lines beyond the middle of the first and the last.

    Parameters
    ----------
    centres : array of float, shape (n_volumes,)
        Middle of each volume, in samples.
    means : array of float, shape (n_volumes,)

    Attributes
    ----------
    level : float
        Mean of the means.
    """

    def __init__(self, centres, means):
        self.level = float(np.mean(means))
        self._spline, self._ends = CubicSpline(centres, _middles(means)), (float(centres[0]), float(centres[-1]))
        self._slope = self._spline.derivative()
        self._step = max(1, int(np.diff(centres).min() / STEPS))

    def at(self, samples) -> np.ndarray:
        """The curve at some places, in samples."""
        inside = np.clip(samples, *self._ends)
        return self._spline(inside) + (samples - inside) * self._slope(inside)

    def between(self, first: int, stop: int) -> np.ndarray:
        """The curve at consecutive samples, float32, whatever part of them is asked for."""
        step = self._step
        low, high = first // step, -(-stop // step)
        corners = self.at(step * np.arange(low, high + 1).astype(float))
        lines = corners[:-1, None] + np.diff(corners)[:, None] * (np.arange(step) / step)
        return lines.ravel()[first - low * step :][: stop - first].astype(np.float32)

    def weighted(self, weights, begins, width: int) -> np.ndarray:
        """Weighted sums of parts of the curve that begin at some samples, shape (n_weights, width).

        `weights` has the shape (n_parts, n_weights).
        """
        parts, places = self._parts(begins, width)
        return np.array([np.interp(np.arange(width), places, row) for row in weights.T @ parts])

    def products(self, shapes, begins) -> np.ndarray:
        """Products of parts of the curve that begin at some samples with shapes (n_samples, n), shape (n_parts, n)."""
        parts, places = self._parts(begins, len(shapes))
        lines = np.array([np.interp(np.arange(len(shapes)), places, row) for row in np.eye(len(places))])
        return parts @ (lines @ shapes)

    def _parts(self, begins, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the curve after some samples, shape (n_parts, n_corners), and how many samples after them."""
        places = np.arange(0, width + self._step, self._step)
        return self.at(np.add.outer(begins, places).astype(float)), places


def _middles(means) -> np.ndarray:
    """Values in the middle of volumes of some means, which are more by 1/24 of their second difference."""
    means = np.asarray(means, dtype=float)
    if means.size < 3:
        return means
    bends = np.diff(means, 2)
    return means - np.concatenate([bends[:1], bends, bends[-1:]]) / 24


def volume_curve(samples, begins, ends) -> DriftCurve:
    """The curve of a recording whose volumes begin and end at some samples."""
    begins, ends = (np.clip(x, 0, len(samples)) for x in (begins, ends))
    means = [samples[a:b].mean(dtype=float) for a, b in zip(begins, ends, strict=True)]
    return DriftCurve((begins + ends - 1) / 2, means)
