"""What is left under an electrode that drifts, beside MNE, for docs/validation.md: `python drift.py`.

Error of the cleaned LFP relative to the LFP (10 µV, 1/f² power) in dB, by band; 40 volumes of 20 slices.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from lfpbold import remove_gradient_artefact

sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit"))
from drifting import errors_db, recorded

BANDS = ((1, 4), (4, 13), (13, 30), (30, 100), (100, 300))


def peer(scan, window: int = 30) -> np.ndarray:
    """By MNE's GradientRemover, which takes whole samples."""
    from mne.preprocessing import GradientRemover

    onsets = np.round(scan["onsets_s"] * scan["fs_hz"]).astype(int)
    return GradientRemover(scan["raw"][None], onsets, window=window, tr_tol=1).correct()[0]


def main() -> None:
    print("| rate, cut-off, drift | program | " + " | ".join(f"{low}–{high} Hz" for low, high in BANDS) + " |")
    print("|" + "---|" * (len(BANDS) + 2))
    for fs_hz, cutoff in ((1000.0, 0.7), (1000.0, 0.3), (3051.7578125, 0.7), (24414.0625, 0.3)):
        for drift_uv in (0, 30, 100, 300):
            scan = recorded(fs_hz, cutoff=cutoff, drift_uv=drift_uv)
            ours = remove_gradient_artefact(scan["raw"], fs_hz, scan["onsets_s"], scan["slices_s"])
            for name, cleaned in (("lfpbold", ours), ("MNE", peer(scan))):
                row = " | ".join(f"{value:.1f}" for value in errors_db(cleaned, scan, BANDS))
                print(f"| {fs_hz:g} Hz, {cutoff * fs_hz:g} Hz, {drift_uv} µV | {name} | {row} |", flush=True)


if __name__ == "__main__":
    main()
