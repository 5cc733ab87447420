"""Recordings and images that were made to do harm: one sentence, in bounded time and memory."""

from __future__ import annotations

import gzip
import json
import os
import struct
import zipfile
import zlib

import files_of_formats as files
import files_of_rigs as rigs
import h5py
import numpy as np
import pytest
from hostile import bounded, refused_for_memory
from spoilt_files import INPUT, ROW, UV, VOLUMES, is_a_sentence, patched, read_all

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.pipeline import atlas
from lfpbold.recordings import bids

MILLION = 10**6


pytestmark = pytest.mark.usefixtures("quiet_writers")


def read_bold(path, **changes):
    bold = recordings.open_configured_bold(path, INPUT | changes, ROW)
    return bold.read(0, bold.n_volumes)


class Code:
    """Runs when it is unpickled."""

    def __reduce__(self):
        return os.system, ("touch pwned",)


# ---- bombs: few bytes that say or unpack to very many --------------------------------------------------------------


def npz_bomb(d):
    header = {"descr": "<f8", "fortran_order": False, "shape": (400 * MILLION, 1)}
    with zipfile.ZipFile(d / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("lfp.npy", "w") as stream:
        np.lib.format.write_array_header_2_0(stream, header)
        stream.write(bytes(64 * MILLION))
    return d / "a.npz"


def npy_that_lies(d):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**15, 1)}
    with (d / "a.npy").open("wb") as stream:
        np.lib.format.write_array_header_2_0(stream, header)
        stream.write(bytes(1000))
    return d / "a.npy"


def mat5_that_lies(d, packed=False):
    begin = b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49)
    inner = struct.pack("<IIII", 6, 8, 6, 0) + struct.pack("<IIii", 5, 8, 400 * MILLION, 1)
    inner += struct.pack("<HH4s", 1, 3, b"lfp\0") + struct.pack("<II", 9, 3200 * MILLION)
    element = struct.pack("<II", 14, len(inner) + 3200 * MILLION) + inner + bytes(32 * MILLION if packed else 1000)
    if packed:
        element = zlib.compress(element)
        element = struct.pack("<II", 15, len(element)) + element
    (d / "a.mat").write_bytes(begin + element)
    return d / "a.mat"


def mat5_bomb(d):
    return mat5_that_lies(d, packed=True)


def mat4_that_lies(d):
    (d / "a.mat").write_bytes(struct.pack("<iiiii", 0, 2**30, 2**10, 0, 4) + b"lfp\0" + bytes(1000))
    return d / "a.mat"


def mat73(change):
    def write(d):
        with h5py.File(d / "a.mat", "w", userblock_size=512) as file:
            change(file, d)
        files._as_matlab(d / "a.mat")
        return d / "a.mat"

    write.__name__ = change.__name__
    return write


def nwb(change):
    def write(d):
        path = files.nwb(d / "a.nwb", UV)
        with h5py.File(path, "r+") as file:
            change(file, d)
        return path

    write.__name__ = change.__name__
    return write


def replaced(group, name, shape):
    if name in group:
        del group[name]
    group.create_dataset(name, shape, "f8", chunks=tuple(min(n, 10_000) for n in shape))


@mat73
def mat73_of_nothing(file, d):
    file.create_dataset("lfp", (3, 10**11), "f8", chunks=(1, 10**5))


@nwb
def nwb_of_nothing(file, d):
    replaced(file["acquisition/lfp"], "data", (10**12, 3))


@nwb
def nwb_without_end(file, d):
    del file["acquisition/lfp/starting_time"]
    replaced(file["acquisition/lfp"], "data", (10**11, 3))
    replaced(file["acquisition/lfp"], "timestamps", (10**11,))


@nwb
def nwb_of_many_triggers(file, d):
    replaced(file["acquisition/scanner_trigger"], "timestamps", (10**11,))


@nwb
def nwb_of_many_electrodes(file, d):
    replaced(file["acquisition/lfp"], "electrodes", (10**10,))


