"""What the user named is in the file, or an error says what is: triggers, channels, series; and codes of lines."""

from __future__ import annotations

import files_of_formats as files
import files_of_rigs as rigs
import numpy as np
import pytest
from spoilt_files import INPUT

from lfpbold import recordings
from lfpbold.errors import InputError
from lfpbold.recordings import open_lfp
from lfpbold.recordings.names import meant
from lfpbold.recordings.triggers import line_onsets, onsets_of_changes
from lfpbold.study import settings, sheet

UV = files.samples()


pytestmark = pytest.mark.usefixtures("quiet_writers")


def with_variables(path, **variables):
    (np.savez if path.suffix == ".npz" else files.mat5)(path, **variables)
    return path


# Each format: what writes it, how it is opened, and what its message must list.
FORMATS = {
    "nwb": (lambda d: files.nwb(d / "a.nwb", UV), {}, "`scanner_trigger`"),
    "fif": (lambda d: files.fif(d / "a_raw.fif", UV), {}, "`scanner_trigger`"),
    "fif, line": (lambda d: files.fif(d / "a_raw.fif", UV, trigger_line=True), {}, "`TRIG`"),
    "edf": (lambda d: files.edf(d / "a.edf", UV), {}, "`scanner_trigger`"),
    "edf, line": (lambda d: files.edf(d / "a.edf", UV, line=True), {}, "`TRIG`"),
    "bdf": (lambda d: files.edf(d / "a.bdf", UV), {}, "`scanner_trigger`"),
    "brainvision": (lambda d: files.brainvision(d / "a.vhdr", UV), {}, "R128"),
    "eeglab": (lambda d: files.eeglab(d / "a.set", UV), {}, "`scanner_trigger`"),
    "neuroscan": (lambda d: rigs.neuroscan(d / "a.cnt", UV), {}, "`7`"),
    "blackrock": (lambda d: rigs.blackrock(d / "a.ns2", UV), {}, "`digital_input_port`"),
    "neuralynx": (lambda d: rigs.neuralynx(d / "n", UV), {}, "`scanner_trigger`"),
    "open ephys": (lambda d: rigs.open_ephys(d / "o", UV), {}, "it has `1`"),
    "open ephys, adc": (lambda d: rigs.open_ephys(d / "o", UV, adc=True), {"variable": "Rig-100.0"}, "`ADC1`"),
    "open ephys, old": (lambda d: rigs.open_ephys_old(d / "o", UV), {}, "it has `0`"),
    "tdt": (lambda d: rigs.tdt_tev(d / "T" / "B", {"LFP1": UV * 1e-6}), {}, "`Vol/`"),
    "npy": (lambda d: np.save(d / "a.npy", UV) or d / "a.npy", {"fs_hz": 1000.0}, "`0`, `1`, `2`"),
    "npz": (
        lambda d: with_variables(d / "a.npz", lfp=UV, line=UV[:, 0]),
        {"fs_hz": 1000.0, "variable": "lfp"},
        "`line`",
    ),
    "mat": (
        lambda d: with_variables(d / "a.mat", lfp=UV, line=UV[:, :1]),
        {"fs_hz": 1000.0, "variable": "lfp"},
        "`line`",
    ),
}


@pytest.mark.parametrize("stage", ["raw", "lfp", "power"])
@pytest.mark.parametrize("name", FORMATS)
def test_a_trigger_that_is_named_and_missing_is_an_error_that_lists_what_is_there(tmp_path, name, stage):
    write, options, listed = FORMATS[name]
    path = write(tmp_path)
    with pytest.raises(InputError, match="holds no trigger `voulme`") as error:
        open_lfp(path, trigger="voulme", stage=stage, **options)
    assert listed in str(error.value) and "scan_start_s" in str(error.value)


@pytest.mark.parametrize("name", FORMATS)
def test_the_default_trigger_need_not_be_there_unless_the_sheet_names_it(tmp_path, name):
    write, options, _ = FORMATS[name]
    path = write(tmp_path)
    opened = open_lfp(path, **options)  # some of the files have it
    named = INPUT | {f"lfp_{key}": value for key, value in options.items()} | {"trigger_named": True}
    if opened.triggers_s is None:
        with pytest.raises(InputError, match="holds no trigger `scanner_trigger`"):
            recordings.open_configured_lfp(path, named)
    else:
        assert recordings.open_configured_lfp(path, named).triggers_s.size == 3


