"""One template for all volumes, made and subtracted block by block: what a long recording of many channels needs.

Two passes over a channel: one adds its acquisitions up to templates, the other regresses those out. Both are products
of matrices, because a shift by a fraction f of a sample has few degrees of freedom: with p = 2f − 1 in [−1, 1] and
Tₖ Chebyshev's polynomials,

    exp(iωf) = exp(iω/2) Σₖ (2 − δₖ₀) iᵏ Jₖ(ω/2) Tₖ(p)        (Jacobi & Anger)

in which the terms from k = 10 on sum to less than 6e-8 at half the sampling rate, the rounding of float32, and to less
still below it. The mean of acquisitions xₙ, each moved by its fraction, is therefore that of ten sums Σₙ Tₖ(pₙ) xₙ, and
the template at any fraction is a sum of ten waveforms Cₖ with weights Tₖ(p); its derivative, with weights −2 Tₖ′(p).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import fft, signal, special

from .template import PADDING, STANDS_OUT

TERMS = 10
TINY = np.finfo(float).tiny
BLOCK_BYTES = 48 * 2**20  # of all channels' samples that are held at once; two such blocks are
CHANNEL_SAMPLES = 2**20  # of one channel that are worked on at once, at most


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


@dataclass(frozen=True)
class SliceGroup:
    """Slice positions of a volume that share a template.

    Attributes
    ----------
    columns : ndarray of int
        Which acquisitions of a volume.
    length : int
        Samples of the longest of them.
    """

    columns: np.ndarray
    length: int
    n_fft: int = field(init=False)
    fade: np.ndarray = field(init=False)
    terms: np.ndarray = field(init=False)

    def __post_init__(self):
        width = self.length + 2 * PADDING
        n_fft = fft.next_fast_len(width, real=True)
        for name, value in (("n_fft", n_fft), ("fade", _fade(width)), ("terms", _terms(n_fft))):
            object.__setattr__(self, name, value)


@lru_cache(maxsize=4)
def _fade(width: int) -> np.ndarray:
    return signal.windows.tukey(width, 2 * PADDING / width).astype(np.float32)


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
        values, slopes = polynomials(onsets - self.whole)
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


class BlockwiseSubtraction:
    """The templates of one channel: `add` all blocks, `finish`, then `clean` them.

    Parameters
    ----------
    plan : BlockPlan
    """

    def __init__(self, plan: BlockPlan):
        self.plan = plan
        self._sums = [np.zeros((TERMS, g.length + 2 * PADDING)) for g in plan.groups]
        self._energies = np.zeros(len(plan.groups))

    def add(self, samples, first: int, volumes: tuple[int, int]) -> None:
        """Enter some volumes into the templates.

        Parameters
        ----------
        samples : ndarray of float32
            A part of the recording that holds these volumes, with `plan.margin` samples before and after; zeros where
            there are none.
        first : int
            Where in the recording it begins; may be below zero.
        volumes : (int, int)
            The first, and the one after the last.
        """
        plan, v = self.plan, slice(*volumes)
        for i, group in enumerate(plan.groups):
            begins = plan.whole[v, group.columns].ravel() - PADDING - first
            rows = sliding_windows(samples, group.length + 2 * PADDING)[begins]
            rows *= group.fade
            weights = plan.values32[v, group.columns].reshape(-1, TERMS)
            self._sums[i] += weights.T @ rows
            self._energies[i] += float(rows.ravel() @ rows.ravel())

    def finish(self, offset: float = 0.0) -> int:
        """Make the templates of what was added, less a constant; returns how many hold no artefact."""
        plan, self.templates = self.plan, []
        for i, group in enumerate(plan.groups):
            n = plan.whole.shape[0] * group.columns.size
            summed_weights = plan.values[:, group.columns].sum(axis=(0, 1))
            fade = group.fade.astype(float)
            energy = self._energies[i] - 2 * offset * (self._sums[i][0] @ fade) + n * offset**2 * (fade @ fade)
            sums = self._sums[i] - offset * np.multiply.outer(summed_weights, fade)
            mean = np.einsum("kf,kf->f", fft.rfft(sums, group.n_fft, axis=1), group.terms) / n
            template_energy = float(np.square(fft.irfft(mean, group.n_fft)).sum())
            stands_out = template_energy >= STANDS_OUT * (energy / n - template_energy) / n
            lengths = plan.lengths[:, group.columns]
            self.templates.append(_Waveforms(mean, group, lengths) if stands_out else None)
        del self._sums
        return self.templates.count(None)

    def clean(self, samples, first: int, volumes: tuple[int, int], fits, align: bool = True) -> dict:
        """Regress the templates out of some volumes.

        Parameters
        ----------
        samples, first, volumes
            As for `add`, without the constant.
        fits, align
            As for `artefact.remove_gradient_by`.

        Returns
        -------
        cleaned : dict of fit to ndarray of float32
            The samples of these volumes, from the first one's onset to the last one's end.
        """
        v, fits = slice(*volumes), tuple(fits)
        parts = list(self._parts(samples, first, v, fits))
        begin, end = int(self.plan.whole[v][0, 0]), int(self.plan.stop[v][-1, -1])
        cleaned = {}
        for i, fit in enumerate(fits):
            weights = _fit_weights(*_stacked(parts, i), align=align) if parts else np.zeros((0, 0))
            cleaned[fit], at = samples[begin - first : end - first].copy(), 0
            for p in parts:
                rest = weights[at : at + len(p.rows)] @ p.shapes
                np.subtract(p.rows, rest, out=rest)
                sliding_windows(cleaned[fit], rest.shape[1])[p.begins - begin] = rest
                at += len(p.rows)
        return cleaned

    def _parts(self, samples, first, v: slice, fits):
        """Acquisitions of one template and as many samples, and their products with its waveforms."""
        plan = self.plan
        for group, template in zip(plan.groups, self.templates, strict=True):
            if template is None:
                continue
            begins, lengths = (x[v, group.columns].ravel() for x in (plan.whole, plan.lengths))
            values, slopes = (x[v, group.columns].reshape(-1, TERMS) for x in (plan.values, plan.slopes))
            for n in template.lengths:
                which = np.flatnonzero(lengths == n)
                if not which.size:
                    continue
                rows = sliding_windows(samples, n)[begins[which] - first]
                products = template.products(rows, n, fits)
                grams = [template.gram(n, fit) for fit in fits]
                terms = [(seen, values[which], slopes[which], values[which] @ gram, slopes[which] @ gram)
                         for seen, gram in zip(products, grams, strict=True)]  # fmt: skip
                yield _Part(begins[which], rows, template.shapes[:, :n], terms)


@dataclass(frozen=True)
class _Part:
    begins: np.ndarray
    rows: np.ndarray
    shapes: np.ndarray
    terms: list  # for each fit


def _stacked(parts: list[_Part], fit: int) -> list:
    """The terms of one fit, of all acquisitions."""
    return [np.concatenate(arrays) for arrays in zip(*(part.terms[fit] for part in parts), strict=True)]


def _fit_weights(seen, values, slopes, gram_values, gram_slopes, *, align) -> np.ndarray:
    """Weights of the waveforms in the least-squares fit of template and derivative to each row, (n_rows, TERMS).

    Parameters
    ----------
    seen : ndarray, shape (n_rows, TERMS)
        Products of the row and the waveforms.
    values, slopes : ndarray, shape (n_rows, TERMS)
        Weights of the waveforms in template and derivative.
    gram_values, gram_slopes : ndarray, shape (n_rows, TERMS)
        The same times the products of the waveforms with each other.
    """
    power = np.maximum((gram_values * values).sum(axis=1), TINY)
    beta = (seen * values).sum(axis=1) / power
    if align:
        overlap = (gram_values * slopes).sum(axis=1) / power
        unique, gram_unique = slopes - overlap[:, None] * values, gram_slopes - overlap[:, None] * gram_values
        gamma = (seen * unique).sum(axis=1) / np.maximum((gram_unique * unique).sum(axis=1), TINY)
        return (beta[:, None] * values + gamma[:, None] * unique).astype(np.float32)
    return (beta[:, None] * values).astype(np.float32)


class _Waveforms:
    """A template as waveforms whose weights depend on the fraction of a sample at which an acquisition began."""

    def __init__(self, mean, group: SliceGroup, lengths):
        shapes = fft.irfft(mean * np.conj(group.terms), group.n_fft, axis=1)
        self.shapes = shapes[:, PADDING : PADDING + group.length].astype(np.float32)
        steps = np.diff(self.shapes.astype(float), axis=1)
        # Σ Δx Δt = Σ x t′ with t′ the differences of Δt, which begin and end with zero.
        adjoint = -np.diff(steps, axis=1, prepend=0, append=0).astype(np.float32)
        self._columns = {"samples": np.ascontiguousarray(self.shapes.T), "differences": np.ascontiguousarray(adjoint.T)}
        self.lengths = [int(n) for n in np.unique(lengths)]
        self._next_steps = {n: steps[:, n - 1] for n in self.lengths if n < group.length}
        whole = self.shapes.astype(float)
        self._grams = {}
        for n in self.lengths:
            self._grams[n, "samples"] = whole[:, :n] @ whole[:, :n].T
            self._grams[n, "differences"] = steps[:, : n - 1] @ steps[:, : n - 1].T

    def products(self, rows, n: int, fits) -> list:
        """Products of rows of n samples, or of their differences, with the waveforms, shape (n_rows, TERMS) each."""
        products = [(rows @ self._columns[fit][:n]).astype(float) for fit in fits]
        if "differences" in fits and n in self._next_steps:  # the step from the last sample to a zero after it
            products[fits.index("differences")] += np.multiply.outer(rows[:, -1].astype(float), self._next_steps[n])
        return products

    def gram(self, n: int, fit: str) -> np.ndarray:
        """Products of the first n samples of the waveforms, or of their differences."""
        return self._grams[n, fit]
