"""How much of the BOLD all bands explain at best, never judged on what they were fitted to."""

from __future__ import annotations

import numpy as np
from scipy import fft

from ..errors import InputError
from ..stats.tests import means_by_animal, permutation_p
from .correlation import correlate


def all_bands(regressors, time_courses, animals, *, penalties=(0.0,), n_null: int = 0, rng=None) -> dict:
    """Prediction of the seed's BOLD by all bands together, in animals that had no part in the fit.

    Everything is standardised within its scan. For each animal, the weights come from all others, b = (G + λ I)⁻¹ c
    with G and c the correlations among regressors and with the BOLD, averaged over scans and then over animals; its
    scans are predicted by x b. r is that of prediction and BOLD, R² = 1 − Σ(y − x b)²/Σy² and below zero where the
    prediction is worse than the mean. With several penalties, each fold chooses the one of the highest R² when the
    animals that it fits to are held out in turn, so that the choice, too, does not see the animal that it is judged on.

    The animals' r are not independent even without any relation, since each animal serves to predict the others: a
    t-test over them is too liberal (.13 at .05, six animals). The p here is of surrogates in which every BOLD time
    course is circularly shifted by a random step, everything else repeated as it was.

    Parameters
    ----------
    regressors : sequence of n_scans arrays of float, shape (n_volumes, n_bands)
    time_courses : sequence of n_scans arrays of float, shape (n_volumes,)
        Of the seed. Numbers of volumes may differ from scan to scan.
    animals : sequence, shape (n_scans,)
    penalties : sequence of float
        λ, in units of a standardised regressor's variance; 0 is ordinary least squares.
    n_null : int
        Surrogates; with 0, `p` is NaN.
    rng : numpy.random.Generator
        For surrogates.

    Returns
    -------
    result : dict
        `r`, `r2` (n_scans,); `animals` (n_animals,), `r_animals`, `r2_animals` (means over an animal's scans);
        `weights` (n_animals, n_bands) and `penalty` (n_animals,) of the fit that left it out; `r_mean`, `r2_mean` over
        animals; `null` (n_null,), the surrogates' `r_mean`; `p`, one-sided, (1 + #{null ≥ r_mean})/(n_null + 1).

    Raises
    ------
    InputError
        With fewer than two animals (three to choose a penalty), or a series that is constant or not finite.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> bands = [rng.standard_normal((300, 2)) for _ in range(4)]
    >>> bold = [x @ [0.5, -0.5] + rng.standard_normal(300) for x in bands]
    >>> result = all_bands(bands, bold, ["a", "a", "b", "b"])
    >>> result["weights"].round(1).tolist(), round(result["r2_mean"], 1)
    ([[0.4, -0.4], [0.4, -0.4]], 0.3)
    """
    animals, penalties = np.asarray(animals), np.atleast_1d(np.asarray(penalties, dtype=float))
    names, of_animal = np.unique(animals, return_inverse=True)
    if names.size < 2 + (penalties.size > 1):
        raise InputError(f"{names.size} animals are too few to predict one from the others; add animals")
    scans = [
        (_standardised(x, scan), _standardised(y, scan)[:, 0]) for scan, (x, y) in _pairs(regressors, time_courses)
    ]
    grams = np.array([x.T @ x / len(x) for x, _ in scans])
    # Draw 0 is what was observed: shift zero.
    draws = [np.r_[0, rng.integers(1, len(x), size=n_null)] if n_null else np.zeros(1, dtype=int) for x, _ in scans]
    crosses = np.array([_at_shifts(x, y)[shift] for (x, y), shift in zip(scans, draws, strict=True)])
    weights, penalty = _leave_one_out(means_by_animal(grams, animals), means_by_animal(crosses, animals), penalties)
    held_out = weights[of_animal]  # (n_scans, n_draws, n_bands): of the fit that left this scan's animal out
    shared = (held_out * crosses).sum(axis=-1)
    power = np.einsum("sdi,sij,sdj->sd", held_out, grams, held_out)
    r, r2 = shared / np.sqrt(power), 2 * shared - power
    r_animals, r2_animals = means_by_animal(r, animals), means_by_animal(r2, animals)
    r_mean, *null = r_animals.mean(axis=0)
    return {
        "r": r[:, 0],
        "r2": r2[:, 0],
        "animals": names,
        "r_animals": r_animals[:, 0],
        "r2_animals": r2_animals[:, 0],
        "weights": weights[:, 0],
        "penalty": penalty[:, 0],
        "r_mean": float(r_mean),
        "r2_mean": float(r2_animals[:, 0].mean()),
        "null": np.array(null),
        "p": float(permutation_p(r_mean, null)) if n_null else float("nan"),
    }


