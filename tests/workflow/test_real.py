"""The workflow on a real simultaneous recording that enters midway: LFP envelope as power, optical signal as BOLD."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lfpbold.derivatives import files

from .conftest import REPOSITORY


@pytest.fixture(scope="module")
def results(shared_data, run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("real")
    recording = shared_data / "rsHRF" / "s1_suj5_525_preproc.mat"
    script = REPOSITORY / "examples" / "real" / "prepare.py"
    subprocess.run([sys.executable, script, recording, folder], check=True)
    finished = run(folder / "config.yaml", folder / "run" / "results")
    assert finished.returncode == 0, finished.stderr[-4000:]
    return folder / "run" / "results"


# Values of this recording, published with it: variant, r at lag 0, largest r, its lag (s), r after the HRF.
KNOWN = [("band_passed", -0.124, 0.767, 4.64, 0.762), ("detrended_only", -0.225, 0.512, 3.36, 0.684)]


@pytest.mark.parametrize(("variant", "at_zero", "largest", "lag_s", "convolved"), KNOWN)
def test_numbers_of_the_recording_are_reproduced(results, variant, at_zero, largest, lag_s, convolved):
    """To ±.005, which is the rounding of the published values and a little more; the lag to one sample of .16 s."""
    group = results / variant / "group"
    (temporal,) = (row for row in files.read_table(group / "temporal.tsv") if row["band"] == "envelope")
    assert temporal["r"] == pytest.approx(convolved, abs=0.005)
    assert temporal["n"] == 2415
    lags = {round(row["lag_s"], 4): row["r"] for row in files.read_table(group / "lags.tsv")}
    assert lags[0.0] == pytest.approx(at_zero, abs=0.005)
    best = max(lags, key=lags.get)
    assert lags[best] == pytest.approx(largest, abs=0.005)
    assert best == pytest.approx(lag_s, abs=0.161)


def test_what_one_voxel_cannot_say_is_not_said(results):
    """A map of one voxel has no spatial correlation: n/a, not a number."""
    for name in ("spatial", "spatial_group"):
        assert all(row["r"] != row["r"] for row in files.read_table(results / "band_passed" / "group" / f"{name}.tsv"))


def test_variants_share_what_they_do_not_change(results):
    """The second variant changes the response and the filter: it has no LFP, power or realigned BOLD of its own."""
    kinds = {p.name.split("_desc-")[1] for p in (results / "detrended_only").rglob("sub-*_desc-*")}
    assert "hrf_timeseries.tsv" in kinds
    assert "clean_bold.nii" in kinds
    assert not kinds & {"clean_ieeg.vhdr", "power_ieeg.vhdr", "preproc_bold.nii"}
