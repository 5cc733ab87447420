"""What this package and its peers leave of the artefact and take of the LFP, by band: `python compare.py folder`."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from scipy import signal

from lfpbold.artefact.aliasing import images_needed
from lfpbold.artefact.regression import remove_gradient

BANDS = ((0.1, 1), (1, 4), (4, 7), (7, 13), (13, 30), (30, 100), (100, 300), (300, 3000))
EQUAL = 1.02  # a peer that leaves 2 % less leaves as much


def cleaned(recording) -> dict:
    """Ours: the reference settings, and the fit that keeps LFP out of the artefact's amplitude."""
    n = int(recording["n_slices"])
    onsets = recording["onsets"][:, None] + np.arange(n) / n * float(recording["period"])
    images = images_needed(recording["raw"], onsets)
    return {f"lfpbold-{fit}": remove_gradient(recording["raw"], onsets, images=images, fit=fit)
            for fit in ("samples", "differences")}  # fmt: skip


def errors(x, recording) -> np.ndarray:
    """Root mean square of what differs from the clean LFP during the scan, for each band, µV; NaN above the rate."""
    fs_hz, onsets = float(recording["fs_hz"]), recording["onsets"]
    inside = slice(int(onsets[0]) + 2, int(onsets[-1] + recording["period"]) - 2)
    rest = (x - recording["lfp"])[inside]
    found = []
    for low, high in BANDS:
        if low >= 0.4 * fs_hz:
            found.append(np.nan)
            continue
        sections = signal.butter(3, (low, min(high, 0.45 * fs_hz)), "bandpass", fs=fs_hz, output="sos")
        found.append(float(np.std(signal.sosfiltfilt(sections, rest, padtype="even"))))
    return np.array(found)


def main(folder: Path) -> int:
    worse = []
    print("| recording | removal | " + " | ".join(f"{low:g}–{high:g} Hz" for low, high in BANDS) + " |")
    print("|" + "---|" * (len(BANDS) + 2))
    for path in sorted(folder.glob("*Hz-*.npz")):
        recording = np.load(path)
        ours = {name: errors(x, recording) for name, x in cleaned(recording).items()}
        peers = {peer.name[len(path.stem) + 1 : -4]: errors(np.load(peer), recording)
                 for peer in sorted(folder.glob(f"{path.stem}.*.npy"))}  # fmt: skip
        rows = {"nothing": errors(recording["raw"], recording)} | ours | peers
        for name, row in rows.items():
            print(f"| {path.stem} | {name} | " + " | ".join("" if np.isnan(v) else f"{v:.2f}" for v in row) + " |")
        for name, row in peers.items():
            for (low, high), theirs, mine in zip(BANDS, row, ours["lfpbold-samples"], strict=True):
                if theirs * EQUAL < mine:
                    worse.append(f"{path.stem}, {low:g}-{high:g} Hz: {name} leaves {theirs:.2f} µV, we {mine:.2f}")
    print("\n".join(["", *worse] if worse else ["", "no peer leaves less in any band"]))
    return bool(worse)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
