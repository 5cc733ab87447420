"""Removal of the gradient artefact from all channels of a recording: the one way in.

A template that is one mean of all volumes is subtracted block by block (`passes`), any other from each channel at once
(`regression`).
"""

from __future__ import annotations

import numbers
import warnings
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..errors import InputError, require_choices
from .aliasing import BetweenSamples, between_samples_of
from .channel import clean_channel, in_blocks, no_artefact_message
from .passes import ArrayRecording, Recording, channel_groups, first_pass, second_pass
from .plan import acquisition_ends, plan_blocks
from .samples import SampleWatch

SAME_TIME_S = 5e-7  # slices whose onsets differ by less are acquired at once


@dataclass(frozen=True)
class RemovalOptions:
    """How the artefact's template is made and fitted; defaults are those of the config's section `artefact`.

    Attributes
    ----------
    template : {"per_slice", "pooled", "none"}
        One template for each slice position, one for all, or none: nothing is removed.
    average : {"all", "sliding", "leave_one_out"}
        Volumes whose mean is a volume's template: all, the nearest `window_volumes`, all but its own.
    window_volumes : int
        Of a sliding mean.
    between_samples : {"auto", "band_limited"} or int
        How the template is known between samples: as the recording asks for, band-limited, or as a spline with so many
        knots per sample, for an artefact that reaches beyond half the sampling rate. For such a one `auto` tells the
        images of its spectrum apart (`folded`), or takes a spline where the template is not one mean of all volumes.
    components : int
        Principal components of the residue that are removed too (optimal basis set).
    components_above_hz : float
        Frequency above which they are made and removed, Hz.
    align : bool
        Shift the template to each acquisition in fractions of a sample.
    fit : {"samples", "differences"}
        What the template is fitted to.
    """

    template: Literal["per_slice", "pooled", "none"] = "per_slice"
    average: Literal["all", "sliding", "leave_one_out"] = "all"
    window_volumes: int = 25
    between_samples: str | int = "auto"
    components: int = 0
    components_above_hz: float = 100.0
    align: bool = True
    fit: Literal["samples", "differences"] = "samples"

    def __post_init__(self):
        require_choices(self)
        for name, least in (("window_volumes", 1), ("components", 0)):
            number = getattr(self, name)
            if number != int(number) or number < least:
                raise InputError(f"{name} is {number}; give a whole number of {least} or more")
        if isinstance(self.between_samples, int) and self.between_samples < 0:
            raise InputError(f"between_samples is {self.between_samples}; give 0 or more knots")
        if not isinstance(self.between_samples, int) and self.between_samples not in ("auto", "band_limited"):
            raise InputError(
                f"between_samples is {self.between_samples!r}; choose auto, band_limited, or a number of knots"
            )


