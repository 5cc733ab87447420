"""The same work on many arrays, in processes of one thread each: for libraries that hold Python's lock while they work.

A worker is a fresh interpreter that is told what to do over its standard input. `multiprocessing` would start it by
running the program's main module again, which in a job is the job itself, or by copying a process whose threads do not
come along.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import subprocess
import sys
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

AHEAD = 2  # items for each worker that wait for it: few enough to cost no memory


def each_by_workers(make, arguments: tuple, items, workers: int):
    """Results of `make(*arguments)(item)` for each item, in the order of the items.

    Parameters
    ----------
    make : class or function of a module of this package
        Called once in every worker.
    arguments : tuple
    items : iterable
        May be a generator: only few are taken ahead of the results.
    workers : int
        With one or less, everything happens in this process.

    Yields
    ------
    result
        Of the first item, the second, and so on.

    Raises
    ------
    RuntimeError
        When a worker ends before its time; its own words stand above.
    """
    if workers <= 1:
        yield from map(make(*arguments), items)
        return
    idle: SimpleQueue = SimpleQueue()
    started = [_Worker(make, arguments) for _ in range(workers)]
    for worker in started:
        idle.put(worker)

    def run(item):
        worker = idle.get()
        try:
            return worker(item)
        finally:
            idle.put(worker)

    try:
        with ThreadPoolExecutor(workers) as pool:
            waiting: deque = deque()
            for item in items:
                waiting.append(pool.submit(run, item))
                if len(waiting) >= AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
    finally:
        for worker in started:
            worker.end()


class _Worker:
    def __init__(self, make, arguments):
        above = str(Path(__file__).parents[2])
        known = os.pathsep.join([above, *filter(None, [os.environ.get("PYTHONPATH")])])
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **one, "PYTHONPATH": known},
        )
        self._send((make, arguments))

    def _send(self, thing) -> None:
        try:
            pickle.dump(thing, self._process.stdin, protocol=5)
            self._process.stdin.flush()
        except BrokenPipeError:
            raise RuntimeError("a worker ended before its work was done") from None

    def __call__(self, item):
        self._send(item)
        try:
            return pickle.load(self._process.stdout)
        except EOFError:
            raise RuntimeError("a worker ended before its work was done") from None

    def end(self) -> None:
        """Let the worker go; it ends when it has nothing more to read."""
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def work() -> None:
    """A worker's life: what to do, then item by item, until there are no more."""
    # What libraries print must not stand among the results.
    source, results = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    make, arguments = pickle.load(source)
    function = make(*arguments)
    while True:
        try:
            item = pickle.load(source)
        except EOFError:
            return
        pickle.dump(function(item), results, protocol=5)
        results.flush()


if __name__ == "__main__":
    work()
