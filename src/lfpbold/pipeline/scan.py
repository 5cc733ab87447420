"""One scan as its nulls see it: BOLD and LFP on the kept volumes, and what both went through."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ..bold.projector import Projector


@dataclass
class BoldSeries:
    """Clean BOLD on the kept volumes.

    Attributes
    ----------
    course : array of float, shape (n_kept,)
        Mean of the seed's voxels.
    kept : array of bool, shape (n_volumes,)
        False for censored volumes.
    tr_s : float
        Repetition time, s.
    clean : array of float, shape (n_kept, n_voxels), or None where the seed's time course is enough
    seed : array of bool, shape (n_voxels,), or None
    """

    course: np.ndarray
    kept: np.ndarray
    tr_s: float = float("nan")
    clean: np.ndarray | None = None
    seed: np.ndarray | None = None


@dataclass
class Design:
    """LFP regressors on the kept volumes, and what they and the BOLD went through.

    Attributes
    ----------
    columns : array of float, shape (n_kept, n_bands)
        Regressors of the named bands as they meet the BOLD.
    bands : list of str
    bins : array of float, shape (n_kept, n_bins), or None
        The same of the 1-Hz bins.
    bin_names : list of str
    apply_bold_filter : callable
        From `projection.bold_filter`: what series on the kept volumes go through before they meet the BOLD.
    projector : Projector or None
        What BOLD and regressors went through alike, where they did.
    raw, raw_bins : array of float, shape (n_volumes, n_bands) and (n_volumes, n_bins), or None
        Regressors of all volumes before the projection, where there is one: what surrogates are made of.
    contacts : array of float, shape (2, n_kept, n_bands), or None
        Regressors of odd and of even contacts.
    """

    columns: np.ndarray
    bands: list
    bins: np.ndarray | None = None
    bin_names: list = field(default_factory=list)
    apply_bold_filter: Callable = np.asarray
    projector: Projector | None = None
    raw: np.ndarray | None = None
    raw_bins: np.ndarray | None = None
    contacts: np.ndarray | None = None

    @property
    def basis(self):
        """Orthonormal basis of the space that the projection leaves; None without one."""
        return None if self.projector is None else self.projector.basis


@dataclass(frozen=True)
class PowerSeries:
    """Band power before convolution.

    Attributes
    ----------
    values : array of float, shape (n_frames, n_bands)
    times_s : array of float, shape (n_frames,)
        Stamps of the frames, s.
    volume_times_s : array of float, shape (n_kept,)
        Times of the kept volumes on the same clock, s.
    """

    values: np.ndarray
    times_s: np.ndarray
    volume_times_s: np.ndarray


@dataclass
class Scan:
    """One recording as its nulls see it.

    Attributes
    ----------
    scan_id, sub : str
        Name of the recording, which gives its random numbers their stream; its animal.
    bold : BoldSeries
    design : Design
    power : PowerSeries or None
    """

    scan_id: str
    sub: str
    bold: BoldSeries
    design: Design
    power: PowerSeries | None = None


def generator(seed: int, *labels: str) -> np.random.Generator:
    """The stream of random numbers of one recording and purpose."""
    return np.random.default_rng([seed, zlib.crc32(" ".join(labels).encode())])


def counts(animals, sub: str = "group") -> dict:
    """How many scans and animals the group rests on, or one animal."""
    own = [one for one in animals if sub in ("group", one)]
    return {"n_scans": len(own), "n_animals": len(set(own))}