@nwb
def nwb_of_many_gains(file, d):
    replaced(file["acquisition/lfp"], "channel_conversion", (10**10,))


@nwb
def nwb_of_no_rate(file, d):
    file["acquisition/lfp/starting_time"].attrs["rate"] = 1e300


def header_of_vhdr(**values):
    def write(d):
        path = files.brainvision(d / "a.vhdr", UV)
        lines = path.read_text(encoding="utf-8").splitlines()
        lines = [f"{key}={values[key]}" if (key := line.partition("=")[0]) in values else line for line in lines]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def blackrock_that_lies(d):
    return patched(rigs.blackrock(d / "a.ns2", UV), 314 + 66 * 3 + 5, b"\xff\xff\xff\xff")


def edf_with(at, text):
    return lambda d: patched(files.edf(d / "a.edf", UV), at, text)


def tdt_with(field, value):
    def write(d):
        block = rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6})
        path = next(block.glob("*.tsq"))
        index = np.fromfile(path, rigs.TSQ)
        index[field][index["f2"] == b"LFP1"] = value
        index.tofile(path)
        return block

    return write


def listing_with(**changes):
    def write(d):
        folder = rigs.open_ephys(d / "o", UV)
        path = next(folder.rglob("structure.oebin"))
        content = json.loads(path.read_text(encoding="utf-8"))
        content["continuous"][0].update(changes)
        path.write_text(json.dumps(content), encoding="utf-8")
        return folder

    return write


def pickles_of_open_ephys(d):
    folder = rigs.open_ephys(d / "o", UV)
    for path in folder.rglob("*.npy"):
        np.save(path, np.array([Code()], dtype=object), allow_pickle=True)
    return folder


def listing_too_deep(d):
    folder = rigs.open_ephys(d / "o", UV)
    next(folder.rglob("structure.oebin")).write_text("[" * 10**6, encoding="utf-8")
    return folder


def pickled_npy(d):
    np.save(d / "a.npy", np.array([Code()], dtype=object), allow_pickle=True)
    return d / "a.npy"


def pickle_for_mat(d):
    import pickle

    (d / "a.mat").write_bytes(pickle.dumps(Code()))
    return d / "a.mat"


# ---- files that point to other files -------------------------------------------------------------------------------


def other(d):
    with h5py.File(d / "other.h5", "w") as file:
        file["secret"] = UV.T
    return d / "other.h5"


@mat73
def mat73_linked(file, d):
    file["lfp"] = h5py.ExternalLink(other(d), "/secret")


@mat73
def mat73_linked_twice(file, d):
    file["#refs#"] = h5py.ExternalLink(other(d), "/")
    file["lfp"] = h5py.SoftLink("/#refs#/secret")


@mat73
def mat73_stored_elsewhere(file, d):
    UV.T.tofile(d / "secret.bin")
    file.create_dataset("lfp", UV.T.shape, "f8", external=[(str(d / "secret.bin"), 0, UV.nbytes)])


@mat73
def mat73_virtual(file, d):
    layout = h5py.VirtualLayout(UV.T.shape, "f8")
    layout[:] = h5py.VirtualSource(str(other(d)), "secret", UV.T.shape)
    file.create_virtual_dataset("lfp", layout)


@nwb
def nwb_linked(file, d):
    del file["acquisition/lfp/data"]
    file["acquisition/lfp/data"] = h5py.ExternalLink(other(d), "/secret")


def set_that_points(d):
    from scipy import io

    UV.T.astype("f4").ravel("F").tofile(d / "secret.fdt")
    (d / "study").mkdir()
    path = files.eeglab(d / "study" / "a.set", UV)
    content = io.loadmat(path, struct_as_record=True)
    content = {key: value for key, value in content.items() if not key.startswith("__")}
    of = content["EEG"][0, 0] if "EEG" in content else content
    of["data"] = np.array(["../secret.fdt"])
    io.savemat(path, content)
    return path


