"""The slow drift of an electrode: a curve through the means of the volumes.

Every volume holds the same artefact, so that what its mean differs in from the next one's is the electrode's. An
electrode that is coupled to direct current drifts by many times the LFP within a scan. A template that is made of, or
fitted to, samples which hold that takes baselines for artefact; the curve is therefore left out of both, and stays in
the LFP. All but its mean: at what level a volume would lie without the artefact, whose mean is not zero, no volume
tells, and the level is that of the recording.
"""

from __future__ import annotations

import itertools
from functools import lru_cache

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
        self._centres, self._means = centres, np.asarray(means, dtype=float)
        self._spline, self._ends = CubicSpline(centres, _middles(means)), (float(centres[0]), float(centres[-1]))
        self._slope = self._spline.derivative()
        self._step = max(1, int(np.diff(centres).min() / STEPS))

    def less(self, constant: float) -> DriftCurve:
        """The same curve of a recording less a constant."""
        return DriftCurve(self._centres, self._means - constant)

    def at(self, samples) -> np.ndarray:
        """The curve at some places, in samples."""
        inside = np.clip(samples, *self._ends)
        return self._spline(inside) + (samples - inside) * self._slope(inside)

    def between(self, first: int, stop: int) -> np.ndarray:
        """The curve at consecutive samples, float32, whatever part of them is asked for."""
        step = self._step
        low, high = first // step, -(-stop // step)
        corners = self.at(step * np.arange(low, high + 1).astype(float))
        lines = np.multiply.outer(np.diff(corners).astype(np.float32), (np.arange(step) / step).astype(np.float32))
        lines += corners[:-1, None].astype(np.float32)
        return lines.ravel()[first - low * step :][: stop - first]

    def weighted(self, weights, begins, width: int) -> np.ndarray:
        """Weighted sums of parts of the curve that begin at some samples, shape (n_weights, width).

        `weights` has the shape (n_parts, n_weights).
        """
        parts, lines = self._parts(begins, width)
        return (weights.T @ parts) @ lines

    def products(self, shapes, begins) -> np.ndarray:
        """Products of parts of the curve that begin at some samples with shapes (n_samples, n), shape (n_parts, n)."""
        parts, lines = self._parts(begins, len(shapes))
        return parts @ (lines @ shapes)

    def _parts(self, begins, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Corners of the curve after some samples, shape (n_parts, n_corners), and how samples are made of corners."""
        places = np.arange(0, width + self._step, self._step)
        return self.at(np.add.outer(begins, places).astype(float)), _lines(width, self._step)


@lru_cache(maxsize=4)
def _lines(width: int, step: int) -> np.ndarray:
    """Straight lines between corners that are so many samples apart, shape (n_corners, width)."""
    places = np.arange(0, width + step, step)
    return np.array([np.interp(np.arange(width), places, row) for row in np.eye(len(places))])


def _middles(means) -> np.ndarray:
    """Values in the middle of volumes of some means, which are more by 1/24 of their second difference."""
    means = np.asarray(means, dtype=float)
    if means.size < 3:
        return means
    bends = np.diff(means, 2)
    return means - np.concatenate([bends[:1], bends, bends[-1:]]) / 24


def edge(at, after, fraction):
    """What the integral over a recording's straight lines has before a place, beyond the sum of the samples before it.

    Volumes are no whole number of samples: a mean of whole samples would sway with the artefact at the edge of each.

    Parameters
    ----------
    at, after : array of float
        The last sample before the place, and the next one.
    fraction : array of float
        How far behind the former the place is, in samples.
    """
    at, after = (np.asarray(x, dtype=float) for x in (at, after))
    return at / 2 + fraction * at + fraction**2 / 2 * (after - at)


def curve_of(sums, edges, onsets) -> DriftCurve:
    """The curve of volumes of which all is known that their integrals are made of.

    Parameters
    ----------
    sums : array of float, shape (n_volumes,)
        Of the samples from the last one before the onset of a volume to that of the next, without the latter.
    edges : array of float, shape (n_volumes + 1,)
        `edge` of each onset, and of the end.
    onsets : array of float, shape (n_volumes + 1,)
        In samples, with the end.
    """
    return DriftCurve((onsets[1:] + onsets[:-1]) / 2, (sums + np.diff(edges)) / np.diff(onsets))


def volume_curve(samples, onsets) -> DriftCurve:
    """The curve of a recording, from the onsets of its volumes and the end of the last one, in samples."""
    onsets = np.clip(onsets, 0, len(samples) - 1)
    whole = np.floor(onsets).astype(int)
    after = samples[np.minimum(whole + 1, len(samples) - 1)]
    sums = np.array([samples[a:b].sum(dtype=float) for a, b in itertools.pairwise(whole)])
    return curve_of(sums, edge(samples[whole], after, onsets - whole), onsets)
