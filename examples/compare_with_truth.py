"""How near an analysis of simulated recordings comes to their truth: `compare_with_truth.py STUDY RESULTS`."""

import json
import sys
from pathlib import Path

import numpy as np

from lfpbold.derivatives import files

study, results = Path(sys.argv[1]), Path(sys.argv[2])
truth = json.loads((study / "truth.json").read_text(encoding="utf-8"))
by_recording = {tuple(r[k] for k in ("sub", "ses", "run", "state", "site")): r for r in truth["recordings"]}
group = results / "reference" / "group"
groups = list(dict.fromkeys((r["state"], r["site"]) for r in truth["recordings"]))

print("| state | site | band | scans | temporal r | truth | spatial r, scans | truth | spatial r, averaged | truth |")
print("|---|---|---|---|---|---|---|---|---|---|")
tables = {name: files.read_table(group / f"{name}.tsv") for name in ("temporal", "spatial", "spatial_group")}
for state, site in groups:
    for band in [*truth["bands_hz"], "multiunit"]:
        cells = []
        for name in ("temporal", "spatial"):
            rows = [r for r in tables[name] if (r["state"], r["site"], r["band"]) == (state, site, band)]
            true = [by_recording[r["sub"], r["ses"], r["run"], r["state"], r["site"]] for r in rows]
            true = [r["multiunit"][f"{name}_r"] if band == "multiunit" else r[f"{name}_r"][band] for r in true]
            cells += [np.mean([r["r"] for r in rows]), np.mean(true)] if rows else []
        averaged = [
            r["r"] for r in tables["spatial_group"] if (r["state"], r["site"], r["band"]) == (state, site, band)
        ]
        if not rows or not averaged:
            continue  # the rate allows no multi-unit activity
        expected = truth["expected"][state][site]
        of_spikes, of_bands = expected.get("multiunit") or {}, expected["spatial_r_averaged"]
        cells += [averaged[0], of_spikes["spatial_r_averaged"] if band == "multiunit" else of_bands[band]]
        print(f"| {state} | {site} | {band} | {len(rows)} | " + " | ".join(f"{c:+.3f}" for c in cells) + " |")

print("\n| | largest error over recordings |\n|---|---|")
ppm, start, moved, turned = [], [], [], []
for r in truth["recordings"]:
    folder = results / "reference" / f"sub-{r['sub']}" / f"ses-{r['ses']}"
    run = "sub-{sub}_ses-{ses}_task-{task}_run-{run}".format(**r)
    recording = run.replace("_run-", f"_acq-{r['site']}_run-")
    clock = files.read_json(folder / "ieeg" / f"{recording}_desc-clean_ieeg.json")
    if "Excluded" in clock:
        continue
    ppm.append(abs(clock["ClockPpm"] - r["clock_ppm"]))
    start.append(abs(clock["ScanStart"] - r["scan_start_s"]))
    found, names = files.read_matrix(folder / "func" / f"{run}_desc-confounds_timeseries.tsv")
    true = np.array([[row[name] for name in names[:6]] for row in files.read_table(study / r["motion"])])
    error = np.abs(found[:, :6] - (true - true[0]))
    moved.append(error[:, :3].max())
    turned.append(error[:, 3:].max())
print(f"| clock | {max(ppm):.3f} ppm |\n| scan start | {1e6 * max(start):.1f} µs |")
print(f"| translation | {max(moved):.3f} mm |\n| rotation | {1e3 * max(turned):.2f} mrad |")

measures = {"temporal": "temporal r", "spatial_scan": "spatial r, scans", "spatial_group": "spatial r, averaged"}
rows = {(r["state"], r["site"], r["band"], r["measure"]): r for r in files.read_table(group / "yardstick.tsv")}
print("\nComparison with the published study (theirs / here):\n")
print("| state | site | band | " + " | ".join(measures.values()) + " |\n|---|---|---|---|---|---|")
for state, site, band in dict.fromkeys(key[:3] for key in rows):
    cells = [rows.get((state, site, band, measure)) for measure in measures]
    if any(cells):
        cells = [f"{c['published']:+.2f} / {c['ours']:+.2f}" if c else "–" for c in cells]
        print(f"| {state} | {site} | {band} | " + " | ".join(cells) + " |")
