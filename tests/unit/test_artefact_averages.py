"""Ways to average, components of the residue and the limits that removal reaches, where artefact and LFP are known."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scanner import gradient, one_over_f
from scipy import signal
from scipy.interpolate import CubicSpline

from lfpbold.artefact.regression import remove_gradient, remove_gradient_by
from lfpbold.timing.clock import Clock
from lfpbold.timing.period import fit_period

FS = 24414.0625
FEW = 6103.515625
TIMES = np.arange(20) / 20
WAYS = {
    "all": {},
    "leave-one-out": {"average": "leave_one_out"},
    "sliding": {"average": "sliding", "window": 41},
    "components": {"components": 2, "components_above": 1000 / FEW},
    "differences": {"fit": "differences"},
}


def band(low, high, fs_hz, x):
    return signal.sosfiltfilt(signal.butter(4, (low, high), "bandpass", fs=fs_hz, output="sos"), x)


def recorded(fs_hz, n, ppm, *, rms=600.0, of_band=True, seed=0, tail=1.0):
    """Artefact, LFP and the true clock; the artefact has `rms` µV in 300–3000 Hz."""
    clock = Clock(2.30007, 1 + ppm * 1e-6, 1.0)
    t = np.arange(int((clock.start_s + n * clock.period_s + tail) * fs_hz)) / fs_hz
    scan = {"start_s": clock.start_s, "period_s": clock.period_s, "slice_times_s": TIMES, "tr_s": 1.0, "n_volumes": n}
    artefact = gradient(t, fs_hz, seed=seed, **scan)
    inside = slice(int(clock.start_s * fs_hz) + 1, int((clock.start_s + n * clock.period_s) * fs_hz))
    if of_band:
        artefact *= rms / np.std(band(300, min(3000, 0.45 * fs_hz), fs_hz, artefact[inside]))
    return t, artefact, one_over_f(t.size, fs_hz), clock, inside


@pytest.mark.parametrize(
    "ppm", [pytest.param(0, marks=pytest.mark.slow), 20, pytest.param(100, marks=pytest.mark.slow)]
)
def test_ten_microvolts_of_six_hundred_with_nothing_known_but_the_start(ppm):
    n = 60
    _t, artefact, lfp, clock, inside = recorded(FS, n, ppm)
    found = fit_period(artefact + lfp, FS, Clock(clock.start_s, 1.0, 1.0), n)
    cleaned = remove_gradient(artefact + lfp, found.slice_onsets(n, TIMES) * FS)
    assert np.std(band(300, 3000, FS, artefact[inside])) == pytest.approx(600)
    # What is left is LFP of 60 volumes in the mean template: 1.8 to 2 µV, of which the bound leaves ample room.
    assert np.std(band(300, 3000, FS, (cleaned - lfp)[inside])) < 4


@pytest.mark.parametrize(
    "ppm", [20, pytest.param(0, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.slow)]
)
def test_band_power_is_that_of_the_clean_lfp(ppm):
    n = 400
    _t, artefact, lfp, clock, inside = recorded(FEW, n, ppm)
    found = fit_period(artefact + lfp, FEW, Clock(clock.start_s, 1.0, 1.0), n)
    cleaned = remove_gradient_by(artefact + lfp, found.slice_onsets(n, TIMES) * FEW, ("samples", "differences"))
    for low, high in ((1, 4), (4, 7), (7, 13), (13, 30), (40, 100)):
        r = {
            fit: np.corrcoef(*(power(x[inside], FEW, low, high) for x in (kept, lfp)))[0, 1]
            for fit, kept in cleaned.items()
        }
        assert r["differences"] > 0.993, (low, high, r)
        # β that is fitted to samples follows the LFP, and what of the artefact that leaves in gamma follows it too.
        assert r["samples"] > (0.98 if low == 40 else 0.99), (low, high, r)


def power(x, fs_hz, low, high):
    """Power of 1-s windows, Hann, of one band."""
    size = int(fs_hz)
    rows = x[: x.size // size * size].reshape(-1, size) * np.hanning(size)
    frequency = np.fft.rfftfreq(size, 1 / fs_hz)
    inside = (frequency >= low) & (frequency < high)
    return (np.abs(np.fft.rfft(rows, axis=1)[:, inside]) ** 2).mean(axis=1)


@pytest.fixture(scope="module")
def tones():
    """Ten tones between the lines of 1/TR, under the artefact."""
    n = 120
    t, artefact, _, clock, inside = recorded(FEW, n, 20, of_band=False)
    hertz = [0.2137, 0.7312, 1.44, 3.217, 7.331, 23.17, 47.83, 97.1, 151.7, 249.3]
    phases = np.arange(len(hertz)) * 1.7
    amplitude = 50 / np.sqrt(np.maximum(hertz, 1))  # as LFP, strong where it is slow
    lfp = sum(a * np.sin(2 * np.pi * f * t + p) for a, f, p in zip(amplitude, hertz, phases, strict=True))
    return t, artefact, lfp, clock.slice_onsets(n, TIMES) * FEW, inside, hertz


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_sines_are_kept_within_a_per_cent(tones, way):
    t, artefact, lfp, onsets, inside, hertz = tones
    cleaned = remove_gradient(artefact + lfp, onsets, **way)
    kept, true = (
        np.linalg.lstsq(waves(t[inside], hertz), x[inside], rcond=None)[0].reshape(-1, 2) for x in (cleaned, lfp)
    )
    gain = np.hypot(*kept.T) / np.hypot(*true.T)
    expected = np.ones(len(hertz))
    if way.get("average") == "sliding":
        # A mean of 41 volumes holds a tone by Dirichlet's kernel of its distance to the next line, and takes as much.
        away = np.array(hertz) * 1.00002 % 1
        expected = 1 - np.sin(np.pi * 41 * away) / (41 * np.sin(np.pi * away))
        expected[np.array(hertz) < 0.5] = 1  # what the volumes' means follow is no artefact
    if "components" in way:
        # Nothing but tones is left, so that the fastest is the first component: what of it passes 1000 Hz is taken.
        gain[-1] += 0.035
    np.testing.assert_allclose(gain, expected, atol=0.02 if way.get("average") == "sliding" else 0.01)


def waves(t, hertz):
    return np.column_stack([f(2 * np.pi * h * t) for h in hertz for f in (np.sin, np.cos)])


def test_leaving_its_own_volume_out_keeps_what_the_mean_takes():
    """Of n volumes the mean holds 1/n of each: (1 − 1/n) of the LFP stays. Left out, all of it does."""
    n = 10
    _t, artefact, lfp, clock, inside = recorded(FEW, n, 20, of_band=False)
    onsets = clock.slice_onsets(n, TIMES) * FEW
    gain = {}
    for way in ("all", "leave_one_out"):
        kept = remove_gradient(artefact + lfp, onsets, average=way, align=False, fit="differences")[inside]
        gain[way] = kept @ lfp[inside] / (lfp[inside] @ lfp[inside])
    assert gain["all"] == pytest.approx(0.9, abs=0.03)
    assert gain["leave_one_out"] == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("knots", [0, 4])
@pytest.mark.parametrize("average", ["leave_one_out", "all"])
def test_what_happens_in_a_volume_that_is_left_out_does_not_enter_its_template(knots, average):
    n = 24
    _t, artefact, lfp, clock, _ = recorded(FEW, n, 20, of_band=False)
    onsets = clock.slice_onsets(n, TIMES) * FEW
    raw = (artefact + lfp).astype(np.float32)
    hurt, volume = raw.copy(), slice(int(onsets[9, 3]), int(onsets[9, 4]))
    hurt[volume] += 300 * np.random.default_rng(0).standard_normal(volume.stop - volume.start).astype(np.float32)
    taken = [(x - remove_gradient(x, onsets, average=average, align=False, knots=knots))[volume] for x in (raw, hurt)]
    alike = np.corrcoef(*taken)[0, 1]
    assert alike > 1 - 1e-6 if average == "leave_one_out" else alike < 1 - 1e-4


def test_leave_one_out_is_the_template_of_the_others():
    """Against templates made one by one from recordings that lack the volume."""
    n = 24
    _t, artefact, lfp, clock, _ = recorded(FEW, n, 20, of_band=False)
    onsets = clock.slice_onsets(n, TIMES[::5]) * FEW
    raw = (artefact + lfp).astype(np.float32)
    at_once = remove_gradient(raw, onsets, average="leave_one_out", align=False)
    edges = np.append(onsets[:, 0], onsets[-1, 0] + np.diff(onsets[:, 0]).mean()).astype(int)
    means = [raw[a:b].mean(dtype=float) for a, b in itertools.pairwise(edges)]
    drift = CubicSpline((edges[:-1] + edges[1:] - 1) / 2, means)(np.arange(raw.size))
    for v in (0, 11, n - 2):
        others = np.delete(onsets, v, axis=0)
        # The template of the others, fitted to volume v: a sliding window cannot know it, so it is built by hand.
        template = mean_template(raw - drift, others[:, 1], onsets[v, 1], onsets[v, 2])
        begin, stop = int(onsets[v, 1]), int(onsets[v, 2])
        shape = template - template.mean()
        expected = raw[begin:stop] - np.mean(means) - (raw - drift)[begin:stop] @ shape / (shape @ shape) * template
        np.testing.assert_allclose(at_once[begin + 3 : stop - 3], expected[3:-3], atol=2.0)


def mean_template(raw, begins, begin, stop):
    """Mean of raw at begins + (samples of one slice − its begin), by windowed-sinc interpolation of each."""
    offsets = np.arange(int(begin), int(stop)) - begin
    total = np.zeros(offsets.size)
    for start in begins:
        place = start + offsets
        nearest = np.round(place).astype(int)
        taps = np.arange(-40, 41)
        distance = place[:, None] - nearest[:, None] - taps
        index = np.clip(nearest[:, None] + taps, 0, raw.size - 1)
        total += (raw[index] * np.sinc(distance) * np.cos(np.pi * distance / 82) ** 2).sum(axis=1)
    return total / len(begins)


@pytest.fixture(scope="module")
def changing():
    """An artefact whose shape changes over the scan: 5 % of another one comes and goes within 40 s."""
    n = 120
    t, artefact, lfp, clock, inside = recorded(FEW, n, 20, of_band=False)
    other = recorded(FEW, n, 20, of_band=False, seed=5)[1]
    raw = artefact + 0.05 * np.sin(2 * np.pi * t / 40) * other + lfp
    return raw, lfp, clock.slice_onsets(n, TIMES) * FEW, inside


def left(changing, **options):
    raw, lfp, onsets, inside = changing
    return np.std(band(300, 2700, FEW, (remove_gradient(raw, onsets, **options) - lfp)[inside]))


def test_sliding_means_and_components_follow_an_artefact_that_changes(changing):
    one = left(changing)
    assert one > 15  # 5 %/√2 of 600 µV, less what β and γ follow
    assert left(changing, average="sliding", window=11) < 0.4 * one
    by_number = [left(changing, components=c, components_above=100 / FEW) for c in (1, 2)]
    assert by_number[0] < 0.25 * one and by_number[1] < 1.05 * by_number[0]


def test_components_leave_lfp_below_their_frequency_alone(changing):
    raw, _, onsets, inside = changing
    cleaned = remove_gradient_by(raw, onsets, ("samples",), components=3, components_above=100 / FEW)["samples"]
    without = remove_gradient(raw, onsets)
    slow = [band(1, 30, FEW, x[inside]) for x in (cleaned, without)]
    assert np.std(slow[0] - slow[1]) < 0.01 * np.std(slow[1])


@pytest.mark.parametrize("way", [{"average": "sliding", "window": 15}, {"average": "leave_one_out"}, {"knots": 4},
                                 {"average": "sliding", "window": 15, "knots": 2}])  # fmt: skip
def test_first_and_last_volumes_are_as_clean_as_the_middle(way):
    n = 60
    _t, artefact, lfp, clock, _ = recorded(FEW, n, 20, of_band=False, tail=0.0)
    onsets = clock.slice_onsets(n, TIMES) * FEW
    rest = remove_gradient(artefact + lfp, onsets, **way) - lfp
    starts = onsets[:, 0].astype(int) + 1
    of_volume = [np.std(band(300, 2700, FEW, rest[a : a + int(FEW) - 2])) for a in starts]
    assert max(of_volume[0], of_volume[-1]) < 1.4 * np.median(of_volume)
    assert np.median(of_volume) < 0.04 * artefact.std()


def test_pooled_slices_average_in_every_way():
    n = 30
    clock = Clock(2.30007, 1.00002, 1.0)
    t = np.arange(int(34 * FEW)) / FEW
    artefact = gradient(t, FEW, start_s=2.30007, period_s=1.00002, slice_times_s=TIMES, tr_s=1.0, n_volumes=n, alike=1)
    lfp = one_over_f(t.size, FEW)
    onsets = clock.slice_onsets(n, TIMES) * FEW
    inside = slice(int(onsets[0, 0]) + 1, int(onsets[-1, -1]))
    for way in ({}, {"average": "sliding", "window": 9}, {"average": "leave_one_out"}, {"knots": 4}):
        rest = (remove_gradient(artefact + lfp, onsets, template="pooled", **way) - lfp)[inside]
        assert np.std(rest) < 0.25 * lfp.std(), way
