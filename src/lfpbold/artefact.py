"""Removal of the gradient artefact from LFP recorded inside the scanner, by template regression.

After Tu & Zhang, eLife 2022;11:e81555 and Tu, Cramer & Zhang, eLife 2024;13:RP95680: cut the recording into slice
acquisitions, average them to a template, align the template to each of them and regress it out. Slice periods are
not whole numbers of samples (1220.703 at 24414.0625 Hz and 20 slices a second), so that cutting and averaging at
whole samples leaves a large residue; here both are done at fractions of a sample.
"""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np
from scipy import fft, signal

from .errors import InputError

STANDS_OUT = 10  # energy of a template over that of averaged LFP, below which it holds no artefact
PADDING = 64  # samples before and after a slice, over which it fades so that a shift does not wrap round


FITS = ("samples", "differences")


def remove_gradient(lfp, onsets, *, template="per_slice", align=True, fit="samples") -> np.ndarray:
    """Regress an averaged artefact template out of every slice acquisition.

    With xₖ the samples of acquisition k and T its template, shifted to where the acquisition began between two
    samples, the cleaned samples are xₖ − βₖT − γₖT′, where (βₖ, γₖ) is the least-squares fit without intercept.
    The derivative T′ shifts the template by γₖ/βₖ samples, which aligns it to each acquisition to first order.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,)
        One channel at its raw rate.
    onsets : array of float, shape (n_volumes, n_acquisitions)
        Onsets of the slice acquisitions, in samples, not rounded.
    template : {"per_slice", "pooled"}
        One template for each slice position (2022), or one for all (2024).
    align : bool
        Also fit γ.
    fit : {"samples", "differences"}
        What β and γ are fitted to: the samples, as in the study, or their first differences. LFP is strong where the
        artefact is weak, at low frequencies, and pulls β to and fro: 150 µV of LFP under 6500 µV of artefact leave 7 µV
        of it in 300–3000 Hz, which rise and fall with the LFP's own power. Differences weigh that down, and leave
        less than 2 µV.

    Returns
    -------
    cleaned : ndarray, shape (n_samples,)
        Float32; samples outside the scan, and acquisitions without an artefact (with a warning), are unchanged.

    Raises
    ------
    InputError
        When the recording ends before the last acquisition or fewer than two volumes are given.

    Examples
    --------
    >>> import numpy as np
    >>> period = 100.3                                   # samples, not a whole number
    >>> onsets = 200 + period * np.arange(50)[:, None]
    >>> artefact = np.sin(2 * np.pi * 7 * (np.arange(6000) - 200) / period)
    >>> cleaned = remove_gradient(artefact, onsets)
    >>> bool(np.abs(cleaned[300:5000]).max() < 1e-3)
    True
    """
    return remove_gradient_by(lfp, onsets, (fit,), template=template, align=align)[fit]


def remove_gradient_by(lfp, onsets, fits, *, template="per_slice", align=True) -> dict:
    """`remove_gradient` for several ways to fit at once, which share their templates.

    Returns
    -------
    cleaned : dict of fit to ndarray, shape (n_samples,)
    """
    onsets = np.asarray(onsets, dtype=float)
    lfp = np.asarray(lfp, dtype=np.float32)
    cleaned = {fit: lfp.copy() for fit in fits}
    if len(onsets) < 2:
        raise InputError("the artefact template needs at least two volumes; set artefact.template to none")
    ends = np.concatenate([onsets.ravel()[1:], [onsets[-1, -1] + _last_length(onsets)]]).reshape(onsets.shape)
    if ends[-1, -1] > lfp.size + 1:
        raise InputError(
            "the LFP ends before the last volume does; check scan_start_s, the triggers and the number of volumes"
        )
    source = np.concatenate([np.zeros(PADDING, np.float32), lfp, np.zeros(PADDING + 2, np.float32)])
    groups = [np.s_[:, s] for s in range(onsets.shape[1])] if template == "per_slice" else [np.s_[:, :]]
    found = [_clean_group(source, cleaned, onsets[group].ravel(), ends[group].ravel(), align) for group in groups]
    if not all(found):
        warnings.warn(
            f"no gradient artefact stands out in {found.count(False)} of {len(found)} templates; their acquisitions are"
            " left as they are",
            stacklevel=2,
        )
    return cleaned


def _last_length(onsets) -> float:
    """Length of a volume's last acquisition: to the start of the next volume."""
    return float(np.median(np.diff(onsets[:, 0])) - (onsets[0, -1] - onsets[0, 0]))


