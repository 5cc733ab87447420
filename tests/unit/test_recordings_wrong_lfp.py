"""What can be wrong with the LFP of one format, and what is said of it."""

from __future__ import annotations

import files_of_formats as files
import h5py
import numpy as np
import pytest
from spoilt_files import UV, is_a_sentence, patched, read_all, saved, text

from lfpbold.errors import InputError

pytestmark = pytest.mark.usefixtures("quiet_writers")


def no_sampling_rate(d):
    return saved(np.save, d / "a.npy", UV), {}


def rate_of_text(d):
    return files.mat5(d / "a.mat", lfp=UV, fs="fast"), {"lfp_variable": "lfp", "lfp_fs_hz": "fs"}


def rate_zero(d):
    return files.mat5(d / "a.mat", lfp=UV, fs=0.0), {"lfp_variable": "lfp", "lfp_fs_hz": "fs"}


def rates_for_each_channel(d):
    return files.mat5(d / "a.mat", lfp=UV, fs=[1000.0, 1000.0]), {"lfp_variable": "lfp", "lfp_fs_hz": "fs"}


def several_variables(d):
    return files.mat5(d / "a.mat", lfp=UV, other=UV), {"lfp_fs_hz": 1000.0}


def no_such_variable(d):
    return files.mat73(d / "a.mat", lfp=UV), {"lfp_fs_hz": 1000.0, "lfp_variable": "LFP"}


def no_variables(d):
    return files.mat5(d / "a.mat"), {"lfp_fs_hz": 1000.0}


def cells(d):
    values = np.empty(3, dtype=object)
    values[:] = [UV[:, 0], UV[:, 1], "three"]
    return files.mat5(d / "a.mat", lfp=values), {"lfp_fs_hz": 1000.0}


def structure(d):
    return files.mat5(d / "a.mat", lfp={"data": UV, "fs": 1000.0}), {"lfp_fs_hz": 1000.0}


def structure_73(d):
    path = files.mat73(d / "a.mat", other=UV)
    with h5py.File(path, "r+") as file:
        file["lfp/data"] = UV
    return path, {"lfp_fs_hz": 1000.0, "lfp_variable": "lfp"}


def letters(d):
    return files.mat5(d / "a.mat", lfp="one two three"), {"lfp_fs_hz": 1000.0}


def complex_numbers(d):
    return saved(np.save, d / "a.npy", UV + 1j), {"lfp_fs_hz": 1000.0}


def three_axes(d):
    return saved(np.save, d / "a.npy", UV.reshape(100, 40, 3)), {"lfp_fs_hz": 1000.0}


def no_samples(d):
    return saved(np.save, d / "a.npy", UV[:0]), {"lfp_fs_hz": 1000.0}


def square(d):
    return saved(np.save, d / "a.npy", UV[:60].reshape(12, 15)), {"lfp_fs_hz": 1000.0}


def pickled(d):
    values = np.array([{"run": "code"}, None], dtype=object)
    np.save(d / "a.npy", values, allow_pickle=True)
    return d / "a.npy", {"lfp_fs_hz": 1000.0}


def pickled_in_npz(d):
    np.savez(d / "a.npz", lfp=np.array([{"run": "code"}], dtype=object), allow_pickle=True)
    return d / "a.npz", {"lfp_fs_hz": 1000.0, "lfp_variable": "lfp"}


def nan_block(d):
    values = UV.copy()
    values[500:700, 1] = np.nan
    return saved(np.save, d / "a.npy", values), {"lfp_fs_hz": 1000.0}


def flat_channel(d):
    values = UV.copy()
    values[:, 2] = 7
    return files.edf(d / "a.edf", values), {}


def nwb_with(change):
    def write(d):
        path = files.nwb(d / "a.nwb", UV)
        with h5py.File(path, "r+") as file:
            changed = change(file) or {}
        return path, changed

    write.__name__ = change.__name__
    return write


@nwb_with
def nwb_without_series(file):
    del file["acquisition/lfp"]


@nwb_with
def nwb_another_series(file):
    return {"lfp_variable": "spikes"}


@nwb_with
def nwb_without_rate(file):
    del file["acquisition/lfp/starting_time"]


