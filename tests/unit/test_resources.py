"""What jobs ask of a cluster: from the files' own sizes, enough for what was measured, more with each attempt."""

from __future__ import annotations

from types import SimpleNamespace

import nibabel
import numpy as np
import pytest

from lfpbold.workflow import resources
from lfpbold.workflow.resources import Size

# Peaks of the scripts (VmHWM, MB) and seconds of one core, measured by tests/cluster/measure.py; docs/cluster.md.
MID = Size(lfp=162, volumes=400, voxels=0.08192, brain=0.006648, scans=1, animals=1, surrogates=1000)
MEASURED = {
    "artefact": (510, 15.1),
    "power": (277, 1.3),
    "hrf": (132, 0.7),
    "motion": (528, 154.4),
    "bold": (487, 2.2),
    "coupling": (242, 2.9),
    "networks": (230, 1.5),
    "nulls": (385, 18.2),
    "mediation": (314, 2.1),
    "connectivity": (224, 1.1),
    "explained": (146, 3.3),
    "average": (180, 1.3),
    "variance": (112, 1.1),
    "figures_recording": (176, 2.7),
    "figures_group": (326, 10.0),
    "figures_study": (171, 3.1),
    "report": (195, 1.5),
    "dataset": (42, 0.2),
}
# A file of the study's size, 16 channels at 24.4 kHz for 20 minutes.
FULL = Size(lfp=1902, volumes=1200, voxels=0.08192, brain=0.006648, scans=1, animals=1, surrogates=1000)
MEASURED_FULL = {"artefact": (1303, 98.7), "power": (742, 11.2), "hrf": (177, 0.9)}
CASES = [(rule, MID, *found) for rule, found in MEASURED.items()]
CASES += [(rule, FULL, *found) for rule, found in MEASURED_FULL.items()]
SNAKEMAKE_MB = 290


@pytest.mark.parametrize(("rule", "size", "megabytes", "seconds"), CASES)
def test_a_job_asks_for_more_than_it_took_and_not_for_many_times_as_much(rule, size, megabytes, seconds):
    asked = resources.memory_mb(rule, size)
    assert megabytes + SNAKEMAKE_MB <= asked <= max(resources.LEAST_MB, 4 * (megabytes + SNAKEMAKE_MB))
    assert 3 * seconds / 60 + 1.9 <= resources.minutes(rule, size) <= 5 + 15 * seconds / 60 + 3


def test_a_large_recording_asks_for_more_than_a_small_one():
    small, large = Size(lfp=2, volumes=120, voxels=0.0012, brain=0.0004), FULL
    for rule in ("artefact", "bold"):
        assert resources.memory_mb(rule, large) > 2 * resources.memory_mb(rule, small)
    # What the two workers of motion import is the same for both; the images are not (1027 MB in one process).
    assert resources.memory_mb("motion", large) - resources.memory_mb("motion", small) > 1027
    for rule in ("artefact", "motion", "bold"):
        assert resources.minutes(rule, large) > resources.minutes(rule, small)
    # Measured at this size: whole channels in memory 1.3 GB (before the stage worked in blocks), motion 454 s.
    assert resources.memory_mb("artefact", large) > 1300 + SNAKEMAKE_MB
    assert resources.memory_mb("motion", large) > 1300 + SNAKEMAKE_MB
    assert resources.minutes("motion", large) > 3 * 454 / 60


def test_one_long_channel_of_integers_fits():
    """59 MB that are one channel of 20 minutes: 38 bytes a sample were measured, 1.1 GB."""
    samples = 24414.0625 * 1212
    asked = resources.memory_mb("artefact", Size(lfp=2 * samples / 1e6))
    assert asked > 38 * samples / 1e6 + 115


def test_every_animal_adds_the_maps_of_its_surrogates():
    one, ten = (Size(volumes=400, voxels=0.08, brain=0.0066, animals=n, scans=n, surrogates=1000) for n in (1, 10))
    maps_of_an_animal = 2 * 1000 * 0.0066 * 4  # two kinds, float32, MB
    assert resources.memory_mb("mediation", ten) - resources.memory_mb("mediation", one) > 2 * 9 * maps_of_an_animal


def test_what_died_is_sent_again_with_more():
    for rule in ("artefact", "dataset"):
        asked = [(resources.memory_mb(rule, MID, n), resources.minutes(rule, MID, n)) for n in (1, 2, 3)]
        assert asked[1][0] >= 1.9 * asked[0][0] and asked[2][0] >= 2.8 * asked[0][0]
        assert asked[0][1] < asked[1][1] < asked[2][1]


