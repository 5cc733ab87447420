"""Principal components of what a template leaves: an artefact that changes its shape from volume to volume.

Optimal basis sets after Niazy, Beckmann, Iannetti, Brady & Smith, NeuroImage 2005;28:720-737. The components are
made of the residue above a frequency and removed from that alone, so that LFP below it is neither in them nor removed
by them.
"""

from __future__ import annotations

import numpy as np
from scipy import fft, linalg, ndimage

from .template import PADDING, Acquisitions, padded, shift_factors

MOST_ROWS = 2000  # acquisitions that components are made of, evenly chosen where there are more


def remove_components(cleaned, groups: list[Acquisitions], n_components: int, above: float) -> np.ndarray:
    """Regress the first principal components of the residue out of each acquisition.

    Parameters
    ----------
    cleaned : ndarray of float32, shape (n_samples,)
        A channel after template removal.
    groups : list of Acquisitions
        Those that share components, as they shared a template.
    n_components : int
    above : float
        Frequency above which components are made and removed, in cycles per sample.

    Returns
    -------
    cleaner : ndarray of float32, shape (n_samples,)

    Notes
    -----
    Of LFP above that frequency each acquisition loses `n_components` degrees of freedom, and those in which LFP is
    strongest first where no artefact is left: use as few as the residue's own variance asks for.
    """
    cleaned = np.asarray(cleaned, dtype=np.float32)
    fast = padded(cleaned)
    _high_pass(cleaned, above, fast[PADDING : PADDING + cleaned.size])
    cleaner = cleaned.copy()
    for group in groups:
        _clean(group, fast, cleaner, n_components)
    return cleaner


def _high_pass(x, above: float, out) -> None:
    """What three running means of one length leave; half of the amplitude passes at `above`. In pieces, for memory."""
    length = max(3, 2 * round(0.415 / above / 2) + 1)
    piece, margin = max(2**20, 8 * length), 2 * length
    for begin in range(0, len(x), piece):
        first = max(0, begin - margin)
        slow = x[first : begin + piece + margin]
        for _ in range(3):
            slow = ndimage.uniform_filter1d(slow, length, mode="nearest")
        here = x[begin : begin + piece]
        out[begin : begin + piece] = here - slow[begin - first :][: len(here)]


def _clean(a: Acquisitions, fast, cleaner, n_components) -> None:
    width = a.length + 2 * PADDING
    n_fft = fft.next_fast_len(width, real=True)
    omega = 2 * np.pi * np.arange(n_fft // 2 + 1) / n_fft
    segments = np.lib.stride_tricks.sliding_window_view(fast, width)

    def aligned(which):
        """Acquisitions as if each had begun at its first sample, shape (n, length)."""
        spectra = fft.rfft(segments[a.whole[which]], n_fft, axis=1) * shift_factors(omega, a.fraction[which])
        return fft.irfft(spectra, n_fft, axis=1)[:, PADDING : PADDING + a.length]

    n = len(a.whole)
    rows = aligned(np.unique(np.linspace(0, n - 1, min(n, MOST_ROWS)).astype(int)))
    shapes = _components(rows, n_components)
    wide = np.zeros((len(shapes), n_fft))
    wide[:, PADDING : PADDING + a.length] = shapes
    spectra = fft.rfft(wide, axis=1)
    for block in a.blocks():
        valid = a.valid(block)
        amplitudes = aligned(block) @ shapes.T
        back = (amplitudes @ spectra) * np.conj(shift_factors(omega, a.fraction[block]))
        fit = fft.irfft(back, n_fft, axis=1)[:, PADDING : PADDING + a.length]
        cleaner[a.where(block)[valid]] -= fit[valid].astype(np.float32)


def _components(rows, n_components) -> np.ndarray:
    """First right singular vectors of rows without their mean, by the smaller of the two Gram matrices."""
    rows = rows - rows.mean(axis=0)
    n_components = min(n_components, *rows.shape)
    wide = rows.shape[1] > rows.shape[0]
    gram = rows @ rows.T if wide else rows.T @ rows
    top = (len(gram) - n_components, len(gram) - 1)
    values, vectors = linalg.eigh(gram.astype(float), subset_by_index=top)
    shapes = (rows.T @ vectors).T if wide else vectors.T
    shapes = shapes[values > 1e-9 * max(values.max(), 1e-30)]
    return shapes / np.linalg.norm(shapes, axis=1, keepdims=True)
