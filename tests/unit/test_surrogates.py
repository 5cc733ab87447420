"""Surrogates: what they keep they keep exactly, and what they draw has the distribution that it should have."""

from __future__ import annotations

import numpy as np
import pytest
from mediated import band_basis, band_limited
from scipy import special, stats

from lfpbold.bold.cleaning import band_pass
from lfpbold.errors import InputError
from lfpbold.nulls.surrogates import _tilt, circular_shifts, mixed_with_seed, phase_randomised, with_exact_r


def correlations(series, seed):
    return np.array([np.corrcoef(one, seed)[0, 1] for one in series.T])


def amplitude(x):
    return np.abs(np.fft.rfft(x, axis=0))


@pytest.mark.parametrize("n_samples", [200, 201])
def test_random_phases_keep_spectrum_and_mean(n_samples):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(n_samples) + 3
    drawn = phase_randomised(x, 20, rng)
    assert drawn.shape == (n_samples, 20)
    np.testing.assert_allclose(amplitude(drawn), np.repeat(amplitude(x)[:, None], 20, axis=1), atol=1e-10)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean())
    assert np.abs(np.corrcoef(drawn.T) - np.eye(20)).max() < 0.5


def test_random_phases_are_shared_by_columns():
    rng = np.random.default_rng(1)
    x = rng.standard_normal((150, 3)) @ rng.standard_normal((3, 3))
    drawn = phase_randomised(x, 5, rng)
    assert drawn.shape == (150, 5, 3)
    for one in drawn.transpose(1, 0, 2):
        np.testing.assert_allclose(np.corrcoef(one.T), np.corrcoef(x.T), atol=1e-12)
        assert abs(np.corrcoef(one[:, 0], x[:, 0])[0, 1]) < 0.5


def test_correlation_of_random_phases_is_spread_as_the_spectra_say():
    """Var r = ½ Σ aₖ² sₖ² / (Σ aₖ² Σ sₖ²) over components with a phase."""
    rng = np.random.default_rng(2)
    x, seed = band_limited(300, 2, rng).T
    a, s = amplitude(x)[1:-1] ** 2, amplitude(seed)[1:-1] ** 2
    r = correlations(phase_randomised(x, 4000, rng), seed)
    assert r.std() == pytest.approx(np.sqrt((a * s).sum() / 2 / (a.sum() * s.sum())), rel=0.05)


def test_random_phases_within_the_space_of_a_projector():
    rng = np.random.default_rng(13)
    basis, x = band_basis(200), band_limited(200, 1, rng)[:, 0]
    drawn = phase_randomised(x, 50, rng, basis=basis)
    np.testing.assert_allclose(basis @ (basis.T @ drawn), drawn, atol=1e-12)
    assert (drawn**2).sum() == pytest.approx(50 * (x**2).sum(), rel=0.2)


def test_circular_shifts_are_shifts():
    x = np.arange(50.0)
    shifts = circular_shifts(x, 31, np.random.default_rng(3), 10)
    np.testing.assert_array_equal(np.diff(shifts, axis=0) % 50, 1)
    assert sorted((-shifts[0]) % 50) == list(range(10, 41))  # every possible one, once
    assert circular_shifts(x, 100, np.random.default_rng(3), 10).shape == (50, 100)
    two = circular_shifts(np.column_stack([x, 2 * x]), 4, np.random.default_rng(3), 10)
    np.testing.assert_array_equal(two[..., 1], 2 * two[..., 0])
    with pytest.raises(InputError, match="cannot be circularly shifted"):
        circular_shifts(x, 1, np.random.default_rng(3), 26)


@pytest.mark.parametrize("n_samples", [300, 301])
@pytest.mark.parametrize("strength", [0.0, 0.2, -0.4, 0.9, -0.999])
def test_exact_r_and_exact_spectrum(n_samples, strength):
    rng = np.random.default_rng(4)
    s, e = band_pass(rng.standard_normal((n_samples, 2)), 1.0, (0.01, 0.1), padding="even").T
    x = strength * s + np.sqrt(1 - strength**2) * e + 7
    drawn = with_exact_r(x, s, 50, rng)
    assert np.abs(correlations(drawn, s) - np.corrcoef(x, s)[0, 1]).max() < 1e-12
    np.testing.assert_allclose(amplitude(drawn), np.repeat(amplitude(x)[:, None], 50, axis=1), atol=1e-10)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean())


def test_exact_r_of_series_that_are_one_or_white():
    rng = np.random.default_rng(5)
    s = rng.standard_normal(120)
    for x in (s, -2 * s + 1):
        np.testing.assert_allclose(with_exact_r(x, s, 3, rng), np.repeat(x[:, None], 3, axis=1), atol=1e-6)
    x = rng.standard_normal(120)
    assert np.abs(correlations(with_exact_r(x, s, 30, rng), s) - np.corrcoef(x, s)[0, 1]).max() < 1e-12


