"""Samples in files without a name, which go with what holds them."""

from __future__ import annotations

import mmap
import os
import tempfile
import weakref

import numpy as np


class ScratchFile:
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


def scratch_array(shape) -> np.ndarray:
    """An array in a file without a name, float32; `release` what has been written to keep it out of memory."""
    if not all(shape):
        return np.empty(shape, np.float32)
    with tempfile.TemporaryFile() as file:
        return np.memmap(file, np.float32, "w+", shape=tuple(shape))


def release(samples) -> None:
    """Give back the memory of a part of a scratch array, whose content stays in its file."""
    mapped, n = getattr(samples, "_mmap", None), samples.nbytes
    if mapped is None or not n:
        return
    begin = samples.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    first = begin // mmap.PAGESIZE * mmap.PAGESIZE
    mapped.madvise(mmap.MADV_DONTNEED, first, begin + n - first)
