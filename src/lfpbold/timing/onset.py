"""Where the volumes are, from the gradient artefact itself: without any trigger, and with a TR that is not constant."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy import fft

from ..artefact.least_squares import coefficients
from ..artefact.template import PADDING, Acquisitions, BandLimited, Spline, knots_per_sample, padded
from ..errors import InputError
from .clock import Clock
from .period import INTERPOLATION, fit_period, peak_between
from .stretch import repeating_stretch

JITTER_KNOTS = 4  # per sample, of a template that jitter must not blur into its own shape


def find_scan(signal, fs_hz: float, tr_s: float, n_volumes: int, extra: str = "refuse") -> tuple[Clock, list[str]]:
    """Start and period of a scan that no trigger tells, from the gradient artefact in one channel.

    Where the artefact repeats with the TR there is the scan, to about a volume (`stretch`). The period follows
    (`period.fit_period`), then a template of one volume from the middle of the scan. Before and after the scan
    the recording does not hold it: the first sample is the one at which the likelihood ratio of "artefact from here on"
    is largest, Σ 2xT − T² over the differences x of samples and T of the template, and so is the last.

    Parameters
    ----------
    signal : array of float, shape (n_samples,)
        One channel with the artefact in it.
    fs_hz : float
    tr_s : float
        Nominal repetition time, s.
    n_volumes : int
    extra : {"refuse", "before", "after"}
        What volumes beyond this number are: dummy scans before the first volume, or what came after.

    Returns
    -------
    clock : Clock
    notes : list of str

    Raises
    ------
    InputError
        When nothing repeats with the TR, or not as often as there are volumes.
    """
    signal = np.asarray(signal)
    period = tr_s * fs_hz
    begin, end, period = repeating_stretch(signal, fs_hz, period, n_volumes)
    inside = max(2, math.floor((end - begin) / period) - 2)
    rough = Clock((begin + period) / fs_hz, period / fs_hz, tr_s)
    period = fit_period(signal, fs_hz, rough, inside, 0.0).period_s * fs_hz
    first, last = _edges(signal, period, begin, end)
    lasts = (last - first) / period  # volumes
    volumes = round(lasts) if abs(lasts - round(lasts)) < 0.02 else math.ceil(lasts)  # a volume may end in silence
    where = f"the artefact lasts from {first / fs_hz:.3f} to {last / fs_hz:.3f} s, {lasts:.2f} volumes,"
    if volumes > n_volumes and extra == "refuse":
        raise InputError(
            f"{where} but the BOLD has {n_volumes}; set input.extra_triggers to before (dummy scans) or after, or give"
            " scan_start_s in the sheet"
        )
    cut_short = signal.size - last < period
    if volumes < n_volumes and not (cut_short and first > 2):
        raise InputError(f"{where} but the BOLD has {n_volumes}; correct the TR, or give scan_start_s in the sheet")
    start = first + (volumes - n_volumes) * period if extra == "before" and volumes > n_volumes else first
    clock = Clock(start / fs_hz, period / fs_hz, tr_s)
    return clock, [f"there is no trigger and no scan_start_s: {where} which was taken as the scan"]


def _edges(signal, period, begin, end) -> tuple[float, float]:
    """First sample of the artefact, and the one after its last."""
    margin = math.ceil(6 * period)
    silence = np.zeros(margin, np.float32)
    source = padded(np.concatenate([silence, signal, silence]))
    inside = begin + margin + period * np.arange(1, max(3, math.floor((end - begin) / period) - 1))
    volumes = Acquisitions(source, inside, inside + period)
    knots = knots_per_sample([volumes])
    template = Spline(volumes, knots) if knots else BandLimited(volumes)
    around = inside[0] + period * np.arange(-4, len(inside) + 6)
    around = around[(around > 1) & (around + period < source.size - 2 * PADDING - 2)]
    every = Acquisitions(source, around, around + period)
    ratio = np.zeros(source.size)
    for block in every.blocks():
        valid, where = every.valid(block), every.where(block)
        seen = np.diff(every.observed(block, valid), axis=1)
        shape = np.diff(template.shapes(block, False, every)[0][:, : every.length], axis=1)
        ratio[where[:, 1:][valid[:, 1:]]] = (2 * seen * shape - shape**2)[valid[:, 1:]]
    total = np.concatenate([[0.0], np.cumsum(ratio)])
    middle = int((inside[0] + inside[-1]) / 2)
    first = int(np.argmin(total[:middle]))  # from here on: total[middle] − total[first]
    last = middle + int(np.argmax(total[middle:]))
    # It began and ended between two samples, half a sample before the first and after the last that hold it.
    return max(0.0, first - margin - 0.5), min(last - margin - 0.5, float(signal.size))


def follow_volumes(
    lfp, onsets_samples, max_shift: int = 8, knots: int = 0, passes: int = 8
) -> tuple[np.ndarray, float]:
    """Onsets of volumes whose TR jitters, each moved to where its artefact fits the template best.

    First by cross-correlation with the volume in the middle of the scan, then in fractions of a sample by least squares
    of the template and its derivative to the differences of samples, the template made again after each pass.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,)
    onsets_samples : array of float, shape (n_volumes,)
        Equidistant onsets, in samples.
    max_shift : int
        Largest jitter that is looked for, in samples.
    knots : int
        Of the template per sample, where the artefact is aliased (`artefact.knots_needed`).

    Returns
    -------
    onsets : ndarray, shape (n_volumes,)
        Their mean is unchanged.
    error : float
        Standard error of one onset, in samples, from what the fit leaves.
    """
    lfp = np.asarray(lfp, dtype=np.float32)
    onsets = np.array(onsets_samples, dtype=float)
    length = np.floor(np.diff(onsets).min()) - 2
    moved, _ = _moved(lfp, onsets, int(length), max_shift)
    onsets += moved - moved.mean()
    source = padded(lfp)
    for _ in range(passes):
        moved, errors = _misfit(source, onsets, length, knots)
        moved = np.clip(moved - moved.mean(), -1, 1)
        onsets += moved
        if np.abs(moved).max() < 0.002:
            break
    return onsets, float(np.sqrt(np.mean(errors**2)))


def refine_aliased(lfp, fs_hz: float, clock: Clock, n_volumes: int, knots: int, passes: int = 4) -> Clock:
    """The period of an aliased artefact, more finely than its own correlation tells.

    Where gradients reach far above half the sampling rate a hundredth of a sample matters, and correlation between
    samples is no longer a smooth function of the delay. The volumes' own shifts against a spline template, a line
    through which corrects the period, are.
    """
    onsets = clock.volume_onsets(n_volumes) * fs_hz
    source, length = padded(np.asarray(lfp, dtype=np.float32)), np.floor(clock.period_s * fs_hz) - 2
    if onsets[0] < 0:
        return clock
    number, period = np.arange(n_volumes), clock.period_s * fs_hz
    for _ in range(passes):
        moved, _ = _misfit(source, onsets, length, knots)
        known = np.isfinite(moved)  # a volume of zeros has no place
        usable = known & (np.abs(moved - np.median(moved[known])) < 1) if known.any() else known
        if usable.sum() < 3:
            return clock
        slope = np.polyfit(number[usable], moved[usable], 1)[0]
        if abs(slope) * n_volumes > 1:  # not a refinement any more
            return clock
        period, onsets = period + slope, onsets + slope * (number - number.mean())
    return replace(clock, period_s=period / fs_hz)


def _misfit(source, onsets, length, knots) -> tuple[np.ndarray, np.ndarray]:
    """How much later than its onset each volume is, against the template of all, and the standard error; samples."""
    volumes = Acquisitions(source, onsets, onsets + length)
    template = Spline(volumes, knots) if knots else BandLimited(volumes)
    moved, errors = np.zeros(len(onsets)), np.zeros(len(onsets))
    for block in volumes.blocks():
        valid = volumes.valid(block)
        shapes = [np.where(valid, shape, 0) for shape in template.shapes(block, True)]
        beta, gamma, error = coefficients(volumes.observed(block, valid), shapes, valid, "differences")
        with np.errstate(divide="ignore", invalid="ignore"):
            moved[block], errors[block] = -gamma / beta, error / np.abs(beta)
    return moved, errors


def volume_jitter(lfp, onsets_samples, max_shift: int = 8, knots: int = 0) -> float:
    """Standard deviation of the volumes' onsets about equidistant ones, in samples, to about a tenth of a sample.

    `lfp` may be what gives an array when it is sliced. Robust (from the median of absolute deviations), from 200
    volumes; 0 where they do not resemble each other. With `knots`, of an aliased artefact: volumes that sample it
    elsewhere correlate elsewhere without any jitter, so that a spline of all of them must agree.
    """
    onsets = np.asarray(onsets_samples, dtype=float)
    some = onsets[np.unique(np.linspace(0, len(onsets) - 1, min(len(onsets), 200)).astype(int))]
    moved, similarity = _moved(lfp, some, int(np.diff(onsets).min()) - 2, max_shift)
    if np.median(similarity) <= 0.5 and not knots:
        return 0.0
    jitter = _spread(moved)
    if not knots:
        return jitter
    several = onsets[: len(some)]
    source = padded(np.asarray(lfp[: int(several[-1] + 2 * np.diff(onsets).max())], dtype=np.float32))
    against_spline = _spread(_misfit(source, several, np.floor(np.diff(onsets).min()) - 2, JITTER_KNOTS)[0])
    return jitter if against_spline > 0.1 * max(jitter, 1.0) else against_spline


def _spread(values) -> float:
    values = values[np.isfinite(values)]
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if values.size else 0.0


def _moved(lfp, onsets, length, max_shift) -> tuple[np.ndarray, np.ndarray]:
    """How much later than it should each volume came, in samples, by cross-correlation with one in the middle.

    Also the correlation of the two there.
    """
    wide = max_shift + INTERPOLATION
    middle = len(onsets) // 2
    n_fft = fft.next_fast_len(length + 2 * wide, real=True)

    def steps(begin, n):
        """Differences of n + 1 samples from `begin`; zeros outside the recording."""
        low, high = max(begin, 0), min(begin + n + 1, len(lfp))
        rows = np.zeros(n)
        rows[low - begin : high - begin - 1] = np.diff(lfp[low:high].astype(float))
        return rows

    reference = steps(int(onsets[middle]), length)
    energy, reference = reference @ reference, np.conj(fft.rfft(reference, n_fft))
    moved, similarity = np.zeros(len(onsets)), np.zeros(len(onsets))
    for i, onset in enumerate(onsets):
        volume = steps(int(onset) - wide, length + 2 * wide)
        cross = fft.irfft(fft.rfft(volume, n_fft) * reference, n_fft)[: 2 * wide + 1]
        best = int(np.argmax(cross[INTERPOLATION:-INTERPOLATION]))
        moved[i] = best - max_shift + peak_between(cross[best : best + 2 * INTERPOLATION + 1])
        own = volume[best + INTERPOLATION : best + INTERPOLATION + length]
        similarity[i] = cross[best + INTERPOLATION] / np.sqrt(max(energy * (own @ own), 1e-30))
    fraction = onsets - np.floor(onsets)
    return moved - fraction + fraction[middle], similarity
