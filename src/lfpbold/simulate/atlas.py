"""The brain of the simulation: a synthetic rat-like one, or a laboratory's atlas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy import ndimage

from .latent import nearest_correlation

# name: (lateral, front, up) in mm from the centre of the brain, network
_REGIONS = {
    "ACC": (0.9, 4.0, 2.3, "default"), "PL": (0.9, 7.2, 0.8, "default"), "RSP": (0.9, -4.0, 3.4, "default"),
    "PTL": (3.4, -2.6, 3.6, "default"), "ORB": (2.4, 7.6, -0.6, "default"), "M1": (3.2, 4.6, 2.6, "motor"),
    "M2": (2.2, 6.2, 2.2, "motor"), "S1": (5.0, 1.0, 2.4, "motor"), "S2": (6.4, 0.0, 0.2, "motor"),
    "CPu": (3.2, 2.4, 0.0, "motor"), "V1": (3.4, -6.2, 2.8, "sensory"), "AUD": (6.0, -4.2, 1.0, "sensory"),
    "SC": (1.4, -6.6, 1.0, "sensory"), "INS": (5.6, 3.6, -0.8, "salience"),
    "GU": (4.8, 5.6, 0.4, "salience"), "ACB": (1.6, 4.2, -2.0, "salience"),
    "OB": (1.3, 9.2, -0.6, "olfactory"), "PIR": (5.0, 1.8, -3.0, "olfactory"),
    "ENT": (5.2, -6.0, -1.6, "limbic"), "AMY": (4.4, -1.6, -3.2, "limbic"),
    "HIPd": (2.6, -3.4, 1.7, "limbic"), "HIPv": (4.4, -4.6, -0.6, "limbic"),
    "TH": (1.7, -2.0, -0.4, "midline"), "HYP": (1.0, -1.4, -3.4, "midline"),
    "SEP": (0.8, 1.6, -0.4, "midline"), "MRN": (1.6, -6.2, -1.6, "brainstem"),
    "PRN": (1.2, -8.4, -2.2, "brainstem"),
}  # fmt: skip

# correlation between networks; the motor and default networks oppose each other after global signal
# regression
_NETWORKS = {"default": 0, "motor": 1, "sensory": 2, "salience": 3, "olfactory": 4, "limbic": 5, "midline": 6,
             "brainstem": 7}  # fmt: skip
_BETWEEN = {("default", "motor"): -0.25, ("motor", "limbic"): -0.35, ("default", "salience"): 0.10,
            ("motor", "salience"): 0.35, ("motor", "sensory"): 0.25, ("default", "limbic"): 0.30,
            ("motor", "brainstem"): -0.30, ("motor", "olfactory"): -0.15, ("olfactory", "limbic"): 0.30,
            ("default", "olfactory"): -0.10, ("midline", "brainstem"): 0.35, ("midline", "limbic"): 0.20,
            ("motor", "midline"): -0.20, ("default", "sensory"): -0.10}  # fmt: skip


@dataclass(frozen=True)
class Atlas:
    """A brain on a voxel grid.

    Attributes
    ----------
    labels : ndarray of int, shape (nx, ny, nz)
        Region of each voxel; above zero on the side of larger x, below zero on the other.
    brain, white_matter, ventricles : ndarray of bool, shape (nx, ny, nz)
        Masks; the last two are None where a laboratory's atlas has none.
    anatomy : ndarray of float32, shape (nx, ny, nz)
        Image of T2*-weighted contrast; grey matter near 1000.
    affine : ndarray, shape (4, 4)
        Voxel indices to mm.
    index : ndarray of int, shape (n_regions,)
        Labels in the order of the covariance.
    names : list of str
        Region names, same order.
    covariance : ndarray, shape (n_regions, n_regions)
        Correlation of the regions' activities.
    """

    labels: np.ndarray
    brain: np.ndarray
    white_matter: np.ndarray | None
    ventricles: np.ndarray | None
    anatomy: np.ndarray
    affine: np.ndarray
    index: np.ndarray
    names: list
    covariance: np.ndarray

    @property
    def voxel_mm(self) -> np.ndarray:
        """Voxel size in mm, shape (3,)."""
        return np.linalg.norm(self.affine[:3, :3], axis=0)


VARIANCE = MappingProxyType({"whole": 0.06, "network": 0.52, "homologue": 0.22})
"""Shares of a region's variance: common to the brain, to its network, to both sides; the rest is its own."""


