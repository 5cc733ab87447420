"""Reads one stage's files of many recordings, without those of excluded scans."""

from __future__ import annotations

import numpy as np

from ..errors import InputError
from . import files
from .rows import Rows


def read_rows(paths) -> list[dict]:
    """Rows of all tables, one after the other."""
    return [row for path in paths if not files.exclusion(path) for row in files.read_table(path)]


def scans(seed_maps, lfp_maps, removal_maps, information_maps):
    """Maps of all recordings of a state and site.

    Returns
    -------
    scans : list of dict
        `sub`, `seed_map` (n_voxels,), `lfp_maps` (n_bands, n_voxels), `removal_maps` (n_removals, n_voxels),
        `information_maps` (1 + n_named, n_voxels).
    brain : ndarray of bool, shape (x, y, z)
        Voxels that every scan has; where there is no scan, one voxel.
    affine : ndarray
    bands, named : list of str
        Of the LFP maps, and of the maps of mutual information after that of the seed: those that every scan has.
    """
    together = zip(seed_maps, lfp_maps, removal_maps, information_maps, strict=True)
    kept = [paths for paths in together if not any(files.exclusion(path) for path in paths)]
    if not kept:
        return [], np.ones((1, 1, 1), dtype=bool), np.eye(4), [], []
    seeds = [files.read_image(paths[0]) for paths in kept]
    shapes = {seed.shape for seed, _ in seeds}
    if len(shapes) > 1:
        raise InputError(
            f"the scans have different grids {sorted(shapes)} and cannot be averaged; set motion.registration to affine"
        )
    brain = np.logical_and.reduce([np.isfinite(seed) | _undefined(seed) for seed, _ in seeds])
    bands, read_bands = _common(brain, [paths[1] for paths in kept], "Bands")
    named, read_named = _common(brain, [paths[3] for paths in kept], "Maps")
    found = [
        {
            "sub": _animal(paths[0]),
            "seed_map": seed[brain],
            # Only the brain is held, so that hundreds of scans fit into memory.
            "lfp_maps": read_bands(paths[1]),
            "removal_maps": files.read_image(paths[2])[0][:, brain],
            "information_maps": read_named(paths[3]),
        }
        for paths, (seed, _) in zip(kept, seeds, strict=True)
    ]
    return found, brain, seeds[0][1], bands, named[1:]


def evoked_maps(paths) -> tuple[list[dict], list[str], np.ndarray, np.ndarray]:
    """Maps of the contrasts of all runs with stimuli of a state and site.

    Returns
    -------
    scans : list of dict
        `sub`; `effect`, `clusters` and `subtraction`: dicts of contrast to (n_voxels,).
    contrasts : list of str
        That every run has.
    brain : ndarray of bool, shape (x, y, z)
        Voxels that every run has; where there is no run, one voxel.
    affine : ndarray
    """
    kept = [path for path in paths if not files.exclusion(path)]
    if not kept:
        return [], [], np.ones((1, 1, 1), dtype=bool), np.eye(4)
    images = [files.read_image(path) for path in kept]
    if len({image.shape[1:] for image, _ in images}) > 1:
        raise InputError("the runs have different grids and cannot be averaged; set motion.registration to affine")
    listed = [files.read_json(files.sidecar_path(path))["Maps"] for path in kept]
    contrasts = [name.removesuffix("_effect") for name in listed[0] if name.endswith("_effect")]
    contrasts = [name for name in contrasts if all(f"{name}_effect" in names for names in listed)]
    brain = np.logical_and.reduce(
        [
            np.isfinite(image[names.index(f"{name}_effect")])
            for (image, _), names in zip(images, listed, strict=True)
            for name in contrasts
        ]
    )
    scans = [
        {"sub": _animal(path)}
        | {
            kind: {name: image[names.index(f"{name}_{kind}")][brain].astype(float) for name in contrasts}
            for kind in ("effect", "clusters", "subtraction")
        }
        for path, (image, _), names in zip(kept, images, listed, strict=True)
    ]
    return scans, contrasts, brain, images[0][1]


def _common(brain, paths, key):
    """Names of the maps that every image holds (bins and multi-unit activity depend on the rate), and their reader."""
    names = {path: files.read_json(files.sidecar_path(path))[key] for path in paths}
    common = [name for name in names[paths[0]] if all(name in others for others in names.values())]

    def read(path):
        return files.read_image(path)[0][[names[path].index(name) for name in common]][:, brain]

    return common, read


