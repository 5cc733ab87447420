"""Before a run: samples of a recording that are no LFP, as far as a look at the file as it is can tell."""

from __future__ import annotations

import numpy as np

from .artefact.faults import ChannelFaults, ChannelWatch, described, usable_channels
from .artefact.quality import scan_span

MOST_SAMPLES = 20_000_000  # of all channels, that are looked at; of a longer scan pieces, evenly spaced
PIECES, BLOCK = 40, 2**20


def look_at_samples(lfp, clock, row: dict, settings: dict) -> list[str]:
    """Notes on samples within the scan that are held, filled with zeros or at the converter's limits.

    Parameters
    ----------
    lfp : Lfp
    clock : Clock
        Of the scan; where its start is not known, the whole recording is looked at and nothing is refused.
    row : dict
        Row of the sheet.
    settings : dict
        `artefact` section.

    Raises
    ------
    InputError
        Where a scan that was looked at as a whole has no channel that can be used.
    """
    known = np.isfinite(clock.start_s) and bool(clock.n_volumes)
    begin, end = scan_span(lfp.fs_hz, clock) if known else (0, lfp.n_samples)
    end = min(end, lfp.n_samples)
    most = MOST_SAMPLES // len(lfp.channels)
    whole = end - begin <= most
    width = end - begin if whole else most // PIECES
    starts = [begin] if whole else np.linspace(begin, end - width, PIECES).astype(int).tolist()
    stage, length_s = row["input"]["lfp_stage"], (end - begin) / lfp.fs_hz
    faults = [_looked_at(lfp, position, (begin, end), starts, width, stage) for position in range(len(lfp.channels))]
    kept = list(range(len(lfp.channels)))
    if known and whole:
        kept = usable_channels(lfp.channels, faults, clock, length_s, settings["max_unusable_fraction"])
    texts = described(lfp.channels, faults, kept, clock.start_s if known else 0.0, length_s)
    sampled = "" if whole else f" (in {PIECES} pieces of {width / lfp.fs_hz:.3g} s that were looked at)"
    return [f"{row['where']}: {text}{sampled}" for text in texts]


def _looked_at(lfp, position: int, span, starts, width: int, stage: str) -> ChannelFaults:
    """What is no LFP in pieces of a channel; the artefact's own acquisitions are not looked at."""
    found = []
    for start in starts:
        watch = ChannelWatch(lfp.fs_hz, span, stage)
        for first in range(start, start + width, BLOCK):
            samples = lfp.read(position, first, min(first + BLOCK, start + width))
            watch.add(first, samples, samples)
        found.append(watch.found().later((start - span[0]) / lfp.fs_hz))
    return ChannelFaults.together(found)
