"""A start that is stated, and an artefact that folds back: the clock, the start's contradiction, and the whole scan."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from aliasing import recording
from scanner import one_over_f

from lfpbold.artefact.aliasing import knots_needed
from lfpbold.artefact.regression import remove_gradient
from lfpbold.errors import InputError
from lfpbold.timing import period as period_search
from lfpbold.timing.clock import Clock
from lfpbold.timing.locate import locate_scan, stated_clock
from lfpbold.timing.onset import find_scan, volume_jitter
from lfpbold.timing.period import fit_period

SLICES = 12


def drifting(x, fs_hz, uv, seed=0):
    """The same with an electrode that drifts slowly by so much."""
    walk = np.cumsum(np.random.default_rng(seed).standard_normal(x.size // int(fs_hz) + 2))
    walk = np.interp(np.arange(x.size) / fs_hz, np.arange(walk.size), walk - walk.mean())
    return x + uv * walk / walk.std()


def scan(fs_hz=1000.0, tr_s=1.0, ppm=12.0, n=100, *, lead=9.37, after=4.0, uv=100.0, **options):
    """Samples, LFP, start and period of a scan whose gradients reach above half the rate."""
    period = tr_s * (1 + ppm * 1e-6) * fs_hz
    raw, lfp, onsets = recording(fs_hz=fs_hz, period=period, n_volumes=n, n_slices=SLICES, start=lead * fs_hz,
                                 after=int(after * fs_hz), lfp_uv=80.0, **options)  # fmt: skip
    drift = drifting(np.zeros(raw.size), fs_hz, uv)
    return raw + drift, lfp + drift, onsets[0] / fs_hz, period / fs_hz


def opened(raw, fs_hz, n, tr_s, *, triggers_s=None, dummies=0):
    lfp = SimpleNamespace(fs_hz=fs_hz, n_samples=len(raw), triggers_s=triggers_s, channel=lambda position: raw)
    bold = SimpleNamespace(shape=(4, 4, SLICES), n_volumes=n - dummies, tr_s=tr_s, slice_times_s=None, slice_axis=2,
                           dummy_volumes=dummies)  # fmt: skip
    return lfp, bold


@pytest.mark.parametrize("uv", [0.0, 300.0])
@pytest.mark.parametrize(
    ("fs_hz", "tr_s", "ppm"),
    [
        (1000.0, 1.0, 12.0),
        (1000.0, 1.0, -15.0),
        (1000.0, 3.0, 20.0),
        (1000.0, 0.5, -44.0),
        (250.0, 2.0, 60.0),
        (500.0, 1.5, -33.0),
        (2000.0, 1.0, -9.0),
        (5000.0, 1.0, 150.0),
    ],
)
def test_the_clock_of_an_aliased_artefact_with_a_start_that_is_a_little_wrong(fs_hz, tr_s, ppm, uv):
    """The nominal volume is a whole number of samples: hardly more than one sample of drift in the whole scan."""
    raw, _, start, period = scan(fs_hz, tr_s, ppm, uv=uv, order=2, cutoff=0.6)
    for wrong in (-0.05, 0.05):
        found = fit_period(raw, fs_hz, Clock(start + wrong, tr_s, tr_s), 100)
        assert abs(found.period_s - period) * fs_hz * 100 < 0.1  # samples over the scan


@pytest.mark.parametrize("ppm", [-8.0, -3.0, 0.1, 4.0])
def test_less_than_a_sample_of_drift_leaves_no_more_than_the_true_clock_does(ppm):
    raw, lfp, start, period = scan(ppm=ppm, uv=0.0, order=2, cutoff=0.6)

    def left(period_s):
        onsets = Clock(start, period_s, 1.0).slice_onsets(100, np.arange(SLICES) / SLICES) * 1000
        cleaned = remove_gradient(raw, onsets, knots=knots_needed(raw, onsets))
        return np.diff(cleaned - lfp)[int(start * 1000) + 5 : int((start + 100 * period) * 1000) - 5].std()

    found = fit_period(raw, 1000.0, Clock(start, 1.0, 1.0), 100).period_s
    assert abs(found - period) * 1000 * 100 < 1.5
    assert left(found) < 1.15 * left(period) + 1


def test_movements_and_a_volume_that_is_missing_do_not_move_the_clock():
    raw, _, start, period = scan(order=2, cutoff=0.6)
    rng = np.random.default_rng(3)
    for second in (12, 31, 55, 70, 88):
        raw[second * 1000 : second * 1000 + 400] += 20_000 * rng.standard_normal(400)
    raw[40_000:41_000] = 0
    found = fit_period(raw, 1000.0, Clock(start, 1.0, 1.0), 100)
    assert abs(found.period_s - period) * 1000 * 100 < 0.1


def test_a_scan_that_slips_in_the_middle_has_a_clock_in_doubt():
    raw, _, start, _ = scan(ppm=400.0, order=2, cutoff=0.6)
    parts = [raw[: int((start + 33) * 1000)], *[raw[int((start + a) * 1000) : int((start + b) * 1000)]
             for a, b in ((33.313, 66), (66.41, 100))], raw[int((start + 100) * 1000) :]]  # fmt: skip
    found = fit_period(np.concatenate(parts), 1000.0, Clock(start, 1.0, 1.0), 99)
    assert "the clock is in doubt" in found.notes[0] and found.period_s == 1.0


@pytest.mark.parametrize("missing", [3, 20])
def test_a_scan_that_was_aborted_keeps_its_clock_and_is_told(missing):
    raw, lfp, start, period = scan(ppm=25.0, n=80, order=2, cutoff=0.6)
    end = int((start + (80 - missing) * period) * 1000)
    raw[end:] = lfp[end:]
    clock = locate_scan(*opened(raw, 1000.0, 80, 1.0), start_s=start)
    assert f"the artefact ends {missing}.00 s before the scan does" in clock.notes[0]
    assert abs(clock.period_s - period) * 1000 * 80 < 0.2


def test_a_gap_within_the_scan_is_no_wrong_start():
    raw, _, start, period = scan(ppm=25.0, n=80, order=2, cutoff=0.6)
    raw[30_000:45_000] = 0
    clock = locate_scan(*opened(raw, 1000.0, 80, 1.0), start_s=start)
    assert clock.notes == () and abs(clock.period_s - period) * 1000 * 80 < 0.1


def test_no_more_than_a_part_of_the_recording_is_read():
    raw, _, start, _ = scan(24414.0625, 1.0, 12.0, 60, order=4, cutoff=0.3)
    read = []

    class Lazy:
        def __len__(self):
            return len(raw)

        def __getitem__(self, which):
            read.append(which.stop - which.start)
            return raw[which]

    fit_period(Lazy(), 24414.0625, Clock(start, 1.0, 1.0), 60)
    assert sum(read) < 1.5 * len(raw) and max(read) < 10_000


@pytest.mark.parametrize("volumes", [-2, -1, 1, 2])
@pytest.mark.parametrize(("fs_hz", "tr_s"), [(1000.0, 1.0), (1000.0, 2.0), (5000.0, 0.6)])
def test_a_stated_start_that_is_volumes_off_is_refused(fs_hz, tr_s, volumes):
    raw, _, start, period = scan(fs_hz, tr_s, 17.0, 60, after=6.0, order=2, cutoff=0.5)
    lfp, bold = opened(raw, fs_hz, 60, tr_s)
    said = rf"the artefact begins at 9\.3\d s, scan_start_s says {start + volumes * period:.2f} s"
    with pytest.raises(InputError, match=said) as error:
        locate_scan(lfp, bold, start_s=start + volumes * period)
    assert f"{abs(volumes):.1f} volumes" in str(error.value)


@pytest.mark.parametrize("wrong_s", [-0.05, 0.0, 0.05])
@pytest.mark.parametrize("ppm", [-40.0, -3.0, 0.0, 17.0])
@pytest.mark.parametrize("after", [0.02, 6.0])
def test_a_stated_start_that_is_right_to_fifty_milliseconds_is_used(wrong_s, ppm, after):
    raw, _, start, _ = scan(ppm=ppm, n=60, after=after + 0.05, uv=300.0, order=2, cutoff=0.6, silent=0.2)
    assert locate_scan(*opened(raw, 1000.0, 60, 1.0), start_s=start + wrong_s).start_s == start + wrong_s


def test_dummy_scans_before_a_stated_start_are_no_contradiction():
    raw, _, start, period = scan(n=64, order=2, cutoff=0.5)
    assert locate_scan(*opened(raw, 1000.0, 60, 1.0), start_s=start + 4 * period).n_volumes == 60


def test_triggers_that_lost_the_first_one_are_held_against_the_artefact():
    """A trigger too many after the scan makes up for it in number."""
    raw, _, start, period = scan(n=60, after=6.0, order=2, cutoff=0.5)
    lfp, bold = opened(raw, 1000.0, 60, 1.0, triggers_s=start + period * np.arange(1, 61))
    with pytest.raises(InputError, match=r"the artefact begins at 9\.3\d s, the first trigger says 10.37 s"):
        locate_scan(lfp, bold)


def test_lfp_that_began_late_is_told_the_way_out_and_it_works():
    raw, _, start, _ = scan(ppm=17.0, n=60, lead=2.0, order=2, cutoff=0.5)
    late = raw[5000:]  # the scan began three seconds before
    with pytest.raises(
        InputError, match=r"3\.000 s before the recording.* first 3 volumes.*dummy_volumes \(3 instead of 0"
    ):
        stated_clock(*opened(late, 1000.0, 60, 1.0), start_s=start - 5)
    clock = locate_scan(*opened(late, 1000.0, 60, 1.0, dummies=3), start_s=start - 5)
    assert clock.n_volumes == 57 and clock.start_s == pytest.approx(0, abs=1e-3)


def test_aliased_volumes_are_not_said_to_jitter():
    for fs_hz in (500.0, 1000.0, 2000.0):
        raw, _, start, period = scan(fs_hz, ppm=12.0, order=2, cutoff=0.8)
        onsets = (start + period * np.arange(100)) * fs_hz
        assert volume_jitter(raw, onsets, 4, 8) < 0.1
    raw, _, onsets = recording(jitter=0.5, order=2, n_volumes=100)
    regular = np.polyval(np.polyfit(np.arange(100), onsets, 1), np.arange(100))
    assert volume_jitter(raw, regular, 8, 8) > 0.2


@pytest.mark.parametrize(("ppm", "lead", "after"), [(12.0, 8.0, 6.0), (-1.0, 120.0, 2.0), (40.0, 3.0, 200.0)])
def test_a_whole_aliased_scan_is_found_without_triggers(ppm, lead, after):
    raw, _, start, _ = scan(1000.0, 2.0, ppm, 100, lead=lead, after=after, order=2, cutoff=0.7)
    found, notes = find_scan(raw, 1000.0, 2.0, 100)
    assert found.start_s == pytest.approx(start, abs=0.03)
    assert "100.0" in notes[0] or "99.9" in notes[0]


def test_a_localiser_and_movements_before_the_scan_are_not_taken_for_it():
    before, _, _, _ = scan(1000.0, 2.0, 12.0, 15, lead=3.0, seed=4, order=2, cutoff=0.7)
    raw, _, start, _ = scan(1000.0, 2.0, 12.0, 80, lead=9.0, order=2, cutoff=0.7)
    raw = np.concatenate([before, raw])
    raw[before.size + 2000 : before.size + 2300] += 30_000 * np.random.default_rng(0).standard_normal(300)
    found, _ = find_scan(raw, 1000.0, 2.0, 80)
    assert found.start_s == pytest.approx(start + before.size / 1000, abs=0.03)


def test_the_same_protocol_twice_is_not_chosen_from():
    raw, _, _, _ = scan(1000.0, 2.0, 12.0, 60, order=2, cutoff=0.7)
    with pytest.raises(InputError, match=r"there more than once \(\d+-\d+ s and \d+-\d+ s\); give scan_start_s"):
        find_scan(np.concatenate([raw, raw]), 1000.0, 2.0, 60)


def test_lfp_without_artefact_keeps_its_clock_and_is_not_refused():
    silent = one_over_f(80_000, 1000.0)
    assert locate_scan(*opened(silent, 1000.0, 60, 1.0), start_s=5.0).period_s == 1.0


def test_few_volumes_and_short_ones():
    raw, _, start, period = scan(1000.0, 1.0, 300.0, 5, order=2, cutoff=0.5)
    assert fit_period(raw, 1000.0, Clock(start, 1.0, 1.0), 5).ppm == pytest.approx(300, abs=20)
    assert fit_period(raw, 1000.0, Clock(start, 1.0, 1.0), 1).period_s == 1.0
    assert period_search.WINDOW <= 512 and period > 1
