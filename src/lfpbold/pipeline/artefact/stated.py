"""When a scan began, from what is written beside the recording: triggers, a stated start, or the recording's own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from ...errors import InputError
from ...recordings import Bold, Lfp, require_scan
from ...timing.clock import Clock, acquisition_times
from ...timing.triggers import match_triggers


@dataclass(frozen=True)
class Timing:
    """When the volumes and slices of one scan were acquired.

    Attributes
    ----------
    clock : Clock
    n_volumes : int
        Volumes that the recording covers.
    source : str
        Where the start came from.
    slice_times_s : ndarray
        Acquisition onsets within a volume.
    notes : list of str
        What a person should know.
    record : dict
        Entries for the sidecar.
    moved_s : ndarray
        How much later than the clock says each volume began; empty for a TR without jitter.
    """

    clock: Clock
    n_volumes: int
    source: str
    slice_times_s: np.ndarray
    notes: list = field(default_factory=list)
    record: dict = field(default_factory=dict)
    moved_s: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def onsets(self, fs_hz: float) -> np.ndarray:
        """Onsets of all slice acquisitions, in samples, shape (n_volumes, n_acquisitions)."""
        onsets = self.clock.slice_onsets(self.n_volumes, self.slice_times_s)
        return (onsets + self.moved_s[:, None] if self.moved_s.size else onsets) * fs_hz


def volumes_needed(lfp: Lfp, bold: Bold, row: dict, settings: dict) -> Clock | None:
    """The scanner's clock from triggers or scan_start_s, after making sure that the recording covers the scan.

    None where neither is there and the clock is to come from the artefact: then all that is known without reading the
    recording is that it must last as long as the scan.

    Raises
    ------
    InputError
        With too few triggers, or when the LFP is shorter than the scan.
    """
    return stated(lfp, bold, row, settings).clock


def stated(lfp, bold, row, settings) -> Timing:
    """The timing that triggers or a stated start give; without a clock where neither is there."""
    source, clock, notes, record = "start of the recording", Clock(0.0, bold.tr_s, bold.tr_s), [], {}
    if row["scan_start_s"] is not None:
        source, clock = "scan_start_s", Clock(row["scan_start_s"], bold.tr_s, bold.tr_s)
        notes = _contradicted_start(lfp, clock)
    elif lfp.triggers_s is not None:
        source = "triggers"
        match = named(row, _matched, lfp, bold, row, settings)
        clock, notes = match.clock, match.notes
        record = {
            "TriggersPerVolume": match.per_volume,
            "TriggerJitterUs": match.jitter_s * 1e6,
            "TriggersMissed": [list(entry) for entry in match.missed],
            "TriggersSurplus": [list(entry) for entry in match.surplus],
        }
    elif row["input"]["lfp_stage"] == "raw":
        source, clock = "artefact", None
    if clock is not None and settings["clock"] == "nominal":
        clock = Clock(clock.start_s, bold.tr_s, bold.tr_s)
    clock = clock and after_dummies(clock, bold)
    known = clock or Clock(0.0, bold.tr_s, bold.tr_s)
    n_volumes, said = covered(lfp, bold, known, row, settings)
    return Timing(clock, n_volumes, source, _slice_times(bold, row), notes + said, record)


def named(row, function, *arguments):
    """The result of a function; its errors say which recording they are about."""
    try:
        return function(*arguments)
    except InputError as error:
        raise InputError(f"{row['where']}: {row['lfp']}: {error}") from None


def after_dummies(clock, bold) -> Clock:
    """The same, from the first volume that was not dropped from the file's start."""
    return replace(clock, start_s=clock.start_s + bold.dummy_volumes * clock.period_s)


def _matched(lfp, bold, row, settings):
    n_volumes, triggers = bold.n_volumes + bold.dummy_volumes, np.asarray(lfp.triggers_s, dtype=float)
    ends_early = triggers.size > 1 and lfp.n_samples / lfp.fs_hz - triggers[-1] < 2 * bold.tr_s
    if settings["short_recording"] == "use" and ends_early:
        n_volumes = min(n_volumes, int((triggers[-1] - triggers[0]) / bold.tr_s + 0.1) + 1)
    return match_triggers(triggers, bold.tr_s, n_volumes, row["input"]["extra_triggers"], bold.slice_times_s)


def covered(lfp, bold, clock, row, settings) -> tuple[int, list[str]]:
    """Volumes that the recording covers; all of them unless the settings say that fewer will do."""
    n_volumes, notes = bold.n_volumes, []
    if settings["short_recording"] == "use":
        n = int((lfp.n_samples / lfp.fs_hz - clock.start_s) / clock.period_s + 1e-6)
        if 2 <= n < n_volumes:
            notes = [f"the recording ends after {n} of {n_volumes} volumes; only these are used"]
            n_volumes = n
    require_scan(
        lfp, replace(bold, n_volumes=n_volumes), clock.start_s, clock.period_s, row["where"], row["input"]["lfp_stage"]
    )
    return n_volumes, notes


def _contradicted_start(lfp, clock) -> list[str]:
    """A stated scan start that is none of the recording's own triggers."""
    if lfp.triggers_s is None or not lfp.triggers_s.size:
        return []
    away = np.abs(lfp.triggers_s - clock.start_s).min()
    if away <= 0.01 * clock.tr_s:
        return []
    return [f"scan_start_s is {away:.3f} s from the nearest trigger; it is used, the triggers are not"]


def _slice_times(bold: Bold, row: dict) -> np.ndarray:
    """Acquisition onsets within a volume.

    Where the sidecar does not say, raw volumes are taken to be evenly spaced slices along the third axis; volumes that
    were resampled to an atlas no longer tell their slices, and count as one acquisition.
    """
    if bold.slice_times_s is not None:
        return acquisition_times(bold.slice_times_s, bold.tr_s)
    n_slices = bold.shape[bold.slice_axis] if row["input"]["bold_stage"] == "raw" else 1
    return np.arange(n_slices) * bold.tr_s / n_slices
