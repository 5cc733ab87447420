"""MATLAB's spectrogram: the conventions that its documentation states, by SciPy, on a real recording."""

from __future__ import annotations

import numpy as np
from scipy import signal

from lfpbold.spectral.power import band_power, spectrogram


def test_density_of_a_real_recording_is_scipy_s(shared_data):
    lfp = np.load(shared_data / "neurodsp_rat_lfp" / "sample_data_2.npy")[:30_000].astype(float)
    blocks = list(spectrogram(lfp, 1000.0))
    density = np.concatenate([block[2][:, 0] for block in blocks])
    # spectrogram(x, hamming(1000), 900, [], 1000, 'psd'): symmetric taper, nfft = max(256, 2^nextpow2(1000)) = 1024.
    frequencies, times, expected = signal.spectrogram(
        lfp, 1000.0, window=signal.windows.hamming(1000, sym=True), nperseg=1000, noverlap=900, nfft=1024, detrend=False
    )
    np.testing.assert_allclose(density, expected.T, rtol=1e-10, atol=1e-12 * expected.max())
    np.testing.assert_allclose(np.concatenate([block[0] for block in blocks]), times, rtol=1e-14)
    assert times[0] == 0.5
    _, gamma = band_power(lfp, 1000.0, {"gamma": (40, 100)})
    inside = (frequencies >= 40) & (frequencies < 100)
    np.testing.assert_allclose(gamma[:, 0], expected[inside].sum(axis=0) * 1000 / 1024, rtol=1e-10)
