"""Averaged maps of one state and site against averaged maps of pure mediation."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from ..coupling.correlation import correlate
from ..networks import reliability
from ..networks.maps import map_similarity
from ..nulls import mediation as science
from ..nulls import noise_law
from .nulls import COLUMNS, FEWEST_VOXELS, in_space, rim_mask
from .scan import Scan, counts, generator
from .significance import Family

MEASURES = {("lfp", "r"): "spatial_r", ("lfp", "slope"): "spatial_slope", ("after", "r"): "removal_r",
            ("after", "slope"): "removal_slope"}  # fmt: skip
DIFFERENCES = ("difference", "difference_low", "difference_high")


def mediation(scans: Iterable[Scan], brain, bands, main_band: str, noise_sd: dict, settings: dict) -> dict:
    """Observed, expected under mediation, and the difference, for the averaged maps of the main band.

    Parameters
    ----------
    scans : iterable of Scan
        One at a time is held.
    brain : array of bool, shape (x, y, z)
        Common voxels.
    bands : list of str
        Columns of the scans' regressors.
    main_band : str
    noise_sd : dict of scan_id to float
        Of `nulls.tsv`, for the main band.
    settings : dict
        `nulls` and `variance` sections, `seed`.

    Returns
    -------
    found : dict
        Rows of `mediation`, `k`, `cross_scan`, `inter_scan` and `significance` (in space); `maps`, shape
        (3, n_voxels): `excess`, its `p`, and the seed-orthogonal map.
    """
    n, confidence = settings["nulls"]["surrogates"], settings["variance"]["confidence"]
    main, sums, real, animals, names = bands.index(main_band), {}, [], [], []
    family = Family("spatial", "bands", bands, settings)
    for scan in scans if brain.sum() >= FEWEST_VOXELS else ():
        found = science.mediation(
            scan.bold.clean,
            scan.bold.seed,
            scan.design.columns[:, main],
            n,
            generator(settings["seed"], scan.scan_id, main_band),
            keep_maps=True,
            basis=scan.design.basis,
            raw=None if scan.design.raw is None else scan.design.raw[:, main],
            kept=scan.bold.kept,
        )
        _add(sums, scan.sub, found["surrogate_maps"])
        real.append(
            found["maps"]
            | {
                "r": correlate(scan.design.columns, scan.bold.course)[:, 0],
                "all": correlate(scan.design.columns, scan.bold.clean),
                "orthogonal": noise_law.orthogonal_map(scan.bold.clean, scan.bold.course, scan.design.columns[:, main]),
                "rim": rim_mask(scan.bold.seed, brain, settings["nulls"]["rim_voxels"]),
            }
        )
        animals.append(scan.sub)
        names.append(scan.scan_id)
        space = in_space(scan, scan.design.columns, scan.design.raw, settings)
        family.add(scan.sub, space["r"], space["null"])
    if not real:
        nothing = {name: [] for name in ("mediation", "k", "cross_scan", "inter_scan", "significance")}
        return {**nothing, "maps": np.full((3, int(brain.sum())), np.nan)}
    stacks = {key: np.array([scan[key] for scan in real]) for key in ("seed", "lfp", "after", "orthogonal", "r", "all")}
    order = sorted(sums)
    summed = {kind: np.stack([sums[sub][kind] for sub in order]) for kind in ("lfp", "after")}
    rng = generator(settings["seed"], main_band, "group")
    rows = []
    compared = {"all": None} | ({"rim": real[0]["rim"]} if real[0]["rim"] is not None else {})
    for where, exclude in compared.items():
        options = {"exclude": exclude, "n_boot": settings["nulls"]["bootstrap"], "confidence": confidence}
        for kind in ("lfp", "after"):
            found = science.group_mediation(summed[kind], stacks[kind], stacks["seed"], animals, rng, **options)
            for measure in ("r", "slope"):
                rows += _rows(found[measure], MEASURES[kind, measure], where, order)
    excess = science.group_excess(summed["lfp"], stacks["lfp"], stacks["seed"], stacks["r"][:, main], animals)
    rows += _rows(excess["size"], "excess", "all", [])
    return {
        "mediation": [{"band": main_band, **counts(animals, row["sub"]), **row} for row in rows],
        "k": _k(stacks, animals, names, bands, noise_sd, settings, confidence),
        "cross_scan": _cross_scan(stacks, animals, main_band),
        "inter_scan": _inter_scan(stacks, animals, main_band, confidence),
        "significance": family.rows(),
        "maps": np.stack([excess["map"], excess["p_map"], stacks["orthogonal"].mean(axis=0)]),
    }


def _add(sums: dict, sub: str, maps: dict) -> None:
    if sub not in sums:
        sums[sub] = {kind: np.zeros_like(found) for kind, found in maps.items()}
    for kind, found in maps.items():
        sums[sub][kind] += found


def _rows(found: dict, measure: str, voxels: str, animals) -> list[dict]:
    """The group's row, and one for each animal."""
    group = {"sub": "group", "measure": measure, "voxels": voxels}
    rows = [group | {name: found[name] for name in (*COLUMNS, *DIFFERENCES) if name in found}]
    for sub, of_animal in zip(animals, found.get("by_animal", []), strict=False):
        difference = of_animal["observed"] - of_animal["expected"]
        rows.append(
            {"sub": sub, "measure": measure, "voxels": voxels, "difference": difference}
            | {name: of_animal[name] for name in COLUMNS}
        )
    return rows


