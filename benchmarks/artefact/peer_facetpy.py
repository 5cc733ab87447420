"""Clean the recordings of `record.py` with FACETpy: `python peer_facetpy.py folder`."""

from __future__ import annotations

import sys
from pathlib import Path

import mne
import numpy as np
from facet.core import ProcessingContext
from facet.correction import AASCorrection, PCACorrection
from facet.preprocessing import DownSample, SliceAligner, SubsampleAligner, UpSample

FACTOR = 10


def clean(recording, with_pca: bool) -> np.ndarray:
    fs_hz = float(recording["fs_hz"])
    raw = mne.io.RawArray(recording["raw"][None] * 1e-6, mne.create_info(["LFP"], fs_hz, "eeg"), verbose=False)
    context = ProcessingContext(raw=raw)
    context.metadata.triggers = np.round(recording["onsets"]).astype(int)
    context.metadata.artifact_length = round(float(recording["period"]))
    context.metadata.upsampling_factor = FACTOR
    steps = [UpSample(factor=FACTOR), SliceAligner(0), SubsampleAligner(0)]
    steps += [AASCorrection(window_size=30, correlation_threshold=0.975)]
    steps += [PCACorrection(n_components=0.95, hp_freq=100.0)] if with_pca else []
    for step in [*steps, DownSample(factor=FACTOR)]:
        context = step.execute(context)
    return context.get_raw().get_data()[0] * 1e6


def main(folder: Path) -> None:
    for path in sorted(folder.glob("*Hz-*.npz")):
        recording = np.load(path)
        np.save(folder / f"{path.stem}.facetpy-aas.npy", clean(recording, False))
        np.save(folder / f"{path.stem}.facetpy-aas-pca.npy", clean(recording, True))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
