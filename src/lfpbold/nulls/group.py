"""Nulls of a group: the mean over animals against the same mean of surrogates, and against zero over animals.

Two questions, two kinds of p. The surrogate p asks whether *these* scans of *these* animals hold a relation: what is
random is the time course of the signals, and animals are taken as they are (fixed effects). It grows sharper with every
scan, and says nothing of the next animal. The p over animals is inference to the population of animals: what is
random is the choice of animals (random effects), and it cannot be sharper than their number allows.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from ..coupling.correlation import correlate
from ..errors import InputError
from ..stats.animals import EXACT_UP_TO, sign_patterns, smallest_flip_p
from ..stats.tests import fisher_z, permutation_p, t_half_width, t_test
from .tests import max_statistic

NAN = float("nan")


class GroupNull:
    """Mean over animals of their mean Fisher's z over scans, and the same mean of surrogates.

    Draw j of every scan makes draw j of the group; scans are drawn independently of each other. Of each animal only
    sums are kept, so that memory does not grow with scans: 8 n m bytes an animal.

    The m columns are lags, bins or bands. A scan lacks a column where its r or any of its draws is NaN, and an animal
    where all its scans do; means are over those that have it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> group = GroupNull()
    >>> for animal in "aabbcc":
    ...     group.add(animal, [0.5, 0.0], 0.1 * rng.standard_normal((99, 2)))
    >>> columns = group.summary()
    >>> columns["r"].tolist(), columns["p_max"].tolist(), columns["flip_floor"]
    ([0.5, 0.0], [0.01, 1.0], 0.25)
    """

    def __init__(self):
        self.n_scans = 0
        self._animals = {}  # name to [sum of z (m,), sum of surrogates' z (n, m), number of scans (m,)]

    def add(self, animal, r, null) -> None:
        """Take one scan in.

        Parameters
        ----------
        animal : str
        r : array of float, shape (m,)
            Observed correlations.
        null : array of float, shape (n, m)
            Those of the scan's surrogates, drawn with a stream of random numbers of its own.

        Raises
        ------
        InputError
            When the shape is not that of the scans before.
        """
        z, null_z = fisher_z(r), fisher_z(null)
        if null_z.ndim != 2 or null_z.shape[1:] != z.shape or len(null_z) == 0:
            raise InputError(f"there are correlations of shape {z.shape} and surrogates of shape {null_z.shape}")
        for _, before, _ in self._animals.values():
            if before.shape != null_z.shape:
                raise InputError(
                    f"a scan of animal {animal} has surrogates of shape {null_z.shape} and those before"
                    f" {before.shape}; all scans need as many surrogates and columns"
                )
            break
        there = np.isfinite(z) & np.isfinite(null_z).all(axis=0)
        sums = self._animals.setdefault(animal, [np.zeros(z.size), np.zeros(null_z.shape), np.zeros(z.size, dtype=int)])
        sums[0] += np.where(there, z, 0)
        sums[1] += np.where(there, null_z, 0)
        sums[2] += there
        self.n_scans += 1

    def summary(self, confidence: float = 0.95, rng=None) -> dict:
        """Means, their null, and both kinds of p.

        Parameters
        ----------
        confidence : float
            Of the interval over animals, and of `threshold`.
        rng : numpy.random.Generator, optional
            Needed above 16 animals, whose sign patterns are sampled.

        Returns
        -------
        columns : dict
            Numbers: `n_scans`, `n_animals`; `threshold`, the r that chance exceeds in any column with probability
            1 − confidence. Of shape (m,), NaN in a column that no scan has: `r`, tanh of the mean z, and that `mean`;
            `expected` and `expected_sd`, mean and standard deviation of the surrogates' mean z; `scans_of_column`,
            `animals_of_column`. These animals: `p`, two-sided, and `p_max`, family-wise over the columns
            (`tests.max_statistic`). The population of animals: what `over_animals` returns.
        """
        if not self._animals:
            raise InputError("there is no scan to make a mean of")
        total, null_z, count = ([sums[i] for sums in self._animals.values()] for i in range(3))
        of_animal = np.array([z / np.where(k > 0, k, np.nan) for z, k in zip(total, count, strict=True)])
        n_animals = np.isfinite(of_animal).sum(axis=0)
        present = np.where(n_animals > 0, n_animals, np.nan)
        mean = np.nansum(of_animal, axis=0) / present
        null = sum(z / np.maximum(k, 1) for z, k in zip(null_z, count, strict=True)) / present
        largest = np.where(np.isfinite(null), np.abs(null), 0).max(axis=1)
        return {
            "n_scans": self.n_scans,
            "n_animals": len(self._animals),
            "threshold": float(np.tanh(np.quantile(largest, confidence))),
            "r": np.tanh(mean),
            "mean": mean,
            "expected": null.mean(axis=0),
            "expected_sd": null.std(axis=0),
            "scans_of_column": np.sum(count, axis=0),
            "animals_of_column": n_animals,
            "p": permutation_p(mean, null, "absolute"),
            "p_max": max_statistic(mean, null),
            **over_animals(of_animal, confidence, rng),
        }


def over_animals(values, confidence: float = 0.95, rng=None, n_samples: int = 2**EXACT_UP_TO) -> dict:
    """Are the means over animals zero? Student's t, and exact sign flips with the maximum over columns.

    The family-wise p is the share of sign patterns, an animal's columns flipped together, whose largest |mean| is at
    least that of the column (Nichols & Holmes 2002, Hum Brain Mapp 15:1). Of one column it is `animals.sign_flip`.

    Parameters
    ----------
    values : array of float, shape (n_animals, m)
        Fisher's z; NaN where an animal lacks a column.
    confidence : float
    rng : numpy.random.Generator, optional
        Needed above 16 animals.
    n_samples : int
        Sign patterns above 16 animals.

    Returns
    -------
    columns : dict
        Of shape (m,), NaN below two animals: `ci_low`, `ci_high` (Student's t, of the mean of `values`), `p_animals`
        (Student's t), `p_flip` and `p_flip_max`, two-sided. `flip_floor`, the smallest of the latter that this number
        of animals allows, 2/2ⁿ: .03125 with six, .0625 with five, where nothing can reach .05.
    """
    values = np.asarray(values, dtype=float)
    n = np.isfinite(values).sum(axis=0)
    defined = n > 1
    of_column = [t_test(column, np.arange(len(values))) for column in values.T]
    mean, t, p = (np.array([test[name] for test in of_column]) for name in ("mean", "t", "p"))
    with np.errstate(divide="ignore", invalid="ignore"):
        half_width = t_half_width(np.abs(mean / t), np.maximum(n - 1, 1), confidence)
    single, family = _flipped(np.nan_to_num(values), np.where(defined, n, np.inf), rng, n_samples)
    return {
        "ci_low": mean - half_width,
        "ci_high": mean + half_width,
        "p_animals": p,
        "p_flip": np.where(defined, single, NAN),
        "p_flip_max": np.where(defined, family, NAN),
        "flip_floor": smallest_flip_p(len(values), n_samples) if defined.any() else NAN,
    }


def _flipped(values, n, rng, n_samples: int):
    """Share of sign patterns at least as extreme as the data: of each column, and of the maximum over columns."""
    signs, exact = sign_patterns(len(values), rng, n_samples)
    # Patterns that are equal as sums must not differ by rounding.
    observed = (np.abs(values.sum(axis=0)) - 1e-12 * np.abs(values).sum(axis=0)) / n
    single, family = np.zeros((2, values.shape[1]))
    for start in range(0, len(signs), 4096):  # in blocks that bound the memory
        flipped = np.abs(signs[start : start + 4096] @ values) / n
        single += (flipped >= observed).sum(axis=0)
        family += (flipped.max(axis=1, initial=0)[:, None] >= observed).sum(axis=0)
    besides = 0 if exact else 1  # the observed pattern, which a random sample need not hold
    return (single + besides) / (len(signs) + besides), (family + besides) / (len(signs) + besides)


def cross_pairing(regressors, seeds, animals, n: int, rng) -> dict:
    """The regressor of one scan with the BOLD of others: a null made of real recordings.

    It keeps what no surrogate has, such as jumps, trends and whatever each scan does alike after it starts. The mean
    over scans is tested by a permutation test, BOLD assigned to regressors in random order (exact where the signals are
    independent, with as few as two scans); drawing for each scan a partner from other animals instead is false in .08
    at .05 with two animals of four scans, for such draws share their few pairs.

    Parameters
    ----------
    regressors, seeds : sequence of array, each of shape (n_volumes,)
        One pair a scan; two series of different length meet at their beginning.
    animals : sequence, shape (n_scans,)
    n : int
        How many random orders; where there are no more than that, each is taken once.
    rng : numpy.random.Generator

    Returns
    -------
    columns : dict
        `r` and two-sided `p` of each scan against all scans of other animals, shape (n_scans,); `p` cannot go below
        1/(number of such scans + 1). `mean`, `p_mean`: their mean, against random orders of all scans; `null_mean`,
        shape (n_orders,); `expected`, mean of all pairs of different animals.

    Raises
    ------
    InputError
        When there is only one animal.
    """
    animals = np.asarray(animals)
    if np.unique(animals).size < 2:
        raise InputError("scans can be paired across animals only when there are two animals or more")
    r = np.array([[_r(x, y) for y in seeds] for x in regressors])
    apart = animals[:, None] != animals
    own = np.diag(r)
    p = [permutation_p(own[i], r[i, others], "absolute") for i, others in enumerate(apart)]
    few = math.factorial(len(r)) <= n
    orders = itertools.permutations(range(len(r))) if few else (rng.permutation(len(r)) for _ in range(n))
    null = np.array([r[np.arange(len(r)), list(order)].mean() for order in orders])
    observed = abs(own.mean()) - 1e-12  # the same order again has the same mean but for rounding
    return {
        "r": own,
        "p": np.array(p, dtype=float),
        "mean": float(own.mean()),
        "p_mean": float(np.mean(np.abs(null) >= observed) if few else permutation_p(observed, np.abs(null))),
        "null_mean": null,
        "expected": float(r[apart].mean()),
    }


def _r(x, y) -> float:
    n = min(len(x), len(y))
    return float(correlate(x[:n], y[:n])[0, 0])
