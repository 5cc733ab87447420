"""One flaw at a time: what it does to temporal r, against the recordings' own truth.

    python benchmarks/flaws.py OUT              # every flaw; about a minute each on one core
    python benchmarks/flaws.py OUT drift "half lost"

Each row is the preset `tiny` with 300 volumes and one option of the simulator. Truth is what a perfect analysis finds
in these recordings, less what nine nuisance regressors take (sqrt(1 - 9/N), N = 2 x .09 Hz x 300 s). The standard error
of the difference is sqrt(9)/N for one recording. Printed as a table for docs/validation.md.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import yaml

from lfpbold.derivatives import files
from lfpbold.simulate import simulate

BESIDE_50_HZ = {"n_slices": 11, "voxel_mm": "[1.8, 2.0, 1.1]"}  # 10 slices a second have a line at 50 Hz
MOVES = {"movements_per_min": 1}
BODY = {"respiration_hz": 1.0, "cardiac_hz": 6.0}
FLAWS = {
    "none": {},
    "drift": {"electrode_drift_uv": 100},
    "offset": {"dc_offset_uv": 3000},
    "aliased": {"antialias_hz": 2200},
    "drift and aliased": {"electrode_drift_uv": 100, "antialias_hz": 2200},
    "drift and aliased, 1 kHz": {"electrode_drift_uv": 300, "antialias_hz": 700, "fs_hz": 1017.25},
    "rails .0005": {"rail_fraction": 0.0005},
    "rails .002": {"rail_fraction": 0.002},
    "mains 50 Hz": {**BESIDE_50_HZ, "line_hz": 50, "line_wax": 0.4},
    "mains 50 Hz, 150 uV": {**BESIDE_50_HZ, "line_hz": 50, "line_wax": 0.4, "line_uv": 150},
    "mains 60 Hz": {"line_wax": 0.4},
    "slow power": {"activity_exponent": 1},
    "smooth bands": {"band_overlap_octaves": 0.5},
    "seed noise": {"seed_reliability": 0.7},
    "unequal responses": {"hrf_delay_s": 0.5},
    "body": {**BODY, "respiration_uv": 10, "cardiac_uv": 5},
    "body, strong": {**BODY, "respiration_uv": 50, "cardiac_uv": 25},
    "human rates": {"respiration_hz": 0.3, "cardiac_hz": 1.1},
    "movement 1 mV": {**MOVES, "movement_uv": 1000},
    "movement 3 mV": {**MOVES, "movement_uv": 3000},
    "movement 10 mV": {**MOVES, "movement_uv": 10000},
    "unsteady": {"unsteady_start": 1},
    "lost": {"lost_volumes": "[150]"},
    "half lost": {"half_lost_volumes": "[150]"},
    "repeated": {"repeated_volumes": "[150, 151]"},
}
REPOSITORY = Path(__file__).resolve().parents[1]
N = 2 * 0.09 * 300


def analysed(folder: Path, options: dict) -> bool:
    """Simulate and analyse one study; False where the workflow fails."""
    study, results = folder / "study", folder / "results"
    simulate(study, "tiny", parameters={"n_volumes": 300, **options}, progress=lambda *_: None)
    config = study / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + yaml.safe_dump({"variants": {"reference": {}}}))
    command = [sys.executable, "-m", "snakemake", "--snakefile", REPOSITORY / "Snakefile", "--cores", "1", "--quiet"]
    command += ["all", "--directory", folder, "--configfile", config, "--config", f"results={results}", "--"]
    command += [results / "reference" / "group" / "temporal.tsv"]
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    done = subprocess.run(list(map(str, command)), env=os.environ | threads, capture_output=True, check=False)
    return done.returncode == 0


def row(folder: Path, band: str) -> list[str]:
    """Truth, found and their difference in standard errors, of the recordings that the table has."""
    known = json.loads((folder / "study" / "truth.json").read_text(encoding="utf-8"))["recordings"]
    table = files.read_table(folder / "results" / "reference" / "group" / "temporal.tsv")
    found = {(r["sub"], r["site"]): r["r"] for r in table if r["band"] == band}
    pairs = []
    for r in known:
        true = r["temporal_r"].get(band) if band != "multiunit" else (r["multiunit"] or {}).get("temporal_r")
        if true is not None and (r["sub"], r["site"]) in found:
            pairs.append((np.sqrt(1 - 9 / N) * true, found[r["sub"], r["site"]]))
    if not pairs:
        return ["–"] * 3
    true, found = np.mean(pairs, axis=0)
    return [f"{true:+.3f}", f"{found:+.3f}", f"{(found - true) / (3 / N / np.sqrt(len(pairs))):+.1f}"]


def main() -> None:
    out, chosen = Path(sys.argv[1]).resolve(), sys.argv[2:] or list(FLAWS)
    print(
        "| flaw | gamma: truth | found | errors | multi-unit: truth | found | errors |\n|---|---|---|---|---|---|---|"
    )
    for name in chosen:
        folder = out / name.replace(" ", "_").replace(",", "")
        cells = [*row(folder, "gamma"), *row(folder, "multiunit")] if analysed(folder, FLAWS[name]) else ["failed"] * 6
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
