"""What was lost or wrong without a word: samples, rates, units, files that are no files; each ends in a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import files_of_formats as files
import files_of_rigs as rigs
import h5py
import numpy as np
import pytest
from spoilt_files import INPUT, ROW, VOLUMES

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.pipeline.artefact.driver import clean_lfp
from lfpbold.recordings import check_range, check_samples, open_bold, open_lfp
from lfpbold.study import settings, sheet
from lfpbold.timing.clock import Clock

UV = files.samples()


pytestmark = pytest.mark.usefixtures("quiet_writers")


# ---- lengths -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stated", "wrong"), [(4000, False), (8000, True), (3999, True)])
def test_a_brainvision_header_that_states_its_samples_is_held_to_it(tmp_path, stated, wrong):
    path = files.brainvision(tmp_path / "a.vhdr", UV)
    text = path.read_text(encoding="utf-8").replace("[Common Infos]", f"[Common Infos]\nDataPoints={stated}")
    path.write_text(text, encoding="utf-8")
    if wrong:
        with pytest.raises(InputError, match=rf"states {stated} samples \(DataPoints\), but its file holds 4000"):
            open_lfp(path)
    else:
        assert open_lfp(path, trigger="R128").n_samples == 4000


def test_half_of_the_samples_of_a_brainvision_file_leave_a_note_about_its_markers(tmp_path):
    """The header states no length, but the markers go on."""
    path = files.brainvision(tmp_path / "a.vhdr", UV)
    data = path.with_suffix(".eeg")
    data.write_bytes(data.read_bytes()[: data.stat().st_size // 2])
    lfp = open_lfp(path, trigger="R128")
    assert lfp.n_samples == 2000 and lfp.triggers_s.size == 2
    assert "events lie outside its samples" in lfp.notes[0]


def test_a_record_of_the_older_open_ephys_format_that_was_lost_is_named_by_its_time(tmp_path):
    folder = rigs.open_ephys_old(tmp_path / "o", np.tile(UV, (3, 1)), lost=5)
    with pytest.raises(InputError, match=r"100_CH1\.continuous has a gap 5\.120 s after its start, 1024 samples"):
        open_lfp(folder)
    whole = rigs.open_ephys_old(tmp_path / "p", np.tile(UV, (3, 1)))
    assert open_lfp(whole, trigger="0").n_samples == 11 * 1024
    cut = next(whole.glob("*CH2.continuous"))
    cut.write_bytes(cut.read_bytes()[:-100])
    with pytest.raises(InputError, match=r"100_CH2\.continuous is empty or cut short"):
        open_lfp(whole)
    cut.write_bytes(cut.read_bytes()[: 1024 + 9 * 2070])
    with pytest.raises(InputError, match=r"CH2\.continuous holds samples 5000 to 14216, 100_CH1\.continuous 5000 to"):
        open_lfp(whole)


def test_a_cnt_file_that_was_cut_or_is_of_another_maker_is_told_from_a_whole_one(tmp_path):
    path = rigs.neuroscan(tmp_path / "a.cnt", UV)
    path.write_bytes(path.read_bytes()[:8000])
    with pytest.raises(InputError, match=r"is cut short or damaged \(1000 Hz, events at byte 25125 of 8000\)"):
        open_lfp(path)
    path = rigs.neuroscan(tmp_path / "d.cnt", UV, n_bytes=4)
    data = bytearray(path.read_bytes())
    data[894:898] = (3).to_bytes(4, "little")  # blocks of three bytes a channel
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match=r"d\.cnt: is damaged or cut short"):
        open_lfp(path).read(0, 0, 100)
    (tmp_path / "b.cnt").write_bytes(b"RIFF" + bytes(2000))
    with pytest.raises(InputError, match=r"b\.cnt: is a recording of ANT eego, which the package antio reads"):
        open_lfp(tmp_path / "b.cnt")
    (tmp_path / "c.cnt").write_bytes(b"what is it" + bytes(2000))
    with pytest.raises(InputError, match=r"does not begin as a \.cnt file of Neuroscan or ANT"):
        open_lfp(tmp_path / "c.cnt")


# ---- rates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stated", "guess"),
    [(0.001, "1000 if it is a period"), (0.00004096, "24414.1 if it is a period"), (1.0, "1000 if it is in kHz"),
     (24.414, "24414 if it is in kHz"), (30.0, "30000 if it is in kHz"), (0.5, "500 if it is in kHz")],
)  # fmt: skip
def test_a_rate_that_is_a_period_or_in_kilohertz_is_refused_with_the_guess(tmp_path, stated, guess):
    np.save(tmp_path / "a.npy", np.zeros((3_000_000, 1), np.int16))
    with pytest.raises(InputError, match=rf"lfp_fs_hz is {stated:g} Hz, with which 3000000 samples last.*{guess}"):
        open_lfp(tmp_path / "a.npy", fs_hz=stated)
    np.savez(tmp_path / "a.npz", lfp=np.zeros(4000), dt=stated)
    if stated < 10:  # a few seconds of samples
        with pytest.raises(InputError, match=re.escape(guess)):
            open_lfp(tmp_path / "a.npz", fs_hz="dt", variable="lfp")


@pytest.mark.parametrize(("fs_hz", "n", "stage"), [(10.0, 6000, "power"), (0.5, 600, "power"), (25.0, 30_000, "lfp"),
                                                   (1000.0, 30_000_000, "raw"), (100.0, 4000, "lfp")])  # fmt: skip
def test_a_slow_or_long_recording_that_is_right_is_opened(tmp_path, fs_hz, n, stage):
    np.save(tmp_path / "a.npy", np.zeros((n, 1), np.int8))
    assert open_lfp(tmp_path / "a.npy", fs_hz=fs_hz, stage=stage).fs_hz == fs_hz


def test_a_period_in_the_sheet_is_answered_by_the_rate(tmp_path):
    text = "sub\tses\trun\tstate\tsite\tbold\tlfp\tlfp_fs_hz\n01\t01\t1\tawake\tM1\tb.nii\ta.npy\t0.00005\n"
    (tmp_path / "recordings.tsv").write_text(text, encoding="utf-8")
    known = settings.load([], {"sites": {"M1": {"seed": "all"}}, "atlas": {"labels": "labels.nii.gz"}})
    with pytest.raises(InputError, match=r"lfp_fs_hz is 5e-05, probably a period; give the rate in Hz \(20000\)"):
        sheet.read_sheet(tmp_path / "recordings.tsv", known)


def test_a_rate_that_contradicts_the_file_is_told(tmp_path):
    lfp = open_lfp(files.edf(tmp_path / "a.edf", UV), fs_hz=500.0)
    assert lfp.fs_hz == 1000.0 and lfp.notes == ("lfp_fs_hz (500 Hz) is not used, the file states 1000 Hz",)
    assert open_lfp(tmp_path / "a.edf", fs_hz=1000.0).notes == ()


# ---- units ---------------------------------------------------------------------------------------------------------


def scaled(path, factor):
    """Samples in another unit than the file states."""
    if path.suffix == ".nwb":
        with h5py.File(files.nwb(path, UV), "a") as file:
            file["acquisition/lfp/data"].attrs["conversion"] = factor
    elif path.suffix == ".fif":
        files.fif(path, UV * factor)
    elif path.suffix == ".npy":
        np.save(path, UV * factor)
    else:
        files.mat5(path, lfp=UV * factor)
    return path


@pytest.mark.parametrize("name", ["a.nwb", "a_raw.fif", "a.npy", "a.mat"])
@pytest.mark.parametrize(("factor", "message"), [(1e6, "which no electrode gives"), (1e-6, "are probably volts")])
def test_samples_that_are_not_in_microvolts_are_refused_whatever_the_format(tmp_path, name, factor, message):
    path = scaled(tmp_path / name, factor)
    rate = {"fs_hz": 1000.0} if path.suffix in (".npy", ".mat") else {}
    lfp = open_lfp(path, **rate)
    with pytest.raises(InputError, match=f"channel {lfp.channels[0]} .*{message}"):
        check_samples(lfp.read(0, 0, 4000), lfp.channels[0], "")
    clock = Clock(start_s=0.1, period_s=0.5, tr_s=0.5, n_volumes=7)
    for stage in ("raw", "lfp"):
        with pytest.raises(InputError, match=message):
            clean_lfp(lfp, clock, lfp_stage=stage, multiunit_hz=None)


def spoilt(path: Path, right: bytes, wrong: bytes) -> Path:
    """The same file, whose header states another unit or factor, and of as many bytes."""
    content = path.read_bytes()
    assert right in content
    path.write_bytes(content.replace(right, wrong))
    return path


def folder_of(made: Path, name: str, right: bytes, wrong: bytes) -> Path:
    """The same of every file of a name in a recording that is a folder."""
    for path in made.rglob(name):
        spoilt(path, right, wrong)
    return made


STATED_WRONGLY = {
    "edf": lambda d: spoilt(files.edf(d / "a.edf", UV), b"uV      ", b"V       "),
    "brainvision": lambda d: spoilt(files.brainvision(d / "a.vhdr", UV), "µV".encode(), b"V"),
    "eeglab": lambda d: files.eeglab(d / "a.set", 1e6 * UV),
    "neuralynx": lambda d: folder_of(
        rigs.neuralynx(d / "n", UV), "*.ncs", b"ADBitVolts 0.0000001", b"ADBitVolts 0.1      "
    ),
    "open ephys": lambda d: folder_of(
        rigs.open_ephys(d / "o", UV), "*.oebin", b'"bit_volts": 0.1', b'"bit_volts": 1e5'
    ),
    "open ephys, old": lambda d: folder_of(
        rigs.open_ephys_old(d / "p", UV), "*.continuous", b"header.bitVolts = 0.195;", b"header.bitVolts = 2.0e5;"
    ),
    "tdt": lambda d: rigs.tdt_tev(d / "tank" / "block", {"LFP1": UV}),
}  # fmt: skip


@pytest.mark.parametrize("name", STATED_WRONGLY)
def test_a_factor_to_volts_that_is_wrong_is_refused_by_every_reader(tmp_path, name):
    """Stored microvolts that the header calls volts: 100 µV become 100 V."""
    with pytest.raises(InputError, match=r"V, which no electrode gives|volts|impossible"):
        lfp = open_lfp(STATED_WRONGLY[name](tmp_path))
        check_samples(lfp.read(0, 0, 3000), lfp.channels[0], "")


def test_power_may_have_any_size():
    for largest in (1e-9, 1e12):
        check_range(0.0, largest, "delta", stage="power")
        with pytest.raises(InputError):
            check_range(0.0, largest, "delta")
    for largest in (0.5, 5e6):  # µV: a quiet channel, and one with an offset at the amplifier's rails
        check_range(-largest, largest, "A1")


def test_what_the_reader_notes_stands_in_the_sidecar_of_the_cleaned_lfp(tmp_path):
    uv = UV.copy()
    path = files.edf(tmp_path / "a.edf", uv, units=("uV", "mmHg", "uV"))
    clock = Clock(start_s=0.1, period_s=0.5, tr_s=0.5, n_volumes=7)
    clean = clean_lfp(open_lfp(path), clock, lfp_stage="lfp", multiunit_hz=None)
    assert clean.info["Warnings"][0].startswith("channels that are no LFP were not used: A2 (in mmHg)")


# ---- files that are no files ---------------------------------------------------------------------------------------

LFS = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
ANNEX = "/annex/objects/MD5E-s12345--d41d8cd98f00b204e9800998ecf8427e.nwb\n"


@pytest.mark.parametrize(("text", "way_out"), [(LFS, "git lfs pull"), (ANNEX, "datalad get")])
@pytest.mark.parametrize("name", ["a.nwb", "a.edf", "a_raw.fif", "a.mat", "a.npy", "a.set", "a.ns5", "a.vhdr", "a.cnt"])
def test_a_pointer_in_place_of_a_recording_says_how_to_fetch_it(tmp_path, text, way_out, name):
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=rf"{name} is a pointer of git-.*{way_out}"):
        recordings.open_configured_lfp(tmp_path / name, INPUT, (), ROW)


@pytest.mark.parametrize("text", [LFS, ANNEX])
def test_a_pointer_in_place_of_a_part_or_of_an_image_says_so_too(tmp_path, text):
    path = files.brainvision(tmp_path / "a.vhdr", UV)
    path.with_suffix(".eeg").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.eeg is a pointer of git-"):
        open_lfp(path)
    folder = rigs.open_ephys(tmp_path / "o", UV)
    next(folder.rglob("continuous.dat")).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"continuous\.dat is a pointer of git-"):
        open_lfp(folder)
    (tmp_path / "b.nii.gz").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"b\.nii\.gz is a pointer of git-"):
        open_bold(tmp_path / "b.nii.gz")


@pytest.mark.parametrize(
    ("target", "way_out"),
    [(".git/annex/objects/Xx/MD5E-s1--d4/MD5E-s1--d4.nwb", "datalad get"), ("/disk/gone.nwb", "correct the link")],
)
def test_a_link_that_leads_nowhere_says_how_to_fetch_what_it_meant(tmp_path, target, way_out):
    for name, opened in (("a.nwb", open_lfp), ("b.nii.gz", open_bold)):
        (tmp_path / name).symlink_to(target)
        with pytest.raises(InputError, match=rf"{name} is a link to a file that is not here; .*{way_out}"):
            opened(tmp_path / name)
    path = files.brainvision(tmp_path / "c.vhdr", UV)
    path.with_suffix(".eeg").unlink()
    path.with_suffix(".eeg").symlink_to(target)
    with pytest.raises(InputError, match=rf"c\.eeg is a link to a file that is not here; .*{way_out}"):
        open_lfp(path)


def test_backslashes_of_windows_are_answered_by_slashes(tmp_path):
    for opened in (open_lfp, open_bold):
        with pytest.raises(InputError, match=r"write / in place of \\ in paths"):
            opened(tmp_path / r"sub-01\ses-01\a.nwb")
    rows = [{"where": "row 1", "bold": str(tmp_path / r"x\b.nii"), "lfp": "a", "events": "", "exclude": ""}]
    with pytest.raises(InputError, match=r"row 1: there is no file .*write / in place"):
        sheet.without_missing(rows, "stop")


# ---- arrays that lie the other way round, and NWB without LFP --------------------------------------------------------


def test_channels_by_samples_in_nwb_is_called_that(tmp_path):
    path = files.nwb(tmp_path / "a.nwb", UV)
    for stamps in (False, True):
        with h5py.File(path, "a") as file:
            series = file["acquisition/lfp"]
            attributes = dict(series["data"].attrs)
            if series["data"].shape[0] > 3:
                values = series["data"][()].T
                del series["data"]
                series.create_dataset("data", data=values).attrs.update(attributes)
            if stamps:
                del series["starting_time"]
                series["timestamps"] = np.arange(4000) / 1000
        with pytest.raises(InputError, match=r"has shape \(3, 4000\), which is channels × samples"):
            open_lfp(path)


def test_an_array_that_is_said_to_lie_the_wrong_way_round_is_called_that(tmp_path):
    np.save(tmp_path / "a.npy", UV)
    with pytest.raises(InputError, match=r"holds 3 samples of 4000 channels.*set lfp_time_axis"):
        open_lfp(tmp_path / "a.npy", fs_hz=1000.0, time_axis="columns")


def test_axes_of_length_one_are_no_samples(tmp_path):
    np.save(tmp_path / "a.npy", UV.reshape(4000, 1, 3))
    lfp = open_lfp(tmp_path / "a.npy", fs_hz=1000.0)
    assert lfp.n_samples == 4000
    np.testing.assert_allclose(lfp.read(2, 0, 50), UV[:50, 2], atol=1e-3)


def test_nwb_without_an_electrical_series_says_what_it_holds(tmp_path):
    path = files.nwb(tmp_path / "a.nwb", UV)
    with h5py.File(path, "a") as file:
        file["acquisition/lfp"].attrs["neurodata_type"] = "TimeSeries"
    with pytest.raises(InputError, match=r"no ElectricalSeries; it has `acquisition/lfp`.*set lfp_variable to the one"):
        open_lfp(path)
    assert open_lfp(path, variable="lfp").n_samples == 4000
    with h5py.File(path, "a") as file:
        del file["acquisition/lfp"], file["acquisition/scanner_trigger"]
    with pytest.raises(InputError, match="no ElectricalSeries; nor any other series"):
        open_lfp(path)


def test_a_whole_recording_beside_a_pointer_of_another_is_opened(tmp_path):
    """Data managers fetch one file at a time."""
    path = files.edf(tmp_path / "a.edf", UV)
    (tmp_path / "b.edf").write_text(LFS, encoding="utf-8")
    (tmp_path / "a.json").symlink_to(".git/annex/objects/x")
    assert open_lfp(path).n_samples == 4000
    assert open_bold(files.nifti(tmp_path / "b.nii", VOLUMES)).n_volumes == 20
