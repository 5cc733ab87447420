"""What one core of this machine can do: copy, matrix product, transform, fresh memory: `python machine.py out.tsv`."""

from __future__ import annotations

import sys
from pathlib import Path

import harness
import numpy as np
from scipy import fft


def main(path: Path) -> None:
    rng = np.random.default_rng(0)
    scan, target = rng.standard_normal((1200, 6157)), np.zeros((1200, 6157))
    a, one = rng.standard_normal((1200, 1200)), rng.standard_normal((2000, 1200)).astype(np.float32)
    calls = {
        "copy of one scan, GB/s read and written": (lambda: np.copyto(target, scan), 2 * scan.nbytes / 1e9),
        "fresh memory for one scan, GB/s": (lambda: np.full(scan.shape, 1.0), scan.nbytes / 1e9),
        "matrix product, GFLOP/s in double precision": (lambda: a @ scan, 2 * a.shape[0] * scan.size / 1e9),
        "the same in single precision": (lambda: one @ one.T, 2 * one.shape[0] ** 2 * one.shape[1] / 1e9),
        "real transforms along time, million samples/s": (lambda: fft.rfft(scan, axis=0), scan.size / 1e6),
    }
    seconds, _ = harness.by_turns({name: call for name, (call, _) in calls.items()}, 9)
    harness.write(({"what": name, "rate": size / seconds[name]} for name, (_, size) in calls.items()), path)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
