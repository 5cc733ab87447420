"""Frames of power that touch samples which are no LFP, and what takes their place."""

from __future__ import annotations

import numpy as np

BRIEF_S, SMALL = 0.25, 0.25  # stretches, and share of a window's weight, up to which the rest of a window counts
FILL_S = 5.0  # of power on either side, whose means a line joins across what is lost


def touched(times_s, window_s: float, stretches_s) -> np.ndarray:
    """Which windows touch a stretch.

    Parameters
    ----------
    times_s : array of float, shape (n_frames,)
        Middle of each window, ascending, s.
    window_s : float
        Length of a window, s.
    stretches_s : array of float, shape (n, 2)
        Begin and end of each stretch, s.

    Returns
    -------
    touched : ndarray of bool, shape (n_frames,)

    Examples
    --------
    >>> touched([0.5, 1.0, 1.5, 2.0], 1.0, [[1.2, 1.3]]).tolist()
    [False, True, True, False]
    """
    times_s = np.asarray(times_s, dtype=float)
    out = np.zeros(len(times_s), dtype=bool)
    for begin, end in np.asarray(stretches_s, dtype=float).reshape(-1, 2):
        out[np.searchsorted(times_s, begin - window_s / 2, "right") : np.searchsorted(times_s, end + window_s / 2)] = (
            True
        )
    return out


def lost_share(times_s, window, window_s: float, stretches_s) -> np.ndarray:
    """Share of the power in each window that stretches would have given, had the power been steady.

    Parameters
    ----------
    times_s : array of float, shape (n_frames,)
        Middle of each window, ascending, s.
    window : array of float, shape (n,)
        The taper, as finely as wanted.
    window_s : float
        Its length, s.
    stretches_s : array of float, shape (n, 2)
        Begin and end of each stretch, which do not overlap, s.

    Returns
    -------
    share : ndarray, shape (n_frames,)

    Examples
    --------
    >>> lost_share([0.5, 1.0, 1.5], np.ones(100), 1.0, [[1.25, 2.0]]).round(9).tolist()
    [0.0, 0.25, 0.75]
    """
    times_s, weights = np.asarray(times_s, dtype=float), np.square(window)
    total = np.concatenate([[0.0], np.cumsum(weights)]) / weights.sum()
    places = np.linspace(-window_s / 2, window_s / 2, len(total))
    share = np.zeros(len(times_s))
    for begin, end in np.asarray(stretches_s, dtype=float).reshape(-1, 2):
        near = slice(*np.searchsorted(times_s, [begin - window_s / 2, end + window_s / 2]))
        before, until = (np.interp(edge - times_s[near], places, total) for edge in (begin, end))
        share[near] += until - before
    return share


def interpolated(series, lost, reach: float) -> np.ndarray:
    """A series in which a line joins what lies before and after each lost stretch.

    A single frame of power scatters by as much as its mean, so that the line runs between means.

    Parameters
    ----------
    series : array of float, shape (n_frames, n_series)
    lost : array of bool, shape (n_frames,)
    reach : float
        Frames on either side whose mean is taken.

    Returns
    -------
    filled : ndarray, shape (n_frames, n_series)
        As it was where nothing is lost, or all.

    Examples
    --------
    >>> interpolated([[1.0], [3.0], [99.0], [4.0], [4.0]], [False, False, True, False, False], 2).ravel().tolist()
    [1.0, 3.0, 3.0, 4.0, 4.0]
    """
    series, lost = np.asarray(series), np.asarray(lost, dtype=bool)
    if not lost.any() or lost.all():
        return series
    series = np.array(series, dtype=float)
    good, reach = np.flatnonzero(~lost), max(1, round(reach))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], lost, [False]]).astype(np.int8)))
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        at = np.searchsorted(good, begin)
        sides = [series[good[part]] for part in (slice(max(at - reach, 0), at), slice(at, at + reach))]
        means = [side.mean(axis=0) for side in sides if len(side)]
        weight = ((np.arange(begin, end) - begin + 1) / (end - begin + 1))[:, None]
        series[begin:end] = (1 - weight) * means[0] + weight * means[-1]
    return series
