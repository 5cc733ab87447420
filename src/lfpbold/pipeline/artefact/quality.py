"""How well the artefact was taken out of one recording: doubts, numbers, and what the figures of it show."""

from __future__ import annotations

import numpy as np

from ...artefact import quality
from ...spectral import power as spectra
from ...timing.clock import Clock
from .multiunit import within

QC_SECONDS = 0.5  # of trace that is kept for the figure
SPECTROGRAM_COLUMNS, CLOSE_UP_S, SPECTROGRAM_TOP_HZ = 240, 20.0, 100.0


class Doubts:
    """What in one channel does not look like a scan from which the artefact was removed."""

    def __init__(self, fs_hz, clock, n_volumes, settings):
        self._fs_hz, self._settings = fs_hz, settings
        begin, end = (round(t * fs_hz) for t in (clock.start_s, clock.start_s + n_volumes * clock.period_s))
        margin, second = round(0.1 * fs_hz), round(fs_hz)
        self._scan = max(begin, 0), end
        self._spans = {
            "before": (max(begin - margin - second, 0), max(begin - margin, 0)),
            "after": (end + margin, end + margin + second),
        }
        self._inside, self._left = _Steps(), _Steps()
        self._outside: dict = {name: [] for name in self._spans}

    def add(self, first: int, before, after) -> None:
        """Samples before and after removal that follow those before; the first is sample `first` of the recording."""
        self._inside.add(within(before, first, self._scan))
        self._left.add(within(after, first, self._scan))
        for name, samples in (("before", before), ("after", after)):
            self._outside[name].append(np.array(within(samples, first, self._spans[name])))

    def said(self) -> list[str]:
        """Sentences for the log and the sidecar."""
        if self._settings["template"] == "none":
            return ["artefact.template is none: whatever gradient artefact this recording holds is still in it"]
        # Differences of samples weigh the broadband artefact and hardly the LFP.
        inside, left = self._inside.deviation(), self._left.deviation()
        said = []
        if left > 0.1 * inside:
            said.append(
                f"{100 * left / inside:.0f} % of the broadband signal is left; check the clock, the TR and slice times"
            )
        for name, parts in self._outside.items():
            samples = np.concatenate(parts)
            if left <= 0.1 * inside and samples.size > self._fs_hz // 2 and np.diff(samples).std() > 0.3 * inside:
                said.append(f"the artefact is there {name} the scan too; check scan_start_s, the triggers and the TR")
        return said


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


def first_sample(clock, fs_hz) -> int:
    return max(0, round(clock.start_s * fs_hz))


def scan_span(fs_hz, clock, n_volumes) -> tuple[int, int]:
    """First sample of the scan, and the one after its last."""
    begin = first_sample(clock, fs_hz)
    return begin, begin + round(n_volumes * clock.period_s * fs_hz)


def numbers(before, after, fs_hz, timing, mains_hz, channel) -> dict:
    """Numbers, spectra and a short trace of one channel, before and after, and what repeats with the volumes.

    Parameters
    ----------
    before, after : array of float, shape (n_samples,), or what gives one when it is sliced
        The channel during the scan (`scan_span`).
    """
    clock, n_volumes, m = timing.clock, timing.n_volumes, len(timing.slice_times_s)
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
        "Lines": quality.lines(*repeating, mains_hz),
        "Locked": quality.locked(*repeating),
        "TraceStart": middle / fs_hz,
        "TraceBefore": np.round(before[trace], 2),
        "TraceAfter": np.round(after[trace], 2),
        "Frequencies": edges,
        "DensityBefore": density["before"],
        "DensityAfter": density["after"],
    }


def risks(qc: dict, settings: dict) -> list[str]:
    """What the lines at k/TR say a person should know; the slice rate's where they are not notched anyway."""
    if settings["template"] == "none":
        return []
    lines = qc["Lines"]
    said = [text for text in lines["AtRisk"] if "slice rate" not in text or not settings["notch_slice_rate"]]
    more = [f"and {len(said) - 2} bands more (Lines in the sidecar)"] if len(said) > 2 else []
    told = ["; ".join([*said[:2], *more])] if said else []
    return told + ([qc["Locked"]["LikeLfp"]] if qc["Locked"]["LikeLfp"] else [])


def pictures(stream, fs_hz, timing, settings) -> dict:
    """What the figures of one channel show: numbers, and its spectrogram before removal."""
    pictured = Spectrograms(timing.clock, timing.n_volumes)
    pictured.add("Before", stream.before, fs_hz)
    found = numbers(stream.before, stream.after, fs_hz, timing, settings["notch_hz"], stream.name)
    return {"artefact": found, "spectrogram": pictured}


def add_cleaned(qc: dict, cleaned, fs_hz, timing) -> None:
    """The spectrogram after removal, notches and band-pass."""
    qc["spectrogram"].add("After", cleaned, fs_hz)
    qc["spectrogram"] = qc["spectrogram"].content(qc["artefact"]["Channel"])


class Spectrograms:
    """Spectrograms of one channel before and after removal: the whole scan, and a close-up from its middle."""

    def __init__(self, clock: Clock, n_volumes: int):
        duration = n_volumes * clock.period_s
        middle = duration / 2
        close_up = min(CLOSE_UP_S, duration)
        self._times = {
            "Whole": (np.arange(SPECTROGRAM_COLUMNS) + 0.5) * duration / SPECTROGRAM_COLUMNS,
            "CloseUp": np.arange(middle - close_up / 2, middle + close_up / 2, 0.1) + 0.05,
        }
        self._found: dict = {}

    def add(self, when: str, samples, fs_hz: float) -> None:
        for what, times in self._times.items():
            if len(samples) < fs_hz:
                return
            frequencies, density = spectra.spectra_at(
                samples, fs_hz, times, window_s=1.0, taper="hamming", top_hz=SPECTROGRAM_TOP_HZ
            )
            picture = self._found.setdefault(what, {"Times": np.round(times, 3), "Frequencies": frequencies})
            picture[when] = np.round(10 * np.log10(density + 1e-9), 1)

    def content(self, channel: str) -> dict:
        return {"Channel": channel, "Units": "dB re 1 µV²/Hz", **self._found} if self._found else {}
