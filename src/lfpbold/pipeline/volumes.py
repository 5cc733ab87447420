"""Volumes of a run that are no data: what is said of them, and when a run cannot be used for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..bold import volumes as science
from ..errors import InputError
from ..recordings import Bold

MOST_VALUES = 60_000_000  # that are looked at before a run; of a larger series its start, middle and end
PART = 40  # volumes of each of these


def usable_volumes(volumes, bold: Bold, row: dict, limit: float, numbers=None) -> tuple[np.ndarray, list[str], dict]:
    """Volumes that are data, what is to be said of the others, and these by kind.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
    bold : Bold
    row : dict
        Row of the sheet.
    limit : float
        Share of volumes that may be no data, `motion.max_unusable_fraction`.
    numbers : array of int, optional
        Of the volumes in the series, where they are some of them.

    Returns
    -------
    usable : ndarray of bool, shape (n_volumes,)
    notes : list of str
    faults : dict of str to array of bool
        From `find_faults`.

    Raises
    ------
    InputError
        When more than `limit` of the volumes are no data.
    """
    faults = science.find_faults(volumes, row["input"]["bold_stage"], bold.tr_s, bold.slice_axis)
    n, first, notes = bold.n_volumes, bold.dummy_volumes, []
    in_file = first + (np.arange(n) if numbers is None else np.asarray(numbers))
    no_data = {kind: which for kind, which in faults.items() if kind != "not_steady"}
    lost = np.any([np.zeros(len(volumes), dtype=bool), *no_data.values()], axis=0)
    early = faults.get("not_steady", np.zeros(len(volumes), dtype=bool))
    where = f"{row['where']}: {Path(row['bold']).name}"
    if lost.any():
        what = "; ".join(science.described(no_data, bold.tr_s, in_file, n))
        share = (
            f"{where}: {lost.sum()} of {n} volumes ({100 * lost.sum() / n:.3g} %) are no data ({what}; 0 is the first)"
        )
        if lost.sum() > limit * n * (1 + 1e-9):
            raise InputError(
                f"{share}, and motion.max_unusable_fraction is {100 * limit:g} %; repair or exclude this run"
            )
        notes.append(f"{share}; they are censored")
    if early.any():
        notes.append(
            f"{where}: the first {early.sum()} volumes come before the steady state ({_excess(volumes, early)}); they"
            f" are censored; set dummy_volumes to {first + early.sum()} to discard them"
        )
    if (usable := ~lost & ~early).sum() < 2:
        raise InputError(f"{where}: fewer than two of its {n} volumes are data; repair or exclude this run")
    return usable, notes, faults


def _excess(volumes, early) -> str:
    """By how much volumes at the start stand out."""
    later = np.mean(volumes[~early][:100], dtype=float)
    if abs(later) < 1e-6 * np.abs(volumes[0]).max():
        return "larger than all others"
    excess = [100 * (np.mean(volume, dtype=float) / later - 1) for volume in volumes[early][:6]]
    return "brightness " + ", ".join(f"{e:+.2g}" for e in excess) + " %"


def look_at_volumes(bold: Bold, row: dict, settings: dict) -> list[str]:
    """Before a run: notes on volumes that are no data.

    Parameters
    ----------
    bold : Bold
    row : dict
    settings : dict
        `motion` section.

    Raises
    ------
    InputError
        As in `usable_volumes`, and for a series that never changes.
    """
    n = bold.n_volumes
    if n * int(np.prod(bold.shape)) <= MOST_VALUES or n <= 3 * PART:
        starts = [(0, n)]
    else:
        middle = (n - PART) // 2
        starts = [(0, PART), (middle, middle + PART), (n - PART, n)]
    volumes = np.concatenate([bold.read(*part) for part in starts])
    numbers = np.concatenate([np.arange(*part) for part in starts])
    if not np.isfinite(volumes).all():
        return []  # told of already
    if (volumes == volumes[0]).all():
        raise InputError(f"{row['where']}: all volumes are the same; give the 4-D time series")
    return usable_volumes(volumes, bold, row, settings["motion"]["max_unusable_fraction"], numbers)[1]
