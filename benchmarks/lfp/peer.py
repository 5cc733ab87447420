"""Clean one recording with a peer, in the peer's environment: `python peer.py mne|facetpy recording.npz out.npy`.

Prints processor and wall seconds of the removal alone, without imports and files.
"""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "artefact"))


def mne(recording):
    from mne.preprocessing import GradientRemover

    onsets = np.round(recording["onsets"]).astype(int)
    return lambda: GradientRemover(recording["raw"][None], onsets, window=30, tr_tol=1).correct()[0]


def facetpy(recording):
    from peer_facetpy import clean

    return lambda: clean(recording, False)


def main(which: str, source: str, out: str) -> None:
    with np.load(source) as file:
        recording = dict(file)
    recording["raw"] = recording["raw"].astype(float)
    remove = {"mne": mne, "facetpy": facetpy}[which](recording)
    wall, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    cleaned = remove()
    after = resource.getrusage(resource.RUSAGE_SELF)
    np.save(out, cleaned.astype(np.float32))
    print(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.perf_counter() - wall)


if __name__ == "__main__":
    main(*sys.argv[1:])
