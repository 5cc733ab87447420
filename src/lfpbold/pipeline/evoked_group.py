"""Runs with stimuli of a state and site together, and beside those at rest."""

from __future__ import annotations

import numpy as np

from ..coupling import prediction as explained
from ..derivatives.rows import of_group
from ..evoked import clusters
from ..stats import animals as of_animals
from ..stats import tests
from .evoked import cluster_rows
from .scan import generator

GROUP_MAPS = ("effect", "t", "clusters", "share", "subtraction")


def averaged(scans: list[dict], contrasts, brain, affine, settings: dict) -> dict:
    """Maps of every contrast over animals, and their clusters.

    Parameters
    ----------
    scans : list of dict
        `sub`; `effect`, `clusters` and `subtraction`: dicts of contrast to (n_voxels,).
    contrasts : list of str
        That all scans have.
    brain : array of bool, shape (x, y, z)
        Common voxels.
    affine : array of float, shape (4, 4)
    settings : dict
        `evoked` section and `seed`.

    Returns
    -------
    found : dict
        `maps` (n_contrasts × 5, n_voxels): of each contrast those of `GROUP_MAPS`; the mean over animals, Student's t
        over them, t within clusters that chance does not give, the share of scans in which the voxel lies in such a
        cluster of its own, and the plain subtraction; `names`; `rows` of clusters.
    """
    options, maps, names, rows = settings["evoked"], [], [], []
    subs = np.array([scan["sub"] for scan in scans])
    for contrast in contrasts:

        def over_animals(kind, contrast=contrast):
            stack = np.array([scan[kind][contrast] for scan in scans])
            return tests.means_by_animal(stack, subs)

        found = clusters.group_clusters(
            over_animals("effect"),
            brain,
            options["cluster_p"],
            options["permutations"],
            generator(settings["seed"], contrast, "animals"),
        )
        kept = np.isin(found["labels"], 1 + np.flatnonzero(found["p"] <= options["alpha"]))
        of_scans = np.array([scan["clusters"][contrast] for scan in scans])
        shown = {
            "effect": found["mean"],
            "t": found["t"],
            "clusters": np.where(kept, found["t"], 0.0),
            "share": (of_scans != 0).mean(axis=0),
            "subtraction": over_animals("subtraction").mean(axis=0),
        }
        maps += [shown[kind] for kind in GROUP_MAPS]
        names += [f"{contrast}_{kind}" for kind in GROUP_MAPS]
        counts = {"n_animals": len(np.unique(subs)), "n_scans": len(scans), "smallest_p": found["smallest_p"]}
        rows += [
            {"contrast": contrast, **row, **counts}
            for row in cluster_rows(found["labels"], found["p"], shown, brain, affine)
        ]
    # Where every run was left out, an empty map keeps the place.
    found = np.array(maps) if maps else np.full((1, int(brain.sum())), np.nan)
    return {"maps": found, "names": names, "rows": rows}


def responses(rows: list[dict]) -> list[dict]:
    """Mean over animals of the averages locked to events; animals are the unit.

    Parameters
    ----------
    rows : list of dict
        Of all scans: `desc-evoked_timeseries.tsv`.
    """
    grouped: dict[tuple, dict] = {}
    for row in rows:
        if np.isfinite(row["mean"]):
            key = (row["trial_type"], row["signal"], row["time_s"])
            grouped.setdefault(key, {}).setdefault(row["sub"], []).append(row["mean"])
    found = []
    for (trial_type, signal, time_s), of in grouped.items():
        means = np.array([np.mean(values) for values in of.values()])
        error = means.std(ddof=1) / np.sqrt(len(means)) if len(means) > 1 else np.nan
        found.append(
            {
                "trial_type": trial_type,
                "signal": signal,
                "time_s": time_s,
                "mean": means.mean(),
                "se": error,
                "n_animals": len(means),
                "n_scans": sum(map(len, of.values())),
            }
        )
    return found


