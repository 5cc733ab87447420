"""What a study was understood to hold: each recording, where its scan lies, and which voxels its seed has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..artefact.quality import mean_spectrum
from ..errors import InputError
from ..spectral import lines
from ..timing.clock import Clock
from . import atlas
from .artefact.clock import locate

AWAY_S = 0.5  # from the scan, from where on samples are without artefact
LEAST_S, MOST_S, WINDOW_S = 8.0, 120.0, 2.0  # that mains is looked for in, and of one spectrum
CHANNELS, HIGHEST_HZ = 4, 400.0


@dataclass(frozen=True)
class Understood:
    """What is told of one recording.

    Attributes
    ----------
    recording : str
    fs_hz, lfp_s : float
        Rate and duration of the LFP.
    channels, volumes, acquisitions, dummies : int
        Channels of the site; volumes of the scan, slice acquisitions of each, and volumes that were dropped before.
    tr_s, start_s : float
        TR, and the scan's start on the LFP's clock.
    start_from : str
        What says so: `triggers`, `scan_start_s`, `artefact`, `start of the recording`.
    artefact_s : float or None
        Where the gradient artefact begins; None where none was seen, or none is looked for.
    mains_hz : tuple of float or None
        Lines that were seen outside the scan, where the recording holds eight seconds of it; the stage `artefact` looks
        in all of the cleaned scan.
    seed : int or None
        Voxels of the site's seed on the atlas.
    """

    recording: str
    fs_hz: float
    lfp_s: float
    channels: int
    volumes: int
    acquisitions: int
    dummies: int
    tr_s: float
    start_s: float
    start_from: str
    artefact_s: float | None
    mains_hz: tuple[float, ...] | None
    seed: int | None

    def cells(self) -> dict[str, str]:
        """What the table shows, by the heading of its column."""
        mains = "-" if self.mains_hz is None else "+".join(f"{hz:g}" for hz in self.mains_hz) or "none"
        return {
            "recording": self.recording,
            "LFP Hz": f"{self.fs_hz:.8g}",
            "ch": str(self.channels),
            "LFP s": f"{self.lfp_s:.1f}",
            "volumes": f"{self.dummies}+{self.volumes}" if self.dummies else str(self.volumes),
            "TR s": f"{self.tr_s:g}",
            "slices": str(self.acquisitions),
            "start s": f"{self.start_s:.3f}",
            "from": self.start_from,
            "artefact s": "-" if self.artefact_s is None else f"{self.artefact_s:.2f}",
            "mains Hz": mains,
            "seed": "-" if self.seed is None else str(self.seed),
        }


def understand(row: dict, lfp, bold, clock: Clock, settings: dict, seeds: dict) -> tuple[Understood, Clock]:
    """What is told of a recording, and the clock that the stage `artefact` will find, with its notes.

    Parameters
    ----------
    row : dict
        Of the sheet.
    lfp : Lfp
    bold : Bold
    clock : Clock
        As far as it is known without reading samples.
    settings : dict
    seeds : dict
        Of the sites that were seen before; added to.

    Raises
    ------
    InputError
        As the stage would: where the artefact contradicts the start that is stated, or where there is none.
    """
    stage = row["input"]["lfp_stage"]
    raw = stage == "raw" and settings["artefact"]["template"] != "none"
    if raw and (clock.n_volumes or 0) > 2:
        clock = locate(lfp, bold, row, settings["artefact"])
    if row["site"] not in seeds:
        seeds[row["site"]] = _seed(row["site"], settings)
    told = Understood(
        recording="sub-{sub} ses-{ses} run-{run} {site}".format(**row),
        fs_hz=lfp.fs_hz,
        lfp_s=lfp.n_samples / lfp.fs_hz,
        channels=len(lfp.channels),
        volumes=clock.n_volumes or bold.n_volumes,
        acquisitions=clock.n_acquisitions,
        dummies=bold.dummy_volumes,
        tr_s=bold.tr_s,
        start_s=clock.start_s,
        start_from=clock.method,
        artefact_s=clock.start_s if clock.method == "artefact" else clock.measurements.get("artefact_begins_s"),
        mains_hz=_mains(lfp, clock, raw) if stage != "power" else None,
        seed=seeds[row["site"]],
    )
    return told, clock


def _mains(lfp, clock: Clock, raw: bool) -> tuple[float, ...] | None:
    """Mains in most of some channels where they hold no artefact: raw, outside the scan."""
    end_s = clock.start_s + clock.period_s * (clock.n_volumes or 0)
    everything = lfp.n_samples / lfp.fs_hz
    stretches = [(0, clock.start_s - AWAY_S), (end_s + AWAY_S, everything)] if raw else [(0, everything)]
    begin_s, stop_s = max(stretches, key=lambda stretch: stretch[1] - stretch[0])
    stop_s = min(stop_s, begin_s + MOST_S)
    if stop_s - begin_s < LEAST_S:
        return None
    begin, stop = round(begin_s * lfp.fs_hz), round(stop_s * lfp.fs_hz)
    some = range(min(len(lfp.channels), CHANNELS))
    seen: list[float] = []
    for position in some:
        spectrum = mean_spectrum(lfp.read(position, begin, stop), lfp.fs_hz, WINDOW_S)
        n_segments = int(2 * (stop_s - begin_s) / WINDOW_S) - 1
        seen += lines.mains_lines([lines.Spectrum(*spectrum, n_segments)], min(HIGHEST_HZ, 0.49 * lfp.fs_hz))
    return tuple(hz for hz in dict.fromkeys(seen) if seen.count(hz) > len(some) / 2)


def _seed(site: str, settings: dict) -> int | None:
    if not settings["atlas"]["brain"]:
        return None
    try:
        mask, affine, _ = atlas.open_mask(settings["atlas"]["brain"], "atlas.brain")
        return int(np.count_nonzero(atlas.open_seed(site, settings, mask, affine)))
    except InputError:
        return None  # a problem of the study, and told as one


def table(understood: Sequence[Understood]) -> list[str]:
    """Lines of a table, one for each recording under its headings; empty without recordings."""
    cells = [told.cells() for told in understood]
    if not cells:
        return []
    rows = [list(cells[0]), *(list(own.values()) for own in cells)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    texts = ("recording", "from")
    return [
        "  ".join(
            text.ljust(width) if heading in texts else text.rjust(width)
            for text, width, heading in zip(row, widths, rows[0], strict=True)
        )
        for row in rows
    ]
