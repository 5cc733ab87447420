"""Power of multi-unit activity during one scan, and how much of it may be artefact."""

from __future__ import annotations

import numpy as np

from ...spectral import power as spectra
from ...spectral.gaps import FILL_S, interpolated, touched
from ...timing.clock import Clock

OUTSIDE_S = 300.0  # before and after the scan, at most
AT_RAILS = 0.01  # share of frames with samples at the converter's limits, above which multi-unit activity is spoilt


class Multiunit:
    """Power of multi-unit activity, mean over channels, and how much of it may be artefact.

    What is left of the artefact cannot be distinguished from spikes by its spectrum; but outside the scan there is no
    artefact. The excess of power during the scan over that outside is its residue, or spikes that follow the scanner.
    The spiking rate fluctuates over tens of seconds, so that this needs minutes outside the scan; how many seconds
    there were is recorded too.

    Parameters
    ----------
    band_hz : pair of float or None
        Band of multi-unit activity, Hz, as far as the rate allows; None for no activity.
    fs_hz : float
    clock : Clock
        Of a located scan.
    """

    def __init__(self, band_hz, fs_hz: float, clock: Clock):
        self._band_hz = band_hz if band_hz and spectra.MultiunitFrames(fs_hz, band_hz).band_hz else None
        self._fs_hz = fs_hz
        begin = max(0, round(clock.start_s * fs_hz))
        end = begin + round(clock.n_volumes * clock.period_s * fs_hz)
        margin, most = round(0.1 * fs_hz), round(OUTSIDE_S * fs_hz)
        before = max(begin - margin, 0)
        self._scan, self._raw = (begin, end), (begin, min(end, begin + round(10 * fs_hz)))
        self._outside = [(max(before - most, 0), before), (end + margin, end + margin + most)]
        self._powers: list = []

    def channel(self) -> MultiunitChannel | None:
        """To be given one channel, piece by piece; None where there is nothing to be found."""
        return MultiunitChannel(self) if self._band_hz else None

    def add(self, before, after) -> None:
        """One channel, before and after artefact removal."""
        channel = self.channel()
        if channel is not None:
            channel.add(0, before, after)
            self.enter(channel)

    def enter(self, channel: MultiunitChannel, *, lost_s=(), rails_s=(), limit: float = 1.0) -> str:
        """A channel that has been given wholly.

        Parameters
        ----------
        channel : MultiunitChannel
        lost_s, rails_s : array of float, shape (n, 2)
            Stretches that are no LFP, and runs of samples at the converter's limits, s from scan start: frames that
            touch one are interpolated.
        limit : float
            Share of frames that may be; the activity of a channel of more is not used. Where gradients reach the rails
            they do so in all volumes alike, and spoil the template for all: there `AT_RAILS` is the limit.

        Returns
        -------
        text : str
            Why it was not used; empty where it was.
        """
        if channel.reached is None:
            return ""
        times, power = channel.scan.found()
        lost, rails = (touched(times, spectra.MULTIUNIT_WINDOW_S, part) for part in (lost_s, rails_s))
        if (rails & ~lost).mean() > AT_RAILS or lost.mean() > limit:
            share = 100 * (rails | lost).mean()
            return (
                f"its multi-unit activity was not used: {share:.3g} % of the frames hold samples that are no signal or"
                " at the limits of the converter"
            )
        self._times = times
        power = interpolated(power[:, None], rails | lost, FILL_S / spectra.MULTIUNIT_STEP_S)[:, 0]
        self._reached = channel.reached
        outside = [frames.found()[1] for frames, n in channel.outside if n[0] >= self._fs_hz]
        self._outside_s = sum(len(part) for part in outside) * spectra.MULTIUNIT_STEP_S
        raw = channel.raw.found()[1].mean()
        self._powers.append((power, raw, np.concatenate(outside).mean() if outside else np.nan))
        return ""

    def series(self) -> np.ndarray:
        """Time and power, shape (n_frames, 2)."""
        if not self._powers:
            return np.zeros((0, 2))
        return np.column_stack([self._times, np.mean([power for power, _, _ in self._powers], axis=0)])

    def summary(self) -> dict:
        """Band, and root mean squares in µV: of the artefact, after removal, outside the scan, and the excess."""
        if not self._powers:
            return {}
        before, outside = (np.mean([entry[i] for entry in self._powers]) for i in (1, 2))
        after = np.mean([power.mean() for power, _, _ in self._powers])
        return {
            "BandHz": self._reached,
            "BeforeUv": np.sqrt(before),
            "AfterUv": np.sqrt(after),
            "OutsideUv": np.sqrt(outside),
            "OutsideSeconds": self._outside_s,
            "ResidueUv": np.sqrt(max(after - outside, 0)) if np.isfinite(outside) else np.nan,
        }


class MultiunitChannel:
    """Multi-unit power of one channel: in the scan, in its first seconds before removal, and outside the scan."""

    def __init__(self, recording: Multiunit):
        self._recording = recording
        frames = (spectra.MultiunitFrames(recording._fs_hz, recording._band_hz) for _ in range(4))
        self.scan, self.raw, *outside = frames
        self.outside = [(frames, [0]) for frames in outside]  # and how many samples there were
        self.reached = self.scan.band_hz

    def add(self, first: int, before, after) -> None:
        """Samples that follow those before, the first of which is sample `first` of the recording."""
        recording = self._recording
        self.scan.add(within(after, first, recording._scan))
        self.raw.add(within(before, first, recording._raw))
        for (frames, n), span in zip(self.outside, recording._outside, strict=True):
            part = within(before, first, span)
            frames.add(part)
            n[0] += len(part)


def within(samples, first: int, span: tuple[int, int]) -> np.ndarray:
    """Those samples that lie in a span of the recording, where the first one is sample `first` of it."""
    low, high = (min(max(edge - first, 0), len(samples)) for edge in span)
    return samples[low:high]
