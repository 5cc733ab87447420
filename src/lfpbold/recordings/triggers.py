"""Volume triggers from a line that rises with every volume."""

from __future__ import annotations

import numpy as np

DIGITAL = 16  # a line of no more levels than these is no analogue one


def line_onsets(samples, fs_hz: float) -> np.ndarray:
    """Times at which a trigger line rises, s from the first sample.

    A digital line rises at its first high sample, be it high for that sample alone; it counts as high above 60 % and as
    low below 40 % of its range. Of an analogue line, which is recognised by its many levels, `trigger_line.edges` finds
    the rise between samples.

    Parameters
    ----------
    samples : array of float, shape (n_samples,)
    fs_hz : float

    Returns
    -------
    times_s : ndarray, shape (n_rises,)
        Empty where the line never changes. A line that is high from the start has not risen yet.

    Raises
    ------
    InputError
        When the line is noise or holds NaN.

    Examples
    --------
    >>> line_onsets([0, 0, 5, 5, 0, 0, 2.5, 5, 5, 0], 1000.0).tolist()
    [0.002, 0.007]
    """
    samples = np.asarray(samples).ravel()
    if samples.size < 2 or np.ptp(samples) == 0:
        return np.zeros(0)
    if not np.isfinite(samples).all() or np.unique(samples[: 10**6]).size > DIGITAL:
        from ..timing.trigger_line import edges

        return edges(samples, fs_hz)
    low, high = samples.min(), samples.max()
    is_high, is_low = samples > low + 0.6 * (high - low), samples < low + 0.4 * (high - low)
    decided = np.flatnonzero(is_high | is_low)
    state = is_high[decided]
    return decided[1:][state[1:] & ~state[:-1]] / fs_hz