def remove_gradient_artefact(
    samples, fs_hz: float, volume_onsets_s, slice_times_s=None, *, keep_offset: bool = True, workers: int = 1, **options
) -> np.ndarray:
    """Remove the gradient artefact of a scan from a raw recording, by template regression.

    With xₖ the samples of slice acquisition k and T its template, shifted to where the acquisition began between two
    samples, the cleaned samples are xₖ − βₖT − γₖT′, where (βₖ, γₖ) is the least-squares fit with an intercept, which
    stays. T is the mean of the acquisitions of a slice position over volumes, each moved by its fraction of a sample.
    The electrode's drift, a smooth curve through the means of the volumes, is left out of T and of the fit, and stays
    too. After Tu & Zhang, eLife 2022;11:e81555.

    Parameters
    ----------
    samples : array of float, shape (n_samples, n_channels) or (n_samples,)
        At the raw rate, µV.
    fs_hz : float
        Sampling rate, Hz.
    volume_onsets_s : array of float, shape (n_volumes,)
        Onset of each volume, s from the first sample, not rounded to samples; `Clock.volume_onsets()` of a located
        scan.
    slice_times_s : array of float, shape (n_slices,), optional
        Onset of each slice within its volume, s; slices acquired at once (multiband) count once. One acquisition a
        volume by default. Where the clocks differ by many ppm these are times on the recording's clock:
        `Clock.slice_offsets()`.
    keep_offset : bool
        Give the channel's mean back to the scan, so that it goes on as the samples around it do. Without it the whole
        channel is returned less its mean, in float32, as the pipeline goes on with it.
    workers : int
        Threads; the result does not depend on their number.
    **options
        Those of the next section.

    Other Parameters
    ----------------
    template, average, window_volumes, between_samples, components, components_above_hz, align, fit
        See `lfpbold.artefact.gradient.RemovalOptions`.

    Returns
    -------
    cleaned : ndarray, shape as that of `samples`
        In µV, of the same type where that is a floating-point one, else float32. Samples outside the scan are
        unchanged, and so are acquisitions in which no artefact stands out (with a warning). Samples that are held or at
        the converter's limits are warned of; they spoil what is beside them (`clean_lfp` keeps them apart).

    Raises
    ------
    InputError
        For samples that are no finite numbers, onsets that do not ascend, fewer than two volumes, slice times outside
        the volume, or a recording that does not cover the scan.
    TypeError
        For an option that does not exist, or arguments that are no numbers.

    Examples
    --------
    >>> import numpy as np
    >>> fs_hz, onsets_s = 1000.0, 0.2 + 0.1003 * np.arange(50)
    >>> artefact = 500 * np.sin(2 * np.pi * 7 * (np.arange(6000) / fs_hz - 0.2) / 0.1003)
    >>> cleaned = remove_gradient_artefact(artefact, fs_hz, onsets_s)
    >>> bool(np.abs(cleaned[300:5000]).max() < 0.5), bool(np.all(cleaned[:200] == artefact[:200]))
    (True, True)
    """
    removal = RemovalOptions(**options)
    given = _real_numbers("samples", samples)
    if given.ndim not in (1, 2) or not given.size:
        raise InputError(f"samples has shape {given.shape}; give (n_samples, n_channels) or (n_samples,)")
    recording = ArrayRecording(given.reshape(len(given), -1), _rate(fs_hz))
    onsets = _acquisition_onsets(volume_onsets_s, slice_times_s, recording)
    cleaned = np.array(given, dtype=given.dtype if given.dtype.kind == "f" and keep_offset else np.float32)
    columns = cleaned.reshape(len(given), -1)
    offsets: dict[int, float] = {}
    scan = max(int(np.floor(onsets[0, 0])), 0), int(acquisition_ends(recording.n_samples, onsets)[-1, -1])
    begin, end = scan if keep_offset else (0, recording.n_samples)

    watches = [SampleWatch(recording.fs_hz) for _ in recording.channels]

    def emit(position, first, before, after):
        watches[position].add(before[max(scan[0] - first, 0) : max(scan[1] - first, 0)])
        low, high = max(first, begin), min(first + len(before), end)
        if low < high:
            part = after[removal.fit][low - first : high - first]
            columns[low:high, position] = part + columns.dtype.type(offsets[position]) if keep_offset else part

    with ThreadPoolExecutor(workers) as pool:
        notes, _ = remove_from_recording(recording, onsets, removal, (removal.fit,), emit, pool, _require_finite,
                                         offsets.__setitem__)  # fmt: skip
    for channel, texts, watch in zip(recording.channels, notes, watches, strict=True):
        for text in [*texts, *watch.found().told(recording.fs_hz)]:
            warnings.warn(f"channel {channel}: {text}", stacklevel=2)
    return cleaned


