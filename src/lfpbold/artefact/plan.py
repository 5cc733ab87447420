"""Where the acquisitions of a recording lie, which share a template, and in which blocks of samples they are."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import fft, signal

from .template import PADDING
from .waveforms import TERMS, polynomials, shift_terms

BLOCK_BYTES = 48 * 2**20  # of all channels' samples that are held at once; two such blocks are
CHANNEL_SAMPLES = 2**20  # of one channel that are worked on at once, at most
TRENDS = 3  # polynomials of degree 0, 1 and 2 that are no artefact in an acquisition


@dataclass(frozen=True)
class SliceGroup:
    """Slice positions of a volume that share a template.

    Attributes
    ----------
    columns : ndarray of int
        Which acquisitions of a volume.
    length : int
        Samples of the longest of them.
    n_fft : int
        Samples of its spectra.
    fade : ndarray of float32, shape (length + 2 PADDING,)
        Weights of an acquisition and what is before and after it.
    trends : ndarray of float32, shape (length + 2 PADDING, TRENDS)
        Slow polynomials times `fade`, orthogonal and of unit length.
    """

    columns: np.ndarray
    length: int
    n_fft: int = field(init=False)
    fade: np.ndarray = field(init=False)
    trends: np.ndarray = field(init=False)

    def __post_init__(self):
        width = self.length + 2 * PADDING
        n_fft = fft.next_fast_len(width, real=True)
        for name, value in (("n_fft", n_fft), ("fade", _fade(width)), ("trends", _trends(width))):
            object.__setattr__(self, name, value)

    @property
    def terms(self) -> np.ndarray:
        """`shift_terms` at the frequencies of the spectra."""
        return _terms(self.n_fft)


@lru_cache(maxsize=4)
def _fade(width: int) -> np.ndarray:
    return signal.windows.tukey(width, 2 * PADDING / width).astype(np.float32)


@lru_cache(maxsize=4)
def _trends(width: int) -> np.ndarray:
    powers = np.polynomial.legendre.legvander(np.linspace(-1, 1, width), TRENDS - 1)
    return np.linalg.qr(powers * _fade(width)[:, None].astype(float))[0].astype(np.float32)


@lru_cache(maxsize=4)
def _terms(n_fft: int) -> np.ndarray:
    return shift_terms(2 * np.pi * np.arange(n_fft // 2 + 1) / n_fft)


class BlockPlan:
    """Where the acquisitions of a recording lie, and in which blocks of samples; the same for all its channels.

    Parameters
    ----------
    onsets, ends : array of float, shape (n_volumes, n_acquisitions)
        Where each acquisition begins and the next one does, in samples.
    size : int
        Samples of the recording.
    template : {"per_slice", "pooled"}
    """

    def __init__(self, onsets, ends, size: int, template: str = "per_slice"):
        self.size = size
        self.whole = np.floor(onsets).astype(int)
        self.stop = np.minimum(np.floor(ends).astype(int), size)
        self.lengths = self.stop - self.whole
        self.n_terms = TERMS
        values, slopes = polynomials(onsets - self.whole, self.n_terms)
        self.values, self.slopes = values, slopes
        self.values32 = values.astype(np.float32)
        columns = np.arange(self.whole.shape[1])
        columns_of_groups = [columns] if template == "pooled" else list(columns[:, None])
        self.groups = [SliceGroup(c, int(self.lengths[:, c].max())) for c in columns_of_groups]
        self.widest = max(group.length for group in self.groups)

    @property
    def margin(self) -> int:
        """Samples before and after a block that its acquisitions reach into."""
        return PADDING + 2 + self.widest - int(self.lengths.min())

    def blocks(self, n_channels: int) -> list[tuple[int, int, int, int]]:
        """First sample, the one after the last, first volume and the one after the last, of consecutive blocks.

        Volumes are never divided; before and after the scan there are blocks without any.
        """
        n_volumes = len(self.whole)
        most = max(1, min(BLOCK_BYTES // (4 * n_channels), CHANNEL_SAMPLES))
        begin, end = int(self.whole[0, 0]), int(self.stop[-1, -1])
        per_block = max(1, min(n_volumes, int(most * n_volumes / max(end - begin, 1))))
        blocks = [(a, b, 0, 0) for a, b in pieces(0, begin, most)]
        for v in range(0, n_volumes, per_block):
            to = min(v + per_block, n_volumes)
            blocks.append((int(self.whole[v, 0]), int(self.whole[to, 0]) if to < n_volumes else end, v, to))
        return blocks + [(a, b, 0, 0) for a, b in pieces(end, self.size, most)]


def pieces(begin: int, end: int, most: int) -> list[tuple[int, int]]:
    """Consecutive parts of a range, none longer than `most`."""
    edges = [*range(begin, end, most), end]
    return list(itertools.pairwise(edges))


def sliding_windows(x, length: int) -> np.ndarray:
    """All parts of so many samples, as a view of the array, shape (n, length)."""
    return np.ndarray((len(x) - length + 1, length), x.dtype, x, 0, x.strides * 2)  # as_strided takes ten times as long
