"""From the tables and maps of all recordings to those of the study."""

from __future__ import annotations

import itertools

import numpy as np

from ...bold.volumes import KINDS
from ...derivatives.rows import RECORDING, labels
from ...networks import maps
from ...networks.averages import average, averaged_map_similarity
from ...stats.tests import mean_and_sem
from . import compare, over_animals, published, reliability
from .headline import headline, noise, noise_curve

GROUP_LABELS = {"sub": "group", "ses": "", "run": ""}
RUN = ("sub", "ses", "task", "run")  # what names a run
STEPS = ("artefact", "motion", "power", "bold", "hrf", "coupling", "networks", "nulls")
REMOVALS = ("gamma", "all_joint", "all_unique", "peaks")


def averaged(recordings: list[dict], bands, named, settings: dict) -> dict:
    """Tables and maps of one state and site, of maps averaged over its scans.

    Parameters
    ----------
    recordings : list of dict
        Each with `sub`, `seed_map` (n_voxels,), `lfp_maps` (n_bands, n_voxels), `removal_maps` (n_removals, n_voxels)
        and `information_maps` (1 + n_named, n_voxels).
    bands, named : list of str
        Of the LFP maps, and of the maps of mutual information after that of the seed.
    settings : dict
        `variance` section.

    Returns
    -------
    found : dict
        Averaged `seed_map`, `lfp_maps`, `removal_maps`, `information_maps`; rows of `spatial`, `regression` and
        `information`, without labels.
    """
    if not recordings:
        nothing = np.full(1, np.nan)
        return {
            "seed_map": nothing,
            "lfp_maps": nothing[None],
            "removal_maps": np.tile(nothing, (len(REMOVALS), 1)),
            "information_maps": nothing[None],
            "spatial": [],
            "regression": [],
            "information": [],
        }
    animals = [recording["sub"] for recording in recordings]
    stacks = {
        name: np.array([recording[name] for recording in recordings])
        for name in ("seed_map", "lfp_maps", "removal_maps", "information_maps")
    }
    seeds, confidence = stacks["seed_map"], settings["confidence"]
    spatial, counts = [], {"n_scans": len(animals), "n_animals": len(set(animals))}
    for i, band in enumerate(bands):
        r, low, high = averaged_map_similarity(stacks["lfp_maps"][:, i], seeds, animals, confidence=confidence)
        spatial.append({"band": band, **counts, "r": r, "r2": r**2, "ci_low": low, "ci_high": high})
    means = {name: average(stack) for name, stack in stacks.items()}
    of_seed, *of_bands = means["information_maps"]
    return {
        **means,
        "spatial": spatial,
        "regression": [counts | row for row in _removals(stacks["removal_maps"], seeds, animals, confidence)],
        "information": [
            {"band": band, **counts, "spatial_r": maps.spatial_r(found, of_seed)}
            for band, found in zip(named, of_bands, strict=True)
        ],
    }


def _removals(removed, seeds, animals, confidence) -> list[dict]:
    """How like the averaged seed maps after each removal are to the one before: r and slope, with intervals."""
    rows = []
    for i, removal in enumerate(REMOVALS):
        row = {"removal": removal}
        for name, measure, bounded in (("r", maps.spatial_r, True), ("slope", maps.slope, False)):
            row[name], row[f"{name}_ci_low"], row[f"{name}_ci_high"] = averaged_map_similarity(
                removed[:, i], seeds, animals, measure=measure, confidence=confidence, bounded=bounded
            )
        rows.append(row)
    return rows


def of_scans(lagged: tuple, grid: tuple, main_band: str) -> dict:
    """Tables of one state and site that rest on a table of each scan.

    Parameters
    ----------
    lagged, grid : tuple
        Arguments of `lags`, and those of `hrfgrid` but for the band.
    main_band : str
    """
    return {"lags": lags(*lagged), "hrfgrid": hrfgrid(*grid, main_band)}


