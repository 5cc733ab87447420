"""Animals as the unit: means, intervals and tests when the scans of one animal are correlated.

All functions take values on a scale on which means make sense: correlations as Fisher's z, which the caller transforms.
"""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from .resampling import finite_rows, hierarchical_bootstrap
from .tests import means_by_animal, permutation_p, t_interval, t_test

NAN = float("nan")
EXACT_UP_TO = 16  # animals; 2¹⁶ sign patterns are still enumerated


def summary(values, animals, sessions=None, *, confidence: float = 0.95, n_bootstrap: int = 2000, rng=None) -> dict:
    """A mean over scans, with everything that has the animal as its unit beside it.

    Parameters
    ----------
    values : array of float, shape (n_scans,)
        One number per scan (Fisher's z of correlations); those that are not finite are excluded.
    animals, sessions : sequence, shape (n_scans,)
        Sessions are told apart within an animal; without them the scans of an animal are one session.
    confidence : float
    n_bootstrap : int
    rng : numpy.random.Generator, optional
        Without it there is no bootstrap, and its columns are NaN.

    Returns
    -------
    columns : dict
        Those of `tests.t_test` (scans and animals); `ci_low`, `ci_high`, Student's t interval of the animals'
        means, which is the one to report; `p_sign_flip` and `p_sign_flip_floor`; `icc`, `icc_low`, `icc_high`,
        `design_effect`, `n_effective`; `mean_mixed`, `se_mixed`, `p_mixed`; `bootstrap_low`, `bootstrap_high`
        (percentile), `bootstrap_t_low`, `bootstrap_t_high` (studentised).

    Examples
    --------
    >>> columns = summary([0.1, 0.2, 0.3, 0.2, 0.2, 0.4], ["a", "a", "b", "b", "c", "c"])
    >>> [round(columns[name], 3) for name in ("n", "n_animals", "p", "p_animals", "p_sign_flip")]
    [6, 3, 0.003, 0.034, 0.25]
    """
    values, animals, sessions = finite_rows(values, animals, sessions)
    columns = t_test(values, animals)
    n_by_animal = np.unique(animals, return_counts=True)[1]
    means = means_by_animal(values, animals)
    columns |= dict(zip(("ci_low", "ci_high"), t_interval(means, confidence), strict=True))
    columns |= {f"p_sign_flip{k}": v for k, v in zip(("", "_floor"), sign_flip(means, rng=rng), strict=True)}
    inside = icc(values, animals)
    columns |= dict(
        zip(("icc", "icc_low", "icc_high"), (inside, *icc_interval(values, animals, confidence)), strict=True)
    )
    effect = design_effect(inside, n_by_animal)
    columns |= {"design_effect": effect, "n_effective": values.size / effect}
    columns |= {f"{k}_mixed": v for k, v in mixed_model(values, animals).items() if k in ("mean", "se", "p")}
    bootstrap = dict.fromkeys(("low", "high", "t_low", "t_high"), NAN)
    if rng is not None:
        bootstrap = hierarchical_bootstrap(values, animals, sessions, n_bootstrap, rng, confidence=confidence)
    return columns | {f"bootstrap_{k}": bootstrap[k] for k in ("low", "high", "t_low", "t_high")}


def sign_flip(values_by_animal, *, rng=None, n_samples: int = 2**EXACT_UP_TO) -> tuple[float, float]:
    """Is the mean over animals zero? By flipping the sign of each animal's value; no distribution is assumed.

    Under the null hypothesis an animal's value is as likely to be positive as negative. p is the share of sign
    patterns whose mean is at least as far from zero as the observed one: of all 2ⁿ for n ≤ 16, of a random sample of
    them beyond. It cannot fall below 2/2ⁿ: .03125 with six animals, .0625 with five, where nothing can reach .05.

    Parameters
    ----------
    values_by_animal : array of float, shape (n_animals,)
    rng : numpy.random.Generator
        Needed above 16 animals.
    n_samples : int
        Sign patterns above 16 animals.

    Returns
    -------
    p, floor : float
        Two-sided p, and the smallest that this number of animals (or of samples) allows.

    Raises
    ------
    TypeError
        When there is not one value for each animal.
    ValueError
        Above 16 animals without `rng`.

    Examples
    --------
    >>> sign_flip([0.4, 0.3, 0.5, 0.2, 0.6, 0.4])
    (0.03125, 0.03125)
    """
    values = np.asarray(values_by_animal, dtype=float)
    if values.ndim != 1:
        raise TypeError(f"values_by_animal must have the shape (n_animals,), not {values.shape}")
    values = values[np.isfinite(values)]
    n = values.size
    if n == 0:
        return NAN, NAN
    # Patterns that are equal as sums must not differ by rounding.
    observed = np.abs(values.sum()) - 1e-12 * np.abs(values).sum()
    signs, exact = sign_patterns(n, rng, n_samples, dtype=np.int8)
    flipped = np.abs(signs @ values)
    p = float(np.mean(flipped >= observed)) if exact else float(permutation_p(observed, flipped))
    return p, smallest_flip_p(n, n_samples)


