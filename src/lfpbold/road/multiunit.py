"""Power of multi-unit activity during one scan, and how much of it may be artefact."""

from __future__ import annotations

import numpy as np

from .. import power as spectra
from ..timing import Clock

OUTSIDE_S = 300.0  # before and after the scan, at most


class Multiunit:
    """Power of multi-unit activity, mean over channels, and how much of it may be artefact.

    What the artefact leaves behind cannot be told from spikes by its spectrum; but outside the scan there is no
    artefact. The excess of power during the scan over that outside is its residue, or spikes that follow the scanner.
    Spiking waxes and wanes over tens of seconds, so that this needs minutes outside the scan; how many seconds there
    were is said too.
    """

    def __init__(self, band_hz, fs_hz: float, clock: Clock, n_volumes: int):
        self._band_hz, self._fs_hz = band_hz, fs_hz
        self._begin = max(0, round(clock.start_s * fs_hz))
        self._end = self._begin + round(n_volumes * clock.period_s * fs_hz)
        self._found: list = []

    def add(self, before, after) -> None:
        """One channel, before and after artefact removal."""
        if self._band_hz is None:
            return
        inside = slice(self._begin, self._end)
        found = spectra.multiunit_power(after[inside], self._fs_hz, self._band_hz)
        if found is None:
            self._band_hz = None
            return
        self._times, power, self._reached = found
        outside = [spectra.multiunit_power(part, self._fs_hz, self._band_hz)[1] for part in self._around(before)]
        raw = spectra.multiunit_power(before[inside][: round(10 * self._fs_hz)], self._fs_hz, self._band_hz)[1].mean()
        self._outside_s = sum(len(part) for part in outside) * spectra.MULTIUNIT_STEP_S
        self._found.append((power, raw, np.concatenate(outside).mean() if outside else np.nan))

    def _around(self, samples) -> list:
        """What was recorded before and after the scan, up to some minutes of it, where there is a second or more."""
        margin, most = round(0.1 * self._fs_hz), round(OUTSIDE_S * self._fs_hz)
        begin, end = max(self._begin - margin, 0), self._end + margin
        parts = [samples[max(begin - most, 0) : begin], samples[end : end + most]]
        return [part for part in parts if len(part) >= self._fs_hz]

    def series(self) -> np.ndarray:
        """Time and power, shape (n_frames, 2)."""
        if not self._found:
            return np.zeros((0, 2))
        return np.column_stack([self._times, np.mean([power for power, _, _ in self._found], axis=0)])

    def described(self) -> dict:
        """Band, and root mean squares in µV: of the artefact, after removal, outside the scan, and the excess."""
        if not self._found:
            return {}
        before, outside = (np.mean([entry[i] for entry in self._found]) for i in (1, 2))
        after = np.mean([power.mean() for power, _, _ in self._found])
        return {
            "BandHz": self._reached,
            "BeforeUv": np.sqrt(before),
            "AfterUv": np.sqrt(after),
            "OutsideUv": np.sqrt(outside),
            "OutsideSeconds": self._outside_s,
            "ResidueUv": np.sqrt(max(after - outside, 0)) if np.isfinite(outside) else np.nan,
        }
