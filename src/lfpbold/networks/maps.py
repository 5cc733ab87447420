"""Networks: the seed and its map, similarity of maps, and the seed map after the LFP is regressed out."""

from __future__ import annotations

import numpy as np

from ..bold.cleaning import regress_out
from ..coupling.correlation import as_floats, correlate
from ..errors import InputError


def seed_map(bold, seed) -> np.ndarray:
    """Correlation of the seed's mean BOLD with every voxel.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    seed : array of bool, shape (n_voxels,)

    Returns
    -------
    r : ndarray, shape (n_voxels,)
        Pearson's r; NaN for a voxel that is constant or holds NaN.

    Raises
    ------
    InputError
        When the seed holds no voxel, or another number of voxels than the BOLD.
    TypeError
        When the seed is not boolean: numbers would be taken for positions.

    Examples
    --------
    >>> bold = np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 1.0], [4.0, 0.0, 0.0]])
    >>> seed_map(bold, np.array([True, False, False])).round(3).tolist()
    [1.0, -0.982, -0.189]
    """
    bold, seed = as_floats(bold) if isinstance(bold, np.ma.MaskedArray) else np.asarray(bold), np.asarray(seed)
    if seed.dtype != bool:
        raise TypeError(f"seed must be a boolean array of shape (n_voxels,), not {seed.dtype} of shape {seed.shape}")
    if seed.shape != bold.shape[1:] or not seed.any():
        raise InputError(
            f"the seed marks {seed.sum()} of {seed.size} voxels and the BOLD has {bold.shape[-1]}; give one value per"
            " voxel, True in at least one"
        )
    return correlate(bold[:, seed].mean(axis=1), bold)[0]


def lfp_map(bold, regressors) -> np.ndarray:
    """Correlation of every regressor with every voxel: the LFP-derived maps.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    regressors : array of float, shape (n_volumes, n_bands) or (n_volumes,)
        Band power after convolution with the HRF, one value per volume.

    Returns
    -------
    r : ndarray, shape (n_bands, n_voxels)
        Pearson's r; NaN where a series is constant or holds NaN.

    Raises
    ------
    InputError
        When both do not cover the same volumes.

    References
    ----------
    Tu, Cramer & Zhang (2024), eLife 13:RP95680, "LFP-derived rsfMRI correlation maps".

    Examples
    --------
    >>> bold = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 0.0]])
    >>> lfp_map(bold, [1.0, 2.0, 3.0]).round(6).tolist()
    [[1.0, -1.0]]
    """
    return correlate(regressors, bold)


def spatial_r(a, b):
    """Pearson correlation of maps over the voxels where both are defined.

    Parameters
    ----------
    a : array of float, shape (n_voxels,) or (n_maps, n_voxels)
    b : array of float, shape (n_voxels,)

    Returns
    -------
    r : float, or ndarray of shape (n_maps,) where `a` holds several maps
        NaN below three voxels.

    Raises
    ------
    TypeError
        When the maps do not have the same voxels, or are volumes.

    Examples
    --------
    >>> round(spatial_r([1.0, 2.0, 3.0, float("nan")], [2.0, 4.0, 6.0, 1.0]), 9)
    1.0
    >>> spatial_r([[1.0, 2.0, 3.0], [3.0, 2.0, 1.0]], [2.0, 4.0, 6.0]).round(9).tolist()
    [1.0, -1.0]
    """
    a, b = as_floats(a), as_floats(b)
    if b.ndim != 1 or a.ndim not in (1, 2) or a.shape[-1] != b.size:
        raise TypeError(f"maps must have the same voxels; their shapes are {a.shape} and {b.shape}")
    if a.ndim == 2:
        return np.array([spatial_r(one, b) for one in a])
    both = np.isfinite(a) & np.isfinite(b)
    return float(correlate(a[both], b[both])[0, 0]) if both.sum() >= 3 else float("nan")


def slope(after, before) -> float:
    """Least-squares slope (with intercept) of a map on another, over the voxels where both are defined.

    Correlation does not see a map that has faded everywhere; the slope does: it is 1 for an unchanged map. NaN below
    three voxels, or where the other map is constant.
    """
    after, before = np.asarray(after, dtype=float), np.asarray(before, dtype=float)
    both = np.isfinite(after) & np.isfinite(before)
    if both.sum() < 3 or np.ptp(before[both]) == 0:
        return float("nan")
    return float(map_similarity(after[both][None], before[both])[1][0])


