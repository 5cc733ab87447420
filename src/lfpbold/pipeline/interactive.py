"""The stages of one recording as functions for a script or a notebook: arrays in, arrays out, options by keyword.

Each is a thin way to the stage that the workflow calls. Options are the keys of the stage's section of the config, with
the config's defaults.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ..bold.volumes import ranges
from ..errors import InputError
from ..hemodynamics.hrf import spm_hrf
from ..recordings import Bold
from ..study.settings import defaults, validate_section
from . import bold as bold_stage
from . import hrf as hrf_stage
from . import power as power_stage
from .artefact.driver import CleanLfp, clean_lfp
from .coupling import Power

__all__ = ["CleanBold", "CleanLfp", "band_power", "clean_bold", "clean_lfp", "convolve"]


@dataclass(frozen=True)
class CleanBold:
    """BOLD of the brain's voxels without nuisance.

    Attributes
    ----------
    voxels : ndarray, shape (n_kept, n_voxels)
        Of the brain mask, in its order.
    nuisance : ndarray, shape (n_kept, n_nuisance)
        What was regressed out, and its names in `info["Nuisance"]`.
    kept : ndarray of int, shape (n_kept,)
        Volumes that were not censored: regressors are compared at these, `regressors[clean.kept]`.
    info : dict
        What was done, as the workflow writes it beside the file.
    """

    voxels: np.ndarray
    nuisance: np.ndarray
    kept: np.ndarray
    info: dict


def options_of(section: str, given: dict) -> dict:
    """The defaults of a section of the config, with what was given instead.

    Raises
    ------
    InputError
        For a value that the config would refuse.
    TypeError
        For a key that the section does not have.
    """
    known = defaults(section)
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise TypeError(f"{section} has no option {', '.join(unknown)}; it has {', '.join(known)}")
    validate_section(section, _as_config(given))
    return known | given


def _as_config(value):
    """A value as YAML would hold it: lists for tuples and arrays, Python's own numbers for NumPy's."""
    if isinstance(value, dict):
        return {key: _as_config(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_config(one) for one in value]
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _mask(name: str, values, shape) -> np.ndarray:
    """A mask as an array of bool; a map of probabilities or labels would be one of everything above zero."""
    mask = np.asarray(values)
    if mask.shape != tuple(shape):
        raise TypeError(f"{name} must have the shape of a volume, {tuple(shape)}, not {mask.shape}")
    if np.setdiff1d(mask, [0]).size != 1 or not np.isfinite(mask).all():
        raise InputError(f"{name} must hold one value in its voxels and 0 in all others; threshold it")
    return mask.astype(bool)


def band_power(clean: CleanLfp, bands: dict | None = None, **options) -> Power:
    """Power of the LFP in frequency bands over time.

    Parameters
    ----------
    clean : CleanLfp
        From `clean_lfp`.
    bands : dict of name to (low, high), optional
        Half-open, Hz; those of the config by default.
    **options
        Keys of the section `power` of the config: `window_s`, `step_s`, `taper`, `channels`, … The 1-Hz bins, `one_hz`,
        are left off unless given.

    Returns
    -------
    power : Power
        `values`, shape (n_frames, n_bands), µV²; `fs_hz`, `bands`, `times_s`.

    Raises
    ------
    InputError
        For a band beyond the Nyquist frequency, or without a frequency bin, and an option's value that the config would
        refuse.
    TypeError
        For an option that does not exist, `bands` that is no dictionary, and `clean` that is not of `clean_lfp`.

    See Also
    --------
    lfpbold.spectral.power.band_power : the same of a plain array.

    Examples
    --------
    A sine of 10 µV has a power of 10²/2 µV²:

    >>> from lfpbold import Clock
    >>> from lfpbold.recordings import Lfp
    >>> sine = 10 * np.sin(2 * np.pi * 55 * np.arange(60_000) / 1000)
    >>> lfp = Lfp(1000.0, sine.size, ["A1"], lambda channel, start, stop: sine[start:stop].astype(np.float32))
    >>> clean = clean_lfp(lfp, Clock(0.0, 2.0, 2.0, n_volumes=30), lfp_stage="lfp", multiunit_hz=None)
    >>> power = band_power(clean, {"gamma": (40, 100), "beta": (12, 30)})
    >>> power.bands, power.values.mean(axis=0).round(1).tolist()
    (('gamma', 'beta'), [50.0, 0.0])
    """
    chosen = options_of("power", {"one_hz": None} | options)
    if not isinstance(clean, CleanLfp):
        raise TypeError(f"clean must be what clean_lfp returns, not {type(clean).__name__}")
    if bands is not None:
        if not isinstance(bands, dict):
            raise TypeError(f"bands must be a dictionary of name to (low, high) in Hz, not {type(bands).__name__}")
        validate_section("bands", _as_config(bands))
    settings = {
        "bands": {name: tuple(edges) for name, edges in (defaults("bands") if bands is None else bands).items()},
        "power": chosen,
    }
    values, fs_hz, names, info, _ = power_stage.power(
        clean.samples, clean.fs_hz, clean.channels, np.empty((0, 2)), clean.info, settings
    )
    return Power(values, fs_hz, info, tuple(names))


def convolve(power: Power, response=None, *, at: Bold | None = None, **options) -> np.ndarray:
    """Regressors: band power convolved with the hemodynamic response and sampled at the volumes.

    Parameters
    ----------
    power : Power
        From `band_power`.
    response : array of float, shape (n,), optional
        Impulse response at the power's own rate, such as `spm_hrf(1 / power.fs_hz, p)`; SPM's with the parameters
        `hrf.p` of the config by default.
    at : Bold, optional
        The series whose volumes are meant, to make sure that it is the one that the clock was made for.
    **options
        Keys of the section `hrf` of the config: `detrend`, `sample_at_s`, `band_pass`.

    Returns
    -------
    regressors : ndarray, shape (n_volumes, n_bands)

    Raises
    ------
    InputError
        Where the response vanishes or holds NaN, `at` has other volumes than the clock, or an option's value is one
        that the config would refuse.
    TypeError
        For an option that does not exist, both `response` and `p`, and `power` that is not of `band_power`.

    Warns
    -----
    UserWarning
        Where more than half of the response of some volumes falls on power that is interpolated: there was no LFP.

    Examples
    --------
    A burst of power at 10 s, and a response that is largest after 3 s:

    >>> info = {"FirstStamp": 0.0, "VolumePeriod": 1.0, "RepetitionTime": 1.0, "NumberOfVolumes": 40}
    >>> power = Power(np.eye(400)[:, [100]], 10.0, info, ("gamma",))
    >>> regressors = convolve(power, spm_hrf(0.1, (4, 4, 1, 1, 6, 0, 32)))
    >>> regressors.shape, int(regressors[:, 0].argmax())
    ((40, 1), 13)
    """
    settings = {"hrf": options_of("hrf", options), "bold": defaults("bold")}
    if not isinstance(power, Power):
        raise TypeError(f"power must be what band_power returns, not {type(power).__name__}")
    if response is not None and "p" in options:
        raise TypeError("give either the response or its parameters p")
    if at is not None and (
        at.n_volumes < power.info["NumberOfVolumes"] or abs(at.tr_s / power.info["RepetitionTime"] - 1) > 1e-6
    ):
        raise InputError(
            f"the power is of {power.info['NumberOfVolumes']} volumes every {power.info['RepetitionTime']:g} s, and"
            f" `at` has {at.n_volumes} every {at.tr_s:g} s"
        )
    if response is None:
        response = spm_hrf(1 / power.fs_hz, settings["hrf"]["p"])
    if not np.size(response) or not np.isfinite(response).all():
        raise InputError("the response is empty or holds NaN; give an impulse response at the power's rate")
    lost = hrf_stage.lost_volumes(len(power.values), power.fs_hz, power.info, settings, response=response)
    if lost.size:
        warnings.warn(
            f"volumes {ranges(lost)} rest on power where there was no LFP, which is interpolated; censor them",
            stacklevel=2,
        )
    return hrf_stage.hrf(power.values, power.fs_hz, power.info, settings, response=response)


def clean_bold(
    volumes, affine, brain, *, tr_s: float, motion=None, keep=None, white_matter=None, ventricles=None, **options
) -> CleanBold:
    """Smooth, regress nuisance out, band-pass.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
        Realigned, such as by `realign` and `resample`.
    affine : array of float, shape (4, 4)
        Voxel to millimetres.
    brain : array of bool, shape (x, y, z)
    tr_s : float
        Repetition time, s.
    motion : array of float, shape (n_volumes, 6), optional
        Realignment parameters, regressed out where `options` does not say otherwise.
    keep : array of bool, shape (n_volumes,), optional
        False for censored volumes, which are taken out before anything is fitted; all are kept by default.
    white_matter, ventricles : array of bool, shape (x, y, z), optional
        Regions whose mean is regressed out; without a mask its regressor is left off.
    **options
        Keys of the section `bold` of the config: `fwhm_mm`, `global_signal`, `detrend`, `filtering`, `band_pass_hz`, …

    Returns
    -------
    clean : CleanBold

    Raises
    ------
    InputError
        Where nothing is left of the signal, the series is too short for the band, the motion holds NaN, a mask holds
        more than one value, or an option's value is one that the config would refuse.
    TypeError
        For an option that does not exist, and arrays of other shapes.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> volumes, motion = rng.normal(100, 1, (200, 4, 4, 4)), rng.standard_normal((200, 6))
    >>> clean = clean_bold(volumes, np.eye(4), np.ones((4, 4, 4)), tr_s=1.0, motion=motion, fwhm_mm=0,
    ...                    global_signal=False, band_pass_hz=None)
    >>> clean.voxels.shape, clean.info["Nuisance"]
    ((200, 64), ['constant', 'trend', 'trans_x', 'trans_y', 'trans_z', 'rot_x', 'rot_y', 'rot_z'])
    >>> bool(np.abs(motion.T @ clean.voxels).max() < 1e-9)
    True
    """
    volumes = np.asarray(volumes)
    if volumes.ndim != 4:
        raise TypeError(f"volumes must have the shape (n_volumes, x, y, z), not {volumes.shape}")
    if not 0 < tr_s < np.inf:
        raise InputError(f"tr_s is {tr_s:g}; give the repetition time in seconds")
    shape, given = volumes.shape[1:], {"white_matter": white_matter, "ventricles": ventricles}
    brain = _mask("brain", brain, shape)
    masks = {name: None if mask is None else _mask(name, mask, shape) for name, mask in given.items()}
    settings = options_of("bold", {name: mask is not None for name, mask in masks.items()} | options)
    keep = np.ones(len(volumes), dtype=bool) if keep is None else np.asarray(keep)
    if keep.dtype != bool or keep.shape != (len(volumes),):
        raise TypeError(f"keep must be a boolean array of shape ({len(volumes)},), not {keep.dtype} of {keep.shape}")
    if motion is None:
        motion = np.full((len(volumes), 6), np.nan)  # stands for motion that was not estimated
    else:
        motion = np.asarray(motion, dtype=float)
        if motion.shape != (len(volumes), 6):
            raise TypeError(f"motion must have the shape ({len(volumes)}, 6), not {motion.shape}")
        if not np.isfinite(motion).all():
            raise InputError("the motion parameters hold NaN or infinity; estimate them again, or give none")
    info = {"Stage": "raw", "RepetitionTime": float(tr_s)}
    voxels, nuisance, info = bold_stage.bold(volumes, affine, brain, motion, keep, masks, info, settings)
    return CleanBold(voxels, nuisance, info["VolumesKept"], info)
