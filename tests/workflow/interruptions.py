"""Runs that are started, killed at a moment of choice, and compared file by file with one that nothing disturbed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from .conftest import REPOSITORY

NO_RESULTS = ("logs", "benchmarks")  # they hold times
PATIENCE_S = 900

# Kills the whole run when a job of a rule moves its n-th file to its place.
KILLED_WHILE_MOVING = """
import os, signal
replace, moved = os.replace, 0
def counted(source, target, **options):
    global moved
    if f".partial-{os.environ['KILLED_RULE']}-" in str(source):
        moved += 1
        if moved == int(os.environ["KILLED_AT"]):
            os.killpg(0, signal.SIGKILL)
    return replace(source, target, **options)
os.replace = counted
"""


class Run:
    """A run of the workflow in the background, in a process group of its own, and what it has said so far."""

    def __init__(self, config, results, *arguments, cores: int = 2, environment: dict | None = None, at=None):
        self.results = Path(results)
        folder = Path(at or self.results.parent)
        folder.mkdir(parents=True, exist_ok=True)
        self._output = Path(tempfile.mkstemp(prefix="lfpbold-run-", suffix=".txt")[1])
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
        command += ["--cores", str(cores), "--directory", str(folder), "--configfile", str(config)]
        command += ["--config", f"results={results}", *arguments]
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        with self._output.open("w", encoding="utf-8") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=os.environ | threads | (environment or {}),
                start_new_session=True,
                # A test run in the background ignores SIGINT, and so would what it starts.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def __del__(self):
        self._output.unlink(missing_ok=True)

    @property
    def said(self) -> str:
        return self._output.read_text(encoding="utf-8")

    def ended(self) -> int:
        """The exit code, once the run has ended."""
        return self.process.wait(PATIENCE_S)

    def until(self, condition) -> bool:
        """Wait until `condition()` holds; False where the run ended before."""
        for _ in range(PATIENCE_S * 50):
            if condition():
                return True
            if self.process.poll() is not None:
                return False
            time.sleep(0.02)
        raise TimeoutError(self.said[-3000:])

    def until_jobs_finished(self, number: int) -> bool:
        return self.until(lambda: self.said.count("Finished jobid") >= number)

    def until_at_work(self) -> bool:
        """Wait until the run has started jobs."""
        return self.until(lambda: re.search(r"^Execute \d+ jobs", self.said, flags=re.M) and self.jobs())

    def jobs(self) -> list[psutil.Process]:
        """Processes of its jobs."""
        try:
            return psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def scripts(self) -> list[psutil.Process]:
        """Processes of its jobs that are at work on a script of ours."""
        found = []
        for process in self.jobs():
            with suppress(psutil.NoSuchProcess):
                if any(".snakemake/scripts" in part for part in process.cmdline()):
                    found.append(process)
        return found

    @contextmanager
    def held(self):
        """For this long the run stands still, so that it cannot end before something else has happened."""
        os.killpg(self.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.process.pid, signal.SIGCONT)

    def kill(self, *, workflow: bool = True, jobs: bool = True, by=signal.SIGKILL) -> None:
        """Send a signal to everything, to the workflow alone, or to one job alone; wait for the end of the workflow."""
        if workflow and jobs:
            os.killpg(self.process.pid, by)
        elif workflow:
            self.process.send_signal(by)
        else:  # one that has just begun, and has its work before it
            known, new = {process.pid for process in self.scripts()}, []
            if self.until(lambda: new.extend(p for p in self.scripts() if p.pid not in known) or new):
                new[0].send_signal(by)
        self.ended()


def half_written(results) -> list[str]:
    """Folders that jobs write into, which must not outlive a run."""
    return [path.name for path in Path(results).rglob(".partial-*")]


def standing(results) -> dict[str, bytes]:
    """Every file that stands as a result; the results folder's own path, which the settings hold, is made the same."""
    results, found = Path(results), {}
    for folder, names, files in os.walk(results):
        names[:] = [name for name in names if not name.startswith(".partial-")]
        relative = Path(folder).relative_to(results)
        if relative.parts[:1] and relative.parts[0] in NO_RESULTS:
            continue
        for name in files:
            content = (Path(folder) / name).read_bytes()
            found[(relative / name).as_posix()] = content.replace(str(results).encode(), b"RESULTS")
    return found


def unlike(results, undisturbed: dict[str, bytes]) -> list[str]:
    """Names of results whose bytes are not those of an undisturbed run."""
    return [name for name, content in standing(results).items() if undisturbed.get(name) != content]


def killed_while_moving(folder: Path, rule: str, nth: int) -> dict:
    """Environment in which a run is killed while a job of `rule` moves its n-th file to its place."""
    return at_every_start(folder, KILLED_WHILE_MOVING) | {"KILLED_RULE": rule, "KILLED_AT": str(nth)}


def at_every_start(folder: Path, code: str) -> dict:
    """Environment in which every Python begins with this code."""
    folder.mkdir(exist_ok=True)
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])}


def forget(results) -> None:
    """Remove what Snakemake remembers."""
    shutil.rmtree(Path(results).parent / ".snakemake", ignore_errors=True)
