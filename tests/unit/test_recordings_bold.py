"""BOLD as it lies on disks: orientation, number types, units, TR, dummy volumes; and real files with known faults."""

from __future__ import annotations

import warnings

import files_of_formats as files
import nibabel
import numpy as np
import pytest

from lfpbold import recordings
from lfpbold.bold import motion
from lfpbold.errors import InputError
from lfpbold.pipeline import atlas, preflight
from lfpbold.study import settings, sheet

BASE = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
INPUT = BASE["input"]
RNG = np.random.default_rng(0)


def opened(path, **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return recordings.open_configured_bold(path, INPUT | changes)


# ---- numbers -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64])
@pytest.mark.parametrize("name", ["b.nii", "b.nii.gz"])
def test_numbers_of_every_type_come_back(tmp_path, dtype, name):
    data = RNG.integers(0, 100, (4, 5, 6, 7)).astype(dtype)
    bold = opened(files.nifti(tmp_path / name, data))
    assert (bold.shape, bold.n_volumes) == ((4, 5, 6), 7)
    found = bold.read(2, 5)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, np.moveaxis(data[..., 2:5], 3, 0))
    assert bold.holds_integers == (np.dtype(dtype).kind in "iu")


def test_integers_are_scaled_by_the_header(tmp_path):
    truth = RNG.normal(1000, 30, (4, 5, 6, 7))
    stored = np.round((truth - 900) / 0.01).astype(np.int16)
    path = files.nifti(tmp_path / "b.nii", stored)
    data = bytearray(path.read_bytes())
    data[112:120] = np.array([0.01, 900], "<f4").tobytes()  # scl_slope, scl_inter
    path.write_bytes(bytes(data))
    bold = opened(path)
    np.testing.assert_allclose(bold.read(0, 7), np.moveaxis(truth, 3, 0), atol=0.0051)
    np.testing.assert_allclose(opened(path, bold_scale=-1.0).read(0, 1), -bold.read(0, 1))


# ---- orientation ---------------------------------------------------------------------------------------------------

AFFINE = np.array([[0.5, 0, 0, -4], [0, 0.6, 0, -3], [0, 0, 1.0, -2], [0, 0, 0, 1.0]])


def blob(shape, affine, centre_mm, width_mm=1.5):
    """A Gaussian at a place in millimetres."""
    grid = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), axis=-1)
    away = grid @ affine[:3, :3].T + affine[:3, 3] - centre_mm
    return np.exp(-(away**2).sum(axis=-1) / (2 * width_mm**2))


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LIA", "SPL", "PSR", "ARI"])
def test_a_place_in_millimetres_is_the_same_voxel_whatever_the_orientation_of_the_file(tmp_path, codes):
    """Axes stay those of the file; what depends on places (seeds, registration, grids) goes by the affine."""
    centre = np.array([-1.0, 0.6, 1.0])
    image = nibabel.Nifti1Image(np.repeat(blob((16, 12, 6), AFFINE, centre)[..., None], 3, axis=3), AFFINE)
    turn = nibabel.orientations.ornt_transform(
        nibabel.orientations.io_orientation(AFFINE), nibabel.orientations.axcodes2ornt(codes)
    )
    turned = image.as_reoriented(turn)
    bold = opened(files.nifti(tmp_path / "b.nii", np.asarray(turned.dataobj, np.float32), turned.affine))
    assert "".join(nibabel.aff2axcodes(bold.affine)) == codes
    brain = np.ones(bold.shape, bool)
    chosen = {
        "sites": {"M1": {"seed_mm": centre.tolist()}},
        "atlas": BASE["atlas"],
        "coupling": {"seed_radius_mm": 0.2},
    }
    seed = atlas.open_seed("M1", chosen, brain, bold.affine).reshape(bold.shape)
    assert seed.sum() == 1
    assert bold.read(0, 1)[0][seed] == pytest.approx(1, abs=1e-6)


def test_an_oblique_image_is_brought_upright_by_its_affine(tmp_path):
    """Registration and realignment hand ANTs the direction cosines: a blob stays at its millimetres."""
    angle = np.deg2rad(25)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine = turn @ AFFINE @ np.diag([1, 1, 0.6, 1])
    centre = affine[:3] @ [8, 6, 5, 1]
    data = np.repeat(blob((16, 12, 11), affine, centre)[..., None], 2, axis=3).astype(np.float32)
    bold = opened(files.nifti(tmp_path / "b.nii", data, affine))
    upright = np.diag([0.5, 0.5, 0.5, 1.0])
    upright[:3, 3] = centre - 5
    found = motion.resample(bold.read(0, 1), bold.affine, np.eye(4)[None], (21, 21, 21), upright)[0]
    weight = found / found.sum()
    grid = np.stack(np.meshgrid(*[np.arange(21)] * 3, indexing="ij"), axis=-1)
    where = (weight[..., None] * grid).sum(axis=(0, 1, 2)) @ upright[:3, :3].T + upright[:3, 3]
    np.testing.assert_allclose(where, centre, atol=0.05)


