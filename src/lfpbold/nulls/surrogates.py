"""Surrogates of a series: what it could have been, had it nothing to do with another one, or exactly so much.

All of them take a series for stationary: as variable at its ends as in its middle. A filter that continues the series
with odd padding makes the ends of BOLD and regressor large together, which no surrogate has: at 0.01–0.1 Hz and .05, a
correlation in time is then false in .20 of scans of 300 s and .12 of 1200 s. Use even padding, or projection.
"""

from __future__ import annotations

import numpy as np
from scipy import fft, ndimage, optimize, signal, special

from ..errors import InputError

SMOOTHING = 0.06  # share of a spectrum's components that its running mean spans: 0.03 Hz at a TR of 1 s


def phase_randomised(x, n: int, rng, *, basis=None) -> np.ndarray:
    """Series with the amplitude spectrum of `x` and random phases (Theiler et al. 1992, Physica D 58:77).

    Columns of one array share their random phases, so that their cross-spectra, and with them the correlations among
    them at all lags, are kept too (Prichard & Theiler 1994, Phys Rev Lett 73:951).

    Parameters
    ----------
    x : array of float, shape (n_samples,) or (n_samples, n_columns)
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    basis : array of float, shape (n_samples, n_functions), optional
        Orthonormal; spans the space that a projector left to `x`. Series with new phases leave it at their ends, and
        are put back: the spectrum is then kept on average only, and p-values hold in short scans too.

    Returns
    -------
    surrogates : ndarray, shape (n_samples, n) or (n_samples, n, n_columns)
        With the mean of `x`, unless `basis` has no constant.

    Examples
    --------
    >>> x = np.sin(np.arange(50.0)) + 3
    >>> surrogates = phase_randomised(x, 4, np.random.default_rng(0))
    >>> surrogates.shape, bool(np.allclose(surrogates.std(axis=0), x.std()))
    ((50, 4), True)
    """
    x = np.asarray(x, dtype=float)
    if x.ndim == 2:
        return np.stack(list(each_phase_randomised(x, n, rng, basis)), axis=2)
    return next(each_phase_randomised(x[:, None], n, rng, basis))


def each_phase_randomised(x, n: int, rng, basis=None):
    """The same, (n_samples, n), one column of `x` after the other, so that not all are in memory at once."""
    x = np.asarray(x, dtype=float)
    turn = _turns(len(x), n, rng)
    for spectrum in fft.rfft(x, axis=0).T:
        surrogates = fft.irfft(turn * spectrum[:, None], len(x), axis=0)
        yield surrogates if basis is None else basis @ (basis.T @ surrogates)


