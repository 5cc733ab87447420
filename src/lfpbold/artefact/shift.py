"""A shift by a fraction of a sample as a sum of few polynomials of that fraction; see `removal`."""

from __future__ import annotations

import numpy as np
from scipy import special

TERMS = 10


def polynomials(fraction) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the waveforms Cₖ in a template and in its derivative per sample, shapes (..., TERMS)."""
    p = 2 * np.asarray(fraction, dtype=float) - 1
    values, slopes = [np.ones_like(p), p], [np.zeros_like(p), np.ones_like(p)]
    for _ in range(TERMS - 2):
        values.append(2 * p * values[-1] - values[-2])
        slopes.append(2 * values[-2] + 2 * p * slopes[-1] - slopes[-2])
    return np.stack(values, axis=-1), -2 * np.stack(slopes, axis=-1)


def shift_terms(omega) -> np.ndarray:
    """What each polynomial is multiplied by in exp(iωf), shape (TERMS, n_frequencies)."""
    k = np.arange(TERMS)[:, None]
    return np.exp(0.5j * omega) * np.where(k == 0, 1, 2) * 1j**k * special.jv(k, np.asarray(omega) / 2)
