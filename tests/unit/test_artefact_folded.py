"""An artefact that reaches above half the sampling rate is known by its images, beneath any drift."""

from __future__ import annotations

import numpy as np
import pytest
from drifting import errors_db, recorded

from lfpbold.artefact import plan
from lfpbold.artefact.aliasing import images_needed, knots_needed
from lfpbold.artefact.folded import Spectra, image_numbers, images_known_from, most_probable, powers
from lfpbold.artefact.gradient import remove_gradient_artefact
from lfpbold.artefact.regression import remove_gradient, remove_gradient_by
from lfpbold.artefact.waveforms import TERMS_WITH_IMAGES, polynomials, shift_terms


def onsets_of(scan) -> np.ndarray:
    return np.add.outer(scan["onsets_s"], scan["slices_s"]) * scan["fs_hz"]


def cleaned(scan, slices=True, **options):
    times = scan["slices_s"] if slices else None
    return remove_gradient_artefact(scan["raw"], scan["fs_hz"], scan["onsets_s"], times, **options)


@pytest.mark.parametrize("slices", [True, False], ids=["slices", "volumes"])
@pytest.mark.parametrize(("cutoff", "kind"), [(0.7, "walk"), (0.3, "line"), (2.0, "settling"), (0.7, "sine")])
def test_in_no_band_more_is_left_than_without_drift(slices, cutoff, kind):
    still, *drifting = (recorded(cutoff=cutoff, kind=kind, drift_uv=uv) for uv in (0, 30, 300))
    without = errors_db(cleaned(still, slices), still)
    for scan in drifting:
        assert (errors_db(cleaned(scan, slices), scan) < without + 0.6).all()


@pytest.mark.parametrize(
    ("fs_hz", "cutoff", "n_volumes"), [(1000.0, 0.7, 40), (1000.0, 0.3, 24), (3051.7578125, 0.7, 40)]
)
@pytest.mark.parametrize("drift_uv", [0, 300])
def test_in_no_band_more_is_left_than_by_mne(fs_hz, cutoff, n_volumes, drift_uv):
    preprocessing = pytest.importorskip("mne.preprocessing")
    if not hasattr(preprocessing, "GradientRemover"):
        pytest.skip("MNE is older than 1.13")
    scan = recorded(fs_hz, cutoff=cutoff, n_volumes=n_volumes, drift_uv=drift_uv)
    ours, onsets = errors_db(cleaned(scan), scan), np.round(scan["onsets_s"] * fs_hz).astype(int)
    for window in (8, 20):
        theirs = preprocessing.GradientRemover(scan["raw"][None], onsets, window=window, tr_tol=1).correct()[0]
        assert (ours < errors_db(theirs, scan)).all()


@pytest.mark.parametrize("drift_uv", [0, 300])
@pytest.mark.parametrize("offset_uv", [0, 50_000])
def test_what_is_aliased_does_not_depend_on_the_electrode(drift_uv, offset_uv):
    for fs_hz, cutoff, images in ((1000.0, 0.7, 4), (12_207.03125, 0.05, 0)):
        scan = recorded(fs_hz, cutoff=cutoff, drift_uv=drift_uv)
        amplifier = np.random.default_rng(0).standard_normal(scan["raw"].size)
        samples = (scan["raw"] + offset_uv + amplifier).astype(np.float32)
        assert images_needed(samples, onsets_of(scan)) == images
        assert (knots_needed(samples, onsets_of(scan)) > 0) == (images > 0)