def each_in_coordinates(x, n: int, rng, basis):
    """Coordinates basisᵀ s, (n_functions, n), of the surrogates s of one column of `x` after the other.

    With F the transform of the basis, X that of the column and t the random turns, basisᵀ s is a real part of
    Σ conj(F) X t: one matrix product a column, of numbers that all columns share, and no inverse transform.

    Parameters
    ----------
    x : array of float, shape (n_samples, n_columns)
    n, rng
        As in `phase_randomised`, with the same draws.
    basis : array of float, shape (n_samples, n_functions)
        Orthonormal; rows that are zero leave samples out.
    """
    x = np.asarray(x, dtype=float)
    turn = _turns(len(x), n, rng)
    turn = np.concatenate([turn.real, turn.imag])
    of_basis, twice = np.conj(fft.rfft(basis, axis=0)), np.full((len(x) // 2 + 1, 1), 2 / len(x))
    twice[[0, -1] if len(x) % 2 == 0 else [0]] = 1 / len(x)  # the others stand for both halves of the spectrum
    for spectrum in fft.rfft(x, axis=0).T:
        weight = of_basis * (spectrum[:, None] * twice)
        yield np.concatenate([weight.real, -weight.imag]).T @ turn


def _turns(n_samples: int, n: int, rng) -> np.ndarray:
    """Random phases as complex numbers of size one, shape (n_frequencies, n)."""
    turn = np.ones((n_samples // 2 + 1, n), dtype=complex)
    free = _free(n_samples)
    turn[free] = np.exp(2j * np.pi * rng.random((free.stop - 1, n)))
    if n_samples % 2 == 0:  # the component at the Nyquist frequency is real: it has a sign, no phase
        turn[-1] = rng.choice([-1.0, 1.0], n)
    return turn


def _free(n_samples: int) -> slice:
    """Components of a real series' spectrum that have a phase: neither the mean nor the Nyquist frequency."""
    return slice(1, (n_samples - 1) // 2 + 1)


def circular_shifts(x, n: int, rng, shortest: int) -> np.ndarray:
    """The series circularly shifted by random numbers of samples, of which none is near zero.

    Parameters
    ----------
    x : array of float, shape (n_samples,) or (n_samples, n_columns)
        Columns are shifted together.
    n : int
        How many surrogates. No shift is taken twice as long as there are enough of them.
    rng : numpy.random.Generator
    shortest : int
        Smallest shift in either direction, samples; longer than the series' autocorrelation.

    Returns
    -------
    surrogates : ndarray, shape (n_samples, n) or (n_samples, n, n_columns)

    Raises
    ------
    InputError
        When the series is too short to be shifted so far.

    Examples
    --------
    >>> shifted = circular_shifts(np.arange(5.0), 2, np.random.default_rng(0), 2)
    >>> sorted(shifted[0].tolist())
    [2.0, 3.0]
    """
    x = np.asarray(x, dtype=float)
    possible = np.arange(max(shortest, 1), len(x) - max(shortest, 1) + 1)
    if possible.size == 0:
        raise InputError(f"a series of {len(x)} volumes cannot be circularly shifted by {shortest}; exclude this run")
    shifts = rng.choice(possible, n, replace=n > possible.size)
    return x[(np.arange(len(x))[:, None] - shifts) % len(x)]


def with_exact_r(x, seed, n: int, rng) -> np.ndarray:
    """Series with the amplitude spectrum of `x` and exactly its correlation with the seed, otherwise random.

    Only phases are drawn. With aₖ, sₖ the amplitudes of `x` and seed at frequency k and φₖ the phase between them, the
    correlation is proportional to Σ aₖ sₖ cos φₖ. If x = α seed + noise of power Pₖ, the phase given both amplitudes is
    φₖ ~ von Mises(0, 2α aₖ sₖ/Pₖ). Pₖ is the regressor's spectrum, smoothed, and one factor for all frequencies is
    solved for the observed sum. (Leaving Pₖ out gives the most random phases for that sum, but gathers the relation
    to the seed at the strongest frequencies: surrogates then look too much like the seed's brain.) The rest, by which
    each draw misses the sum, goes by tan(φₖ/2) → t tan(φₖ/2): with t from 0 to ∞ all phases move from in phase to
    counterphase, so that one t meets the sum.

    Parameters
    ----------
    x : array of float, shape (n_samples,)
        Regressor.
    seed : array of float, shape (n_samples,)
        Seed's BOLD.
    n : int
        How many surrogates.
    rng : numpy.random.Generator

    Returns
    -------
    surrogates : ndarray, shape (n_samples, n)
        With the mean of `x`.

    Raises
    ------
    InputError
        When the regressor or the seed is constant, or both differ in length.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, seed = rng.standard_normal((2, 200))
    >>> r = [np.corrcoef(s, seed)[0, 1] for s in with_exact_r(x, seed, 3, rng).T]
    >>> bool(np.allclose(r, np.corrcoef(x, seed)[0, 1], rtol=0, atol=1e-12))
    True
    """
    x, seed = _varying(x, "regressor"), _varying(seed, "seed's BOLD")
    if x.shape != seed.shape:
        raise InputError(f"the regressor has {len(x)} volumes and the seed {len(seed)}; both must cover the same")
    free = _free(len(x))
    of_x, of_seed = fft.rfft(x), fft.rfft(seed)
    weight = np.abs(of_x[free]) * np.abs(of_seed[free])
    weight = weight / weight.sum()
    wanted = float(weight @ np.cos(np.angle(of_x[free]) - np.angle(of_seed[free])))
    shape = weight / _smoothed(np.abs(of_x[free]) ** 2)
    concentration = shape * _tilt(weight, shape, wanted)
    phase = rng.vonmises(0, np.abs(concentration), (n, weight.size)) + np.where(concentration < 0, np.pi, 0)
    phase = _moved(phase, weight, wanted).T
    turned = np.repeat(of_x[:, None], n, axis=1)  # mean and Nyquist component stay, and with them their share of r
    turned[free] = np.abs(of_x[free])[:, None] * np.exp(1j * (phase + np.angle(of_seed[free])[:, None]))
    return fft.irfft(turned, len(x), axis=0)


def mixed_with_seed(x, seed, n: int, rng, basis=None, raw=None, kept=None) -> np.ndarray:
    """Series r × seed + √(1 − r²) × noise: exactly the correlation of `x` with the seed, its spectrum on average.

    The noise is the part of `x` that is orthogonal to the seed with its phases drawn anew, and the seed regressed out.
    A phase-randomised series leaves the space of functions that a projector allows (its ends need not be level,
    nuisance comes back in), and so makes less of a map than a projected regressor; with `basis` the noise is put back
    into it.

    What a projector leaves after nuisance has no spectrum of its own, since nuisance mixes frequencies. With `raw` the
    noise is therefore the raw regressor without its part of the seed, with new phases and projected as the regressor
    was. Six random walks as nuisance, 300 volumes, spectra that are steep within the band (autoregression .9): under
    mediation false at .05 in .087 (slope of the LFP map on the seed map) and .077 (slope after removal) without `raw`,
    and percentiles of the spatial r that are not uniform; with it .056, .053 and uniform ones.

    Parameters
    ----------
    x, seed : array of float, shape (n_samples,)
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    basis : array of float, shape (n_samples, n_functions), optional
        Orthonormal; spans the space in which `x` and the BOLD lie.
    raw : array of float, shape (n_scan_samples,), optional
        The regressor before the projector, in all volumes of the scan. Needs `basis`.
    kept : array of bool, shape (n_scan_samples,), optional
        Volumes that are left, with `raw`; all by default.

    Returns
    -------
    surrogates : ndarray, shape (n_samples, n)
        With the mean and standard deviation of `x`.
    """
    x, seed = _varying(x, "regressor"), _varying(seed, "seed's BOLD")
    centred, seed = x - x.mean(), (seed - seed.mean()) / np.linalg.norm(seed - seed.mean())
    norm = np.linalg.norm(centred)
    along = seed @ centred / norm
    shared = seed * (along * norm)
    if raw is None:
        noise = phase_randomised(centred - shared, n, rng, basis=basis)
    else:
        rest = signal.detrend(_varying(raw, "regressor"))  # a trend leaks into all frequencies
        kept = slice(None) if kept is None else np.asarray(kept, dtype=bool)
        rest[kept] -= shared
        noise = basis @ (basis.T @ phase_randomised(rest, n, rng)[kept])
    noise -= noise.mean(axis=0)
    noise -= np.outer(seed, seed @ noise)
    size = np.linalg.norm(noise, axis=0)
    noise /= np.where(size > 1e-12 * norm, size, np.inf)
    return x.mean() + norm * (along * seed[:, None] + np.sqrt(max(1 - along**2, 0)) * noise)


def _varying(x, what: str) -> np.ndarray:
    x = np.asarray(x, dtype=float)
    if not np.isfinite(x).all() or np.ptp(x) <= 1e-12 * np.abs(x).max(initial=0):
        raise InputError(f"the {what} is constant or not finite, so that no surrogate can be made of it")
    return x


def _smoothed(power) -> np.ndarray:
    """Spectrum by a running mean over six hundredths of all components; shares of its mean, never zero."""
    mean = ndimage.uniform_filter1d(power, max(5, round(SMOOTHING * power.size)), mode="nearest") / power.mean()
    return np.maximum(mean, 1e-6)  # far outside a band there is nothing to divide by, and nothing that weighs


def _tilt(weight, shape, wanted: float) -> float:
    """λ at which phases ~ von Mises(0, λ shape) give Σ weight cos φ = wanted on average."""

    def missing(tilt):
        return weight @ (special.i1e(tilt * shape) / special.i0e(tilt * shape)) - abs(wanted)

    upper = 1.0
    while missing(upper) < 0 and upper < 1e12:
        upper *= 4
    # A regressor that is the seed itself needs an infinite tilt; the largest one will do, and `_moved` does the rest.
    size = optimize.brentq(missing, 0, upper) if missing(upper) > 0 else upper
    return float(np.copysign(size, wanted))


def _moved(phase, weight, wanted: float) -> np.ndarray:
    """Phases (n, n_frequencies), moved by one Möbius map of the circle a row until Σ weight cos φ is as wanted.

    With T = tan²(φ/2), cos φ becomes (1 − eᵘ T)/(1 + eᵘ T), u = 2 ln t: the sum falls with u, and Newton's method kept
    within a bracket finds it.
    """
    half = np.tan(phase / 2)
    heavy = weight > 1e-18  # what lies outside the band weighs nothing, but would cost most of the time
    tangent, weight = half[:, heavy] ** 2, weight[heavy]
    u, low, high = np.zeros(len(phase)), np.full(len(phase), -80.0), np.full(len(phase), 80.0)
    for _ in range(100):
        cosines = 2 / (1 + np.exp(u)[:, None] * tangent) - 1
        excess = cosines @ weight - wanted
        if np.abs(excess).max() < 1e-14:
            break
        low, high = np.where(excess > 0, u, low), np.where(excess > 0, high, u)
        fall = (1 - cosines**2) @ weight / 2
        newton = u + excess / np.maximum(fall, 1e-300)
        u = np.where((newton >= low) & (newton <= high), newton, (low + high) / 2)
    return 2 * np.arctan(np.exp(u / 2)[:, None] * half)


def norm_of(coordinates, basis) -> np.ndarray:
    """Norm of series without their mean, from their coordinates; NaN where nothing is left."""
    power = np.einsum("ij,ij->j", coordinates, coordinates)
    power -= len(basis) * (basis.mean(axis=0) @ coordinates) ** 2
    return np.sqrt(np.where(power > 0, power, np.nan))


def projected_surrogates(raw, kept, n, rng, how, shortest, basis):
    """Surrogates of each raw column, (n_kept, n), put through the projector; parameters as in `tests.temporal_null`."""
    for coordinates in surrogate_coordinates(raw, kept, n, rng, how, shortest, basis):
        yield basis @ coordinates


def surrogate_coordinates(raw, kept, n, rng, how, shortest, basis):
    """The same in coordinates of the projector's basis, (n_functions, n): all that it leaves of them."""
    if how == "shift":
        for surrogates in level_surrogates(raw, n, rng, how, shortest):
            yield basis.T @ (surrogates if kept is None else surrogates[kept])
        return
    level, usable, key = _level(raw, rng)
    whole = np.zeros((len(level), basis.shape[1]))
    whole[slice(None) if kept is None else kept] = basis
    each = each_in_coordinates(level, n, np.random.default_rng(key), whole)
    for surrogates, known in zip(each, usable, strict=True):
        yield surrogates if known else surrogates * np.nan


def _level(raw, rng):
    """Columns without their trend, zero where they are not finite; which are finite; what starts their draws."""
    raw, key = np.asarray(raw, dtype=float), rng.integers(2**63)
    usable = np.isfinite(raw).all(axis=0)
    return signal.detrend(np.where(usable, raw, 0), axis=0), usable, key  # a trend leaks into all frequencies


def level_surrogates(raw, n, rng, how, shortest):
    """Surrogates of each column without its trend, (n_samples, n); the same phases or shifts for all columns."""
    level, usable, key = _level(raw, rng)
    for column, known in zip(level.T, usable, strict=True):
        surrogates = surrogates_of(column, n, np.random.default_rng(key), how, shortest)
        yield surrogates if known else surrogates * np.nan


def surrogates_of(seed, n, rng, how, shortest, basis=None):
    """Surrogates of one series, (n_samples, n), by random phases or shifts."""
    if how == "phase":
        return phase_randomised(seed, n, rng, basis=basis)
    if how == "shift":
        surrogates = circular_shifts(seed, n, rng, min(shortest, len(seed) // 4))
        # Where the end meets the beginning a shifted series has a jump, which the projector would not have left.
        return surrogates if basis is None else basis @ (basis.T @ surrogates)
    raise ValueError(f"how is {how!r}; choose phase or shift")
