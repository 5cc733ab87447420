"""The stages of one recording as functions for a script or a notebook: arrays in, arrays out, options by keyword.

Each is a thin way to the stage that the workflow calls. Options are the keys of the stage's section of the config, with
the config's defaults.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..hemodynamics.hrf import spm_hrf
from ..recordings import Bold
from ..study.settings import defaults
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
    TypeError
        For a key that the section does not have.
    """
    known = defaults(section)
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        raise TypeError(f"{section} has no option {', '.join(unknown)}; it has {', '.join(known)}")
    return known | given


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
        For a band beyond the Nyquist frequency, or without a frequency bin.
    TypeError
        For an option that does not exist.

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
    settings = {
        "bands": {name: tuple(edges) for name, edges in (defaults("bands") if bands is None else bands).items()},
        "power": options_of("power", {"one_hz": None} | options),
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
        Where the response vanishes.
    TypeError
        For an option that does not exist.
    ValueError
        Where `at` has other volumes than the clock.

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
    if at is not None and (at.n_volumes < power.info["NumberOfVolumes"] or at.tr_s != power.info["RepetitionTime"]):
        raise ValueError(
            f"the power is of {power.info['NumberOfVolumes']} volumes every {power.info['RepetitionTime']:g} s, and"
            f" `at` has {at.n_volumes} every {at.tr_s:g} s"
        )
    if response is None:
        response = spm_hrf(1 / power.fs_hz, settings["hrf"]["p"])
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
        Where nothing is left of the signal, or the series is too short for the band.
    TypeError
        For an option that does not exist.

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
    volumes, brain = np.asarray(volumes), np.asarray(brain, dtype=bool)
    masks = {"white_matter": white_matter, "ventricles": ventricles}
    settings = options_of("bold", {name: mask is not None for name, mask in masks.items()} | options)
    keep = np.ones(len(volumes), dtype=bool) if keep is None else np.asarray(keep, dtype=bool)
    motion = np.full((len(volumes), 6), np.nan) if motion is None else np.asarray(motion, dtype=float)
    info = {"Stage": "raw", "RepetitionTime": float(tr_s)}
    voxels, nuisance, info = bold_stage.bold(volumes, affine, brain, motion, keep, masks, info, settings)
    return CleanBold(voxels, nuisance, info["VolumesKept"], info)
