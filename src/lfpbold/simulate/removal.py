"""What is left of the seed map when the LFP is removed from every voxel."""

from __future__ import annotations

import numpy as np

from .presets import BANDS
from .truth import pearson

REMOVALS = ("gamma", "all_joint", "all_unique", "peaks")


def _without(bold: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Residual of bold (n_volumes, n_brain) after regression on model (n_volumes, n) and an intercept."""
    basis, _ = np.linalg.qr(model - model.mean(axis=0))
    centred = bold - bold.mean(axis=0)
    return centred - np.einsum("tk,kx->tx", basis, np.einsum("tk,tx->kx", basis, centred))


def _unique(model: np.ndarray) -> np.ndarray:
    """Each column of model after regression on all others."""
    columns = [_without(model[:, [k]], np.delete(model, k, axis=1))[:, 0] for k in range(model.shape[1])]
    return np.stack(columns, axis=1)


def _soft(bold: np.ndarray, model: np.ndarray) -> np.ndarray:
    """Bold minus the unique part of each band times its coefficient of the joint regression."""
    parts = _unique(model)
    beta = np.einsum("tk,tx->kx", parts, bold - bold.mean(axis=0)) / (parts**2).sum(axis=0)[:, None]
    return bold - np.einsum("tk,kx->tx", parts, beta)


def removed(regressor: np.ndarray, bold: np.ndarray, seed: np.ndarray, percentile: float = 85.0) -> dict:
    """Similarity of the seed map before and after each removal.

    Parameters
    ----------
    regressor : ndarray, shape (n_volumes, n_bands)
    bold : ndarray, shape (n_volumes, n_brain)
        Clean BOLD.
    seed : ndarray of bool, shape (n_brain,)
    percentile : float
        Volumes whose gamma regressor is above it are removed in ``peaks``.

    Returns
    -------
    dict
        Removal -> ``{"r": ..., "slope": ...}``: Pearson r over voxels between the maps, and slope of the map
        after on the map before.
    """
    gamma = regressor[:, [list(BANDS).index("gamma")]]
    kept = gamma[:, 0] <= np.percentile(gamma, percentile)
    after = {
        "gamma": _without(bold, gamma),
        "all_joint": _without(bold, regressor),
        "all_unique": _soft(bold, regressor),
        "peaks": bold[kept],
    }
    before = _seed_map(bold, seed)
    out = {}
    for name in REMOVALS:
        new = _seed_map(after[name], seed)
        r = float(pearson(before[:, None], new[:, None])[0, 0])
        out[name] = {"r": round(r, 5), "slope": round(r * float(new.std() / before.std()), 5)}
    return out


def _seed_map(bold: np.ndarray, seed: np.ndarray) -> np.ndarray:
    return pearson(bold[:, seed].mean(axis=1)[:, None], bold)[0]
