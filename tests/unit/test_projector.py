"""One projector for BOLD and regressors: what it removes exactly, what other orders leave, and the spread of r."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import fft, stats

from lfpbold.bold.cleaning import regress_out
from lfpbold.bold.projector import Projector, dct_functions, effective_n
from lfpbold.coupling import correlation
from lfpbold.coupling.correlation import p_value
from lfpbold.errors import InputError
from lfpbold.pipeline import projection

BAND, N = (0.01, 0.1), 1200
INSIDE = 217 / N
"""Share of white noise in the band: functions 24 … 240 of 1200."""


def censored(how, rng, n=N):
    """A quarter of the volumes left out: one by one, in threes as scrubbing does, or in one piece."""
    kept = np.ones(n, bool)
    if how == "single":
        kept[rng.choice(n, n // 4, replace=False)] = False
    elif how == "triples":
        while kept.sum() > 0.75 * n:
            middle = rng.integers(1, n - 1)
            kept[middle - 1 : middle + 2] = False
    elif how == "one gap":
        kept[n // 3 : n // 3 + n // 4] = False
    return kept


def share_of(series, regressors):
    """R² of each column of `series` on `regressors` and a constant, by an implementation of its own."""
    design = np.column_stack([np.ones(len(series)), regressors])
    residual = series - design @ np.linalg.lstsq(design, series, rcond=None)[0]
    return 1 - (residual**2).sum(axis=0) / ((series - series.mean(axis=0)) ** 2).sum(axis=0)


def pairwise_r(series):
    series = series / np.linalg.norm(series - series.mean(axis=0), axis=0)
    return (series[:, ::2] * series[:, 1::2]).sum(axis=0)


def test_functions_are_those_of_scipy_s_dct_at_their_frequencies():
    inside, below = dct_functions(300, 2.0, BAND)
    whole = fft.idct(np.eye(300), type=2, norm="ortho", axis=0)
    frequency = np.arange(300) / (2 * 300 * 2.0)
    np.testing.assert_allclose(inside, whole[:, (frequency >= 0.01) & (frequency <= 0.1)], atol=1e-12)
    np.testing.assert_allclose(below, whole[:, frequency < 0.01], atol=1e-12)
    assert dct_functions(N, 1.0, BAND)[0].shape[1] == 217  # 24/2400 Hz … 240/2400 Hz, both edges
    # The frequency of a function is what its name says: half its zero crossings per second.
    crossings = (np.diff(np.sign(inside), axis=0) != 0).sum(axis=0)
    np.testing.assert_allclose(crossings / (2 * 300 * 2.0), frequency[(frequency >= 0.01) & (frequency <= 0.1)])


def test_without_gaps_and_nuisance_it_is_the_dct_with_other_frequencies_set_to_zero():
    x = np.random.default_rng(0).standard_normal((N, 5)) + 10_000
    transformed = fft.dct(x, axis=0, norm="ortho")
    transformed[:24], transformed[241:] = 0, 0
    np.testing.assert_allclose(
        Projector(N, 1.0, BAND).apply(x), fft.idct(transformed, axis=0, norm="ortho"), atol=1e-10
    )
    np.testing.assert_allclose(Projector(N, 1.0, BAND).apply(x[:, 0]), Projector(N, 1.0, BAND).apply(x)[:, 0])


@pytest.mark.parametrize("how", ["none", "single", "triples", "one gap"])
def test_it_is_a_projector_that_leaves_nothing_of_nuisance_drift_and_mean(how):
    rng = np.random.default_rng(1)
    kept = censored(how, rng)
    nuisance = rng.standard_normal((N, 9)).cumsum(axis=0) * 10.0 ** np.arange(-4, 5)
    nuisance = np.column_stack([np.ones(N), nuisance, nuisance[:, 0] + nuisance[:, 1], 1e4 + rng.standard_normal(N)])
    projector = Projector(N, 1.0, BAND, nuisance, kept)
    q = projector.basis
    assert q.shape == (kept.sum(), projector.degrees_of_freedom)
    np.testing.assert_allclose(q.T @ q, np.eye(q.shape[1]), atol=1e-12)
    bold = rng.standard_normal((kept.sum(), 20)) + nuisance[kept] @ rng.standard_normal((12, 20)) + 10_000
    clean = projector.apply(bold)
    np.testing.assert_allclose(projector.apply(clean), clean, atol=1e-10)
    # Nuisance as it is, and filtered: nothing is left in the BOLD, and nothing of the nuisance gets through.
    raw = nuisance[kept][:, 1:] / nuisance[kept][:, 1:].std(axis=0)
    filtered = Projector(N, 1.0, BAND, None, kept).apply(raw)
    assert share_of(clean, raw).max() < 1e-12
    assert share_of(clean, filtered / filtered.std(axis=0)).max() < 1e-12
    assert np.abs(projector.apply(raw)).max() < 1e-8
    drift = np.cos(np.pi * np.outer(np.arange(N) + 0.5, np.arange(24)) / N)[kept]
    assert np.abs(projector.apply(drift)).max() < 1e-9
    np.testing.assert_allclose(clean.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(
        projector.coefficients(bold).T @ projector.coefficients(bold), clean.T @ clean, rtol=1e-9
    )


def test_it_is_the_residual_of_one_regression_on_nuisance_and_the_stop_band():
    """Without gaps: the same as ordinary regression on everything that is unwanted at once (as AFNI's 3dTproject)."""
    rng = np.random.default_rng(2)
    nuisance, x = rng.standard_normal((N, 6)), rng.standard_normal((N, 4))
    whole = fft.idct(np.eye(N), type=2, norm="ortho", axis=0)
    stop = np.column_stack([whole[:, :24], whole[:, 241:], nuisance])
    expected = x - stop @ np.linalg.lstsq(stop, x, rcond=None)[0]
    np.testing.assert_allclose(Projector(N, 1.0, BAND, nuisance).apply(x), expected, atol=1e-10)


def test_degrees_of_freedom():
    rng = np.random.default_rng(3)
    nuisance = rng.standard_normal((N, 9))
    assert Projector(N, 1.0, BAND).degrees_of_freedom == 217
    assert Projector(N, 1.0, BAND, nuisance).degrees_of_freedom == 208
    assert Projector(N, 1.0, BAND, np.column_stack([nuisance, nuisance[:, 0], np.ones(N)])).degrees_of_freedom == 208
    kept = np.ones(N, bool)
    kept[[100, 700]] = False
    assert Projector(N, 1.0, BAND, None, kept).degrees_of_freedom == 215  # one for each, up to 24
    assert Projector(N, 1.0, BAND, None, censored("single", rng)).degrees_of_freedom == 217 - 24
    assert Projector(N, 1.0, BAND, None, censored("triples", rng)).degrees_of_freedom == 217 - 24
    # A gap of 300 s takes 2 × 300 s × .09 Hz = 54 functions with it, give or take those that lie across its rims.
    assert Projector(N, 1.0, BAND, None, censored("one gap", rng)).degrees_of_freedom == pytest.approx(217 - 54, abs=10)
    assert Projector(300, 1.0, None).degrees_of_freedom == 299


def test_other_orders_leave_nuisance_behind():
    """What is left of nuisance in the BOLD, R² on the filtered nuisance: 0 here, .037 in the paper's order, .645 when
    filtered data are regressed on raw nuisance. Ten white regressors carry 4.53 times the variance of the rest, the
    ratio at which the last number is .645 by its closed form; the second does not depend on it."""
    rng, nuisance_variance, n_regressors = np.random.default_rng(4), 4.53, 10
    plain, left = Projector(N, 1.0, BAND), {"paper": [], "raw": [], "one": []}
    for _ in range(20):
        nuisance = rng.standard_normal((N, n_regressors))
        beta = rng.standard_normal((n_regressors, 200))
        beta *= np.sqrt(nuisance_variance) / np.linalg.norm(beta, axis=0)
        bold = nuisance @ beta + rng.standard_normal((N, 200))
        design, filtered = np.column_stack([np.ones(N), nuisance]), plain.apply(nuisance)
        left["paper"].append(share_of(plain.apply(regress_out(bold, design)), filtered).mean())
        left["raw"].append(share_of(regress_out(plain.apply(bold), design), filtered).mean())
        left["one"].append(share_of(Projector(N, 1.0, BAND, nuisance).apply(bold), filtered).max())
    assert np.max(left["one"]) < 1e-12
    # Regressed series are noise orthogonal to raw nuisance, a share of 1 − 217/1200 of which the filter undoes.
    assert np.mean(left["paper"]) == pytest.approx(n_regressors / 217 * (1 - INSIDE), rel=0.04)
    assert np.mean(left["paper"]) == pytest.approx(0.037, abs=0.002)
    closed = (1 - INSIDE) ** 2 * nuisance_variance / ((1 - INSIDE) * nuisance_variance + 1)
    assert closed == pytest.approx(0.645, abs=5e-4)
    assert np.mean(left["raw"]) == pytest.approx(0.645, abs=0.015)


def test_a_signal_of_the_band_comes_through_gaps_as_it_is_and_drift_does_not_come_in():
    """With the band's functions alone, 7 % (single volumes) and 30 % (triples) of slow drift would pass as signal."""
    rng = np.random.default_rng(5)
    t = np.arange(N)
    drift = np.column_stack([t, (t - 700.0) ** 2, np.cos(np.pi * 4.7 * t / N)])
    inside = dct_functions(N, 1.0, BAND)[0]
    signal = inside @ rng.standard_normal((217, 20))
    for how, leak in (("single", 0.07), ("triples", 0.3)):
        kept = censored(how, rng)
        band_only = np.linalg.qr(inside[kept])[0]
        centred = drift[kept] - drift[kept].mean(axis=0)
        naive = ((band_only.T @ centred) ** 2).sum(axis=0) / (centred**2).sum(axis=0)
        assert naive.mean() == pytest.approx(leak, rel=0.4)
        projector = Projector(N, 1.0, BAND, None, kept)
        assert ((projector.apply(drift[kept]) ** 2).sum(axis=0) / (centred**2).sum(axis=0)).max() < 1e-3
        # Only the 24 degrees of freedom that drift costs are missing.
        passed = (projector.apply(signal[kept]) ** 2).sum() / (signal[kept] ** 2).sum()
        assert passed > 1 - 24 / 217


def test_ends_are_not_inflated():
    """Variance of the first and last ten volumes against the middle: 1.03, where filtfilt leaves 4."""
    x = np.random.default_rng(6).standard_normal((N, 4000))
    variance = Projector(N, 1.0, BAND).apply(x).var(axis=1)
    ends = (variance[:10].mean() + variance[-10:].mean()) / 2 / variance[300:900].mean()
    assert ends == pytest.approx(1.03, abs=0.03)
    # Closed form: the leverage of a volume.
    leverage = (dct_functions(N, 1.0, BAND)[0] ** 2).sum(axis=1)
    np.testing.assert_allclose(variance, leverage, rtol=5 * np.sqrt(2 / 4000))
    assert leverage[0] / leverage[300:900].mean() == pytest.approx(1.93, abs=0.01)  # the very end


@pytest.mark.parametrize(("how", "n_nuisance"), [("none", 0), ("none", 9), ("triples", 9), ("one gap", 0)])
def test_spread_of_r_is_that_of_the_degrees_of_freedom_and_p_holds_its_level(how, n_nuisance):
    rng = np.random.default_rng(7)
    kept = censored(how, rng)
    projector = Projector(N, 1.0, BAND, rng.standard_normal((N, n_nuisance)), kept)
    r = pairwise_r(projector.apply(rng.standard_normal((kept.sum(), 8000))))
    expected = 1 / np.sqrt(effective_n(projector) - 1)
    assert r.std() == pytest.approx(expected, rel=3 / np.sqrt(8000))
    if how == "none" and n_nuisance == 0:
        # .0679; a simulation of a thousand pairs, good to 2 %, gave .067 (n_eff 223).
        assert expected == pytest.approx(0.067, abs=0.001)
        assert effective_n(projector) == pytest.approx(223, rel=0.03)
    p = p_value(r, effective_n(projector))
    assert stats.kstest(p, "uniform").pvalue > 0.001
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 4000))