def test_a_cell_of_the_sheet_names_the_trigger_and_the_config_does_where_no_start_is_stated(tmp_path):
    text = "sub\tses\trun\tstate\tsite\tbold\tlfp\ttrigger\tscan_start_s\n"
    cells = [("", ""), ("scanner_trigger", ""), ("R128", "3"), ("", "3")]
    for run, (trigger, start) in enumerate(cells, 1):
        text += f"01\t01\t{run}\tawake\tM1\tb{run}.nii\ta{run}.edf\t{trigger}\t{start}\n"
    (tmp_path / "recordings.tsv").write_text(text, encoding="utf-8")
    config = {"sites": {"M1": {"seed": "all"}}, "atlas": {"labels": "labels.nii.gz"}}
    for usual, expected in (("scanner_trigger", [False, True, True, False]), ("TRIG", [True, True, True, False])):
        known = settings.load([], config | {"input": {"trigger": usual}})
        rows = sheet.read_sheet(tmp_path / "recordings.tsv", known)
        assert [row["input"]["trigger_named"] for row in rows] == expected


@pytest.mark.parametrize("name", ["nwb", "fif", "edf", "eeglab", "neuralynx", "tdt", "open ephys"])
def test_a_slip_of_the_pen_is_answered_by_what_was_meant(tmp_path, name):
    write, options, _ = FORMATS[name]
    slips = {"tdt": ("Voll", "Vol/"), "open ephys": ("", "")}
    wrong, right = slips.get(name, ("scaner_trigger", "scanner_trigger"))
    if wrong:
        with pytest.raises(InputError, match=f"did you mean `{right}`"):
            open_lfp(write(tmp_path), trigger=wrong, **options)


def test_something_of_that_name_without_times_is_an_error(tmp_path):
    """A line that never rises, a group without time stamps, an empty series, a variable of another length."""
    uv = UV.copy()
    uv[:, 2] = 0
    flat = files.fif(tmp_path / "flat_raw.fif", uv)
    with pytest.raises(InputError, match="`A3` is there, but without any time of a trigger"):
        open_lfp(flat, trigger="A3")
    import h5py

    path = files.nwb(tmp_path / "a.nwb", UV)
    with h5py.File(path, "a") as file:
        del file["acquisition/scanner_trigger/timestamps"]
    with pytest.raises(InputError, match="`scanner_trigger` is there, but without any time"):
        recordings.open_configured_lfp(path, INPUT | {"trigger_named": True})
    assert open_lfp(path).triggers_s.size == 0  # which no stage takes for a scan that begins with the recording
    times = with_variables(tmp_path / "a.mat", lfp=UV, volumes=files.TRIGGERS_S)
    with pytest.raises(InputError, match="`volumes` is there, but without any time"):
        open_lfp(times, trigger="volumes", variable="lfp", fs_hz=1000.0)


def test_a_channel_that_is_trigger_and_lfp_at_once_is_an_error(tmp_path):
    with pytest.raises(InputError, match="`TRIG` is named in both `trigger` and `channels`"):
        open_lfp(files.edf(tmp_path / "a.edf", UV, line=True), trigger="TRIG", channels=["A1", "TRIG"])


def test_a_series_that_is_named_and_missing_is_an_error(tmp_path):
    one = {"variable": "lpf"}
    with pytest.raises(InputError, match=r"no ElectricalSeries named `lpf` \(did you mean `lfp`\?\)"):
        open_lfp(files.nwb(tmp_path / "a.nwb", UV), **one)
    for path in (files.edf(tmp_path / "a.edf", UV), files.fif(tmp_path / "a_raw.fif", UV)):
        with pytest.raises(InputError, match="lfp_variable is `lpf`, but this format holds one recording"):
            open_lfp(path, **one)
    np.save(tmp_path / "a.npy", UV)
    with pytest.raises(InputError, match="lfp_variable is `lpf`, but this format holds one array"):
        open_lfp(tmp_path / "a.npy", fs_hz=1000.0, **one)
    for path in (rigs.neuralynx(tmp_path / "n", UV), rigs.open_ephys(tmp_path / "o", UV),
                 rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 1e-6})):  # fmt: skip
        with pytest.raises(InputError, match="`lpf`"):
            open_lfp(path, **one)


