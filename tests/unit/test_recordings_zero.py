"""One zero of time in every format: triggers count from the first sample, wherever the file's own clock begins."""

from __future__ import annotations

import datetime

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest

from lfpbold.errors import InputError
from lfpbold.recordings import open_lfp

UV = files.samples()
EARLY = 1500  # samples before those that are kept


pytestmark = pytest.mark.usefixtures("quiet_writers")


def fif(path, *, dated, first_samp, cropped):
    """`cropped`: 1.5 s were recorded before, and cut away."""
    import mne

    uv = np.vstack([files.samples(EARLY, 3, 1), UV]) if cropped else UV
    raw = mne.io.RawArray(uv.T * 1e-6, mne.create_info(list(files.NAMES), 1000.0, "seeg"), first_samp, verbose="error")
    if dated:
        raw.set_meas_date(files.START)
    late = EARLY / 1000 if cropped else 0.0
    raw.set_annotations(mne.Annotations(late + files.TRIGGERS_S, 0, "scanner_trigger"))
    (raw.crop(late) if cropped else raw).save(path, fmt="double", overwrite=True, verbose="error")
    return path


def edf(path, microseconds):
    """Begins within a second, which an EDF+ file states by the first of its annotations."""
    import edfio

    signals = [
        edfio.EdfSignal(UV[:, c], 1000.0, label=files.NAMES[c], physical_dimension="uV", physical_range=(-2000, 2000))
        for c in range(3)
    ]
    marks = [edfio.EdfAnnotation(t, None, "scanner_trigger") for t in files.TRIGGERS_S]
    day = edfio.Recording(startdate=datetime.date(2024, 1, 1))
    start = datetime.time(12, 0, 0, microseconds)
    edfio.Edf(signals, annotations=marks, starttime=start, recording=day).write(path)
    return path


def eeglab(path, events, **more):
    """A set as EEGLAB saves it; `events`: (type, latency in samples from 1, duration)."""
    from scipy import io

    table = np.zeros((1, len(events)), dtype=[(k, "O") for k in ("type", "latency", "duration", "urevent")])
    for i, (kind, latency, duration) in enumerate(events):
        table[0, i] = kind, float(latency), float(duration), float(i + 1)
    places = np.zeros((1, 3), dtype=[("labels", "O")])
    places["labels"][0] = list(files.NAMES)
    none = np.zeros((0, 0))
    content = {"setname": "a", "filename": "a.set", "filepath": "", "nbchan": 3.0, "trials": 1.0,
               "pnts": float(len(UV)), "srate": 1000.0, "xmin": 0.0, "xmax": (len(UV) - 1) / 1000, "ref": "common",
               "data": UV.T.astype("f4"),
               "chanlocs": places, "event": table, "urevent": table, "epoch": none, "icawinv": none, "icasphere": none,
               "icaweights": none, "icaact": none, "etc": none, "chaninfo": {"plotrad": 0.0}}  # fmt: skip
    io.savemat(path, {"EEG": content | more}, appendmat=False)
    return path


def nwb_events_table(path, first_s=10.0):
    import pynwb
    from pynwb.event import EventsTable

    files.nwb(path, UV)
    with pynwb.NWBHDF5IO(str(path), "a") as io:
        file = io.read()
        table = EventsTable(name="volumes", description="of the scanner")
        for t in files.TRIGGERS_S:
            table.add_row(timestamp=float(first_s + t))
        file.add_events_table(table)
        io.write(file)
    return path


def nwb_line(path, first_s=8.0):
    """A sampled line at a rate and with a start of its own."""
    import pynwb

    files.nwb(path, UV)
    line = np.zeros(14_000)
    for t in files.TRIGGERS_S:
        at = round((10.0 + t - first_s) * 2000)
        line[at : at + 20] = 5
    with pynwb.NWBHDF5IO(str(path), "a") as io:
        file = io.read()
        file.add_acquisition(pynwb.TimeSeries(name="line", data=line, rate=2000.0, starting_time=first_s, unit="V"))
        io.write(file)
    return path


