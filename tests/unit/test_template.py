"""The template's windows, and when a mean of acquisitions is more than averaged LFP."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.artefact.template import Acquisitions, BandLimited, Spline, knots_per_sample, padded


def acquired(n, length=200.0, share=0.0, seed=0):
    """White LFP of variance 1 − share, and a white artefact that repeats with every acquisition."""
    rng = np.random.default_rng(seed)
    begins = length * np.arange(n)
    x = np.sqrt(1 - share) * rng.standard_normal(int(n * length) + 1)
    x[: n * int(length)] += np.sqrt(share) * np.tile(rng.standard_normal(int(length)), n)
    return Acquisitions(padded(x), begins, begins + length)


@pytest.mark.parametrize(("n", "window"), [(10, 5), (10, 4), (4, 25), (10, 10)])
def test_windows_are_centred_and_as_long_at_the_ends_as_inside(n, window):
    first, stop = acquired(n).windows("sliding", window)
    used = min(window, n)
    for volume in range(n):
        allowed = range(0, n - used + 1)  # of all windows within the scan the one whose middle is nearest
        best = min(allowed, key=lambda low, v=volume: abs(low + window // 2 - v))
        assert (first[volume], stop[volume]) == (best, best + used)
    first, stop = acquired(n).windows("all", window)
    assert (first == 0).all() and (stop == n).all()


@pytest.mark.parametrize(("ratio", "stands_out"), [(1, False), (6, False), (16, True)])
def test_a_template_stands_out_at_ten_times_the_energy_of_averaged_lfp(ratio, stands_out):
    """The mean of n holds 1/n of the LFP's energy, and all of the artefact's: n · share/(1 − share) + 1 times it."""
    n = 50
    share = (ratio - 1) / (n + ratio - 1)
    assert BandLimited(acquired(n, share=share)).stands_out == stands_out


def test_below_twenty_acquisitions_nothing_is_known_between_samples():
    """Alike but for their number, sampled at other places each time, and folded at half the rate."""
    period = 200.37
    for n, known in ((19, False), (20, True)):
        begins = period * np.arange(n)
        t = np.arange(int(n * period) + 1)
        x = np.sin(2 * np.pi * 160.0 * (t % period) / period)  # .8 of the rate: beyond half of it
        x = x + 0.05 * np.random.default_rng(1).standard_normal(t.size)
        assert bool(knots_per_sample([Acquisitions(padded(x), begins, begins + 200)])) == known


def test_a_spline_of_many_acquisitions_knows_a_waveform_beyond_half_the_rate():
    """A sine of .8 cycles a sample, of which a single acquisition sees only what has folded to .2."""
    period, n = 200.37, 100
    begins = period * np.arange(n)
    t = np.arange(int(n * period) + 1)
    acquisitions = Acquisitions(padded(np.sin(2 * np.pi * 0.8 * (t % period))), begins, begins + 200)
    (shape,) = Spline(acquisitions, 8).shapes(slice(0, n), False)
    place = (acquisitions.inside - acquisitions.fraction[:, None])[:, 5:190]
    # A cubic spline errs by (2π f h)⁴/384 = 4e-4 for knots h = 1/8 sample apart.
    np.testing.assert_allclose(shape[:, 5:190], np.sin(2 * np.pi * 0.8 * place), atol=1e-3)
