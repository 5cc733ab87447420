"""Memory and time that a job asks for, from the size of what it reads: what a cluster's scheduler wants to know.

The slopes were measured (docs/cluster.md has the table, tests/cluster/measure.py makes it) and have headroom; nothing
that is computed depends on them. Sizes are those of the raw files and of the atlas, so that they are known before any
job has run.
"""

from __future__ import annotations

import gzip
import math
import struct
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from ..recordings.fingerprint import sample_files

LEAST_MB = 700
OWN_MB = 400  # in each job Snakemake itself takes 200 to 300, Python and our libraries 115 before they read anything
MEMORY_HEADROOM, TIME_HEADROOM, STARTING_MIN = 1.3, 4, 2
MOST_ATTEMPTS = 5  # from here on, asking for more is not what helps
# NIfTI 1 and 2, by the size of the header: where shape, kind of number and start of the data stand, and how.
LAYOUTS = {348: ((40, "8h"), (70, "h"), (108, "f")), 540: ((16, "8q"), (12, "h"), (168, "q"))}
KINDS = {2: "u1", 4: "i2", 8: "i4", 16: "f4", 64: "f8", 256: "i1", 512: "u2", 768: "u4", 1024: "i8", 1280: "u8"}


@dataclass(frozen=True)
class Size:
    """Size of what a job reads.

    Attributes
    ----------
    lfp : float
        Largest raw LFP file, MB.
    volumes : int
        Of the longest BOLD series.
    voxels, brain : float
        Of one volume on the grid of the atlas, and of those in the brain, millions.
    scans, animals, surrogates : int
    components : int
        Sought by group ICA.
    """

    lfp: float = 0.0
    volumes: int = 0
    voxels: float = 0.0
    brain: float = 0.0
    scans: int = 1
    animals: int = 1
    surrogates: int = 0
    components: int = 0

    @property
    def bold(self) -> float:
        """Values of a series on the whole grid, millions."""
        return self.volumes * self.voxels

    @property
    def clean(self) -> float:
        """Values of a series in the brain, millions."""
        return self.volumes * self.brain

    @property
    def drawn(self) -> float:
        """Values of one map of all surrogates, millions."""
        return self.surrogates * self.brain

    @property
    def kept(self) -> float:
        """Principal components of all scans that group ICA keeps, thousands."""
        return 2 * self.components * self.scans / 1000


def _artefact_mb(size: Size) -> float:
    """What two whole channels need, which a file of few channels is full of and a large one is not.

    Blocks of all channels are enough for most recordings (330 MB from a file of 1.9 GB). A channel is in memory as a
    whole, five times, where the artefact is aliased, its template a sliding mean, or the scan not stated.
    """
    return 90 + min(10 * size.lfp, 1000 + 0.3 * size.lfp)


# Rule → MB above Python and our libraries, as measured.
MEMORY = {
    "artefact": _artefact_mb,
    "power": lambda size: 120 + min(4 * size.lfp, 250 + 0.1 * size.lfp),
    "hrf": lambda size: 90,
    "motion": lambda size: 850 + 11 * size.bold,  # two workers that import ANTsPy, beside the process itself
    "bold": lambda size: 20 + 8 * size.bold + 40 * size.clean,
    "coupling": lambda size: 30 + 60 * size.clean + 300 * size.voxels,
    "networks": lambda size: 20 + 2 * size.bold + 30 * size.clean,
    "nulls": lambda size: 30 + 100 * size.clean,
    "average": lambda size: 20 + 800 * size.voxels + 1200 * size.brain * size.scans,
    "mediation": lambda size: 40 + 20 * size.clean + 8 * size.drawn * (2 * size.animals + 2),
    # 190 of the constant are surrogates of matrices of 180 regions; with few regions 110 MB were measured.
    "connectivity": lambda size: (
        250 + 60 * size.clean + 5 * size.scans + size.kept * (10e3 * size.brain + 20 * size.kept)
    ),
    "explained": lambda size: 40 + 3 * size.scans,
    "glm": lambda size: 40 + 10 * size.bold + 40 * size.clean,
    "evoked": lambda size: 40 + 10 * size.bold + 20 * size.clean,
    "evoked_average": lambda size: 60 + 40 * size.voxels * size.scans + 3 * size.scans,
    "variance": lambda size: 20 + 2 * size.scans,
    "figures_recording": lambda size: 70,
    "figures_group": lambda size: 160 + 800 * size.voxels + size.scans,
    "figures_study": lambda size: 110 + size.scans,
    "figures_evoked": lambda size: 160 + 800 * size.voxels,
    "figures_rest_evoked": lambda size: 110,
    "report": lambda size: 150 + 3 * size.scans,
}
# Rule → seconds of one core, as measured.
SECONDS = {
    "artefact": lambda size: 3 + 0.03 * size.lfp,
    "power": lambda size: 2 + 0.01 * size.lfp,
    "motion": lambda size: 4 + 6.5 * size.bold,
    "bold": lambda size: 2 + 0.2 * size.bold,
    "coupling": lambda size: 3 + 2 * size.clean,
    "networks": lambda size: 2 + size.clean,
    "nulls": lambda size: 4 + 7 * size.clean * max(size.surrogates, 1000) / 1000,
    "average": lambda size: 3 + 0.1 * size.scans,
    "mediation": lambda size: 3 + 2 * size.scans * size.clean * size.surrogates / 1000,
    "connectivity": lambda size: (
        5 + 3 * size.scans * max(size.clean, 0.3) * (1 + 2 * (size.components > 0)) + size.kept**3
    ),
    "explained": lambda size: 5 + size.scans * size.surrogates / 1000,
    "glm": lambda size: 4 + 0.03 * size.bold + 1.5 * size.clean,
    "evoked": lambda size: 4 + 0.03 * size.bold,
    "evoked_average": lambda size: 15 + 0.1 * size.scans,
    "variance": lambda size: 5 + size.scans,
    "figures_recording": lambda size: 4,
    "figures_group": lambda size: 15 + 0.1 * size.scans,
    "figures_study": lambda size: 10 + 0.1 * size.scans,
    "figures_evoked": lambda size: 10,
    "figures_rest_evoked": lambda size: 6,
    "report": lambda size: 5 + 0.1 * size.scans,
}


