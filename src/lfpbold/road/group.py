"""From the tables and maps of all recordings to those of the study."""

from __future__ import annotations

import numpy as np

from .. import networks as maps
from .. import variance as science

GROUP_LABELS = {"sub": "group", "ses": "", "run": ""}
REMOVALS = ("gamma", "all_joint", "all_unique", "peaks")


def labels(row: dict) -> dict:
    """The columns by which a row of any table names its recording."""
    return {name: row[name] for name in ("sub", "ses", "run", "state", "site")}


def averaged(recordings: list[dict], bands, settings: dict) -> dict:
    """Tables and maps of one state and site, of maps averaged over its scans.

    Parameters
    ----------
    recordings : list of dict
        Each with `sub`, `seed_map` (n_voxels,), `lfp_maps` (n_bands, n_voxels) and `removal_maps` (n_removals,
        n_voxels).
    bands : list of str
    settings : dict
        `variance` section.

    Returns
    -------
    found : dict
        Averaged `seed_map`, `lfp_maps`, `removal_maps`; rows of `spatial_group` and `regression`, without labels.
    """
    if not recordings:
        nothing = np.full(1, np.nan)
        return {
            "seed_map": nothing,
            "lfp_maps": nothing[None],
            "removal_maps": np.tile(nothing, (len(REMOVALS), 1)),
            "spatial_group": [],
            "regression": [],
        }
    animals = [recording["sub"] for recording in recordings]
    seeds = np.array([recording["seed_map"] for recording in recordings])
    lfp = np.array([recording["lfp_maps"] for recording in recordings])
    removed = np.array([recording["removal_maps"] for recording in recordings])
    spatial = []
    for i, band in enumerate(bands):
        r, low, high = science.of_averaged_maps(lfp[:, i], seeds, animals, confidence=settings["confidence"])
        spatial.append(
            {
                "band": band,
                "n_scans": len(animals),
                "n_animals": len(set(animals)),
                "r": r,
                "r2": r**2,
                "ci_low": low,
                "ci_high": high,
            }
        )
    regression = []
    for i, removal in enumerate(REMOVALS):
        r, low, high = science.of_averaged_maps(removed[:, i], seeds, animals, confidence=settings["confidence"])
        steep, steep_low, steep_high = science.of_averaged_maps(
            removed[:, i], seeds, animals, measure=maps.slope, confidence=settings["confidence"], bounded=False
        )
        regression.append(
            {
                "removal": removal,
                "r": r,
                "slope": steep,
                "r_ci_low": low,
                "r_ci_high": high,
                "slope_ci_low": steep_low,
                "slope_ci_high": steep_high,
            }
        )
    return {
        "seed_map": science.average(seeds),
        "lfp_maps": science.average(lfp),
        "removal_maps": science.average(removed),
        "spatial_group": spatial,
        "regression": regression,
    }


def noise(state, site, temporal, spatial, main_band: str, settings: dict, seed: int) -> dict:
    """The study's noise argument for one state and site, at its mean temporal and scan-wise spatial r."""
    observed_spatial = _mean_r(spatial, state, site, main_band)
    observed_temporal = _mean_r(temporal, state, site, main_band)
    row = {"state": state, "site": site, "observed_spatial": observed_spatial, "observed_temporal": observed_temporal}
    return row | science.noise_ceiling(
        observed_spatial,
        observed_temporal,
        true_r=settings["cnr_true_r"],
        cnr_range=settings["cnr_range"],
        n_points=settings["cnr_points"],
        n_trials=settings["cnr_trials"],
        rng=np.random.default_rng(seed),
    )


def _of_group(rows, state, site, band):
    return [r for r in rows if (r["state"], r["site"], r["band"]) == (state, site, band) and np.isfinite(r["r"])]


def _mean_r(rows, state, site, band) -> float:
    values = [row["r"] for row in _of_group(rows, state, site, band)]
    return float(np.mean(values)) if values else float("nan")


