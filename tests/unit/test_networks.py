"""Seeds, maps and removals against the algebra of regression."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.linear_model import LinearRegression

from lfpbold.errors import InputError
from lfpbold.networks.maps import (
    below_peaks,
    map_similarity,
    maps_without_lfp,
    remove_lfp,
    seed_map,
    slope,
    spatial_r,
    unique_parts,
)
from lfpbold.networks.seed import seed_voxels


def residual(y, x):
    x = x / x.std(axis=0)  # scikit-learn leaves out singular values below 1e-6 of the largest
    return y - LinearRegression().fit(x, y).predict(x)


@pytest.fixture
def data():
    """200 volumes of 30 voxels and three bands that share a course."""
    rng = np.random.default_rng(0)
    common = rng.standard_normal((200, 1))
    bands = common + rng.standard_normal((200, 3))
    bold = (
        common @ rng.standard_normal((1, 30))
        + bands @ rng.standard_normal((3, 30))
        + rng.standard_normal((200, 30))
        + 50
    )
    return bold, bands * [1, 1e-4, 1e3], common


def test_sphere_has_its_volume_and_place():
    shape, affine = (40, 44, 30), np.array([[-0.5, 0, 0, 10], [0, 0.5, 0, -11], [0, 0, 1.0, -15], [0, 0, 0, 1.0]])
    brain = np.ones(shape, bool)
    brain[:, :, :3] = False
    got = np.zeros(shape, bool)
    got[brain] = seed_voxels({"seed_mm": [1.3, -2.1, 0.4]}, brain, affine=affine, radius_mm=4.0)
    # Voxels of 0.25 mm³; the surface of 200 mm² is uncertain by a fraction of a voxel.
    assert got.sum() * 0.25 == pytest.approx(4 / 3 * np.pi * 4**3, rel=0.04)
    centre = affine[:3, :3] @ np.argwhere(got).mean(axis=0) + affine[:3, 3]
    np.testing.assert_allclose(centre, [1.3, -2.1, 0.4], atol=0.1)


def test_seeds_by_label_mask_and_all():
    rng = np.random.default_rng(0)
    labels, brain = rng.integers(-3, 4, (6, 5, 4)), rng.random((6, 5, 4)) > 0.3
    np.testing.assert_array_equal(
        seed_voxels({"seed_label": [-2, 3]}, brain, labels=labels), np.isin(labels[brain], [-2, 3])
    )
    np.testing.assert_array_equal(seed_voxels({"seed_mask": "x.nii"}, brain, mask=labels > 1), labels[brain] > 1)
    assert seed_voxels({"seed": "all"}, brain).all()
    assert not seed_voxels({"seed_label": [2]}, brain, labels=labels)[labels[brain] == -2].any()  # sides stay apart


@pytest.mark.parametrize("site", [{"seed_label": [99]}, {"seed_mm": [500, 0, 0]}, {"seed_mask": "empty.nii"}])
def test_seeds_outside_the_brain_are_refused(site):
    with pytest.raises(InputError, match=r"outside the (brain|image)"):
        seed_voxels(
            site,
            np.ones((4, 4, 4), bool),
            affine=np.eye(4),
            labels=np.ones((4, 4, 4), int),
            mask=np.zeros((4, 4, 4), bool),
        )


def test_seed_map_is_the_correlation_with_the_mean_of_the_seed(data):
    bold = data[0].copy()
    bold[:, 29] = 50
    seed = np.zeros(30, bool)
    seed[[3, 8]] = True
    got = seed_map(bold, seed)
    expected = [stats.pearsonr(bold[:, [3, 8]].mean(axis=1), column)[0] for column in bold.T[:29]]
    np.testing.assert_allclose(got[:29], expected, atol=1e-12)
    assert np.isnan(got[29])


def test_spatial_r_and_slope_skip_what_is_missing():
    rng = np.random.default_rng(0)
    before = rng.standard_normal(500)
    after = 0.4 * before + 3 + 0.1 * rng.standard_normal(500)
    after[:3], before[3:7] = np.nan, np.nan
    both = slice(7, None)
    line = stats.linregress(before[both], after[both])
    assert slope(after, before) == pytest.approx(line.slope, abs=1e-12)
    assert spatial_r(after, before) == pytest.approx(line.rvalue, abs=1e-12)
    assert slope(before, before) == pytest.approx(1) and slope(-0.5 * before, before) == pytest.approx(-0.5)
    assert np.isnan([slope([1, 2], [3, 4]), slope(after, np.ones(500)), spatial_r([1, 2], [3, 4])]).all()


def test_unique_parts_are_residuals_on_the_other_bands(data):
    _, bands, _ = data
    got = unique_parts(bands)
    for k in range(3):
        others = np.delete(bands, k, axis=1)
        np.testing.assert_allclose(
            got[:, k] / bands[:, k].std(), residual(bands[:, k], others) / bands[:, k].std(), atol=1e-9
        )


def test_joint_removal_is_regression_that_keeps_the_mean(data):
    bold, bands, _ = data
    got = remove_lfp(bold, bands, "all_joint")
    np.testing.assert_allclose(got, residual(bold, bands) + bold.mean(axis=0), atol=1e-9)
    assert np.abs(np.corrcoef(got.T, bands.T)[:30, 30:]).max() < 1e-10


def test_unique_removal_takes_the_unique_parts_by_their_own_coefficients(data):
    """Frisch, Waugh and Lovell: the joint coefficient of a band is that of its unique part alone."""
    bold, bands, _ = data
    got = remove_lfp(bold, bands, "all_unique")
    expected = bold.copy()
    for k in range(3):
        unique = residual(bands[:, k], np.delete(bands, k, axis=1))
        unique /= unique.std()
        expected -= np.outer(unique, unique @ bold / (unique @ unique))
    np.testing.assert_allclose(got, expected, atol=1e-8)
    np.testing.assert_allclose(got.mean(axis=0), bold.mean(axis=0))


def test_unique_removal_leaves_what_bands_share():
    rng = np.random.default_rng(1)
    common = rng.standard_normal(4000)
    bands = common[:, None] + 0.2 * rng.standard_normal((4000, 5))
    bold = (common + 0.5 * rng.standard_normal(4000))[:, None]
    before, soft, joint = (
        np.corrcoef(x[:, 0], common)[0, 1]
        for x in (bold, remove_lfp(bold, bands, "all_unique"), remove_lfp(bold, bands, "all_joint"))
    )
    # Of the five bands' mean, 1/5 × 0.04 of its variance is not common: joint regression leaves √(.008/1.008) of it.
    assert soft > 0.99 * before
    assert joint < 0.15


def test_bands_that_share_nothing_are_removed_alike_by_both():
    rng = np.random.default_rng(2)
    bands = np.linalg.qr(np.column_stack([np.ones(300), rng.standard_normal((300, 4))]))[0][:, 1:] * [1, 10, 1e-5, 100]
    bold = rng.standard_normal((300, 7))
    np.testing.assert_allclose(remove_lfp(bold, bands, "all_unique"), remove_lfp(bold, bands, "all_joint"), atol=1e-9)
    one = rng.standard_normal((300, 1))
    np.testing.assert_allclose(remove_lfp(bold, one, "all_unique"), remove_lfp(bold, one, "all_joint"), atol=1e-9)
    with pytest.raises(ValueError, match="all_joint or all_unique"):
        remove_lfp(bold, bands, "some")


def test_map_after_a_removal_is_the_partial_correlation(data):
    bold, bands, _ = data
    bold, g, seed = bold - bold.mean(axis=0), bands[:, 0], np.arange(30) == 4
    r = np.corrcoef(np.column_stack([bold, g]).T)
    before, with_g, r_seed = r[4, :30], r[30, :30], r[30, 4]
    expected = (before - r_seed * with_g) / np.sqrt((1 - r_seed**2) * (1 - with_g**2))
    np.testing.assert_allclose(maps_without_lfp(bold, seed, bands, g, 85)["gamma"], expected, atol=1e-10)


def test_maps_without_lfp_name_what_they_did(data):
    bold, bands, _ = data
    seed = np.arange(30) < 3
    got = maps_without_lfp(bold, seed, bands, bands[:, 2], 85)
    assert list(got) == ["gamma", "all_joint", "all_unique", "peaks"]
    np.testing.assert_allclose(got["gamma"], seed_map(remove_lfp(bold, bands[:, [2]], "all_joint"), seed))
    np.testing.assert_allclose(got["all_joint"], seed_map(residual(bold, bands), seed), atol=1e-9)
    np.testing.assert_allclose(got["all_unique"], seed_map(remove_lfp(bold, bands, "all_unique"), seed))
    order = np.argsort(bands[:, 2])
    np.testing.assert_allclose(got["peaks"], seed_map(bold[order[:170]], seed))  # the highest 15 % of 200 are 30


def test_peaks_are_what_is_above_the_percentile():
    regressor = np.random.default_rng(3).permutation(200).astype(float)
    kept = below_peaks(regressor, 85)
    assert kept.sum() == 170 and regressor[kept].max() < regressor[~kept].min()


def test_a_regressor_that_acts_through_the_seed_alone_hardly_changes_the_seed_map():
    """Algebra, not physiology: with r = .42 to the seed, a mediated regressor leaves the map at CC .988 per scan."""
    rng, n_eff, n_voxels, r, spread, scans = np.random.default_rng(4), 150, 1500, 0.42, 0.224, 60
    truth = rng.normal(0, spread, n_voxels)
    found, maps_before, maps_after = [], [], []
    for _ in range(scans):  # white series of n_eff volumes stand for band-passed ones of 1200
        seed = rng.standard_normal((n_eff, 1))
        bold = np.column_stack([seed, seed * truth + rng.standard_normal((n_eff, n_voxels)) * np.sqrt(1 - truth**2)])
        g = r * seed[:, 0] + np.sqrt(1 - r**2) * rng.standard_normal(n_eff)
        at_seed = np.arange(n_voxels + 1) == 0
        before, after = seed_map(bold, at_seed)[1:], maps_without_lfp(bold, at_seed, g[:, None], g, 85)["gamma"][1:]
        maps_before.append(before)
        maps_after.append(after)
        found.append(spatial_r(after, before))
    # The removal subtracts r·e/√(1 − r²) with e the map's noise, of standard deviation √((1 − r²)(1 − r_v²)/n_eff):
    # that is r/√n_eff = .034 beside √(1 − r²) × sd(map) = .22, so that CC ≈ 1/√(1 + (.034/.22)²) = .988.
    sd = np.std(maps_before[0])
    expected = 1 / np.sqrt(1 + (r**2 * (1 - spread**2) / n_eff) / ((1 - r**2) * sd**2))
    assert np.mean(found) == pytest.approx(expected, abs=0.004)
    assert np.mean(found) == pytest.approx(0.988, abs=0.004)
    assert spatial_r(np.mean(maps_after, axis=0), np.mean(maps_before, axis=0)) > 0.999  # reference: .9996 of 159 scans


@pytest.mark.parametrize("how", ["all_joint", "all_unique"])
def test_units_of_the_bands_do_not_change_what_is_removed(data, how):
    """Power in V² (1e-12 of that in µV²) beside power in (nV)²."""
    bold, bands, _ = data
    bands = bands / bands.std(axis=0)
    expected = residual(bold, bands) + bold.mean(axis=0)
    if how == "all_unique":
        unique = np.column_stack([residual(bands[:, k], np.delete(bands, k, axis=1)) for k in range(3)])
        expected = bold - unique @ (unique.T @ bold / (unique**2).sum(axis=0)[:, None])
    np.testing.assert_allclose(remove_lfp(bold, bands * [1, 1e-12, 1e6], how), expected, atol=1e-8)


def test_a_volume_at_the_percentile_is_not_above_it():
    regressor = np.random.default_rng(5).permutation(201).astype(float)
    kept = below_peaks(regressor, 50)  # of 0, 1, … 200 it is 100
    assert sorted(regressor[kept]) == list(range(101))
    assert below_peaks([1.0, 2.0, 2.0, 2.0, 3.0], 50).tolist() == [True, True, True, True, False]
    assert below_peaks(regressor, 100).all()


def test_similarity_of_many_maps_is_that_of_each_by_scipy():
    many, reference = np.random.default_rng(11).standard_normal((5, 40)), np.arange(40.0) ** 0.5
    r, slopes = map_similarity(many, reference)
    for one, got_r, got_slope in zip(many, r, slopes, strict=True):
        line = stats.linregress(reference, one)
        assert (got_r, got_slope) == pytest.approx((line.rvalue, line.slope), abs=1e-12)
    constant = map_similarity(np.ones((1, 40)), reference)
    assert np.isnan(constant[0]).all() and constant[1] == 0


def test_three_voxels_are_enough_for_a_spatial_r_and_a_slope():
    after, before = [1.0, 3.0, 2.0, np.nan], [1.0, 2.0, 4.0, 5.0]
    assert spatial_r(after, before) == pytest.approx(stats.pearsonr(after[:3], before[:3])[0], abs=1e-12)
    assert slope(after, before) == pytest.approx(stats.linregress(before[:3], after[:3]).slope, abs=1e-12)


def test_a_voxel_on_the_surface_of_the_sphere_belongs_to_it():
    got = seed_voxels({"seed_mm": [2, 2, 2]}, np.ones((5, 5, 5), bool), affine=np.eye(4), radius_mm=1.0)
    assert got.sum() == 7  # the centre and its six neighbours
