"""Spectra of pieces of volumes, and how they turn from volume to volume where each samples the waveform elsewhere.

Where gradients reach beyond half the sampling rate and fold back, a volume does not resemble the next one: each samples
the same waveform at other places. But every frequency f of a piece of the waveform, and f − 1, f + 1 … cycles per
sample that fold upon it, turn from volume to volume by known angles once the period is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

ZONES = np.array([0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, -6])  # whole cycles per sample that are added to a frequency
HIGHEST_HZ = 2500.0  # up to which zones are needed where the rate is low
RIDGE, LESS = 1e-2, 0.1  # prior: a waveform's power falls with the square of its frequency, above this one


class CachedSamples:
    """Samples that are read in blocks, and only once while they are needed."""

    BLOCK = 2**13

    def __init__(self, signal):
        self._signal = signal
        self._block = lru_cache(maxsize=1024)(self._read)

    def __len__(self) -> int:
        return len(self._signal)

    def _read(self, number: int) -> np.ndarray:
        return np.asarray(self._signal[number * self.BLOCK : (number + 1) * self.BLOCK], dtype=float)

    def steps(self, begin: int, n: int) -> np.ndarray:
        """Differences of n + 1 samples: the artefact is broadband, the LFP and the electrode's drift are not."""
        first, last = begin // self.BLOCK, (begin + n) // self.BLOCK
        parts = [self._block(number) for number in range(first, last + 1)]
        held = parts[0] if first == last else np.concatenate(parts)
        return np.diff(held[begin - first * self.BLOCK :][: n + 1])


@dataclass(frozen=True)
class PieceSpectra:
    """Spectra of pieces of volumes, and where those began.

    Attributes
    ----------
    values : ndarray of complex, shape (n_pieces, n_volumes, n_lines)
        Zeros where a piece is no artefact (outside the recording, or a movement).
    starts, volumes : ndarray, shape (n_pieces, n_volumes)
        First sample of each piece, and number of its volume.
    frequencies : ndarray, shape (n_pieces, n_lines)
        Cycles per sample.
    """

    values: np.ndarray
    starts: np.ndarray
    volumes: np.ndarray
    frequencies: np.ndarray

    def zones(self, fs_hz: float) -> np.ndarray:
        """Whole cycles per sample that so many volumes tell apart, and that gradients reach at this rate."""
        most = int(np.clip(2 * np.ceil(HIGHEST_HZ / fs_hz), 4, ZONES.size))
        return ZONES[: max(1, min(most, self.volumes.shape[1] // 4 * 2))]

    def likelihood(self, period: float, zones: np.ndarray, floor: float = 1e-7) -> tuple[float, float]:
        """Logarithm of the likelihood of a period, without constants, and the share of the power that it explains.

        With x the spectra of the n volumes at one frequency, E the turns of each zone and Λ the prior,
        x⁺E (E⁺E + Λ)⁻¹ E⁺x is explained; noise of unknown power at each frequency makes −n log(1 − explained/x⁺x).
        `floor` is added to what is left.
        """
        seen, _, solved, n = self._fit(period, zones)
        explained = (np.conj(seen) * solved).real.sum(axis=(2, 3))
        power = np.square(np.abs(self.values)).sum(axis=1)
        left = np.maximum(1 - explained / np.maximum(power, 1e-300), 0) + floor
        return float(-(n * np.log(left)).sum()), float(explained.sum() / max(power.sum(), 1e-300))

    def waveform(self, period: float, zones: np.ndarray, starts, volumes) -> np.ndarray:
        """Spectra of pieces that begin elsewhere, from those of these; starts and volumes (n_pieces, n_others)."""
        _, middle, solved, _ = self._fit(period, zones)
        late = starts - volumes * period - middle
        turns = np.exp(2j * np.pi * late[:, :, None] * zones)
        folded = (turns[:, None] @ solved)[..., 0].transpose(0, 2, 1)  # pieces, others, lines
        return folded * np.exp(2j * np.pi * late[:, :, None] * self.frequencies[:, None, :])

    def _fit(self, period, zones):
        late = self.starts - self.volumes * period
        middle = late.mean(axis=1, keepdims=True)
        late = late - middle
        used = np.abs(self.values).sum(axis=2, keepdims=True) > 0
        turned = self.values * np.exp(-2j * np.pi * late[:, :, None] * self.frequencies[:, None, :])
        turns = np.exp(2j * np.pi * late[:, :, None] * zones) * used
        seen = (np.conj(turns).transpose(0, 2, 1) @ turned).transpose(0, 2, 1)[..., None]
        gram = np.conj(turns).transpose(0, 2, 1) @ turns
        n = used.sum(axis=1)
        prior = RIDGE * np.maximum(n, 1)[..., None] * (LESS + np.abs(self.frequencies[..., None] + zones)) ** 2
        solved = np.linalg.solve(gram[:, None] + prior[..., None] * np.eye(zones.size), seen)
        return seen, middle, solved, n
