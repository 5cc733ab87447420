"""Raw LFP to LFP without gradient artefact, on the scan's time."""

from __future__ import annotations

import warnings

import numpy as np

from .. import artefact as science
from ..errors import InputError
from ..recordings import Bold, Lfp, check_samples, require_scan
from ..timing import Clock, acquisition_times, fit_period, fit_triggers
from . import quality
from .multiunit import Multiunit


def artefact(lfp: Lfp, bold: Bold, row: dict, settings: dict, log=print):
    """Cut the recording to the scan, and where it is raw take the gradient artefact out of it.

    Parameters
    ----------
    lfp : Lfp
        Opened recording; one channel at a time is read.
    bold : Bold
        Opened series: volumes, TR and slice times.
    row : dict
        Row of the sheet.
    settings : dict
        `artefact` section of the config.
    log : callable

    Returns
    -------
    samples : ndarray of float32, shape (n_samples, n_channels)
        In µV, from the onset of the first volume to the end of the last one.
    fs_hz : float
    info : dict
        For the sidecar: clock, notches, steps.
    multiunit : ndarray, shape (n_frames, 2)
        Time (s after the first sample) and power of multi-unit activity (µV²), mean of the channels; no frames where
        the recording or the settings have none.
    qc : dict
        For figures and the report: `artefact` and `spectrogram`.
    """
    where, stage = row["where"], row["input"]["lfp_stage"]
    clock = _fitted_clock(lfp, bold, row, settings)
    log(
        f"clock: scan starts at {clock.start_s:.6f} s, TR {clock.period_s:.9f} s on the LFP clock ({clock.ppm:+.3f}"
        " ppm)"
    )
    slice_times = _slice_times(bold, row)
    slice_rate = len(slice_times) / bold.tr_s
    onsets = clock.slice_onsets(bold.n_volumes, slice_times) * lfp.fs_hz
    cleaned, qc, noted, fs_hz = [], {}, _contradicted_start(lfp, row, clock), lfp.fs_hz
    multiunit = Multiunit(settings["multiunit_hz"] if stage == "raw" else None, lfp.fs_hz, clock, bold.n_volumes)
    pictured = quality.Spectrograms(clock, bold.n_volumes)
    for position, channel in enumerate(lfp.channels):
        samples = lfp.read(position, 0, lfp.n_samples)
        check_samples(samples, channel, where)
        if stage == "raw":
            before = samples - samples.mean(dtype=float).astype(np.float32)  # the electrode's offset is no artefact
            after, for_spikes, said = _without_gradient(before, onsets, settings)
            said += quality.doubts(before, after, lfp.fs_hz, clock, bold.n_volumes, settings)
            noted += [f"channel {channel}: {text}" for text in said]
            if position == 0:
                qc = quality.numbers(before, after, lfp.fs_hz, clock, bold, slice_rate, settings["notch_hz"], channel)
                pictured.add("Before", quality.scan_only(before, lfp.fs_hz, clock, bold.n_volumes), lfp.fs_hz)
            multiunit.add(before, for_spikes)
            samples = after
        part = quality.scan_only(samples, lfp.fs_hz, clock, bold.n_volumes)
        if stage != "power":
            part, fs_hz = science.resample(part, lfp.fs_hz, settings["fs_hz"])
        cleaned.append(part)
        log(f"channel {channel}: {position + 1} of {len(lfp.channels)}")
    cleaned = np.column_stack(cleaned)
    notches = np.zeros(0)
    if stage == "raw":
        rate = slice_rate if settings["notch_slice_rate"] and len(slice_times) > 1 else None
        notches = science.notch_frequencies(settings["notch_hz"], rate, min(settings["band_pass_hz"][1], 0.49 * fs_hz))
        cleaned = science.band_limit(
            cleaned,
            fs_hz,
            band_pass_hz=settings["band_pass_hz"],
            filter_order=settings["filter_order"],
            notches_hz=notches,
            notch_width_hz=settings["notch_width_hz"],
        )
        pictured.add("After", cleaned[:, 0], fs_hz)
    for text in noted:
        log(f"warning: {text}")
    info = _record(stage, clock, bold, lfp, row, settings, slice_times, notches)
    info |= {"Multiunit": multiunit.described(), "Warnings": noted}
    return cleaned, fs_hz, info, multiunit.series(), {"artefact": qc, "spectrogram": pictured.content(lfp.channels[0])}


