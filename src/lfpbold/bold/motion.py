"""Head motion and atlas space: rigid realignment, registration, framewise displacement, scrubbing. By ANTs."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy

from ..errors import InputError
from ._workers import each_by_workers

# Least squares between volumes of one series, on a fifth of the voxels, coarse to fine. Measured on simulated
# recordings: largest error .01 mm for motion of tenths of a millimetre; more iterations gain nothing. Mutual
# information with ANTs' own defaults loses its way on thick slices.
REALIGN = {
    "type_of_transform": "Rigid",
    "aff_metric": "meansquares",
    "aff_iterations": (20, 20, 10),
    "aff_shrink_factors": (4, 2, 1),
    "aff_smoothing_sigmas": (2, 1, 0),
}
# Each begins with a rigid stage: ANTs' plain "Affine" starts from centres of mass and can turn a head round.
REGISTER = {"rigid": "Rigid", "affine": "antsRegistrationSyN[a]", "syn": "antsRegistrationSyN[s]"}


@cache
def _ants():
    # One thread per job, and a fixed seed: the same bytes whatever the number of cores. ANTs takes the seed from here
    # alone; `ants.registration` accepts a random_seed and ignores it.
    os.environ["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "1"
    import ants

    ants.config.set_ants_deterministic(True, seed_value=1)
    return ants


def _image(volume, affine):
    """An ANTs image of one volume. ANTs works in LPS millimetres, NIfTI affines are RAS."""
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ np.asarray(affine, dtype=float)
    spacing = np.sqrt((affine[:3, :3] ** 2).sum(axis=0))
    direction = affine[:3, :3] / spacing
    return _ants().from_numpy(
        np.asarray(volume, dtype=np.float32),
        origin=affine[:3, 3].tolist(),
        spacing=spacing.tolist(),
        direction=direction,
    )


@dataclass(frozen=True)
class Realignment:
    """Rigid motion of every volume of a run.

    Attributes
    ----------
    parameters : ndarray, shape (n_volumes, 6)
        Translations along x, y, z (RAS, mm; of the image's centre) and rotations about x, y, z (radians) that carry a
        point of the reference to where it is found in the volume, zero for the reference itself.
    matrices : ndarray, shape (n_volumes, 4, 4)
        The same as matrices in RAS millimetres.
    """

    parameters: np.ndarray
    matrices: np.ndarray

    def framewise_displacement(self, radius_mm: float = 5.0) -> np.ndarray:
        """Framewise displacement, mm, shape (n_volumes,); see `framewise_displacement`."""
        return framewise_displacement(self.parameters, radius_mm=radius_mm)


def realign(
    bold, affine, *, mask=None, reference="first", sampling=0.2, progress=None, workers: int = 1
) -> Realignment:
    """Estimate the rigid motion of every volume, by least squares between volumes (ANTs).

    Parameters
    ----------
    bold : array, shape (n_volumes, x, y, z)
    affine : array of float, shape (4, 4)
        Voxel to RAS millimetres.
    mask : array of bool, shape (x, y, z), optional
        Voxels of the reference that are compared, such as the brain; all by default. `sampling` is then a share of
        these.
    reference : {"first", "middle", "mean"}
        The volume that all are aligned to.
    sampling : float
        Share of the voxels on which volumes are compared; time grows with it.
    progress : callable, optional
        Called with the number of volumes done.
    workers : int
        Processes, of one thread each; every volume is registered by itself, so that the bytes do not depend on it.

    Returns
    -------
    realignment : Realignment
        `parameters`, `matrices` and `framewise_displacement(radius_mm)`.

    Raises
    ------
    InputError
        When the mask has another shape than a volume, or marks nothing; when there is no volume or no such reference.
    TypeError
        When `bold` is not four-dimensional.

    Examples
    --------
    A ball that moves by a voxel of half a millimetre along x:

    >>> x, y, z = np.indices((20, 20, 12))
    >>> ball = lambda at: np.exp(-((x - at) ** 2 / 30 + (y - 9) ** 2 / 18 + (z - 5) ** 2 / 8))
    >>> motion = realign(np.stack([ball(9), ball(10)]), np.diag([0.5, 0.5, 0.5, 1.0]), sampling=1.0)
    >>> bool(np.abs(motion.parameters - [[0] * 6, [0.5, 0, 0, 0, 0, 0]]).max() < 0.02)
    True
    """
    if np.ndim(bold) != 4:
        raise TypeError(f"bold must have the shape (n_volumes, x, y, z), not {np.shape(bold)}")
    if reference not in ("first", "middle", "mean"):
        raise InputError(f"reference is {reference!r}; choose one of first, middle, mean")
    if not len(bold):
        raise InputError("there is no volume to realign")
    if mask is not None:
        mask = np.asarray(mask, dtype=bool)
        if mask.shape != np.shape(bold)[1:] or not mask.any():
            raise InputError(
                f"the mask of shape {mask.shape} marks {mask.sum()} voxels and a volume has the shape"
                f" {np.shape(bold)[1:]}; give one value per voxel, True in the brain"
            )
    centre = np.asarray(affine) @ np.append((np.array(np.shape(bold)[1:]) - 1) / 2, 1)
    matrices = np.tile(np.eye(4), (len(bold), 1, 1))
    moved = [v for v in range(len(bold)) if reference != "first" or not np.array_equal(bold[v], bold[0])]
    registered = each_by_workers(
        Registration,
        (_reference(bold, reference), affine, sampling, mask),
        (bold[v] for v in moved),
        min(workers, len(moved)),
    )
    for number, matrix in zip(moved, registered, strict=True):
        matrices[number] = matrix
        if progress:
            progress(number + 1)
    return Realignment(_parameters(matrices, centre[:3]), matrices)


class Registration:
    """Rigid registration of volumes, one after the other, to a reference; see `realign`."""

    def __init__(self, reference, affine, sampling: float, mask=None):
        self._fixed, self._affine = _image(reference, affine), affine
        self._options = REALIGN | {"aff_random_sampling_rate": sampling}
        if mask is not None:
            self._options |= {"mask": _image(mask, affine), "mask_all_stages": True}

    def __call__(self, volume) -> np.ndarray:
        """Matrix, (4, 4), in RAS millimetres."""
        ants = _ants()
        with tempfile.TemporaryDirectory() as folder:
            registration = ants.registration(
                self._fixed,
                _image(volume, self._affine),
                outprefix=str(Path(folder) / "motion_"),
                **self._options,
            )
            return _ras_matrix(ants.read_transform(registration["fwdtransforms"][0]))


def _reference(bold, which):
    if which == "mean":
        return np.mean(bold, axis=0, dtype=float)
    return bold[0 if which == "first" else len(bold) // 2]


def _ras_matrix(transform) -> np.ndarray:
    """4 × 4 matrix, in RAS millimetres, of an ANTs affine transform (matrix about a centre, in LPS)."""
    numbers = np.array(transform.parameters)
    centre = np.array(transform.fixed_parameters)
    matrix = np.eye(4)
    matrix[:3, :3] = numbers[:9].reshape(3, 3)
    matrix[:3, 3] = numbers[9:] + centre - matrix[:3, :3] @ centre
    flip = np.diag([-1.0, -1.0, 1.0, 1.0])
    return flip @ matrix @ flip


def _parameters(matrices, centre) -> np.ndarray:
    """Three translations of `centre` (mm) and three rotations (radians; R = Rz Ry Rx) of each matrix."""
    rotation = matrices[:, :3, :3]
    translation = matrices[:, :3, 3] + rotation @ centre - centre
    about_x = np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    about_y = -np.arcsin(np.clip(rotation[:, 2, 0], -1, 1))
    about_z = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    return np.column_stack([translation, about_x, about_y, about_z])


def scale_to(shape, affine, target) -> float | None:
    """Power of ten by which an image's lengths are to be multiplied to be of the target's size; None where they are.

    Fields of view differ by a factor of two or three at most; headers of rodents, made ten times as large for software
    of human imaging, are still within what a human head could have.

    Parameters
    ----------
    shape : tuple of int
        (x, y, z).
    affine : array of float, shape (4, 4)
    target : (shape, affine)
        Of an image whose size is right, such as the atlas.
    """
    image, wanted = (
        (np.sqrt((np.asarray(to_mm)[:3, :3] ** 2).sum(axis=0)) * size).max()
        for size, to_mm in ((shape, affine), target)
    )
    decades = round(np.log10(wanted / image))
    return 10.0**decades if not 1 / 5 < image / wanted < 5 and decades else None


def same_grid(shape, affine, other) -> bool:
    """Whether an image (array, affine) has this shape and, to a hundredth of a millimetre, this affine."""
    data, its_affine = other
    return tuple(shape) == data.shape[:3] and np.allclose(affine, its_affine, atol=1e-2)


def register(mean_volume, affine, target, target_affine, kind: str, folder) -> list[str]:
    """Register a mean volume to the atlas's anatomy.

    Parameters
    ----------
    kind : {"rigid", "affine", "syn"}
    folder : path
        Where ANTs writes the transforms.

    Returns
    -------
    transforms : list of str
        Files that ANTs wrote, in ANTs' order, for `resample`.
    """
    ants = _ants()
    moving, fixed = _image(mean_volume, affine), _image(target, target_affine)
    prefix = str(Path(folder) / "to_atlas_")
    return ants.registration(fixed, moving, type_of_transform=REGISTER[kind], outprefix=prefix)["fwdtransforms"]


def resample(bold, affine, matrices, grid_shape, grid_affine, *, transforms=(), interpolation="linear") -> np.ndarray:
    """Bring every volume to the reference, and with `transforms` on to the atlas, in one interpolation.

    Parameters
    ----------
    bold : array, shape (n_volumes, x, y, z)
    affine : array of float, shape (4, 4)
        Voxel to RAS millimetres.
    matrices : array of float, shape (n_volumes, 4, 4)
        From `realign`: a point of the reference to where it is found in the volume, RAS millimetres.
    grid_shape : tuple of int
        (x, y, z) of the result.
    grid_affine : array of float, shape (4, 4)
        Of the result's grid.
    transforms : list of str
        From `register`.
    interpolation : str
        As ANTs names them: `linear`, `nearestNeighbor`, `bSpline`, …

    Returns
    -------
    resampled : ndarray of float32, shape (n_volumes, *grid_shape)
        Zero outside the volume.

    Raises
    ------
    InputError
        When there is not one matrix for each volume.

    Examples
    --------
    A point that moved by two voxels of half a millimetre comes back:

    >>> bold, affine, matrix = np.zeros((1, 6, 6, 6)), np.diag([0.5, 0.5, 0.5, 1.0]), np.eye(4)
    >>> bold[0, 4, 3, 3], matrix[0, 3] = 100.0, 1.0
    >>> resampled = resample(bold, affine, [matrix], (6, 6, 6), affine)
    >>> round(float(resampled[0, 2, 3, 3]), 3), round(float(resampled.sum()), 3)
    (100.0, 100.0)
    """
    if len(matrices) != len(bold):
        raise InputError(f"there are {len(matrices)} matrices for {len(bold)} volumes; give one for each")
    ants = _ants()
    grid = _image(np.zeros(grid_shape), grid_affine)
    flip = np.diag([-1.0, -1.0, 1.0, 1.0])
    resampled = np.empty((len(bold), *grid_shape), dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "motion.mat")
        for number, volume in enumerate(bold):
            matrix = flip @ np.asarray(matrices[number]) @ flip
            rigid = ants.create_ants_transform(
                "AffineTransform", dimension=3, matrix=matrix[:3, :3], translation=matrix[:3, 3]
            )
            ants.write_transform(rigid, file)
            moved = ants.apply_transforms(
                grid, _image(volume, affine), transformlist=[*transforms, file], interpolator=interpolation
            )
            resampled[number] = moved.numpy()
    return resampled


def framewise_displacement(parameters, *, radius_mm: float = 5.0) -> np.ndarray:
    """Framewise displacement of Power et al. 2012 (NeuroImage 59:2142).

    FDᵥ = Σ|Δtranslation| + radius Σ|Δrotation|, zero for the first volume.

    Parameters
    ----------
    parameters : array of float, shape (n_volumes, 6)
        Three translations (mm) and three rotations (radians).
    radius_mm : float
        5 mm for a rat's head; Power's 50 mm are a human's.

    Returns
    -------
    displacement : ndarray, shape (n_volumes,)
        mm.

    Raises
    ------
    TypeError
        When there are not six parameters for each volume.

    Examples
    --------
    >>> framewise_displacement([[0, 0, 0, 0, 0, 0], [.1, 0, 0, 0, 0, .01]])
    array([0.  , 0.15])
    """
    parameters = np.asarray(parameters, dtype=float)
    if parameters.ndim != 2 or parameters.shape[1] != 6:
        raise TypeError(f"parameters must have the shape (n_volumes, 6), not {parameters.shape}")
    steps = np.abs(np.diff(parameters, axis=0))
    return np.concatenate([[0.0], steps[:, :3].sum(axis=1) + radius_mm * steps[:, 3:].sum(axis=1)])


def scrub(displacement, *, fd_mm, on_motion, neighbours=0, max_dropped_fraction=1.0):
    """Decide which volumes to keep, and whether the scan stays in the study.

    Parameters
    ----------
    displacement : array of float, shape (n_volumes,)
        Framewise displacement, mm.
    fd_mm : float
        A volume above it has moved.
    on_motion : {"drop_scan", "drop_volumes", "keep"}
    neighbours : int
        Volumes on each side of a moved one that are dropped with it.
    max_dropped_fraction : float
        Share above which the scan is dropped.

    Returns
    -------
    keep : ndarray of bool, shape (n_volumes,)
    reason : str
        Why the scan is dropped; empty where it stays.
    """
    moved = np.asarray(displacement) > fd_mm
    if on_motion == "keep" or not moved.any():
        return np.ones(moved.size, dtype=bool), ""
    if on_motion == "drop_scan":
        return (
            ~moved,
            (
                f"{moved.sum()} of {moved.size} volumes moved by more than {fd_mm:g} mm (largest"
                f" {np.max(displacement):.2f} mm)"
            ),
        )
    dropped = scipy.ndimage.binary_dilation(moved, np.ones(2 * neighbours + 1))
    reason = ""
    if dropped.mean() > max_dropped_fraction:
        reason = (
            f"{100 * dropped.mean():.0f} % of the volumes moved or adjoin one that did; at most"
            f" {100 * max_dropped_fraction:g} % are allowed"
        )
    if dropped.all():
        reason = "every volume moved or adjoins one that did"
    return ~dropped, reason


def blocks(dropped) -> list[tuple[int, int]]:
    """First and last index of each run of True in a boolean series."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(dropped, dtype=int), [0]])))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def check_volumes(bold, where: str) -> None:
    """Refuse volumes that hold anything but numbers, or a series that never changes."""
    bad = [v for v, volume in enumerate(bold) if not np.isfinite(volume).all()]
    if bad:
        raise InputError(f"{where}: volume {bad[0]} (of {len(bad)}) holds NaN or infinity; repair or exclude this run")
    if all(np.array_equal(bold[0], volume) for volume in bold[1:]):
        raise InputError(f"{where}: all volumes are the same; give the 4-D time series")
