"""Cubic B-splines on a uniform grid: continuous functions of time, for sample clocks of any rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage


@dataclass(frozen=True)
class UniformSpline:
    """Functions of time that pass through values on a uniform grid.

    Attributes
    ----------
    coefs : ndarray of float32, shape (n_grid + 3, n_signals)
        B-spline coefficients, padded by one before and two after.
    start_s : float
        Time of the first grid point.
    rate_hz : float
        Grid points per second.
    period : int or None
        Grid points in one period, for periodic functions.
    """

    coefs: np.ndarray
    start_s: float
    rate_hz: float
    period: int | None = None

    @classmethod
    def through(cls, values: np.ndarray, start_s: float, rate_hz: float, periodic: bool = False) -> UniformSpline:
        """Spline through `values`, shape (n_grid, n_signals)."""
        mode = "grid-wrap" if periodic else "mirror"
        coefs = np.empty((len(values) + 3, values.shape[1]), np.float32)
        coefs[1:-2] = ndimage.spline_filter1d(values, order=3, axis=0, mode=mode, output=np.float32)
        before, after = (len(values) - 1, [0, 1]) if periodic else (1, [len(values) - 2, len(values) - 3])
        coefs[0] = coefs[1 + before]
        coefs[-2:] = coefs[1 + np.asarray(after)]
        return cls(coefs, start_s, rate_hz, len(values) if periodic else None)

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        """Values at `times_s`, shape (n_times,); returns float32 (n_times, n_signals).

        Times outside the grid of a function that is not periodic are not allowed.
        """
        position = (np.asarray(times_s, float) - self.start_s) * self.rate_hz
        if self.period:
            position %= self.period
        left = np.floor(position)
        u = (position - left).astype(np.float32)[:, None]
        left = left.astype(np.intp)
        if self.period:
            left %= self.period  # floor(position) can equal the period after rounding
        elif len(left) and (left.min() < 0 or left.max() > len(self.coefs) - 4):
            raise ValueError("spline evaluated outside its grid")
        v = 1 - u
        sixth = np.float32(1 / 6)
        out = self.coefs.take(left, axis=0)
        out *= v * v * v * sixth
        out += self.coefs.take(left + 1, axis=0) * ((3 * u - 6) * u * u * sixth + np.float32(2 / 3))
        out += self.coefs.take(left + 2, axis=0) * ((3 * v - 6) * v * v * sixth + np.float32(2 / 3))
        left += 3
        out += self.coefs.take(left, axis=0) * (u * u * u * sixth)
        return out