@nwb_with
def nwb_rate_nan(file):
    file["acquisition/lfp/starting_time"].attrs["rate"] = np.nan


@nwb_with
def nwb_no_channels(file):
    del file["acquisition/lfp/data"]
    file["acquisition/lfp"].create_dataset("data", shape=(4000, 0), dtype="f4")


@nwb_with
def nwb_text_for_numbers(file):
    del file["acquisition/lfp/data"]
    file["acquisition/lfp"].create_dataset("data", data=np.array([[b"a", b"b"]] * 50))


@nwb_with
def nwb_conversion_zero(file):
    file["acquisition/lfp/data"].attrs["conversion"] = 0.0


@nwb_with
def nwb_conversion_of_other_channels(file):
    file["acquisition/lfp/channel_conversion"] = [1.0, 2.0]


@nwb_with
def nwb_nan_triggers(file):
    file["acquisition/scanner_trigger/timestamps"][1] = np.nan


@nwb_with
def nwb_nan_block(file):
    file["acquisition/lfp/data"][100:300, 0] = np.nan


def nwb_gap(d):
    stamps = np.arange(4000) / 1000
    stamps[2000:] += 0.5
    return files.nwb(d / "a.nwb", UV, stamps=stamps), {}


def nwb_nan_stamps(d):
    stamps = np.arange(4000) / 1000
    stamps[5] = np.nan
    return files.nwb(d / "a.nwb", UV, stamps=stamps), {}


def nwb_stamps_missing(d):
    path = files.nwb(d / "a.nwb", UV, stamps=np.arange(4000) / 1000)
    with h5py.File(path, "r+") as file:
        del file["acquisition/lfp/timestamps"]
        file["acquisition/lfp/timestamps"] = np.arange(3900) / 1000
    return path, {}


def edf_discontinuous(d):
    return patched(files.edf(d / "a.edf", UV), 192, b"EDF+D"), {}


def edf_letters_for_rates(d):
    path = files.edf(d / "a.edf", UV)
    n = int(path.read_bytes()[252:256])
    return patched(path, 256 + 216 * n, b"fast    "), {}


def edf_more_records_than_samples(d):
    return patched(files.edf(d / "a.edf", UV), 236, b"99      "), {}


def edf_without_channels(d):
    return patched(files.edf(d / "a.edf", UV), 252, b"0   "), {}


def fif_of_magnetometers(d):
    return files.fif(d / "a_raw.fif", UV, kind="mag"), {}


def fif_interrupted(d):
    """The annotation is given from the first sample; the file counts from 77 samples before it."""
    import mne

    raw = mne.io.read_raw(files.fif(d / "b_raw.fif", UV, first_samp=77), preload=True, verbose="error")
    raw.set_annotations(mne.Annotations([2.0], [0.5], "BAD_ACQ_SKIP"))
    raw.save(d / "a_raw.fif", verbose="error")
    return d / "a_raw.fif", {}


def fif_of_epochs(d):
    import mne

    epochs = mne.EpochsArray(UV[None, :, :].transpose(0, 2, 1), mne.create_info(3, 1000.0, "eeg"), verbose="error")
    epochs.save(d / "a-epo.fif", verbose="error")
    return d / "a-epo.fif", {}


def set_of_epochs(d):
    import mne

    data = UV.reshape(4, 1000, 3).transpose(0, 2, 1) * 1e-6
    epochs = mne.EpochsArray(data, mne.create_info(["A1", "A2", "A3"], 1000.0, "eeg"), verbose="error")
    epochs.export(d / "a.set", verbose="error")
    return d / "a.set", {}


def set_interrupted(d):
    return _renamed_event(files.eeglab(d / "a.set", UV), d), {}


def _renamed_event(path, d):
    from scipy import io

    content = io.loadmat(path, struct_as_record=True)
    content = {key: value for key, value in content.items() if not key.startswith("__")}
    events = content["EEG"]["event"][0, 0] if "EEG" in content else content["event"]
    for event in np.ravel(events):
        event["type"] = np.array(["boundary"])
    io.savemat(path, content)
    return path


