"""Group ICA against sources that were mixed on purpose, and against scikit-learn on raw concatenation."""

from __future__ import annotations

import nibabel
import numpy as np
import pytest
from nilearn.decomposition import CanICA
from scipy import ndimage
from sklearn.decomposition import FastICA
from threadpoolctl import threadpool_limits

from lfpbold.errors import InputError
from lfpbold.networks import ica

GRID = (18, 20)


def sources(rng, n):
    """Blobs at places of their own, some of which overlap at their rims; shape (n, n_voxels)."""
    found = []
    for place in range(n):
        spot = np.zeros(GRID)
        spot[3 + 5 * (place // 3), 3 + 6 * (place % 3)] = 1
        spot = ndimage.gaussian_filter(spot, 1.6)
        found.append((spot / spot.max()).ravel() * (1 + place / 4))
    return np.array(found)


def study(rng, maps, n_scans=4, n_volumes=120, noise=1.0):
    """Scans with the same maps, other courses, and voxels of other intensity."""
    gain = rng.uniform(0.5, 3, maps.shape[1])
    truth, scans = [], []
    for _ in range(n_scans):
        course = ndimage.gaussian_filter1d(rng.standard_normal((n_volumes, len(maps))), 2, axis=0)
        course /= course.std(axis=0)
        truth.append(course)
        scans.append((course @ maps + noise * rng.standard_normal((n_volumes, maps.shape[1]))) * gain + 100)
    return scans, truth


def matched(found, true):
    """Largest |r| of each true map with any found one, and which one that is."""
    r = np.corrcoef(np.vstack([true, found]))[: len(true), len(true) :]
    return r[np.arange(len(true)), np.abs(r).argmax(axis=1)], np.abs(r).argmax(axis=1)


def test_known_sources_are_recovered_with_sign_and_order():
    rng = np.random.default_rng(2)
    maps = sources(rng, 9)
    scans, truth = study(rng, maps)
    found = ica.group_ica(scans, 9, seed=1)
    r, which = matched(found["maps"], maps)
    print(np.round(r, 3))
    assert found["converged"] and len(set(which)) == 9
    assert r.min() > 0.85  # above zero: the sign is that of the blob
    assert (np.diff(found["share"]) <= 0).all() and 0 < found["share"].sum() <= 1
    courses = ica.time_courses(scans[2], found["maps"])
    of_course = [np.corrcoef(courses[:, which[k]], truth[2][:, k])[0, 1] for k in range(9)]
    assert min(of_course) > 0.85


def test_against_fastica_on_all_volumes_at_once():
    """No reduction scan by scan: scikit-learn whitens everything itself."""
    rng = np.random.default_rng(7)
    maps = sources(rng, 6)
    scans, _ = study(rng, maps, n_scans=3)
    found = ica.group_ica(scans, 6, seed=1)["maps"]
    standard = np.vstack([(s - s.mean(axis=0)) / s.std(axis=0) for s in scans])
    other = FastICA(6, whiten="unit-variance", random_state=5, tol=1e-6, max_iter=1000).fit_transform(standard.T).T
    r, which = matched(other, found)
    assert len(set(which)) == 6 and np.abs(r).min() > 0.97


@pytest.mark.slow
@pytest.mark.parametrize("draw", [2, 3, 4])
@pytest.mark.filterwarnings("ignore")
def test_as_good_as_canica(draw):
    """nilearn's group ICA (canonical correlation of scans, the best of ten beginnings) in noise twice as large."""
    rng = np.random.default_rng(draw)
    maps = sources(rng, 9)
    scans, _ = study(rng, maps, noise=2.0)
    ours = np.abs(matched(ica.group_ica(scans, 9, seed=1)["maps"], maps)[0])
    images = [nibabel.Nifti1Image(s.T.reshape(*GRID, 1, -1).astype(np.float32), np.eye(4)) for s in scans]
    mask = nibabel.Nifti1Image(np.ones((*GRID, 1), np.uint8), np.eye(4))
    model = CanICA(
        n_components=9, mask=mask, smoothing_fwhm=None, threshold=None, random_state=0, standardize="zscore_sample"
    )
    theirs = np.abs(matched(model.fit(images).components_, maps)[0])
    print(round(ours.mean(), 3), round(theirs.mean(), 3))
    assert ours.mean() > theirs.mean() - 0.02


def test_dual_regression_is_exact_without_noise():
    rng = np.random.default_rng(3)
    maps = sources(rng, 5)
    course = rng.standard_normal((40, 5))
    got = ica.time_courses(course @ maps + 12, maps)
    np.testing.assert_allclose(got, course - course.mean(axis=0), atol=1e-10)


def test_the_same_seed_gives_the_same_bytes_on_one_core_or_two():
    rng = np.random.default_rng(0)
    maps = rng.laplace(size=(4, 3000))
    scans = [rng.standard_normal((200, 4)) @ maps + rng.standard_normal((200, 3000)) for _ in range(3)]
    found = []
    for cores in (1, 2):
        with threadpool_limits(cores):
            found.append(ica.group_ica(scans, 4, seed=3)["maps"].astype(np.float32))
    assert found[0].tobytes() == found[1].tobytes()


def test_more_components_than_dimensions_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match="ask for fewer"):
        ica.group_ica([rng.standard_normal((4, 100))], 10, seed=0)
