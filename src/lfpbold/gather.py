"""Reads one stretch's files of many recordings, and leaves out those that were excluded on the way."""

from __future__ import annotations

import numpy as np

from . import io
from .errors import InputError
from .job import exclusion


def tables(paths) -> list[dict]:
    """Rows of all tables, one after the other."""
    return [row for path in paths if not exclusion(path) for row in io.read_table(path)]


def scans(seed_maps, lfp_maps, removal_maps):
    """Maps of all recordings of a state and site.

    Returns
    -------
    scans : list of dict
        `sub`, `seed_map` (n_voxels,), `lfp_maps` (n_bands, n_voxels), `removal_maps` (n_removals, n_voxels).
    brain : ndarray of bool, shape (x, y, z)
        Voxels that every scan has; where there is no scan, one voxel.
    affine : ndarray
    bands : list of str
    """
    kept = [
        paths for paths in zip(seed_maps, lfp_maps, removal_maps, strict=True) if not any(exclusion(p) for p in paths)
    ]
    if not kept:
        return [], np.ones((1, 1, 1), dtype=bool), np.eye(4), []
    seeds = [io.read_image(paths[0]) for paths in kept]
    shapes = {seed.shape for seed, _ in seeds}
    if len(shapes) > 1:
        raise InputError(
            f"the scans have different grids {sorted(shapes)} and cannot be averaged; set motion.registration to affine"
        )
    brain = np.logical_and.reduce([np.isfinite(seed) | _undefined(seed) for seed, _ in seeds])
    names = [io.read_json(io.sidecar_path(paths[1]))["Bands"] for paths in kept]
    bands = [band for band in names[0] if all(band in others for others in names)]  # 1-Hz bins may reach less far
    found = [
        {
            "sub": _animal(paths[0]),
            "seed_map": seed[brain],
            # Only the brain is held, so that hundreds of scans fit into memory.
            "lfp_maps": io.read_image(paths[1])[0][[own.index(band) for band in bands]][:, brain],
            "removal_maps": io.read_image(paths[2])[0][:, brain],
        }
        for paths, own, (seed, _) in zip(kept, names, seeds, strict=True)
    ]
    return found, brain, seeds[0][1], bands


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
        `runs`: rows with `sub`, `ses`, `run`, the run's sidecar; `recordings`: the same with `site`.
    """
    runs = [_entities(path) | {"sidecar": io.read_json(io.sidecar_path(path))} for path in confounds]
    return {"runs": runs, "recordings": [_entities(path) | {"excluded": exclusion(path)} for path in recordings]}


def _entities(path) -> dict:
    """BIDS entities of a file name: sub, ses, run, and the site where it names one."""
    pairs = dict(part.split("-", 1) for part in str(path).split("/")[-1].split("_") if "-" in part)
    return {"sub": pairs["sub"], "ses": pairs["ses"], "run": pairs["run"], "site": pairs.get("acq", "")}


def raw_files(sidecars) -> list[dict]:
    """Path, size and SHA-256 of every raw file that was read, each once."""
    found = {}
    for path in sidecars:
        for entry in io.read_json(path).get("RawFiles", []):
            found[entry["Path"]] = entry
    return [found[path] for path in sorted(found)]
