"""One way to compare two programs: the same arrays, by turns, medians, their ratio, and how far results differ."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

COLUMNS = ("stage", "compared with", "ours s", "theirs s", "ratio", "target", "difference", "repeats")


@dataclass(frozen=True)
class Timed:
    """Seconds of one repeat, wall and processor."""

    wall_s: float
    cpu_s: float


def timed(call) -> tuple[Timed, object]:
    """Run once; processor time is that of this process, all threads, and of children that ended in it."""
    gc.collect()
    gc.disable()
    try:
        before, start = _cpu_s(), time.perf_counter()
        result = call()
        return Timed(time.perf_counter() - start, _cpu_s() - before), result
    finally:
        gc.enable()


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def by_turns(calls: dict, repeats: int, clock: str = "cpu_s") -> tuple[dict, dict]:
    """Run every call once a round, so that whatever else the machine does falls on all alike.

    Parameters
    ----------
    calls : dict of name to callable
    repeats : int
    clock : {"cpu_s", "wall_s"}
        Processor time is the default: it is what a shared machine leaves comparable.

    Returns
    -------
    seconds : dict of name to float
        Median over the repeats.
    results : dict
        Of the last round.
    """
    seconds, results = {name: [] for name in calls}, {}
    for _ in range(repeats):
        for name, call in calls.items():
            spent, results[name] = call.timed() if hasattr(call, "timed") else timed(call)
            seconds[name].append(getattr(spent, clock))
    return {name: median(values) for name, values in seconds.items()}, results


class Peer:
    """A program in an environment of its own: a process that keeps its arrays, and times itself.

    Parameters
    ----------
    python : path
        Interpreter of the environment.
    script : path
        Ends in `serve({"name": function, …})`; see `maps/peer.py`.
    """

    def __init__(self, python, script: Path):
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1")
        self._process = subprocess.Popen([python, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         env=os.environ | one)  # fmt: skip

    def give(self, **arrays) -> None:
        """Arrays that its functions take by name."""
        self._ask(("give", arrays))

    def call(self, name: str, **options):
        """Something for `by_turns`: a function of the script, of arrays that were given and these options."""
        peer = self

        class Call:
            def timed(self):
                wall_s, cpu_s, result = peer._ask((name, options))
                return Timed(wall_s, cpu_s), result

        return Call()

    def _ask(self, what):
        pickle.dump(what, self._process.stdin, protocol=5)
        self._process.stdin.flush()
        return pickle.load(self._process.stdout)

    def end(self) -> None:
        """Let it go."""
        self._process.stdin.close()
        self._process.wait()


def serve(functions: dict) -> None:
    """A peer's life: answers what `Peer` asks, until there is no more; what it prints goes to the error stream."""
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    arrays: dict = {}
    while True:
        try:
            name, options = pickle.load(source)
        except EOFError:
            return
        if name == "give":
            arrays.update(options)
            answer = None
        else:
            spent, result = timed(lambda name=name, options=options: functions[name](arrays, **options))
            answer = spent.wall_s, spent.cpu_s, result
        pickle.dump(answer, answers, protocol=5)
        answers.flush()


def largest_difference(a, b, scale: float | None = None) -> float:
    """Largest |a − b| where both are finite, over `scale`: the largest |b| unless it is given."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    both = np.isfinite(a) & np.isfinite(b)
    scale = np.abs(b[both]).max() if scale is None else scale
    return float(np.abs(a[both] - b[both]).max() / (scale or 1.0))


def alone(function, *arguments) -> tuple:
    """What `function(*arguments)` returns in a process of its own, and the peak memory of that process.

    Returns
    -------
    found : whatever the function returns
    peak_mb : float
        Largest resident memory, MB; that of a process that has imported NumPy is about 40.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_weigh, args=(theirs, function, arguments))
    child.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        child.join()


def _weigh(pipe, function, arguments) -> None:
    found = function(*arguments)
    pipe.send((found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def row(stage, peer, seconds, results=None, *, ours="ours", target="", repeats=0, difference=None) -> dict:
    """One row of the table: how many times longer the peer takes, and the largest difference of the results."""
    if difference is None:
        difference = largest_difference(results[ours], results[peer])
    return dict(zip(COLUMNS, (stage, peer, seconds[ours], seconds[peer], seconds[peer] / seconds[ours], target,
                              difference, repeats), strict=True))  # fmt: skip


def shown(value) -> str:
    """A cell."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def write(rows, path: Path) -> None:
    """As a tab-separated table, and on the screen as Markdown; each row as soon as it is known."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number, one in enumerate(rows):
            if number == 0:
                print("\t".join(one), file=file)
                print(f"| {' | '.join(one)} |\n|{'---|' * len(one)}")
            print("\t".join(map(shown, one.values())), file=file, flush=True)
            print(f"| {' | '.join(map(shown, one.values()))} |", flush=True)
