"""Maps summed by animal: similarities of weighted sums of them, computed from their products alone."""

from __future__ import annotations

import numpy as np

BLOCK = 100  # maps at a time: few enough to stay in the processor's cache, enough for its matrix product


def sum_by_animal_maps(maps, animals) -> np.ndarray:
    """Sum of one map a scan over the scans of each animal; shape (n_animals, n_voxels)."""
    maps, animals = np.asarray(maps, dtype=float), np.asarray(animals)
    return np.stack([maps[animals == name].sum(axis=0) for name in np.unique(animals)])


def resampled_animals(n: int, how: str, n_boot: int = 0, rng=None) -> np.ndarray:
    """Weights of n animals: deleted in turn (jackknife), or resampled with replacement; shape (n or n_boot, n).

    Examples
    --------
    >>> resampled_animals(3, "jackknife").tolist()
    [[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    if how == "jackknife":
        return 1 - np.eye(n)
    if how == "percentile":
        return rng.multinomial(n, np.full(n, 1 / n), n_boot).astype(float)
    raise ValueError(f"interval is {how!r}; choose jackknife or percentile")


class Products:
    """Products over voxels of the animals' summed maps, and measures of weighted sums of them from these products."""

    def __init__(self, sums, observed, seeds, use):
        def centred(maps):
            return maps[..., use] - maps[..., use].mean(axis=-1, keepdims=True)

        seeds, observed = centred(seeds), centred(observed)
        self.ss, self.os, self.oo = seeds @ seeds.T, observed @ seeds.T, observed @ observed.T
        # (n_surrogates, n_animals, n_animals), in blocks so that no second copy of all maps is made
        n = sums.shape[1]
        self.ms, self.mm = np.empty((2, n, len(seeds), len(seeds)))
        for start in range(0, n, BLOCK):
            block = centred(sums[:, start : start + BLOCK].astype(float)).transpose(1, 0, 2)
            self.ms[start : start + BLOCK] = block @ seeds.T
            self.mm[start : start + BLOCK] = block @ block.transpose(0, 2, 1)

    def observed(self, weights, name) -> np.ndarray:
        """Shape (n_weights,)."""
        return self._measure(weights, self.os[None], self.oo[None], name)[:, 0]

    def null(self, weights, name) -> np.ndarray:
        """Shape (n_weights, n_surrogates)."""
        return self._measure(weights, self.ms, self.mm, name)

    def mean_null(self, weights, name) -> np.ndarray:
        """Shape (n_weights,), without holding all surrogates of all weights."""
        parts = [weights[start : start + BLOCK] for start in range(0, len(weights), BLOCK)]
        return np.concatenate([self.null(part, name).mean(axis=1) for part in parts])

    def _measure(self, weights, shared, spread, name):
        pairs = (weights[:, :, None] * weights[:, None, :]).reshape(len(weights), -1)
        over = pairs @ self.ss.ravel()
        shared = pairs @ shared.reshape(len(shared), -1).T
        if name == "slope":
            return shared / over[:, None]
        return shared / np.sqrt(over[:, None] * (pairs @ spread.reshape(len(spread), -1).T))
