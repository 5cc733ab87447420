"""Lines in a spectrum that are no LFP: mains and its harmonics, and what is left at multiples of the slice rate.

A line at k/TR may be either. Mains stands out of the other lines at k/TR too; what is left of the gradient artefact
does not, for there it is on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAINS_HZ = (50.0, 60.0)
DEVIATION = 2e-3  # of a grid's frequency, as a share of it
NEAR_HZ, FAR_HZ = 0.6, 4.0  # between these distances from a line there are its neighbours
AROUND_HZ = 25.0  # distance up to which the power around a line is compared with its own
CERTAIN = 6.0  # standard errors of a mean spectrum by which a line exceeds its neighbours


@dataclass(frozen=True)
class Spectrum:
    """Mean spectrum of one channel.

    Attributes
    ----------
    frequencies, density : ndarray, shape (n_bins,)
        Hz, and squared units per Hz.
    n_segments : int
        Half-overlapping segments whose mean it is.
    """

    frequencies: np.ndarray
    density: np.ndarray
    n_segments: int

    def excess(
        self, centre: float, repeats_hz: float | None = None, among: float | None = None, but: float = 0
    ) -> float:
        """Power at a line against its neighbours; above 1 where it certainly exceeds them.

        Parameters
        ----------
        centre : float
            Hz.
        repeats_hz : float, optional
            1/TR: its multiples are no neighbours.
        among : float, optional
            The line must exceed the multiples of this frequency nearby as well, Hz.
        but : float
            Multiples of this frequency are not among them, Hz.
        """
        step = self.frequencies[1]
        reach = 1.01 * step + DEVIATION * centre
        away = np.abs(self.frequencies - centre)
        at_line = away <= reach
        if not at_line.any():
            return 0.0
        beside = (away > max(NEAR_HZ, 2 * reach)) & (away < max(FAR_HZ, 4 * reach)) & (self.frequencies > 2 * step)
        apart = beside
        if repeats_hz:
            from_comb = np.abs(self.frequencies - repeats_hz * np.round(self.frequencies / repeats_hz))
            apart = beside & (from_comb > 1.6 * step)
            apart = apart if apart.sum() >= 6 else beside
        sides = [self.density[apart & side] for side in (self.frequencies < centre, self.frequencies > centre)]
        levels = [np.median(side) for side in sides if side.size > 2]
        if not levels:
            return 0.0
        level = float(np.exp(np.mean(np.log(np.maximum(levels, 1e-30)))))
        if among:
            k = np.arange(np.ceil((centre - 5) / among) - 5, (centre + 5) / among + 5)
            others = [c for c in k * among if 0 < c < self.frequencies[-1] and abs(c - centre) > 2 * reach]
            others = [c for c in others if not but or abs(c - but * round(c / but)) > reach]
            peaks = [self.density[np.abs(self.frequencies - c) <= reach].max() for c in others]
            level = max([level, *map(float, peaks)])
        certain = 1 + CERTAIN * 1.2 / np.sqrt(self.n_segments)
        return float(self.density[at_line].max() / (level * certain))

    def line_share(self, centre: float) -> float:
        """Power of a line against that of its surroundings, 25 Hz on either side, by the median of these."""
        away = np.abs(self.frequencies - centre)
        beside = (away > NEAR_HZ) & (away < AROUND_HZ) & (self.frequencies > 2 * self.frequencies[1])
        reach = max(NEAR_HZ, 2 * self.frequencies[1])
        if not beside.any() or not (away <= reach).any():
            return 0.0
        level = float(np.median(self.density[beside]))
        line = np.maximum(self.density[away <= reach] - level, 0).sum() * self.frequencies[1]
        return float(line / max(2 * AROUND_HZ * level, 1e-30))


def mains_lines(
    spectra: Sequence[Spectrum],
    highest_hz: float,
    *,
    repeats_hz: float | None = None,
    slice_rate_hz: float | None = None,
    stated_hz: float | None = None,
) -> dict[float, list[float]]:
    """Multiples of 50 and of 60 Hz at which a line is there.

    Parameters
    ----------
    spectra : sequence of Spectrum
        Of some channels; one that shows a line is enough.
    highest_hz : float
    repeats_hz : float, optional
        1/TR of a scan whose gradient artefact may be left.
    slice_rate_hz : float, optional
        A line at one of its multiples must exceed the others of them.
    stated_hz : float, optional
        What the dataset says (`PowerLineFrequency`): looked for as well, whatever it is.

    Returns
    -------
    lines : dict of float to list of float
        Frequency of the mains to the multiples that are there, Hz; of mains of which the fundamental or two harmonics
        are.
    """
    found = {}
    for base in dict.fromkeys((*([stated_hz] if stated_hz else []), *MAINS_HZ)):
        multiples = base * np.arange(1, int(highest_hz / base) + 1)
        there = [float(hz) for hz in multiples if _is_mains(spectra, hz, repeats_hz, slice_rate_hz)]
        telling = [hz for hz in there if all(_own(hz, base, other) for other in MAINS_HZ)]
        if base in telling or len(telling) > 1:
            found[float(base)] = there
    return found


def _own(hz, base, other) -> bool:
    """Whether a line is no multiple of another mains, as 300 Hz is of both."""
    return other == base or abs(hz - other * round(hz / other)) > 1


def _is_mains(spectra, hz, repeats_hz, slice_rate_hz) -> bool:
    at_slice_rate = bool(slice_rate_hz) and abs(hz - slice_rate_hz * round(hz / slice_rate_hz)) < 1
    among, but = (slice_rate_hz, 0) if at_slice_rate else (repeats_hz, slice_rate_hz or 0)
    return any(s.excess(hz, repeats_hz, among, but) > 1 for s in spectra)


def lines_there(spectra: Sequence[Spectrum], candidates, repeats_hz: float | None = None) -> np.ndarray:
    """Those of some frequencies at which a line is there, in any of the channels, Hz."""
    return np.array([hz for hz in candidates if any(s.excess(hz, repeats_hz) > 1 for s in spectra)])
