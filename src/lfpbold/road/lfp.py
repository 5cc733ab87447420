"""LFP: from the raw recording to artefact-free LFP, band power and HRF regressors."""

from __future__ import annotations

import numpy as np
from scipy import signal

from .. import artefact as science
from .. import bold as filters
from .. import hrf as response
from .. import power as spectra
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
    require_scan(lfp, bold, clock.start_s, clock.period_s, where)
    slice_times = _slice_times(bold)
    slice_rate = len(slice_times) / bold.tr_s
    cleaned, qc, fs_hz = [], {}, lfp.fs_hz
    for position, channel in enumerate(lfp.channels):
        samples = lfp.read(position, 0, lfp.n_samples)
        check_samples(samples, channel, where)
        if stage == "raw":
            before, after = _without_gradient(samples, lfp.fs_hz, clock, slice_times, bold.n_volumes, settings)
            if position == 0:
                qc = _quality(before, after, lfp.fs_hz, clock, bold, slice_rate, channel)
            samples = after
        part = _scan_only(samples, lfp.fs_hz, clock, bold.n_volumes)
        if stage != "power":
            part, fs_hz = science.resample(part, lfp.fs_hz, settings["fs_hz"])
        cleaned.append(part)
        log(f"channel {channel}: {position + 1} of {len(lfp.channels)}")
    cleaned = np.column_stack(cleaned)
    notches = np.zeros(0)
    if stage == "raw":
        rate = slice_rate if settings["notch_slice_rate"] else None
        notches = science.notch_frequencies(settings["notch_hz"], rate, min(settings["band_pass_hz"][1], 0.49 * fs_hz))
        cleaned = science.band_limit(
            cleaned,
            fs_hz,
            band_pass_hz=settings["band_pass_hz"],
            filter_order=settings["filter_order"],
            notches_hz=notches,
            notch_width_hz=settings["notch_width_hz"],
        )
    info = _record(stage, clock, bold, lfp, settings, slice_times, notches)
    return cleaned, fs_hz, info, qc


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
    require_scan(lfp, bold, clock.start_s, clock.period_s, row["where"])
    return clock


def _stated_clock(lfp, bold, row) -> Clock:
    if row["scan_start_s"] is not None:
        return Clock(row["scan_start_s"], bold.tr_s, bold.tr_s)
    if lfp.triggers_s is not None:
        return fit_triggers(lfp.triggers_s, bold.tr_s, bold.n_volumes)
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


def _slice_times(bold: Bold) -> np.ndarray:
    """Acquisition onsets within a volume; evenly spread where the sidecar does not say."""
    if bold.slice_times_s is not None:
        return acquisition_times(bold.slice_times_s, bold.tr_s)
    n_slices = bold.shape[2]
    return np.arange(n_slices) * bold.tr_s / n_slices


def _without_gradient(samples, fs_hz, clock, slice_times, n_volumes, settings):
    """The channel without its mean (electrode offset), before and after removal."""
    before = samples - samples.mean(dtype=float).astype(np.float32)
    if settings["template"] == "none":
        return before, before
    # The first acquisition need not begin with the volume: the road up to it belongs to the one before.
    onsets = clock.slice_onsets(n_volumes, slice_times) * fs_hz
    return before, science.remove_gradient(before, onsets, template=settings["template"], align=settings["align"])


def _scan_only(samples, fs_hz, clock, n_volumes) -> np.ndarray:
    begin = round(clock.start_s * fs_hz)
    return samples[begin : begin + round(n_volumes * clock.period_s * fs_hz)]


def _quality(before, after, fs_hz, clock, bold, slice_rate, channel) -> dict:
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
        "Residue": science.residue(before[scan], after[scan], fs_hz, slice_rate),
        "TraceStart": trace.start / fs_hz,
        "TraceBefore": np.round(before[trace], 2),
        "TraceAfter": np.round(after[trace], 2),
        "Frequencies": edges,
        "DensityBefore": density["before"],
        "DensityAfter": density["after"],
    }


def _record(stage, clock, bold, lfp, settings, slice_times, notches) -> dict:
    return {
        "Stage": stage,
        "RawSamplingFrequency": lfp.fs_hz,
        "ScanStart": clock.start_s,
        "VolumePeriod": clock.period_s,
        "ClockPpm": clock.ppm,
        "RepetitionTime": bold.tr_s,
        "NumberOfVolumes": bold.n_volumes,
        "SliceAcquisitionsPerVolume": len(slice_times),
        "Notches": notches,
        "NotchWidth": settings["notch_width_hz"],
        "Template": settings["template"] if stage == "raw" else "none",
    }


