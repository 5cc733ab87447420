"""Tests and intervals of scan-wise values: over scans, as the study did them, and over animals; p against a null."""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..errors import InputError


def t_test(values, animals) -> dict:
    """Is the mean zero? Student's t over scans, as in the study, and over the means of animals.

    Scans of one animal are correlated, so that the first test finds differences that are not there: with six animals of
    26 scans each and an intraclass correlation of .1 in a third of all cases. The second one holds its level.

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
    >>> columns = t_test([0.1, 0.2, 0.3, 0.2], ["a", "a", "b", "b"])
    >>> columns["n"], columns["df"], round(columns["p"], 3), round(columns["p_animals"], 3)
    (4, 3, 0.016, 0.156)
    """
    values, animals = _finite(values, animals)
    of_scans, of_animals = _student(values), _student(means_by_animal(values, animals))
    return {**of_scans, **{("n_animals" if k == "n" else f"{k}_animals"): v for k, v in of_animals.items()}}


def _finite(values, animals):
    values, animals = np.asarray(values, dtype=float), np.asarray(animals)
    if values.ndim != 1 or values.shape != animals.shape or (animals.dtype.kind == "f" and np.isnan(animals).any()):
        raise InputError(f"values have the shape {values.shape} and animals {animals.shape}; give one animal per value")
    return values[np.isfinite(values)], animals[np.isfinite(values)]


def means_by_animal(values, animals) -> np.ndarray:
    """Mean of each animal's scans, in the order of the animals' names.

    Parameters
    ----------
    values : ndarray of float, shape (n_scans, ...)
    animals : ndarray, shape (n_scans,)

    Returns
    -------
    means : ndarray, shape (n_animals, ...)
    """
    return np.array([values[animals == animal].mean(axis=0) for animal in np.unique(animals)])


def _student(values) -> dict:
    n = values.size
    mean = float(values.mean()) if n else float("nan")
    if n < 2 or np.ptp(values) <= 1e-12 * np.abs(values).max():
        return {"n": n, "mean": mean, "t": float("nan"), "df": max(n - 1, 0), "p": float("nan")}
    t = mean / (values.std(ddof=1) / np.sqrt(n))
    return {"n": n, "mean": mean, "t": float(t), "df": n - 1, "p": float(2 * stats.t.sf(abs(t), n - 1))}


def t_half_width(standard_error, df, confidence: float = 0.95):
    """Half-width of Student's t confidence interval: t(½ + confidence/2; df) × standard error.

    Examples
    --------
    >>> round(float(t_half_width(1.0, 5)), 3)
    2.571
    """
    return stats.t.ppf(0.5 + confidence / 2, df) * standard_error


