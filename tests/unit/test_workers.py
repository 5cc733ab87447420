"""Work in processes of its own: the same results in the same order, and a worker that dies is noticed."""

import operator
import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest

from lfpbold.bold import motion
from lfpbold.bold._workers import each_by_workers


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_the_order_of_the_items(workers):
    items = [np.full(50_000, number) for number in range(7)]
    found = list(each_by_workers(operator.methodcaller, ("sum",), iter(items), workers))
    assert found == [50_000 * number for number in range(7)]


def test_few_items_are_taken_ahead():
    taken = []

    def items():
        for number in range(40):
            taken.append(number)
            yield np.array([number])

    results = each_by_workers(operator.methodcaller, ("sum",), items(), 2)
    assert next(results) == 0 and len(taken) <= 6
    results.close()


def test_what_the_work_raises_is_raised_here():
    with pytest.raises(TypeError, match="indices must be integers"):
        list(each_by_workers(operator.itemgetter, ("nothing",), [[1], [2]], 2))


def killed_at(number):
    def work(item):
        if item == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    return work


def test_a_worker_that_is_killed_ends_the_work_with_a_sentence():
    results = each_by_workers(killed_at, (5,), range(9), 2)
    assert next(results) == 0
    with pytest.raises(RuntimeError, match="a worker process ended before its work was done"):
        list(results)
    assert not workers_of(os.getpid())


def environment(*names):
    return lambda item: [os.environ[name] for name in names]


def test_workers_have_one_thread_whatever_the_job_has(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS")
    assert list(each_by_workers(environment, names, range(3), 2)) == [["1", "1", "1"]] * 3


SLOW = """
import operator, os, signal, sys, time
from lfpbold.bold._workers import each_by_workers

def end(number, frame):
    raise SystemExit(128 + number)

signal.signal(signal.SIGTERM, end)
for _ in each_by_workers(operator.methodcaller, ("__call__", 0.2), (time.sleep for _ in range(1000)), 2):
    print("one", flush=True)
"""


def workers_of(process: int) -> list:
    """Its loky workers that are at work."""
    children = psutil.Process(process).children(recursive=True)
    return [child for child in children if "popen_loky" in " ".join(child.cmdline())]


@pytest.mark.parametrize(("by", "code"), [(signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGKILL, -signal.SIGKILL)])
def test_workers_end_with_the_process_they_work_for(by, code):
    job = subprocess.Popen([sys.executable, "-c", SLOW], stdout=subprocess.PIPE, text=True)
    try:
        assert job.stdout.readline() == "one\n"
        workers = workers_of(job.pid)
        assert len(workers) == 2
        job.send_signal(by)
        assert job.wait(20) == code
        _, alive = psutil.wait_procs(workers, timeout=20)
        assert not alive
    finally:
        job.kill()
        job.stdout.close()


def test_motion_has_the_same_bytes_whatever_the_number_of_workers():
    rng = np.random.default_rng(3)
    coarse = rng.standard_normal((1, 4, 4, 3)).repeat(6, 1).repeat(6, 2).repeat(4, 3).astype(np.float32)
    bold = 100 + np.concatenate([np.roll(coarse, shift, axis=1) for shift in (0, 1, -1, 0, 2)])
    bold[1:] += rng.standard_normal(bold[1:].shape).astype(np.float32) * 0.01
    one, two = (motion.realign(bold, np.diag([0.5, 0.5, 1, 1]), workers=workers).matrices for workers in (1, 2))
    np.testing.assert_array_equal(one, two)
    assert abs(one[1, 0, 3]) > 0.2  # half a millimetre
