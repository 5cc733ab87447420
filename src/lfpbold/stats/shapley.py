"""How much of the variance of a result each of several choices explains."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np

REST = "interactions"  # what choices do not explain one by one
MOST_EXACT = 10  # choices of which every order is taken; of more, ORDERS of them
ORDERS = 500


def decompose(values, factors: dict[str, list[str]]) -> dict[str, dict]:
    """Shares of the variance of `values` over variants that main effects of choices explain.

    The sum of squares of the additive model (a constant and one effect per level of each choice, least squares) is
    divided among the choices by averaging, over all orders in which they can enter the model, what each adds when it
    enters: Shapley's value, which for balanced designs is the sum of squares of the analysis of variance
    (Lindeman, Merenda & Gold 1980; Grömping 2007, doi:10.1198/000313007X188252). With more than ten choices, 500
    orders (of a fixed seed) stand for all, unless the design is balanced.

    Parameters
    ----------
    values : array, shape (n_variants,)
    factors : dict of str to list of str
        Choice to the level of each variant.

    Returns
    -------
    shares : dict of str to dict
        Choice to `share` (averaged over orders), `share_first` (alone) and `share_last` (after all others), as
        fractions of the total sum of squares; NaN where all values are equal. `interactions` has the rest, and
        `df_left`: with 0 degrees of freedom left the rest is 0 whatever the data.
    """
    values = np.asarray(values, dtype=float)
    names, centred = list(factors), values - values.mean() if values.size else values
    total = float(centred @ centred)
    columns = [_contrasts(factors[name]) for name in names]
    if values.size < 2 or total <= 1e-20 * max(1.0, float(values @ values)):
        empty = {"share": math.nan, "share_first": math.nan, "share_last": math.nan}
        left = values.size - 1 - _rank(columns, values.size)
        return {name: dict(empty) for name in names} | {REST: {"share": math.nan, "df_left": left}}
    known: dict[frozenset, float] = {frozenset(): 0.0}

    def explained(chosen: frozenset) -> float:
        if chosen not in known:
            design = np.hstack([columns[i] for i in sorted(chosen)])
            fitted = design @ np.linalg.lstsq(design, centred, rcond=None)[0]
            known[chosen] = float(fitted @ fitted) / total
        return known[chosen]

    everyone = frozenset(range(len(names)))
    first = [explained(frozenset({i})) for i in everyone]
    whole = explained(everyone)
    last = [whole - explained(everyone - {i}) for i in everyone]
    orthogonal = len(names) > MOST_EXACT and np.allclose(first, last, atol=1e-12)
    shares = first if orthogonal else _shapley(explained, len(names))
    found = {name: {"share": shares[i], "share_first": first[i], "share_last": last[i]} for i, name in enumerate(names)}
    left = values.size - 1 - _rank(columns, values.size)
    return found | {REST: {"share": 0.0 if left <= 0 else max(0.0, 1 - whole), "df_left": left}}


def _contrasts(levels: list[str]) -> np.ndarray:
    """Indicator columns of all levels but the first, centred: variants × (levels − 1)."""
    kinds = list(dict.fromkeys(levels))[1:]
    design = np.array([[one == kind for kind in kinds] for one in levels], dtype=float).reshape(len(levels), len(kinds))
    return design - design.mean(axis=0) if len(levels) else design


def _rank(columns, n: int) -> int:
    design = np.hstack([np.zeros((n, 0)), *columns])
    return int(np.linalg.matrix_rank(design)) if design.size else 0


def _shapley(explained, count: int) -> list[float]:
    """What each of `count` factors adds, averaged over the orders in which they enter."""
    if count <= MOST_EXACT:
        shares = []
        for i in range(count):
            others = [j for j in range(count) if j != i]
            shares.append(
                sum(
                    (explained(frozenset(before) | {i}) - explained(frozenset(before)))
                    / (count * math.comb(count - 1, size))
                    for size in range(count)
                    for before in combinations(others, size)
                )
            )
        return shares
    rng, added = np.random.default_rng(0), np.zeros(count)
    for _ in range(ORDERS):
        before: frozenset = frozenset()
        for i in map(int, rng.permutation(count)):
            added[i] += explained(before | {i}) - explained(before)
            before |= {i}
    return (added / ORDERS).tolist()
