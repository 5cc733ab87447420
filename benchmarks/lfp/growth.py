"""Time and memory of the LFP stage against duration and channels: `python growth.py folder` (for recordings)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SIZES = (
    (150, 2),
    (300, 2),
    (600, 2),
    (1200, 2),
    (150, 4),
    (150, 8),
    (150, 16),
    (150, 32),
)  # volumes of a second, channels
SMALL = ("matrix=[10,12]", "n_slices=20", "voxel_mm=[1.8,2.0,0.6]")  # of BOLD as little as there can be


def main(folder: Path) -> None:
    print("| volumes | channels | samples | CPU s | ns per sample | peak MB |\n|---|---|---|---|---|---|")
    env = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    for n_volumes, n_channels in SIZES:
        study = folder / f"{n_volumes}x{n_channels}"
        if not (study / "config.yaml").exists():
            changes = [f"n_volumes={n_volumes}", f"n_channels={n_channels}", *SMALL]
            made = [sys.executable, "-m", "lfpbold.cli", "simulate", study, "--preset", "full"]
            subprocess.run([*made, *(part for change in changes for part in ("--set", change))], check=True,
                           capture_output=True, env=env)  # fmt: skip
        recording, bold = (next(study.rglob(name)) for name in ("*_ieeg.nwb", "*_bold.nii.gz"))
        found = subprocess.run([sys.executable, HERE / "stage.py", recording, bold, "2"], check=True, text=True,
                               capture_output=True, env=env)  # fmt: skip
        cost = json.loads(found.stdout)
        n = (n_volumes + 13) * 24414 * n_channels
        print(f"| {n_volumes} | {n_channels} | {n / 1e6:.0f} M | {cost['cpu_s']:.2f} | {cost['cpu_s'] / n * 1e9:.1f} |"
              f" {cost['peak_mb']:.0f} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(Path(sys.argv[1]))
