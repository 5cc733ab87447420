"""Raw LFP to LFP without gradient artefact, on the scan's time."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np

from .. import artefact as science
from .. import lfp_filters as filters
from ..recordings import Bold, Lfp, check_samples
from . import clock as clocks
from . import quality
from .multiunit import Multiunit
from .stated import volumes_needed

__all__ = ["artefact", "volumes_needed"]


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
        In µV, from the onset of the first volume to the end of the last one that the recording covers.
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
    timing = clocks.fitted(lfp, bold, row, settings)
    clock, of_bold, bold = timing.clock, bold.n_volumes, replace(bold, n_volumes=timing.n_volumes)
    log(
        f"clock: scan starts at {clock.start_s:.6f} s, TR {clock.period_s:.9f} s on the LFP clock ({clock.ppm:+.3f}"
        " ppm)"
    )
    slice_times = timing.slice_times_s
    slice_rate = len(slice_times) / bold.tr_s
    onsets = timing.onsets(lfp.fs_hz)
    cleaned, qc, noted, fs_hz, knots = [], {}, list(timing.notes), lfp.fs_hz, 0
    multiunit = Multiunit(settings["multiunit_hz"] if stage == "raw" else None, lfp.fs_hz, clock, bold.n_volumes)
    pictured = quality.Spectrograms(clock, bold.n_volumes)
    for position, channel in enumerate(lfp.channels):
        samples = lfp.read(position, 0, lfp.n_samples)
        check_samples(samples, channel, where)
        if stage == "raw":
            before = samples - samples.mean(dtype=float).astype(np.float32)  # the electrode's offset is no artefact
            if position == 0:
                knots = clocks.knots_between(before, onsets, settings)
            after, for_spikes, said = _without_gradient(before, onsets, lfp.fs_hz, settings, knots)
            said += quality.doubts(before, after, lfp.fs_hz, clock, bold.n_volumes, settings)
            if position == 0:
                qc = quality.numbers(before, after, lfp.fs_hz, timing, settings["notch_hz"], channel)
                said += quality.risks(qc, settings)
                pictured.add("Before", quality.scan_only(before, lfp.fs_hz, clock, bold.n_volumes), lfp.fs_hz)
            noted += [f"channel {channel}: {text}" for text in said]
            multiunit.add(before, for_spikes)
            samples = after
        part = quality.scan_only(samples, lfp.fs_hz, clock, bold.n_volumes)
        if stage != "power":
            part, fs_hz = filters.resample(part, lfp.fs_hz, settings["fs_hz"])
        cleaned.append(part)
        log(f"channel {channel}: {position + 1} of {len(lfp.channels)}")
    cleaned = np.column_stack(cleaned)
    notches = np.zeros(0)
    if stage == "raw":
        rate = slice_rate if settings["notch_slice_rate"] and len(slice_times) > 1 else None
        notches = filters.notch_frequencies(settings["notch_hz"], rate, min(settings["band_pass_hz"][1], 0.49 * fs_hz))
        cleaned = filters.band_limit(
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
    info = _record(stage, timing, of_bold, bold, lfp, settings, notches, knots)
    info |= {"Multiunit": multiunit.described(), "Warnings": noted}
    return cleaned, fs_hz, info, multiunit.series(), {"artefact": qc, "spectrogram": pictured.content(lfp.channels[0])}


def _without_gradient(samples, onsets, fs_hz, settings, knots) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The channel after removal, the same for multi-unit activity, and what the removal warned of."""
    if settings["template"] == "none":
        return samples, samples, []
    # Whatever serves the LFP, under spikes the artefact is fitted to differences, or it would follow the LFP's power.
    fits = dict.fromkeys((settings["fit"], *(["differences"] if settings["multiunit_hz"] else [])))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cleaned = science.remove_gradient_by(
            samples,
            onsets,
            tuple(fits),
            template=settings["template"],
            align=settings["align"],
            average=settings["average"],
            window=settings["window_volumes"],
            knots=knots,
            components=settings["components"],
            components_above=settings["components_above_hz"] / fs_hz,
        )
    said = [str(warning.message) for warning in caught]
    return cleaned[settings["fit"]], cleaned.get("differences", cleaned[settings["fit"]]), said


def _record(stage, timing, of_bold, bold, lfp, settings, notches, knots) -> dict:
    clock, slice_times = timing.clock, timing.slice_times_s
    assumed = (
        "assumed: evenly spaced along the third axis" if len(slice_times) > 1 else "none: one acquisition a volume"
    )
    return {
        "Stage": stage,
        "RawSamplingFrequency": lfp.fs_hz,
        "ScanStart": clock.start_s,
        "FirstSample": quality.first_sample(clock, lfp.fs_hz) / lfp.fs_hz - clock.start_s,
        "ClockFrom": timing.source,
        "SliceTiming": "from the sidecar" if bold.slice_times_s is not None else assumed,
        "VolumePeriod": clock.period_s,
        "ClockPpm": clock.ppm,
        "RepetitionTime": bold.tr_s,
        "NumberOfVolumes": bold.n_volumes,
        "NumberOfVolumesInBold": of_bold,
        "DummyVolumes": bold.dummy_volumes,
        "SliceAcquisitionsPerVolume": len(slice_times),
        "Notches": notches,
        "NotchWidth": settings["notch_width_hz"],
        "Template": settings["template"] if stage == "raw" else "none",
        "TemplateKnotsPerSample": knots,
        **timing.record,
    }
