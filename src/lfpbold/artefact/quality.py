"""What of a recording repeats with the volumes: artefact that is left, LFP that was taken with it.

Whatever repeats with every volume lies at multiples of 1/TR, on lines. Power on the lines above that between them is
artefact that is left; power below it is a hole, in which LFP is missing. Low frequencies may look well while the
multiples of the slice rate do not, so that bands and both kinds of lines are kept apart.
"""

from __future__ import annotations

import numpy as np
from scipy import fft, signal


def residue(before, after, fs_hz: float, slice_rate_hz: float, mains_hz=()) -> dict:
    """How much of the artefact is left in one channel, as numbers that a person can compare.

    Returns
    -------
    numbers : dict
        `rms_before_uv`, `rms_after_uv`: root mean square of the scan; `broadband_before_uv`, `broadband_after_uv`: the
        same in 300–3000 Hz (as far as the rate allows), where there is little LFP; `slice_harmonics_db`: power at the
        multiples of the slice rate against their neighbours, mean over multiples up to 300 Hz that are not near a
        multiple of the mains, in dB, after removal and before notches.
    """
    top = min(3000.0, 0.45 * fs_hz)
    numbers = {"rms_before_uv": _rms(before), "rms_after_uv": _rms(after)}
    if top > 400:
        sections = signal.butter(4, (300, top), "bandpass", fs=fs_hz, output="sos")
        numbers["broadband_before_uv"] = _rms(before, sections, round(fs_hz / 10))
        numbers["broadband_after_uv"] = _rms(after, sections, round(fs_hz / 10))
    frequencies, density = mean_spectrum(after, fs_hz, 4.0)
    step = frequencies[1]
    peaks = []
    for harmonic in np.arange(slice_rate_hz, min(300.0, 0.45 * fs_hz), slice_rate_hz):
        if any(abs(harmonic - mains * round(harmonic / mains)) < 2 for mains in mains_hz):
            continue
        near = np.abs(frequencies - harmonic)
        peaks.append(density[near <= 1.5 * step].mean() / density[(near > 3 * step) & (near < 12 * step)].mean())
    if peaks:
        numbers["slice_harmonics_db"] = float(10 * np.log10(np.mean(peaks)))
    return numbers


def _rms(x, sections=None, settled: int = 0) -> float:
    """Root mean square about the mean, of what a zero-phase filter leaves where there is one, piece by piece."""
    n, total, squares = len(x), 0.0, 0.0
    for begin in range(0, n, PIECE):
        low, high = max(begin - settled, 0), min(begin + PIECE + settled, n)
        part = np.asarray(x[low:high], dtype=float)
        if sections is not None:
            part = signal.sosfiltfilt(sections, part)
        part = part[begin - low :][:PIECE]
        total, squares = total + float(part.sum()), squares + float(part @ part)
    return float(np.sqrt(max(squares / n - (total / n) ** 2, 0)))


