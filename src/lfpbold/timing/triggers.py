"""Triggers to the scanner's clock: of volumes or of slices, with some missed and some too many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError
from .clock import Clock, acquisition_times

STRAY = 0.1  # of the interval between triggers: further from its place a trigger is none
MOST_WRONG = 0.05  # share of triggers that may be missed, and that may be too many
SAME_S = 1e-6  # triggers no further apart are one that was written twice
NAMED = 6  # triggers that a message names one by one


@dataclass(frozen=True)
class Match:
    """Triggers, matched to the volumes (and slices) that gave them.

    Attributes
    ----------
    clock : Clock
    per_volume : int
        Triggers of a volume: 1, or the number of its slice acquisitions.
    jitter_s : float
        Standard deviation of the triggers about the fitted clock, s.
    missed, surplus : list of (int, float)
        Triggers that are not there (number of the trigger, counted from 0, and time at which it should have come) and
        that belong to nothing (position in the list, time), s.
    notes : list of str
        Warnings, one sentence each.
    """

    clock: Clock
    per_volume: int
    jitter_s: float
    missed: list
    surplus: list
    notes: list


def match_triggers(triggers_s, tr_s: float, n_volumes: int, extra: str = "refuse", slice_times_s=None) -> Match:
    """Fit the scanner's clock to triggers: onset = start + period × (volume + place in the volume), by least squares.

    Triggers of slices are recognised by their spacing. A trigger is followed from its predecessors' place, so that
    missed ones and ones that belong to nothing are found wherever they are between the first and the last; they do
    not enter the fit.

    Parameters
    ----------
    triggers_s : array of float, shape (n_triggers,)
        On the LFP clock, ascending, in seconds.
    tr_s : float
        Nominal repetition time, in seconds.
    n_volumes : int
    extra : {"refuse", "before", "after"}
        What triggers beyond the number of volumes are: dummy scans before the first volume, or what came after.
    slice_times_s : array of float, optional
        Onset of each slice within its volume, s; needed for slice triggers that are not evenly spaced.

    Raises
    ------
    InputError
        With fewer triggers than volumes, with more where `extra` does not say which to use, where more than one in
        twenty is missed or too many, or where their spacing is not the repetition time.
    """
    triggers = np.asarray(triggers_s, dtype=float).ravel()
    triggers, twice = _ascending(triggers)
    if triggers.size < max(1, n_volumes / 2):
        raise InputError(
            f"{triggers.size} triggers for {n_volumes} volumes; give scan_start_s in the sheet instead, or repair the"
            " triggers"
        )
    if n_volumes < 2 or triggers.size < 2:
        return Match(Clock(float(triggers[0]), tr_s, tr_s), 1, 0.0, [], [], [])
    within = _pattern(triggers, tr_s, n_volumes, slice_times_s)
    number, m = _numbered(triggers, within, tr_s, extra), within.size
    missed, surplus = _wrong(triggers, number, within, tr_s)
    kind = "slice triggers" if m > 1 else "triggers"
    expected, used = n_volumes * m, number >= 0
    wrong = _fault_text(missed, surplus, m)
    if max(len(missed), len(surplus)) > max(1, MOST_WRONG * expected):
        raise InputError(
            f"the {kind} do not follow the TR of {tr_s:g} s: {wrong}; correct the TR, repair the triggers, or give"
            " scan_start_s in the sheet instead of these triggers"
        )
    covered = int(number.max()) + 1
    if covered != expected:
        _counted(covered, expected, n_volumes, tr_s, m, kind, wrong, extra)
        first = covered - expected if extra == "before" else 0
        number = np.where((number >= first) & (number < first + expected), number - first, -1)
        used = number >= 0
        missed, surplus = _wrong(triggers, number, within, tr_s, triggers[used][[0, -1]])
        wrong = _fault_text(missed, surplus, m)
    place = (number[used] // m) + within[number[used] % m] / tr_s
    period, start = np.polyfit(place, triggers[used], 1)
    if abs(period / tr_s - 1) > 1e-3:
        raise InputError(
            f"the {kind} are {np.median(np.diff(triggers)):.6g} s apart, {period:.6g} s a volume, but the TR is"
            f" {tr_s:g} s; correct the TR, or give scan_start_s in the sheet instead of these triggers"
        )
    jitter = float(np.std(triggers[used] - start - period * place))
    notes = [f"{kind}: {wrong}; the clock was fitted to the others"] if wrong else []
    notes += [twice] if twice else []
    return Match(Clock(float(start), float(period), tr_s), m, jitter, missed, surplus, notes)


def _ascending(triggers) -> tuple[np.ndarray, str]:
    """The triggers, those that are written twice once, and a note about these."""
    if not np.isfinite(triggers).all():
        raise InputError("some triggers are no numbers; repair them or give scan_start_s in the sheet instead")
    steps = np.diff(triggers)
    if (steps < 0).any():
        at = int(np.flatnonzero(steps < 0)[0])
        raise InputError(
            f"the triggers are not ascending times: trigger {at + 1} at {triggers[at + 1]:.6g} s follows that at"
            f" {triggers[at]:.6g} s; repair them or give scan_start_s in the sheet instead"
        )
    again = np.flatnonzero(steps <= SAME_S)
    if not again.size:
        return triggers, ""
    note = f"{again.size} triggers are duplicated (the first at {triggers[again[0]]:.4f} s); each counts once"
    return np.delete(triggers, again + 1), note


def _pattern(triggers, tr_s, n_volumes, slice_times_s) -> np.ndarray:
    """Places of the triggers of one volume within it, s."""
    apart = np.median(np.diff(triggers)) / tr_s
    if apart > 0.7:
        return np.zeros(1)
    if slice_times_s is not None:
        times = acquisition_times(slice_times_s, tr_s)
        typical = np.median(np.diff(np.append(times, tr_s + times[0]))) / tr_s
        if times.size > 1 and abs(apart / typical - 1) < STRAY:
            return times - times[0]
    m = max(1, round(1 / apart))
    if abs(apart * m - 1) > STRAY / 2:
        raise InputError(
            f"the triggers are {apart * tr_s:.6g} s apart, which is neither the TR ({tr_s:g} s) nor the time between"
            f" slices; {triggers.size} triggers for {n_volumes} volumes: correct the TR, or give scan_start_s in the"
            " sheet instead of these triggers"
        )
    return np.arange(m) * tr_s / m


def _numbered(triggers, within, tr_s, extra) -> np.ndarray:
    """Number of each trigger (volume × triggers of a volume + place), −1 where it belongs to nothing.

    Followed from the first trigger on; from the last one back where surplus triggers came before. If that first one
    belongs to nothing itself hardly any other fits, so that the next ones are tried too.
    """
    if extra == "before":
        turned = _numbered(triggers[-1] - triggers[::-1], (within[-1] - within)[::-1], tr_s, "after")[::-1]
        return np.where(turned >= 0, turned.max() - turned, -1)
    best = np.zeros(0, int)
    for anchor in range(min(5, triggers.size)):
        number = _followed(triggers[anchor:], within, tr_s)
        if (number >= 0).sum() > (best >= 0).sum() + anchor:
            best = np.concatenate([np.full(anchor, -1), number])
        if (best >= 0).mean() > 0.9:
            break
    return _nearest(triggers, best, within, tr_s)


def _nearest(triggers, number, within, tr_s) -> np.ndarray:
    """The same after a fit to all: each place has the trigger that is nearest, and none that strays."""
    used = number >= 0
    if used.sum() < 3:
        return number
    period, start = np.polyfit(_time(number[used], within, tr_s), triggers[used], 1)
    grid = np.append(within, tr_s)  # a trigger just before a volume belongs to it, not to the volume before
    volume, place = np.divmod((triggers - start) / period, tr_s)
    near = (volume * within.size + np.argmin(np.abs(place[:, None] - grid), axis=1)).astype(int)
    away = np.abs(triggers - start - period * _time(near, within, tr_s))
    typical = 1.4826 * np.median(away[used])
    apart = np.diff(grid).min()
    near[(away > min(STRAY * apart, max(10 * typical, 0.02 * apart))) | (near < 0)] = -1
    for k in np.flatnonzero(np.bincount(near[near >= 0]) > 1):
        same = np.flatnonzero(near == k)
        near[np.delete(same, np.argmin(away[same]))] = -1
    return np.where(near >= 0, near - near[near >= 0].min(), -1)


def _followed(triggers, within, tr_s) -> np.ndarray:
    m = within.size
    tolerance = max(STRAY, 0.25 if m > 1 else 0) * np.diff(np.append(within, tr_s)).min()
    number = np.full(triggers.size, -1)
    number[0] = last = 0
    late, stretch = 0.0, 0.0  # of the last trigger against its nominal time, and per second
    for i in range(1, triggers.size):
        elapsed = triggers[i] - triggers[0]
        expected = elapsed - late - stretch * (elapsed - _time(last, within, tr_s))
        guess = int(expected // tr_s) * m
        near = np.arange(max(guess - 1, last + 1), max(guess - 1, last + 1) + m + 2)
        nominal = _time(near, within, tr_s)
        chosen = int(np.argmin(np.abs(nominal - expected)))
        if abs(nominal[chosen] - expected) > tolerance:
            continue
        last, number[i] = int(near[chosen]), near[chosen]
        now = elapsed - nominal[chosen]
        stretch += 0.05 * ((now - late) / max(tr_s, nominal[chosen]) - stretch) if i > 1 else 0.0
        late += 0.3 * (now - late)
    return number


def _time(number, within, tr_s):
    return (np.asarray(number) // within.size) * tr_s + within[np.asarray(number) % within.size]


def _wrong(triggers, number, within, tr_s, between=None):
    """Missed and surplus triggers, the latter between two times if given."""
    used = number >= 0
    place = _time(number[used], within, tr_s)
    period, start = np.polyfit(place, triggers[used], 1) if used.sum() > 1 else (1.0, triggers[used][0])
    gone = np.setdiff1d(np.arange(number.max() + 1), number[used])
    missed = [(int(k), float(start + period * _time(k, within, tr_s))) for k in gone]
    low, high = between if between is not None else (-np.inf, np.inf)
    surplus = [(int(i), float(triggers[i])) for i in np.flatnonzero(~used) if low < triggers[i] < high]
    return missed, surplus


def _fault_text(missed, surplus, m) -> str:
    def named(entries, name):
        texts = [name(k, t) for k, t in entries[:NAMED]]
        return ", ".join(texts) + (f" and {len(entries) - NAMED} more" if len(entries) > NAMED else "")

    parts = []
    if missed:
        where = (lambda k: f"volume {k}") if m == 1 else (lambda k: f"volume {k // m} slice {k % m}")
        parts.append(f"{len(missed)} missed ({named(missed, lambda k, t: f'{where(k)} at {t:.4f} s')})")
    if surplus:
        parts.append(f"{len(surplus)} too many ({named(surplus, lambda i, t: f'trigger {i} at {t:.4f} s')})")
    return " and ".join(parts)


def _counted(covered, expected, n_volumes, tr_s, m, kind, wrong, extra) -> None:
    """Refuse a number of triggers that is not the number of volumes, unless it is said what the surplus is."""
    besides = f" ({wrong} among them)" if wrong else ""
    scan = f"{n_volumes} volumes" if m == 1 else f"{n_volumes} volumes of {m} slices"
    if covered < expected:
        raise InputError(
            f"{covered} {kind} for {scan}{besides}: the first or the last {expected - covered} were missed; give"
            f" scan_start_s in the sheet instead, correct the TR ({tr_s:g} s), or repair the triggers; if the LFP began"
            f" after the scan, set dummy_volumes to {-(-(expected - covered) // m)} more and scan_start_s to so many TR"
            " before the first trigger"
        )
    if extra == "refuse":
        raise InputError(
            f"{covered} {kind} for {scan}{besides}; set input.extra_triggers to before (dummy scans) or after, or give"
            " scan_start_s in the sheet instead"
        )
