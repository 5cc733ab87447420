"""Scans that differ are put together without loss: lags of unlike TR, bands that not every scan has."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.derivatives import files, load
from lfpbold.derivatives.columns.scan import scan_lags
from lfpbold.pipeline.group import tables as group


def scan(path, lags, bands, r):
    files.write_matrix(path, np.column_stack([lags, r]), scan_lags(bands))
    return path


def test_lags_of_unlike_scans_meet_on_one_set_of_lags(tmp_path):
    """TR 1 s and 2 s: the lags of the second serve both; a scan without a band or a value there has none."""
    one = scan(tmp_path / "a.tsv", [-1.0, 0.0, 1.0], ["gamma", "f012"], [[0.1, 0.2], [0.3, 0.4], [0.5, np.nan]])
    two = scan(tmp_path / "b.tsv", [-0.5, 0.5], ["gamma"], [[0.6], [0.7]])
    bands, steps, values = load.read_lags([one, two])
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
    assert load.read_lags([one, one])[1].tolist() == [-1.0, 0.0, 1.0]


def test_an_excluded_scan_is_left_out(tmp_path):
    kept = scan(tmp_path / "a.tsv", [0.0, 1.0], ["gamma"], [[0.1], [0.2]])
    (tmp_path / "b.tsv").write_bytes(b"")
    files.write_json(tmp_path / "b.json", {"Excluded": {"Step": "motion", "Reason": "moved"}})
    _, _, values = load.read_lags([kept, tmp_path / "b.tsv"])
    assert values.shape == (1, 2, 1)
    assert load.read_lags([tmp_path / "b.tsv"])[2].shape == (0, 0, 0)
    assert group.lags(*load.read_lags([tmp_path / "b.tsv"]), load.animals([tmp_path / "b.tsv"])) == []
    assert load.read_hrfgrids([tmp_path / "b.tsv"])[0] == []


def test_a_matrix_of_numbers_comes_back_as_it_was(tmp_path):
    values = np.random.default_rng(0).standard_normal((5, 3))
    values[2, 1] = np.nan
    path = tmp_path / "m.tsv"
    files.write_matrix(path, values, {name: ("A number", "") for name in "abc"})
    found, names = files.read_matrix(path)
    assert names == list("abc")
    np.testing.assert_allclose(found, values, rtol=1e-8)
    files.write_matrix(path, np.zeros((0, 3)), {name: ("A number", "") for name in "abc"})
    assert files.read_matrix(path)[0].shape == (0, 3)


def test_beyond_its_own_lags_a_scan_has_no_value(tmp_path):
    """The scan with the fewest lags reaches further than the other one, whose last value must not be held."""
    near = scan(tmp_path / "a.tsv", [-1.0, 0.0, 1.0], ["gamma"], [[0.1], [0.2], [0.4]])
    far = scan(tmp_path / "b.tsv", [-1.5, 1.0], ["gamma"], [[0.6], [0.7]])
    _, steps, values = load.read_lags([near, far])
    assert steps.tolist() == [-1.5, 1.0]
    np.testing.assert_allclose(values[:, :, 0], [[np.nan, 0.4], [0.6, 0.7]], rtol=1e-8)


def test_lags_that_differ_by_rounding_alone_are_the_same(tmp_path):
    one = scan(tmp_path / "a.tsv", [-0.3, 0.0, 0.3], ["gamma"], [[0.1], [0.2], [0.4]])
    other = scan(tmp_path / "b.tsv", [-0.3000005, 0.3000005], ["gamma"], [[0.6], [0.7]])
    np.testing.assert_allclose(load.read_lags([one, other])[2][0, :, 0], [0.1, 0.4])


def test_maps_are_of_the_voxels_that_every_scan_has(tmp_path):
    rng, paths = np.random.default_rng(0), []
    for number in range(3):
        seed = rng.standard_normal((2, 2, 2))
        if number < 2:
            seed[(0, 0, 0) if number == 0 else (1, 1, 0)] = np.nan
        else:
            seed[:] = np.nan  # one constant seed has no map, and must not empty the others'
        maps = rng.standard_normal((2, 2, 2, 2))
        four = [tmp_path / f"sub-0{number}_{name}.nii.gz" for name in ("seed", "lfp", "removal", "information")]
        for path, data in zip(four, (seed, maps, maps, maps), strict=True):
            files.write_image(path, data, np.eye(4))
        files.write_json(files.sidecar_path(four[1]), {"Bands": ["gamma", "delta"][:: 1 - 2 * (number == 1)]})
        files.write_json(files.sidecar_path(four[3]), {"Maps": ["seed", "gamma"]})
        paths.append((four, seed, maps))
    scans, brain, _, bands, named = load.scans(*zip(*(four for four, *_ in paths), strict=True))
    assert brain.sum() == 6 and not brain[0, 0, 0] and not brain[1, 1, 0]
    assert bands == ["gamma", "delta"] and named == ["gamma"] and [one["sub"] for one in scans] == ["00", "01", "02"]
    for one, (_, seed, maps), order in zip(scans, paths, ([0, 1], [1, 0], [0, 1]), strict=True):
        np.testing.assert_allclose(one["seed_map"], seed[brain], rtol=1e-6)
        np.testing.assert_allclose(one["lfp_maps"], maps[order][:, brain], rtol=1e-6)


def test_noise_is_that_of_the_band_that_was_asked_for(tmp_path):
    columns = {name: ("A column", "") for name in ("sub", "ses", "run", "site", "band", "noise_sd")}
    first = {"sub": "01", "ses": "01", "run": "02", "site": "M1"}
    rows = [first | {"band": "gamma", "noise_sd": 0.5}, first | {"band": "delta", "noise_sd": 0.9}]
    files.write_table(tmp_path / "a.tsv", rows, columns)
    assert load.noise_sd([tmp_path / "a.tsv"], "gamma") == {"01 01 02 M1": 0.5}
