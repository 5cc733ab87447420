"""Sheets that were made to do harm, and any other: rows, or one sentence; and what becomes of the text in them."""

from __future__ import annotations

import contextlib
import csv
import io as text_io
import os
import time

import pandas as pd
import pytest
from hostile import bounded
from hypothesis import HealthCheck, given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from lfpbold import cli
from lfpbold.derivatives import files
from lfpbold.errors import InputError, printable
from lfpbold.study import selection, settings, sheet, spelling

SETTINGS = settings.load([], {"atlas": {"labels": "labels.nii.gz"}})
HEADER = "\t".join(sheet.COLUMNS)
ROW = {"sub": "01", "ses": "01", "run": "1", "state": "awake", "site": "M1", "bold": "b.nii", "lfp": "a.edf",
       "channels": "", "scan_start_s": "", "exclude": ""}  # fmt: skip
FEW = bounds(deadline=None, derandomize=True, database=None, max_examples=100,
             suppress_health_check=list(HealthCheck))  # fmt: skip


def line(**cells) -> str:
    return "\t".join((ROW | cells).get(name, "") for name in sheet.COLUMNS)


def read(tmp_path, content):
    path = tmp_path / "recordings.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    with bounded():
        return sheet.read_sheet(path, SETTINGS)


def of(*lines) -> str:
    return "\n".join([HEADER, *lines]) + "\n"


SENTENCES = {
    "zero byte in a path": (of(line(lfp="a\0b.edf")), "contains invisible characters"),
    "colours in a path": (of(line(lfp="\x1b[31mred.edf")), "`�[31mred.edf`, which contains invisible characters"),
    "turned writing in a path": (of(line(lfp="a\u202efde.exe")), "contains invisible characters"),
    "line's end in a path": (of(line(lfp='"a\nb.edf"')), "contains invisible characters"),
    "name too long": (of(line(bold="a" * 256)), "longer than a file name may be"),
    "path too long": (of(line(bold="a/" * 2000)), "longer than a file name may be"),
    "wildcard in a path": (of(line(lfp="{sub}.edf")), "contains one of < > { }"),
    "wildcard as label": (of(line(sub="{sub}")), "only letters and digits"),
    "label that climbs": (of(line(sub="../01")), "only letters and digits"),
    "digits of another alphabet": (of(line(sub="０１")), "only letters and digits"),
    "label too long": (of(line(sub="0" * 33)), "at most 32"),
    "labels that a Mac cannot tell": (of(line(sub="01a"), line(sub="01A")), "not distinguish"),
    "cell of 10 MB": (of(line(channels="0" * 10**7)), "field larger than field limit"),
    "infinite start": (of(line(scan_start_s="inf")), "not a number below 10⁹"),
    "huge start": (of(line(scan_start_s="1e300")), "not a number below 10⁹"),
    "UTF-16": (of(line()).encode("utf-16"), "is not UTF-8"),
    "UTF-16 without a mark": (of(line()).encode("utf-16-le"), "the column `sub` is missing"),
    "Latin-1": (of(line(exclude="café")).encode("latin-1"), "is not UTF-8"),
    "zeros": (bytes(1000), "the column `sub` is missing"),
    "open quote": (HEADER + '\n"' + line() + "\n", "unexpected end of data"),
    "100,000 columns": ("\t".join(f"c{i}" for i in range(100_000)) + "\n", "the column `sub` is missing"),
    "commas": (of(line()).replace("\t", ","), "separated by tabs"),
    "TR in milliseconds": (HEADER + "\ttr_s\n" + line() + "\t1500\n", "probably milliseconds"),
    "gain of nothing": (HEADER + "\tbold_scale\n" + line() + "\t0\n", "must not be 0"),
}


