"""From triggers, a stated start or the artefact alone to the onsets of one scan's volumes on the LFP's clock."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ...artefact.regression import knots_needed
from ...recordings import Bold, Lfp, OneChannel
from ...timing.onset import find_scan, follow_volumes, refine_aliased, volume_jitter
from ...timing.period import fit_period
from .stated import Timing, after_dummies, covered, named, stated

FEW_VOLUMES = 100  # that tell whether the artefact is aliased
JITTER_S = 300e-6  # largest jitter of the TR that is looked for, s
JITTER_MATTERS_S, JITTER_MATTERS_SAMPLES = 10e-6, 0.2  # below either, fitting each slice makes up for it


def fitted(lfp: Lfp, bold: Bold, row: dict, settings: dict) -> Timing:
    """The stated clock, its period refined from the artefact where asked for; from the artefact alone if need be.

    Raises
    ------
    InputError
        As `volumes_needed`; also where the artefact does not tell the scan either.
    """
    timing = stated(lfp, bold, row, settings)
    raw = row["input"]["lfp_stage"] == "raw" and settings["template"] != "none"
    if timing.clock is None:
        samples = lfp.read(0, 0, lfp.n_samples)
        timing = named(row, _from_artefact, samples, lfp, bold, row, settings, timing)
    elif raw and settings["clock"] == "artefact":
        samples = OneChannel(lfp, 0)
        timing = replace(timing, clock=fit_period(samples, lfp.fs_hz, timing.clock, timing.n_volumes))
    else:
        return timing
    if not raw or timing.n_volumes < 3:
        return timing
    knots = knots_between(samples, timing.onsets(lfp.fs_hz)[:FEW_VOLUMES], settings)
    if knots:
        timing = replace(timing, clock=refine_aliased(samples, lfp.fs_hz, timing.clock, timing.n_volumes, knots))
    return _with_jitter(samples, lfp.fs_hz, timing, settings["jitter"], knots)


def knots_between(samples, onsets, settings) -> int:
    """Knots of the template per sample, as the settings or one channel say: aliasing is a matter of the amplifier."""
    if settings["template"] == "none" or settings["between_samples"] == "band_limited":
        return 0
    if settings["between_samples"] != "auto":
        return settings["between_samples"]
    window = settings["window_volumes"] if settings["average"] == "sliding" else None
    return knots_needed(samples, onsets, settings["template"], window)


def _from_artefact(samples, lfp, bold, row, settings, timing) -> Timing:
    played = bold.n_volumes + bold.dummy_volumes
    clock, notes = find_scan(samples, lfp.fs_hz, bold.tr_s, played, row["input"]["extra_triggers"])
    clock = after_dummies(clock, bold)
    n_volumes, said = covered(lfp, bold, clock, row, settings)
    return replace(timing, clock=clock, n_volumes=n_volumes, notes=timing.notes + notes + said)


def _with_jitter(samples, fs_hz, timing: Timing, follow: str, knots: int) -> Timing:
    """Onsets that follow a TR that is not constant, or a note that it is not."""
    regular = timing.clock.volume_onsets(timing.n_volumes) * fs_hz
    reach = int(JITTER_S * fs_hz) + 2
    regular = regular[: np.searchsorted(regular + timing.clock.period_s * fs_hz, len(samples), side="right")]
    if len(regular) < 3:
        return timing
    if follow == "volumes":
        onsets, error = follow_volumes(samples, regular, reach, knots)
        number = np.arange(len(onsets))
        period, start = np.polyfit(number, onsets, 1)
        clock = replace(timing.clock, start_s=float(start) / fs_hz, period_s=float(period) / fs_hz)
        moved = np.zeros(timing.n_volumes)
        moved[: len(onsets)] = (onsets - start - period * number) / fs_hz
        found = {"TrJitterUs": float(moved.std() * 1e6), "TrJitterErrorUs": error / fs_hz * 1e6}
        return replace(timing, clock=clock, moved_s=moved, record=timing.record | found)
    jitter_s = volume_jitter(samples, regular, reach) / fs_hz
    notes = list(timing.notes)
    if jitter_s > max(JITTER_MATTERS_S, JITTER_MATTERS_SAMPLES / fs_hz):
        notes.append(
            f"the TR jitters by {jitter_s * 1e6:.0f} µs (standard deviation), which a fixed period does not follow; set"
            " artefact.jitter to volumes"
        )
    return replace(timing, notes=notes, record=timing.record | {"TrJitterUs": jitter_s * 1e6})
