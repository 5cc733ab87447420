"""The mediation null: what a regressor gives that touches the brain only through its correlation with the seed.

The map of such a regressor is r × (seed map) + noise, so that it looks like the seed map however small r is, once noise
is averaged away; and regressing it out leaves the seed map nearly as it was. Surrogates with exactly the observed r to
the seed and exactly the regressor's spectrum, put through the same BOLD, say how much of that is to be expected.

The seed here is the measured one. Where its own noise hides part of a signal that is common to LFP and brain, LFP maps
exceed r × (seed map) all over the brain: their slope on the seed map is then above r, which `spatial_slope` shows. In
simulated scans of 300 volumes with r = .4 mediation by the noise-free seed was rejected at .05 in .07 of scans where
the measured seed's reliability was .86, in .12 where it was .62.
"""

from __future__ import annotations

import numpy as np

from ..coupling.correlation import correlate
from ..networks.maps import map_similarity, seed_map
from ..stats.resampling import jackknife_interval, jackknife_se
from ..stats.tests import fisher_z, partial_r, permutation_p
from ._map_products import BLOCK, Products, resampled_animals, sum_by_animal_maps
from .surrogates import mixed_with_seed, with_exact_r
from .tests import compare_with_null, voxels_in_use

MEASURES = ("spatial_r", "spatial_slope", "removal_r", "removal_slope")


def mediation(
    clean, seed, x, n: int, rng, *, exclude=None, keep_maps: bool = False, basis=None, raw=None, kept=None
) -> dict:
    """One scan's spatial agreement and change after removal, against surrogates with the same r to the seed.

    Surrogates touch the brain only through their correlation with the seed: what they give is to be expected of any
    regressor with this r. As `mediations`, of one choice of voxels.

    Parameters
    ----------
    clean : array of float, shape (n_volumes, n_voxels)
        BOLD, cleaned.
    seed : array of bool, shape (n_voxels,)
    x : array of float, shape (n_volumes,)
        Regressor.
    n : int
        How many surrogates.
    rng : numpy.random.Generator
        One of its own for every scan: surrogates of two scans must not share their draws.
    exclude : array of bool, shape (n_voxels,), optional
        Voxels excluded from all comparisons of maps, such as the seed and its neighbours.
    keep_maps : bool
        Also return the surrogates' maps, for `group_mediation`.
    basis, raw, kept
        As in `mediations`.

    Returns
    -------
    result : dict
        For each of `spatial_r`, `spatial_slope` (LFP map against seed map; under mediation the slope is r),
        `removal_r`, `removal_slope` (seed map after removal against that before): a dict of `observed`, `expected`
        (mean of the null), `null_low`, `null_high`, `percentile`, `p_upper`, `p`, and `null`, shape (n,). Also `r`, the
        correlation in time, and `maps`.

    Raises
    ------
    InputError
        When the seed holds no voxel, x has other volumes than the BOLD, is constant or holds NaN, or fewer than three
        voxels are left.
    TypeError
        When the seed is not boolean, x not one-dimensional, or `exclude` of another shape.

    Examples
    --------
    The seed's time course with noise. The expected slope is the correlation in time:

    >>> rng = np.random.default_rng(0)
    >>> signal, weight = rng.standard_normal(300), np.linspace(2, -2, 40)
    >>> bold = signal[:, None] * weight + rng.standard_normal((300, 40))
    >>> seed = weight > 1.5
    >>> x = bold[:, seed].mean(axis=1) + 1.8 * rng.standard_normal(300)
    >>> result = mediation(bold, seed, x, 99, rng, exclude=seed)
    >>> round(result["r"], 1), round(result["spatial_slope"]["expected"], 1), result["spatial_slope"]["p"] > 0.05
    (0.8, 0.8, True)
    """
    more = {"keep_maps": keep_maps, "basis": basis, "raw": raw, "kept": kept}
    return mediations(clean, seed, x, n, rng, (exclude,), **more)[0]


