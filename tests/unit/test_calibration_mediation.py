"""Mediation as the workflow tests it: LFP that reaches the brain through the seed alone, through the projector with
nuisance. Percentiles are uniform, averaged maps hold their level, and the seed-orthogonal map is null."""

from __future__ import annotations

import numpy as np
import pytest
from mediated import sum_by_animal
from scipy import stats
from test_calibration_scans import projection, recording

from lfpbold.coupling.correlation import correlate
from lfpbold.errors import InputError
from lfpbold.nulls.mediation import MEASURES, group_excess, group_mediation, mediation
from lfpbold.nulls.noise_law import near_seed, orthogonal_map
from lfpbold.nulls.surrogates import mixed_with_seed
from lfpbold.stats.tests import fisher_z, means_by_animal

N = 39  # a two-sided p can be .05 exactly


def scans(n_scans, rng, n_volumes=300, ar=0.9, r=0.4, censored=0.0, **more):
    """Scans under mediation, with a new projector every twenty."""
    for i in range(n_scans):
        if i % 20 == 0:
            projector, kept = projection(n_volumes, rng, censored * (i // 20 % 2))
        yield recording(rng, projector, kept, ar=ar, r=r, n_bins=1, **more)


def null_of(scan, rng, n=N, drawn_before=True, **more):
    """As `pipeline.nulls` and `pipeline.mediation` call it."""
    before = {"raw": scan.design.raw[:, 0], "kept": scan.bold.kept} if drawn_before else {}
    return mediation(
        scan.bold.clean, scan.bold.seed, scan.design.columns[:, 0], n, rng, basis=scan.design.basis, **before, **more
    )


def level_of_scans(n_scans, rng, drawn_before=True, rim=False, **how):
    """Share of p ≤ .05 of each measure, and how probable so uneven a distribution of its percentiles is."""
    found = []
    for scan in scans(n_scans, rng, **how):
        exclude = near_seed(scan.bold.seed, np.ones((5, 4, 2), dtype=bool), 1) if rim else None
        one = null_of(scan, rng, drawn_before=drawn_before, exclude=exclude)
        found.append([[one[name][column] for name in MEASURES] for column in ("p", "percentile")])
    p, percentile = np.moveaxis(found, 1, 0)
    percentile = percentile + rng.uniform(-0.5, 0.5, percentile.shape) / (N + 1)  # mid-ranks stand for their steps
    uneven = [stats.kstest(column, "uniform").pvalue for column in percentile.T]
    return np.mean(p <= 0.05 + 1e-12, axis=0), np.array(uneven)


def test_surrogates_drawn_before_the_projection_have_r_and_stay_in_its_space():
    rng = np.random.default_rng(39)
    projector, kept = projection(300, rng, 0.15)
    scan = recording(rng, projector, kept, r=0.4)
    x, raw = scan.design.columns[:, 0], scan.design.raw[:, 0]

    def draw(raw):
        return mixed_with_seed(x, scan.bold.course, 200, np.random.default_rng(0), scan.design.basis, raw, kept)

    drawn = draw(raw)
    assert correlate(drawn, scan.bold.course)[:, 0] == pytest.approx(correlate(x, scan.bold.course)[0, 0], abs=1e-12)
    np.testing.assert_allclose(projector.apply(drawn), drawn, atol=1e-10)
    assert drawn.std(axis=0) == pytest.approx(x.std())
    np.testing.assert_allclose(draw(raw + np.linspace(5, 30, 300)), drawn, atol=1e-9)  # a trend is none of its business
    rest = drawn - np.outer(scan.bold.course, scan.bold.course @ x / (scan.bold.course @ scan.bold.course))
    assert np.abs(np.corrcoef(rest.T) - np.eye(200)).max() < 0.8  # and they are different ones
    # The spectrum is that of noise of this kind, through the projector and without the seed, on average over 400.
    kind = projector.apply(np.column_stack([recording(rng, projector, kept).design.raw for _ in range(200)])[kept])
    kind -= np.outer(scan.bold.course, scan.bold.course @ kind / (scan.bold.course @ scan.bold.course))
    share = [((scan.design.basis.T @ (y / np.linalg.norm(y, axis=0))) ** 2).mean(axis=1) for y in (rest, kind)]
    assert np.corrcoef(share)[0, 1] > 0.5
    with pytest.raises(InputError, match="regressor is constant or not finite"):
        draw(np.full(300, np.nan))


@pytest.mark.parametrize("ar", [0.5, 0.9])
def test_percentiles_of_a_scan_are_uniform_under_mediation(ar, n=200):
    rates, uneven = level_of_scans(n, np.random.default_rng(40), ar=ar, censored=0.15)
    assert (np.abs(rates - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / n)).all(), rates
    assert (uneven > 0.001).all(), uneven


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ar", "r", "censored", "rim"), [(0.5, 0.4, 0.0, False), (0.9, 0.4, 0.15, False), (0.9, 0.0, 0.0, True)]
)
def test_percentiles_of_1500_scans_are_uniform_under_mediation(ar, r, censored, rim):
    rates, uneven = level_of_scans(1500, np.random.default_rng(41), rim=rim, ar=ar, r=r, censored=censored)
    print(rates, uneven)
    assert ((rates > 0.035) & (rates < 0.065)).all(), rates
    assert (uneven > 0.001).all(), uneven


@pytest.mark.slow
def test_surrogates_of_projected_regressors_are_too_free():
    """Why the noise is drawn before the projection: after it percentiles of the spatial r are not uniform."""
    rates, uneven = level_of_scans(1500, np.random.default_rng(42), drawn_before=False)
    print(rates, uneven)
    assert uneven[0] < 1e-4 and rates[1] > 0.06


def group(rng, n_animals, scans_each, own=0.0, n_volumes=150, ar=0.7):
    """Summed surrogate maps and the observed ones; `own`: a map of the LFP's own, over the BOLD's size.

    Animals and scans differ in r.
    """
    animals = np.repeat([f"{k}" for k in range(n_animals)], scans_each)
    found, other = [], np.cumsum(rng.standard_normal(40))
    other = (other - other.mean()) / other.std()
    for scan in scans(animals.size, rng, n_volumes, ar, 0.3):
        x = scan.design.columns[:, 0]
        rest = x - scan.bold.course * (scan.bold.course @ x) / (scan.bold.course @ scan.bold.course)
        added = own * scan.bold.clean.std() * np.outer(rest / rest.std(), np.where(scan.bold.seed, 0, other))
        scan.bold.clean = scan.bold.clean + added
        one = null_of(scan, rng, keep_maps=True)
        found.append(one | {"orthogonal": orthogonal_map(scan.bold.clean, scan.bold.course, x)})
    maps = {name: np.array([one["maps"][name] for one in found]) for name in ("lfp", "seed", "after")}
    sums = {kind: sum_by_animal((one["surrogate_maps"][kind] for one in found), animals) for kind in ("lfp", "after")}
    return animals, sums, maps, np.array([one["r"] for one in found]), np.array([one["orthogonal"] for one in found])


TESTS = ("spatial_r", "spatial_slope", "removal_r", "removal_slope", "excess", "excess of voxels", "one animal")


def p_of_group(rng, n_animals=6, scans_each=1, own=0.0):
    """p of averaged maps; and of the seed-orthogonal map: each voxel's over animals, its r with the seed map."""
    animals, sums, maps, r, orthogonal = group(rng, n_animals, scans_each, own)
    of_lfp, after = (group_mediation(sums[kind], maps[kind], maps["seed"], animals, rng) for kind in ("lfp", "after"))
    excess = group_excess(sums["lfp"], maps["lfp"], maps["seed"], r, animals)
    p = [found[name]["p"] for found in (of_lfp, after) for name in ("r", "slope")]
    # The row `excess` shows the two-sided p: an excess that is too small counts, too.
    p += [excess["size"]["p"], np.nanmin(excess["p_map"]), of_lfp["r"]["by_animal"][0]["p"]]
    of_animals = [means_by_animal(fisher_z(column), animals) for column in orthogonal.T[4:]]
    voxels = stats.ttest_1samp(of_animals, 0, axis=1).pvalue
    alike = correlate(orthogonal.mean(axis=0), maps["seed"].mean(axis=0))[0, 0]
    return p, voxels, alike


def level_of_groups(n_groups, rng, **how):
    found = [p_of_group(rng, **how) for _ in range(n_groups)]
    p, voxels, alike = (np.array(part) for part in zip(*found, strict=True))
    return dict(zip(TESTS, np.mean(p <= 0.05 + 1e-12, axis=0), strict=True)), np.mean(voxels <= 0.05), alike


def test_averaged_maps_hold_their_level_and_the_orthogonal_map_is_null(n=60):
    rates, voxels, alike = level_of_groups(n, np.random.default_rng(43), n_animals=3)
    for name, rate in rates.items():
        assert abs(rate - 0.05) < 3.5 * np.sqrt(0.05 * 0.95 / n), name
    assert voxels == pytest.approx(0.05, abs=0.03)
    assert abs(alike.mean()) < 4 * alike.std() / np.sqrt(n)


@pytest.mark.slow
def test_averaged_maps_of_1500_groups_hold_their_level_and_the_orthogonal_map_is_null():
    rates, voxels, alike = level_of_groups(1500, np.random.default_rng(44))
    print(rates, voxels, alike.mean(), alike.std())
    for name, rate in rates.items():
        assert 0.035 < rate < 0.065, (name, rate)
    assert voxels == pytest.approx(0.05, abs=0.015)
    assert abs(alike.mean()) < 4 * alike.std() / np.sqrt(1500)


@pytest.mark.slow
def test_power_grows_with_the_map_of_the_lfp_s_own():
    """Six animals of two scans of 150 volumes; excess of the averaged map, two-sided p and the best voxel."""
    found = {}
    for own in (0.0, 0.05, 0.1, 0.15):
        rates, *_ = level_of_groups(100, np.random.default_rng(45), scans_each=2, own=own)
        found[own] = rates["excess"], rates["excess of voxels"]
    print(found)
    of_size = [one[0] for one in found.values()]
    assert of_size == sorted(of_size) and of_size[0] < 0.13 and of_size[-1] > 0.9