def _pairs(regressors, time_courses):
    if len(regressors) != len(time_courses):
        raise InputError(f"{len(regressors)} scans have regressors and {len(time_courses)} a seed; both must agree")
    for scan, (x, y) in enumerate(zip(regressors, time_courses, strict=True)):
        if len(x) != len(y):
            raise InputError(
                f"scan {scan}: the regressors have {len(x)} volumes and the seed {len(y)}; both must agree"
            )
        yield scan, (x, y)


def _standardised(x, scan: int) -> np.ndarray:
    """Columns of mean 0 and variance 1."""
    x = np.asarray(x, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if np.isnan(correlate(x, x).diagonal()).any():
        raise InputError(f"scan {scan}: a regressor or the seed's BOLD is constant or not finite; exclude the scan")
    return (x - x.mean(axis=0)) / x.std(axis=0)


def _at_shifts(x, y) -> np.ndarray:
    """Mean product of each column of x with y shifted circularly by 0 … n − 1, shape (n, n_bands)."""
    spectrum = np.conj(fft.rfft(x, axis=0)) * fft.rfft(y)[:, None]
    # The inverse is Σ x(t) y(t + s): y moved back by s. All shifts are there, so that the direction is a name.
    return fft.irfft(spectrum, len(x), axis=0) / len(x)


def _leave_one_out(grams, crosses, penalties) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n_animals, n_draws, n_bands) of the fits that leave each animal out, and their penalties.

    `grams` (n_animals, n_bands, n_bands) and `crosses` (n_animals, n_draws, n_bands) are means over an animal's scans.
    """
    n = len(grams)
    weights, chosen = np.empty_like(crosses), np.empty(crosses.shape[:2])
    for animal in range(n):
        others = np.delete(np.arange(n), animal)
        which = np.zeros(crosses.shape[1], dtype=int)
        if penalties.size > 1:
            which = np.argmax([_score(grams[others], crosses[others], penalty) for penalty in penalties], axis=0)
        fits = np.array([_fit(grams[others], crosses[others], penalty) for penalty in penalties])
        weights[animal], chosen[animal] = fits[which, np.arange(which.size)], penalties[which]
    return weights, chosen


def _fit(grams, crosses, penalty) -> np.ndarray:
    """Weights of one fit to all animals given, shape (n_draws, n_bands)."""
    gram, cross = grams.mean(axis=0), crosses.mean(axis=0)
    # By least squares, so that two regressors that are one share the weight instead of failing.
    return np.linalg.lstsq(gram + penalty * np.eye(len(gram)), cross.T, rcond=1e-10)[0].T


def _score(grams, crosses, penalty) -> np.ndarray:
    """Mean R² over animals when each is held out in turn, shape (n_draws,)."""
    total = np.zeros(crosses.shape[1])
    for animal in range(len(grams)):
        others = np.delete(np.arange(len(grams)), animal)
        b = _fit(grams[others], crosses[others], penalty)
        total += 2 * (b * crosses[animal]).sum(axis=1) - np.einsum("di,ij,dj->d", b, grams[animal], b)
    return total / len(grams)
