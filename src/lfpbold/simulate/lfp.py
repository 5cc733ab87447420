"""The clean LFP: bands whose power follows what the electrode sees, on a 1/f background."""

from __future__ import annotations

import numpy as np
from scipy import fft

from .latent import Harmonics, deviates
from .presets import BANDS, Parameters
from .stimulus import Driven, of_power

INTERNAL_HZ = 1500.0
"""Grid of the clean LFP; five times its upper edge, so that the spline through it is smooth."""

UPPER_HZ = 300.0
"""Upper edge of the clean LFP."""


def shaped_noise(rng: np.random.Generator, n: int, fs_hz: float, amplitude, n_signals: int) -> np.ndarray:
    """Gaussian noise of unit variance with a given spectrum.

    Parameters
    ----------
    rng : numpy Generator
    n : int
        Samples.
    fs_hz : float
        Sampling rate in Hz.
    amplitude : callable
        Frequencies in Hz -> amplitude spectral density (any scale).
    n_signals : int

    Returns
    -------
    ndarray of float32, shape (n, n_signals)
    """
    n_fft = fft.next_fast_len(n, real=True)
    freqs = np.arange(n_fft // 2 + 1) * (fs_hz / n_fft)
    shape = amplitude(freqs)
    use = np.flatnonzero(shape)
    weight = (shape[use] / np.sqrt((shape[use] ** 2).sum())).astype(np.float32) * np.float32(n_fft / 2)
    spectrum = np.zeros((n_signals, len(freqs)), np.complex64)
    draw = rng.standard_normal((n_signals, len(use), 2), dtype=np.float32)
    spectrum[:, use] = draw.view(np.complex64)[..., 0] * weight
    return fft.irfft(spectrum, n_fft, axis=1)[:, :n].T


def band_amplitudes(rng: np.random.Generator, view: Harmonics, p: Parameters, times_s: np.ndarray) -> dict:
    r"""Amplitude of every band over time; its square, the instantaneous power, has mean 1.

    .. math:: P_b(t) = \exp(g_b V(t) + q_b U_b(t) - (g_b^2 + q_b^2) / 2)

    V is what the electrode sees. U_b has the same spectrum but belongs to no region: power that fluctuates
    for reasons which BOLD does not share, so that the bands are not copies of one another.

    Parameters
    ----------
    rng : numpy Generator
    view : Harmonics
        V, of unit variance.
    p : Parameters
    times_s : ndarray, shape (n_times,)
        Scanner time.

    Returns
    -------
    dict
        Band name -> ndarray (n_times,).
    """
    own = deviates(rng, view.freqs_hz, len(BANDS), p.activity_exponent)
    values = Harmonics(view.freqs_hz, np.concatenate([view.coefs, own], axis=1))(times_s)
    if isinstance(view, Driven):
        values[:, 1:] *= p.rest_left
        values += of_power(view, p, times_s)[:, : values.shape[1]]
    out = {}
    for i, band in enumerate(BANDS):
        g, q = p.band_gain[band], p.band_own[band]
        out[band] = np.exp((g * values[:, 0] + q * values[:, 1 + i]) / 2 - (g**2 + q**2) / 4)
    return out


def background_spectrum(exponent: float, upper_hz: float):
    """Amplitude density of 1/f noise: flat from 0.1 to 0.5 Hz, then falling, none above `upper_hz`."""

    def amplitude(freqs):
        shape = np.maximum(freqs, 0.5) ** (-exponent / 2)
        return np.where((freqs >= 0.1) & (freqs < upper_hz), shape, 0.0)

    return amplitude


def crossover(freqs_hz: np.ndarray, edge_hz: float, octaves: float) -> np.ndarray:
    """Share of power above a soft edge: 0 to 1 within so many octaves around it, a raised cosine of log f."""
    place = np.log2(np.maximum(freqs_hz, 1e-6) / edge_hz) / octaves + 0.5
    return np.sin(np.pi / 2 * np.clip(place, 0, 1)) ** 2


def smooth_shares(freqs_hz: np.ndarray, octaves: float) -> dict:
    """Band name -> share of the power at each frequency that is the band's; neighbours cross over, none overlaps more.

    Between two bands that do not touch, as beta and gamma, the edge is the geometric mean of theirs.
    """
    edges, out = list(BANDS.values()), {}
    for i, (band, (low, high)) in enumerate(BANDS.items()):
        below = low if i == 0 else np.sqrt(edges[i - 1][1] * low)
        above = high if i == len(edges) - 1 else np.sqrt(high * edges[i + 1][0])
        out[band] = crossover(freqs_hz, below, octaves) * (1 - crossover(freqs_hz, above, octaves))
    return out


def spectra(p: Parameters, n: int, fs_hz: float, upper_hz: float) -> tuple[dict, dict]:
    """Amplitude densities (as functions) and relative sizes of the bands and of the background.

    Sharp bands have flat spectra of the sizes `band_uv` on the background. Smooth ones share one spectrum 1/f**x with
    it: the same share of the power is background at every frequency of the bands, and all of it outside of them.
    """
    whole = background_spectrum(p.background_exponent, upper_hz)
    if not p.band_overlap_octaves:
        shapes = {band: lambda f, lo=low, hi=high: ((f >= lo) & (f < hi)) * 1.0 for band, (low, high) in BANDS.items()}
        return shapes | {"background": whole}, {**p.band_uv, "background": p.background_uv}
    total = p.background_uv**2 + sum(a**2 for a in p.band_uv.values())
    in_bands = 1 - p.background_uv**2 / total

    def band_shape(band):
        return lambda f: whole(f) * np.sqrt(in_bands * smooth_shares(f, p.band_overlap_octaves)[band])

    def rest(f):
        return whole(f) * np.sqrt(1 - in_bands * sum(smooth_shares(f, p.band_overlap_octaves).values()))

    shapes = {band: band_shape(band) for band in BANDS} | {"background": rest}
    n_fft = fft.next_fast_len(n, real=True)
    freqs = np.arange(n_fft // 2 + 1) * (fs_hz / n_fft)
    power = {name: float((shape(freqs) ** 2).sum()) for name, shape in shapes.items()}
    return shapes, {name: float(np.sqrt(total * x / sum(power.values()))) for name, x in power.items()}


def channel_gains(rng: np.random.Generator, parameters: Parameters) -> np.ndarray:
    """Gains of the channels, near 1, shape (n_channels,): a property of the electrode."""
    return np.exp(parameters.channel_gain_sd * rng.standard_normal(parameters.n_channels))


def clean(
    rng: np.random.Generator,
    view: Harmonics,
    gains: np.ndarray,
    parameters: Parameters,
    n: int,
    fs_hz: float,
    times_s: tuple[float, float],
) -> np.ndarray:
    r"""Clean LFP of all channels in uV.

    .. math:: x_c = k \, [\gamma_c \sum_b a_b \, \sqrt{P_b} \, \nu_b + a_0 \, \beta_c]

    with :math:`P_b` from `band_amplitudes`, :math:`\nu_b` Gaussian carriers of unit variance common to the
    channels, and a background :math:`\beta_c` that is partly common to them. k gives the standard deviation
    `lfp_sd_uv`.

    Parameters
    ----------
    rng : numpy Generator
    view : Harmonics
        What the electrode sees, V, as a function of scanner time.
    gains : ndarray, shape (n_channels,)
    parameters : Parameters
    n : int
        Samples of the grid.
    fs_hz : float
        Rate of the grid on the LFP clock; 250 Hz is enough for the bands.
    times_s : tuple of float
        Scanner time of the first sample, and scanner seconds per LFP second.

    Returns
    -------
    ndarray of float32, shape (n, n_channels)
    """
    p = parameters
    # 10 values a second describe activity below 0.1 Hz to 1e-3; amplitudes are interpolated between them
    coarse = np.arange(int(np.ceil(n / fs_hz * 10)) + 2) / 10
    fine = np.arange(n) / fs_hz
    upper = min(UPPER_HZ, 0.49 * fs_hz)
    common = np.zeros(n, np.float32)
    amplitudes = band_amplitudes(rng, view, p, times_s[0] + coarse * times_s[1])
    shapes, sizes = spectra(p, n, fs_hz, upper)
    for band in BANDS:
        carrier = shaped_noise(rng, n, fs_hz, shapes[band], 1)[:, 0]
        common += np.float32(sizes[band]) * carrier * np.interp(fine, coarse, amplitudes[band]).astype(np.float32)
    noise = shaped_noise(rng, n, fs_hz, shapes["background"], 1 + len(gains))
    mix = np.sqrt([p.background_common, 1 - p.background_common]).astype(np.float32) * np.float32(sizes["background"])
    scale = p.lfp_sd_uv / np.sqrt(p.background_uv**2 + sum(a**2 for a in p.band_uv.values()))
    out = common[:, None] * gains.astype(np.float32)
    out += mix[0] * noise[:, :1] + mix[1] * noise[:, 1:]
    return out * np.float32(scale)