def set73_linked(d):
    path = files.eeglab73(d / "a.set", UV)
    with h5py.File(path, "r+") as file:
        del file["EEG/data"]
        file["EEG/data"] = h5py.ExternalLink(other(d), "/secret")
    return path


RATE = {"lfp_fs_hz": 1000.0, "lfp_scale": 1.0}
LFP = {
    "npz bomb": (npz_bomb, "says that it holds 3.2 GB"),
    "npy that lies": (npy_that_lies, "mmap length is greater"),
    "mat5 that lies": (mat5_that_lies, "its parts do not fit together"),
    "mat5 bomb": (mat5_bomb, "says that it holds 3.2 GB"),
    "mat4 that lies": (mat4_that_lies, "its parts do not fit together"),
    "mat73 of nothing": (mat73_of_nothing, "GB of numbers"),
    "nwb of nothing": (nwb_of_nothing, "GB of numbers"),
    "nwb without end": (nwb_without_end, "GB of numbers"),
    "nwb of many triggers": (nwb_of_many_triggers, "GB of numbers"),
    "nwb of many electrodes": (nwb_of_many_electrodes, "GB of numbers"),
    "nwb of many gains": (nwb_of_many_gains, "GB of numbers"),
    "nwb of no rate": (nwb_of_no_rate, "the sampling rate is 1e+300 Hz"),
    "vhdr of many channels": (header_of_vhdr(NumberOfChannels="99999999999"), "its NumberOfChannels is"),
    "vhdr of no interval": (header_of_vhdr(SamplingInterval="0"), "its SamplingInterval is"),
    "vhdr of other samples": (header_of_vhdr(DataFile="../a.eeg"), "its DataFile is `../a.eeg`"),
    "vhdr of the system's": (header_of_vhdr(DataFile="/etc/passwd"), "its DataFile is `/etc/passwd`"),
    "vhdr of a device": (header_of_vhdr(MarkerFile="/dev/zero"), "its MarkerFile is `/dev/zero`"),
    "blackrock that lies": (blackrock_that_lies, "states 4294967295 samples of 3 channels"),
    "edf without length": (edf_with(244, b"inf     "), "records of inf s"),
    "edf of no number": (edf_with(244, b"nan     "), "records of nan s"),
    "edf that runs back": (edf_with(244, b"-1      "), "records of -1 s"),
    "edf of a moment": (edf_with(244, b"1e-300  "), "the sampling rate is"),
    "edf of many channels": (edf_with(252, b"9999"), "text in place of numbers"),
    "tdt of large packets": (tdt_with("f0", 2**31 - 1), "its index reaches to"),
    "tdt beyond counting": (tdt_with("f6", 2**63 - 1), "its index reaches to"),
    "tdt before the file": (tdt_with("f6", -1), "its index reaches to"),
    "open ephys elsewhere": (listing_with(folder_name="../../../../etc/"), "names a folder elsewhere"),
    "open ephys of the system's": (listing_with(folder_name="/etc/"), "names a folder elsewhere"),
    "open ephys of many channels": (listing_with(num_channels=10**12), "is cut short"),
    "open ephys too deep": (listing_too_deep, "lists no streams"),
    "open ephys of pickles": (pickles_of_open_ephys, "Python objects"),
    "npy of a pickle": (pickled_npy, "pickled"),
    "pickle for a mat": (pickle_for_mat, ".mat"),
    "mat73 linked": (mat73_linked, "its `lfp` lies in another file (other.h5)"),
    "mat73 linked twice": (mat73_linked_twice, "lies in another file (other.h5)"),
    "mat73 stored elsewhere": (mat73_stored_elsewhere, "lies in another file (secret.bin)"),
    "mat73 virtual": (mat73_virtual, "lies in another file (other.h5)"),
    "nwb linked": (nwb_linked, "its `data` lies in another file (other.h5)"),
    "set that points": (set_that_points, "names samples in another folder (secret.fdt)"),
    "set73 linked": (set73_linked, "its `data` lies in another file (other.h5)"),
}


