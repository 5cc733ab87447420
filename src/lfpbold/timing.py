"""Where LFP samples and fMRI volumes meet: the scanner's clock on the LFP's clock, triggers, slice times."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import fft

from .errors import InputError

INTERPOLATION = 16  # values on either side of a maximum, from which it is found between samples


@dataclass(frozen=True)
class Clock:
    """The scanner's clock, seen from the LFP's.

    Attributes
    ----------
    start_s : float
        Onset of the first volume on the LFP clock, in seconds from the recording's first sample.
    period_s : float
        Time from volume to volume on the LFP clock, in seconds.
    tr_s : float
        The same on the scanner's own clock: the nominal repetition time.
    """

    start_s: float
    period_s: float
    tr_s: float

    @property
    def ppm(self) -> float:
        """Difference of the clocks in parts per million: positive when the scanner's second is the longer one."""
        return (self.period_s / self.tr_s - 1) * 1e6

    def volume_onsets(self, n_volumes: int) -> np.ndarray:
        """Onsets of the volumes on the LFP clock, in seconds, shape (n_volumes,)."""
        return self.start_s + self.period_s * np.arange(n_volumes)

    def slice_onsets(self, n_volumes: int, slice_times_s) -> np.ndarray:
        """Onsets of all slice acquisitions on the LFP clock, in seconds.

        Parameters
        ----------
        slice_times_s : array of float, shape (n_slices,)
            Onset of each slice within its volume on the scanner's clock. Slices acquired at once (multiband)
            count once.

        Returns
        -------
        onsets : ndarray, shape (n_volumes, n_acquisitions)
        """
        within = acquisition_times(slice_times_s, self.tr_s) * self.period_s / self.tr_s
        within = within - within[0]  # the gradients of a volume begin with it, whatever its first slice's own time
        return self.volume_onsets(n_volumes)[:, None] + within


def acquisition_times(slice_times_s, tr_s: float) -> np.ndarray:
    """Distinct slice onsets within a volume, ascending, in seconds.

    Raises
    ------
    InputError
        When a slice time lies outside the volume (a sidecar in milliseconds, say).
    """
    times = np.unique(np.round(np.asarray(slice_times_s, dtype=float), 6))
    if times.size == 0 or not np.isfinite(times).all() or times[0] < 0 or times[-1] >= tr_s:
        raise InputError(
            f"slice times must lie in 0…TR ({tr_s:g} s); correct SliceTiming in the JSON sidecar (seconds)"
        )
    return times


def fit_triggers(triggers_s, tr_s: float, n_volumes: int, extra: str = "refuse") -> Clock:
    """Fit the scanner's clock to volume triggers: onset = start + period × volume, by least squares.

    Parameters
    ----------
    triggers_s : array of float, shape (n_triggers,)
        Volume onsets on the LFP clock, ascending, in seconds.
    tr_s : float
        Nominal repetition time, in seconds.
    n_volumes : int
    extra : {"refuse", "before", "after"}
        What triggers beyond the number of volumes are: dummy scans before the first volume, or what came after.

    Raises
    ------
    InputError
        With fewer triggers than volumes, with more where `extra` does not say which to use, or where their spacing
        is not the repetition time.
    """
    triggers = np.asarray(triggers_s, dtype=float).ravel()
    if triggers.size < n_volumes:
        raise InputError(
            f"{triggers.size} triggers for {n_volumes} volumes; give scan_start_s in the sheet instead, or repair the"
            " triggers"
        )
    if triggers.size > n_volumes and extra == "refuse":
        raise InputError(
            f"{triggers.size} triggers for {n_volumes} volumes; set input.extra_triggers to before (dummy scans) or"
            " after, or give scan_start_s in the sheet instead"
        )
    triggers = triggers[triggers.size - n_volumes :] if extra == "before" else triggers[:n_volumes]
    if not np.isfinite(triggers).all() or (np.diff(triggers) <= 0).any():
        raise InputError("the triggers are not ascending times; repair them or give scan_start_s in the sheet instead")
    if n_volumes < 2:
        return Clock(float(triggers[0]), tr_s, tr_s)
    period, start = np.polyfit(np.arange(n_volumes), triggers, 1)
    worst = np.abs(triggers - start - period * np.arange(n_volumes)).max()
    if abs(period / tr_s - 1) > 1e-3 or worst > 0.1 * tr_s:
        raise InputError(
            f"the triggers are {np.median(np.diff(triggers)):.6g} s apart (one strays by {worst:.3g} s) but the TR is "
            f"{tr_s:g} s; correct the TR, or give scan_start_s in the sheet instead of these triggers"
        )
    return Clock(float(start), float(period), tr_s)


