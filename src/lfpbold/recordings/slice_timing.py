"""Slice times of a sidecar, held against the image's slices, the TR, and what a scanner can do."""

from __future__ import annotations

import numpy as np

from ..errors import InputError

TOGETHER_S = 0.0015  # by which the times of slices taken at once may be rounded apart
FASTEST_S = 0.005  # one slice after the other: excitation and read-out of an EPI slice take longer
LONGEST_PAUSE = 0.25  # of the TR, after the last slice, that is nothing to speak of
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


def require_agreement(times, shape, axis: int, sidecar: dict, where: str) -> None:
    """Refuse slice times that the sidecar's other entries, or their own groups, contradict.

    Parameters
    ----------
    times : array of float, shape (n_slices,)
        From `slice_times`.
    shape : tuple of int
        Of the image.
    axis : int
        Along which slices were taken.
    sidecar : dict
    where : str
        Start of messages.

    Raises
    ------
    InputError
        Where as many slices are taken at once as the multiband factor does not say, or groups are of quite unequal
        size, as where entries were filled up with zeros.
    """
    moments, n_together = np.unique(np.round(times, 7), return_counts=True)
    if moments.size == 1:
        return
    if n_together.max() > n_together.min() + 1:
        most = moments[np.argmax(n_together)]
        raise InputError(
            f"{where}: SliceTiming has {n_together.max()} slices at {most:g} s and only {n_together.min()} at another"
            " time, which no multiband sequence does (entries filled up?); correct the JSON sidecar"
        )
    factor = sidecar.get("MultibandAccelerationFactor")
    known = isinstance(factor, int | float) and not isinstance(factor, bool) and factor > 1
    if known and moments.size > np.ceil(shape[axis] / factor):
        raise InputError(
            f"{where}: SliceTiming has {moments.size} different times for {shape[axis]} slices, although"
            f" MultibandAccelerationFactor is {factor:g} ({int(np.ceil(shape[axis] / factor))} times); correct the"
            " JSON sidecar"
        )


def timing_notes(times, shape, axis: int, tr_s: float, sidecar: dict) -> tuple[str, ...]:
    """What is taken from slice times that may be right or not.

    Parameters
    ----------
    times : array of float
        From `slice_times`.
    shape : tuple of int
        Of the image.
    axis : int
        Along which slices were taken.
    tr_s : float
        Repetition time, s.
    sidecar : dict

    Returns
    -------
    notes : tuple of str
    """
    moments, kind = np.unique(np.round(times, 7)), str(sidecar.get("MRAcquisitionType", "")).upper()
    if moments.size == 1:
        whole = shape[axis] == 1 or len(times) == 1 or kind == "3D"
        return () if whole else (
            f"SliceTiming is {moments[0]:g} s for all {shape[axis]} slices: they are taken to be excited together; if"
            " they are not, correct the JSON sidecar",
        )  # fmt: skip
    if kind == "3D":
        return ("MRAcquisitionType is 3D, but SliceTiming gives slices different times; these are used",)
    pause = tr_s - np.ptp(moments) - np.median(np.diff(moments))
    if pause > LONGEST_PAUSE * tr_s and not sidecar.get("DelayTime"):
        return (
            f"SliceTiming leaves {pause:.3g} s of the TR of {tr_s:g} s without a slice; if the sequence has no such"
            " pause, correct the JSON sidecar",
        )
    return ()


def require_volume_times(stated, n_volumes: int, tr_s: float, where: str) -> None:
    """Refuse `VolumeTiming` that is not one time per volume, every TR.

    Parameters
    ----------
    stated : object
        Of the sidecar; None where it says nothing.
    n_volumes : int
    tr_s : float
        Repetition time, s.
    where : str
        Start of messages.

    Raises
    ------
    InputError
    """
    if stated is None:
        return
    try:
        times = np.asarray(stated, dtype=float)
    except (TypeError, ValueError):
        times = np.full(1, np.nan)
    if times.ndim != 1 or not np.isfinite(times).all() or times.size != n_volumes:
        raise InputError(
            f"{where}: VolumeTiming in the JSON sidecar has {times.size} entries for {n_volumes} volumes; correct or"
            " remove it"
        )
    steps = np.diff(times)
    if np.abs(steps - tr_s).max() > 0.01 * tr_s:
        raise InputError(
            f"{where}: VolumeTiming in the JSON sidecar puts volumes {steps.min():g} to {steps.max():g} s apart, and"
            f" the TR is {tr_s:g} s; volumes must follow each other every TR: correct the sidecar or exclude this run"
        )


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
