"""How well the artefact was removed from one recording: warnings, numbers, and what the figures of it show."""

from __future__ import annotations

import numpy as np

from ...artefact import quality
from ...errors import Doubt
from ...spectral import power as spectra
from ...timing.clock import Clock
from .multiunit import within

QC_SECONDS = 0.5  # of trace that is kept for the figure
MOST_REPEATING = 0.4  # of cleaned LFP; of LFP alone it is .11 to .2 (docs/validation.md)
SPECTROGRAM_COLUMNS, CLOSE_UP_S, SPECTROGRAM_TOP_HZ = 240, 20.0, 100.0


class QualityWarnings:
    """Warnings about one channel that does not look like a scan from which the artefact was removed.

    Differences of samples weigh the broadband artefact and hardly the LFP: their standard deviation is compared within
    the scan before and after removal, and in a second before and after the scan.

    Parameters
    ----------
    fs_hz : float
    clock : Clock
        Of a located scan.
    template : str
        `artefact.template` of the settings.
    """

    def __init__(self, fs_hz: float, clock: Clock, template: str):
        self._fs_hz, self._template = fs_hz, template
        end_s = clock.start_s + clock.n_volumes * clock.period_s
        begin, end = (round(time_s * fs_hz) for time_s in (clock.start_s, end_s))
        margin, second = round(0.1 * fs_hz), round(fs_hz)
        self._scan = max(begin, 0), end
        begin -= round(clock.measurements.get("dummy_volumes", 0) * clock.period_s * fs_hz)
        self._spans = {
            "before": (max(begin - margin - second, 0), max(begin - margin, 0)),
            "after": (end + margin, end + margin + second),
        }
        self._raw, self._cleaned = _Steps(), _Steps()
        self._outside: dict = {name: [] for name in self._spans}

    def add(self, first: int, before, after) -> None:
        """Samples before and after removal that follow those before; the first is sample `first` of the recording."""
        self._raw.add(within(before, first, self._scan))
        self._cleaned.add(within(after, first, self._scan))
        for name, samples in (("before", before), ("after", after)):
            self._outside[name].append(np.array(within(samples, first, self._spans[name])))

    def texts(self) -> list[str]:
        """Sentences for the log and the sidecar."""
        texts: list[str] = []
        if self._template == "none":
            return ["artefact.template is none: whatever gradient artefact this recording holds is still in it"]
        raw, left = self._raw.deviation(), self._cleaned.deviation()
        if left > 0.1 * raw:
            text = f"{100 * left / raw:.0f} % of the broadband signal is left; check the clock, the TR and slice times"
            texts.append(Doubt("broadband_left", text))
        for name, parts in self._outside.items():
            samples = np.concatenate(parts)
            if left <= 0.1 * raw and samples.size > self._fs_hz // 2 and np.diff(samples).std() > 0.3 * raw:
                text = f"the artefact is there {name} the scan too; check scan_start_s, the triggers and the TR"
                texts.append(Doubt("artefact_beside_scan", text))
        return texts


class _Steps:
    """Standard deviation of the differences of samples that come in pieces."""

    def __init__(self):
        self._n, self._squares, self._first, self._last = 0, 0.0, None, None

    def add(self, samples) -> None:
        if not len(samples):
            return
        if self._last is None:
            self._first = float(samples[0])
        else:
            self._n, self._squares = self._n + 1, self._squares + (float(samples[0]) - self._last) ** 2
        steps = np.diff(samples)
        self._n, self._squares = self._n + steps.size, self._squares + float(steps @ steps)
        self._last = float(samples[-1])

    def deviation(self) -> float:
        if not self._n:
            return float("nan")
        return float(np.sqrt(max(self._squares / self._n - ((self._last - self._first) / self._n) ** 2, 0)))


def first_sample(clock: Clock, fs_hz: float) -> int:
    """The recording's sample with which the scan begins."""
    return max(0, round(clock.start_s * fs_hz))


def scan_span(fs_hz: float, clock: Clock) -> tuple[int, int]:
    """First sample of the scan, and the one after its last."""
    begin = first_sample(clock, fs_hz)
    return begin, begin + round(clock.n_volumes * clock.period_s * fs_hz)


