"""What of an opened recording is meant: its triggers, and the channels that are LFP or are named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from ..errors import InputError
from .channel_kinds import kind_by_name, kinds_by_table
from .names import listed, name_and_code, nearest, one_meant
from .opened import Lfp
from .options import LfpOptions
from .triggers import named_line_onsets

BAD = "marked bad"  # how the kinds of channels begin that are LFP, but bad


def with_triggers(recording: Lfp, options: LfpOptions, where: str) -> Lfp:
    """With the triggers of the channel that is meant, where the file has no events of that name.

    That channel is no LFP then. A trigger that the user named must be there, with times.

    Raises
    ------
    InputError
    """
    if not options.trigger:
        return recording
    line, code = trigger_channel(options.trigger, [*recording.channels, *recording.kinds], where)
    recording = replace(recording, kinds={name: kind for name, kind in recording.kinds.items() if name != line})
    line = line if line in recording.channels else None
    if line is not None and line not in options.channels:
        if recording.triggers_s is None:
            times = _of_channel(recording, line, code, options, where)
            recording = replace(recording, triggers_s=times)
        if not options.channels:
            recording = restricted(recording, [p for p, name in enumerate(recording.channels) if name != line])
    found = recording.triggers_s
    if options.trigger_named and (found is None or not np.size(found)):
        raise InputError(f"{where}: {_missing(recording, options, line)}")
    return _with_note_of_outside(recording)


def _with_note_of_outside(recording: Lfp) -> Lfp:
    """Triggers outside the samples are of another clock, or the samples were cut short."""
    if recording.triggers_s is None or not np.isfinite(recording.triggers_s).all():
        return recording
    length_s, slack_s = recording.n_samples / recording.fs_hz, 2 / recording.fs_hz
    outside = (recording.triggers_s < -slack_s) | (recording.triggers_s > length_s + slack_s)
    if not outside.any():
        return recording
    note = f"{outside.sum()} of {outside.size} triggers lie outside the recording of {length_s:.3f} s"
    return replace(recording, notes=(*recording.notes, note))


def trigger_channel(wanted: str, channels, where: str) -> tuple[str | None, str | None]:
    """The channel that a trigger's name means, and the code that is chosen of it; none where it is no channel."""
    name = one_meant(wanted, channels, where)
    if name is not None:
        return name, None
    short, code = name_and_code(wanted)
    return (one_meant(short, channels, where), code) if code is not None else (None, None)


def _of_channel(recording: Lfp, line: str, code, options: LfpOptions, where: str) -> np.ndarray:
    samples = recording.read(recording.channels.index(line), 0, recording.n_samples)
    if options.scale:  # a line has no unit: `lfp_scale` is that of the LFP
        plain = samples / np.float64(options.scale)
        samples = plain if np.abs(plain - np.rint(plain)).max() < 1e-3 else samples
    return named_line_onsets(samples, recording.fs_hz, code, f"{where}: channel {line}")


def _missing(recording: Lfp, options: LfpOptions, line: str | None) -> str:
    wanted = options.trigger
    if line is not None and line in options.channels:
        return f"`{wanted}` is named in both `trigger` and `channels`; remove it from one of them"
    known = [*recording.trigger_names, *(name for name in recording.channels if name not in options.channels)]
    has = f"it has {listed(known)}" if known else "it has no events and no other channel"
    empty = recording.triggers_s is not None or line is not None
    what = f"`{wanted}` is there, but without any time of a trigger" if empty else f"holds no trigger `{wanted}`"
    return f"{what}{nearest(wanted, known)}; {has}: set `trigger` to one of them, or give scan_start_s instead"


def with_channels(recording: Lfp, options: LfpOptions, path: Path, where: str) -> Lfp:
    """Restricted to the channels that are named, by name or by index; else to those that are LFP.

    Raises
    ------
    InputError
        Where one that is named is not there, or none is LFP.
    """
    told = kinds_by_table(path, recording.channels, where)
    if options.channels:
        return _without_bad(recording, _positions(recording, list(options.channels), where), told, options, where)
    by_name = {name: told[name] if name in told else kind_by_name(name) for name in recording.channels}
    kinds = {name: told.get(name) or recording.kinds.get(name) or kind for name, kind in by_name.items()}
    others = {name: kind for name, kind in (recording.kinds | kinds).items() if kind}
    if options.bad_channels == "use":
        others = {name: kind for name, kind in others.items() if not kind.startswith(BAD)}
    keep = [p for p, name in enumerate(recording.channels) if name not in others]
    if not keep:
        raise InputError(
            f"{where}: holds no channels of LFP; it has {described(others)}: name those to analyse in `channels`"
        )
    if not others:
        return recording
    note = f"channels that are no LFP were not used: {described(others)}; name them in `channels` to analyse them"
    return replace(restricted(recording, keep), notes=(*recording.notes, note))


def _without_bad(recording: Lfp, positions: list[int], told: dict[str, str], options: LfpOptions, where: str) -> Lfp:
    """The channels at these positions, without those that the dataset marks bad unless `bad_channels` is `use`."""
    names = recording.channels
    kinds = {name: recording.kinds[name] for name in names if recording.kinds.get(name) == BAD} | {
        name: kind for name, kind in told.items() if kind.startswith(BAD)
    }
    bad = [p for p in positions if names[p] in kinds]
    if not bad:
        return restricted(recording, positions)
    which = described({names[p]: kinds[names[p]] for p in bad})
    if options.bad_channels == "use":
        chosen, note = restricted(recording, positions), f"bad channels are used by lfp_bad_channels: {which}"
        return replace(chosen, notes=(*chosen.notes, note))
    if len(bad) == len(positions):
        raise InputError(
            f"{where}: every channel that `channels` names is bad: {which}; name others, exclude the row, or set"
            " lfp_bad_channels to use"
        )
    chosen = restricted(recording, [p for p in positions if p not in bad])
    return replace(chosen, notes=(*chosen.notes, f"bad channels were excluded: {which}"))


def described(kinds: dict[str, str]) -> str:
    """Channels and what they are, for a message."""
    texts = [f"{name} ({kind})" for name, kind in kinds.items()]
    return ", ".join(texts[:12]) + (f" and {len(texts) - 12} more" if len(texts) > 12 else "")


def _positions(recording: Lfp, wanted: list, where: str) -> list[int]:
    names = list(recording.channels)
    positions = []
    for channel in wanted:
        if name := one_meant(channel, names, where):
            positions.append(names.index(name))
        elif channel.isdecimal() and int(channel) < len(names):
            positions.append(int(channel))
        else:
            raise InputError(
                f"{where}: there is no channel `{channel}`{nearest(channel, names)}; it has {', '.join(names[:20])}"
                f" (or indices 0 to {len(names) - 1})"
            )
    if len(set(positions)) < len(positions):
        raise InputError(f"{where}: a channel is named twice in `channels` ({', '.join(wanted)}); remove one")
    return positions


def restricted(recording: Lfp, positions: list[int]) -> Lfp:
    """The same with the channels at these positions alone."""

    def fill(out, chosen, start, stop):
        recording.fill(out, [positions[p] for p in chosen], start, stop)

    return replace(
        recording,
        channels=[recording.channels[p] for p in positions],
        read=lambda position, start, stop: recording.read(positions[position], start, stop),
        fill=fill if recording.fill else None,
    )
