"""Ratios of each computation to a reference that no change of ours touches: `python guard.py` records them.

Small arrays, the best of several repeats by turns, processor time of one process: what is left is how much work the
computation does beside its reference. A test (`tests/unit/test_speed.py`) fails below `SLACK` of what is recorded.
"""

from __future__ import annotations

import json
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from scipy import signal

from lfpbold.bold import cleaning
from lfpbold.bold.projector import Projector
from lfpbold.coupling import correlation, information
from lfpbold.nulls import tests as null_tests

RECORDED, SLACK = Path(__file__).with_name("recorded.json"), 0.7
BAND_HZ = (0.01, 0.1)


def _series(n_volumes=600, n_voxels=1200, n_regressors=50):
    rng = np.random.default_rng(0)
    clean, power = rng.standard_normal((n_volumes, n_voxels)), rng.standard_normal((n_volumes * 10, n_regressors))
    return clean, power, power[::10].copy()


def maps() -> tuple:
    """Maps of many regressors; one matrix product of the same size."""
    clean, _, x = _series()
    return lambda: correlation.correlate(x, clean), lambda: x.T @ clean


def band_pass() -> tuple:
    """Band-pass; SciPy's own filter forwards and backwards."""
    clean, _, _ = _series()
    sections = signal.butter(2, BAND_HZ, "bandpass", fs=1.0, output="sos")
    return lambda: cleaning.band_pass(clean, 1.0, BAND_HZ), lambda: signal.sosfiltfilt(sections, clean, axis=0)


def regression() -> tuple:
    """Nuisance regression; three passes over the array."""
    clean, _, x = _series()
    return lambda: cleaning.regress_out(clean, x[:, :10]), lambda: clean * 2.0 - clean + clean


def mutual_information() -> tuple:
    """Mutual information; as many comparisons and products as its bins need."""
    clean, _, x = _series()
    x = x[:, :5]
    bins = np.random.default_rng(2).standard_normal((50, len(clean))).astype(np.float32)

    def yardstick():
        for level in range(10):
            bins @ (clean > level).astype(np.float32)

    return lambda: information.mutual_information(x, clean), yardstick


def ranks() -> tuple:
    """Gaussian-copula information; a sort of every voxel."""
    clean, _, x = _series()
    x, rows = x[:, :5], np.ascontiguousarray(clean.T)
    return (lambda: information.mutual_information(x, clean, estimator="gaussian_copula"),
            lambda: np.argsort(rows, axis=1))  # fmt: skip


def spatial_null() -> tuple:
    """Surrogates in space; the products that they come down to."""
    clean, _, x = _series(n_regressors=20)
    projector, seed = Projector(len(clean), 1.0, BAND_HZ), np.arange(clean.shape[1]) < 20
    clean, columns, n = projector.apply(clean), projector.apply(x), 400
    drawn = np.random.default_rng(3).standard_normal((len(clean) + 2, n))
    basis = np.random.default_rng(4).standard_normal((projector.degrees_of_freedom, len(drawn)))

    def ours():
        return null_tests.spatial_p(clean, seed, columns, n, np.random.default_rng(5), basis=projector.basis, raw=x)

    def yardstick():
        for _ in range(x.shape[1]):
            basis @ drawn

    return ours, yardstick


COMPUTATIONS = (maps, band_pass, regression, mutual_information, ranks, spatial_null)


def ratio(computation, repeats: int = 5) -> float:
    """How many times the time of its yardstick a computation would fit into; the larger, the better."""
    ours, yardstick = computation()
    best = [np.inf, np.inf]
    with _one_thread():
        for _ in range(repeats):
            for which, call in enumerate((ours, yardstick)):
                start = time.process_time()
                call()
                best[which] = min(best[which], time.process_time() - start)
    return best[1] / best[0]


def _one_thread():
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    return threadpool_limits(1)


if __name__ == "__main__":
    found = {
        computation.__name__: round(float(np.median([ratio(computation) for _ in range(3)])), 3)
        for computation in COMPUTATIONS
    }
    RECORDED.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(RECORDED.read_text(encoding="utf-8"))
