"""Reliability and what it corrects: formulas, series and maps of known reliability, and the traps of shared noise."""

from __future__ import annotations

import numpy as np
import pytest

from lfpbold.bold.cleaning import band_pass
from lfpbold.coupling.correlation import correlate
from lfpbold.networks.maps import spatial_r
from lfpbold.networks.reliability import (
    disattenuated,
    disattenuated_mean,
    halves,
    inter_scan,
    noise_from_reliability,
    spearman_brown,
    split_half,
    split_maps,
    why_undefined,
)
from lfpbold.stats.noise_ceiling import apparent_r

ANIMALS = np.arange(159) % 6


def slow_noise(rng, n_volumes, n_series):
    """Series of 0.01–0.1 Hz at a TR of 1 s, unit variance."""
    series = band_pass(rng.standard_normal((n_volumes, n_series)), 1.0, (0.01, 0.1))
    return series / series.std(axis=0)


def test_lengthening_a_measure_follows_its_variances():
    signal, noise = 1.0, 3.0
    one = signal / (signal + noise)
    for times in (0.5, 1, 2, 26):
        assert spearman_brown(one, times) == pytest.approx(signal / (signal + noise / times))
    assert np.isnan(spearman_brown(-1.0))


@pytest.mark.parametrize("n", [2, 3, 10, 1199, 1200])
@pytest.mark.parametrize("block", [None, 1, 7])
def test_halves_share_nothing_and_leave_nothing(n, block):
    one, other = halves(n, block)
    assert (one ^ other).all()
    if block is None or block == 1:
        assert one.sum() - other.sum() in (0, 1)
    assert np.diff(np.flatnonzero(np.diff(one.astype(int)))).tolist() == [block] * (
        0 if block is None else -(-n // block) - 2
    )


@pytest.mark.parametrize("n_channels", [2, 3, 5, 8])
def test_split_half_finds_the_reliability_of_series(n_channels):
    """Signal of variance 1, noise of variance 2 in each channel: the mean has reliability 1/(1 + 2/n), odd n or not."""
    rng = np.random.default_rng(0)
    series = rng.standard_normal((200_000, 1)) + np.sqrt(2) * rng.standard_normal((200_000, n_channels))
    truth = 1 / (1 + 2 / n_channels)
    # A correlation is known to (1 − r²)/√200,000 < .0023, and the formula passes on at most 4/(1 + r)² × half of it.
    for block in (1, None):
        assert spearman_brown(split_half(series, block)) == pytest.approx(truth, abs=0.008)


def test_split_half_of_one_contact_is_not_known():
    assert np.isnan(split_half(np.arange(10.0)[:, None]))
    assert split_half(np.column_stack([np.arange(10.0)] * 2)) == pytest.approx(1)


def test_smoothing_passes_for_reliability():
    """Neighbours that share noise: what is .5 looks like .8 between odd and even ones, less so between two slabs."""
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((40_000, 50))
    noise = sum(np.roll(noise, shift, axis=1) for shift in (-1, 0, 1))[:, 1:-1]
    series = noise + rng.standard_normal((40_000, 1)) * noise.mean(axis=1).std()
    interleaved, slabs = (spearman_brown(split_half(series, block)) for block in (1, None))
    assert interleaved > 0.8
    assert slabs == pytest.approx(0.5, abs=0.04)


def mediation(rng, n_scans, coupling, n_volumes=1200, n_voxels=300, extra=0.0):
    """Scans whose regressor touches the brain only through the seed, plus `extra` times a map of its own."""
    loading, own = 0.4 * rng.standard_normal(n_voxels), rng.standard_normal(n_voxels)
    networks = 0.5 * rng.standard_normal((6, n_voxels))
    for _ in range(n_scans):
        z = slow_noise(rng, n_volumes, 8 + n_voxels)
        seed, rest = z[:, 0], z[:, 1]
        bold = np.outer(seed, loading) + z[:, 2:8] @ networks + z[:, 8:] + extra * np.outer(rest, own)
        yield bold, coupling * seed + np.sqrt(1 - coupling**2) * rest, seed


@pytest.fixture(scope="module")
def mediated():
    """80 scans under mediation: `split_maps` for each length of blocks, and the whole scans' maps."""
    blocks, found, maps = (1, 10, 60, None), [], []
    for bold, regressor, seed in mediation(np.random.default_rng(2), 80, 0.3):
        found.append([list(split_maps(bold, regressor, seed, block).values()) for block in blocks])
        maps.append(correlate(np.column_stack([regressor, seed]), bold))
    return dict(zip(blocks, np.mean(found, axis=0), strict=True)), np.array(maps)


def test_halves_of_a_scan_know_what_other_scans_say(mediated):
    """First and second half give the reliability that 80 independent scans of one truth show; interleaved volumes of
    slow series share their noise and give 1, blocks of 10 s still far too much."""
    by_block, maps = mediated
    truth = inter_scan(maps[:, 0], np.arange(80))["between"]
    claimed = {block: spearman_brown(found[0]) for block, found in by_block.items()}
    # The mean over scans of a half's r has a standard error of .03 here, that of pairs of scans .02.
    assert claimed[None] == pytest.approx(truth, abs=0.1)
    assert claimed[60] == pytest.approx(truth, abs=0.13)
    assert claimed[1] > 0.99
    assert claimed[10] > truth + 0.15
    assert claimed[1] > claimed[10] > claimed[60]


def test_maps_from_one_half_share_their_noise_and_maps_across_do_not(mediated):
    """Under mediation the two maps are the same but for noise."""
    lfp, seed, same, across = mediated[0][None]
    assert disattenuated(across, lfp, seed) == pytest.approx(1, abs=0.08)
    assert disattenuated(same, lfp, seed) > 1.08


def test_split_maps_are_those_of_the_parts():
    bold, regressor, seed = next(mediation(np.random.default_rng(3), 1, 0.3, n_volumes=301, n_voxels=40))
    found = split_maps(bold, regressor, seed)
    lfp = [correlate(regressor[part], bold[part])[0] for part in (slice(151), slice(151, None))]
    maps = [correlate(seed[part], bold[part])[0] for part in (slice(151), slice(151, None))]
    assert found["lfp"] == pytest.approx(spatial_r(*lfp))
    assert found["seed"] == pytest.approx(spatial_r(*maps))
    assert found["same"] == pytest.approx((spatial_r(lfp[0], maps[0]) + spatial_r(lfp[1], maps[1])) / 2)
    assert found["across"] == pytest.approx((spatial_r(lfp[0], maps[1]) + spatial_r(lfp[1], maps[0])) / 2)


def test_what_cannot_be_corrected_says_why():
    assert np.isnan(disattenuated([0.3, 0.3, 0.3], [0.0, -0.2, np.nan], 0.5)).all()
    assert np.isnan(disattenuated(0.3, -0.4, -0.4))  # the product alone would look fine
    assert disattenuated(0.6, 0.5, 0.4) == pytest.approx(0.6 / np.sqrt(0.2))
    assert disattenuated(-0.6, 0.5, 0.4) == pytest.approx(-0.6 / np.sqrt(0.2))
    assert "reliability of y is 0, not above zero" in why_undefined(0.5, 0.0)
    assert "x is not known" in why_undefined(np.nan, 0.5)
    rng = np.random.default_rng(8)
    found = disattenuated_mean([0.3, 0.4, 0.2], [-0.1, 0.0, -0.2], [0.5] * 3, list("abc"), n=50, rng=rng)
    assert np.isnan([found[k] for k in ("value", "low", "high", "bootstrap_low", "bootstrap_t_high", "cnr")]).all()
    assert found["reason"].startswith("reliability of x is -0.222")
    assert found["undefined"] == 1
    nothing = disattenuated_mean([], [], [], [], n=10, rng=rng)
    assert np.isnan(nothing["value"])
    assert nothing["reason"]


def test_cnr_is_that_of_the_closed_form():
    for cnr in (0.3, 1.0, 1.3, 4.0):
        reliability = cnr**2 / (1 + cnr**2)
        assert noise_from_reliability(reliability) == pytest.approx(cnr)
        assert apparent_r(0.95, noise_from_reliability(reliability)) == pytest.approx(0.95 * reliability)
    assert noise_from_reliability(1.0) == np.inf
    assert noise_from_reliability(0.0) == 0
    assert np.isnan(noise_from_reliability([-0.1, 1.1, np.nan])).all()


def study(rng, true_r, cnr, n_channels=4, n_volumes=1200):
    """159 scans: r of the channels' means, and of halves of the channels, at a CNR of the means."""
    found = np.empty((159, 3))
    for scan in range(159):
        z = slow_noise(rng, n_volumes, 2 + 2 * n_channels)
        noise = z[:, 2:] * np.sqrt(n_channels) / cnr
        x = z[:, [0]] + noise[:, :n_channels]
        y = true_r * z[:, [0]] + np.sqrt(1 - true_r**2) * z[:, [1]] + noise[:, n_channels:]
        found[scan] = correlate(x.mean(axis=1), y.mean(axis=1))[0, 0], split_half(x), split_half(y)
    return found


def test_the_true_correlation_comes_back_at_the_size_of_the_study():
    """Four studies of 159 scans of 1200 volumes (n_eff about 150), true r .95, CNR 1.3: each within ±.01, where the
    scatter of one is .003, and beside it the CNR, and the observed r from the closed form."""
    for seed in range(4):
        rng = np.random.default_rng(seed)
        found = disattenuated_mean(*study(rng, 0.95, 1.3).T, ANIMALS, n=200, rng=rng)
        assert found["value"] == pytest.approx(0.95, abs=0.01)
        assert found["low"] < 0.95 < found["high"]
        assert found["cnr"] == pytest.approx(1.3, abs=0.03)
        assert found["r"] == pytest.approx(0.5968, abs=0.01)
        assert apparent_r(found["value"], found["cnr"]) == pytest.approx(found["r"])
        assert found["undefined"] == 0
        assert found["reason"] == ""


def test_scans_are_averaged_before_they_are_divided():
    """At a CNR of .5 a scan's own reliability scatters around .2, and the mean of ratios is far off."""
    found = study(np.random.default_rng(9), 0.95, 0.5)
    each = disattenuated(found[:, 0], spearman_brown(found[:, 1]), spearman_brown(found[:, 2]))
    mean = disattenuated_mean(*found.T, ANIMALS, n=100, rng=np.random.default_rng(10))
    assert mean["value"] == pytest.approx(0.95, abs=0.07)
    assert abs(np.nanmean(each) - 0.95) > 0.1


def test_values_above_one_stay():
    found = disattenuated_mean(
        np.full(6, 0.5),
        [0.2, 0.22, 0.24, 0.2, 0.21, 0.2],
        np.full(6, 0.25),
        range(6),
        n=100,
        rng=np.random.default_rng(0),
    )
    assert found["value"] > 1
    assert found["high"] > found["value"] > found["low"]


def drawn_study(rng, true_r, reliability, animals, n_eff=150):
    """Correlations with the scatter of n_eff samples; r and reliability of each animal."""
    n = animals.size
    z = rng.standard_normal((6, n, n_eff))
    r, spread = true_r[animals][:, None], np.sqrt(2 / reliability[animals] - 2)[:, None]
    x, y = z[0], r * z[0] + np.sqrt(1 - r**2) * z[1]
    x1, x2, y1, y2 = x + spread * z[2], x + spread * z[3], y + spread * z[4], y + spread * z[5]

    def rows(a, b):
        a, b = a - a.mean(axis=1, keepdims=True), b - b.mean(axis=1, keepdims=True)
        return (a * b).sum(axis=1) / np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))

    return np.column_stack([rows(x1 + x2, y1 + y2), rows(x1, x2), rows(y1, y2)])


