"""Samples of a recording that are no LFP: where they are, what is said of them, and which channels can be used."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ...artefact import amplitude
from ...artefact.samples import KINDS, SampleFaults, SampleWatch, union
from ...errors import InputError
from ...timing.clock import Clock
from .multiunit import within
from .quality import first_sample

MARGIN_S, EDGE_S = 0.01, 0.05  # that a filter reaches beyond a stretch, and of LFP whose mean a line begins with
NAMED = 6  # stretches that a sentence names


@dataclass(frozen=True)
class ChannelFaults:
    """Samples of one channel that are no LFP, in seconds from scan start.

    Attributes
    ----------
    stretches_s : dict of str to ndarray, shape (n, 2)
        By the names of `artefact.samples.KINDS`.
    lost_s : ndarray, shape (n, 2)
        All of them, with what they spoil beside: acquisitions whose artefact is not whole.
    rails_s : ndarray, shape (n, 2)
        Runs of samples at the converter's limits, however short.
    rail_share : float
        Share of samples at the rails.
    """

    stretches_s: dict
    lost_s: np.ndarray
    rails_s: np.ndarray
    rail_share: float = 0.0

    def later(self, by_s: float) -> ChannelFaults:
        """The same, later by some seconds."""
        stretches_s = {kind: part + by_s for kind, part in self.stretches_s.items()}
        return replace(self, stretches_s=stretches_s, lost_s=self.lost_s + by_s, rails_s=self.rails_s + by_s)

    @classmethod
    def together(cls, parts: list[ChannelFaults]) -> ChannelFaults:
        """What was found in some pieces of a channel."""
        kinds = {kind: [part.stretches_s[kind] for part in parts if kind in part.stretches_s] for kind in KINDS}
        found = {kind: union(*stretches) for kind, stretches in kinds.items() if stretches}
        lost, rails = (union(*(getattr(part, name) for part in parts)) for name in ("lost_s", "rails_s"))
        return cls(found, lost, rails, float(np.mean([part.rail_share for part in parts])))

    def with_disturbances(self, samples, fs_hz: float) -> ChannelFaults:
        """With what stands out in the cleaned LFP; the same object where nothing does."""
        found = {
            "movement": np.array(amplitude.movements(samples, fs_hz)).reshape(-1, 2) / fs_hz,
            "lost_contact": np.array(amplitude.lost_contact(samples, fs_hz)).reshape(-1, 2) / fs_hz,
        }
        found = {kind: stretches for kind, stretches in found.items() if len(stretches)}
        if not found:
            return self
        return replace(self, stretches_s=self.stretches_s | found, lost_s=union(self.lost_s, *found.values()))


class ChannelWatch:
    """Looks at the samples of one channel in the scan, as they were recorded, and at the artefact that was taken out.

    Parameters
    ----------
    fs_hz : float
    span : (int, int)
        First sample of the scan, and the one after its last.
    stage : {"raw", "lfp", "power"}
    onsets_s : array of float, shape (n_volumes, n_acquisitions), optional
        Of the acquisitions whose artefact is being removed, s.
    """

    def __init__(self, fs_hz: float, span: tuple[int, int], stage: str, onsets_s=None):
        self._fs_hz, self._span, self._stage = fs_hz, span, stage
        self._watch, self.offset = SampleWatch(fs_hz), 0.0  # which was subtracted from what is watched
        watched = onsets_s is not None and stage == "raw"
        self._volumes = _Volumes(np.asarray(onsets_s) * fs_hz, span) if watched else None

    def add(self, first: int, before, after) -> None:
        """Samples before and after removal that follow those before; the first is sample `first` of the recording."""
        self._watch.add(within(before, first, self._span))
        if self._volumes is not None and before is not after and len(before) > 1:
            self._volumes.add(first, before, after)

    def found(self) -> ChannelFaults:
        """What is no LFP."""
        faults = self._watch.found(zero=float(-np.float32(self.offset)))
        samples, at_rails = faults.stretches, faults.at_rails
        if self._stage == "power":
            samples = {kind: part for kind, part in samples.items() if kind in ("zeros", "held")}
            faults, at_rails = SampleFaults(samples, at_rails[:0], 0.0), at_rails[:0]
        lost = union(*samples.values()) if samples else np.zeros((0, 2))
        if self._volumes is not None:
            lost = self._volumes.whole_acquisitions(lost)
            of_volumes = self._volumes.of_other_size(lost)
            if len(of_volumes):
                samples, lost = samples | {"gain": of_volumes}, union(lost, of_volumes)
        in_seconds = {kind: part / self._fs_hz for kind, part in samples.items()}
        return ChannelFaults(in_seconds, lost / self._fs_hz, at_rails / self._fs_hz, faults.rail_share)


class _Volumes:
    """Where the acquisitions of a scan lie, and how large the artefact was that was taken out of each volume."""

    def __init__(self, onsets, span: tuple[int, int]):
        self._begin = span[0]
        self._acquisitions = np.append(onsets.ravel(), span[1]) - span[0]
        self._edges = np.append(np.floor(onsets[:, 0]).astype(int), span[1])
        self._energies = np.zeros(len(onsets))

    def add(self, first: int, before, after) -> None:
        total = np.concatenate([[0.0], np.cumsum(np.square(np.diff(before - after), dtype=float))])
        at = np.clip(self._edges - first, 0, len(total) - 1)
        self._energies += total[at[1:]] - total[at[:-1]]

    def whole_acquisitions(self, lost) -> np.ndarray:
        """Stretches up to the borders of the acquisitions that they touch: the rest of these keeps its artefact."""
        begins, edges = self._acquisitions[:-1], self._acquisitions
        out = []
        for begin, end in lost.tolist():
            first = max(np.searchsorted(begins, begin, "right") - 1, 0)
            last = min(np.searchsorted(begins, end, "left"), len(edges) - 1)
            out.append((min(np.floor(edges[first]), begin), max(np.ceil(edges[last]), end)))
        return union(np.array(out).reshape(-1, 2)) if out else np.zeros((0, 2))

    def of_other_size(self, lost) -> np.ndarray:
        """Volumes whose artefact differs in size; those that were lost already do not count."""
        energies, edges = self._energies.copy(), self._edges - self._begin
        for begin, end in lost.tolist():
            energies[max(np.searchsorted(edges, begin, "right") - 1, 0) : np.searchsorted(edges, end, "left")] = np.nan
        which = amplitude.gain_faults(energies)
        return union(np.column_stack([edges[:-1], edges[1:]])[which]) if which.any() else np.zeros((0, 2))


def fill_stretches(samples, fs_hz: float, stretches_s) -> None:
    """Draw a line across stretches of cleaned LFP, in place, so that filters do not carry them further."""
    n, edge = len(samples), max(1, round(EDGE_S * fs_hz))
    for begin_s, end_s in np.asarray(stretches_s).reshape(-1, 2):
        begin, end = (int(np.clip(round(s * fs_hz), 0, n)) for s in (begin_s - MARGIN_S, end_s + MARGIN_S))
        sides = [
            np.asarray(part, dtype=float) for part in (samples[max(begin - edge, 0) : begin], samples[end : end + edge])
        ]
        means = [part.mean() for part in sides if len(part)] or [0.0]
        samples[begin:end] = np.linspace(means[0], means[-1], max(end - begin, 0))


def stretches_in_samples(own: ChannelFaults, fs_hz: float, clock: Clock) -> np.ndarray:
    """All that is lost of a channel, in samples of the recording, shape (n, 2)."""
    return first_sample(clock, fs_hz) + np.round(own.lost_s * fs_hz).astype(int).reshape(-1, 2)


def usable_channels(names, faults: list[ChannelFaults], clock: Clock, length_s: float, limit: float) -> list[int]:
    """Positions of the channels that are left, so that no more than a share of the scan is lost in any of them.

    Frames of power are those of all channels, and one that is lost in any is lost. The channel that loses most is left
    out first.

    Raises
    ------
    InputError
        Where none is left.
    """
    kept = list(range(len(names)))
    while kept and _share([faults[position] for position in kept], length_s) > limit * (1 + 1e-9):
        kept.remove(max(kept, key=lambda position: (_share([faults[position]], length_s), position)))
    if not kept:
        worst = min(range(len(names)), key=lambda position: _share([faults[position]], length_s))
        raise InputError(
            f"channel {names[worst]}: {_sentence(faults[worst], length_s, clock.start_s)}, and"
            f" artefact.max_unusable_fraction is {100 * limit:g} %; no channel is left; repair or exclude it"
        )
    return kept


def described(names, faults: list[ChannelFaults], kept, start_s: float, length_s: float) -> list[str]:
    """A sentence about each channel of which something is no LFP; times are those of the recording."""
    texts = []
    for position, (name, own) in enumerate(zip(names, faults, strict=True)):
        if len(own.lost_s):
            what = "they do not count" if position in kept else "the channel is excluded"
            texts.append(f"channel {name}: {_sentence(own, length_s, start_s)}; {what}")
        if own.rail_share:
            texts.append(
                f"channel {name}: {100 * own.rail_share:.2g} % of the samples are at the limits of the converter, which"
                " spoils multi-unit activity first; lower the gain"
            )
    return texts


def _share(faults, length_s: float) -> float:
    lost = union(*(own.lost_s for own in faults))
    return float((lost[:, 1] - lost[:, 0]).sum() / length_s)


def _sentence(own: ChannelFaults, length_s: float, start_s: float) -> str:
    kinds = [f"{KINDS[kind]}: {times(start_s + part)}" for kind, part in own.stretches_s.items()]
    lost_s = _share([own], length_s) * length_s
    return f"{lost_s:.3g} s of {length_s:.4g} s ({100 * lost_s / length_s:.3g} %) are no LFP ({'; '.join(kinds)})"


def times(stretches_s) -> str:
    """Stretches as `40.1–55.1 s, 70–71 s and 3 more`."""
    texts = [f"{begin:.2f}–{end:.2f} s" for begin, end in stretches_s[:NAMED]]
    return ", ".join(texts) + (f" and {len(stretches_s) - NAMED} more" if len(stretches_s) > NAMED else "")
