"""Rigid head motion: trajectories, framewise displacement, and moving a volume.

Convention: six parameters a volume, translations in mm and rotations in rad about the right, front and up
axes of world space. A point x of the head at rest (mm, from the centre of the image) is found at ``R x + t``
in the volume, with ``R = Rz Ry Rx``. Zero is the position of the atlas.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

HEADER = ("trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z")

RADIUS_MM = 5.0
"""Distance at which rotations count in the framewise displacement of a rat."""


def framewise_displacement(motion: np.ndarray, radius_mm: float = RADIUS_MM) -> np.ndarray:
    """Framewise displacement (Power): sum of absolute differences, rotations as arcs.

    Parameters
    ----------
    motion : ndarray, shape (n_volumes, 6)
        mm and rad.
    radius_mm : float

    Returns
    -------
    ndarray, shape (n_volumes,)
        mm; 0 for the first volume.
    """
    steps = np.abs(np.diff(motion, axis=0, prepend=motion[:1]))
    return steps[:, :3].sum(axis=1) + radius_mm * steps[:, 3:].sum(axis=1)


def trajectory(
    rng: np.random.Generator, n_volumes: int, step_mm: float, step_rad: float, spike_rate: float = 0.0,
    spike_fd_mm: tuple = (0.18, 0.45), jump_mm: float = 0.0, moved_in: tuple = (), moved_fd_mm: tuple = (0.03, 0.08),
) -> np.ndarray:  # fmt: skip
    """Motion of one run: a slow walk, brief displacements of one volume, and perhaps one lasting jump.

    Parameters
    ----------
    rng : numpy Generator
    n_volumes : int
    step_mm, step_rad : float
        Standard deviation of the walk's steps.
    spike_rate : float
        Brief displacements per volume; each moves two volumes' framewise displacement (there and back).
    spike_fd_mm : tuple of float
        Range of their framewise displacement.
    jump_mm : float
        Size of a lasting jump along the second axis, between 40 and 60 % of the run.
    moved_in : sequence of int
        Volumes during each of which the animal moves once more, and comes back.
    moved_fd_mm : tuple of float
        Range of their framewise displacement.

    Returns
    -------
    ndarray, shape (n_volumes, 6)
        mm and rad; starts at zero.
    """
    steps = np.clip(rng.standard_normal((n_volumes, 6)), -3, 3) * np.repeat([step_mm, step_rad], 3)
    steps[0] = 0
    motion = np.empty_like(steps)
    # a weak spring holds the head in its place, as its holder does
    motion[0] = 0
    for v in range(1, n_volumes):
        motion[v] = 0.995 * motion[v - 1] + steps[v]
    n_spikes = round(spike_rate * n_volumes)
    if n_spikes:
        # at least two volumes apart, so that each is brief
        places = 2 + np.sort(rng.choice((n_volumes - 4) // 3, n_spikes, replace=False)) * 3
        motion[places] += _displacements(rng, n_spikes, spike_fd_mm)
    if jump_mm:
        motion[int(rng.uniform(0.4, 0.6) * n_volumes) :, 1] += jump_mm
    if len(moved_in):
        motion[np.asarray(moved_in, int)] += _displacements(rng, len(moved_in), moved_fd_mm)
    return motion


def _displacements(rng: np.random.Generator, n: int, fd_mm: tuple) -> np.ndarray:
    """Displacements in random directions whose framewise displacement is uniform in a range; (n, 6)."""
    direction = rng.standard_normal((n, 6)) * [1, 1, 1, 0.1, 0.1, 0.1]
    size = np.abs(direction[:, :3]).sum(axis=1) + RADIUS_MM * np.abs(direction[:, 3:]).sum(axis=1)
    return direction * (rng.uniform(*fd_mm, n) / size)[:, None]


def rotation(angles_rad: np.ndarray) -> np.ndarray:
    """R = Rz Ry Rx, shape (3, 3), of three angles in rad."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(angles_rad), np.sin(angles_rad)
    rx = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    ry = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    rz = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return rz @ ry @ rx


def moved(volume: np.ndarray, parameters: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """A volume after rigid motion about its centre, by cubic spline interpolation.

    Parameters
    ----------
    volume : ndarray of float32, shape (nx, ny, nz)
    parameters : ndarray, shape (6,)
        mm and rad, see the module's convention.
    affine : ndarray, shape (4, 4)
        Voxel indices to mm.

    Returns
    -------
    ndarray of float32, shape (nx, ny, nz)
    """
    centre = (np.asarray(volume.shape) - 1) / 2
    axes = affine[:3, :3]
    # the value at voxel i comes from the point of the resting head that motion brings there
    back = np.linalg.inv(axes) @ rotation(parameters[3:]).T
    offset = centre - back @ axes @ centre - back @ parameters[:3]
    return ndimage.affine_transform(volume, back @ axes, offset, order=3, mode="nearest", output=np.float32)


def mostly_moved(fd: np.ndarray, threshold_mm: float) -> bool:
    """Whether moved volumes and both neighbours are more than a quarter of the run."""
    moved = fd > threshold_mm
    wide = moved | np.r_[moved[1:], False] | np.r_[False, moved[:-1]]
    return bool(wide.mean() > 0.25)
