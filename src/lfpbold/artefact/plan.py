"""Where the acquisitions of a recording lie, which share a template, and in which blocks of samples they are."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import fft

from ..errors import InputError
from .folded import MOST_IMAGES
from .template import PADDING, fade_of
from .waveforms import TERMS, TERMS_WITH_IMAGES, polynomials, shift_terms

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
    n_terms : int
        Waveforms of its template.
    fade : ndarray of float32, shape (length + 2 PADDING,)
        Weights of an acquisition and what is before and after it (`template.fade_of`).
    trends : ndarray of float32, shape (length + 2 PADDING, TRENDS)
        Slow polynomials times `fade`, orthogonal and of unit length.
    trend_slopes : ndarray of float32
        Their differences from sample to sample.
    """

    columns: np.ndarray
    length: int
    n_fft: int
    n_terms: int = TERMS
    fade: np.ndarray = field(init=False)
    trends: np.ndarray = field(init=False)
    trend_slopes: np.ndarray = field(init=False)

    def __post_init__(self):
        width = self.length + 2 * PADDING
        object.__setattr__(self, "fade", fade_of(width))
        object.__setattr__(self, "trends", _trends(width))
        object.__setattr__(self, "trend_slopes", np.gradient(self.trends, axis=0))

    def terms(self, image: int = 0) -> np.ndarray:
        """`shift_terms` at the frequencies of the spectra, or of an image of them."""
        return _terms(self.n_fft, self.n_terms, image)


@lru_cache(maxsize=4)
def _trends(width: int) -> np.ndarray:
    powers = np.polynomial.legendre.legvander(np.linspace(-1, 1, width), TRENDS - 1)
    return np.linalg.qr(powers * fade_of(width)[:, None].astype(float))[0].astype(np.float32)


@lru_cache(maxsize=2 * MOST_IMAGES + 2)
def _terms(n_fft: int, n_terms: int, image: int) -> np.ndarray:
    terms = shift_terms(2 * np.pi * (np.arange(n_fft // 2 + 1) / n_fft + image), n_terms)
    return terms if n_terms == TERMS else terms.astype(np.complex64)


class BlockPlan:
    """Where the acquisitions of a recording lie, and in which blocks of samples; the same for all its channels.

    Parameters
    ----------
    onsets, ends : array of float, shape (n_volumes, n_acquisitions)
        Where each acquisition begins and the next one does, in samples.
    size : int
        Samples of the recording.
    template : {"per_slice", "pooled"}
    images : int
        On either side, of an artefact that folds back.
    """

    def __init__(self, onsets, ends, size: int, template: str = "per_slice", images: int = 0):
        self.size, self.images, self.n_terms = size, images, TERMS_WITH_IMAGES[images]
        self.onsets = onsets
        self.whole = np.floor(onsets).astype(int)
        self.stop = np.minimum(np.floor(ends).astype(int), size)
        self.lengths = self.stop - self.whole
        self.fractions = onsets - self.whole
        values, slopes = polynomials(self.fractions, self.n_terms)
        self.values, self.slopes = values, slopes
        self.values32 = values.astype(np.float32)
        columns = np.arange(self.whole.shape[1])
        columns_of_groups = [columns] if template == "pooled" else list(columns[:, None])
        self.widest = int(self.lengths.max())
        n_fft = fft.next_fast_len(self.widest + 2 * PADDING, real=True)
        self.groups = [SliceGroup(c, int(self.lengths[:, c].max()), n_fft, self.n_terms) for c in columns_of_groups]

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


def plan_blocks(size: int, onsets, template: str, images: int = 0) -> BlockPlan:
    """The blocks of a recording of so many samples; errors as for `acquisition_ends`."""
    onsets = np.asarray(onsets, dtype=float)
    return BlockPlan(onsets, acquisition_ends(size, onsets), size, template, images)


def acquisition_ends(size: int, onsets) -> np.ndarray:
    """Where each acquisition ends, in samples: where the next one begins.

    Raises
    ------
    InputError
        When the recording ends before the last acquisition or fewer than two volumes are given.
    """
    if len(onsets) < 2:
        raise InputError("the artefact template needs at least two volumes; set artefact.template to none")
    ends = np.concatenate([onsets.ravel()[1:], [onsets[-1, -1] + last_length(onsets)]]).reshape(onsets.shape)
    if ends[-1, -1] > size + 1:
        raise InputError(
            "the LFP ends before the last volume does; check scan_start_s, the triggers and the number of volumes"
        )
    return ends


def last_length(onsets) -> float:
    """Length of a volume's last acquisition: to the start of the next volume."""
    return float(np.median(np.diff(onsets[:, 0])) - (onsets[0, -1] - onsets[0, 0]))


def pieces(begin: int, end: int, most: int) -> list[tuple[int, int]]:
    """Consecutive parts of a range, none longer than `most`."""
    edges = [*range(begin, end, most), end]
    return list(itertools.pairwise(edges))


def sliding_windows(x, length: int) -> np.ndarray:
    """All parts of so many samples, as a view of the array, shape (n, length)."""
    return np.ndarray((len(x) - length + 1, length), x.dtype, x, 0, x.strides * 2)  # as_strided takes ten times as long
