"""Surrogate maps with the variogram of a map: a null distribution in space, from maps alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft

from ..coupling.correlation import correlate
from ..errors import InputError
from ..stats.tests import permutation_p
from .tests import max_statistic, voxels_in_use

N_BINS, FARTHEST = 25, 0.25  # of the variogram: up to the lower quarter of all distances, as in the paper
N_WIDTHS = 12  # each 1.2 to 1.3 times the one before
FEWEST = 50  # voxels
BATCH = 16  # maps at once; more leave the processor's cache


def variogram(values, brain, voxel_mm, edges_mm) -> tuple[np.ndarray, np.ndarray]:
    """Variogram of a map: half the mean squared difference of all pairs of voxels, by their distance.

    γ(h) = Σ (xᵢ − xⱼ)² / (2 N(h)) over the N(h) pairs in a bin (Matheron 1963, Econ Geol 58:1246). White noise has
    γ = σ² at every distance; white noise smoothed with a Gaussian of standard deviation w has
    γ = σ² (1 − exp(−h²/4w²)). Sums over pairs are taken by FFT, so that no pair is missing.

    Parameters
    ----------
    values : array of float, shape (n_voxels,)
        In C order of `brain`; voxels that are not finite are excluded.
    brain : array of bool, shape (x, y, z)
    voxel_mm : sequence of 3 floats, mm
    edges_mm : array of float, shape (n_bins + 1,), mm
        Rising. A bin holds its lower edge and not its upper one. A voxel is never paired with itself.

    Returns
    -------
    gamma : ndarray, shape (n_bins,)
        Squared units of the map; NaN where no pair has such a distance.
    n_pairs : ndarray of int, shape (n_bins,)

    Raises
    ------
    InputError
        When map, brain, voxel size or edges do not fit together.

    Examples
    --------
    >>> gamma, n_pairs = variogram([0.0, 1.0, 0.0, 1.0], np.ones((4, 1, 1)), (0.5, 1, 1), [0.4, 0.9, 1.4])
    >>> gamma.round(9).tolist(), n_pairs.tolist()
    ([0.5, 0.0], [3, 2])
    """
    values, mask, voxel_mm = _checked(values, brain, voxel_mm)
    known = values[np.isfinite(values)]
    pairs = _pairs(mask, voxel_mm, _rising(edges_mm))
    return pairs.gamma((known - known.mean())[:, None])[:, 0], np.rint(pairs.partners.sum(axis=1) / 2).astype(int)


def surrogate_maps(
    values, brain, voxel_mm, n: int, rng, *, widths_mm=None, edges_mm=None, match_ranks: bool = False
) -> np.ndarray:
    """Random maps with the variogram of a map (Burt, Helmer, Shinn, Anticevic & Murray 2020, NeuroImage 220:117038).

    The values are shuffled over the voxels and smoothed with kernels of several widths. For each width the variogram
    of the map is regressed on that of the smoothed shuffled map, γ = α + β γ_w; the width that fits best gives the
    surrogate √β x_w + √α z, with z white noise of unit variance. What differs from the paper:

    * The kernel is a Gaussian in mm inside the mask, not an exponential over nearest neighbours.
    * Smoothed maps are divided by √(Σ w²), not by Σ w, so that voxels at the rim do not vary more than others: with
      Σ w the null of stationary maps of FWHM 1.5 mm is 2.5 % too narrow, with this less than 1 %.
    * α and β are zero or above; the paper takes √|α| and √|β|, which adds noise where there is too much.
    * The variogram is that of all pairs in a bin, not a kernel estimate from a subsample.

    Parameters
    ----------
    values, brain, voxel_mm
        As in `variogram`.
    n : int
        How many surrogates.
    rng : numpy.random.Generator
    widths_mm : array of float, shape (n_widths,), mm, optional
        Standard deviations of the kernels; by default twelve from 0.35 voxel to half the farthest distance.
    edges_mm : array of float, shape (n_bins + 1,), mm, optional
        Of the variogram that is matched; by default 25 bins up to the lower quarter of the distances between voxels.
    match_ranks : bool
        Give each surrogate the values of the map, in the surrogate's order. Off by default: false positives differ by
        less than .002, while the misfit of the variogram doubles (from .02 to .05 of the variance for noise of FWHM
        1.5 mm, from .04 to .10 for a focal map).

    Returns
    -------
    surrogates : ndarray, shape (n, n_voxels)
        NaN where `values` is not finite.

    Raises
    ------
    InputError
        When the inputs do not fit together, or the map is constant or has fewer than fifty voxels.
    """
    values, mask, voxel_mm = _checked(values, brain, voxel_mm)
    use = np.isfinite(values)
    if use.sum() < FEWEST:
        raise InputError(f"the map has {use.sum()} voxels with a value; its variogram needs {FEWEST} or more")
    mean, size = values[use].mean(), values[use].std()
    if not size > 1e-12 * abs(mean):
        raise InputError("the map has the same value in every voxel, so that it has no variogram to match")
    known = ((values[use] - mean) / size).astype(np.float32)
    edges_mm = _default_edges(mask, voxel_mm) if edges_mm is None else _rising(edges_mm)
    widths_mm = np.geomspace(0.35 * min(voxel_mm), edges_mm[-1] / 2, N_WIDTHS) if widths_mm is None else widths_mm
    if not (np.size(widths_mm) and np.isfinite(widths_mm).all() and np.min(widths_mm) > 0):
        raise InputError(f"widths_mm is {widths_mm}; give one width or more, above zero, in mm")
    pairs = _pairs(mask, voxel_mm, edges_mm, np.float32)
    smoothers = [_smoother(mask, voxel_mm, width) for width in np.ravel(widths_mm)]
    surrogates = np.full((n, values.size), np.nan)
    for first in range(0, n, BATCH):
        maps = _matched(known, min(BATCH, n - first), rng, pairs, smoothers)
        if match_ranks:
            maps = np.sort(known)[maps.argsort(axis=0).argsort(axis=0)]
        surrogates[first : first + maps.shape[1], use] = mean + size * maps.T
    return surrogates


def variogram_p(lfp_maps, target_map, brain, voxel_mm, n: int, rng, exclude=None) -> dict:
    """Two-sided p of the spatial correlation of LFP maps and one target map, against surrogates of the target.

    Unlike `nulls.spatial_p` it sees maps alone, and asks whether two maps agree more than unrelated maps as smooth as
    the target. One set of surrogates serves all bands, so that the largest |r| over bands is a family-wise statistic.

    It holds its level where one of the two maps is stationary and isotropic and not much smoother than the other. False
    positives at .05 in a brain of 6151 voxels of 0.5 × 0.5 × 1 mm (1500 pairs, 199 surrogates):

    * noise of FWHM 0.75 mm or 1.5 mm in both .05; the target with a strong focus in each hemisphere .05;
    * smooth in plane and not across slices, where distance alone does not tell: .08;
    * LFP maps of FWHM 3 mm and a target with wide foci, which one kernel cannot match: .08;
    * a target with a focus in each hemisphere, LFP maps with a focus anywhere .08, anywhere in each hemisphere .12;
    * size that varies from 1/3 to 3 from bottom to top in both .15, in the target alone .05; symmetry in both .14;
    * a focus at the same places in both, of random sign in the LFP maps: .52.

    Seed maps and LFP maps of one scan share networks and symmetric halves even when LFP and BOLD have nothing to do
    with each other. There `nulls.spatial_p` is the test and a small p here is no evidence against chance; a large p
    here says that smoothness is enough to explain r.

    Parameters
    ----------
    lfp_maps, target_map : array of float, shape (n_bands, n_voxels) and (n_voxels,)
    brain, voxel_mm, n, rng
        As in `surrogate_maps`; a thousand surrogates of 6157 voxels take about four seconds.
    exclude : array of bool, shape (n_voxels,), optional
        Voxels excluded, such as `noise_law.near_seed`.

    Returns
    -------
    columns : dict
        `r` and `p`, shape (n_bands,); `p_max`, family-wise over the bands; `null`, shape (n, n_bands). A voxel is used
        where the target and all bands are finite; a band without any finite voxel is NaN and takes none away.

    Raises
    ------
    InputError
        As `surrogate_maps`, and when LFP maps and target differ in shape.
    """
    lfp, target = np.atleast_2d(np.asarray(lfp_maps, dtype=float)), np.asarray(target_map, dtype=float)
    if lfp.ndim != 2 or lfp.shape[1:] != target.shape:
        raise InputError(f"the LFP maps have shape {lfp.shape} and the target {target.shape}; give one value a voxel")
    kept = np.isfinite(target) if exclude is None else np.isfinite(target) & ~np.asarray(exclude, dtype=bool)
    finite = np.isfinite(lfp) & kept
    use = voxels_in_use(np.where(finite[finite.any(axis=1)].all(axis=0) & kept, target, np.nan))
    lfp = np.where(finite, lfp, np.nan)
    surrogates = surrogate_maps(np.where(use, target, np.nan), brain, voxel_mm, n, rng)
    r = correlate(lfp[:, use].T, target[use])[:, 0]
    null = correlate(surrogates[:, use].T, lfp[:, use].T)
    return {"r": r, "p": permutation_p(r, null, "absolute"), "p_max": max_statistic(r, null), "null": null}


@dataclass(frozen=True)
class _Pairs:
    """Pairs of voxels of a mask by distance, for sums over all of them by FFT."""

    mask: np.ndarray  # (x, y, z)
    shape: tuple  # padded, so that no lag wraps around
    spectra: np.ndarray  # (n_bins, n_frequencies): the lags of each bin, transformed
    partners: np.ndarray  # (n_bins, n_voxels): how many voxels lie at such a distance

    def gamma(self, maps) -> np.ndarray:
        """Variograms of maps with mean zero (n_voxels, m): Σᵢ xᵢ² partnersᵢ − Σ xᵢxⱼ over pairs; (n_bins, m)."""
        spectrum = fft.rfftn(_in_volume(maps, self.mask), self.shape, axes=(0, 1, 2))
        products = self.spectra @ (spectrum.real**2 + spectrum.imag**2).reshape(-1, maps.shape[1])
        total = self.partners.sum(axis=1, dtype=float)[:, None]
        return np.maximum(self.partners @ maps**2 - products, 0) / np.where(total > 0, total, np.nan)


def _in_volume(maps, mask) -> np.ndarray:
    """Maps (n_voxels, m) on the grid of their mask, zero outside; shape (x, y, z, m)."""
    volumes = np.zeros((*mask.shape, maps.shape[1]), dtype=maps.dtype)
    volumes[mask] = maps
    return volumes


def _pairs(mask, voxel_mm, edges_mm, dtype=float) -> _Pairs:
    reach = [min(n - 1, int(edges_mm[-1] / size)) for n, size in zip(mask.shape, voxel_mm, strict=True)]
    shape = tuple(fft.next_fast_len(n + lag, real=True) for n, lag in zip(mask.shape, reach, strict=True))
    bins = np.digitize(_lags_mm(shape, voxel_mm), edges_mm) - 1
    bins[0, 0, 0] = -1  # a voxel is no partner of its own
    transformed = fft.rfftn(mask.astype(float), shape)
    twice = np.full(transformed.shape[-1], 2.0)  # the other half of the spectrum
    twice[[0, -1] if shape[-1] % 2 == 0 else [0]] = 1
    spectra, partners = [], []
    for number in range(len(edges_mm) - 1):
        lags = fft.rfftn((bins == number).astype(float)).real
        spectra.append((lags * twice / bins.size).ravel())
        near = fft.irfftn(lags * transformed, shape)
        partners.append(np.rint(near[tuple(slice(n) for n in mask.shape)][mask]))
    return _Pairs(mask, shape, np.array(spectra, dtype=dtype), np.array(partners, dtype=dtype))


def _lags_mm(shape, voxel_mm) -> np.ndarray:
    """Length of each lag of a circular grid, mm."""
    steps = [np.minimum(np.arange(n), n - np.arange(n)) * size for n, size in zip(shape, voxel_mm, strict=True)]
    return np.round(np.sqrt(sum(step**2 for step in np.ix_(*steps))), 9)


def _default_edges(mask, voxel_mm) -> np.ndarray:
    """Equal steps up to the lower quarter of the distances between voxels."""
    shape = tuple(2 * n for n in mask.shape)
    counts = np.rint(fft.irfftn(np.abs(fft.rfftn(mask.astype(float), shape)) ** 2, shape)).ravel()
    counts[0] = 0
    farthest = np.quantile(_lags_mm(shape, voxel_mm).ravel(), FARTHEST, weights=counts, method="inverted_cdf")
    return np.linspace(0, max(farthest, 2 * max(voxel_mm)), N_BINS + 1)


def _matched(known, m, rng, pairs, smoothers) -> np.ndarray:
    """Surrogates (n_voxels, m) of a map of unit variance, each of the width whose variogram fits best."""
    target = pairs.gamma(known[:, None])[:, 0]
    filled = np.isfinite(target)
    if filled.sum() < 3:
        raise InputError("fewer than three bins of edges_mm hold pairs of voxels; give wider bins, or more of them")
    volumes = _in_volume(rng.permuted(np.broadcast_to(known, (m, known.size)), axis=1).T, pairs.mask)
    kept = np.zeros((known.size, m), dtype=known.dtype)
    best = np.full((3, m), np.inf)
    for smooth in smoothers:
        maps = smooth(volumes)
        maps -= maps.mean(axis=0)
        fitted = _fit(target[filled], pairs.gamma(maps)[filled])
        better = fitted[0] < best[0]
        best[:, better], kept[:, better] = fitted[:, better], maps[:, better]
    _, alpha, beta = best
    return np.sqrt(beta) * kept + np.sqrt(alpha) * rng.standard_normal(kept.shape)


def _smoother(mask, voxel_mm, width_mm):
    """Gaussian filter within a mask, volumes (x, y, z, m) to maps (n_voxels, m); keeps the variance of white noise."""
    places = [np.arange(n) * size / width_mm for n, size in zip(mask.shape, voxel_mm, strict=True)]
    kernels = [np.exp(-0.5 * np.subtract.outer(x, x) ** 2).astype(np.float32) for x in places]

    def filtered(volumes, kernels):
        x, y, z, m = volumes.shape
        volumes = (kernels[0] @ volumes.reshape(x, -1)).reshape(x, y, -1)
        volumes = (kernels[1] @ volumes).reshape(x * y, z, m)
        return (kernels[2] @ volumes).reshape(x, y, z, m)[mask]

    spread = np.sqrt(filtered(mask[..., None].astype(np.float32), [kernel**2 for kernel in kernels]))
    return lambda volumes: filtered(volumes, kernels) / spread


def _fit(target, gamma) -> np.ndarray:
    """Least squares of target (n_bins,) ≈ α + β gamma (n_bins, m), neither below zero: misfit, α and β, (3, m)."""
    rest = gamma - gamma.mean(axis=0)
    beta = np.maximum((target - target.mean()) @ rest, 0) / np.maximum((rest**2).sum(axis=0), 1e-30)
    alpha = np.maximum(target.mean() - beta * gamma.mean(axis=0), 0)
    beta = np.where(alpha > 0, beta, (target @ gamma) / np.maximum((gamma**2).sum(axis=0), 1e-30))
    return np.array([((target[:, None] - alpha - beta * gamma) ** 2).sum(axis=0), alpha, beta])


def _checked(values, brain, voxel_mm):
    """Values as floats, the mask of those that are finite cut to its bounding box, and the voxel size."""
    values, size = np.asarray(values, dtype=float), np.asarray(voxel_mm, dtype=float)
    brain = np.asarray(brain, dtype=bool)
    if brain.ndim != 3 or values.shape != (brain.sum(),):
        voxels = f"{brain.sum()} voxels on a grid of shape {brain.shape}"
        raise InputError(f"the map has shape {values.shape} and the brain {voxels}; give a value a voxel of a 3-D mask")
    if size.shape != (3,) or not (np.isfinite(size).all() and (size > 0).all()):
        raise InputError(f"voxel_mm is {np.ravel(size).tolist()}; give three sizes above zero, in mm")
    if not np.isfinite(values).any():
        raise InputError("the map has no finite value; give a map with values in the brain")
    mask = np.zeros(brain.shape, dtype=bool)
    mask[brain] = np.isfinite(values)
    box = tuple(slice(where.min(), where.max() + 1) for where in np.nonzero(mask))
    return values, mask[box], tuple(size.tolist())


def _rising(edges_mm) -> np.ndarray:
    edges = np.asarray(edges_mm, dtype=float)
    if (
        edges.ndim != 1
        or edges.size < 2
        or not (np.isfinite(edges).all() and edges[0] >= 0 and (np.diff(edges) > 0).all())
    ):
        raise InputError("edges_mm must be two or more rising distances in mm, from zero or above")
    return edges
