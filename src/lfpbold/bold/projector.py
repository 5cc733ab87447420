"""Filtering done once: band-pass, nuisance and censored volumes as one projector, for BOLD and regressors alike."""

from __future__ import annotations

import numpy as np

from ..errors import InputError

SMALLEST_SHARE = 0.01
"""Of the energy of a band-limited function, how much must lie in volumes that were kept for it to be fitted."""
COLUMNS = 1024  # series at a time, whatever the number of cores
SMALLEST_COSINE = 1e-10
"""Between nuisance and band, below which they are orthogonal but for rounding."""


class Projector:
    """Orthogonal projection onto what the band holds and the nuisance does not, on the volumes that were kept.

    With B the DCT-II functions of the full scan whose frequency k/(2 n TR) lies in the band, N the nuisance, a
    constant and the DCT functions below the band, all on the kept rows, the projector is P = Q Qᵀ, Q an orthonormal
    basis of span(B) ∩ span(N)⊥. Whatever has gone through it is orthogonal to the nuisance, filtered or not: regressing
    and filtering one after the other is not, because each undoes the other (Hallquist et al. 2013, NeuroImage 82:208;
    Lindquist et al. 2019, Hum Brain Mapp 40:2358). Both sides of a correlation must go through the same one.

    Left-out volumes. The functions are those of the whole scan on the rows that are left, so that nothing is
    interpolated and no time is glued together. Gaps let drift into the band; the functions below the band are therefore
    nuisance, which costs one degree of freedom for each left-out volume, at most as many as there are such functions.
    Functions that live almost wholly in a long gap (less than `SMALLEST_SHARE` of their energy outside) are excluded:
    what remains of them is noise at the rims of the gap. Frequencies above the band cannot be told from the band across
    gaps and leak into it as noise.

    Ends. The variance of white noise is 1.9 times the usual in the very first and last volume, where the cosines agree,
    and 1.03 times over the first or last ten (0.01–0.1 Hz, TR 1 s); MATLAB's `filtfilt` leaves 4 over these ten.

    Parameters
    ----------
    n_volumes : int
        Of the full scan.
    tr_s : float
        Interval of the volumes, s.
    band_hz : pair of float or None
        Edges, Hz, both included; None passes all but the mean.
    nuisance : array of float, shape (n_volumes, n_nuisance), optional
        Of the full scan; collinear and constant columns do no harm. Rows of censored volumes may be NaN.
    kept : array of bool, shape (n_volumes,), optional
        Volumes to keep; all by default.

    Attributes
    ----------
    basis : ndarray, shape (n_kept, degrees_of_freedom)
        Q.
    kept : ndarray of bool, shape (n_volumes,)

    Raises
    ------
    InputError
        When shapes do not agree, the band holds no function, or nuisance and left-out volumes leave too little of it.

    Examples
    --------
    >>> rows = np.arange(200)
    >>> inside, outside = np.cos(np.pi * np.outer(rows + 0.5, [10, 100]) / 200).T  # 0.025 and 0.25 Hz
    >>> filtered = Projector(200, 1.0, (0.01, 0.1)).apply(inside + 5 * outside + 3)
    >>> bool(np.allclose(filtered, inside))
    True
    """

    def __init__(self, n_volumes: int, tr_s: float, band_hz, nuisance=None, kept=None):
        self.kept = np.ones(n_volumes, dtype=bool) if kept is None else np.asarray(kept, dtype=bool)
        nuisance = np.empty((n_volumes, 0)) if nuisance is None else np.asarray(nuisance, dtype=float)
        nuisance = nuisance[:, None] if nuisance.ndim == 1 else nuisance
        for what, rows in (("the mask of kept volumes", self.kept), ("the nuisance", nuisance)):
            if len(rows) != n_volumes:
                raise InputError(f"{what} has {len(rows)} rows and the scan {n_volumes} volumes; both must agree")
        inside, below = dct_functions(n_volumes, tr_s, band_hz)
        band = _of_the_band(inside[self.kept])
        unwanted = _orthonormal(np.column_stack([below, nuisance])[self.kept])
        # Left singular vectors beyond the rank are the directions of the band that no nuisance reaches.
        directions, cosines, _ = np.linalg.svd(band.T @ unwanted)
        self.basis = np.ascontiguousarray(band @ directions[:, int((cosines > SMALLEST_COSINE).sum()) :])
        if self.degrees_of_freedom < 3:
            raise InputError(
                f"{self.kept.sum()} volumes leave {self.degrees_of_freedom} degrees of freedom in the band beside "
                f"{unwanted.shape[1]} nuisance functions; relax the scrubbing or drop nuisance regressors"
            )

    @property
    def degrees_of_freedom(self) -> int:
        """Dimension of the space that is left."""
        return self.basis.shape[1]

    def coefficients(self, x) -> np.ndarray:
        """Qᵀ x, shape (degrees_of_freedom, n): all that is left of `x`; their products are those of `apply(x)`."""
        x = np.asarray(x, dtype=float)
        if len(x) != len(self.basis):
            raise InputError(f"the series has {len(x)} volumes and the projector {len(self.basis)} kept ones")
        if x.ndim == 1:
            return self.basis.T @ (x - x.mean())
        coordinates = np.empty((self.degrees_of_freedom, x.shape[1]))
        for start in range(0, x.shape[1], COLUMNS):
            columns = slice(start, start + COLUMNS)
            # Q is orthogonal to the constant already; a large mean would only cost digits.
            coordinates[:, columns] = self.basis.T @ (x[:, columns] - x[:, columns].mean(axis=0))
        return coordinates

    def apply(self, x) -> np.ndarray:
        """Q Qᵀ x, the least-squares fit of `x` by the space.

        Parameters
        ----------
        x : array of float, shape (n_kept,) or (n_kept, n)

        Returns
        -------
        projected : ndarray, same shape
            Mean 0; a column with NaN is NaN.
        """
        return self.basis @ self.coefficients(x)


