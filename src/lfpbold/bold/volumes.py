"""Volumes that are no data: empty, partly empty, repeated, overflowed, of another brightness, not in steady state.

Scans are stopped early and padded with zeros, volumes are lost in reconstruction and filled with the one before, 16
bits overflow, the first volumes come before the steady state. None of this is motion, and an empty volume cannot be
realigned.
"""

from __future__ import annotations

import hashlib

import numpy as np

FEW_VOXELS = 16  # below which a "volume" is a few time courses, whose values repeat by chance
FEW_REPEATS = 10  # equal values in a row of so few voxels that are no chance
BRIGHT = 0.2  # of the 98th percentile of the middle volume: voxels that hold the head
ZEROS = {"raw": 0.1, "realigned": 0.2, "clean": 0.2}  # share of the head's inside that is 0 in a volume partly empty
# Its rim is 0 where the head moved and air is 0; a realigned volume lacks what moved out of the field of view.
BRIGHTNESS = (0.5, 1.5)  # of a volume's mean over these, relative to the others', beyond which it is no BOLD
APART = 1.2  # brightness of volumes over that of the next darker ones, from which on they are two series
DARK_SLICE = 0.5  # of a slice's own usual brightness, below which its signal is lost
FICKLE = 0.4  # relative change of a voxel, from which on it has no brightness to speak of
LARGE = 8.0  # times the usual spread in space, of a clean volume that is a disturbance
UNLIKE = (0.8, 0.5)  # spatial r with the middle volume: what most volumes have, and what one lacks that is noise
STEADY_S, STEADY_SHARE, STEADY_SD = 15.0, 0.01, 5.0  # how long, and by how much, volumes stand out before steady state
STILL_SHARE, STILL_SD = 0.005, 2.0  # by how much the next ones do while the decay goes on

KINDS = {
    "empty": "empty",
    "repeated": "the same as an earlier one",
    "filled_in": "interpolated from their neighbours",
    "partly_empty": "partly empty",
    "overflow": "negative where the image is bright (16 bits that overflowed)",
    "not_steady": "before the steady state",
    "brightness": "of quite another brightness",
    "unlike": "unlike all others",
}


def find_faults(volumes, stage: str, tr_s: float, slice_axis: int = 2) -> dict[str, np.ndarray]:
    """Which volumes are no data, and why.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
        Finite numbers.
    stage : {"raw", "realigned", "clean"}
        A clean series has no brightness, and its steady state shows as a disturbance at the start.
    tr_s : float
        Repetition time, s.
    slice_axis : int
        Along which parts of a volume are lost.

    Returns
    -------
    faults : dict of str to array of bool, shape (n_volumes,)
        By the names of `KINDS`, those that occur, each volume under one of them.

    Examples
    --------
    >>> volumes = 1000 + np.random.default_rng(0).normal(0, 5, (40, 6, 6, 4))
    >>> volumes[30] = volumes[29]
    >>> volumes[38:] = 0
    >>> {kind: np.flatnonzero(which).tolist() for kind, which in find_faults(volumes, "raw", 1.0).items()}
    {'empty': [38, 39], 'repeated': [30]}
    """
    volumes = np.asarray(volumes)
    flat = volumes.reshape(len(volumes), -1)
    if flat.shape[1] < FEW_VOXELS:
        return _claimed({"repeated": _held(flat)})
    empty = np.ptp(flat, axis=1) == 0
    if empty.all():
        return {"empty": empty}
    head = _Head(flat[~empty], stage, volumes.shape[1:])
    found = {"empty": empty, "overflow": np.zeros(len(flat), dtype=bool)}
    if not head.has_brightness:
        stage = "clean"  # a series without its mean, whatever it is called
    if stage == "raw":
        found["overflow"] = head.overflows(flat)
    found["partly_empty"] = head.lacks(flat, stage) | _flat_slices(volumes, head, slice_axis, stage)
    if stage != "clean":
        found["partly_empty"] |= _dark_slices(volumes, head, slice_axis, stage) & ~found["overflow"]
    found["repeated"] = _repeats(flat) | _repeated_slices(volumes, head, slice_axis)
    found["filled_in"] = _filled_in(flat, head.voxels)
    no_data = np.any(list(found.values()), axis=0)
    level = head.level(flat, stage)
    found["not_steady"] = _not_steady(level, no_data, stage, tr_s)
    others = ~no_data & ~found["not_steady"]
    if others.sum() > 2:
        usual = np.median(level[others])
        if stage == "clean":
            found["brightness"] = level > LARGE * usual
        elif usual > 0:
            found["brightness"] = (level < BRIGHTNESS[0] * usual) | (level > BRIGHTNESS[1] * usual)
            found["unlike"] = head.unlike(flat, others)
            found["brightness"] |= _another_series(head.typical(flat), others & ~found["unlike"])
    return _claimed(found)


