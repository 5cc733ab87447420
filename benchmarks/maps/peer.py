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
    serve({f.__name__: f for f in (nilearn_clean, mutual_info, ants_volumes)})
