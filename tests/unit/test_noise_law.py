"""The law CC = r/√(r² + k²) and the maps beside it: the study's numbers, closed forms, and simulated scans."""

from __future__ import annotations

import numpy as np
import pytest
from mediated import band_limited, loadings, regressor, scan
from scipy import stats

from lfpbold.coupling.correlation import correlate
from lfpbold.errors import InputError
from lfpbold.networks.maps import map_similarity, seed_map, spatial_r
from lfpbold.nulls import noise_law
from lfpbold.pipeline.group.published import SPATIAL_GROUP, SPATIAL_SCAN, TEMPORAL
from lfpbold.stats.tests import partial_r


def test_published_pairs_lie_on_the_law():
    r, cc = (np.concatenate([table[key] for key in SPATIAL_GROUP]) for table in (TEMPORAL, SPATIAL_GROUP))
    found = noise_law.k_of(r, cc)
    assert (found["n"], round(found["k"], 3), round(found["r2"], 2)) == (20, 0.156, 0.95)
    r, cc = (np.concatenate([table[key] for key in SPATIAL_SCAN]) for table in (TEMPORAL, SPATIAL_SCAN))
    found = noise_law.k_of(r, cc)
    assert (found["n"], round(found["k"], 2), round(found["r2"], 3)) == (10, 0.49, 0.993)


def test_k_of_finds_k_and_its_limits():
    r = np.linspace(-0.4, 0.5, 10)
    assert noise_law.k_of(r, noise_law.spatial_law(r, 0.03))["k"] == pytest.approx(0.03, rel=1e-6)
    assert noise_law.k_of(r, np.sign(r))["k"] == 0
    assert noise_law.k_of(r, -np.sign(r))["k"] == np.inf
    assert np.isnan(noise_law.k_of([], [])["k"])
    assert noise_law.k_of([np.nan, 0.2], [0.1, 0.5])["n"] == 1


def test_interval_of_k_is_that_of_refitting_every_draw():
    rng = np.random.default_rng(0)
    animals = np.repeat(np.arange(6), 5)
    r = rng.uniform(-0.4, 0.5, 30)
    cc = noise_law.spatial_law(r, 0.2 + 0.1 * rng.random(6)[animals]) + 0.1 * rng.standard_normal(30)
    found = noise_law.k_of(r, cc, animals, n_boot=300, rng=np.random.default_rng(1), interval="percentile")
    weights = np.random.default_rng(1).multinomial(6, np.full(6, 1 / 6), 300)
    refitted = []
    for draw in weights:
        rows = np.concatenate([np.flatnonzero(animals == a) for a, times in enumerate(draw) for _ in range(times)])
        refitted.append(noise_law.k_of(r[rows], cc[rows])["k"])
    expected = np.quantile(refitted, [0.025, 0.975], method="inverted_cdf")
    assert [found["low"], found["high"]] == pytest.approx(expected, rel=1e-3)
    assert found["low"] < found["k"] < found["high"]


def test_jackknife_interval_is_that_of_refitting_without_each_animal():
    rng = np.random.default_rng(9)
    animals = np.repeat(np.arange(5), 6)
    r = rng.uniform(-0.4, 0.5, 30)
    cc = noise_law.spatial_law(r, 0.2 + 0.1 * rng.random(5)[animals]) + 0.1 * rng.standard_normal(30)
    found = noise_law.k_of(r, cc, animals)
    assert [found["low"], found["high"]] == pytest.approx(
        by_hand(found["k"], [noise_law.k_of(r[animals != a], cc[animals != a])["k"] for a in range(5)]), rel=1e-3
    )
    with pytest.raises(ValueError, match="choose jackknife or percentile"):
        noise_law.k_of(r, cc, animals, interval="bayes")


def by_hand(k, left_out):
    """Student's t interval on a logarithmic scale."""
    n, logs = len(left_out), np.log(left_out)
    reach = stats.t.ppf(0.975, n - 1) * np.sqrt((n - 1) / n * np.sum((logs - logs.mean()) ** 2))
    return [k * np.exp(-reach), k * np.exp(reach)]


def test_interval_of_k_at_its_limits():
    """Where the law is a step, or does not rise, in all animals or in some."""
    r, animals = np.tile([-0.3, 0.2, 0.4], 4), np.repeat(list("abcd"), 3)
    step = noise_law.k_of(r, np.sign(r), animals)
    assert step["k"] == step["low"] == step["high"] == 0
    none = noise_law.k_of(r, -np.sign(r), animals)
    assert none["k"] == none["low"] == none["high"] == np.inf
    mixed = noise_law.k_of(r, np.where(animals == "a", 1, -0.2) * noise_law.spatial_law(r, 0.1), animals)
    assert mixed["low"] == 0 and mixed["high"] == np.inf


