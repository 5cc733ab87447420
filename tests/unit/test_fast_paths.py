"""What is computed by a shorter way is what the long way gives."""

import numpy as np
import pytest
from scipy import signal

from lfpbold.bold import cleaning
from lfpbold.bold.projector import Projector
from lfpbold.coupling import correlation
from lfpbold.coupling.information import _order
from lfpbold.nulls import mediation
from lfpbold.nulls import tests as null_tests
from lfpbold.nulls.surrogates import each_in_coordinates, phase_randomised, surrogate_coordinates


@pytest.mark.parametrize("level", [0.0, 1e6])
@pytest.mark.parametrize("shape", [(3, 2500), (600, 700), (700, 3)])
def test_correlation_by_blocks_is_that_of_numpy(level, shape):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((80, shape[0])) + level, rng.standard_normal((80, shape[1])) + level
    b[:, 1], b[3, 2] = 7.0, np.nan
    r = correlation.correlate(a, b)
    assert r.shape == shape and np.isnan(r[:, [1, 2]]).all()
    for i, j in ((0, 0), (shape[0] - 1, shape[1] - 1), (1, 3 % shape[1])):
        expected = np.corrcoef(a[:, i], b[:, j])[0, 1]
        assert r[i, j] == pytest.approx(expected, abs=1e-9 if level else 1e-14, nan_ok=True)


@pytest.mark.parametrize("order", [1, 2, 4])
@pytest.mark.parametrize("padding", ["odd", "even"])
@pytest.mark.parametrize("n_volumes", [160, 301])
def test_band_pass_by_blocks_is_that_of_scipy(order, padding, n_volumes):
    x = np.random.default_rng(1).standard_normal((n_volumes, 1100)).cumsum(axis=0) + 50
    reach = 3 * (2 * order + 1) if padding == "odd" else min(n_volumes - 1, 100)
    sections = signal.butter(order, (0.01, 0.1), "bandpass", fs=1.0, output="sos")
    expected = signal.sosfiltfilt(sections, x, axis=0, padtype=padding, padlen=reach)
    found = cleaning.band_pass(x, 1.0, (0.01, 0.1), order=order, padding=padding)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.abs(x).max())
    np.testing.assert_array_equal(
        cleaning.band_pass(x[:, :1], 1.0, (0.01, 0.1), order=order, padding=padding).shape[1], 1
    )


@pytest.mark.parametrize("n_volumes", [120, 121])
def test_coordinates_of_surrogates_are_those_of_the_surrogates(n_volumes):
    rng = np.random.default_rng(2)
    x, kept = rng.standard_normal((n_volumes, 3)), rng.random(n_volumes) < 0.9
    basis = np.zeros((n_volumes, 20))
    basis[kept] = np.linalg.qr(rng.standard_normal((kept.sum(), 20)))[0]
    long_way = phase_randomised(x, 7, np.random.default_rng(3))
    for column, found in enumerate(each_in_coordinates(x, 7, np.random.default_rng(3), basis)):
        np.testing.assert_allclose(found, basis.T @ long_way[:, :, column], atol=1e-13)


def test_null_in_coordinates_is_that_of_the_series():
    rng = np.random.default_rng(4)
    kept = np.arange(200) % 17 > 0
    projector = Projector(200, 1.0, (0.01, 0.1), rng.standard_normal((200, 2)), kept)
    raw, clean = rng.standard_normal((200, 2)), projector.apply(rng.standard_normal((kept.sum(), 60)))
    where = raw, kept, 9, np.random.default_rng(5), "phase", 1, projector.basis
    series = [projector.basis @ one for one in surrogate_coordinates(*where)]
    in_time = null_tests.temporal_null(
        None, clean[:, 0], 9, np.random.default_rng(5), "phase", 1, projector.basis, raw, kept
    )
    for band, one in enumerate(series):
        np.testing.assert_allclose(in_time[:, band], correlation.correlate(one, clean[:, 0])[:, 0], atol=1e-13)
    seed = np.arange(60) < 5
    before = {"raw": raw, "kept": kept}
    rng = np.random.default_rng(5)
    found = null_tests.spatial_p(clean, seed, projector.apply(raw[kept]), 9, rng, basis=projector.basis, **before)
    target = correlation.correlate(clean[:, seed].mean(axis=1), clean)[0]
    for band, one in enumerate(series):
        expected = [np.corrcoef(map_, target)[0, 1] for map_ in correlation.correlate(one, clean)]
        np.testing.assert_allclose(found["null"][:, band], expected, atol=1e-12)


def test_mediation_of_several_choices_of_voxels_is_that_of_each():
    rng = np.random.default_rng(6)
    clean, seed, rim = rng.standard_normal((90, 40)), np.arange(40) < 4, np.arange(40) < 9
    x = clean[:, 0] + rng.standard_normal(90)
    together = mediation.mediations(clean, seed, x, 15, np.random.default_rng(7), (None, rim))
    for found, exclude in zip(together, (None, rim), strict=True):
        alone = mediation.mediation(clean, seed, x, 15, np.random.default_rng(7), exclude=exclude)
        for name in mediation.MEASURES:
            np.testing.assert_array_equal(found[name]["null"], alone[name]["null"])


def test_ranks_of_ties_are_in_the_order_of_time():
    x = np.array([[3.0, 1.0], [1.0, 1.0], [3.0, 0.0], [1.0, 1.0]])
    assert _order(x).T.tolist() == [[2, 0, 3, 1], [1, 2, 0, 3]]
