"""Variogram-matched surrogates: the variogram against all pairs one by one, and false positives at their level."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage, optimize, spatial

from lfpbold.errors import InputError
from lfpbold.networks.maps import spatial_r
from lfpbold.nulls import variogram as vg
from lfpbold.nulls.tests import max_statistic
from lfpbold.stats.tests import permutation_p

VOXEL_MM = (0.5, 0.5, 1.0)
SIGMA = 1 / np.sqrt(8 * np.log(2))  # of a Gaussian of unit full width at half maximum
SMALL, RAT = (3.8, 5.2, 3.8), (7.5, 10.3, 4.8)  # half axes, mm: 1171 and 6151 voxels


def ellipsoid(half):
    """A brain with a cleft between its hemispheres, and the place of each of its voxels in mm."""
    axes = [np.arange(-np.ceil(h / v) - 1, np.ceil(h / v) + 2) * v for h, v in zip(half, VOXEL_MM, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    inside = ((places / half) ** 2).sum(axis=-1) <= 1
    inside &= ~((np.abs(places[..., 0]) < 0.3) & (places[..., 2] > 2))
    return inside, places[inside]


def noise(brain, fwhm, rng, n):
    """White noise smoothed before it is cut to the brain: stationary maps with unit variance, (n, n_voxels)."""
    width = np.multiply(fwhm, SIGMA) / VOXEL_MM
    around = np.add(brain.shape, 8)
    maps = [ndimage.gaussian_filter(rng.standard_normal(around), width)[4:-4, 4:-4, 4:-4][brain] for _ in range(n)]
    return np.array(maps) / np.std(maps)


def bump(places, centre, width):
    """A focus in each hemisphere."""
    both = [np.multiply(centre, (side, 1, 1)) for side in (-1, 1)]
    return sum(np.exp(-((places - c) ** 2).sum(axis=1) / (2 * width**2)) for c in both)


def family(half, target, bands, rng, n_targets, n_bands, n):
    """Share of p ≤ .05, share of targets with any p_max ≤ .05, and spread of the null over that of r."""
    brain, places = ellipsoid(half)
    p, p_max, r, null = [], [], [], []
    for _ in range(n_targets):
        maps = bands(brain, places, rng, n_bands)
        found = vg.variogram_p(maps, target(brain, places, rng, 1)[0], brain, VOXEL_MM, n, rng)
        p.append(found["p"])
        p_max.append(found["p_max"].min())
        r.append(found["r"])
        null.append(found["null"])
    return np.mean(np.array(p) <= 0.05), np.mean(np.array(p_max) <= 0.05), np.std(null) / np.std(r)


def smooth(fwhm):
    return lambda brain, places, rng, n: noise(brain, fwhm, rng, n)


def focal(fwhm, height=4.0):
    return lambda brain, places, rng, n: noise(brain, fwhm, rng, n) + height * bump(places, (2.5, 2.5, 1.5), 1.2)


def test_variogram_is_that_of_all_pairs_one_by_one():
    rng = np.random.default_rng(1)
    brain = rng.random((9, 7, 6)) < 0.6
    brain[2] = False
    values = 3 + rng.standard_normal(brain.sum())
    values[::7] = np.nan
    edges = np.array([0.0, 0.5, 0.6, 1.0, 1.45, 2.0, 2.05, 3.7])
    known = np.isfinite(values)
    distance = np.round(spatial.distance.pdist(np.argwhere(brain)[known] * VOXEL_MM), 9)
    half = 0.5 * spatial.distance.pdist(values[known, None], "sqeuclidean")
    inside = [(distance >= low) & (distance < high) for low, high in pairwise(edges)]
    gamma, n_pairs = vg.variogram(values, brain, VOXEL_MM, edges)
    assert n_pairs.tolist() == [int(pairs.sum()) for pairs in inside]
    assert n_pairs[0] == 0 and np.isnan(gamma[0])
    assert n_pairs[5] > 0 and gamma[1:] == pytest.approx([half[pairs].mean() for pairs in inside[1:]], rel=1e-10)


def test_variogram_of_flat_and_single_slice_masks():
    values = np.arange(12.0)
    for shape in ((12, 1, 1), (1, 12, 1), (1, 1, 12)):
        gamma, n_pairs = vg.variogram(values, np.ones(shape, dtype=bool), (1, 1, 1), np.arange(0.5, 12))
        assert n_pairs.tolist() == list(range(11, 0, -1))
        assert gamma == pytest.approx(0.5 * np.arange(1, 12) ** 2)


def test_variogram_of_white_and_of_smoothed_noise_is_the_analytic_one():
    rng = np.random.default_rng(2)
    box, width = np.ones((40, 40, 20), dtype=bool), 0.9
    lags = np.array([0.5, 1.0, 1.5, 2.0, 3.0, 4.0])
    edges = np.ravel([lags - 0.01, lags + 0.01], order="F")
    white, smoothed = [], []
    for _ in range(20):
        field = rng.standard_normal(box.shape)
        white.append(vg.variogram(2 * field.ravel(), box, VOXEL_MM, edges)[0][::2])
        field = ndimage.gaussian_filter(field, width / np.array(VOXEL_MM), mode="wrap", truncate=6)
        smoothed.append(vg.variogram(field.ravel(), box, VOXEL_MM, edges)[0][::2])
    sampled = [np.exp(-((np.arange(-30, 31) * size) ** 2) / (2 * width**2)) for size in VOXEL_MM]
    variance = np.prod([(kernel**2).sum() / kernel.sum() ** 2 for kernel in sampled])
    assert np.mean(white, axis=0) == pytest.approx(np.full(6, 4), rel=0.01)
    assert np.mean(smoothed, axis=0) == pytest.approx(variance * (1 - np.exp(-(lags**2) / (4 * width**2))), rel=0.06)


def test_default_bins_end_at_the_lower_quarter_of_distances():
    brain, places = ellipsoid(SMALL)
    edges = vg._default_edges(brain, VOXEL_MM)
    assert edges[0] == 0 and edges.size == 26
    distance = spatial.distance.pdist(places)
    assert np.mean(distance < edges[-1] - 1e-6) < 0.25 <= np.mean(distance < edges[-1] + 1e-6)


def test_smoothing_is_a_weighted_sum_within_the_mask_that_keeps_the_variance():
    rng = np.random.default_rng(3)
    mask = rng.random((6, 5, 4)) < 0.7
    place = np.argwhere(mask) * VOXEL_MM
    weights = np.exp(-(spatial.distance.cdist(place, place) ** 2) / (2 * 0.8**2))
    weights /= np.sqrt((weights**2).sum(axis=1, keepdims=True))
    maps = rng.standard_normal((mask.sum(), 3)).astype(np.float32)
    found = vg._smoother(mask, VOXEL_MM, 0.8)(vg._in_volume(maps, mask))
    assert found == pytest.approx(weights @ maps, abs=1e-5)


def test_fit_is_least_squares_without_negative_parts():
    rng = np.random.default_rng(4)
    target = np.linspace(0.2, 1, 9)
    gamma = target[:, None] * rng.normal(0.5, 1, 40) + rng.normal(0, 0.5, 40) + 0.1 * rng.standard_normal((9, 40))
    misfit, alpha, beta = vg._fit(target, gamma)
    for column in range(40):
        best, rest = optimize.nnls(np.column_stack([np.ones(9), gamma[:, column]]), target)
        assert [alpha[column], beta[column], misfit[column]] == pytest.approx([*best, rest**2], abs=1e-9)


@pytest.mark.parametrize(("make", "rms"), [(smooth(0.75), 0.03), (smooth(1.5), 0.04), (focal(0.75), 0.05)])
def test_surrogates_have_the_variogram_of_the_map(make, rms):
    rng = np.random.default_rng(5)
    brain, places = ellipsoid(RAT)
    values = 5 + 3 * make(brain, places, rng, 1)[0]
    edges = np.linspace(0, 5.5, 26)
    drawn = vg.surrogate_maps(values, brain, VOXEL_MM, 20, rng)
    wanted = vg.variogram(values, brain, VOXEL_MM, edges)[0] / values.var()
    found = np.array([vg.variogram(one, brain, VOXEL_MM, edges)[0] for one in drawn]) / values.var()
    assert np.sqrt(np.nanmean((found.mean(axis=0) - wanted) ** 2)) < rms
    assert drawn.mean() == pytest.approx(5, abs=0.5)
    between = np.corrcoef(np.vstack([values, drawn]))
    assert np.abs(between - np.eye(21)).max() < 0.3


def test_matched_ranks_and_missing_voxels():
    rng = np.random.default_rng(6)
    brain = ellipsoid(SMALL)[0]
    values = np.exp(noise(brain, 1.0, rng, 1)[0])
    values[:100] = np.nan
    values[200] = np.inf
    drawn = vg.surrogate_maps(values, brain, VOXEL_MM, 18, rng, match_ranks=True)
    known = np.isfinite(values)
    assert np.isnan(drawn[:, ~known]).all()
    assert np.sort(drawn[:, known], axis=1) == pytest.approx(np.tile(np.sort(values[known]), (18, 1)), rel=1e-5)
    again = vg.surrogate_maps(values, brain, VOXEL_MM, 3, np.random.default_rng(7))
    assert (again[:, known] == vg.surrogate_maps(values, brain, VOXEL_MM, 3, np.random.default_rng(7))[:, known]).all()


def test_null_of_smooth_maps_is_as_wide_as_their_autocorrelation_says():
    rng = np.random.default_rng(8)
    brain, places = ellipsoid(SMALL)
    # var r = Σᵢⱼ ρᵢⱼ² / n², ρ that of the kernel as sampled on the grid
    rho = np.ones((len(places), len(places)))
    for axis, size in enumerate(VOXEL_MM):
        kernel = np.exp(-((np.arange(-12, 13) * size) ** 2) / (2 * (1.2 * SIGMA) ** 2))
        steps = np.rint(np.abs(np.subtract.outer(places[:, axis], places[:, axis])) / size).astype(int)
        lag = np.correlate(kernel, kernel, "full")[kernel.size - 1 :]
        rho *= np.r_[lag / lag[0], np.zeros(60)][steps]
    wanted = np.sqrt((rho**2).sum()) / len(places)
    nulls = [
        vg.variogram_p(noise(brain, 1.2, rng, 20), noise(brain, 1.2, rng, 1)[0], brain, VOXEL_MM, 64, rng)["null"]
        for _ in range(6)
    ]
    assert np.std(nulls) == pytest.approx(wanted, rel=0.06)


def test_p_uses_the_voxels_where_all_bands_are_defined():
    rng = np.random.default_rng(9)
    brain = ellipsoid(SMALL)[0]
    target, bands = noise(brain, 1.0, rng, 1)[0], noise(brain, 1.0, rng, 4)
    bands[0] += 0.5 * target
    bands[1, :50], bands[2], target[60:70] = np.nan, np.nan, np.nan
    bands[3] = bands[0]
    exclude = np.arange(target.size) > target.size - 200
    found = vg.variogram_p(bands, target, brain, VOXEL_MM, 99, rng, exclude)
    use = ~exclude & np.isfinite(target) & np.isfinite(bands[1])
    for band in (0, 1):
        assert found["r"][band] == pytest.approx(spatial_r(bands[band, use], target[use]))
    assert found["null"].shape == (99, 4)
    assert found["null"][:, 0] == pytest.approx(found["null"][:, 3], abs=1e-12)  # the same band, in another column
    assert found["p"][0] == found["p_max"][0] == 0.01 and found["p"][1] > 0.05
    assert np.isnan([found[name][2] for name in ("r", "p", "p_max")]).all()
    assert found["p"][1] == permutation_p(abs(found["r"][1]), np.abs(found["null"][:, 1]))
    assert found["p_max"][1] == max_statistic(found["r"], found["null"])[1] >= found["p"][1]
    # What is left out has no say at all.
    bands[:, exclude] = 50
    target[exclude] = -40 * np.arange(exclude.sum())
    one = vg.variogram_p(bands, target, brain, VOXEL_MM, 9, np.random.default_rng(1), exclude)
    target[exclude] = 0
    other = vg.variogram_p(bands, target, brain, VOXEL_MM, 9, np.random.default_rng(1), exclude)
    assert np.array_equal(one["null"], other["null"], equal_nan=True)


def test_false_positives_in_a_small_brain():
    rng = np.random.default_rng(10)
    share, anywhere, spread = family(SMALL, smooth(1.0), smooth(1.0), rng, 40, 25, 99)
    assert 0.03 < share < 0.07
    assert anywhere < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 40)
    assert 0.93 < spread < 1.07


def test_maps_that_share_a_focus_by_chance_are_told_apart_from_noise_too_often():
    """The known limit, as the docstring has it."""
    rng = np.random.default_rng(11)

    def network(brain, places, rng, n):
        return noise(brain, 0.75, rng, n) + 1.5 * rng.standard_normal((n, 1)) * bump(places, (2.5, 2.5, 1.5), 1.2)

    assert family(SMALL, focal(0.75), network, rng, 5, 40, 99)[0] > 0.3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "bands"),
    [(smooth(0.75), smooth(0.75)), (smooth(1.5), smooth(1.5)), (focal(0.75), smooth(0.75)), (focal(1.5), smooth(1.5))],
)
def test_false_positives_in_a_rat_brain(target, bands):
    share, _, spread = family(RAT, target, bands, np.random.default_rng(12), 50, 30, 199)
    assert 0.035 < share < 0.065
    assert 0.94 < spread < 1.06


@pytest.mark.parametrize(
    ("change", "culprit"),
    [
        ({"values": np.zeros(4)}, "the map has shape"),
        ({"brain": np.ones((343, 1), dtype=bool)}, "the map has shape"),
        ({"voxel_mm": (1, 1)}, "voxel_mm"),
        ({"voxel_mm": (1, 0, 1)}, "voxel_mm"),
        ({"values": np.full(343, np.nan)}, "no finite value"),
        ({"values": np.full(343, 0.1)}, "same value"),
        ({"values": np.where(np.arange(343) < 49, np.arange(343), np.nan)}, "49 voxels"),
        ({"edges_mm": [1.0, 0.5]}, "edges_mm"),
        ({"edges_mm": [0.2, 0.4, 0.6, 1.2]}, "three bins"),
        ({"widths_mm": [0.0]}, "widths_mm"),
        ({"widths_mm": []}, "widths_mm"),
    ],
)
def test_wrong_input_is_named(change, culprit):
    brain = np.ones((7, 7, 7), dtype=bool)
    given = {"values": np.arange(343.0), "brain": brain, "voxel_mm": (1, 1, 1), **change}
    with pytest.raises(InputError, match=culprit):
        vg.surrogate_maps(n=3, rng=np.random.default_rng(0), **given)


def test_maps_of_other_voxels_are_refused():
    with pytest.raises(InputError, match="LFP maps have shape"):
        vg.variogram_p(np.zeros((2, 8)), np.zeros(9), np.ones((3, 3, 1)), (1, 1, 1), 3, np.random.default_rng(0))
