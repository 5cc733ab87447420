"""Volumes that are no data are found at every stage, named, and censored or the run refused; others are left alone."""

from __future__ import annotations

import files_of_formats as files
import nibabel
import numpy as np
import pytest
from spoilt_files import ROW

from lfpbold.bold import volumes as science
from lfpbold.errors import InputError
from lfpbold.pipeline import bold as bold_stage
from lfpbold.pipeline import motion as stage
from lfpbold.pipeline.volumes import look_at_volumes, usable_volumes
from lfpbold.recordings import open_configured_bold
from lfpbold.study import settings

BASE = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
N, GRID = 120, (14, 12, 8)


def head(seed=0):
    """A bright head in dark air, with noise, drift and a slow common signal of .5 %: (n, x, y, z), whole numbers."""
    rng = np.random.default_rng(seed)
    x, y, z = np.indices(GRID)
    inside = ((x - 6.5) / 6) ** 2 + ((y - 5.5) / 5) ** 2 + ((z - 3.5) / 4) ** 2 < 1
    tissue = np.where(inside, 900 + 60 * rng.standard_normal(GRID), 12)
    t = np.arange(N)
    common = 1 + 0.005 * np.sin(2 * np.pi * 0.03 * t) + 0.01 * t / N
    series = tissue * np.where(inside, common[:, None, None, None], 1)
    return np.round(np.abs(series + rng.normal(0, 8, (N, *GRID)))).astype(np.float32)


def clean(seed=0):
    rng = np.random.default_rng(seed)
    return (rng.standard_normal((N, *GRID)) + rng.standard_normal((N, 1, 1, 1))).astype(np.float32)


def half(volume):
    volume[..., 4:] = 0
    return volume


def wrapped(volume):
    """16 bits: what is above 32767 comes back as a negative number."""
    large = 36 * volume
    return np.where(large > 32767, large - 65536, large)


def flat_slice(volume):
    volume[:, :, 3] = 517
    return volume


def noise_slice(volume):
    """The signal of a slice is lost, and noise is left."""
    volume[:, :, 3] = np.abs(np.random.default_rng(5).normal(12, 6, volume.shape[:2])).round()


def line(series, first, stop):
    """Volumes on the line between their neighbours, in whole numbers."""
    share = (np.arange(first, stop) - first + 1)[:, None, None, None] / (stop - first + 1)
    series[first:stop] = np.round(series[first - 1] * (1 - share) + series[stop] * share)


RAW = {
    "the signal of a slice is lost": (lambda d: noise_slice(d[30]), "partly_empty", [30]),
    "interpolated": (lambda d: line(d, 61, 62), "filled_in", [61]),
    "interpolated over three": (lambda d: line(d, 61, 64), "filled_in", [61, 62, 63]),
    "a third brighter": (lambda d: d.__setitem__(40, d[40] * 1.3), "brightness", [40]),
    "another gain from there on": (lambda d: d.__setitem__(slice(70, None), d[70:] * 2), "brightness", range(70, 120)),
    "two echoes in turn": (lambda d: d.__setitem__(slice(1, None, 2), d[1::2] * 0.6), "brightness", range(1, 120, 2)),
    "zeros at the end": (lambda d: d.__setitem__(slice(114, None), 0), "empty", range(114, 120)),
    "one number": (lambda d: d.__setitem__(50, 7), "empty", [50]),
    "half of the slices": (lambda d: half(d[119]), "partly_empty", [119]),
    "a slice of one number": (lambda d: flat_slice(d[30]), "partly_empty", [30]),
    "the one before": (lambda d: d.__setitem__(61, d[60]), "repeated", [61]),
    "the first, again": (lambda d: d.__setitem__(61, d[0]), "repeated", [61]),
    "a slice of the one before": (lambda d: d[61].__setitem__((..., 4), d[60][..., 4]), "repeated", [61]),
    "16 bits in one volume": (lambda d: d.__setitem__(80, wrapped(d[80])), "overflow", [80]),
    "half as bright": (lambda d: d.__setitem__(90, 0.4 * d[90]), "brightness", [90]),
    "twice as bright": (lambda d: d.__setitem__(90, 2 * d[90]), "brightness", [90]),
    "noise": (lambda d: d.__setitem__(20, 1800 * np.random.default_rng(1).random(GRID)), "unlike", [20]),
    "T1 at the start": (lambda d: d.__imul__(decay(2.2, 1.4, 1.15, 1.05)), "not_steady", range(4)),
    "T1 until it is over": (lambda d: d.__imul__(decay(2.2, 1.06, 1.03, 1.013)), "not_steady", range(4)),
    "darker at the start": (lambda d: d.__imul__(decay(0.6, 0.9)), "not_steady", range(2)),
}  # fmt: skip


def decay(*first):
    return np.r_[first, np.ones(N - len(first))].astype(np.float32)[:, None, None, None]


