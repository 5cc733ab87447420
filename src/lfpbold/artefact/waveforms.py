"""A template that is looked up wherever between two samples an acquisition began, as a sum of a few waveforms.

A shift by a fraction f of a sample has few degrees of freedom: with p = 2f − 1 in [−1, 1] and Tₖ Chebyshev's
polynomials,

    exp(iωf) = exp(iω/2) Σₖ (2 − δₖ₀) iᵏ Jₖ(ω/2) Tₖ(p)        (Jacobi & Anger)

in which the terms from k = 10 on sum to less than 6e-8 at half the sampling rate, the rounding of float32, and to less
still below it. The mean of acquisitions xₙ, each moved by its fraction, is therefore that of ten sums Σₙ Tₖ(pₙ) xₙ, and
the template at any fraction is a sum of ten waveforms Cₖ with weights Tₖ(p); its derivative, with weights −2 Tₖ′(p).
Images of what lies above half the rate (`folded`) have exp(i(ω + 2πm)f) in place of exp(iωf), and need more terms.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from .template import PADDING

TERMS = 10
TERMS_WITH_IMAGES = (TERMS, 16, 21, 26, 30, 34, 38)  # with so many on either side, to 1e-7
TINY = np.finfo(float).tiny


def polynomials(fraction, n_terms: int = TERMS) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the waveforms Cₖ in a template and in its derivative per sample, shapes (..., n_terms)."""
    p = 2 * np.asarray(fraction, dtype=float) - 1
    values, slopes = [np.ones_like(p), p], [np.zeros_like(p), np.ones_like(p)]
    for _ in range(n_terms - 2):
        values.append(2 * p * values[-1] - values[-2])
        slopes.append(2 * values[-2] + 2 * p * slopes[-1] - slopes[-2])
    return np.stack(values, axis=-1), -2 * np.stack(slopes, axis=-1)


def shift_terms(omega, n_terms: int = TERMS) -> np.ndarray:
    """What each polynomial is multiplied by in exp(iωf), shape (n_terms, n_frequencies).

    By a cosine transform of values at Chebyshev's nodes, which is Bessel's functions to rounding, and quicker.
    """
    n, k = n_terms + 16, np.arange(n_terms)[:, None]
    angles = np.pi * (np.arange(n) + 0.5) / n
    transform = np.cos(k * angles) * np.where(k == 0, 1, 2) / n
    return transform @ np.exp(np.multiply.outer((0.5j + 0.5j * np.cos(angles)), omega))


class Waveforms:
    """A template as waveforms whose weights depend on the fraction of a sample at which an acquisition began.

    Parameters
    ----------
    spectra : ndarray of complex, shape (n_terms, n_frequencies)
        Of the waveforms.
    n_fft, length : int
        Samples that the spectra are of, `PADDING` of them before the acquisition; of the longest acquisition.
    lengths : array of int
        Samples of all acquisitions.
    """

    def __init__(self, spectra, n_fft: int, length: int, lengths):
        shapes = fft.irfft(spectra, n_fft, axis=1)
        self.shapes = shapes[:, PADDING : PADDING + length].astype(np.float32)
        self.lengths = [int(n) for n in np.unique(lengths)]
        whole = self.shapes.astype(float)
        steps = np.diff(whole, axis=1)
        # Σ Δx Δt = Σ x t′ with t′ the differences of Δt, which begin and end with zero.
        adjoint = np.ascontiguousarray(-np.diff(steps, axis=1, prepend=0, append=0).T.astype(np.float32))
        self._next_steps = {n: steps[:, n - 1] for n in self.lengths if n < length}
        self._columns, self._grams = {}, {}
        for n in self.lengths:
            # An acquisition's own baseline is no artefact: products with shapes of zero mean do not see it.
            centred = whole[:, :n] - whole[:, :n].mean(axis=1, keepdims=True)
            self._columns[n, "samples"] = np.ascontiguousarray(centred.T.astype(np.float32))
            self._grams[n, "samples"] = centred @ centred.T
            self._columns[n, "differences"] = adjoint[:n]
            self._grams[n, "differences"] = steps[:, : n - 1] @ steps[:, : n - 1].T

    def products(self, rows, n: int, fits) -> list:
        """Products of rows of n samples, or of their differences, with the waveforms, shape (n_rows, n_terms) each."""
        products = [(rows @ self._columns[n, fit]).astype(float) for fit in fits]
        if "differences" in fits and n in self._next_steps:  # the step from the last sample to a zero after it
            products[fits.index("differences")] += np.multiply.outer(rows[:, -1].astype(float), self._next_steps[n])
        return products

    def gram(self, n: int, fit: str) -> np.ndarray:
        """Products of the first n samples of the waveforms, or of their differences."""
        return self._grams[n, fit]


def fit_weights(seen, values, slopes, gram_values, gram_slopes, *, align) -> np.ndarray:
    """Weights of the waveforms in the least-squares fit of template and derivative to each row, (n_rows, n_terms).

    Parameters
    ----------
    seen : ndarray, shape (n_rows, n_terms)
        Products of the row and the waveforms.
    values, slopes : ndarray, shape (n_rows, n_terms)
        Weights of the waveforms in template and derivative.
    gram_values, gram_slopes : ndarray, shape (n_rows, n_terms)
        The same times the products of the waveforms with each other.
    align : bool
        Fit the derivative too.
    """
    power = np.maximum((gram_values * values).sum(axis=1), TINY)
    beta = (seen * values).sum(axis=1) / power
    if align:
        overlap = (gram_values * slopes).sum(axis=1) / power
        unique, gram_unique = slopes - overlap[:, None] * values, gram_slopes - overlap[:, None] * gram_values
        gamma = (seen * unique).sum(axis=1) / np.maximum((gram_unique * unique).sum(axis=1), TINY)
        return (beta[:, None] * values + gamma[:, None] * unique).astype(np.float32)
    return (beta[:, None] * values).astype(np.float32)
