"""Raw LFP to LFP without gradient artefact, on the scan's time."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from ...artefact.repeating import repeating_share
from ...errors import DOUBTS, Doubt, InputError, of_channel
from ...recordings import Bold, Lfp
from ...spectral.lines import MAINS_HZ
from ...timing.clock import Clock
from ...timing.locate import MAY_LACK_S
from . import quality
from .clock import about, locate
from .faults import described, stretches_in_samples, usable_channels
from .repair import whole_acquisitions, without_stretches
from .streaming import CleanOptions, RecordingStream

__all__ = ["CleanLfp", "artefact", "clean_lfp"]


@dataclass(frozen=True)
class CleanLfp:
    """LFP of one scan without gradient artefact.

    Attributes
    ----------
    samples : ndarray of float32, shape (n_samples, n_channels)
        In µV, from the onset of the first volume to the end of the last one that the recording covers; in a scratch
        file that goes with the array. `numpy.asarray(clean)` is this array.
    fs_hz : float
    channels : list of str
    clock : Clock
    first_sample_s : float
        Time of the first sample after the onset of the first volume, s: below half a sample of the raw recording.
    notches_hz : ndarray
    mains_hz : tuple of float
        Mains that the spectrum shows.
    knots : int
        Knots per sample of a template that is a spline; 0 for any other.
    images : int
        Images of the template's spectrum on either side, for an artefact that folds back; 0 for any other.
    repeating : list of float
        Share of each cleaned channel that repeats from volume to volume at 20–300 Hz; NaN where it cannot be told.
    multiunit : ndarray, shape (n_frames, 2)
        Time (s after the first sample) and power of multi-unit activity (µV²), mean of the channels; no frames where
        the recording or the options have none.
    multiunit_summary : dict
    qc : dict
        For figures and the report: `artefact` and `spectrogram` of the first channel.
    unusable : dict of str to list of (float, float)
        By channel, stretches that are no LFP, s from the first sample: lines in `samples`.
    notes : list of str
        Warnings, one sentence each; those that put the recording in doubt are `lfpbold.errors.Doubt`.
    options : CleanOptions
        How it was cleaned.
    """

    samples: np.ndarray = field(repr=False)
    fs_hz: float
    channels: list
    clock: Clock
    first_sample_s: float
    notches_hz: np.ndarray = field(repr=False)
    mains_hz: tuple
    knots: int
    repeating: list
    images: int
    multiunit: np.ndarray = field(repr=False)
    multiunit_summary: dict = field(repr=False)
    qc: dict = field(repr=False)
    unusable: dict = field(repr=False)
    notes: list
    options: CleanOptions = field(repr=False)

    @property
    def info(self) -> dict:
        """What the next stages need to know, under the names that it has in the sidecar of the cleaned LFP."""
        return {
            "Stage": self.options.lfp_stage,
            "ChannelsUsed": self.channels,
            "ScanStart": self.clock.start_s,
            "FirstSample": self.first_sample_s,
            "VolumePeriod": self.clock.period_s,
            "RepetitionTime": self.clock.tr_s,
            "NumberOfVolumes": self.clock.n_volumes,
            "Notches": self.notches_hz,
            "MainsSeen": list(self.mains_hz),
            "NotchWidth": self.options.notch_width_hz,
            "Multiunit": self.multiunit_summary,
            "UnusableSegments": self.unusable,
            "RepeatingShare": [round(share, 3) for share in self.repeating],
            "Warnings": self.notes,
            "Doubts": doubts_of(self.notes),
        }

    def __array__(self, dtype=None, copy=None):
        return np.array(self.samples, dtype=dtype, copy=copy)


def clean_lfp(lfp: Lfp, clock: Clock, *, workers: int = 1, log=None, **options) -> CleanLfp:
    """Cut a recording to its scan; where it is raw, remove the gradient artefact, notch and band-limit it.

    The recording is read in blocks, twice where it is raw, so that it may be of any length.

    Parameters
    ----------
    lfp : Lfp
        An opened recording (`lfpbold.open_lfp`).
    clock : Clock
        Of the located scan (`lfpbold.locate_scan`).
    workers : int
        Channels that are worked on at once, in threads; the result does not depend on it.
    log : callable, optional
        Called with a line about each thing that has been done.
    **options
        Those of the next section.

    Other Parameters
    ----------------
    lfp_stage, notch_hz, notch_slice_rate, notch_width_hz, band_pass_hz, filter_order, fs_hz, multiunit_hz,
    max_unusable_fraction
        See `lfpbold.pipeline.artefact.streaming.CleanOptions`.
    template, average, window_volumes, between_samples, components, components_above_hz, align, fit
        See `lfpbold.artefact.gradient.RemovalOptions`.

    Returns
    -------
    clean : CleanLfp

    Raises
    ------
    InputError
        For a channel that is constant or holds NaN, when the recording does not cover the scan, and where too much of
        every channel is no LFP.
    TypeError
        For an option that does not exist, or a clock that does not know the number of volumes.

    Examples
    --------
    Forty volumes of 1.0003 s under white noise of 10 µV, from the third second of a recording at 2 kHz on:

    >>> from lfpbold.recordings import Lfp
    >>> rng, onset, period = np.random.default_rng(0), 6000, 2000.6
    >>> waveform = 500 * np.convolve(rng.standard_normal(2001), np.hanning(9), "same")
    >>> place = (np.arange(100_000) - onset) % period
    >>> scan = (np.arange(100_000) >= onset) & (np.arange(100_000) < onset + 40 * period)
    >>> raw = np.where(scan, np.interp(place, np.arange(2001), waveform), 0) + rng.normal(0, 10, 100_000)
    >>> lfp = Lfp(2000.0, raw.size, ["A1"], lambda channel, start, stop: raw[start:stop].astype(np.float32))
    >>> clock = Clock(start_s=3.0, period_s=1.0003, tr_s=1.0, n_volumes=40)
    >>> clean = clean_lfp(lfp, clock, notch_hz=(), multiunit_hz=None)
    >>> clean.fs_hz, clean.samples.shape, clean.channels
    (1000.0, (40012, 1), ['A1'])
    >>> bool(raw[scan].std() > 500), bool(np.std(clean.samples) < 10)
    (True, True)
    """
    if clock.n_volumes is None:
        raise TypeError("the clock does not know the number of volumes: use locate_scan, or Clock(…, n_volumes=…)")
    settings, log = CleanOptions(**options), log or (lambda text: None)
    _require_scan_in(lfp, clock, settings.lfp_stage)
    with ThreadPoolExecutor(workers) as pool:
        one_pass = _remove if settings.lfp_stage == "raw" else _cut
        stream, faults, texts, knots, notches, qc = one_pass(lfp, clock, settings, pool)
        if (
            settings.template != "none"
            and not (knots or stream.between.images)
            and qc["artefact"]
            and any(len(own.lost_s) for own in faults)
        ):
            spans = whole_acquisitions([stretches_in_samples(own, lfp.fs_hz, clock) for own in faults], lfp, clock)
            repaired = without_stretches(lfp, spans, clock)
            stream, faults, texts, knots, notches, qc = _remove(repaired, clock, settings, pool, faults, spans)
    length_s = stream.cleaned.shape[1] / stream.fs_hz
    kept = usable_channels(lfp.channels, faults, clock, length_s, settings.max_unusable_fraction)
    lost = described(lfp.channels, faults, kept, clock.start_s, length_s) + stream.enter_multiunit(kept, faults)
    notes = [of_channel(lfp.channels[position], text) for position in kept for text in texts[position]]
    shares = _repeating(stream, clock, notches.mains_hz if notches else MAINS_HZ, settings.lfp_stage)
    seen = tuple(notches.seen) if notches else ()
    left = [quality.left_in_lfp(lfp.channels[position], shares[position], seen) for position in kept]
    notes = [*itertools.chain.from_iterable(left), *notes]
    for number, name in enumerate(lfp.channels, 1):
        log(f"channel {name}: {number} of {len(lfp.channels)}")
    return CleanLfp(
        samples=(stream.cleaned if len(kept) == len(stream.cleaned) else stream.cleaned[kept]).T,
        fs_hz=stream.fs_hz,
        channels=[lfp.channels[position] for position in kept],
        clock=clock,
        first_sample_s=quality.first_sample(clock, lfp.fs_hz) / lfp.fs_hz - clock.start_s,
        notches_hz=notches.hz if notches else np.zeros(0),
        mains_hz=seen,
        knots=knots,
        repeating=[shares[position] for position in kept],
        images=stream.between.images,
        multiunit=stream.multiunit.series(),
        multiunit_summary=stream.multiunit.summary(),
        qc=qc,
        unusable={lfp.channels[position]: faults[position].lost_s.tolist() for position in kept},
        notes=[*lfp.notes, *clock.notes, *(notches.notes if notches else []), *lost, *notes],
        options=settings,
    )


def _cut(lfp: Lfp, clock: Clock, settings: CleanOptions, pool) -> tuple:
    """A recording without artefact on the scan's time, with what is no LFP, warnings of each channel, no notches."""
    stream = RecordingStream(lfp, clock, settings, pool)
    texts = stream.cut()
    faults = stream.find_disturbances(stream.find_faults())
    return stream, faults, texts, 0, None, {"artefact": {}, "spectrogram": {}}