def _claimed(found: dict) -> dict:
    """Each volume under the first fault that it has, in the order of `KINDS`; faults that occur."""
    left = np.ones(len(next(iter(found.values()))), dtype=bool)
    claimed = {}
    for kind in KINDS:
        if kind in found and (found[kind] & left).any():
            claimed[kind] = found[kind] & left
            left = left & ~found[kind]
    return claimed


def _held(flat) -> np.ndarray:
    """Values of a few voxels that stay exactly the same for several volumes."""
    same = np.concatenate([[False], (flat[1:] == flat[:-1]).all(axis=1)])
    run = np.zeros(len(flat), dtype=int)
    for volume in range(1, len(flat)):
        run[volume] = run[volume - 1] + 1 if same[volume] else 0
    held = np.zeros(len(flat), dtype=bool)
    for volume in np.flatnonzero(run >= FEW_REPEATS - 1):
        held[volume - run[volume] : volume + 1] = True
    return held


class _Head:
    """The voxels of a series that hold the head, and what volumes show there."""

    def __init__(self, flat, stage: str, shape):
        some = flat[np.unique(np.linspace(0, len(flat) - 1, 21).astype(int))]
        middle = np.median(some, axis=0)
        size = np.abs(middle) if stage != "clean" else some.std(axis=0)
        self.brightest = np.percentile(size, 98)
        self.voxels = size > BRIGHT * self.brightest if self.brightest > 0 else size > 0
        self.sign = 1.0 if stage == "clean" or middle[self.voxels].sum() >= 0 else -1.0
        self.middle = middle
        # Of an image the head hardly changes; of a series whose mean was subtracted nothing but change is left.
        # Brightness of all voxels alike is put aside: a gain that changes halfway leaves an image.
        shown = some[:, self.voxels] / np.maximum(np.abs(some[:, self.voxels]).mean(axis=1, keepdims=True), 1e-30)
        change = shown.std(axis=0) / np.maximum(np.abs(np.median(shown, axis=0)), 1e-30)
        self.has_brightness = stage != "clean" and bool(np.median(change) < FICKLE)
        inside = _without_rim(self.voxels.reshape(shape)).ravel()
        self.inside = inside if inside.sum() >= FEW_VOXELS else self.voxels

    def overflows(self, flat) -> np.ndarray:
        limit = -BRIGHT * self.brightest
        fewest = max(3, 1e-4 * self.voxels.sum())
        return np.array([(self.sign * volume[self.voxels] < limit).sum() >= fewest for volume in flat])

    def lacks(self, flat, stage: str) -> np.ndarray:
        """Volumes of which a share of the head is exactly 0, clearly more than is usual in coarse numbers."""
        share = np.array([(volume[self.inside] == 0).mean() for volume in flat])
        return share > max(ZEROS[stage], 3 * np.median(share))

    def level(self, flat, stage: str) -> np.ndarray:
        """Mean brightness of the head in each volume; of a clean series its spread in space."""
        if stage == "clean":
            return np.array([volume[self.voxels].std() for volume in flat])
        return self.sign * np.array([volume[self.voxels].mean(dtype=float) for volume in flat])

    def typical(self, flat) -> np.ndarray:
        """Brightness that half of the head exceeds, wherever in the image it lies: movement does not change it."""
        rank = 100 * (1 - 0.5 * self.voxels.mean())
        return np.array([np.percentile(self.sign * volume, rank) for volume in flat])

    def unlike(self, flat, others) -> np.ndarray:
        if np.ptp(self.middle) == 0:
            return np.zeros(len(flat), dtype=bool)
        middle = (self.middle - self.middle.mean()) / self.middle.std()
        r = np.zeros(len(flat))
        for number, volume in enumerate(flat):
            spread = volume.std(dtype=float)
            r[number] = (volume * middle).mean(dtype=float) / spread if spread > 0 else 0
        return (r < UNLIKE[1]) & (np.median(r[others]) > UNLIKE[0])


