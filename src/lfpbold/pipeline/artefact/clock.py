"""The scan of one row of the sheet on its recording's clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ...errors import InputError
from ...timing.clock import Clock
from ...timing.locate import locate_scan, stated_clock

OF_INPUT = ("lfp_stage", "bold_stage", "extra_triggers")
OF_ARTEFACT = ("clock", "short_recording", "jitter", "template", "between_samples", "average", "window_volumes")


def locate(lfp, bold, row: dict, settings: dict) -> Clock:
    """`locate_scan` with the options of a row and of the `artefact` section; its errors name the recording."""
    with about(row["where"], row["lfp"]):
        return locate_scan(lfp, bold, **_options(row, settings))


def require_coverage(lfp, bold, row: dict, settings: dict) -> Clock:
    """The clock as far as it is known without reading samples, after making sure that the scan is covered.

    Raises
    ------
    InputError
        With too few triggers, or when the LFP is shorter than the scan.
    """
    with about(row["where"], row["lfp"]):
        return stated_clock(lfp, bold, **_options(row, settings))


def _options(row: dict, settings: dict) -> dict:
    inputs = {name: row["input"][name] for name in OF_INPUT}
    return {"start_s": row["scan_start_s"], **inputs, **{name: settings[name] for name in OF_ARTEFACT}}


@contextmanager
def about(*where: str) -> Iterator[None]:
    """Errors of input that say which recording they are about, by its row and the name of its file."""
    try:
        yield
    except InputError as error:
        if not where[0] or str(error).startswith(where[0]):
            raise
        raise InputError(": ".join([*where, str(error)])) from error
