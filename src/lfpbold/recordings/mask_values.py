"""What the numbers of an image mean: a mask, a probability, labels, or none of these."""

from __future__ import annotations

import numpy as np

from ..errors import InputError

CLOSE = 1e-3  # of the largest value, by which numbers of a mask may be rounded
OVERSHOOT = 0.15  # of the largest value, by which interpolation may go beyond 0 and 1
FULL = {1.0: "probabilities", 100.0: "percentages", 255.0: "levels of 0 to 255"}
MANY = 12  # whole numbers beyond which an image of them is one of levels, not of labels


def as_mask(values, where: str) -> tuple[np.ndarray, str]:
    """The voxels that a mask marks: all that are not 0 where it has one value, those of a half and more of a map.

    Parameters
    ----------
    values : array, shape (x, y, z)
        One value and 0; or probabilities up to 1, percentages, levels up to 255. NaN is outside.
    where : str
        Start of messages.

    Returns
    -------
    mask : ndarray of bool, same shape
    note : str
        What had to be decided; empty for a mask of one value without NaN.

    Raises
    ------
    InputError
        For anything else: labels, an image of intensities, a mask that marks nothing.

    Examples
    --------
    >>> mask, note = as_mask(np.array([[[0.0, 0.02, 0.5, 0.95]]]), "wm.nii.gz")
    >>> mask.tolist(), note
    ([[[False, False, True, True]]], 'wm.nii.gz: holds probabilities; voxels of one half and more are taken (2 of 4)')
    """
    values = np.asarray(values, dtype=float)
    finite = np.isfinite(values)
    values = np.where(finite, values, 0.0)
    notes = [] if finite.all() else [f"{(~finite).sum()} voxels that are NaN or infinite are outside"]
    largest, smallest = values.max(initial=0), values.min(initial=0)
    if largest == smallest == 0:
        raise InputError(f"{where}: marks no voxel; give a mask that is not 0 everywhere")
    marked = np.abs(values) > CLOSE * max(largest, -smallest)
    if np.ptp(values[marked]) <= CLOSE * max(largest, -smallest) and largest > 0:
        mask = marked
    else:
        full = _full_scale(values, marked, where)
        mask = values >= 0.5 * full
        if not mask.any():
            raise InputError(
                f"{where}: holds {FULL[full]} up to {largest:.3g}, none of which reaches one half; give a mask"
            )
        notes.append(f"holds {FULL[full]}; voxels of one half and more are taken ({mask.sum()} of {mask.size})")
    return mask, f"{where}: {'; '.join(notes)}" if notes else ""


def _full_scale(values, marked, where: str) -> float:
    """Value of full certainty of a map of probabilities."""
    largest, smallest = values.max(), values.min()
    distinct = np.unique(values[marked])
    whole = np.abs(distinct - np.round(distinct)).max() < CLOSE
    if whole and (len(distinct) <= MANY or smallest < 0):
        listed = ", ".join(f"{v:g}" for v in distinct[:4])
        raise InputError(
            f"{where}: holds the whole numbers {listed}{' …' if len(distinct) > 4 else ''}, as labels do, and is no"
            " mask; mark the voxels with 1 and all others with 0"
        )
    for full in FULL:
        # Labels from 1 to 90 are no percentages: whole numbers must reach the full value.
        reaches = full == 1 or largest >= (0.99 if whole else 0.8) * full
        if reaches and smallest >= -OVERSHOOT * full and largest <= (1 if whole else 1 + OVERSHOOT) * full:
            return full
    raise InputError(
        f"{where}: holds {smallest:.3g} … {largest:.3g}, which is neither a mask nor a map of probabilities; threshold"
        " it, so that voxels are 1 or 0"
    )


def as_labels(values, where: str) -> np.ndarray:
    """Labels as whole numbers; NaN is background.

    Parameters
    ----------
    values : array, shape (x, y, z)
    where : str
        Start of messages.

    Returns
    -------
    labels : ndarray of int, same shape

    Raises
    ------
    InputError
        When they are fractions, as interpolation makes them, or all 0.

    Examples
    --------
    >>> as_labels(np.array([[[0.0, 7.0, -75.0]]]), "labels.nii.gz").tolist()
    [[[0, 7, -75]]]
    """
    values = np.asarray(values)
    if values.dtype.kind not in "iu":
        values = np.where(np.isfinite(values), values, 0.0)
        fractions = np.abs(values - np.round(values)) > CLOSE
        if fractions.any():
            raise InputError(
                f"{where}: holds fractions such as {values[fractions][0]:.4g} in {fractions.sum()} voxels, and labels"
                " are whole numbers; resample it by the nearest neighbour"
            )
    if not values.any():
        raise InputError(f"{where}: has no region, as it is 0 everywhere; export it again")
    return np.round(values).astype(int)
