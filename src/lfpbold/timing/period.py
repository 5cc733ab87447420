"""The repetition period of the scanner on the LFP's clock, from the gradient artefact itself.

The likelihood of a period is what the turning spectra of `spectra` explain of the volumes, whatever folds upon what.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from scipy import signal as windows

from ..errors import Doubt
from .clock import Clock
from .spectra import CachedSamples, PieceSpectra

INTERPOLATION = 16  # values on either side of a maximum, from which it is found between samples
WINDOW, PIECES = 512, 3  # samples of a piece of a volume (at most half of it), and pieces that are looked at
LINES = 32  # frequencies of each piece, those with most power
LOWEST_HZ = 30.0  # below it the LFP is as strong as the artefact
FIRST_SPAN, GROUPS = 16, 3  # volumes in a row with which the search begins, and at how many places of the scan
MOST_VOLUMES = 96  # that are looked at together
CANDIDATES = 12  # periods that are followed from a span to the next
FLAT = 1e-3  # share of the power that a search does not ask to be explained, or its maxima are narrower than its steps
STEP = 0.12  # samples over a span, from period to period
QUIET = 0.03  # power of a piece against the strongest one's, below which it does not tell whether a volume is there
OUTLYING = 6.0  # power of a piece against the typical one's, or the reverse, above which it is no artefact
EXPLAINED = 0.5  # share of the power that repeats with the period, below which it tells nothing


def fit_period(signal, fs_hz: float, clock: Clock, n_volumes: int, max_ppm: float = 600.0) -> Clock:
    """Refine the period from the gradient artefact itself, which repeats with every volume.

    The likelihood of a period from spans of sixteen volumes has a maximum for every period that differs by less than a
    sample or so; of spans twice, four times … as long only the right one stays, so that several maxima are followed
    until the span is the scan. The period is then known to about a hundredth of a sample over the scan, except where
    the scan is shorter than a sample's drift: there it is as good as the removal of the artefact needs.

    Parameters
    ----------
    signal : array of float, shape (n_samples,), or what gives one when it is sliced
        One channel with the artefact in it; only short parts of it are looked at.
    fs_hz : float
        Sampling rate on the LFP clock, in Hz.
    clock : Clock
        First guess.
    n_volumes : int
    max_ppm : float
        Largest difference of the clocks that is looked for.

    Returns
    -------
    clock : Clock
        With the same start and the refined period; unchanged where the recording does not repeat at all, and with a
        note where volumes in a row repeat, but not over the scan.
    """
    nominal, first = clock.period_s * fs_hz, clock.start_s * fs_hz
    lowest = max(0, int(np.ceil(-first / nominal)))
    n_volumes = min(n_volumes, int((len(signal) - first) / nominal))
    if n_volumes - lowest < 2 or nominal < 32:
        return clock
    search = PeriodSearch(CachedSamples(signal), fs_hz, first, nominal, lowest, n_volumes)
    span = min(FIRST_SPAN, n_volumes - lowest)
    half = max(max_ppm * 1e-6 * nominal, 2.0) + 0.5 / span
    periods, at_first = search.best([nominal], span, half)
    if at_first < EXPLAINED:
        return clock
    while span < n_volumes - lowest:
        span = min(2 * span, n_volumes - lowest)
        periods, explained = search.best(periods, span, 4 * STEP / span)
    period, explained = search.polished(periods[0], span)
    if explained < EXPLAINED * at_first:
        return replace(clock, notes=(*clock.notes, _doubt(explained)))
    return replace(clock, period_s=period / fs_hz)


def _doubt(explained: float) -> Doubt:
    return Doubt(
        "clock",
        f"the clock is in doubt: volumes in a row repeat, but only {100 * max(explained, 0):.0f} % of the artefact does"
        " so with one period over the scan; check the start, the TR, and whether volumes are missing",
    )


class PeriodSearch:
    """Periods of which a recording's spectra are likely.

    Parameters
    ----------
    samples : CachedSamples
    fs_hz : float
    first, nominal : float
        Onset of volume 0, and a first guess of the period, in samples.
    lowest, stop : int
        First volume that the recording holds, and the one after the last.
    pieces : int, optional
        So many pieces, spread over the volume; by default the strongest three, wherever they are.
    """

    def __init__(
        self,
        samples: CachedSamples,
        fs_hz: float,
        first: float,
        nominal: float,
        lowest: int,
        stop: int,
        pieces: int | None = None,
    ):
        self._samples, self._fs_hz, self._first, self._lowest, self._stop = samples, fs_hz, first, lowest, stop
        self._length = int(min(WINDOW, nominal // 2))
        self._taper = windows.get_window("hann", self._length)
        self._places, self._bins = self._strongest(nominal, pieces)

    @property
    def places(self) -> np.ndarray:
        """Where in a volume the pieces begin, in samples."""
        return self._places

    def _strongest(self, nominal: float, pieces: int | None) -> tuple[np.ndarray, np.ndarray]:
        """Places within a volume at which most happens, and frequencies with most power there."""
        places = np.linspace(0, nominal - self._length - 2, max(1, min(24, int(nominal // self._length))))
        some = np.unique(np.linspace(self._lowest, self._stop - 1, 10).astype(int))[:-1]
        power = np.stack([
            np.median([np.abs(self._spectrum(self._first + v * nominal + place)) ** 2 for v in some], axis=0)
            for place in places
        ])  # fmt: skip
        power[:, : max(2, int(np.ceil(LOWEST_HZ / self._fs_hz * self._length)))] = 0
        power[:, -1] = 0
        strength = power.sum(axis=1)
        if pieces is None:
            chosen = np.sort(np.argsort(strength)[-PIECES:])
        else:
            parts = np.array_split(np.arange(len(places)), min(pieces, len(places)))
            chosen = np.array([part[np.argmax(strength[part])] for part in parts])
            chosen = chosen[strength[chosen] >= QUIET * strength.max()]  # all, where most volumes are empty
        return places[chosen], np.sort(np.argsort(power[chosen], axis=1)[:, -LINES:], axis=1)

    def _spectrum(self, begin: float) -> np.ndarray:
        begin = round(begin)
        if begin < 0 or begin + self._length + 1 > len(self._samples):
            return np.zeros(self._length // 2 + 1, complex)
        return np.fft.rfft(self._samples.steps(begin, self._length) * self._taper)

    def _spectra(self, period: float, span: int, lines: slice = slice(None)) -> PieceSpectra:
        """Of volumes in a row, or some of them, at up to three places of the scan."""
        rng = np.random.default_rng(span)
        inside = np.arange(span) if span <= MOST_VOLUMES else np.sort(rng.choice(span, MOST_VOLUMES, replace=False))
        n = self._stop - self._lowest
        begins = np.unique(
            np.linspace(self._lowest, self._stop - span, GROUPS if GROUPS * span <= n else 1).astype(int)
        )
        volumes = np.repeat(begins[:, None] + inside, len(self._places), axis=0)
        places, bins = np.tile(self._places, len(begins)), np.tile(self._bins[:, lines], (len(begins), 1))
        starts = np.round(self._first + volumes * period + places[:, None]).astype(int)
        values = np.stack([
            np.stack([self._spectrum(start)[own] for start in row]) for row, own in zip(starts, bins, strict=True)
        ])  # fmt: skip
        power = np.square(np.abs(values)).sum(axis=2, keepdims=True)
        typical = np.median(power, axis=1, keepdims=True)  # neither movements nor volumes that were not played
        values[np.broadcast_to((power > OUTLYING * typical) | (power * OUTLYING < typical), values.shape)] = 0
        return PieceSpectra(values, starts, volumes, bins / self._length)

    def best(self, around, span: int, half: float) -> tuple[list[float], float]:
        """The most likely periods of a span within `half` of some, the best one first, and the share it explains."""
        step = STEP / span
        # A few frequencies tell thousands of periods apart; the next spans look at all of them.
        lines = slice(None, None, 4) if half > 50 * step else slice(None)
        maxima = []
        for period in around:
            spectra = self._spectra(period, span, lines)
            zones = spectra.zones(self._fs_hz)
            tried = period + np.arange(-np.ceil(half / step), np.ceil(half / step) + 1) * step
            found = np.array([spectra.likelihood(p, zones, FLAT) for p in tried])
            higher = np.pad(found[:, 0], 1, constant_values=-np.inf)
            peaks = np.flatnonzero((found[:, 0] >= higher[:-2]) & (found[:, 0] >= higher[2:]))
            maxima += [(found[i, 0], tried[i], found[i, 1]) for i in peaks]
        maxima.sort(reverse=True)
        kept: list[tuple] = []
        for entry in maxima:
            if all(abs(entry[1] - other[1]) > 3 * step for other in kept):
                kept.append(entry)
        return [entry[1] for entry in kept[:CANDIDATES]], kept[0][2]

    def presence(self, period: float, volumes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """How much of the artefact is there in pieces of volumes: 1 within a scan, about 0 outside, NaN off the end.

        The regression of a piece's spectrum on that of the waveform, which those of the search's volumes tell.

        Returns
        -------
        begins : ndarray, shape (n_volumes, n_pieces)
            First sample of each piece.
        shares : ndarray, shape (n_volumes, n_pieces)
        powers : ndarray, shape (n_volumes, n_pieces)
            Of the piece against that of the waveform.
        """
        spectra = self._spectra(period, self._stop - self._lowest)
        rows = np.unique(self._places, return_index=True)[1]
        starts = np.round(self._first + np.asarray(volumes) * period + self._places[:, None]).astype(int)
        expected = spectra.waveform(period, spectra.zones(self._fs_hz), starts, np.broadcast_to(volumes, starts.shape))
        seen = np.stack([np.stack([self._spectrum(a)[self._bins[row]] for a in starts[row]]) for row in rows])
        power = np.maximum(np.abs(expected) ** 2, 1e-30).sum(axis=2)
        shares = (np.conj(expected) * seen).real.sum(axis=2) / power
        shares[(starts < 0) | (starts + self._length + 1 > len(self._samples))] = np.nan
        return starts.T, shares.T, ((np.abs(seen) ** 2).sum(axis=2) / power).T

    def polished(self, period: float, span: int) -> tuple[float, float]:
        """A maximum of the likelihood between periods that were tried, and the share it explains."""
        spectra = self._spectra(period, span)
        zones = spectra.zones(self._fs_hz)
        step = 1.5 * STEP / span
        for _ in range(5):  # the maximum is narrow where little but the artefact is there
            step /= 3
            tried = period + np.arange(-6, 7) * step
            found = np.array([spectra.likelihood(p, zones)[0] for p in tried])
            best = int(np.clip(np.argmax(found), 1, len(tried) - 2))
            period = tried[best]
        below, here, above = found[best - 1 : best + 2]
        bend = below - 2 * here + above
        if bend < 0:
            period += float(np.clip(0.5 * step * (below - above) / bend, -step, step))
        return period, spectra.likelihood(period, zones)[1]


def peak_between(around) -> float:
    """Offset of a maximum from the middle of equidistant values, in steps, by windowed-sinc interpolation.

    A parabola through three values is off by up to a tenth of a step where the artefact reaches to high frequencies.
    """
    offsets, kernel = _between(around.size)
    return float(offsets[np.argmax(kernel @ around)])


@lru_cache(maxsize=4)
def _between(n: int) -> tuple[np.ndarray, np.ndarray]:
    steps = np.arange(n) - n // 2
    offsets = np.linspace(-1, 1, 2001)
    distance = offsets[:, None] - steps
    return offsets, np.sinc(distance) * np.cos(np.pi / 2 * np.clip(distance / (steps[-1] + 1), -1, 1)) ** 2
