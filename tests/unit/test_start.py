"""No slow start: what a command or a job imports before it knows that it needs it."""

import json
import os
import subprocess
import sys

import pytest

ONLY_WHERE_USED = {
    "matplotlib", "pandas", "sklearn", "ants", "nilearn", "mne", "neo", "pynwb", "pybv", "jinja2", "snakemake",
    "scipy.stats", "scipy.signal", "scipy.ndimage", "scipy.optimize", "scipy.interpolate", "scipy.special",
}  # fmt: skip
FILES = {"numpy", "scipy", "yaml", "jsonschema", "nibabel", "h5py"}


def imported(code: str) -> set:
    """Modules that a fresh interpreter has after some code, of those that cost time."""
    program = f"{code}\nimport json, sys\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    return set(json.loads(done.stdout.splitlines()[-1])) & (ONLY_WHERE_USED | FILES)


def test_the_command_line_imports_nothing():
    assert imported("from lfpbold import cli; cli.parser().format_help()") == set()


def test_a_job_begins_with_numpy_alone():
    assert imported("import lfpbold.workflow.job") <= {"numpy", "yaml"}


def test_the_look_before_a_run_opens_files_and_imports_no_science(tiny_study):
    found = imported(
        "from lfpbold.pipeline import preflight\n"
        "from lfpbold.study import settings, sheet\n"
        f"given = settings.load([{str(tiny_study)!r}])\n"
        "assert preflight.first_problem(given, sheet.read_sheet(given['recordings'], given)) == ''"
    )
    assert found & ONLY_WHERE_USED == set()


@pytest.mark.parametrize(
    "module",
    [
        "pipeline.motion",
        "pipeline.bold",
        "pipeline.artefact.clock",
        "timing.locate",
        "workflow.plan",
        "derivatives.files",
        "derivatives.columns",
    ],
)
def test_modules_without_statistics_do_not_import_them(module):
    assert imported(f"import lfpbold.{module}") & ONLY_WHERE_USED == set()


@pytest.fixture(scope="module")
def tiny_study(tmp_path_factory):
    """A simulated study of the least size."""
    from lfpbold.simulate import simulate

    folder = tmp_path_factory.mktemp("start") / "study"
    simulate(folder, preset="tiny")
    return folder / "config.yaml"