def _clean_group(source, cleaned, begins, ends, align) -> bool:
    """Average acquisitions that share a template, and regress it out of each; the arrays of `cleaned` change in place.

    Where there is no artefact the template is nothing but averaged LFP, and β would fit that to each acquisition and
    take the LFP away. Such a template is left unused, and the result is False.
    """
    whole = np.floor(begins).astype(int)
    fraction = begins - whole
    size = source.size - 2 * PADDING - 2
    stop = np.minimum(np.floor(ends).astype(int), size)
    length = int((stop - whole).max())
    n_fft = fft.next_fast_len(length + 2 * PADDING, real=True)
    segments = np.lib.stride_tricks.sliding_window_view(source, length + 2 * PADDING)
    omega = 2 * np.pi * np.arange(n_fft // 2 + 1) / n_fft
    fade = signal.windows.tukey(length + 2 * PADDING, 2 * PADDING / (length + 2 * PADDING)).astype(np.float32)

    mean = np.zeros(omega.size, dtype=np.complex128)
    energy = 0.0
    for block in _blocks(len(whole)):
        faded = segments[whole[block]] * fade
        energy += float(np.square(faded, dtype=float).sum()) / len(whole)
        spectra = fft.rfft(faded, n_fft, axis=1)
        mean += (spectra * _shift(omega, fraction[block])).sum(axis=0)
    mean /= len(whole)
    of_template = float(np.square(fft.irfft(mean, n_fft)).sum())
    if of_template < STANDS_OUT * (energy - of_template) / len(whole):
        return False

    inside = np.arange(length)
    for block in _blocks(len(whole)):
        back = np.conj(_shift(omega, fraction[block]))
        fitted = fft.irfft(mean * back, n_fft, axis=1)[:, PADDING : PADDING + length]
        valid = inside < (stop - whole)[block, None]
        where = np.minimum(whole[block, None] + inside, size - 1)
        observed = np.where(valid, source[where + PADDING], 0)
        regressors = [np.where(valid, fitted, 0)]
        if align:
            slope = fft.irfft(1j * omega * mean * back, n_fft, axis=1)[:, PADDING : PADDING + length]
            regressors.append(np.where(valid, slope, 0))
        for fit, samples in cleaned.items():
            residue = observed - _fitted(observed, regressors, valid, fit)
            samples[where[valid]] = residue[valid]
    return True


def _blocks(n: int, size: int = 256):
    return [slice(i, i + size) for i in range(0, n, size)]


def _shift(omega, fraction) -> np.ndarray:
    """Factors that move each spectrum forward by its fraction of a sample."""
    return np.exp(1j * np.multiply.outer(fraction, omega)).astype(np.complex64)


def _fitted(observed, regressors, valid, fit) -> np.ndarray:
    """Least-squares fit of one or two regressors to each row, without intercept; to differences where asked for."""
    if fit == "samples":
        seen, shapes = observed, regressors
    else:
        both = valid[:, 1:] & valid[:, :-1]
        seen, *shapes = (np.where(both, np.diff(rows, axis=1), 0) for rows in (observed, *regressors))
    tiny = np.finfo(float).tiny
    power = np.maximum((shapes[0] * shapes[0]).sum(axis=1), tiny)
    beta = (seen * shapes[0]).sum(axis=1) / power
    if len(regressors) == 1:
        return beta[:, None] * regressors[0]
    overlap = (shapes[0] * shapes[1]).sum(axis=1) / power
    unique = shapes[1] - overlap[:, None] * shapes[0]
    gamma = (seen * unique).sum(axis=1) / np.maximum((unique * unique).sum(axis=1), tiny)
    return (beta - gamma * overlap)[:, None] * regressors[0] + gamma[:, None] * regressors[1]


def resample(lfp, fs_hz: float, new_fs_hz: float) -> tuple[np.ndarray, float]:
    """Resample one channel with an anti-aliasing filter (`scipy.signal.resample_poly`).

    Returns
    -------
    resampled : ndarray, shape (n_new,)
    rate : float
        The rate that was reached, in Hz: `new_fs_hz` to better than 1e-7, or `fs_hz` where that is no higher.
    """
    if fs_hz <= new_fs_hz:
        return np.asarray(lfp, dtype=np.float32), float(fs_hz)
    ratio = Fraction(new_fs_hz / fs_hz).limit_denominator(20_000)
    resampled = signal.resample_poly(np.asarray(lfp, dtype=np.float32), ratio.numerator, ratio.denominator)
    return resampled.astype(np.float32), float(fs_hz * ratio.numerator / ratio.denominator)


def notch_frequencies(mains_hz, slice_rate_hz: float | None, highest_hz: float) -> np.ndarray:
    """Mains, slice rate and their multiples up to `highest_hz`, ascending, in Hz."""
    bases = [*mains_hz, *([slice_rate_hz] if slice_rate_hz else [])]
    multiples = [base * k for base in bases for k in range(1, int(highest_hz / base) + 1)]
    kept: list[float] = []
    for frequency in sorted(multiples):
        if not kept or frequency - kept[-1] > 1e-3:
            kept.append(frequency)
    return np.array(kept)


def band_limit(lfp, fs_hz: float, *, band_pass_hz, filter_order: int, notches_hz=(), notch_width_hz: float = 1.0):
    """Notch filters and a band-pass, all without phase shift.

    Parameters
    ----------
    lfp : array of float, shape (n_samples,) or (n_samples, n_channels)
    band_pass_hz : pair of float
        Edges of the Butterworth band-pass, Hz; an upper edge above 0.45 of the rate is left out (high-pass only).
    notches_hz : array of float
        Centres; each notch is second-order with −3 dB width `notch_width_hz`, passed forwards and backwards.
    """
    low, high = band_pass_hz
    if high < 0.45 * fs_hz:
        sections = [signal.butter(filter_order, (low, high), "bandpass", fs=fs_hz, output="sos")]
    else:
        sections = [signal.butter(filter_order, low, "highpass", fs=fs_hz, output="sos")]
    for centre in notches_hz:
        if centre < 0.49 * fs_hz:
            sections.append(signal.tf2sos(*signal.iirnotch(centre, centre / notch_width_hz, fs=fs_hz)))
    # Long reflected ends, so that the 0.1 Hz edge has settled where the recording begins.
    padding = min(len(lfp) - 1, round(3 * fs_hz / low))
    return signal.sosfiltfilt(np.concatenate(sections), lfp, axis=0, padtype="even", padlen=padding).astype(np.float32)


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
        numbers["broadband_before_uv"] = _rms(signal.sosfiltfilt(sections, before))
        numbers["broadband_after_uv"] = _rms(signal.sosfiltfilt(sections, after))
    frequencies, density = signal.welch(after, fs_hz, nperseg=min(len(after), int(4 * fs_hz)))
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


def _rms(x) -> float:
    x = np.asarray(x, dtype=float)
    return float(np.sqrt(np.mean((x - x.mean()) ** 2)))
