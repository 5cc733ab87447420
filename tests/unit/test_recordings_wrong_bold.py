"""What can be wrong with BOLD, and what is said of it."""

from __future__ import annotations

import warnings

import files_of_formats as files
import numpy as np
import pytest
from spoilt_files import INPUT, ROW, UV, VOLUMES, beheaded, cut, empty, is_a_sentence, patched, saved, text, zipped

from lfpbold import recordings
from lfpbold.errors import InputError

pytestmark = pytest.mark.usefixtures("quiet_writers")


def image(name="b.nii.gz", **options):
    return lambda d: (files.nifti(d / name, VOLUMES, **options), {})


def spoilt(spoil, name="b.nii.gz"):
    def write(d):
        path = files.nifti(d / name, VOLUMES)
        spoil(path)
        return path, {}

    return write


def more_volumes_in_header(name):
    def write(d):
        path = files.nifti(d / "b.nii", VOLUMES)
        patched(path, 48, np.int16(22).tobytes())  # dim[4]
        if name.endswith("gz"):
            import gzip

            (d / name).write_bytes(gzip.compress(path.read_bytes()))
        return d / name, {}

    return write


def fewer_volumes_in_header(d):
    return patched(files.nifti(d / "b.nii", VOLUMES), 48, np.int16(18).tobytes()), {}


def sheared(d):
    affine = np.diag([0.5, 0.5, 1.0, 1.0])
    affine[0, 1] = 0.1
    return files.nifti(d / "b.nii", VOLUMES, affine), {}


def flat_voxels(d):
    path = files.nifti(d / "b.nii", VOLUMES)
    patched(path, 280, np.zeros(12, "<f4").tobytes())
    return patched(path, 252, np.array([0, 1], "<i2").tobytes()), {}


def rgb(d):
    return files.nifti(d / "b.nii", VOLUMES.astype(np.complex64)), {}


def analyze(d):
    import nibabel

    nibabel.save(nibabel.AnalyzeImage(VOLUMES, np.eye(4)), d / "b.hdr")
    return d / "b.hdr", {}


def five_axes(d):
    import nibabel

    nibabel.save(nibabel.Nifti1Image(VOLUMES[:, :, :, None], np.eye(4)), d / "b.nii")
    return d / "b.nii", {}


def no_bold_file(d):
    (d / "pdata").mkdir()
    return d / "pdata", {}


def too_many_dummies(d):
    return files.nifti(d / "b.nii", VOLUMES), {"dummy_volumes": 19}


def array_of_volumes(d):
    return saved(np.save, d / "b.npy", VOLUMES), {"tr_s": 1.0}


def array_without_tr(d):
    return saved(np.save, d / "b.npy", UV), {}


BOLD = {
    "empty": (spoilt(empty), "empty file"),
    "cut": (spoilt(cut), "cut short"),
    "cut, not compressed": (spoilt(cut, "b.nii"), "the header says 20 volumes, but the file holds 7.56"),
    "beheaded": (spoilt(beheaded), "cannot be read as BOLD"),
    "text": (spoilt(text), "cannot be read as BOLD"),
    "zip": (spoilt(zipped, "b.nii"), "cannot be read as BOLD"),
    "more volumes in the header": (more_volumes_in_header("b.nii.gz"), "says 22 volumes, but the file holds 20"),
    "more, not compressed": (more_volumes_in_header("b.nii"), "says 22 volumes, but the file holds 20"),
    "fewer volumes in the header": (fewer_volumes_in_header, "says 18 volumes, but the file holds 20"),
    "TR 0": (image(tr=0.0), "set RepetitionTime in the JSON sidecar, or tr_s"),
    "TR in milliseconds": (image(tr=1500.0), "probably milliseconds"),
    "TR of another sidecar": (image(sidecar={"RepetitionTime": 2.0}), "correct one, or set tr_s"),
    "TR of text": (image(sidecar={"RepetitionTime": "one"}), "give seconds"),
    "slice times in milliseconds": (
        image(sidecar={"SliceTiming": [0, 250, 500, 750]}),
        "likely milliseconds",
    ),
    "slice times of another image": (image(sidecar={"SliceTiming": [0, 0.1, 0.2]}), "3 entries"),
    "slices along no axis": (image(sidecar={"SliceEncodingDirection": "z"}), "give i, j or k"),
    "slice times of text": (image(sidecar={"SliceTiming": ["first"]}), "is not a list of numbers"),
    "ten times too large": (image(affine=np.diag([100.0, 100, 5, 1])), "set bold_voxel_scale to 0.1"),
    "metres for millimetres": (image(units=("meter", "sec")), "set bold_voxel_scale to 0.001"),
    "microns for millimetres": (image(units=("micron", "sec")), "set bold_voxel_scale to 1000"),
    "sheared": (sheared, "not at right angles"),
    "voxels of no size": (flat_voxels, "voxels of no size"),
    "complex numbers": (rgb, "complex64 instead of real numbers"),
    "Analyze": (analyze, "not NIfTI"),
    "five axes": (five_axes, "must be 4-D"),
    "a folder": (no_bold_file, "is a folder"),
    "too many dummy volumes": (too_many_dummies, "leaves fewer than two"),
    "an array of volumes": (array_of_volumes, "give volumes × voxels, or NIfTI"),
    "an array without TR": (array_without_tr, "set tr_s"),
}


@pytest.mark.parametrize("case", BOLD)
def test_wrong_bold_ends_in_a_sentence(tmp_path, case):
    write, culprit = BOLD[case]
    path, changes = write(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as error:
            bold = recordings.open_configured_bold(path, INPUT | changes, ROW)
            bold.read(0, bold.n_volumes)
    assert culprit in is_a_sentence(error, path)