@pytest.mark.parametrize(("column", "meant"), [
    ("lfp_scal", "lfp_scale"), ("triger", "trigger"), ("excluded", "exclude"), ("channel", "channels"),
    ("TR_s", "tr_s"), ("scan_start", "scan_start_s"), ("Date", "date"), ("lfp_fs", "lfp_fs_hz"), ("Events", "events"),
])  # fmt: skip
def test_a_column_that_is_nearly_known_is_asked_about(tmp_path, column, meant):
    """Ignored in silence, the setting that was meant would have its default."""
    header = "\t".join(name for name in sheet.COLUMNS if name != meant)
    cells = "\t".join(ROW.get(name, "") for name in sheet.COLUMNS if name != meant)
    with pytest.raises(InputError, match=f"the column `{column}` is not known; did you mean `{meant}`"):
        read(tmp_path, f"{header}\t{column}\n{cells}\t1\n")


@pytest.mark.parametrize(("column", "cell", "sentence"), [
    ("lfp_fs_hz", "-5", "lfp_fs_hz is -5; allowed: 0.001 to"), ("tr_s", "0", "tr_s is 0; allowed: 0.001 to 60"),
    ("dummy_volumes", "1.5", "dummy_volumes is 1.5; allowed: integer 0 to"), ("dummy_volumes", "-1", "is -1; allowed"),
    ("bold_voxel_scale", "0", "bold_voxel_scale is 0; allowed: above 0 to"), ("lfp_scale", "0", "must not be 0"),
    ("tr_s", "1500", "probably milliseconds"), ("lfp_time_axis", "row", "choose one of auto, rows, columns"),
])  # fmt: skip
def test_a_cell_is_held_to_what_the_config_allows(tmp_path, column, cell, sentence):
    with pytest.raises(InputError, match=sentence):
        read(tmp_path, f"{HEADER}\t{column}\n{line()}\t{cell}\n")


@pytest.mark.parametrize("column", ["note", "age", "weight_g", "states", "sub2", "data", "electrode", "dose", "run_id"])
def test_a_column_of_the_users_own_is_kept(tmp_path, column):
    (row,) = read(tmp_path, f"{HEADER}\t{column}\n{line()}\tx\n")
    assert row[column] == "x"


@pytest.mark.parametrize("case", SENTENCES)
def test_a_hostile_sheet_is_refused_in_a_sentence(tmp_path, case):
    content, culprit = SENTENCES[case]
    with pytest.raises(InputError) as error:
        read(tmp_path, content)
    said = str(error.value)
    assert culprit in said and "\n" not in said and "\x1b" not in said and len(said) <= 2100


def test_what_is_no_file_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.tsv")
    for path, kind in ((tmp_path / "pipe.tsv", "a pipe"), (tmp_path, "a folder"), ("/dev/zero", "a device")):
        with bounded(), pytest.raises(InputError, match=kind):
            sheet.read_sheet(path, SETTINGS)


def test_other_ends_of_lines_quotes_and_a_byte_order_mark_are_read(tmp_path):
    wanted = read(tmp_path, of(line()))
    for content in (of(line()).replace("\n", "\r"), of(line()).replace("\n", "\r\n"), "\ufeff" + of(line()),
                    of("\t".join(f'"{cell}"' for cell in line().split("\t")))):  # fmt: skip
        assert read(tmp_path, content) == wanted


def test_time_is_linear_in_rows(tmp_path):
    """Ten times the rows take some ten times as long; a quadratic reader would take a hundred times."""

    def seconds(n):
        content = of(*(line(sub=f"{i}", bold=f"{i}.nii", lfp=f"{i}.edf") for i in range(n)))
        begun = time.process_time()
        assert len(selection.mark_excluded(read(tmp_path, content), SETTINGS)) == n
        return time.process_time() - begun

    seconds(100)
    assert seconds(20_000) < 30 * max(seconds(2_000), 0.02)


HARM = ("=HYPERLINK(\"http://x\")", "@SUM(A1)", "+1+cmd|' /C calc'!A0", "-2+3", '"swallows the lines below',
        "<script>alert(1)</script>", "\x1b]0;title\x07", "a\u202eb", "two\nlines\tand a tab", "\x85\u2028")  # fmt: skip


