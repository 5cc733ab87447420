"""The hemodynamic response estimated from band power and BOLD: finite impulse response with a smoothness prior."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..stats.resampling import jackknife_se
from .hrf import at_volumes, within_recording

ENOUGH = 0.95
PENALTIES = tuple(10.0**k for k in np.arange(-4, 5, 0.5))


def fir(
    power, times_s, time_courses, volume_times_s, *, lags_s, projectors=None, groups=None, penalties=PENALTIES
) -> dict:
    """One response for all scans of a site, h(lag), by penalised least squares.

    The response is piecewise linear between its values at `lags_s` and zero one step before the first and after the
    last. h = (Σ XᵀX + λ s DᵀD)⁻¹ Σ Xᵀy, with X the lagged power, D second differences (the prior: a smooth response;
    Goutte et al. 2000, IEEE Trans Med Imaging 19:1188) and s the mean diagonal of Σ XᵀX. λ is the one of the least
    error in held-out scans; with projectors the largest one that predicts 95 % of what that one does, for
    what lies outside their band costs no error, only the prior can settle it, and the least error leaves it to chance.

    Power and BOLD are standardised within each scan. If the BOLD has been filtered, the lagged power must pass through
    the same projector; frequencies outside the band are then given by the prior alone, so that the mean of the
    response over long lags is not known.

    Parameters
    ----------
    power : sequence of n_scans arrays of float, shape (n_frames,)
    times_s : sequence of n_scans arrays of float, shape (n_frames,)
        Evenly spaced, s.
    time_courses : sequence of n_scans arrays of float, shape (n_volumes,)
        BOLD of the seed; of kept volumes only.
    volume_times_s : sequence of n_scans arrays of float, shape (n_volumes,)
        On the same clock, s; of kept volumes only.
    lags_s : array of float, shape (n_lags,)
        Evenly spaced, ascending, s; positive where BOLD follows.
    projectors : sequence of n_scans Projector, optional
        Applied to lagged power and BOLD.
    groups : sequence, shape (n_scans,), optional
        What is held out together, such as animals; each scan on its own by default.
    penalties : sequence of float
        λ to choose from; a single one needs no second scan.

    Returns
    -------
    estimate : dict
        `hrf` and `se` (jackknife over groups), shape (n_lags,): BOLD in standard deviations for power raised by one
        standard deviation for one step; `lags_s`, `penalty`; `r` and `r2` (n_scans,) of held-out scans, λ
        chosen without them too (NaN with fewer than two groups, or three where there is a choice).

    Raises
    ------
    InputError
        When one group is to choose among several penalties, or a series is constant.
    """
    lags_s, penalties = np.asarray(lags_s, dtype=float), np.asarray(penalties, dtype=float)
    names, of_group = np.unique(np.arange(len(power)) if groups is None else np.asarray(groups), return_inverse=True)
    if penalties.size > 1 and names.size < 2:
        raise InputError("one scan cannot choose the penalty of its own response; give one penalty, or more scans")
    projectors = [None] * len(power) if projectors is None else projectors
    moments = [
        _moments(*scan, lags_s=lags_s)
        for scan in zip(power, times_s, time_courses, volume_times_s, projectors, strict=True)
    ]
    gram, cross, total = (np.array(m) for m in zip(*moments, strict=True))
    summed = [np.array([m[of_group == g].sum(axis=0) for g in range(names.size)]) for m in (gram, cross, total)]
    enough = 1.0 if None in projectors else ENOUGH
    penalty = (
        _smoothest(_errors(*summed, penalties=penalties), penalties, enough)
        if penalties.size > 1
        else float(penalties[0])
    )
    deleted = np.full((names.size, lags_s.size), np.nan)
    held_out = np.full((names.size, lags_s.size), np.nan)
    for group in range(names.size if names.size > 1 else 0):
        others = [np.delete(m, group, axis=0) for m in summed]
        deleted[group] = _solve(others[0].sum(axis=0), others[1].sum(axis=0), penalty)
        if penalties.size == 1:
            held_out[group] = deleted[group]
        elif names.size > 2:
            own = _smoothest(_errors(*others, penalties=penalties), penalties, enough)
            held_out[group] = _solve(others[0].sum(axis=0), others[1].sum(axis=0), own)
    response = held_out[of_group]  # of each scan, from the fit that its group had no part in
    shared, predicted = (response * cross).sum(axis=1), np.einsum("si,sij,sj->s", response, gram, response)
    return {
        "lags_s": lags_s,
        "hrf": _solve(gram.sum(axis=0), cross.sum(axis=0), penalty),
        "se": jackknife_se(deleted, axis=0),
        "penalty": float(penalty),
        "r": shared / np.sqrt(predicted * total),
        "r2": (2 * shared - predicted) / total,
    }


def lagged_power(power, times_s, volume_times_s, lags_s) -> np.ndarray:
    """Power as it was `lag` before each volume, weighted by a triangle of one lag step to either side.

    With it a response given at `lags_s` is linear in between. Outside the recording the power is taken to have been at
    its mean, as in `hrf.convolve`.

    Parameters
    ----------
    power : array of float, shape (n_frames,)
    times_s : array of float, shape (n_frames,)
    volume_times_s : array of float, shape (n_volumes,)
    lags_s : array of float, shape (n_lags,)
        Evenly spaced, s.

    Returns
    -------
    lagged : ndarray, shape (n_volumes, n_lags)

    Examples
    --------
    >>> lagged_power([0.0, 0.0, 6.0, 0.0], [0.0, 1.0, 2.0, 3.0], [2.0, 3.0], [0.0, 1.0]).tolist()
    [[4.5, -1.5], [-1.5, 4.5]]
    """
    power, times_s = np.asarray(power, dtype=float), np.asarray(times_s, dtype=float)
    volume_times_s, lags_s = np.asarray(volume_times_s, dtype=float), np.asarray(lags_s, dtype=float)
    frame, step = (times_s[-1] - times_s[0]) / (len(times_s) - 1), lags_s[1] - lags_s[0]
    reach = int(np.ceil(step / frame - 1e-9)) - 1
    triangle = np.maximum(0, 1 - np.abs(np.arange(-reach, reach + 1)) * frame / step)
    smooth = np.convolve(power - power.mean(), triangle / triangle.sum(), mode="full")[reach : reach + len(power)]
    wanted = volume_times_s[:, None] - lags_s
    lagged = at_volumes(smooth[:, None], times_s, wanted.ravel())[:, 0].reshape(wanted.shape)
    return np.where(within_recording(wanted, times_s), lagged, 0.0)


def _moments(power, times_s, time_course, volume_times_s, projector, *, lags_s):
    """XᵀX, Xᵀy and yᵀy of one scan."""
    spread = np.std(power)
    if not spread > 0:
        raise InputError("the power of a scan is constant or not finite; exclude this scan")
    x = lagged_power(np.asarray(power) / spread, times_s, volume_times_s, lags_s)
    y = np.asarray(time_course, dtype=float)
    # The mean of lagged power over the volumes is not that over the recording: a constant belongs to the model.
    x, y = (projector.apply(x), projector.apply(y)) if projector else (x - x.mean(axis=0), y - y.mean())
    if not y.std() > 0:
        raise InputError("the BOLD of a scan is constant or not finite; exclude this scan")
    y = y / y.std()
    return x.T @ x, x.T @ y, y @ y


def _solve(gram, cross, penalty) -> np.ndarray:
    """Penalised least squares, shape (..., n_lags) for penalties (...); the response is zero beyond both ends."""
    n = len(cross)
    second = np.diff(np.eye(n + 4), n=2, axis=0)[:, 2:-2]
    prior = np.asarray(penalty)[..., None, None] * (np.trace(gram) / n * second.T @ second)
    return np.linalg.solve(gram + prior, cross[:, None])[..., 0]


def _smoothest(errors, penalties, enough: float) -> float:
    """The largest penalty that predicts `enough` of what the best one does."""
    gain = 1 - errors
    return float(penalties[gain >= enough * gain.max()].max() if gain.max() > 0 else penalties.max())


def _errors(gram, cross, total, *, penalties) -> np.ndarray:
    """Squared error of groups held out in turn, relative to their BOLD, for each penalty."""
    errors, all_gram, all_cross = np.zeros(len(penalties)), gram.sum(axis=0), cross.sum(axis=0)
    for group in range(len(gram)):
        h = _solve(all_gram - gram[group], all_cross - cross[group], penalties)
        errors += total[group] - 2 * h @ cross[group] + ((h @ gram[group]) * h).sum(axis=1)
    return errors / total.sum()