def found(faults):
    return {kind: np.flatnonzero(which).tolist() for kind, which in faults.items()}


@pytest.mark.parametrize("tr_s", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_volumes_of_a_scan_that_is_right_are_all_data(tr_s, seed):
    assert science.find_faults(head(seed), "raw", tr_s) == {}
    assert science.find_faults(head(seed), "realigned", tr_s) == {}
    assert science.find_faults(-head(seed), "raw", tr_s) == {}  # a signal that is inverted by bold_scale
    assert science.find_faults(clean(seed), "clean", tr_s) == {}


@pytest.mark.parametrize("case", RAW)
def test_each_fault_is_found_in_the_volumes_that_have_it(case):
    spoil, kind, which = RAW[case]
    data = head()
    spoil(data)
    assert found(science.find_faults(data, "raw", 1.0)) == {kind: list(which)}


@pytest.mark.parametrize("case", [case for case in RAW if "16 bits" not in case])
def test_faults_are_found_in_realigned_volumes_too(case):
    spoil, kind, which = RAW[case]
    data = head() + 0.25  # interpolated
    spoil(data)
    assert found(science.find_faults(data, "realigned", 1.0)) == {kind: list(which)}


def test_a_start_that_is_hardly_brighter_is_in_steady_state():
    assert science.find_faults(head() * decay(1.008, 1.006), "raw", 1.0) == {}


def test_overflow_of_the_whole_series_is_found_in_every_volume():
    data = np.array([wrapped(volume) for volume in head()])
    assert science.find_faults(data, "raw", 1.0)["overflow"].all()


@pytest.mark.parametrize(
    ("spoil", "kind", "which"),
    [
        (lambda d: d.__setitem__(slice(100, 103), 0), "empty", [100, 101, 102]),
        (lambda d: half(d[40]), "partly_empty", [40]),
        (lambda d: d.__setitem__(41, d[40]), "repeated", [41]),
        (lambda d: d.__setitem__(70, 30 * d[70]), "brightness", [70]),
        (lambda d: d.__imul__(decay(60.0, 25.0)), "not_steady", [0, 1]),
    ],
)
def test_faults_of_clean_volumes(spoil, kind, which):
    data = clean()
    spoil(data)
    assert found(science.find_faults(data, "clean", 1.0)) == {kind: which}


def test_whole_numbers_of_a_clean_series_are_often_zero_and_no_fault():
    assert science.find_faults(np.round(clean()), "clean", 1.0) == {}


def test_slow_drift_and_movement_are_neither_steady_state_nor_no_data():
    t = np.arange(N)
    drift = (1 + 0.05 * np.exp(-t / 40)).astype(np.float32)[:, None, None, None]
    assert science.find_faults(head() * drift, "raw", 1.0) == {}
    moved = head()
    moved[60:] = np.roll(moved[60:], 2, axis=1)
    assert science.find_faults(moved, "raw", 1.0) == {}


def test_edges_that_moved_out_of_the_field_of_view_are_no_fault_of_a_realigned_volume():
    data = head()
    data[70:, :, :, 0] = 0
    data[33, 0] = 0
    assert science.find_faults(data, "realigned", 1.0) == {}


def test_a_few_time_courses_repeat_values_by_chance():
    one = np.round(np.random.default_rng(0).normal(100, 1, (N, 1, 1, 1)))
    assert science.find_faults(one, "clean", 1.0) == {}
    one[40:52] = one[40]
    assert set(range(40, 52)) <= set(found(science.find_faults(one, "clean", 1.0))["repeated"])


def test_a_series_without_any_image_is_empty():
    assert science.find_faults(np.zeros((10, 4, 4, 4)), "raw", 1.0)["empty"].all()


# ---- what follows --------------------------------------------------------------------------------------------------


def opened(folder, data, name="b.nii.gz", **changes):
    path = files.nifti(folder / name, np.moveaxis(data, 0, 3).astype(np.int16), sidecar={"RepetitionTime": 1.0})
    row = {"input": BASE["input"] | changes, "where": ROW, "bold": str(path), "state": "sedated"}
    return open_configured_bold(path, row["input"], ROW), row


def test_check_tells_volumes_their_time_and_share_and_counts_from_the_files_first(tmp_path):
    data = head()
    data[50:52] = 0
    data[119] = data[118]
    bold, row = opened(tmp_path, data)
    notes = look_at_volumes(bold, row, BASE)
    assert notes == [
        f"{ROW}: b.nii.gz: 3 of 120 volumes (2.5 %) are no data (empty: volumes 50–51 (from 50 s, 1.67 %); the same as"
        " an earlier one: volume 119 (from 119 s, 0.833 %); 0 is the first); they are censored"
    ]
    bold, row = opened(tmp_path, data, dummy_volumes=10)
    assert "volumes 50–51 (from 50 s" in look_at_volumes(bold, row, BASE)[0]


def test_check_names_the_dummy_volumes_that_would_be_right(tmp_path):
    bold, row = opened(tmp_path, head() * decay(2.2, 1.4, 1.15, 1.05))
    (note,) = look_at_volumes(bold, row, BASE)
    assert "the first 4 volumes come before the steady state" in note
    assert "set dummy_volumes to 4" in note
    bold, row = opened(tmp_path, head() * decay(2.2, 1.4, 1.15, 1.05), dummy_volumes=1)
    assert "set dummy_volumes to 4" in look_at_volumes(bold, row, BASE)[0]
    bold, row = opened(tmp_path, head() * decay(2.2, 1.4, 1.15, 1.05), dummy_volumes=4)
    assert look_at_volumes(bold, row, BASE) == []


@pytest.mark.parametrize(("n", "refused"), [(4, False), (5, True)])
def test_a_run_is_refused_above_the_stated_share(tmp_path, n, refused):
    """4 % of 120 volumes are 4.8."""
    data = head()
    data[-n:] = 0
    bold, row = opened(tmp_path, data)
    if refused:
        with pytest.raises(InputError, match=r"5 of 120 volumes .*max_unusable_fraction is 4 %; repair or exclude"):
            look_at_volumes(bold, row, BASE)
    else:
        assert len(look_at_volumes(bold, row, BASE)) == 1


def test_a_long_series_is_looked_at_in_parts_with_its_true_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr("lfpbold.pipeline.volumes.MOST_VALUES", 1000)
    monkeypatch.setattr("lfpbold.pipeline.volumes.PART", 20)
    data = head()
    data[118:] = 0
    data[58] = 0
    bold, row = opened(tmp_path, data)
    (note,) = look_at_volumes(bold, row, BASE)
    assert "volumes 58, 118–119 (from 58 s, 2.5 %)" in note


def realigned(folder, data, atlas=None, **changes):
    options = BASE["motion"] | {"sampling": 1.0} | changes
    bold, row = opened(folder, data)
    log: list = []
    whole = {"motion": options, "states": BASE["states"]}
    return stage.motion(bold, row, whole, atlas or {"brain": None, "anatomy": None}, log=log.append), log


def test_the_job_censors_them_and_never_takes_them_for_motion(tmp_path):
    data = head()[:40]
    data[0] = 0
    data[20] = data[19]
    result, log = realigned(tmp_path, data, max_unusable_fraction=0.1)
    assert np.flatnonzero(~result.keep).tolist() == [0, 20]
    assert np.isnan(result.parameters[[0, 20]]).all()
    assert np.isnan(result.displacement[[0, 20]]).all()
    assert np.nanmax(result.displacement) < 0.1
    assert result.info["DroppedBlocks"] == []
    assert result.info["NoData"] == [
        {"Kind": "empty", "Blocks": [(0, 0)]},
        {"Kind": "repeated", "Blocks": [(20, 20)]},
    ]
    assert "Excluded" not in result.info
    assert "volume 20" in result.info["Warnings"][0]
    assert any("warning" in line for line in log)


def test_the_job_refuses_what_check_refuses(tmp_path):
    data = head()[:40]
    data[30:] = 0
    with pytest.raises(InputError, match=r"10 of 40 volumes \(25 %\) are no data"):
        realigned(tmp_path, data)


def test_voxels_without_signal_are_no_part_of_the_brain(tmp_path):
    """Neither constant ones, nor those that are 0 in many volumes, although resampling gives them their neighbours'."""
    data = head()[:40]
    data[:, 5, 5, 3] = 0
    data[:, 7, 7, 3] = 321
    data[:8, 6, 6, 4] = 0
    data[3, 7, 5, 4] = 0  # once, as noise may have it
    image = np.zeros(GRID, bool)
    image[4:9, 4:9, 2:6] = True
    affine = np.diag([0.5, 0.5, 1.0, 1.0])
    result, _ = realigned(tmp_path, data, {"brain": (image, affine), "anatomy": None})
    assert np.argwhere(image & ~result.brain).tolist() == [[5, 5, 3], [6, 6, 4], [7, 7, 3]]
    assert "3 of 100 voxels of the brain hold no signal and are excluded" in result.info["Warnings"][0]


def test_a_run_that_shows_less_than_half_of_the_brain_is_refused(tmp_path):
    data = head()[:40]
    data[..., 4:] = 0
    image = np.zeros(GRID, bool)
    image[4:9, 4:9, 3:7] = True
    with pytest.raises(InputError, match=r"75 of 100 voxels of atlas\.brain hold no signal"):
        realigned(tmp_path, data, {"brain": (image, np.diag([0.5, 0.5, 1.0, 1.0])), "anatomy": None})


def test_volumes_before_the_steady_state_are_not_counted_against_the_share(tmp_path):
    bold, row = opened(tmp_path, head() * decay(2.2, 1.4, 1.15, 1.05))
    usable, _, _ = usable_volumes(bold.read(0, N), bold, row, 0.0)
    assert np.flatnonzero(~usable).tolist() == [0, 1, 2, 3]


def test_numbers_of_volumes_in_words():
    assert science.ranges([0, 1, 2, 7, 114, 115]) == "0–2, 7, 114–115"
    assert science.ranges(range(0, 40, 2)).endswith(" and 12 more")


def cleaned(data, brain, **changes):
    options = BASE["bold"] | {"white_matter": False, "ventricles": False, "global_signal": False} | changes
    n = len(data)
    info = {"Stage": "realigned", "RepetitionTime": 1.0}
    none = {"white_matter": None, "ventricles": None}
    affine = np.diag([0.5, 0.5, 1.0, 1.0])
    return bold_stage.bold(data, affine, brain, np.full((n, 6), np.nan), np.ones(n, bool), none, info, options)


def test_smoothing_gives_no_signal_to_voxels_that_have_none():
    data, brain = head(), np.zeros(GRID, bool)
    brain[4:9, 4:9, 2:6] = True
    data[:, 6, 6, 4] = 0
    data[:, 5, 5, 3] = 444
    signal = np.zeros((N, *GRID))
    signal[:, brain] = cleaned(data, brain)[0]
    assert not signal[:, 6, 6, 4].any() and not signal[:, 5, 5, 3].any()
    assert signal[:, brain].any(axis=0).sum() == brain.sum() - 2


def test_the_nuisance_leaves_voxels_without_signal_out_of_its_means():
    data, brain = head(), np.zeros(GRID, bool)
    brain[4:9, 4:9, 2:6] = True
    alone = brain.copy()
    alone[6, 6, 4] = False
    data[:, 6, 6, 4] = 0
    dead = cleaned(data, brain, global_signal=True)[1]
    np.testing.assert_allclose(dead, cleaned(data, alone, global_signal=True)[1])


def test_a_list_of_voxels_is_not_smoothed_along_the_list(tmp_path):
    np.save(tmp_path / "b.npy", clean()[:, :5, 0, 0])
    row = {"input": BASE["input"] | {"bold_stage": "realigned", "tr_s": 1.0}, "where": ROW, "state": "awake"}
    row["bold"] = str(tmp_path / "b.npy")
    bold = open_configured_bold(row["bold"], row["input"], ROW)
    whole = {"motion": BASE["motion"], "states": BASE["states"]}
    result = stage.motion(bold, row, whole, {"brain": None, "anatomy": None}, log=lambda text: None)
    arguments = (result.volumes, result.affine, result.brain, result.parameters, result.keep)
    options = BASE["bold"] | {"white_matter": False, "ventricles": False, "global_signal": False}
    with pytest.raises(InputError, match=r"cannot be smoothed; set bold\.fwhm_mm to 0"):
        bold_stage.bold(*arguments, {}, result.info, options)
    assert bold_stage.bold(*arguments, {}, result.info, options | {"fwhm_mm": 0})[0].shape == (N, 5)


def test_a_series_without_its_mean_has_no_brightness_whatever_it_is_called():
    data = clean()
    for stage_name in ("raw", "realigned"):
        assert science.find_faults(data, stage_name, 1.0) == {}


def test_an_empty_slice_within_a_realigned_volume_is_a_fault_and_one_at_its_end_is_none():
    data = head()
    data[30, :, :, 3] = 0
    data[40, :, :, 0] = 0
    assert found(science.find_faults(data, "realigned", 1.0)) == {"partly_empty": [30]}


def test_an_empty_first_volume_does_not_hide_that_the_next_are_not_steady():
    data = head() * decay(1.0, 1.8, 1.2)
    data[0] = 0
    assert found(science.find_faults(data, "raw", 1.0)) == {"empty": [0], "not_steady": [1, 2]}


def test_the_first_volume_of_a_real_series_lacks_two_slices(shared_data):
    """Two slices at its end are zeros in this recording; every other volume is data."""
    real = nibabel.load(shared_data / "nitime_human_4d" / "fmri1.nii.gz")
    volumes = np.moveaxis(np.asarray(real.dataobj, dtype=np.float32), 3, 0)
    assert found(science.find_faults(volumes, "raw", 1.35)) == {"partly_empty": [0]}


def test_a_real_series_without_its_mean_is_all_data(shared_data):
    real = nibabel.load(shared_data / "rsHRF" / "rsHRF_demo.nii")
    volumes = np.moveaxis(np.asarray(real.dataobj, dtype=np.float32), 3, 0)
    assert science.find_faults(volumes, "raw", 2.0) == {}
