"""Latent activity as a sum of sinusoids, which can be evaluated at any time, and the hemodynamic response."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import gamma


@dataclass(frozen=True)
class Harmonics:
    """Real signals ``x_n(t) = Re sum_k coefs[k, n] exp(2 pi i freqs_hz[k] t)``.

    Attributes
    ----------
    freqs_hz : ndarray, shape (n_freqs,)
    coefs : ndarray of complex, shape (n_freqs, n_signals)
    """

    freqs_hz: np.ndarray
    coefs: np.ndarray

    def __call__(self, times_s: np.ndarray) -> np.ndarray:
        """Values at any times.

        Parameters
        ----------
        times_s : ndarray, shape (n_times,)

        Returns
        -------
        ndarray, shape (n_times, n_signals)
        """
        phase = 2 * np.pi * np.multiply.outer(np.asarray(times_s, float), self.freqs_hz)
        # einsum, not BLAS: its order of summation does not depend on the number of cores (same seed, same
        # bytes)
        return np.einsum("tk,kn->tn", np.cos(phase), self.coefs.real) - np.einsum(
            "tk,kn->tn", np.sin(phase), self.coefs.imag
        )

    def mixed(self, weights: np.ndarray) -> Harmonics:
        """Weighted sums of the signals; `weights` has shape (n_new, n_signals)."""
        return Harmonics(self.freqs_hz, np.einsum("kn,mn->km", self.coefs, weights))

    def scaled(self, factor: float) -> Harmonics:
        """The same signals, so many times as large."""
        return Harmonics(self.freqs_hz, self.coefs * factor)

    def filtered(self, transfer: np.ndarray) -> Harmonics:
        """Signals behind a filter with complex gain `transfer`, (n_freqs,) or (n_freqs, n_signals)."""
        transfer = transfer[:, None] if transfer.ndim == 1 else transfer
        return Harmonics(self.freqs_hz, self.coefs * transfer)


def variance_shares(freqs_hz: np.ndarray, exponent: float) -> np.ndarray:
    """Share of the variance at each frequency when the spectrum is 1 / f**exponent; shape (n_freqs,), sum 1."""
    weight = np.asarray(freqs_hz, float) ** -exponent
    return weight / weight.sum()


def deviates(rng: np.random.Generator, freqs_hz: np.ndarray, n: int, exponent: float = 0.0) -> np.ndarray:
    """Complex Gaussian coefficients of signals of unit variance with a spectrum 1 / f**exponent; (n_freqs, n)."""
    draw = rng.standard_normal((2, len(freqs_hz), n))
    if exponent:
        draw *= np.sqrt(variance_shares(freqs_hz, exponent))[:, None]
    else:
        draw /= np.sqrt(len(freqs_hz))
    return draw[0] + 1j * draw[1]


def band_limited(rng: np.random.Generator, n: int, span_s: float, band_hz: tuple, exponent: float = 0.0) -> Harmonics:
    """Independent Gaussian signals of unit variance whose spectrum is 1 / f**exponent in a band and zero outside.

    Parameters
    ----------
    rng : numpy Generator
    n : int
        Number of signals.
    span_s : float
        Period of the Fourier series in s; evaluate within one period only.
    band_hz : tuple of float
        Lower and upper edge.
    exponent : float
        0 for a flat spectrum.

    Returns
    -------
    Harmonics
        ``E x(t)^2 = 1`` at every t, because the coefficients are complex Gaussian of variance 2 / n_freqs
        (or twice their share).
    """
    freqs = np.arange(np.ceil(band_hz[0] * span_s - 1e-9), np.floor(band_hz[1] * span_s + 1e-9) + 1) / span_s
    return Harmonics(freqs, deviates(rng, freqs, n, exponent))


def factor(covariance: np.ndarray) -> np.ndarray:
    """Lower triangular L with ``L @ L.T = covariance``; shapes (n_regions, n_regions).

    Rounded far below any effect, so that different linear-algebra libraries give the same bytes.
    """
    return np.round(np.linalg.cholesky(covariance), 7)


def nearest_correlation(matrix: np.ndarray, floor: float = 1e-3) -> np.ndarray:
    """Positive definite correlation matrix next to a matrix (eigenvalues below `floor` are raised to it)."""
    symmetric = (matrix + matrix.T) / 2
    np.fill_diagonal(symmetric, 1.0)
    values, vectors = np.linalg.eigh(symmetric)
    if values[0] < floor:
        symmetric = (vectors * np.maximum(values, floor)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(symmetric))
    return np.round(symmetric * np.outer(scale, scale), 9)


def electrode_view(
    activity: Harmonics, region: int, share: float, rng: np.random.Generator, sd: float = 1.0, exponent: float = 0.0
) -> Harmonics:
    r"""What the electrode in one region sees: :math:`V = \sqrt{s} A_r + \sqrt{1 - s} N`.

    V and A_r are jointly Gaussian with correlation :math:`\sqrt{s}`, so this is the same model as
    :math:`A_r = \sqrt{s} V + \sqrt{1 - s} H` with H invisible to the electrode: the activity has a part
    that the electrode sees and one that it does not, and both reach the rest of the brain with the same
    spatial map (the study's model, its figure 6). s is the visible share of the variance.

    Parameters
    ----------
    activity : Harmonics
        Activity of all regions, unit variance.
    region : int
        Column of the electrode's region.
    share : float
        s, from 0 to 1.
    rng : numpy Generator
    sd : float
        Standard deviation of the activity, and of what is seen.
    exponent : float
        The activity has a spectrum 1 / f**exponent.

    Returns
    -------
    Harmonics
        One signal.
    """
    hidden = sd * deviates(rng, activity.freqs_hz, 1, exponent)
    return Harmonics(activity.freqs_hz, np.sqrt(share) * activity.coefs[:, [region]] + np.sqrt(1 - share) * hidden)


def with_own(rng: np.random.Generator, activity: Harmonics, regions, p) -> Harmonics:
    """Activity in which the electrodes' regions have some of their own, that no network and no electrode shares.

    Its variance beside that of the network is (1 - rho) / rho, where rho is `seed_reliability`, so that rho of the
    region's variance is the network's.
    """
    coefs = activity.coefs.copy()
    sd = np.sqrt(1 / p.seed_reliability - 1)
    for region in sorted(set(regions)):
        coefs[:, region] += sd * deviates(rng, activity.freqs_hz, 1, p.activity_exponent)[:, 0]
    return Harmonics(activity.freqs_hz, coefs)


def hrf(p: tuple, times_s: np.ndarray) -> np.ndarray:
    """Hemodynamic response of SPM's seven parameters, in continuous time, with unit integral.

    Parameters
    ----------
    p : tuple of 7 floats
        Delay of response and undershoot, their dispersions, ratio, onset and length of the kernel, in s.
        ``(4, 4, 1, 1, 6, 0, 32)`` is exactly the Gamma density of shape 4 and scale 1 s.
    times_s : ndarray

    Returns
    -------
    ndarray
        Same shape as `times_s`; per second.
    """

    def raw(t):
        u = np.asarray(t, float) - p[5]
        h = gamma.pdf(u, p[0] / p[2], scale=p[2]) - gamma.pdf(u, p[1] / p[3], scale=p[3]) / p[4]
        return np.where((np.asarray(t) >= 0) & (np.asarray(t) <= p[6]), h, 0.0)

    grid = np.arange(0, p[6], 0.005) + 0.0025
    return raw(times_s) / (raw(grid).sum() * 0.005)


def hrf_transfer(p: tuple, freqs_hz: np.ndarray) -> np.ndarray:
    """Complex gain of the hemodynamic response at each frequency; shape (n_freqs,), 1 at 0 Hz."""
    u = np.arange(0, p[6], 0.005) + 0.0025
    return np.einsum("fu,u->f", np.exp(-2j * np.pi * np.multiply.outer(freqs_hz, u)), hrf(p, u) * 0.005)
