"""Draws the figures of docs/background.md: python docs/figures/background.py.

Recordings are those of the simulator, so that the truth behind each is known; what is shown of them is computed by the
package. Same bytes each time.
"""

from pathlib import Path

import numpy as np

from lfpbold.bold import cleaning as bold
from lfpbold.coupling.correlation import correlate
from lfpbold.figures.style import DPI, GREY, INK, NAMED, PALE, new_figure, styled
from lfpbold.figures.text import number
from lfpbold.figures.view import View, colour_limit
from lfpbold.hemodynamics import hrf
from lfpbold.networks import connectivity
from lfpbold.networks.maps import seed_map, spatial_r
from lfpbold.simulate import atlas as brains
from lfpbold.simulate import bold as scanner
from lfpbold.simulate import latent
from lfpbold.simulate.expected import unit_response
from lfpbold.simulate.lfp import channel_gains, clean
from lfpbold.simulate.presets import resolve
from lfpbold.spectral import power

HERE = Path(__file__).parent
GAMMA = NAMED["gamma"]
BLUE = NAMED["delta"]


def save(figure, name):
    figure.savefig(HERE / f"background_{name}.png", dpi=DPI * 2 / 3, metadata={"Software": None})


@styled
def signal():
    """What BOLD is: a decay that less deoxyhaemoglobin makes slower, read out at the echo time."""
    t2, change = 25.0, 0.9  # ms; 1/s: illustrative, about 7 T
    echo = np.linspace(0, 80, 200)
    rest = np.exp(-echo / t2)
    active = np.exp(-echo * (1 / t2 - change / 1000))
    figure = new_figure(8.4, 2.5)
    left, middle, right = figure.subplots(1, 3)
    left.plot(echo, rest, color=GREY, label="baseline")
    left.plot(echo, np.exp(-echo * (1 / t2 - 8 * change / 1000)), color=GAMMA, label="more oxygen (8 ×)")
    left.set(xlabel="echo time (ms)", ylabel="signal", title="it decays with T2*")
    left.legend()
    middle.plot(echo, 100 * (active - rest), color=GAMMA)
    middle.axvline(t2, color=PALE, zorder=0)
    middle.set(xlabel="echo time (ms)", ylabel="change, % of the start", title="contrast is largest at TE = T2*")
    angle, recovery = np.arange(1, 91), np.exp(-1.0 / 1.9)  # TR 1 s, T1 1.9 s
    right.plot(
        angle, np.sin(np.radians(angle)) * (1 - recovery) / (1 - recovery * np.cos(np.radians(angle))), color=INK
    )
    ernst = np.degrees(np.arccos(recovery))
    right.axvline(ernst, color=PALE, zorder=0)
    right.set(xlabel="flip angle (°)", ylabel="signal", title=f"largest at the Ernst angle, {ernst:.0f}°")
    save(figure, "signal")


class Study:
    """A simulated animal: networks, the electrode's view of its region, and scans without artefact or motion."""

    def __init__(self):
        self.p = p = resolve("demo", {})
        rng = np.random.default_rng(3)
        self.atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, rng, p.region_variance)
        self.view = scanner.scene(self.atlas, brains.spatial_maps(self.atlas, p.region_fwhm_mm), p)
        self.region = brains.region_of(self.atlas, "M1", {})
        self.seed = self.atlas.labels[self.atlas.brain] == self.atlas.index[self.region]
        self.gains = channel_gains(rng, p)

    def scan(self, number):
        """BOLD (n_volumes, n_voxels), LFP at 250 Hz, regressor of gamma (n_volumes,), times and power of gamma."""
        p, rng = self.p, np.random.default_rng([3, number])
        free = latent.band_limited(rng, len(self.atlas.index), p.n_volumes * p.tr_s + 60, p.band_hz)
        activity = free.mixed(latent.factor(self.atlas.covariance))
        seen = latent.electrode_view(activity, self.region, 0.35, rng)
        lfp = clean(rng, seen, self.gains, p, int(p.n_volumes * 250), 250.0, (0.0, 1.0))[:, 0]
        frames, gamma = power.band_power(lfp, 250.0, {"gamma": (40, 100)})
        series = hrf.convolve(gamma, hrf.spm_hrf(0.1, p.hrf_p))
        regressor = hrf.at_volumes(series, frames, np.arange(p.n_volumes) * p.tr_s)[:, 0]
        response = activity.filtered(unit_response(p, activity.freqs_hz))
        times = scanner.slice_times(self.atlas.brain.shape[2], p.tr_s, p.slice_order)
        clear = scanner.signal(self.view, response, np.arange(p.n_volumes) * p.tr_s, times)
        noisy = clear + rng.standard_normal(clear.shape) / 0.5
        volumes = np.zeros((p.n_volumes, *self.atlas.brain.shape), np.float32)
        volumes[:, self.atlas.brain] = noisy
        smooth = bold.smooth(volumes, self.atlas.voxel_mm, p.fwhm_mm)[:, self.atlas.brain]
        return bold.band_pass(smooth, p.tr_s, p.band_hz), lfp, regressor, (frames, gamma[:, 0])


def standard(x):
    return (x - np.mean(x)) / np.std(x)