@pytest.mark.parametrize("kind", [nibabel.Nifti1Image, nibabel.Nifti2Image])
@pytest.mark.parametrize("name", ["bold.nii", "bold.nii.gz"])
@pytest.mark.parametrize("dtype", [">i2", "<f4", "<u1"])
def test_shape_and_filled_voxels_are_those_that_nibabel_sees(tmp_path, kind, name, dtype):
    data = np.zeros((4, 5, 6, 7))
    data[1:3, 2, 3:5, 0] = 9
    header = kind.header_class(endianness=dtype[0])
    image = kind(data.astype(dtype), np.eye(4), header=header, dtype=np.dtype(dtype))
    path = tmp_path / name
    image.to_filename(path)
    assert nibabel.load(path).header.endianness == dtype[0]
    assert resources.shape(str(path)) == nibabel.load(path).shape
    assert resources.filled(str(path)) == 4


def test_what_is_no_image_has_no_shape(tmp_path):
    for name, content in {"a.nii": b"", "b.nii.gz": b"\x1f\x8b0", "c.mat": b"MATLAB 5.0 MAT-file" * 50}.items():
        (tmp_path / name).write_bytes(content)
        assert resources.shape(str(tmp_path / name)) == ()
        assert resources.filled(str(tmp_path / name)) == 0
    assert resources.shape(str(tmp_path / "none.nii")) == ()


def test_samples_beside_a_header_and_folders_count(tmp_path):
    (tmp_path / "a.vhdr").write_bytes(b"0" * 100)
    (tmp_path / "a.eeg").write_bytes(b"0" * 5_000_000)
    (tmp_path / "b.eeg").write_bytes(b"0" * 5_000_000)
    assert resources.megabytes(str(tmp_path / "a.vhdr")) == pytest.approx(5.0001)
    assert resources.megabytes(str(tmp_path)) == pytest.approx(10.0001)
    assert resources.megabytes(str(tmp_path / "none.nwb")) == 0


class Study:
    """Two animals, one of them with a longer scan; what `needs.Sizes` asks of a plan."""

    variants = ("reference", "rigorous")

    def __init__(self, folder):
        self.rows = []
        for sub, n_volumes in (("01", 30), ("02", 70)):
            bold, lfp = folder / f"{sub}.nii.gz", folder / f"{sub}.nwb"
            nibabel.Nifti1Image(np.zeros((4, 5, 6, n_volumes), "i2"), np.eye(4)).to_filename(bold)
            lfp.write_bytes(b"0" * 1000 * n_volumes)
            self.rows.append({"sub": sub, "state": "awake", "site": "M1", "bold": str(bold), "lfp": str(lfp)})
        brain = np.zeros((8, 5, 6), "u1")
        brain[2:4] = 1
        nibabel.Nifti1Image(brain, np.eye(4)).to_filename(folder / "brain.nii.gz")
        self.brain = str(folder / "brain.nii.gz")

    def rows_of(self, variant):
        return self.rows[:1] if variant == "rigorous" else self.rows

    def row(self, labels):
        return next(row for row in self.rows if row["sub"] == labels["sub"])

    def complete(self, variant):
        return {
            "atlas": {"brain": self.brain},
            "nulls": {"surrogates": 1000 if variant == "rigorous" else 0},
            "connectivity": {"components": 0},
        }


def test_sizes_are_of_what_the_wildcards_name(tmp_path):
    sizes = resources.Sizes(Study(tmp_path))
    recording = sizes.of({"variant": "reference", "sub": "01", "ses": "1", "run": "1", "site": "M1"})
    # Realigned BOLD lies on the grid of the atlas, which is twice as large here.
    assert recording == Size(0.03, 30, 240e-6, 60e-6, scans=1, animals=1, surrogates=0)
    group = sizes.of({"variant": "reference", "state": "awake", "site": "M1"})
    assert group == Size(0.07, 70, 240e-6, 60e-6, scans=2, animals=2, surrogates=0)
    assert sizes.of({"variant": "rigorous"}) == Size(0.03, 30, 240e-6, 60e-6, scans=1, animals=1, surrogates=1000)
    assert sizes.of({}).scans == 2
    assert recording.bold == pytest.approx(30 * 240e-6)


def test_files_are_looked_at_once(tmp_path, monkeypatch):
    sizes = resources.Sizes(Study(tmp_path))
    labels = SimpleNamespace(items=lambda: {"variant": "reference"}.items())
    first = sizes.of(labels)
    monkeypatch.setattr(resources, "shape", lambda path: pytest.fail("looked again"))
    assert sizes.of(labels) is first


def test_components_ask_for_their_share():
    """Measured above the libraries: 250 MB and 6 s for 20 components of 60 scans of 300 volumes, 6600 voxels."""
    many = Size(volumes=300, voxels=0.08, brain=0.0066, scans=60, animals=6, components=20)
    few = Size(volumes=300, voxels=0.08, brain=0.0066, scans=60, animals=6)
    assert 250 < resources.memory_mb("connectivity", many) - resources.memory_mb("connectivity", few) < 600
    assert resources.minutes("connectivity", many) > resources.minutes("connectivity", few)
