"""Volumes that are no data: lost, half lost, repeated, or from before the steady state."""

from __future__ import annotations

import numpy as np

from .presets import Parameters
from .sequence import steady_from


def spoil(images: np.ndarray, p: Parameters) -> None:
    """Spoil volumes of one run in place, as reconstruction leaves them; `images` (n_volumes, nx, ny, nz)."""
    for v in sorted(map(int, p.repeated_volumes)):
        images[v] = images[v - 1]
    for v in map(int, p.half_lost_volumes):
        images[v, ..., images.shape[3] // 2 :] = 0
    for v in map(int, p.lost_volumes):
        images[v] = 0


def listed(p: Parameters) -> dict[str, list[int]]:
    """Volumes that are no data, by what is wrong with them."""
    return {
        "not_steady": list(range(steady_from(p))), "lost": sorted(map(int, p.lost_volumes)),
        "half_lost": sorted(map(int, p.half_lost_volumes)), "repeated": sorted(map(int, p.repeated_volumes)),
    }  # fmt: skip


def kept(p: Parameters) -> np.ndarray:
    """Volumes that hold data; bool, (n_volumes,)."""
    out = np.ones(p.n_volumes, bool)
    out[sorted({v for wrong in listed(p).values() for v in wrong})] = False
    return out
