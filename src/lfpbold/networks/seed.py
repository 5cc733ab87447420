"""The seed: the voxels around an electrode."""

from __future__ import annotations

import numpy as np

from ..errors import InputError


def seed_voxels(site: dict, brain, *, affine=None, labels=None, mask=None, radius_mm: float = 1.0) -> np.ndarray:
    """Which brain voxels surround the electrode.

    Parameters
    ----------
    site : dict
        One of `seed_label` (list of int), `seed_mm` ([x, y, z]), `seed_mask`, or `seed: all`.
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
        Voxel to millimetres, for `seed_mm`.
    labels : array of int, shape (x, y, z)
        For `seed_label`.
    mask : array of bool, shape (x, y, z)
        For `seed_mask`.
    radius_mm : float
        For `seed_mm`.

    Returns
    -------
    seed : ndarray of bool, shape (n_brain_voxels,)

    Raises
    ------
    InputError
        When no brain voxel belongs to the seed, its sphere holds no voxel's centre, or `site` names none of the four.
    TypeError
        When the image that the site's key needs is not given.

    Examples
    --------
    >>> brain = np.array([False, True, True, True, True]).reshape(5, 1, 1)
    >>> seed_voxels({"seed_mm": [1.0, 0.0, 0.0]}, brain, affine=np.diag([0.5, 0.5, 0.5, 1]), radius_mm=0.6).tolist()
    [True, True, True, False]
    >>> seed_voxels({"seed_label": [7]}, brain, labels=np.array([7, 7, 8, 8, 7]).reshape(5, 1, 1)).tolist()
    [True, False, False, True]
    """
    brain = np.asarray(brain, dtype=bool)
    needed = {"seed_label": labels, "seed_mm": affine, "seed_mask": mask}
    key = next((key for key in needed if key in site), "seed")
    if key == "seed" and site.get("seed") != "all":
        raise InputError(f"the site {site} names no seed; give seed_label, seed_mm, seed_mask or seed: all")
    if key != "seed" and needed[key] is None:
        raise TypeError(f"{key} needs {dict(seed_label='labels', seed_mm='affine', seed_mask='mask')[key]}")
    if "seed_label" in site:
        inside, what = np.isin(labels, site["seed_label"]), f"label {site['seed_label']}"
    elif "seed_mm" in site:
        affine = np.asarray(affine, dtype=float)
        grid = np.stack(list(np.indices(brain.shape)), axis=-1) @ affine[:3, :3].T + affine[:3, 3]
        distance = np.linalg.norm(grid - np.asarray(site["seed_mm"], dtype=float), axis=-1)
        inside, what = distance <= radius_mm, f"{site['seed_mm']} mm (radius {radius_mm:g} mm)"
        if not inside.any():
            raise _between_voxels(distance, affine, site["seed_mm"], radius_mm)
    elif "seed_mask" in site:
        inside, what = np.asarray(mask, dtype=bool), f"mask {site['seed_mask']}"
    else:
        inside, what = np.ones(brain.shape, dtype=bool), "all voxels"
    if not (inside & brain).any():
        raise InputError(f"the seed at {what} lies outside the brain; correct the site's seed or atlas.brain")
    return inside[brain]


def _between_voxels(distance, affine, place, radius_mm: float) -> InputError:
    """Why a sphere holds no voxel: it lies outside the image, or between the centres of voxels that are larger."""
    edges = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    nearest = float(distance.min())
    if nearest > np.linalg.norm(edges) / 2:
        return InputError(
            f"the seed at {place} mm lies outside the image, {nearest:.3g} mm from its nearest voxel; correct the"
            " site's seed (millimetres of the atlas image)"
        )
    size = " × ".join(f"{edge:.3g}" for edge in edges)
    return InputError(
        f"the seed at {place} mm (radius {radius_mm:g} mm) holds the centre of no voxel: voxels are {size} mm, and the"
        f" nearest is {nearest:.3g} mm away; raise coupling.seed_radius_mm to {np.ceil(nearest * 10 + 1e-9) / 10:g} or"
        " more"
    )
