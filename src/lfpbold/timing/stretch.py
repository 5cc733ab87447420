"""The stretch of a recording in which something broadband repeats with the TR: a scan that nothing else tells."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from .period import STEP, PeriodSearch
from .spectra import CachedSamples

MAX_PPM = 2000.0  # difference of the clocks that is looked for where nothing else is known
SPAN = 8  # volumes with which a stretch begins
EXPLAINED = 0.7  # share of their power that must repeat: with as many unknowns as half of them, chance makes a half
BEGINNINGS = 10  # places at which a stretch is looked for, those with most power first
THERE = 0.4  # share of the artefact that shows a volume
SILENCE = 2  # volumes that may be missing within a stretch
PIECES = 6


def repeating_stretch(signal, fs_hz: float, period: float, n_volumes: int) -> tuple[int, int, float]:
    """First and last sample of the scan, to about a volume, and its period in samples.

    From eight volumes with much power at high frequencies, of which a period explains the spectra, the stretch grows as
    long as the volumes beside it hold the same waveform. Of several stretches (a scan before, the same protocol again)
    the one that lasts as long as the scan is taken.

    Raises
    ------
    InputError
        When nothing repeats, and when more than one stretch lasts as long as the scan.
    """
    samples, total = CachedSamples(signal), int(len(signal) / period)
    span = min(SPAN, n_volumes, total)
    stretches: list[tuple] = []
    power = _power(signal, period, total)
    for begin in _beginnings(power, span, n_volumes) if span > 1 and period >= 32 else ():
        if any(low - span < begin < high for low, high, *_ in stretches):
            continue
        search = PeriodSearch(samples, fs_hz, 0.0, period, begin, begin + span)
        found, explained = search.best([period], span, MAX_PPM * 1e-6 * period + 1)
        if explained < EXPLAINED:
            continue
        stretches.append(_grown(samples, fs_hz, found[0], begin, begin + span, total))
    stretches = [stretch for stretch in stretches if stretch[1] - stretch[0] >= min(4, n_volumes)]
    if not stretches:
        raise InputError(
            "has no triggers, scan_start_s is empty, and no gradient artefact repeats with the TR; correct the TR, or"
            " give scan_start_s in the sheet"
        )
    fitting = [s for s in stretches if abs(s[1] - s[0] - n_volumes) <= max(2, 0.02 * n_volumes)]
    if len(fitting) > 1:
        where = " and ".join(
            f"{(first + low * p) / fs_hz:.0f}-{(first + high * p) / fs_hz:.0f} s"
            for low, high, p, first in sorted(fitting)
        )
        raise InputError(
            f"has no triggers, scan_start_s is empty, and an artefact as long as the scan is there more than once"
            f" ({where}); give scan_start_s in the sheet"
        )
    low, high, period, first = fitting[0] if fitting else max(stretches, key=lambda s: s[1] - s[0])
    return int(max(first + low * period, 0)), int(min(first + high * period, len(signal))), period


def _power(signal, period, total) -> np.ndarray:
    """Of the differences of samples in each period: the median of its parts, which a movement does not raise."""
    parts = max(1, min(16, int(period // 16)))
    edges = (np.arange(total * parts + 1) * period / parts).astype(int)
    steps = np.square(np.diff(np.asarray(signal[: edges[-1] + 1], dtype=float)))
    sums = np.add.reduceat(steps, edges[:-1]) if total else np.zeros(0)
    return np.median(sums.reshape(total, parts), axis=1)


def _beginnings(power, span: int, n_volumes: int):
    """First volumes of spans, those with most power first, each a good part of a scan away from the others."""
    levels = np.array([np.median(power[i : i + span]) for i in range(len(power) - span + 1)])
    apart = max(span // 2, n_volumes // 4)
    chosen: list[int] = []
    for begin in np.argsort(levels)[::-1]:
        if all(abs(begin - other) >= apart for other in chosen):
            chosen.append(int(begin))
            if len(chosen) == BEGINNINGS:
                break
    return chosen


def _grown(samples, fs_hz, period, low, high, total) -> tuple[int, int, float, float]:
    """First volume, the one after the last, period, and place of volume 0, of a stretch with all that belongs to it."""
    first = 0.0
    while True:
        n = high - low
        (better, *_), _ = PeriodSearch(samples, fs_hz, first, period, low, high, PIECES).best([period], n, 8 * STEP / n)
        first, period = first + low * (period - better), better
        search, reach = PeriodSearch(samples, fs_hz, first, period, low, high, PIECES), max(4, n // 3)
        volumes = np.arange(max(low - reach, 0), min(high + reach, total))
        shares = search.presence(period, volumes)[1]
        there = np.median(np.where(np.isfinite(shares), shares, 0), axis=1) > THERE
        grown_low = _extended(low, volumes[there & (volumes < low)][::-1])
        grown_high = _extended(high - 1, volumes[there & (volumes >= high)]) + 1
        if (grown_low, grown_high) == (low, high):
            return low, high, period, first
        low, high = grown_low, grown_high


def _extended(edge: int, volumes) -> int:
    """The last of the volumes that follow an edge with no more than a short silence between."""
    for volume in volumes:
        if abs(volume - edge) > SILENCE + 1:
            break
        edge = int(volume)
    return edge
