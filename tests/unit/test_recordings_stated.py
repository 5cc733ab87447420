"""What the dataset states of a recording is held against its file and the settings."""

from __future__ import annotations

import json

import files_of_formats as files
import numpy as np
import pytest

from lfpbold import InputError, open_lfp
from lfpbold.pipeline.artefact.notches import STATED, missed_mains

NAME = "sub-01_task-rest_ieeg"


@pytest.fixture
def npy(tmp_path):
    """A BIDS-named array of 4000 samples × 2 channels, and what is written beside it."""
    np.save(tmp_path / f"{NAME}.npy", np.random.default_rng(0).normal(0, 100, (4000, 2)))

    def made(sidecar=None, table="", fs_hz=1000.0, **options):
        if sidecar is not None:
            (tmp_path / f"{NAME}.json").write_text(json.dumps(sidecar), encoding="utf-8")
        if table:
            (tmp_path / "sub-01_task-rest_channels.tsv").write_text(table, encoding="utf-8")
        return open_lfp(tmp_path / f"{NAME}.npy", fs_hz=fs_hz, **options)

    return made


@pytest.mark.parametrize("stated", [1000, 1000.4, "1000", "n/a", None, 0])
def test_a_rate_that_agrees_but_for_rounding_is_fine(npy, stated):
    assert npy({"SamplingFrequency": stated}).notes == ()


@pytest.mark.parametrize(("stated", "fs_hz"), [(24414, 24414.0625), (1017, 1017.25), (3051.8, 3051.7578125)])
def test_a_rate_may_be_rounded_to_the_digits_that_are_written(npy, stated, fs_hz):
    assert npy({"SamplingFrequency": stated}, fs_hz=fs_hz).fs_hz == fs_hz


@pytest.mark.parametrize("stated", [500, 1024, 1.0, "2000"])
def test_another_rate_is_refused_with_both(npy, stated):
    with pytest.raises(InputError, match=rf"SamplingFrequency is {float(stated):g} Hz in {NAME}.json.*have 1000 Hz"):
        npy({"SamplingFrequency": stated})


def test_another_rate_in_the_table_of_channels_is_refused(npy):
    table = "name\ttype\tunits\tsampling_frequency\n0\tSEEG\tuV\t1000\n1\tSEEG\tuV\t2000\n"
    with pytest.raises(InputError, match=r"sampling_frequency of 1 is 2000 Hz in sub-01_task-rest_channels.tsv"):
        npy(table=table)
    assert npy(channels=["0"]).channels == ["0"]


def test_a_rate_is_inherited_by_raw_recordings_alone(tmp_path):
    """Cleaned LFP beside its raw recording would inherit the raw rate."""
    (tmp_path / "dataset_description.json").write_text("{}", encoding="utf-8")
    (tmp_path / "task-rest_ieeg.json").write_text('{"SamplingFrequency": 24000}', encoding="utf-8")
    samples = np.random.default_rng(0).normal(0, 100, 4000)
    np.save(tmp_path / f"{NAME}.npy", samples)
    with pytest.raises(InputError, match=r"SamplingFrequency is 24000 Hz in task-rest_ieeg.json"):
        open_lfp(tmp_path / f"{NAME}.npy", fs_hz=1000.0)
    assert open_lfp(tmp_path / f"{NAME}.npy", fs_hz=1000.0, stage="lfp").fs_hz == 1000.0
    np.save(tmp_path / "sub-01_task-rest_desc-clean_ieeg.npy", samples)
    assert open_lfp(tmp_path / "sub-01_task-rest_desc-clean_ieeg.npy", fs_hz=1000.0).fs_hz == 1000.0


def test_a_duration_that_differs_is_told(npy):
    assert npy({"RecordingDuration": 4}).notes == () and npy({"RecordingDuration": 5.5}).notes == ()
    (note,) = npy({"RecordingDuration": 300}).notes
    assert note == f"RecordingDuration is 300 s in {NAME}.json, but the samples last 4.000 s"


@pytest.mark.parametrize(("stated", "mains"), [(50, 50.0), ("60", 60.0), ("50 Hz", 50.0), (16.7, 16.7), ("n/a", None)])
def test_mains_come_with_the_recording(npy, stated, mains):
    lfp = npy({"PowerLineFrequency": stated})
    assert lfp.mains_hz == mains and lfp.notes == ()


