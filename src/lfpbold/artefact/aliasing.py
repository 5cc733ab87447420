"""Whether the artefact reaches above half the sampling rate and folds back, and how finely its template is known then.

Aliasing is a matter of the amplifier, so that one channel tells for all, and the slices whose artefact is strongest.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft

from .folded import Spectra, image_numbers, images_known_from, powers
from .plan import acquisition_ends
from .template import PADDING, Acquisitions, faded, knots_per_sample, shift_factors

GROUPS = 3  # slices that are asked
MOST_VOLUMES = 1200  # in which they are looked at, evenly chosen where there are more


class BetweenSamples(NamedTuple):
    """How a template is known between samples: a spline's knots per sample, or images on either side of one spectrum.

    Neither where it is band-limited.
    """

    knots: int = 0
    images: int = 0


def between_samples_of(
    lfp, onsets, template: str = "per_slice", between_samples: str | int = "auto", average: str = "all",
    window_volumes: int = 25,
) -> BetweenSamples:  # fmt: skip
    """How the template is known between samples: as stated by `between_samples`, else as one channel asks for.

    Parameters
    ----------
    lfp, onsets, template, between_samples, average, window_volumes
        As for `knots_between`.

    Returns
    -------
    between : BetweenSamples
        Images where one mean of all volumes is the template, else knots.
    """
    if template != "none" and between_samples == "auto" and average == "all":
        return BetweenSamples(images=images_needed(lfp, onsets, template))
    return BetweenSamples(knots_between(lfp, onsets, template, between_samples, average, window_volumes))


def knots_between(
    lfp, onsets, template: str = "per_slice", between_samples: str | int = "auto", average: str = "all",
    window_volumes: int = 25,
) -> int:  # fmt: skip
    """Knots of a spline per sample: as stated by `between_samples`, else as one channel asks for.

    Parameters
    ----------
    lfp, onsets
        As for `knots_needed`.
    template : {"per_slice", "pooled", "none"}
    between_samples : {"auto", "band_limited"} or int
    average, window_volumes
        Of a template that is a sliding mean, as many volumes tell.

    Returns
    -------
    knots : int
        0 for a band-limited template, and where there is none.
    """
    if template == "none" or between_samples == "band_limited":
        return 0
    if between_samples != "auto":
        return int(between_samples)
    return knots_needed(lfp, onsets, template, window_volumes if average == "sliding" else None)


def knots_needed(lfp, onsets, template: str = "per_slice", volumes: int | None = None) -> int:
    """Knots of a spline per sample that the recording asks for (`template.knots_per_sample`).

    Parameters
    ----------
    lfp, onsets, template
        As for `remove_gradient`; `lfp` may be what gives an array when it is sliced.
    volumes : int, optional
        Volumes of a sliding template.

    Returns
    -------
    knots : int
        0 where the artefact is not aliased.
    """
    groups, later = _strongest(lfp, onsets, template)
    return knots_per_sample(groups, volumes) if _images(groups, later) else 0


def images_needed(lfp, onsets, template: str = "per_slice") -> int:
    """Images of the template's spectrum on either side that the recording asks for (`folded`).

    Parameters
    ----------
    lfp, onsets, template
        As for `knots_needed`.

    Returns
    -------
    images : int
        0 where the artefact is not aliased.
    """
    return _images(*_strongest(lfp, onsets, template))


def _strongest(lfp, onsets, template: str) -> tuple[list[Acquisitions], list[float]]:
    """Acquisitions of the slices whose artefact is strongest, and how much later than the first slice each is."""
    onsets = np.asarray(onsets, dtype=float)
    ends = acquisition_ends(len(lfp), onsets)
    columns = np.arange(onsets.shape[1])
    slices = [columns] if template == "pooled" else list(columns[:, None])
    strengths = []
    for c in slices:
        first = np.s_[: -(-20 // c.size)]
        few = gather_acquisitions(lfp, onsets[first, c].ravel(), ends[first, c].ravel(), c.size)
        rows = np.s_[:20]
        strengths.append(float(np.var(np.diff(few.observed(rows, few.valid(rows)), axis=1))))
    strongest = [slices[i] for i in np.argsort(strengths)[-GROUPS:]]
    some = np.unique(np.linspace(0, len(onsets) - 1, min(len(onsets), MOST_VOLUMES)).astype(int))
    groups = [gather_acquisitions(lfp, onsets[some][:, c].ravel(), ends[some][:, c].ravel(), c.size) for c in strongest]
    return groups, [float((onsets[:, c[0]] - onsets[:, 0]).mean()) for c in strongest]


def gather_acquisitions(lfp, begins, ends, per_volume: int = 1) -> Acquisitions:
    """Some acquisitions of a recording, of which only they are read: `lfp` is anything that is sliced.

    Each is less a parabola, with what is before and after it: what drifts does not tell how the artefact is sampled.
    """
    whole = np.floor(begins).astype(int)
    longest = int((np.minimum(np.floor(ends).astype(int), len(lfp)) - whole).max())
    width = longest + 2 * PADDING + 2
    source = np.zeros(len(whole) * width + 2 * PADDING + 2, np.float32)
    for row, begin in enumerate(whole):
        low, high = max(begin - PADDING, 0), min(begin - PADDING + width, len(lfp))
        at = row * width + low - (begin - PADDING)
        source[at : at + high - low] = _without_trend(np.asarray(lfp[low:high], dtype=np.float32))
    moved = np.arange(len(whole)) * width - whole  # the source begins with `PADDING` samples before the first of them
    return Acquisitions(source, begins + moved, np.minimum(ends, len(lfp)) + moved, per_volume)


def _without_trend(x) -> np.ndarray:
    trends = np.polynomial.legendre.legvander(np.linspace(-1, 1, len(x)), min(2, len(x) - 1))
    return x - trends @ np.linalg.lstsq(trends, x, rcond=None)[0]


def _images(groups: list[Acquisitions], later: list[float]) -> int:
    """Images on either side, if any of them holds artefact."""
    images, n = images_known_from(len(groups[0].whole)), len(groups[0].whole)
    if not images:
        return 0
    numbers, width = image_numbers(images), max(a.length for a in groups) + 2 * PADDING
    n_fft = fft.next_fast_len(width, real=True)
    omega = 2 * np.pi * np.arange(n_fft // 2 + 1) / n_fft
    seen = np.zeros((len(groups), numbers.size, omega.size), complex)
    power, grams = np.zeros((len(groups), omega.size)), []
    for i, (a, after) in enumerate(zip(groups, later, strict=True)):
        factors = np.exp(-2j * np.pi * np.multiply.outer(a.fraction - after, numbers))
        grams.append(factors.conj().T @ factors)
        windows = np.lib.stride_tricks.sliding_window_view(a.source, width)
        for block in a.blocks():
            rows = fft.rfft(faded(windows[a.whole[block]], a.fraction[block]), n_fft, axis=1)
            rows *= shift_factors(omega, a.fraction[block])
            power[i] += np.square(np.abs(rows)).sum(axis=0)
            seen[i] += factors[block].conj().T @ rows
    return images if powers(Spectra(seen, np.mean(grams, axis=0), power, n)).aliased else 0