def sign_patterns(
    n: int, rng=None, n_samples: int = 2**EXACT_UP_TO, *, exact_up_to: int = EXACT_UP_TO, dtype=np.int64
) -> tuple[np.ndarray, bool]:
    """Signs of n animals under the null hypothesis that each value is as likely to be positive as negative.

    Parameters
    ----------
    n : int
        Animals.
    rng : numpy.random.Generator, optional
        Needed above `exact_up_to` animals.
    n_samples : int
        How many patterns are drawn there.
    exact_up_to : int
        Up to so many animals every pattern is there once, that of the data first. A pattern and its mirror image are
        equally extreme for a test of two sides, so that the last animal's sign stays: 2ⁿ⁻¹ patterns.
    dtype : type
        Of the random numbers: it is a part of what a seed gives.

    Returns
    -------
    signs : ndarray of float, shape (n_patterns, n)
        1 and −1.
    exact : bool
        Whether these are all patterns.

    Raises
    ------
    ValueError
        Where patterns must be drawn and there is no `rng`.

    Examples
    --------
    >>> sign_patterns(2)[0].tolist()
    [[1.0, 1.0], [-1.0, 1.0]]
    """
    if n <= exact_up_to:
        return 1 - 2.0 * (np.arange(2 ** max(n - 1, 0))[:, None] >> np.arange(n) & 1), True
    if rng is None:
        raise ValueError(f"{n} animals have too many sign patterns to enumerate; give rng to draw from them")
    return 1 - 2.0 * rng.integers(2, size=(n_samples, n), dtype=dtype), False


def smallest_flip_p(n: int, n_samples: int = 2**EXACT_UP_TO, *, exact_up_to: int = EXACT_UP_TO) -> float:
    """Smallest p that sign flips of n animals allow: 2/2ⁿ, or one in all samples where patterns are drawn."""
    return 2 / 2**n if n <= exact_up_to else 1 / (n_samples + 1)


def _squares(values, animals):
    """Scans and mean of each animal, and the sum of squares within animals."""
    names, place, count = np.unique(animals, return_inverse=True, return_counts=True)
    means = np.bincount(place, values, names.size) / count
    return count, means, float(((values - means[place]) ** 2).sum())


def icc(values, animals) -> float:
    """Intraclass correlation: how similar the scans of one animal are.

    One-way random effects with unequal numbers of scans, by analysis of variance (Donner 1986, Int Stat Rev 54:67):
    ICC = (MSB − MSW) / (MSB + (n₀ − 1) MSW), n₀ = (N − Σn²/N) / (animals − 1). It may come out negative.

    Parameters
    ----------
    values : array of float, shape (n_scans,)
    animals : sequence, shape (n_scans,)

    Returns
    -------
    icc : float
        NaN below two animals, or with one scan in each.

    Examples
    --------
    >>> round(icc([1.0, 2.0, 5.0, 6.0], ["a", "a", "b", "b"]), 4)
    0.9394
    """
    values, animals, _ = finite_rows(values, animals)
    count, means, within = _squares(values, animals)
    n, k = values.size, count.size
    if k < 2 or n == k:
        return NAN
    between = (count * (means - values.mean()) ** 2).sum() / (k - 1)
    within /= n - k
    usual = (n - (count**2).sum() / n) / (k - 1)
    spread = between + (usual - 1) * within
    return float((between - within) / spread) if spread > 0 else NAN


