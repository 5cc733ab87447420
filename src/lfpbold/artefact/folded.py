"""A template whose gradients reach above half the sampling rate and fold back.

Sampling at the rate 1 (per sample) shows at ω what the waveform has at every ω + 2πm. An acquisition that began a
fraction f of a sample after its first one has there, moved back by f, Σₘ Uₘ(ω) exp(−2πimf). The repetition period is
no whole number of samples, so that f differs from volume to volume, and least squares over the volumes tell the images
Uₘ apart. Most of them are noise at most frequencies. How much artefact each has is estimated from all slices and
neighbouring frequencies, and weighs it against the noise (a Wiener filter, or empirical Bayes), so that what is not
folded costs no LFP.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage, special

MOST_IMAGES = 6  # on either side: waveforms up to 6.5 times the rate
ALIASED = 0.03  # power of an image over that of the noise, above which an artefact is aliased
CHANCE = 1e-4  # that one frequency of an image seems to hold artefact
CHANCE_OF_ALIASING = 1e-8  # the same, where any says that the artefact is aliased
SMOOTH = 27  # frequencies times slices whose mean is the power of an image
NOISE_FREEDOM = 20  # degrees of freedom of the noise at a frequency
SLOW = 3  # lowest frequencies, which slow trends are made of
RIDGE = 1e-3


def images_known_from(n: int) -> int:
    """Images on either side that so many acquisitions can tell apart."""
    return int(np.clip((n // 4 - 1) // 2, 0, MOST_IMAGES))


class Spectra(NamedTuple):
    """What the acquisitions of some slices add up to, as if all slices began at the same fraction of a sample.

    Attributes
    ----------
    seen : ndarray of complex, shape (n_slices, n_images, n_frequencies)
        Sums of the acquisitions times the conjugate of what each image is multiplied by in them.
    gram : ndarray of complex, shape (n_images, n_images)
        Sums of products of what the images are multiplied by.
    power : ndarray, shape (n_slices, n_frequencies)
        Sums of the acquisitions' power.
    n : int
        Acquisitions of a slice.
    """

    seen: np.ndarray
    gram: np.ndarray
    power: np.ndarray
    n: int

    @property
    def centre(self) -> int:
        """Which image is the one below half the rate."""
        return len(self.gram) // 2


class Slow(NamedTuple):
    """What acquisitions without drift, but with their slow trends, tell beyond those without.

    Attributes
    ----------
    seen : ndarray of complex, shape (n_slices, n_images, n_frequencies)
        As of `Spectra`.
    noise : ndarray, shape (n_frequencies,)
        Variance that the trends of the LFP add to that of the noise.
    """

    seen: np.ndarray
    noise: np.ndarray


class Powers(NamedTuple):
    """Variance of the noise, shape (n_frequencies,), and of each image; that of the middle one is not limited."""

    noise: np.ndarray
    images: np.ndarray

    @property
    def aliased(self) -> bool:
        """Whether anything folds back."""
        return bool((np.delete(self.images, len(self.images) // 2, axis=0) > ALIASED * self.noise).any())


def image_numbers(images: int) -> np.ndarray:
    """m of the images Uₘ."""
    return np.arange(-images, images + 1)


def powers(spectra: Spectra, slow: Slow | None = None) -> Powers:
    """How much of noise and images there is, by least squares.

    Parameters
    ----------
    spectra : Spectra
        Of acquisitions without slow trends, which tell nothing of the lowest frequencies.
    slow : Slow, optional
        What tells of them.
    """
    n, size, centre = spectra.n, len(spectra.gram), spectra.centre
    smooth = _smoother(len(spectra.seen))
    inverse = ridge_inverse(spectra.gram, n)
    images = np.einsum("ab,sbf->saf", inverse, spectra.seen)
    left = spectra.power - 2 * _products(images, spectra.seen)
    left += _products(images, np.einsum("ab,sbf->saf", spectra.gram, images))
    freedom = max(n - size, 1)
    noise = _smoothed_noise(np.maximum(left.mean(axis=0), 0) / freedom, freedom * len(spectra.seen))
    power = np.square(np.abs(images)).mean(axis=0)
    gain = (np.real(np.diag(inverse @ spectra.gram @ inverse)) + 1e-3 / n)[:, None]
    chance, all_noise = gain * noise, noise
    if slow is not None:
        all_noise = noise + slow.noise
        lowest = np.einsum("ab,sbf->saf", inverse, slow.seen[:, :, :SLOW])
        power[:, :SLOW], chance[:, :SLOW] = np.square(np.abs(lowest)).mean(axis=0), gain * all_noise[:SLOW]
    else:
        power[:, :SLOW] = chance[:, :SLOW]
    # What neighbouring frequencies tell, those less where the LFP is strong, and the artefact's own lines.
    slices, probability = len(spectra.seen), CHANCE if slow is not None else CHANCE_OF_ALIASING
    level = smooth((power / chance - 1) / chance) / smooth(chance**-2)
    level = np.where(smooth(power / chance) > _chance(slices * _width(slices), probability), level, 0)
    independent = np.where(np.arange(len(noise)) < SLOW, 1, slices)  # all slices of a volume share slow LFP
    lines = np.where(power > _chance(independent, probability) * chance, power - chance, 0)
    variance = np.maximum(level, lines)
    variance[centre] = np.inf
    return Powers(all_noise, variance)


def ridge_inverse(gram, n: int) -> np.ndarray:
    """Of the images' products, with a ridge on all but the middle one."""
    return np.linalg.inv(gram + RIDGE * n * np.diag(np.arange(len(gram)) != len(gram) // 2))


def most_probable(spectra: Spectra, found: Powers) -> tuple[np.ndarray, np.ndarray]:
    """The images of each slice, and the acquisitions' own weight in their template.

    Returns
    -------
    images : ndarray of complex, shape (n_slices, n_images, n_frequencies)
    parameters : ndarray, shape (n_frequencies,)
        Of the template, at each frequency.
    """
    with np.errstate(divide="ignore"):
        penalty = np.minimum(found.noise / found.images, 1e9 * spectra.n)
    inverse = np.linalg.inv(spectra.gram + np.eye(len(penalty)) * penalty.T[:, None, :])
    images = np.einsum("fab,sbf->saf", inverse, spectra.seen)
    return images, np.real(np.einsum("fab,ba->f", inverse, spectra.gram))


def _smoothed_noise(noise, freedom: int) -> np.ndarray:
    """Noise of so many degrees of freedom at each frequency, by the geometric mean of enough neighbours."""
    width = min(-(-NOISE_FREEDOM // freedom), len(noise))
    floor = max(1e-12 * float(noise.max()), np.finfo(float).tiny ** 0.25)
    return np.exp(ndimage.uniform_filter1d(np.log(np.maximum(noise, floor)), width, mode="nearest"))


def _chance(freedom, probability: float):
    """What a mean of so many exponential variables of mean 1 is above with some probability."""
    return special.gammainccinv(freedom, probability) / freedom


def _products(a, b) -> np.ndarray:
    return np.real(np.einsum("saf,saf->sf", np.conj(a), b))


def _width(n_slices: int) -> int:
    """Frequencies whose mean is the power of an image; odd."""
    return max(9, -(-SMOOTH // n_slices) // 2 * 2 + 1)


def _smoother(n_slices: int):
    width = _width(n_slices)
    # Not a running sum, whose rounding is that of the largest value, over spectra of many orders of magnitude.
    return lambda x: ndimage.correlate1d(x, np.full(width, 1 / width), axis=-1, mode="nearest")
