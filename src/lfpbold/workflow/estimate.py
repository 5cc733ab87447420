"""What a run will take: processor time, memory and disk, summed over its jobs before any has run."""

from __future__ import annotations

from dataclasses import dataclass

from ..derivatives import layout
from ..study.settings.stages import FOLLOWS
from . import resources

LABELS = ("sub", "ses", "task", "run", "site", "state")
OF_SURROGATES = ("nulls", "mediation", "explained")
OF_EVENTS = ("glm", "evoked", "evoked_average", "rest_evoked", "figures_evoked", "figures_rest_evoked")
STARTING_S = 1.5  # Python and the libraries of a job, s
ROUGHLY_MB = 25  # of a recording's power, maps, tables and figures (docs/scaling.md)
CLEAN_HZ = 1000  # largest rate of the cleaned LFP


@dataclass(frozen=True)
class Estimate:
    """Sums over all jobs of a study, from what was measured per megabyte, volume and voxel.

    Attributes
    ----------
    jobs : int
    seconds : float
        Of one core.
    largest_mb : float
        Memory of the largest job.
    disk_mb : float
        Of the results.
    """

    jobs: int
    seconds: float
    largest_mb: float
    disk_mb: float

    def text(self) -> str:
        """One sentence."""
        return (
            f"at most about {_duration(self.seconds)} of one core ({self.jobs} jobs), {self.largest_mb / 1000:.1f} GB"
            f" of memory for the largest job, {_volume(self.disk_mb)} of disk"
        )


def estimate(plan, channels_and_seconds=()) -> Estimate:
    """Processor time, memory and disk of a whole run, none of whose files is there yet.

    Parameters
    ----------
    plan : lfpbold.workflow.plan.Plan
    channels_and_seconds : iterable of (int, float)
        Of each recording: how many channels, and how long its scan is, for the size of the cleaned LFP.
    """
    sizes, jobs, seconds, largest, disk = resources.Sizes(plan), 0, 0.0, 0.0, 0.0
    for stage in FOLLOWS:
        for labels in jobs_of(plan, stage):
            size = sizes.of(labels)
            jobs += 1
            seconds += STARTING_S + resources.SECONDS.get(stage, _little)(size)
            largest = max(largest, resources.OWN_MB + resources.MEMORY.get(stage, _little)(size))
            disk += {"motion": 4 * size.bold, "bold": 4 * size.bold, "power": ROUGHLY_MB}.get(stage, 0)
    disk += sum(4e-6 * n_channels * length_s * CLEAN_HZ for n_channels, length_s in channels_and_seconds)
    return Estimate(jobs, seconds, largest, disk)


def _little(size) -> float:
    return 2.0


def jobs_of(plan, stage: str) -> list[dict]:
    """Labels of every job of a stage: one for each run, recording, state and site, or variant that has files of it."""
    outputs = [output for output in layout.EVERYTHING if output.stage == stage]
    if not outputs:
        return []
    named = [name for name in LABELS if f"{{{name}}}" in outputs[0].full_path]
    found: dict[tuple, dict] = {}
    for variant in plan.variants if stage != "report" else plan.variants[:1]:
        if stage.startswith("figures") and variant not in plan.drawn:
            continue
        if stage in OF_SURROGATES and not plan.asks(variant, "nulls"):
            continue
        rows = plan.rows_of(variant)
        if stage in OF_EVENTS:
            rows = [row for row in rows if row["events"]]
        for row in rows:
            labels = {"variant": plan.owner(variant, stage)} | {name: row[name] for name in named}
            found.setdefault(tuple(labels.items()), labels)
    return list(found.values())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def _volume(megabytes: float) -> str:
    return f"{megabytes:.0f} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"
