"""The study's numbers as data: each as REFERENCE.md has it, and the user's own beside the right one."""

import os
import re
from pathlib import Path

import pytest

from lfpbold.pipeline.group import published
from lfpbold.pipeline.group.published import PUBLISHED, yardstick

NAN = float("nan")


@pytest.fixture(scope="module")
def reference():
    path = Path(__file__).resolve().parents[3] / "shared" / "REFERENCE.md"
    if not path.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing; CI needs it")
        pytest.skip("REFERENCE.md is not here")
    text = path.read_text(encoding="utf-8").replace("−", "-")
    return re.search(r"^## 3\..*?(?=^## 4\.)", text, re.M | re.S)[0]


def value(state, site, band, measure, global_signal=True):
    (cell,) = [
        c
        for c in PUBLISHED
        if (c.state, c.site, c.band, c.measure, c.global_signal) == (state, site, band, measure, global_signal)
    ]
    return cell.value


def in_table(text):
    """(state, site, band, measure) to (value, n) of the table, empty cells left out."""
    header, _, *lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\|.*", text, re.M)
    ]
    found = {}
    for who, *cells in lines:
        site, state, n = re.fullmatch(r"(\w+) (\w+), n = (\d+)", who).groups()
        for band, cell in zip(header[1:], cells, strict=True):
            for measure, number in zip(("temporal", "spatial_scan", "spatial_group"), cell.split("·"), strict=True):
                if number.strip():
                    found[state, site, band, measure] = float(number), int(n)
    return found


def test_the_table_is_the_published_one(reference):
    expected = in_table(reference)
    assert len(expected) == 5 * (3 + 3 + 2 + 2)
    ours = {
        (c.state, c.site, c.band, c.measure): (c.value, c.n)
        for c in PUBLISHED
        if c.global_signal and c.measure in ("temporal", "spatial_scan", "spatial_group") and c.band != "infraslow"
    }
    assert ours == expected


def test_the_sentences_beside_the_table_agree(reference):
    number = r"(-?\.\d+)"
    for site in ("M1", "ACC"):
        listed = re.search(rf"Without global signal.*?{site} ((?:-?\.\d+ ?){{5}})", reference)[1].split()
        assert [value("sedated", site, b, "spatial_group", False) for b in published.BANDS] == [
            float(v) for v in listed
        ]
    temporal, spatial = re.search(rf"Infraslow M1: temporal {number}, spatial {number}", reference).groups()
    assert value("sedated", "M1", "infraslow", "temporal") == float(temporal)
    assert value("sedated", "M1", "infraslow", "spatial_group") == float(spatial)
    assert value("sedated", "M1", "gamma", "lag_s") == float(re.search(r"lags power by about (\d) s", reference)[1])
    cnr, true = re.search(rf"CNR ([\d.]+); true temporal r {number}", reference).groups()
    assert value("sedated", "M1", "gamma", "cnr") == float(cnr)
    assert value("sedated", "M1", "gamma", "true_temporal") == float(true)
    assert len(PUBLISHED) == 50 + 10 + 5, "every number of REFERENCE.md, and no other"
    assert {c.measure for c in PUBLISHED} == set(published.MEASURES)


def scan(state, site, band, r, **more):
    return {"sub": "01", "state": state, "site": site, "band": band, "r": r, **more}


@pytest.fixture
def tables():
    group = ("sedated", "M1")
    return {
        "temporal": [scan(*group, "gamma", 0.3), scan(*group, "gamma", 0.5, sub="02"), scan(*group, "gamma", NAN)],
        "spatial": [scan(*group, "gamma", 0.6), scan(*group, "delta", -0.2), scan("sedated", "V1", "gamma", 0.9)],
        "spatial_group": [scan(*group, "gamma", 0.93, n_scans=2, n_animals=1), scan(*group, "delta", NAN, n_scans=0)],
        "lags": [
            scan(*group, "gamma", r, lag_s=lag, n_scans=2, n_animals=2)
            for lag, r in ((-1.0, -0.9), (2.5, 0.4), (3.0, 0.3), (4.0, NAN))
        ],
        "noise": [{"state": "sedated", "site": "M1", "n_scans": 2, "n_animals": 2, "cnr": 1.4, "true_temporal": 0.6}],
    }


