"""What each band explains alone and what only together with others: commonality analysis."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from ..errors import InputError


def commonality(regressors, y, *, degrees_of_freedom: float | None = None) -> dict:
    """Unique and common parts of the variance that regressors explain, one for each of their 2ⁿ − 1 subsets.

    R²(A) is the variance explained by the regressors in A. The part of a subset S is what exactly the members of S
    hold in common: R²(A) is the sum over all S that meet A, hence, by Möbius inversion,
    C(S) = Σ_{T ⊆ S} (−1)^{|S| − |T|} [R²(all) − R²(all without T)]. The parts sum to R²(all). A common part may be
    negative: one regressor then suppresses what is not BOLD in another. Sources: Nimon et al. 2008 (Behav Res Methods
    40:457); Reichwein Zientek & Thompson 2006 (Educ Psychol Meas 66:299).

    Without any relation every regressor has an expected R² of one over the degrees of freedom, all of it in the unique
    parts. With `degrees_of_freedom`, each R²(A) is first reduced to 1 − (1 − R²) d/(d − |A|) (Ezekiel), whose mean is
    zero for unrelated series; parts then sum to the reduced R².

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands)
    y : array of float, shape (n_volumes,)
    degrees_of_freedom : float, optional
        Of series without the regressors and without the mean: `Projector.degrees_of_freedom`, or n_eff − 1.

    Returns
    -------
    result : dict
        `subsets` (tuples of columns, singles first), `r2` and `part` of each, shape (2ⁿ − 1,); `total`; and for each
        regressor `unique`, `alone` (its R² without others) and `common` = alone − unique, shape (n_bands,).

    Raises
    ------
    InputError
        When a series is constant or not finite, or the regressors are as many as the degrees of freedom.
    TypeError
        When an array has another number of dimensions.

    Examples
    --------
    >>> x = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    >>> result = commonality(x, x @ [2.0, 1.0])
    >>> result["subsets"], result["part"].round(12).tolist()
    ([(0,), (1,), (0, 1)], [0.8, 0.2, 0.0])
    """
    x, y = np.asarray(regressors, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.ndim != 1:
        raise TypeError(f"give regressors (n_volumes, n_bands) and y (n_volumes,), not {x.shape} and {y.shape}")
    n_bands = x.shape[1]
    if len(x) != len(y):
        raise InputError(
            f"the regressors have {len(x)} volumes and the BOLD {len(y)}; both must cover the same volumes"
        )
    if degrees_of_freedom is not None and degrees_of_freedom <= n_bands:
        raise InputError(f"{degrees_of_freedom:g} degrees of freedom are too few for {n_bands} regressors")
    x, y = _unit(x), _unit(y[:, None])[:, 0]
    subsets = [s for size in range(1, n_bands + 1) for s in combinations(range(n_bands), size)]
    r2 = np.array([_explained(x[:, subset], y) for subset in subsets])
    if degrees_of_freedom is not None:
        sizes = np.array([len(subset) for subset in subsets])
        r2 = 1 - (1 - r2) * degrees_of_freedom / (degrees_of_freedom - sizes)
    part = parts(subsets, r2)
    unique, alone = part[:n_bands], r2[:n_bands]
    return {
        "subsets": subsets,
        "r2": r2,
        "part": part,
        "total": float(r2[-1]),
        "unique": unique,
        "alone": alone,
        "common": alone - unique,
    }


def parts(subsets, r2) -> np.ndarray:
    """Commonality parts of any measure that is known for all subsets, such as R² in held-out animals.

    Parameters
    ----------
    subsets : sequence of tuple of int
        All that are not empty, the full set last.
    r2 : array of float, shape (n_subsets,) or (n_subsets, ...)

    Returns
    -------
    part : ndarray, same shape
        Sums to the last of `r2`.

    Examples
    --------
    >>> parts([(0,), (1,), (0, 1)], [0.3, 0.2, 0.4]).round(12).tolist()
    [0.2, 0.1, 0.1]
    """
    r2 = np.asarray(r2, dtype=float)
    every = set(subsets[-1])
    row = {frozenset(subset): k for k, subset in enumerate(subsets)}
    if len(row) != 2 ** len(every) - 1:
        raise ValueError(f"{len(row)} subsets are not all of {len(every)} regressors")
    # What is lost without the members of T: the sum of the parts within T.
    lost = np.array([r2[-1] - (r2[row[rest]] if (rest := frozenset(every - set(t))) else 0) for t in subsets])
    part = np.empty_like(lost)
    for k, subset in enumerate(subsets):  # smaller subsets come first, so that theirs are known
        within = [row[frozenset(t)] for size in range(1, len(subset)) for t in combinations(subset, size)]
        part[k] = lost[k] - part[within].sum(axis=0)
    return part


def _unit(x) -> np.ndarray:
    """Columns of mean 0 and norm 1."""
    centred = x - x.mean(axis=0)
    norm = np.linalg.norm(centred, axis=0)
    if not (norm > 1e-12 * np.linalg.norm(x, axis=0)).all():
        raise InputError("a regressor or the seed's BOLD is constant or not finite; exclude the scan")
    return centred / norm


def _explained(x, y) -> float:
    """R² of ordinary least squares; collinear columns count once."""
    u, s, _ = np.linalg.svd(x, full_matrices=False)
    return float(((u[:, s > 1e-10 * s[0]].T @ y) ** 2).sum())