def prediction(scans, bands, together, confidence: float, seed: int) -> list[dict]:
    """Which of LFP and spiking predicts the seed's BOLD: R² in animals that had no part in the fit.

    Parameters
    ----------
    scans : list of Scan
    bands : list of str
        Of their columns.
    together : list of str
        Bands of the joint prediction.
    confidence : float
    seed : int

    Returns
    -------
    rows : list of dict
        None below two animals.
    """
    if len({scan.sub for scan in scans}) < 2:
        return []
    usable = [
        band
        for i, band in enumerate(bands)
        if all(np.isfinite(scan.design.columns[:, i]).all() and np.ptp(scan.design.columns[:, i]) > 0 for scan in scans)
    ]
    chosen = {band: [band] for band in usable if band != "multiunit"}
    joint = [band for band in together if band in usable]
    chosen |= {"all_bands": joint} if len(joint) > 1 else {}
    chosen |= {"multiunit": ["multiunit"]} if "multiunit" in usable else {}
    courses, subs = [scan.bold.course for scan in scans], [scan.sub for scan in scans]
    of_animals_by = {
        name: explained.all_bands(
            [scan.design.columns[:, [bands.index(b) for b in of]] for scan in scans], courses, subs
        )["r2_animals"]
        for name, of in chosen.items()
    }
    rows = []
    for name, r2 in of_animals_by.items():
        row = {"predictor": name, "n_scans": len(scans), "n_animals": len(r2), "r2": r2.mean()}
        row["ci_low"], row["ci_high"] = tests.t_interval(r2, confidence)
        if name != "multiunit" and "multiunit" in of_animals_by:
            difference = r2 - of_animals_by["multiunit"]
            row["difference"] = difference.mean()
            row["difference_low"], row["difference_high"] = tests.t_interval(difference, confidence)
            row["p"] = of_animals.sign_flip(difference, rng=generator(seed, name, "prediction"))[0]
        rows.append(row)
    return rows


def rest_evoked(tables: dict, pairs: list[dict], names, settings: dict, seed: int) -> list[dict]:
    """Rest against evoked: temporal r, spatial r and what mediation would give of it, per band.

    Parameters
    ----------
    tables : dict of name to rows
        `temporal`, `spatial`, `spatial_group`, `nulls` and `mediation` of the study.
    pairs : list of dict
        `rest` and `evoked` (states), `site`.
    names : list of str
        Bands.
    settings : dict
        `variance` section.
    """
    confidence, rows = settings["variance"]["confidence"], []
    for pair in pairs:
        for band in names:
            for measure in ("temporal", "spatial", "spatial_group"):
                sides = {
                    side: _side(tables, measure, pair[side], pair["site"], band, confidence)
                    for side in ("rest", "evoked")
                }
                row = {**pair, "band": band, "measure": measure}
                row |= {f"{side}_{name}": value for side, of in sides.items() for name, value in of["columns"].items()}
                rows.append(row | _difference(sides, confidence, generator(seed, band, measure, "rest")))
    return rows


def _side(tables, measure, state, site, band, confidence) -> dict:
    """One condition's r with its interval, the expectation, and each animal's mean."""

    def mine(name):
        return of_group(tables[name], state, site, band=band)

    nan = float("nan")
    nothing = {"r": nan, "ci_low": nan, "ci_high": nan, "expected": nan, "n": 0, "n_animals": 0}
    if measure == "spatial_group":
        found = mine("spatial_group")
        expected = [row["expected"] for row in mine("mediation").where(sub="group", measure="spatial_r", voxels="all")]
        if not found:
            return {"columns": nothing, "animals": {}}
        row = found[0]
        columns = {name: row[name] for name in ("r", "ci_low", "ci_high", "n_animals")} | {"n": row["n_scans"]}
        return {"columns": nothing | columns | {"expected": expected[0] if expected else nan}, "animals": {}}
    found = mine(measure).finite("r")
    if not found:
        return {"columns": nothing, "animals": {}}
    values, subs = found.column("r"), found.column("sub")
    r, low, high = tests.mean_r(values, subs, confidence=confidence)
    expected = [row["spatial_r_expected"] for row in mine("nulls")] if measure == "spatial" else []
    expected = float(np.nanmean(expected)) if np.isfinite(expected).any() else nan
    columns = {"r": r, "ci_low": low, "ci_high": high, "expected": expected, "n": len(found)}
    means = dict(zip(np.unique(subs), tests.means_by_animal(values, subs), strict=True))
    return {"columns": columns | {"n_animals": len(means)}, "animals": means}


def _difference(sides: dict, confidence: float, rng) -> dict:
    """Evoked minus rest over the animals that have both."""
    rest, driven = sides["rest"]["animals"], sides["evoked"]["animals"]
    both = sorted(rest.keys() & driven.keys())
    if not both:
        return {"n_animals": 0}
    values = np.array([driven[sub] - rest[sub] for sub in both])
    low, high = tests.t_interval(values, confidence)
    p = of_animals.sign_flip(values, rng=rng)[0] if len(both) > 1 else float("nan")
    return {
        "difference": values.mean(),
        "difference_low": low,
        "difference_high": high,
        "n_animals": len(both),
        "p": p,
    }
