"""Bounds for what reads hostile files: address space and time, within the process of the test."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
from pathlib import Path

MORE_BYTES, SECONDS = 1_500_000_000, 20


class Hang(BaseException):
    """No `except Exception` takes it for an error of the file."""


def _too_long(*_):
    raise Hang(f"more than {SECONDS} s")


@contextlib.contextmanager
def bounded():
    """No more than 1.5 GB beyond what the process has now, and 20 s."""
    held = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
    limits = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (held + MORE_BYTES, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def refused_for_memory(error) -> bool:
    """Whether only the limit stopped a reader, which without one would have filled the computer."""
    return isinstance(error.value.__cause__ or error.value.__context__, MemoryError)
