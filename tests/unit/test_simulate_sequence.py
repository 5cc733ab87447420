"""The gradient-echo equation of the simulator, and what stimulation adds to a simulated run."""

from __future__ import annotations

import json

import nibabel
import numpy as np
import pytest
from scipy import optimize

from lfpbold.simulate import atlas as brains
from lfpbold.simulate import bold, latent, resolve, sequence, simulate, stimulus
from lfpbold.simulate.presets import BANDS

T1, T2STAR, TR = 1.8, 0.028, 1.0


def steady_state(m0, flip, repetition_time, t1, pulses=4000):
    """Longitudinal magnetisation before a pulse, followed pulse by pulse with no transverse magnetisation left."""
    m = m0
    for _ in range(pulses):
        m = m0 + (m * np.cos(flip) - m0) * np.exp(-repetition_time / t1)
    return m


@pytest.mark.parametrize("flip", [0.1, 0.6, np.pi / 2])
@pytest.mark.parametrize("echo_time", [0.005, 0.015, 0.04])
def test_signal_is_the_closed_form_of_the_pulse_by_pulse_steady_state(flip, echo_time):
    """Bloch's equation iterated until nothing changes, against the formula."""
    expected = steady_state(3.0, flip, TR, T1) * np.sin(flip) * np.exp(-echo_time / T2STAR)
    assert sequence.gradient_echo(3.0, echo_time, TR, flip, T1, 1 / T2STAR) == pytest.approx(expected, rel=1e-9)


def test_the_ernst_angle_has_the_largest_signal():
    best = optimize.minimize_scalar(
        lambda a: -sequence.gradient_echo(1.0, 0.015, TR, a, T1, 1 / T2STAR), bounds=(0, np.pi / 2), method="bounded"
    )
    assert sequence.ernst_angle(TR, T1) == pytest.approx(best.x, abs=1e-4)


def test_a_small_change_of_r2star_changes_the_signal_by_te_times_it():
    change, echo_time = -0.5, 0.015
    signals = sequence.gradient_echo(1.0, echo_time, TR, 0.9, T1, np.array([1 / T2STAR, 1 / T2STAR + change]))
    relative = signals[1] / signals[0] - 1
    assert relative == pytest.approx(-echo_time * change, rel=0.005)
    assert relative == pytest.approx(np.expm1(-echo_time * change), rel=1e-9)


def test_contrast_is_largest_at_an_echo_time_of_t2star():
    def contrast(echo_time):
        s = sequence.gradient_echo(1.0, echo_time, TR, 0.9, T1, np.array([1 / T2STAR - 0.01, 1 / T2STAR]))
        return s[0] - s[1]

    best = optimize.minimize_scalar(lambda te: -contrast(te), bounds=(0.001, 0.2), method="bounded")
    assert best.x == pytest.approx(T2STAR, rel=1e-3)


def test_relaxation_is_what_was_measured_at_other_fields():
    """T1 of rat cortex at 9.4 T: 1.95 s (de Graaf 2006); T2* falls with the field."""
    assert sequence.relaxation(9.4)[0] == pytest.approx(1.95, rel=0.03)
    assert sequence.relaxation(11.7)[1] < sequence.relaxation(7.0)[1] < sequence.relaxation(3.0)[1]


def small_run(**overrides):
    """Images and perfect BOLD of one run without motion, drift or physiology."""
    p = resolve("tiny", {"drift_fraction": 0, "physio_fraction": 0, "respiration_fraction": 0, "cardiac_fraction": 0,
                         **overrides})  # fmt: skip
    rng = np.random.default_rng(5)
    atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng, p.region_variance)
    view = bold.scene(atlas, brains.spatial_maps(atlas, p.region_fwhm_mm), p)
    activity = latent.band_limited(rng, len(atlas.index), 300, p.band_hz).mixed(latent.factor(atlas.covariance))
    onsets, times = np.arange(p.n_volumes) * p.tr_s, np.zeros(p.n_slices)
    deviation = bold.signal(view, activity, onsets, times)
    return p, view, deviation, view.echo(deviation, p)


def test_images_follow_the_sequence():
    """Echo time twice as long: twice the relative change (but for the exponential), and a darker image by exp(-TE R2*).

    The noise stays the same, so that the contrast-to-noise ratio grows by 2 exp(-15 ms / T2*).
    """
    p, view, deviation, change = small_run()
    longer, darker, _, changed = small_run(echo_time_s=0.03)
    brain = view.atlas.brain
    relative, relative_longer = change / view.image[brain], changed / darker.image[brain]
    np.testing.assert_allclose(relative, np.expm1(p.signal_fraction * deviation), rtol=2e-5, atol=1e-7)
    np.testing.assert_allclose(1 + relative_longer, (1 + relative) ** 2, rtol=1e-5)
    _, r2star, _ = sequence.tissue(p)
    ratio = darker.image[brain].mean() / view.image[brain].mean()
    assert ratio == pytest.approx(np.exp(-0.015 * r2star), rel=1e-5)
    assert longer.signal_fraction == pytest.approx(2 * p.signal_fraction)
    assert darker.noise_sd(longer) == view.noise_sd(p)
    assert changed.std() / change.std() == pytest.approx(2 * ratio, rel=0.01)


