"""Run the LFP stage once and print what it cost as JSON: `python stage.py recording bold [threads]`."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import yaml

from lfpbold import recordings
from lfpbold.derivatives import files
from lfpbold.pipeline.artefact import driver

ROOT = Path(__file__).parents[2]


def used() -> float:
    """Processor seconds of this process so far."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def peak_mb() -> float:
    """Largest resident memory of this process so far; `ru_maxrss` would be that of whoever started it, if larger."""
    status = Path("/proc/self/status")
    if status.exists():
        return float(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def opened(recording: Path, bold: Path) -> tuple:
    """Recording, series and row of a simulated scan, and the default settings."""
    settings = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
    row = {"where": "benchmark", "lfp": str(recording), "scan_start_s": None, "input": settings["input"]}
    lfp = recordings.open_configured_lfp(recording, settings["input"], (), "benchmark")
    return lfp, recordings.open_configured_bold(bold, settings["input"], "benchmark"), row, settings


def main(recording: Path, bold: Path, threads: int) -> dict:
    lfp, series, row, settings = opened(recording, bold)
    before = peak_mb()
    wall, cpu = time.perf_counter(), used()
    samples, fs_hz, info, *_ = driver.artefact(
        lfp, series, row, settings["artefact"], log=lambda _: None, threads=threads
    )
    with tempfile.TemporaryDirectory() as folder:
        files.write_series(Path(folder) / "x.vhdr", samples, fs_hz, lfp.channels)
    return {
        "wall_s": time.perf_counter() - wall,
        "cpu_s": used() - cpu,
        "peak_mb": peak_mb(),
        "imports_mb": before,
        "shape": np.shape(samples),
        "start_s": info["ScanStart"],
        "period_s": info["VolumePeriod"],
        "slices": info["SliceAcquisitionsPerVolume"],
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 2)))
