"""LFP to band power."""

from __future__ import annotations

import warnings

import numpy as np

from ..artefact.samples import runs_of, union
from ..errors import InputError
from ..hemodynamics.hrf import at_volumes
from ..spectral import power as science
from ..spectral.gaps import BRIEF_S, FILL_S, SMALL, interpolated, lost_share, touched

KEPT = 0.5  # share of a band's bins, below which its power is told to be of few


def power(samples, fs_hz: float, names, multiunit, info: dict, settings: dict):
    """Band power, multi-unit power and 1-Hz power over time; band power of odd and even contacts too.

    Parameters
    ----------
    samples : array of float, shape (n_samples, n_channels)
        From `artefact`; where the recording entered as power, its bands.
    names : list of str
        Channels.
    multiunit : array of float, shape (n, 2)
        Time and power of multi-unit activity from `artefact`; without rows where there is none.
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
        With `FirstStamp`: time of the first frame, s after scan start on the LFP clock; and `BinsKept`: of each band,
        how many bins no notch touches, and how many there are. `LostFrames`: first frame and the one after the last of
        each stretch of frames that hold too much which is no LFP, where the power is interpolated.
    contacts : ndarray, shape (n_frames, 2 × n_configured_bands)
        Power of the odd contacts, then of the even ones, for the reliability of the power; NaN with a single contact.
    """
    bands, options = settings["bands"], settings["power"]
    passed_on = {
        k: info[k]
        for k in ("ScanStart", "VolumePeriod", "RepetitionTime", "NumberOfVolumes", "Notches", "Stage", "Multiunit")
    }
    if info["Stage"] == "power":
        if len(bands) != np.shape(samples)[1]:
            raise InputError(
                f"the power file has {np.shape(samples)[1]} series but `bands` names {len(bands)}; name one band per"
                " series in the config"
            )
        unknown = np.full((len(samples), 2 * len(bands)), np.nan)
        stretches = union(*(info.get("UnusableSegments") or {}).values())
        lost = touched(np.arange(len(samples)) / fs_hz, 1 / fs_hz, stretches)
        filled = interpolated(samples, lost, FILL_S * fs_hz)
        passed_on |= {"FirstStamp": info["FirstSample"], "LostFrames": runs_of(lost)}
        return filled, fs_hz, list(bands), passed_on, unknown
    one_hz = science.one_hz_bands(*options["one_hz"]) if options["one_hz"] else {}
    one_hz = {name: edges for name, edges in one_hz.items() if edges[1] <= fs_hz / 2}
    samples, groups = _with_halves(samples, options["channels"])
    common = {
        "taper": options["taper"],
        "notches_hz": info["Notches"],
        "notch_width_hz": info["NotchWidth"],
        "groups": groups,
    }
    times, found = science.band_power(
        samples, fs_hz, {**bands, **one_hz}, window_s=options["window_s"], step_s=options["step_s"], **common
    )
    lost, rest = _lost(times, info, options)
    for part in found:
        part /= rest[:, None]
    slow, window = {name: edges for name, edges in bands.items() if edges[1] <= 1}, options["infraslow_window_s"]
    if slow and window != options["window_s"]:
        if 4 * window > len(samples) / fs_hz:
            raise InputError(
                f"power.infraslow_window_s of {window:g} s is more than a quarter of this recording; shorten it"
            )
        # Power in windows of five seconds holds nothing above 1 Hz: a tenth of the window is step enough.
        step = max(options["step_s"], window / 10)
        stamps, slowly = science.band_power(samples, fs_hz, slow, window_s=window, step_s=step, **common)
        for part, slow_part in zip(found, slowly, strict=True):
            part[:, [list(bands).index(name) for name in slow]] = at_volumes(slow_part, stamps, times)
    values, *halves = found
    halves = [half[:, : len(bands)] for half in halves] or [np.full((len(values), 2 * len(bands)), np.nan)]
    missing = [name for name in bands if np.isnan(values[0, list(bands).index(name)])]
    if missing:
        raise InputError(
            f"the band {missing[0]} holds no frequency bin (width {1 / options['window_s']:g} Hz, notches excluded);"
            " widen it"
        )
    kept = science.bins_kept(fs_hz, bands, window_s=options["window_s"], notches_hz=info["Notches"],
                             notch_width_hz=info["NotchWidth"])  # fmt: skip
    for name, (left, every) in kept.items():
        if left < KEPT * every and bands[name][1] > 1:
            warnings.warn(
                f"the band {name} keeps {left} of {every} bins, notches took the others; set artefact.notch_slice_rate"
                " to auto or false, or choose another band",
                stacklevel=2,
            )
    # The rate that was reached: the hop is a whole number of samples.
    rate = fs_hz / round(options["step_s"] * fs_hz)
    names = [*bands, *one_hz]
    if len(multiunit):
        frames, found = multiunit.T
        found = science.as_windowed(
            found, 1 / (frames[1] - frames[0]), window_s=options["window_s"], taper=options["taper"]
        )
        values = np.insert(values, len(bands), at_volumes(found[:, None], frames, times)[:, 0], axis=1)
        names.insert(len(bands), "multiunit")
    values, halves = (interpolated(series, lost, FILL_S * rate) for series in (values, np.column_stack(halves)))
    passed_on |= {"FirstStamp": times[0], "BinsKept": kept, "LostFrames": runs_of(lost)}
    return values, rate, names, passed_on, halves


def _lost(times, info: dict, options: dict) -> tuple[np.ndarray, np.ndarray]:
    """Frames without enough LFP in any channel; and of the others, the share that is LFP, mean over channels.

    In the cleaned LFP a line takes the place of what is no LFP, so that power is lower by the share of it. Brief gaps
    leave enough of a window; of longer ones, such as movements, the surroundings are not certain either.
    """
    window = science.TAPERS[options["taper"]](1001, sym=True)
    of_channels = [np.reshape(part, (-1, 2)) for part in (info.get("UnusableSegments") or {}).values()]
    lost, share = np.zeros(len(times), dtype=bool), np.zeros(len(times))
    for stretches in of_channels:
        own = lost_share(times, window, options["window_s"], stretches)
        long = stretches[np.ptp(stretches, axis=1) > BRIEF_S]
        lost |= touched(times, options["window_s"], long) | (own > SMALL)
        share += own / len(of_channels)
    return lost, np.where(lost, 1, 1 - share)


def _with_halves(samples, channels: str):
    """Channels, and which of them are averaged: all, and where there is more than one the odd and the even ones."""
    everything, odd, even = slice(None), slice(0, None, 2), slice(1, None, 2)
    groups = [everything, odd, even] if np.shape(samples)[1] > 1 else [everything]
    if channels == "mean_signal":
        samples = np.column_stack([np.mean(samples[:, group], axis=1) for group in groups])
        groups = [slice(i, i + 1) for i in range(len(groups))]
    return samples, groups
