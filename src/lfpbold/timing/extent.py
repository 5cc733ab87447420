"""From where to where the gradient artefact is there, against where a stated start or triggers say that the scan is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..errors import Doubt, InputError
from .clock import Clock
from .period import PeriodSearch
from .spectra import CachedSamples

PIECES = 8  # of a volume that are looked at
AROUND = 30  # volumes before and after the scan that are looked at
SPOILT = 2  # pieces in a row that may be without artefact beside the scan
THERE = 0.5  # share of the artefact above which a piece holds it
MAY_DIFFER_S, MAY_DIFFER = 0.1, 0.4  # a stated start may be off by so much, s or volumes, whichever is more


def check_start(signal, fs_hz: float, clock: Clock, stated_as: str) -> Clock:
    """Make sure that the artefact begins where the scan does.

    Volumes before the first one are dummy scans as long as the artefact ends with the scan; if it begins and ends so
    much earlier or later, the start is wrong.

    Parameters
    ----------
    signal : array of float, shape (n_samples,), or what gives one when it is sliced
    fs_hz : float
    clock : Clock
        With the period from the artefact, and the number of volumes.
    stated_as : str
        What the start came from, as a message names it: `scan_start_s`, `the first trigger`.

    Returns
    -------
    clock : Clock
        With `artefact_begins_s` among its measurements, and a note where the artefact ends before the scan does.

    Raises
    ------
    InputError
        Where the artefact begins later than the scan, or begins and ends earlier.
    """
    n, period, first = clock.n_volumes or 0, clock.period_s * fs_hz, clock.start_s * fs_hz
    if n < 12 or period < 32:
        return clock
    margin = 2  # a waveform is not known beyond the places at which the volumes sampled it
    search = PeriodSearch(CachedSamples(signal), fs_hz, first, period, margin, n - margin, PIECES)
    lowest, highest = max(-AROUND, int(np.ceil(-first / period))), int((len(signal) - first) / period)
    volumes = np.arange(lowest, min(n + AROUND, highest + 1))
    begins, shares, powers = search.presence(period, volumes)
    known = np.isfinite(shares)
    if np.median(shares[known & ((volumes >= margin) & (volumes < n - margin))[:, None]]) < THERE:
        return clock  # nothing that repeats, or with another period
    # Within the scan a volume that came late, or is modulated, is there too; samples that were filled in say nothing.
    stated = ((volumes >= 0) & (volumes < n))[:, None] & ((powers > THERE**2) | (powers == 0))
    times, there = begins[known] / fs_hz, ((shares > THERE) | stated)[known]
    scan = np.broadcast_to(((volumes >= 0) & (volumes < n))[:, None], shares.shape)[known]
    begin, end = _extent(there, np.flatnonzero(scan))
    # To a piece and the silence beside it: of the first and last piece of a volume that tell something.
    offsets = search.places / fs_hz
    late_s = times[begin] - offsets[0] - clock.start_s
    over_s = times[end] - offsets[-1] - (clock.start_s + (n - 1) * clock.period_s)
    allowed_s = max(MAY_DIFFER_S, MAY_DIFFER * clock.tr_s)
    clock = replace(clock, measurements=clock.measurements | {"artefact_begins_s": float(times[begin] - offsets[0])})
    where = f"the artefact begins at {times[begin] - offsets[0]:.2f} s, {stated_as} says {clock.start_s:.2f} s"
    if late_s > allowed_s:
        raise InputError(
            f"{where}: {late_s:.2f} s too early ({late_s / clock.tr_s:.1f} volumes); {_way_out(stated_as)}"
        )
    both_known = begin > 0 and end < len(times) - 1
    alike = abs(late_s - over_s) < max(allowed_s, 0.6 * clock.tr_s)
    if both_known and alike and late_s < -allowed_s and over_s < -allowed_s:
        raise InputError(
            f"{where}: {-late_s:.2f} s too late ({-late_s / clock.tr_s:.1f} volumes), for the artefact also ends"
            f" {-over_s:.2f} s before the scan would; {_way_out(stated_as)}"
        )
    if over_s < -max(allowed_s, 0.6 * clock.tr_s) and end < len(times) - 1:
        note = Doubt(
            "artefact_outside_scan",
            f"the artefact ends {-over_s:.2f} s before the scan does ({-over_s / clock.tr_s:.1f} volumes): check the"
            " start, the TR and the number of volumes",
        )
        return replace(clock, notes=(*clock.notes, note))
    return clock


def _way_out(stated_as: str) -> str:
    if stated_as == "scan_start_s":
        return "correct scan_start_s, or leave it empty where the artefact shows the start"
    return "a trigger was lost or came too early: repair the triggers, or give scan_start_s in the sheet"


def _extent(there, scan) -> tuple[int, int]:
    """First and last piece that holds the artefact, of what is stated as the scan and what goes on from it.

    A gap within the scan ends nothing; beyond the scan a piece or two may be spoilt.
    """
    pairs = there[:-1] & there[1:]
    inside = np.flatnonzero(pairs[scan[0] : scan[-1]]) + scan[0]
    if not inside.size:
        return int(scan[0]), int(scan[-1])
    begin, end = int(inside[0]), int(inside[-1]) + 1
    if begin - scan[0] <= SPOILT:
        begin -= _goes_on(there[:begin][::-1])
    if scan[-1] - end <= SPOILT:
        end += _goes_on(there[end + 1 :])
    return begin, end


def _goes_on(there) -> int:
    """Pieces from here to the last one that follows without more than a few spoilt ones between."""
    last = 0
    for place in np.flatnonzero(there) + 1:
        if place - last > SPOILT + 1:
            break
        last = int(place)
    return last
