"""A recording on its way from raw samples to the LFP of its scan, block by block, by way of scratch files."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from ...artefact.aliasing import BetweenSamples
from ...artefact.gradient import RemovalOptions, remove_from_recording
from ...artefact.passes import channel_groups, first_pass
from ...recordings import Lfp, check_range
from ...spectral import filters
from ...timing.clock import Clock
from . import quality
from .faults import ChannelFaults, ChannelWatch, fill_stretches
from .multiunit import Multiunit, MultiunitChannel, within
from .notches import Notches, choose_notches
from .scratch import ScratchFile, release, scratch_array


@dataclass(frozen=True)
class CleanOptions(RemovalOptions):
    """Options of `clean_lfp`, beyond those of the removal; defaults are those of the config's section `artefact`.

    Attributes
    ----------
    lfp_stage : {"raw", "lfp", "power"}
        What the recording holds: samples with the gradient artefact, samples without it, power.
    notch_hz : sequence of float or "auto"
        Mains, with all multiples; "auto": multiples of 50 and 60 Hz at which there is a line.
    notch_slice_rate : bool or "auto"
        Notch the slice rate and its multiples; "auto": those at which artefact is left.
    notch_width_hz : float
        −3 dB width of a notch.
    band_pass_hz : pair of float
        Zero-phase Butterworth band-pass.
    filter_order : int
    fs_hz : float
        Sampling rate of the cleaned LFP; power keeps its own.
    multiunit_hz : pair of float or None
        Band of which the power is taken at the raw rate.
    max_unusable_fraction : float
        Share of the scan that may be no LFP; a channel of which more is none is left out.
    """

    lfp_stage: Literal["raw", "lfp", "power"] = "raw"
    notch_hz: tuple[float, ...] | Literal["auto"] = "auto"
    notch_slice_rate: bool | Literal["auto"] = "auto"
    notch_width_hz: float = 0.5
    band_pass_hz: tuple[float, float] = (0.1, 300)
    filter_order: int = 2
    fs_hz: float = 1000
    multiunit_hz: tuple[float, float] | None = (300, 3000)
    max_unusable_fraction: float = 0.2

    @classmethod
    def names(cls) -> list[str]:
        """Names of all options."""
        return [option.name for option in fields(cls)]

    @property
    def fits(self) -> tuple[str, ...]:
        """How the artefact is fitted under the LFP, and under spikes: there always to differences, whatever serves the
        LFP, or the residue would follow the LFP's power."""
        return tuple(dict.fromkeys((self.fit, *(["differences"] if self.multiunit_hz else []))))


class ChannelStream:
    """Cuts a channel to the scan, resamples it, and measures its multi-unit activity and its quality.

    Parameters
    ----------
    name : str
    out : ndarray
        Where its samples go, shape (n_samples,).
    span : (int, int)
        First sample of the scan, and the one after its last.
    resampler : Resampler
    watch : ChannelWatch
    multiunit : MultiunitChannel or None
    warnings : QualityWarnings or None
        For a channel from which an artefact was removed.
    kept : bool
        Keep the scan's samples before and after removal, for figures.
    """

    def __init__(
        self,
        name: str,
        out: np.ndarray,
        span: tuple[int, int],
        resampler: filters.Resampler,
        watch: ChannelWatch,
        multiunit: MultiunitChannel | None = None,
        warnings: quality.QualityWarnings | None = None,
        kept: bool = False,
    ):
        self.name, self._out, self._span, self._n_written = name, out, span, 0
        self._resampler, self.watch, self.multiunit, self.warnings = resampler, watch, multiunit, warnings
        self.before, self.after = (ScratchFile(), ScratchFile()) if kept else (None, None)

    def add(self, first: int, before, after, for_spikes) -> None:
        """Samples that follow those before; the first is sample `first` of the recording."""
        self.watch.add(first, before, for_spikes)
        if self.warnings is not None:
            self.warnings.add(first, before, after)
        if self.multiunit is not None:
            self.multiunit.add(first, before, for_spikes)
        inside = within(after, first, self._span)
        if self.before is not None:
            self.before.append(within(before, first, self._span))
            self.after.append(inside)
        if len(inside):
            self._write(self._resampler.add(inside))

    def finish(self) -> None:
        """After the last sample."""
        self._write(self._resampler.finish())

    def _write(self, samples) -> None:
        here = self._out[self._n_written : self._n_written + len(samples)]
        here[:] = samples
        release(here)
        self._n_written += len(samples)


