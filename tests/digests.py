"""Digests of every table, map and time series of three studies, to show that a change of the code changes no number.

    python -m tests.digests record before.tsv      # simulate and analyse; about ten minutes on two cores
    python -m tests.digests record after.tsv       # the same with the changed code
    python -m tests.digests compare before.tsv after.tsv

`--folder` keeps the studies and results; `results FOLDER OUT.tsv` digests results that are already there. Sidecars
count by what they hold but for the keys that name code or version, and for descriptions, which are prose.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
NUMBERS = (".tsv", ".nii", ".nii.gz", ".eeg", ".vhdr", ".vmrk")
NO_RESULTS = ("logs", "benchmarks", ".snakemake")
ABOUT_CODE = {"GeneratedBy", "CodeDigest", "SourceDigests", "Function", "SettingsHash", "Settings"}
PROSE = {"Description", "LongName", "Warnings", "Levels", "Units"}


def studies() -> dict[str, tuple[dict, dict, tuple[str, ...]]]:
    """Arguments of the simulator, what is added to the config, and arguments of Snakemake."""
    from tests.workflow.conftest import FEWER_SURROGATES, NO_FIGURES, OTHER
    from tests.workflow.test_evoked import FAST

    evoked = {"animal_sites": [["M1"]] * 4, "replicates": 40}
    truth = {**OTHER, "jumps": 0}
    return {
        "tiny": ({"preset": "tiny"}, {}, NO_FIGURES),
        "truth": ({"preset": "demo", "seed": 11, "parameters": truth}, {"variants": FEWER_SURROGATES}, NO_FIGURES),
        "evoked": ({"preset": "evoked", "parameters": evoked}, FAST, (*NO_FIGURES, "figures_evoked")),
    }


def of_file(path: Path) -> str:
    """SHA-256 of a file's bytes, or of a sidecar's content without what names code or is prose."""
    if path.suffix != ".json":
        return hashlib.sha256(path.read_bytes()).hexdigest()
    content = json.dumps(_numbers(json.loads(path.read_text(encoding="utf-8"))), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def _numbers(content):
    if isinstance(content, dict):
        return {key: _numbers(value) for key, value in content.items() if key not in ABOUT_CODE | PROSE}
    return [_numbers(value) for value in content] if isinstance(content, list) else content


def of_results(folder: Path) -> dict[str, str]:
    """Digest of every table, map, time series and sidecar below a results folder, by relative path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.is_file() and relative.parts[0] not in NO_RESULTS and path.name.endswith((*NUMBERS, ".json")):
            found[relative.as_posix()] = of_file(path)
    return found


def record(out: Path, folder: Path, names) -> None:
    """Simulate and analyse the studies below `folder`; write study, path and digest."""
    from lfpbold.simulate import simulate

    lines = ["study\tpath\tsha256"]
    for name in names:
        simulated, config, arguments = studies()[name]
        study, results = folder / name / "study", folder / name / "results"
        simulate(study, progress=lambda *_: None, **simulated)
        written = study / "config.yaml"
        if config:
            written.write_text(written.read_text(encoding="utf-8") + yaml.safe_dump(config), encoding="utf-8")
        command = [sys.executable, "-m", "snakemake", "--snakefile", REPOSITORY / "Snakefile", "--cores", "2"]
        command += [
            "--quiet",
            "all",
            "--directory",
            results.parent,
            "--configfile",
            written,
            "--config",
            f"results={results}",
        ]
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
        subprocess.run([*map(str, command), *arguments], check=True, env=os.environ | threads)
        lines += [f"{name}\t{path}\t{digest}" for path, digest in of_results(results).items()]
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def compare(before: Path, after: Path) -> int:
    """Print what differs in the studies that both hold; 1 where anything does."""
    first, second = (_read(path) for path in (before, after))
    both = {study for study, _ in first} & {study for study, _ in second}
    first, second = ({key: d for key, d in found.items() if key[0] in both} for found in (first, second))
    for key in sorted(first.keys() | second.keys()):
        if first.get(key) != second.get(key):
            what = "missing after" if key not in second else "new" if key not in first else "differs"
            print(f"{what}\t{'/'.join(key)}")
    same = sum(first[key] == second.get(key) for key in first)
    print(f"{same} of {len(first)} files are the same, {len(second.keys() - first.keys())} are new")
    return int(same < len(first))


def _read(path: Path) -> dict[tuple[str, str], str]:
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return {(study, name): digest for study, name, digest in rows}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("record")
    made.add_argument("out", type=Path)
    made.add_argument("--folder", type=Path)
    made.add_argument("--studies", nargs="+", default=["tiny", "truth", "evoked"])
    there = commands.add_parser("results")
    there.add_argument("folder", type=Path)
    there.add_argument("out", type=Path)
    both = commands.add_parser("compare")
    both.add_argument("before", type=Path)
    both.add_argument("after", type=Path)
    asked = parser.parse_args()
    if asked.command == "compare":
        return compare(asked.before, asked.after)
    if asked.command == "results":
        rows = [f"-\t{path}\t{digest}" for path, digest in of_results(asked.folder).items()]
        asked.out.write_text("\n".join(["study\tpath\tsha256", *rows]) + "\n", encoding="utf-8")
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        record(asked.out.resolve(), (asked.folder or Path(temporary)).resolve(), asked.studies)
    return 0


if __name__ == "__main__":
    sys.exit(main())
