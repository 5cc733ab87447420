"""Expected values, independent of the realised recordings: temporal r by Monte-Carlo, and the seed map."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .bold import Scene
from .latent import Harmonics, band_limited, factor, hrf_transfer, variance_shares, with_own
from .lfp import channel_gains, clean
from .multiunit import band_hz, expected_windows
from .presets import Parameters, at_site, condition
from .stimulus import Driven, Hemodynamic, Train, of_bold, region_weights, train
from .truth import band_power, bold_filter, pearson, regressors, without_global

FS_HZ = 250.0
"""Rate of the Monte-Carlo's LFP: its windows have the same frequency bins (250/256 Hz) as those at 1 kHz."""


def smoothed_average(mask: np.ndarray, brain: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Weights w on the voxels of a volume for which ``w . x`` is the mean over `mask` of smoothed x.

    The Gaussian kernel is symmetrical, so w is the smoothed indicator of the mask (apart from the volume's
    border).
    """
    return ndimage.gaussian_filter((mask & brain) / (mask & brain).sum(), sigma, mode="nearest")


def linear_view(view: Scene, weights: np.ndarray, response: np.ndarray, freqs_hz: np.ndarray, times_s: np.ndarray, p):
    """Transfer from region activity to a weighted mean of the BOLD signal, slice times included.

    Returns complex gains of shape (n_freqs, n_regions): ``sum_slices H(f) exp(2 pi i f tau_s) w_s``, and with unequal
    responses the same sum over voxels, each with its delay.
    """
    voxel = weights[view.atlas.brain] * view.signal_unit(p)
    slice_of = view.slice_of
    if view.delay_s is not None:
        phase = np.exp(2j * np.pi * np.multiply.outer(freqs_hz, times_s[slice_of] - view.delay_s))
        return response[:, None] * np.einsum("kx,x,xr->kr", phase, voxel, view.maps, optimize=True)
    per_slice = np.stack([
        np.einsum("x,xr->r", voxel[slice_of == s], view.maps[slice_of == s]) for s in range(len(times_s))
    ])  # fmt: skip
    shift = np.exp(2j * np.pi * np.multiply.outer(freqs_hz, times_s))
    return response[:, None] * np.einsum("ks,sr->kr", shift, per_slice)


def temporal(rng: np.random.Generator, view: Scene, regions: dict, times_s: np.ndarray, p: Parameters) -> dict:
    """Monte-Carlo of the temporal r of one scan, for every state and site.

    One LFP serves all states and all sites of the same gains: given what the electrode sees, V, the region's
    activity is ``sqrt(s) V + sqrt(1 - s) H``, and the other regions follow from the covariance.

    Parameters
    ----------
    rng : numpy Generator
    view : Scene
    regions : dict
        Site -> position of its region.
    times_s : ndarray, shape (n_slices,)
    p : Parameters

    Returns
    -------
    dict
        condition (the state; with the task where there is stimulation) -> site -> ndarray (n_replicates, n_bands),
        with multi-unit activity as one more column where the rate can hold it.
    """
    brain, labels, index = view.atlas.brain, view.atlas.labels, view.atlas.index
    sigma = p.fwhm_mm / 2.3548 / view.atlas.voxel_mm
    duration = p.n_volumes * p.tr_s
    onsets = np.arange(p.n_volumes) * p.tr_s
    lower = factor(view.atlas.covariance)
    span = duration + p.lead_s + 60.0
    probe = band_limited(rng, 1, span, p.activity_hz, p.activity_exponent)
    freqs, response = probe.freqs_hz, unit_response(p, probe.freqs_hz)
    whole = smoothed_average(brain, brain, sigma)
    near = {site: smoothed_average(labels == index[r], brain, sigma) for site, r in regions.items()}
    see_whole = linear_view(view, whole, response, freqs, times_s, p)
    see_near = {site: linear_view(view, w, response, freqs, times_s, p) for site, w in near.items()}
    settings = {site: at_site(p, site) for site in regions}
    distinct = [q for i, q in enumerate(settings.values()) if q not in list(settings.values())[:i]]
    # a stream of its own, so that spikes do not change the numbers of the bands
    spikes = rng.spawn(1)[0] if band_hz(p.fs_hz) else None
    wave = np.exp(2j * np.pi * np.multiply.outer(onsets, freqs))
    out = {state: {site: [] for site in regions} for state in p.states}
    blocks = _Blocks(*rng.spawn(2), view, regions, whole, near, onsets, times_s, freqs, p) if p.evoked_runs else None
    own = rng.spawn(1)[0] if p.seed_reliability < 1 else None
    out |= {condition(state, p.task): {site: [] for site in regions} for state in p.states if blocks}
    for _ in range(p.replicates):
        seen = band_limited(rng, 1, span, p.activity_hz, p.activity_exponent)
        models = [_model(rng, spikes, seen, q, onsets, len(times_s)) for q in distinct]
        free = band_limited(rng, len(index), span, p.activity_hz, p.activity_exponent).mixed(lower).coefs
        hidden = band_limited(rng, 1, span, p.activity_hz, p.activity_exponent).coefs[:, 0]
        noise = rng.standard_normal((2, p.n_volumes)) * view.noise_sd(p)
        if blocks:
            blocks.draw(seen, spikes is not None, settings)
        for state in p.states:
            for site, r in regions.items():
                share = p.share[state].get(site)
                if share is None:
                    continue
                here = np.sqrt(share) * seen.coefs[:, 0] + np.sqrt(1 - share) * hidden
                # Gaussian conditioning: all regions given the activity of this one
                activity = free + np.multiply.outer(here - free[:, r], view.atlas.covariance[:, r])
                if own is not None:
                    activity = with_own(own, Harmonics(freqs, activity), regions.values(), p).coefs
                course = np.einsum("tk,kr,kr->t", wave, activity, see_near[site], optimize=True).real[:, None]
                mean = np.einsum("tk,kr,kr->t", wave, activity, see_whole, optimize=True).real
                a, b, c = (float((x * y).sum()) for x, y in ((whole, whole), (whole, near[site]), (near[site],) * 2))
                of_all = np.sqrt(a) * noise[0]
                of_near = (b / np.sqrt(a) * noise[0] + np.sqrt(max(c - b**2 / a, 0)) * noise[1])[:, None]
                if blocks:
                    of_site, of_brain = blocks.bold(state, site)
                    evoked = p.rest_left * course + of_near + of_site[:, None]
                    evoked = bold_filter(without_global(evoked, p.rest_left * mean + of_all + of_brain), p.tr_s)
                    out[condition(state, p.task)][site].append(pearson(blocks.models[site], evoked)[:, 0])
                course, mean = course + of_near, mean + of_all
                course = bold_filter(without_global(course, mean), p.tr_s)
                out[state][site].append(pearson(models[distinct.index(settings[site])], course)[:, 0])
    return {key: {site: np.array(r) for site, r in sites.items() if r} for key, sites in out.items()}


class _Blocks:
    """What stimulation adds to one replicate; it has random numbers of its own, so that rest stays what it was."""

    def __init__(self, rng, spikes, view: Scene, regions, whole, near, onsets_s, times_s, freqs_hz, p: Parameters):
        self._rng, self._spikes, self._p, self._onsets_s, self._times_s = rng, spikes, p, onsets_s, times_s
        self._regions, self._freqs_hz = regions, freqs_hz
        self._felt = region_weights(view.atlas.covariance, regions[p.stimulated_site])
        # share of each slice (of each voxel, where responses are unequal) in the mean signal of brain and regions
        of_region = view.maps @ self._felt

        def weighted(weights):
            voxel = weights[view.atlas.brain] * view.signal_unit(p) * of_region
            if view.delay_s is not None:
                return voxel
            return np.array([voxel[view.slice_of == s].sum() for s in range(len(times_s))])

        self._late_s = times_s if view.delay_s is None else times_s[view.slice_of] - view.delay_s
        self._whole, self._near = weighted(whole), {site: weighted(w) for site, w in near.items()}
        self.models: dict = {}

    def draw(self, seen: Harmonics, with_spikes: bool, settings: dict) -> None:
        """New blocks, and the regressors of every site's LFP."""
        blocks = train(self._rng, self._p)
        course = hemodynamic(blocks, self._p, self._freqs_hz)
        self._course = np.stack([course(self._onsets_s + t) for t in self._late_s], axis=1)
        spikes = self._spikes if with_spikes else None
        for site, q in settings.items():
            view = Driven(seen.scaled(self._p.rest_left), blocks, self._felt[[self._regions[site]]])
            self.models[site] = _model(self._rng, spikes, view, q, self._onsets_s, len(self._times_s))

    def bold(self, state: str, site: str) -> tuple[np.ndarray, np.ndarray]:
        """What is added to the mean of the site's region, and of the brain; (n_volumes,) each."""
        strength = of_bold(self._p, self._p.share[state][self._p.stimulated_site])
        return strength * self._course @ self._near[site], strength * self._course @ self._whole


def hemodynamic(blocks: Train, p: Parameters, freqs_hz: np.ndarray) -> Hemodynamic:
    """Course of stimulation in BOLD, in the unit of `unit_response`: its gain at 0 Hz for activity of 1 that lasts."""
    scale = 1 / np.sqrt(_mean_square(hrf_transfer(p.hrf_p, freqs_hz), freqs_hz, p))
    return Hemodynamic.of(blocks.times(scale), p.hrf_p, (p.n_volumes + 1) * p.tr_s)


def driven(response: Harmonics, blocks: Train, p: Parameters, weights: np.ndarray) -> Driven:
    """Spontaneous BOLD of the regions with what stimulation adds to it; `weights` in units of activity."""
    return Driven(response, hemodynamic(blocks, p, response.freqs_hz), weights)


def _model(rng, spikes, seen, p: Parameters, onsets_s: np.ndarray, n_slices: int) -> np.ndarray:
    """HRF-convolved power of one draw of the LFP, and of spikes where there is a stream for them.

    Returns shape (n_volumes, n_bands), or one column more.
    """
    duration = p.n_volumes * p.tr_s
    lfp = clean(rng, seen, channel_gains(rng, p), p, int(duration * FS_HZ), FS_HZ, (0.0, 1.0))
    power = band_power(lfp, FS_HZ, n_slices / p.tr_s, p.line_hz)
    if spikes is not None:
        power = np.column_stack([power, expected_windows(spikes, seen, p, duration)[: len(power)]])
    return regressors(power, p.hrf_p, onsets_s)


def unit_response(p: Parameters, freqs_hz: np.ndarray) -> np.ndarray:
    """Hemodynamic gain, scaled so that activity of unit variance gives a signal of unit variance."""
    gain = hrf_transfer(p.hrf_p, freqs_hz)
    return gain / np.sqrt(_mean_square(gain, freqs_hz, p))


def _mean_square(gain: np.ndarray, freqs_hz: np.ndarray, p: Parameters) -> float:
    """Mean of |gain|^2, weighted by the spectrum of activity."""
    square = np.abs(gain) ** 2
    return square.mean() if not p.activity_exponent else square @ variance_shares(freqs_hz, p.activity_exponent)


def seed_map(view: Scene, region: int, p: Parameters, sites: tuple = ()) -> np.ndarray:
    """Expected seed map without noise: correlation of smoothed signals after global signal regression.

    Unequal responses are left out; how much they change the map has not been measured.

    Parameters
    ----------
    view : Scene
    region : int
        Position of the seed's region.
    p : Parameters
    sites : tuple of int
        Positions of the regions that have activity of their own (`seed_reliability`).

    Returns
    -------
    ndarray, shape (n_brain,)
    """
    atlas = view.atlas
    sigma = p.fwhm_mm / 2.3548 / atlas.voxel_mm
    fields = np.empty(view.maps.shape)
    for r in range(view.maps.shape[1]):
        volume = np.zeros(atlas.brain.shape)
        volume[atlas.brain] = view.maps[:, r] * view.signal_unit(p)
        fields[:, r] = ndimage.gaussian_filter(volume, sigma, mode="nearest")[atlas.brain]
    half = np.einsum("xr,rq->xq", fields, factor(atlas.covariance))
    if p.seed_reliability < 1:
        half = np.hstack([half, fields[:, list(sites)] * np.sqrt(1 / p.seed_reliability - 1)])
    whole = half.mean(axis=0)
    half -= np.multiply.outer(half @ whole / (whole @ whole), whole)
    seed = half[(atlas.labels == atlas.index[region])[atlas.brain]].mean(axis=0)
    length = np.sqrt((half**2).sum(axis=1) * (seed @ seed))
    return np.einsum("xq,q->x", half, seed) / np.maximum(length, 1e-12)