class RecordingStream:
    """All channels of a recording, streamed from its file to cleaned LFP on the disk.

    Parameters
    ----------
    lfp : Lfp
    clock : Clock
        Of a located scan.
    options : CleanOptions
    pool : Executor
        Channels are worked on in its threads; the results do not depend on their number.
    spans : list of list of (int, int)
        Of each channel, samples in which there is a line and no artefact.

    Attributes
    ----------
    fs_hz : float
        Rate of the cleaned LFP.
    cleaned : ndarray of float32, shape (n_channels, n_samples)
        In a scratch file that goes with it.
    multiunit : Multiunit
    between : BetweenSamples
        How the templates are known between samples.
    """

    def __init__(self, lfp: Lfp, clock: Clock, options: CleanOptions, pool: Executor, spans=()):
        self._lfp, self._clock, self._options, self._pool = lfp, clock, options, pool
        self._spans = spans
        self.between = BetweenSamples()
        raw = options.lfp_stage == "raw"
        begin, end = span = quality.scan_span(lfp.fs_hz, clock)
        self.fs_hz = self._resampler().rate
        n_samples = self._resampler().length(max(min(end, lfp.n_samples) - begin, 0))
        self.cleaned = scratch_array((len(lfp.channels), n_samples))
        self.multiunit = Multiunit(options.multiunit_hz if raw else None, lfp.fs_hz, clock)
        self._channels = [
            ChannelStream(
                name,
                out,
                span,
                self._resampler(),
                ChannelWatch(lfp.fs_hz, span, options.lfp_stage, clock.slice_onsets()),
                self.multiunit.channel() if raw else None,
                quality.QualityWarnings(lfp.fs_hz, clock, options.template) if raw else None,
                kept=raw and position == 0,
            )
            for position, (name, out) in enumerate(zip(lfp.channels, self.cleaned, strict=True))
        ]

    def cut(self) -> list[list[str]]:
        """Cut a recording without artefact to the scan; returns warnings of each channel: none."""
        for positions in channel_groups(len(self._channels)):
            first_pass(self._lfp, positions, None, self._pool, self._check, emit=self._emit_uncleaned)
        self._finish()
        return [[] for _ in self._channels]

    def remove_artefact(self) -> tuple[list[list[str]], int]:
        """Remove the gradient artefact from all channels; returns warnings of each, and the templates' knots."""
        onsets = self._clock.slice_onsets() * self._lfp.fs_hz
        notes, self.between = remove_from_recording(
            self._lfp, onsets, self._options, self._options.fits, self._emit, self._pool, self._check, self._note_offset
        )
        self._finish()
        texts = [texts + channel.warnings.texts() for texts, channel in zip(notes, self._channels, strict=True)]
        return texts, self.between.knots

    def find_faults(self) -> list[ChannelFaults]:
        """Samples of each channel that are no LFP; in the cleaned LFP a line takes their place."""
        found = [channel.watch.found() for channel in self._channels]
        self.leave_out(found)
        return found

    def leave_out(self, faults: list[ChannelFaults]) -> None:
        """Draw a line across what is no LFP in the cleaned LFP."""
        for samples, own in zip(self.cleaned, faults, strict=True):
            if len(own.lost_s):
                fill_stretches(samples, self.fs_hz, own.lost_s)
                release(samples)

    def find_disturbances(self, faults: list[ChannelFaults]) -> list[ChannelFaults]:
        """The same with what is found in the cleaned LFP."""
        pairs = zip(self.cleaned, faults, strict=True)
        return list(self._pool.map(lambda pair: self._disturbances(*pair), pairs))

    def enter_multiunit(self, kept, faults: list[ChannelFaults]) -> list[str]:
        """Take the multi-unit activity of some channels; returns why any was not taken."""
        texts = []
        for position in kept:
            channel = self._channels[position]
            if channel.multiunit is not None:
                own = faults[position]
                limit = self._options.max_unusable_fraction
                text = self.multiunit.enter(channel.multiunit, lost_s=own.lost_s, rails_s=own.rails_s, limit=limit)
                texts += [f"channel {channel.name}: {text}"] if text else []
        return texts

    def _disturbances(self, samples, faults: ChannelFaults) -> ChannelFaults:
        if self._options.lfp_stage == "power":
            return faults
        more = faults.with_disturbances(samples, self.fs_hz)
        if more is not faults:
            fill_stretches(samples, self.fs_hz, more.lost_s)
            release(samples)
        return more

    def choose_notches(self) -> Notches:
        """Notches by the spectra of some channels without the artefact."""
        return choose_notches(self.cleaned, self.fs_hz, self._clock, self._options, self._lfp.mains_hz)

    def band_limit_and_describe(self, notches_hz, mains_hz) -> tuple[dict, list[str]]:
        """Notches and band-pass of each channel, in place, and what the figures of the first one show.

        Returns
        -------
        qc : dict
            `artefact`: numbers, spectra and a trace; `spectrogram`.
        texts : list of str
            Warnings about the first channel.
        """
        first, fs_hz, clock = self._channels[0], self._lfp.fs_hz, self._clock
        spectrograms = quality.Spectrograms(clock)
        raw_spectrogram = self._pool.submit(spectrograms.add, "Before", first.before, fs_hz)
        numbers = self._pool.submit(quality.numbers, first.before, first.after, fs_hz, clock, mains_hz, first.name)
        list(self._pool.map(lambda samples: self._band_limit(samples, notches_hz), self.cleaned))
        raw_spectrogram.result()
        spectrograms.add("After", self.cleaned[0], self.fs_hz)
        qc = {"artefact": numbers.result(), "spectrogram": spectrograms.content(first.name)}
        notched = bool(self._options.notch_slice_rate)
        return qc, quality.line_warnings(qc["artefact"], self._options.template, notched, mains_hz)

    def _band_limit(self, samples, notches_hz) -> None:
        options = self._options
        filters.band_limit(
            samples,
            self.fs_hz,
            band_pass_hz=options.band_pass_hz,
            filter_order=options.filter_order,
            notches_hz=notches_hz,
            notch_width_hz=options.notch_width_hz,
            out=samples,
        )
        release(samples)

    def _resampler(self) -> filters.Resampler:
        """To the rate of the cleaned LFP; power stays at its own."""
        fs_hz = self._lfp.fs_hz
        return filters.Resampler(fs_hz, fs_hz if self._options.lfp_stage == "power" else self._options.fs_hz)

    def _emit(self, position: int, first: int, before, after: dict) -> None:
        fits = self._options.fits
        for begin, end in self._spans[position] if self._spans else ():
            here = slice(max(begin - first, 0), max(end - first, 0))
            for fit in fits:
                after[fit][here] = before[here]
        self._channels[position].add(first, before, after[fits[0]], after[fits[-1]])

    def _emit_uncleaned(self, position: int, first: int, samples) -> None:
        self._channels[position].add(first, samples, samples, samples)

    def _check(self, position: int, lowest: float, highest: float) -> None:
        check_range(lowest, highest, self._channels[position].name, stage=self._options.lfp_stage)

    def _note_offset(self, position: int, offset: float) -> None:
        self._channels[position].watch.offset = float(offset)

    def _finish(self) -> None:
        for channel in self._channels:
            channel.finish()
