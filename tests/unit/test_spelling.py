"""What a hand or a spreadsheet does to a sheet: asked about, understood or refused, never ignored."""

from __future__ import annotations

import pytest

from lfpbold.errors import InputError
from lfpbold.study import settings, sheet, spelling

SETTINGS = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
COLUMNS = ("sub", "ses", "run", "state", "site", "bold", "lfp")
ROW = {"sub": "01", "ses": "01", "run": "1", "state": "awake", "site": "M1", "bold": "b.nii", "lfp": "a.edf"}


def read(folder, *rows, more=(), end="\n", encoding="utf-8", base=SETTINGS):
    """Rows of a sheet with these columns beside the required ones."""
    columns = [*COLUMNS, *more]
    lines = ["\t".join(columns), *("\t".join((ROW | row).get(name, "") for name in columns) for row in rows or ({},))]
    (folder / "recordings.tsv").write_bytes((end.join(lines) + end).encode(encoding))
    return sheet.read_sheet(folder / "recordings.tsv", base)


MEANT = {
    "exclude": ["excluded", "Exclude", "exclude ", " exclude", "EXCLUDE", "exclude?", "excluded?", "exclude\xa0",
                "exclude_reason", "excl", "EXCL.", "exclusion", "exclude (reason)", "excluded_because", "exclde",
                "exclud",
                "is_excluded", "omit", "skip", "bad", "include", "use", "Keep?"],
    "dummy_volumes": ["dummy_volume", "dummyVolumes", "Dummy volumes", "dummy-volumes", "dummies", "dummy_scans",
                      "n_dummy_volumes", "dumy_volumes", "DummyVolumes", "n_dummy", "discard_volumes"],
    "scan_start_s": ["scan_start", "scanStart", "scan_start_ms", "scan start (s)", "Scan_Start_s", "scan_start_sec",
                     "scan_starts", "scan_start_S", "scan_start_time", "scan_offset_s", "offset (s)"],
    "lfp_variable": ["lfp_variables", "lfpVariable", "LFP_variable", "lfp_varable", "lfp variable",
                     "lfp_variable_name"],
    "channels": ["Channels", "channel", "chnnels", "channels ", "CHANNELS", "Channel", "channel_names", "ch",
                 "chans", "lfp_channels"],
    "tr_s": ["TR_s", "tr", "TR", "tr (s)", "TR(ms)", "tr_sec", "RepetitionTime"],
    "trigger": ["triggers", "Trigger", "triger", "trigger_name", "trigger_line", "trigger_channel", "trigger ",
                "trig", "lfp_trigger", "TTL"],
    "lfp_fs_hz": ["lfp_fs", "lfpFsHz", "LFP_FS_Hz", "lfp_fs_khz", "fs", "SamplingRate", "sampling_frequency"],
    "task": ["Task", "tasks", "task ", "task_name"],
    "events": ["Events", "event", "events_file", "event_file"],
    "bold_orientation": ["bold_orient", "BOLD_orientation", "bold_orientations"],
    "date": ["Date", "dates", "date "],
    "sub": ["Sub", "sub ", "SUB"],
    "state": ["State", "state "],
}  # fmt: skip


@pytest.mark.parametrize(("meant", "column"), [(m, c) for m, columns in MEANT.items() for c in columns])
def test_a_column_that_is_nearly_known_is_asked_about_even_beside_the_known_one(tmp_path, meant, column):
    for more in ((column,), (meant, column)):
        names = list(dict.fromkeys(name for name in more if name not in COLUMNS))
        with pytest.raises(InputError, match=f"did you mean `{meant}`"):
            read(tmp_path, {column: "4"}, more=names)


OWN = [
    "age", "weight", "weight_g", "sex", "notes", "note", "comment", "comments", "session_date", "experimenter",
    "operator", "strain", "genotype", "dose", "drug", "coil", "temperature", "isoflurane", "quality", "rating",
    "scan_date", "scan_time", "scan_number", "states", "sub2", "data", "electrode", "run_id", "bold_quality",
    "bold_notes", "lfp_notes", "lfp_quality", "n_channels", "channel_map", "trigger_ok", "electrode_type",
    "animal_name", "room", "heart_rate", "o2", "EtCO2", "Gewicht_g", "hemisphere", "depth_um", "impedance_kohm",
    "bad_channels", "order", "id",
]  # fmt: skip


