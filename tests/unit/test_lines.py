"""Mains and what is left at the slice rate: notched where a line is there, and told apart."""

from __future__ import annotations

import numpy as np
import pytest
from scanner import one_over_f

from lfpbold.artefact.quality import mean_spectrum
from lfpbold.pipeline.artefact.notches import choose_notches
from lfpbold.pipeline.artefact.streaming import CleanOptions
from lfpbold.spectral import lines
from lfpbold.timing.clock import Clock

FS, SECONDS = 1000.0, 120
T = np.arange(int(FS * SECONDS)) / FS


def lfp(seed=1):
    return one_over_f(T.size, FS, seed=seed) + 2 * np.random.default_rng(seed).standard_normal(T.size)


def chosen(x, *, tr_s=1.0, m=20, **options):
    clock = Clock(0.0, tr_s, tr_s, n_volumes=int(SECONDS / tr_s), slice_times_s=np.arange(m) * tr_s / m)
    return choose_notches(np.atleast_2d(x).astype(np.float32), FS, clock, CleanOptions(**options))


@pytest.mark.parametrize("tr_s", [1.0, 1.37, 2.0])
@pytest.mark.parametrize("base", [50.0, 60.0])
def test_a_line_that_waxes_and_wanes_is_notched_and_its_missing_harmonics_are_not(base, tr_s):
    hum = 5 * (1 + 0.8 * np.sin(2 * np.pi * T / 37)) * np.sin(2 * np.pi * (base + 0.02) * T)
    notches = chosen(lfp() + hum + 2 * np.sin(2 * np.pi * 3.001 * base * T), tr_s=tr_s)
    assert notches.hz.tolist() == [base, 3 * base] and list(notches.seen) == [base] and notches.notes == []


@pytest.mark.parametrize("seed", range(6))
def test_where_no_line_is_there_nothing_is_notched(seed):
    notches = chosen(lfp(seed), m=20)
    assert notches.hz.size == 0 and notches.mains_hz == ()


def test_artefact_that_is_left_at_every_multiple_of_the_volume_rate_is_no_mains():
    """50 Hz is a multiple of 1/TR: a comb of all of them is the gradient's, whatever its height."""
    comb = sum(0.5 * np.sin(2 * np.pi * k * T + k**2) for k in range(1, 290))
    assert chosen(lfp() + comb, m=7).seen == {}
    assert list(chosen(lfp() + comb + 5 * np.sin(2 * np.pi * 50 * T), m=7).seen) == [50.0]


def test_a_line_at_a_multiple_of_the_slice_rate_must_stand_out_of_the_others():
    comb = sum(np.sin(2 * np.pi * 10 * k * T + k**2) for k in range(1, 30))
    notches = chosen(lfp() + comb, m=10)
    assert notches.seen == {} and set(notches.hz) >= {10.0 * k for k in range(7, 30)}
    assert list(chosen(lfp() + comb + 20 * np.sin(2 * np.pi * 60 * T), m=10).seen) == [60.0]


def test_slice_rate_is_notched_where_artefact_is_left_alone():
    """TR 2 s with ten acquisitions: all multiples of 5 Hz would leave delta and theta one bin of 1 Hz."""
    x = lfp() + 3 * np.sin(2 * np.pi * 65 * T)
    assert chosen(x, tr_s=2.0, m=10).hz.tolist() == [65.0]
    assert chosen(x, tr_s=2.0, m=10, notch_slice_rate=True).hz.tolist() == [5.0 * k for k in range(1, 61)]
    assert chosen(x, tr_s=2.0, m=10, notch_slice_rate=False).hz.size == 0


def test_stated_notches_stay_and_mains_that_they_miss_is_told():
    notches = chosen(lfp() + 10 * np.sin(2 * np.pi * 50 * T), notch_hz=(60,))
    assert notches.hz.tolist() == [60.0, 120.0, 180.0, 240.0, 300.0]
    assert notches.mains_hz == (60, 50.0)  # neither is called artefact
    (note,) = notches.notes
    assert "mains line of 50 Hz" in note and "artefact.notch_hz is 60" in note


def test_a_grid_that_the_dataset_states_is_looked_for_and_held_against_the_spectrum():
    frequencies, density = mean_spectrum(lfp() + 10 * np.sin(2 * np.pi * 16.7 * T), FS, 8.0)
    spectrum = lines.Spectrum(frequencies, density, 29)
    assert lines.mains_lines([spectrum], 300.0, stated_hz=16.7) == {16.7: [16.7]}
    clock, fifty = Clock(0.0, 1.0, 1.0, n_volumes=SECONDS), lfp() + 10 * np.sin(2 * np.pi * 50 * T)
    told = choose_notches(fifty[None].astype(np.float32), FS, clock, CleanOptions(), stated_hz=60.0)
    assert told.hz.tolist() == [50.0] and "PowerLineFrequency is 60 Hz" in told.notes[0]
    assert choose_notches(fifty[None].astype(np.float32), FS, clock, CleanOptions(), stated_hz=50.0).notes == []
