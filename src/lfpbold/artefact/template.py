"""The artefact's template: acquisitions averaged, and looked up wherever between two samples each of them began.

Two ways to know the template between samples. *Band-limited*: the mean of the acquisitions, each moved by its fraction
of a sample in the frequency domain, which is exact where the amplifier's filter left nothing above half the sampling
rate. *Spline*: where gradients reach beyond that and fold back, a moved spectrum is wrong, for what has folded moves
the other way. But the repetition period is not a whole number of samples, so that each volume samples the waveform at
other places, and all of them together sample it much more finely than any one does: a spline with several knots per
sample, fitted to all samples at their places after the onset, knows the waveform beyond half the sampling rate.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft, linalg, signal

PADDING = 64  # samples before and after a slice, over which it fades so that a shift does not wrap round
BLOCK = 2**17  # samples that are worked on at once
STANDS_OUT = 10  # energy of a template over that of averaged LFP, below which it holds no artefact
KNOTS = (2, 4, 8, 16)  # knots per sample that are tried
# Error of the spline over that of the band-limited template, below which the artefact is aliased: of samples, in which
# chance makes one in ten as LFP differs from slice to slice, and of their differences, where it makes one in fifty.
BETTER = np.array([0.9, 0.8])
WORTH = 0.99  # error of twice the knots over that of so many, above which they are not worth the LFP that they take


def padded(lfp) -> np.ndarray:
    """A recording as `Acquisitions` wants it, with room before and after."""
    source = np.zeros(2 * PADDING + 2 + len(lfp), np.float32)
    source[PADDING : PADDING + len(lfp)] = lfp
    return source


@lru_cache(maxsize=4)
def fade_of(width: int) -> np.ndarray:
    """Weights of acquisitions that fade over `PADDING` samples before and after."""
    return signal.windows.tukey(width, 2 * PADDING / width).astype(np.float32)


def faded(rows, fractions) -> np.ndarray:
    """Acquisitions, which change in place, times their weights, moved by as much as each began after its first sample.

    Otherwise what is before and after an acquisition would seem to depend on where between two samples it began.
    """
    fade = fade_of(rows.shape[1])
    slope = np.gradient(fade)
    for flank in (np.s_[: PADDING + 2], np.s_[-PADDING - 2 :]):
        rows[:, flank] *= fade[flank] - np.multiply.outer(fractions.astype(np.float32), slope[flank])
    return rows


class Acquisitions:
    """Slice acquisitions that share a template.

    Attributes
    ----------
    source : ndarray
        The recording with `PADDING` zeros before it and a few more after it.
    whole, stop : ndarray of int, shape (n,)
        First sample of each acquisition, and the one after its last.
    fraction : ndarray of float, shape (n,)
        How much later than its first sample it began.
    volume : ndarray of int, shape (n,)
        Volume that each belongs to, ascending.
    length : int
        Samples of the longest one.
    """

    def __init__(self, source, begins, ends, per_volume: int = 1):
        self.source = source
        self.size = source.size - 2 * PADDING - 2
        self.whole = np.floor(begins).astype(int)
        self.fraction = begins - self.whole
        self.stop = np.minimum(np.floor(ends).astype(int), self.size)
        self.length = int((self.stop - self.whole).max())
        self.volume = np.arange(len(self.whole)) // per_volume
        self.inside = np.arange(self.length)

    def blocks(self):
        size = max(1, min(256, BLOCK // self.length))
        return [slice(i, i + size) for i in range(0, len(self.whole), size)]

    def valid(self, block) -> np.ndarray:
        return self.inside < (self.stop - self.whole)[block, None]

    def where(self, block) -> np.ndarray:
        return np.minimum(self.whole[block, None] + self.inside, self.size - 1)

    def observed(self, block, valid) -> np.ndarray:
        return np.where(valid, self.source[self.where(block) + PADDING], 0)

    def windows(self, average: str, window: int) -> tuple[np.ndarray, np.ndarray]:
        """First volume in each volume's template, and the one after the last: at the ends as many as inside."""
        n = int(self.volume[-1]) + 1
        if average != "sliding":
            return np.zeros(n, int), np.full(n, n)
        window = min(window, n)
        first = np.clip(np.arange(n) - window // 2, 0, n - window)
        return first, first + window


class BandLimited:
    """Mean of the acquisitions, each moved by its fraction of a sample in the frequency domain.

    Parameters
    ----------
    acquisitions : Acquisitions
    average : {"all", "sliding", "leave_one_out"}
        Of all volumes; of the `window` volumes around each; of all but its own.
    """

    def __init__(self, acquisitions: Acquisitions, average: str = "all", window: int = 25):
        self.a = a = acquisitions
        self.n_fft = fft.next_fast_len(a.length + 2 * PADDING, real=True)
        self.omega = 2 * np.pi * np.arange(self.n_fft // 2 + 1) / self.n_fft
        width = a.length + 2 * PADDING
        self.fade = signal.windows.tukey(width, 2 * PADDING / width).astype(np.float32)
        self.segments = np.lib.stride_tricks.sliding_window_view(a.source, width)
        n, varies = len(a.whole), average != "all"
        mean, energy = np.zeros(self.omega.size, dtype=np.complex128), 0.0
        volumes = np.zeros((a.volume[-1] + 2 if varies else 0, self.omega.size), dtype=np.complex128)
        for block in a.blocks():
            moved, block_energy = self.moved(block)
            energy += block_energy / n
            mean += moved.sum(axis=0)
            if varies:
                np.add.at(volumes, a.volume[block] + 1, moved)
        self.mean = mean / n
        template_energy = float(np.square(fft.irfft(self.mean, self.n_fft)).sum())
        self.stands_out = template_energy >= STANDS_OUT * (energy - template_energy) / n
        self.means = None
        if varies:
            total = np.cumsum(volumes, axis=0, out=volumes)
            first, stop = a.windows(average, window)
            per_volume = n // (a.volume[-1] + 1)
            self.means = np.empty((len(first), self.omega.size), dtype=np.complex64)
            for v, (low, high) in enumerate(zip(first, stop, strict=True)):
                kept, used = total[high] - total[low], high - low
                if average == "leave_one_out":
                    kept, used = kept - (total[v + 1] - total[v]), used - 1
                self.means[v] = kept / (used * per_volume)

    def moved(self, block):
        """Spectra of acquisitions as if each had begun at its first sample, and their energy."""
        faded = self.segments[self.a.whole[block]] * self.fade
        energy = float(np.square(faded, dtype=float).sum())
        return fft.rfft(faded, self.n_fft, axis=1) * shift_factors(self.omega, self.a.fraction[block]), energy

    def shapes(self, block, slope: bool, others: Acquisitions | None = None) -> list:
        """The template at the samples of each acquisition, and its derivative per sample.

        `others` are acquisitions other than those that the template was made of, where one serves all.
        """
        a = others or self.a
        back = np.conj(shift_factors(self.omega, a.fraction[block]))
        mean = self.mean if self.means is None else self.means[a.volume[block]]
        within = np.s_[:, PADDING : PADDING + a.length]
        shapes = [fft.irfft(mean * back, self.n_fft, axis=1)[within]]
        if slope:
            shapes.append(fft.irfft(1j * self.omega * mean * back, self.n_fft, axis=1)[within])
        return shapes

    parameters = 1.0  # per sample of an acquisition


class Spline:
    """Cubic spline with several knots per sample, fitted by least squares to the samples of all acquisitions."""

    def __init__(self, acquisitions: Acquisitions, knots: int, average: str = "all", window: int = 25):
        self.a, self.knots = a, knots = acquisitions, knots
        self.n_basis = (a.length + 1) * knots + 4
        first, stop = a.windows(average, window)
        if average == "all":
            self.weights = self._solved(*self._sums(np.arange(len(a.whole))))[None]
        else:
            self.weights = self._varying(first, stop, average == "leave_one_out")
        self.stands_out = True

    def _sums(self, which):
        """Normal equations of some acquisitions: the upper four diagonals, and the right-hand side."""
        a, n = self.a, self.n_basis
        diagonals, right = np.zeros((4, n)), np.zeros(n)
        size = max(1, min(256, BLOCK // a.length))
        for begin in range(0, len(which), size):
            block = which[begin : begin + size]
            valid = a.valid(block)
            cell, basis, _ = self._basis(block, a)
            cell, basis, seen = cell[valid], basis[:, valid], a.observed(block, valid)[valid]
            for i in range(4):
                right += np.bincount(cell + i, basis[i] * seen, n)
                for j in range(i, 4):
                    diagonals[j - i] += np.bincount(cell + i, basis[i] * basis[j], n)
        return diagonals, right

    def _varying(self, first, stop, without_own) -> np.ndarray:
        per_volume = len(self.a.whole) // len(first)
        sums = [self._sums(np.arange(v * per_volume, (v + 1) * per_volume)) for v in range(len(first))]
        diagonals, right = (np.cumsum([np.zeros_like(s[i]) for s in sums[:1]] + [s[i] for s in sums], axis=0)
                            for i in (0, 1))  # fmt: skip
        weights = np.empty((len(first), self.n_basis), np.float32)
        for v, (low, high) in enumerate(zip(first, stop, strict=True)):
            d, r = diagonals[high] - diagonals[low], right[high] - right[low]
            if without_own:
                d, r = d - sums[v][0], r - sums[v][1]
            weights[v] = self._solved(d, r)
        return weights

    def _solved(self, diagonals, right) -> np.ndarray:
        """Weights of the basis; the smallest ones that fit, where too few samples tell."""
        diagonals = diagonals.copy()
        diagonals[0] += 1e-5 * max(diagonals[0].mean(), 1e-12)
        self.parameters = float((diagonals[0] > 1e-3 * diagonals[0].mean()).sum()) / self.a.length
        return linalg.solveh_banded(diagonals, right, lower=True)

    def _basis(self, block, a: Acquisitions):
        """Cell of each sample of some acquisitions, the four splines there, and their derivatives per sample."""
        place = (a.inside - a.fraction[block, None] + 1) * self.knots
        cell = np.minimum(place.astype(int), self.n_basis - 4)
        u = place - cell
        v = 1 - u
        basis = np.stack([v**3, 3 * u**3 - 6 * u**2 + 4, 3 * v**3 - 6 * v**2 + 4, u**3]) / 6
        slope = np.stack([-(v**2), 3 * u**2 - 4 * u, 4 * v - 3 * v**2, u**2]) / 2 * self.knots
        return cell, basis, slope

    def shapes(self, block, slope: bool, others: Acquisitions | None = None) -> list:
        """As for `BandLimited`."""
        a = others or self.a
        cell, basis, slopes = self._basis(block, a)
        rows = a.volume[block] if len(self.weights) > 1 else np.zeros(len(cell), int)
        weights = self.weights[rows]
        at = [np.take_along_axis(weights, cell + i, axis=1) for i in range(4)]
        shapes = [sum(basis[i] * at[i] for i in range(4))]
        if slope:
            shapes.append(sum(slopes[i] * at[i] for i in range(4)))
        return shapes


def knots_per_sample(groups: list[Acquisitions], volumes: int | None = None) -> int:
    """How finely the artefact has to be known between samples: 0 where a band-limited template serves as well.

    By generalised cross-validation (Craven & Wahba 1979): the variance of what a template leaves, over (1 − p)² with p
    the share of a sample's own weight in its template, which is the number of parameters over that of samples. More
    knots follow an aliased artefact, but take more of the LFP along. The variance of the samples tells how many knots;
    that of the samples or of their differences, on which the LFP weighs less, whether any.

    Parameters
    ----------
    groups : list of Acquisitions
        Some that have a template each.
    volumes : int, optional
        Volumes that enter a template, where that is not all of them.
    """
    n = len(groups[0].whole)
    volumes = n if volumes is None else min(volumes, n)
    if n < 20:
        return 0
    plain, best, chosen = sum((_errors(BandLimited(a), volumes) for a in groups), np.zeros(1)), None, 0
    for knots in KNOTS:
        if 4 * knots > volumes:
            break
        errors = sum((_errors(Spline(a, knots), volumes) for a in groups), np.zeros(1))
        if best is not None and errors[0] >= WORTH * best[0]:
            break
        best, chosen = errors, knots
        if knots == KNOTS[0] and (errors > plain).all():  # nothing is aliased
            break
    return chosen if best is not None and (best < BETTER * plain).any() else 0


def _errors(template, volumes: int) -> np.ndarray:
    """Predicted variance of what a template from so many volumes leaves of samples it has not seen; of differences."""
    a, total, count = template.a, np.zeros(2), np.zeros(2)
    for block in a.blocks():
        valid = a.valid(block)
        rest = np.where(valid, a.observed(block, valid) - template.shapes(block, False)[0], 0)
        steps = np.diff(rest, axis=1)[valid[:, 1:]]
        total += float(np.square(rest, dtype=float).sum()), float(np.square(steps, dtype=float).sum())
        count += valid.sum(), steps.size
    p = template.parameters
    n = len(a.whole)
    return total / count / (1 - p / n) ** 2 * (1 + p / volumes) / (1 + p / n)


def shift_factors(omega, fraction) -> np.ndarray:
    """Factors that move each spectrum forward by its fraction of a sample."""
    return np.exp(1j * np.multiply.outer(fraction, omega)).astype(np.complex64)
