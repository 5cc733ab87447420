"""Opens a recording of every format, and prints which files that opened and which are listed as its own.

A program of its own, because a hook for the opening of files cannot be taken back.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from pathlib import Path

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
from test_recordings_formats import FORMATS, INPUT, UV

from lfpbold import recordings
from lfpbold.pipeline import atlas
from lfpbold.recordings.companions import files_of

BIDS = "sub-01_ses-01_task-rest_acq-M1_run-1"
OPENED: set[str] = set()


def watch(event: str, arguments: tuple) -> None:
    if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
        OPENED.add(os.path.realpath(os.fsdecode(arguments[0])))


def watch_hdf5() -> None:
    """HDF5 opens files without Python."""
    import h5py

    begin = h5py.File.__init__

    def watched(self, name, *rest, **named):
        if isinstance(name, str | bytes | os.PathLike):
            OPENED.add(os.path.realpath(os.fsdecode(name)))
        begin(self, name, *rest, **named)

    h5py.File.__init__ = watched


def split_fif(folder: Path) -> Path:
    raw = files._raw(np.tile(UV, (150, 1)))
    raw.save(folder / "a_raw.fif", split_size="2MB", fmt="single", verbose="error")
    return folder / "a_raw.fif"


def split_and_renamed_fif(folder: Path) -> Path:
    """Its parts keep the names by which they name each other."""
    split_fif(folder)
    return (folder / "a_raw.fif").rename(folder / "rat_raw.fif")


def eeglab_apart(folder: Path, fdt: str = "a.fdt") -> Path:
    """Samples in a file of their own, whose name the .set file holds."""
    from scipy import io

    UV.astype("<f4").tofile(folder / fdt)
    channels = np.array([(name,) for name in files.NAMES], dtype=[("labels", "O")])
    about = {"data": fdt, "nbchan": 3, "pnts": len(UV), "trials": 1, "srate": files.FS_HZ, "xmin": 0.0}
    about |= {"xmax": (len(UV) - 1) / files.FS_HZ, "chanlocs": channels, "event": np.zeros((0, 0)), "setname": "noise"}
    io.savemat(folder / "a.set", {"EEG": about | {"epoch": [], "ref": "common"}}, do_compression=True)
    return folder / "a.set"


def renamed_brainvision(folder: Path) -> Path:
    """Its header still names the files by their first name."""
    files.brainvision(folder / "first.vhdr", UV)
    return (folder / "first.vhdr").rename(folder / "a.vhdr")


def blackrock_of_two_rates(folder: Path) -> Path:
    rigs.blackrock(folder / "a.ns2", UV)
    shutil.copy(folder / "a.ns2", folder / "a.ns5")
    return folder / "a.ns2"


def one_channel(folder: Path) -> Path:
    return rigs.neuralynx(folder / "n", UV) / "A1.ncs"


def sev_with_log(folder: Path) -> Path:
    block = rigs.tdt_sev(folder / "T" / "B", "LFP1", UV * 1e-6)
    (block / "T_B_LFP1_log.txt").write_text("recording started\n")
    return block


def listing(folder: Path) -> Path:
    return next(rigs.open_ephys(folder / "o", UV).rglob("structure.oebin"))


def persyst(folder: Path) -> Path:
    """The layout names the file of the samples."""
    np.round(UV * 10).astype("<i2").tofile(folder / "samples.dat")
    about = (f"File=samples.dat\nFileType=Interleaved\nSamplingRate={files.FS_HZ:g}\nHeaderLength=0\n"
             "Calibration=0.1\nWaveformCount=3\nDataType=0\n")  # fmt: skip
    channels = "".join(f"{name}-Ref={number}\n" for number, name in enumerate(files.NAMES, 1))
    patient = "First=\nLast=\nMI=\nID=\nBirthDate=1/1/1990\nSex=M\nHand=R\nTestDate=1/1/2020\nTestTime=12:00:00\n"
    text = f"[FileInfo]\n{about}[ChannelMap]\n{channels}[Sheets]\n[Comments]\n[Patient]\n{patient}[SampleTimes]\n0=0\n"
    (folder / "a.lay").write_text(text)
    return folder / "a.lay"


def in_dataset(folder: Path) -> Path:
    """BIDS names; what is inherited stands in every folder above."""
    (folder / "dataset_description.json").write_text("{}")
    session = folder / "sub-01" / "ses-01"
    (session / "ieeg").mkdir(parents=True)
    for place, name in ((folder, "ieeg"), (folder / "sub-01", "sub-01_ieeg"), (session, "task-rest_ieeg")):
        (place / f"{name}.json").write_text("{}")
    (session / "ieeg" / f"{BIDS}_ieeg.json").write_text("{}")
    (folder / "sub-01" / "sub-01_channels.tsv").write_text("name\ttype\tstatus\n")
    return files.edf(session / "ieeg" / f"{BIDS}_ieeg.edf", UV)


LFP = {
    **{name: (write, changes) for name, (write, _, _, changes) in FORMATS.items()},
    "fif, split": (split_fif, {}),
    "fif, split and renamed": (split_and_renamed_fif, {}),
    "eeglab, samples apart": (eeglab_apart, {}),
    "eeglab, samples of another name": (lambda d: eeglab_apart(d, "rat 1 of the first day.fdt"), {}),
    "brainvision, renamed": (renamed_brainvision, {"trigger": "R128"}),
    "blackrock, two rates": (blackrock_of_two_rates, {"trigger": "1"}),
    "neuralynx, one channel": (one_channel, {}),
    "open ephys, listing": (listing, {"trigger": "1"}),
    "open ephys, older": (lambda d: rigs.open_ephys_old(d / "o", UV), {"trigger": "0"}),
    "tdt, index": (lambda d: next(rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}).glob("*.tsq")), {"trigger": "Vol_"}),
    "tdt, sev with a log": (sev_with_log, {"trigger": "Vol/"}),
    "neuroscan": (lambda d: rigs.neuroscan(d / "a.cnt", UV), {"trigger": "7"}),
    "persyst": (persyst, {}),
    "in a dataset": (in_dataset, {}),
}


def volumes(folder: Path, name: str, **options) -> Path:
    return files.nifti(folder / name, np.random.default_rng(0).normal(500, 9, (6, 6, 4, 5)).astype("f4"), **options)


def images_in_dataset(folder: Path) -> Path:
    (folder / "dataset_description.json").write_text("{}")
    (folder / "sub-01" / "func").mkdir(parents=True)
    (folder / "task-rest_bold.json").write_text('{"RepetitionTime": 1.0}')
    (folder / "bold.json").write_text('{"SliceEncodingDirection": "k"}')
    return volumes(folder, "sub-01/func/sub-01_task-rest_bold.nii.gz", sidecar={"SliceTiming": [0, 0.2, 0.4, 0.6]})


def pair(folder: Path) -> Path:
    import nibabel

    image = nibabel.load(volumes(folder, "b.nii"))
    nibabel.save(nibabel.Nifti1Pair(np.asarray(image.dataobj), image.affine, image.header), folder / "a.hdr")
    return folder / "a.hdr"


def array(folder: Path) -> Path:
    np.save(folder / "a.npy", np.random.default_rng(0).normal(size=(30, 20)))
    return folder / "a.npy"


BOLD = {
    "nifti": (lambda d: volumes(d, "a.nii.gz", sidecar={"RepetitionTime": 1.0}), {}),
    "nifti in a dataset": (images_in_dataset, {}),
    "nifti pair": (pair, {}),
    "npy": (array, {"tr_s": 1.0, "bold_stage": "clean"}),
}


def strangers(folder: Path) -> list[str]:
    """Files beside a recording that do not belong to it."""
    names = ("b.vhdr", "b.eeg", "b.fdt", "b.json", "b_channels.tsv", "notes.txt", "a2_raw-1.fif", "b.nev2")
    for name in names:
        (folder / name).write_text("of another recording\n")
    return [str(folder / name) for name in names]


def looked_at(path: Path, inside: Path, look) -> dict:
    OPENED.clear()
    look(path)
    opened = {name for name in OPENED if Path(name).is_relative_to(inside)}
    listed = files_of(path)
    return {"opened": sorted(opened), "listed": sorted(os.path.realpath(file) for file in listed),
            "first": str(listed[0]), "path": str(path)}  # fmt: skip


def read_lfp(changes: dict):
    def look(path):
        lfp = recordings.open_configured_lfp(path, INPUT | changes, ())
        for position in range(len(lfp.channels)):
            lfp.read(position, 0, lfp.n_samples)

    return look


def read_bold(changes: dict):
    def look(path):
        bold = recordings.open_configured_bold(path, INPUT | changes)
        bold.read(0, bold.n_volumes)

    return look


def main(where: Path) -> None:
    warnings.simplefilter("ignore")
    found = {}
    for kind, cases, read in (("LFP", LFP, read_lfp), ("BOLD", BOLD, read_bold)):
        for number, (name, (write, changes)) in enumerate(cases.items()):
            folder = where / f"{kind}{number}"
            folder.mkdir(parents=True)
            path = write(folder)
            own = Path(str(path).removesuffix(".gz")).with_suffix("")
            if kind == "LFP" and "dataset" not in name:  # what every recording may have beside it
                own.with_name(f"{own.name}_channels.tsv").write_text("name\ttype\tstatus\n")
            others = strangers(folder)
            found[f"{kind}: {name}"] = looked_at(path, folder, read(changes)) | {"strangers": others}
    label = where / "labels.nii"
    files.nifti(label, np.arange(24).reshape(2, 3, 4).astype("i2"))
    found["atlas"] = looked_at(label, where, lambda path: atlas.open_named("labels", path)) | {"strangers": []}
    print(json.dumps(found))


if __name__ == "__main__":
    sys.addaudithook(watch)
    watch_hdf5()
    main(Path(sys.argv[1]).resolve())
