"""Clusters of voxels, and the null distribution of their size: within a scan, and over animals."""

from __future__ import annotations

import numpy as np
from scipy import ndimage, stats

from ..stats.animals import sign_patterns, smallest_flip_p
from ..stats.tests import permutation_p

FACES_AND_EDGES = ndimage.generate_binary_structure(3, 2)  # 18 neighbours, as SPM has it
EXACT_UP_TO = 12  # animals of which all sign patterns are enumerated


def t_threshold(forming_p: float, df: float) -> float:
    """The t that a voxel exceeds with this one-sided probability."""
    return float(stats.t.isf(forming_p, df))


def label_clusters(t_map, brain, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Clusters of t above `level` and, apart from them, below −`level`.

    Parameters
    ----------
    t_map : array of float, shape (n_voxels,)
    brain : array of bool, shape (x, y, z)
    level : float

    Returns
    -------
    labels : ndarray of int, shape (n_voxels,)
        0 outside clusters; 1, 2, … by falling size.
    sizes : ndarray of int, shape (n_clusters,)
        Voxels.
    """
    volume = np.zeros(brain.shape)
    volume[brain] = np.nan_to_num(t_map)
    positive, n = ndimage.label(volume > level, FACES_AND_EDGES)
    negative, _ = ndimage.label(volume < -level, FACES_AND_EDGES)
    both = np.where(negative > 0, negative + n, positive)[brain]
    sizes = np.bincount(both)[1:]
    order = np.argsort(-sizes, kind="stable")
    rank = np.zeros(len(sizes) + 1, dtype=int)
    rank[order + 1] = np.arange(1, len(sizes) + 1)
    return rank[both], sizes[order]


def largest_cluster(t_map, brain, level: float) -> int:
    """Voxels of the largest cluster; 0 without any."""
    sizes = label_clusters(t_map, brain, level)[1]
    return int(sizes[0]) if sizes.size else 0


def whiten(series, rho: float) -> np.ndarray:
    """x(t) − ρ x(t − 1), the first row as it is: what nilearn's AR(1) model does."""
    series = np.array(series, dtype=float)
    series[1:] = series[1:] - rho * series[:-1]
    return series


def scan_null(
    data, stimuli, others, weights, rho, brain, level: float, n: int, rng, kind: str = "sign_flips"
) -> tuple[np.ndarray, np.ndarray]:
    """Size of the largest cluster of a contrast in n scans that hold the noise of this one and no response.

    Data and design are whitened by each voxel's autocorrelation first. `sign_flips`: what the model without the
    contrast leaves is multiplied by a random sign for each volume, the same in all voxels, so that the noise keeps its
    correlation in space (Freedman & Lane 1983, with signs; Winkler et al. 2014); rests on the whitening. `shifts`: the
    columns of the stimuli are shifted circularly by a random number of volumes, which keeps any autocorrelation, and
    has no power where stimuli come at equal distances: a shift by one of these is the same design.

    Parameters
    ----------
    data : array of float, shape (n_volumes, n_voxels)
    stimuli : array of float, shape (n_volumes, n_kinds)
    others : array of float, shape (n_volumes, n_others)
        All other columns of the design.
    weights : array of float, shape (n_kinds,)
    rho : array of float, shape (n_voxels,)
        From `glm.fit`.
    brain : array of bool, shape (x, y, z)
    level : float
        Of t.
    n : int
    rng : numpy.random.Generator
    kind : {"sign_flips", "shifts"}

    Returns
    -------
    null : ndarray of int, shape (n,)
    t : ndarray, shape (n_voxels,)
        The observed map by this same code, which must be `glm.contrast`'s.
    """
    n_volumes, n_voxels = np.shape(data)
    bins = [(value, np.flatnonzero(rho == value)) for value in np.unique(rho)]
    if kind == "sign_flips":
        changes = rng.choice(np.array([-1.0, 1.0]), size=(n, n_volumes))
    else:
        changes = rng.integers(1, n_volumes, size=n)
    maker = _sign_flipped if kind == "sign_flips" else _shifted
    maps = np.empty((n + 1, n_voxels), dtype=np.float32)
    for value, voxels in bins:
        maps[:, voxels] = maker(np.asarray(data)[:, voxels], stimuli, others, weights, value, changes)
    null = np.empty(n, dtype=int)
    for i in range(n):
        null[i] = largest_cluster(maps[i + 1], brain, level)
    return null, maps[0].astype(float)


def _basis(columns) -> np.ndarray:
    """Orthonormal basis of the space of some columns."""
    u, s, _ = np.linalg.svd(columns, full_matrices=False)
    return u[:, s > s.max() * 1e-10] if s.size else u


def _direction(stimuli, weights) -> np.ndarray:
    """Unit vector whose product with the data is the contrast, of stimuli from which all else is projected."""
    u = stimuli @ np.linalg.pinv(stimuli.T @ stimuli) @ weights
    return u / np.linalg.norm(u)


def _t(along, left, df):
    return along / np.sqrt(np.maximum(left, 1e-300) / df)


def _sign_flipped(data, stimuli, others, weights, rho, signs) -> np.ndarray:
    y, x, q = whiten(data, rho), whiten(stimuli, rho), _basis(whiten(others, rho))
    x = x - q @ (q.T @ x)
    u = _direction(x, weights)
    rest = _basis(np.column_stack([q, x - np.outer(u, u @ x)]))  # the model without the contrast
    e = y - rest @ (rest.T @ y)
    df, whole = len(y) - rest.shape[1] - 1, (e**2).sum(axis=0)
    along = u @ e
    maps = [_t(along, whole - along**2, df)]
    space = np.column_stack([u, rest]).astype(np.float32).T
    e = e.astype(np.float32)
    for sign in signs.astype(np.float32):
        products = (space * sign) @ e
        maps.append(_t(products[0], whole - (products**2).sum(axis=0), df))
    return np.array(maps)


def _shifted(data, stimuli, others, weights, rho, shifts) -> np.ndarray:
    q, y = _basis(whiten(others, rho)), whiten(data, rho)
    e = y - q @ (q.T @ y)
    whole, k = (e**2).sum(axis=0), stimuli.shape[1]
    df = len(y) - q.shape[1] - np.linalg.matrix_rank(stimuli)
    x = whiten(np.column_stack([np.roll(stimuli, shift, axis=0) for shift in [0, *shifts]]), rho)
    x = x - q @ (q.T @ x)
    x = x.reshape(len(y), -1, k)
    inverse = np.linalg.pinv(np.einsum("tik,til->ikl", x, x))
    products = np.einsum("tik,tv->ikv", x, e, optimize=True)
    beta = inverse @ products
    error = np.sqrt(np.einsum("k,ikl,l->i", weights, inverse, weights))[:, None]
    left = whole - (beta * products).sum(axis=1)
    return _t(np.einsum("k,ikv->iv", weights, beta) / error, left, df)


def group_clusters(effects, brain, forming_p: float, n: int, rng) -> dict:
    """Clusters of a mean over animals, against all sign patterns of the animals' maps.

    Under the null hypothesis each animal's map is as likely to have the other sign. Voxels beyond Student's t at
    `forming_p` form clusters; p is family-wise, of the largest cluster under the flips (Nichols & Holmes 2002). With n
    animals no p lies below 2/2ⁿ: .125 for four, .031 for six.

    Parameters
    ----------
    effects : array of float, shape (n_animals, n_voxels)
    brain : array of bool, shape (x, y, z)
    forming_p : float
    n : int
        Sign patterns where there are more than twelve animals; below, all are enumerated.
    rng : numpy.random.Generator

    Returns
    -------
    result : dict
        `mean`, `t` (n_voxels,), `labels` (n_voxels,), `sizes` and `p` (n_clusters,), `smallest_p`.
    """
    effects = np.asarray(effects, dtype=float)
    n_animals = len(effects)
    nothing = np.full(effects.shape[1], np.nan)
    if n_animals < 2:
        zero = np.zeros(effects.shape[1], dtype=int)
        mean = effects.mean(axis=0) if n_animals else nothing
        return {"mean": mean, "t": nothing, "labels": zero, "sizes": np.zeros(0), "p": np.zeros(0), "smallest_p": 1.0}
    level = t_threshold(forming_p, n_animals - 1)
    patterns, exact = sign_patterns(n_animals, rng, n, exact_up_to=EXACT_UP_TO)
    squares = (effects**2).sum(axis=0)

    def t_of(signs):
        mean = signs @ effects / n_animals
        variance = np.maximum(squares - n_animals * mean**2, 1e-300) / (n_animals - 1)
        return mean / np.sqrt(variance / n_animals)

    t = t_of(np.ones(n_animals))
    labels, sizes = label_clusters(t, brain, level)
    null = np.array([largest_cluster(t_of(signs), brain, level) for signs in patterns])
    # Of all patterns, the observed one is the first; a random sample has it besides.
    p = (null[None, :] >= sizes[:, None]).mean(axis=1) if exact else permutation_p(sizes, null)
    smallest = smallest_flip_p(n_animals, n, exact_up_to=EXACT_UP_TO)
    return {"mean": effects.mean(axis=0), "t": t, "labels": labels, "sizes": sizes, "p": p, "smallest_p": smallest}
