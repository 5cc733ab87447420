"""From what the settings say to knots between samples, and to notes on a TR that is not constant."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from test_road_artefact import FS, opened, row, scanned

from lfpbold.pipeline.artefact.clock import fitted, knots_between

SETTINGS = {"template": "slice", "between_samples": "auto", "average": "all", "window_volumes": 6}


def aliased(n=80, period=200.37):
    """A sine of .8 cycles a sample, folded at half the rate, that repeats with every volume; onsets of the volumes."""
    t = np.arange(int(n * period) + 1)
    noise = 0.05 * np.random.default_rng(1).standard_normal(t.size)
    return (np.sin(1.6 * np.pi * (t % period)) + noise).astype(np.float32), period * np.arange(n)[:, None]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"template": "none"}, 0),
        ({"between_samples": "band_limited"}, 0),
        ({"between_samples": 8}, 8),
        ({"between_samples": 8, "template": "none"}, 0),
        ({"average": "sliding"}, 0),  # six volumes cannot tell two knots a sample
    ],
)
def test_knots_are_as_the_settings_say(changes, expected):
    samples, onsets = aliased()
    assert knots_between(samples, onsets, SETTINGS | changes) == expected


def test_an_aliased_artefact_needs_knots_where_all_volumes_serve():
    samples, onsets = aliased()
    assert knots_between(samples, onsets, SETTINGS) >= 2
    assert knots_between(samples, onsets, SETTINGS | {"average": "sliding", "window_volumes": 40}) >= 2


@pytest.mark.parametrize(("jitter_us", "told"), [(30, False), (150, True)])
def test_jitter_is_told_above_a_fifth_of_a_sample(jitter_us, told):
    """65 µs at this rate; below it, fitting each slice makes up for it."""
    late = np.random.default_rng(0).normal(0, jitter_us * 1e-6, 40)
    raw, _, onsets = scanned(late=late)
    lfp, bold = opened(raw, FS, n_volumes=40, tr_s=1.0, triggers_s=onsets)
    settings = SETTINGS | {"clock": "artefact", "short_recording": "refuse", "jitter": "fixed"}
    found = fitted(lfp, bold, row(), settings | {"between_samples": "band_limited"})
    assert any("the TR jitters" in text for text in found.notes) == told
    # Robust, and known to a tenth of a sample of 328 µs.
    expected = stats.median_abs_deviation(late, scale="normal") * 1e6
    assert found.record["TrJitterUs"] == pytest.approx(expected, abs=0.1 * 328)