def lags(bands, steps, values, animals) -> list[dict]:
    """Lagged correlation of one state and site: mean and standard error over scans.

    Parameters
    ----------
    bands : list of str
    steps : array of float, shape (n_lags,)
    values : array of float, shape (n_scans, n_lags, n_bands)
        From `gather.lags`.
    animals : list of str
        Of the scans.
    """
    mean, sem, count = mean_and_sem(values)
    of = animals_with(values, animals)
    return [
        {
            "band": band,
            "lag_s": step,
            "n_scans": count[row, i],
            "n_animals": of[row, i],
            "r": mean[row, i],
            "sem": sem[row, i],
        }
        for i, band in enumerate(bands)
        for row, step in enumerate(steps)
    ]


def animals_with(values, animals) -> np.ndarray:
    """How many animals have a value, for each index after that of the scans."""
    finite, names = np.isfinite(values), np.asarray(animals, dtype=object)
    return sum((finite[names == sub].any(axis=0).astype(int) for sub in set(animals)), np.zeros(finite.shape[1:], int))


def hrfgrid(cells, values, animals, main_band: str) -> list[dict]:
    """Temporal r for every HRF of the grid in one state and site: mean and standard error over scans.

    Parameters
    ----------
    cells : list of dict
        Delay, undershoot and whether it is degenerate.
    values : array of float, shape (n_scans, n_cells)
    animals : list of str
        Of the scans.
    """
    mean, sem, count = mean_and_sem(values)
    of = animals_with(values, animals)
    return [
        {"band": main_band, **cell, "n_scans": count[i], "n_animals": of[i], "r": mean[i], "sem": sem[i]}
        for i, cell in enumerate(cells)
    ]


def variance(tables: dict, groups, settings: dict, names, seed: int) -> dict:
    """The tables that compare: noise, headline, space with time, states, and the published study.

    Parameters
    ----------
    tables : dict of name to rows
        Everything that was gathered: of scans `temporal`, `spatial`, `multiunit`, `nulls`, `bins`, `coherence` and
        `windows`; of states and sites `spatial_group`, `regression`, `lags`, `inter_scan` and `pairing`.
    groups : list of (state, site)
    settings : dict
        `bands`, `bold`, `networks`, `nulls` and `variance` sections.
    names : list of str
        Bands that are shown by name.
    seed : int

    Returns
    -------
    found : dict
        Rows of `noise`, `noise_curve`, `headline`, `paired`, `ttests`, `states`, `reliability`, `animals` and
        `yardstick`; and those tables again in which animals now stand beside scans.
    """
    main_band, options = settings["networks"]["main_band"], settings["variance"]
    pairs = compare.paired(tables["temporal"], tables["spatial"], names)
    found = {
        "noise": [noise(*group, tables["temporal"], tables["spatial"], main_band, options, seed) for group in groups],
        "noise_curve": noise_curve(options, seed),
        "headline": [
            row
            for state, site in groups
            for row in headline(
                state,
                site,
                *(tables[name] for name in ("temporal", "spatial", "spatial_group", "regression")),
                main_band,
                options,
            )
        ],
        "paired": pairs,
        "ttests": compare.ttests(pairs, tables["multiunit"], names),
        "states": compare.states(pairs, names, options["confidence"]),
        "animals": compare.animals(pairs, names, options["confidence"], settings["nulls"]["bootstrap"], seed),
    }
    found |= over_animals.with_animals_p(tables)
    known = tables | found
    found["reliability"] = reliability.reliability(known, names, options, settings["nulls"]["bootstrap"], seed)
    found["yardstick"] = published.yardstick(known, main_band, settings["bold"]["global_signal"], settings["bands"])
    return found