def _k(stacks, animals, names, bands, noise_sd, settings, confidence) -> list[dict]:
    """k of CC = r/√(r² + k²): of scans, of averaged maps, and what noise alone predicts for each."""
    rng, n_boot = generator(settings["seed"], "k"), settings["nulls"]["bootstrap"]
    cc = np.array([map_similarity(maps, seed)[0] for maps, seed in zip(stacks["all"], stacks["seed"], strict=True)])
    pairs = np.isfinite(stacks["r"]) & np.isfinite(cc)
    owner = np.repeat(np.asarray(animals)[:, None], len(bands), axis=1)
    of_scans = noise_law.k_of(stacks["r"][pairs], cc[pairs], owner[pairs], n_boot, rng, confidence)
    of_maps = noise_law.k_of_maps(
        stacks["r"], stacks["all"], stacks["seed"], animals, rng, n_boot=n_boot, confidence=confidence
    )
    noise = np.array([noise_sd[name] for name in names])
    by_scan = noise / stacks["seed"].std(axis=1)
    rows = []
    for level, found, predicted in (
        ("scans", of_scans, float(np.sqrt(np.mean(by_scan**2)))),
        ("averaged", of_maps, noise_law.k_of_averaged_noise(noise, stacks["seed"])),
    ):
        interval = {"ci_low": found.get("low", np.nan), "ci_high": found.get("high", np.nan)}
        rows.append(
            {"level": level, "k": found["k"], **interval, "k_noise": predicted, "r2": found["r2"], "n": found["n"]}
            | counts(animals)
        )
    return rows


def _cross_scan(stacks, animals, main_band) -> list[dict]:
    if len(animals) < 2:
        return []
    found = noise_law.cross_scan(stacks["lfp"], stacks["seed"], animals)
    return [
        {
            "band": main_band,
            "pair": pair,
            "n": int(np.isfinite(values).sum()),
            "n_animals": len(set(np.asarray(animals)[np.isfinite(values)])),
            "r": float(np.nanmean(values)),
        }
        for pair, values in found.items()
        if np.isfinite(values).any()
    ]


def _inter_scan(stacks, animals, main_band, confidence) -> list[dict]:
    """How the maps of the main band and of the seed come again in other scans, and agree across them."""
    found = {kind: reliability.inter_scan(stacks[kind], animals, confidence) for kind in ("lfp", "seed")}
    average = {kind: reliability.averaged_map_reliability(stacks[kind], animals) for kind in ("lfp", "seed")}
    found |= reliability.across_scans(stacks["lfp"], stacks["seed"], animals, confidence)
    of_group = {"band": main_band, **counts(animals)}
    return [{**of_group, "map": kind, "of_average": average.get(kind), **of_kind} for kind, of_kind in found.items()]
