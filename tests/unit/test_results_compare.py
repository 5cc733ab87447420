"""Two results side by side: rows are matched by what names them, and what differs is found, named and counted."""

import math
import shutil

import pytest
import yaml

from lfpbold import cli
from lfpbold.derivatives import files
from lfpbold.results import compare, specification
from lfpbold.results.compare_text import in_words

NAN = float("nan")
HEADLINE = [
    {"state": "sedated", "site": site, "measure": measure, "value": value, "ci_low": value - 0.1, "ci_high": NAN}
    for site, measure, value in (
        ("M1", "temporal_r", 0.38),
        ("M1", "spatial_r_group", 0.95),
        ("ACC", "temporal_r", 0.3),
    )
]
LAGS = [{"state": "sedated", "site": "M1", "band": "gamma", "lag_s": float(lag), "r": 0.1 * lag} for lag in range(4)]


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {name: ("", "") for name in rows[0]}
    files.write_table(path, rows, columns, info={"Rule": "variance", "CodeDigest": "aaa", "Sources": []})


def results(root, headline=HEADLINE, lags=LAGS, version="0.1.0", study="/study", **changes):
    """A results folder of two variants, as the workflow leaves it."""
    settings = {"recordings": f"{study}/recordings.tsv", "results": str(root), "seed": 1}
    settings |= {"atlas": {"brain": f"{study}/brain.nii"}, "bold": {"fwhm_mm": 0.75, "global_signal": True}}
    settings["variants"] = {"reference": {}, "no_gsr": {"bold": {"global_signal": False}}}
    settings["bold"] |= changes
    for variant in settings["variants"]:
        write(root / variant / "group" / "headline.tsv", headline)
        write(root / variant / "group" / "lags.tsv", lags)
    (root / "config.resolved.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    files.write_json(root / "dataset_description.json", {"GeneratedBy": [{"Name": "lfpbold", "Version": version}]})
    return root


def changed(rows, index, **values):
    return [row | values if i == index else row for i, row in enumerate(rows)]


def lines(capsys, *arguments):
    status = cli.main(["compare", *map(str, arguments)])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_same_results_agree_wherever_they_stand_and_in_whatever_order(tmp_path, capsys):
    a = results(tmp_path / "a")
    b = results(tmp_path / "b", HEADLINE[::-1], LAGS[::-1], study="/elsewhere")
    status, out, _ = lines(capsys, a, b)
    assert status == 0
    assert "no setting differs" in out and "2 of 2 tables agree" in out and "code: the same" in out
    assert "version" not in out


def test_a_difference_is_found_where_it_is_and_the_largest_comes_first(tmp_path, capsys):
    a = results(tmp_path / "a")
    rows = changed(changed(HEADLINE, 0, value=0.40), 2, value=0.1)
    b = results(tmp_path / "b", rows[::-1], version="0.2.0", fwhm_mm=1.0)
    status, out, _ = lines(capsys, a / "reference", b / "reference")
    assert status == 1
    assert "version of lfpbold: 0.1.0 | 0.2.0" in out
    assert "setting bold.fwhm_mm: 0.75 | 1" in out
    told = [line.split() for line in out.splitlines() if "→" in line]
    assert [line[:3] for line in told] == [["sedated", "ACC", "temporal_r"], ["sedated", "M1", "temporal_r"]]
    assert told[0][-4:] == ["0.3", "→", "0.1", "(−0.2)"]
    assert "(+0.02)" in out and "1 of 2 tables agree" in out
    status, out, _ = lines(capsys, a, b)
    assert status == 1 and "Variant reference" in out and "Variant no_gsr" in out


def test_tolerance_is_absolute_for_small_numbers_and_relative_for_large_ones():
    def cells(a, b, tolerance):
        of = {"state": "sedated", "site": "M1"}
        return compare.rows("x", [of | {"r": a}], [of | {"r": b}], tolerance=tolerance).cells

    assert not cells(0.3, 0.3009, 1e-3) and cells(0.3, 0.3011, 1e-3)
    assert not cells(2000.0, 2001.9, 1e-3) and cells(2000.0, 2002.1, 1e-3)
    assert not cells(NAN, NAN, 0) and not cells(0.3, 0.3, 0)
    (gap,) = cells(NAN, 0.3, 10.0)  # a number against none is no matter of tolerance
    assert math.isnan(gap.difference) and gap.size == math.inf


def test_rows_tables_and_columns_that_only_one_has_are_named(tmp_path, capsys):
    a = results(tmp_path / "a")
    b = results(tmp_path / "b", [row | {"n_animals": 2.0} for row in HEADLINE[1:]])
    write(b / "reference" / "group" / "new.tsv", LAGS)
    (b / "reference" / "group" / "lags.tsv").unlink()
    status, out, _ = lines(capsys, a / "reference", b / "reference")
    assert status == 1
    assert "headline: only in the first: sedated M1 temporal_r" in out
    assert "headline: column n_animals only in the second" in out
    assert "lags: only in the first" in out and "new: only in the second" in out
    # A column of another version alone is no difference of results.
    b = results(tmp_path / "c", [row | {"n_animals": 2.0} for row in HEADLINE])
    assert lines(capsys, a / "reference", b / "reference")[0] == 0


def test_numbers_name_rows_in_some_tables_only():
    of = {"state": "sedated", "site": "M1", "band": "gamma", "lag_s": 2.0, "r": 0.3}
    shifted = of | {"lag_s": 3.0}
    found = compare.rows("lags", [of], [shifted])
    assert not found.cells and found.only_a == [{"state": "sedated", "site": "M1", "band": "gamma", "lag_s": "2"}]
    found = compare.rows("significance", [of], [shifted])
    assert [(cell.column, cell.difference) for cell in found.cells] == [("lag_s", 1.0)]


def test_words_differ_as_words_and_empty_tables_have_no_rows():
    of = {"state": "sedated", "site": "M1", "reason": "noise"}
    (cell,) = compare.rows("reliability", [of], [of | {"reason": ""}]).cells
    assert (cell.a, cell.b, cell.column) == ("noise", "", "reason")
    assert compare.rows("x", [], []).cells == []
    assert len(compare.rows("x", [], [of]).only_b) == 1


def test_rows_that_nothing_tells_apart_are_matched_in_order():
    found = compare.rows("odd", [{"r": 1.0}, {"r": 2.0}], [{"r": 1.0}, {"r": 2.5}, {"r": 3.0}])
    assert [cell.difference for cell in found.cells] == [0.5] and len(found.only_b) == 1


def test_two_variants_of_one_study_and_one_table_alone(tmp_path, capsys):
    a = results(tmp_path / "a")
    write(a / "no_gsr" / "group" / "lags.tsv", changed(LAGS, 3, r=0.9))
    status, out, _ = lines(capsys, a / "reference", a / "no_gsr")
    assert status == 1 and "Variant reference / no_gsr" in out
    assert "setting bold.global_signal: true | false" in out
    assert "sedated M1 gamma lag_s 3 r  0.3 → 0.9  (+0.6)" in out
    status, out, _ = lines(capsys, a / "reference", a / "no_gsr", "--table", "headline")
    assert status == 0 and "lag_s" not in out
    status, _, err = lines(capsys, a / "reference", a / "no_gsr", "--table", "headlin")
    assert status == 2 and "headline" in err


def test_all_and_out_hold_every_difference(tmp_path, capsys):
    a, many = results(tmp_path / "a"), [LAGS[0] | {"lag_s": float(i)} for i in range(40)]
    b = results(tmp_path / "b", lags=[row | {"r": 0.5 + 0.01 * i} for i, row in enumerate(many)])
    a = results(tmp_path / "a", lags=many)
    out_file = tmp_path / "found.tsv"
    status, out, _ = lines(capsys, a / "reference", b / "reference", "--out", out_file)
    assert status == 1 and "and 37 smaller ones" in out and out.count("→") == 3
    rows = files.read_table(out_file)
    assert len(rows) == 40 and rows[0]["difference"] == pytest.approx(0.89)
    assert (rows[0]["table"], rows[0]["column"], rows[0]["row"]) == ("lags", "r", "sedated M1 gamma lag_s 39")
    assert lines(capsys, a / "reference", b / "reference", "--all")[1].count("→") == 40


def test_code_and_versions_that_were_not_recorded_are_said(tmp_path, capsys):
    a, b = results(tmp_path / "a"), results(tmp_path / "b")
    for path in a.rglob("group/*.json"):
        files.write_json(path, {"Rule": "variance", "CodeDigest": "bbb"})
    assert "code that differs, by rule: variance" in lines(capsys, a, b)[1]
    files.write_json(b / "reference" / "group" / "new.json", {"Rule": "average", "CodeDigest": "ccc"})
    assert "rules only in the second: average\ncode that differs, by rule: variance" in lines(capsys, a, b)[1]
    for path in b.rglob("*.json"):
        path.unlink()
    (b / "config.resolved.yaml").unlink()
    status, out, _ = lines(capsys, a, b)
    assert status == 0 and "code: not recorded in the second" in out and "version of lfpbold: 0.1.0 | not there" in out


def test_errors_say_the_way_out(tmp_path, capsys):
    a, b = results(tmp_path / "a"), results(tmp_path / "b")
    for argument in (tmp_path / "nowhere", tmp_path):
        status, _, err = lines(capsys, a, argument)
        assert status == 2 and "results/VARIANT" in err and len(err.splitlines()) == 1
    for variant in ("reference", "no_gsr"):
        shutil.move(b / variant, b / f"{variant}_2")
    status, _, err = lines(capsys, a, b)
    assert status == 2 and "no variant in common" in err
    status, out, _ = lines(capsys, a / "reference", b / "reference_2")
    assert status == 0 and "Variant reference / reference_2" in out


def test_a_variant_that_only_one_has_is_a_difference(tmp_path, capsys):
    a, b = results(tmp_path / "a"), results(tmp_path / "b")
    shutil.rmtree(b / "no_gsr")
    status, out, _ = lines(capsys, a, b)
    assert status == 1 and "only in the first: variant no_gsr" in out


def test_estimates_come_before_limits():
    of = {"state": "sedated", "site": "M1"}
    found = compare.rows("x", [of | {"ci_low": 0.0, "r": 1.0}], [of | {"ci_low": 0.9, "r": 1.1}])
    assert [cell.column for cell in found.cells] == ["r", "ci_low"]
    told = in_words(compare.Comparison("a", "a", [], [found]))
    assert any(specification.level("sedated M1 ci_low") in line for line in told)
