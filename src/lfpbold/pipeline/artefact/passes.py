"""Reads a recording of any length block by block, all channels of a block at once, and works on them in threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ...artefact.blockwise import BlockPlan, BlockwiseSubtraction, pieces
from ...recordings import Lfp, check_range

CHANNELS = 16  # that are worked on together; a recording of more is read again for each group of them
BLOCK_BYTES = 2**25  # of a recording without an artefact that are read at once


def in_groups(n_channels: int) -> list[list[int]]:
    """Positions of channels that are worked on together."""
    return [list(range(a, b)) for a, b in pieces(0, n_channels, CHANNELS)]


def plain_blocks(lfp: Lfp, n_channels: int) -> list[tuple[int, int, int, int]]:
    """Blocks of a recording without volumes, as `BlockPlan.blocks`."""
    return [(a, b, 0, 0) for a, b in pieces(0, lfp.n_samples, max(1, BLOCK_BYTES // (4 * n_channels)))]


def each_block(lfp: Lfp, positions, blocks, margin: int, work: Callable, pool: ThreadPoolExecutor) -> None:
    """Call `work(i, samples, first, block)` for each channel of each block, the next block being read meanwhile.

    `samples` has `margin` samples before and after the block, zeros where the recording has none, and `first` is where
    it begins. A channel's blocks follow one another; what is done with a channel depends on no other.
    """
    widest = max((end - begin for begin, end, *_ in blocks), default=0) + 2 * margin
    buffers = [np.empty((len(positions), widest), np.float32) for _ in range(2)]

    def read(number):
        begin, end, *_ = blocks[number]
        low, high = max(begin - margin, 0), min(end + margin, lfp.n_samples)
        samples = buffers[number % 2][:, : end - begin + 2 * margin]
        at = low - (begin - margin)
        samples[:, :at] = 0
        samples[:, at + high - low :] = 0
        lfp.fill_block(samples[:, at : at + high - low], positions, low, high)
        return samples

    reading = pool.submit(read, 0) if blocks else None
    for number, block in enumerate(blocks):
        samples = reading.result()
        if number + 1 < len(blocks):
            reading = pool.submit(read, number + 1)
        first = block[0] - margin
        jobs = [pool.submit(work, i, samples[i], first, block) for i in range(len(positions))]
        for job in jobs:
            job.result()


@dataclass
class Seen:
    """Smallest, largest and sum of a channel's samples."""

    lowest: float = np.inf
    highest: float = -np.inf
    total: float = 0.0
    rough: float | None = None  # mean of the first block, subtracted while templates are made

    def add(self, samples) -> None:
        """Samples that follow those before."""
        if not len(samples):
            return
        low, high = float(samples.min()), float(samples.max())
        self.lowest, self.highest = np.minimum(self.lowest, low), np.maximum(self.highest, high)
        self.total += float(samples.sum(dtype=float))
        if self.rough is None:
            self.rough = float(np.float32(samples.mean(dtype=float)))


def own(samples, first: int, block) -> np.ndarray:
    """A block's samples without its margins."""
    return samples[block[0] - first : block[1] - first]


def valid(samples, first: int, size: int) -> np.ndarray:
    """Those that the recording has."""
    return samples[max(-first, 0) : size - first]


def look(
    lfp: Lfp, positions, where: str, plan: BlockPlan | None, pool
) -> tuple[list[Seen], list[BlockwiseSubtraction | None]]:
    """First pass: what channels hold, and where a plan is given the templates of their artefact.

    Raises
    ------
    InputError
        For a channel that holds anything but numbers, or never changes.
    """
    seen = [Seen() for _ in positions]
    removals = [BlockwiseSubtraction(plan) if plan else None for _ in positions]

    def work(i, samples, first, block):
        of_block = own(samples, first, block)
        seen[i].add(of_block)
        if not np.isfinite(seen[i].highest - seen[i].lowest):
            check_range(seen[i].lowest, seen[i].highest, lfp.channels[positions[i]], where)
        if plan and block[3]:
            part = valid(samples, first, lfp.n_samples)
            part -= np.float32(seen[i].rough)
            removals[i].add(samples, first, block[2:])

    blocks = plan.blocks(len(positions)) if plan else plain_blocks(lfp, len(positions))
    each_block(lfp, positions, blocks, plan.margin if plan else 0, work, pool)
    for s, position in zip(seen, positions, strict=True):
        check_range(s.lowest, s.highest, lfp.channels[position], where)
    return seen, removals