TRIGGERED = [(t, 1 + 1000 * s, 1) for t, s in zip(["R128"] * 3, files.TRIGGERS_S, strict=True)]
STARTS = {
    "fif, no date, cropped": (lambda d: fif(d / "a_raw.fif", dated=False, first_samp=0, cropped=True), None),
    "fif, no date, first_samp": (lambda d: fif(d / "a_raw.fif", dated=False, first_samp=777, cropped=False), None),
    "fif, no date, both": (lambda d: fif(d / "a_raw.fif", dated=False, first_samp=777, cropped=True), None),
    "fif, date, cropped": (lambda d: fif(d / "a_raw.fif", dated=True, first_samp=0, cropped=True), None),
    "fif, date, both": (lambda d: fif(d / "a_raw.fif", dated=True, first_samp=777, cropped=True), None),
    "edf, within a second": (lambda d: edf(d / "a.edf", 350_000), None),
    "eeglab, boundary at 1": (lambda d: eeglab(d / "a.set", [("boundary", 1, 1), *TRIGGERED]), "R128"),
    "eeglab, boundary at 0.5": (lambda d: eeglab(d / "a.set", [("boundary", 0.5, 9000), *TRIGGERED]), "R128"),
    "eeglab, boundary at the end": (
        lambda d: eeglab(d / "a.set", [*TRIGGERED, ("boundary", len(UV) + 0.5, 9000)]),
        "R128",
    ),
    "eeglab, xmin": (lambda d: eeglab(d / "a.set", TRIGGERED, xmin=5.0, xmax=5.0 + (len(UV) - 1) / 1000), "R128"),
    "nwb, events table": (lambda d: nwb_events_table(d / "a.nwb"), "volumes"),
    "nwb, sampled line": (lambda d: nwb_line(d / "a.nwb"), "line"),
    "blackrock, late": (lambda d: rigs.blackrock(d / "a.ns2", UV, start_s=2.5), "digital_input_port"),
    "blackrock, rest of 65535": (
        lambda d: rigs.blackrock(d / "a.ns2", UV, start_s=2.5, rest=65535),
        "digital_input_port",
    ),
    "blackrock, code": (lambda d: rigs.blackrock(d / "a.ns2", UV, start_s=2.5, rest=254), "digital_input_port=255"),
    "neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), None),
    "neuralynx, rounded stamps": (lambda d: rigs.neuralynx(d / "n", UV, early=(3, 4, 5)), None),
    "neuralynx, one file": (lambda d: rigs.neuralynx(d / "n", UV, early=(3,)) / "A1.ncs", None),
    "neuralynx, one late stamp": (lambda d: rigs.neuralynx(d / "n", UV, early=(3,), by_us=9000), None),
    "neuralynx, port": (lambda d: rigs.neuralynx(d / "n", UV), "01"),
    "open ephys": (lambda d: rigs.open_ephys(d / "o", UV), "1"),
    "open ephys, synchronised": (lambda d: rigs.open_ephys(d / "o", UV, synchronised_s=123.4), "1"),
    "open ephys, active low": (lambda d: rigs.open_ephys(d / "o", UV, active_low=True), "1.0"),
    "open ephys, old": (lambda d: rigs.open_ephys_old(d / "o", UV), "0"),
    "open ephys, old, line 3": (lambda d: rigs.open_ephys_old(d / "o", UV, line=3), "3"),
    "tdt": (lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), "Vol"),
    "neuroscan": (lambda d: rigs.neuroscan(d / "a.cnt", UV), "7"),
    "neuroscan, 32 bits, wrong number stated": (
        lambda d: rigs.neuroscan(d / "a.cnt", UV, n_bytes=4, stated=1234),
        "07",
    ),
}


@pytest.mark.parametrize("name", STARTS)
def test_triggers_count_from_the_first_sample(tmp_path, name):
    write, trigger = STARTS[name]
    lfp = open_lfp(write(tmp_path), **({"trigger": trigger} if trigger else {}))
    np.testing.assert_allclose(lfp.triggers_s, files.TRIGGERS_S, atol=2e-6)
    np.testing.assert_allclose(lfp.read(0, 0, 50), UV[:50, 0], atol=0.2)
    assert lfp.n_samples in (4000, 3968, 3072)  # whole packets or records of two formats


def test_a_pulse_that_has_not_ended_with_the_recording_is_one(tmp_path):
    """The last trigger of a line that is still high when the recording stops."""
    folder = rigs.open_ephys(tmp_path / "o", UV)
    for name in ("sample_numbers", "timestamps", "states", "full_words"):
        path = next(folder.rglob(f"TTL/{name}.npy"))
        np.save(path, np.load(path)[:-1])
    np.testing.assert_allclose(open_lfp(folder, trigger="1").triggers_s, files.TRIGGERS_S)


def test_lines_of_a_stream_count_its_samples_whatever_the_clock_it_is_synchronised_with(tmp_path):
    folder = rigs.open_ephys(tmp_path / "o", UV, synchronised_s=50.0)
    for path in folder.rglob("timestamps.npy"):
        np.save(path, np.load(path) * 1.01)  # a main clock that is one percent fast
    np.testing.assert_allclose(open_lfp(folder, trigger="1").triggers_s, files.TRIGGERS_S)


def test_a_boundary_within_the_samples_is_a_gap(tmp_path):
    path = eeglab(tmp_path / "a.set", [("boundary", 1, 1), ("boundary", 2000.5, 300), *TRIGGERED])
    with pytest.raises(InputError, match=r"interrupted 2\.000 s after its start \(`boundary`\)"):
        open_lfp(path, trigger="R128")


def test_a_record_that_is_half_a_second_late_is_a_gap_and_one_that_is_rounded_is_none(tmp_path):
    with pytest.raises(InputError, match=r"A1\.ncs has a gap 1\.536 s after its start \(3 s\)"):
        open_lfp(rigs.neuralynx(tmp_path / "n", UV, gap=True))
    lost = rigs.neuralynx(tmp_path / "o", UV, early=range(3), by_us=2000)  # two samples, which never come back
    with pytest.raises(InputError, match=r"A1\.ncs has a gap 1\.536 s after its start \(0\.002 s\)"):
        open_lfp(lost)
