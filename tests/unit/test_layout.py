"""One record per output: what rules make, and nothing else, with the functions and columns that the records name."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from lfpbold.derivatives import layout, output, panels_page
from lfpbold.derivatives.rows import Rows, labels, of_group, pairs

REPOSITORY = Path(__file__).resolve().parents[2]
RULES = {
    name: text
    for path in (REPOSITORY / "workflow" / "rules").glob("*.smk")
    for name, text in re.findall(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", path.read_text(encoding="utf-8"), re.M | re.S)
}
BESIDE = {"captions"}  # captions of a rule's figures, which are sidecars of all of them
RECORD_ROWS = [
    {"sub": "01", "ses": "1", "run": "1", "state": "a", "site": "M1", "band": "gamma", "r": 0.5},
    {"sub": "02", "ses": "1", "run": "1", "state": "b", "site": "M1", "band": "gamma", "r": float("nan")},
    {"sub": "01", "ses": "1", "run": "1", "state": "a", "site": "M1", "band": "delta", "r": 0.25},
]


def written(rule: str) -> dict[str, str]:
    """Names and short paths of what a rule writes; figures as the SVG."""
    block = re.search(r"^    output:\n(.*?)^    \w+:", RULES[rule], re.M | re.S)[1]
    found = {}
    for call, path, names in re.findall(r"(in_folder|pictures)\(\s*\"([^\"]+)\",\s*((?:\"[^\"]+\",?\s*)+)", block):
        suffix = ".svg" if call == "pictures" else ""
        found |= {name: path.format(name) + suffix for name in re.sub(r'[",]', " ", names).split()}
    plain = re.findall(r"(\w+)=(?:report\(\s*)?\"([^\"]+)\"", block)
    return found | {name: path for name, path in plain if "<" in path and name not in BESIDE}


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"figures_specification"}))
def test_a_rule_makes_what_the_records_say_and_nothing_else(rule):
    paths = written(rule)
    if rule == "report":
        paths.pop("sidecar")
    assert paths == {name: record.path for name, record in layout.of_rule(rule).items()}


def test_every_record_has_a_rule():
    assert {record.rule for record in layout.EVERYTHING} == set(RULES) - {"figures_specification"}


@pytest.mark.parametrize("record", layout.EVERYTHING, ids=lambda record: f"{record.rule}.{record.name}")
def test_the_function_of_a_record_exists(record):
    names = [record.dotted_function] if record.function else []
    for panel in getattr(record, "panels", ()):
        names += [f"lfpbold.{name}" for name in panel.functions.split()]
        assert set(panel.rules.split()) <= set(RULES)
    for name in names:
        module, function = name.rsplit(".", 1)
        assert callable(getattr(importlib.import_module(module), function)), name
    assert names or record.kind in ("text", "time series") or record.rule == "electrodes"


def test_tables_maps_and_matrices_name_their_function_and_tables_their_columns():
    for record in layout.OUTPUTS:
        if record.kind in ("table", "map", "matrix", "volumes") and record.rule not in ("electrodes", "provenance"):
            assert record.function, record
        if record.path.endswith(".tsv") and record.rule != "specification":
            assert record.columns, record
        if isinstance(record.columns, dict):
            assert set(record.keys) <= set(record.columns), record


def test_a_path_leads_to_its_record_and_back():
    labels_of_one = {"variant": "no_gsr", "sub": "01", "ses": "1", "task": "rest", "run": "2", "state": "awake"}
    for record in layout.EVERYTHING:
        if record.rule == "provenance":  # called like those of a variant, in the folder above
            continue
        path = record.full_path.replace("<results>", "/a_b/sub-x/results").format(site="M1", **labels_of_one)
        assert layout.of_path(path) is record
        assert layout.of_path(output.sidecar_of(path)).sidecar == record.sidecar
    assert layout.of_path("/a/results/other.txt") is None
    assert layout.of_path("results/no_gsr/group/lags.tsv.gz") is None


def test_bidsignore_names_what_bids_has_no_name_for():
    lines = layout.bidsignore().split()
    assert {"*_coupling.*", "*_networks.*", "*_nulls.*", "*_statmap.*", "*_relmat.*", "*_qc.json"} <= set(lines)
    assert {"*_timeseries.*", "group", "figures", "excluded.*"} <= set(lines)
    assert not {f"*_{suffix}.*" for suffix in layout.BIDS_SUFFIXES} & set(lines)


def test_figures_of_the_published_study_come_in_its_order():
    numbers = [cells[0] for cells in panels_page.rows()]
    assert numbers[:6] == ["1B 1C", "1D", "1E 1F 2A 2B", "1G–K 2C–G", "1L 2H", "1-s2"]
    assert numbers.index("2-s1") < numbers.index("3A 3B 3-s2") < numbers.index("3-s1") < numbers.index("5-s1")
    assert set(numbers[-5:]) == {"–"}


def test_rows_are_chosen_and_grouped_in_their_order():
    rows = Rows(RECORD_ROWS)
    assert rows.where(band="gamma") == [RECORD_ROWS[0], RECORD_ROWS[1]]
    assert rows.where(band=("delta", "theta")) == [RECORD_ROWS[2]]
    assert rows.where(lambda row: row["r"] > 0.3, state="a") == [RECORD_ROWS[0]]
    assert rows.finite("r") == [RECORD_ROWS[0], RECORD_ROWS[2]]
    assert rows.column("r")[[0, 2]].tolist() == [0.5, 0.25]
    assert [key for key, _ in rows.groups("state", "site")] == pairs(rows) == [("a", "M1"), ("b", "M1")]
    assert rows.groups("state")[0][1] == [RECORD_ROWS[0], RECORD_ROWS[2]]
    assert rows.distinct("band") == [("gamma",), ("delta",)]
    assert of_group(rows, "a", "M1", band="delta") == [RECORD_ROWS[2]]
    assert labels(RECORD_ROWS[0]) == {"sub": "01", "ses": "1", "run": "1", "state": "a", "site": "M1"}
