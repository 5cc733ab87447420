"""Which channels are LFP: what is none by type, unit, table or name is not in "all channels", and is told of."""

from __future__ import annotations

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest

from lfpbold.errors import InputError
from lfpbold.recordings import open_lfp
from lfpbold.recordings.channel_kinds import kind_by_name

UV = files.samples(4000, 5)
NAMES = ["M1_1", "ECG", "EMG neck", "DC01", "M1_2"]


pytestmark = pytest.mark.usefixtures("quiet_writers")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *((name, "ECG") for name in ("ECG", "ekg1", "ECG II", "EEG EKG-Ref", "EcgLead", "POL EKG")),
        *((name, "EMG") for name in ("EMG", "EMG1", "Chin EMG", "EMG_neck", "L-EMG", "EMG+", "LeftEMG", "emgneck")),
        *((name, "EOG") for name in ("EOG", "HEOG", "VEOG", "EOG left", "EEG EOGr")),
        *((name, "respiration") for name in ("RESP", "Resp1", "respiration", "Breathing", "Thorax", "EtCO2")),
        *((name, "oxygen saturation") for name in ("SaO2", "SpO2", "SPO2", "SaO2_1")),
        *((name, "DC input") for name in ("DC", "DC1", "DC07", "POL DC12", "DC-3", "DC 4")),
        *(
            (name, "trigger or digital line")
            for name in ("Status", "TRIG", "Trigger", "TTL1", "STI 014", "DIN1", "SYNC", "scanner_trigger")
        ),
        *((name, "accelerometer") for name in ("ACC_X", "AccY", "accel_z", "Accelerometer", "Acc1-x", "GyroX")),
        *((name, "analogue input") for name in ("ADC1", "AUX1", "ainp3", "MISC 001", "aux_2")),
        *((name, "pulse or blood pressure") for name in ("Pulse Rate", "Pleth", "Blood Pressure", "HeartRate")),
        *((name, "temperature") for name in ("Temperature", "body temperature")),
        *((name, "reference") for name in ("REF", "Ref", "reference")),
        *(
            (name, "")
            for name in ("M1", "ACC", "ACC1", "ACC_L2", "LFP1", "LFP_trig", "A1", "0", "CH1", "CSC12", "DCN3", "dCA1",
                         "S1", "V1", "Fz", "EEG A1-REF", "CA1", "AMG1", "Thal", "STN", "STG2", "MG", "tempctx",
                         "PRESMA", "Tr", "DMS", "LFP STIM", "EEG TTL", "VPM", "Rt", "SO2")
        ),
    ],
)  # fmt: skip
def test_a_name_tells_what_a_channel_is(name, kind):
    assert kind_by_name(name) == kind


def edf(path, names=NAMES, units=("uV",) * 5):
    import edfio

    signals = [
        edfio.EdfSignal(UV[:, c], 1000.0, label=name, physical_dimension=unit, physical_range=(-3000, 3000))
        for c, (name, unit) in enumerate(zip(names, units, strict=True))
    ]
    edfio.Edf(signals).write(path)
    return path


def fif(path, names=NAMES, kinds=("seeg", "ecg", "emg", "misc", "seeg"), bads=()):
    import mne

    info = mne.create_info(list(names), 1000.0, list(kinds))
    info["bads"] = list(bads)
    mne.io.RawArray(UV.T * 1e-6, info, verbose="error").save(path, fmt="double", overwrite=True, verbose="error")
    return path


def nwb(path, names=NAMES, **columns):
    import pynwb

    file = pynwb.NWBFile("noise", "noise", files.START, file_create_date=files.START)
    group = file.create_electrode_group(
        name="tip", description="tip", location="M1", device=file.create_device(name="probe")
    )
    for column in ("channel_name", *columns):
        file.add_electrode_column(column, "as it says")
    for i, name in enumerate(names):
        extra = {column: values[i] for column, values in columns.items()}
        file.add_electrode(location="M1", group=group, channel_name=name, **extra)
    region = file.create_electrode_table_region(list(range(5)), "all")
    file.add_acquisition(pynwb.ecephys.ElectricalSeries(name="lfp", data=UV * 1e-6, rate=1000.0, electrodes=region))
    with pynwb.NWBHDF5IO(str(path), "w") as io:
        io.write(file)
    return path


