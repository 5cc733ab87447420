"""Left and right are those that the header states; where it states none, or two, the user says which."""

from __future__ import annotations

import files_of_formats as files
import nibabel
import numpy as np
import pytest

from lfpbold import open_bold
from lfpbold.errors import InputError
from lfpbold.pipeline import atlas

DATA = np.random.default_rng(0).integers(500, 1000, (6, 5, 4, 8)).astype(np.int16)
RAS = np.array([[0.5, 0, 0, -1.3], [0, 0.6, 0, -2.0], [0, 0, 1.0, 3.0], [0, 0, 0, 1]])
LAS = RAS @ np.diag([-1.0, 1, 1, 1])
LAS[0, 3] = 1.2  # the same places, stored from right to left
TURNED = RAS @ np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])


def image(folder, qform=None, sform=None, codes=(1, 1), name="b.nii.gz", data=DATA):
    """A file with these two orientations; None for a code of 0."""
    made = nibabel.Nifti1Image(data, RAS)
    made.header.set_zooms((0.5, 0.6, 1.0, 1.0)[: data.ndim])
    made.header.set_xyzt_units("mm", "sec")
    made.set_sform(sform, 0 if sform is None else codes[1])
    made.set_qform(qform, 0 if qform is None else codes[0])
    nibabel.save(made, folder / name)
    return folder / name


def test_a_header_without_orientation_is_refused_until_it_is_stated(tmp_path):
    path = image(tmp_path)
    with pytest.raises(InputError, match=r"no orientation \(qform_code and sform_code are 0\).*bold_orientation"):
        open_bold(path)
    bold = open_bold(path, orientation="LPS")
    assert "".join(nibabel.aff2axcodes(bold.affine)) == "LPS"
    assert not bold.placed
    np.testing.assert_allclose(np.abs(np.diag(bold.affine))[:3], [0.5, 0.6, 1.0], rtol=1e-6)
    np.testing.assert_allclose(bold.affine[:3] @ [2.5, 2, 1.5, 1], 0, atol=1e-6)  # the centre


@pytest.mark.parametrize("letters", ["RAS", "LAS", "PIR", "asl"])
def test_stated_letters_are_those_of_the_affine(tmp_path, letters):
    bold = open_bold(image(tmp_path), orientation=letters)
    assert "".join(nibabel.aff2axcodes(bold.affine)) == letters.upper()


@pytest.mark.parametrize("letters", ["RAR", "RA", "left", "RASX", ""])
def test_letters_that_are_no_orientation_are_refused(tmp_path, letters):
    with pytest.raises(InputError, match="a letter of R/L, A/P and I/S"):
        open_bold(image(tmp_path), orientation=letters)


@pytest.mark.parametrize(
    ("qform", "sform", "codes", "reason"),
    [
        (RAS, LAS, (1, 1), "point to RAS by the qform and to LAS by the sform"),
        (RAS, LAS, (1, 2), "point to RAS by the qform and to LAS by the sform"),
        (RAS, TURNED, (1, 4), "by the qform"),
        (RAS, RAS + np.array([[0, 0, 0, 2.0], *np.zeros((3, 4))]), (1, 1), "2 mm apart"),
        (RAS, np.diag([10.0, 10, 10, 1]) @ RAS, (1, 2), "voxels are 0.5 × 0.6 × 1 by the qform and 5 × 6 × 10"),
    ],
)
def test_two_orientations_that_contradict_each_other_are_refused_until_one_is_chosen(
    tmp_path, qform, sform, codes, reason
):
    path = image(tmp_path, qform, sform, codes)
    with pytest.raises(InputError, match=f"contradict each other: .*{reason}.*set bold_orientation to qform or sform"):
        open_bold(path)
    for name, form in (("qform", qform), ("sform", sform)):
        bold = open_bold(path, orientation=name)
        assert bold.placed
        np.testing.assert_allclose(bold.affine, form, atol=1e-5)


def test_letters_choose_of_two_orientations_the_one_that_they_name(tmp_path):
    path = image(tmp_path, RAS, LAS)
    np.testing.assert_allclose(open_bold(path, orientation="LAS").affine, LAS, atol=1e-5)
    np.testing.assert_allclose(open_bold(path, orientation="RAS").affine, RAS, atol=1e-5)
    with pytest.raises(InputError, match=r"RAS \(qform\) and LAS \(sform\), and bold_orientation is PIR"):
        open_bold(path, orientation="PIR")


