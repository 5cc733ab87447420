"""Networks without a seed: group ICA in space, and each scan's own time course and map of every component."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np
from scipy import linalg, stats

from ..errors import InputError

KEPT_PER_COMPONENT = 2  # principal components of a scan that are kept for each component sought


def reduced(bold, n_kept: int) -> np.ndarray:
    """The strongest principal components of one scan: maps times their size, shape (n_kept, n_voxels), float32.

    Voxels are brought to mean 0 and variance 1 over time first, so that no voxel counts for its intensity.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    n_kept : int
        At most the number of volumes minus one.
    """
    bold = np.asarray(bold, dtype=float)
    centred = bold - bold.mean(axis=0)
    spread = centred.std(axis=0)
    centred = centred / np.where(spread > 1e-12 * (np.abs(bold).max(initial=0) or 1), spread, np.inf)
    n_kept = min(n_kept, len(bold) - 1)
    last = len(bold) - 1
    _, vectors = linalg.eigh(centred @ centred.T, subset_by_index=[last - n_kept + 1, last])
    return (_signed(vectors[:, ::-1].T) @ centred).astype(np.float32) / np.float32(np.sqrt(len(bold)))


def group_ica(scans: Iterable, n_components: int, seed: int) -> dict:
    """Spatially independent components of many scans by temporal concatenation (Calhoun et al. 2001, HBM 14:140).

    Each scan is reduced to twice as many principal components as are sought, all of them together to as many as are
    sought, and these are unmixed by FastICA (Hyvärinen 1999, IEEE TNN 10:626; scikit-learn's, logcosh, in parallel).

    Parameters
    ----------
    scans : iterable of array, shape (n_volumes, n_voxels)
        One at a time is held. Same voxels.
    n_components : int
    seed : int
        Of the first unmixing matrix.

    Returns
    -------
    result : dict
        `maps`, shape (n_components, n_voxels), z-scores over voxels; by falling `share` of the variance that they hold
        together, and with the sign that makes them skewed to the right. `converged`, bool.

    Raises
    ------
    InputError
        Where there are fewer dimensions than components.
    """
    from sklearn.decomposition import FastICA
    from sklearn.exceptions import ConvergenceWarning

    together = np.concatenate([reduced(bold, KEPT_PER_COMPONENT * n_components) for bold in scans])
    if len(together) < n_components or together.shape[1] <= n_components:
        raise InputError(
            f"networks.components asks for {n_components}, but the scans have {min(together.shape)} dimensions in all;"
            " ask for fewer"
        )
    together -= together.mean(axis=1, keepdims=True, dtype=float).astype(np.float32)
    last = len(together) - 1
    gram = np.asarray(together @ together.T, dtype=float)
    size, vectors = linalg.eigh(gram, subset_by_index=[last - n_components + 1, last])
    size, vectors = size[::-1], _signed(vectors[:, ::-1].T)
    # Principal components over voxels, of mean square 1: what FastICA would make itself, once more.
    white = (vectors @ together) * np.sqrt(together.shape[1] / size)[:, None]
    model = FastICA(whiten=False, fun="logcosh", max_iter=1000, tol=1e-6, random_state=seed)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        sources = model.fit_transform(white.T.astype(float)).T
    sources = stats.zscore(sources, axis=1)
    sources = sources * np.where(stats.skew(sources, axis=1) < 0, -1, 1)[:, None]
    total = float(np.trace(gram))
    share = ((together @ sources.T) ** 2).sum(axis=0) / sources.shape[1] / total
    order = np.argsort(-share, kind="stable")
    return {"maps": sources[order], "share": share[order], "converged": not caught}


def _signed(rows) -> np.ndarray:
    """Rows with their largest entry above zero: the sign of an eigenvector is no result."""
    largest = rows[np.arange(len(rows)), np.abs(rows).argmax(axis=1)]
    return rows * np.where(largest < 0, -1, 1)[:, None]


def time_courses(bold, maps) -> np.ndarray:
    """Each component's time course in one scan: the first step of dual regression.

    All maps at once are regressed on every volume.
    Nickerson et al. 2017, Front Neurosci 11:115.

    Parameters
    ----------
    bold : array of float, shape (n_volumes, n_voxels)
    maps : array of float, shape (n_components, n_voxels)

    Returns
    -------
    time_courses : ndarray, shape (n_volumes, n_components)
        Centred over time.
    """
    bold = np.asarray(bold, dtype=float)
    centred = bold - bold.mean(axis=0)
    design = np.column_stack([np.ones(maps.shape[1]), np.asarray(maps, dtype=float).T])
    fitted = np.linalg.lstsq(design, centred.T, rcond=None)[0][1:].T
    return fitted - fitted.mean(axis=0)