def synthetic(
    matrix: tuple, n_slices: int, voxel_mm: tuple, rng: np.random.Generator, variance: Mapping = VARIANCE
) -> Atlas:
    """A symmetrical rat-like brain: 15 x 21 x 10 mm ellipsoid, 27 regions a side, white matter, ventricles.

    Parameters
    ----------
    matrix : tuple of 2 ints
        Voxels left to right and back to front.
    n_slices : int
        Voxels bottom to top (slices are stacked along the third axis).
    voxel_mm : tuple of 3 floats
    rng : numpy Generator
        Draws the fine texture of the anatomy.
    variance : mapping
        Shares as in `VARIANCE`.

    Returns
    -------
    Atlas
        Its axes run right, front and up (RAS); 0 mm is the centre of the brain.
    """
    shape = (*matrix, n_slices)
    affine = np.diag([*voxel_mm, 1.0]).astype(float)
    affine[:3, 3] = -np.asarray(voxel_mm) * (np.asarray(shape) - 1) / 2
    x, y, z = (voxel_mm[a] * (np.arange(shape[a]) - (shape[a] - 1) / 2) for a in range(3))
    x, y, z = np.meshgrid(x, y, z, indexing="ij")
    # fills at most 86 % of the field of view, so that a coarse grid still has air around the brain
    half = np.minimum([7.5, 10.5, 5.0], 0.43 * np.asarray(voxel_mm) * shape)
    u, v, w = (axis * full / h for axis, full, h in zip((x, y, z), (7.5, 10.5, 5.0), half, strict=True))
    radius = np.sqrt((u / 7.5) ** 2 + (v / 10.5) ** 2 + (w / 5.0) ** 2)
    brain = radius <= 1
    lateral = np.abs(u)
    # a sheet of white matter under the cortex and two curved ventricles beside the midline
    white = brain & (np.abs(radius - 0.70) < 0.05) & (w > 0.6) & (np.abs(v) < 6.5) & (lateral > 1.2)
    ventricles = brain & (((lateral - 1.8 - 0.12 * np.abs(v)) / 0.9) ** 2 + ((w - 0.9) / 0.9) ** 2 < 1)
    ventricles &= (np.abs(v - 0.5) < 4.0) & ~white
    distance = np.stack([(lateral - c[0]) ** 2 + (v - c[1]) ** 2 + (w - c[2]) ** 2 for c in _REGIONS.values()])
    labels = (np.argmin(distance, axis=0) + 1) * np.where(u >= 0, 1, -1)
    labels = np.where(brain & ~white & ~ventricles, labels, 0).astype(np.int16)
    names = list(_REGIONS)
    n = len(names)
    return Atlas(
        labels, brain, white, ventricles, contrast(brain, white, ventricles, voxel_mm, rng), affine,
        np.concatenate([np.arange(1, n + 1), -np.arange(1, n + 1)]), names * 2, _network_covariance(variance),
    )  # fmt: skip


def _network_covariance(variance: Mapping) -> np.ndarray:
    """Correlation of the regions from the shares of variance that they have in common."""
    network = np.eye(len(_NETWORKS))
    for (a, b), r in _BETWEEN.items():
        network[_NETWORKS[a], _NETWORKS[b]] = network[_NETWORKS[b], _NETWORKS[a]] = r
    member = [_NETWORKS[c[3]] for c in _REGIONS.values()] * 2
    homologue = np.tile(np.eye(len(_REGIONS)), (2, 2))
    total = variance["network"] * network[np.ix_(member, member)] + variance["homologue"] * homologue
    return nearest_correlation(total + variance["whole"])  # sets the diagonal to 1


def contrast(brain, white, ventricles, voxel_mm, rng) -> np.ndarray:
    """T2*-weighted-like image: grey matter 1000, white matter darker, ventricles brighter, a dim head.

    Masks have shape (nx, ny, nz); `voxel_mm` has 3 entries. Returns float32 of the same shape.
    """
    tissue = np.where(brain, 1000.0, 0.0)
    if white is not None:
        tissue[white & brain] = 820.0
    if ventricles is not None:
        tissue[ventricles & brain] = 1300.0
    outside = ndimage.distance_transform_edt(~brain, sampling=voxel_mm)
    tissue = np.where((outside > 0) & (outside < 2.0), 220.0, tissue)
    # texture of about 1 mm, as cell layers and vessels give it, so that registration has something to hold
    texture = ndimage.gaussian_filter(rng.standard_normal(brain.shape), 0.5 / np.asarray(voxel_mm))
    texture /= texture.std()
    image = tissue * (1 + 0.05 * texture)
    # an EPI voxel mixes its neighbours
    return np.maximum(ndimage.gaussian_filter(image, 0.25 / np.asarray(voxel_mm)), 0).astype(np.float32)


def spatial_maps(atlas: Atlas, fwhm_mm: float) -> np.ndarray:
    """W: how strongly each region's activity reaches each brain voxel.

    White matter and ventricles have no signal of their own, so that their regression takes away physiology
    and not the activity of the grey matter beside them (apart from what smoothing carries over).

    Parameters
    ----------
    atlas : Atlas
    fwhm_mm : float
        Blur of the region indicators.

    Returns
    -------
    ndarray of float32, shape (n_brain_voxels, n_regions)
        Rows are brain voxels in C order.
    """
    sigma = fwhm_mm / 2.3548 / atlas.voxel_mm
    columns = [
        ndimage.gaussian_filter((atlas.labels == label).astype(np.float32), sigma, mode="constant")[atlas.brain]
        for label in atlas.index
    ]
    maps = np.stack(columns, axis=1)
    for mask in (atlas.white_matter, atlas.ventricles):
        if mask is not None:
            maps[mask[atlas.brain]] = 0
    return maps


def region_of(atlas: Atlas, site: str, site_labels: dict) -> int:
    """Position (in `atlas.index`) of the region in which the electrode of a site stands.

    `site_labels` (site -> label) decides; without it left M1 and right ACC are found by their names.

    Raises
    ------
    ValueError
        If the site has no region, or the region has no voxel within the brain.
    """
    usual = {"M1": ({"m1", "mop"}, -1), "ACC": ({"acc", "aca"}, 1)}
    if site in site_labels:
        hit = np.flatnonzero(atlas.index == int(site_labels[site]))
    else:
        wanted, side = usual.get(site, ({site.lower()}, 1))
        hit = [i for i, name in enumerate(atlas.names) if name.lower() in wanted and atlas.index[i] * side > 0]
    if len(hit) == 0:
        raise ValueError(f"the atlas has no region for site {site}; give its label with site_labels.{site}=LABEL")
    if not (atlas.brain & (atlas.labels == atlas.index[hit[0]])).any():
        raise ValueError(f"label {atlas.index[hit[0]]} of site {site} has no voxel within the brain mask")
    return int(hit[0])
