"""Time and memory against size: `python growth.py work [--figure FILE]` writes work/growth.tsv and draws it.

Each point is a process of its own, so that its peak memory is that of its size. Duration and channels of the LFP are in
`lfp/growth.py`; they are drawn too where work/lfp_growth.tsv holds them (columns axis, size, cpu_s, peak_mb).
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from pathlib import Path

import harness
import numpy as np
import scan

BASE = {"volumes": 600, "voxels": 1600, "surrogates": 250}
SIZES = {
    "volumes": (150, 300, 600, 1200),
    "voxels": (800, 1600, 3200, 6400),
    "surrogates": (125, 250, 500, 1000),
    "scans": (4, 8, 16, 32),
    "variants": (8, 16, 32, 64),
}
UNITS = {"cpu_s": "processor time (s)", "peak_mb": "peak memory (MB)"}
WHAT = {
    "volumes": "nulls of one scan: volumes",
    "voxels": "nulls of one scan: voxels",
    "surrogates": "nulls of one scan: surrogates",
    "scans": "mediation of averaged maps: scans",
    "variants": "the plan of a study: variants",
}


def nulls(volumes: int, voxels: int, surrogates: int) -> float:
    """Processor seconds of cleaning one scan and of all its nulls."""
    from lfpbold.pipeline import nulls as stage

    data = scan.arrays(volumes, voxels, n_bins=20)
    start = time.process_time()
    where, settings = scan.rigorous(data, surrogates, surrogates // 5)
    stage.nulls(where, data.brain, data.affine, settings)
    return time.process_time() - start


def scans(number: int) -> float:
    """Processor seconds of the group's part of the mediation null: four scans an animal, one in memory at a time."""
    from lfpbold.nulls import mediation

    rng, voxels, n = np.random.default_rng(0), 1600, 250
    animals = np.repeat(np.arange(number // 4), 4).astype(str)
    seeds, observed = rng.standard_normal((2, number, voxels))
    start = time.process_time()
    sums = np.zeros((number // 4, n, voxels), dtype=np.float32)
    for animal in animals.astype(int):
        sums[animal] += rng.standard_normal((n, voxels), dtype=np.float32)
    mediation.group_mediation(sums, observed, seeds, animals, rng)
    return time.process_time() - start


def variants(number: int) -> float:
    """Processor seconds of expanding a grid of variants and of planning a hundred recordings under them."""
    import tempfile

    from lfpbold.study import settings
    from lfpbold.workflow import plan as workflow

    with tempfile.TemporaryDirectory() as folder:
        sheet, config = (Path(folder) / name for name in ("recordings.tsv", "config.yaml"))
        sheet.write_text("sub\n", encoding="utf-8")
        grid = [0.1 * step for step in range(1, number + 1)]
        lines = (f"recordings: {sheet}", "sites: {M1: {seed: all}}", "bold: {white_matter: false, ventricles: false}",
                 f"variants: {{all: {{grid: {{bold.fwhm_mm: {grid}}}}}}}")  # fmt: skip
        config.write_text("\n".join(lines), encoding="utf-8")
        rows = [{"sub": f"{i:03d}", "ses": "01", "run": "1", "state": "sedated", "site": "M1", "bold": f"{i}.nii",
                 "lfp": f"{i}.nwb", "channels": "", "scan_start_s": None, "exclude": "", "input": {}, "date": "",
                 "where": f"row {i}"} for i in range(100)]  # fmt: skip
        start = time.process_time()
        plan = workflow.Plan(settings.load([config]), rows)
        for stage in ("artefact", "motion", "bold", "coupling"):
            plan.expand_all("{variant}/{sub}_{ses}_{run}_{site}", stage)
        return time.process_time() - start


def points():
    """Rows of the table, one a size."""
    for axis, sizes in SIZES.items():
        for size in sizes:
            if axis in BASE:
                cpu_s, peak_mb = harness.alone(nulls, *(BASE | {axis: size}).values())
            else:
                cpu_s, peak_mb = harness.alone({"scans": scans, "variants": variants}[axis], size)
            yield {"axis": axis, "size": size, "cpu_s": cpu_s, "peak_mb": peak_mb}


def draw(rows: list[dict], path: Path) -> None:
    """Time and memory of each axis, sizes in equal factors, beside what would be proportional."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    axes = list(dict.fromkeys(row["axis"] for row in rows))
    figure, panels = plt.subplots(2, len(axes), figsize=(2.5 * len(axes), 5), squeeze=False, layout="constrained")
    for column, axis in zip(panels.T, axes, strict=True):
        mine = [row for row in rows if row["axis"] == axis]
        size = np.array([float(row["size"]) for row in mine])
        for panel, name in zip(column, UNITS, strict=True):
            values = np.array([float(row[name]) for row in mine])
            panel.semilogx(size, values, "o-", color="C0", label="measured")
            panel.set_ylim(0, values.max() * 1.2)
            if name == "cpu_s":
                panel.plot(size, values[-1] * size / size[-1], "--", color="0.6", label="proportional")
            panel.set_xticks(size, [f"{s:g}" for s in size])
            panel.minorticks_off()
            panel.set_ylabel(UNITS[name])
            panel.spines[["top", "right"]].set_visible(False)
        column[0].set_title(WHAT.get(axis, axis).replace(": ", ":\n"), fontsize=9)
        column[1].set_xlabel(axis)
    panels[0, 0].legend(frameon=False, fontsize=8)
    figure.savefig(path, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", type=Path)
    parser.add_argument("--figure", type=Path)
    given = parser.parse_args()
    table = given.work / "growth.tsv"
    harness.write(points(), table)
    rows = []
    for path in (table, given.work / "lfp_growth.tsv"):
        if path.is_file():
            with path.open(encoding="utf-8") as file:
                rows += list(csv.DictReader(file, delimiter="\t"))
    draw(rows, given.figure or given.work / "growth.png")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