def smooth(rng, n, n_voxels=60):
    made = np.cumsum(rng.standard_normal((n, n_voxels)), axis=1)
    made -= made.mean(axis=1, keepdims=True)
    return made / made.std(axis=1, keepdims=True)


def animals_with_noise_of_their_own(rng, n_animals, brain):
    """r, LFP maps and seed maps of four scans an animal; animals differ in seed map, in r and in the maps' noise."""
    animals = np.repeat(np.arange(n_animals), 4)
    seeds = 0.17 * (brain + 0.4 * smooth(rng, n_animals))[animals] + 0.06 * smooth(rng, animals.size)
    r = np.array([-0.2, -0.19, -0.11, -0.06, 0.37]) + 0.06 * rng.standard_normal((n_animals, 5))[animals]
    r += 0.06 * rng.standard_normal(r.shape)
    size = 0.08 * np.exp(0.3 * rng.standard_normal(n_animals))[animals]
    noise = smooth(rng, animals.size * 5).reshape(animals.size, 5, -1) * size[:, None, None]
    return r, r[:, :, None] * seeds[:, None] + noise, seeds, animals


def coverage_of_k(n_animals, n_groups, rng, interval):
    """Share of groups whose interval holds the median k of all groups: over scans, and of averaged maps."""
    brain, found = smooth(rng, 1)[0], []
    for _ in range(n_groups):
        r, lfp, seeds, animals = animals_with_noise_of_their_own(rng, n_animals, brain)
        cc = np.array([map_similarity(maps, seed)[0] for maps, seed in zip(lfp, seeds, strict=True)])
        options = {"n_boot": 300, "rng": rng, "interval": interval}
        both = [noise_law.k_of(r.ravel(), cc.ravel(), np.repeat(animals, 5), **options)]
        both.append(noise_law.k_of_maps(r, lfp, seeds, animals, **options))
        found.append([[one[name] for name in ("k", "low", "high")] for one in both])
    k, low, high = np.moveaxis(found, 2, 0)
    middle = np.median(k, axis=0)
    return np.mean((low <= middle) & (middle <= high), axis=0)


def test_interval_of_k_holds_what_it_promises():
    rates = coverage_of_k(6, 60, np.random.default_rng(10), "jackknife")
    assert (rates > 0.95 - 3.5 * np.sqrt(0.05 * 0.95 / 60)).all(), rates


@pytest.mark.slow
@pytest.mark.parametrize(("interval", "low", "high"), [("jackknife", 0.9, 0.99), ("percentile", 0.75, 0.91)])
def test_coverage_of_k_with_six_animals(interval, low, high):
    rates = coverage_of_k(6, 400, np.random.default_rng(11), interval)
    assert ((rates > low) & (rates < high)).all(), rates


def test_k_of_maps_averages_before_it_fits():
    rng = np.random.default_rng(2)
    animals = np.array(["b", "a", "a", "c", "c"])
    seeds = rng.standard_normal((5, 40))
    r = rng.uniform(-0.4, 0.4, (5, 3)) + np.array([-0.3, 0.1, 0.4])
    lfp = r[:, :, None] * seeds[:, None, :] + 0.2 * rng.standard_normal((5, 3, 40))
    found = noise_law.k_of_maps(r, lfp, seeds, animals, rng, n_boot=100)
    assert found["r"] == pytest.approx(r.mean(axis=0))
    assert found["cc"] == pytest.approx([spatial_r(one, seeds.mean(axis=0)) for one in lfp.mean(axis=0)])
    assert found["k"] == noise_law.k_of(found["r"], found["cc"])["k"]
    left_out = []
    for animal in "abc":
        rest = animals != animal
        pairs = [spatial_r(one, seeds[rest].mean(axis=0)) for one in lfp[rest].mean(axis=0)]
        left_out.append(noise_law.k_of(r[rest].mean(axis=0), pairs)["k"])
    assert [found["low"], found["high"]] == pytest.approx(by_hand(found["k"], left_out), rel=1e-3)


def test_noise_predicts_k_under_mediation():
    """Many regressors that reach the brain through the seed alone obey the law with the k that noise predicts."""
    rng = np.random.default_rng(3)
    bold, seed, course = scan(600, loadings(300, rng, 12), rng)
    target = seed_map(bold, seed)
    x = np.column_stack([regressor(course, r, rng) for r in np.repeat(np.linspace(-0.5, 0.5, 41), 20)])
    cc = map_similarity(correlate(x, bold), target)[0]
    fitted = noise_law.k_of(correlate(x, course)[:, 0], cc)
    predicted = noise_law.k_of_noise(bold, seed, x[:, 0], 200, rng)
    assert predicted["k"] == pytest.approx(predicted["noise_sd"] / predicted["seed_sd"])
    assert fitted["k"] == pytest.approx(predicted["k"], rel=0.1)


