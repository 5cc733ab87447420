"""Clean the recordings of `record.py` with MNE's GradientRemover: `python peer_mne.py folder`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from mne.preprocessing import GradientRemover

WINDOWS = (8, 30)  # volumes of the sliding template: the default, and as many as FACETpy's


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*Hz-*.npz")):
        recording = np.load(path)
        onsets = np.round(recording["onsets"]).astype(int)
        for window in WINDOWS:
            remover = GradientRemover(recording["raw"][None], onsets, window=window, tr_tol=1)
            np.save(folder / f"{path.stem}.mne-{window}.npy", remover.correct()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
