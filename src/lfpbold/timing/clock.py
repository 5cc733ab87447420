"""Where LFP samples and fMRI volumes meet: the scanner's clock on the LFP's clock, and slice times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import InputError


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
