"""What a user says of a file: what the file does not hold itself, and what of it is meant."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Literal, Self

from ..errors import require_choices


class _FromSettings:
    """Options that are named in the config's section `input` by a prefix."""

    settings_names: ClassVar[dict[str, str]]

    @classmethod
    def from_settings(cls, settings: dict, **others) -> Self:
        """Those of the section `input`, or of a row of the sheet.

        Raises
        ------
        TypeError
            For settings that lack one.
        """
        names = {f.name: cls.settings_names.get(f.name, f.name) for f in fields(cls) if f.name not in others}
        missing = [key for key in names.values() if key not in settings]
        if missing:
            raise TypeError(f"the settings of the section `input` lack {', '.join(missing)}")
        return cls(**{name: settings[key] for name, key in names.items()}, **others)

    def __post_init__(self):
        require_choices(self)


USUAL_TRIGGER = "scanner_trigger"


@dataclass(frozen=True)
class LfpOptions(_FromSettings):
    """Options of `open_lfp`, which describes them.

    Attributes
    ----------
    trigger_named : bool
        Whether the user named the trigger, so that the recording must hold it. What is only the default need not be
        there.
    """

    trigger: str = USUAL_TRIGGER
    trigger_named: bool = False
    channels: tuple[str, ...] = ()
    stage: Literal["raw", "lfp", "power"] = "raw"
    variable: str | None = None
    fs_hz: float | str | None = None
    scale: float | None = None
    time_axis: Literal["auto", "rows", "columns"] = "auto"
    bad_channels: Literal["exclude", "use"] = "exclude"

    settings_names: ClassVar[dict[str, str]] = {
        "stage": "lfp_stage",
        "variable": "lfp_variable",
        "fs_hz": "lfp_fs_hz",
        "scale": "lfp_scale",
        "time_axis": "lfp_time_axis",
        "bad_channels": "lfp_bad_channels",
    }

    @classmethod
    def of_row(cls, settings: dict, channels: tuple[str, ...]) -> LfpOptions:
        """Those of a row of the sheet, which says whether it names the trigger; other settings do by another name."""
        named = settings.get("trigger_named", settings.get("trigger") != USUAL_TRIGGER)
        return cls.from_settings(settings, channels=channels, trigger_named=named)

    @property
    def to_microvolts(self) -> float:
        """Factor to microvolts of samples without a unit; 1 where nothing is said."""
        return 1.0 if self.scale is None else float(self.scale)


@dataclass(frozen=True)
class BoldOptions(_FromSettings):
    """Options of `open_bold`, which describes them."""

    stage: Literal["raw", "realigned", "clean"] = "raw"
    tr_s: float | None = None
    dummy_volumes: int = 0
    variable: str | None = None
    scale: float = 1.0
    time_axis: Literal["rows", "columns"] = "rows"
    voxel_scale: float = 1.0
    orientation: str | None = None

    settings_names: ClassVar[dict[str, str]] = {
        "stage": "bold_stage",
        "variable": "bold_variable",
        "scale": "bold_scale",
        "time_axis": "bold_time_axis",
        "voxel_scale": "bold_voxel_scale",
        "orientation": "bold_orientation",
    }