@pytest.mark.parametrize(
    ("wanted", "known", "found"),
    [
        ("1", ["01"], ["01"]),
        ("001", ["1", "10"], ["1"]),
        ("1.0", ["1", "11"], ["1"]),
        ("1", ["1.0", "01"], ["1.0", "01"]),
        ("1", ["1", "1.0"], ["1"]),
        ("S1", ["S  1", "S 11"], ["S  1"]),
        ("s 01", ["S  1"], ["S  1"]),
        ("R128", ["r128"], ["r128"]),
        ("1.5", ["15", "1.50"], []),
        ("-1", ["1"], []),
        ("10", ["1", "100"], []),
        ("0", ["00", "10"], ["00"]),
    ],
)
def test_numbers_are_equal_however_they_are_written(wanted, known, found):
    assert meant(wanted, known) == found


@pytest.mark.parametrize("code", ["7", "07", "7.0", "007"])
def test_an_event_code_is_found_in_any_spelling(tmp_path, code):
    assert open_lfp(rigs.neuroscan(tmp_path / "a.cnt", UV), trigger=code).triggers_s.size == 3
    assert open_lfp(rigs.open_ephys(tmp_path / "o", UV), trigger=code.replace("7", "1")).triggers_s.size == 3
    assert open_lfp(rigs.blackrock(tmp_path / "a.ns2", UV), trigger=code.replace("7", "1")).triggers_s.size == 3


# ---- lines that hold codes -----------------------------------------------------------------------------------------

VOLUMES = 500 + 1000 * np.arange(95)


def port(rest=0, code=1, width=10, n=100_000):
    line = np.full(n, rest)
    for at in VOLUMES:
        line[at : at + width] = rest ^ code
    return line


def test_every_departure_from_rest_counts_and_a_code_can_be_chosen():
    """In a public BDF file a line of 4, 2, 1, 1, … gave one event, that of the largest code."""
    line = port()
    line[40_300:40_310] = 4
    np.testing.assert_array_equal(line_onsets(line, 1000.0), np.sort([*VOLUMES, 40_300]) / 1000)
    for code in ("1", "01", "1.0", "0x1"):
        np.testing.assert_array_equal(line_onsets(line, 1000.0, code), VOLUMES / 1000)
    np.testing.assert_array_equal(line_onsets(line, 1000.0, "4"), [40.3])
    with pytest.raises(InputError, match=r"never takes the code 9; it rests at 0 and takes 1 \(95 times\), 4"):
        line_onsets(line, 1000.0, "9")


def test_the_status_word_of_a_biosemi_amplifier_rests_at_254_and_has_bits_of_its_own():
    line = 254 + (np.arange(100_000) % 1000 < 10)
    line[:1000] += 65536  # a file has begun
    line[60_000:] += 1 << 20  # within range
    for code in (None, "255", "1"):
        np.testing.assert_array_equal(line_onsets(line, 1000.0, code), np.arange(100.0))


def test_codes_that_overlap_are_told_apart():
    line = port()
    line[VOLUMES[40] - 3 : VOLUMES[40] + 200] += 4  # a stimulus that begins before a volume and lasts longer
    np.testing.assert_array_equal(line_onsets(line, 1000.0, "1"), VOLUMES / 1000)
    np.testing.assert_array_equal(line_onsets(line, 1000.0, "4"), [(VOLUMES[40] - 3) / 1000])


@pytest.mark.parametrize("rest", [0, 1, 255, 65535])
@pytest.mark.parametrize("scale", [1.0, 3.3, 5e6])
def test_the_polarity_of_a_line_is_read_from_the_line(rest, scale):
    np.testing.assert_array_equal(line_onsets(port(rest, 1) * scale, 1000.0), VOLUMES / 1000)


