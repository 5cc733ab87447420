"""The one way to a scan's place in a recording: triggers, a stated start, or the gradient artefact itself."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np

from ..errors import Doubt, InputError, require_choices
from .clock import Clock, acquisition_times
from .triggers import match_triggers

FEW_VOLUMES = 100  # that tell whether the artefact is aliased
JITTER_S = 300e-6  # largest jitter of the TR that is looked for, s
JITTER_MATTERS_S, JITTER_MATTERS_SAMPLES = 10e-6, 0.2  # below either, fitting each slice makes up for it
# What a recording may lack of the scan, s. LFP that somebody cut to the scan may miss some samples of it, and frames of
# a spectrogram stop a window short.
MAY_LACK_S = {"raw": 0.0, "lfp": 0.05, "power": 2.0}


class Recording(Protocol):
    """What `locate_scan` needs of LFP; `lfpbold.open_lfp` returns such an object."""

    fs_hz: float
    n_samples: int
    triggers_s: np.ndarray | None  # volume triggers, s from the first sample; None where there are none

    def channel(self, position: int):
        """One channel that is sliced like an array of float32, shape (n_samples,), and read only then."""


class Series(Protocol):
    """What `locate_scan` needs of fMRI; `lfpbold.open_bold` returns such an object."""

    shape: tuple[int, ...]  # (x, y, z)
    n_volumes: int
    tr_s: float
    slice_times_s: np.ndarray | None  # onset of each slice within its volume, s; None where unknown
    slice_axis: int  # of `shape`
    dummy_volumes: int  # dropped from the file's start, not among `n_volumes`, but played by the scanner


@dataclass(frozen=True)
class _Options:
    """Options of `locate_scan`, which describes them."""

    start_s: float | None = None
    lfp_stage: Literal["raw", "lfp", "power"] = "raw"
    bold_stage: Literal["raw", "realigned", "clean"] = "raw"
    extra_triggers: Literal["refuse", "before", "after"] = "refuse"
    clock: Literal["artefact", "triggers", "nominal"] = "artefact"
    short_recording: Literal["refuse", "use"] = "refuse"
    jitter: Literal["none", "volumes"] = "none"
    template: Literal["per_slice", "pooled", "none"] = "per_slice"
    between_samples: str | int = "auto"
    average: Literal["all", "sliding", "leave_one_out"] = "all"
    window_volumes: int = 25

    def __post_init__(self):
        require_choices(self)


def locate_scan(lfp: Recording, bold: Series, *, start_s: float | None = None, **options) -> Clock:
    """Where a scan lies in a recording, and how long its volumes last on the recording's clock.

    The start comes from `start_s`, else from the recording's triggers, else from the gradient artefact (`find_scan`);
    LFP without an artefact, triggers and `start_s` begins with the scan, and may be no more than a TR longer. The
    period comes from the triggers, and is refined from the artefact, which repeats with every volume (`fit_period`,
    `refine_aliased`).

    Parameters
    ----------
    lfp : Recording
        An opened recording; its first channel is looked at where the artefact is to tell.
    bold : Series
        An opened series.
    start_s : float, optional
        Onset of the file's first volume, s from the recording's first sample. Goes before triggers.
    **options
        Those of the next section.

    Other Parameters
    ----------------
    lfp_stage : {"raw", "lfp", "power"}
        What the recording holds: samples with the gradient artefact, samples without it, power.
    bold_stage : {"raw", "realigned", "clean"}
        What the series holds. Where its slice times are not known, raw volumes are taken to be evenly spaced slices
        along the slice axis; others no longer tell their slices, and count as one acquisition.
    extra_triggers : {"refuse", "before", "after"}
        Triggers beyond the number of volumes came before the first volume (dummy scans) or after the last one.
    clock : {"artefact", "triggers", "nominal"}
        Where the period comes from: the artefact, the triggers alone, or the TR as it is.
    short_recording : {"refuse", "use"}
        A recording that ends before the scan: refuse it, or use the volumes that it covers.
    jitter : {"none", "volumes"}
        The TR is constant, or each volume's onset follows its artefact.
    template, between_samples, average, window_volumes
        How the artefact will be removed (`remove_gradient_artefact`): by this alone it shows whether it is aliased.

    Returns
    -------
    clock : Clock
        With `n_volumes`, `slice_times_s`, `method`, `notes` and `measurements`.

    Raises
    ------
    InputError
        With too few triggers or too many, when the recording does not cover the scan, and when neither triggers, nor a
        stated start, nor the artefact tell where the scan is.
    TypeError
        For an option that does not exist.

    Examples
    --------
    A recording that holds no artefact needs its triggers alone:

    >>> from types import SimpleNamespace
    >>> lfp = SimpleNamespace(fs_hz=1000.0, n_samples=20_000, triggers_s=3.0 + 2.0001 * np.arange(8))
    >>> bold = SimpleNamespace(shape=(4, 4, 1), n_volumes=8, tr_s=2.0, slice_times_s=None, slice_axis=2,
    ...                        dummy_volumes=0)
    >>> clock = locate_scan(lfp, bold, lfp_stage="lfp")
    >>> clock.method, round(clock.start_s, 6), round(clock.ppm, 2)
    ('triggers', 3.0, 50.0)
    """
    settings = _Options(start_s=start_s, **options)
    clock = stated_clock(lfp, bold, start_s=start_s, **options)
    has_artefact = settings.lfp_stage == "raw" and settings.template != "none"
    if clock.method == "artefact":
        channel = np.asarray(lfp.channel(0))
        clock = _from_artefact(channel, lfp, bold, clock, settings)
    elif has_artefact:
        from .period import fit_period

        channel = lfp.channel(0)
        if settings.clock != "artefact":
            return _with_checked_start(channel, lfp, bold, clock)
        clock = fit_period(channel, lfp.fs_hz, clock, clock.n_volumes or 0)
        clock = _with_checked_start(channel, lfp, bold, clock)
    else:
        return clock
    return _refined(channel, lfp.fs_hz, clock, settings) if has_artefact and (clock.n_volumes or 0) > 2 else clock


def _with_checked_start(channel, lfp, bold, clock: Clock) -> Clock:
    """The same, after making sure that the artefact begins where the scan is said to."""
    from .extent import check_start

    dummies = f" and {bold.dummy_volumes} dummy volumes" if bold.dummy_volumes else ""
    stated_as = {"scan_start_s": "scan_start_s", "triggers": "the first trigger"}[clock.method] + dummies
    return check_start(channel, lfp.fs_hz, clock, stated_as)


def stated_clock(lfp: Recording, bold: Series, *, start_s: float | None = None, **options) -> Clock:
    """The clock that triggers or a stated start give, without reading any sample.

    Parameters
    ----------
    lfp, bold, start_s, **options
        As for `locate_scan`.

    Returns
    -------
    clock : Clock
        Of method `artefact`, and with a start that is NaN, where the artefact alone can tell; that the recording lasts
        as long as the scan is known even then.

    Raises
    ------
    InputError
        As for `locate_scan`.
    """
    settings = _Options(start_s=start_s, **options)
    clock = Clock(0.0, bold.tr_s, bold.tr_s, slice_times_s=_slice_times(bold, settings.bold_stage))
    if start_s is not None:
        if not np.isfinite(start_s):
            raise InputError(f"start_s is {start_s}; give the onset of the first volume in seconds")
        notes = _contradicted_start(lfp, start_s, bold.tr_s)
        clock = replace(clock, start_s=start_s, method="scan_start_s", notes=notes)
    elif lfp.triggers_s is not None:
        clock = _from_triggers(lfp, bold, clock, settings)
    else:
        method = "artefact" if settings.lfp_stage == "raw" else "start of the recording"
        clock = replace(clock, method=method)
        if method != "artefact":
            _refuse_unknown_start(lfp, bold)
    if settings.clock == "nominal":
        clock = replace(clock, period_s=bold.tr_s)
    if clock.method == "artefact":
        return replace(_covered(lfp, bold, clock, settings), start_s=float("nan"))
    return _covered(lfp, bold, _after_dummies(clock, bold), settings)


def _from_triggers(lfp, bold, clock: Clock, settings: _Options) -> Clock:
    n_volumes, triggers = bold.n_volumes + bold.dummy_volumes, np.asarray(lfp.triggers_s, dtype=float)
    ends_early = triggers.size > 1 and lfp.n_samples / lfp.fs_hz - triggers[-1] < 2 * bold.tr_s
    if settings.short_recording == "use" and ends_early:
        n_volumes = min(n_volumes, int((triggers[-1] - triggers[0]) / bold.tr_s + 0.1) + 1)
    match = match_triggers(triggers, bold.tr_s, n_volumes, settings.extra_triggers, bold.slice_times_s)
    measurements = {
        "triggers_per_volume": match.per_volume,
        "trigger_jitter_us": match.jitter_s * 1e6,
        "triggers_missed": [list(entry) for entry in match.missed],
        "triggers_surplus": [list(entry) for entry in match.surplus],
    }
    start_s, period_s = match.clock.start_s, match.clock.period_s
    return replace(clock, start_s=start_s, period_s=period_s, method="triggers", notes=tuple(match.notes),
                   measurements=measurements)  # fmt: skip


def _from_artefact(channel, lfp, bold, clock: Clock, settings: _Options) -> Clock:
    from .onset import find_scan

    scanned = bold.n_volumes + bold.dummy_volumes
    located, notes = find_scan(channel, lfp.fs_hz, bold.tr_s, scanned, settings.extra_triggers)
    clock = replace(clock, start_s=located.start_s, period_s=located.period_s, notes=(*clock.notes, *notes))
    return _covered(lfp, bold, _after_dummies(clock, bold), settings)


def _after_dummies(clock: Clock, bold) -> Clock:
    """The same, from the first volume that was not dropped from the file's start."""
    dropped = {"dummy_volumes": bold.dummy_volumes} if bold.dummy_volumes else {}
    start_s = clock.start_s + bold.dummy_volumes * clock.period_s
    return replace(clock, start_s=start_s, measurements=clock.measurements | dropped)


