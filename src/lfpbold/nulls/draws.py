"""Surrogates of many regressors with the same draws, and what a projector leaves of them."""

from __future__ import annotations

import numpy as np
from scipy import signal

from .surrogates import circular_shifts, each_in_coordinates, phase_randomised


def norm_of(coordinates, basis) -> np.ndarray:
    """Norm of series without their mean, from their coordinates; NaN where nothing is left."""
    power = np.einsum("ij,ij->j", coordinates, coordinates)
    power -= len(basis) * (basis.mean(axis=0) @ coordinates) ** 2
    return np.sqrt(np.where(power > 0, power, np.nan))


def projected_surrogates(raw, kept, n, rng, how, shortest, basis):
    """Surrogates of each raw column, (n_kept, n), put through the projector; parameters as in `nulls.temporal_null`."""
    for drawn in surrogate_coordinates(raw, kept, n, rng, how, shortest, basis):
        yield basis @ drawn


def surrogate_coordinates(raw, kept, n, rng, how, shortest, basis):
    """The same in coordinates of the projector's basis, (n_functions, n): all that it leaves of them."""
    if how == "shift":
        for drawn in level_surrogates(raw, n, rng, how, shortest):
            yield basis.T @ (drawn if kept is None else drawn[kept])
        return
    level, usable, key = _level(raw, rng)
    whole = np.zeros((len(level), basis.shape[1]))
    whole[slice(None) if kept is None else kept] = basis
    each = each_in_coordinates(level, n, np.random.default_rng(key), whole)
    for drawn, known in zip(each, usable, strict=True):
        yield drawn if known else drawn * np.nan


def _level(raw, rng):
    """Columns without their trend, zero where they are not finite; which are finite; what starts their draws."""
    raw, key = np.asarray(raw, dtype=float), rng.integers(2**63)
    usable = np.isfinite(raw).all(axis=0)
    return signal.detrend(np.where(usable, raw, 0), axis=0), usable, key  # a trend leaks into all frequencies


def level_surrogates(raw, n, rng, how, shortest):
    """Surrogates of each column without its trend, (n_samples, n); the same phases or shifts for all columns."""
    level, usable, key = _level(raw, rng)
    for column, known in zip(level.T, usable, strict=True):
        drawn = surrogates_of(column, n, np.random.default_rng(key), how, shortest)
        yield drawn if known else drawn * np.nan


def surrogates_of(seed, n, rng, how, shortest, basis=None):
    """Surrogates of one series, (n_samples, n), by random phases or shifts."""
    if how == "phase":
        return phase_randomised(seed, n, rng, basis)
    if how == "shift":
        drawn = circular_shifts(seed, n, rng, min(shortest, len(seed) // 4))
        # Where the end meets the beginning a shifted series has a jump, which the projector would not have left.
        return drawn if basis is None else basis @ (basis.T @ drawn)
    raise ValueError(f"how is {how!r}; choose phase or shift")