def test_any_other_flip_angle_is_darker():
    _, view, *_ = small_run()
    for angle in (20, 90):
        assert small_run(flip_angle_deg=angle)[1].image.max() < view.image.max()


def test_a_block_is_a_smooth_box_and_its_response_lasts():
    blocks = stimulus.Train(np.array([10.0, 50.0]), 20.0)
    course = blocks(np.array([9.0, 10.25, 20.0, 29.9, 30.25, 31.0, 60.0]))
    np.testing.assert_allclose(course, [0, 0.5, 1, 1, 0.5, 0, 1], atol=1e-9)
    response = stimulus.Hemodynamic.of(blocks, (4, 4, 1, 1, 6, 0, 32), 100)
    assert response(np.array([30.0]))[0] == pytest.approx(1, abs=0.01)  # a response of unit integral has settled
    # the gamma density of shape 4 delays by 4 s, and the ramp by a quarter of a second
    area = np.trapezoid(response(np.arange(0, 50, 0.05)) * np.arange(0, 50, 0.05), dx=0.05)
    assert area / np.trapezoid(response(np.arange(0, 50, 0.05)), dx=0.05) == pytest.approx(20 + 0.25 + 4, abs=0.1)


def test_stimulation_moves_both_components_of_both_signals():
    """Power rises by exp(g V + q U) of the drive; what is left of rest is scaled."""
    p = resolve("evoked", {"rest_left": 0.0})
    quiet = latent.band_limited(np.random.default_rng(1), 1, 300, p.band_hz).scaled(0.0)
    view = stimulus.Driven(quiet, stimulus.Train(np.array([50.0]), 20.0), np.array([1.0]))
    from lfpbold.simulate import lfp, multiunit

    amplitude = lfp.band_amplitudes(np.random.default_rng(2), view, p, np.array([20.0, 60.0]))
    for band in BANDS:
        g, q = p.band_gain[band], p.band_own[band]
        expected = g * p.drive_lfp + np.sign(g) * q * p.drive_own
        assert 2 * np.log(amplitude[band][1] / amplitude[band][0]) == pytest.approx(expected, rel=1e-9)
    power = multiunit.relative_power(np.random.default_rng(2), view, p, np.array([20.0, 60.0]))
    expected = p.multiunit_gain * p.drive_lfp + p.multiunit_own * p.drive_own
    assert np.log(power[1] / power[0]) == pytest.approx(expected, rel=1e-9)


@pytest.fixture(scope="module")
def evoked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("evoked") / "study"
    parameters = {"animal_sites": [["M1"]], "replicates": 12}
    simulate(folder, preset="evoked", parameters=parameters, progress=lambda *_: None)
    return folder


def test_the_evoked_study_holds_both_tasks_and_its_truth(evoked):
    found = json.loads((evoked / "truth.json").read_text())
    assert set(found["expected"]) == {"sedated", "sedatedWhisker"}
    rest, driven = (found["expected"][state]["M1"]["temporal_r"]["gamma"] for state in ("sedated", "sedatedWhisker"))
    assert rest < 0.5 and driven > 0.7
    sheet = [line.split("\t") for line in (evoked / "recordings.tsv").read_text().splitlines()]
    assert sheet[0][-2:] == ["task", "events"]
    assert [row[-2] for row in sheet[1:]] == ["rest", "whisker"] and not sheet[1][-1]
    events = [line.split("\t") for line in (evoked / sheet[2][-1]).read_text().splitlines()]
    assert events[0] == ["onset", "duration", "trial_type"] and len(events) > 4
    sidecar = json.loads(next(evoked.rglob("*task-whisker*_bold.json")).read_text())
    assert sidecar["TaskName"] == "whisker"


def test_the_stimulated_region_follows_the_blocks(evoked):
    """Raw images: the mean of the region during a block (4 s later) above that of the pauses by some per cent."""
    truth = json.loads((evoked / "truth.json").read_text())
    path = next(evoked.rglob("*task-whisker*_bold.nii.gz"))
    image = nibabel.load(path).get_fdata()
    labels = nibabel.load(evoked / "atlas" / "labels.nii.gz").get_fdata()
    region = image[labels == truth["sites"]["M1"]["label"]].mean(axis=0)
    rows = [line.split("\t") for line in path.with_name(path.name.replace("bold.nii.gz", "events.tsv")).read_text().split("\n")[1:-1]]  # fmt: skip  # noqa: E501
    time, on = np.arange(len(region)), np.zeros(len(region), dtype=bool)
    for onset, duration, _ in rows:
        on |= (time >= float(onset) + 4) & (time < float(onset) + float(duration) + 2)
    assert 100 * (region[on].mean() / region[~on].mean() - 1) > 1.0
    assert np.corrcoef(region, on)[0, 1] > 0.6