def brainvision(path):
    import pybv

    pybv.write_brainvision(data=UV.T * 1e-6, sfreq=1000.0, ch_names=NAMES, fname_base=path.stem, folder_out=path.parent,
                           meas_date=files.START, overwrite=True)  # fmt: skip
    return path


def open_ephys(folder):
    names, files_names = NAMES, rigs.NAMES
    rigs.NAMES = tuple(names)
    try:
        return rigs.open_ephys(folder, UV)
    finally:
        rigs.NAMES = files_names


PLAIN = ["A", "B", "C", "D", "E"]
BY_TYPE = ["ecephys", "ECG", "EMG", "DC", "LFP"]
FORMATS = {
    "edf": lambda d: edf(d / "a.edf"),
    "fif by type": lambda d: fif(d / "a_raw.fif", ["M1_1", "B", "C", "D", "M1_2"]),
    "fif by name": lambda d: fif(d / "a_raw.fif", kinds=["seeg"] * 5),
    "brainvision": lambda d: brainvision(d / "a.vhdr"),
    "nwb by name": lambda d: nwb(d / "a.nwb"),
    "nwb by a column": lambda d: nwb(d / "a.nwb", ["M1_1", "B", "C", "D", "M1_2"], channel_type=BY_TYPE),
    "open ephys": lambda d: open_ephys(d / "o"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_no_lfp_is_not_among_all_channels_and_is_told_of(tmp_path, name):
    path = FORMATS[name](tmp_path)
    lfp = open_lfp(path)
    assert lfp.channels == ["M1_1", "M1_2"]
    np.testing.assert_allclose(lfp.read(1, 0, 50), UV[:50, 4], atol=0.2)
    assert len(lfp.notes) == 1 and "channels that are no LFP were not used" in lfp.notes[0]
    assert "ECG" in lfp.notes[0] and "EMG" in lfp.notes[0]
    whole = open_lfp(path, channels=[0, 1, 2, 3, 4])  # by index, which counts all of them
    assert len(whole.channels) == 5 and whole.notes == ()
    one = open_lfp(path, channels=[whole.channels[1]])  # by name
    np.testing.assert_allclose(one.read(0, 0, 50), UV[:50, 1], atol=0.2)


def test_a_table_of_channels_beside_the_file_tells_what_they_are(tmp_path):
    path = edf(tmp_path / "sub-01_task-rest_ieeg.edf", PLAIN)
    rows = [("A", "SEEG", "good"), ("B", "ECG", "good"), ("C", "TRIG", "n/a"), ("D", "SEEG", "bad"), ("E", "LFP", "")]
    table = "name\ttype\tstatus\n" + "".join("\t".join(row) + "\n" for row in rows)
    (tmp_path / "sub-01_task-rest_channels.tsv").write_text(table, encoding="utf-8")
    lfp = open_lfp(path)
    assert lfp.channels == ["A", "E"]
    for part in ("B (ECG by sub-01_task-rest_channels.tsv)", "C (TRIG by", "D (marked bad in"):
        assert part in lfp.notes[0]


def test_a_bad_channel_is_left_out_of_a_site_that_names_it(tmp_path):
    """A sheet names the channels of a site, and seldom knows which of them died later."""
    path = edf(tmp_path / "sub-01_task-rest_ieeg.edf", PLAIN)
    table = "name\ttype\tstatus\n" + "".join(f"{n}\tSEEG\t{'bad' if n in 'DE' else 'good'}\n" for n in "ABCDE")
    (tmp_path / "sub-01_task-rest_channels.tsv").write_text(table, encoding="utf-8")
    site = open_lfp(path, channels=["C", "D"])
    assert site.channels == ["C"] and "bad channels were excluded: D (marked bad in sub-01" in site.notes[0]
    np.testing.assert_allclose(site.read(0, 0, 50), UV[:50, 2], atol=0.2)
    with pytest.raises(
        InputError, match=r"every channel that `channels` names is bad: D \(marked bad.*lfp_bad_channels"
    ):
        open_lfp(path, channels=["D", "E"])
    used = open_lfp(path, channels=["C", "D"], bad_channels="use")
    assert used.channels == ["C", "D"] and "bad channels are used" in used.notes[0]
    assert open_lfp(path, bad_channels="use").channels == ["A", "B", "C", "D", "E"]


def test_a_table_is_inherited_and_goes_before_names(tmp_path):
    """Also where the recording is a link into a data manager's folder, as in a DataLad dataset."""
    data, store = tmp_path / "data", tmp_path / "store"
    store.mkdir()
    (data / "sub-01" / "ieeg").mkdir(parents=True)
    (data / "dataset_description.json").write_text("{}", encoding="utf-8")
    edf(store / "xyz", ["A", "ECG", "C", "D", "E"])
    path = data / "sub-01" / "ieeg" / "sub-01_task-rest_ieeg.edf"
    path.symlink_to("../../../store/xyz")
    (data / "task-rest_channels.tsv").write_text("name\ttype\nECG\tSEEG\na\tEMG\n", encoding="utf-8")
    lfp = open_lfp(path)
    assert lfp.channels == ["ECG", "C", "D", "E"] and "A (EMG by task-rest_channels.tsv)" in lfp.notes[0]


def test_a_file_of_nothing_but_such_channels_asks_for_names(tmp_path):
    path = edf(tmp_path / "a.edf", ["ECG", "EMG1", "EMG2", "Resp", "DC01"])
    with pytest.raises(InputError, match=r"holds no channels of LFP; it has ECG \(ECG\), EMG1 \(EMG\).*name those"):
        open_lfp(path)
    assert open_lfp(path, channels=["EMG2"]).channels == ["EMG2"]


def test_channels_of_another_unit_or_marked_bad_are_told_of(tmp_path):
    lfp = open_lfp(edf(tmp_path / "a.edf", PLAIN, ("uV", "mmHg", "uV", "%", "mV")))
    assert lfp.channels == ["A", "C", "E"] and "B (in mmHg), D (in %)" in lfp.notes[0]
    lfp = open_lfp(fif(tmp_path / "a_raw.fif", PLAIN, ["seeg"] * 5, bads=["C"]))
    assert lfp.channels == ["A", "B", "D", "E"] and "C (marked bad)" in lfp.notes[0]


def test_a_trigger_line_is_no_channel_that_was_not_used(tmp_path):
    lfp = open_lfp(files.fif(tmp_path / "a_raw.fif", UV[:, :3], trigger_line=True), trigger="TRIG")
    assert lfp.channels == list(files.NAMES) and lfp.notes == ()
    unasked = open_lfp(files.fif(tmp_path / "b_raw.fif", UV[:, :3], trigger_line=True))
    assert unasked.channels == list(files.NAMES) and "TRIG (trigger or digital line)" in unasked.notes[0]


def test_a_slow_ecg_does_not_keep_the_lfp_from_being_opened(tmp_path):
    """All LFP channels have one rate; those of other rates are no LFP."""
    import edfio

    signals = [
        edfio.EdfSignal(UV[:, c], 1000.0, label=f"M1_{c}", physical_dimension="uV", physical_range=(-3000, 3000))
        for c in (0, 1)
    ]
    ecg = UV[::4, 2].copy()
    signals.append(edfio.EdfSignal(ecg, 250.0, label="ECG", physical_dimension="uV", physical_range=(-3000, 3000)))
    edfio.Edf(signals).write(tmp_path / "a.edf")
    lfp = open_lfp(tmp_path / "a.edf")
    assert lfp.channels == ["M1_0", "M1_1"] and lfp.fs_hz == 1000.0 and "ECG (of another rate)" in lfp.notes[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"label\tstatus\nA1\tbad\n", r"_channels\.tsv, line 2: `name` is no column"),
        (b"name\tstatus\nA1\tbad\n\tbad\n", r"_channels\.tsv, line 3: `name` is empty"),
        (b"name\tstatus\nA1\tbda\n", r"_channels\.tsv, line 2: status of A1 is `bda`; write good, bad or n/a"),
        (b"name\tstatus\nA1\t\xff\n", r"is not tab-separated UTF-8 text"),
    ],
)
def test_a_table_of_channels_that_cannot_be_read_is_not_ignored(tmp_path, table, message):
    path = files.edf(tmp_path / "sub-01_task-rest_ieeg.edf", UV)
    (tmp_path / "sub-01_task-rest_channels.tsv").write_bytes(table)
    with pytest.raises(InputError, match=message):
        open_lfp(path)