def _without_rim(voxels) -> np.ndarray:
    """Voxels whose six neighbours, where there are any, are marked too (SciPy's erosion would cost its import)."""
    inside = voxels.copy()
    for axis in range(voxels.ndim):
        low = tuple(slice(None, -1) if a == axis else slice(None) for a in range(voxels.ndim))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(voxels.ndim))
        inside[low] &= voxels[high]
        inside[high] &= voxels[low]
    return inside


def _repeats(flat) -> np.ndarray:
    """Volumes that are, number by number, an earlier one."""
    seen: set = set()
    again = np.zeros(len(flat), dtype=bool)
    for number, volume in enumerate(flat):
        key = hashlib.blake2b(volume.tobytes(), digest_size=16).digest()
        again[number] = key in seen
        seen.add(key)
    return again


def _slices(values, axis: int) -> np.ndarray:
    """Slices × voxels of one volume."""
    return np.moveaxis(values, axis, 0).reshape(values.shape[axis], -1)


def _bright_slices(volumes, head: _Head, axis: int) -> np.ndarray:
    """Slices that hold enough of the head to say anything about them."""
    if volumes.shape[1 + axis] < 2:
        return np.empty(0, dtype=int)
    within = _slices(head.voxels.reshape(volumes.shape[1:]), axis)
    return np.flatnonzero(within.sum(axis=1) >= FEW_VOXELS)


def _flat_slices(volumes, head: _Head, axis: int, stage: str) -> np.ndarray:
    """Volumes of which a slice of the head is one number; 0, after resampling, is what lies outside the image."""
    which = _bright_slices(volumes, head, axis)
    flat = np.zeros(len(volumes), dtype=bool)
    for number in range(len(volumes) if len(which) else 0):
        slices = _slices(volumes[number], axis)[which]
        lost = np.ptp(slices, axis=1) == 0
        if stage != "raw":  # at the ends of the image the head may have moved out of it
            there = np.flatnonzero(~lost)
            within = (np.arange(len(lost)) > there.min(initial=0)) & (np.arange(len(lost)) < there.max(initial=0))
            lost &= within | (slices[:, 0] != 0)
        flat[number] = lost.any()
    return flat


def _repeated_slices(volumes, head: _Head, axis: int) -> np.ndarray:
    """Volumes of which a slice of the head is that of the volume before, number by number."""
    which = _bright_slices(volumes, head, axis)
    again = np.zeros(len(volumes), dtype=bool)
    for number in range(1, len(volumes) if len(which) else 0):
        here, before = (_slices(volumes[n], axis)[which] for n in (number, number - 1))
        again[number] = ((here == before).all(axis=1) & (np.ptp(here, axis=1) > 0)).any()
    return again


def _dark_slices(volumes, head: _Head, axis: int, stage: str) -> np.ndarray:
    """Volumes of which a slice has lost its signal, as a brisk movement or a failed read-out leaves it."""
    which = _bright_slices(volumes, head, axis)
    which = which if stage == "raw" else which[1:-1]  # at the ends the head may have moved out of the image
    if not len(which):
        return np.zeros(len(volumes), dtype=bool)
    within = _slices(head.voxels.reshape(volumes.shape[1:]), axis)
    slices = (_slices(volume, axis) for volume in volumes)
    level = np.array([[head.sign * values[s][within[s]].mean(dtype=float) for s in which] for values in slices])
    share = level / np.maximum(np.median(level, axis=0), 1e-30)
    return (share < DARK_SLICE * np.median(share, axis=1, keepdims=True)).any(axis=1)


