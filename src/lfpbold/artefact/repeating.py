"""How much of cleaned LFP repeats from volume to volume, whatever the clock says: artefact that is left."""

from __future__ import annotations

import numpy as np
from scipy import fft, signal

REPEATS_HZ, REPEATS_BINS = (20.0, 300.0), 280  # where it is looked for, and the fewest bins of a stretch there
BESIDE_MAINS_HZ = 5.0  # to which a strong line reaches by the window of a stretch
REPEATS_PAIRS, REPEATS_REACH = 60, 0.25  # pairs of stretches, evenly chosen, and how far apart from the period


def repeating_share(x, fs_hz: float, period: float, n_volumes: int, mains_hz=()) -> float:
    """How much of what a channel holds after removal repeats from volume to volume, whatever the clock says.

    The correlation of a stretch of one or more volumes with the next one, at the delay, within a quarter of a stretch
    of the period, at which it is largest, of either sign: median over the scan, so that movements do not count. Every
    frequency weighs the same, so that neither the slow LFP nor a line counts for more than its share of 20–300 Hz.
    LFP has about .15, what is largely artefact .5 to 1, also where TR, start or clock are wrong or the TR jitters.

    Parameters
    ----------
    x : array of float, shape (n_samples,)
        One channel from the start of the scan.
    fs_hz, period : float
        Rate, Hz, and samples from volume to volume.
    n_volumes : int
    mains_hz : sequence of float
        Frequencies within 5 Hz of its multiples do not count.

    Returns
    -------
    share : float
        NaN where there are fewer than three stretches, or nothing between 20 Hz and the Nyquist frequency.
    """
    low, high = REPEATS_HZ[0], min(REPEATS_HZ[1], 0.45 * fs_hz)
    if high <= low + 10:
        return float("nan")
    volumes = max(1, int(np.ceil(max(1.0, REPEATS_BINS / (high - low)) * fs_hz / period)))
    length = round(volumes * period)
    starts = np.round(np.arange(n_volumes // volumes) * volumes * period).astype(int)
    starts = starts[starts + length <= len(x)]
    if len(starts) < 3:
        return float("nan")
    hz = fft.rfftfreq(length, 1 / fs_hz)
    used = (hz >= low) & (hz < high)
    for mains in mains_hz:
        used &= np.abs(hz - mains * np.round(hz / mains)) > BESIDE_MAINS_HZ
    window = signal.windows.hann(length, sym=False)
    first = np.unique(np.linspace(0, len(starts) - 2, min(len(starts) - 1, REPEATS_PAIRS)).astype(int))
    both = np.union1d(first, first + 1)
    spectra = np.zeros((both.size, hz.size), complex)
    for row, begin in zip(spectra, starts[both], strict=True):
        stretch = np.asarray(x[begin : begin + length], dtype=float)
        row[used] = fft.rfft((stretch - stretch.mean()) * window)[used]
    spectra[:, used] /= np.maximum(np.median(np.abs(spectra[:, used]), axis=0), 1e-12)
    energy = np.square(np.abs(spectra)).sum(axis=1)
    one, other = np.searchsorted(both, first), np.searchsorted(both, first + 1)
    shares, reach = np.zeros(first.size), int(REPEATS_REACH * length)
    for i, (a, b) in enumerate(zip(one, other, strict=True)):
        correlation = np.abs(fft.irfft(np.conj(spectra[a]) * spectra[b], length)) * length / 2
        near = max(correlation[: reach + 1].max(), correlation[-reach:].max())
        shares[i] = near / max(np.sqrt(energy[a] * energy[b]), 1e-30)
    return float(np.median(shares))
