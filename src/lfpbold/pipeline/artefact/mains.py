"""Mains that the dataset or a look at the samples tells of, against the notches that the config names."""

from __future__ import annotations

from collections.abc import Sequence

STATED = "the dataset's PowerLineFrequency is"


def missed_mains(hz: float | None, named: Sequence[float] | str, said: str) -> list[str]:
    """A note where mains that something says is none of those that `artefact.notch_hz` names."""
    if not hz or named == "auto" or any(_is_multiple(hz, own) for own in named):
        return []
    listed = ", ".join(f"{own:g}" for own in named) or "empty"
    return [f"{said} {hz:g} Hz, but artefact.notch_hz is {listed}; set it to auto or to {hz:g}"]


def _is_multiple(hz: float, base: float) -> bool:
    return abs(hz - base * max(1, round(hz / base))) < 0.5
