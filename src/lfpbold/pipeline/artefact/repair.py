"""A recording in which lines stand where there is no LFP, so that what is there enters no template of the artefact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...recordings import Lfp
from ...timing.clock import Clock


def whole_acquisitions(stretches: list, lfp: Lfp, clock: Clock) -> list:
    """Stretches of each channel up to the borders of the acquisitions that they touch; those that meet are one.

    Acquisitions without artefact make an averaged template smaller as a whole, which its fit to each acquisition
    undoes. Parts of them would make it smaller in parts.

    Parameters
    ----------
    stretches : list of array of int, shape (n, 2)
        Of each channel: first sample, and the one after the last.
    lfp : Lfp
    clock : Clock
        Of the located scan.

    Returns
    -------
    spans : list of list of (int, int)
    """
    onsets = clock.slice_onsets().ravel() * lfp.fs_hz
    return [_to_acquisitions(own, onsets, lfp.n_samples) for own in stretches]


def without_stretches(lfp: Lfp, spans: list, clock: Clock) -> Lfp:
    """The recording with a line in the place of spans of each channel.

    Parameters
    ----------
    lfp : Lfp
    spans : list of list of (int, int)
        From `whole_acquisitions`.
    clock : Clock
    """
    volume = max(1, round(clock.period_s * lfp.fs_hz))  # over which the artefact's mean is its mean
    lines = []
    for position, own in enumerate(spans):
        of_channel = []
        for begin, end in own:
            sides = [(max(begin - volume, 0), begin), (end, min(end + volume, lfp.n_samples))]
            means = [lfp.read(position, a, b).mean(dtype=float) for a, b in sides if b > a]
            of_channel.append((begin, end, means[0], means[-1]))
        lines.append(of_channel)

    def read(position, start, stop):
        return _drawn(np.array(lfp.read(position, start, stop), np.float32), lines[position], start)

    def fill(out, positions, start, stop):
        lfp.fill_block(out, positions, start, stop)
        for row, position in zip(out, positions, strict=True):
            _drawn(row, lines[position], start)

    return replace(lfp, read=read, fill=fill)


def _to_acquisitions(stretches, onsets, n_samples: int) -> list[tuple[int, int]]:
    """Stretches up to the borders of the acquisitions that they touch; those that meet are one."""
    out: list[tuple[int, int]] = []
    for begin, end in np.asarray(stretches).reshape(-1, 2).tolist():
        first, last = np.searchsorted(onsets, begin, "right") - 1, np.searchsorted(onsets, end)
        low = int(np.floor(min(begin, onsets[first]))) if first >= 0 else int(begin)
        high = int(np.ceil(max(end, onsets[last]))) if last < len(onsets) else n_samples
        if out and low <= out[-1][1]:
            low = out.pop()[0]
        out.append((max(low, 0), min(high, n_samples)))
    return out


def _drawn(samples, lines, start: int) -> np.ndarray:
    """Draw the lines into samples, the first of which is sample `start`, in place."""
    for begin, end, first, last in lines:
        low, high = max(begin, start), min(end, start + len(samples))
        if low < high:
            weight = (np.arange(low, high) - begin + 1) / (end - begin + 1)
            samples[low - start : high - start] = (1 - weight) * first + weight * last
    return samples
