"""Fuzzing: mutated files must end in an `InputError` or in a readable recording, in bounded time and memory.

    python tests/fuzz/run.py --seconds 60            every target for a minute, beginning with another seed each time
    python tests/fuzz/run.py --seed 17 --mutations 1 --keep FOLDER mat5     one mutation again; its file stays in FOLDER

A target runs in a process of its own, with a limit to its memory. What does not end, or ends the process, is a finding
like any other exception.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
SECONDS_EACH = 20  # for one file of some 100 kB, on a busy computer
MORE_BYTES = 1_500_000_000  # than the process holds once everything is imported


class Hang(BaseException):
    """One file took too long; no `except Exception` takes it for an error of the file."""


def fuzz(names, *, mutations: int | None = None, seconds: float | None = None, seed: int = 0) -> dict[str, dict]:
    """Fuzz targets one after the other.

    Returns
    -------
    found : dict of str to dict
        For each target: `n` mutations, `refused` of them, and `findings`, texts that begin with the mutation's seed.
    """
    found = {name: {"n": 0, "refused": 0, "findings": []} for name in names}
    left = [[name, seed, mutations, seconds] for name in names]
    while left:
        name = _work(left, found)
        if name is not None and len(found[name]["findings"]) >= 20:
            left = [entry for entry in left if entry[0] != name]
    return found


def _work(left: list, found: dict) -> str | None:
    """Run a process until it has done all that is left, or has died; then begin after what killed it."""
    command = [sys.executable, str(Path(__file__).resolve()), "--worker", json.dumps(left)]
    current = None
    with tempfile.TemporaryFile("w+") as complaints:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints, text=True) as process:
            for line in process.stdout:
                if not line.startswith("{"):
                    continue
                told = json.loads(line)
                if told["event"] == "done":
                    left.pop(0)
                    current = None
                    continue
                of = found[told["target"]]
                if told["event"] == "begin":
                    current = told
                    left[0][1] = told["seed"] + 1
                    left[0][2] = told["mutations_left"]
                    left[0][3] = told["seconds_left"]
                else:
                    of["n"] += 1
                    of["refused"] += told["event"] == "refused"
                    if told["event"] == "finding":
                        of["findings"].append(f"seed {told['seed']}: {told['text']}")
        complaints.seek(0)
        said = complaints.read()[-1500:]
    if process.returncode == 0:
        return None
    if current is None:
        raise RuntimeError(f"the process that fuzzes cannot start: {said}")
    of = found[current["target"]]
    of["n"] += 1
    of["findings"].append(f"seed {current['seed']}: the process died ({process.returncode}): {said}")
    return current["target"]


def _worker(left: list) -> None:
    from targets import TARGETS

    warnings.simplefilter("ignore")
    for target in TARGETS.values():  # every library is loaded before memory is counted
        with tempfile.TemporaryDirectory() as folder, _silence():
            target.read(target.write(Path(folder)))
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MORE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGALRM, _too_long)
    for name, seed, mutations, seconds in left:
        _target(name, TARGETS[name], seed, mutations, seconds)
        print(json.dumps({"event": "done", "target": name}), flush=True)


def _target(name, target, seed, mutations, seconds) -> None:
    begun, done = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "seed"
        written.mkdir()
        path = target.write(written).relative_to(written)
        while (mutations is None or done < mutations) and (seconds is None or time.monotonic() - begun < seconds):
            about = {"target": name, "seed": seed + done}
            done += 1
            passed = time.monotonic() - begun
            remaining = {
                "mutations_left": None if mutations is None else mutations - done,
                "seconds_left": None if seconds is None else seconds - passed,
            }
            print(json.dumps({"event": "begin", **about, **remaining}), flush=True)
            work = Path(folder) / "work"
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(written, work)
            spoil(target, work / path, f"{name} {about['seed']}")
            print(json.dumps(about | judged(target, work / path)), flush=True)


def spoil(target, path: Path, seed: str) -> Path:
    """Mutate one of the files of a recording; give the one that was chosen."""
    from mutate import mutated

    chance = random.Random(seed)
    folder = path if path.is_dir() else path.parent
    pattern = chance.choice(target.parts) if target.parts else path.name
    file = chance.choice(sorted(folder.rglob(pattern)))
    file.write_bytes(mutated(file.read_bytes(), chance, packed=file.suffix == ".gz"))
    return file


def judged(target, path: Path) -> dict:
    """What became of one file: `read`, `refused`, or a `finding` with its text."""
    from lfpbold.errors import InputError

    faulthandler.dump_traceback_later(3 * SECONDS_EACH, exit=True)
    signal.setitimer(signal.ITIMER_REAL, SECONDS_EACH)
    try:
        with _silence():
            target.read(path)
        return {"event": "read"}
    except InputError as error:
        if isinstance(error.__cause__ or error.__context__, MemoryError):
            return {"event": "finding", "text": f"asks for more memory than {MORE_BYTES / 1e9:g} GB: {error}"}
        if not str(error) or "\n" in str(error) or "object at 0x" in str(error):
            return {"event": "finding", "text": f"no sentence: {error!r}"}
        return {"event": "refused"}
    except BaseException as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        where = traceback.extract_tb(error.__traceback__)
        ours = [f"{Path(f.filename).name}:{f.lineno}" for f in where if "lfpbold" in f.filename][-2:]
        last = f"{Path(where[-1].filename).name}:{where[-1].lineno}"
        return {"event": "finding", "text": f"{type(error).__name__} at {ours} {last}: {str(error)[:300]}"}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()


@contextlib.contextmanager
def _silence():
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing):  # noqa: PTH123
        yield


def _too_long(*_):
    raise Hang(f"more than {SECONDS_EACH} s")


def main() -> int:
    grammar = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    grammar.add_argument("targets", nargs="*", help="such as nwb; all without it")
    grammar.add_argument("--seconds", type=float, help="for each target")
    grammar.add_argument("--mutations", type=int, help="of each target")
    grammar.add_argument("--seed", type=int, help="of the first mutation; the time of day without it")
    grammar.add_argument("--keep", help="write the mutated file of --seed into this folder, and do nothing else")
    grammar.add_argument("--worker", help=argparse.SUPPRESS)
    given = grammar.parse_args()
    if given.worker:
        _worker(json.loads(given.worker))
        return 0
    from targets import TARGETS

    unknown = set(given.targets) - set(TARGETS)
    if unknown:
        grammar.error(f"there is no target {', '.join(sorted(unknown))}; choose from {', '.join(TARGETS)}")
    names = given.targets or list(TARGETS)
    seed = int(time.time()) if given.seed is None else given.seed
    if given.keep:
        folder = Path(given.keep)
        folder.mkdir(parents=True)
        print(spoil(TARGETS[names[0]], TARGETS[names[0]].write(folder), f"{names[0]} {seed}"))
        return 0
    seconds = given.seconds if given.seconds or given.mutations else 60.0
    failed = False
    for name, of in fuzz(names, mutations=given.mutations, seconds=seconds, seed=seed).items():
        print(f"{name:<14}{of['n']:>8} mutations{of['refused']:>8} refused{len(of['findings']):>5} findings")
        for text in of["findings"]:
            print(f"    {text}")
        failed |= bool(of["findings"])
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