def test_letters_that_are_not_those_of_the_header_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"states the orientation RAS \(sform\), and bold_orientation is LAS"):
        open_bold(image(tmp_path, None, RAS), orientation="LAS")
    with pytest.raises(InputError, match="bold_orientation is qform, but qform_code in its header is 0"):
        open_bold(image(tmp_path, None, RAS), orientation="qform")


def test_orientations_that_agree_or_mean_two_spaces_open(tmp_path):
    """Rounding of the quaternion; and a scanner's space beside one aligned by hand, whose axes point alike."""
    angle = np.deg2rad(12)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    aligned = turn @ RAS + np.array([[0, 0, 0, 7.0], *np.zeros((3, 4))])
    for qform, sform, codes, used in (
        (RAS, RAS, (1, 1), RAS),
        (RAS, None, (1, 0), RAS),
        (None, RAS, (0, 2), RAS),
        (RAS + 1e-4, RAS, (1, 1), RAS),
        (RAS, aligned, (1, 2), aligned),
    ):
        np.testing.assert_allclose(open_bold(image(tmp_path, qform, sform, codes)).affine, used, atol=1e-3)


def test_a_qform_that_is_no_rotation_is_told_where_an_sform_stands_beside_it(tmp_path):
    path = image(tmp_path, RAS, RAS, name="b.nii")
    data = bytearray(path.read_bytes())
    data[256:268] = np.array([0.9, 0.9, 0.9], "<f4").tobytes()
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="the qform is not a rotation"):
        open_bold(path)
    np.testing.assert_allclose(open_bold(path, orientation="sform").affine, RAS, atol=1e-5)


@pytest.mark.parametrize("name", ["atlas.brain", "atlas.labels", "atlas.anatomy", "sites.M1.seed_mask"])
def test_images_of_the_atlas_state_their_orientation_too(tmp_path, name):
    mask = (DATA[..., 0] > 700).astype(np.uint8)
    with pytest.raises(InputError, match=rf"{name}: .*states no orientation.*image\.set_sform"):
        atlas.open_image(image(tmp_path, data=mask), name)
    with pytest.raises(InputError, match=rf"{name}: .*contradict each other"):
        atlas.open_image(image(tmp_path, RAS, LAS, data=mask), name)
    found, affine = atlas.open_image(image(tmp_path, RAS, RAS, data=mask), name)
    np.testing.assert_array_equal(found, mask)
    np.testing.assert_allclose(affine, RAS, atol=1e-5)


@pytest.mark.parametrize(("stage", "letters", "placed"), [("realigned", "RAS", True), ("raw", "RAS", False),
                                                         ("clean", "LAS", False)])  # fmt: skip
def test_a_series_in_atlas_space_without_origin_lies_where_its_atlas_does(tmp_path, stage, letters, placed):
    """A raw one is registered, and one whose axes point elsewhere is not on the atlas's grid."""
    bold = open_bold(image(tmp_path), stage=stage, orientation=letters)
    target = np.ones(DATA.shape[:3], bool), RAS
    found = atlas.in_atlas_space(bold, target, stage)
    assert found.placed is placed
    assert np.allclose(found.affine, RAS) is placed
    elsewhere = np.ones((7, 5, 4), bool), RAS
    assert not atlas.in_atlas_space(bold, elsewhere, stage).placed


def test_an_analyze_image_states_no_orientation(tmp_path):
    nibabel.save(nibabel.AnalyzeImage(DATA[..., 0], RAS), tmp_path / "brain.hdr")
    with pytest.raises(InputError, match=r"atlas\.brain: .*Analyze.*no orientation"):
        atlas.open_image(tmp_path / "brain.hdr", "atlas.brain")


@pytest.mark.parametrize("folder", ["zhang_rat_rsfmri", "gt_emory_rat_epi"])
def test_real_masks_and_images_state_their_orientation(shared_data, folder):
    opened = 0
    for path in sorted((shared_data / folder).glob("*.nii*")):
        if len(nibabel.load(path).shape) == 3:
            atlas.open_image(path, "atlas.brain")
            opened += 1
    assert opened >= 2


