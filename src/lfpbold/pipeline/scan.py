"""One scan as its nulls see it: BOLD and LFP on the kept volumes, and what both went through."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..bold.projector import Projector


@dataclass
class Scan:
    """One recording, everything on its kept volumes.

    Attributes
    ----------
    scan_id, sub : str
        Name of the recording, which gives its random numbers their stream; its animal.
    course : array of float, shape (n_kept,)
        Mean clean BOLD of the seed.
    columns : array of float, shape (n_kept, n_bands)
        Regressors of the named bands as they meet the BOLD.
    bands : list of str
    bins : array of float, shape (n_kept, n_bins)
        The same of the 1-Hz bins.
    bin_names : list of str
    raw, raw_bins : array of float, shape (n_volumes, n_bands) and (n_volumes, n_bins), or None
        Regressors of all volumes before the projection, where there is one: what surrogates are made of.
    power : array of float, shape (n_frames, n_bands)
        Band power before convolution, and `power_times_s`, (n_frames,).
    volume_times_s : array of float, shape (n_kept,)
        On the power's clock.
    kept : array of bool, shape (n_volumes,)
    tr_s : float
    projector : Projector or None
        What BOLD and regressors went through alike, where they did.
    apply_bold_filter : callable
        From `projection.of_run`.
    clean : array of float, shape (n_kept, n_voxels), or None where the seed's course is enough
    seed : array of bool, shape (n_voxels,), or None
    contacts : array of float, shape (2, n_kept, n_bands), or None
        Regressors of odd and of even contacts.
    """

    scan_id: str
    sub: str
    course: np.ndarray
    columns: np.ndarray
    bands: list
    bins: np.ndarray
    bin_names: list
    power: np.ndarray
    power_times_s: np.ndarray
    volume_times_s: np.ndarray
    kept: np.ndarray
    tr_s: float
    projector: Projector | None
    apply_bold_filter: Callable
    clean: np.ndarray | None = None
    seed: np.ndarray | None = None
    raw: np.ndarray | None = None
    raw_bins: np.ndarray | None = None
    contacts: np.ndarray | None = None

    @property
    def basis(self):
        """Orthonormal basis of the space that the projection leaves; None without one."""
        return None if self.projector is None else self.projector.basis


def generator(seed: int, *labels: str) -> np.random.Generator:
    """The stream of random numbers of one recording and purpose."""
    return np.random.default_rng([seed, zlib.crc32(" ".join(labels).encode())])


def counts(animals, sub: str = "group") -> dict:
    """How many scans and animals the group rests on, or one animal."""
    own = [one for one in animals if sub in ("group", one)]
    return {"n_scans": len(own), "n_animals": len(set(own))}
