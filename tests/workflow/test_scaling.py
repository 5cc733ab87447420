"""A study that outgrows one machine: the graph of jobs of a thousand recordings, built and walked without running."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import islice, product
from typing import NamedTuple

import pytest

from .conftest import REPOSITORY, with_own_files
from .test_variants import config_of, rows_of


class Planned(NamedTuple):
    """What planning a study took, and what it planned."""

    seconds: float  # of processor time, which other work on the machine does not lengthen much
    memory_mb: float
    jobs: dict


def generated_rows(study, folder, n: int) -> list[dict]:
    """`n` rows: animals of five runs, of which each has its files, with two electrodes that share the LFP's."""
    first, rows = rows_of(study)[0], []
    for number, (sub, run) in enumerate(islice(product(range(1, n + 1), range(1, 6)), (n + 1) // 2)):
        own = with_own_files(first, folder / "recordings", number) | {"sub": f"{sub:04d}", "run": str(run)}
        rows += [own | {"site": site, "channels": channel} for site, channel in (("M1", "0"), ("ACC", "1"))]
    return rows[:n]


def planned(study, folder, n: int) -> Planned:
    """A dry run of `n` recordings in the three default variants, in a process of its own."""
    config = config_of(study, folder, rows=generated_rows(study, folder, n))
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "1"]
    command += ["--directory", str(folder), "--configfile", str(config), "--dry-run", "--quiet", "rules", "host"]
    out = folder / "planned.txt"
    with out.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    text = out.read_text(encoding="utf-8")
    assert process.returncode == 0, text[-3000:]
    counts = dict(re.findall(r"^(\w+) +(\d+)$", text, flags=re.M))
    return Planned(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, {k: int(v) for k, v in counts.items()})


def test_planning_grows_linearly(tiny, tmp_path):
    few, many = (planned(tiny, tmp_path / str(n), n) for n in (40, 160))
    assert (few.jobs["artefact"], many.jobs["artefact"]) == (40, 160)
    assert many.jobs["total"] < 4 * few.jobs["total"]
    # Four times as many recordings: with a quadratic part of any weight it would be more than four times the work.
    assert many.seconds < 4 * few.seconds
    assert many.memory_mb < 4 * few.memory_mb


@pytest.mark.slow
def test_a_thousand_recordings_are_planned_in_a_minute_and_a_gigabyte(tiny, tmp_path):
    few, many = (planned(tiny, tmp_path / str(n), n) for n in (250, 1000))
    print(
        f"\n1000 recordings, {many.jobs['total']} jobs: {many.seconds:.1f} s of processor time, {many.memory_mb:.0f} MB"
    )
    print(f" 250 recordings, {few.jobs['total']} jobs: {few.seconds:.1f} s of processor time, {few.memory_mb:.0f} MB")
    assert (many.jobs["artefact"], many.jobs["motion"], many.jobs["coupling"]) == (1000, 500, 3000)
    assert many.memory_mb < 1000
    assert many.seconds < 4.4 * few.seconds