def test_real_series_of_a_human_scanner_open(shared_data):
    """qform and sform of this scanner differ by rounding."""
    bold = open_bold(shared_data / "nitime_human_4d" / "fmri1.nii.gz")
    assert (bold.n_volumes, bold.placed) == (40, True)


def test_an_array_of_many_voxels_cannot_be_realigned(tmp_path):
    """Without places there is no motion; a list of voxels is no volume."""
    np.save(tmp_path / "b.npy", DATA.reshape(-1, 8).T)
    with pytest.raises(InputError, match="120 voxels without their places, which realignment needs"):
        open_bold(tmp_path / "b.npy", tr_s=1.0)
    assert not open_bold(tmp_path / "b.npy", tr_s=1.0, stage="clean").placed


# ---- slice times ---------------------------------------------------------------------------------------------------

GRID = np.random.default_rng(0).integers(500, 1000, (12, 8, 10, 100)).astype(np.int16)
EVEN = [k / 10 for k in range(10)]


def with_slice_times(folder, times, **sidecar):
    path = files.nifti(folder / "b.nii.gz", GRID, sidecar={"RepetitionTime": 1.0, "SliceTiming": times, **sidecar})
    return open_bold(path).slice_times_s


@pytest.mark.parametrize(
    ("times", "cause"),
    [
        ([t / 1000 for t in EVEN], "0.1 ms apart.*too small by a thousand"),
        ([t / 100 for t in EVEN], "1 ms apart.*too small by the number of volumes"),
        ([t / 10 / 10 for t in EVEN], "too small by the number of volumes"),
        ([t / 10 for t in EVEN], "10 ms apart.*too small by the number of slices"),
        ([t / 25 for t in EVEN], "4 ms apart, all within 36 ms of a TR of 1 s, which no scanner does"),
        ([t / 1e6 for t in EVEN], "no scanner"),
        ([1000 * t for t in EVEN], "these are likely milliseconds"),
        ([t + 0.2 for t in EVEN], r"must lie in 0…TR \(1 s\)"),
        ([t - 0.1 for t in EVEN], "a time before the volume's start"),
        (
            [k / 12 for k in range(12)],
            r"12 entries, and the image 10 slices along k.*Direction there to i",
        ),
        ([k / 8 for k in range(8)], "8 entries, and the image 10 slices along k"),
        ([0.0, 0.5], "2 entries"),
        ([], "not a list of numbers"),
        ([EVEN], "not a list of numbers"),
    ],
)
def test_slice_times_that_cannot_be_are_refused_with_the_cause(tmp_path, times, cause):
    with pytest.raises(InputError, match=cause):
        with_slice_times(tmp_path, times)


@pytest.mark.parametrize(
    ("times", "sidecar", "cause"),
    [
        ([0, 0, 0, 0, 0, 0.5, 0.6, 0.7, 0.8, 0.9], {}, "5 slices at 0 s and only 1 at another time"),
        (EVEN, {"MultibandAccelerationFactor": 2}, r"10 different times for 10 slices.*is 2 \(5 times\)"),
        (EVEN, {"VolumeTiming": [0, 1, 2]}, "VolumeTiming.* has 3 entries for 100 volumes"),
        (EVEN, {"VolumeTiming": "n/a"}, "VolumeTiming"),
        (EVEN, {"VolumeTiming": [2.0 * k for k in range(100)]}, "2 to 2 s apart, and the TR is 1 s"),
    ],
)
def test_slice_and_volume_times_that_their_sidecar_contradicts_are_refused(tmp_path, times, sidecar, cause):
    with pytest.raises(InputError, match=cause):
        with_slice_times(tmp_path, times, **sidecar)


