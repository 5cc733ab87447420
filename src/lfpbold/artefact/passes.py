"""Two passes over all channels of a recording of any length, block by block.

The first pass adds up the templates of each channel, the second one subtracts them (`blockwise`). All channels of a
block are read at once, the next block is read meanwhile, and channels are worked on in threads.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from .blockwise import BlockwiseSubtraction
from .plan import BlockPlan, pieces

CHANNELS = 16  # that are worked on together; a recording of more is read again for each group of them
BLOCK_BYTES = 2**25  # of a recording without an artefact that are read at once


class Recording(Protocol):
    """What is cleaned: channels that are read in part."""

    fs_hz: float
    n_samples: int
    channels: list

    def fill_block(self, out: np.ndarray, positions: list[int], start: int, stop: int) -> None:
        """Write samples of some channels into the rows of `out`, float32, shape (n_positions, stop − start)."""

    def channel(self, position: int, offset: float = 0.0):
        """One channel, less a constant, that is sliced like an array of float32, shape (n_samples,)."""


class Block(NamedTuple):
    """A part of a recording: its first sample, the one after its last, and the same of the volumes in it."""

    begin: int
    end: int
    first_volume: int = 0
    end_volume: int = 0

    @property
    def volumes(self) -> tuple[int, int]:
        return self.first_volume, self.end_volume


def channel_groups(n_channels: int) -> list[list[int]]:
    """Positions of channels that are worked on together."""
    return [list(range(a, b)) for a, b in pieces(0, n_channels, CHANNELS)]


def blocks_of(recording: Recording, n_channels: int, plan: BlockPlan | None = None) -> list[Block]:
    """Consecutive blocks of a recording, by the plan of its volumes where there is one."""
    if plan is not None:
        return [Block(*block) for block in plan.blocks(n_channels)]
    return [Block(a, b) for a, b in pieces(0, recording.n_samples, max(1, BLOCK_BYTES // (4 * n_channels)))]


def each_block(recording: Recording, positions, plan: BlockPlan | None, work: Callable, pool: Executor) -> None:
    """Call `work(i, samples, first, block)` for the channel `positions[i]` of each block.

    `samples` reaches `plan.margin` beyond the block on either side, with zeros where the recording has none, and begins
    with sample `first` of the recording. It belongs to `work` until that returns. A channel's blocks follow one
    another; what is done with a channel depends on no other.
    """
    blocks, margin = blocks_of(recording, len(positions), plan), plan.margin if plan is not None else 0
    widest = max((block.end - block.begin for block in blocks), default=0) + 2 * margin
    buffers = [np.empty((len(positions), widest), np.float32) for _ in range(2)]

    def read(number):
        begin, end = blocks[number].begin, blocks[number].end
        low, high = max(begin - margin, 0), min(end + margin, recording.n_samples)
        samples = buffers[number % 2][:, : end - begin + 2 * margin]
        at = low - (begin - margin)
        samples[:, :at] = 0
        samples[:, at + high - low :] = 0
        recording.fill_block(samples[:, at : at + high - low], positions, low, high)
        return samples

    if not blocks:
        return
    reading = pool.submit(read, 0)
    for number, block in enumerate(blocks):
        samples = reading.result()
        if number + 1 < len(blocks):
            reading = pool.submit(read, number + 1)
        first = block.begin - margin
        jobs = [pool.submit(work, i, samples[i], first, block) for i in range(len(positions))]
        for job in jobs:
            job.result()


@dataclass
class ChannelStats:
    """Smallest, largest and sum of a channel's samples, and the mean of those that came first."""

    lowest: float = np.inf
    highest: float = -np.inf
    total: float = 0.0
    first_mean: float | None = None

    def add(self, samples) -> None:
        """Samples that follow those before."""
        if not len(samples):
            return
        low, high = float(samples.min()), float(samples.max())
        self.lowest, self.highest = np.minimum(self.lowest, low), np.maximum(self.highest, high)
        self.total += float(samples.sum(dtype=float))
        if self.first_mean is None:
            self.first_mean = float(np.float32(samples.mean(dtype=float)))

    def is_finite(self) -> bool:
        """Whether all samples were numbers."""
        return bool(np.isfinite(self.highest - self.lowest))