def mean_spectrum(x, fs_hz: float, window_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Welch's mean of spectra of half-overlapping segments (Hann, less their mean), by `scipy.signal.welch`'s scale.

    Parameters
    ----------
    x : array of float, shape (n_samples,), or what gives one when it is sliced
    window_s : float
        Length of a segment, s; shortened by less than a hundredth to a length whose Fourier transform is fast.

    Returns
    -------
    frequencies, density : ndarray
        Hz, and squared units of x per Hz.
    """
    length = min(int(window_s * fs_hz), len(x))
    length = fft.prev_fast_len(length, real=True) if length > 1000 else length
    window = signal.windows.hann(length, sym=False).astype(np.float32)
    step, total = length - length // 2, np.zeros(length // 2 + 1)
    n = (len(x) - length) // step + 1
    for first in range(0, n, SEGMENTS):
        m = min(SEGMENTS, n - first)
        part = np.asarray(x[first * step : (first + m - 1) * step + length], dtype=np.float32)
        rows = np.lib.stride_tricks.sliding_window_view(part, length)[::step]
        rows = (rows - rows.mean(axis=1, dtype=float, keepdims=True).astype(np.float32)) * window
        total += _power(rows).sum(axis=0)
    density = total / n * 2 / (fs_hz * np.square(window, dtype=float).sum())
    density[[0, -1] if length % 2 == 0 else [0]] /= 2
    return fft.rfftfreq(length, 1 / fs_hz), density


def _power(rows) -> np.ndarray:
    spectra = fft.rfft(rows, axis=-1)
    return spectra.real**2 + spectra.imag**2


BANDS = {"1-4": (1, 4), "4-7": (4, 7), "7-13": (7, 13), "13-30": (13, 30), "30-100": (30, 100), "100-300": (100, 300),
         "300-3000": (300, 3000)}  # fmt: skip
MOST = 400  # volumes that are looked at, evenly chosen
SEGMENT = 8  # volumes of a segment of the line spectrum: lines are eight bins apart
AT_RISK_DB = 3.0
FEWEST_SEGMENTS, MOVED = 6, 6.0  # among which one can be unusual, and by how many times
PIECE = 2**18  # samples that are filtered at once
SEGMENTS = 8  # that are transformed at once
LIKE_LFP_DB, LIKE_LFP_HZ = 10.0, (30.0, 300.0)  # locked power below against that within these frequencies


def line_spectrum(x, period: float, n_volumes: int) -> tuple[np.ndarray, np.ndarray]:
    """Power on the lines at k/TR and between them.

    Parameters
    ----------
    x : array of float, shape (n_samples,)
        One channel from the start of the scan.
    period : float
        Samples from volume to volume.
    n_volumes : int

    Returns
    -------
    on, between : ndarray, shape (n_lines,)
        For k = 1, 2, …: mean power of segments of eight volumes (or as many as there are) at k/TR, and mean of the four
        bins in the middle to the next lines; Hann window, any scale.
    """
    on, between = _line_segments(x, period, n_volumes)
    return on.sum(axis=0, dtype=float), between.sum(axis=0, dtype=float)


def _line_segments(x, period: float, n_volumes: int) -> tuple[np.ndarray, np.ndarray]:
    """The same of each segment, shape (n_segments, n_lines)."""
    volumes = min(SEGMENT, n_volumes)
    length = round(volumes * period)
    window = signal.windows.hann(length, sym=False).astype(np.float32)
    starts = np.round(np.arange(n_volumes // volumes) * volumes * period).astype(int)
    starts = starts[starts + length <= len(x)]
    starts = starts[_some(len(starts), MOST // volumes)]
    lines = np.arange(1, int((length // 2 - volumes) * period / length))
    at = np.round(lines * length / period).astype(int)
    apart = [-4, -3, 3, 4] if volumes == SEGMENT else [-volumes // 2, -(-volumes // 2)]
    half = np.round((lines * length / period)[:, None] + np.array(apart)).astype(int)
    on, between = (np.zeros((len(starts), lines.size), np.float32) for _ in range(2))
    for row, start in enumerate(starts):
        segment = np.asarray(x[start : start + length], dtype=float)
        power = _power((segment - segment.mean()).astype(np.float32) * window)
        on[row], between[row] = power[at], power[half].mean(axis=1)
    return on, between


def _usual(power) -> np.ndarray:
    """Segments (rows) of which no stretch of lines is several times as strong as in the typical segment."""
    if len(power) < FEWEST_SEGMENTS:
        return np.ones(len(power), dtype=bool)
    edges = np.unique(np.geomspace(1, power.shape[1], 12).astype(int)) - 1
    stretches = np.add.reduceat(power, edges, axis=1)
    return (stretches <= MOVED * np.median(stretches, axis=0) + 1e-30).all(axis=1)


def line_levels(before, after, fs_hz: float, period: float, n_volumes: int, per_volume: int, mains_hz=()) -> dict:
    """Power on the lines against that between them, in dB, before and after removal, and bands at risk.

    Parameters
    ----------
    before, after : array of float, shape (n_samples,)
        One channel from the start of the scan.
    fs_hz, period : float
        Rate, Hz, and samples from volume to volume.
    per_volume : int
        Slice acquisitions of a volume.
    mains_hz : sequence of float
        Lines within 1 Hz of its multiples do not count.

    Returns
    -------
    numbers : dict
        `Bands` (Hz); `VolumeBeforeDb`, `VolumeAfterDb` (lines that are no multiple of the slice rate), `SliceBeforeDb`,
        `SliceAfterDb`, a number for each band, NaN where it has no line; `AtRisk`: a sentence for each band in which
        more than 3 dB of artefact are left on lines, or missing, with and without segments in which the animal moved;
        `LineHz`, `LineBeforeDb`, `LineAfterDb` up to 300 Hz.
    """
    segments_after = _line_segments(after, period, n_volumes)
    whole = _usual(sum(segments_after))
    usual = [part[whole].sum(axis=0, dtype=float) for part in segments_after]
    spectra = {
        "Before": line_spectrum(before, period, n_volumes),
        "After": tuple(part.sum(axis=0, dtype=float) for part in segments_after),
    }
    k = np.arange(1, len(spectra["After"][0]) + 1)
    hz = k * fs_hz / period
    quiet = np.ones(k.size, dtype=bool)
    for mains in mains_hz:
        quiet &= np.abs(hz - mains * np.round(hz / mains)) > 1
    at_slice_rate = (k % per_volume == 0) if per_volume > 1 else np.zeros(k.size, dtype=bool)
    numbers: dict[str, list | np.ndarray] = {"Bands": list(BANDS)}
    risks = []
    segments = max(1, min(n_volumes, MOST) // SEGMENT)
    for kind, chosen in (("Volume", quiet & ~at_slice_rate), ("Slice", quiet & at_slice_rate)):
        for when, (on, between) in spectra.items():
            levels = []
            for low, high in BANDS.values():
                here = chosen & (hz >= low) & (hz < min(high, 0.45 * fs_hz))
                levels.append(float(10 * np.log10(on[here].sum() / between[here].sum())) if here.any() else np.nan)
                # A ratio of mean powers of so many lines and segments is known to this many dB (one standard error).
                error = 4.34 * np.sqrt(1.5 / (max(here.sum(), 1) * segments))
                if when == "After" and here.any():
                    # With and without segments in which the animal moved: only what both show is the artefact's.
                    at_rest = float(10 * np.log10(usual[0][here].sum() / usual[1][here].sum()))
                    level = min((levels[-1], at_rest), key=abs) if at_rest * levels[-1] > 0 else 0.0
                    if abs(level) > max(AT_RISK_DB, 4 * error):
                        risks.append(_risk(kind, low, high, level))
            numbers[f"{kind}{when}Db"] = levels
    shown = hz <= 300
    numbers |= {"LineHz": np.round(hz[shown], 4), "AtRisk": risks}
    for when, (on, between) in spectra.items():
        numbers[f"Line{when}Db"] = np.round(10 * np.log10((on[shown] + 1e-12) / (between[shown] + 1e-12)), 1)
    return numbers


def _risk(kind, low, high, level) -> str:
    where = "multiples of the slice rate" if kind == "Slice" else "multiples of 1/TR"
    if level > 0:
        return f"{low}-{high} Hz: {level:.1f} dB of artefact are left at {where}; results in this band are at risk"
    return f"{low}-{high} Hz: power at {where} is {-level:.1f} dB below its neighbours; LFP was taken with the artefact"


def volume_locked(before, after, fs_hz: float, period: float, n_volumes: int, per_volume: int) -> dict:
    """Power that repeats with every volume, in the LFP's bands, which a template removes; whether it looks like LFP.

    With Cₖᵥ the Fourier coefficient of volume v at k/TR, the locked power of line k is |mean C|², without its bias of
    1/n of the rest. LFP that answers to each volume (to the scanner's noise, say) repeats like the artefact, and no
    method of averaging can tell them apart; but gradients induce hardly more at low frequencies than at high ones, and
    LFP does.

    Returns
    -------
    numbers : dict
        `VarianceBefore`, `VarianceAfter`: share of the scan's variance that repeats with the volumes; `Bands`,
        `LockedUv`, `LfpUv`: root mean square that repeated before removal and of what is left, for each band of up to
        300 Hz; `LikeLfp`: a sentence, empty where nothing speaks for LFP.
    """
    power, rest, locked_share = {}, {}, {}
    for name, x in (("before", before), ("after", after)):
        power[name], rest[name] = _locked_power(x, period, n_volumes)
        locked_share[name] = max(power[name].sum(), 0.0) / (power[name].sum() + rest[name].sum())
    hz = np.arange(1, len(power["before"]) + 1) * fs_hz / period
    bands = {name: (hz >= low) & (hz < high) for name, (low, high) in BANDS.items() if high <= 300}
    uv = {name: np.sqrt(max(float(power["before"][here].sum()), 0.0)) for name, here in bands.items()}
    lfp = {name: np.sqrt(float((rest["after"] + power["after"])[here].sum())) for name, here in bands.items()}
    own = (np.arange(1, hz.size + 1) % per_volume != 0) if per_volume > 1 else np.ones(hz.size, dtype=bool)
    slow, fast = own & (hz < LIKE_LFP_HZ[0]), own & (hz >= LIKE_LFP_HZ[0]) & (hz < min(LIKE_LFP_HZ[1], 0.45 * fs_hz))
    sentence = ""
    if slow.any() and fast.sum() > 5:
        noise = rest["before"] / min(n_volumes, MOST)
        slow_power = power["before"][slow].sum()
        floor = max(np.median(power["before"][fast]), np.median(noise[fast]))
        certain = slow_power > 6 * np.sqrt(np.square(noise[slow]).sum())
        strong = slow_power > 0.04 * (rest["after"] + power["after"])[slow].sum()
        if certain and strong and slow_power / slow.sum() > floor * 10 ** (LIKE_LFP_DB / 10):
            sentence = (
                f"{np.sqrt(slow_power):.1f} µV below {LIKE_LFP_HZ[0]:g} Hz repeated with every volume and rose towards"
                " low frequencies as LFP does, not gradients: LFP that is locked to the TR seems to have been removed"
                " with the artefact"
            )
    return {
        "VarianceBefore": float(locked_share["before"]),
        "VarianceAfter": float(locked_share["after"]),
        "Bands": list(bands),
        "LockedUv": [float(uv[name]) for name in bands],
        "LfpUv": [float(lfp[name]) for name in bands],
        "LikeLfp": sentence,
    }


def _some(n: int, most: int) -> np.ndarray:
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(int))


def _locked_power(x, period, n_volumes) -> tuple[np.ndarray, np.ndarray]:
    """Mean square on each line that repeats (without bias; may be below zero) and that does not, units of x squared."""
    length = round(period)
    begins = np.arange(n_volumes) * period
    whole = np.floor(begins).astype(int)
    some = _some(int((whole + length <= len(x)).sum()), MOST)
    whole, fractions = whole[some], (begins - whole)[some]
    omega = 2 * np.pi * np.arange(1, length // 2) / length
    mean, square = np.zeros(omega.size, complex), np.zeros(omega.size)
    for first in range(0, len(whole), SEGMENTS):
        few = slice(first, first + SEGMENTS)
        rows = np.stack([np.asarray(x[begin : begin + length], dtype=np.float32) for begin in whole[few]])
        rows -= rows.mean(axis=1, dtype=float, keepdims=True).astype(np.float32)
        spectra = fft.rfft(rows, axis=1)[:, 1 : length // 2]
        square += (spectra.real**2 + spectra.imag**2).sum(axis=0)
        mean += (spectra * np.exp(1j * np.multiply.outer(fractions[few], omega)).astype(np.complex64)).sum(axis=0)
    n = len(whole)
    mean, square = np.abs(mean / n) ** 2 * 2 / length**2, square / n * 2 / length**2
    locked_power = (n * mean - square) / max(n - 1, 1)
    return locked_power, square - locked_power