def memory_mb(rule: str, size: Size, attempt: int = 1) -> int:
    """Memory to ask for, MB: what was measured and 30 %, at least 700; twice and three times as much in retries."""
    asked = max(LEAST_MB, OWN_MB + MEMORY_HEADROOM * MEMORY.get(rule, _little)(size))
    return 100 * math.ceil(asked * min(attempt, MOST_ATTEMPTS) / 100)


def minutes(rule: str, size: Size, attempt: int = 1) -> int:
    """Time to ask for, min: two to start on a busy file system, and four times what was measured."""
    asked = STARTING_MIN + TIME_HEADROOM * SECONDS.get(rule, _little)(size) / 60
    return math.ceil(asked * min(attempt, MOST_ATTEMPTS))


def _little(size: Size) -> float:
    return 2.0


class Sizes:
    """Sizes of what the jobs of a study read, each found out once.

    Parameters
    ----------
    plan : lfpbold.workflow.Plan
    """

    def __init__(self, plan):
        self._plan = plan
        self._found: dict = {}
        self._atlases: dict = {}

    def of(self, wildcards) -> Size:
        """Of a job with these wildcards: of a recording, a run, a state and site, a variant or the whole study."""
        labels = tuple(wildcards.items())
        if labels not in self._found:
            self._found[labels] = self._size(dict(labels))
        return self._found[labels]

    def _size(self, labels: dict) -> Size:
        rows = self._rows(labels)
        grid, brain, surrogates, components = self._atlas(labels.get("variant", self._plan.variants[0]))
        images = [_volumes_and_voxels(row["bold"]) for row in rows]
        voxels = max([grid, *(voxels for _, voxels in images)])
        return Size(
            lfp=max((megabytes(row["lfp"]) for row in rows), default=0.0),
            volumes=max((volumes for volumes, _ in images), default=0),
            voxels=voxels,
            brain=brain or voxels,
            scans=len(rows),
            animals=len({row["sub"] for row in rows}),
            surrogates=surrogates,
            components=components,
        )

    def _rows(self, labels: dict) -> list[dict]:
        if "run" in labels:
            return [self._plan.row(labels)]
        rows = self._plan.rows_of(labels["variant"]) if "variant" in labels else self._plan.rows
        wanted = {name: value for name, value in labels.items() if name in ("state", "site", "sub", "ses")}
        return [row for row in rows if all(row[name] == value for name, value in wanted.items())]

    def _atlas(self, variant: str) -> tuple[float, float, int, int]:
        """Millions of voxels of the grid and of the brain; how many surrogates and components a variant asks for."""
        if variant not in self._atlases:
            settings = self._plan.complete(variant)
            atlas = settings["atlas"]
            target = atlas.get("anatomy") or atlas.get("brain")
            grid = math.prod(shape(target)[:3]) / 1e6 if target else 0.0
            brain = filled(atlas["brain"]) / 1e6 if atlas.get("brain") else 0.0
            asked = settings["nulls"]["surrogates"], settings["connectivity"]["components"]
            self._atlases[variant] = (grid, brain, *asked)
        return self._atlases[variant]


def _volumes_and_voxels(path: str) -> tuple[int, float]:
    """Volumes, and millions of voxels of each; of an array file, which may be compressed, twice its bytes in one."""
    of_image = shape(path)
    if len(of_image) < 3:
        return 1, 2 * megabytes(path)
    return math.prod(of_image[3:]), math.prod(of_image[:3]) / 1e6


@cache
def megabytes(path: str) -> float:
    """Size of a file, of a header with its samples, or of all files of a folder, 10⁶ bytes; 0 where there is none."""
    try:
        held = dict.fromkeys([Path(path), *sample_files(path)])
        return sum(file.stat().st_size for file in held if file.is_file()) / 1e6
    except OSError:
        return 0.0


@cache
def shape(path: str) -> tuple[int, ...]:
    """Shape of a NIfTI image, from its header alone; empty where there is none to be read.

    The size of a compressed image says little: BOLD shrinks to a half or a tenth.
    """
    try:
        with _opened(path) as file:
            return _header(file.read(540))[0]
    except (OSError, EOFError, struct.error):
        return ()


@cache
def filled(path: str) -> int:
    """How many voxels of a NIfTI mask are not zero; 0 where it cannot be read."""
    try:
        with _opened(path) as file:
            content = file.read()
        found, kind, start = _header(content)
        return int(np.count_nonzero(np.frombuffer(content, kind, math.prod(found), start))) if kind else 0
    except (OSError, EOFError, struct.error, ValueError):
        return 0


def _opened(path: str):
    return gzip.open(path) if str(path).endswith(".gz") else Path(path).open("rb")


def _header(content: bytes) -> tuple[tuple[int, ...], str, int]:
    """Shape, kind of number and start of the data; empty where it is no NIfTI image."""
    for order in "<>":
        places = LAYOUTS.get(struct.unpack_from(order + "i", content)[0])
        if places:
            (n, *sizes), (kind,), (start,) = (struct.unpack_from(order + what, content, at) for at, what in places)
            if 0 < n < 8 and min(sizes[:n]) > 0 and kind in KINDS:
                return tuple(sizes[:n]), order + KINDS[kind], int(start)
    return (), "", 0
