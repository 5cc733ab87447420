"""The best HRF of a grid, judged on animals that did not choose it."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from ..stats.tests import fisher_z

NAN = float("nan")
SIGNS = ("positive", "negative", "either")


def nested_search(r_by_scan, animals, usable=None, sign: str = "positive") -> dict:
    """Nested cross-validation of a grid of HRFs over animals.

    The best cell of a grid is best by chance too: its correlation is the largest of many noisy ones, and too large
    (Cawley & Talbot 2010, J Mach Learn Res 11:2079). Here the cell is chosen by the animals but one, and its
    correlation is read off the held-out animal; in turn for all animals. What the maximum of the grid has more
    than that is its optimism.

    Means are those of Fisher's z, first over the scans of an animal, then over animals with equal weight; what is
    returned is tanh of such means.

    Parameters
    ----------
    r_by_scan : array of float, shape (n_scans, n_cells)
        Correlation in time for each HRF; scans or single cells may be NaN.
    animals : sequence, shape (n_scans,)
    usable : array of bool, shape (n_cells,), optional
        Cells that may be chosen, such as those that are not degenerate.
    sign : {"positive", "negative", "either"}
        Which correlation is best: the highest (gamma power, of which a positive coupling is expected), the lowest, or
        the largest in size. With `either` a held-out r counts as positive when its sign is that of the animals that
        chose, so that it is zero on average where nothing is coupled.

    Returns
    -------
    choice : dict
        `animals`, shape (n_animals,), in the order of names: those with a value in a cell. Of each of them: `cell`,
        chosen by the others (−1 where there are no others); `r_animals`, its r in that cell, held out (NaN without
        others); `r_in_sample_animals`, its r in `cell_in_sample`; `r_own_best`, the best r of its own grid. Of the
        group: `r_mean`, mean of `r_animals`; `cell_in_sample`, the best cell of all animals; `r_in_sample`, its r, the
        maximum of the grid; `optimism`, `r_in_sample` − `r_mean`, NaN unless every animal has both. With
        `sign="negative"` all r keep their sign and the optimism is negative.

    Raises
    ------
    InputError
        When no cell may be chosen, or shapes do not agree.

    Examples
    --------
    >>> choice = nested_search([[0.3, 0.1], [0.4, 0.2], [0.1, 0.2]], ["a", "b", "c"])
    >>> choice["cell"].tolist(), choice["r_animals"].round(3).tolist(), choice["cell_in_sample"]
    ([0, 0, 0], [0.3, 0.4, 0.1], 0)
    """
    if sign not in SIGNS:
        raise ValueError(f"sign is {sign!r}; choose one of {', '.join(SIGNS)}")
    names, z = _by_animal(r_by_scan, animals, usable)
    count, total = np.isfinite(z).sum(axis=0), np.nansum(z, axis=0)
    best, direction = _best(_ratio(total, count), sign)
    chosen, left_out = np.full(len(names), -1), np.full(len(names), NAN)
    for i, own in enumerate(z):
        others = count - np.isfinite(own)
        if (others > 0).any():
            # A cell that this animal lacks cannot be judged on it.
            means = np.where(np.isfinite(own), _ratio(total - np.nan_to_num(own), others), NAN)
            if np.isfinite(means).any():
                chosen[i], turn = _best(means, sign)
                left_out[i] = turn * own[chosen[i]]
    in_sample = direction * z[:, best]
    own_best = [turn * own[cell] for own in z for cell, turn in [_best(own, sign)]]
    held, whole = _mean(left_out), _mean(in_sample)
    both = np.isfinite(left_out).all() and np.isfinite(in_sample).all()
    return {
        "animals": names,
        "cell": chosen,
        "r_animals": np.tanh(left_out),
        "r_in_sample_animals": np.tanh(in_sample),
        "r_own_best": np.tanh(own_best),
        "r_mean": float(np.tanh(held)),
        "cell_in_sample": best,
        "r_in_sample": float(np.tanh(whole)),
        "optimism": float(np.tanh(whole) - np.tanh(held)) if both else NAN,
    }


def _by_animal(r_by_scan, animals, usable):
    """Names of the animals that have a value, and the mean z over their scans; NaN in cells not to be chosen."""
    z, animals = fisher_z(r_by_scan), np.asarray(animals)
    if z.ndim != 2 or len(z) != len(animals):
        raise InputError(f"the grids are of shape {z.shape} and there are {len(animals)} animals; give one row a scan")
    usable = np.ones(z.shape[1], dtype=bool) if usable is None else np.asarray(usable, dtype=bool)
    if usable.shape != z.shape[1:]:
        raise InputError(f"the grid has {z.shape[1]} cells and the mask of usable ones {usable.size}; both must agree")
    z = np.where(usable, z, NAN)
    names = np.unique(animals)
    by_animal = [_ratio(np.nansum(z[rows], axis=0), np.isfinite(z[rows]).sum(axis=0)) for rows in _rows(animals, names)]
    means = np.reshape(by_animal, (names.size, z.shape[1]))
    there = np.isfinite(means).any(axis=1)
    if not there.any():
        raise InputError("no HRF of the grid has a correlation in any scan; widen coupling.grid_delay_s")
    return names[there], means[there]


def _rows(animals, names):
    return [animals == name for name in names]


def _ratio(total, count):
    return total / np.where(count > 0, count, np.nan)


def _best(z, sign: str) -> tuple[int, float]:
    """Cell of the best mean, and the sign that its values are counted with."""
    if sign == "either":
        cell = int(np.nanargmax(np.abs(z)))
        return cell, 1.0 if z[cell] >= 0 else -1.0
    return int(np.nanargmax(z) if sign == "positive" else np.nanargmin(z)), 1.0


def _mean(z) -> float:
    z = z[np.isfinite(z)]
    return float(z.mean()) if z.size else NAN