def _contradicted_start(lfp, row, clock) -> list[str]:
    """A stated scan start that is none of the recording's own triggers."""
    if row["scan_start_s"] is None or lfp.triggers_s is None or not lfp.triggers_s.size:
        return []
    away = np.abs(lfp.triggers_s - clock.start_s).min()
    if away <= 0.01 * clock.tr_s:
        return []
    return [f"scan_start_s is {away:.3f} s from the nearest trigger; it is used, the triggers are not"]


def volumes_needed(lfp: Lfp, bold: Bold, row: dict, settings: dict) -> Clock:
    """The scanner's clock from triggers or scan_start_s, after making sure that the recording covers the scan.

    Raises
    ------
    InputError
        Without a scan start, with too few triggers, or when the LFP is shorter than the scan.
    """
    try:
        clock = _stated_clock(lfp, bold, row)
    except InputError as error:
        raise InputError(f"{row['where']}: {row['lfp']}: {error}") from None
    if settings["clock"] == "nominal":
        clock = Clock(clock.start_s, bold.tr_s, bold.tr_s)
    require_scan(lfp, bold, clock.start_s, clock.period_s, row["where"], row["input"]["lfp_stage"])
    return clock


def _stated_clock(lfp, bold, row) -> Clock:
    if row["scan_start_s"] is not None:
        return Clock(row["scan_start_s"], bold.tr_s, bold.tr_s)
    if lfp.triggers_s is not None:
        return fit_triggers(lfp.triggers_s, bold.tr_s, bold.n_volumes, row["input"]["extra_triggers"])
    if row["input"]["lfp_stage"] == "raw":
        raise InputError(
            f"has no triggers named `{row['input']['trigger']}`, and scan_start_s is empty; give scan_start_s in the"
            " sheet"
        )
    return Clock(0.0, bold.tr_s, bold.tr_s)


def _fitted_clock(lfp, bold, row, settings) -> Clock:
    """The stated clock, its period refined from the artefact where that is asked for."""
    clock = volumes_needed(lfp, bold, row, settings)
    raw = row["input"]["lfp_stage"] == "raw" and settings["template"] != "none"
    if not raw or settings["clock"] != "artefact":
        return clock
    return fit_period(lfp.read(0, 0, lfp.n_samples), lfp.fs_hz, clock, bold.n_volumes)


def _slice_times(bold: Bold, row: dict) -> np.ndarray:
    """Acquisition onsets within a volume.

    Where the sidecar does not say, raw volumes are taken to be evenly spaced slices along the third axis; volumes that
    were resampled to an atlas no longer tell their slices, and count as one acquisition.
    """
    if bold.slice_times_s is not None:
        return acquisition_times(bold.slice_times_s, bold.tr_s)
    n_slices = bold.shape[2] if row["input"]["bold_stage"] == "raw" else 1
    return np.arange(n_slices) * bold.tr_s / n_slices


def _without_gradient(samples, onsets, settings) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The channel after removal, the same for multi-unit activity, and what the removal warned of."""
    if settings["template"] == "none":
        return samples, samples, []
    # Whatever serves the LFP, under spikes the artefact is fitted to differences, or it would follow the LFP's power.
    fits = dict.fromkeys((settings["fit"], *(["differences"] if settings["multiunit_hz"] else [])))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cleaned = science.remove_gradient_by(
            samples, onsets, tuple(fits), template=settings["template"], align=settings["align"]
        )
    said = [str(warning.message) for warning in caught]
    return cleaned[settings["fit"]], cleaned.get("differences", cleaned[settings["fit"]]), said


def _record(stage, clock, bold, lfp, row, settings, slice_times, notches) -> dict:
    source = "scan_start_s" if row["scan_start_s"] is not None else "triggers"
    if row["scan_start_s"] is None and lfp.triggers_s is None:
        source = "start of the recording"
    assumed = (
        "assumed: evenly spaced along the third axis" if len(slice_times) > 1 else "none: one acquisition a volume"
    )
    return {
        "Stage": stage,
        "RawSamplingFrequency": lfp.fs_hz,
        "ScanStart": clock.start_s,
        "FirstSample": quality.first_sample(clock, lfp.fs_hz) / lfp.fs_hz - clock.start_s,
        "ClockFrom": source,
        "SliceTiming": "from the sidecar" if bold.slice_times_s is not None else assumed,
        "VolumePeriod": clock.period_s,
        "ClockPpm": clock.ppm,
        "RepetitionTime": bold.tr_s,
        "NumberOfVolumes": bold.n_volumes,
        "SliceAcquisitionsPerVolume": len(slice_times),
        "Notches": notches,
        "NotchWidth": settings["notch_width_hz"],
        "Template": settings["template"] if stage == "raw" else "none",
    }
