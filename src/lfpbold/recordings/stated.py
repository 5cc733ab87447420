"""What the dataset states of an LFP recording beside its file (JSON sidecars, table of channels), against the file."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import InputError
from .bids import inherited_sidecars, json_object, own_sidecar, parse, read_tsv
from .channel_kinds import channels_table
from .names import meant
from .opened import Lfp
from .options import LfpOptions

SAME_RATE = 1e-3  # share by which rates may differ, besides the rounding of what is written
SAME_LENGTH, SAME_LENGTH_S = 0.02, 2.0  # durations are often rounded, or those of the experiment
MAINS_HZ = (10.0, 400.0)
TO_MICROVOLTS = {"v": 1e6, "mv": 1e3, "µv": 1.0, "uv": 1.0, "nv": 1e-3, "volt": 1e6, "volts": 1e6, "millivolt": 1e3,
                 "millivolts": 1e3, "microvolt": 1.0, "microvolts": 1.0, "nanovolt": 1e-3}  # fmt: skip


@dataclass(frozen=True)
class _Sidecars:
    """What JSON sidecars say of a recording, the nearest first, by their names; the recording's own is called `own`."""

    own: str
    told: dict[str, dict]

    def get(self, key: str, inherits: bool = True) -> tuple[object, str]:
        """What the nearest one says, and its name."""
        for name, content in self.told.items():
            if key in content and (inherits or name == self.own):
                return content[key], name
        return None, self.own


def held_against(recording: Lfp, path: Path, options: LfpOptions, units_known: bool, where: str) -> Lfp:
    """The recording with the mains that the dataset states, after making sure that neither contradicts the other.

    Parameters
    ----------
    recording : Lfp
        With the channels that are meant.
    path : path
    options : LfpOptions
    units_known : bool
        Whether the format itself says in which unit samples are.
    where : str

    Returns
    -------
    recording : Lfp
        With `mains_hz`, and a note for what differs and may be right all the same.

    Raises
    ------
    InputError
        Where the rate of a sidecar or of the table of channels is not the file's, or the table's unit is not the one
        that `lfp_scale` gives to a file without units.
    """
    sidecars = _read(path, where)
    # What is inherited may be about the raw recording from which this one was made.
    made = options.stage != "raw" or "desc" in (parse(path).entities if parse(path) else {})
    stated, file = sidecars.get("SamplingFrequency", inherits=not made)
    _require_rate(recording, stated, "SamplingFrequency", file, where)
    notes = _duration_notes(recording, *sidecars.get("RecordingDuration", inherits=not made))
    kind = str(sidecars.get("RecordingType", inherits=not made)[0] or "")
    if kind.lower() in ("epoched", "discontinuous"):
        notes.append(f"RecordingType is {kind} by its sidecar; the samples are taken to be continuous")
    mains_hz, more = _mains(*sidecars.get("PowerLineFrequency"))
    table, rows = channels_table(path), []
    if table is not None:
        rows = [row for row in read_tsv(table) if meant(_cell(row, "name"), recording.channels)]
        for row in rows if not made else ():
            told = f"sampling_frequency of {_cell(row, 'name')}"
            _require_rate(recording, _cell(row, "sampling_frequency"), told, table.name, where)
    if options.stage != "power" and table is not None:
        told = {_cell(row, "name"): _cell(row, "units") for row in rows}
        if units_known:
            notes += _other_units(told, recording.units, table.name)
        else:
            notes += _unit_notes(told.values(), options, table.name, where)
    return replace(recording, mains_hz=mains_hz, notes=(*recording.notes, *notes, *more))


def _read(path: Path, where: str) -> _Sidecars:
    """Own and inherited sidecars; one that was not fetched says nothing, and beside a recording without a BIDS name a
    JSON file may be about anything."""
    own, named, told = own_sidecar(path), parse(path) is not None, {}
    for sidecar in (own, *reversed(inherited_sidecars(path))):
        if not sidecar.is_file():
            continue
        try:
            told.setdefault(sidecar.name, json_object(sidecar, f"{where}: its sidecar {sidecar.name}"))
        except InputError:
            if named:
                raise
    return _Sidecars(own.name, told)