def test_bartlett_agrees_where_the_spectrum_is_flat_and_sees_where_it_is_not():
    rng = np.random.default_rng(8)
    projector = Projector(N, 1.0, BAND)
    flat = projector.apply(rng.standard_normal((N, 400)))
    bartlett = np.mean([correlation.effective_n(a, b) for a, b in flat.T.reshape(200, 2, N)])
    assert bartlett == pytest.approx(effective_n(projector), rel=0.1)
    slope = (np.arange(24, 241) / 24.0) ** -0.5  # power 1/f within the band
    sloped = dct_functions(N, 1.0, BAND)[0] @ (slope[:, None] * rng.standard_normal((217, 2000)))
    truth = 1 / pairwise_r(sloped).var()
    # sd of r is √Σ p², p the shares of power: what the degrees of freedom alone do not know.
    assert truth == pytest.approx((slope**2).sum() ** 2 / (slope**4).sum(), rel=0.2)
    assert truth < 0.8 * effective_n(projector)
    bartlett = np.mean([correlation.effective_n(a, b) for a, b in sloped.T[:400].reshape(200, 2, N)])
    assert bartlett == pytest.approx(truth, rel=0.2)


def test_what_does_not_fit_is_refused():
    with pytest.raises(InputError, match="nuisance has 10 rows and the scan 20"):
        Projector(20, 1.0, BAND, np.ones((10, 1)))
    with pytest.raises(InputError, match="kept volumes has 10 rows"):
        Projector(20, 1.0, BAND, None, np.ones(10, bool))
    with pytest.raises(InputError, match=r"not below the Nyquist frequency 0\.1 Hz"):
        Projector(200, 5.0, BAND)
    with pytest.raises(InputError, match="resolve no frequency"):
        Projector(20, 1.0, (0.001, 0.01))
    with pytest.raises(InputError, match="degrees of freedom"):
        Projector(100, 1.0, BAND, np.random.default_rng(0).standard_normal((100, 20)))
    with pytest.raises(InputError, match="5 volumes and the projector 1200"):
        Projector(N, 1.0, BAND).apply(np.zeros(5))
    nuisance = np.random.default_rng(0).standard_normal((N, 1))
    nuisance[7] = np.nan
    with pytest.raises(InputError, match="not finite"):
        Projector(N, 1.0, BAND, nuisance)
    assert Projector(N, 1.0, BAND, nuisance, np.arange(N) != 7).degrees_of_freedom == 215
    missing = np.random.default_rng(0).standard_normal((N, 3))
    missing[4, 1] = np.nan
    assert np.isfinite(Projector(N, 1.0, BAND).apply(missing)).all(axis=0).tolist() == [True, False, True]


