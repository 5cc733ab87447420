"""How much of the seed's BOLD all bands explain together: in animals that had no part in the fit, and shared out."""

from __future__ import annotations

import numpy as np

from .. import commonality, explained


def explained_rows(columns, courses, animals, n_null: int, rng) -> list[dict]:
    """Prediction of the seed's BOLD in each animal from weights fitted to all others; none below two animals.

    Parameters
    ----------
    columns : list of array of float, shape (n_kept, n_bands)
        Of each scan.
    courses : list of array of float, shape (n_kept,)
    animals : list of str
    n_null : int
        Circular shifts for p.
    rng : numpy.random.Generator
    """
    if len(set(animals)) < 2:
        return []
    found = explained.all_bands(columns, courses, animals, n_null=n_null, rng=rng)
    rows = [{"sub": "group", "n_scans": len(animals), "r": found["r_mean"], "r2": found["r2_mean"], "p": found["p"]}]
    for sub, r, r2 in zip(found["animals"], found["r_animals"], found["r2_animals"], strict=True):
        rows.append({"sub": sub, "n_scans": animals.count(sub), "r": r, "r2": r2})
    return rows


def commonality_rows(columns, courses, bands, freedoms) -> list[dict]:
    """Parts of the explained variance that exactly these bands hold in common, means over scans; they sum to R².

    `freedoms` are the degrees of freedom of each scan, or None where they are not known and nothing is corrected. Scans
    that have no more of them than there are bands say nothing and are left out.
    """
    found = [
        commonality.commonality(x, y, degrees_of_freedom=freedom)
        for x, y, freedom in zip(columns, courses, freedoms, strict=True)
        if freedom is None or freedom > x.shape[1]
    ]
    if not found:
        return []
    parts = np.mean([scan["part"] for scan in found], axis=0)
    rows = [
        {"bands": "+".join(bands[i] for i in subset), "n_scans": len(found), "part": part}
        for subset, part in zip(found[0]["subsets"], parts, strict=True)
    ]
    return [*rows, {"bands": "all", "n_scans": len(found), "part": float(np.mean([scan["total"] for scan in found]))}]