def read_lags(paths) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Lagged correlations of many scans on one set of lags.

    Lags are multiples of the TR. Where scans differ in it, those of the scan with the fewest serve all, and the others
    are interpolated between their own: a lagged correlation of band-limited signals is smooth.

    Returns
    -------
    bands : list of str
        Of any scan.
    steps : ndarray, shape (n_lags,)
        s.
    values : ndarray, shape (n_scans, n_lags, n_bands)
        NaN where a scan has no value.
    """
    found = [files.read_matrix(path) for path in paths if not files.exclusion(path)]
    bands = list(dict.fromkeys(band for _, names in found for band in names[1:]))
    steps = min((table[:, 0] for table, _ in found), key=len, default=np.zeros(0))
    values = np.full((len(found), steps.size, len(bands)), np.nan)
    for scan, (table, names) in enumerate(found):
        own = table[:, 0]
        inside = (steps >= own[0] - 1e-6) & (steps <= own[-1] + 1e-6)
        for column, name in enumerate(names[1:], start=1):
            values[scan, inside, bands.index(name)] = np.interp(steps[inside], own, table[:, column])
    return bands, steps, values


def animals(paths) -> list[str]:
    """The animal of each scan that has such a table, in the order of `read_lags` and `read_hrfgrids`."""
    return [_animal(path) for path in paths if not files.exclusion(path) and files.read_table(path)]


def read_hrfgrids(paths) -> tuple[list[dict], np.ndarray]:
    """Cells of the HRF grid, and r of every scan in each; shape (n_scans, n_cells)."""
    found = [files.read_table(path) for path in paths if not files.exclusion(path)]
    found = [rows for rows in found if rows]
    if not found:
        return [], np.zeros((0, 0))
    cells = [{name: row[name] for name in ("delay_s", "undershoot_s", "degenerate")} for row in found[0]]
    return cells, np.array([[row["r"] for row in rows] for rows in found])


def _undefined(seed_map) -> np.ndarray:
    """True everywhere for a map without any value (a single constant voxel), which must not empty the others."""
    return np.full(seed_map.shape, not np.isfinite(seed_map).any())


def _animal(path) -> str:
    return next(part for part in str(path).split("/")[-1].split("_") if part.startswith("sub-"))[4:]


def exclusions(confounds, recordings) -> dict:
    """Why runs and recordings were left out, from the sidecars.

    Returns
    -------
    found : dict
        `runs`: rows with `sub`, `ses`, `task`, `run`, the run's sidecar; `recordings`: the same with `site`.
    """
    runs = [entities(path) | {"sidecar": files.read_json(files.sidecar_path(path))} for path in confounds]
    return {"runs": runs, "recordings": [entities(path) | {"excluded": files.exclusion(path)} for path in recordings]}


def doubts(sidecars) -> list[dict]:
    """The doubts about each recording, from sidecars of its cleaned LFP, and why it was left out by then."""
    found = []
    for path in sidecars:
        told = files.read_json(path)
        found.append(entities(path) | {"doubts": told.get("Doubts", []), "excluded": told.get("Excluded")})
    return found


def entities(path) -> dict:
    """BIDS entities of a file name: sub, ses, task, run, and the site where it names one."""
    pairs = dict(part.split("-", 1) for part in str(path).split("/")[-1].split("_") if "-" in part)
    return {name: pairs[name] for name in ("sub", "ses", "task", "run")} | {"site": pairs.get("acq", "")}


def channels(paths) -> dict[str, list[str]]:
    """Names of the channels of each site, from sidecars of cleaned LFP; of all runs together."""
    found: dict[str, dict] = {}
    for path in paths:
        if not files.exclusion(path):
            names = files.read_json(files.sidecar_path(path))["Channels"]
            found.setdefault(entities(path)["site"], {}).update(dict.fromkeys(names))
    return {site: list(names) for site, names in found.items()}


def raw_files(sidecars) -> list[dict]:
    """Path, size and SHA-256 of every raw file that was read, each once."""
    found = {}
    for path in sidecars:
        for entry in files.read_json(path).get("RawFiles", []):
            found[entry["Path"]] = entry
    return [found[path] for path in sorted(found)]


def noise_sd(paths, band: str) -> dict[str, float]:
    """Noise of the map of one band by recording, from `desc-nulls_coupling.tsv`."""
    rows = Rows(read_rows(paths)).where(band=band)
    return {"{sub} {ses} {run} {site}".format(**row): row["noise_sd"] for row in rows}
