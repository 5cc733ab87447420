"""Wrong and truncated files of every format end in one sentence that names the row, the file and the way out."""

from __future__ import annotations

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest
from spoilt_files import INPUT, ROW, UV, VOLUMES, beheaded, cut, empty, is_a_sentence, read_all, saved, text, zipped

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.pipeline import preflight
from lfpbold.study import settings
from lfpbold.timing.locate import locate_scan

pytestmark = pytest.mark.usefixtures("quiet_writers")


# How each format is written: file or folder, and the settings that open it.
LFP = {
    "nwb": (lambda d: files.nwb(d / "a.nwb", UV), {}),
    "fif": (lambda d: files.fif(d / "a_raw.fif", UV), {}),
    "edf": (lambda d: files.edf(d / "a.edf", UV), {}),
    "bdf": (lambda d: files.edf(d / "a.bdf", UV), {}),
    "brainvision": (lambda d: files.brainvision(d / "a.vhdr", UV), {}),
    "eeglab": (lambda d: files.eeglab(d / "a.set", UV), {}),
    "mat5": (lambda d: files.mat5(d / "a.mat", lfp=UV), {"lfp_fs_hz": 1000.0}),
    "mat73": (lambda d: files.mat73(d / "a.mat", lfp=UV), {"lfp_fs_hz": 1000.0}),
    "npy": (lambda d: saved(np.save, d / "a.npy", UV), {"lfp_fs_hz": 1000.0}),
    "npz": (lambda d: saved(np.savez, d / "a.npz", UV), {"lfp_fs_hz": 1000.0}),
    "tev": (lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), {}),
    "sev": (lambda d: rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6), {}),
    "blackrock": (lambda d: rigs.blackrock(d / "a.ns2", UV), {}),
    "neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), {}),
    "openephys": (lambda d: rigs.open_ephys(d / "o", UV), {}),
}
# The file of a recording that holds what is spoilt, where the recording is several files.
PART = {
    "brainvision": "a.eeg",
    "tev": "*.tev",
    "sev": "*_Ch2.sev",
    "neuralynx": "A2.ncs",
    "openephys": "continuous.dat",
}


def part(path, kind):
    if path.is_dir():
        return sorted(path.rglob(PART[kind]))[0]
    return path.with_name(PART[kind]) if kind in PART else path


@pytest.mark.parametrize("kind", LFP)
def test_the_files_themselves_are_fine(tmp_path, kind):
    write, changes = LFP[kind]
    assert read_all(write(tmp_path), **changes).n_samples >= 3968


# Raw samples without any mark of their own: of these files only the size can be wrong.
BARE = {"brainvision", "tev", "openephys"}
SPOILT = [(k, s) for k in LFP for s in (empty, cut, beheaded, text, zipped) if not (k in BARE and s is beheaded)]


@pytest.mark.parametrize(("kind", "spoil"), SPOILT, ids=[f"{k}-{s.__name__}" for k, s in SPOILT])
def test_a_spoilt_file_ends_in_a_sentence(tmp_path, kind, spoil):
    write, changes = LFP[kind]
    path = write(tmp_path)
    file = part(path, kind)
    size = file.stat().st_size
    spoil(file)
    if kind in BARE and spoil in (text, zipped):
        file.write_bytes(file.read_bytes()[: size // 3])
    with pytest.raises(InputError) as error:
        read_all(path, **changes)
    is_a_sentence(error, path)


@pytest.mark.parametrize(("channels", "culprit"), [(["left paw"], "it has A1, A2, A3"), (["0", "A1"], "named twice")])
def test_channels_as_asked_or_not_at_all(tmp_path, channels, culprit):
    path = files.edf(tmp_path / "a.edf", UV)
    with pytest.raises(InputError) as error:
        read_all(path, channels)
    assert culprit in is_a_sentence(error, path)


def test_a_library_that_is_not_installed_is_named(tmp_path, monkeypatch):
    import sys

    path = rigs.blackrock(tmp_path / "a.ns2", UV)
    monkeypatch.setitem(sys.modules, "neo", None)
    with pytest.raises(InputError, match="the package neo, which is not installed; install it") as error:
        read_all(path)
    is_a_sentence(error, path)


def test_a_recording_shorter_than_the_scan_is_refused(tmp_path):
    lfp = read_all(files.edf(tmp_path / "a.edf", UV))
    bold = recordings.open_configured_bold(files.nifti(tmp_path / "b.nii", VOLUMES), INPUT, ROW)
    with pytest.raises(InputError, match=r"20 volumes of 1 s from 0.500 s need 20.500 s of LFP, but there are 4.000 s"):
        locate_scan(lfp, bold, start_s=0.5)


def test_check_names_every_wrong_file_at_once(tmp_path):
    """Through the door that a user takes: the sheet."""
    from lfpbold.study import sheet

    files.nifti(tmp_path / "b.nii", VOLUMES, tr=0.0)
    files.edf(tmp_path / "a.edf", UV)
    cut(tmp_path / "a.edf")
    head = "sub\tses\trun\tstate\tsite\tbold\tlfp\tscan_start_s\n"
    (tmp_path / "recordings.tsv").write_text(head + "01\t01\t1\tawake\tM1\tb.nii\ta.edf\t0\n", encoding="utf-8")
    base = settings.load([], {"sites": {"M1": {"seed": "all"}}, "atlas": {"labels": None},
                              "bold": {"white_matter": False, "ventricles": False}})  # fmt: skip
    problems = preflight.check(base, sheet.read_sheet(tmp_path / "recordings.tsv", base)).problems
    assert [p.split(": ", 3)[2] for p in problems] == ["b.nii", "a.edf"]
