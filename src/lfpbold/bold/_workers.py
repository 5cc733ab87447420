"""The same work on many arrays, in processes of one thread each: for libraries that hold Python's lock while they work.

The processes are loky's, which joblib carries. They begin as fresh interpreters that do not run the program's main
module again: in a job of the workflow that would be the job itself.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from typing import Any

AHEAD = 2  # items for each worker that wait for it: few enough to cost no memory
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS",
    ),
    "1",
)

_function: Any = None  # of a worker


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
        Of the first item, the second, and so on. What the work raises is raised here.

    Raises
    ------
    RuntimeError
        When a worker is killed, such as for lack of memory, or cannot begin; its own words stand above.
    """
    if workers <= 1:
        yield from map(make(*arguments), items)
        return
    from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor

    pool = ProcessPoolExecutor(workers, initializer=_begin, initargs=(make, arguments, os.getpid()), env=ONE_THREAD)
    try:
        waiting: deque = deque()
        for item in items:
            waiting.append(pool.submit(_work, item))
            if len(waiting) >= AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise RuntimeError(
            "a worker process ended before its work was done; it may have lacked memory: give the job fewer threads"
        ) from error
    finally:
        pool.shutdown(kill_workers=True)


def _begin(make, arguments, parent: int) -> None:
    """What a worker does first."""
    global _function
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _function = make(*arguments)


def _end_with(parent: int) -> None:
    """End this worker when the process that it works for is gone: one that was killed cannot end its workers."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(item):
    return _function(item)