class ChannelCleaner:
    """One channel through both passes.

    Parameters
    ----------
    size : int
        Samples of the recording.
    plan : BlockPlan or None
        Where its acquisitions lie; None where the samples are only looked at.
    centre : bool
        Subtract the mean of all samples. While the templates are added up that mean is not known yet, and the mean of
        the first block stands in for it.
    """

    def __init__(self, size: int, plan: BlockPlan | None = None, centre: bool = True):
        self._size, self._centre, self.stats = size, centre, ChannelStats()
        self._subtraction = BlockwiseSubtraction(plan) if plan is not None else None

    @property
    def offset(self) -> np.float32:
        """What is subtracted from every sample."""
        return np.float32(self.stats.total / self._size if self._centre else 0)

    def add(self, samples: np.ndarray, first: int, block: Block) -> None:
        """A block of the first pass; its samples change in place."""
        self.stats.add(within_block(samples, first, block))
        if self._subtraction is not None and block.end_volume and self.stats.is_finite():
            self._recorded(samples, first)[:] -= np.float32(self._first_offset)
            self._subtraction.add(samples, first, block.volumes)

    def finish(self) -> int:
        """Make the templates; returns how many hold no artefact."""
        return self._subtraction.finish(float(self.offset) - self._first_offset) if self._subtraction is not None else 0

    def clean(self, samples: np.ndarray, first: int, block: Block, fits, align: bool) -> tuple[np.ndarray, dict]:
        """A block of the second pass, whose samples change in place.

        Returns
        -------
        before : ndarray, shape (block.end − block.begin,)
        after : dict of fit to ndarray of the same shape
        """
        self._recorded(samples, first)[:] -= self.offset
        before = within_block(samples, first, block)
        if self._subtraction is None or not block.end_volume:
            return before, dict.fromkeys(fits, before)
        return before, self._subtraction.clean(samples, first, block.volumes, fits, align)

    @property
    def stand_out(self) -> list[bool]:
        """Whether each template holds an artefact."""
        return [template is not None for template in self._subtraction.templates] if self._subtraction else []

    @property
    def _first_offset(self) -> float:
        return self.stats.first_mean or 0.0 if self._centre else 0.0

    def _recorded(self, samples, first: int) -> np.ndarray:
        """Those samples that the recording has."""
        return samples[max(-first, 0) : self._size - first]


def within_block(samples, first: int, block: Block) -> np.ndarray:
    """A block's samples without its margins."""
    return samples[block.begin - first : block.end - first]


def first_pass(
    recording: Recording,
    positions,
    plan: BlockPlan | None,
    pool: Executor,
    check: Callable,
    *,
    centre: bool = True,
    emit: Callable | None = None,
) -> list[ChannelCleaner]:
    """What some channels hold, and the sums of their templates where there is a plan.

    `check(position, lowest, highest)` refuses a channel by its extremes; it is asked at once of one that holds anything
    but numbers, and of each at the end. `emit(position, first, samples)`, if any, is given each block of a channel.
    """
    cleaners = [ChannelCleaner(recording.n_samples, plan, centre) for _ in positions]

    def work(i, samples, first, block):
        cleaners[i].add(samples, first, block)
        if not cleaners[i].stats.is_finite():
            check(positions[i], cleaners[i].stats.lowest, cleaners[i].stats.highest)
        if emit is not None:
            emit(positions[i], block.begin, within_block(samples, first, block))

    each_block(recording, positions, plan, work, pool)
    for cleaner, position in zip(cleaners, positions, strict=True):
        check(position, cleaner.stats.lowest, cleaner.stats.highest)
    return cleaners


def second_pass(
    recording: Recording, positions, plan: BlockPlan, pool: Executor, cleaners, fits, align: bool, emit: Callable
) -> list[int]:
    """Subtract the templates from some channels; returns how many templates of each hold no artefact.

    `emit(position, first, before, after)` is called for each block of a channel, in their order: `before` are its
    samples from sample `first` of the recording on, and `after` is a dict of the same without the artefact, by fit.
    """
    n_empty = list(pool.map(ChannelCleaner.finish, cleaners))

    def work(i, samples, first, block):
        before, after = cleaners[i].clean(samples, first, block, fits, align)
        emit(positions[i], block.begin, before, after)

    each_block(recording, positions, plan, work, pool)
    return n_empty


class ArrayRecording:
    """An array as a `Recording`.

    Parameters
    ----------
    samples : ndarray, shape (n_samples, n_channels)
    fs_hz : float
    """

    def __init__(self, samples: np.ndarray, fs_hz: float):
        self._samples, self.fs_hz = samples, fs_hz
        self.n_samples = len(samples)
        self.channels = [str(position) for position in range(samples.shape[1])]

    def fill_block(self, out, positions, start, stop) -> None:
        for row, position in zip(out, positions, strict=True):
            row[:] = self._samples[start:stop, position]

    def channel(self, position: int, offset: float = 0.0) -> np.ndarray:
        return np.asarray(self._samples[:, position], dtype=np.float32) - np.float32(offset)
