"""Recordings of every format come back as they were written: samples, rate, channels, triggers; and lazily."""

from __future__ import annotations

import subprocess
import sys
import warnings
from dataclasses import replace

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.recordings.triggers import line_onsets
from lfpbold.study import settings

INPUT = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})["input"]
UV = files.samples()
FLOAT = 1e-4  # µV: what is stored in float32 or better
# Name, what writes it, its quantisation in µV, its rate, settings.
FORMATS = {
    "nwb": (lambda d: files.nwb(d / "a.nwb", UV), FLOAT, files.FS_HZ, {}),
    "nwb, counts": (lambda d: files.nwb(d / "a.nwb", UV, counts=True, offset_uv=30.0), 0.05, files.FS_HZ, {}),
    "nwb, gains": (
        lambda d: files.nwb(d / "a.nwb", UV, gains=[1.0, 2.0, 0.5], chunks=(500, 1)),
        FLOAT,
        files.FS_HZ,
        {},
    ),
    "nwb, stamps": (lambda d: files.nwb(d / "a.nwb", UV, stamps=np.arange(4000) / 1000 + 5), FLOAT, files.FS_HZ, {}),
    "fif": (lambda d: files.fif(d / "a_raw.fif", UV), FLOAT, files.FS_HZ, {}),
    "fif, cropped": (lambda d: files.fif(d / "a_raw.fif", UV, first_samp=77), FLOAT, files.FS_HZ, {}),
    "fif, line": (
        lambda d: files.fif(d / "a_raw.fif", UV, trigger_line=True),
        FLOAT,
        files.FS_HZ,
        {"trigger": "TRIG"},
    ),
    "eeglab": (lambda d: files.eeglab(d / "a.set", UV), FLOAT, files.FS_HZ, {}),
    "eeglab, 7.3": (lambda d: files.eeglab73(d / "a.set", UV), FLOAT, files.FS_HZ, {}),
    "edf": (lambda d: files.edf(d / "a.edf", UV), 0.02, files.FS_HZ, {}),
    "edf, units": (lambda d: files.edf(d / "a.edf", UV, units=("mV", "V", "uV")), 0.2, files.FS_HZ, {}),
    "edf, line": (lambda d: files.edf(d / "a.edf", UV, line=True), 0.02, files.FS_HZ, {"trigger": "TRIG"}),
    "bdf": (lambda d: files.edf(d / "a.bdf", UV), FLOAT, files.FS_HZ, {}),
    "brainvision": (lambda d: files.brainvision(d / "a.vhdr", UV), 0.1, files.FS_HZ, {"trigger": "R128"}),
    "blackrock": (lambda d: rigs.blackrock(d / "a.ns2", UV, events=False), 0.125, files.FS_HZ, {}),
    "blackrock, value": (lambda d: rigs.blackrock(d / "a.ns2", UV), 0.125, files.FS_HZ, {"trigger": "1"}),
    "blackrock, port": (
        lambda d: rigs.blackrock(d / "a.ns2", UV),
        0.125,
        files.FS_HZ,
        {"trigger": "digital_input_port"},
    ),
    "neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), 0.05, files.FS_HZ, {}),
    "open ephys": (lambda d: rigs.open_ephys(d / "o", UV), 0.05, files.FS_HZ, {"trigger": "1"}),
    "open ephys, mV": (lambda d: rigs.open_ephys(d / "o", UV, unit="mV"), 0.05, files.FS_HZ, {"trigger": "1"}),
    "open ephys, line": (
        lambda d: rigs.open_ephys(d / "o", UV, adc=True),
        0.05,
        files.FS_HZ,
        {"trigger": "ADC1", "lfp_variable": "Rig-100.0"},
    ),
    "tdt, tev": (
        lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}),
        FLOAT,
        rigs.RATE_TDT,
        {"trigger": "Vol_"},
    ),
    "tdt, sev": (
        lambda d: rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6, indexed=True),
        FLOAT,
        24414.0625,
        {"trigger": "Vol/"},
    ),
    "mat": (
        lambda d: files.mat5(d / "a.mat", lfp=UV, fs=files.FS_HZ),
        FLOAT,
        files.FS_HZ,
        {"lfp_variable": "lfp", "lfp_fs_hz": "fs"},
    ),
    "mat, 7.3": (
        lambda d: files.mat73(d / "a.mat", lfp=UV, fs=files.FS_HZ),
        FLOAT,
        files.FS_HZ,
        {"lfp_variable": "lfp", "lfp_fs_hz": "fs"},
    ),
    "mat, channels first": (
        lambda d: files.mat5(d / "a.mat", lfp=UV.T),
        FLOAT,
        files.FS_HZ,
        {"lfp_fs_hz": files.FS_HZ},
    ),
}


