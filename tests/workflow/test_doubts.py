"""What is legal but looks wrong is said: in the job's log, in the sidecar, and by that in the report."""

from __future__ import annotations

import pytest

from lfpbold import recordings
from lfpbold.pipeline.artefact import driver
from lfpbold.study import settings, sheet


@pytest.fixture(scope="module")
def opened(tiny):
    resolved = settings.load([tiny / "config.yaml"])
    row = next(r for r in sheet.read_sheet(resolved["recordings"], resolved) if r["scan_start_s"] is None)
    lfp = recordings.open_configured_lfp(row["lfp"], row["input"], row["channels"], row["where"])
    bold = recordings.open_configured_bold(row["bold"], row["input"], row["where"])
    return lfp, bold, row, resolved["artefact"]


def warned(opened, start_shift_s=None, **changes) -> list:
    lfp, bold, row, options = opened
    if start_shift_s is not None:
        row = row | {"scan_start_s": lfp.triggers_s[0] + start_shift_s}
    _, _, info, _, _ = driver.artefact(lfp, bold, row, options | changes, log=lambda text: None)
    return info["Warnings"]


def test_a_scan_in_order_gives_no_warning(opened):
    assert warned(opened) == []


def test_a_scan_start_that_is_late_is_noticed(opened):
    """The artefact stands before the stated start, which a fitted clock cannot see."""
    assert any("the artefact is there before the scan too" in text for text in warned(opened, start_shift_s=1.5))


def test_a_clock_that_is_not_fitted_is_noticed(opened):
    assert any("of the broadband signal is left" in text for text in warned(opened, clock="nominal"))


def test_one_template_for_unlike_slices_is_noticed(opened):
    assert any("of the broadband signal is left" in text for text in warned(opened, template="pooled"))


def test_a_scan_start_that_is_no_trigger_is_noticed(opened):
    assert any("from the nearest trigger" in text for text in warned(opened, start_shift_s=0.3))
    assert warned(opened, start_shift_s=0.0) == []