def _filled_in(flat, voxels) -> np.ndarray:
    """Volumes on a straight line between their neighbours in every voxel but for rounding: no noise is so kind."""
    out = np.zeros(len(flat), dtype=bool)
    for number in range(1, len(flat) - 1):
        before, here, after = (flat[n][voxels].astype(float) for n in (number - 1, number, number + 1))
        rounding = 1.01 if (here == np.rint(here)).all() else 1e-5 * np.abs(here).max(initial=0)
        changes = np.abs(after - before) > 4 * rounding  # where a line would show
        bend = np.abs(before - 2 * here + after)[changes]
        out[number] = changes.sum() >= FEW_VOXELS and bend.max() <= 2 * rounding
    return out


def _another_series(level, others) -> np.ndarray:
    """Volumes that a gap in brightness parts from most: after a change of gain, of another echo, or a spike alone.

    Drift and movement fill such a gap with volumes between.
    """
    out = np.zeros(len(level), dtype=bool)
    numbers = np.flatnonzero(others & (level > 0))
    if len(numbers) < 3:
        return out
    order = numbers[np.argsort(level[numbers], kind="stable")]
    groups = np.split(order, 1 + np.flatnonzero(level[order][1:] > APART * level[order][:-1]))
    most = max(groups, key=lambda group: (len(group), -group.min()))
    for group in groups:
        out[group] = group is not most
    return out


def _not_steady(level, no_data, stage: str, tr_s: float) -> np.ndarray:
    """Volumes at the start whose brightness stands out and comes down to that of the rest."""
    out = np.zeros(len(level), dtype=bool)
    longest = max(3, int(np.ceil(STEADY_S / tr_s)))
    rest = np.flatnonzero(~no_data)
    rest = rest[rest >= min(longest, len(level) // 4)][:100]
    if len(rest) < 10:
        return out
    usual = np.median(level[rest])
    sd = 1.4826 * np.median(np.abs(level[rest] - usual))
    limit = still = LARGE * usual
    if stage != "clean":
        limit = max(STEADY_SHARE * abs(usual), STEADY_SD * sd)
        still = max(STILL_SHARE * abs(usual), STILL_SD * sd)
    apart = np.abs(level - usual) if stage != "clean" else level
    n = 0
    last = np.inf
    while n < len(level) and (no_data[n] or (limit if np.isinf(last) else still) < apart[n] <= 1.1 * last):
        last = last if no_data[n] else apart[n]
        n += 1
    if np.isinf(last):
        return out
    # What lasts longer is a drift.
    out[: n if n <= longest else 0] = True
    return out


def with_signal(volumes, share: float, stage: str) -> np.ndarray:
    """Voxels that hold a signal: not constant, and but for a share of the volumes not exactly 0.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
    share : float
        Of volumes in which a voxel may be 0. A clean series is about 0, where coarse numbers are often exactly 0.
    stage : {"raw", "realigned", "clean"}

    Returns
    -------
    signal : ndarray of bool, shape (x, y, z)
    """
    lowest, highest = volumes.min(axis=0), volumes.max(axis=0)
    size = np.maximum(np.abs(lowest), np.abs(highest))
    signal = highest - lowest > 1e-6 * size
    if stage != "clean":
        signal &= (volumes == 0).mean(axis=0) <= share
    return signal


def ranges(which) -> str:
    """Numbers of volumes as `0–3, 7, 114–119`."""
    numbers = np.asarray(which)
    if numbers.size == 0:
        return ""
    parts = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    texts = [f"{part[0]}–{part[-1]}" if len(part) > 1 else f"{part[0]}" for part in parts]
    return ", ".join(texts[:8]) + (f" and {len(texts) - 8} more" if len(texts) > 8 else "")


def described(faults: dict, tr_s: float, numbers, n_volumes: int) -> list[str]:
    """A phrase for each fault: kind, numbers of the volumes in the file, their time and share.

    Parameters
    ----------
    faults : dict
        From `find_faults`.
    tr_s : float
        Repetition time, s.
    numbers : array of int
        Of each volume that was looked at, in the file.
    n_volumes : int
        That there are, of which the share is given.
    """
    phrases = []
    for kind, which in faults.items():
        own = np.asarray(numbers)[which]
        phrases.append(
            f"{KINDS[kind]}: volume{'s' if len(own) > 1 else ''} {ranges(own)} (from {own[0] * tr_s:g} s,"
            f" {100 * len(own) / n_volumes:.3g} %)"
        )
    return phrases