def everything(lfp):
    return np.column_stack([lfp.read(c, 0, lfp.n_samples) for c in range(len(lfp.channels))])


pytestmark = pytest.mark.usefixtures("quiet_writers")


def opened(path, channels=(), **changes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return recordings.open_configured_lfp(path, INPUT | changes, channels)


@pytest.mark.parametrize("name", FORMATS)
def test_samples_rate_channels_and_triggers_are_those_that_were_written(tmp_path, name):
    write, quantum, fs_hz, changes = FORMATS[name]
    lfp = opened(write(tmp_path), **changes)
    found = everything(lfp)
    assert lfp.fs_hz == pytest.approx(fs_hz, rel=1e-12)
    assert found.dtype == np.float32
    whole = 3968 if name == "tdt, tev" else 4000  # TDT writes whole packets of 128
    assert found.shape == (whole, 3)
    np.testing.assert_allclose(found, UV[:whole], atol=1.05 * quantum)
    if name.startswith("mat") or name == "blackrock":
        assert lfp.triggers_s is None
    else:
        np.testing.assert_allclose(lfp.triggers_s, files.TRIGGERS_S, atol=1e-6)
    names = ["0", "1", "2"] if name.startswith("mat") else ["1", "2", "3"] if "tdt" in name else list(files.NAMES)
    assert lfp.channels == names


@pytest.mark.parametrize("name", FORMATS)
def test_a_part_of_one_channel_is_that_part(tmp_path, name):
    """Also across the borders of packets and records, and at the very end."""
    write, quantum, _, changes = FORMATS[name]
    path = write(tmp_path)
    whole = opened(path, **changes)
    lfp = opened(path, [whole.channels[2], "0"], **changes)
    assert lfp.channels == [whole.channels[2], whole.channels[0]]
    for start, stop in ((0, 1), (127, 129), (500, 1600), (lfp.n_samples - 7, lfp.n_samples)):
        np.testing.assert_allclose(lfp.read(0, start, stop), UV[start:stop, 2], atol=1.05 * quantum)
        np.testing.assert_allclose(lfp.read(1, start, stop), UV[start:stop, 0], atol=1.05 * quantum)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("positions", [[0, 1, 2], [2, 0]])
def test_a_block_of_channels_is_what_each_of_them_gives(tmp_path, monkeypatch, name, positions):
    """In their order, from and to any sample, in stretches shorter than the block; also of chosen channels."""
    for module in (recordings.nwb, recordings.mne_formats, recordings.neo_formats):
        monkeypatch.setattr(module, "STRETCH", 700)
    write, _, _, changes = FORMATS[name]
    path = write(tmp_path)
    whole = opened(path, **changes)
    for lfp in (whole, opened(path, [whole.channels[2], whole.channels[0], whole.channels[1]], **changes)):
        for start, stop in ((0, lfp.n_samples), (127, 2901)):
            out = np.full((len(positions), stop - start), np.nan, np.float32)
            lfp.fill_block(out, positions, start, stop)
            expected = np.array([lfp.read(position, start, stop) for position in positions])
            np.testing.assert_allclose(out, expected, rtol=1e-6, atol=1e-4)
            one = recordings.OneChannel(replace(lfp, page=lfp.page and 300), positions[0])
            np.testing.assert_array_equal(one[start:stop], expected[0])
            np.testing.assert_array_equal(one[start + 299 : start + 301], expected[0][299:301])


def test_nothing_but_what_is_asked_for_is_read_from_nwb(tmp_path, monkeypatch):
    """Opening must read no samples, and reading a channel no more than its part."""
    import h5py

    path = files.nwb(tmp_path / "a.nwb", UV, chunks=(500, 1))
    asked = []
    original = h5py.Dataset.__getitem__

    def watched(self, key, *rest, **more):
        if self.name.endswith("/lfp/data"):
            asked.append(key)
        return original(self, key, *rest, **more)

    monkeypatch.setattr(h5py.Dataset, "__getitem__", watched)
    lfp = opened(path)
    assert asked == []
    lfp.read(1, 10, 20)
    assert asked == [(slice(10, 20), 1)]


@pytest.mark.parametrize("write", [files.fif, files.edf, files.brainvision])
def test_mne_is_asked_for_one_channel_and_not_to_load_the_file(tmp_path, monkeypatch, write):
    import mne

    path = write(tmp_path / {"fif": "a_raw.fif", "edf": "a.edf", "brainvision": "a.vhdr"}[write.__name__], UV)
    asked = []
    original = mne.io.BaseRaw.get_data

    def watched(self, picks=None, start=0, stop=None, **more):
        assert not self.preload
        asked.append((picks, start, stop))
        return original(self, picks, start, stop, **more)

    monkeypatch.setattr(mne.io.BaseRaw, "get_data", watched)
    lfp = opened(path)
    assert asked == []
    lfp.read(1, 10, 20)
    assert asked == [([1], 10, 20)]


def test_the_series_is_chosen_by_name(tmp_path):
    path = files.nwb(tmp_path / "a.nwb", UV, series=("one", "two"))
    with pytest.raises(InputError, match=r"several ElectricalSeries \(acquisition/one, acquisition/two\)"):
        opened(path)
    np.testing.assert_allclose(everything(opened(path, lfp_variable="two")), 2 * UV, atol=1e-3)


# ---- EDF: channels of several rates --------------------------------------------------------------------------------


def test_edf_channels_of_several_rates_are_not_interpolated(tmp_path):
    """MNE brings every channel to the highest rate; a slow one must come back at its own rate, or not at all."""
    slow = np.round(np.random.default_rng(1).normal(0, 50, 400), 1)
    path = files.edf(tmp_path / "a.edf", UV, slow=slow)
    with pytest.raises(InputError, match=r"several rates \(1000 Hz: A1, A2, A3; 100 Hz: slow\)"):
        opened(path)
    lfp = opened(path, ["slow"])
    assert (lfp.fs_hz, lfp.n_samples) == (100.0, 400)
    np.testing.assert_allclose(lfp.read(0, 0, 400), slow, atol=0.01)
    lfp = opened(path, ["A3", "A1"])
    assert lfp.fs_hz == 1000.0
    np.testing.assert_allclose(everything(lfp), UV[:, [2, 0]], atol=0.02)
    np.testing.assert_allclose(lfp.triggers_s, files.TRIGGERS_S)
    with pytest.raises(InputError, match="name those of one rate"):
        opened(path, ["A1", "slow"])


def test_edf_channels_that_are_no_voltage_are_left_out_unless_named(tmp_path):
    path = files.edf(tmp_path / "a.edf", UV, units=("uV", "mmHg", ""))
    lfp = opened(path)
    assert lfp.channels == ["A1", "A3"]
    np.testing.assert_allclose(lfp.read(1, 0, 4000), UV[:, 2], atol=0.02)  # without a unit: times lfp_scale
    np.testing.assert_allclose(opened(path, ["A2"], lfp_scale=2.0).read(0, 0, 4000), 2 * UV[:, 1], atol=0.04)


# ---- arrays --------------------------------------------------------------------------------------------------------


def test_an_array_that_does_not_tell_samples_from_channels_is_refused_until_it_is_said(tmp_path):
    values = UV[:64, :1] + np.arange(32) * 1000.0
    np.save(tmp_path / "a.npy", values)
    with pytest.raises(InputError, match=r"shape \(64, 32\).*set lfp_time_axis to rows"):
        opened(tmp_path / "a.npy", lfp_fs_hz=100.0)
    rows = opened(tmp_path / "a.npy", lfp_fs_hz=100.0, lfp_time_axis="rows")
    np.testing.assert_allclose(everything(rows), values, rtol=1e-6)
    columns = opened(tmp_path / "a.npy", lfp_fs_hz=100.0, lfp_time_axis="columns")
    np.testing.assert_allclose(everything(columns), values.T, rtol=1e-6)


def test_numpy_files(tmp_path):
    np.save(tmp_path / "a.npy", UV[:, 0])
    np.savez(tmp_path / "a.npz", lfp=UV.astype(np.int32), fs=500.0)
    lfp = opened(tmp_path / "a.npy", lfp_fs_hz=250, lfp_scale=2)
    np.testing.assert_allclose(lfp.read(0, 0, 4000), 2 * UV[:, 0], rtol=1e-6)
    lfp = opened(tmp_path / "a.npz", lfp_variable="lfp", lfp_fs_hz="fs")
    assert lfp.fs_hz == 500.0
    np.testing.assert_array_equal(everything(lfp), UV.astype(np.int32))


def test_band_power_and_a_bold_series_enter_midway(tmp_path):
    power = np.abs(UV[:600, :3])
    path = files.mat5(tmp_path / "p.mat", power=power, bold=UV[:200, :1], voxels=UV[:200].T)
    lfp = opened(path, lfp_stage="power", lfp_variable="power", lfp_fs_hz=10.0)
    np.testing.assert_allclose(everything(lfp), power, rtol=1e-6)
    clean = INPUT | {"bold_stage": "clean", "tr_s": 1.0}
    one = recordings.open_configured_bold(path, clean | {"bold_variable": "bold", "bold_scale": -1.0})
    np.testing.assert_allclose(one.read(0, 200).ravel(), -UV[:200, 0], rtol=1e-6)
    many = recordings.open_configured_bold(path, clean | {"bold_variable": "voxels", "bold_time_axis": "columns"})
    assert (many.n_volumes, many.shape) == (200, (3, 1, 1))
    np.testing.assert_allclose(many.read(5, 9)[:, :, 0, 0], UV[5:9, :], rtol=1e-6)


# ---- trigger lines, companions, imports ----------------------------------------------------------------------------


def test_a_digital_line_rises_at_its_first_high_sample():
    line = np.zeros(10_000)
    line[[1000, 3000, 5000]] = 128  # codes that last one sample
    line[7000:7100] = 128
    np.testing.assert_array_equal(line_onsets(line, 1000.0), [1.0, 3.0, 5.0, 7.0])
    assert line_onsets(np.ones(5), 1000.0).size == 0


def test_a_noisy_analogue_channel_of_an_edf_gives_the_triggers(tmp_path):
    """A slow edge that wavers about the middle is one rise, in its middle."""
    rng = np.random.default_rng(3)
    values = UV.copy()
    values[:, 2] = rng.normal(0, 20, 4000)
    for onset in np.round(files.TRIGGERS_S * files.FS_HZ).astype(int):
        values[onset : onset + 200, 2] += 3300
        values[onset : onset + 3, 2] = [1600, 1700, 2600]
    lfp = opened(files.edf(tmp_path / "a.edf", values), trigger="A3")
    assert lfp.channels == ["A1", "A2"]
    np.testing.assert_allclose(lfp.triggers_s, files.TRIGGERS_S + 0.0005, atol=0.001)
    noise = files.edf(tmp_path / "b.edf", UV)
    with pytest.raises(InputError, match=r"b.edf: channel A3: the trigger line has no two levels"):
        opened(noise, trigger="A3")


def test_a_file_that_belongs_to_another_is_part_of_its_fingerprint(tmp_path):
    found = recordings.fingerprints(files.brainvision(tmp_path / "a.vhdr", UV))
    assert [entry["Path"].rsplit("/", 1)[-1] for entry in found] == ["a.vhdr", "a.eeg", "a.vmrk"]


def test_importing_the_readers_imports_no_library_of_formats():
    """Every job imports them; MNE, neo, pynwb and nibabel are for the functions that need them."""
    heavy = ("mne", "neo", "h5py", "pynwb", "nibabel")
    code = f"import sys, lfpbold.recordings; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