def dct_functions(n_volumes: int, tr_s: float, band_hz) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal DCT-II functions cos(π k (t + ½)/n), of frequency k/(2 n TR), in a band and below it.

    Parameters
    ----------
    n_volumes : int
    tr_s : float
        Interval of the volumes, s.
    band_hz : pair of float or None
        Edges, Hz, both included; None for all but the constant.

    Returns
    -------
    inside : ndarray, shape (n_volumes, n_inside)
    below : ndarray, shape (n_volumes, n_below)
        The constant first.

    Examples
    --------
    >>> inside, below = dct_functions(1200, 1.0, (0.01, 0.1))
    >>> inside.shape[1], below.shape[1]
    (217, 24)
    """
    order = np.arange(n_volumes)
    frequency = order / (2 * n_volumes * tr_s)
    low, high = (0.0, np.inf) if band_hz is None else band_hz
    if np.isfinite(high) and high >= 0.5 / tr_s:
        raise InputError(
            f"bold.band_pass_hz: {high:g} Hz is not below the Nyquist frequency {0.5 / tr_s:g} Hz of TR {tr_s:g} s"
        )
    # An edge that is a frequency of the grid belongs to the band, whatever rounding says.
    slack = 1e-6 * frequency[1]
    inside = (order > 0) & (frequency >= low - slack) & (frequency <= high + slack)
    if not inside.any():
        raise InputError(
            f"{n_volumes} volumes of {tr_s:g} s resolve no frequency in {low:g}–{high:g} Hz; widen the band"
        )
    below = (order == 0) | (frequency < low - slack)
    return _cosines(n_volumes, order[inside]), _cosines(n_volumes, order[below])


def effective_n(projector: Projector) -> int:
    """Number of independent samples that give r of two projected series its spread.

    In a space of d dimensions that the mean is not part of, r² of independent directions is Beta(½, (d − 1)/2) with
    mean 1/d, as for d + 1 independent samples. Exact for series that are white within the band, on which
    `coupling.p_value(r, effective_n)` then is exact too; a spectrum that slopes within the band leaves fewer
    (`coupling.effective_n` of the projected series).

    Examples
    --------
    >>> effective_n(Projector(1200, 1.0, (0.01, 0.1)))
    218
    """
    return projector.degrees_of_freedom + 1


def _cosines(n: int, order) -> np.ndarray:
    functions = np.cos(np.pi * np.outer(np.arange(n) + 0.5, order) / n) * np.sqrt(2 / n)
    functions[:, order == 0] = 1 / np.sqrt(n)
    return functions


def _of_the_band(functions) -> np.ndarray:
    """Orthonormal basis of band-limited functions on the kept rows."""
    # Eigenvalues are the shares of energy that these rows hold; a threshold of .01 asks no more digits than they have.
    share, turn = np.linalg.eigh(functions.T @ functions)
    return np.linalg.qr(functions @ turn[:, share > SMALLEST_SHARE])[0]


def _orthonormal(columns) -> np.ndarray:
    """Orthonormal basis of the columns, each on the same scale first; the first one is the constant."""
    if not np.isfinite(columns).all():
        raise InputError("the nuisance holds values that are not finite in volumes that are kept; correct or drop them")
    # Without its mean a regressor such as a mean signal of 10 000 keeps its digits; the constant is in the basis.
    centred = columns[:, 1:] - columns[:, 1:].mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    varies = norm > 1e-12 * np.linalg.norm(columns[:, 1:], axis=0)
    u, s, _ = np.linalg.svd(centred[:, varies] / norm[varies], full_matrices=False)
    constant = np.full((len(columns), 1), 1 / np.sqrt(len(columns)))
    return np.column_stack([constant, u[:, s > 1e-10 * s.max(initial=0)]])