def _remove(lfp: Lfp, clock: Clock, settings: CleanOptions, pool, known=None, spans=()) -> tuple:
    """A raw recording without its artefact, likewise; `known` is what is no LFP, where `spans` were repaired."""
    stream = RecordingStream(lfp, clock, settings, pool, spans)
    texts, knots = stream.remove_artefact()
    if known is None:
        faults = stream.find_faults()
    else:
        stream.leave_out(faults := known)
    notches = stream.choose_notches()
    qc, more = stream.band_limit_and_describe(notches.hz, notches.mains_hz)
    texts[0] += more
    return stream, faults if known else stream.find_disturbances(faults), texts, knots, notches, qc


def doubts_of(notes) -> list[dict]:
    """What of a list of warnings puts the recording in doubt, as sidecars hold it: name, severity, sentence."""
    return [
        {"Name": note.name, "Severity": DOUBTS[note.name][0], "Text": str(note)}
        for note in notes
        if isinstance(note, Doubt)
    ]


def _repeating(stream: RecordingStream, clock: Clock, mains_hz, stage: str) -> list[float]:
    """The share of each cleaned channel that repeats with the volumes; power has no waveform that could."""
    if stage == "power":
        return [float("nan")] * len(stream.cleaned)
    period = clock.period_s * stream.fs_hz
    return [repeating_share(one, stream.fs_hz, period, clock.n_volumes, mains_hz) for one in stream.cleaned]


