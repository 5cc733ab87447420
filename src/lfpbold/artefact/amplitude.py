"""Stretches of another amplitude than a recording has: a contact that came off, a gain that was changed, movements.

The gradient artefact is the same in every volume, so that its size tells of the electrode. LFP has no such size: bursts
between suppression and spike-wave discharges are many times its median, so that only what no LFP reaches is taken for
something else, and only where it is rare.
"""

from __future__ import annotations

import numpy as np

from .samples import runs_of

# Size of the artefact in a volume over the median's, beyond which the volume is not as the others; a spread of its
# logarithm at which the LFP makes the size.
GAINS, UNEVEN = (0.5, 2.0), 0.15
JUMP, STEADY = 1.3, 0.25  # ratio of sizes before and after that is a jump; their spread, as a share of it
FEWEST_VOLUMES = 3  # on either side of a jump
FEWEST_S, COLLAPSE, FLAT, EVEN = 10, 6.0, 0.8, 0.25  # seconds; ratio; differences over samples; spread of the log
MOVEMENT_UV, NEVER_UV = 2000.0, 5000.0  # from which on it may be movement, and from which on it is never LFP
FAR, USUAL, NEAR = 4.0, 0.9, 1.5  # times a quantile of the windows' peaks; that quantile; where a movement has ended
PEAK_S, LEVEL_S = 0.25, 2.0  # windows whose peak is taken, above a mean over so long
LONGEST_SHARE = 0.3  # of the scan: what lasts longer is how the recording is


def gain_faults(energies) -> np.ndarray:
    """Volumes in which the artefact has not the size that it has in the others.

    Parameters
    ----------
    energies : array of float, shape (n_volumes,)
        Of the artefact that was taken out of each; NaN for volumes that do not count.

    Returns
    -------
    faults : ndarray of bool, shape (n_volumes,)
        Single volumes of less than half or more than twice the median size, and the shorter side of a jump.
    """
    energies = np.asarray(energies, dtype=float)
    known = np.isfinite(energies)
    out = np.zeros(len(energies), dtype=bool)
    if known.sum() < 3 * FEWEST_VOLUMES or not np.median(energies[known]) > 0:
        return out
    sizes = np.sqrt(energies / np.median(energies[known]))
    which = np.flatnonzero(known)
    logs = np.log(np.maximum(sizes[which], 1e-6))
    if _spread(logs) < UNEVEN:
        out[known] = (sizes[known] < GAINS[0]) | (sizes[known] > GAINS[1])
    cut = _jump(logs, FEWEST_VOLUMES)
    before, after = logs[:cut], logs[cut:]
    height = abs(np.median(after) - np.median(before))
    if height > np.log(JUMP) and max(_spread(before), _spread(after)) < STEADY * height:
        out[which[:cut] if cut < len(logs) / 2 else which[cut:]] = True
    return out


def lost_contact(samples, fs_hz: float) -> list[tuple[int, int]]:
    """The stretch, if any, from which on (or up to which) a channel shows its amplifier's own noise and nothing else.

    A silent brain has little power too, but it is not even, and not white.

    Parameters
    ----------
    samples : array of float, shape (n_samples,)
        LFP without gradient artefact, µV.

    Returns
    -------
    stretches : list of (int, int)
        None, or one that begins with the first sample or ends with the last one.
    """
    width = round(fs_hz)
    n = len(samples) // width
    if n < 3 * FEWEST_S:
        return []
    sizes, steps = np.empty(n), np.empty(n)
    for second in range(n):
        part = np.asarray(samples[second * width : (second + 1) * width], dtype=float)
        sizes[second], steps[second] = part.std(), np.diff(part).std()
    if not (sizes > 0).any():
        return []
    logs = np.log(np.maximum(sizes, 1e-3 * np.median(sizes) + 1e-12))
    cut = _jump(logs, FEWEST_S)
    low, high = (
        (slice(cut, n), slice(0, cut)) if logs[cut:].mean() < logs[:cut].mean() else (slice(0, cut), slice(cut, n))
    )
    white = np.median(steps[low] / np.maximum(sizes[low], 1e-12)) > FLAT
    collapsed = np.median(logs[high]) - np.median(logs[low]) > np.log(COLLAPSE)
    if collapsed and white and _spread(logs[low]) < EVEN:
        return [(0, cut * width) if low.start == 0 else (cut * width, len(samples))]
    if np.exp(np.median(logs[high])) > MOVEMENT_UV and collapsed:
        return [(0, cut * width) if high.start == 0 else (cut * width, len(samples))]
    return []


def movements(samples, fs_hz: float) -> list[tuple[int, int]]:
    """Stretches far beyond the usual amplitude, which LFP does not reach: steps and swings of a moved electrode.

    Parameters
    ----------
    samples : array of float, shape (n_samples,)
        LFP without gradient artefact, µV.

    Returns
    -------
    stretches : list of (int, int)
        First sample of each, and the one after its last.
    """
    width, long = max(2, round(PEAK_S * fs_hz)), max(3, round(LEVEL_S * fs_hz))
    n = len(samples) // width
    if n < 4 * LEVEL_S / PEAK_S:
        return []
    total = np.concatenate([[0.0], np.cumsum(samples, dtype=float)])
    peaks = np.empty(n)
    for window in range(n):
        here = np.arange(window * width, (window + 1) * width)
        low, high = np.maximum(here - long // 2, 0), np.minimum(here + long // 2 + 1, len(samples))
        level = (total[high] - total[low]) / (high - low)
        peaks[window] = np.abs(np.asarray(samples[here[0] : here[-1] + 1], dtype=float) - level).max()
    usual = float(np.quantile(peaks, USUAL))
    limit = max(MOVEMENT_UV, FAR * usual)
    if limit > NEVER_UV:  # moved for so long that it is the usual; what LFP never reaches is none
        limit, usual = NEVER_UV, min(usual, 2 * float(np.median(peaks)))
    far = peaks > limit
    if not far.any():
        return []
    found = [
        (max(a - 1, 0) * width, len(samples) if b >= n - 1 else (b + 1) * width)
        for a, b in runs_of(peaks > min(max(NEAR * usual, limit / 20), limit))
        if far[a:b].any()
    ]
    # What is there for longer, such as artefact that was not removed, is another fault.
    return found if sum(end - begin for begin, end in found) <= LONGEST_SHARE * len(samples) else []


def _jump(values, fewest: int) -> int:
    """Where a series is best cut into two of different means, with so many values on either side at least."""
    n = len(values)
    total = np.concatenate([[0.0], np.cumsum(values)])
    cuts = np.arange(fewest, n - fewest + 1)
    difference = total[cuts] / cuts - (total[-1] - total[cuts]) / (n - cuts)
    return int(cuts[np.argmax(difference**2 * cuts * (n - cuts))])


def _spread(values) -> float:
    """A standard deviation that single values do not touch."""
    return float(1.4826 * np.median(np.abs(values - np.median(values))))