@pytest.mark.parametrize("case", LFP)
def test_hostile_lfp_ends_in_a_sentence(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    write, culprit = LFP[case]
    path = write(tmp_path)
    with bounded(), pytest.raises(InputError) as error:
        read_all(path, **(RATE if path.suffix in (".mat", ".npy", ".npz") else {}))
    assert culprit in is_a_sentence(error, path)
    assert not refused_for_memory(error)
    assert not (tmp_path / "pwned").exists()


# ---- pipes: reading one waits for ever -----------------------------------------------------------------------------

PIPES = {
    "samples of BrainVision": (lambda d: files.brainvision(d / "a.vhdr", UV), "a.eeg"),
    "markers of BrainVision": (lambda d: files.brainvision(d / "a.vhdr", UV), "a.vmrk"),
    "samples of TDT": (lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), "T/B/T_B.tev"),
    "log of TDT": (lambda d: rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6), "T/B/LFP1_log.txt"),
    "channel of Neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), "n/A2.ncs"),
    "events of Neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), "n/Events.nev"),
    "listing of Open Ephys": (lambda d: rigs.open_ephys(d / "o", UV),
                              "o/Record Node 101/experiment1/recording1/structure.oebin"),
}  # fmt: skip


@pytest.mark.parametrize("case", PIPES)
def test_a_pipe_in_a_recording_is_named_and_not_waited_for(tmp_path, case):
    write, name = PIPES[case]
    path, pipe = write(tmp_path), tmp_path / name
    pipe.unlink(missing_ok=True)
    os.mkfifo(pipe)
    with bounded(), pytest.raises(InputError) as error:
        read_all(path)
    assert f"{pipe.name} is a pipe" in is_a_sentence(error, path)


# ---- images --------------------------------------------------------------------------------------------------------


