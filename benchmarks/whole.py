"""Raw to report by the workflow, beside the sum of its stages as plain functions: `python whole.py config work`.

Every job's adapter is one `with` block around reading, one function and writing. A hook that stands in for nothing else
times these blocks in every job's own process; their sum is what a program without a workflow would take. What is left
is Snakemake, starting interpreters and importing. With one core, so that nothing overlaps; without a cache.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOOK = """
import os, time
try:
    from lfpbold.workflow import job
except ImportError:
    job = None
if job is not None:
    enter, leave = job.Job.__enter__, job.Job.__exit__

    def begin(self):
        self._began = time.perf_counter(), sum(os.times()[:4])
        return enter(self)

    def end(self, *error):
        done = leave(self, *error)
        spent = time.perf_counter() - self._began[0], sum(os.times()[:4]) - self._began[1]
        with open(os.environ["LFPBOLD_TIMES"], "a") as file:
            print(self._snakemake.rule, *spent, sep="\\t", file=file)
        return done

    job.Job.__enter__, job.Job.__exit__ = begin, end
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path)
    parser.add_argument("work", type=Path, help="folder for the results; must not hold any")
    parser.add_argument("--cores", type=int, default=1)
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)
    times = given.work / "times.tsv"
    times.write_text("", encoding="utf-8")
    with tempfile.TemporaryDirectory() as hooks:
        (Path(hooks) / "sitecustomize.py").write_text(HOOK, encoding="utf-8")
        paths = [hooks, str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])]
        one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"), "1")
        env = os.environ | one | {"PYTHONPATH": os.pathsep.join(paths), "LFPBOLD_TIMES": str(times.resolve())}
        start, before = time.perf_counter(), sum(os.times()[:4])
        subprocess.run([sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "--cores", str(given.cores),
                        "--configfile", given.config.resolve(), "--directory", given.work, "--quiet", "all"],
                       check=True, env=env)  # fmt: skip
        whole = time.perf_counter() - start, sum(os.times()[:4]) - before
    jobs = [line.split("\t") for line in times.read_text(encoding="utf-8").splitlines()]
    plain = [sum(float(job[which]) for job in jobs) for which in (1, 2)]
    print("| | workflow | plain functions | ratio | jobs | overhead of a job |\n|---|---|---|---|---|---|")
    for name, all_of_it, alone in zip(("wall s", "processor s"), whole, plain, strict=True):
        print(f"| {name} | {all_of_it:.1f} | {alone:.1f} | {all_of_it / alone:.3f} | {len(jobs)} |"
              f" {(all_of_it - alone) / len(jobs):.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