def power(samples, fs_hz: float, names, info: dict, settings: dict):
    """Band power and 1-Hz power over time.

    Parameters
    ----------
    samples : array of float, shape (n_samples, n_channels)
        From `artefact`; where the recording entered as power, its bands.
    names : list of str
        Channels.
    info : dict
        Sidecar of the cleaned LFP.
    settings : dict
        `bands` and `power` sections.

    Returns
    -------
    power : ndarray, shape (n_frames, n_bands)
    fs_hz : float
        Rate of the frames.
    bands : list of str
    info : dict
        With `FirstStamp`: time of the first frame, s after scan start on the LFP clock.
    """
    bands, options = settings["bands"], settings["power"]
    passed_on = {
        k: info[k] for k in ("ScanStart", "VolumePeriod", "RepetitionTime", "NumberOfVolumes", "Notches", "Stage")
    }
    if info["Stage"] == "power":
        if len(bands) != np.shape(samples)[1]:
            raise InputError(
                f"the power file has {np.shape(samples)[1]} series but `bands` names {len(bands)}; name one band per"
                " series in the config"
            )
        return np.asarray(samples), fs_hz, list(bands), {**passed_on, "FirstStamp": 0.0}
    one_hz = spectra.one_hz_bands(*options["one_hz"]) if options["one_hz"] else {}
    one_hz = {name: edges for name, edges in one_hz.items() if edges[1] <= fs_hz / 2}
    if options["channels"] == "mean_signal":
        samples = np.mean(samples, axis=1)
    times, values = spectra.band_power(
        samples,
        fs_hz,
        {**bands, **one_hz},
        window_s=options["window_s"],
        step_s=options["step_s"],
        taper=options["taper"],
        notches_hz=info["Notches"],
        notch_width_hz=info["NotchWidth"],
    )
    missing = [name for name in bands if np.isnan(values[0, list(bands).index(name)])]
    if missing:
        raise InputError(
            f"the band {missing[0]} holds no frequency bin (width {1 / options['window_s']:g} Hz, notches left out);"
            " widen it"
        )
    # The rate that was reached: the hop is a whole number of samples.
    rate = fs_hz / round(options["step_s"] * fs_hz)
    return values, rate, [*bands, *one_hz], {**passed_on, "FirstStamp": times[0]}


def prepared_power(values, fs_hz: float, settings: dict) -> np.ndarray:
    """Band power without its mean or trend, and where asked for band-passed like the BOLD, before convolution."""
    values = np.asarray(values, dtype=float)
    usable = np.isfinite(values).all(axis=0)
    prepared = np.full(values.shape, np.nan)
    prepared[:, usable] = signal.detrend(values[:, usable], axis=0, type=settings["hrf"]["detrend"])
    if settings["hrf"]["band_pass"] == "power":
        prepared[:, usable] = _like_bold(prepared[:, usable], 1 / fs_hz, settings["bold"])
    return prepared


def _like_bold(series, step_s, settings):
    return filters.band_pass(
        series, step_s, settings["band_pass_hz"], order=settings["filter_order"], padding=settings["filter_padding"]
    )


def hrf(values, fs_hz: float, info: dict, settings: dict) -> np.ndarray:
    """Regressors: band power, convolved with the HRF, sampled at the volumes.

    Parameters
    ----------
    values : array of float, shape (n_frames, n_bands)
    fs_hz : float
        Rate of the frames.
    info : dict
        Sidecar of the power.
    settings : dict
        `hrf` and `bold` sections.

    Returns
    -------
    regressors : ndarray, shape (n_volumes, n_bands)
        NaN for a band that has no frequency bin.
    """
    prepared = prepared_power(values, fs_hz, settings)
    usable = np.isfinite(prepared).all(axis=0)
    regressors = np.full((info["NumberOfVolumes"], prepared.shape[1]), np.nan)
    convolved = response.convolve(prepared[:, usable], 1 / fs_hz, settings["hrf"]["p"])
    sampled = response.at_volumes(convolved, frame_times(len(values), fs_hz, info), volume_times(info, settings))
    if settings["hrf"]["band_pass"] == "regressor":
        sampled = _like_bold(sampled, info["RepetitionTime"], settings["bold"])
    regressors[:, usable] = sampled
    return regressors


def frame_times(n_frames: int, fs_hz: float, info: dict) -> np.ndarray:
    """Stamps of the power, s after scan start on the LFP clock."""
    return info["FirstStamp"] + np.arange(n_frames) / fs_hz


def volume_times(info: dict, settings: dict) -> np.ndarray:
    """Times at which the volumes are compared with the LFP, s after scan start on the LFP clock."""
    return np.arange(info["NumberOfVolumes"]) * info["VolumePeriod"] + settings["hrf"]["sample_at_s"]
