"""How files are spoilt, and what the message about them must be."""

from __future__ import annotations

import warnings
import zipfile

import files_of_formats as files
import numpy as np

from lfpbold import recordings
from lfpbold.study import settings

INPUT = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})["input"]
ROW = "recordings.tsv: sub-01 ses-01 run-1 site M1"
UV = files.samples()
VOLUMES = np.random.default_rng(0).normal(1000, 10, (6, 5, 4, 20)).astype(np.float32)


def saved(save, path, values):
    save(path, values)
    return path


def patched(path, at, content):
    data = bytearray(path.read_bytes())
    data[at : at + len(content)] = content
    path.write_bytes(bytes(data))
    return path


def empty(file):
    file.write_bytes(b"")


def cut(file):
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 2 // 5 + 1])


def beheaded(file):
    data = file.read_bytes()
    begin = 512 if data.startswith(b"MATLAB 7.3") else 0  # a text that nothing depends on stands before
    file.write_bytes(data[:begin] + b"\x00" * 64 + data[begin + 64 :])


def text(file):
    file.write_text("time\tlfp\n0.001\tnot a recording\n" * 200, encoding="utf-8")


def zipped(file):
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("holiday.txt", "a zip of something else")


def read_all(path, channels=(), **changes):
    """As `check` and the job do: open, then read every channel and look at it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lfp = recordings.open_configured_lfp(path, INPUT | changes, channels, ROW)
        for position, channel in enumerate(lfp.channels):
            recordings.check_samples(lfp.read(position, 0, lfp.n_samples), channel, f"{ROW}: {path}")
    return lfp


def is_a_sentence(error, path) -> str:
    said = str(error.value)
    assert said.startswith(ROW), said
    assert path.name in said, said
    assert "\n" not in said
    assert len(said) < 500, said
    assert str(path.parent) not in said.replace(f"{path}: channel", ""), said  # the name is enough
    assert not any(word in said for word in ("Traceback", "self.", "<class", "object at 0x", "Errno", "attribute")), (
        said
    )
    way_out = ("again", "exclude", "set ", "name ", "give ", "copy", "correct", "export", "rename", "repair", "save ",
               "install", "use one of", "it has", "remove", "resample")  # fmt: skip
    assert any(word in said for word in way_out), said
    return said