def remove_from_recording(
    recording: Recording, onsets, options: RemovalOptions, fits: tuple[str, ...], emit: Callable, pool: Executor,
    check: Callable, note_offset: Callable = lambda position, offset: None,
) -> tuple[list[list[str]], BetweenSamples]:  # fmt: skip
    """Remove the artefact from every channel of a recording, which is read in blocks and never held at once.

    Parameters
    ----------
    recording : Recording
    onsets : ndarray, shape (n_volumes, n_acquisitions)
        Of the slice acquisitions, in samples.
    options : RemovalOptions
    fits : tuple of {"samples", "differences"}
        Ways to fit, each with a result of its own.
    emit : callable
        As for `passes.second_pass`; samples are less the channel's mean.
    pool : Executor
    check : callable
        As for `passes.first_pass`.
    note_offset : callable
        `note_offset(position, offset)` is called with the mean of each channel before its samples are emitted.

    Returns
    -------
    notes : list of list of str
        Warnings, for each channel.
    between : BetweenSamples
        How the templates are known between samples.
    """
    size, notes = recording.n_samples, []
    start = recording.channel(0)[: min(size, round(recording.fs_hz))].mean(dtype=float)
    between = between_samples_of(recording.channel(0, float(start)), onsets, options.template,
                                 options.between_samples, options.average, options.window_volumes)  # fmt: skip
    blockwise = options.template != "none" and in_blocks(options.average, between.knots, options.components)
    for positions in channel_groups(len(recording.channels)):
        plan = plan_blocks(size, onsets, options.template, between.images) if blockwise else None
        cleaners = first_pass(recording, positions, plan, pool, check)
        offsets = [cleaner.offset for cleaner in cleaners]
        for position, offset in zip(positions, offsets, strict=True):
            note_offset(position, offset)
        if plan is not None:
            n_empty = second_pass(recording, positions, plan, pool, cleaners, fits, options.align, emit)
            notes += [[no_artefact_message(n, len(plan.groups))] if n else [] for n in n_empty]
            continue
        del cleaners
        for position, offset in zip(positions, offsets, strict=True):
            before = recording.channel(position, float(offset))[:]
            after, texts = _clean_whole(before, onsets, recording.fs_hz, options, fits, between)
            emit(position, 0, before, after)
            notes.append(texts)
    return notes, between


def _clean_whole(
    samples, onsets, fs_hz: float, options: RemovalOptions, fits, between: BetweenSamples
) -> tuple[dict, list[str]]:
    """A channel that is held whole after removal, by fit, and warnings."""
    if options.template == "none":
        return dict.fromkeys(fits, samples), []
    cleaned, n_empty, n_templates = clean_channel(
        samples,
        onsets,
        fits,
        template=options.template,
        align=options.align,
        average=options.average,
        window=options.window_volumes,
        knots=between.knots,
        images=between.images,
        components=options.components,
        components_above=options.components_above_hz / fs_hz,
    )
    return cleaned, [no_artefact_message(n_empty, n_templates)] if n_empty else []


def _real_numbers(name: str, values) -> np.ndarray:
    if np.ma.is_masked(values):
        raise InputError(f"{name} is a masked array that hides values; give all of them")
    array = np.asarray(values)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be an array of real numbers, not of {array.dtype}")
    return array


def _rate(fs_hz) -> float:
    if not isinstance(fs_hz, numbers.Real):
        raise TypeError(f"fs_hz must be a number, not {type(fs_hz).__name__}")
    if not 0 < float(fs_hz) < np.inf:
        raise InputError(f"fs_hz is {fs_hz:g}; give the sampling rate in Hz")
    return float(fs_hz)


def _acquisition_onsets(volume_onsets_s, slice_times_s, recording: Recording) -> np.ndarray:
    """Onsets of all slice acquisitions, in samples, shape (n_volumes, n_acquisitions)."""
    volumes = _real_numbers("volume_onsets_s", volume_onsets_s).astype(float)
    if volumes.ndim != 1 or volumes.size < 2 or not np.isfinite(volumes).all() or (np.diff(volumes) <= 0).any():
        raise InputError(f"volume_onsets_s (shape {volumes.shape}) must be two or more times that ascend, in seconds")
    if volumes[0] < -2 / recording.fs_hz:
        raise InputError(f"the first volume begins {-volumes[0]:.3f} s before the recording; correct volume_onsets_s")
    times = np.zeros(1) if slice_times_s is None else _real_numbers("slice_times_s", slice_times_s).astype(float)
    times = np.unique(times)
    if not times.size or not np.isfinite(times).all() or times[0] < 0 or times[-1] >= np.diff(volumes).max():
        raise InputError(
            f"slice_times_s must lie in 0…{np.diff(volumes).max():g} s, the time between volumes; give seconds"
        )
    times = times[np.append(True, np.diff(times) > SAME_TIME_S)]
    onsets = (volumes[:, None] + (times - times[0])) * recording.fs_hz
    shortest = np.diff(volumes).min() * recording.fs_hz
    if shortest < 2:
        raise InputError(f"a volume lasts {shortest:.2g} samples at {recording.fs_hz:g} Hz; give the rate in Hz")
    return onsets


def _require_finite(position: int, lowest: float, highest: float) -> None:
    if not (np.isfinite(lowest) and np.isfinite(highest)):
        raise InputError(f"channel {position} holds NaN or infinity; give the channels without")