def test_a_jump_is_kept_out_of_the_template():
    """600 µV between two samples: it is in one acquisition of 40 of its slice's template, and in no other."""
    scan = recorded(cutoff=0.7, kind="jump", drift_uv=300)
    after = cleaned(scan)
    assert (errors_db(after, scan) < (-14, -11, -6, -4, -2, -1, 2)).all()
    slice_ms = int(1000 * scan["slices_s"][1])
    errors = np.abs(after - scan["clean"])[3000:62_900]
    errors = errors[: len(errors) // slice_ms * slice_ms].reshape(-1, slice_ms).mean(axis=1)
    assert errors.max() < 25  # of 3 mV; fitted, the jump is taken for 40 µV of artefact


@pytest.mark.parametrize("cycles", [0.8, 1.3, 2.6])
def test_a_waveform_above_half_the_rate_is_known(cycles):
    """A sine of so many cycles a sample, which a band-limited template takes for one below half a cycle."""
    period, n = 200.37, 100
    onsets = 300 + period * np.arange(n)[:, None]
    t = np.arange(int(300 + (n + 1) * period))
    inside = slice(400, int(onsets[-1, 0]) - 10)
    wave = 100 * np.sin(2 * np.pi * round(cycles * period) / period * (t - 300))
    noise = np.random.default_rng(0).standard_normal(t.size)
    left = np.std((remove_gradient(wave + noise, onsets, images=6) - noise)[inside])
    assert left < 0.7  # of 100 µV; LFP of 100 volumes in 13 values a sample would be 0.36
    with pytest.warns(UserWarning, match="no gradient artefact stands out"):
        remove_gradient(wave + noise, onsets)


@pytest.mark.parametrize("volumes", [1, 7])
def test_blocks_of_any_size_give_the_same_lfp(monkeypatch, volumes):
    scan = recorded(n_volumes=30, cutoff=0.7, drift_uv=100)
    fits = ("samples", "differences")
    at_once = remove_gradient_by(scan["raw"], onsets_of(scan), fits, images=3)
    monkeypatch.setattr(plan, "CHANNEL_SAMPLES", int(volumes * scan["tr_s"] * scan["fs_hz"] * 1.05))
    in_blocks = remove_gradient_by(scan["raw"], onsets_of(scan), fits, images=3)
    for fit in fits:
        np.testing.assert_allclose(in_blocks[fit], at_once[fit], atol=0.01)


@pytest.mark.parametrize("images", range(len(TERMS_WITH_IMAGES)))
def test_polynomials_shift_images_too(images):
    omega, fraction = np.linspace(0, np.pi, 50), np.linspace(0, 1, 21)
    values, _ = polynomials(fraction, TERMS_WITH_IMAGES[images])
    for m in image_numbers(images):
        exact = np.exp(1j * np.multiply.outer(fraction, omega + 2 * np.pi * m))
        assert np.abs(values @ shift_terms(omega + 2 * np.pi * m, TERMS_WITH_IMAGES[images]) - exact).max() < 1.1e-7


def simulated(strength, n=40, n_slices=10, n_frequencies=200, seed=0):
    """Spectra of acquisitions whose images are Gaussian, of some variance each, in noise of variance 1 / (1 + f)."""
    rng = np.random.default_rng(seed)

    def noise(*shape):
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / np.sqrt(2)

    numbers = image_numbers(len(strength) // 2)
    factors = np.exp(-2j * np.pi * np.multiply.outer(0.37 * np.arange(n), numbers))
    truth = noise(n_slices, numbers.size, n_frequencies) * np.sqrt(strength)[:, None]
    sd = 1 / np.sqrt(1 + np.arange(n_frequencies))
    rows = np.einsum("vm,smf->svf", factors, truth) + noise(n_slices, n, n_frequencies) * sd
    seen = np.einsum("vm,svf->smf", factors.conj(), rows)
    return Spectra(seen, factors.conj().T @ factors, np.square(np.abs(rows)).sum(axis=1), n), truth, sd**2


def test_powers_are_those_of_noise_and_images():
    spectra, _, noise = simulated((0, 0.5, 9, 0.01, 0))
    found = powers(spectra)
    np.testing.assert_allclose(found.noise, noise, rtol=0.3)
    assert np.median(found.images[1]) == pytest.approx(0.5, rel=0.15)
    assert np.median(found.images[3]) == pytest.approx(0.01, rel=0.2)
    assert (found.images[[0, 4]] > 0).mean() < 0.01 and found.aliased
    assert not powers(simulated((0, 0, 9, 0, 0))[0]).aliased


def test_images_cost_no_more_than_they_are_worth():
    """A Wiener filter: error of an image below both its own power and that of least squares."""
    spectra, truth, noise = simulated((0, 0.5, 9, 0.001, 0))
    images, parameters = most_probable(spectra, powers(spectra))
    error = np.square(np.abs(images - truth)).mean(axis=0)
    expected = [0, 0.5 * noise / spectra.n / (0.5 + noise / spectra.n), noise / spectra.n]
    for row, known in zip(error[:3], expected, strict=True):
        assert np.mean(row) <= 1.1 * np.mean(known) + 1e-5
    assert np.mean(error[3]) <= 0.0011
    assert (parameters < 3.01).all()


@pytest.mark.parametrize(("n", "images"), [(2, 0), (11, 0), (12, 1), (20, 2), (40, 4), (60, 6), (1200, 6)])
def test_few_acquisitions_tell_few_images_apart(n, images):
    assert images_known_from(n) == images