def image(*patches, name="b.nii", data=VOLUMES):
    def write(d):
        path = files.nifti(d / "plain.nii", data)
        for at, form, *values in patches:
            patched(path, at, struct.pack(form, *values))
        content = path.read_bytes()
        path.unlink()
        (d / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        return d / name

    return write


def gzip_bomb(d):
    path = image((42, "<4h", 1000, 1000, 100, 8))(d)
    head = path.read_bytes()[:352]
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    (d / "b.nii.gz").write_bytes(packer.compress(head + bytes(100 * MILLION)) + packer.flush())
    return d / "b.nii.gz"


def gzip_bomb_at_the_end(d):
    path = image()(d)
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    packed = packer.compress(path.read_bytes()) + b"".join(packer.compress(bytes(MILLION)) for _ in range(60))
    (d / "b.nii.gz").write_bytes(packed + packer.flush())
    return d / "b.nii.gz"


def gzip_that_lies(d):
    """Its last four bytes, the size modulo 2³², agree with the header: 16 GiB more than there is."""
    path = image((42, "<4h", 4096, 4096, 64, 4), name="b.nii.gz")(d)
    return patched(path, path.stat().st_size - 4, struct.pack("<I", 352))


def sidecar(text):
    def write(d):
        path = files.nifti(d / "sub-01_task-rest_bold.nii", VOLUMES)
        path.with_suffix(".json").write_text(text, encoding="utf-8")
        return path

    return write


def pipe_for_image(d):
    import nibabel

    nibabel.save(nibabel.Nifti1Pair(VOLUMES, np.diag([0.5, 0.5, 1, 1])), d / "b.hdr")
    (d / "b.img").unlink()
    os.mkfifo(d / "b.img")
    return d / "b.hdr"


BOLD = {
    "axes beyond memory": (image((42, "<4h", 32767, 32767, 32767, 32767)), "the header says 32767 volumes"),
    "the same, packed": (image((42, "<4h", *[32767] * 4), name="b.nii.gz"), "GB of numbers"),
    "gzip bomb": (gzip_bomb, "GB of numbers"),
    "gzip bomb at the end": (gzip_bomb_at_the_end, "the header says 20 volumes, but the file holds"),
    "gzip that lies": (gzip_that_lies, "GB of numbers"),
    "no axis": (image((42, "<4h", 0, 5, 4, 20)), "has shape (0, 5, 4, 20)"),
    "axis backwards": (image((42, "<4h", -6, 5, 4, 20)), "has shape|the header says"),
    "two axes backwards": (image((42, "<4h", -6, -5, 4, 20)), "has shape|damaged"),
    "samples outside": (image((108, "<f", 1e9)), "but the file holds 0"),
    "samples nowhere": (image((108, "<f", np.nan)), "cannot be read as BOLD"),
    "affine of no number": (image((280, "<12f", *[np.nan] * 12)), "voxels of no size"),
    "scaled out of sight": (image((112, "<2f", 1e38, 0)), "scales the numbers by 1e+38"),
    "sidecar too deep": (sidecar("[" * 10**6), "brackets in brackets too deep"),
    "sidecar of no number": (sidecar('{"RepetitionTime": NaN}'), "the TR is nan"),
    "sidecar of many digits": (sidecar('{"RepetitionTime": 1' + "0" * 400 + "}"), "the TR is inf"),
    "sidecar of more digits": (sidecar('{"RepetitionTime": 1' + "0" * 5000 + "}"), "a number too long"),
    "sidecar of a million slices": (sidecar('{"SliceTiming": [' + "0," * 10**6 + "0]}"), "1000001 entries"),
    "sidecar of a terminal": (sidecar('{"SliceEncodingDirection": "\\u001b[31m"}'), "give i, j or k"),
    "pipe for an image": (pipe_for_image, "is a pipe"),
}


@pytest.mark.parametrize("case", BOLD)
def test_hostile_bold_ends_in_a_sentence(tmp_path, case):
    write, culprits = BOLD[case]
    path = write(tmp_path)
    with bounded(), pytest.raises(InputError) as error:
        read_bold(path)
    said = is_a_sentence(error, path)
    assert any(culprit in said for culprit in culprits.split("|")), said
    assert not refused_for_memory(error)


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/dev/zero")])
def test_an_inherited_sidecar_that_is_no_file_is_not_waited_for(tmp_path, make):
    path = files.nifti(tmp_path / "sub-01_task-rest_bold.nii", VOLUMES)
    make(tmp_path / "task-rest_bold.json")
    with bounded(), pytest.raises(InputError, match="not a JSON file"):
        bids.inherited_metadata(path)


ATLAS = {
    "axes beyond memory": (image((40, "<5h", 3, 32767, 32767, 32767, 1)), "GB of numbers"),
    "affine of no number": (image((40, "<5h", 3, 6, 5, 4, 1), (280, "<12f", *[np.nan] * 12)), "has no affine"),
    "colours": (image((40, "<5h", 3, 6, 5, 4, 1), (70, "<2h", 128, 24)), "give an image of real numbers"),
}


@pytest.mark.parametrize("case", ATLAS)
def test_hostile_atlases_end_in_a_sentence(tmp_path, case):
    write, culprit = ATLAS[case]
    path = write(tmp_path)
    with bounded(), pytest.raises(InputError, match=culprit) as error:
        atlas.open_image(path, "atlas.brain")
    assert not refused_for_memory(error)


def test_a_silent_but_honest_file_is_read(tmp_path):
    """Bounds of packing leave what is small alone, and numbers that vary: nobody's zeros are refused."""
    np.savez_compressed(tmp_path / "a.npz", lfp=np.zeros((2 * MILLION, 1)))
    assert recordings.open_configured_lfp(tmp_path / "a.npz", INPUT | RATE, (), ROW).n_samples == 2 * MILLION
