"""Where LFP samples and fMRI volumes meet: the scanner's clock on the LFP's clock, and slice times."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import InputError


@dataclass(frozen=True)
class Clock:
    """The scanner's clock as the LFP's clock sees it, and which part of a recording is the scan.

    Onset of volume v: start + period × v, plus the measured shift of that volume where the TR jitters.

    Parameters
    ----------
    start_s : float
        Onset of the first volume on the LFP clock, s from the recording's first sample.
    period_s : float
        Time from volume to volume on the LFP clock, s.
    tr_s : float
        The same on the scanner's own clock: the nominal repetition time, s.
    n_volumes : int, optional
        Volumes that the recording covers; None where the clock was not located in a recording.
    slice_times_s : ndarray, shape (n_acquisitions,)
        Distinct slice onsets within a volume on the scanner's clock, ascending, s; empty for one acquisition a volume.
    method : str
        How the start was found: `triggers`, `scan_start_s`, `artefact`, `start of the recording`; empty for a clock
        that was made by hand.
    notes : tuple of str
        Warnings, one sentence each.
    measurements : dict
        Numbers about the triggers, the artefact and the jitter of the TR: `triggers_per_volume`, `trigger_jitter_us`,
        `triggers_missed`, `triggers_surplus`, `dummy_volumes` (before `start_s`), `artefact_begins_s` (to a piece of a
        volume), `tr_jitter_us`, `tr_jitter_error_us`, as far as they were measured.
    volume_shifts_s : ndarray, shape (n_volumes,)
        How much later than `start_s` + `period_s` × v each volume began, s; empty for a TR without jitter.

    Examples
    --------
    >>> clock = Clock(start_s=3.0, period_s=1.0002, tr_s=1.0)
    >>> round(clock.ppm, 3)
    200.0
    >>> clock.volume_onsets(3).round(4).tolist()
    [3.0, 4.0002, 5.0004]
    """

    start_s: float
    period_s: float
    tr_s: float
    n_volumes: int | None = field(default=None, compare=False)
    slice_times_s: np.ndarray = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)
    method: str = field(default="", compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    measurements: dict = field(default_factory=dict, compare=False, repr=False)
    volume_shifts_s: np.ndarray = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)

    @property
    def ppm(self) -> float:
        """Difference of the clocks in parts per million: positive when the scanner's second is the longer one."""
        return (self.period_s / self.tr_s - 1) * 1e6

    @property
    def n_acquisitions(self) -> int:
        """Slice acquisitions of a volume; slices acquired at once count once."""
        return self.slice_offsets().size

    def volume_onsets(self, n_volumes: int | None = None) -> np.ndarray:
        """Onsets of the first volumes on the LFP clock, s, shape (n_volumes,); of all that are covered by default."""
        return self._shifted(self._regular_onsets(n_volumes))

    def slice_offsets(self, slice_times_s=None) -> np.ndarray:
        """Onsets of the slice acquisitions within a volume on the LFP clock, s, shape (n_acquisitions,).

        The first one is 0: the gradients of a volume begin with it, whatever its first slice's own time.
        """
        times = self.slice_times_s if slice_times_s is None else slice_times_s
        if not np.size(times):
            return np.zeros(1)
        within = acquisition_times(times, self.tr_s) * self.period_s / self.tr_s
        return within - within[0]

    def slice_onsets(self, n_volumes: int | None = None, slice_times_s=None) -> np.ndarray:
        """Onsets of all slice acquisitions on the LFP clock, s.

        Parameters
        ----------
        n_volumes : int, optional
            All volumes that are covered by default.
        slice_times_s : array of float, shape (n_slices,), optional
            Onset of each slice within its volume on the scanner's clock, s. Slices acquired at once (multiband) count
            once. By default those of the clock.

        Returns
        -------
        onsets : ndarray, shape (n_volumes, n_acquisitions)
        """
        return self._shifted(self._regular_onsets(n_volumes)[:, None] + self.slice_offsets(slice_times_s))

    def _regular_onsets(self, n_volumes: int | None) -> np.ndarray:
        n_volumes = self.n_volumes if n_volumes is None else n_volumes
        if n_volumes is None:
            raise TypeError("this clock does not know the number of volumes: give n_volumes")
        return self.start_s + self.period_s * np.arange(n_volumes)

    def _shifted(self, onsets: np.ndarray) -> np.ndarray:
        if not self.volume_shifts_s.size:
            return onsets
        shifts = self.volume_shifts_s[: len(onsets)]
        return onsets + (shifts if onsets.ndim == 1 else shifts[:, None])


def acquisition_times(slice_times_s, tr_s: float) -> np.ndarray:
    """Distinct slice onsets within a volume, ascending, s, shape (n_acquisitions,).

    Raises
    ------
    InputError
        When a slice time lies outside the volume (a sidecar in milliseconds, say).

    Examples
    --------
    >>> acquisition_times([0.5, 0.0, 0.5, 0.0], 1.0).tolist()
    [0.0, 0.5]
    """
    times = np.unique(np.round(np.asarray(slice_times_s, dtype=float), 6))
    if times.size == 0 or not np.isfinite(times).all() or times[0] < 0 or times[-1] >= tr_s:
        raise InputError(
            f"slice times must lie in 0…TR ({tr_s:g} s); correct SliceTiming in the JSON sidecar (seconds)"
        )
    return times