@pytest.mark.parametrize(("direction", "axis"), [("i", 0), ("j-", 1), ("k", 2)])
def test_the_axis_of_the_slices_is_the_sidecars(tmp_path, direction, axis):
    data = RNG.normal(size=(4, 5, 6, 7)).astype(np.float32)
    assert opened(files.nifti(tmp_path / "b.nii", data)).slice_axis == 2
    path = files.nifti(tmp_path / "b.nii", data, sidecar={"SliceEncodingDirection": direction})
    assert opened(path).slice_axis == axis


def test_the_axis_of_the_slices_may_stand_in_the_header(tmp_path):
    image = nibabel.Nifti1Image(RNG.normal(size=(4, 5, 6, 7)).astype(np.float32), np.eye(4))
    image.header.set_dim_info(freq=0, phase=2, slice=1)
    image.header.set_zooms((1, 1, 1, 2.0))
    nibabel.save(image, tmp_path / "b.nii")
    assert opened(tmp_path / "b.nii").slice_axis == 1


# ---- lengths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "factor"), [("mm", 1.0), ("meter", 1e-3), ("micron", 1e3), ("unknown", 1.0)])
def test_lengths_are_millimetres_whatever_the_headers_unit(tmp_path, unit, factor):
    data = RNG.normal(size=(16, 12, 6, 3)).astype(np.float32)
    stored = AFFINE.copy()
    stored[:3] *= factor
    bold = opened(files.nifti(tmp_path / "b.nii", data, stored, units=(unit, "sec")))
    np.testing.assert_allclose(bold.affine, AFFINE, rtol=1e-6)


def test_a_real_header_that_is_ten_times_too_large(shared_data, tmp_path):
    """The voxels of this rat EPI are 5 mm by its header and .5 mm in truth; its header, with volumes added."""
    real = nibabel.load(shared_data / "gt_emory_rat_epi" / "EPI_forward0.nii")
    series = np.repeat(np.asarray(real.dataobj)[..., None], 3, axis=3)
    nibabel.save(nibabel.Nifti1Image(series, real.affine, real.header), tmp_path / "b.nii.gz")
    with pytest.raises(InputError, match=r"voxels of 5 × 5 × 5 mm.*350 × 350 × 120 mm.*set bold_voxel_scale to 0.1"):
        opened(tmp_path / "b.nii.gz", tr_s=2.0)
    bold = opened(tmp_path / "b.nii.gz", tr_s=2.0, bold_voxel_scale=0.1)
    np.testing.assert_allclose(np.abs(np.diag(bold.affine))[:3], 0.5, rtol=1e-6)
    np.testing.assert_allclose(bold.affine[:3, 3], real.affine[:3, 3] / 10, rtol=1e-6)
    np.testing.assert_array_equal(bold.read(1, 2)[0], np.asarray(real.dataobj))


def test_check_compares_an_images_size_with_the_atlas(tmp_path):
    """A mouse that is ten times too large is as large as a human head; only the atlas tells."""
    volumes = RNG.normal(1000, 10, (16, 12, 6, 300)).astype(np.float32)
    files.nifti(tmp_path / "brain.nii", np.ones((16, 12, 6), np.uint8), AFFINE)
    files.nifti(tmp_path / "b.nii", volumes, np.diag([10.0, 10, 10, 1]) @ AFFINE)
    np.save(tmp_path / "a.npy", RNG.normal(size=400_000))
    changes = {
        "sites": {"M1": {"seed": "all"}},
        "atlas": {"labels": None, "brain": str(tmp_path / "brain.nii")},
        "bold": {"white_matter": False, "ventricles": False},
        "input": {"lfp_fs_hz": 1000.0},
    }
    base = settings.load([], changes)

    def problems(scale):
        (row,) = row_of(tmp_path, ("M1", "b.nii", "a.npy", "", scale, ""), base=base)
        return preflight.check(base, [row | {"scan_start_s": 0.0}]).problems

    (problem,) = problems("")
    assert "is 10 times as large as atlas.brain by its header; set bold_voxel_scale to 0.1" in problem
    assert problems("0.1") == []


# ---- time ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "stored"), [("sec", 1.5), ("msec", 1500.0), ("usec", 1.5e6), ("unknown", 1.5)])
def test_the_tr_is_in_seconds_whatever_the_headers_unit(tmp_path, unit, stored):
    data = RNG.normal(size=(4, 5, 6, 7)).astype(np.float32)
    assert opened(files.nifti(tmp_path / "b.nii", data, tr=stored, units=("mm", unit))).tr_s == pytest.approx(1.5)


def test_the_sheets_tr_wins(tmp_path):
    data = RNG.normal(size=(4, 5, 6, 7)).astype(np.float32)
    assert opened(files.nifti(tmp_path / "b.nii", data, tr=1500.0), tr_s=1.5).tr_s == 1.5


