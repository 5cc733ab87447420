"""Where LFP and BOLD meet: temporal and spatial correlation of one recording."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ..coupling import correlation as science
from ..coupling import information as mutual
from ..errors import InputError
from ..hemodynamics.hrf import delay_grid
from ..networks import maps
from ..stats import tests
from . import hrf as stage


@dataclass(frozen=True)
class Power:
    """Band power of a recording, not convolved.

    Attributes
    ----------
    values : ndarray, shape (n_frames, n_bands)
        µV².
    fs_hz : float
        Rate of the frames, Hz.
    info : dict
        Its sidecar: `FirstStamp`, `VolumePeriod`, `NumberOfVolumes`, …
    bands : tuple of str
        Names of the columns, where they are known.
    """

    values: np.ndarray
    fs_hz: float
    info: dict
    bands: tuple[str, ...] = ()

    @property
    def times_s(self) -> np.ndarray:
        """Stamps of the frames, s after scan start on the LFP clock, shape (n_frames,)."""
        return stage.frame_times(len(self.values), self.fs_hz, self.info)


def coupling(
    clean,
    seed,
    regressors,
    bands,
    power: Power,
    bold_info: dict,
    settings: dict,
    *,
    apply_bold_filter=np.asarray,
    scan_id="",
) -> dict:
    """Temporal r, lags, seed map, LFP maps and their spatial r for one recording, and its controls.

    Parameters
    ----------
    clean : array of float, shape (n_kept, n_voxels)
    seed : array of bool, shape (n_voxels,)
    regressors : array of float, shape (n_volumes, n_bands)
        Of all volumes; those left out are dropped here.
    bands : list of str
        Configured bands, `multiunit` where there is any, and 1-Hz bins.
    power : Power
        The same bands.
    bold_info : dict
        Sidecar of the clean BOLD.
    settings : dict
        `hrf`, `bold`, `coupling` and `networks` sections, `bands` and `seed`.
    apply_bold_filter : callable
        From `projection.bold_filter`: what series on the kept volumes go through before they meet the BOLD.
    scan_id : str
        Name of the recording, which gives its random numbers their stream.

    Returns
    -------
    found : dict
        `seed_map` (n_voxels,), `lfp_maps` (n_maps, n_voxels) of `bands` and the shuffled main band; `information_maps`
        (1 + n_named, n_voxels) of the seed and the named bands; `bands`, `named`: their names; rows of `temporal`,
        `spatial`, `information`, `hrfgrid` and `multiunit`; `lags` (n_lags, 1 + n_bands); `seed_course` (n_kept, 3).
    """
    kept = np.asarray(bold_info["VolumesKept"], dtype=int)
    course = clean[:, seed].mean(axis=1)
    if course.std() <= 1e-9 * clean.std(axis=0).max():
        raise InputError(
            "the BOLD of the seed is constant, so that nothing correlates with it; correct the site's seed"
        )
    options, main = settings["coupling"], settings["networks"]["main_band"]
    lags = science.lags(options["lag_max_s"], bold_info["RepetitionTime"])
    lagged = _lagged(power, course, kept, lags, settings, apply_bold_filter)
    named = [band for band in bands if band in settings["bands"] or band == "multiunit"]
    if options["shuffle"] and main in bands:
        control = _shuffled(power, bands.index(main), settings, scan_id)
        regressors, bands = np.column_stack([regressors, control]), [*bands, f"shuffled_{main}"]
    columns = apply_bold_filter(regressors[kept])
    temporal = science.temporal(columns, course)
    lfp_maps, seed_map = maps.lfp_map(clean, columns), maps.seed_map(clean, seed)
    of_ranks = science.correlate_ranks(lfp_maps.T, seed_map)[:, 0] if seed_map.size > 2 else np.full(len(bands), np.nan)
    information = _information(columns[:, [bands.index(band) for band in named]], course, clean, seed_map, options)
    return {
        "seed_map": seed_map,
        "lfp_maps": lfp_maps,
        "bands": bands,
        "information_maps": information["maps"],
        "named": named,
        "temporal": [
            {"band": band, "n": temporal["n"], **{k: temporal[k][i] for k in ("r", "r_spearman", "n_eff", "p")}}
            for i, band in enumerate(bands)
        ],
        "spatial": [
            {"band": band, "r": maps.spatial_r(lfp_maps[i], seed_map), "r_spearman": of_ranks[i]}
            for i, band in enumerate(bands)
        ],
        "lags": np.column_stack([lags, lagged]),
        "information": [{"band": band, **information["rows"][i]} for i, band in enumerate(named)],
        "hrfgrid": _hrf_grid(power, bands, course, kept, settings, apply_bold_filter) if main in bands else [],
        "multiunit": _multiunit(columns, bands, main, course, power.info.get("Multiunit") or {}),
        "seed_course": np.column_stack([kept, kept * bold_info["RepetitionTime"], course]),
    }


def _lagged(power, course, kept, lags, settings, apply_bold_filter) -> np.ndarray:
    series = stage.prepared_power(power.values, power.fs_hz, settings)
    frame_times = stage.frame_times(len(power.values), power.fs_hz, power.info)
    volume_times = stage.volume_times(power.info, settings)[kept]
    lost = np.zeros(len(series), dtype=bool)
    for first, stop in power.info.get("LostFrames") or ():
        lost[first:stop] = True
    return science.lagged_r(
        series, frame_times, course, volume_times, lags, tr_s=power.info["RepetitionTime"], lost=lost,
        apply_bold_filter=apply_bold_filter,
    )  # fmt: skip


def _shuffled(power: Power, column: int, settings: dict, scan_id: str) -> np.ndarray:
    """The regressor of one band's power with its frames in random order: same values, no time course."""
    rng = np.random.default_rng([settings["seed"], zlib.crc32(scan_id.encode())])
    return stage.hrf(rng.permutation(power.values[:, [column]], axis=0), power.fs_hz, power.info, settings)[:, 0]