@pytest.mark.parametrize(
    ("times", "sidecar", "told"),
    [
        (EVEN, {}, ""),
        ([0, 0.2, 0.4, 0.6, 0.8] * 2, {"MultibandAccelerationFactor": 2}, ""),
        (EVEN, {"VolumeTiming": [3.0 + k for k in range(100)]}, ""),
        ([0.0] * 10, {}, "for all 10 slices: they are taken to be excited together"),
        ([0.0] * 10, {"MRAcquisitionType": "3D"}, ""),
        ([0.0], {}, ""),
        (EVEN, {"MRAcquisitionType": "3D"}, "is 3D, but SliceTiming gives slices different times"),
        ([t / 2 for t in EVEN], {}, "leaves 0.5 s of the TR of 1 s without a slice"),
        ([t / 2 for t in EVEN], {"DelayTime": 0.5}, ""),
    ],
)
def test_slice_times_that_may_be_right_or_not_are_told(tmp_path, times, sidecar, told):
    path = files.nifti(tmp_path / "b.nii.gz", GRID, sidecar={"RepetitionTime": 1.0, "SliceTiming": times, **sidecar})
    notes = open_bold(path).notes
    assert len(notes) == bool(told)
    assert all(told in note for note in notes)


def test_times_that_are_too_small_by_the_number_of_volumes_are_told_where_slices_may_follow_so_fast(tmp_path):
    """TR 10 s over 100 volumes: 100 slices, 1 ms each, would be refused; 10 slices of 10 ms would not."""
    path = files.nifti(
        tmp_path / "b.nii.gz", GRID, tr=10.0, sidecar={"RepetitionTime": 10.0, "SliceTiming": [t / 10 for t in EVEN]}
    )
    with pytest.raises(InputError, match=r"10 ms apart.*the number of volumes"):
        open_bold(path)


def test_all_slices_at_once_are_not_a_2d_acquisition(tmp_path):
    with pytest.raises(InputError, match="all 10 slices of a 2D acquisition"):
        with_slice_times(tmp_path, [0.0] * 10, MRAcquisitionType="2D")
    assert with_slice_times(tmp_path, [0.0] * 10, MRAcquisitionType="3D").tolist() == [0.0] * 10


@pytest.mark.parametrize(
    "times",
    [
        EVEN,
        EVEN[::-1],
        EVEN[::2] + EVEN[1::2],
        [0.0, 0.2, 0.4, 0.6, 0.8] * 2,  # multiband
        [0.0, 0.35, 0.7] * 3 + [0.0],  # bands of unequal size
        [0.02 * k for k in range(10)],  # sparse: 200 ms of slices, 800 ms of silence
        [round(t * 0.925, 3) for t in EVEN],  # rounded to a millisecond
        [0.0] * 10,
        [0.0],  # one excitation of the whole volume
    ],
)
def test_slice_times_of_real_sequences_open(tmp_path, times):
    np.testing.assert_allclose(with_slice_times(tmp_path, times), times)


def test_times_of_slices_taken_at_once_may_be_rounded_apart(tmp_path):
    """As one acquisition, of which the template is one, not two of a millisecond."""
    times = [t + k for k in (0, 0.001) for t in (0.0, 0.2, 0.4, 0.6, 0.8)]
    np.testing.assert_allclose(with_slice_times(tmp_path, times), [0.0, 0.2, 0.4, 0.6, 0.8] * 2)


def test_the_number_of_slice_times_is_held_against_the_axis_of_the_slices(tmp_path):
    times = [k / 12 for k in range(12)]
    assert len(with_slice_times(tmp_path, times, SliceEncodingDirection="i-")) == 12
    with pytest.raises(InputError, match="10 entries, and the image 12 slices along i, the first axis"):
        with_slice_times(tmp_path, EVEN, SliceEncodingDirection="i")
    image = nibabel.Nifti1Image(GRID, np.diag([0.5, 0.5, 0.5, 1]))
    image.header.set_dim_info(slice=1)
    image.header.set_zooms((0.5, 0.5, 0.5, 1.0))
    nibabel.save(image, tmp_path / "b.nii.gz")
    (tmp_path / "b.json").write_text('{"SliceTiming": [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]}', encoding="utf-8")
    assert len(open_bold(tmp_path / "b.nii.gz").slice_times_s) == 8


def test_slice_times_of_a_resampled_series_are_not_looked_at(tmp_path):
    path = files.nifti(tmp_path / "b.nii.gz", GRID, sidecar={"SliceTiming": [0.0, 0.1]})
    assert open_bold(path, stage="realigned").slice_times_s is None
