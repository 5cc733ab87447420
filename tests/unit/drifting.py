"""A scan recorded with an electrode that is coupled to direct current and drifts; nothing is shared with the analysis.

The artefact is made at a rate far above the recording's, sent through the amplifier's filter, which may end above half
of the recording's rate, and looked up at the times of the samples.
"""

from __future__ import annotations

import numpy as np
from scipy import interpolate, signal

BANDS = ((1, 4), (4, 8), (8, 13), (13, 30), (30, 60), (60, 100), (100, 300))
LEAD_S, TAIL_S = 2.9505, 0.5


def drift_of(kind: str, n: int, fs_hz: float, rng) -> np.ndarray:
    """Drift without a unit: a random walk below 0.2 Hz, a line, settling, a sine of 10 s, or a jump."""
    t = np.arange(n) / fs_hz
    if kind == "walk":
        few = np.cumsum(rng.standard_normal(int(n / fs_hz * 20) + 2))
        slow = signal.sosfiltfilt(signal.butter(2, 0.2, fs=20.0, output="sos"), few)
        return interpolate.CubicSpline(np.arange(few.size) / 20.0, slow)(t)
    shapes = {"line": t, "settling": np.exp(-t / 15), "sine": np.sin(0.2 * np.pi * t), "jump": t > 0.43 * t[-1]}
    return shapes[kind].astype(float)


def recorded(
    fs_hz=1000.0, *, n_volumes=40, n_slices=20, tr_s=1.50037, cutoff=0.3, drift_uv=0.0, kind="walk", lfp_uv=10.0, seed=1
) -> dict:
    """Samples (µV), what they are without the artefact, onsets (s); the filter's −3 dB at `cutoff` of the rate."""
    rng = np.random.default_rng(seed)
    n = int((LEAD_S + tr_s * n_volumes + TAIL_S) * fs_hz)
    fine = int(np.ceil(max(4, 16000 / fs_hz, 2.2 * cutoff)))
    length = tr_s / n_slices * fs_hz
    place = np.arange(int(np.ceil(length * fine)) + 2) / fine / fs_hz
    readout = signal.sawtooth(2 * np.pi * place / 6.1e-4, 0.5) * ((place > 0.004) & (place < 0.03))
    pulses = 900 * np.exp(-(((place - 0.002) / 4e-4) ** 2)) - 700 * np.exp(-(((place - 0.034) / 5e-4) ** 2))
    burst = (np.gradient(readout) * fine * fs_hz / 4 + pulses) * signal.windows.tukey(place.size, 0.1)
    burst = signal.sosfiltfilt(signal.butter(4, cutoff * fs_hz, fs=fs_hz * fine, output="sos"), burst)
    wave = interpolate.CubicSpline(np.arange(burst.size) / fine, burst)
    onsets = (LEAD_S + tr_s * np.arange(n_volumes)) * fs_hz
    artefact = np.zeros(n)
    for k, begin in enumerate(np.add.outer(onsets, length * np.arange(n_slices)).ravel()):
        inside = np.arange(int(np.ceil(begin)), int(np.ceil(begin + length)))
        artefact[inside] = wave(inside - begin) * (1 + 0.1 * np.sin(k % n_slices))
    hertz = np.fft.rfftfreq(n, 1 / fs_hz)
    lfp = np.fft.irfft(np.fft.rfft(rng.standard_normal(n)) / np.maximum(hertz, 1), n)
    lfp *= lfp_uv / lfp.std()
    drift = drift_of(kind, n, fs_hz, rng)
    edges = [slice(int(a), int(a + tr_s * fs_hz)) for a in onsets]
    drift = drift_uv * (drift - drift.mean()) / np.std([drift[e].mean() for e in edges])
    return {
        "fs_hz": fs_hz,
        "raw": artefact + lfp + drift,
        "clean": lfp + drift,
        "lfp": lfp,
        "onsets_s": onsets / fs_hz,
        "slices_s": length / fs_hz * np.arange(n_slices),
        "tr_s": tr_s,
    }


def errors_db(cleaned, scan, bands=BANDS) -> np.ndarray:
    """Power of what is wrong within the scan, relative to the LFP's, for each band."""
    fs_hz, onsets_s = scan["fs_hz"], scan["onsets_s"]
    inside = slice(int((onsets_s[0] + 0.2) * fs_hz), int((onsets_s[-1] + scan["tr_s"] - 0.2) * fs_hz))
    high_pass = signal.butter(2, 1.0, "high", fs=fs_hz, output="sos")
    powers = []
    for x in (cleaned - scan["clean"], scan["lfp"]):
        hertz, power = signal.welch(signal.sosfiltfilt(high_pass, x)[inside], fs_hz, nperseg=int(2.048 * fs_hz))
        powers.append([power[(hertz >= low) & (hertz < high)].mean() for low, high in bands])
    return 10 * np.log10(np.divide(*powers))
