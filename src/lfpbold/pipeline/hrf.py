"""Band power to regressors, one value per volume."""

from __future__ import annotations

import numpy as np
from scipy import signal

from ..bold import cleaning as filters
from ..hemodynamics import hrf as science

MOST_LOST = 0.5  # share of the response that may fall on interpolated power


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


def hrf(values, fs_hz: float, info: dict, settings: dict, *, response=None) -> np.ndarray:
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
    response : array of float, shape (n,), optional
        Impulse response at the power's rate; SPM's with `hrf.p` by default.

    Returns
    -------
    regressors : ndarray, shape (n_volumes, n_bands)
        NaN for a band that has no frequency bin.
    """
    prepared = prepared_power(values, fs_hz, settings)
    usable = np.isfinite(prepared).all(axis=0)
    regressors = np.full((info["NumberOfVolumes"], prepared.shape[1]), np.nan)
    response = science.spm_hrf(1 / fs_hz, settings["hrf"]["p"]) if response is None else response
    convolved = science.convolve(prepared[:, usable], response)
    sampled = science.at_volumes(convolved, frame_times(len(values), fs_hz, info), volume_times(info, settings))
    if settings["hrf"]["band_pass"] == "regressor":
        sampled = _like_bold(sampled, info["RepetitionTime"], settings["bold"])
    regressors[:, usable] = sampled
    return regressors


def lost_volumes(n_frames: int, fs_hz: float, info: dict, settings: dict, *, response=None) -> np.ndarray:
    """Volumes whose regressors rest on power that was interpolated because there was no LFP.

    Parameters
    ----------
    n_frames : int
        Of the power.
    fs_hz : float
        Their rate.
    info : dict
        Sidecar of the power.
    settings : dict
        `hrf` section.
    response : array of float, shape (n,), optional
        As for `hrf`.

    Returns
    -------
    volumes : ndarray of int
        Those for which more than half of the response falls on such frames.
    """
    lost = np.zeros((n_frames, 1))
    for first, stop in info.get("LostFrames") or ():
        lost[first:stop] = 1
    if not lost.any():
        return np.zeros(0, dtype=int)
    response = science.spm_hrf(1 / fs_hz, settings["hrf"]["p"]) if response is None else response
    weights = np.abs(np.asarray(response, dtype=float))
    share = signal.oaconvolve(lost, (weights / weights.sum())[:, None], axes=0)[:n_frames]
    at = science.at_volumes(share, frame_times(n_frames, fs_hz, info), volume_times(info, settings))
    return np.flatnonzero(at[:, 0] > MOST_LOST)


def over_grid(values, fs_hz: float, info: dict, settings: dict, grid) -> np.ndarray:
    """Regressors of one band for every HRF of a grid; shape (n_volumes, n_cells).

    Parameters
    ----------
    values : array of float, shape (n_frames,)
        Band power.
    grid : list of (delay_s, undershoot_s, degenerate)
        From `hrf.delay_grid`; the other parameters are those of `hrf.p`.
    """
    delays = [[delay, undershoot, *settings["hrf"]["p"][2:]] for delay, undershoot, _ in grid]
    return np.column_stack(
        [hrf(values[:, None], fs_hz, info, {**settings, "hrf": {**settings["hrf"], "p": p}})[:, 0] for p in delays]
    )


def frame_times(n_frames: int, fs_hz: float, info: dict) -> np.ndarray:
    """Stamps of the power, s after scan start on the LFP clock."""
    return info["FirstStamp"] + np.arange(n_frames) / fs_hz


def volume_times(info: dict, settings: dict) -> np.ndarray:
    """Times at which the volumes are compared with the LFP, s after scan start on the LFP clock."""
    return np.arange(info["NumberOfVolumes"]) * info["VolumePeriod"] + settings["hrf"]["sample_at_s"]