def excluded(found: dict, rows: list[dict]) -> list[dict]:
    """Everything that was left out: rows of the sheet, runs, recordings, and blocks of volumes.

    Parameters
    ----------
    found : dict
        From `gather.exclusions`.
    rows : list of dict
        The whole sheet.
    """
    states = {tuple(row[name] for name in RUN): row["state"] for row in rows}
    out = [
        labels(row)
        | {
            "step": "recordings.tsv",
            "kind": "unusable" if row.get("unusable") else "chosen",
            "reason": row["exclude"],
        }
        for row in rows
        if row["exclude"]
    ]
    for run in found["runs"]:
        named = _named(run, states)
        if run["sidecar"].get("Excluded"):
            out.append(named | _why(run["sidecar"]["Excluded"]))
            continue
        limit = run["sidecar"]["FdThreshold"]
        out += [
            named
            | {
                "step": "motion",
                "kind": "criterion",
                "reason": f"framewise displacement above {limit:g} mm, or beside such a volume",
                "first_volume": first,
                "last_volume": last,
                "n_volumes": last - first + 1,
            }
            for first, last in run["sidecar"]["DroppedBlocks"]
        ]
        out += [
            named | _no_data(fault["Kind"], first, last)
            for fault in run["sidecar"].get("NoData", ())
            for first, last in fault["Blocks"]
        ]
    whole_runs = {tuple(row[name] for name in RUN) for row in found["runs"] if row["sidecar"].get("Excluded")}
    for recording in found["recordings"]:
        if recording["excluded"] and tuple(recording[name] for name in RUN) not in whole_runs:
            out.append(_named(recording, states) | _why(recording["excluded"]))
    return out


def flow(excluded: list[dict], rows: list[dict]) -> list[dict]:
    """How many recordings entered, were left out at each step, and remain, for each state and site.

    Parameters
    ----------
    excluded : list of dict
        From the function of this name; blocks of volumes leave no recording out.
    rows : list of dict
        The whole sheet.
    """
    lost = {tuple(row[k] for k in RECORDING): row for row in excluded if "n_volumes" not in row}
    found = []
    for group in dict.fromkeys((row["state"], row["site"]) for row in rows):
        of_group = {"state": group[0], "site": group[1]}
        left = [row for row in rows if (row["state"], row["site"]) == group]
        found.append(of_group | {"step": "sheet", "kind": "entered", "lost": 0} | _counts(left))
        why = [_lost(row, lost) for row in left]
        for step in sorted({reason for reason in why if reason}, key=_in_order):
            stay = [reason != step for reason in why]
            found.append(of_group | dict(zip(("step", "kind"), step, strict=True)) | {"lost": stay.count(False)})
            left, why = (list(itertools.compress(of, stay)) for of in (left, why))
            found[-1] |= _counts(left)
    return found


def _lost(row: dict, lost: dict) -> tuple[str, str] | None:
    """Step and kind of what left a row of the sheet out: of its recording, or of its whole run."""
    key = tuple(row[name] for name in RECORDING)
    reason = lost.get(key) or lost.get((*key[:-1], ""))
    return (reason["step"], reason["kind"]) if reason else None


def _in_order(step: tuple[str, str]) -> tuple:
    """Steps in the order of the pipeline, after the sheet."""
    return (STEPS.index(step[0]) + 1 if step[0] in STEPS else 0, step)


def _counts(rows) -> dict:
    return {"n_scans": len(rows), "n_animals": len({row["sub"] for row in rows})}


def _no_data(kind: str, first: int, last: int) -> dict:
    reason = f"no data: {KINDS[kind]}"
    block = {"first_volume": first, "last_volume": last, "n_volumes": last - first + 1}
    return {"step": "motion", "kind": "criterion", "reason": reason} | block


def _why(told: dict) -> dict:
    """Columns that say why a recording was left out, from its sidecar."""
    return {"step": told["Step"], "kind": told.get("Kind", "unusable"), "reason": told["Reason"]}


def _named(entry: dict, states: dict) -> dict:
    state = states[tuple(entry[name] for name in RUN)]
    return {name: entry[name] for name in ("sub", "ses", "run")} | {"state": state, "site": entry["site"]}