def _covered(lfp, bold, clock: Clock, settings: _Options) -> Clock:
    """The same with the number of volumes that the recording covers: all, unless fewer are to be used."""
    n_volumes, length_s = bold.n_volumes, lfp.n_samples / lfp.fs_hz
    notes: tuple[str, ...] = ()
    if settings.short_recording == "use":
        n = int((length_s - clock.start_s) / clock.period_s + 1e-6)
        if 2 <= n < n_volumes:
            notes = (f"the recording ends after {n} of {n_volumes} volumes; only these are used",)
            n_volumes = n
    needed_s = clock.start_s + n_volumes * clock.period_s
    # A trigger of the first sample may be fitted a few microseconds early.
    slack_s = max(MAY_LACK_S[settings.lfp_stage], 2 / lfp.fs_hz)
    if clock.start_s < -slack_s:
        n_late, dropped = math.ceil(-clock.start_s / clock.period_s), bold.dummy_volumes
        raise InputError(
            f"the scan starts {-clock.start_s:.3f} s before the recording. If the LFP began late, the first {n_late}"
            f" volumes have none: drop them by input.dummy_volumes ({dropped + n_late} instead of {dropped}), and let"
            " scan_start_s be the onset of the file's first volume, which is negative; else correct scan_start_s or the"
            " triggers"
        )
    if needed_s > length_s + slack_s:
        raise InputError(
            f"{n_volumes} volumes of {bold.tr_s:g} s from {clock.start_s:.3f} s need {needed_s:.3f} s of LFP, but there"
            f" are {length_s:.3f} s; correct scan_start_s or the TR, or shorten the BOLD"
        )
    return replace(clock, n_volumes=n_volumes, notes=clock.notes + notes)