@pytest.mark.parametrize("column", OWN)
def test_a_column_of_the_users_own_is_kept_as_it_is(tmp_path, column):
    (row,) = read(tmp_path, {column: "NA"}, more=(column,))
    assert row[column] == "NA"


@pytest.mark.parametrize("column", ["sub", "exclude"])
def test_a_known_column_twice_is_refused(tmp_path, column):
    with pytest.raises(InputError, match=f"`{column}` is duplicated"):
        read(tmp_path, more=("exclude", column))


@pytest.mark.parametrize("cell", ["", "NA", "N/A", "n/a", "no", "No", "0", "FALSE", "False", "-", "–", "n", "none", 
 "nan", "NaN", "null", "<NA>", "f", "nein", "FALSCH", "keep", "include", "ok", " NA ", "0.0", "no.", "N.A.",
                                  "nope", "not",
                                  "\xa0", "#N/A"])  # fmt: skip
def test_words_for_nothing_and_no_are_no_reason_to_exclude(tmp_path, cell):
    (row,) = read(tmp_path, {"exclude": cell}, more=("exclude",))
    assert row["exclude"] == ""
    assert row["bold"].endswith("b.nii")


@pytest.mark.parametrize("cell", ["yes", "YES", "TRUE", "1", "y", "x", "exclude", "excluded"])
def test_words_for_yes_exclude_and_say_so(tmp_path, cell):
    (row,) = read(tmp_path, {"exclude": cell}, more=("exclude",))
    assert row["exclude"] == f"marked in the sheet ({cell})"


@pytest.mark.parametrize("cell", ["electrode broke", "no signal", "not usable", "nosebleed", "00:12 apnoea", "note 0"])
def test_a_reason_stays_as_it_is_written(tmp_path, cell):
    assert read(tmp_path, {"exclude": cell}, more=("exclude",))[0]["exclude"] == cell


@pytest.mark.parametrize("cell", ["?", "!!", "???", "no (checked)", "0, good", "No: fine"])
def test_a_mark_without_words_is_neither(tmp_path, cell):
    with pytest.raises(InputError, match="write the reason of the exclusion, or leave it empty"):
        read(tmp_path, {"exclude": cell}, more=("exclude",))


@pytest.mark.parametrize("cell", ["NA", "n/a", "nan", "None", "-", "NULL"])
def test_words_for_nothing_are_empty_cells_of_optional_columns(tmp_path, cell):
    more = ("task", "channels", "scan_start_s", "tr_s", "dummy_volumes", "lfp_variable", "trigger", "lfp_fs_hz")
    (row,) = read(tmp_path, dict.fromkeys(more, cell), more=more)
    assert (row["task"], row["state"]) == ("rest", "awake")
    assert (row["channels"], row["scan_start_s"]) == ([], None)
    for name in ("tr_s", "dummy_volumes", "lfp_variable", "trigger", "lfp_fs_hz"):
        assert row["input"][name] == SETTINGS["input"][name]


