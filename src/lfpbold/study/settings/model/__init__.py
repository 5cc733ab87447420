"""Every setting of lfpbold, each one field of a typed model, and the only place where it is written.

`python -m lfpbold.study.settings.generate` makes from it `config/config.yaml` with its comments, the JSON schema of the
config, and `docs/settings.md`; the schema tells the Snakefile which stage reads which setting, and the sheet which of
its columns override one.

The model is pydantic's, as in PyPSA-Eur and other Snakemake workflows. What a user wrote is validated by `jsonschema`
against the schema that comes of the model, and not by the model itself: the schema is what editors complete and check a
config with, so that both agree; each error is reported at its place, with the key that was probably meant; numbers stay
as they were written (`1` does not become `1.0` in a sidecar); and no job imports pydantic and builds twenty classes to
read a dictionary. A test compares schema and model.

New code that wants types: `Settings.of(settings).bold.fwhm_mm`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..stages import whole_numbers_as_integers
from .analysis import Connectivity, Coupling, Evoked, Networks, Nulls
from .bold import Bold, Motion
from .fields import BandName, Label, PathName, Range, Section, VariantName, setting
from .group import Run, Variance, Variant
from .inputs import Atlas, Input, Select, Site, State
from .lfp import Artefact, Hrf, Power


class Settings(Section):
    """Every scientific setting of lfpbold: its default, its unit, and why.

    This file is complete. A study needs only a file of its own with what differs, given by
    `snakemake --configfile my-study/config.yaml`; the tables (sites, states, bands, variants) are then replaced as a
    whole, everything else key by key. Paths are relative to the file that names them; `results` is relative to the
    folder in which Snakemake works. Defaults follow Tu, Cramer & Zhang, eLife 2024;13:RP95680 to the letter; where
    the paper is silent or can be read in two ways, the comment says so.
    """

    recordings: PathName = setting("recordings.tsv", "the sample sheet: one row per electrode site and fMRI run")
    results: PathName = setting("results", "folder that everything is written to")
    seed: int = setting(
        2024,
        "of every random number; same seed, same bytes",
        read_by=("coupling", "connectivity", "nulls", "glm", "evoked", "mediation", "explained", "evoked_average"),
        ge=0,
        le=2**63 - 1,
    )
    select: Select = Field(default_factory=Select)
    sites: Annotated[dict[Label, Site], Field(min_length=1)] = setting(
        {"M1": {"seed_label": [-75]}, "ACC": {"seed_label": [56]}}, read_by=("seed",)
    )
    states: dict[Label, State] = setting(
        {
            "sedated": {"fd_mm": 0.1, "on_motion": "drop_scan"},
            "awake": {"fd_mm": 0.1, "on_motion": "drop_volumes", "neighbours": 1, "max_dropped_fraction": 0.25},
            "default": {"fd_mm": 0.1, "on_motion": "drop_volumes", "neighbours": 1, "max_dropped_fraction": 0.25},
        },
        read_by=("motion",),
    )
    input: Input = Field(default_factory=Input)
    atlas: Atlas = Field(default_factory=Atlas)
    bands: Annotated[dict[BandName, Range], Field(min_length=1)] = setting(
        {
            "delta": [1, 4],
            "theta": [4, 7],
            "alpha": [7, 13],
            "beta": [13, 30],
            "gamma": [40, 100],
            "infraslow": [0.1, 1],
        },
        "Frequency bands, Hz, half-open [low, high). The first five are the study's.",
        unit="Hz",
        read_by=("power",),
    )
    artefact: Artefact = Field(default_factory=Artefact)
    power: Power = Field(default_factory=Power)
    hrf: Hrf = Field(default_factory=Hrf)
    motion: Motion = Field(default_factory=Motion)
    bold: Bold = Field(default_factory=Bold)
    coupling: Coupling = Field(default_factory=Coupling)
    networks: Networks = Field(default_factory=Networks)
    connectivity: Connectivity = Field(default_factory=Connectivity)
    nulls: Nulls = Field(default_factory=Nulls)
    evoked: Evoked = Field(default_factory=Evoked)
    variance: Variance = Field(default_factory=Variance)
    run: Run = Field(default_factory=Run)
    variants: Annotated[dict[VariantName, Variant | None], Field(min_length=1)] = setting(
        {
            "reference": {},
            "no_gsr": {"bold": {"global_signal": False}},
            "rigorous": {"bold": {"filtering": "projector"}, "nulls": {"surrogates": 1000}},
        }
    )

    @classmethod
    def of(cls, settings: dict) -> Settings:
        """The settings that `load` returned, typed."""
        sections = {name: value for name, value in settings.items() if name != "choices"}
        return cls.model_validate(whole_numbers_as_integers(sections))
