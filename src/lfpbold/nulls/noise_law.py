"""The law behind the disparity, CC = r/√(r² + k²), and what there is in LFP maps that is not the seed map."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, optimize

from ..coupling.correlation import correlate
from ..errors import InputError
from ..networks.maps import seed_map
from ..stats.resampling import jackknife_interval
from ._map_products import resampled_animals, sum_by_animal_maps
from .surrogates import phase_randomised
from .tests import voxels_in_use

K_RANGE = (1e-4, 1e3)  # beyond, the law is a step, or zero, for any correlation that data can give
GRID = np.geomspace(*K_RANGE, 1401)  # steps of about 1.2 %


def spatial_law(r, k) -> np.ndarray:
    """Spatial correlation of an LFP map that is r × (seed map) + noise: CC = r/√(r² + k²).

    k is the standard deviation over voxels of the noise over that of the seed map.

    Examples
    --------
    >>> [round(float(spatial_law(r, 0.156)), 3) for r in (-0.2, 0.06, 0.37)]
    [-0.789, 0.359, 0.921]
    """
    r, size = np.asarray(r, dtype=float), np.hypot(r, k)
    return r / np.where(size > 0, size, np.inf)  # no correlation in time, none in space


def k_of(
    r, cc, animals=None, n_boot: int = 2000, rng=None, confidence: float = 0.95, interval: str = "jackknife"
) -> dict:
    """Least-squares k of CC = r/√(r² + k²).

    Intervals. `jackknife` is Student's t of log k with the jackknife standard error over animals,
    `percentile` the bootstrap over animals, too narrow with few of them. In simulated groups of 4, 6 and 12 animals
    95 % intervals hold k in .97, .95, .94 (percentile .81, .87, .91); of averaged maps .94, .94, .91 (.82, .85, .87).

    Parameters
    ----------
    r, cc : array of float, shape (n_pairs,)
        Correlation in time and in space, of scans or bands or both.
    animals : sequence, shape (n_pairs,), optional
        Animal of each pair, for the interval.
    n_boot : int
        How often whole animals are resampled for the percentile interval.
    rng : numpy.random.Generator, optional
        Needed for the percentile interval.
    confidence : float
    interval : {"jackknife", "percentile"}

    Returns
    -------
    columns : dict
        `k` (inf where the law does not rise at all, 0 where it is a step), `r2` (share of the variance of CC that the
        law explains; negative where a constant would do better), `n`, `low` and `high` (NaN without animals).

    Examples
    --------
    >>> r = np.array([-0.2, 0.1, 0.3])
    >>> columns = k_of(r, spatial_law(r, 0.25))
    >>> round(columns["k"], 6), round(columns["r2"], 6)
    (0.25, 1.0)
    """
    r, cc = np.asarray(r, dtype=float), np.asarray(cc, dtype=float)
    usable = np.isfinite(r) & np.isfinite(cc)
    r, cc = r[usable], cc[usable]
    columns = {"k": float("nan"), "r2": float("nan"), "n": int(r.size), "low": float("nan"), "high": float("nan")}
    if r.size == 0:
        return columns
    missed = (cc[:, None] - spatial_law(r[:, None], GRID)) ** 2  # pairs × k
    k = _refined(r, cc, int(missed.sum(axis=0).argmin()))
    spread = ((cc - cc.mean()) ** 2).sum()
    misfit = ((cc - (spatial_law(r, k) if np.isfinite(k) else 0)) ** 2).sum()
    columns |= {"k": k, "r2": float(1 - misfit / spread) if spread > 0 else float("nan")}
    if animals is not None and np.unique(np.asarray(animals)[usable]).size > 1:
        by_animal = sum_by_animal_maps(missed, np.asarray(animals)[usable])
        weights = resampled_animals(len(by_animal), interval, n_boot, rng)
        columns["low"], columns["high"] = _interval(k, _lowest(weights @ by_animal), confidence, interval)
    return columns


def _refined(r, cc, start: int) -> float:
    if start == 0:
        return 0.0
    if start == GRID.size - 1:
        return float("inf")
    bounds = np.log(GRID[[start - 1, start + 1]])
    best = optimize.minimize_scalar(
        lambda log_k: ((cc - spatial_law(r, np.exp(log_k))) ** 2).sum(),
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-10},
    )
    return float(np.exp(best.x))


def _lowest(misfit) -> np.ndarray:
    """k at the lowest point of each row of misfits over the grid, between its steps by a parabola in log k."""
    at = misfit.argmin(axis=1)
    inner = np.clip(at, 1, GRID.size - 2)
    rows = np.arange(len(misfit))
    left, mid, right = (misfit[rows, inner + step] for step in (-1, 0, 1))
    bend = left - 2 * mid + right
    shift = np.where(bend > 0, 0.5 * (left - right) / np.where(bend > 0, bend, 1), 0)
    k = GRID[inner] * (GRID[1] / GRID[0]) ** np.clip(shift, -1, 1)
    return np.where(at == 0, 0.0, np.where(at == GRID.size - 1, np.inf, k))


def _interval(k, others, confidence, interval) -> tuple[float, float]:
    if interval == "percentile":
        # Order statistics, not interpolation: values may be infinite.
        low, high = np.quantile(others, [0.5 - confidence / 2, 0.5 + confidence / 2], method="inverted_cdf")
        return float(low), float(high)
    ends = np.exp(jackknife_interval(_log(k), _log(others), confidence))
    low, high = np.where(ends <= 1.001 * K_RANGE[0], 0, np.where(ends >= K_RANGE[1] / 1.001, np.inf, ends))
    return float(low), float(high)


def _log(k) -> np.ndarray:
    return np.log(np.clip(k, *K_RANGE))


def k_of_maps(
    r,
    lfp_maps,
    seed_maps,
    animals,
    rng,
    exclude=None,
    n_boot: int = 2000,
    confidence: float = 0.95,
    interval="jackknife",
) -> dict:
    """k of averaged maps over bands, with an interval that deletes or resamples animals and averages maps anew.

    Parameters
    ----------
    r : array of float, shape (n_scans, n_bands)
        Correlation in time.
    lfp_maps : array of float, shape (n_scans, n_bands, n_voxels)
    seed_maps : array of float, shape (n_scans, n_voxels)
    animals : sequence, shape (n_scans,)
    rng : numpy.random.Generator
    exclude : array of bool, shape (n_voxels,), optional
    n_boot, confidence, interval
        As in `k_of`.

    Returns
    -------
    columns : dict
        As of `k_of`, and the pairs that it was fitted to: `r` (mean over scans) and `cc`, shape (n_bands,).
    """
    lfp, seeds = sum_by_animal_maps(lfp_maps, animals), sum_by_animal_maps(seed_maps, animals)
    r_sums = sum_by_animal_maps(r, animals)
    scans = np.unique(np.asarray(animals), return_counts=True)[1].astype(float)
    finite = np.isfinite(seeds).all(axis=0) & np.isfinite(lfp).all(axis=(0, 1))
    use = voxels_in_use(np.where(finite, seeds[0], np.nan), exclude)
    lfp, seeds = (maps[..., use] - maps[..., use].mean(axis=-1, keepdims=True) for maps in (lfp, seeds))
    ss, ls = seeds @ seeds.T, np.einsum("abv,cv->bac", lfp, seeds)
    ll = np.einsum("abv,cbv->bac", lfp, lfp)

    def pairs(weights):  # (n, n_animals) to two arrays (n, n_bands)
        products = (weights[:, :, None] * weights[:, None, :]).reshape(len(weights), -1)
        spread = (products @ ll.reshape(len(ll), -1).T) * (products @ ss.ravel())[:, None]
        return (weights @ r_sums) / (weights @ scans)[:, None], products @ ls.reshape(len(ls), -1).T / np.sqrt(spread)

    (mean_r,), (cc,) = pairs(np.ones((1, scans.size)))
    columns = k_of(mean_r, cc)
    if scans.size > 1:
        taken = pairs(resampled_animals(scans.size, interval, n_boot, rng))
        misfits = [((c[:, None] - spatial_law(t[:, None], GRID)) ** 2).sum(axis=0) for t, c in zip(*taken, strict=True)]
        columns["low"], columns["high"] = _interval(columns["k"], _lowest(np.array(misfits)), confidence, interval)
    return {**columns, "r": mean_r, "cc": cc}


def k_of_noise(clean, seed, x, n: int, rng, exclude=None) -> dict:
    """The k that noise alone predicts for a scan: SD over voxels of a null map over that of the seed map.

    Null maps are those of phase-randomised regressors with the seed regressed out, so that the law's r, which is the
    observed one, and its noise do not overlap.

    Parameters
    ----------
    clean : array of float, shape (n_volumes, n_voxels)
    seed : array of bool, shape (n_voxels,)
    x : array of float, shape (n_volumes,)
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    exclude : array of bool, shape (n_voxels,), optional

    Returns
    -------
    columns : dict
        `noise_sd` (root mean square over surrogates of the standard deviation over voxels), `seed_sd`, and `k`.
    """
    before = seed_map(clean, seed)
    use = voxels_in_use(before, exclude)
    maps = orthogonal_map(clean, np.asarray(clean)[:, seed].mean(axis=1), phase_randomised(x, n, rng))[:, use]
    noise_sd, seed_sd = float(np.sqrt(maps.var(axis=1).mean())), float(before[use].std())
    return {"noise_sd": noise_sd, "seed_sd": seed_sd, "k": noise_sd / seed_sd}


def k_of_averaged_noise(noise_sd, seed_maps, exclude=None) -> float:
    """The k that noise alone predicts for averaged maps: √(Σ noise_sd²)/n over the SD of the mean seed map.

    Parameters
    ----------
    noise_sd : array of float, shape (n_scans,)
        Of `k_of_noise`; noise of scans is independent.
    seed_maps : array of float, shape (n_scans, n_voxels)
    exclude : array of bool, shape (n_voxels,), optional

    Returns
    -------
    k : float
        With equal scans k/√n_scans.

    Examples
    --------
    >>> round(k_of_averaged_noise([0.2] * 4, [[0.0, 0.1, 0.0, 0.1]] * 4), 6)
    2.0
    """
    mean_map = np.mean(seed_maps, axis=0)
    noise_sd = np.asarray(noise_sd, dtype=float)
    return float(np.sqrt((noise_sd**2).sum()) / noise_sd.size / mean_map[voxels_in_use(mean_map, exclude)].std())


def orthogonal_map(clean, seed_time_course, x) -> np.ndarray:
    """Map of the part of a regressor that is orthogonal to the seed.

    Under mediation this map is noise. It is not where the measured seed is a noisy copy of what LFP and brain share:
    then part of the shared signal is left in the regressor.

    Parameters
    ----------
    clean : array of float, shape (n_volumes, n_voxels)
    seed_time_course : array of float, shape (n_volumes,)
    x : array of float, shape (n_volumes,) or (n_volumes, n_bands)

    Returns
    -------
    r : ndarray, shape (n_voxels,) or (n_bands, n_voxels)

    Examples
    --------
    >>> s, e = np.array([1.0, -1.0, 1.0, -1.0]), np.array([1.0, 1.0, -1.0, -1.0])
    >>> orthogonal_map(np.column_stack([s, e]), s, 2 * s + e).round(9).tolist()
    [0.0, 1.0]
    """
    x = np.asarray(x, dtype=float)
    seed = np.asarray(seed_time_course, dtype=float) - np.mean(seed_time_course)
    if not seed @ seed > 0:
        raise InputError("the seed's BOLD is constant, so that nothing can be orthogonal to it")
    rest = x - np.multiply.outer(seed, seed @ x / (seed @ seed))
    maps = correlate(rest, clean)
    return maps[0] if x.ndim == 1 else maps


def cross_scan(lfp_maps, seed_maps, animals, exclude=None) -> dict:
    """Spatial correlation of the LFP map of each scan with seed maps of the same and of other scans.

    An LFP map that owes its looks to its scan's own seed agrees better with the seed map of its own scan than with
    that of others, since both share the scan's noise.

    Parameters
    ----------
    lfp_maps, seed_maps : array of float, shape (n_scans, n_voxels)
    animals : sequence, shape (n_scans,)
    exclude : array of bool, shape (n_voxels,), optional

    Returns
    -------
    columns : dict
        `same_scan`, `same_animal` (mean over its other scans), `other_animals` (mean over theirs), each of shape
        (n_scans,); NaN where there are none.
    """
    lfp_maps, seed_maps, animals = np.asarray(lfp_maps), np.asarray(seed_maps), np.asarray(animals)
    finite = np.isfinite(lfp_maps).all(axis=0) & np.isfinite(seed_maps).all(axis=0)
    use = voxels_in_use(np.where(finite, 0.0, np.nan), exclude)
    r = correlate(lfp_maps[:, use].T, seed_maps[:, use].T)
    alike = animals[:, None] == animals[None, :]
    itself = np.eye(len(animals), dtype=bool)
    return {
        "same_scan": np.diag(r).copy(),
        "same_animal": _mean_where(r, alike & ~itself),
        "other_animals": _mean_where(r, ~alike),
    }


def _mean_where(values, where) -> np.ndarray:
    count = where.sum(axis=1)
    return np.where(where, values, 0).sum(axis=1) / np.where(count > 0, count, np.nan)


def near_seed(seed, brain, voxels: int) -> np.ndarray:
    """The seed and its neighbours: voxels that touch it by face, edge or corner, `voxels` times over.

    Smoothing and movement spread the seed's own signal into them.

    Parameters
    ----------
    seed : array of bool, shape (n_brain_voxels,)
    brain : array of bool, shape (x, y, z)
    voxels : int
        Width of the rim; 0 is the seed alone.

    Returns
    -------
    near : ndarray of bool, shape (n_brain_voxels,)

    Examples
    --------
    >>> near_seed([False, False, True, False, False], np.ones((5, 1, 1), dtype=bool), 1).tolist()
    [False, True, True, True, False]
    """
    volume = np.zeros(np.shape(brain), dtype=bool)
    volume[brain] = seed
    if voxels > 0:
        volume = ndimage.binary_dilation(volume, np.ones((3, 3, 3), dtype=bool), iterations=int(voxels))
    return volume[brain]
