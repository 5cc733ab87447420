"""Entries of truth.json."""

from __future__ import annotations

import numpy as np

from . import motion, removal, truth, volumes
from .presets import BANDS, Parameters
from .recording import Recording


def by_band(values: np.ndarray) -> dict:
    """Band name -> value, rounded beyond any use so that the bytes do not depend on the last digit."""
    return {band: round(float(v), 5) for band, v in zip(BANDS, values, strict=True)}


def single(found: dict, *measures: str) -> dict:
    """Measures of a single regressor, rounded as those of the bands."""
    return {name: round(float(found[name][0]), 5) for name in measures}


def of_spikes(by_chance: np.ndarray, maps: list[dict]) -> dict:
    """What is expected of, and what was realised by, the multi-unit activity of one state and site."""
    scans = [m["multiunit"] for m in maps]
    return {
        "temporal_r": round(float(by_chance.mean()), 5),
        "temporal_r_sd": round(float(by_chance.std(ddof=1)), 5),
        "realised_temporal_r": round(float(np.mean([s["temporal_r"] for s in scans])), 5),
        "spatial_r": round(float(np.mean([s["spatial_r"] for s in scans])), 5),
        "spatial_r_averaged": round(float(truth.averaged(scans)[0]), 5),
    }


def coupling(p: Parameters, model: np.ndarray, spikes, clean_bold: np.ndarray, seed: np.ndarray) -> tuple[dict, dict]:
    """What a perfect analysis finds in one recording, over the volumes that hold data.

    Parameters
    ----------
    p : Parameters
    model : ndarray, shape (n_volumes, n_bands)
        Regressors of the bands.
    spikes : tuple or None
        Regressor and rms of multi-unit activity.
    clean_bold : ndarray, shape (n_volumes, n_brain)
    seed : ndarray of bool, shape (n_brain,)

    Returns
    -------
    found : dict
        As from `truth.couple`, with ``multiunit`` of the same.
    entry : dict
        For truth.json.
    """
    kept = volumes.kept(p)
    found = truth.couple(model[kept], clean_bold[kept], seed)
    found["multiunit"] = None if spikes is None else truth.couple(spikes[0][kept], clean_bold[kept], seed)
    return found, {
        "temporal_r": by_band(found["temporal_r"]), "spatial_r": by_band(found["spatial_r"]),
        "temporal_r_filtered": by_band(truth.filtered_r(model, clean_bold, seed, kept, p.tr_s)),
        "multiunit": None if spikes is None else {
            **single(found["multiunit"], "temporal_r", "spatial_r"), "rms_uv": round(spikes[1], 4),
        },
        "removal": removal.removed(model[kept], clean_bold[kept], seed), "volumes": volumes.listed(p),
    }  # fmt: skip


def moved(p: Parameters, state: str, moves: np.ndarray) -> dict:
    """How much the animal moved, and whether the scan is dropped for it."""
    fd = motion.framewise_displacement(moves)
    dropped = bool((fd > p.fd_mm).any()) if state not in p.spikes else motion.mostly_moved(fd, p.fd_mm)
    return {"dropped": dropped, "n_volumes_moved": int((fd > p.fd_mm).sum())}


def of_lfp(recording: Recording) -> dict:
    """What life added to one electrode's LFP: rails and moments of movement on the LFP clock, and sizes."""
    movements = recording.extras.get("movements")
    return {
        "line_hz": recording.line.line_hz,
        "rails_uv": recording.rails_uv if np.isfinite(recording.rails_uv) else None,
        "offset_uv": [round(float(v), 3) for v in recording.offset_uv],
        "movements_s": [] if movements is None else [round(float(t), 4) for t in movements.times_s],
    }