@pytest.mark.parametrize("filtering", ["projector", "butterworth"])
def test_bold_is_cut_to_what_the_lfp_covers(filtering):
    """Volumes beyond the recording go; what is left is free of drift and nuisance on its own volumes."""
    rng, n = np.random.default_rng(12), 240
    kept = np.delete(np.arange(n), [50, 51, 200])
    nuisance = np.cumsum(rng.standard_normal((n, 2)), axis=0)[kept]
    info = {"Stage": "raw", "NumberOfVolumes": n, "RepetitionTime": 1.0}
    options = {"filtering": filtering, "band_pass_hz": [0.01, 0.1]}
    info["VolumesKept"] = kept.tolist()
    clean = projection.bold_filter(info, nuisance, options)(rng.standard_normal((kept.size, 3)))
    assert projection.covered_volumes(clean, nuisance, info, n, options)[0] is clean
    short, confounds, shorter = projection.covered_volumes(clean, nuisance, info, 180, options)
    assert shorter["VolumesKept"] == [v for v in kept if v < 180] and len(short) == len(confounds) == 178
    if filtering == "butterworth":
        np.testing.assert_array_equal(short, clean[:178])
        return
    unwanted = np.column_stack([np.ones(178), confounds])
    left = unwanted @ np.linalg.lstsq(unwanted, short, rcond=None)[0]
    assert np.abs(left).max() < 1e-9 * np.abs(short).max()
    np.testing.assert_allclose(projection.bold_filter(shorter, confounds, options)(short), short, atol=1e-9)


def test_bold_that_was_clean_when_it_came_is_projected_by_nobody():
    """Whatever the settings: what was done to it is not known here."""
    series = np.random.default_rng(3).standard_normal((20, 2))
    info = {"Stage": "clean", "NumberOfVolumes": 20, "RepetitionTime": 1.0, "VolumesKept": list(range(20))}
    options = {"filtering": "projector", "band_pass_hz": [0.01, 0.1]}
    assert projection.bold_filter(info, np.empty((20, 0)), options)(series) is series
    projected = projection.bold_filter(info | {"Stage": "realigned"}, np.empty((20, 0)), options)(series)
    assert np.abs(projected - series).max() > 0.1
