"""Samples that are no LFP are found in any pieces, and what brains and coarse converters give is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import one_over_f

from lfpbold.artefact import amplitude
from lfpbold.artefact.samples import SampleWatch, union
from lfpbold.spectral.gaps import interpolated, touched

FS, N, BIT = 1000.0, 120_000, 1.24
T = np.arange(N) / FS


def found(samples, fs_hz=FS, piece=None, zero=0.0):
    watch = SampleWatch(fs_hz)
    for first in range(0, len(samples), piece or len(samples)):
        watch.add(samples[first : first + (piece or len(samples))])
    return watch.found(zero)


def kinds(samples, **how):
    return {kind: runs.tolist() for kind, runs in found(samples, **how).stretches.items()}


def lfp(rms=150.0, seed=1, bit=BIT):
    samples = one_over_f(N, FS, rms=rms, seed=seed)
    return (np.round(samples / bit) * bit if bit else samples).astype(np.float32)


def changed(*parts):
    """LFP with other samples in some of its stretches."""
    samples = lfp()
    for begin, end, value in parts:
        samples[begin:end] = value
    return samples


DITHER = np.float32(BIT) * (50 + np.random.default_rng(2).integers(-1, 2, 15_000)).astype(np.float32)
FAULTY = {
    "zeros": (changed((40_000, 55_000, 0)), {"zeros": [[40_000, 55_000]]}),
    "zeros at both ends": (changed((0, 900, 0), (119_000, N, 0)), {"zeros": [[0, 900], [119_000, N]]}),
    "several": (changed((5_000, 5_040, 0), (70_000, 71_000, 0)), {"zeros": [[5_000, 5_040], [70_000, 71_000]]}),
    "held": (changed((40_000, 55_000, 7 * BIT)), {"held": [[40_000, 55_000]]}),
    "held but for a bit": (changed((40_000, 55_000, DITHER)), {"held": [[39_975, 55_025]]}),
    "held at a limit": (changed((40_000, 55_000, 32767 * BIT)), {"rails": [[40_000, 55_000]]}),
}


@pytest.mark.parametrize("piece", [None, 13, 997, 65_536])
@pytest.mark.parametrize("name", FAULTY)
def test_stretches_are_found_in_any_pieces(name, piece):
    samples, right = FAULTY[name]
    assert kinds(samples, piece=piece) == right


def test_a_piece_that_never_changes_is_found():
    assert kinds(np.zeros(5000, np.float32)) == {"zeros": [[0, 5000]]}


def test_zeros_are_those_of_the_file_whatever_was_subtracted():
    samples = changed((40_000, 55_000, 0)) - np.float32(31.7)
    assert kinds(samples, zero=float(-np.float32(31.7))) == {"zeros": [[40_000, 55_000]]}
    assert list(kinds(samples)) == ["held"]


@pytest.mark.parametrize("fs_hz", [1000.0, 24414.0625])
@pytest.mark.parametrize(("low", "high"), [(-32768, 32767), (-1e9, 32767), (-32768, 1e9)])
def test_samples_at_either_limit_are_counted_and_clipping_is_no_stretch(fs_hz, low, high):
    rng = np.random.default_rng(0)
    samples = np.round(rng.normal(0, 10_800, 300_000))
    clipped = np.clip(samples, low, high)
    own = found(clipped.astype(np.float32), fs_hz, piece=7919)
    share = float(((samples > high) | (samples < low)).mean())
    assert share > 5e-4
    assert own.rail_share == pytest.approx(share, rel=0.02)
    assert own.stretches == {}
    assert found(samples.astype(np.float32), fs_hz).rail_share == 0


def test_a_second_that_is_mostly_at_a_limit_is_none():
    samples = np.round(np.random.default_rng(0).normal(0, 200, N))
    samples[50_000:51_000] *= 200
    assert kinds(np.clip(samples, -2048, 2047)) == {"rails": [[50_000, 51_000]]}


def bursts(every_s, lasting_s, floor, height=500.0):
    """Burst suppression: bursts on an electrode's own noise."""
    up = (T % every_s) < lasting_s
    return np.where(up, one_over_f(N, FS, rms=height), one_over_f(N, FS, rms=floor, seed=5))


def discharges():
    """Spike-wave discharges of 1.2 mV at 8 Hz, six seconds of each minute."""
    return one_over_f(N, FS, rms=80) + np.where((T % 60) < 6, 300 - 1200 * np.abs(np.sin(np.pi * 8 * T)) ** 8, 0)


