"""How near an analysis of simulated recordings comes to their truth: `compare_with_truth.py STUDY RESULTS`."""

import json
import sys
from pathlib import Path

import numpy as np

from lfpbold import io

study, results = Path(sys.argv[1]), Path(sys.argv[2])
truth = json.loads((study / "truth.json").read_text(encoding="utf-8"))
by_recording = {tuple(r[k] for k in ("sub", "ses", "run", "site")): r for r in truth["recordings"]}
group = results / "reference" / "group"
groups = list(dict.fromkeys((r["state"], r["site"]) for r in truth["recordings"]))

print("| state | site | band | scans | temporal r | truth | spatial r, scans | truth | spatial r, averaged | truth |")
print("|---|---|---|---|---|---|---|---|---|---|")
tables = {name: io.read_table(group / f"{name}.tsv") for name in ("temporal", "spatial", "spatial_group")}
for state, site in groups:
    for band in truth["bands_hz"]:
        cells = []
        for name in ("temporal", "spatial"):
            rows = [r for r in tables[name] if (r["state"], r["site"], r["band"]) == (state, site, band)]
            true = [by_recording[r["sub"], r["ses"], r["run"], r["site"]][f"{name}_r"][band] for r in rows]
            cells += [np.mean([r["r"] for r in rows]), np.mean(true)]
        averaged = [
            r["r"] for r in tables["spatial_group"] if (r["state"], r["site"], r["band"]) == (state, site, band)
        ]
        cells += [averaged[0], truth["expected"][state][site]["spatial_r_averaged"][band]]
        print(f"| {state} | {site} | {band} | {len(rows)} | " + " | ".join(f"{c:+.3f}" for c in cells) + " |")

print("\n| | largest error over recordings |\n|---|---|")
ppm, start, moved, turned = [], [], [], []
for r in truth["recordings"]:
    folder = results / "reference" / f"sub-{r['sub']}" / f"ses-{r['ses']}"
    run = "sub-{sub}_ses-{ses}_task-rest_run-{run}".format(**r)
    clock = io.read_json(folder / "ieeg" / f"{run}_acq-{r['site']}_desc-clean_ieeg.json")
    ppm.append(abs(clock["ClockPpm"] - r["clock_ppm"]))
    start.append(abs(clock["ScanStart"] - r["scan_start_s"]))
    found, names = io.read_matrix(folder / "func" / f"{run}_desc-confounds_timeseries.tsv")
    true = np.array([[row[name] for name in names[:6]] for row in io.read_table(study / r["motion"])])
    error = np.abs(found[:, :6] - (true - true[0]))
    moved.append(error[:, :3].max())
    turned.append(error[:, 3:].max())
print(f"| clock | {max(ppm):.3f} ppm |\n| scan start | {1e6 * max(start):.1f} µs |")
print(f"| translation | {max(moved):.3f} mm |\n| rotation | {1e3 * max(turned):.2f} mrad |")