def map_similarity(maps, reference) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of each map with a reference map, and its least-squares slope (with intercept) on it.

    Parameters
    ----------
    maps : array of float, shape (n_maps, n_voxels)
        Finite.
    reference : array of float, shape (n_voxels,)
        Finite.

    Returns
    -------
    r, slope : ndarray, shape (n_maps,)
        r is NaN for a constant map; both are for a constant reference.

    Examples
    --------
    >>> r, slope = map_similarity(np.array([[2.0, 4.0, 6.0], [1.0, 1.0, 4.0]]), np.array([1.0, 2.0, 3.0]))
    >>> r.round(3).tolist(), slope.round(3).tolist()
    ([1.0, 0.866], [2.0, 1.5])
    """
    reference = reference - reference.mean()
    centred = maps - maps.mean(axis=1, keepdims=True)
    product, map_power = centred @ reference, np.einsum("ij,ij->i", centred, centred)
    power = reference @ reference
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(product / np.sqrt(map_power * power), -1, 1), product / power


def unique_parts(regressors) -> np.ndarray:
    """Each regressor with the others regressed out: its residual on them and a constant.

    Parameters
    ----------
    regressors : array of float, shape (n_volumes, n_bands)

    Returns
    -------
    unique : ndarray, shape (n_volumes, n_bands)
    """
    regressors = np.asarray(regressors, dtype=float)
    ones = np.ones((len(regressors), 1))
    return np.column_stack(
        [
            regress_out(regressors[:, [k]], np.column_stack([ones, np.delete(regressors, k, axis=1)]))[:, 0]
            for k in range(regressors.shape[1])
        ]
    )


def remove_lfp(bold, regressors, how: str) -> np.ndarray:
    """Regress LFP out of every voxel.

    `all_joint` is ordinary regression on all regressors together, Y − X X⁺ Y. `all_unique` is the 'soft' regression of
    Griffanti et al. 2014 (NeuroImage 95:232): Y − Σ uₖ βₖ, where βₖ are the coefficients of the joint regression and
    uₖ the part of regressor k that the others do not share, so that what the bands have in common stays in the data.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    regressors : array of float, shape (n_volumes, n_bands) or (n_volumes,)
    how : {"all_joint", "all_unique"}

    Returns
    -------
    residual : ndarray, shape (n_volumes, n_voxels)
        With the mean of each voxel.

    Raises
    ------
    InputError
        When there are no more volumes than regressors, both do not cover the same volumes, or a regressor is constant
        or holds NaN.

    Examples
    --------
    A voxel that follows 10 + 2 × the regressor keeps its mean, one that does not keeps everything:

    >>> regressor, other = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])
    >>> bold = np.column_stack([10 + 2 * regressor, other])
    >>> remove_lfp(bold, regressor[:, None], "all_joint").round(9).T.tolist()
    [[10.0, 10.0, 10.0, 10.0], [1.0, 1.0, -1.0, -1.0]]
    """
    bold = np.asarray(bold, dtype=float)
    regressors = np.asarray(regressors, dtype=float)
    regressors = regressors[:, None] if regressors.ndim == 1 else regressors
    if len(regressors) != len(bold):
        raise InputError(
            f"the regressors have {len(regressors)} volumes and the BOLD {len(bold)}; both must cover the same volumes"
        )
    centred = regressors - np.mean(regressors, axis=0)
    if not (centred.std(axis=0) > 0).all():
        raise InputError("a regressor is constant or holds NaN, so that it cannot be regressed out; leave it away")
    # Band powers differ by orders of magnitude; on one scale the fit is well conditioned.
    centred = centred / centred.std(axis=0)
    if how == "all_joint":
        return regress_out(bold, np.column_stack([np.ones(len(bold)), centred])) + bold.mean(axis=0)
    if how == "all_unique":
        beta = np.linalg.lstsq(centred, bold - bold.mean(axis=0), rcond=None)[0]
        return bold - unique_parts(centred) @ beta
    raise ValueError(f"how is {how!r}; choose all_joint or all_unique")


def below_peaks(regressor, percentile: float) -> np.ndarray:
    """Volumes at which a regressor is not above its percentile; shape (n_volumes,), bool."""
    regressor = np.asarray(regressor, dtype=float)
    return regressor <= np.percentile(regressor, percentile)


def maps_without_lfp(bold, seed, regressors, main, percentile: float) -> dict:
    """Seed maps after each way of removing the LFP.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    seed : array of bool, shape (n_voxels,)
    regressors : array of float, shape (n_volumes, n_bands)
        The bands that `all_joint` and `all_unique` regress out.
    main : array of float, shape (n_volumes,)
        Regressor of the main band, for `gamma` and `peaks`.
    percentile : float
        Of the main regressor, for `peaks`.

    Returns
    -------
    maps : dict of name to ndarray, shape (n_voxels,)
        `gamma`, `all_joint`, `all_unique`, `peaks`.
    """
    return {
        "gamma": seed_map(remove_lfp(bold, np.asarray(main)[:, None], "all_joint"), seed),
        "all_joint": seed_map(remove_lfp(bold, regressors, "all_joint"), seed),
        "all_unique": seed_map(remove_lfp(bold, regressors, "all_unique"), seed),
        "peaks": seed_map(np.asarray(bold)[below_peaks(main, percentile)], seed),
    }
