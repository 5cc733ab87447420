"""A study and a Slurm of its own, for tests that `make test-cluster` runs and nothing else does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lfpbold.simulate import simulate

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
STUDY = os.environ.get("LFPBOLD_CLUSTER_STUDY", "demo")
WAYS = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # daemons are not on everybody's PATH


class Cluster:
    """A running Slurm; `run` starts Snakemake as a user of the cluster would, `jobs` says what Slurm did."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.environment = os.environ | {"SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder / 'bin'}:{WAYS}"}

    def run(self, config, where: Path, *arguments) -> subprocess.CompletedProcess:
        """`snakemake --profile profiles/slurm` in a folder, with its output captured."""
        asked = ("--profile", str(REPOSITORY / "profiles" / "slurm"), "--slurm-init-seconds-before-status-checks", "5")
        return snakemake(config, where, *asked, *arguments, environment=self.environment)

    def jobs(self) -> list[dict]:
        """Every Slurm job so far: id, state, memory (MB), time limit, and the rule or group that it was."""
        names = {"id": "%i", "state": "%T", "memory": "%m", "limit": "%l", "comment": "%k"}
        command = ["squeue", "--states=all", "--noheader", "--format", "|".join(names.values())]
        told = subprocess.run(command, capture_output=True, text=True, check=True, env=self.environment).stdout
        return [dict(zip(names, line.split("|"), strict=True)) for line in told.splitlines()]

    def hang(self, text: str) -> None:
        """From now on jobs that this text describes never get to work; none, where it is empty."""
        (self.folder / "hang").write_text(text, encoding="utf-8")


def snakemake(config, where: Path, *arguments, environment=None) -> subprocess.CompletedProcess:
    """Run the workflow in a folder; results stand in its `results`, by the same relative name wherever that is."""
    where.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile")]
    command += ["--configfile", str(config), "--config", "results=results", *arguments]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="session")
def slurm(tmp_path_factory):
    if not shutil.which("slurmctld", path=WAYS):
        pytest.fail("there is no slurmctld here; `make test-cluster` installs Slurm where it runs as root on Debian")
    folder = tmp_path_factory.mktemp("slurm")
    try:
        subprocess.run([HERE / "slurm.sh", "start", folder], check=True)
        yield Cluster(folder)
    finally:
        subprocess.run([HERE / "slurm.sh", "stop", folder], check=True)


@pytest.fixture(scope="session")
def study(tmp_path_factory) -> Path:
    """The study that goes through Slurm: the demo, or what LFPBOLD_CLUSTER_STUDY says."""
    return _simulated(tmp_path_factory, STUDY)


@pytest.fixture(scope="session")
def tiny(study, tmp_path_factory) -> Path:
    return study if STUDY == "tiny" else _simulated(tmp_path_factory, "tiny")


def _simulated(tmp_path_factory, preset: str) -> Path:
    folder = tmp_path_factory.mktemp(preset) / "study"
    simulate(folder, preset=preset, progress=lambda *_: None)
    return folder