def test_text_of_the_sheet_is_harmless_in_tables(tmp_path):
    """A reason for an exclusion is free text, and `excluded.tsv` is opened with spreadsheets."""
    rows = [{"sub": f"{i:02d}", "reason": text, "value": -0.5} for i, text in enumerate(HARM)]
    files.write_table(tmp_path / "t.tsv", rows, {"sub": ("", ""), "reason": ("", ""), "value": ("", "")})
    back = pd.read_csv(
        tmp_path / "t.tsv", sep="\t", dtype=str, keep_default_na=False
    )  # quotes as a spreadsheet has them
    assert list(back["sub"]) == [row["sub"] for row in rows]
    assert list(back["value"]) == ["-0.5"] * len(HARM)
    for cell, text in zip(back["reason"], HARM, strict=True):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) and printable(cell) == cell
        plain = printable(" ".join(text.split()))
        assert cell in (plain, f"'{plain}", "n/a")
    assert files.read_table(tmp_path / "t.tsv")[0]["reason"] == "'" + HARM[0]


def test_html_is_text_in_the_report():
    """Every template goes through one environment, which escapes; nothing is marked as safe but our own links."""
    from jinja2 import Environment

    from lfpbold.report import page as report

    source = (report.Path(report.__file__).parent / "templates").glob("*.j2")
    assert not any("safe" in word for path in source for word in path.read_text(encoding="utf-8").split("|")[1:])
    made = []
    original = report.Environment
    try:
        report.Environment = lambda **options: made.append(options) or original(**options)
        with pytest.raises(IndexError):
            report.build([], {}, {})
    finally:
        report.Environment = original
    assert made[0]["autoescape"] is True
    shown = Environment(autoescape=True).from_string("{{ x }}").render(x=HARM[5])
    assert "<script>" not in shown


def test_nothing_that_a_terminal_obeys_is_printed(tmp_path, capsys):
    study = tmp_path / "study"
    study.mkdir()
    (study / "recordings.tsv").write_text(of(line(site="\x1b[31mM1", lfp="\x1b[2J")), encoding="utf-8")
    (study / "config.yaml").write_text("atlas: {labels: l.nii}\nrecordings: recordings.tsv\n", encoding="utf-8")
    assert cli.main(["check", str(study / "config.yaml")]) == 1
    results = tmp_path / "results" / "\x1b[31mevil" / "group"
    results.mkdir(parents=True)
    columns = dict.fromkeys(("state", "site", "measure", "value", "ci_low", "ci_high", "n", "n_animals"), ("", ""))
    numbers = dict.fromkeys(("value", "ci_low", "ci_high", "n", "n_animals"), 1.0)
    files.write_table(
        results / "headline.tsv", [{"state": "a\x1b[2J", "site": "b", "measure": "c", **numbers}], columns
    )
    assert cli.main(["headline", str(tmp_path / "results")]) == 0
    assert cli.main(["explain", str(tmp_path / "\x1b[31mnothing")]) == 1
    told = "".join(capsys.readouterr())
    assert "�[31m" in told and "\x1b" not in told


# ---- any sheet at all ----------------------------------------------------------------------------------------------

LABEL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=32).filter(
    lambda label: not spelling.is_empty(label))  # fmt: skip
NAME = st.text("abcXYZ019 ._-+()'éß漢", min_size=1, max_size=20).map(str.strip).filter(
    lambda name: any(map(str.isalnum, name)) and not spelling.is_empty(name) and not name.startswith("'"))  # fmt: skip


@FEW
@given(st.one_of(st.text(max_size=300), st.binary(max_size=300),
                 st.lists(st.lists(st.text(max_size=6), max_size=12), max_size=4).map(
                     lambda cells: of(*("\t".join(row) for row in cells)))))  # fmt: skip
def test_any_text_is_rows_or_a_sentence(tmp_path, content):
    _rows_or_sentence(tmp_path, content)


CELLS = st.dictionaries(st.sampled_from([*sheet.COLUMNS, *sheet.INPUT_COLUMNS, "date"]), st.one_of(
    st.text(max_size=10), st.sampled_from(["-1", "1e400", "nan", "=1+1", "../x", "/", "raw", "0", "1_0", "M2", "٣"]),
    st.floats().map(str)), min_size=1, max_size=3)  # fmt: skip


