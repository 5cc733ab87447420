"""Runs the workflow as a user would, on simulated studies that are made once per session."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import h5py
import nibabel
import numpy as np
import pytest
import yaml

from lfpbold.simulate import simulate

REPOSITORY = Path(__file__).resolve().parents[2]


def run_workflow(config, results, *arguments, cores: int = 2) -> subprocess.CompletedProcess:
    """`snakemake --configfile CONFIG` in a working folder of its own, with its output captured."""
    results = Path(results)
    results.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(REPOSITORY / "Snakefile"), "--cores", str(cores)]
    command += ["--directory", str(results.parent), "--configfile", str(config), "--config", f"results={results}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "Agg"}
    return subprocess.run([*command, *arguments], capture_output=True, text=True, env=environment, check=False)


# For studies of which the numbers are looked at: a third of the time goes into figures.
NO_FIGURES = ("--omit-from", "figures_recording", "figures_group", "figures_study", "figures_specification")


def analysed(study, results, *arguments) -> Path:
    """The results of a study that must run through."""
    finished = run_workflow(study / "config.yaml", results, *arguments)
    assert finished.returncode == 0, finished.stderr[-4000:]
    return results


def with_own_files(row: dict, folder: Path, number: int) -> dict:
    """A row of a sheet whose BOLD and LFP are recordings of their own, unlike those of any other number."""
    folder.mkdir(parents=True, exist_ok=True)
    bold, lfp = folder / f"{number}_bold.nii", folder / f"{number}.nwb"
    image = nibabel.load(row["bold"])
    volumes = np.asanyarray(image.dataobj).copy()
    volumes[..., 0] += np.asarray(number, dtype=volumes.dtype)
    nibabel.save(nibabel.Nifti1Image(volumes, image.affine, image.header), bold)
    shutil.copy(row["bold"].replace(".nii.gz", ".json"), bold.with_suffix(".json"))
    shutil.copy(row["lfp"], lfp)
    with h5py.File(lfp, "a") as file:
        samples = file["acquisition/lfp/data"]
        samples[...] = samples[()] + np.asarray(number, dtype=samples.dtype)
    return row | {"bold": str(bold), "lfp": str(lfp)}


@pytest.fixture(scope="session")
def run():
    return run_workflow


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A study of seconds: two animals, one state, 120 volumes."""
    folder = tmp_path_factory.mktemp("tiny") / "study"
    simulate(folder, preset="tiny", progress=lambda *_: None)
    return folder


@pytest.fixture(scope="session")
def tiny_results(tiny, tmp_path_factory) -> Path:
    """The tiny study, analysed on two cores."""
    return analysed(tiny, tmp_path_factory.mktemp("tiny-run") / "results")


# Unlike the demo in everything that can be unlike it: rate, TR, slices, clock, response, shares, seed.
OTHER = {
    "animal_sites": [["M1", "ACC"], ["M1", "ACC"]],
    "states": ["sedated"],
    "share": {"sedated": {"M1": 0.6, "ACC": 0.4}},
    "runs": 2,
    "n_volumes": 300,
    "tr_s": 1.2,
    "n_slices": 16,
    "voxel_mm": [0.9, 1.0, 0.75],
    "slice_order": "ascending",
    "clock_ppm": 83.0,
    "fs_hz": 5000.0,
    "n_channels": 3,
    "hrf_p": [5, 10, 1, 1, 6, 0, 32],
    "untriggered": 1,
}


# The default variants, with a third of the surrogates.
FEWER_SURROGATES = {
    "reference": {},
    "no_gsr": {"bold": {"global_signal": False}},
    "rigorous": {"bold": {"filtering": "projector"}, "nulls": {"surrogates": 300, "lag_surrogates": 99}},
}


@pytest.fixture(scope="session")
def other(tmp_path_factory) -> Path:
    """A study that shares nothing with the demo but the model."""
    folder = tmp_path_factory.mktemp("other") / "study"
    simulate(folder, preset="demo", seed=11, parameters={**OTHER, "jumps": 0}, progress=lambda *_: None)
    config = folder / "config.yaml"
    config.write_text(config.read_text(encoding="utf-8") + yaml.safe_dump({"variants": FEWER_SURROGATES}))
    return folder


@pytest.fixture(scope="session")
def other_results(other, tmp_path_factory) -> Path:
    return analysed(other, tmp_path_factory.mktemp("other-run") / "results", *NO_FIGURES)


@pytest.fixture(scope="session")
def truth(other):
    return json.loads((other / "truth.json").read_text(encoding="utf-8"))
