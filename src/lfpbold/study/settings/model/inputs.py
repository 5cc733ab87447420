"""Sections about what is analysed: which rows, sites and states, what the files contain, and the atlas."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, model_validator

from .fields import Day, Integer32, Labels, NotZero, PathName, Positive, Section, setting

ORIENTATION = r"^(qform|sform|(?=.*[RL])(?=.*[AP])(?=.*[IS])[RLAPIS]{3})$(?!\n)"


class Select(Section):
    """Which recordings of the sheet are analysed: lists of labels as the sheet writes them, in quotes; null for all.
    In a variant it changes the group alone: files of recordings are shared. What is not selected is listed in
    excluded.tsv.
    """

    read_by = ("average", "connectivity", "mediation", "explained", "variance", "evoked_average")

    sub: Labels | None = setting(None)
    ses: Labels | None = setting(None)
    run: Labels | None = setting(None)
    state: Labels | None = setting(None, "such as [awake]")
    site: Labels | None = setting(None)
    date: list[Day | None] | None = setting(
        None,
        "[first day, last day] of the sheet's column `date`, written 2024-05-31; null in either for no limit",
        min_length=2,
        max_length=2,
    )


class Site(Section):
    """Electrode sites named in the sheet. Each has exactly one of"""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    seed_label: Annotated[list[Integer32], Field(min_length=1, max_length=10_000)] = setting(
        None, "regions of `atlas.labels` that surround the electrode", form="[label, …]"
    )
    seed_mm: Annotated[list[Annotated[float, Field(ge=-10_000, le=10_000)]], Field(min_length=3, max_length=3)] = (
        setting(
            None,
            "the electrode's tip in the atlas image's own millimetres; radius: coupling.seed_radius_mm",
            unit="mm",
            form="[x, y, z]",
        )
    )
    seed_mask: PathName = setting(None, "a mask image in atlas space", form="path")
    seed: Literal["all"] = setting(None, "every voxel (for a single-voxel recording)", form="all")

    @model_validator(mode="after")
    def _exactly_one(self) -> Site:
        if len(self.model_fields_set) != 1:
            raise ValueError("give exactly one of seed_label, seed_mm, seed_mask or seed")
        return self


class State(Section):
    """Conditions named in the sheet, and how motion is handled. `default` serves every state that is not listed."""

    fd_mm: Positive = setting(
        ..., "framewise displacement (Power et al. 2012) above which a volume has moved, mm", unit="mm"
    )
    on_motion: Literal["drop_scan", "drop_volumes", "keep"] = setting(
        ..., "drop_scan: one moved volume drops the scan; drop_volumes: moved volumes are censored; keep"
    )
    neighbours: int = setting(
        0, "volumes on either side of a moved one that are censored too", unit="volumes", ge=0, le=1000
    )
    max_dropped_fraction: float = setting(1.0, "share of censored volumes above which the scan is dropped", ge=0, le=1)


class Input(Section):
    """What the files of the sheet contain. A column of the same name in the sheet overrides a key here, row by row."""

    read_by: ClassVar = ("artefact",)

    lfp_stage: Literal["raw", "lfp", "power"] = setting(
        "raw",
        "raw: with gradient artefact; lfp: free of it; power: band power or envelope series",
        column="recording",
    )
    bold_stage: Literal["raw", "realigned", "clean"] = setting(
        "raw",
        "raw; realigned: motion-corrected and in atlas space; clean: ready for correlation",
        column="run",
        read_by=("motion",),
    )
    lfp_variable: str | None = setting(
        None,
        "where the LFP is in a file that has several series: the variable of a .mat or .npz file, the series of an"
        " NWB file, the stream of a TDT, Blackrock or Open Ephys recording",
        column="recording",
        max_length=1000,
    )
    lfp_fs_hz: Annotated[float, Field(ge=0.001, le=10_000_000)] | Annotated[str, Field(max_length=1000)] | None = (
        setting(
            None,
            "sampling rate, Hz, where the file does not have it (.mat, .npy); a number, or the name of a variable of"
            " the .mat file",
            unit="Hz",
            column="recording",
        )
    )
    lfp_scale: Annotated[float, Field(ge=-1e9, le=1e9), *NotZero] | None = setting(
        None,
        "factor to microvolts, for files without units (.mat, .npy; null: 1); in a TDT block, microvolts of one step of"
        " a store of whole numbers, or a factor to volts of one with a point",
        column="recording",
    )
    lfp_time_axis: Literal["auto", "rows", "columns"] = setting(
        "auto",
        "of arrays: rows (samples × channels) | columns (channels × samples) | auto (time is the longer axis, refused"
        " where that is not at least four times as long)",
        column="recording",
    )
    lfp_bad_channels: Literal["exclude", "use"] = setting(
        "exclude",
        "channels that the file or a BIDS table of channels marks bad: exclude (a site that has no other cannot be"
        " used) | use",
        column="recording",
    )
    bold_variable: str | None = setting(
        None,
        "variable of a .mat file with the BOLD (volumes × voxels, or one series)",
        column="run",
        read_by=("motion",),
        max_length=1000,
    )
    bold_scale: Annotated[float, Field(ge=-1e9, le=1e9), *NotZero] = setting(
        1.0, "factor for BOLD; -1 inverts a reflectance signal", column="run", read_by=("motion",)
    )
    bold_time_axis: Literal["rows", "columns"] = setting(
        "rows", "of arrays: rows (volumes × voxels) | columns (voxels × volumes)", column="run", read_by=("motion",)
    )
    bold_voxel_scale: Positive = setting(
        1.0,
        "factor to the header's lengths: 0.1 for rodent images whose voxels were made ten times as large for software"
        " of human imaging",
        column="run",
        read_by=("motion",),
    )
    bold_orientation: Annotated[str, Field(pattern=ORIENTATION)] | None = setting(
        None,
        "where the three stored axes of the image point to, such as RAS or LPS, where its header does not state it; or"
        " which statement of the header holds, qform or sform, where the two contradict each other",
        column="run",
        read_by=("motion",),
    )
    dummy_volumes: int = setting(
        0,
        "volumes at the start of the BOLD file that are not data yet: they are dropped, and the scan starts as many TR"
        " later; triggers and scan_start_s count from the file's first",
        unit="volumes",
        column="run",
        read_by=("motion",),
        ge=0,
        le=100_000,
    )
    tr_s: Annotated[float, Field(ge=0.001, le=60)] | None = setting(
        None,
        "repetition time, s, where neither the JSON sidecar nor the NIfTI header has it",
        unit="s",
        column="run",
        read_by=("motion",),
    )
    extra_triggers: Literal["refuse", "before", "after"] = setting(
        "refuse",
        "where a recording has more triggers than volumes: refuse | before (the surplus came before the first volume:"
        " dummy scans that were not saved) | after",
        column="recording",
    )
    trigger: str = setting(
        "scanner_trigger",
        "name of the volume triggers: series (NWB), annotation or marker (EDF, BrainVision …), epoc store (TDT), event"
        " (neo), or a channel that leaves its rest with every volume; Status=1 counts one code alone. Another name than"
        " this must be in the file",
        column="recording",
        min_length=1,
        max_length=1000,
    )


class Atlas(Section):
    """Atlas space: images on one grid. `brain` alone is enough where no region is named; without it a mask is made
    from the mean image. White matter and ventricles are needed only for the nuisance regressors of the same name.
    """

    read_by: ClassVar = ("motion",)

    labels: PathName | None = setting(None)
    brain: PathName | None = setting(None)
    white_matter: PathName | None = setting(None)
    ventricles: PathName | None = setting(None)
    anatomy: PathName | None = setting(None, "background of the maps, and the target of registration")
