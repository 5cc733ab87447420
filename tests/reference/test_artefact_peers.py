"""Artefact removal beside MNE's GradientRemover, band by band (benchmarks/artefact compares with FACETpy as well)."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "artefact"))
import compare
import record

preprocessing = pytest.importorskip("mne.preprocessing")
if not hasattr(preprocessing, "GradientRemover"):
    pytest.skip("MNE is older than 1.13", allow_module_level=True)


@pytest.mark.parametrize(
    "recording",
    [lambda: record.fast(6103.515625, 60, 20), lambda: record.fast(5000.0, 60, 0), lambda: record.slow(4, 0.4)],
    ids=["fractions", "whole-samples", "aliased"],
)
@pytest.mark.parametrize("window", [8, 30])
def test_no_band_is_worse_than_after_mne(recording, window):
    recording = recording()
    onsets = np.round(recording["onsets"]).astype(int)
    remover = preprocessing.GradientRemover(recording["raw"][None], onsets, window=window, tr_tol=1)
    theirs = compare.errors(remover.correct()[0], recording)
    for ours in compare.cleaned(recording).values():
        mine = compare.errors(ours, recording)
        assert (mine[np.isfinite(mine)] < 0.5 * theirs[np.isfinite(mine)]).all()


def test_on_its_own_ground_the_template_is_mne_s():
    """Whole samples, no detrend to undo (a pure periodic artefact of zero mean and trend): both leave nothing."""
    rng = np.random.default_rng(0)
    one = rng.standard_normal(500)
    one -= np.polyval(np.polyfit(np.arange(500), one, 1), np.arange(500))
    raw = np.concatenate([np.zeros(100), np.tile(one, 40), np.zeros(100)])
    onsets = 100 + 500 * np.arange(40)
    theirs = preprocessing.GradientRemover(raw[None], onsets, window=8).correct()[0]
    ours = compare.remove_gradient(raw, onsets[:, None], align=False)
    middle = slice(100 + 4 * 500, 100 + 36 * 500)
    np.testing.assert_allclose(theirs[middle], 0, atol=1e-9)
    np.testing.assert_allclose(ours[middle], 0, atol=1e-5)