def _contradicted_start(lfp, start_s: float, tr_s: float) -> tuple[str, ...]:
    """A note where a stated start is none of the recording's own triggers."""
    if lfp.triggers_s is None or not np.size(lfp.triggers_s):
        return ()
    away_s = np.abs(np.asarray(lfp.triggers_s) - start_s).min()
    if away_s <= 0.01 * tr_s:
        return ()
    return (f"scan_start_s is {away_s:.3f} s from the nearest trigger; it is used, the triggers are not",)


def _refuse_unknown_start(lfp, bold) -> None:
    """Without triggers, a stated start or an artefact, only LFP that is as long as its scan tells where that begins."""
    length_s, scan_s = lfp.n_samples / lfp.fs_hz, (bold.n_volumes + bold.dummy_volumes) * bold.tr_s
    if length_s <= scan_s + bold.tr_s + 2 / lfp.fs_hz:
        return
    names = [str(name) for name in getattr(lfp, "trigger_names", ())]
    held = f"set `trigger` to one of {', '.join(names[:12])}" if names else "name the volume triggers by `trigger`"
    is_period = abs(lfp.n_samples * lfp.fs_hz - scan_s) <= max(bold.tr_s, 0.02 * scan_s)
    period = f"; if {lfp.fs_hz:g} is the time between samples, the rate is {1 / lfp.fs_hz:g} Hz" if is_period else ""
    raise InputError(
        f"the LFP lasts {length_s:.3f} s and its scan {scan_s:.3f} s, and nothing tells where in it the scan starts:"
        f" {held}, or give scan_start_s{period}"
    )