@FEW
@given(CELLS)
def test_any_cells_are_rows_or_a_sentence(tmp_path, cells):
    columns = [*sheet.COLUMNS, *(name for name in cells if name not in sheet.COLUMNS)]
    content = "\t".join(columns) + "\n" + "\t".join((ROW | cells).get(name, "") for name in columns) + "\n"
    _rows_or_sentence(tmp_path, content)


def _rows_or_sentence(tmp_path, content):
    try:
        rows = read(tmp_path, content)
    except InputError as error:
        assert str(error) and "\n" not in str(error)
        return
    assert rows
    for row in rows:
        assert all(row[name].isalnum() and row[name].isascii() for name in sheet.LABELS)
        if not row["exclude"]:
            assert os.path.isabs(row["lfp"]) and os.path.isabs(row["bold"])  # noqa: PTH117
            assert row["scan_start_s"] is None or abs(row["scan_start_s"]) < 1e9
    with contextlib.suppress(InputError):  # no row has its files
        sheet.without_missing(rows, "exclude")


@FEW
@given(st.lists(st.fixed_dictionaries({
    "sub": LABEL, "bold": NAME, "lfp": NAME, "channels": st.lists(st.text("AB12", min_size=1, max_size=3), max_size=3),
    "scan_start_s": st.none() | st.floats(-1e6, 1e6),
    "exclude": st.just("") | NAME.filter(lambda text: any(letter.isalpha() for letter in text)),
    "tr_s": st.none() | st.floats(0.01, 60), "dummy_volumes": st.none() | st.integers(0, 1000)}),
    min_size=1, max_size=5, unique_by=(lambda row: spelling.without_leading_zeros(row["sub"]),
                                       lambda row: row["bold"], lambda row: row["lfp"])))  # fmt: skip
def test_what_was_written_is_read(tmp_path, wanted):
    columns = [*sheet.COLUMNS, "tr_s", "dummy_volumes"]
    text = text_io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter="\t")
    writer.writeheader()
    for row in wanted:
        cells = {key: "" if value is None else value for key, value in row.items()}
        writer.writerow(ROW | cells | {"channels": ", ".join(row["channels"])})
    rows = read(tmp_path, text.getvalue())
    assert [row["sub"] for row in rows] == [row["sub"] for row in wanted]
    for row, written in zip(rows, wanted, strict=True):
        assert row["exclude"] == spelling.exclusion(written["exclude"], "row 1")
        if row["exclude"]:
            continue
        for name in ("bold", "lfp"):
            assert row[name] == str(tmp_path / written[name])
        assert row["channels"] == written["channels"] and row["scan_start_s"] == written["scan_start_s"]
        for name in ("tr_s", "dummy_volumes"):
            default = SETTINGS["input"][name]
            assert row["input"][name] == (default if written[name] is None else written[name])


CHOICES = st.none() | st.lists(st.sampled_from(["01", "02", "03", "04"]), min_size=1, max_size=3, unique=True)


@FEW
@given(st.lists(st.tuples(st.sampled_from(["01", "02", "03"]), st.sampled_from(["01", "02"]), st.booleans()),
                min_size=1, max_size=6), CHOICES, CHOICES)  # fmt: skip
def test_a_selection_is_what_a_model_says(table, subs, sessions):
    rows = [{"sub": sub, "ses": ses, "run": "1", "state": "a", "site": "b", "where": "w",
             "exclude": "bad" if out else ""} for sub, ses, out in table]  # fmt: skip
    wanted = {"sub": subs, "ses": sessions, "run": None, "state": None, "site": None, "date": None}
    unknown = set(subs or []) - {r[0] for r in table} or set(sessions or []) - {r[1] for r in table}
    kept = [
        not out and (subs is None or sub in subs) and (sessions is None or ses in sessions) for sub, ses, out in table
    ]
    if unknown or (not any(kept) and not all(out for *_, out in table)):
        with pytest.raises(InputError, match="select"):
            selection.listed(rows, wanted, "variant `x`")
        return
    found = selection.listed(rows, wanted, "variant `x`")
    assert [not row["exclude"] for row in found] == kept
    assert [row["exclude"] == "bad" for row in found] == [out for *_, out in table]
