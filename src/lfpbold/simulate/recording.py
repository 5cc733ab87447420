"""One raw LFP recording: clean LFP, spikes, artefact, line, offset and amplifier noise on the LFP's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from .artefact import Artefact, gradient_artefact
from .disturbances import Body, Mains, electrode_drift, mains, movements
from .latent import Harmonics
from .lfp import INTERNAL_HZ, channel_gains, clean
from .multiunit import Multiunit, band_hz
from .presets import Parameters
from .spline import UniformSpline

BLOCK = 65536
"""Samples made at once; small enough to stay in the processor's cache."""

TRUTH_HZ = 1000.0
"""Rate of the stored clean LFP."""


@dataclass(frozen=True)
class Clock:
    """How scanner time maps to LFP time: ``lfp = start_s + scanner * (1 + ppm * 1e-6)``."""

    start_s: float
    ppm: float

    def lfp(self, scanner_s):
        """Time on the LFP clock in s."""
        return self.start_s + np.asarray(scanner_s, float) * (1 + self.ppm * 1e-6)

    def scanner(self, lfp_s):
        """Time on the scanner clock in s; 0 is the onset of the first volume."""
        return (np.asarray(lfp_s, float) - self.start_s) / (1 + self.ppm * 1e-6)


@dataclass(frozen=True)
class Recording:
    """A raw LFP recording that can be made block by block.

    Attributes
    ----------
    fs_hz : float
        Sampling rate on the LFP clock, Hz.
    n_samples : int
    clean : UniformSpline
        Clean LFP in uV on the LFP clock.
    artefact : Artefact
    clock : Clock
    multiunit : Multiunit or None
        Activity of the spiking band, where the rate can hold it; one pass over the blocks.
    line : Mains
    offset_uv : ndarray, shape (n_channels,)
    extras : dict
        Name -> function of LFP time in s that returns uV, (n_times, n_channels): drift, body, movements.
    rails_uv : float
        No sample is beyond it; infinite for a converter that never saturates.
    amplifier_uv : float
    noise : numpy Generator
        Draws the amplifier noise; one pass over the blocks.
    volts_per_unit : float
        Conversion of stored numbers.
    dtype : str
    """

    fs_hz: float
    n_samples: int
    clean: UniformSpline
    artefact: Artefact
    clock: Clock
    multiunit: Multiunit | None
    line: Mains
    offset_uv: np.ndarray
    extras: dict
    rails_uv: float
    amplifier_uv: float
    noise: np.random.Generator
    volts_per_unit: float
    dtype: str

    def blocks(self) -> Iterator[tuple[int, np.ndarray]]:
        """Yield (first sample, raw samples x channels as stored), in order."""
        for first in range(0, self.n_samples, BLOCK):
            lfp_s = np.arange(first, min(first + BLOCK, self.n_samples)) / self.fs_hz
            raw = self.clean(lfp_s)
            if self.multiunit is not None:
                raw += self.multiunit.next(first, len(raw))
            self._spoil(raw, lfp_s)
            raw += self.noise.standard_normal(raw.shape, dtype=np.float32) * np.float32(self.amplifier_uv)
            if np.isfinite(self.rails_uv):
                np.clip(raw, -self.rails_uv, self.rails_uv, out=raw)
            if self.dtype == "float32":
                yield first, raw
            else:
                raw *= np.float32(1e-6 / self.volts_per_unit)
                yield first, np.rint(raw, out=raw).astype(np.int16)

    def _spoil(self, raw: np.ndarray, lfp_s: np.ndarray) -> None:
        """Add scanner, mains, offset and the rest to `raw` in place."""
        raw += self.artefact(self.clock.scanner(lfp_s))
        raw += self.line(lfp_s)
        raw += self.offset_uv.astype(np.float32)
        for extra in self.extras.values():
            raw += extra(lfp_s)

    def with_rails(self, fraction: float) -> Recording:
        """The same recording from a converter whose rails hold so large a share of the samples during the scan.

        Found on every 11th block of 4096 samples, apart from spikes and noise, which are a thousandth of the artefact.
        """
        first, last = (self.clock.lfp(s) for s in (0.0, self.artefact.duration_s))
        sizes = []
        for start in np.arange(int(first * self.fs_hz), int(last * self.fs_hz) - 4096, 11 * 4096):
            lfp_s = np.arange(start, start + 4096) / self.fs_hz
            raw = self.clean(lfp_s)
            self._spoil(raw, lfp_s)
            sizes.append(np.abs(raw).ravel())
        rails = float(np.round(np.quantile(np.concatenate(sizes), 1 - fraction), 3))
        return replace(self, rails_uv=rails, volts_per_unit=self.volts_per_unit if self.dtype == "float32"
                       else rails * 1e-6 / 32767)  # fmt: skip

    def with_extras_during_scan(self) -> np.ndarray:
        """Clean LFP with drift, body and movements, as `clean_during_scan`: what removal of gradients should leave."""
        out = self.clean_during_scan()
        lfp_s = self.clock.start_s + np.arange(len(out)) / TRUTH_HZ
        for extra in self.extras.values():
            out += extra(lfp_s)
        return out

    def clean_during_scan(self) -> np.ndarray:
        """Clean LFP at 1 kHz of the LFP clock from scan start to scan end; float32 (n, n_channels), uV."""
        n = int(np.floor((self.clock.lfp(self.artefact.duration_s) - self.clock.start_s) * TRUTH_HZ + 1e-6))
        return self.clean(self.clock.start_s + np.arange(n) / TRUTH_HZ)