@pytest.mark.slow
@pytest.mark.parametrize("differ", [False, True])
def test_intervals_of_the_corrected_correlation_with_six_animals(differ):
    """600 studies: 95 % intervals to three standard errors (.9 %), and .5 % for the small bias of the ratio."""
    rng, studies, hit = np.random.default_rng(11), 600, []

    def draw(of_animals):
        z = rng.standard_normal((2, of_animals)) * differ
        return np.tanh(np.arctanh(0.6) + 0.15 * z[0]), 1 / (1 + np.exp(-0.5 - 0.4 * z[1]))

    many = drawn_study(rng, *draw(20_000), np.arange(20_000))
    truth = disattenuated(many[:, 0].mean(), *spearman_brown(many[:, 1:].mean(axis=0)))
    for _ in range(studies):
        found = disattenuated_mean(*drawn_study(rng, *draw(6), ANIMALS).T, ANIMALS, n=300, rng=rng)
        names = ("", "bootstrap_", "bootstrap_t_")
        hit.append([found[f"{name}low"] <= truth <= found[f"{name}high"] for name in names])
    students, percentile, studentised = np.mean(hit, axis=0)
    assert students == pytest.approx(0.95, abs=0.032)
    assert studentised == pytest.approx(0.96, abs=0.032)
    assert percentile == pytest.approx(0.85, abs=0.05)  # too narrow, as its docstring says
