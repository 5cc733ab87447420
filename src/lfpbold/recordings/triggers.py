"""Volume triggers from a line: each time that it leaves the value at which it rests, or takes a chosen code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError

DIGITAL = 16  # a line of no more levels than these is no analogue one
CODES = 4096  # levels that a line of codes has at most
RESTLESS = 0.1  # share of samples that begin another level, beyond which levels are noise and not codes
SYSTEM_BITS = 16  # of a status word: the lower bits are triggers, the upper ones the amplifier's own state


@dataclass(frozen=True)
class Runs:
    """A line as stretches of one value each.

    Attributes
    ----------
    starts : array of float, shape (n_runs,)
        Ascending, in any unit.
    values : array, shape (n_runs,)
        Each unlike the one before.
    end : float
        Of the last stretch.
    """

    starts: np.ndarray
    values: np.ndarray
    end: float

    @property
    def lengths(self) -> np.ndarray:
        """How long each stretch lasts."""
        return np.diff(np.append(self.starts, self.end))


def line_onsets(samples, fs_hz: float, code: str | None = None) -> np.ndarray:
    """Times of the pulses of a trigger line, s from the first sample.

    A digital line tells by its first sample off the value at which it rests, be it off for that sample alone; pulses
    may go up or down. A line of two levels with samples in between counts as high above 60 % and as low below 40 % of
    its range. Of an analogue line, which is recognised by its many levels, `trigger_line.edges` finds the edge between
    samples.

    Parameters
    ----------
    samples : array of float, shape (n_samples,)
    fs_hz : float
    code : str, optional
        Only pulses of this value count: the value itself, or, where the line never has it, its difference from rest in
        bits.

    Returns
    -------
    times_s : ndarray, shape (n_pulses,)
        Empty where the line never changes. A pulse that has begun before the first sample does not count; one that
        begins with it is as long as the others.

    Raises
    ------
    InputError
        When the line is noise or holds NaN, or never takes the chosen code.

    Examples
    --------
    >>> line_onsets([0, 0, 5, 5, 0, 0, 2.5, 5, 5, 0], 1000.0).tolist()
    [0.002, 0.007]
    >>> line_onsets([254, 254, 255, 254, 250, 254, 255, 254], 1000.0, "255").tolist()
    [0.002, 0.006]
    """
    samples = np.asarray(samples).ravel()
    if samples.size < 2 or np.ptp(samples) == 0:
        return np.zeros(0)
    if not np.isfinite(samples).all():
        raise InputError("the trigger line is empty or holds NaN; name another channel")
    words = _words(samples, code)
    if words is not None:
        return pulses(words, code, 1.0) / fs_hz
    if code is not None:
        raise InputError(f"holds no codes, of which one could be {code}; leave `={code}` away, or name another channel")
    analogue = np.unique(samples[: 10**6]).size > DIGITAL
    high = _two_levels(samples)
    falling = bool(resting(high)) if high.values.size > 1 else False
    if analogue:
        from ..timing.trigger_line import edges

        return edges(samples, fs_hz, falling=falling)
    return pulses(high, None, 1.0) / fs_hz


def named_line_onsets(samples, fs_hz: float, code: str | None, what: str) -> np.ndarray:
    """`line_onsets`, whose errors begin with the name of the line."""
    try:
        return line_onsets(samples, fs_hz, code)
    except InputError as error:
        raise InputError(f"{what}: {error}") from None


def runs_of(values) -> Runs:
    """Stretches of equal samples; their starts are indices."""
    values = np.asarray(values)
    starts = np.append(0, 1 + np.flatnonzero(np.diff(values) != 0))
    return Runs(starts.astype(float), values[starts], float(values.size))


def _words(samples, code: str | None) -> Runs | None:
    """Stretches of a line of whole numbers that are codes; None where they are levels with noise, or no whole numbers.

    Of status words that the amplifier shares the lower bits are taken, unless the upper ones change more often.
    """
    whole = np.rint(samples)
    if np.abs(samples - whole).max() > 0.02 or np.abs(whole).max() >= 2.0**31:
        return None
    words = runs_of(whole.astype(np.int64))
    if (words.values >> SYSTEM_BITS).any():
        low, high = (runs_of(part) for part in (whole.astype(np.int64) & 0xFFFF, whole.astype(np.int64) >> SYSTEM_BITS))
        words = low if 1 < low.values.size > high.values.size else words
    levels = np.unique(words.values)
    if levels.size == 2 or (code is not None and levels.size <= DIGITAL):
        return words
    if levels.size > CODES or words.values.size > RESTLESS * samples.size:
        return None
    rest = resting(words)
    noisy = {rest - 1, rest + 1} <= set(levels.tolist()) and np.abs(levels - rest).max() > 50
    return None if noisy else words


def _two_levels(samples) -> Runs:
    low, high = float(samples.min()), float(samples.max())
    is_high, is_low = samples > low + 0.6 * (high - low), samples < low + 0.4 * (high - low)
    decided = np.flatnonzero(is_high | is_low)
    found = runs_of(is_high[decided].astype(np.int64))
    starts = decided[found.starts.astype(int)].astype(float)
    return Runs(np.append(0.0, starts[1:]), found.values, float(samples.size))


def resting(line: Runs) -> int:
    """The value at which a line rests: that before and after its pulses, else the one that it has longest among them.

    A level that is held half of the time is told by the stretch with which the line begins, if that is the longest.
    """
    lengths, values = line.lengths, line.values
    if values.size < 3:
        return int(values[0])
    inner = lengths[1:-1]
    if values[0] == values[-1] and max(lengths[0], lengths[-1]) > inner.max():
        return int(values[0])
    levels, level = np.unique(values[1:-1] if values.size > 4 else values, return_inverse=True)
    share = np.bincount(level, inner if values.size > 4 else lengths)
    share = share / share.sum()
    if levels.size == 2 and share.max() < 0.6:
        return int(values[0] if lengths[0] > inner.max() else levels[0])
    return int(levels[np.argmax(share)])


def pulses(line: Runs, code: str | None, shortest: float) -> np.ndarray:
    """Starts of the pulses of a line, in its own unit: where it leaves rest, or takes a code.

    Parameters
    ----------
    line : Runs
    code : str or None
        A value that counts alone.
    shortest : float
        Two pulses whose lengths differ by no more are equally long.
    """
    values, lengths = line.values, line.lengths
    if values.size < 2:
        return np.zeros(0)
    rest = resting(line)
    before = np.append(rest, values[:-1])
    if code is None:
        begins = (before == rest) & (values != rest)
    else:
        wanted = _chosen(line, code, rest)
        joined = (before != rest) & (values == (before | wanted)) & ((before & wanted) != wanted)
        begins = ((values == wanted) & ((before == rest) | ((before & wanted) != wanted))) | joined
    if begins[0] and not (begins[1:].any() and _is_whole(line, rest, begins, lengths, shortest)):
        begins[0] = False
    return line.starts[begins]


def _is_whole(line: Runs, rest: int, begins, lengths, shortest: float) -> bool:
    """Whether a line that is off its rest from the first sample on has a whole pulse there."""
    away = np.flatnonzero(begins)
    back = np.flatnonzero(line.values == rest)
    ends = np.array([line.starts[back[back > start][0]] if (back > start).any() else line.end for start in away])
    widths = ends - line.starts[away]
    return bool(abs(widths[0] - np.median(widths[1:])) <= shortest)


def _chosen(line: Runs, code: str, rest: int) -> int:
    try:
        wanted = int(code, 16) if code.lower().startswith("0x") else float(code)
    except ValueError:
        wanted = float("nan")
    for value in (wanted, int(wanted) ^ rest if wanted == wanted and float(wanted).is_integer() else wanted):
        if (line.values == value).any() and value != rest:
            return int(value)
    values, counts = np.unique(line.values[line.values != rest], return_counts=True)
    order = np.argsort(-counts)[:8]
    held = ", ".join(f"{values[i]} ({counts[i]} times)" for i in order)
    raise InputError(f"never takes the code {code}; it rests at {rest} and takes {held}: choose one of these after `=`")


def onsets_of_changes(times, values, begin: float, end: float, code: str | None = None) -> np.ndarray:
    """Starts of the pulses of a line of which a file holds the changes alone, with the value after each.

    Where values repeat they are words that were latched, of which each that is not 0 counts.

    Parameters
    ----------
    times : array of float, shape (n_changes,)
        Ascending.
    values : array of int, shape (n_changes,)
    begin, end : float
        Of the recording, in the unit of the times.
    code : str, optional
        A value that counts alone.
    """
    times, values = np.asarray(times, dtype=float), np.asarray(values).astype(np.int64)
    if times.size == 0:
        return times
    held, last = np.diff(np.append(times, max(end, times[-1]))), times[0] - max(times[0] - begin, 0.0)
    latched = times.size > 1 and (values[1:] == values[:-1]).mean() > 0.05
    if latched or np.unique(values).size == 1:
        rest = 0
        if code is None:
            return times[values != rest] if (values != rest).any() else times
        return times[values == _chosen(Runs(np.append(last, times), np.append(rest, values), end), code, rest)]
    keep = np.append(True, values[1:] != values[:-1])
    others = np.unique(values[values != values[0]])
    longest = others[np.argmax([held[values == value].sum() for value in others])]
    starts = np.append(min(last, times[0] - 1e-9), times[keep])
    line = Runs(starts, np.append(longest, values[keep]), max(end, times[-1]))
    return pulses(line, code, 1e-9)