def headline(state, site, temporal, spatial, spatial_group, regression, main_band: str, settings: dict) -> list[dict]:
    """The numbers of the report's first screen for one state and site."""
    confidence = settings["confidence"]
    rows = []

    def add(measure, value, low, high, unit, n, n_animals):
        rows.append(
            {
                "state": state,
                "site": site,
                "measure": measure,
                "value": value,
                "ci_low": low,
                "ci_high": high,
                "unit": unit,
                "n": n,
                "n_animals": n_animals,
            }
        )

    for name, table in (("temporal_r{}", temporal), ("spatial_r{}_scan", spatial)):
        chosen = _of_group(table, state, site, main_band)
        animals = [row["sub"] for row in chosen]
        found = science.mean_r([row["r"] for row in chosen], animals, confidence)
        add(name.format(""), *found, "Pearson r", len(chosen), len(set(animals)))
        add(name.format("2"), *science.square_interval(*found), "fraction of variance", len(chosen), len(set(animals)))
    for row in spatial_group:
        if (row["state"], row["site"], row["band"]) == (state, site, main_band):
            found, counts = (row["r"], row["ci_low"], row["ci_high"]), (row["n_scans"], row["n_animals"])
            add("spatial_r_group", *found, "Pearson r", *counts)
            add("spatial_r2_group", *science.square_interval(*found), "fraction of variance", *counts)
            for after in regression:
                if (after["state"], after["site"], after["sub"]) == (state, site, "group"):
                    add(
                        f"seed_map_r_after_{after['removal']}",
                        after["r"],
                        after["r_ci_low"],
                        after["r_ci_high"],
                        "Pearson r",
                        *counts,
                    )
                    add(
                        f"seed_map_slope_after_{after['removal']}",
                        after["slope"],
                        after["slope_ci_low"],
                        after["slope_ci_high"],
                        "slope",
                        *counts,
                    )
    return rows


def variance(tables: dict, groups, settings: dict, seed: int) -> dict:
    """The noise and headline tables of all states and sites.

    Parameters
    ----------
    tables : dict of name to rows
        `temporal`, `spatial`, `spatial_group` and `regression` of the whole study.
    groups : list of (state, site)
    settings : dict
        `networks` and `variance` sections.
    seed : int

    Returns
    -------
    found : dict
        Rows of `noise` and `headline`.
    """
    main_band = settings["networks"]["main_band"]
    found: dict = {"noise": [], "headline": []}
    for state, site in groups:
        found["noise"].append(
            noise(state, site, tables["temporal"], tables["spatial"], main_band, settings["variance"], seed)
        )
        found["headline"] += headline(
            state,
            site,
            tables["temporal"],
            tables["spatial"],
            tables["spatial_group"],
            tables["regression"],
            main_band,
            settings["variance"],
        )
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
    states = {(row["sub"], row["ses"], row["run"]): row["state"] for row in rows}
    out = [labels(row) | {"step": "recordings.tsv", "reason": row["exclude"]} for row in rows if row["exclude"]]
    for run in found["runs"]:
        named = _named(run, states)
        if run["sidecar"].get("Excluded"):
            out.append(
                named | {"step": run["sidecar"]["Excluded"]["Step"], "reason": run["sidecar"]["Excluded"]["Reason"]}
            )
            continue
        limit = run["sidecar"]["FdThreshold"]
        out += [
            named
            | {
                "step": "motion",
                "reason": f"framewise displacement above {limit:g} mm, or beside such a volume",
                "first_volume": first,
                "last_volume": last,
                "n_volumes": last - first + 1,
            }
            for first, last in run["sidecar"]["DroppedBlocks"]
        ]
    whole_runs = {(row["sub"], row["ses"], row["run"]) for row in found["runs"] if row["sidecar"].get("Excluded")}
    for recording in found["recordings"]:
        if recording["excluded"] and (recording["sub"], recording["ses"], recording["run"]) not in whole_runs:
            out.append(
                _named(recording, states)
                | {
                    "step": recording["excluded"]["Step"],
                    "reason": recording["excluded"]["Reason"],
                }
            )
    return out


def _named(entry: dict, states: dict) -> dict:
    key = (entry["sub"], entry["ses"], entry["run"])
    return dict(zip(("sub", "ses", "run"), key, strict=True)) | {"state": states[key], "site": entry["site"]}
