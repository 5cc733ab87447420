"""Slice times of a sidecar, held against the image's slices, the TR, and what a scanner can do."""

from __future__ import annotations

import numpy as np

from ..errors import InputError

TOGETHER_S = 0.0015  # by which the times of slices taken at once may be rounded apart
FASTEST_S = 0.005  # one slice after the other: excitation and read-out of an EPI slice take longer
AXES = ("i, the first", "j, the second", "k, the third")


def slice_times(times, shape, axis: int, tr_s: float, acquisition, where: str) -> np.ndarray:
    """Onset of each slice within its volume, s.

    Parameters
    ----------
    times : object
        `SliceTiming` of the sidecar.
    shape : tuple of int
        Of the image.
    axis : int
        Along which slices were taken.
    tr_s : float
        Repetition time, s.
    acquisition : object
        `MRAcquisitionType` of the sidecar: `2D`, `3D`, or None.
    where : str
        Start of messages.

    Returns
    -------
    times : ndarray, shape (n_slices,) or (1,)
        One time alone is a volume that is excited as a whole.

    Raises
    ------
    InputError
        When their number is not that of the slices, or no scanner takes slices at these times.
    """
    try:
        times = np.asarray(times, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{where}: SliceTiming in the JSON sidecar is not a list of numbers; correct it") from None
    if times.ndim != 1 or times.size == 0 or not np.isfinite(times).all():
        raise InputError(f"{where}: SliceTiming in the JSON sidecar is not a list of numbers; correct it")
    if times.size not in (1, shape[axis]):
        hint = ""
        if times.size in shape[:3]:
            other = "ijk"[tuple(shape[:3]).index(times.size)]
            hint = f" (or set SliceEncodingDirection there to {other}, if slices lie along that axis)"
        raise InputError(
            f"{where}: SliceTiming has {times.size} entries, and the image {shape[axis]} slices along {AXES[axis]}"
            f" axis; correct the JSON sidecar{hint}"
        )
    if times.min() < 0 or times.max() >= tr_s:
        raise InputError(
            f"{where}: SliceTiming must lie in 0…TR ({tr_s:g} s), and reaches from {times.min():g} to {times.max():g}"
            f"{_too_large(times, tr_s)}; correct the JSON sidecar, in seconds"
        )
    together = _rounded_together(times)
    _require_possible(together, shape, axis, tr_s, acquisition, where)
    return together


def _rounded_together(times) -> np.ndarray:
    """Times of slices that were taken at once, as one time; all of them together would be no rounding."""
    moments = np.unique(times)
    groups = np.split(moments, np.flatnonzero(np.diff(moments) > TOGETHER_S) + 1)
    if len(groups) < 2:
        return times
    first = {moment: group[0] for group in groups for moment in group}
    return np.array([first[time] for time in times])


def _require_possible(times, shape, axis: int, tr_s: float, acquisition, where: str) -> None:
    """Refuse slices that follow each other faster than a scanner can, and 2-D slices that are all taken at once."""
    moments = np.unique(np.round(times, 7))
    if moments.size == 1:
        if shape[axis] > 1 and str(acquisition).upper() == "2D":
            raise InputError(
                f"{where}: SliceTiming is {times[0]:g} s for all {shape[axis]} slices of a 2D acquisition, which are"
                " not taken at once; correct the JSON sidecar, or remove SliceTiming from it"
            )
        return
    step = float(np.median(np.diff(moments)))
    too_small_by = tr_s / moments.size / step
    n_volumes = shape[3] if len(shape) > 3 else 0
    of_volumes = n_volumes >= 30 and abs(too_small_by / n_volumes - 1) < 0.05
    of_slices = times.size > 2 and step < 4 * FASTEST_S and abs(too_small_by / times.size - 1) < 0.02
    if step >= FASTEST_S and not of_volumes and not of_slices:
        return
    causes = (
        ("the number of volumes", n_volumes),
        ("a thousand (milliseconds taken for microseconds)", 1000),
        ("the number of slices", times.size),
    )
    near = [(abs(too_small_by / by - 1), text) for text, by in causes if by > 1]
    off, cause = min(near)
    cause = cause if off < 0.2 else ""
    likely = f"; they are likely too small by {cause}" if cause else ""
    raise InputError(
        f"{where}: SliceTiming puts {moments.size} slices {1000 * step:.3g} ms apart, all within"
        f" {1000 * np.ptp(times):.3g} ms of a TR of {tr_s:g} s, which no scanner does{likely}; correct the JSON sidecar"
    )


def _too_large(times, tr_s: float) -> str:
    """A likely reason why times lie beyond the TR."""
    if times.min() < 0:
        return " (a time before the volume's start)"
    scale = {1e3: "milliseconds", 1e6: "microseconds"}
    name = next((name for by, name in scale.items() if tr_s / 5 < times.max() / by < tr_s), "")
    return f" (these are likely {name})" if name else ""
