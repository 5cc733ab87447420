"""Tests of scan-wise correlations as the study did them, scans as the unit, and beside each the one over animals."""

from __future__ import annotations

import numpy as np
from scipy import stats


def t_test(values, animals) -> dict:
    """Is the mean zero? Student's t over scans, as in the study, and over the means of animals.

    Scans of one animal are alike, so that the first test finds differences that are not there: with six animals of 26
    scans each and an intraclass correlation of .1 in a third of all cases. The second one holds its level.

    Parameters
    ----------
    values : array of float, shape (n_scans,)
        One number per scan; a paired test takes the differences.
    animals : sequence, shape (n_scans,)

    Returns
    -------
    columns : dict
        `n`, `mean`, `t`, `df`, `p` over scans; `n_animals`, `mean_animals`, `t_animals`, `df_animals`, `p_animals`.
        NaN where fewer than two values, or no spread, allow no test.

    Examples
    --------
    >>> found = t_test([0.1, 0.2, 0.3, 0.2], ["a", "a", "b", "b"])
    >>> found["n"], found["df"], round(found["p"], 3), round(found["p_animals"], 3)
    (4, 3, 0.016, 0.156)
    """
    values, animals = _finite(values, animals)
    of_scans, of_animals = _student(values), _student(means_by_animal(values, animals))
    return {**of_scans, **{("n_animals" if k == "n" else f"{k}_animals"): v for k, v in of_animals.items()}}


def _finite(values, animals):
    values, animals = np.asarray(values, dtype=float), np.asarray(animals)
    return values[np.isfinite(values)], animals[np.isfinite(values)]


def means_by_animal(values, animals) -> np.ndarray:
    """Mean of each animal's scans, in the order of the animals' names."""
    return np.array([values[animals == animal].mean() for animal in np.unique(animals)])


def _student(values) -> dict:
    n = values.size
    mean = float(values.mean()) if n else float("nan")
    if n < 2 or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return {"n": n, "mean": mean, "t": float("nan"), "df": max(n - 1, 0), "p": float("nan")}
    t = mean / (values.std(ddof=1) / np.sqrt(n))
    return {"n": n, "mean": mean, "t": float(t), "df": n - 1, "p": float(2 * stats.t.sf(abs(t), n - 1))}


def between_states(a, animals_a, b, animals_b, confidence: float = 0.95) -> dict:
    """Two states against each other: Welch's t over scans, and the paired difference of animals that have both.

    Parameters
    ----------
    a, b : array of float, shape (n_scans,)
        One number per scan.
    animals_a, animals_b : sequence
    confidence : float
        Of the interval over animals.

    Returns
    -------
    columns : dict
        `n_a`, `n_b`, `mean_a`, `mean_b`, `difference` (b − a), `t`, `df`, `p` (Welch); `n_animals`,
        `difference_animals`, `ci_low`, `ci_high`, `p_animals`.
    """
    (a, animals_a), (b, animals_b) = _finite(a, animals_a), _finite(b, animals_b)
    mean_a, mean_b = (float(x.mean()) if x.size else float("nan") for x in (a, b))
    found = {"n_a": a.size, "n_b": b.size, "mean_a": mean_a, "mean_b": mean_b, "difference": mean_b - mean_a}
    both = np.intersect1d(animals_a, animals_b)
    paired = np.array([b[animals_b == animal].mean() - a[animals_a == animal].mean() for animal in both])
    over_animals, reach = _student(paired), float("nan")
    if both.size > 1:
        reach = stats.t.ppf(0.5 + confidence / 2, both.size - 1) * paired.std(ddof=1) / np.sqrt(both.size)
    return {
        **found,
        **_welch(a, b),
        "n_animals": int(both.size),
        "difference_animals": over_animals["mean"],
        "ci_low": over_animals["mean"] - reach,
        "ci_high": over_animals["mean"] + reach,
        "p_animals": over_animals["p"],
    }


def _welch(a, b) -> dict:
    if min(a.size, b.size) < 2:
        return {"t": float("nan"), "df": float("nan"), "p": float("nan")}
    errors = np.array([a.var(ddof=1) / a.size, b.var(ddof=1) / b.size])
    if not errors.sum() > 0:
        return {"t": float("nan"), "df": float("nan"), "p": float("nan")}
    t = (b.mean() - a.mean()) / np.sqrt(errors.sum())
    df = errors.sum() ** 2 / (errors**2 / [a.size - 1, b.size - 1]).sum()
    return {"t": float(t), "df": float(df), "p": float(2 * stats.t.sf(abs(t), df))}


def partial_r(r_xy: float, r_xz: float, r_yz: float) -> float:
    """Correlation of x and y with z taken out of both: (r_xy − r_xz r_yz) / √((1 − r_xz²)(1 − r_yz²)).

    Examples
    --------
    >>> round(partial_r(0.5, 0.0, 0.0), 3), round(partial_r(0.25, 0.5, 0.5), 3)
    (0.5, 0.0)
    """
    rest = (1 - r_xz**2) * (1 - r_yz**2)
    return float((r_xy - r_xz * r_yz) / np.sqrt(rest)) if rest > 1e-12 else float("nan")


def fisher_z(r) -> np.ndarray:
    """Fisher's z of a correlation, arctanh r; finite also at ±1."""
    return np.arctanh(np.clip(np.asarray(r, dtype=float), -1 + 1e-12, 1 - 1e-12))


def mean_and_sem(values) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean over scans, its standard error, and how many scans there are, for each further index.

    Parameters
    ----------
    values : array of float, shape (n_scans, ...)
        NaN where a scan has no value.

    Returns
    -------
    mean, sem : ndarray
        NaN below one and two scans.
    count : ndarray of int
    """
    values = np.asarray(values, dtype=float)
    count = np.isfinite(values).sum(axis=0)
    mean = np.nansum(values, axis=0) / np.where(count > 0, count, np.nan)
    variance = np.nansum((values - mean) ** 2, axis=0) / np.where(count > 1, count - 1, np.nan)
    return mean, np.sqrt(variance / np.where(count > 1, count, np.nan)), count
