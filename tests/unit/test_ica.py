"""Group ICA against sources that were mixed on purpose, and against scikit-learn on raw concatenation."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy import ndimage
from sklearn.decomposition import FastICA

from lfpbold import ica
from lfpbold.errors import InputError

GRID = (18, 20)


def sources(rng, n):
    """Blobs at places of their own, some of which overlap at their rims; shape (n, n_voxels)."""
    found = []
    for place in range(n):
        spot = np.zeros(GRID)
        spot[3 + 5 * (place // 3), 3 + 6 * (place % 3)] = 1
        spot = ndimage.gaussian_filter(spot, 1.6)
        found.append((spot / spot.max()).ravel() * (1 + place / 4))
    return np.array(found)


def study(rng, maps, n_scans=4, n_volumes=120, noise=1.0):
    """Scans with the same maps, other courses, and voxels of other intensity."""
    gain = rng.uniform(0.5, 3, maps.shape[1])
    truth, scans = [], []
    for _ in range(n_scans):
        course = ndimage.gaussian_filter1d(rng.standard_normal((n_volumes, len(maps))), 2, axis=0)
        course /= course.std(axis=0)
        truth.append(course)
        scans.append((course @ maps + noise * rng.standard_normal((n_volumes, maps.shape[1]))) * gain + 100)
    return scans, truth


def matched(found, true):
    """Largest |r| of each true map with any found one, and which one that is."""
    r = np.corrcoef(np.vstack([true, found]))[: len(true), len(true) :]
    return r[np.arange(len(true)), np.abs(r).argmax(axis=1)], np.abs(r).argmax(axis=1)


def test_known_sources_are_recovered_with_sign_and_order():
    rng = np.random.default_rng(2)
    maps = sources(rng, 9)
    scans, truth = study(rng, maps)
    found = ica.group_ica(scans, 9, seed=1)
    r, which = matched(found["maps"], maps)
    print(np.round(r, 3))
    assert found["converged"] and len(set(which)) == 9
    assert r.min() > 0.85  # above zero: the sign is that of the blob
    assert (np.diff(found["share"]) <= 0).all() and 0 < found["share"].sum() <= 1
    courses = ica.courses(scans[2], found["maps"])
    of_course = [np.corrcoef(courses[:, which[k]], truth[2][:, k])[0, 1] for k in range(9)]
    assert min(of_course) > 0.85


def test_against_fastica_on_all_volumes_at_once():
    """No reduction scan by scan: scikit-learn whitens everything itself."""
    rng = np.random.default_rng(7)
    maps = sources(rng, 6)
    scans, _ = study(rng, maps, n_scans=3)
    found = ica.group_ica(scans, 6, seed=1)["maps"]
    standard = np.vstack([(s - s.mean(axis=0)) / s.std(axis=0) for s in scans])
    other = FastICA(6, whiten="unit-variance", random_state=5, tol=1e-6, max_iter=1000).fit_transform(standard.T).T
    r, which = matched(other, found)
    assert len(set(which)) == 6 and np.abs(r).min() > 0.97


def test_dual_regression_is_exact_without_noise():
    rng = np.random.default_rng(3)
    maps = sources(rng, 5)
    course = rng.standard_normal((40, 5))
    got = ica.courses(course @ maps + 12, maps)
    np.testing.assert_allclose(got, course - course.mean(axis=0), atol=1e-10)


def test_the_same_seed_gives_the_same_bytes_on_one_core_or_two():
    code = """
import sys, numpy as np
from lfpbold import ica
rng = np.random.default_rng(0)
maps = rng.laplace(size=(4, 300))
scans = [rng.standard_normal((50, 4)) @ maps + rng.standard_normal((50, 300)) for _ in range(3)]
sys.stdout.buffer.write(ica.group_ica(scans, 4, seed=3)["maps"].astype("<f4").tobytes())
"""
    runs = []
    for threads in ("1", "2"):
        environment = os.environ | {"OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads}
        runs.append(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment))
    assert runs[0].stdout and runs[0].stdout == runs[1].stdout


def test_more_components_than_dimensions_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="ask for fewer"):
        ica.group_ica([rng.standard_normal((4, 100))], 10, seed=0)
