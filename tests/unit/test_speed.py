"""No stage may lose a third of its speed unnoticed: ratios to reference operations, never seconds."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
import guard

RECORDED = json.loads(guard.RECORDED.read_text(encoding="utf-8"))


def test_every_stretch_is_recorded():
    assert set(RECORDED) == {stage.__name__ for stage in guard.STAGES}


@pytest.mark.slow  # other work on the machine changes such ratios: to be run where there is none
@pytest.mark.parametrize("stage", guard.STAGES, ids=lambda stage: stage.__name__)
def test_ratio_to_the_yardstick(stage):
    wanted = guard.SLACK * RECORDED[stage.__name__]
    found = 0.0
    for _ in range(3):  # what disturbs a machine for a moment makes it slower, never faster
        found = max(found, guard.ratio(stage))
        if found >= wanted:
            return
    pytest.fail(f"{stage.__name__}: {found:.3f} of its reference's speed, recorded {RECORDED[stage.__name__]}")