@styled
def regressor(study):
    """From the LFP to a regressor: raw trace, power, convolution, and the BOLD beside it."""
    voxels, lfp, model, (times, gamma) = study.scan(1)
    course = voxels[:, study.seed].mean(axis=1)
    figure = new_figure(8.4, 3.6)
    top, middle, bottom = figure.subplots(3, 1)
    part = slice(100 * 250, 103 * 250)
    top.plot(100 + np.arange(750) / 250, lfp[part], color=INK, linewidth=0.6)
    top.set(ylabel="LFP (µV)", xlim=(100, 103))
    middle.plot(times, standard(gamma), color=GAMMA, linewidth=0.4, alpha=0.6, label="gamma power")
    middle.plot(
        np.arange(len(model)),
        standard(model),
        color=GAMMA,
        linewidth=1.6,
        label="convolved with the HRF: the regressor",
    )
    middle.set(ylabel="SD", xlim=(0, 300), ylim=(-3, 8))
    middle.legend(loc="upper right", ncols=2)
    bottom.plot(standard(model), color=GAMMA, linewidth=1.6)
    bottom.plot(standard(course), color=BLUE, linewidth=1.2, label="BOLD around the electrode")
    bottom.set(ylabel="SD", xlabel="time (s); the uppermost panel shows three seconds", xlim=(0, 300))
    bottom.set_title(f"temporal r = {number(np.corrcoef(model, course)[0, 1])}", loc="left")
    bottom.legend(loc="upper right")
    save(figure, "regressor")


@styled
def maps(study):
    """What averaging does to maps of a regressor whose temporal r stays small."""
    seeds, lfps, r, shown = [], [], [], {}
    for scan_number in range(20):
        voxels, _, model, _ = study.scan(scan_number)
        seeds.append(seed_map(voxels, study.seed))
        lfps.append(correlate(model, voxels)[0])
        r.append(np.corrcoef(model, voxels[:, study.seed].mean(axis=1))[0, 1])
    one, many = spatial_r(lfps[0], seeds[0]), spatial_r(np.mean(lfps, axis=0), np.mean(seeds, axis=0))
    shown["seed map, 20 scans"] = np.mean(seeds, axis=0)
    shown[f"LFP map, one scan\nr = {number(one)} with its seed map"] = lfps[0]
    shown[f"LFP map, 20 scans\nr = {number(many)} with the seed map"] = np.mean(lfps, axis=0)
    view = View(study.atlas.brain, study.atlas.affine, study.atlas.anatomy, most=6)
    figure, axes = view.grid(list(shown))
    for panel, (label, values) in zip(axes, shown.items(), strict=True):
        volume = np.full(study.atlas.brain.shape, np.nan)
        volume[study.atlas.brain] = values
        scale = view.row(panel, volume, colour_limit([values]), label, mark_slices=panel is axes[0])
        figure.colorbar(scale, ax=panel, label="r", aspect=8)
    figure.suptitle(f"temporal r of these scans: {number(np.mean(r))} on average", x=0.01, ha="left", fontsize=9.5)
    save(figure, "maps")


@styled
def comparisons():
    """Subtraction and the GLM on one evoked course; and two regions that a third one drives."""
    rng = np.random.default_rng(2)
    times = np.arange(300.0)
    on = (times % 60) >= 30
    neural, response = np.repeat(on, 10).astype(float)[:, None], hrf.spm_hrf(0.1, (4, 4, 1, 1, 6, 0, 32))
    model = hrf.at_volumes(hrf.convolve(neural, response), np.arange(3000) / 10, times)[:, 0]
    series = model + 0.5 * np.cumsum(rng.standard_normal(300)) / 8 + 0.35 * rng.standard_normal(300)
    design = np.column_stack([np.ones(300), times, times**2, model])
    design[:, 1:3] -= design[:, 1:3].mean(axis=0)
    fit = design @ np.linalg.lstsq(design, series, rcond=None)[0]
    figure = new_figure(8.4, 2.7)
    left, right = figure.subplots(1, 2, width_ratios=[2.2, 1])
    left.fill_between(times, -1.5, 3, where=on, color=PALE, alpha=0.6, linewidth=0, label="stimulus")
    left.plot(times, series, color=BLUE, linewidth=0.8, label="BOLD")
    left.plot(times, fit, color=GAMMA, linewidth=1.6, label="GLM: stimulus ∗ HRF, and drift")
    left.set(xlabel="time (s)", ylabel="signal", ylim=(-1.5, 3))
    left.set_title(f"subtraction {series[on].mean() - series[~on].mean():.2f}, "
                   f"GLM {np.linalg.lstsq(design, series, rcond=None)[0][3]:.2f}, truth 1", loc="left")  # fmt: skip
    left.legend(loc="upper right", ncols=3)
    source = rng.standard_normal((2000, 1))
    both = 0.8 * source + 0.6 * rng.standard_normal((2000, 2))
    found = connectivity.matrix_without_lfp(both, source[:, 0], source)
    before, after = (found[name][0, 1] for name in ("before", "after"))
    right.bar([0, 1], [before, after], color=[BLUE, PALE], width=0.6)
    right.axhline(0, color=GREY, linewidth=0.8)
    right.set_xticks([0, 1], ["A with B", "A with B, without\ntheir common source"], fontsize=8)
    right.set(ylabel="r", ylim=(-0.1, 1))
    right.set_title("no fibre joins A and B", loc="left")
    save(figure, "comparisons")


if __name__ == "__main__":
    study = Study()
    signal()
    regressor(study)
    maps(study)
    comparisons()