def mediations(
    clean, seed, x, n: int, rng, excludes, *, keep_maps: bool = False, basis=None, raw=None, kept=None
) -> list[dict]:
    """One scan's spatial agreement and change after removal, against surrogates with the same r to the seed.

    The seed map after x is regressed out of every voxel v, and so of the seed s, is the partial correlation
    (r_sv − r_sx r_xv)/√((1 − r_sx²)(1 − r_xv²)); nothing needs to be regressed.

    Parameters
    ----------
    clean : array of float, shape (n_volumes, n_voxels)
    seed : array of bool, shape (n_voxels,)
    x : array of float, shape (n_volumes,)
        Regressor.
    n : int
        How many surrogates.
    rng : numpy.random.Generator
        One of its own for every scan: surrogates of two scans must not share their draws.
    excludes : sequence of array of bool, shape (n_voxels,), or None
        Voxels excluded from all comparisons of maps, such as `noise_law.near_seed`; each choice gives one result, and
        all are of the same surrogates.
    keep_maps : bool
        Also return the surrogates' maps, for `group_mediation`.
    basis : array of float, shape (n_volumes, n_functions), optional
        Orthonormal basis of the space in which the regressor and the BOLD lie, where one projector made both. The
        surrogates are then those of `surrogates.mixed_with_seed`, in that space; else those of `with_exact_r`.
    raw : array of float, shape (n_scan_volumes,), optional
        Regressor before the projector, in all volumes of the scan: where nuisance is projected out, surrogates are
        made of it. Needs `basis`.
    kept : array of bool, shape (n_scan_volumes,), optional
        Volumes that are left, with `raw`; all by default.

    Returns
    -------
    results : list of dict
        For each of `spatial_r`, `spatial_slope` (LFP map against seed map; under mediation the slope is r),
        `removal_r`, `removal_slope` (seed map after removal against that before): the columns of
        `tests.compare_with_null` and `null`, shape (n,). Also `r`, the correlation in time; `maps`, a dict of the
        observed `seed`, `lfp`, `after`, shape (n_voxels,); with `keep_maps` also `surrogate_maps`, a dict of `lfp` and
        `after`, float32, shape (n, n_voxels).
    """
    if np.ndim(x) != 1:
        raise TypeError(f"x must be one regressor of shape (n_volumes,), not {np.shape(x)}")
    time_course, before = np.asarray(clean)[:, seed].mean(axis=1), seed_map(clean, seed)
    uses = [voxels_in_use(before, exclude) for exclude in excludes]
    r = float(correlate(x, time_course)[0, 0])
    observed = correlate(x, clean)
    maps = {name: np.empty((n, before.size), dtype=np.float32) for name in ("lfp", "after") if keep_maps}
    nulls = [{name: np.empty(n) for name in MEASURES} for _ in uses]
    if basis is None:
        surrogates = with_exact_r(x, time_course, n, rng)
    else:
        surrogates = mixed_with_seed(x, time_course, n, rng, basis, raw, kept)
    for start in range(0, n, BLOCK):
        rows = slice(start, start + BLOCK)
        lfp = correlate(surrogates[:, rows], clean)
        after = partial_map(before, lfp, r)
        for null, use in zip(nulls, uses, strict=True):
            for name, value in _compare(lfp, after, before, use).items():
                null[name][rows] = value
        if keep_maps:
            maps["lfp"][rows], maps["after"][rows] = lfp, after
    after = partial_map(before, observed, r)
    of_scan = {"r": r, "maps": {"seed": before, "lfp": observed[0], "after": after[0]}}
    of_scan |= {"surrogate_maps": maps} if keep_maps else {}
    results = []
    for null, use in zip(nulls, uses, strict=True):
        real = {name: float(value[0]) for name, value in _compare(observed, after, before, use).items()}
        results.append(
            {name: {**compare_with_null(real[name], null[name]), "null": null[name]} for name in MEASURES} | of_scan
        )
    return results


