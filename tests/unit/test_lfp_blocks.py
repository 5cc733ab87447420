"""What is worked on in pieces is what would be found at once, in however many pieces and threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import yaml
from scanner import gradient, one_over_f
from scipy import signal

from lfpbold.artefact import passes, plan
from lfpbold.artefact.regression import remove_gradient_by
from lfpbold.artefact.waveforms import polynomials, shift_terms
from lfpbold.pipeline.artefact.driver import artefact
from lfpbold.recordings import Bold, Lfp, OneChannel
from lfpbold.spectral import filters
from lfpbold.spectral.filters import Resampler, band_limit
from lfpbold.spectral.power import MultiunitFrames

FS, SLICES, VOLUMES, PERIOD_S, START_S = 3051.7578125, 10, 30, 1.00002, 2.30007
UNLIKE = 2e-6  # of the artefact: float32 adds up in another order


@pytest.fixture(scope="module")
def channels():
    """Three channels whose LFP, offset and artefact's strength differ."""
    t = np.arange(int((START_S + VOLUMES * PERIOD_S + 4) * FS)) / FS
    times = np.arange(SLICES) / SLICES
    scan = {"start_s": START_S, "period_s": PERIOD_S, "slice_times_s": times, "tr_s": 1.0, "n_volumes": VOLUMES}
    made = gradient(t, FS, rms=2000.0, **scan)
    return np.array([one_over_f(t.size, FS, seed=i) + k * made + 90 * i for i, k in enumerate((1, 0.5, 2))], np.float32)


def onsets():
    return (START_S + PERIOD_S * (np.arange(VOLUMES)[:, None] + np.arange(SLICES) / SLICES)) * FS


def test_ten_terms_shift_a_spectrum_by_any_fraction_of_a_sample():
    """exp(iωf) and its derivative by f, the worst at half the sampling rate."""
    omega, fraction = np.linspace(0, np.pi, 200), np.linspace(0, 1, 101)
    values, slopes = polynomials(fraction)
    exact = np.exp(1j * np.multiply.outer(fraction, omega))
    assert np.abs(values @ shift_terms(omega) - exact).max() < 6e-8
    assert np.abs(values @ shift_terms(omega) - exact)[:, :100].max() < 1e-10
    assert np.abs(-slopes @ shift_terms(omega) - 1j * omega * exact).max() < 2e-5


@pytest.mark.parametrize("template", ["per_slice", "pooled"])
@pytest.mark.parametrize("volumes", [1, 7])
def test_blocks_of_any_size_give_the_same_lfp(channels, monkeypatch, template, volumes):
    at_once = remove_gradient_by(channels[0], onsets(), ("samples", "differences"), template=template)
    monkeypatch.setattr(plan, "CHANNEL_SAMPLES", int(volumes * FS * 1.1))
    in_blocks = remove_gradient_by(channels[0], onsets(), ("samples", "differences"), template=template)
    for fit, cleaned in at_once.items():
        np.testing.assert_allclose(in_blocks[fit], cleaned, atol=UNLIKE * np.abs(channels[0]).max())


@pytest.mark.parametrize(("fs_hz", "new"), [(24414.0625, 1000.0), (5000.0, 1000.0), (2048.0, 1000.0), (1017.3, 1000.0)])
@pytest.mark.parametrize("size", [1, 977, 60_000])
def test_a_channel_that_comes_in_pieces_is_resampled_as_scipy_does(fs_hz, new, size):
    lfp = np.random.default_rng(0).standard_normal(60_007 if size > 1 else 3001).astype(np.float32)
    resampler = Resampler(fs_hz, new)
    parts = [resampler.add(lfp[i : i + size]) for i in range(0, len(lfp), size)] + [resampler.finish()]
    expected = signal.resample_poly(lfp.astype(float), resampler._up, resampler._down)
    assert sum(map(len, parts)) == len(expected) == resampler.length(len(lfp))
    np.testing.assert_allclose(np.concatenate(parts), expected, atol=5e-6)