def test_a_gate_that_is_high_for_most_of_each_volume_rises_where_it_is_low_outside_the_scan():
    line = port(width=800)
    np.testing.assert_array_equal(line_onsets(line, 1000.0), VOLUMES / 1000)
    line = port()
    line[VOLUMES[-1] + 500 :] = 1  # left high when the session ended: that is a rise as well
    np.testing.assert_array_equal(line_onsets(line, 1000.0)[:-1], VOLUMES / 1000)


def test_an_analogue_line_that_dips_with_every_volume():
    rng = np.random.default_rng(0)
    line = 3300 - 3300 * port() + rng.normal(0, 20, 100_000)
    np.testing.assert_allclose(line_onsets(line, 1000.0), (VOLUMES - 0.5) / 1000, atol=2e-5)
    counts = 3000 * port() + rng.integers(-1, 2, 100_000)  # of a converter, with its last digit in motion
    np.testing.assert_array_equal(line_onsets(counts, 1000.0), VOLUMES / 1000)


def test_a_pulse_at_the_first_sample_counts_where_it_is_as_long_as_the_others():
    line = port()[500:]  # the recording was cut to the first trigger
    np.testing.assert_array_equal(line_onsets(line, 1000.0), (VOLUMES - 500) / 1000)
    np.testing.assert_array_equal(line_onsets(line[5:], 1000.0), (VOLUMES[1:] - 505) / 1000)


@pytest.mark.parametrize(
    ("values", "code", "expected"),
    [
        ([1, 0, 1, 0, 1, 0], None, [1, 3, 5]),
        ([254, 255, 254, 255, 254, 255], None, [1, 3, 5]),
        ([1, 1, 1, 4, 1, 1], None, [1, 2, 3, 4, 5, 6]),  # words that were latched
        ([1, 1, 1, 4, 1, 1], "1", [1, 2, 3, 5, 6]),
        ([1, 0, 4, 0, 1, 0], "1", [1, 5]),
        ([7, 7, 7, 7, 7, 7], None, [1, 2, 3, 4, 5, 6]),
    ],
)
def test_changes_of_a_port_are_read_like_a_line(values, code, expected):
    times = np.arange(1.0, 7.0)
    times[1::2] -= 0.9  # pulses of 0.1 s
    times = times if 0 in values or 254 in values else np.arange(1.0, 7.0)
    found = onsets_of_changes(times, values, 0.0, 8.0, code)
    np.testing.assert_array_equal(found, [times[i - 1] for i in expected])


@pytest.mark.parametrize("suffix", [".bdf", ".edf"])
def test_a_code_of_a_status_channel_is_chosen_by_its_number(tmp_path, suffix):
    import edfio

    status = port(n=100_000)
    status[40_300:40_310] = 4
    uv = files.samples(100_000, 2)
    bdf = suffix == ".bdf"
    make, container = (edfio.BdfSignal, edfio.Bdf) if bdf else (edfio.EdfSignal, edfio.Edf)
    top = 2 ** (23 if bdf else 15)
    signals = [
        make(uv[:, c], 1000.0, label=f"A{c + 1}", physical_dimension="uV", physical_range=(-5000, 5000)) for c in (0, 1)
    ]
    signals.append(
        make(status.astype(float), 1000.0, label="Status", physical_dimension="", physical_range=(-top, top - 1))
    )
    container(signals).write(tmp_path / f"a{suffix}")
    lfp = open_lfp(tmp_path / f"a{suffix}", trigger="Status=1")
    np.testing.assert_allclose(lfp.triggers_s, VOLUMES / 1000)
    assert lfp.channels == ["A1", "A2"]
    assert open_lfp(tmp_path / f"a{suffix}", trigger="status").triggers_s.size == 96
    with pytest.raises(InputError, match=r"channel Status: never takes the code 3; it rests at 0"):
        open_lfp(tmp_path / f"a{suffix}", trigger="Status=3")


def test_a_value_of_an_epoc_store_is_chosen_by_its_number(tmp_path):
    folder = rigs.tdt_tev(tmp_path / "T" / "B", {"LFP1": UV * 1e-6})
    np.testing.assert_allclose(open_lfp(folder, trigger="Vol=2").triggers_s, files.TRIGGERS_S[1:2], atol=1e-6)
    with pytest.raises(InputError, match=r"store Vol/ never has the value 9; it has `1`, `2`, `3`"):
        open_lfp(folder, trigger="Vol=9")