@pytest.mark.parametrize("stated", ["mains", 0, 5000, [50, 60], True])
def test_mains_that_cannot_be_are_told(npy, stated):
    lfp = npy({"PowerLineFrequency": stated})
    assert lfp.mains_hz is None and "PowerLineFrequency is" in lfp.notes[0]


def test_mains_of_the_dataset_are_held_against_the_notches():
    assert missed_mains(50.0, [50], STATED) == missed_mains(50.0, "auto", STATED) == []
    assert missed_mains(60.0, [60.0, 50.0], STATED) == missed_mains(None, [60], STATED) == []
    (note,) = missed_mains(50.0, [60], STATED)
    assert "PowerLineFrequency is 50 Hz, but artefact.notch_hz is 60" in note
    assert "notch_hz is empty" in missed_mains(50.0, [], STATED)[0]


def test_units_of_a_file_without_any_are_those_of_the_table(npy):
    table = "name\ttype\tunits\n0\tSEEG\tmV\n1\tSEEG\tmV\n"
    with pytest.raises(InputError, match=r"units are mV in sub-01_task-rest_channels.tsv.*set lfp_scale to 1000"):
        npy(table=table)
    assert npy(scale=1000.0).notes == ()
    assert "lfp_scale is 2, although units are mV" in npy(scale=2.0).notes[0]
    assert npy(stage="power").notes == ()


@pytest.mark.parametrize("unit", ["µV", "μV", "uV", "n/a", "a.u."])
def test_units_that_agree_or_say_nothing_are_fine(npy, unit):
    assert npy(table=f"name\ttype\tunits\n0\tSEEG\t{unit}\n1\tSEEG\t{unit}\n").notes == ()


@pytest.mark.parametrize("made", [files.edf, files.brainvision])
def test_a_file_with_units_of_its_own_keeps_them(tmp_path, made):
    uv = np.random.default_rng(0).normal(0, 100, (4000, 3))
    path = made(tmp_path / f"{NAME}{'.edf' if made is files.edf else '.vhdr'}", uv)
    names = open_lfp(path).channels
    table = tmp_path / "sub-01_task-rest_channels.tsv"
    for unit in ("mV", "uV"):
        table.write_text("name\ttype\tunits\n" + "".join(f"{name}\tSEEG\t{unit}\n" for name in names), encoding="utf-8")
        lfp = open_lfp(path)
        np.testing.assert_allclose(lfp.read(0, 0, 50), uv[:50, 0], atol=0.2)
        said = [note for note in lfp.notes if "units of" in note]
        assert len(said) == (unit == "mV")
    assert "RecordingType" not in " ".join(lfp.notes)
    (tmp_path / f"{NAME}.json").write_text('{"RecordingType": "epoched"}', encoding="utf-8")
    assert "RecordingType is epoched" in open_lfp(path).notes[0]


def test_a_json_file_beside_a_recording_without_a_bids_name_may_be_anything(tmp_path):
    np.save(tmp_path / "rat01.npy", np.random.default_rng(0).normal(0, 100, 4000))
    (tmp_path / "rat01.json").write_text("[1, 2", encoding="utf-8")
    assert open_lfp(tmp_path / "rat01.npy", fs_hz=1000.0).notes == ()
    (tmp_path / "rat01.json").write_text('{"PowerLineFrequency": 50}', encoding="utf-8")
    assert open_lfp(tmp_path / "rat01.npy", fs_hz=1000.0).mains_hz == 50.0


def test_the_nearest_sidecar_holds_and_one_that_was_not_fetched_says_nothing(npy, tmp_path):
    (tmp_path / "task-rest_ieeg.json").write_text('{"PowerLineFrequency": 60}', encoding="utf-8")
    (tmp_path / "ieeg.json").symlink_to("../.git/annex/objects/none")
    assert npy().mains_hz == 60.0 and npy({"PowerLineFrequency": 50}).mains_hz == 50.0
    (tmp_path / f"{NAME}.json").unlink()
    (tmp_path / f"{NAME}.json").symlink_to("../.git/annex/objects/none")
    assert npy().mains_hz == 60.0


def test_a_bids_sidecar_that_is_no_json_is_refused(npy, tmp_path):
    (tmp_path / f"{NAME}.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="is not valid JSON"):
        npy()
