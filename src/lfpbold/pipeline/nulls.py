"""What chance and algebra give: the nulls of one recording."""

from __future__ import annotations

import numpy as np

from ..coupling import coherence as of_frequencies
from ..coupling import correlation
from ..errors import InputError
from ..networks import reliability
from ..nulls import information, noise_law, variogram
from ..nulls import mediation as science
from ..nulls import tests as null_tests
from ..stats.tests import permutation_p
from .scan import Scan, generator

COLUMNS = ("observed", "expected", "null_low", "null_high", "percentile", "p")
NOISE_DRAWS = 100
FEWEST_VOXELS = 3  # of which a map can be compared


def nulls(scan: Scan, brain, affine, settings: dict) -> dict:
    """One recording against surrogates in time and space, against pure mediation, and against itself.

    Parameters
    ----------
    scan : Scan
        With BOLD and seed.
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    settings : dict
        `coupling`, `nulls` and `bold` sections, and `seed`.

    Returns
    -------
    found : dict
        Rows of `nulls`, `coherence` and `windows`, one per band, and of `bins`, one per 1-Hz bin; `orthogonal_maps`,
        shape (n_bands, n_voxels).
    """
    if scan.bold.clean.shape[1] < FEWEST_VOXELS:
        nothing = {name: [] for name in ("nulls", "bins", "coherence", "windows")}
        return nothing | {"orthogonal_maps": np.full((len(scan.design.bands), scan.bold.clean.shape[1]), np.nan)}
    voxel_mm = np.sqrt((np.asarray(affine)[:3, :3] ** 2).sum(axis=0))
    significance = _significance(scan, brain, voxel_mm, settings)
    mediated = _mediated(scan, brain, settings)
    halves = _halves(scan)
    return {
        "nulls": [
            {"band": band, "n_surrogates": settings["nulls"]["surrogates"]} | significance[i] | mediated[i] | halves[i]
            for i, band in enumerate(scan.design.bands)
        ],
        "bins": _bins(scan, settings),
        "coherence": _coherence(scan, settings),
        "windows": _windows(scan, settings),
        "orthogonal_maps": noise_law.orthogonal_map(scan.bold.clean, scan.bold.course, scan.design.columns),
    }


def in_time(scan: Scan, columns, raw, settings: dict) -> np.ndarray:
    """r of surrogates of the regressors (of the seed where nothing was projected); shape (n, n_columns).

    Always the same ones of a scan, so that the group draws again what the scan drew.
    """
    n, rng = settings["nulls"]["surrogates"], generator(settings["seed"], scan.scan_id, "temporal")
    return null_tests.temporal_null(
        columns, scan.bold.course, n, rng, basis=scan.design.basis, raw=raw, kept=scan.bold.kept
    )


def lags_s(scan: Scan, settings: dict) -> np.ndarray:
    """Lags of the scan, s."""
    return correlation.lags(settings["coupling"]["lag_max_s"], scan.bold.tr_s)


def at_lags(scan: Scan, settings: dict) -> tuple[np.ndarray, np.ndarray]:
    """Lagged r, shape (n_lags, n_bands), and that of surrogates, shape (n, n_lags, n_bands)."""
    where = scan.power.values, scan.power.times_s, scan.bold.course, scan.power.volume_times_s, lags_s(scan, settings)
    drawn = null_tests.lagged_null(
        *where,
        settings["nulls"]["lag_surrogates"],
        generator(settings["seed"], scan.scan_id, "lags"),
        basis=scan.design.basis,
        apply_bold_filter=scan.design.apply_bold_filter,
        draw="seed" if scan.design.projector is None else "power",
        tr_s=scan.bold.tr_s,
    )
    found = correlation.lagged_r(*where, tr_s=scan.bold.tr_s, apply_bold_filter=scan.design.apply_bold_filter)
    return found, drawn


def in_space(scan: Scan, columns, raw, settings: dict) -> dict:
    """Spatial r of regressors and that of surrogate regressors: `r` (n_columns,), `null` (n, n_columns).

    A draw has the same random phases in all columns.
    """
    return null_tests.spatial_p(
        scan.bold.clean,
        scan.bold.seed,
        columns,
        settings["nulls"]["surrogates"],
        generator(settings["seed"], scan.scan_id, "spatial"),
        basis=scan.design.basis,
        raw=raw,
        kept=scan.bold.kept,
    )