def partial_map(before, lfp_map, r) -> np.ndarray:
    """Seed map after a regressor is regressed out: partial correlation of seed and voxels.

    Parameters
    ----------
    before : array of float, shape (n_voxels,)
        Seed map.
    lfp_map : array of float, shape (n_maps, n_voxels)
        Correlation of the regressor with every voxel.
    r : float
        Correlation of the regressor with the seed.

    Returns
    -------
    after : ndarray, shape (n_maps, n_voxels)
        NaN where nothing is left.
    """
    return np.clip(partial_r(before, r, lfp_map), -1, 1)


def _compare(lfp, after, before, use) -> dict:
    reference = before[use]
    spatial_r, spatial_slope = map_similarity(lfp[:, use], reference)
    removal_r, removal_slope = map_similarity(after[:, use], reference)
    return dict(zip(MEASURES, (spatial_r, spatial_slope, removal_r, removal_slope), strict=True))


def group_mediation(
    sums,
    observed,
    seed_maps,
    animals,
    rng,
    exclude=None,
    n_boot: int = 2000,
    confidence: float = 0.95,
    interval: str = "jackknife",
):
    """Averaged maps against averaged surrogate maps: observed, expected under mediation, difference with interval.

    Correlation and slope of maps that are weighted sums over animals depend on the weights only through the products
    of the animals' maps, so that deleting or resampling animals costs nothing. It takes whole animals with all their
    scans and recomputes both the observed value and the mean of the null.

    Intervals. `jackknife` is Student's t with the jackknife standard error over animals, of the slope as
    it is, of correlations on Fisher's z: atanh observed − atanh expected, put back at the expected value. `percentile`
    is the bootstrap over animals, too narrow with few of them. In simulated groups of 4, 6 and 12 animals whose maps
    differ, 95 % intervals hold the mean difference in .95, .96, .98 (percentile .86, .92, .97), with a map of the LFP's
    own in .93, .94, .94 (.76, .81, .87); of the slope in .94, .95, .96 (.81, .87, .92).

    Parameters
    ----------
    sums : array of float, shape (n_animals, n, n_voxels)
        Surrogate maps, summed over the scans of each animal in the order of the animals' names: surrogate j of every
        scan makes surrogate j of the group. Of `lfp` maps, or of the seed maps `after` removal.
    observed : array of float, shape (n_scans, n_voxels)
        The maps of the same kind.
    seed_maps : array of float, shape (n_scans, n_voxels)
    animals : sequence, shape (n_scans,)
    rng : numpy.random.Generator
    exclude : array of bool, shape (n_voxels,), optional
    n_boot : int
        Of the percentile interval, the only one that needs `rng`.
    confidence : float
    interval : {"jackknife", "percentile"}

    Returns
    -------
    comparison : dict
        For each of `r` and `slope` of the averaged map with (on) the averaged seed map: the columns of
        `tests.compare_with_null`; `null`, shape (n,); `difference` (observed − expected), its interval
        `difference_low`, `difference_high` and standard error over animals `difference_se` (jackknife); `by_animal`,
        the columns of `tests.compare_with_null` for each animal, in the order of names.
    """
    names = np.unique(np.asarray(animals))
    seeds, real = sum_by_animal_maps(seed_maps, animals), sum_by_animal_maps(observed, animals)
    finite = np.isfinite(seeds).all(axis=0) & np.isfinite(real).all(axis=0) & np.isfinite(sums[:, 0]).all(axis=0)
    use = voxels_in_use(np.where(finite, seeds[0], np.nan), exclude)
    products = Products(sums, real, seeds, use)
    n = names.size
    one, left_out = np.ones((1, n)), resampled_animals(n, "jackknife")
    comparison = {}
    for name in ("r", "slope"):
        (value,), (null,) = products.observed(one, name), products.null(one, name)
        row = {
            **compare_with_null(float(value), null, confidence),
            "null": null,
            "difference": float(value - null.mean()),
        }
        row |= dict.fromkeys(("difference_low", "difference_high", "difference_se"), float("nan"))
        if n > 1:  # one animal, resampled or deleted, says nothing of others
            others = products.observed(left_out, name), products.mean_null(left_out, name)
            row["difference_se"] = float(jackknife_se(others[0] - others[1]))
            if interval == "percentile":
                weights = resampled_animals(n, interval, n_boot, rng)
                ends = _quantiles(products.observed(weights, name) - products.mean_null(weights, name), confidence)
            else:
                ends = _difference(value, null.mean(), others, name, confidence)
            row["difference_low"], row["difference_high"] = ends
        each = zip(products.observed(np.eye(n), name), products.null(np.eye(n), name), strict=True)
        row["by_animal"] = [compare_with_null(float(value), null, confidence) for value, null in each]
        comparison[name] = row
    return comparison


