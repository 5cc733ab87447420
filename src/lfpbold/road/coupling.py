"""Where LFP and BOLD meet: temporal and spatial correlation of one recording, and its networks without the LFP."""

from __future__ import annotations

import numpy as np

from .. import coupling as science
from .. import networks as maps
from ..errors import InputError
from . import hrf as road


def coupling(
    clean, seed, regressors, power, power_fs_hz: float, bands, power_info: dict, bold_info: dict, settings: dict
) -> dict:
    """Temporal r, lagged r, seed map, LFP maps and their spatial r for one recording.

    Parameters
    ----------
    clean : array of float, shape (n_kept, n_voxels)
    seed : array of bool, shape (n_voxels,)
    regressors : array of float, shape (n_volumes, n_bands)
        Of all volumes; those left out are dropped here.
    power : array of float, shape (n_frames, n_bands)
        Not convolved.
    bands : list of str
    power_info, bold_info : dict
        Sidecars of the power and of the clean BOLD.
    settings : dict
        `hrf`, `bold` and `coupling` sections.

    Returns
    -------
    found : dict
        `seed_map` (n_voxels,), `lfp_maps` (n_bands, n_voxels); rows of `temporal`, `lags` and `spatial`.
    """
    kept = np.asarray(bold_info["VolumesKept"], dtype=int)
    course = clean[:, seed].mean(axis=1)
    if course.std() <= 1e-9 * clean.std(axis=0).max():
        raise InputError(
            "the BOLD of the seed is constant, so that nothing correlates with it; correct the site's seed"
        )
    temporal = science.temporal(regressors[kept], course)
    lfp_maps = science.correlate(regressors[kept], clean)
    seed_map = maps.seed_map(clean, seed)
    lags = science.lags(settings["coupling"]["lag_max_s"], bold_info["RepetitionTime"])
    series = road.prepared_power(power, power_fs_hz, settings)
    frame_times = road.frame_times(len(power), power_fs_hz, power_info)
    lagged = science.lagged(series, frame_times, course, road.volume_times(power_info, settings)[kept], lags)
    return {
        "seed_map": seed_map,
        "lfp_maps": lfp_maps,
        "temporal": [
            {"band": band, "n": temporal["n"], **{k: temporal[k][i] for k in ("r", "r_spearman", "n_eff", "p")}}
            for i, band in enumerate(bands)
        ],
        "lags": [
            {"band": band, "lag_s": lag, "r": lagged[row, i]}
            for i, band in enumerate(bands)
            for row, lag in enumerate(lags)
        ],
        "spatial": [{"band": band, "r": maps.spatial_r(lfp_maps[i], seed_map)} for i, band in enumerate(bands)],
    }
