"""Seeds on the study laboratory's own atlas, and correlations of real rat BOLD."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from lfpbold.coupling.correlation import correlate
from lfpbold.networks.maps import seed_map, spatial_r
from lfpbold.networks.seed import seed_voxels


@pytest.fixture
def atlas(shared_data):
    folder = shared_data / "zhang_rat_rsfmri"
    labels = np.rint(nibabel.load(folder / "Swanson_180ROI_64x64x20.nii").get_fdata()).astype(int)
    brain = nibabel.load(folder / "brain_mask_64x64.nii").get_fdata() > 0
    return labels, brain


@pytest.mark.parametrize(("label", "voxels"), [(-56, {43, 61}), (56, {43, 61}), (-75, {134}), (75, {134})])
def test_study_s_sites_have_their_voxels(atlas, label, voxels):
    labels, brain = atlas
    everything = np.ones(labels.shape, bool)
    assert seed_voxels({"seed_label": [label]}, everything, labels=labels).sum() in voxels
    inside = seed_voxels({"seed_label": [label]}, brain, labels=labels)
    assert inside.size == brain.sum() and inside.sum() > 0.9 * min(voxels)


def test_sides_of_the_atlas_are_mirror_images_of_sign(atlas):
    labels, _ = atlas
    everything = np.ones(labels.shape, bool)
    for label in (56, 75):
        left, right = (
            np.argwhere(
                seed_voxels({"seed_label": [sign * label]}, everything, labels=labels).reshape(labels.shape)
            ).mean(axis=0)
            for sign in (-1, 1)
        )
        # One axis changes sides, the other two stay within a voxel.
        assert (np.abs(left - right) > 2).sum() == 1


def test_real_rat_connectivity(shared_data):
    """Somatosensory cortex left and right and cingulate cortex of an anaesthetised rat (MultiRat)."""
    names = ("S1bf_l_0104608.txt", "S1bf_r_0104608.txt", "ACA_l_0104608.txt")
    series = np.column_stack([np.loadtxt(shared_data / "multirat" / name) for name in names])
    assert series.shape == (1400, 3)
    got = seed_map(series, np.array([True, False, False]))
    np.testing.assert_allclose(got, [1, 0.604, -0.317], atol=5e-4)
    np.testing.assert_allclose(correlate(series[:, 0], series)[0], got)


def test_real_maps_of_both_sides_are_alike(atlas, shared_data):
    """Rows of the laboratory's connectivity matrix: homotopic regions have like maps, others do not."""
    z = np.squeeze(nibabel.load(shared_data / "zhang_rat_rsfmri" / "group_FC_FisherZ_180ROI.nii").get_fdata())
    assert z.shape == (180, 180)
    r = np.tanh(z)
    np.fill_diagonal(r, np.nan)
    maps = {name: r[row] for name, row in (("aca", 55), ("aca_other", 145), ("mop", 74), ("mop_other", 164))}
    assert r[55, 145] == pytest.approx(0.456, abs=0.002)
    assert r[74, 164] == pytest.approx(0.178, abs=0.002)
    swapped = {name: maps[name] for name in maps}
    assert spatial_r(swapped["aca"], swapped["aca_other"]) > 0.8 > 0.5 > spatial_r(maps["aca"], maps["mop"])
