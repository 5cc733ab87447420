"""A bounded number of mutated files of every format, the same ones each time; `make fuzz` runs others, for longer."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import run
from targets import TARGETS

MUTATIONS = 25


@pytest.fixture(scope="module")
def found():
    return run.fuzz(list(TARGETS), mutations=MUTATIONS, seed=0)


@pytest.mark.parametrize("name", TARGETS)
def test_a_mutated_file_is_refused_in_a_sentence_or_read(found, name):
    of = found[name]
    assert not of["findings"], "\n".join(of["findings"])
    assert of["n"] == MUTATIONS
    assert of["refused"] > MUTATIONS // 10, "so few mutations spoil a file that the target tests nothing"


def test_what_hangs_dies_or_promises_too_much_is_found():
    """The judge itself: each kind of misbehaviour of a reader is a finding."""
    import numpy as np

    def asks(_):
        raise MemoryError

    for read in (lambda path: 1 / 0, asks, lambda path: np.zeros(3)[7]):
        target = run_target(read)
        assert run.judged(target, Path("nothing"))["event"] == "finding"
    assert run.judged(run_target(lambda path: path), Path("nothing"))["event"] == "read"


def run_target(read):
    from targets import Target

    return Target(lambda folder: folder, read)