def _cell(row: dict, column: str) -> str:
    return next((value for key, value in row.items() if key.strip().lower() == column), "")


def _number(value) -> float | None:
    """A number, also where it was written as text; None for none, and for `n/a`."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _require_rate(recording: Lfp, stated, what: str, file: str, where: str) -> None:
    number = _number(stated)
    if number is None or number <= 0:
        return
    away = abs(number - recording.fs_hz)
    if away > max(SAME_RATE * recording.fs_hz, 0.5 * _last_digit(stated) * (1 + 1e-9)):
        raise InputError(
            f"{where}: {what} is {number:g} Hz in {file}, but the samples have {recording.fs_hz:g} Hz; correct"
            " whichever is wrong (lfp_fs_hz, for a file without a rate)"
        )


def _last_digit(stated) -> float:
    """What the last written digit of a number stands for: 1 of `24414`, 0.1 of `3051.8`."""
    digits = re.search(r"\.(\d+)", str(stated))
    return 10.0 ** -len(digits.group(1)) if digits and digits.group(1).strip("0") else 1.0


def _duration_notes(recording: Lfp, stated, file: str) -> list[str]:
    number, length_s = _number(stated), recording.n_samples / recording.fs_hz
    if number is None or number <= 0 or abs(number - length_s) <= max(SAME_LENGTH * length_s, SAME_LENGTH_S):
        return []
    return [f"RecordingDuration is {number:g} s in {file}, but the samples last {length_s:.3f} s"]


def _mains(stated, file: str) -> tuple[float | None, list[str]]:
    if stated is None or (isinstance(stated, str) and stated.strip().lower() in ("", "n/a")):
        return None, []
    number = _number(re.sub(r"\s*hz$", "", stated.strip(), flags=re.IGNORECASE) if isinstance(stated, str) else stated)
    if number is None or not MAINS_HZ[0] <= number <= MAINS_HZ[1]:
        return None, [f"PowerLineFrequency is {stated!r} in {file}, which cannot be; write 50 or 60 (Hz)"]
    return number, []


def _to_microvolts(unit: str) -> float | None:
    return TO_MICROVOLTS.get(unit.replace("μ", "µ").strip().lower())


def _other_units(told: dict[str, str], own: dict[str, str], table: str) -> list[str]:
    """Of a file with units: a note where the table of channels states others."""
    pairs = {}
    for name, unit in told.items():
        of_file = next((own[known] for known in meant(name, own)), "")
        factors = _to_microvolts(unit), _to_microvolts(of_file)
        if all(factors) and factors[0] != factors[1]:
            pairs.setdefault((unit, of_file), []).append(name)
    return [
        f"units of {', '.join(names[:6])} are {unit} in {table}, but {of_file} in the file, which are used"
        for (unit, of_file), names in pairs.items()
    ]


def _unit_notes(units: Iterable[str], options: LfpOptions, table: str, where: str) -> list[str]:
    """Of a file without units: whether `lfp_scale` is the factor of the unit that the table of channels states."""
    factors = {unit: _to_microvolts(unit) for unit in units}
    known = {factor: unit for unit, factor in factors.items() if factor}
    if len(known) != 1:
        return []
    (factor, unit), scale = next(iter(known.items())), options.to_microvolts
    if abs(scale / factor - 1) < 1e-3:
        return []
    if options.scale is None:
        raise InputError(
            f"{where}: units are {unit} in {table}, but lfp_scale is not set, so that samples would be taken for µV;"
            f" set lfp_scale to {factor:g}, or correct the table"
        )
    return [f"lfp_scale is {scale:g}, although units are {unit} in {table}, which would be {factor:g}; it is used"]