def spindles():
    return one_over_f(N, FS, rms=80) + np.where((T % 12) < 1, 400 * np.sin(2 * np.pi * 11 * T), 0)


ALIVE = {
    "LFP": lfp(bit=None),
    "bursts": bursts(7, 1.2, 8),
    "rare bursts": bursts(60, 1.0, 8),
    "flat between bursts": bursts(15, 2.0, 3),
    "discharges": discharges(),
    "spindles": spindles(),
    "with an offset": lfp() + 50_000.0,
    "drifting": lfp() + 4000 * np.sin(2 * np.pi * T / 90),
    "silent from then on": np.where(T < 60, lfp(), one_over_f(N, FS, rms=8, seed=3)),
}


@pytest.mark.parametrize("bit", [0, 0.2, 1.24, 10, 50])
@pytest.mark.parametrize("name", ALIVE)
def test_what_a_brain_gives_is_left_alone_however_coarse(name, bit):
    samples = np.round(ALIVE[name] / bit) * bit if bit else ALIVE[name]
    assert kinds(samples.astype(np.float32)) == {}
    assert found(samples).rail_share == 0
    assert amplitude.movements(samples, FS) == []
    assert amplitude.lost_contact(samples, FS) == []


@pytest.mark.parametrize("step_s", [0.3, 1.0])
@pytest.mark.parametrize("size_uv", [3000, 10_000, -10_000])
def test_steps_and_swings_of_a_moved_electrode_are_found_and_their_surroundings_kept(size_uv, step_s):
    samples, starts = lfp().astype(float), [0.2, 20.13, 60.0, 118.9]
    for start in starts:
        u = np.maximum(T - start, 0)
        wave = np.exp(-u / 0.2) * np.cos(2 * np.pi * 8 * u) + 0.5 * np.exp(-u / step_s)
        samples += size_uv * wave * -np.expm1(-u / 0.005)
    stretches = np.array(amplitude.movements(samples, FS)) / FS
    assert len(stretches) == len(starts)
    for start, (begin, end) in zip(starts, stretches, strict=True):
        assert begin <= start < end
        assert end - begin < 4


def test_a_contact_that_comes_off_is_found_on_its_side():
    noise = np.random.default_rng(4).normal(0, 4, N)
    assert amplitude.lost_contact(np.where(T < 80, lfp(), noise), FS) == [(80_000, N)]
    assert amplitude.lost_contact(np.where(T > 30, lfp(), noise), FS) == [(0, 30_000)]
    huge = lfp() + np.where(T < 80, 0, 8000 * np.sin(2 * np.pi * 50 * T))
    assert amplitude.lost_contact(huge, FS) == [(80_000, N)]


def test_volumes_whose_artefact_is_of_another_size_are_found_unless_lfp_makes_the_size():
    rng = np.random.default_rng(0)
    even = 1 + rng.normal(0, 0.02, 200)
    assert not amplitude.gain_faults(even).any()
    one, jump, known = even.copy(), even.copy(), even.copy()
    one[50:53], jump[150:], known[20:60] = 0.01, 1.5**2, np.nan
    assert np.flatnonzero(amplitude.gain_faults(one)).tolist() == [50, 51, 52]
    assert np.flatnonzero(amplitude.gain_faults(jump)).tolist() == list(range(150, 200))
    assert not amplitude.gain_faults(known).any()
    assert not amplitude.gain_faults(np.exp(rng.normal(0, 1, 200))).any()
    assert not amplitude.gain_faults(np.zeros(200)).any()


def test_frames_that_touch_a_stretch_are_joined_by_a_line_between_means():
    times = np.arange(100) / 10
    lost = touched(times, 1.0, [[4.0, 5.0], [9.85, 9.9]])
    assert np.flatnonzero(lost).tolist() == [*range(36, 55), *range(94, 100)]
    power = np.column_stack([np.full(100, 3.0), times])
    spoilt = np.where(lost[:, None], 1e6, power)
    filled = interpolated(spoilt, lost, 10)
    np.testing.assert_allclose(filled[:, 0], 3.0)
    np.testing.assert_allclose(filled[45, 1], 4.5, atol=0.06)
    np.testing.assert_allclose(filled[-1, 1], power[84:94, 1].mean())
    assert not touched(times, 1.0, np.zeros((0, 2))).any()


def test_stretches_that_overlap_or_touch_are_one():
    assert union([[5, 8], [1, 2]], [[8, 9]], np.zeros((0, 2))).tolist() == [[1, 2], [5, 9]]
    assert union().shape == (0, 2)