def numbers(before, after, fs_hz: float, clock: Clock, mains_hz, channel: str) -> dict:
    """Numbers, spectra and a short trace of one channel, before and after, and what repeats with the volumes.

    Parameters
    ----------
    before, after : array of float, shape (n_samples,), or what gives one when it is sliced
        The channel during the scan (`scan_span`), µV.
    fs_hz : float
    clock : Clock
        Of a located scan.
    mains_hz : sequence of float
    channel : str
        Its name.
    """
    n_volumes, m = clock.n_volumes, clock.n_acquisitions
    begin = first_sample(clock, fs_hz)
    middle = round((clock.start_s + n_volumes // 2 * clock.period_s) * fs_hz)
    slice_rate = m / clock.tr_s
    repeating = before, after, fs_hz, clock.period_s * fs_hz, n_volumes, m
    trace = slice(middle - begin, middle - begin + round(QC_SECONDS * fs_hz))
    edges = np.geomspace(1, fs_hz / 2, 200)
    density = {}
    for name, series in (("before", before), ("after", after)):
        frequencies, values = quality.mean_spectrum(series, fs_hz, 2.0)
        density[name] = np.exp(np.interp(np.log(edges), np.log(frequencies[1:]), np.log(values[1:] + 1e-12)))
    return {
        "Channel": channel,
        "SamplingFrequency": fs_hz,
        "Residue": quality.residue(before, after, fs_hz, slice_rate, mains_hz),
        "Lines": quality.line_levels(*repeating, mains_hz),
        "Locked": quality.volume_locked(*repeating),
        "TraceStart": middle / fs_hz,
        "TraceBefore": np.round(before[trace], 2),
        "TraceAfter": np.round(after[trace], 2),
        "Frequencies": edges,
        "DensityBefore": density["before"],
        "DensityAfter": density["after"],
    }


def line_warnings(qc: dict, template: str, notch_slice_rate: bool, mains_hz=()) -> list[str]:
    """Warnings from the lines at k/TR; those of the slice rate where they are not notched anyway.

    Where mains was seen, near 1/TR times a whole number it may have entered the template, and is named beside it.
    """
    if template == "none":
        return []
    lines, locked = qc["Lines"], qc["Locked"]
    at_risk = [text for text in lines["AtRisk"] if "slice rate" not in text or not notch_slice_rate]
    more = [f"and {len(at_risk) - 2} bands more (Lines in the sidecar)"] if len(at_risk) > 2 else []
    mains = [f"mains of {hz:g} Hz was seen as well, and may be a part of it" for hz in mains_hz] if at_risk else []
    texts = [Doubt("bands_at_risk", "; ".join([*at_risk[:2], *more, *mains]))] if at_risk else []
    return texts + ([Doubt("lfp_removed", locked["LikeLfp"])] if locked["LikeLfp"] else [])


def left_in_lfp(name: str, share: float, mains_hz=()) -> list[str]:
    """A doubt about a channel of cleaned LFP of which too large a share repeats from volume to volume.

    Mains that was seen is named: where it is much stronger than the LFP, templates take it up.
    """
    if not share > MOST_REPEATING:
        return []
    mains = "".join(f"; mains of {hz:g} Hz was seen as well, and may be a part of it" for hz in mains_hz)
    text = (
        f"{100 * share:.0f} % of what is left at 20-300 Hz repeats from volume to volume: gradient artefact, as strong"
        " as the LFP; check the TR, the start, the clock, slice times and artefact.jitter, or name the other channels"
        f"{mains}"
    )
    return [Doubt("artefact_left", text).of_channel(name)]


class Spectrograms:
    """Spectrograms of one channel before and after removal: the whole scan, and a close-up from its middle."""

    def __init__(self, clock: Clock):
        duration = clock.n_volumes * clock.period_s
        middle = duration / 2
        close_up = min(CLOSE_UP_S, duration)
        self._times = {
            "Whole": (np.arange(SPECTROGRAM_COLUMNS) + 0.5) * duration / SPECTROGRAM_COLUMNS,
            "CloseUp": np.arange(middle - close_up / 2, middle + close_up / 2, 0.1) + 0.05,
        }
        self._pictures: dict = {}

    def add(self, when: str, samples, fs_hz: float) -> None:
        for what, times in self._times.items():
            if len(samples) < fs_hz:
                return
            frequencies, density = spectra.spectra_at(
                samples, fs_hz, times, window_s=1.0, taper="hamming", top_hz=SPECTROGRAM_TOP_HZ
            )
            picture = self._pictures.setdefault(what, {"Times": np.round(times, 3), "Frequencies": frequencies})
            picture[when] = np.round(10 * np.log10(density + 1e-9), 1)

    def content(self, channel: str) -> dict:
        return {"Channel": channel, "Units": "dB re 1 µV²/Hz", **self._pictures} if self._pictures else {}