def test_a_real_header_without_tr(shared_data):
    path = shared_data / "rsHRF" / "rsHRF_demo.nii"
    with pytest.raises(InputError, match="the TR is 0 s; set RepetitionTime in the JSON sidecar, or tr_s"):
        opened(path)
    bold = opened(path, tr_s=2.0)
    assert (bold.shape, bold.n_volumes, bold.tr_s) == ((3, 3, 3), 200, 2.0)


def test_a_real_header_that_promises_more_volumes_than_there_are(shared_data):
    with pytest.raises(InputError, match="the header says 30 volumes, but the file holds 28; copy or export it again"):
        opened(shared_data / "zhang_rat_rsfmri" / "group_ICA_28.nii.gz", tr_s=1.0)


def test_a_real_series_of_integers(shared_data):
    path = shared_data / "nitime_human_4d" / "fmri1.nii.gz"
    bold = opened(path)
    assert (bold.n_volumes, bold.tr_s) == (40, pytest.approx(1.35))
    np.testing.assert_array_equal(bold.read(3, 5), np.moveaxis(nibabel.load(path).get_fdata()[..., 3:5], 3, 0))


def test_slices_of_a_multiband_scan_share_their_times(tmp_path):
    from lfpbold.timing.clock import acquisition_times

    data = RNG.normal(size=(4, 5, 6, 7)).astype(np.float32)
    times = [0.0, 0.25, 0.5, 0.0, 0.25, 0.5]
    bold = opened(files.nifti(tmp_path / "b.nii.gz", data, sidecar={"RepetitionTime": 1.0, "SliceTiming": times}))
    np.testing.assert_array_equal(bold.slice_times_s, times)
    np.testing.assert_allclose(acquisition_times(bold.slice_times_s, bold.tr_s), [0, 0.25, 0.5])


# ---- dummy volumes -------------------------------------------------------------------------------------------------


def test_dummy_volumes_are_left_out_at_the_start(tmp_path):
    data = RNG.normal(size=(4, 5, 6, 9)).astype(np.float32)
    path = files.nifti(tmp_path / "b.nii.gz", data)
    bold = opened(path, dummy_volumes=2)
    assert (bold.n_volumes, bold.dummy_volumes, opened(path).dummy_volumes) == (7, 2, 0)
    np.testing.assert_array_equal(bold.read(0, 7), np.moveaxis(data[..., 2:], 3, 0))
    np.testing.assert_array_equal(bold.read(6, 7)[0], data[..., 8])


HEADER = "sub\tses\trun\tstate\tsite\tbold\tlfp\tdummy_volumes\tbold_voxel_scale\tlfp_time_axis\n"


def row_of(tmp_path, *cells, base=BASE):
    path = tmp_path / "recordings.tsv"
    lines = ["01\t01\t1\tawake\t" + "\t".join(c) + "\n" for c in cells]
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return sheet.read_sheet(path, base)


def test_the_sheet_takes_these_settings_row_by_row(tmp_path):
    (row,) = row_of(tmp_path, ("M1", "b.nii", "a.mat", "4", "0.1", "rows"))
    assert (row["input"]["dummy_volumes"], row["input"]["bold_voxel_scale"]) == (4, 0.1)
    assert isinstance(row["input"]["dummy_volumes"], int)
    assert row["input"]["lfp_time_axis"] == "rows"


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (("M1", "b.nii", "a.mat", "2.5", "", ""), "dummy_volumes is 2.5; allowed: integer 0 to 100000"),
        (("M1", "b.nii", "a.mat", "-1", "", ""), "dummy_volumes is -1; allowed: integer 0 to 100000"),
        (("M1", "b.nii", "a.mat", "two", "", ""), "dummy_volumes is `two`"),
        (("M1", "b.nii", "a.mat", "", "0", ""), "bold_voxel_scale is 0; allowed: above 0 to 100000"),
        (("M1", "b.nii", "a.mat", "", "", "time"), "lfp_time_axis is `time`; choose one of auto, rows, columns"),
    ],
)
def test_the_sheet_refuses_what_is_no_such_setting(tmp_path, cells, message):
    with pytest.raises(InputError, match=message):
        row_of(tmp_path, cells)


def test_the_sites_of_one_run_share_its_dummy_volumes(tmp_path):
    with pytest.raises(InputError, match="another dummy_volumes"):
        row_of(tmp_path, ("M1", "b.nii", "a.mat", "4", "", ""), ("ACC", "b.nii", "a.mat", "", "", ""))


@pytest.mark.parametrize(("sidecar", "said"), [({"RepetitionTime": 1.5}, "the JSON sidecar"), (None, "NIfTI header")])
def test_a_tr_that_is_stated_otherwise_is_used_and_told(tmp_path, sidecar, said):
    path = files.nifti(tmp_path / "a.nii.gz", np.ones((3, 3, 3, 5)), tr=1.5, sidecar=sidecar)
    bold = recordings.open_bold(path, tr_s=2.0)
    assert bold.tr_s == 2.0
    assert bold.notes[0].startswith("tr_s is 2 s") and said in bold.notes[0] and "says 1.5 s" in bold.notes[0]
    assert recordings.open_bold(path, tr_s=1.5).notes == recordings.open_bold(path).notes == ()
