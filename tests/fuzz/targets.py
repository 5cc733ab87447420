"""What is fuzzed: a small file of each reader, written by the unit tests' writers, and how it is read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

import files_of_formats as files
import files_of_rigs as rigs

from lfpbold import recordings
from lfpbold.pipeline import atlas
from lfpbold.recordings import bids, events
from lfpbold.recordings.opened import check_samples
from lfpbold.study import selection, settings, sheet

UV = files.samples(3000)
VOLUMES = np.random.default_rng(0).normal(1000, 10, (5, 4, 3, 12)).astype(np.float32)
ROW = "recordings.tsv: sub-01 ses-01 run-1 site M1"
SETTINGS = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
INPUT = SETTINGS["input"]
LONGEST = 10**7  # samples or voxels that a reader may promise of a file of some 100 kB


@dataclass(frozen=True)
class Target:
    """A reader.

    Attributes
    ----------
    write : callable
        `write(folder)` leaves a small readable recording and gives its path.
    read : callable
        `read(path)` reads it as the package does: `InputError`, or a recording that holds what it promises.
    parts : tuple of str
        Patterns of the files that are mutated; empty for the file itself.
    """

    write: Callable
    read: Callable
    parts: tuple = field(default=())


def _lfp(**changes):
    def read(path):
        lfp = recordings.open_configured_lfp(path, INPUT | changes, (), ROW)
        assert np.isfinite(lfp.fs_hz) and lfp.fs_hz > 0, lfp.fs_hz
        assert lfp.n_samples * len(lfp.channels) <= LONGEST, f"promises {lfp.n_samples} × {len(lfp.channels)}"
        assert all(isinstance(name, str) for name in lfp.channels)
        for position, channel in enumerate(lfp.channels):
            values = lfp.read(position, 0, lfp.n_samples)
            assert values.shape == (lfp.n_samples,) and values.dtype == np.float32, (values.shape, values.dtype)
            check_samples(values, channel, ROW)

    return read


def _bold(**changes):
    def read(path):
        bold = recordings.open_configured_bold(path, INPUT | changes, ROW)
        size = int(np.prod([int(n) for n in bold.shape])) * bold.n_volumes
        assert size <= LONGEST, f"promises {size} voxels"
        values = bold.read(0, bold.n_volumes)
        assert values.shape == (bold.n_volumes, *bold.shape) and values.dtype == np.float32, values.shape
        assert np.isfinite(bold.affine).all() and bold.tr_s > 0

    return read


def _sheet(path):
    rows = selection.mark_excluded(sheet.read_sheet(path, SETTINGS), SETTINGS)
    sheet.without_missing(rows, "exclude")


def _write_sheet(folder):
    path = folder / "recordings.tsv"
    for n in range(3):
        (folder / f"b{n}.nii").touch()
        (folder / f"a{n}.edf").touch()
    columns = [*sheet.COLUMNS, "tr_s", "dummy_volumes", "date", "notes"]
    sites = {"M1": "A1,A2", "ACC": "B1,B2"}
    rest = ["1.5", "", "rest", "", "1.0", "2", "2024-05-31", "=1+1"]
    rows = [
        [f"0{n}", "01", str(n), "awake", site, f"b{n}.nii", f"a{n}.edf", names, *rest]
        for n in range(3)
        for site, names in sites.items()
    ]
    path.write_text("".join("\t".join(row) + "\n" for row in [columns, *rows]), encoding="utf-8")
    return path


def _write_config(folder):
    text = settings.default_file().read_text(encoding="utf-8")
    kept = [line.split("  #")[0].rstrip() for line in text.splitlines() if not line.startswith("#") and line.strip()]
    extra = "\n  narrow: {inherits: rigorous, bold: {fwhm_mm: 1}}"
    extra += "\n  edges: {grid: {bold.fwhm_mm: [1, 2], hrf.detrend: [constant]}}"
    path = folder / "config.yaml"
    path.write_text("\n".join(kept).replace("labels: null", "labels: l.nii") + extra + "\n", encoding="utf-8")
    return path


def _write_nifti(folder):
    return files.nifti(folder / "sub-01_task-rest_bold.nii.gz", VOLUMES, sidecar={
        "RepetitionTime": 1.0, "SliceTiming": [0, 0.3, 0.6], "SliceEncodingDirection": "k"})  # fmt: skip


def _write_channels(folder):
    path = files.edf(folder / "sub-01_task-rest_ieeg.edf", UV)
    text = "name\ttype\tstatus\nA1\tSEEG\tgood\nA2\tECG\tbad\nA3\tTRIG\tn/a\n"
    (folder / "sub-01_task-rest_channels.tsv").write_text(text, encoding="utf-8")
    return path


def _saved(save, path, *values, **named):
    save(path, *values, **named)
    return path


ARRAY = {"lfp_fs_hz": 1000.0}
TARGETS = {
    "nwb": Target(lambda d: files.nwb(d / "a.nwb", UV, chunks=(512, 3)), _lfp()),
    "nwb_code": Target(lambda d: files.nwb(d / "a.nwb", UV), _lfp(trigger="scanner_trigger=1.0")),
    "nwb_stamps": Target(lambda d: files.nwb(d / "a.nwb", UV, stamps=np.arange(3000) / 1000), _lfp()),
    "mat5": Target(lambda d: files.mat5(d / "a.mat", lfp=UV), _lfp(**ARRAY)),
    "mat5_packed": Target(
        lambda d: _saved(_savemat_packed, d / "a.mat", {"lfp": UV, "fs": 1000.0}),
        _lfp(lfp_variable="lfp", lfp_fs_hz="fs"),
    ),
    "mat73": Target(lambda d: files.mat73(d / "a.mat", lfp=UV), _lfp(**ARRAY)),
    "npy": Target(lambda d: _saved(np.save, d / "a.npy", UV), _lfp(**ARRAY)),
    "npz": Target(lambda d: _saved(np.savez_compressed, d / "a.npz", UV), _lfp(**ARRAY)),
    "edf": Target(lambda d: files.edf(d / "a.edf", UV), _lfp()),
    "bdf": Target(lambda d: files.edf(d / "a.bdf", UV, line=True), _lfp(trigger="TRIG")),
    "brainvision": Target(
        lambda d: files.brainvision(d / "a.vhdr", UV), _lfp(), ("*.vhdr", "*.vhdr", "*.vmrk", "*.eeg")
    ),
    "eeglab": Target(lambda d: files.eeglab(d / "a.set", UV), _lfp()),
    "eeglab73": Target(lambda d: files.eeglab73(d / "a.set", UV), _lfp()),
    "fif": Target(lambda d: files.fif(d / "a_raw.fif", UV), _lfp()),
    "tdt_tev": Target(lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), _lfp(), ("*.tsq", "*.tsq", "*.tev")),
    "tdt_sev": Target(lambda d: rigs.tdt_sev(d / "T" / "B", "LFP1", UV * 1e-6), _lfp(), ("*.sev", "*.tsq")),
    "blackrock": Target(
        lambda d: rigs.blackrock(d / "a.ns2", UV), _lfp(trigger="digital_input_port"), ("*.ns2", "*.nev")
    ),
    "neuroscan": Target(lambda d: rigs.neuroscan(d / "a.cnt", UV), _lfp(trigger="7")),
    "neuralynx": Target(lambda d: rigs.neuralynx(d / "n", UV), _lfp(), ("*.ncs", "*.nev")),
    "open_ephys": Target(lambda d: rigs.open_ephys(d / "o", UV), _lfp(), ("*.oebin", "*.npy", "*.dat", "*.xml")),
    "open_ephys_line": Target(
        lambda d: rigs.open_ephys(d / "o", UV, synchronised_s=9.0),
        _lfp(trigger="1"),
        ("*.oebin", "*.npy", "*TTL/*.npy"),
    ),
    "open_ephys_old": Target(
        lambda d: rigs.open_ephys_old(d / "o", UV), _lfp(trigger="0"), ("*.continuous", "*.events")
    ),
    "channels_table": Target(_write_channels, _lfp(), ("*.tsv",)),
    "nifti": Target(_write_nifti, _bold(), ("*.nii.gz", "*.nii.gz", "*.json")),
    "nifti_plain": Target(lambda d: files.nifti(d / "b.nii", VOLUMES), _bold()),
    "bold_mat": Target(lambda d: files.mat5(d / "b.mat", bold=UV[:200]), _bold(tr_s=1.0, bold_stage="clean")),
    "atlas": Target(
        lambda d: files.nifti(d / "l.nii.gz", VOLUMES[..., 0], tr=1.0),
        lambda path: atlas.open_image(path, "atlas.brain"),
    ),
    "bids_table": Target(
        lambda d: _saved(Path.write_text, d / "t.tsv", "name\ttype\tgroup\nA1\tSEEG\tM1\nA2\tTRIG\tn/a\n"),
        bids.read_tsv,
    ),
    "events": Target(
        lambda d: _saved(Path.write_text, d / "e.tsv", "onset\tduration\ttrial_type\n5\t2.5\twhisker\n20\t0\tlight\n"),
        lambda path: events.read_events(path, ROW, n_volumes=40, tr_s=1.0),
    ),
    "sheet": Target(_write_sheet, _sheet),
    "config": Target(_write_config, lambda path: settings.load([path])),
}


def _savemat_packed(path, variables):
    from scipy import io

    io.savemat(path, variables, do_compression=True)
