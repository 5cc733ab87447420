"""Arrays of one scan of the study's size, or any other: what the stages take once files are read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from lfpbold.hemodynamics.hrf import at_volumes, convolve, spm_hrf

BANDS = ["delta", "theta", "alpha", "beta", "gamma"]
VOXEL_MM = (0.5, 0.5, 1.0)
HRF = (4, 4, 1, 1, 6, 0, 32)


@dataclass(frozen=True)
class Arrays:
    """Everything of one simulated scan."""

    brain: np.ndarray  # (x, y, z), bool
    affine: np.ndarray
    seed: np.ndarray  # (n_voxels,), bool
    bold: np.ndarray  # (n_volumes, n_voxels), not cleaned
    nuisance: np.ndarray  # (n_volumes, 9), without the constant
    regressors: np.ndarray  # (n_volumes, 5 bands and 1-Hz bins), not filtered
    names: list
    power: np.ndarray  # (n_frames, n_regressors), 10 Hz
    tr_s: float = 1.0
    fs_hz: float = 10.0

    @property
    def volume_times_s(self):
        """Middle of each volume."""
        return (np.arange(len(self.bold)) + 0.5) * self.tr_s

    @property
    def power_times_s(self):
        """Middle of each frame."""
        return (np.arange(len(self.power)) + 0.5) / self.fs_hz


def ellipsoid(n_voxels: int) -> np.ndarray:
    """A brain of exactly so many voxels, those nearest to the middle of an ellipsoid."""
    size = int(np.ceil(1.5 * (n_voxels / 0.5) ** (1 / 3))) + 2
    shape = (size, size, max(4, size // 2))
    place = np.stack(np.indices(shape), axis=-1) - (np.array(shape) - 1) / 2
    far = ((place / np.array([1.2, 1.0, 0.5])) ** 2).sum(axis=-1)
    brain = np.zeros(far.size, dtype=bool)
    brain[np.argsort(far.ravel(), kind="stable")[:n_voxels]] = True
    return brain.reshape(shape)


def arrays(n_volumes: int = 1200, n_voxels: int = 6157, n_bins: int = 100, seed: int = 1) -> Arrays:
    """A seed's course shared with gamma power, networks around it, drift, motion, and noise smooth in space."""
    rng = np.random.default_rng(seed)
    brain = ellipsoid(n_voxels)
    frames = n_volumes * 10
    slow = signal.butter(1, 0.05, fs=10.0, output="sos")
    neural = signal.sosfilt(slow, rng.standard_normal((frames, 4)), axis=0)
    neural /= neural.std(axis=0)
    names = [*BANDS, *(f"f{hz:03d}" for hz in range(1, n_bins + 1))]
    loading = rng.uniform(-0.5, 0.7, (4, len(names)))
    power = 10 + neural @ loading + rng.standard_normal((frames, len(names)))
    times, volumes = (np.arange(frames) + 0.5) / 10, np.arange(n_volumes) + 0.5
    regressors = at_volumes(convolve(power, spm_hrf(0.1, HRF)), times, volumes)
    courses = at_volumes(convolve(neural, spm_hrf(0.1, HRF)), times, volumes)
    maps = np.stack([ndimage.gaussian_filter(rng.standard_normal(brain.shape), (3, 3, 1.5))[brain] for _ in range(4)])
    maps /= maps.std(axis=1, keepdims=True)
    noise = ndimage.gaussian_filter(rng.standard_normal((n_volumes, *brain.shape)).astype(np.float32), (0, 1, 1, 0.5))
    noise = noise[:, brain] / noise[:, brain].std()
    motion = np.cumsum(rng.standard_normal((n_volumes, 6)), axis=0) * 0.002
    drift = np.linspace(-1, 1, n_volumes)[:, None]
    moving = motion @ rng.standard_normal((6, n_voxels))
    bold = 1000 + 5 * (courses @ maps / courses.std()) + 10 * noise + 8 * drift + 30 * moving
    white = bold[:, rng.permutation(n_voxels)[: n_voxels // 10]].mean(axis=1)
    csf = bold[:, rng.permutation(n_voxels)[: n_voxels // 20]].mean(axis=1)
    nuisance = np.column_stack([drift, motion, white, csf])
    near = np.argsort(-maps[0])[:40]
    at_seed = np.zeros(n_voxels, dtype=bool)
    at_seed[near] = True
    nuisance = (nuisance - nuisance.mean(axis=0)) / nuisance.std(axis=0)
    return Arrays(brain, np.diag([*VOXEL_MM, 1.0]), at_seed, bold, nuisance, regressors, names, power)


def rigorous(data: Arrays, surrogates: int, lag_surrogates: int = 199, n_bins: int | None = None):
    """What `pipeline.nulls.nulls` takes: the scan after one projector for BOLD and regressors, and the settings."""
    import yaml

    from lfpbold.bold.projector import Projector
    from lfpbold.pipeline.scan import BoldSeries, Design, PowerSeries, Scan
    from lfpbold.study.settings import default_file

    projector = Projector(len(data.bold), data.tr_s, (0.01, 0.1), data.nuisance)
    clean, columns = projector.apply(data.bold), projector.apply(data.regressors)
    bands, bins = slice(0, len(BANDS)), slice(len(BANDS), None if n_bins is None else len(BANDS) + n_bins)
    scan = Scan(
        scan_id="01 01 1 M1",
        sub="01",
        bold=BoldSeries(clean[:, data.seed].mean(axis=1), np.ones(len(clean), dtype=bool), data.tr_s, clean, data.seed),
        design=Design(
            columns[:, bands],
            BANDS,
            columns[:, bins],
            data.names[bins],
            projector.apply,
            projector,
            raw=data.regressors[:, bands],
            raw_bins=data.regressors[:, bins],
            contacts=np.stack([columns[:, bands], columns[:, bands] + 0.1 * columns[::-1, bands]]),
        ),
        power=PowerSeries(data.power[:, bands], data.power_times_s, data.volume_times_s),
    )
    settings = yaml.safe_load(default_file().read_text(encoding="utf-8"))
    settings["nulls"] |= {"surrogates": surrogates, "lag_surrogates": lag_surrogates}
    return scan, settings | {"seed": 1}