def _require_scan_in(lfp: Lfp, clock: Clock, stage: str) -> None:
    """Refuse the clock of another recording; how much of raw LFP may be missing, removal itself knows better."""
    slack_s = max(MAY_LACK_S["lfp" if stage == "raw" else stage], 2 / lfp.fs_hz)
    begin_s, length_s = clock.start_s, lfp.n_samples / lfp.fs_hz
    end_s = begin_s + clock.period_s * (clock.n_volumes or 0)
    if not (begin_s >= -slack_s and end_s <= length_s + slack_s):
        raise InputError(
            f"the clock's {clock.n_volumes} volumes from {begin_s:.3f} s to {end_s:.3f} s do not lie in this recording"
            f" of {length_s:.3f} s; locate the scan in it"
        )


def artefact(lfp: Lfp, bold: Bold, row: dict, settings: dict, log=print, threads: int = 1):
    """The stage: locate the scan of a row in its recording, and clean the LFP of that scan.

    Parameters
    ----------
    lfp : Lfp
        Opened recording.
    bold : Bold
        Opened series: volumes, TR and slice times.
    row : dict
        Row of the sheet.
    settings : dict
        `artefact` section of the config.
    log : callable
    threads : int

    Returns
    -------
    samples : ndarray of float32, shape (n_samples, n_channels)
    fs_hz : float
    info : dict
        For the sidecar: channels that are left, clock, notches, steps.
    multiunit : ndarray, shape (n_frames, 2)
    qc : dict
        As of `CleanLfp`.
    """
    clock = locate(lfp, bold, row, settings)
    log(
        f"clock: scan starts at {clock.start_s:.6f} s, TR {clock.period_s:.9f} s on the LFP clock ({clock.ppm:+.3f}"
        " ppm)"
    )
    options = {name: settings[name] for name in CleanOptions.names() if name in settings}
    with about(row["where"]):
        clean = clean_lfp(lfp, clock, workers=threads, log=log, lfp_stage=row["input"]["lfp_stage"], **options)
    for text in clean.notes:
        log(f"warning: {text}")
    return clean.samples, clean.fs_hz, _sidecar(clean, lfp, bold, row, settings), clean.multiunit, clean.qc


def _sidecar(clean: CleanLfp, lfp: Lfp, bold: Bold, row: dict, settings: dict) -> dict:
    """What was done, for the sidecar of the cleaned LFP."""
    clock, stage = clean.clock, row["input"]["lfp_stage"]
    assumed = "assumed: evenly spaced along the third axis"
    if clock.n_acquisitions == 1:
        assumed = "none: one acquisition a volume"
    return {
        **clean.info,
        "RawSamplingFrequency": lfp.fs_hz,
        "ClockFrom": clock.method,
        "SliceTiming": "from the sidecar" if bold.slice_times_s is not None else assumed,
        "ClockPpm": clock.ppm,
        "NumberOfVolumesInBold": bold.n_volumes,
        "DummyVolumes": bold.dummy_volumes,
        "SliceAcquisitionsPerVolume": clock.n_acquisitions,
        "Template": settings["template"] if stage == "raw" else "none",
        "TemplateKnotsPerSample": clean.knots,
        "TemplateImages": clean.images,
        **{_camel_case(name): value for name, value in clock.measurements.items()},
    }


def _camel_case(name: str) -> str:
    """`trigger_jitter_us` as sidecars spell it, `TriggerJitterUs`."""
    return "".join(word.capitalize() for word in name.split("_"))
