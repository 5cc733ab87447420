"""Masks mark voxels, labels name regions, seeds hold voxels: anything else is thresholded with a word, or refused."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

from lfpbold.errors import InputError
from lfpbold.networks.seed import seed_voxels
from lfpbold.pipeline import atlas, preflight
from lfpbold.recordings.mask_values import as_labels, as_mask
from lfpbold.study import settings

SHAPE = (8, 7, 6)
TRUE = np.zeros(SHAPE, bool)
TRUE[2:6, 2:5, 1:4] = True
RNG = np.random.default_rng(0)
MAP = np.where(TRUE, RNG.uniform(0.55, 1, SHAPE), RNG.uniform(0, 0.45, SHAPE))


@pytest.mark.parametrize(
    "values",
    [
        TRUE.astype(np.uint8),
        TRUE * 255,
        TRUE * 100.0,
        TRUE * 0.99999994,
        TRUE * 3.0,
        np.where(TRUE, 1.0, 1e-7),
        np.where(TRUE, RNG.uniform(0.9995, 1, SHAPE), 0),
    ],
)
def test_a_mask_of_one_value_is_taken_as_it_is_without_a_word(values):
    mask, note = as_mask(values, "m")
    np.testing.assert_array_equal(mask, TRUE)
    assert note == ""


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (MAP, "probabilities"),
        (MAP * 100, "percentages"),
        (np.round(100 * MAP / MAP.max()), "percentages"),
        (np.round(255 * MAP / MAP.max()).astype(np.uint8), "levels of 0 to 255"),
        (np.where(TRUE, 1.04, -0.05) + RNG.uniform(-0.03, 0.03, SHAPE), "probabilities"),  # interpolated
    ],
)
def test_a_map_of_probabilities_has_a_threshold_of_one_half_with_a_word(values, kind):
    mask, note = as_mask(values, "m")
    np.testing.assert_array_equal(mask, TRUE)
    assert f"holds {kind}; voxels of one half and more are taken (36 of 336)" in note


def test_one_half_itself_is_within():
    assert as_mask(np.array([[[0.2, 0.5, 0.49, 1.0]]]), "m")[0].tolist() == [[[False, True, False, True]]]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_outside_with_a_word(wrong):
    values = TRUE.astype(float)
    values[0, 0, 0] = wrong
    mask, note = as_mask(values, "m")
    np.testing.assert_array_equal(mask, TRUE)
    assert "1 voxels that are NaN or infinite are outside" in note


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros(SHAPE), "marks no voxel"),
        (np.full(SHAPE, np.nan), "marks no voxel"),
        (np.where(TRUE, 0.3, 0.1), "none of which reaches one half"),
        (np.where(TRUE, 2, 1), "the whole numbers 1, 2, as labels do"),
        (RNG.integers(0, 4, SHAPE), "the whole numbers 1, 2, 3, as labels do"),
        (RNG.integers(-40, 40, SHAPE), "as labels do"),
        (RNG.integers(0, 90, SHAPE), "neither a mask nor a map"),
        (-TRUE.astype(np.int8), "whole numbers -1"),
        (RNG.normal(1000, 50, SHAPE), "neither a mask nor a map"),
        (RNG.normal(0, 1, SHAPE), "neither a mask nor a map"),
    ],
)
def test_what_is_no_mask_is_refused(values, sentence):
    with pytest.raises(InputError, match=sentence):
        as_mask(values, "m")


def test_labels_are_whole_numbers():
    labels = RNG.integers(-90, 91, SHAPE)
    np.testing.assert_array_equal(as_labels(labels, "l"), labels)
    np.testing.assert_array_equal(as_labels(labels + 1e-5, "l"), labels)
    with_nan = np.where(labels == 0, np.nan, labels.astype(float))
    np.testing.assert_array_equal(as_labels(with_nan, "l"), labels)
    with pytest.raises(InputError, match="labels are whole numbers; resample it by the nearest neighbour"):
        as_labels(labels + 0.3 * TRUE, "l")
    with pytest.raises(InputError, match="has no region"):
        as_labels(np.zeros(SHAPE), "l")


# ---- in a study ----------------------------------------------------------------------------------------------------

AFFINE = np.diag([0.5, 0.5, 1.0, 1.0])
WHOLE = np.ones(SHAPE, np.uint8)


def saved(path, values, affine=AFFINE):
    nibabel.save(nibabel.Nifti1Image(np.asarray(values, dtype=np.float32), affine), path)
    return str(path)


def configured(folder, sites=None, **images):
    names = {name: saved(folder / f"{name}.nii.gz", values) for name, values in images.items()}
    base = settings.load([], {"atlas": {"labels": names.get("labels", "labels.nii.gz")}})
    return base | {
        "atlas": dict.fromkeys(base["atlas"]) | names,
        "sites": sites or {"M1": {"seed": "all"}},
        "variants": {"reference": {}},
    }


@pytest.mark.parametrize("name", ["brain", "white_matter", "ventricles"])
def test_every_mask_of_the_atlas_is_held_to_it(tmp_path, name):
    images = {"brain": WHOLE, "white_matter": TRUE, "ventricles": TRUE} | {name: MAP}
    base = configured(tmp_path, **images)
    assert preflight.atlas_problems(base) == []
    (note,) = atlas.notes(base)
    assert f"atlas.{name}" in note and "one half" in note
    if name == "brain":
        np.testing.assert_array_equal(atlas.open_targets(base["atlas"])["brain"][0], TRUE)
    else:
        np.testing.assert_array_equal(atlas.open_masks(base["atlas"], SHAPE, AFFINE)[name], TRUE)
    base = configured(tmp_path, **(images | {name: RNG.integers(0, 5, SHAPE)}))
    assert any(f"atlas.{name}" in problem and "as labels do" in problem for problem in preflight.atlas_problems(base))


def test_a_seed_mask_and_the_labels_of_a_seed_are_held_to_it(tmp_path):
    path = saved(tmp_path / "seed.nii.gz", MAP)
    base = configured(tmp_path, {"M1": {"seed_mask": path}}, brain=WHOLE, white_matter=TRUE, ventricles=TRUE)
    np.testing.assert_array_equal(atlas.open_seed("M1", base, WHOLE > 0, AFFINE), TRUE.ravel())
    assert "sites.M1.seed_mask" in atlas.notes(base)[0]
    saved(tmp_path / "seed.nii.gz", RNG.normal(1000, 50, SHAPE))
    assert any("neither a mask" in problem for problem in preflight.atlas_problems(base))
    base = configured(tmp_path, {"M1": {"seed_label": [1]}}, brain=WHOLE, labels=TRUE * 1.0 + 0.3 * WHOLE)
    assert any("labels are whole numbers" in problem for problem in preflight.atlas_problems(base, False))


def test_an_anatomy_without_contrast_is_refused_and_its_nan_are_background(tmp_path):
    path = saved(tmp_path / "anatomy.nii.gz", np.where(TRUE, 5.0, np.nan))
    np.testing.assert_array_equal(atlas.open_anatomy(path)[0], 5.0 * TRUE)
    with pytest.raises(InputError, match=r"is 5 everywhere, which is no anatomy"):
        atlas.open_anatomy(saved(tmp_path / "flat.nii.gz", 5.0 * WHOLE))


@pytest.mark.parametrize(("radius", "n"), [(1.0, 0), (1.6, 2), (3.5, 10)])
def test_a_seed_between_the_centres_of_large_voxels_is_refused_with_their_size(radius, n):
    """Voxels of 3 mm; the nearest centres lie 1.5 mm away."""
    grid = np.diag([3.0, 3.0, 3.0, 1.0])
    arguments = {"affine": grid, "radius_mm": radius}
    if n:
        assert seed_voxels({"seed_mm": [7.5, 9, 9]}, np.ones(SHAPE, bool), **arguments).sum() == n
        return
    with pytest.raises(InputError, match=r"voxels are 3 × 3 × 3 mm, and the nearest is 1\.5 mm.*radius_mm to 1\.6"):
        seed_voxels({"seed_mm": [7.5, 9, 9]}, np.ones(SHAPE, bool), **arguments)


def test_a_seed_outside_the_image_is_told_from_one_outside_the_brain():
    brain = np.zeros(SHAPE, bool)
    brain[0, 0, 0] = True
    with pytest.raises(InputError, match="outside the image, 46 mm from its nearest voxel"):
        seed_voxels({"seed_mm": [49.5, 0, 0]}, brain, affine=AFFINE)
    with pytest.raises(InputError, match="outside the brain"):
        seed_voxels({"seed_mm": [3, 3, 3]}, brain, affine=AFFINE)
