"""Runs with stimuli: where the brain responds, and how BOLD, LFP and spiking do at the electrode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..bold import cleaning as filters
from ..evoked import averages as science
from ..evoked import clusters, glm
from ..stats.noise_ceiling import steps
from ..stats.tests import mean_and_sem, permutation_p
from . import hrf as stage
from .scan import generator

NOT_IN_MODEL = ("constant", "trend")  # nuisance regressors that drift and constant of the model stand for
MAPS = ("effect", "t", "z", "clusters", "subtraction")


@dataclass(frozen=True)
class Run:
    """A run with stimuli, ready to be modelled.

    Attributes
    ----------
    data : array of float, shape (n_volumes, n_voxels)
        Smoothed BOLD, in per cent of each voxel's mean; as it was where it entered clean.
    design : glm.Design
    keep : array of bool, shape (n_volumes,)
    times_s : array of float, shape (n_volumes,)
        On the scanner's clock.
    events : glm.Events
    """

    data: np.ndarray
    design: glm.Design
    keep: np.ndarray
    times_s: np.ndarray
    events: glm.Events


def prepared(volumes, affine, brain, events, nuisance, info: dict, settings: dict) -> Run:
    """A run as its model sees it.

    Parameters
    ----------
    volumes : array of float, shape (n_volumes, x, y, z)
        Realigned.
    affine : array of float, shape (4, 4)
    brain : array of bool, shape (x, y, z)
    events : glm.Events
    nuisance : array of float, shape (n_kept, n_nuisance)
        What the clean BOLD went without.
    info : dict
        Sidecar of the clean BOLD.
    settings : dict
        `bold`, `hrf` and `evoked` sections.
    """
    options, tr_s, n = settings["evoked"], info["RepetitionTime"], len(volumes)
    keep = np.zeros(n, dtype=bool)
    keep[np.asarray(info["VolumesKept"], dtype=int)] = True
    clean = info["Stage"] == "clean"
    if not clean:
        voxel_mm = np.sqrt((np.asarray(affine)[:3, :3] ** 2).sum(axis=0))
        volumes = filters.smooth(volumes, voxel_mm, settings["bold"]["fwhm_mm"])
    data = np.asarray(volumes)[:, brain].astype(float)
    if not clean:
        level = data[keep].mean(axis=0)
        data = 100 * data / np.where(level > 0, level, np.inf)
    unwanted = (*NOT_IN_MODEL, *([] if options["global_signal"] else ["global_signal"]))
    columns = [i for i, name in enumerate(info["Nuisance"]) if name not in unwanted]
    regressors = np.zeros((n, len(columns)))
    regressors[keep] = np.asarray(nuisance)[:, columns]
    sample_at_s = settings["hrf"]["sample_at_s"]
    design = glm.design(
        events,
        n,
        tr_s,
        settings["hrf"]["p"],
        sample_at_s=sample_at_s,
        high_pass_hz=options["high_pass_hz"],
        nuisance=regressors,
        left_out=~keep,
    )
    return Run(data, design, keep, np.arange(n) * tr_s + sample_at_s, events)


def model(run: Run, brain, affine, settings: dict, run_id: str, log=print) -> dict:
    """Maps of every contrast of a run, and its clusters.

    Parameters
    ----------
    run : Run
    brain : array of bool, shape (x, y, z)
    affine : array of float, shape (4, 4)
    settings : dict
        `evoked` section and `seed`.
    run_id : str
        Name of the run, which gives its random numbers their stream.

    Returns
    -------
    found : dict
        `maps` (n_contrasts × 5, n_voxels): of each contrast those of `MAPS`, of which `clusters` is z within the
        clusters that chance does not give; `names`, such as `stimulus_t`; `rows` of clusters; `info` for the sidecar.
    """
    options = settings["evoked"]
    alive = np.ptp(run.data[run.keep], axis=0) > 0
    fitted = glm.fit(run.data[:, alive], run.design.matrix, options["noise_model"])
    level = clusters.t_threshold(options["cluster_p"], fitted.df)
    inside = brain.copy()
    inside[brain] = alive
    maps, names, rows = [], [], []
    for name, weights in glm.contrast_weights(options["contrasts"], run.design.kinds).items():
        found = glm.contrast(fitted, np.r_[weights, np.zeros(run.design.rest.shape[1])])
        null, _ = clusters.scan_null(
            run.data[:, alive],
            run.design.stimuli,
            run.design.rest,
            weights,
            fitted.rho,
            inside,
            level,
            options["permutations"],
            generator(settings["seed"], run_id, name, "clusters"),
            options["permute"],
        )
        labels, sizes = clusters.label_clusters(found["t"], inside, level)
        p = permutation_p(sizes, null)
        kept = np.isin(labels, 1 + np.flatnonzero(p <= options["alpha"]))
        found["clusters"] = np.where(kept, found["z"], 0.0)
        found["subtraction"] = science.subtraction(
            run.data[:, alive],
            run.times_s,
            run.events,
            weights,
            delay_s=options["delay_s"],
            baseline_s=options["baseline_s"],
            keep=run.keep,
        )
        for kind in MAPS:
            whole = np.full(brain.sum(), np.nan)
            whole[alive] = found[kind]
            maps.append(whole)
            names.append(f"{name}_{kind}")
        rows += [{"contrast": name, **row} for row in cluster_rows(labels, p, found, inside, affine)]
        log(f"{name}: {kept.sum()} of {alive.sum()} voxels in {(p <= options['alpha']).sum()} clusters")
    info = {
        "Maps": names,
        "DegreesOfFreedom": fitted.df,
        "ThresholdT": level,
        "Autocorrelation": float(np.median(fitted.rho)),
        "Columns": run.design.names,
        "Events": {kind: int(run.events.of(kind)[0].size) for kind in run.events.names},
    }
    return {"maps": np.array(maps), "names": names, "rows": rows, "info": info}


def cluster_rows(labels, p, found: dict, brain, affine) -> list[dict]:
    """Size, p and peak of every cluster."""
    places = np.argwhere(brain)
    voxel = abs(np.linalg.det(np.asarray(affine)[:3, :3]))
    rows = []
    for number, of_cluster in enumerate(p, start=1):
        mine = np.flatnonzero(labels == number)
        peak = mine[np.abs(found["t"][mine]).argmax()]
        place = np.asarray(affine) @ np.r_[places[peak], 1]
        rows.append(
            {
                "cluster": number,
                "sign": int(np.sign(found["t"][peak])),
                "n_voxels": mine.size,
                "mm3": mine.size * voxel,
                "p": of_cluster,
                "peak_t": found["t"][peak],
                "peak_z": found["z"][peak] if "z" in found else np.nan,
                "peak_effect": found["effect"][peak],
                "peak_subtraction": found["subtraction"][peak],
                **dict(zip("xyz", place[:3], strict=True)),
            }
        )
    return rows


def responses(run: Run, seed, power, bands, power_info: dict, fs_hz: float, settings: dict) -> list[dict]:
    """Averages locked to the events: of the seed's BOLD, of every named band's power, and of multi-unit power.

    BOLD is what the model leaves when drift and nuisance are taken out. Onsets, which are on the scanner's clock, are
    looked for in the power on the LFP's. Trials that touch a stretch without LFP do not enter the averages of power.

    Parameters
    ----------
    run : Run
    seed : array of bool, shape (n_voxels,)
    power : array of float, shape (n_frames, n_bands)
        Not convolved.
    bands : list of str
    power_info : dict
        Sidecar of the power.
    fs_hz : float
        Its rate.
    settings : dict
        `evoked` section.
    """
    options = settings["evoked"]
    after = steps(*options["window_s"], options["step_s"])
    course = glm.adjusted(run.data[:, seed].mean(axis=1)[:, None], run.design)[run.keep]
    stretch = power_info["VolumePeriod"] / power_info["RepetitionTime"]
    frames = stage.frame_times(len(power), fs_hz, power_info)
    rows = []
    for kind in run.events.names:
        onsets, _ = run.events.of(kind)
        of_bold = science.around_onsets(course, run.times_s[run.keep], onsets, after)
        of_power = science.around_onsets(power, frames, onsets * stretch, after)
        of_power[_without_lfp(onsets * stretch, after, frames, power_info)] = np.nan
        of_bold = science.percent_of_baseline(of_bold, after, options["baseline_s"], ratio=False)
        of_power = science.percent_of_baseline(of_power, after, options["baseline_s"], ratio=True)
        mean, error, count = mean_and_sem(np.concatenate([of_bold, of_power], axis=2))
        rows += [
            {
                "trial_type": kind,
                "signal": signal,
                "time_s": at,
                "mean": mean[j, i],
                "se": error[j, i],
                "n_events": count[j, i],
            }
            for i, signal in enumerate(["bold", *bands])
            for j, at in enumerate(after)
        ]
    return rows


def _without_lfp(onsets_s, after_s, frames_s, power_info: dict) -> np.ndarray:
    """Trials that touch frames in which there was no LFP, whose power is interpolated."""
    touched = np.zeros(len(onsets_s), dtype=bool)
    for first, stop in power_info.get("LostFrames") or ():
        begin, end = frames_s[first] - after_s[-1], frames_s[stop - 1] - after_s[0]
        touched |= (onsets_s >= begin) & (onsets_s <= end)
    return touched
