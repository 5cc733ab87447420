"""What people would use instead, in an environment of its own: started by `compare.py` through `harness.Peer`."""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from harness import serve

warnings.simplefilter("ignore")


def nilearn_clean(arrays, order: int):
    """Butterworth band-pass of signals and confounds, and regression."""
    from nilearn import signal

    how = {"filter": "butterworth", "low_pass": 0.1, "high_pass": 0.01, "t_r": 1.0, "butterworth__order": order}
    return signal.clean(arrays["bold"], confounds=arrays["nuisance"], detrend=False, standardize=False, **how)


def mutual_info(arrays, voxels: int):
    """Nearest neighbours (Kraskov), by scikit-learn: bands × voxels."""
    from sklearn.feature_selection import mutual_info_regression

    y = arrays["clean"][:, :voxels]
    return np.array([mutual_info_regression(y, x, random_state=0) for x in arrays["bands"].T])


def fft_lags(arrays, regressors: int):
    """Cross-correlation of each regressor with all voxels by `scipy.signal.fftconvolve`; peak within the lags."""
    from scipy import signal

    n, reach = len(arrays["clean"]), arrays["reach"]
    y, found = arrays["clean"] / np.linalg.norm(arrays["clean"], axis=0), []
    for x in (arrays["lagless"] / np.linalg.norm(arrays["lagless"], axis=0))[:, :regressors].T:
        r = signal.fftconvolve(y, x[::-1, None], axes=0)[n - 1 - reach : n + reach]
        found.append(np.take_along_axis(r, np.abs(r).argmax(axis=0)[None], axis=0)[0])
    return np.array(found)


def short_fft_lags(arrays, regressors: int):
    """The same by hand: one transform of all voxels, padded by no more than the lags."""
    from scipy import fft

    n, reach = fft.next_fast_len(len(arrays["clean"]) + arrays["reach"], real=True), arrays["reach"]
    y, found = fft.rfft(arrays["clean"] / np.linalg.norm(arrays["clean"], axis=0), n, axis=0), []
    for x in (arrays["lagless"] / np.linalg.norm(arrays["lagless"], axis=0))[:, :regressors].T:
        r = fft.irfft(y * np.conj(fft.rfft(x, n))[:, None], n, axis=0)
        r = np.concatenate([r[-reach:], r[: reach + 1]])
        found.append(np.take_along_axis(r, np.abs(r).argmax(axis=0)[None], axis=0)[0])
    return np.array(found)


def voxel_loop(arrays, voxels: int):
    """As rapidtide does: voxel by voxel, normalised, cross-correlated by FFT with one regressor, peak picked."""
    from scipy import signal

    n, reach, x = len(arrays["clean"]), arrays["reach"], arrays["lagless"][:, 0]
    x, found = (x - x.mean()) / x.std(), []
    for y in arrays["clean"][:, :voxels].T:
        r = signal.correlate((y - y.mean()) / y.std(), x, mode="full", method="fft") / n
        r = r[n - 1 - reach : n + reach]
        found.append(r[np.abs(r).argmax()])
    return np.array(found)


def ants_volumes(arrays, settings: dict):
    """`ants.registration` volume by volume: how far each transform moves the image's centre, mm (LPS)."""
    import ants

    ants.config.set_ants_deterministic(True, seed_value=1)
    volumes, spacing = arrays["volumes"], arrays["spacing"]
    fixed, moved = ants.from_numpy(volumes[0], spacing=spacing), []
    centre = (np.array(volumes.shape[1:]) - 1) / 2 * spacing
    with tempfile.TemporaryDirectory() as folder:
        for number, volume in enumerate(volumes[1:]):
            found = ants.registration(fixed, ants.from_numpy(volume, spacing=spacing), outprefix=f"{folder}/{number}_",
                                      **settings)  # fmt: skip
            transform = ants.read_transform(found["fwdtransforms"][0])
            moved.append(np.array(ants.apply_ants_transform_to_point(transform, centre)) - centre)
    return np.array(moved)


if __name__ == "__main__":
    serve({f.__name__: f for f in (nilearn_clean, mutual_info, fft_lags, short_fft_lags, voxel_loop, ants_volumes)})