def test_a_code_of_an_nwb_series_or_table_is_chosen_by_its_value(tmp_path):
    import pynwb
    from pynwb.event import EventsTable

    path = files.nwb(tmp_path / "a.nwb", UV)
    with pynwb.NWBHDF5IO(str(path), "a") as io:
        file = io.read()
        times = 10.0 + np.arange(6) / 2
        file.add_acquisition(pynwb.TimeSeries(name="port", data=[1, 2, 1, 2, 1, 4], timestamps=times, unit="n/a"))
        table = EventsTable(name="events", description="all")
        table.add_column("kind", "what")
        for t, kind in zip(times, ["volume", "lick", "volume", "lick", "volume", "lick"], strict=True):
            table.add_row(timestamp=float(t), kind=kind)
        file.add_events_table(table)
        io.write(file)
    np.testing.assert_allclose(open_lfp(path, trigger="port=01").triggers_s, [0, 1, 2])
    np.testing.assert_allclose(open_lfp(path, trigger="events=volume").triggers_s, [0, 1, 2])
    assert open_lfp(path, trigger="port").triggers_s.size == 6
    with pytest.raises(InputError, match=r"`acquisition/port` has no event of the code 3; it has 1, 2, 4"):
        open_lfp(path, trigger="port=3")


def test_a_line_that_rests_high_in_an_nwb_series_of_levels(tmp_path):
    import h5py

    path = files.nwb(tmp_path / "a.nwb", UV)
    onsets = 10.0 + np.arange(1.0, 4.0)
    with h5py.File(path, "a") as file:
        group = file["acquisition/scanner_trigger"]
        del group["data"], group["timestamps"]
        group["timestamps"] = np.sort(np.concatenate([onsets, onsets + 0.1]))
        group["data"] = np.tile([0, 1], 3)
    np.testing.assert_allclose(open_lfp(path).triggers_s, [1, 2, 3])


def test_codes_of_a_stim_channel_are_no_volts(tmp_path):
    import mne

    uv, codes = files.samples(100_000, 1), port(code=3)
    codes[40_300:40_310] = 4
    info = mne.create_info(["A1", "STI"], 1000.0, ["seeg", "stim"])
    raw = mne.io.RawArray(np.vstack([uv.T * 1e-6, codes]), info, verbose="error")
    raw.save(tmp_path / "a_raw.fif", verbose="error")
    for trigger, n in (("STI=3", 95), ("STI=4", 1), ("STI", 96)):
        assert open_lfp(tmp_path / "a_raw.fif", trigger=trigger).triggers_s.size == n


def test_codes_are_not_scaled_with_the_lfp(tmp_path):
    np.save(tmp_path / "a.npy", np.column_stack([files.samples(100_000, 1)[:, 0], port(code=5)]))
    for scale in (None, 0.195, 1e6, -1.0):
        lfp = open_lfp(tmp_path / "a.npy", fs_hz=1000.0, scale=scale, trigger="1=5")
        np.testing.assert_array_equal(lfp.triggers_s, VOLUMES / 1000)


@pytest.mark.parametrize("unit", ["uV", "mV", ""])
def test_codes_of_a_line_of_another_rate_are_read_as_they_are(tmp_path, unit):
    import edfio

    uv, line = files.samples(100_000, 1), port(code=5)[::4].astype(float)
    lfp = edfio.EdfSignal(uv[:, 0], 1000.0, label="A1", physical_dimension="uV", physical_range=(-5000, 5000))
    slow = edfio.EdfSignal(line, 250.0, label="PORT", physical_dimension=unit, physical_range=(-128, 127))
    edfio.Edf([lfp, slow]).write(tmp_path / "a.edf")
    lfp = open_lfp(tmp_path / "a.edf", trigger="PORT" if unit == "mV" else "PORT=5", channels=["A1"])
    np.testing.assert_allclose(lfp.triggers_s, VOLUMES / 1000, atol=0.004)
