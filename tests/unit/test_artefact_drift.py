"""An electrode that drifts by many times the LFP changes nothing of what is left of the artefact."""

from __future__ import annotations

import numpy as np
import pytest
from drifting import errors_db, recorded

from lfpbold.artefact.drift import DriftCurve
from lfpbold.artefact.gradient import remove_gradient_artefact
from lfpbold.artefact.regression import remove_gradient


def cleaned(scan, **options):
    return remove_gradient_artefact(scan["raw"], scan["fs_hz"], scan["onsets_s"], scan["slices_s"], **options)


@pytest.mark.parametrize("kind", ["walk", "line", "settling", "sine"])
@pytest.mark.parametrize("fit", ["samples", "differences"])
def test_in_no_band_more_is_left_than_without_drift(kind, fit):
    still, *drifting = (recorded(3000.0, n_volumes=30, kind=kind, drift_uv=uv) for uv in (0, 30, 300))
    without = errors_db(cleaned(still, fit=fit), still)
    for scan in drifting:
        assert (errors_db(cleaned(scan, fit=fit), scan) < without + 0.5).all()


def test_block_by_block_is_what_a_whole_channel_gives():
    """A sliding mean of all volumes is the mean of all volumes, and made another way."""
    scan = recorded(3000.0, n_volumes=25, drift_uv=300)
    onsets = np.add.outer(scan["onsets_s"], scan["slices_s"]) * scan["fs_hz"]
    for fit in ("samples", "differences"):
        in_blocks = remove_gradient(scan["raw"], onsets, fit=fit)
        whole = remove_gradient(scan["raw"], onsets, fit=fit, average="sliding", window=25)
        np.testing.assert_allclose(in_blocks, whole, atol=0.02)  # of 3 mV, in float32


def test_an_offset_of_fifty_millivolts_is_no_artefact():
    scan = recorded(3000.0, n_volumes=30, drift_uv=100)
    high = scan | {"raw": scan["raw"] + 50_000, "clean": scan["clean"] + 50_000}
    np.testing.assert_allclose(errors_db(cleaned(high), high), errors_db(cleaned(scan), scan), atol=0.1)


def test_the_curve_has_the_means_of_volumes_and_is_straight_beyond_them():
    centres, means = np.array([50.0, 150.0, 250.0, 350.0, 450.0]), np.array([0.0, 30.0, -20.0, 10.0, 5.0])
    curve = DriftCurve(centres, means)
    of_volumes = [curve.at(np.arange(c - 50, c + 50)).mean() for c in centres]
    np.testing.assert_allclose(of_volumes[1:-1], means[1:-1], atol=3)
    assert curve.level == pytest.approx(5)
    for outside in ([0.0, 20.0, 40.0], [460.0, 480.0, 500.0]):
        assert np.diff(curve.at(np.array(outside)), 2) == pytest.approx(0, abs=1e-9)
    everywhere = curve.between(-30, 530)
    np.testing.assert_allclose(everywhere, curve.at(np.arange(-30.0, 530)), atol=0.01)
    np.testing.assert_array_equal(curve.between(101, 103), everywhere[131:133])
    rows = np.array([curve.at(np.arange(b, b + 60.0)) for b in (-20, 130)])
    np.testing.assert_allclose(curve.weighted(np.eye(2), np.array([-20, 130]), 60), rows, atol=0.01)


@pytest.mark.parametrize("n_volumes", [2, 3])
def test_two_volumes_have_a_curve(n_volumes):
    scan = recorded(1000.0, n_volumes=n_volumes, drift_uv=100, kind="line")
    assert np.isfinite(cleaned(scan)).all()
