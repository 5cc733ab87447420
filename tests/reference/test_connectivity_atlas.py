"""Our 180 × 180 matrix against the one that generated the BOLD, on the study laboratory's atlas."""

from __future__ import annotations

from types import SimpleNamespace

import nibabel
import numpy as np
import pytest

from lfpbold.bold import cleaning
from lfpbold.coupling.correlation import correlate
from lfpbold.networks import connectivity, peaks
from lfpbold.simulate import atlas as brains
from lfpbold.simulate import atlas_files, latent
from lfpbold.simulate import bold as scanner
from lfpbold.simulate.expected import unit_response
from lfpbold.simulate.presets import resolve
from lfpbold.stats.tests import fisher_z

FWHM_MM = 0.75


@pytest.fixture(scope="module")
def world(shared_data):
    """The atlas, its maps as the preset `full` scales them, and region means as weights of voxels."""
    folder = shared_data / "zhang_rat_rsfmri"
    atlas = atlas_files.load(folder, np.random.default_rng(0))
    p = resolve("full", {})
    view = scanner.scene(atlas, brains.spatial_maps(atlas, p.region_fwhm_mm), p)
    labels = atlas.labels[atlas.brain]
    stored = np.squeeze(nibabel.load(folder / "group_FC_FisherZ_180ROI.nii").get_fdata())
    return SimpleNamespace(atlas=atlas, p=p, view=view, labels=labels, stored=stored)


def smooth(world, voxels):
    """The analysis' own kernel, a hundred volumes at a time; (n, n_brain) to (n, n_brain)."""
    atlas, found = world.atlas, np.empty(voxels.shape)
    for first in range(0, len(voxels), 100):
        block = voxels[first : first + 100]
        volumes = np.zeros((len(block), *atlas.brain.shape), np.float32)
        volumes[:, atlas.brain] = block
        found[first : first + 100] = cleaning.smooth(volumes, atlas.voxel_mm, FWHM_MM)[:, atlas.brain]
    return found


def simulated(world, seed, n_volumes, cnr):
    """Clean BOLD of one scan: signal, thermal noise of this CNR (infinite for none), smoothing, and the band."""
    rng = np.random.default_rng(seed)
    p, atlas = world.p, world.atlas
    free = latent.band_limited(rng, len(atlas.index), n_volumes * p.tr_s + 60, p.band_hz)
    activity = free.mixed(latent.factor(atlas.covariance))
    response = activity.filtered(unit_response(p, activity.freqs_hz))
    times = scanner.slice_times(atlas.brain.shape[2], p.tr_s, p.slice_order)
    signal = scanner.signal(world.view, response, np.arange(n_volumes) * p.tr_s, times)
    noise = rng.standard_normal(signal.shape, dtype=np.float32) / cnr if np.isfinite(cnr) else 0
    return cleaning.band_pass(smooth(world, signal + noise), p.tr_s, (0.01, 0.1))


@pytest.fixture(scope="module")
def limit(world):
    """What endless scans without noise give: the maps' covariance after the analysis' kernel, by linear algebra."""
    return smooth(world, world.view.maps.T.astype(float))  # (n_regions, n_brain)


def correlations(weights, covariance):
    found = weights.T @ covariance @ weights
    scale = np.sqrt(np.diag(found))
    return found / np.outer(scale, scale)


def like(a, b):
    return np.corrcoef(connectivity.edges(a), connectivity.edges(b))[0, 1]


@pytest.mark.parametrize("n_volumes", [400, pytest.param(1200, marks=pytest.mark.slow)])
def test_matrix_recovers_the_one_that_generated_it(world, limit, n_volumes):
    """r over the 16,110 edges with the generating matrix; noise-free, spill-over between neighbours is the limit."""
    weights, index = connectivity.region_means(limit, world.labels)
    assert sorted(index) == sorted(world.atlas.index) and len(index) == 180
    order = [list(world.atlas.index).index(label) for label in index]
    true, laboratory = (m[np.ix_(order, order)] for m in (world.atlas.covariance, np.tanh(world.stored)))
    best = correlations(weights, world.atlas.covariance)
    clean, noisy = (
        connectivity.correlation_matrix(connectivity.region_means(simulated(world, 1, n_volumes, cnr), world.labels)[0])
        for cnr in (np.inf, world.p.cnr)
    )
    got = {"limit": like(best, true), "without noise": like(clean, true), "with noise": like(noisy, true),
           "with noise, to the limit": like(noisy, best), "to the laboratory's": like(noisy, laboratory)}  # fmt: skip
    print({name: round(float(r), 3) for name, r in got.items()})
    assert got["limit"] > 0.75
    assert got["with noise"] > 0.6


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.slow)])
def test_peaks_of_networks_in_mm(world, limit, every):
    """Each region's network within its counterpart: the place that endless scans give, and four scans of 300 s.

    Endless scans have the noise of these, which makes r smaller where a region's signal is weak and so moves its peak.
    Many of these places lie on the border of the target, which neighbours' signal reaches; some maps have two tops.
    """
    atlas, covariance = world.atlas, world.atlas.covariance
    scans = [simulated(world, number, 300, world.p.cnr) for number in range(4)]
    # the variance of the noise that is left, from noise alone
    noise = np.random.default_rng(99).standard_normal((300, limit.shape[1]), dtype=np.float32) / world.p.cnr
    left = cleaning.band_pass(smooth(world, noise), world.p.tr_s, (0.01, 0.1)).var(axis=0).mean()
    sd = np.sqrt(np.einsum("rx,rs,sx->x", limit, covariance, limit, optimize=True) + left)
    errors, held, radii = [], [], []
    for label in atlas.index[::every]:
        seed, target = world.labels == label, world.labels == -label
        if min(seed.sum(), target.sum()) < 20:
            continue
        course = limit[:, seed].mean(axis=1)
        true = peaks.peak(limit.T @ (covariance @ course) / sd, target, atlas.brain, atlas.affine)
        maps = np.full((4, target.size), np.nan)
        for place, scan in enumerate(scans):
            maps[place, target] = fisher_z(
                correlate(scan[:, seed].mean(axis=1), scan[:, target])[0], largest=connectivity.LARGEST_R
            )
        draw = np.random.default_rng(0)
        found = peaks.split_halves(maps, target, atlas.brain, atlas.affine, draw, n_splits=30)
        errors.append(np.linalg.norm(found["mm"] - true["mm"]))
        held.append(errors[-1] <= found["radius_mm"])
        radii.append(found["radius_mm"])
    print(len(held), "held", np.mean(held), "median error", np.median(errors), "median radius", np.median(radii))
    assert np.mean(held) >= 0.8
    assert np.median(errors) < 1.5
