"""How much of the seed's BOLD the LFP explains at best, judged on animals left out of the fit; and its parts."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy import signal

from ..coupling import commonality, prediction
from ..coupling.correlation import correlate
from ..errors import InputError
from ..hemodynamics import fir, grid_search
from ..hemodynamics.hrf import spm_hrf
from ..nulls import group as group_nulls
from ..stats.tests import fisher_z, means_by_animal, permutation_p
from .scan import Scan, counts, generator
from .significance import InTime

MOST_SHIFTS = 199  # each projects all regressors of all scans again
TABLES = ("explained", "commonality", "response", "hrfchoice", "pairing", "significance")


def explained(scans: Iterable[Scan], bands, bins, grid, main_band: str, settings: dict) -> dict:
    """All scans of a state and site.

    Parameters
    ----------
    scans : iterable of Scan
        One at a time is read; of each its series are held.
    bands, bins : list of str
        Columns of the scans' regressors and of their 1-Hz bins.
    grid : (list of dict, array of float, shape (n_scans, n_cells))
        Cells of the HRF grid and the main band's r in each, of the same scans.
    main_band : str
    settings : dict
        `networks`, `coupling`, `hrf`, `nulls` and `variance` sections, `seed`.

    Returns
    -------
    found : dict
        Rows of `explained`, `commonality`, `response`, `hrfchoice`, `pairing` and `significance` (in time).
    """
    in_time, held = InTime(bands, bins, settings), []
    for scan in scans:
        in_time.add(scan)
        scan.design.bins = scan.design.raw_bins = None  # hundreds of columns that nobody needs any more
        held.append(scan)
    if not held:
        return {name: [] for name in TABLES}
    chosen = [bands.index(band) for band in settings["networks"]["removal_bands"] if band in bands]
    columns, courses = [scan.design.columns[:, chosen] for scan in held], [scan.bold.course for scan in held]
    freedoms = [None if scan.design.basis is None else scan.design.basis.shape[1] for scan in held]
    animals, n, seed = [scan.sub for scan in held], settings["nulls"]["surrogates"], settings["seed"]
    responses = [response(held, i, settings) for i in range(len(bands))]
    return {
        "explained": explained_rows(columns, courses, animals, n, generator(seed, "all bands"), held, chosen),
        "commonality": commonality_rows(columns, courses, animals, [bands[i] for i in chosen], freedoms),
        "response": [
            counts(animals) | row
            for i, found in enumerate(responses)
            for row in response_rows(found, bands[i], settings)
        ],
        "hrfchoice": choice_rows(held, bands.index(main_band), grid, responses[bands.index(main_band)], main_band),
        "pairing": [row for i, band in enumerate(bands) for row in pairing_rows(held, i, band, n, seed)],
        "significance": in_time.rows(),
    }


def explained_rows(columns, courses, animals, n_null: int, rng, scans=(), chosen=()) -> list[dict]:
    """Prediction of the seed's BOLD in each animal from weights fitted to all others; none below two animals.

    Where nuisance was projected out, regressors are shifted before the projection and everything is fitted again for
    each draw: shifted BOLD would leave the space that the projection left (.09 false at .05, this way .045).

    Parameters
    ----------
    columns : list of array of float, shape (n_kept, n_bands)
        Of each scan.
    courses : list of array of float, shape (n_kept,)
    animals : list of str
    n_null : int
        Circular shifts for p.
    rng : numpy.random.Generator
    scans : list of Scan
        The scans themselves, and `chosen`, the columns of their bands; for the shifts before a projection.
    """
    if len(set(animals)) < 2:
        return []
    projected = len(scans) > 0 and all(scan.design.raw is not None for scan in scans)
    found = prediction.all_bands(columns, courses, animals, n_null=0 if projected else n_null, rng=rng)
    if projected:
        found["p"] = _p_of_shifts(found["r_mean"], scans, chosen, courses, animals, min(n_null, MOST_SHIFTS), rng)
    rows = [{"sub": "group", **counts(animals), "r": found["r_mean"], "r2": found["r2_mean"], "p": found["p"]}]
    for sub, r, r2 in zip(found["animals"], found["r_animals"], found["r2_animals"], strict=True):
        rows.append({"sub": sub, **counts(animals, sub), "r": r, "r2": r2})
    return rows


def _p_of_shifts(r_mean, scans, chosen, courses, animals, n: int, rng) -> float:
    """One-sided p of the prediction against regressors shifted around before they are projected."""
    raw = [signal.detrend(scan.design.raw[:, chosen], axis=0) for scan in scans]
    null = []
    for _ in range(n):
        drawn = [
            np.roll(x, rng.integers(1, len(x)), axis=0)[scan.bold.kept] for x, scan in zip(raw, scans, strict=True)
        ]
        columns = [scan.design.projector.apply(x) for x, scan in zip(drawn, scans, strict=True)]
        null.append(prediction.all_bands(columns, courses, animals)["r_mean"])
    return float(permutation_p(r_mean, null))


def commonality_rows(columns, courses, animals, bands, freedoms) -> list[dict]:
    """Parts of the explained variance that exactly these bands hold in common, means over scans; they sum to R².

    `freedoms` are the degrees of freedom of each scan, or None where they are not known and nothing is corrected. Scans
    that have no more of them than there are bands say nothing and are left out.
    """
    of_scans = zip(columns, courses, animals, freedoms, strict=True)
    usable = [one for one in of_scans if one[3] is None or one[3] > one[0].shape[1]]
    found = [commonality.commonality(x, y, degrees_of_freedom=freedom) for x, y, _, freedom in usable]
    if not found:
        return []
    n = counts([sub for _, _, sub, _ in usable])
    parts = np.mean([scan["part"] for scan in found], axis=0)
    rows = [
        {"bands": "+".join(bands[i] for i in subset), **n, "part": part}
        for subset, part in zip(found[0]["subsets"], parts, strict=True)
    ]
    return [*rows, {"bands": "all", **n, "part": float(np.mean([scan["total"] for scan in found]))}]


def response(scans: list[Scan], column: int, settings: dict) -> dict | None:
    """The response of one band estimated from all scans, animals left out in turn; None where it cannot be.

    Where there is one animal its scans are left out instead; where there is one scan nothing can choose the smoothness.
    """
    animals = [scan.sub for scan in scans]
    first, last = settings["nulls"]["response_s"]
    step = max(1.0, max(scan.bold.tr_s for scan in scans))
    projectors = [scan.design.projector for scan in scans]
    try:
        return fir.fir(
            [scan.power.values[:, column] for scan in scans],
            [scan.power.times_s for scan in scans],
            [scan.bold.course for scan in scans],
            [scan.power.volume_times_s for scan in scans],
            lags_s=np.arange(first, last + step / 2, step),
            projectors=None if None in projectors else projectors,
            groups=animals if len(set(animals)) > 1 else None,
        )
    except InputError:
        return None


def response_rows(found: dict | None, band: str, settings: dict) -> list[dict]:
    """The estimated response beside that of the config, which is scaled to it."""
    if found is None:
        return []
    fine = 0.01
    kernel = spm_hrf(fine, settings["hrf"]["p"])
    config = np.interp(found["lags_s"], fine * np.arange(len(kernel)), kernel, left=0.0, right=0.0)
    size = config @ found["hrf"] / (config @ config) if config.any() else np.nan
    return [
        {"band": band, "lag_s": lag, "h": h, "se": se, "h_config": size * c, "penalty": found["penalty"]}
        for lag, h, se, c in zip(found["lags_s"], found["hrf"], found["se"], config, strict=True)
    ]


def choice_rows(scans: list[Scan], column: int, grid, estimated: dict | None, band: str) -> list[dict]:
    """Temporal r of the main band in animals that had no say in the choice of the HRF; none below two animals."""
    animals = np.array([scan.sub for scan in scans])
    cells, r = grid
    if np.unique(animals).size < 2:
        return []
    ways = {"config": [correlate(scan.design.columns[:, column], scan.bold.course)[0, 0] for scan in scans]}
    if estimated is not None and np.isfinite(estimated["r"]).all():
        ways["fir"] = estimated["r"]
    rows = []
    for method, of_scans in ways.items():
        found = np.tanh(means_by_animal(fisher_z(of_scans), animals))
        rows += [
            {"sub": sub, "method": method, "r": value} for sub, value in zip(np.unique(animals), found, strict=True)
        ]
        rows.append({"sub": "group", "method": method, "r": float(np.tanh(fisher_z(found).mean()))})
    if cells and len(r) == len(scans):
        rows += _grid_rows(grid_search.nested_search(r, animals), cells)
    return [{"band": band, **counts(list(animals), row["sub"]), **row} for row in rows]


def _grid_rows(found: dict, cells) -> list[dict]:
    rows = []
    for i, sub in enumerate(found["animals"]):
        row = {"sub": sub, "method": "grid"}
        if found["cell"][i] >= 0:
            row |= {name: cells[found["cell"][i]][name] for name in ("delay_s", "undershoot_s")}
        rows.append(row | {"r": found["r_animals"][i], "r_in_sample": found["r_in_sample_animals"][i]})
    best = cells[int(found["cell_in_sample"])]
    whole = {"sub": "group", "method": "grid", "delay_s": best["delay_s"], "undershoot_s": best["undershoot_s"]}
    whole |= {"r": found["r_mean"], "r_in_sample": found["r_in_sample"]}
    return [{**row, "optimism": row["r_in_sample"] - row["r"]} for row in [*rows, whole]]


def pairing_rows(scans: list[Scan], column: int, band: str, n: int, seed: int) -> list[dict]:
    """The regressor of each scan with the BOLD of other animals; none below two animals."""
    animals = [scan.sub for scan in scans]
    if len(set(animals)) < 2:
        return []
    found = group_nulls.cross_pairing(
        [scan.design.columns[:, column] for scan in scans],
        [scan.bold.course for scan in scans],
        animals,
        n,
        generator(seed, band, "pairing"),
    )
    rows = [
        {
            "sub": "group",
            "ses": "",
            "run": "",
            "r": found["mean"],
            "p": found["p_mean"],
            "n_pairs": len(found["null_mean"]),
            **counts(animals),
        }
    ]
    rows[0]["expected"] = found["expected"]
    for i, scan in enumerate(scans):
        sub, ses, run, _ = scan.scan_id.split(" ")
        others = len(animals) - animals.count(sub)
        rows.append({"sub": sub, "ses": ses, "run": run, "r": found["r"][i], "p": found["p"][i], "n_pairs": others})
    return [{"band": band, **row} for row in rows]