def test_noise_of_averaged_maps_falls_with_the_root_of_scans():
    rng = np.random.default_rng(4)
    seeds = np.tile(rng.standard_normal(50), (16, 1))
    assert noise_law.k_of_averaged_noise(np.full(16, 0.08), seeds) == pytest.approx(0.02 / seeds[0].std())
    x = 0.08 * rng.standard_normal((16, 50, 500))
    assert x.mean(axis=0).std() / seeds[0].std() == pytest.approx(0.02 / seeds[0].std(), rel=0.03)


def test_orthogonal_map_has_nothing_of_the_seed():
    rng = np.random.default_rng(5)
    bold, seed, course = scan(200, loadings(30, rng), rng)
    x = np.column_stack([regressor(course, r, rng) for r in (0.5, -0.2)])
    found = noise_law.orthogonal_map(bold, course, x)
    r_sx, r_xv, r_sv = correlate(x, course)[:, 0], correlate(x, bold), correlate(course, bold)[0]
    # semi-partial correlation: (r_xv − r_sx r_sv)/√(1 − r_sx²)
    np.testing.assert_allclose(found, (r_xv - np.outer(r_sx, r_sv)) / np.sqrt(1 - r_sx**2)[:, None], atol=1e-12)
    partial = partial_r(r_xv[0, 9], r_sx[0], r_sv[9])
    assert found[0, 9] == pytest.approx(partial * np.sqrt(1 - r_sv[9] ** 2))
    assert np.abs(noise_law.orthogonal_map(bold[:, seed].mean(axis=1)[:, None], course, x)).max() < 1e-12
    with pytest.raises(InputError, match="seed's BOLD is constant"):
        noise_law.orthogonal_map(bold, np.zeros(200), x)


def test_noisy_seed_leaves_something_in_the_orthogonal_map():
    """The limit that the docstring states: a seed that is a noisy copy of what is shared does not take all of it."""
    rng = np.random.default_rng(6)
    shared = band_limited(2000, 1, rng)[:, 0]
    bold = shared[:, None] + band_limited(2000, 30, rng)
    x = shared + band_limited(2000, 1, rng)[:, 0]
    noisy = noise_law.orthogonal_map(bold[:, 1:], bold[:, 0], x)
    assert noisy.mean() > 0.15
    assert abs(noise_law.orthogonal_map(bold[:, 1:], shared, x).mean()) < 0.06


def test_cross_scan_against_loops():
    rng = np.random.default_rng(7)
    lfp, seeds = rng.standard_normal((2, 5, 30))
    animals = np.array(["a", "a", "b", "b", "c"])
    found = noise_law.cross_scan(lfp, seeds, animals, exclude=np.arange(30) < 4)
    for i in range(5):
        r = np.array([spatial_r(lfp[i, 4:], seeds[j, 4:]) for j in range(5)])
        assert found["same_scan"][i] == pytest.approx(r[i])
        assert found["other_animals"][i] == pytest.approx(r[animals != animals[i]].mean())
        others = (animals == animals[i]) & (np.arange(5) != i)
        expected = r[others].mean() if others.any() else np.nan
        assert found["same_animal"][i] == pytest.approx(expected, nan_ok=True)


def test_a_map_of_its_own_scan_agrees_with_its_own_seed_map():
    rng = np.random.default_rng(8)
    spread, lfp, seeds = loadings(60, rng), [], []
    for _ in range(12):
        bold, seed, course = scan(200, spread, rng, noise=1.0)
        lfp.append(correlate(regressor(course, 0.5, rng), bold)[0])
        seeds.append(seed_map(bold, seed))
    found = noise_law.cross_scan(lfp, seeds, np.repeat(list("abcd"), 3))
    assert found["same_scan"].mean() > found["other_animals"].mean() > 0


def test_near_seed_is_a_box_within_the_brain():
    brain = np.ones((7, 7, 5), dtype=bool)
    brain[:, :, 0] = False
    volume = np.zeros(brain.shape, dtype=bool)
    volume[3, 3, 2] = True
    for voxels, size in ((0, 1), (1, 27), (2, 5 * 5 * 4)):
        near = noise_law.near_seed(volume[brain], brain, voxels)
        assert near.shape == (brain.sum(),) and near.sum() == size