def t_interval(values, confidence: float = 0.95) -> tuple[float, float]:
    """Student's t confidence interval of the mean of independent values, such as animals' means.

    Parameters
    ----------
    values : array of float, shape (n,)
        Those that are not finite do not count.
    confidence : float

    Returns
    -------
    low, high : float
        NaN below two values.

    Examples
    --------
    >>> [round(end, 3) for end in t_interval([1.0, 2.0, 3.0])]
    [-0.484, 4.484]
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if values.size < 2:
        return float("nan"), float("nan")
    half_width = t_half_width(values.std(ddof=1) / np.sqrt(values.size), values.size - 1, confidence)
    return float(values.mean() - half_width), float(values.mean() + half_width)


def mean_r(values, animals, *, confidence: float = 0.95) -> tuple[float, float, float]:
    """Mean of correlations over scans, with an interval whose unit is the animal.

    The mean is over scans, as the study reports it. The interval is Student's over the animals' means of Fisher's z,
    transformed back: scans of one animal are not independent, and intervals over scans are too narrow.

    Parameters
    ----------
    values : array of float, shape (n_scans,)
    animals : array, shape (n_scans,)
        Animal of each scan.
    confidence : float
        Of the interval.

    Returns
    -------
    mean, low, high : float
        The interval is NaN below two animals.

    Raises
    ------
    InputError
        When a value lies outside −1…1, there is not one animal per value, or the confidence is not between 0 and 1.

    Examples
    --------
    Three animals with r = .2, .3 and .4; the interval is that of the three values of Fisher's z:

    >>> values, animals = [0.2, 0.2, 0.3, 0.3, 0.4, 0.4], ["a", "a", "b", "b", "c", "c"]
    >>> [round(number, 3) for number in mean_r(values, animals)]
    [0.3, 0.038, 0.527]
    >>> [round(float(np.tanh(end)), 3) for end in t_interval(np.arctanh([0.2, 0.3, 0.4]))]
    [0.038, 0.527]
    """
    values, animals = _finite(values, animals)
    if (np.abs(values) > 1 + 1e-9).any() or not 0 < confidence < 1:
        raise InputError(f"give correlations, within −1…1, and a confidence between 0 and 1, not {confidence:g}")
    if values.size == 0:
        return (float("nan"),) * 3
    low, high = t_interval(means_by_animal(fisher_z(values), animals), confidence)
    return float(values.mean()), float(np.tanh(low)), float(np.tanh(high))


def square_interval(value: float, low: float, high: float) -> tuple[float, float, float]:
    """Square a correlation and its interval: r² is zero wherever the interval of r holds zero."""
    if not np.isfinite([low, high]).all():
        return value**2, float("nan"), float("nan")
    ends = sorted((low**2, high**2))
    return value**2, 0.0 if low <= 0 <= high else ends[0], ends[1]


def permutation_p(observed, null, tail: str = "upper") -> np.ndarray:
    """Probability under a null distribution of a value as extreme: (1 + #{null ≥ observed}) / (n + 1).

    The observed value counts as one of the null's, so that p is never zero (Phipson & Smyth 2010, Stat Appl Genet Mol
    Biol 9:39).

    Parameters
    ----------
    observed : float or array, shape (...)
    null : array of float, shape (n,) or (n, ...)
        One distribution for all observed values, or one for each. Draws that are NaN count as smaller.
    tail : {"upper", "lower", "absolute", "two-sided"}
        As large; as small; as large in size, of either sign; twice the smaller of the first two, at most 1.

    Returns
    -------
    p : ndarray, shape (...)
        NaN where the observed value is.

    Examples
    --------
    >>> [float(permutation_p(3.0, [1.0, 2.0, 3.0], tail)) for tail in ("upper", "lower", "absolute", "two-sided")]
    [0.5, 1.0, 0.5, 1.0]
    """
    observed, null = np.asarray(observed, dtype=float), np.asarray(null, dtype=float)
    if tail == "two-sided":
        smaller = np.minimum(permutation_p(observed, null), permutation_p(observed, null, "lower"))
        return np.minimum(1.0, 2 * smaller)
    if tail == "lower":
        observed, null = -observed, -null
    elif tail == "absolute":
        observed, null = np.abs(observed), np.abs(null)
    elif tail != "upper":
        raise ValueError(f"tail is {tail!r}; choose upper, lower, absolute or two-sided")
    if null.ndim == 1:
        ascending = np.sort(null[~np.isnan(null)])
        as_extreme = ascending.size - np.searchsorted(ascending, observed, side="left")
    else:
        as_extreme = (null >= observed).sum(axis=0)
    return np.where(np.isfinite(observed), (1 + as_extreme) / (len(null) + 1), np.nan)


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
    difference = {"n_a": a.size, "n_b": b.size, "mean_a": mean_a, "mean_b": mean_b, "difference": mean_b - mean_a}
    both = np.intersect1d(animals_a, animals_b)
    paired = np.array([b[animals_b == animal].mean() - a[animals_a == animal].mean() for animal in both])
    over_animals, (low, high) = _student(paired), t_interval(paired, confidence)
    return {
        **difference,
        **_welch(a, b),
        "n_animals": int(both.size),
        "difference_animals": over_animals["mean"],
        "ci_low": low,
        "ci_high": high,
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


def partial_r(r_xy, r_xz, r_yz) -> np.ndarray:
    """Partial correlation of x and y given z: (r_xy − r_xz r_yz) / √((1 − r_xz²)(1 − r_yz²)).

    The correlation of what is left of x and y after z is regressed out of both (Yule 1907, Proc R Soc A 79:182).

    Parameters
    ----------
    r_xy, r_xz, r_yz : float or array
        Their shapes broadcast.

    Returns
    -------
    r : ndarray
        NaN where z explains x or y wholly.

    Examples
    --------
    >>> partial_r([0.5, 0.25], [0.0, 0.5], [0.0, 0.5]).round(3).tolist()
    [0.5, 0.0]
    """
    r_xy, r_xz, r_yz = (np.asarray(r, dtype=float) for r in (r_xy, r_xz, r_yz))
    unexplained = (1 - r_xz**2) * (1 - r_yz**2)
    return (r_xy - r_xz * r_yz) / np.sqrt(np.where(unexplained > 1e-12, unexplained, np.nan))


def fisher_z(r, *, largest: float = 1 - 1e-12) -> np.ndarray:
    """Fisher's z of correlations, arctanh r = ½ ln[(1 + r)/(1 − r)] (Fisher 1921, Metron 1:3).

    Parameters
    ----------
    r : float or array
    largest : float
        |r| is clipped to it, so that z is finite at ±1 too.

    Returns
    -------
    z : ndarray
        Of the shape of `r`; NaN stays NaN.

    Examples
    --------
    >>> fisher_z([0.0, 0.5, -0.5]).round(4).tolist(), round(0.5 * np.log(3), 4).item()
    ([0.0, 0.5493, -0.5493], 0.5493)
    """
    return np.arctanh(np.clip(np.asarray(r, dtype=float), -largest, largest))


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