def _slice_times(bold, stage: str) -> np.ndarray:
    if bold.slice_times_s is not None:
        return acquisition_times(bold.slice_times_s, bold.tr_s)
    n_slices = bold.shape[bold.slice_axis] if stage == "raw" else 1
    return np.arange(n_slices) * bold.tr_s / n_slices


def _refined(channel, fs_hz: float, clock: Clock, settings: _Options) -> Clock:
    """The clock of an aliased artefact more finely, and the jitter of its volumes."""
    from ..artefact.aliasing import knots_between
    from .onset import refine_aliased

    onsets = clock.slice_onsets()[:FEW_VOLUMES] * fs_hz
    knots = knots_between(channel, onsets, settings.template, settings.between_samples, settings.average,
                          settings.window_volumes)  # fmt: skip
    if knots:
        clock = refine_aliased(channel, fs_hz, clock, clock.n_volumes or 0, knots)
    return _with_jitter(channel, fs_hz, clock, settings.jitter == "volumes", knots)


def _with_jitter(channel, fs_hz: float, clock: Clock, follow: bool, knots: int) -> Clock:
    """Onsets that follow a TR that is not constant, or a note that it is not."""
    from .onset import follow_volumes, volume_jitter

    regular = clock.volume_onsets() * fs_hz
    largest = int(JITTER_S * fs_hz) + 2  # samples
    regular = regular[: np.searchsorted(regular + clock.period_s * fs_hz, len(channel), side="right")]
    if len(regular) < 3:
        return clock
    if follow:
        onsets, error = follow_volumes(channel, regular, largest, knots)
        number = np.arange(len(onsets))
        period, start = np.polyfit(number, onsets, 1)
        shifts_s = np.zeros(clock.n_volumes or 0)
        shifts_s[: len(onsets)] = (onsets - start - period * number) / fs_hz
        jitter = {"tr_jitter_us": float(shifts_s.std() * 1e6), "tr_jitter_error_us": error / fs_hz * 1e6}
        return replace(clock, start_s=float(start) / fs_hz, period_s=float(period) / fs_hz, volume_shifts_s=shifts_s,
                       measurements=clock.measurements | jitter)  # fmt: skip
    jitter_s, notes = volume_jitter(channel, regular, largest, knots) / fs_hz, clock.notes
    if jitter_s > max(JITTER_MATTERS_S, JITTER_MATTERS_SAMPLES / fs_hz):
        text = (
            f"the TR jitters by {jitter_s * 1e6:.0f} µs (standard deviation), which a fixed period does not follow; set"
            " artefact.jitter to volumes"
        )
        notes += (Doubt("jitter", text),)
    return replace(clock, notes=notes, measurements=clock.measurements | {"tr_jitter_us": jitter_s * 1e6})
