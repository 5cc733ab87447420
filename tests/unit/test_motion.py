"""Motion against a synthetic head that moves by known rigid transforms, on grids of every orientation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from lfpbold.bold.motion import (
    blocks,
    check_volumes,
    framewise_displacement,
    realign,
    register,
    resample,
    same_grid,
    scale_to,
    scrub,
)
from lfpbold.errors import InputError

SHAPE = (32, 28, 14)
VOXEL_MM = np.array([0.5, 0.5, 1.0])
GRIDS = {
    "straight": np.eye(3),
    "left-to-right": np.diag([-1.0, 1, 1]),
    "oblique": Rotation.from_euler("xyz", [0.2, -0.15, 0.3]).as_matrix(),
    "coronal": np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]]),
}


class Head:
    """An ellipsoid with blobs in it, given by a formula, so that no interpolation stands between it and its motion."""

    def __init__(self, axes, shape=SHAPE, affine=None):
        rng = np.random.default_rng(0)
        self.centre, self.axes, self.shape = np.array([3.0, -7.0, 12.0]), axes, shape
        if affine is None:
            affine = np.eye(4)
            affine[:3, :3] = axes * VOXEL_MM
            affine[:3, 3] = self.centre - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
        self.affine = affine
        self.points = np.indices(shape).reshape(3, -1).T @ affine[:3, :3].T + affine[:3, 3]
        self.blobs = rng.uniform(-1, 1, (60, 3)) * [5, 4.5, 4.5] @ axes.T + self.centre
        self.heights, self.widths = rng.uniform(0.3, 1, 60), rng.uniform(0.8, 1.8, 60)

    def depth(self, points):
        return np.linalg.norm((points - self.centre) @ self.axes / [6.3, 5.5, 5.5], axis=1)

    def volume(self, matrix=None, noise=0.0, rng=None):
        """The head carried by `matrix` (RAS, mm): what is seen at x is what was at the inverse of x."""
        inverse = np.linalg.inv(np.eye(4) if matrix is None else matrix)
        points = self.points @ inverse[:3, :3].T + inverse[:3, 3]
        distance = ((points[:, None] - self.blobs) ** 2).sum(axis=-1)
        body = 1 / (1 + np.exp((self.depth(points) - 1) / 0.06))
        image = 1000 * body * (0.6 + (self.heights * np.exp(-distance / 2 / self.widths**2)).sum(axis=1))
        if noise:
            image += rng.standard_normal(len(points)) * noise
        return image.reshape(self.shape).astype(np.float32)

    def motion(self, translation, angles):
        """Rotation about the centre, x first, then a translation."""
        matrix = np.eye(4)
        matrix[:3, :3] = Rotation.from_euler("xyz", angles).as_matrix()  # lower case: about fixed axes, Rz Ry Rx
        matrix[:3, 3] = self.centre - matrix[:3, :3] @ self.centre + translation
        return matrix


def moved(head, n=4, seed=1):
    rng = np.random.default_rng(seed)
    parameters = np.vstack(
        [np.zeros(6), np.column_stack([rng.uniform(-0.25, 0.25, (n, 3)), rng.uniform(-0.02, 0.02, (n, 3))])]
    )
    matrices = np.array([head.motion(p[:3], p[3:]) for p in parameters])
    return parameters, matrices, np.array([head.volume(m, noise=5, rng=rng) for m in matrices])


@pytest.mark.parametrize("grid", GRIDS)
def test_known_motion_is_found_on_any_grid(grid):
    head = Head(GRIDS[grid])
    parameters, matrices, volumes = moved(head)
    found = realign(volumes, head.affine)
    brain = np.c_[head.points, np.ones(len(head.points))][head.depth(head.points) < 1]
    error = np.linalg.norm(np.einsum("vij,pj->vpi", found.matrices - matrices, brain)[..., :3], axis=-1)
    # A tenth of a voxel's edge (0.05 mm) on the mean over the brain, motion being up to 0.5 mm; the point that is worst
    # off is at its rim, where an error in rotation of 0.005 rad is 0.03 mm more.
    assert error.mean(axis=1).max() < 0.05
    assert error.max() < 0.1
    np.testing.assert_allclose(found.parameters[:, :3], parameters[:, :3], atol=0.05)
    np.testing.assert_allclose(found.parameters[:, 3:], parameters[:, 3:], atol=0.01)
    np.testing.assert_array_equal(found.parameters[0], 0)
    np.testing.assert_array_equal(
        found.framewise_displacement(5.0), framewise_displacement(found.parameters, radius_mm=5.0)
    )


def test_parameters_and_matrices_say_the_same():
    head = Head(GRIDS["oblique"])
    _, _, volumes = moved(head, n=2)
    found = realign(volumes, head.affine)
    for p, matrix in zip(found.parameters, found.matrices, strict=True):
        np.testing.assert_allclose(head.motion(p[:3], p[3:]), matrix, atol=1e-6)


def test_what_lies_outside_the_mask_does_not_move_the_head():
    """The lower half of the head goes the other way: with the upper half as mask, the motion of that is found."""
    head = Head(GRIDS["straight"])
    up, down = (head.volume(head.motion([shift, 0, 0], [0, 0, 0])) for shift in (0.3, -0.3))
    volumes = np.array([head.volume(), up])
    volumes[1, :, :, :7] = down[:, :, :7]
    mask = np.zeros(SHAPE, bool)
    mask[:, :, 8:] = (head.depth(head.points) < 1).reshape(SHAPE)[:, :, 8:]
    plain, masked = (realign(volumes, head.affine, mask=m, sampling=1.0).parameters[1] for m in (None, mask))
    assert abs(masked[0] - 0.3) < 0.1 < abs(plain[0] - 0.3)  # a fifth of a voxel's edge; without the mask about zero


def test_a_mask_that_cannot_be_one_is_refused():
    volumes, affine = np.ones((2, 4, 4, 3)), np.eye(4)
    with pytest.raises(InputError, match="marks 0 voxels"):
        realign(volumes, affine, mask=np.zeros((4, 4, 3), bool))
    with pytest.raises(InputError, match="shape"):
        realign(volumes, affine, mask=np.ones((4, 4, 2), bool))
    with pytest.raises(TypeError, match="n_volumes, x, y, z"):
        realign(volumes[0], affine)


@pytest.mark.parametrize("grid", GRIDS)
def test_resampling_by_the_true_motion_gives_the_reference(grid):
    head = Head(GRIDS[grid])
    matrices = np.array([np.eye(4), head.motion([0.5, -0.3, 0.4], [0.04, -0.03, 0.05])])
    volumes = np.array([head.volume(m) for m in matrices])
    got = resample(volumes, head.affine, matrices, SHAPE, head.affine, interpolation="bSpline")
    core = (head.depth(head.points) < 0.8).reshape(SHAPE)
    np.testing.assert_allclose(got[0], volumes[0], atol=1)  # of 1000
    wrong = np.std((volumes[1] - volumes[0])[core])
    # Splines through a smooth image err by 2 %; a wrong sign of any parameter doubles the difference instead.
    assert np.std((got[1] - volumes[0])[core]) < 0.1 * wrong
    linear = resample(volumes[1:], head.affine, matrices[1:], SHAPE, head.affine)[0]
    assert np.std((linear - volumes[0])[core]) < 0.3 * wrong


def test_realigning_and_resampling_gives_the_reference():
    head = Head(GRIDS["left-to-right"])
    _, _, volumes = moved(head, n=2)
    matrices = realign(volumes, head.affine).matrices
    got = resample(volumes, head.affine, matrices, SHAPE, head.affine, interpolation="bSpline")
    core = (head.depth(head.points) < 0.8).reshape(SHAPE)
    before, after = (np.std((x[1:] - volumes[0])[:, core]) for x in (volumes, got))
    assert after < 0.4 * before


@pytest.mark.parametrize("reference", ["first", "middle", "mean"])
def test_reference_is_the_volume_that_the_settings_name(reference):
    head = Head(GRIDS["straight"])
    matrices = np.array([head.motion([s, 0, 0], [0, 0, 0]) for s in (-0.4, 0.0, 0.4)])
    found = realign(np.array([head.volume(m) for m in matrices]), head.affine, reference=reference).parameters
    origin = {"first": -0.4, "middle": 0.0, "mean": 0.0}[reference]
    np.testing.assert_allclose(found[:, 0], np.array([-0.4, 0, 0.4]) - origin, atol=0.05)
    np.testing.assert_allclose(found[:, 1:3], 0, atol=0.05)


def test_realigning_twice_gives_the_same_numbers():
    head = Head(GRIDS["straight"])
    _, _, volumes = moved(head, n=1)
    np.testing.assert_array_equal(*(realign(volumes, head.affine).parameters for _ in range(2)))


@pytest.mark.parametrize("kind", ["rigid", "affine", "syn"])
@pytest.mark.parametrize(
    ("translation", "angles"), [((0.8, -0.5, 0.6), (0.03, 0.0, 0.06)), ((0.0, 0.0, 0.0), (0.1, 0.0, 0.1))]
)
def test_registration_brings_a_head_onto_an_atlas_of_another_grid(kind, translation, angles, tmp_path):
    head = Head(GRIDS["straight"])
    shape, affine = (30, 26, 18), np.diag([-0.6, 0.6, 0.8, 1.0])
    affine[:3, 3] = head.centre - affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    atlas = Head(GRIDS["straight"], shape=shape, affine=affine)
    target, core = atlas.volume(), (atlas.depth(atlas.points) < 0.7).reshape(shape)
    pose = head.motion(translation, angles)
    volume, identity = head.volume(pose)[None], np.eye(4)[None]
    transforms = register(volume[0], head.affine, target, affine, kind, tmp_path)
    got = resample(volume, head.affine, identity, shape, affine, transforms=transforms)[0]
    unmoved = resample(volume, head.affine, identity, shape, affine)[0]
    # One interpolation on voxels of 1 mm costs .002 of r; starting points are .81 and .965.
    assert np.corrcoef(got[core], target[core])[0, 1] > 0.99 > 0.97 > np.corrcoef(unmoved[core], target[core])[0, 1]


def test_motion_is_undone_in_the_scan_and_what_is_left_goes_to_the_atlas(tmp_path):
    ants = pytest.importorskip("ants")
    head = Head(GRIDS["straight"])
    # Turned by a radian and shifted by two voxels, so that the two do not commute by a long way.
    pose, extra = head.motion([0, 0, 0], [0, 0, 1.0]), head.motion([1.0, 0, 0], [0, 0, 0])
    flip = np.diag([-1.0, -1, 1, 1])  # ANTs' millimetres are LPS
    lps = flip @ pose @ flip
    file = str(tmp_path / "pose.mat")
    to_scan = ants.create_ants_transform("AffineTransform", dimension=3, matrix=lps[:3, :3], translation=lps[:3, 3])
    ants.write_transform(to_scan, file)
    volume, core = head.volume(extra @ pose)[None], (head.depth(head.points) < 0.7).reshape(SHAPE)
    got = resample(volume, head.affine, extra[None], SHAPE, head.affine, transforms=[file], interpolation="bSpline")
    assert np.corrcoef(got[0][core], head.volume()[core])[0, 1] > 0.995  # the other order: below .8


def test_displacement_is_power_s_sum_by_hand():
    parameters = np.array([[0, 0, 0, 0, 0, 0], [0.1, -0.2, 0.05, 0.01, 0, -0.02], [0.1, -0.2, 0.05, 0.01, 0.03, -0.02]])
    np.testing.assert_allclose(framewise_displacement(parameters), [0, 0.35 + 5 * 0.03, 5 * 0.03], atol=1e-14)
    np.testing.assert_allclose(
        framewise_displacement(parameters, radius_mm=50.0), [0, 0.35 + 50 * 0.03, 50 * 0.03], atol=1e-14
    )


def test_scrubbing_follows_the_rules_of_the_state():
    fd = np.zeros(20)
    fd[[5, 12, 19]] = 0.3
    fd[8] = 0.1  # at the limit is not above it
    awake = {"fd_mm": 0.1, "on_motion": "drop_volumes", "neighbours": 1}
    keep, reason = scrub(fd, **awake, max_dropped_fraction=0.4)
    np.testing.assert_array_equal(np.flatnonzero(~keep), [4, 5, 6, 11, 12, 13, 18, 19])
    assert reason == ""
    assert "40 % of the volumes" in scrub(fd, **awake, max_dropped_fraction=0.39)[1]
    np.testing.assert_array_equal(np.flatnonzero(~scrub(fd, **{**awake, "neighbours": 0})[0]), [5, 12, 19])
    np.testing.assert_array_equal(
        np.flatnonzero(~scrub(fd, **{**awake, "neighbours": 2})[0]), [3, 4, 5, 6, 7, 10, 11, 12, 13, 14, 17, 18, 19]
    )
    keep, reason = scrub(fd, fd_mm=0.1, on_motion="drop_scan")
    assert "3 of 20 volumes moved by more than 0.1 mm (largest 0.30 mm)" in reason
    for quiet in ({"fd_mm": 0.3, "on_motion": "drop_scan"}, {"fd_mm": 0.1, "on_motion": "keep"}):
        keep, reason = scrub(fd, **quiet)
        assert keep.all() and reason == ""


@pytest.mark.parametrize("allowed", [0.5, 1.0])
def test_a_scan_of_which_no_volume_stays_is_dropped_whatever_share_is_allowed(allowed):
    fd = np.full(9, 0.3)
    keep, reason = scrub(fd, fd_mm=0.1, on_motion="drop_volumes", max_dropped_fraction=allowed)
    assert not keep.any() and reason == "every volume moved or adjoins one that did"


@pytest.mark.parametrize(
    ("times", "expected"),
    [(1, None), (3, None), (4.5, None), (1 / 4.5, None), (10, 0.1), (25, 0.1), (100, 0.01), (0.1, 10), (0.04, 10)],
)
def test_headers_that_are_tens_of_times_too_large_are_told_from_other_fields_of_view(times, expected):
    """The longest side counts: 20 mm of an atlas, and an image with thick slices, turned, of `times` that."""
    atlas = (40, 60, 40), np.diag([0.25, 20 / 60, 0.25, 1])
    turned = np.array([[0, 0, 1.0], [-1, 0, 0], [0, 1, 0]])
    affine = np.eye(4)
    affine[:3, :3] = turned * (times * np.array([20 / 64, 0.25, 0.5]))
    affine[:3, 3] = [-40, 9, 300]
    found = scale_to((64, 64, 12), affine, atlas)
    assert found == (expected if expected is None else pytest.approx(expected))


def test_grids_are_the_same_to_a_hundredth_of_a_millimetre():
    affine = np.diag([0.5, 0.5, 1.0, 1.0])
    for away_mm, same in ((0.0, True), (0.009, True), (0.011, False), (0.5, False)):
        moved = affine.copy()
        moved[0, 3] += away_mm
        assert same_grid((4, 5, 6), affine, (np.zeros((4, 5, 6, 2)), moved)) == same
    assert not same_grid((4, 5, 6), affine, (np.zeros((4, 5, 7)), affine))


def test_blocks_are_runs_of_dropped_volumes():
    assert blocks(np.array([1, 1, 0, 0, 1, 0, 1], bool)) == [(0, 1), (4, 4), (6, 6)]
    assert blocks(np.zeros(5, bool)) == [] and blocks(np.ones(3, bool)) == [(0, 2)]


def test_volumes_that_are_no_recording_are_refused():
    volumes = np.random.default_rng(0).standard_normal((5, 3, 3, 3))
    check_volumes(volumes, "row 1")
    broken = volumes.copy()
    broken[3, 1, 1, 1] = np.nan
    with pytest.raises(InputError, match=r"row 1: volume 3 \(of 1\) holds NaN"):
        check_volumes(broken, "row 1")
    with pytest.raises(InputError, match="all volumes are the same"):
        check_volumes(np.repeat(volumes[:1], 5, axis=0), "row 1")
    twice = volumes.copy()
    twice[1] = twice[0]  # two alike are no frozen series
    check_volumes(twice, "row 1")
