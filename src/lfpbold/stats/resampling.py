"""Intervals by deleting one animal at a time and by resampling them: jackknife and hierarchical bootstrap."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .tests import permutation_p, t_half_width

NAN = float("nan")


def finite_rows(values, animals, sessions=None):
    """Values, animals and sessions (one for all where there are none) of the scans that hold no NaN."""
    values, animals = np.asarray(values, dtype=float), np.asarray(animals)
    sessions = np.zeros(len(animals), dtype=int) if sessions is None else np.asarray(sessions)
    if not len(values) == len(animals) == len(sessions):
        raise InputError(
            f"there are {len(values)} values, {len(animals)} animals and {len(sessions)} sessions; give one of each "
            "for every scan"
        )
    usable = np.isfinite(values.reshape(len(values), -1)).all(axis=1) if len(values) else np.zeros(0, dtype=bool)
    return values[usable], animals[usable], sessions[usable]


def jackknife(values, animals, statistic=np.mean, *, confidence: float = 0.95) -> dict:
    """Any statistic of scans, with a delete-one-animal standard error and Student's t interval.

    For the mean of equally many scans per animal it is the t interval of animal means.

    Parameters
    ----------
    values : array of float, shape (n_scans, ...)
    animals : sequence, shape (n_scans,)
    statistic : callable
        Of rows of `values`, to a number.
    confidence : float
        Of the interval.

    Returns
    -------
    estimate : dict
        `value`, `se`, `low`, `high`; the last three NaN below two animals, or where the statistic is not defined.

    Raises
    ------
    InputError
        When there is not one animal for each value, or the confidence is not between 0 and 1.

    Examples
    --------
    >>> estimate = jackknife([0.1, 0.2, 0.3, 0.2, 0.2, 0.4], ["a", "a", "b", "b", "c", "c"])
    >>> {name: round(number, 3) for name, number in estimate.items()}
    {'value': 0.233, 'se': 0.044, 'low': 0.044, 'high': 0.423}
    """
    if not 0 < confidence < 1:
        raise InputError(f"confidence is {confidence:g}; give a share between 0 and 1")
    values, animals, _ = finite_rows(values, animals)
    if not len(values):
        return dict.fromkeys(("value", "se", "low", "high"), NAN)
    value, names = float(statistic(values)), np.unique(animals)
    if names.size < 2:
        return {"value": value, "se": NAN, "low": NAN, "high": NAN}
    deleted = np.array([statistic(values[animals != name]) for name in names])
    low, high = jackknife_interval(value, deleted, confidence)
    return {"value": value, "se": float(jackknife_se(deleted)), "low": low, "high": high}


def jackknife_se(deleted, axis: int = -1) -> np.ndarray:
    """Jackknife standard error: √((n − 1)/n Σ (θ₍ᵢ₎ − mean)²) (Tukey 1958; Efron & Tibshirani 1993, chapter 11).

    Parameters
    ----------
    deleted : array of float
        A statistic with each of n animals deleted in turn, along `axis`.
    axis : int

    Returns
    -------
    standard_error : ndarray
    """
    deleted = np.asarray(deleted, dtype=float)
    n = deleted.shape[axis]
    return np.sqrt((n - 1) / n * ((deleted - deleted.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis))


def jackknife_interval(value: float | np.ndarray, deleted, confidence: float = 0.95) -> tuple[float, float]:
    """Student's t interval of a statistic with the jackknife standard error.

    Parameters
    ----------
    value : float
        The statistic of all animals.
    deleted : array of float, shape (n_animals,)
        The statistic with each animal deleted in turn.
    confidence : float

    Returns
    -------
    low, high : float
    """
    half_width = t_half_width(jackknife_se(deleted), len(deleted) - 1, confidence)
    return float(value - half_width), float(value + half_width)


def hierarchical_bootstrap(
    values, animals, sessions, n: int, rng, *, statistic=np.mean, levels: str = "all", confidence: float = 0.95
) -> dict:
    """Interval of a statistic by drawing animals, sessions within them and scans within those, with replacement.

    With six animals of 26 scans and ICC 0/.05/.1/.3 a 95 % interval of the mean misses the truth in (4000 simulations,
    standard error .35 %): studentised 5.5/5.5/5.6/4.7 %; percentile 0.6/3.2/5.4/10.1 %, because few animals make it
    narrow and drawing at all levels counts the scatter of scans twice; with `levels="animals"` percentile 15 %,
    studentised 3.3 %. Report the studentised one of all levels.

    Parameters
    ----------
    values : array of float, shape (n_scans, ...)
    animals : sequence, shape (n_scans,)
    sessions : sequence, shape (n_scans,), or None
    n : int
        Resamples.
    rng : numpy.random.Generator
    statistic : callable
        Of rows of `values`, to a number. A resample where it is NaN is excluded and counted.
    levels : {"all", "animals"}
        `animals`: an animal that is drawn brings all its scans as they are.
    confidence : float

    Returns
    -------
    estimate : dict
        `value`; `se`, standard deviation over resamples; `low`, `high`, percentile interval; `t_low`, `t_high`,
        studentised: value ± q × s, with q a quantile of |value* − value| / s*, and s, s* jackknife standard errors over
        animals; `p`, two-sided against 0, from the same quantity; `undefined`, share of resamples that have no value.
    """
    values, animals, sessions = finite_rows(values, animals, sessions)
    table = _scans_by_session(animals, sessions)
    names = ("value", "se", "low", "high", "t_low", "t_high", "p", "undefined")
    if len(table) < 2:
        value = float(statistic(values)) if len(values) else NAN
        return dict.fromkeys(names, NAN) | {"value": value}
    value, error = _with_error(values, _whole(table)[None], statistic)
    blocks = [min(500, n - start) for start in range(0, n, 500)]  # bounds the memory; part of what the seed gives
    resampled, errors = np.concatenate(
        [_with_error(values, _resample(table, block, rng, levels), statistic) for block in blocks], axis=1
    )
    kept = resampled[np.isfinite(resampled)]
    if kept.size == 0 or not np.isfinite(value[0]):
        return dict.fromkeys(names, NAN) | {
            "value": float(value[0]),
            "undefined": float(np.mean(~np.isfinite(resampled))),
        }
    low, high = np.quantile(kept, [0.5 - confidence / 2, 0.5 + confidence / 2])
    sound = np.isfinite(resampled) & (errors > 0)
    t = np.abs(resampled[sound] - value[0]) / errors[sound]
    half_width = float(np.quantile(t, confidence) * error[0]) if t.size else NAN
    observed = abs(value[0]) / error[0] if error[0] > 0 else NAN
    return {
        "value": float(value[0]),
        "se": float(kept.std(ddof=1)) if kept.size > 1 else NAN,
        "low": float(low),
        "high": float(high),
        "t_low": float(value[0] - half_width),
        "t_high": float(value[0] + half_width),
        "p": float(permutation_p(observed, t)),
        "undefined": float(np.mean(~np.isfinite(resampled))),
    }


def _scans_by_session(animals, sessions) -> np.ndarray:
    """Rows of the scans, shape (n_animals, most sessions, most scans), filled up with −1."""
    nested = []
    for animal in np.unique(animals):
        scans = np.flatnonzero(animals == animal)
        nested.append([scans[sessions[scans] == session] for session in np.unique(sessions[scans])])
    n_sessions = max((len(x) for x in nested), default=0)
    table = np.full((len(nested), n_sessions, max((len(y) for x in nested for y in x), default=0)), -1)
    for a, of_animal in enumerate(nested):
        for s, rows in enumerate(of_animal):
            table[a, s, : len(rows)] = rows
    return table


def _whole(table):
    return table.reshape(len(table), -1)


def _resample(table, n: int, rng, levels: str) -> np.ndarray:
    """Rows of `n` resamples by drawn animal, shape (n, n_animals, n_rows), filled up with −1."""
    n_animals, n_sessions, n_scans = table.shape
    animal = rng.integers(n_animals, size=(n, n_animals))
    if levels == "animals":
        return _whole(table)[animal]
    if levels != "all":
        raise ValueError(f"levels is {levels!r}; choose all or animals")
    scans_in = (table >= 0).sum(axis=2)
    sessions_in = (scans_in > 0).sum(axis=1)[animal][:, :, None]
    session = rng.integers(sessions_in, size=(n, n_animals, n_sessions))
    count = scans_in[animal[:, :, None], session][..., None]
    scan = rng.integers(count, size=(n, n_animals, n_sessions, n_scans))
    rows = table[animal[:, :, None, None], session[..., None], scan]
    there = (np.arange(n_scans) < count) & (np.arange(n_sessions) < sessions_in)[..., None]
    return np.where(there, rows, -1).reshape(n, n_animals, -1)


def _with_error(values, rows, statistic) -> np.ndarray:
    """Statistic of each resample and its delete-one-animal standard error, shape (2, n)."""
    present = rows >= 0
    if statistic is np.mean and values.ndim == 1:
        total, count = np.where(present, values[rows], 0).sum(axis=2), present.sum(axis=2)
        all_total, all_count = total.sum(axis=1), count.sum(axis=1)
        deleted = (all_total[:, None] - total) / (all_count[:, None] - count)
        return np.array([all_total / all_count, jackknife_se(deleted)])
    value_and_error = np.empty((2, len(rows)))
    for k, (row, there) in enumerate(zip(rows, present, strict=True)):
        value_and_error[0, k] = statistic(values[row[there]])
        others = ~np.eye(len(row), dtype=bool)
        value_and_error[1, k] = jackknife_se(np.array([statistic(values[row[o][there[o]]]) for o in others]))
    return value_and_error