def test_filters_in_blocks_are_those_of_the_whole_forwards_and_backwards(monkeypatch):
    rng = np.random.default_rng(1)
    lfp = np.cumsum(rng.standard_normal((60_000, 2)), axis=0).astype(np.float32)
    monkeypatch.setattr(filters, "FFT_SIZE", 2**14)
    got = band_limit(lfp, 1000.0, band_pass_hz=(2, 300), filter_order=2, notches_hz=[20, 60], notch_width_hz=4.0)
    sections = [signal.butter(2, (2, 300), "bandpass", fs=1000.0, output="sos")]
    sections += [signal.tf2sos(*signal.iirnotch(f, f / 4.0, fs=1000.0)) for f in (20, 60)]
    expected = signal.sosfiltfilt(np.concatenate(sections), lfp, axis=0, padtype="even", padlen=9000)
    np.testing.assert_allclose(got, expected, atol=1e-5 * np.abs(expected).max())
    inside = lfp.T.copy()
    for row in inside:
        band_limit(row, 1000.0, band_pass_hz=(2, 300), filter_order=2, notches_hz=[20, 60], notch_width_hz=4.0, out=row)
    np.testing.assert_array_equal(inside.T, got)


@pytest.mark.parametrize("size", [100, 7777])
def test_multiunit_power_in_pieces_is_that_of_the_whole(size):
    lfp = np.random.default_rng(2).standard_normal(40_000).astype(np.float32)
    whole, pieces = (MultiunitFrames(FS, (300, 1300)) for _ in range(2))
    whole.add(lfp)
    for i in range(0, len(lfp), size):
        pieces.add(lfp[i : i + size])
    np.testing.assert_array_equal(pieces.found()[0], whole.found()[0])
    np.testing.assert_allclose(pieces.found()[1], whole.found()[1], rtol=1e-5)


def opened(channels):
    lfp = Lfp(FS, channels.shape[1], ["a", "b", "c"], lambda c, i, j: channels[c, i:j].copy(), None)
    bold = Bold((4, 4, SLICES), VOLUMES, np.eye(4), 1.0, None, lambda a, b: None)
    inputs = {"lfp_stage": "raw", "bold_stage": "raw", "extra_triggers": "refuse", "trigger": "t"}
    return lfp, bold, {"where": "line 2", "lfp": "x", "scan_start_s": START_S, "input": inputs}


def test_threads_groups_of_channels_and_blocks_change_nothing_but_the_rounding(channels, monkeypatch):
    settings = yaml.safe_load((Path(__file__).parents[2] / "config" / "config.yaml").read_text())["artefact"]
    settings["between_samples"] = "band_limited"  # which one channel decides for all
    given = opened(channels)
    first, _, info, multiunit, qc = artefact(*given, settings, log=lambda _: None)
    again = artefact(*given, settings, log=lambda _: None, threads=2)
    np.testing.assert_array_equal(again[0], first)
    np.testing.assert_array_equal(again[3], multiunit)
    monkeypatch.setattr(passes, "CHANNELS", 2)
    monkeypatch.setattr(plan, "CHANNEL_SAMPLES", int(4 * FS))
    other, _, said, spikes, qc_of_other = artefact(*given, settings, log=lambda _: None, threads=2)
    np.testing.assert_allclose(other, first, atol=UNLIKE * np.abs(channels).max())
    np.testing.assert_allclose(spikes, multiunit, rtol=1e-3)
    assert said["Warnings"] == info["Warnings"]
    assert qc_of_other["artefact"]["Residue"] == pytest.approx(qc["artefact"]["Residue"], rel=1e-3, abs=1e-3)
    # A channel by itself is what it is among others: nothing of a neighbour gets into it.
    alone = Lfp(FS, channels.shape[1], ["c"], lambda _, i, j: channels[2, i:j].copy(), None)
    np.testing.assert_allclose(artefact(alone, *given[1:], settings, log=lambda _: None)[0][:, 0], other[:, 2],
                               atol=UNLIKE * np.abs(channels).max())  # fmt: skip


def test_one_channel_reads_what_is_sliced(channels):
    asked = []
    lfp = opened(channels)[0]
    watched = Lfp(FS, lfp.n_samples, lfp.channels, lambda *span: asked.append(span) or lfp.read(*span), None)
    one = OneChannel(watched, 1, 90.0)
    np.testing.assert_array_equal(one[10:20], channels[1, 10:20] - np.float32(90))
    assert asked == [(1, 10, 20)] and len(one) == one.size == channels.shape[1]
    np.testing.assert_array_equal(np.asarray(OneChannel(lfp, 2)), channels[2])