def vhdr_without_samples(d):
    path = files.brainvision(d / "a.vhdr", UV)
    (d / "a.eeg").unlink()
    return path, {}


def vhdr_without_markers(d):
    path = files.brainvision(d / "a.vhdr", UV)
    (d / "a.vmrk").unlink()
    return path, {}


def vhdr_interrupted(d):
    path = files.brainvision(d / "a.vhdr", UV)
    marks = d / "a.vmrk"
    marks.write_text(
        marks.read_text(encoding="utf-8") + "Mk9=New Segment,,2000,1,0,20240101120002000000\n", encoding="utf-8"
    )
    return path, {}


def eeg_in_place_of_vhdr(d):
    files.brainvision(d / "a.vhdr", UV)
    return d / "a.eeg", {}


def folder_of_nothing(d):
    (d / "photos").mkdir()
    return d / "photos", {}


def unknown_suffix(d):
    text(d / "a.txt")
    return d / "a.txt", {}


CASES = [
    (no_sampling_rate, "set lfp_fs_hz"),
    (rate_of_text, "text instead of real numbers"),
    (rate_zero, "the sampling rate is 0"),
    (rates_for_each_channel, "2 numbers instead of one rate"),
    (several_variables, "set lfp_variable to one of them"),
    (no_such_variable, "it has lfp"),
    (no_variables, "no variables"),
    (cells, "cells instead of real numbers"),
    (structure, "a structure instead of real numbers"),
    (structure_73, "is not an array of numbers"),
    (letters, "text instead of real numbers"),
    (complex_numbers, "complex numbers"),
    (three_axes, "give samples × channels"),
    (no_samples, "empty array"),
    (square, "set lfp_time_axis"),
    (pickled, "pickled"),
    (pickled_in_npz, "pickled"),
    (nan_block, "channel 1 holds NaN"),
    (flat_channel, "channel A3 is constant"),
    (nwb_without_series, "no ElectricalSeries"),
    (nwb_another_series, "it has acquisition/lfp"),
    (nwb_without_rate, "neither a rate nor time stamps"),
    (nwb_rate_nan, "the sampling rate is nan"),
    (nwb_no_channels, "holds no channels"),
    (nwb_text_for_numbers, "shape (50, 2) of |S1"),
    (nwb_conversion_zero, "conversion to volts is zero"),
    (nwb_conversion_of_other_channels, "2 values of channel_conversion for 3 channels"),
    (nwb_nan_triggers, "the triggers hold NaN"),
    (nwb_nan_block, "channel A1 holds NaN"),
    (nwb_gap, "irregular or have gaps (after sample 1999)"),
    (nwb_nan_stamps, "irregular or have gaps (after sample 4)"),
    (nwb_stamps_missing, "3900 time stamps for 4000 samples"),
    (edf_discontinuous, "export it without gaps, as EDF+C"),
    (edf_letters_for_rates, "text in place of numbers"),
    (edf_more_records_than_samples, "the header says 99 records, but the file holds 4"),
    (edf_without_channels, "holds no channels"),
    (fif_of_magnetometers, "holds no channels of LFP; it has A1 (MAG)"),
    (fif_interrupted, "was interrupted 2.000 s after its start"),
    (fif_of_epochs, "cannot be read as .fif"),
    (set_of_epochs, "The number of trials is 4"),
    (set_interrupted, "was interrupted 0.500 s after its start (`boundary`)"),
    (vhdr_without_samples, "a.eeg"),
    (vhdr_without_markers, "is incomplete"),
    (vhdr_interrupted, "was interrupted 1.999 s after its start"),
    (eeg_in_place_of_vhdr, "name the header `.vhdr`"),
    (folder_of_nothing, "is a folder without a recording that is known"),
    (unknown_suffix, "LFP of type `.txt` is not known"),
]


@pytest.mark.parametrize(("write", "culprit"), CASES, ids=[c[0].__name__ for c in CASES])
def test_what_is_wrong_is_said(tmp_path, write, culprit):
    path, changes = write(tmp_path)
    with pytest.raises(InputError) as error:
        read_all(path, **changes)
    assert culprit in is_a_sentence(error, path)