def fit_period(signal, fs_hz: float, clock: Clock, n_volumes: int, max_ppm: float = 600.0) -> Clock:
    """Refine the period from the gradient artefact itself, which repeats with every volume.

    The delay at which the recording resembles itself one volume later gives the period to a fraction of a sample.
    Two, four, eight … volumes later the same delay is known ever more finely, and the finer estimate has only to
    be sought within the error of the coarser one, so that no multiple of the slice period can be mistaken for it.

    Parameters
    ----------
    signal : array of float, shape (n_samples,)
        One channel with the artefact in it.
    fs_hz : float
        Sampling rate on the LFP clock, in Hz.
    clock : Clock
        First guess.
    max_ppm : float
        Largest difference of the clocks that is looked for.

    Returns
    -------
    clock : Clock
        With the same start and the refined period; unchanged where the recording does not repeat at all.
    """
    whitened = np.diff(np.asarray(signal, dtype=float))  # the artefact is broadband, the LFP is not
    first = int(np.ceil(clock.start_s * fs_hz))
    period = clock.period_s * fs_hz
    uncertainty = max(2.0, max_ppm * 1e-6 * period)
    lag_volumes = 1
    while lag_volumes < n_volumes:
        found = _repeat_after(whitened, first, period, lag_volumes, n_volumes, uncertainty * lag_volumes)
        if found is None:
            break
        period = found / lag_volumes
        # A tenth of a sample at this lag; twice the lag doubles it, which stays within the search.
        uncertainty = 1.0 / lag_volumes
        if lag_volumes == n_volumes - 1:
            break
        lag_volumes = min(2 * lag_volumes, n_volumes - 1)
    return replace(clock, period_s=period / fs_hz)


def _repeat_after(x, first, period, lag_volumes, n_volumes, uncertainty, most_segments=16):
    """Delay in samples, near lag_volumes × period, at which `x` repeats; None where it does not."""
    length = int(min(max(period, 256), 2**17))
    centre = lag_volumes * period
    reach = int(np.ceil(uncertainty)) + 2 + INTERPOLATION
    starts = np.unique(np.linspace(0, n_volumes - 1 - lag_volumes, most_segments).astype(int))
    total = np.zeros(2 * reach + 1)
    energy = 0.0
    for volume in starts:
        begin = first + round(volume * period)
        target = begin + round(centre) - reach
        if target + length + 2 * reach > x.size:
            continue
        here, there = x[begin : begin + length], x[target : target + length + 2 * reach]
        n_fft = fft.next_fast_len(there.size, real=True)
        cross = fft.irfft(fft.rfft(there, n_fft) * np.conj(fft.rfft(here, n_fft)), n_fft)
        total += cross[: 2 * reach + 1]
        energy += float(here @ here)
    if energy == 0:
        return None
    sought = total[INTERPOLATION:-INTERPOLATION]
    best = int(np.argmax(sought))
    if sought[best] < 0.3 * energy or best in (0, sought.size - 1):
        return None
    return round(centre) - reach + INTERPOLATION + best + _peak(total[best : best + 2 * INTERPOLATION + 1])


def _peak(around) -> float:
    """Offset of a maximum from the middle of equidistant values, in steps, by windowed-sinc interpolation.

    A parabola through three values is off by up to a tenth of a step where the artefact reaches to high frequencies.
    """
    steps = np.arange(around.size) - around.size // 2
    offsets = np.linspace(-1, 1, 2001)
    distance = offsets[:, None] - steps
    kernel = np.sinc(distance) * np.cos(np.pi / 2 * np.clip(distance / (steps[-1] + 1), -1, 1)) ** 2
    return float(offsets[np.argmax(kernel @ around)])