def icc_interval(values, animals, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of the ICC from the F distribution: Searle's, with the harmonic mean of the numbers of scans where they
    differ (Thomas & Hultquist 1978, Ann Stat 6:582). With six animals it is wide."""
    values, animals, _ = finite_rows(values, animals)
    count, means, within = _squares(values, animals)
    n, k = values.size, count.size
    if k < 2 or n == k or not within > 0:
        return NAN, NAN
    harmonic = k / (1 / count).sum()
    f = harmonic * means.var(ddof=1) / (within / (n - k))
    ends = f / stats.f.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], k - 1, n - k)
    low, high = (ends - 1) / (ends + harmonic - 1)
    return float(low), float(high)


def design_effect(icc: float, n_by_animal) -> float:
    """Variance of a mean over scans, over that of as many independent scans: 1 + (m − 1) ICC, m = Σn² / Σn.

    m is the number of scans of an animal, as the average scan sees it (Kish 1965); the formula is exact. A negative ICC
    counts as 0, and one that is not known gives NaN.

    Examples
    --------
    >>> round(design_effect(0.1, [26] * 6), 9), design_effect(-0.02, [26] * 6)
    (3.5, 1.0)
    """
    n_by_animal = np.asarray(n_by_animal, dtype=float)
    if n_by_animal.size == 0:
        return NAN
    return float(1 + ((n_by_animal**2).sum() / n_by_animal.sum() - 1) * np.maximum(icc, 0.0))


def mixed_model(values, animals) -> dict:
    """Random-intercept model, a sensitivity analysis: value = mean + animal + scan, by restricted maximum likelihood.

    Animal and scan are random and normal.

    With λ = σ²_animal/σ²_scan and w = n/(1 + λn) for an animal of n scans: mean = Σ w ȳ / Σ w, σ²_scan = Q/(N − 1),
    Q = SSW + Σ w (ȳ − mean)², and λ minimises (N − 1) ln Q + Σ ln(1 + λn) + ln Σ w (Patterson & Thompson 1971,
    Biometrika 58:545). p is Student's t with animals − 1 degrees of freedom. For equally many scans per animal and
    λ > 0 these are Satterthwaite's, and p is that of animal means; where λ is estimated as 0, Satterthwaite's would
    jump to N − 1, the test over scans. With six animals of 26 scans and ICC 0/.05/.1/.3 false positives at .05 are
    .010/.037/.050/.055 (4000 simulations).

    Parameters
    ----------
    values : array of float, shape (n_scans,)
    animals : sequence, shape (n_scans,)

    Returns
    -------
    estimates : dict
        `mean`, `se`, `df`, `t`, `p`, `var_animal`, `var_scan`, `icc`. The variances and
        `icc` are NaN where an animal's scans do not differ; all are below two animals.
    """
    values, animals, _ = finite_rows(values, animals)
    count, means, within = _squares(values, animals)
    n, k = values.size, count.size
    if k < 2 or not np.ptp(values) > 0:
        mean = float(values.mean()) if n else NAN
        return dict.fromkeys(("se", "t", "p", "var_animal", "var_scan", "icc"), NAN) | {
            "mean": mean,
            "df": max(k - 1, 0),
        }
    scale = values.var()

    def fit(share):
        ratio = share / (1 - share)
        weight = count / (1 + ratio * count)
        mean = (weight * means).sum() / weight.sum()
        squares = within + (weight * (means - mean) ** 2).sum()
        deviance = (n - 1) * np.log(squares / scale) + np.log1p(ratio * count).sum() + np.log(weight.sum())
        return deviance, mean, squares / (n - 1), weight.sum(), ratio

    share, variances = 0.0, (NAN, NAN, NAN)
    if n > k and within > 1e-12 * n * scale:
        minimum = optimize.minimize_scalar(
            lambda s: fit(s)[0], bounds=(0, 1 - 1e-9), method="bounded", options={"xatol": 1e-9}
        )
        share = minimum.x if minimum.fun < fit(0.0)[0] else 0.0
        ratio, var_scan = fit(share)[4], fit(share)[2]
        variances = float(ratio * var_scan), float(var_scan), float(share)
    else:  # one scan each, or as good as one: an animal is its mean
        n, count, within = k, np.ones(k), 0.0
    _, mean, var_scan, weight, _ = fit(share)
    se = float(np.sqrt(var_scan / weight))
    t = float(mean / se)
    return {
        **{"mean": float(mean), "se": se, "df": k - 1, "t": t, "p": float(2 * stats.t.sf(abs(t), k - 1))},
        **dict(zip(("var_animal", "var_scan", "icc"), variances, strict=True)),
    }