def test_tilt_meets_the_wanted_mean():
    rng = np.random.default_rng(6)
    weight = rng.random(40) / 20
    weight /= weight.sum()
    shape = rng.random(40)
    for wanted in (0.3, -0.7):
        kappa = shape * _tilt(weight, shape, wanted)
        phase = rng.vonmises(0, np.abs(kappa), (20000, 40)) + np.where(kappa < 0, np.pi, 0)
        sums = np.cos(phase) @ weight
        assert sums.mean() == pytest.approx(wanted, abs=5 * sums.std() / np.sqrt(20000))


def test_drawn_by_phases_is_what_is_drawn_by_trial_and_error():
    """x = α seed + noise, of which those are kept that happen to have the wanted r: the same spread over other series.

    The independent way: a white, circular world in which nothing is known but r.
    """
    rng = np.random.default_rng(7)
    s, other = rng.standard_normal((2, 60))
    other += s
    s, other = ((v - v.mean()) / np.linalg.norm(v - v.mean()) for v in (s, other))
    noise = rng.standard_normal((60, 200_000)) / np.sqrt(60)
    x = 0.3 * s[:, None] + noise
    x -= x.mean(axis=0)
    x /= np.linalg.norm(x, axis=0)
    near = np.abs(s @ x - 0.3) < 0.01
    expected = other @ x[:, near]
    found = np.concatenate([other @ _unit(with_exact_r(one, s, 4, rng)) for one in x[:, near].T[:1500]])
    assert found.mean() == pytest.approx(expected.mean(), abs=0.012)
    assert found.std() == pytest.approx(expected.std(), rel=0.06)


def test_relation_to_the_seed_is_spread_over_frequencies_as_it_was():
    """Seed and noise of one sloping spectrum: as coherent where weak as where strong."""
    rng = np.random.default_rng(12)
    data, drawn = [], []
    for _ in range(300):
        s, e = band_limited(300, 2, rng, band_hz=(0.01, 0.4), slope=1).T
        x = 0.6 * s + e
        data.append(_in_phase(x[:, None], s))
        drawn.append(_in_phase(with_exact_r(x, s, 20, rng), s))
    data, drawn = np.mean(data, axis=0), np.mean(drawn, axis=0)
    assert data[1] == pytest.approx(data[0], abs=0.05)
    assert drawn == pytest.approx(data, abs=0.05)


def _in_phase(x, s):
    """Mean cosine between x and s, of 0.02–0.1 and of 0.2–0.38 Hz."""
    frequency, cosine = np.fft.rfftfreq(len(s)), np.cos(np.angle(np.fft.rfft(x, axis=0).T * np.fft.rfft(s).conj()))
    bands = [(0.02, 0.1), (0.2, 0.38)]
    return np.array([cosine[:, (frequency > low) & (frequency < high)].mean() for low, high in bands])


def _unit(x):
    x = x - x.mean(axis=0)
    return x / np.linalg.norm(x, axis=0)


def test_both_ways_to_draw_agree():
    """Phases with the exact spectrum, and seed plus noise: the same spread of correlations with third series."""
    rng = np.random.default_rng(8)
    s, e, third = band_pass(rng.standard_normal((600, 3)), 1.0, (0.01, 0.1), padding="even").T
    x, third = 0.4 * s + e, 0.5 * s + third
    exact, mixed = with_exact_r(x, s, 4000, rng), mixed_with_seed(x, s, 4000, rng)
    r = np.corrcoef(x, s)[0, 1]
    assert np.abs(correlations(mixed, s) - r).max() < 1e-12
    np.testing.assert_allclose(mixed.std(axis=0), x.std())
    of_exact, of_mixed = correlations(exact, third), correlations(mixed, third)
    assert of_exact.mean() == pytest.approx(of_mixed.mean(), abs=0.02)
    assert of_exact.std() == pytest.approx(of_mixed.std(), rel=0.08)
    # what the one keeps to the last digit the other keeps on average
    inside = (np.fft.rfftfreq(600) > 0.012) & (np.fft.rfftfreq(600) < 0.095)
    power = (amplitude(mixed)[inside] ** 2).mean()
    assert power == pytest.approx((amplitude(x)[inside] ** 2).mean(), rel=0.05)


def test_mixture_lies_in_the_space_of_the_projector():
    rng = np.random.default_rng(9)
    basis, (x, s) = band_basis(300), band_limited(300, 2, rng).T
    drawn = mixed_with_seed(x, s, 20, rng, basis)
    np.testing.assert_allclose(basis @ (basis.T @ drawn), drawn, atol=1e-8 * np.abs(x).max())
    assert np.abs(correlations(drawn, s) - np.corrcoef(x, s)[0, 1]).max() < 1e-12


@pytest.mark.parametrize("draw", [with_exact_r, mixed_with_seed])
def test_errors_and_repeatability(draw):
    s = np.random.default_rng(10).standard_normal((100, 2))
    first, second = (draw(s[:, 0], s[:, 1], 5, np.random.default_rng(1)) for _ in range(2))
    assert first.tobytes() == second.tobytes()
    with pytest.raises(InputError, match="regressor is constant"):
        draw(np.full(100, 0.1), s[:, 1], 5, np.random.default_rng(1))
    with pytest.raises(InputError, match="seed's BOLD is constant"):
        draw(s[:, 0], np.zeros(100), 5, np.random.default_rng(1))


