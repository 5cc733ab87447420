"""Raw LFP to LFP without gradient artefact, on the scan's time."""

from __future__ import annotations

import warnings

import numpy as np
from scipy import signal

from .. import artefact as science
from ..errors import InputError
from ..recordings import Bold, Lfp, check_samples, require_scan
from ..timing import Clock, acquisition_times, fit_period, fit_triggers

QC_SECONDS = 0.5  # of trace that is kept for the figure


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
    qc : dict
        For figures and the report.
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
    for position, channel in enumerate(lfp.channels):
        samples = lfp.read(position, 0, lfp.n_samples)
        check_samples(samples, channel, where)
        if stage == "raw":
            before = samples - samples.mean(dtype=float).astype(np.float32)  # the electrode's offset is no artefact
            after, said = _without_gradient(before, onsets, settings)
            said += _doubts(before, after, lfp.fs_hz, clock, bold.n_volumes, settings)
            noted += [f"channel {channel}: {text}" for text in said]
            if position == 0:
                qc = _quality(before, after, lfp.fs_hz, clock, bold, slice_rate, settings["notch_hz"], channel)
            samples = after
        part = _scan_only(samples, lfp.fs_hz, clock, bold.n_volumes)
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
    for text in noted:
        log(f"warning: {text}")
    info = _record(stage, clock, bold, lfp, row, settings, slice_times, notches) | {"Warnings": noted}
    return cleaned, fs_hz, info, qc


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


def _without_gradient(samples, onsets, settings) -> tuple[np.ndarray, list[str]]:
    """The channel after removal, and what the removal warned of."""
    if settings["template"] == "none":
        return samples, []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        cleaned = science.remove_gradient(samples, onsets, template=settings["template"], align=settings["align"])
    return cleaned, [str(warning.message) for warning in caught]


def _doubts(before, after, fs_hz, clock, n_volumes, settings) -> list[str]:
    """What does not look like a scan from which the artefact was removed."""
    if settings["template"] == "none":
        return []
    begin, end = (round(t * fs_hz) for t in (clock.start_s, clock.start_s + n_volumes * clock.period_s))
    # Differences of samples weigh the broadband artefact and hardly the LFP.
    inside, left = (np.diff(series[max(begin, 0) : end]).std() for series in (before, after))
    said = []
    if left > 0.1 * inside:
        said.append(
            f"{100 * left / inside:.0f} % of the broadband signal is left; check the clock, the TR and slice times"
        )
    margin, second = round(0.1 * fs_hz), round(fs_hz)
    outside = {
        "before": before[max(begin - margin - second, 0) : max(begin - margin, 0)],
        "after": before[end + margin :][:second],
    }
    for name, samples in outside.items():
        if left <= 0.1 * inside and samples.size > second // 2 and np.diff(samples).std() > 0.3 * inside:
            said.append(f"the artefact is there {name} the scan too; check scan_start_s, the triggers and the TR")
    return said


def _first_sample(clock, fs_hz) -> int:
    return max(0, round(clock.start_s * fs_hz))


def _scan_only(samples, fs_hz, clock, n_volumes) -> np.ndarray:
    begin = _first_sample(clock, fs_hz)
    return samples[begin : begin + round(n_volumes * clock.period_s * fs_hz)]


def _quality(before, after, fs_hz, clock, bold, slice_rate, mains_hz, channel) -> dict:
    """Numbers, spectra and a short trace of one channel, before and after."""
    scan = slice(round(clock.start_s * fs_hz), round((clock.start_s + bold.n_volumes * clock.period_s) * fs_hz))
    middle = round((clock.start_s + bold.n_volumes // 2 * clock.period_s) * fs_hz)
    trace = slice(middle, middle + round(QC_SECONDS * fs_hz))
    edges = np.geomspace(1, fs_hz / 2, 200)
    density = {}
    for name, series in (("before", before), ("after", after)):
        frequencies, values = signal.welch(series[scan], fs_hz, nperseg=min(int(2 * fs_hz), series[scan].size))
        density[name] = np.exp(np.interp(np.log(edges), np.log(frequencies[1:]), np.log(values[1:] + 1e-12)))
    return {
        "Channel": channel,
        "SamplingFrequency": fs_hz,
        "Residue": science.residue(before[scan], after[scan], fs_hz, slice_rate, mains_hz),
        "TraceStart": trace.start / fs_hz,
        "TraceBefore": np.round(before[trace], 2),
        "TraceAfter": np.round(after[trace], 2),
        "Frequencies": edges,
        "DensityBefore": density["before"],
        "DensityAfter": density["after"],
    }


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
        "FirstSample": _first_sample(clock, lfp.fs_hz) / lfp.fs_hz - clock.start_s,
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