def _significance(scan: Scan, brain, voxel_mm, settings) -> list[dict]:
    n, seed = settings["nulls"]["surrogates"], settings["seed"]
    # Short shifts belong to the circle of shifts: without them p is too small.
    rng, alike = (
        generator(seed, scan.scan_id, "temporal"),
        {"basis": scan.design.basis, "raw": scan.design.raw, "kept": scan.bold.kept},
    )
    time = null_tests.temporal_p(scan.design.columns, scan.bold.course, n, rng, shortest=1, **alike)
    space = in_space(scan, scan.design.columns, scan.design.raw, settings)
    seed_map = correlation.correlate(scan.bold.course, scan.bold.clean)[0]
    maps = correlation.correlate(scan.design.columns, scan.bold.clean)
    smooth = {"p": np.full(len(scan.design.bands), np.nan)}
    if np.isfinite(seed_map).sum() >= variogram.FEWEST:
        smooth = variogram.variogram_p(maps, seed_map, brain, voxel_mm, n, generator(seed, scan.scan_id, "variogram"))
    lags, (lagged, lagged_null) = lags_s(scan, settings), at_lags(scan, settings)
    rng, before = generator(seed, scan.scan_id, "information"), {"raw": scan.design.raw, "kept": scan.bold.kept}
    mutual = information.copula_information(
        scan.design.columns, scan.bold.course, n, rng, projector=scan.design.projector, **before
    )
    p_space, p_space_max = (
        permutation_p(space["r"], space["null"], "absolute"),
        null_tests.max_statistic(space["r"], space["null"]),
    )
    rows = []
    for i in range(len(scan.design.bands)):
        row = {"r": time["r"][i]} | {name: time[name][i] for name in ("p_phase", "p_shift", "p_phase_max")}
        row |= {"p_spatial": p_space[i], "p_spatial_max": p_space_max[i], "p_variogram": smooth["p"][i]}
        if np.isfinite(lagged[:, i]).any():
            peak = int(np.nanargmax(np.abs(lagged[:, i])))
            p_lag = null_tests.max_statistic(lagged[:, i], lagged_null[:, :, i])[peak]
            row |= {"lag_peak_s": lags[peak], "lag_peak_r": lagged[peak, i], "p_lag_max": p_lag}
        row |= {name: mutual[of][i] for name, of in zip(INFORMATION, ("information", "bias", "p"), strict=True)}
        rows.append(row)
    return rows


INFORMATION = ("information", "information_bias", "p_information")


def _mediated(scan: Scan, brain, settings) -> list[dict]:
    """Against surrogates that have exactly the observed r to the seed, and what map noise alone predicts."""
    options, n, seed = settings["nulls"], settings["nulls"]["surrogates"], settings["seed"]
    rim, rows = rim_mask(scan.bold.seed, brain, options["rim_voxels"]), []
    for i, band in enumerate(scan.design.bands):
        x = scan.design.columns[:, i]
        found, without = science.mediations(
            scan.bold.clean,
            scan.bold.seed,
            x,
            n,
            generator(seed, scan.scan_id, band),
            (None, rim),
            basis=scan.design.basis,
            raw=None if scan.design.raw is None else scan.design.raw[:, i],
            kept=scan.bold.kept,
        )
        if rim is None:
            without = {"spatial_r": dict.fromkeys(COLUMNS, np.nan)}
        noise = noise_law.k_of_noise(
            scan.bold.clean, scan.bold.seed, x, NOISE_DRAWS, generator(seed, scan.scan_id, band, "noise")
        )
        row = {}
        for name, of in (
            ("spatial_r", found["spatial_r"]),
            ("spatial_r_rim", without["spatial_r"]),
            ("removal_r", found["removal_r"]),
            ("removal_slope", found["removal_slope"]),
        ):
            row |= {f"{name}_{column}": of[column] for column in COLUMNS}
        cc = found["spatial_r"]["observed"]
        row |= {"k": abs(found["r"]) * np.sqrt(1 / cc**2 - 1) if cc else np.nan, "k_noise": noise["k"]}
        rows.append(row | {"noise_sd": noise["noise_sd"], "seed_sd": noise["seed_sd"]})
    return rows


