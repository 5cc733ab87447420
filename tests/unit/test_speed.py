"""No stage may lose a third of its speed unnoticed: ratios to yardsticks, never seconds."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import guard

RECORDED = json.loads(guard.RECORDED.read_text(encoding="utf-8"))


def test_every_stretch_is_recorded():
    assert set(RECORDED) == {computation.__name__ for computation in guard.COMPUTATIONS}


@pytest.mark.slow  # other work on the machine changes such ratios: to be run where there is none
@pytest.mark.parametrize("computation", guard.COMPUTATIONS, ids=lambda computation: computation.__name__)
def test_ratio_to_the_yardstick(computation):
    wanted = guard.SLACK * RECORDED[computation.__name__]
    found = 0.0
    for _ in range(3):  # what disturbs a machine for a moment makes it slower, never faster
        found = max(found, guard.ratio(computation))
        if found >= wanted:
            return
    pytest.fail(
        f"{computation.__name__}: {found:.3f} of its yardstick's speed, recorded {RECORDED[computation.__name__]}"
    )