def test_na_is_a_site_where_the_config_has_one(tmp_path):
    """The nucleus accumbens is often called so."""
    base = SETTINGS | {"sites": SETTINGS["sites"] | {"NA": {"seed": "all"}}}
    assert read(tmp_path, {"site": "NA"}, base=base)[0]["site"] == "NA"
    with pytest.raises(InputError, match=r"site is `NA`.*this word means that there is none"):
        read(tmp_path, {"site": "NA"})


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"scan_start_s": "11,64"}, r"write it with a point, as 11\.64"),
        ({"scan_start_s": "1.234,5"}, r"write it with a point, as 1234\.5"),
        ({"scan_start_s": "0.5 s"}, r"write it without a unit, as 0\.5"),
        ({"scan_start_s": "1_0"}, "is not a number"),
        ({"scan_start_s": "00:00:12"}, "is not a number"),
        ({"tr_s": "1,5"}, r"as 1\.5"),
        ({"tr_s": "1500 ms"}, "is not a number"),
        ({"lfp_fs_hz": "1000,0"}, r"as 1000\.0"),
        ({"lfp_fs_hz": "1000 Hz"}, "as 1000"),
        ({"dummy_volumes": "four"}, "is not a number"),
        ({"run": "1.0"}, "a label has only letters and digits.*write 1"),
        ({"run": "2-Jan"}, "a label has only letters and digits"),
        ({"sub": ""}, "merged cells of a spreadsheet"),
        ({"state": "“awake”"}, "in typographic quotes"),
        ({"bold": "#REF!"}, "an error of the spreadsheet"),
        ({"dummy_volumes": "#VALUE!"}, "an error of the spreadsheet"),
    ],
)
def test_habits_of_spreadsheets_are_refused_with_what_to_write(tmp_path, cells, sentence):
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, cells, more=[name for name in cells if name not in COLUMNS])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_marks_ends_of_lines_and_blanks_around_cells_make_no_difference(tmp_path, encoding, end):
    wanted = read(tmp_path, {"task": "", "scan_start_s": "0.5"}, more=("task", "scan_start_s"))
    blank = {"sub": " 01", "state": "awake\xa0", "site": "M1 ", "lfp": "a.edf  ", "scan_start_s": "\u20070.5"}
    found = read(tmp_path, blank, more=("task", "scan_start_s"), end=end, encoding=encoding)
    assert found == wanted


def test_empty_rows_and_columns_of_a_spreadsheet_are_ignored(tmp_path):
    nothing = dict.fromkeys(COLUMNS, "") | {"sub": "\xa0"}
    assert len(read(tmp_path, {}, nothing, {"run": "2", "bold": "c.nii", "lfp": "c.edf"}, more=("", ""))) == 2
    with pytest.raises(InputError, match="a cell below an empty heading"):
        read(tmp_path, {"": "lost"}, more=("",))
    with pytest.raises(InputError, match="more cells than the header"):
        read(tmp_path, {"lfp": "a.edf\tlost"})


@pytest.mark.parametrize(
    ("name", "labels"),
    [("run", ("1", "01")), ("sub", ("1", "01")), ("sub", ("rat7", "rat007")), ("ses", ("2", "002")),
     ("task", ("odor1", "odor01"))],
)  # fmt: skip
def test_labels_that_differ_only_in_leading_zeros_are_refused(tmp_path, name, labels):
    rows = [{name: label, "bold": f"{label}.nii", "lfp": f"{label}.edf"} for label in labels]
    with pytest.raises(InputError, match=f"{name} is `{labels[1]}` here and `{labels[0]}` above.*leading zeros"):
        read(tmp_path, *rows, more=("task",))


@pytest.mark.parametrize("labels", [("1", "10"), ("10", "100"), ("a1", "a10"), ("20", "2"), ("101", "11")])
def test_labels_with_zeros_elsewhere_are_others(tmp_path, labels):
    assert (
        len(read(tmp_path, *({"run": label, "bold": f"{label}.nii", "lfp": f"{label}.edf"} for label in labels))) == 2
    )


@pytest.mark.parametrize(
    ("written", "there", "hint"),
    [("data\\b.nii", "b.nii", r"write / in place of"), ("B.nii", "b.nii", r"there is b\.nii: capital letters count")],
)
def test_why_a_file_is_not_found_is_told_where_its_name_shows_it(tmp_path, written, there, hint):
    for name in (there, "a.edf"):
        (tmp_path / name).touch()
    rows = read(tmp_path, {"bold": written})
    with pytest.raises(InputError, match=hint):
        sheet.without_missing(rows, "exclude")


def test_names_are_compared_as_any_hand_writes_them():
    assert spelling.meant_column("Exclude", ["exclude"], ["exclude"]) == "exclude"
    assert spelling.meant_column("age", ["exclude"], ["exclude"]) == ""


def test_a_header_within_the_sheet_is_refused_and_not_taken_for_an_excluded_row(tmp_path):
    with pytest.raises(InputError, match="line 3: repeats the header"):
        read(tmp_path, {}, {name: name for name in (*COLUMNS, "exclude")}, more=("exclude",))


@pytest.mark.parametrize("text", ["2", "1?", "3.5"])
def test_a_number_is_no_reason_of_an_exclusion(tmp_path, text):
    with pytest.raises(InputError, match="write the reason"):
        read(tmp_path, {"exclude": text}, more=("exclude",))
