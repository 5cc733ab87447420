"""Responses to stimuli without a model: averages locked to events, of any series, and plain subtraction."""

from __future__ import annotations

import numpy as np

from .glm import Events

SMALLEST_BASELINE = 1e-12


def around_onsets(series, times_s, onsets_s, after_s, *, longest_gap_s: float | None = None) -> np.ndarray:
    """Pieces of a series around events, by linear interpolation.

    Parameters
    ----------
    series : array of float, shape (n_times, n_series)
    times_s : array of float, shape (n_times,)
        Ascending; gaps are censored samples.
    onsets_s : array of float, shape (n_events,)
        On the same clock.
    after_s : array of float, shape (n_after,)
        Times after onset.
    longest_gap_s : float, optional
        Between samples that are farther apart nothing is interpolated; 1.5 times the median distance without it.

    Returns
    -------
    pieces : ndarray, shape (n_events, n_after, n_series)
        NaN outside the series and in its gaps.
    """
    series, times_s = np.asarray(series, dtype=float), np.asarray(times_s, dtype=float)
    wanted = np.asarray(onsets_s, dtype=float)[:, None] + np.asarray(after_s, dtype=float)
    gap = 1.5 * float(np.median(np.diff(times_s))) if longest_gap_s is None else longest_gap_s
    below = np.clip(np.searchsorted(times_s, wanted + 1e-9, side="right") - 1, 0, len(times_s) - 2)
    width = times_s[below + 1] - times_s[below]
    weight = ((wanted - times_s[below]) / width)[..., None]
    pieces = (1 - weight) * series[below] + weight * series[below + 1]
    inside = (wanted >= times_s[0] - 1e-9) & (wanted <= times_s[-1] + 1e-9)
    at_sample = (np.abs(weight[..., 0]) < 1e-6) | (np.abs(weight[..., 0] - 1) < 1e-6)
    pieces[~(inside & ((width <= gap) | at_sample))] = np.nan
    return pieces


def percent_of_baseline(pieces, after_s, baseline_s, *, ratio: bool) -> np.ndarray:
    """Pieces as change from what was before the event, in per cent of it.

    Parameters
    ----------
    pieces : array of float, shape (n_events, n_after, n_series)
    after_s : array of float, shape (n_after,)
    baseline_s : (first, last)
        s after onset, the last not included.
    ratio : bool
        True: the change from each event's own baseline, in per cent of the mean baseline of all (one event's own may
        be near zero). False: the series is in per cent already, and only its own baseline is taken off.

    Returns
    -------
    change : ndarray, same shape
        NaN for an event without baseline.
    """
    before = (np.asarray(after_s) >= baseline_s[0] - 1e-9) & (np.asarray(after_s) < baseline_s[1] - 1e-9)
    own = _mean(pieces[:, before], axis=1)
    change = pieces - own[:, None]
    if not ratio:
        return change
    level = _mean(own, axis=0)
    return 100 * change / np.where(np.abs(level) > SMALLEST_BASELINE, level, np.nan)


def subtraction(data, times_s, events: Events, weights, *, delay_s: float, baseline_s, keep=None) -> np.ndarray:
    """Mean of the volumes of stimulation minus that of the volumes before it, with no model of the response.

    Volumes of a stimulus are those from its onset to its end, both `delay_s` later, and at least one TR of them; those
    of its baseline lie in `baseline_s` around its onset and in no stimulus.

    Parameters
    ----------
    data : array of float, shape (n_volumes, n_voxels)
    times_s : array of float, shape (n_volumes,)
    events : Events
    weights : array of float, shape (n_kinds,)
        Of `events.names`.
    delay_s : float
        How much later than the stimulus the response is looked for, s.
    baseline_s : (first, last)
        s after onset.
    keep : array of bool, shape (n_volumes,), optional

    Returns
    -------
    difference : ndarray, shape (n_voxels,)
        Weighted sum over trial types; NaN where one has no volume on either side.
    """
    data, times_s = np.asarray(data, dtype=float), np.asarray(times_s, dtype=float)
    keep = np.ones(len(times_s), dtype=bool) if keep is None else keep
    tr_s = float(np.diff(times_s).mean())

    def within(onsets, first, last):
        return ((times_s[:, None] >= onsets + first - 1e-9) & (times_s[:, None] < onsets + last - 1e-9)).any(axis=1)

    stimulated = within(events.onsets_s, delay_s, np.maximum(events.durations_s, tr_s) + delay_s)
    total = np.zeros(data.shape[1])
    for kind, weight in zip(events.names, weights, strict=True):
        onsets, durations = events.of(kind)
        on = within(onsets, delay_s, np.maximum(durations, tr_s) + delay_s) & keep
        off = within(onsets, *baseline_s) & ~stimulated & keep
        if weight:
            means = [data[chosen].mean(axis=0) if chosen.any() else np.nan for chosen in (on, off)]
            total = total + weight * (means[0] - means[1])
    return total


def _mean(values, axis) -> np.ndarray:
    """Mean of what is finite; NaN where nothing is."""
    finite = np.isfinite(values)
    count = finite.sum(axis=axis)
    total = np.where(finite, values, 0.0).sum(axis=axis)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