def _halves(scan: Scan) -> list[dict]:
    """How halves of the scan, of the seed's voxels and of the contacts agree."""
    seed_halves = reliability.split_half(scan.bold.clean[:, scan.bold.seed], None)
    rows = []
    for i in range(len(scan.design.bands)):
        halves = reliability.split_maps(scan.bold.clean, scan.design.columns[:, i], scan.bold.course)
        row = {f"halves_{name}": halves[name] for name in ("lfp", "seed", "across")} | {"seed_halves": seed_halves}
        if scan.design.contacts is not None:
            row["contact_halves"] = float(correlation.correlate(*scan.design.contacts[:, :, i])[0, 0])
        rows.append(row)
    return rows


def _bins(scan: Scan, settings) -> list[dict]:
    """Every 1-Hz bin in time and space, family-wise over all of them."""
    known = np.flatnonzero(np.isfinite(scan.design.bins).all(axis=0))
    if not known.size:
        return []
    columns, raw = scan.design.bins[:, known], None if scan.design.raw_bins is None else scan.design.raw_bins[:, known]
    r, drawn = correlation.correlate(columns, scan.bold.course)[:, 0], in_time(scan, columns, raw, settings)
    space = in_space(scan, columns, raw, settings)
    found = {"r": r, "spatial_r": space["r"]}
    for name, observed, null in (("phase", r, drawn), ("spatial", space["r"], space["null"])):
        found[f"p_{name}"] = permutation_p(observed, null, "absolute")
        found[f"p_{name}_max"] = null_tests.max_statistic(observed, null)
    return [
        {"band": scan.design.bin_names[position]} | {name: values[i] for name, values in found.items()}
        for i, position in enumerate(known)
    ]


def _coherence(scan: Scan, settings) -> list[dict]:
    """Coherence of each regressor with the seed's BOLD; none where the scan is too short to resolve the band."""
    band_hz, rows = settings["bold"]["band_pass_hz"] or (0.01, 0.1), []
    for i, band in enumerate(scan.design.bands):
        try:
            found = of_frequencies.coherence(
                scan.design.columns[:, i], scan.bold.course, scan.bold.tr_s, band_hz=band_hz, kept=scan.bold.kept
            )
        except InputError:
            return []
        row = {"band": band, "coherence": found["mean"], "p": found["p_band"]}
        row |= {name: found[name] for name in ("above_chance", "bias", "n_tapers")}
        weight = np.sqrt(found["coherence"]) @ np.exp(1j * found["phase"])
        rows.append(row | {"phase": float(np.angle(weight))})
    return rows


def _windows(scan: Scan, settings) -> list[dict]:
    """Sliding windows against a constant relation; none where two windows do not fit."""
    options, rows = settings["nulls"], []
    window, step = (max(1, round(options[name] / scan.bold.tr_s)) for name in ("window_s", "window_step_s"))
    for i, band in enumerate(scan.design.bands):
        rng = generator(settings["seed"], scan.scan_id, band, "windows")
        try:
            found = of_frequencies.sliding_window(
                scan.design.columns[:, i], scan.bold.course, window, step, options["surrogates"], rng
            )
        except InputError:
            return []
        low, high = found["r"].min(), found["r"].max()
        spread = {"sd": np.sqrt(found["variance"]), "sd_expected": np.sqrt(found["expected"]), "p": found["p"]}
        size = {"n_windows": found["r"].size, "window_s": window * scan.bold.tr_s}
        rows.append({"band": band, **size, "r_low": low, "r_high": high, **spread})
    return rows


def rim_mask(seed, brain, voxels: int):
    """The seed and its rim, to be left out of a comparison of maps; None where that leaves nothing to compare."""
    rim = noise_law.near_seed(seed, brain, voxels)
    return rim if (~rim).sum() >= FEWEST_VOXELS else None
