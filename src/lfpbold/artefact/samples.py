"""Samples that are no LFP: held at one value, filled with zeros, at the limits of the converter.

Packets are lost and filled in, amplifiers saturate, a plug comes off. What was recorded instead is no LFP, at whatever
stage the recording enters, and it is found by how it differs from what a converter can give: a digitised signal does
not stay at one value, and its largest value is not its most frequent one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

HELD_S, HELD_SAMPLES = 0.005, 25  # a value that stays for longer than both is held
CHANCE = 0.1  # samples in runs of half of that to all of it, over those in longer ones: coarse numbers have both
WINDOW_S, DITHER_S = 0.02, 0.2  # windows whose range is looked at, and how long one of a few steps must last
DITHER_STEPS, FINE_STEPS = 2.01, 50  # range in steps of the converter that is none of a signal whose usual one is this
COARSE_UV = 3.0  # step of a converter with which a silent brain stays at one value
EXTREMES, FEWEST_AT_RAIL, PILED_UP = 12, 10, 5.0  # largest values that are counted; how often the last, against others
LEVELS = 400  # steps of the converter between both extremes, below which values repeat anyway
RAIL_WINDOW_S, RAIL_SHARE = 0.1, 0.2  # windows of which that share is at a rail hold no LFP

KINDS = {
    "zeros": "filled with zeros",
    "held": "held at one value",
    "rails": "at the limits of the converter",
    "gain": "of another amplitude than before or after, as where a contact comes off or a gain is changed",
    "lost_contact": "without signal from then on, as where a contact comes off",
    "movement": "far beyond the usual amplitude in all bands, as a movement leaves",
}


@dataclass(frozen=True)
class SampleFaults:
    """Samples of one channel that are no LFP.

    Attributes
    ----------
    stretches : dict of str to ndarray of int, shape (n, 2)
        By the names of `KINDS`, those that occur: first sample of each, and the one after its last.
    at_rails : ndarray of int, shape (n, 2)
        Runs of samples at the converter's limits, however short: they hurt what is faster than LFP.
    rail_share : float
        Share of all samples that are in them.
    """

    stretches: dict
    at_rails: np.ndarray
    rail_share: float

    def told(self, fs_hz: float) -> list[str]:
        """A sentence about each kind, with when it begins within what was looked at."""
        return [
            f"{(part[:, 1] - part[:, 0]).sum() / fs_hz:.3g} s of the scan are no LFP, {KINDS[kind]}, from"
            f" {part[0, 0] / fs_hz:.3f} s after its start on"
            for kind, part in self.stretches.items()
        ]


class SampleWatch:
    """Looks at the samples of one channel, piece by piece; what is found does not depend on the pieces.

    Parameters
    ----------
    fs_hz : float

    Examples
    --------
    >>> samples = np.round(np.random.default_rng(0).normal(0, 200, 20_000))
    >>> samples[5000:9000] = 0
    >>> watch = SampleWatch(1000.0)
    >>> watch.add(samples[:7000])
    >>> watch.add(samples[7000:])
    >>> {kind: runs.tolist() for kind, runs in watch.found().stretches.items()}
    {'zeros': [[5000, 9000]]}
    """

    def __init__(self, fs_hz: float):
        self._least = max(HELD_SAMPLES, round(HELD_S * fs_hz))
        self._fs_hz, self._n, self._step = fs_hz, 0, np.inf
        self._begin = 0  # of the run that has not ended
        self._value: float | None = None
        self._medium = self._long = 0  # samples in runs of half of `_least` or more, and in those of all of it
        self._runs: list = []
        self._width = max(HELD_SAMPLES, round(WINDOW_S * fs_hz))
        self._rest = np.zeros(0, np.float32)
        self._ranges: list = []
        self._highest, self._lowest = _Extreme(1), _Extreme(-1)

    def add(self, samples) -> None:
        """Samples that follow those before."""
        samples = np.asarray(samples)
        samples = samples if samples.dtype.kind == "f" else samples.astype(float)
        if not len(samples):
            return
        self._add_runs(samples)
        self._add_ranges(samples)
        for extreme in (self._highest, self._lowest):
            extreme.add(samples, self._n)
        self._n += len(samples)

    def _add_runs(self, samples) -> None:
        steps = np.diff(samples) if self._value is None else np.diff(samples, prepend=self._value)
        moved = np.flatnonzero(steps)
        if moved.size:
            self._step = min(self._step, float(np.abs(steps[moved]).min()))
        at = self._n + moved + (1 if self._value is None else 0)
        begins = np.concatenate([[self._begin], at])
        lengths = np.diff(begins)
        self._medium += int(lengths[(lengths >= self._least // 2) & (lengths < self._least)].sum())
        for i in np.flatnonzero(lengths >= self._least):
            begin, end = int(begins[i]), int(begins[i + 1])
            self._long += end - begin
            value = float(samples[begin - self._n]) if begin >= self._n else float(self._value or 0)
            self._runs.append((begin, end, value))
        self._begin, self._value = int(begins[-1]), samples[-1]

    def _add_ranges(self, samples) -> None:
        held = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        n = len(held) // self._width
        windows = held[: n * self._width].reshape(n, self._width)
        if n:
            self._ranges.append(windows.max(axis=1) - windows.min(axis=1))
        self._rest = np.array(held[n * self._width :])

    def found(self, zero: float = 0.0) -> SampleFaults:
        """What is no LFP of all samples so far; `zero` is what 0 of the file has become."""
        runs = list(self._runs)
        if self._value is not None and self._n - self._begin >= self._least:
            runs.append((self._begin, self._n, float(self._value)))
        n_long = sum(end - begin for begin, end, _ in runs)
        if self._medium > CHANCE * n_long:  # coarse numbers, of which some stay for long by chance
            runs = [run for run in runs if run[1] - run[0] >= 40 * self._least and self._medium < n_long]
        levels = (self._highest.value - self._lowest.value) / self._step if np.isfinite(self._step) else 0
        rails = [e.runs() for e in (self._highest, self._lowest) if levels >= LEVELS and e.is_rail()]
        limits = {e.value for e in (self._highest, self._lowest) if levels >= LEVELS and e.is_rail()}
        at_rails = np.array(sorted(run for part in rails for run in part), dtype=int).reshape(-1, 2)
        # In coarse numbers a silent brain has one value too, unless the gradients move it all the time.
        still = not np.isfinite(self._step)
        telling = still or self._step <= COARSE_UV or self._usual_range() > FINE_STEPS * self._step
        inside = [run for run in runs if run[2] not in limits] if telling else []
        found = {
            "zeros": union([run[:2] for run in inside if run[2] == zero]),
            "held": union([run[:2] for run in inside if run[2] != zero] + self._dithered(runs)),
            "rails": union([run[:2] for run in runs if run[2] in limits] + self._dense(at_rails)),
        }
        share = float((at_rails[:, 1] - at_rails[:, 0]).sum() / max(self._n, 1))
        return SampleFaults({kind: part for kind, part in found.items() if len(part)}, at_rails, share)

    def _usual_range(self) -> float:
        """Of a window in which anything moves."""
        ranges = np.concatenate(self._ranges) if self._ranges else np.zeros(0)
        moving = ranges[ranges > 0]
        return float(np.median(moving)) if moving.size else 0.0

    def _dithered(self, runs) -> list:
        """Windows in a row whose values change by single steps of the converter where others change by very many."""
        ranges = np.concatenate(self._ranges) if self._ranges else np.zeros(0)
        if self._step > COARSE_UV or not self._usual_range() > FINE_STEPS * self._step:
            return []
        quiet = (ranges <= DITHER_STEPS * self._step) & ~_in_windows(runs, self._width, len(ranges))
        least = max(2, round(DITHER_S * self._fs_hz / self._width))
        wide = [(max(a - 1, 0), min(b + 1, len(quiet))) for a, b in runs_of(quiet) if b - a >= least]
        return [(a * self._width, b * self._width) for a, b in wide]

    def _dense(self, at_rails) -> list:
        """Windows a good part of which is at the rails."""
        if not len(at_rails):
            return []
        width = max(2, round(RAIL_WINDOW_S * self._fs_hz))
        change = np.zeros(self._n + 1, np.int8)
        change[at_rails[:, 0]] += 1
        np.subtract.at(change, at_rails[:, 1], 1)
        inside = np.cumsum(change[:-1], dtype=np.int8)
        n = len(inside) // width
        share = inside[: n * width].reshape(n, width).mean(axis=1) if n else np.zeros(0)
        return [(a * width, b * width) for a, b in runs_of(share > RAIL_SHARE)]


class _Extreme:
    """The largest values of a channel (by `sign`: or the smallest), how often each occurs, and where the last does."""

    def __init__(self, sign: int):
        self._sign = sign
        self._counts: dict = {}
        self._floor, self._top = -np.inf, -np.inf
        self._where: list = []

    def add(self, samples, first: int) -> None:
        signed = samples if self._sign > 0 else -samples
        if len(self._counts) < EXTREMES and len(signed) > 4 * EXTREMES:
            # Only values above this can be among the last ones, and there are few of them.
            self._floor = max(self._floor, float(np.partition(np.unique(signed), -EXTREMES)[-EXTREMES])
                              if np.unique(signed[:4096]).size >= EXTREMES else self._floor)  # fmt: skip
        large = np.flatnonzero(signed >= self._floor)
        if not large.size:
            return
        values, counts = np.unique(signed[large], return_counts=True)
        for value, count in zip(values[-EXTREMES:].tolist(), counts[-EXTREMES:].tolist(), strict=True):
            self._counts[value] = self._counts.get(value, 0) + count
        kept = sorted(self._counts)[-EXTREMES:]
        self._counts = {value: self._counts[value] for value in kept}
        if len(kept) == EXTREMES:
            self._floor = max(self._floor, kept[0])
        if kept[-1] > self._top:
            self._top, self._where = kept[-1], []
        if values[-1] == self._top:
            self._where.append(first + large[signed[large] == self._top])

    @property
    def value(self) -> float:
        return self._sign * self._top

    def is_rail(self) -> bool:
        """Whether the last value is far more frequent than those just before it."""
        counts = [self._counts[value] for value in sorted(self._counts)]
        others = counts[:-1]
        return bool(others) and counts[-1] >= FEWEST_AT_RAIL and counts[-1] > PILED_UP * max(others)

    def runs(self) -> list[tuple[int, int]]:
        """Runs of samples of the last value."""
        where = np.concatenate(self._where) if self._where else np.zeros(0, int)
        cuts = np.flatnonzero(np.diff(where) > 1) + 1
        return [(int(part[0]), int(part[-1]) + 1) for part in np.split(where, cuts) if part.size]


def runs_of(which) -> list[tuple[int, int]]:
    """Begin and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.asarray(which, dtype=bool), [False]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def union(*parts) -> np.ndarray:
    """Stretches that are in any of some lists of them, in order; those that overlap or touch are one; shape (n, 2)."""
    runs = [(a, b) for part in parts for a, b in np.asarray(part).reshape(-1, 2).tolist()]
    out: list = []
    for begin, end in sorted(runs):
        if out and begin <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([begin, end])
    return np.array(out).reshape(-1, 2)


def _in_windows(runs, width: int, n: int) -> np.ndarray:
    """Windows that lie in a run as a whole."""
    inside = np.zeros(n, dtype=bool)
    for begin, end, _ in runs:
        inside[-(-begin // width) : end // width] = True
    return inside