def record(
    seeds: dict, view: Harmonics, clock: Clock, n_slices: int, parameters: Parameters, body=None, moved_s=()
) -> Recording:
    """Set up one recording.

    Parameters
    ----------
    seeds : dict of numpy Generator
        ``electrode`` (gains and offsets), ``lfp``, ``multiunit``, ``artefact`` and ``amplifier``; ``drift``, ``mains``
        and ``movements`` where there are any.
    view : Harmonics
        What this electrode sees of its region's activity.
    clock : Clock
    n_slices : int
    parameters : Parameters
    body : bold.Nuisance, optional
        Breathing and heart of the run.
    moved_s : ndarray, optional
        Scanner times of the run's movements.

    Returns
    -------
    Recording
        Without `rail_fraction` int16 data never clip: the step is set from an upper bound of the amplitude.
    """
    p = parameters
    duration = p.n_volumes * p.tr_s
    n_samples = int(np.ceil((clock.lfp(duration) + p.tail_s) * p.fs_hz))
    gains = channel_gains(seeds["electrode"], p)
    offset = p.dc_offset_uv + p.dc_uv * seeds["electrode"].standard_normal(p.n_channels)
    n_grid = int(np.ceil(n_samples / p.fs_hz * INTERNAL_HZ)) + 4
    per_lfp_second = 1 / (1 + clock.ppm * 1e-6)
    values = clean(seeds["lfp"], view, gains, p, n_grid, INTERNAL_HZ, (float(clock.scanner(0.0)), per_lfp_second))
    max_hz = p.artefact_max_hz if p.antialias_hz else min(p.artefact_max_hz, 0.42 * p.fs_hz)
    artefact = gradient_artefact(
        seeds["artefact"], p.artefact_ratio * values.std(axis=0), p.tr_s, n_slices, p.n_volumes, max_hz,
        p.artefact_slice_common, p.artefact_modulation, p.antialias_hz,
    )  # fmt: skip
    spikes = None
    if band_hz(p.fs_hz):
        spikes = Multiunit(seeds["multiunit"], view, gains, p, BLOCK, clock, n_samples)
    line = mains(seeds.get("mains"), p, gains, float(seeds["electrode"].uniform(0, 2 * np.pi)), n_samples / p.fs_hz)
    extras = _extras(seeds, p, gains, clock, n_samples, body, moved_s)
    # B-spline coefficients bound the spline itself; a modulation of 8 standard deviations does not occur
    bound = np.abs(artefact.waveform.coefs).max() * (1 + 8 * p.artefact_modulation)
    bound += 1.2 * np.abs(values).max() + np.abs(offset).max() + 2 * p.line_uv + 8 * p.amplifier_uv
    bound += line.bound_uv if p.line_wax or len(p.line_harmonics) > 3 else 0
    bound += sum(extra.bound_uv for extra in extras.values())
    bound += spikes.bound_uv if spikes else 0
    step = 1e-6 if p.dtype == "float32" else float(np.round(bound / 32000, 3) + 0.001) * 1e-6
    made = Recording(
        p.fs_hz, n_samples, UniformSpline.through(values, 0.0, INTERNAL_HZ), artefact, clock, spikes, line, offset,
        extras, np.inf, p.amplifier_uv, seeds["amplifier"], step, p.dtype,
    )  # fmt: skip
    return made.with_rails(p.rail_fraction) if p.rail_fraction else made


def _extras(seeds: dict, p: Parameters, gains, clock: Clock, n_samples: int, body, moved_s) -> dict:
    """Drift, body and movements of one electrode, those that there are."""
    out = {}
    if p.electrode_drift_uv:
        out["drift"] = electrode_drift(seeds["drift"], p, clock, n_samples)
    if body is not None and (p.respiration_uv or p.cardiac_uv):
        out["body"] = Body(body.rates_hz, body.wobble, (p.respiration_uv, p.cardiac_uv), gains, clock)
    if len(moved_s):
        out["movements"] = movements(seeds["movements"], p, moved_s, clock)
    return out
