"""Work in processes of its own: the same results in the same order, and a worker that dies is noticed."""

import operator

import numpy as np
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


def test_a_worker_that_fails_ends_the_work(capfd):
    with pytest.raises(RuntimeError, match="before its work was done"):
        list(each_by_workers(operator.itemgetter, ("nothing",), [[1], [2]], 2))
    assert "TypeError" in capfd.readouterr().err


def test_motion_has_the_same_bytes_whatever_the_number_of_workers():
    rng = np.random.default_rng(3)
    coarse = rng.standard_normal((1, 4, 4, 3)).repeat(6, 1).repeat(6, 2).repeat(4, 3).astype(np.float32)
    bold = 100 + np.concatenate([np.roll(coarse, shift, axis=1) for shift in (0, 1, -1, 0, 2)])
    bold[1:] += rng.standard_normal(bold[1:].shape).astype(np.float32) * 0.01
    one, two = (motion.realign(bold, np.diag([0.5, 0.5, 1, 1]), workers=workers).matrices for workers in (1, 2))
    np.testing.assert_array_equal(one, two)
    assert abs(one[1, 0, 3]) > 0.2  # half a millimetre
