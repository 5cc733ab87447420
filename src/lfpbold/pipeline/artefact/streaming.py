"""One channel on its way from raw samples to the scan's LFP, in pieces: what it leaves behind in each."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref

import numpy as np

from ...spectral import filters
from . import quality
from .multiunit import Multiunit, within


class Stored:
    """Samples of one channel in a file without a name: what is sliced is read, and nothing else is in memory."""

    def __init__(self):
        with tempfile.TemporaryFile() as file:
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._n = 0

    def __len__(self) -> int:
        return self._n

    def append(self, samples) -> None:
        """Add samples at the end."""
        view, at = memoryview(np.ascontiguousarray(samples, dtype=np.float32).view(np.uint8)), 0
        while at < len(view):
            at += os.pwrite(self._file, view[at:], 4 * self._n + at)
        self._n += len(samples)

    def __getitem__(self, which: slice) -> np.ndarray:
        start, stop, step = which.indices(self._n)
        samples = np.empty(max(stop - start, 0), np.float32)
        os.preadv(self._file, [samples.view(np.uint8)], 4 * start)
        return samples[::step]


def on_disk(shape) -> np.ndarray:
    """An array in a file without a name, float32; `forget` what has been written keeps it out of memory."""
    if not all(shape):
        return np.empty(shape, np.float32)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=tuple(shape))


def forget(samples) -> None:
    """Give back the memory of a part of an array on disk, whose content stays in its file."""
    mapped, n = getattr(samples, "_mmap", None), samples.nbytes
    if mapped is None or not n:
        return
    begin = samples.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    first = begin // mmap.PAGESIZE * mmap.PAGESIZE
    mapped.madvise(mmap.MADV_DONTNEED, first, begin + n - first)


class Channel:
    """Cuts a channel to the scan, resamples it, and notes what its multi-unit activity and quality are.

    Parameters
    ----------
    name : str
    out : ndarray
        Where its samples go, shape (n_samples,).
    span : (int, int)
        First sample of the scan, and the one after its last.
    resampler : Resampler
    multiunit : MultiunitChannel or None
    doubts : Doubts or None
        For a channel from which an artefact was removed.
    kept : bool
        Keep the scan's samples before and after removal, for pictures.
    """

    def __init__(self, name, out, span, resampler: filters.Resampler, multiunit=None, doubts=None, kept=False):
        self.name, self._out, self._span, self._made = name, out, span, 0
        self._resampler, self.multiunit, self.doubts = resampler, multiunit, doubts
        self.before, self.after = (Stored(), Stored()) if kept else (None, None)

    def add(self, first: int, before, after, for_spikes) -> None:
        """Samples that follow those before; the first is sample `first` of the recording."""
        if self.doubts is not None:
            self.doubts.add(first, before, after)
        if self.multiunit is not None:
            self.multiunit.add(first, before, for_spikes)
        inside = within(after, first, self._span)
        if self.before is not None:
            self.before.append(within(before, first, self._span))
            self.after.append(inside)
        if len(inside):
            self._put(self._resampler.add(inside))

    def finish(self, multiunit: Multiunit) -> None:
        """After the last sample."""
        self._put(self._resampler.finish())
        if self.multiunit is not None:
            multiunit.enter(self.multiunit)

    def _put(self, samples) -> None:
        here = self._out[self._made : self._made + len(samples)]
        here[:] = samples
        forget(here)
        self._made += len(samples)


def channels(lfp, timing, settings, stage: str, multiunit: Multiunit, out) -> list[Channel]:
    """One of each channel of a recording, whose samples go to the rows of `out`."""
    raw, fs_hz = stage == "raw", lfp.fs_hz
    span = quality.scan_span(fs_hz, timing.clock, timing.n_volumes)
    return [
        Channel(
            name,
            out[position],
            span,
            resampler(lfp, settings, stage),
            multiunit.channel() if raw else None,
            quality.Doubts(fs_hz, timing.clock, timing.n_volumes, settings) if raw else None,
            kept=raw and position == 0,
        )
        for position, name in enumerate(lfp.channels)
    ]


def resampler(lfp, settings, stage: str) -> filters.Resampler:
    """To the rate of the cleaned LFP; power stays at its own."""
    return filters.Resampler(lfp.fs_hz, settings["fs_hz"] if stage != "power" else lfp.fs_hz)
