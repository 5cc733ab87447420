"""Write recordings whose clean LFP is known, one .npz each: `python record.py folder`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit"))
import aliasing
import scanner

N_SLICES, TR_S, START_S = 20, 1.0, 3.30007


def fast(fs_hz: float, n_volumes: int, ppm: float, period_s: float | None = None) -> dict:
    """The study's slices and rate, 600 µV of artefact over 50 µV of LFP."""
    period_s = period_s or TR_S * (1 + ppm * 1e-6)
    t = np.arange(int((START_S + n_volumes * period_s + 1) * fs_hz)) / fs_hz
    times = np.arange(N_SLICES) * TR_S / N_SLICES
    artefact = scanner.gradient(
        t, fs_hz, start_s=START_S, period_s=period_s, slice_times_s=times, tr_s=TR_S, n_volumes=n_volumes
    )
    lfp = scanner.one_over_f(t.size, fs_hz)
    return {
        "fs_hz": fs_hz, "raw": artefact + lfp, "lfp": lfp, "n_slices": N_SLICES,
        "onsets": (START_S + period_s * np.arange(n_volumes)) * fs_hz, "period": period_s * fs_hz,
    }  # fmt: skip


def slow(order: int, cutoff: float) -> dict:
    """1024 Hz, aliased, 2048.792 samples a volume."""
    raw, lfp, onsets = aliasing.recording(order=order, cutoff=cutoff)
    return {"fs_hz": 1024.0, "raw": raw, "lfp": lfp, "n_slices": 16, "onsets": onsets, "period": 2048.792}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    recordings = {
        "24414Hz-0ppm": fast(24414.0625, 60, 0),
        "24414Hz-20ppm": fast(24414.0625, 60, 20),
        "24414Hz-100ppm": fast(24414.0625, 60, 100),
        "5000Hz-whole": fast(5000.0, 60, 0),  # a volume of exactly 5000 samples: the case that suits the peers
        "1024Hz-order4": slow(4, 0.4),
        "1024Hz-order1": slow(1, 0.3),
    }
    for name, recording in recordings.items():
        np.savez(folder / f"{name}.npz", **recording)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
