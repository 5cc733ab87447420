"""Triggers from an analogue line: when it rose, between samples."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..errors import InputError


def edges(signal, fs_hz: float, *, falling: bool = False, dead_s: float = 1e-3) -> np.ndarray:
    """Times at which a line rises through half of its height, between samples.

    The two levels are robust: the medians of what lies below and above the middle of the range. A rise counts where
    the line crosses three quarters after having been below a quarter (hysteresis), `dead_s` or more after the last;
    its time is where the line crosses the half, by linear interpolation.

    Parameters
    ----------
    signal : array of float, shape (n_samples,)
        Analogue trigger line, any units; the direction of the pulse is `falling` or not.
    fs_hz : float
    falling : bool
        Triggers are the falling edges.
    dead_s : float
        Edges that follow the last one within this time are bounces, s.

    Returns
    -------
    times_s : ndarray, shape (n_edges,)
        From the first sample, ascending.

    Raises
    ------
    InputError
        When the line has no two levels: it never changes, or it is noise.

    Examples
    --------
    >>> line = [0, 0, 0, 1, 5, 5, 5, 0, 0, 0, 0, 4, 5, 5, 0, 0]
    >>> edges(line, 1000.0).round(6).tolist()
    [0.003375, 0.010625]
    """
    line = np.asarray(signal, dtype=float).ravel()
    line = -line if falling else line
    if line.size < 2 or not np.isfinite(line).all():
        raise InputError("the trigger line is empty or holds NaN; name another channel")
    # A click of one sample must not set the range: extremes of the line after a median over three samples.
    smooth = ndimage.median_filter(line, 3, mode="nearest")
    middle = (smooth.min() + smooth.max()) / 2
    below, above = line[line <= middle], line[line > middle]
    if below.size == 0 or above.size == 0:
        raise InputError("the trigger line never changes; name another channel")
    low, high = np.median(below), np.median(above)
    noise = 1.4826 * max(np.median(np.abs(below - low)), np.median(np.abs(above - high)))
    if high - low < 6 * noise:
        raise InputError("the trigger line has no two levels, it looks like noise; name another channel")
    half, quarter, three = (low + share * (high - low) for share in (0.5, 0.25, 0.75))
    state = np.where(line > three, 1, np.where(line < quarter, -1, 0))
    known = np.flatnonzero(state)
    rises = np.flatnonzero((state[known[:-1]] < 0) & (state[known[1:]] > 0))
    begins, stops = known[rises], known[rises + 1]
    times = np.array([_crossing(line, a, b, half) for a, b in zip(begins, stops, strict=True)]) / fs_hz
    kept: list[float] = []
    for time in times:
        if not kept or time - kept[-1] >= dead_s:
            kept.append(float(time))
    return np.array(kept)


def _crossing(line, begin, stop, level) -> float:
    """Place of the last crossing of a level on the way from one sample to another, in samples."""
    below = begin + np.flatnonzero(line[begin:stop] <= level)[-1]
    rise = line[below + 1] - line[below]
    return below + (level - line[below]) / rise if rise > 0 else float(below + 1)
