"""Scans that differ are put together without loss: lags of unlike TR, bands that not every scan has."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold import gather, io, tables
from lfpbold.road import group


def scan(path, lags, bands, r):
    io.write_matrix(path, np.column_stack([lags, r]), tables.scan_lags(bands))
    return path


def test_lags_of_unlike_scans_meet_on_one_set_of_lags(tmp_path):
    """TR 1 s and 2 s: the lags of the second serve both; a scan without a band or a value there has none."""
    one = scan(tmp_path / "a.tsv", [-1.0, 0.0, 1.0], ["gamma", "f012"], [[0.1, 0.2], [0.3, 0.4], [0.5, np.nan]])
    two = scan(tmp_path / "b.tsv", [-0.5, 0.5], ["gamma"], [[0.6], [0.7]])
    bands, steps, values = gather.lags([one, two])
    assert bands == ["gamma", "f012"] and steps.tolist() == [-0.5, 0.5]
    rows = {(row["band"], row["lag_s"]): row for row in group.lags(bands, steps, values, ["01", "01"])}
    assert rows["gamma", -0.5]["r"] == pytest.approx((0.2 + 0.6) / 2)
    assert rows["gamma", 0.5]["sem"] == pytest.approx(0.15)  # ½ |.7 − .4|, as two values have
    assert rows["gamma", 0.5]["n_animals"] == 1 and rows["gamma", 0.5]["n_scans"] == 2
    assert rows["f012", -0.5]["n_animals"] == 1  # one of its two scans has a value
    of_two = {(row["band"], row["lag_s"]): row for row in group.lags(bands, steps, values, ["01", "02"])}
    assert of_two["gamma", 0.5]["n_animals"] == 2 and of_two["f012", -0.5]["n_animals"] == 1
    assert of_two["f012", 0.5]["n_animals"] == of_two["f012", 0.5]["n_scans"] == 0
    assert rows["f012", -0.5]["r"] == pytest.approx(0.3) and rows["f012", -0.5]["n_scans"] == 1
    assert np.isnan(rows["f012", 0.5]["r"]) and np.isnan(rows["f012", -0.5]["sem"])
    assert gather.lags([one, one])[1].tolist() == [-1.0, 0.0, 1.0]


def test_an_excluded_scan_is_left_out(tmp_path):
    kept = scan(tmp_path / "a.tsv", [0.0, 1.0], ["gamma"], [[0.1], [0.2]])
    (tmp_path / "b.tsv").write_bytes(b"")
    io.write_json(tmp_path / "b.json", {"Excluded": {"Step": "motion", "Reason": "moved"}})
    _, _, values = gather.lags([kept, tmp_path / "b.tsv"])
    assert values.shape == (1, 2, 1)
    assert gather.lags([tmp_path / "b.tsv"])[2].shape == (0, 0, 0)
    assert group.lags(*gather.lags([tmp_path / "b.tsv"]), gather.animals([tmp_path / "b.tsv"])) == []
    assert gather.hrfgrid([tmp_path / "b.tsv"])[0] == []


def test_a_matrix_of_numbers_comes_back_as_it_was(tmp_path):
    values = np.random.default_rng(0).standard_normal((5, 3))
    values[2, 1] = np.nan
    path = tmp_path / "m.tsv"
    io.write_matrix(path, values, {name: ("A number", "") for name in "abc"})
    found, names = io.read_matrix(path)
    assert names == list("abc")
    np.testing.assert_allclose(found, values, rtol=1e-8)
    io.write_matrix(path, np.zeros((0, 3)), {name: ("A number", "") for name in "abc"})
    assert io.read_matrix(path)[0].shape == (0, 3)
