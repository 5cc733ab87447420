"""What a user gets from Python, step by step on raw files, is what the workflow wrote."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest

import lfpbold as lb
from lfpbold.derivatives import files

RECORDING = "sub-01_ses-01_task-rest_acq-M1_run-1"


def image(path):
    return np.asarray(nibabel.load(path).dataobj)


@pytest.fixture(scope="module")
def walk(tiny):
    """The walk of the package's docstring, on the first recording."""
    session = tiny / "sub-01" / "ses-01"
    lfp = lb.open_lfp(session / "ieeg" / f"{RECORDING}_ieeg.nwb")
    bold = lb.open_bold(session / "func" / "sub-01_ses-01_task-rest_run-1_bold.nii.gz")
    clock = lb.locate_scan(lfp, bold)
    clean = lb.clean_lfp(lfp, clock)
    power = lb.band_power(clean)
    regressors = lb.convolve(power, lb.spm_hrf(1 / power.fs_hz, (4, 4, 1, 1, 6, 0, 32)), at=bold)
    volumes = bold.read(0, bold.n_volumes)
    motion = lb.realign(volumes, bold.affine)
    moved = lb.resample(volumes, bold.affine, motion.matrices, bold.shape, bold.affine)
    brain, white_matter, ventricles, labels = (
        image(tiny / "atlas" / f"{name}.nii.gz") for name in ("brain", "white_matter", "ventricles", "labels")
    )
    cleaned = lb.clean_bold(
        moved,
        bold.affine,
        brain > 0,
        tr_s=bold.tr_s,
        motion=motion.parameters,
        white_matter=white_matter > 0,
        ventricles=ventricles > 0,
    )
    seed = lb.seed_voxels({"seed_label": [-6]}, brain > 0, labels=labels)
    return power, regressors[cleaned.kept], cleaned, seed, motion


def rows(results, name):
    own = {"sub": "01", "run": "1", "site": "M1"}
    table = files.read_table(results / "reference" / "group" / f"{name}.tsv")
    return {row["band"]: row for row in table if all(row[key] == value for key, value in own.items())}


def test_temporal_r_is_that_of_the_table(walk, tiny_results):
    power, regressors, cleaned, seed, _ = walk
    r = lb.temporal_r(regressors, cleaned.voxels[:, seed].mean(axis=1))
    table = rows(tiny_results, "temporal")
    assert power.bands == ("delta", "theta", "alpha", "beta", "gamma", "infraslow")
    # Files between the stages hold float32: seven digits of power and BOLD.
    np.testing.assert_allclose(r, [table[band]["r"] for band in power.bands], atol=2e-5)
    known = np.isfinite(r)
    effective = [lb.effective_n(column, cleaned.voxels[:, seed].mean(axis=1)) for column in regressors[:, known].T]
    bands = np.array(power.bands)[known]
    np.testing.assert_allclose(effective, [table[band]["n_eff"] for band in bands], rtol=1e-3)


def test_maps_and_their_spatial_r_are_those_of_the_workflow(walk, tiny_results):
    power, regressors, cleaned, seed, _ = walk
    maps, seed_map = lb.lfp_map(cleaned.voxels, regressors), lb.seed_map(cleaned.voxels, seed)
    table = rows(tiny_results, "spatial")
    np.testing.assert_allclose(lb.spatial_r(maps, seed_map), [table[b]["r"] for b in power.bands], atol=2e-5)


def test_motion_is_that_of_the_workflow(walk, tiny_results):
    folder = tiny_results / "reference" / "sub-01" / "ses-01" / "func"
    table = files.read_table(folder / "sub-01_ses-01_task-rest_run-1_desc-confounds_timeseries.tsv")
    displacement = walk[-1].framewise_displacement(5.0)
    np.testing.assert_allclose(displacement, [row["framewise_displacement"] for row in table], atol=1e-6)


def test_what_does_not_fit_together_is_said(walk, tiny):
    power = walk[0]
    other = lb.open_bold(tiny / "sub-01" / "ses-01" / "func" / "sub-01_ses-01_task-rest_run-1_bold.nii.gz")
    with pytest.raises(TypeError, match="hrf has no option delay"):
        lb.convolve(power, delay=4)
    with pytest.raises(TypeError, match="clean_lfp"):
        lb.band_power(None)
    with pytest.raises(ValueError, match="at"):
        lb.convolve(power, at=type(other)(**{**vars(other), "tr_s": 2.5}))
