"""What every rule takes and would ask of a cluster, as a table: the numbers behind `lfpbold.workflow.resources`.

    python tests/cluster/measure.py STUDY/config.yaml FOLDER [options of snakemake]

analyses a study in FOLDER on one core. Peaks are those that Linux kept of each script's own process (VmHWM), seconds
those of the processor; Snakemake's own benchmarks look at a process twice a second and later twice a minute, and miss
peaks.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
COLUMNS = ("rule", "peak_mb", "seconds", "mem_mb", "runtime")
# Goes into every Python process that the run starts; speaks only in those that are a rule's script.
HOOK = """
import atexit, os

def tell():
    import __main__, resource
    job = getattr(__main__, "snakemake", None)
    if job is None:
        return
    with open("/proc/self/status") as file:
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = (job.rule, peak / 1024, used.ru_utime + used.ru_stime, job.resources.mem_mb, job.resources.runtime)
    with open(os.environ["LFPBOLD_MEASURED"], "a") as file:
        file.write("\\t".join(map(str, told)) + "\\n")

atexit.register(tell)
"""


def main(config: str, folder: str, *options: str) -> int:
    where = Path(folder).resolve()
    (where / "hook").mkdir(parents=True, exist_ok=True)
    (where / "hook" / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
    told = where / "measured.tsv"
    told.unlink(missing_ok=True)
    paths = [str(where / "hook"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "LFPBOLD_MEASURED": str(told)}
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", "1"]
    command += ["--configfile", str(Path(config).resolve()), "--config", "results=results", *options]
    status = subprocess.run(command, cwd=where, env=environment, check=False).returncode
    with told.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, COLUMNS, delimiter="\t"))
    print("| rule | jobs | peak, MB | seconds | asks for, MB | minutes |\n|---|---|---|---|---|---|")
    for rule in dict.fromkeys(row["rule"] for row in rows):
        jobs = [row for row in rows if row["rule"] == rule]
        peak, seconds, memory, minutes = (max(float(row[name]) for row in jobs) for name in COLUMNS[1:])
        print(f"| `{rule}` | {len(jobs)} | {peak:.0f} | {seconds:.1f} | {memory:.0f} | {minutes:.0f} |")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