def _information(regressors, course, clean, seed_map, options) -> dict:
    """Maps of mutual information with the seed's BOLD and with each band, and how alike they are."""
    how = {"estimator": options["information"], "bins": options["information_bins"]}
    found = mutual.mutual_information(np.column_stack([course, regressors]), clean, **how)
    at_seed = mutual.mutual_information(regressors, course, **how)[:, 0]
    level = mutual.shifted_baseline(regressors, clean, **how)
    rows = [
        {"mi": at_seed[i], "chance": level[i], "spatial_r": maps.spatial_r(found[1 + i], found[0])}
        for i in range(regressors.shape[1])
    ]
    return {"maps": np.where(np.isfinite(seed_map), found, np.nan), "rows": rows}


def _hrf_grid(power: Power, bands, course, kept, settings, apply_bold_filter) -> list[dict]:
    """Temporal r of the main band for every HRF of the grid."""
    options, p = settings["coupling"], settings["hrf"]["p"]
    if not (options["grid_delay_s"] and options["grid_undershoot_s"]):
        return []
    grid = delay_grid(options["grid_delay_s"], options["grid_undershoot_s"])
    band = np.asarray(power.values[:, bands.index(settings["networks"]["main_band"])])
    regressors = stage.over_grid(band, power.fs_hz, power.info, settings, grid)
    r = science.correlate(apply_bold_filter(regressors[kept]), course)[:, 0]
    return [
        {"delay_s": delay, "undershoot_s": undershoot, "degenerate": int(same and p[2] == p[3]), "r": r[i]}
        for i, (delay, undershoot, same) in enumerate(grid)
    ]


def _multiunit(columns, bands, main, course, info) -> list[dict]:
    """LFP against spiking: which of the two predicts the seed's BOLD, and what each adds to the other."""
    if "multiunit" not in bands or main not in bands:
        return []
    pair = columns[:, [bands.index(main), bands.index("multiunit")]]
    (r_lfp, r_multiunit), r_between = science.correlate(pair, course)[:, 0], science.correlate(*pair.T)[0, 0]
    return [
        {
            "band": main,
            "r_lfp": r_lfp,
            "r_multiunit": r_multiunit,
            "r_lfp_partial": tests.partial_r(r_lfp, r_between, r_multiunit),
            "r_multiunit_partial": tests.partial_r(r_multiunit, r_between, r_lfp),
            "r_between": r_between,
            "band_low_hz": info["BandHz"][0],
            "band_high_hz": info["BandHz"][1],
            "artefact_uv": info["BeforeUv"],
            "after_uv": info["AfterUv"],
            "outside_uv": info["OutsideUv"],
            "outside_s": info["OutsideSeconds"],
            "residue_uv": info["ResidueUv"],
        }
    ]
