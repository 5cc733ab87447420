"""Sections about the group and the run: noise simulation and intervals, strictness, variants."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from .fields import Section, Steps, VariantName, setting


class Variance(Section):
    """Tables of the study: intervals over animals, and the noise simulation."""

    read_by: ClassVar = ("average", "variance")

    cnr_true_r: float = setting(0.95, "true correlation of the two signals in the study's noise simulation", gt=0, lt=1)
    cnr_range: Steps = setting([0.1, 5.0, 0.1], "contrast-to-noise ratios: first, last, step")
    cnr_trials: int = setting(159, ge=2, le=100_000)
    cnr_points: list[Annotated[int, Field(ge=10, le=1_000_000)]] = setting(
        [1200, 6157],
        "lengths of the simulated signals: volumes of a scan, voxels of a map",
        min_length=2,
        max_length=2,
    )
    confidence: float = setting(
        0.95,
        "of every interval; animals are the unit",
        read_by=("connectivity", "mediation", "explained", "evoked_average"),
        gt=0,
        lt=1,
    )


class Run(Section):
    """How strict a run is: with what it goes on, and when it stops."""

    on_bad_recording: Literal["exclude", "accept", "stop"] = setting(
        "exclude",
        "exclude: a recording that cannot be used is excluded and listed in excluded.tsv, the others go on, and the run"
        " ends with exit status 3 | accept: the same with status 0 | stop: nothing runs while the quick check finds"
        " one, and one found later fails the run",
    )
    on_doubtful: Literal["exclude", "use", "stop"] = setting(
        "exclude",
        "a recording that could be read but is in severe doubt (artefact left, artefact outside the scan, clock, mains"
        " left) | exclude: it is excluded and listed like a bad one | use: it is used, and counted in the headline, the"
        " report and the last words of the run | stop: its job fails. Where this changes, only such recordings are"
        " computed again",
    )
    most_variants: int = setting(
        64, "grids multiply: more variants than this are refused, with their number", ge=1, le=10_000
    )


Alternatives = Annotated[list, Field(min_length=1)] | Annotated[dict, Field(min_length=1)]


class Variant(Section):
    """The same data, analysed again: name: {section: {key: value}}. `reference` is the study's analysis; `no_gsr` is
    its control without global signal regression; `rigorous` filters BOLD and LFP alike and asks how much of the result
    exceeds the null distribution and the closed-form expectation under mediation.
    """

    # Its sections are validated after they were merged with those of the config.
    model_config = ConfigDict(extra="allow")

    inherits: VariantName = setting(None, "of another variant, whose changes come before its own", form="name")
    grid: Annotated[dict[str, Alternatives], Field(min_length=1)] = setting(
        None,
        "one variant per combination, `name-001` and so on: tables alone, and the specification curve; with labels:"
        " {section.key: {label: value, …}}",
        form="{section.key: [value, …]}",
    )
    choices: dict[str, str | float | bool | None] = setting(None, form="{section.key: value}")
