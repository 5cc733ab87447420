"""What chance and algebra give: the nulls of one recording."""

from __future__ import annotations

import zlib

import numpy as np

from .. import disparity, reliability
from .. import mediation as science_of_mediation
from .. import nulls as chance

COLUMNS = ("observed", "expected", "null_low", "null_high", "percentile", "p")
NOISE_DRAWS = 100
FEWEST_VOXELS = 3  # of which a map can be compared


def generator(seed: int, *labels: str) -> np.random.Generator:
    """The stream of random numbers of one recording and purpose."""
    return np.random.default_rng([seed, zlib.crc32(" ".join(labels).encode())])


def nulls(clean, seed, brain, columns, bands, basis, settings: dict, who: str) -> dict:
    """Temporal and spatial correlation of one recording against surrogates, and against pure mediation.

    Parameters
    ----------
    clean : array of float, shape (n_kept, n_voxels)
    seed : array of bool, shape (n_voxels,)
    brain : array of bool, shape (x, y, z)
    columns : array of float, shape (n_kept, n_bands)
        Regressors as the coupling used them.
    bands : list of str
        Named bands.
    basis : array of float, shape (n_kept, n), or None
        From `projection.basis_of`.
    settings : dict
        `nulls` section and `seed`.
    who : str
        Name of the recording.

    Returns
    -------
    found : dict
        Rows of `nulls`, one per band; `orthogonal_maps`, shape (n_bands, n_voxels).
    """
    options, n = settings["nulls"], settings["nulls"]["surrogates"]
    if clean.shape[1] < FEWEST_VOXELS:
        return {"nulls": [], "orthogonal_maps": np.full((len(bands), clean.shape[1]), np.nan)}
    course = clean[:, seed].mean(axis=1)
    rim = rim_of(seed, brain, options["rim_voxels"])
    # Short shifts belong to the circle of shifts: without them p is too small.
    in_time = chance.temporal_p(columns, course, n, generator(settings["seed"], who, "temporal"), 1, basis)
    in_space = chance.spatial_p(clean, seed, columns, n, generator(settings["seed"], who, "spatial"), basis=basis)
    rows, seed_halves = [], reliability.split_half(clean[:, seed], None)
    for i, band in enumerate(bands):
        x = columns[:, i]
        found, without = (
            science_of_mediation.mediation(
                clean, seed, x, n, generator(settings["seed"], who, band), exclude=exclude, basis=basis
            )
            for exclude in (None, rim)
        )
        if rim is None:
            without = {"spatial_r": dict.fromkeys(COLUMNS, np.nan)}
        noise = disparity.k_of_noise(clean, seed, x, NOISE_DRAWS, generator(settings["seed"], who, band, "noise"))
        row = {"band": band, "r": found["r"], "n_surrogates": n}
        row |= {name: in_time[name][i] for name in ("p_phase", "p_shift", "p_phase_max")}
        row |= {"p_spatial": in_space["p"][i], "p_spatial_max": in_space["p_max"][i]}
        for name, of in (
            ("spatial_r", found["spatial_r"]),
            ("spatial_r_rim", without["spatial_r"]),
            ("removal_r", found["removal_r"]),
            ("removal_slope", found["removal_slope"]),
        ):
            row |= {f"{name}_{column}": of[column] for column in COLUMNS}
        cc = found["spatial_r"]["observed"]
        row |= {"k": abs(found["r"]) * np.sqrt(1 / cc**2 - 1) if cc else np.nan, "k_noise": noise["k"]}
        halves = reliability.split_maps(clean, x, course)
        row |= {f"halves_{name}": halves[name] for name in ("lfp", "seed", "across")} | {"seed_halves": seed_halves}
        rows.append(row | {"noise_sd": noise["noise_sd"], "seed_sd": noise["seed_sd"]})
    return {"nulls": rows, "orthogonal_maps": disparity.orthogonal_map(clean, course, columns)}


def rim_of(seed, brain, voxels: int):
    """The seed and its rim, to be left out of a comparison of maps; None where that leaves nothing to compare."""
    rim = disparity.near_seed(seed, brain, voxels)
    return rim if (~rim).sum() >= FEWEST_VOXELS else None