def test_shifts_are_uniform():
    rng = np.random.default_rng(11)
    first = np.concatenate([circular_shifts(np.arange(40.0), 1, rng, 5)[0] for _ in range(3000)])
    assert stats.chisquare(np.unique(first, return_counts=True)[1]).pvalue > 0.001


def test_relation_to_the_seed_is_kept_where_the_spectrum_is_weak():
    """Seed and noise with a ten-thousandth of their power at 0.2–0.38 Hz: as coherent there as at 0.02–0.1 Hz.

    For complex Gaussian components of correlation ρ the mean cosine of their phases is π/4 ρ ₂F₁(½, ½; 2; ρ²).
    """
    rng, size = np.random.default_rng(14), np.zeros(151)
    size[6:31], size[60:115] = 1, 0.01  # whole periods of 300 s, so that nothing leaks
    drawn = []
    for _ in range(200):
        parts = size * (rng.standard_normal((2, 151)) + 1j * rng.standard_normal((2, 151)))
        s, e = np.fft.irfft(parts, 300)
        drawn.append(_in_phase(with_exact_r(0.6 * s + e, s, 5, rng), s))
    rho = 0.6 / np.sqrt(0.6**2 + 1)
    expected = np.pi / 4 * rho * special.hyp2f1(0.5, 0.5, 2, rho**2)
    # A cosine has a standard deviation of at most .7: of 25 components in 200 scans .01, three of them.
    assert np.mean(drawn, axis=0) == pytest.approx([expected, expected], abs=0.03)


def test_drift_of_the_raw_regressor_gives_surrogates_no_frequencies_of_its_own():
    """Whole periods, even about the middle, are orthogonal to a line: without it they are the regressor again."""
    n, rng = 240, np.random.default_rng(15)
    t = np.arange(n) - (n - 1) / 2
    tones = {k: np.cos(2 * np.pi * k * t / n) for k in (4, 7, 11)}
    x, seed = tones[4] + tones[7], tones[7] + tones[11]
    turns = 2 * np.pi * np.outer(t, np.arange(3, 13)) / n
    basis = np.column_stack([np.cos(turns), np.sin(turns)]) / np.sqrt(n / 2)
    np.testing.assert_allclose(basis.T @ basis, np.eye(20), atol=1e-12)
    drawn = mixed_with_seed(x, seed, 10, rng, basis, x + 30 + 0.5 * t)  # a line of thirty times the tones' size
    size = amplitude(drawn) / (n / 2)
    assert np.delete(size, [4, 7, 11], axis=0).max() < 1e-10
    np.testing.assert_allclose(correlations(drawn, seed), 0.5, atol=1e-12)


def test_noise_of_the_mixture_is_what_the_seed_leaves_of_the_regressor():
    """Of cos 4 + cos 7 the seed cos 7 + cos 11 leaves cos 4 + ½ cos 7 − ½ cos 11: as much at 7 as at 11."""
    n, rng = 240, np.random.default_rng(16)
    t = np.arange(n) - (n - 1) / 2
    four, seven, eleven = (np.cos(2 * np.pi * k * t / n) for k in (4, 7, 11))
    basis = np.linalg.qr(np.column_stack([np.ones(n), rng.standard_normal((n, n - 1))]))[0]  # of everything
    drawn = mixed_with_seed(four + seven, seven + eleven, 2000, rng, basis, four + seven)
    power = amplitude(drawn)[[7, 11]] ** 2
    difference = power[0] - power[1]
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(2000)


def test_mixture_has_the_mean_and_the_size_of_the_regressor_in_the_volumes_that_are_kept():
    rng = np.random.default_rng(17)
    raw, (x, s) = rng.standard_normal(120) + 9, rng.standard_normal((2, 80)) + 5
    drawn = mixed_with_seed(x, s, 10, rng, np.eye(80), raw, np.arange(120) % 3 > 0)
    np.testing.assert_allclose(drawn.mean(axis=0), x.mean(), rtol=1e-12)
    np.testing.assert_allclose(drawn.std(axis=0), x.std(), rtol=1e-12)
    np.testing.assert_allclose(correlations(drawn, s), np.corrcoef(x, s)[0, 1], atol=1e-12)


def test_mixture_of_a_regressor_that_is_the_seed_has_no_noise():
    rng = np.random.default_rng(18)
    for _ in range(20):
        s = rng.standard_normal(100)
        x = -2 * s + 1
        np.testing.assert_allclose(mixed_with_seed(x, s, 3, rng), np.repeat(x[:, None], 3, axis=1), atol=1e-12)


def test_a_regressor_that_varies_by_rounding_alone_is_constant():
    rng = np.random.default_rng(19)
    with pytest.raises(InputError, match="regressor is constant"):
        with_exact_r(7 + 1e-14 * rng.standard_normal(100), rng.standard_normal(100), 2, rng)


def test_no_shift_is_zero_even_where_none_is_too_short():
    shifted = circular_shifts(np.arange(6.0), 5, np.random.default_rng(20), 0)
    assert sorted(shifted[0]) == [1, 2, 3, 4, 5]