def _difference(observed, expected, others, name, confidence) -> tuple[float, float]:
    """Interval of observed − expected; of correlations symmetric on Fisher's z, so that it ends before 1."""
    if name == "slope":
        return jackknife_interval(observed - expected, others[0] - others[1], confidence)
    base = float(fisher_z(expected))
    ends = jackknife_interval(fisher_z(observed) - base, fisher_z(others[0]) - fisher_z(others[1]), confidence)
    return float(np.tanh(base + ends[0]) - expected), float(np.tanh(base + ends[1]) - expected)


def _quantiles(values, confidence) -> tuple[float, float]:
    low, high = np.quantile(values, [0.5 - confidence / 2, 0.5 + confidence / 2])
    return float(low), float(high)


def group_excess(sums, lfp_maps, seed_maps, r, animals, exclude=None) -> dict:
    """What averaged LFP maps hold beyond r × (seed map), against surrogates.

    The excess LFP map − r × seed map is the map of the regressor's part that is orthogonal to the seed, times
    √(1 − r²): under mediation it is noise, and its mean over scans tends to zero.

    Parameters
    ----------
    sums : array of float, shape (n_animals, n, n_voxels)
        Of the surrogates' LFP maps, as in `group_mediation`.
    lfp_maps, seed_maps : array of float, shape (n_scans, n_voxels)
    r : array of float, shape (n_scans,)
        Correlation in time of the regressor with the seed, of each scan.
    animals : sequence, shape (n_scans,)
    exclude : array of bool, shape (n_voxels,), optional

    Returns
    -------
    result : dict
        `size`: root mean square of the excess over voxels, the columns of `tests.compare_with_null` and `null`; its
        `p_upper` is the test. `largest`: the same of the largest size of a voxel. `map`, shape (n_voxels,): the mean
        excess. `p_map`: of each voxel, two-sided, family-wise over voxels; NaN in excluded voxels.
    """
    lfp_maps, seed_maps, r = np.asarray(lfp_maps), np.asarray(seed_maps), np.asarray(r, dtype=float)
    by_seed = (r[:, None] * seed_maps).mean(axis=0)
    excess = lfp_maps.mean(axis=0) - by_seed
    use = voxels_in_use(excess, exclude)
    size, largest = np.empty((2, sums.shape[1]))
    for start in range(0, sums.shape[1], BLOCK):
        rows = slice(start, start + BLOCK)
        block = sums[:, rows][..., use].sum(axis=0, dtype=float) / len(lfp_maps) - by_seed[use]
        size[rows], largest[rows] = np.sqrt((block**2).mean(axis=1)), np.abs(block).max(axis=1)
    here = np.abs(excess[use])
    p_map = np.full(excess.size, np.nan)
    p_map[use] = permutation_p(here, largest)
    return {
        "size": {**compare_with_null(float(np.sqrt((here**2).mean())), size), "null": size},
        "largest": {**compare_with_null(float(here.max()), largest), "null": largest},
        "map": excess,
        "p_map": p_map,
    }