def ours(rows):
    return {(r["state"], r["site"], r["band"], r["measure"]): (r["ours"], r["n_scans"]) for r in rows}


def test_each_number_stands_beside_its_own(tables):
    rows = yardstick(tables, "gamma", True)
    found = ours(rows)
    gamma = {m: found["sedated", "M1", "gamma", m] for m in published.MEASURES}
    assert gamma == {
        "temporal": (pytest.approx(0.4), 2),  # a scan without a number does not count
        "spatial_scan": (0.6, 1),
        "spatial_group": (0.93, 2),
        "lag_s": (2.5, 2),  # the largest r, not the largest |r|
        "cnr": (1.4, 2),
        "true_temporal": (0.6, 2),
    }
    animals = {r["measure"]: r["n_animals"] for r in rows if r["band"] == "gamma"}
    assert animals == {
        **{"temporal": 2, "spatial_scan": 1, "spatial_group": 1},
        **dict.fromkeys(("lag_s", "cnr", "true_temporal"), 2),
    }
    assert found["sedated", "M1", "delta", "spatial_scan"] == (-0.2, 1)
    assert {(r["state"], r["site"]) for r in rows} == {("sedated", "M1")}  # neither V1 nor ACC, nor awake
    (row,) = [r for r in rows if (r["band"], r["measure"]) == ("gamma", "temporal")]
    assert (row["published"], row["published_n"]) == (0.37, 159)
    columns = ["state", "site", "band", "measure", "published", "ours", "n_scans", "n_animals", "published_n"]
    assert all(list(r) == columns for r in rows)


def test_what_the_user_lacks_is_not_a_number(tables):
    found = ours(yardstick(tables, "gamma", True))
    for missing in (("theta", "temporal"), ("delta", "spatial_group"), ("infraslow", "temporal")):
        got, n_scans = found["sedated", "M1", *missing]
        assert got != got and n_scans == 0
    assert yardstick({}, "gamma", True) == []
    assert yardstick({"temporal": [scan("sedated", "V1", "gamma", 0.3)]}, "gamma", True) == []


def test_without_global_signal_only_those_numbers_count(tables):
    rows = yardstick(tables, "gamma", False)
    assert [r["band"] for r in rows] == list(published.BANDS)
    assert {r["measure"] for r in rows} == {"spatial_group"}
    assert (rows[-1]["published"], rows[-1]["ours"]) == (0.94, 0.93)


def test_the_noise_argument_of_another_band_is_not_compared(tables):
    found = ours(yardstick(tables, "delta", True))
    assert found["sedated", "M1", "gamma", "cnr"][1] == 0
    assert found["sedated", "M1", "gamma", "lag_s"] == (2.5, 2)


def test_names_match_in_either_case_and_keep_the_users_spelling():
    tables = {"temporal": [scan("Awake", "acc", "gamma", 0.1)]}
    rows = yardstick(tables, "gamma", True)
    assert {(r["state"], r["site"]) for r in rows} == {("Awake", "acc")}
    assert rows[4]["published"] == rows[4]["ours"] == 0.10


def test_a_band_of_the_same_name_and_other_edges_is_not_compared():
    scans = [scan("sedated", "M1", band, 0.3) for band in ("gamma", "infraslow")]
    bands = {"gamma": [30, 80], "infraslow": [0.1, 1], "delta": [1, 4]}
    found = {row["band"] for row in published.yardstick({"temporal": scans}, "gamma", True, bands)}
    assert "gamma" not in found and {"infraslow", "delta"} <= found
