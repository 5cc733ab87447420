"""`simulate`: from a preset to a folder of recordings."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from . import atlas as brains
from . import atlas_files, bold, dataset, expected, files, motion, noted, stimulus, truth, volumes
from .disturbances import movement_times
from .latent import Harmonics, band_limited, electrode_view, factor, with_own
from .presets import BANDS, Parameters, at_site, resolve
from .recording import TRUTH_HZ, Clock, record

# every purpose has its own stream of random numbers, so that a change of one leaves the others as they were
_STREAMS = {name: i for i, name in enumerate(
    ("atlas", "electrode", "activity", "hidden", "clock", "lfp", "artefact", "amplifier", "motion", "nuisance",
     "thermal", "trigger", "expected", "multiunit", "stimulus", "drift", "mains", "movements", "moved", "delays",
     "own")
)}  # fmt: skip


def simulate(
    out: str | Path,
    preset: str = "demo",
    atlas: str | Path | None = None,
    seed: int | None = None,
    parameters: Mapping[str, Any] | None = None,
    progress: Callable[[str], object] = print,
) -> Path:
    """Write simulated recordings whose truth is known.

    Parameters
    ----------
    out : path
        Folder to make; it must not exist or be empty.
    preset : {"demo", "full", "tiny", "evoked", "paper", "rough"}
    atlas : path, optional
        Folder of a laboratory's atlas; without it a synthetic brain is used.
    seed : int, optional
        The same seed gives the same bytes.
    parameters : mapping, optional
        Overrides of `presets.Parameters`, such as ``{"cnr": 2, "share.sedated.M1": 0.5}``.
    progress : callable
        Receives one line of text at a time.

    Returns
    -------
    Path
        The folder: a BIDS dataset with ``recordings.tsv``, ``config.yaml``, ``atlas/``, ``truth.json`` and
        ``truth/``.

    Raises
    ------
    ValueError
        If the folder is not empty, or a preset, parameter or atlas cannot be used.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"{out} exists and is not empty; choose another folder or empty it first")
    p = resolve(preset, parameters, seed)
    partial = out.absolute().with_name(f".{out.absolute().name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _Simulation(partial, p, preset, atlas, progress).write()
        if out.exists():
            out.rmdir()
        partial.rename(out.absolute())
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    progress(f"simulated recordings are in {out}")
    return out


class _Simulation:
    """One dataset while it is being written."""

    def __init__(self, folder: Path, p: Parameters, preset: str, atlas, progress):
        self.folder, self.p, self.preset, self.progress = folder, p, preset, progress
        if atlas is None:
            self.atlas = brains.synthetic(p.matrix, p.n_slices, p.voxel_mm, self.rng("atlas"), p.region_variance)
        else:
            self.atlas = atlas_files.load(Path(atlas), self.rng("atlas"))
            shape, voxel = self.atlas.brain.shape, tuple(float(v) for v in self.atlas.voxel_mm)
            self.p = p = replace(p, matrix=shape[:2], n_slices=shape[2], voxel_mm=voxel)
        sites = dict.fromkeys(site for animal in p.animal_sites for site in animal)
        self.regions = {site: brains.region_of(self.atlas, site, p.site_labels) for site in sites}
        self.scene = bold.scene(self.atlas, brains.spatial_maps(self.atlas, p.region_fwhm_mm), p, self.rng("delays"))
        self.times_s = bold.slice_times(self.atlas.brain.shape[2], p.tr_s, p.slice_order)
        self.lower = factor(self.atlas.covariance)
        self.rows, self.recordings, self.maps = [], [], {}

    def rng(self, purpose: str, *key: int) -> np.random.Generator:
        """The stream of one purpose and one place in the dataset, spawned from the seed."""
        return np.random.default_rng(np.random.SeedSequence(self.p.seed, spawn_key=(_STREAMS[purpose], *key)))

    def write(self) -> None:
        """Write everything."""
        p, folder = self.p, self.folder
        dataset.write_description(folder, p)
        names = atlas_files.save(self.atlas, folder / "atlas")
        dataset.write_config(folder, p, self.atlas, names, self.regions)
        (folder / "truth").mkdir()
        self._write_maps()
        runs = dataset.plan(p)
        for number, run in enumerate(runs):
            self.progress(f"run {number + 1} of {len(runs)}: sub-{run.sub} {run.condition} run {run.run}")
            self._write_run(run)
        header = ["sub", "ses", "run", "state", "site", "bold", "lfp", "channels", "scan_start_s", "exclude"]
        header += ["task", "events"] if p.evoked_runs else []
        files.write_table(folder / "recordings.tsv", header, [row[: len(header)] for row in self.rows])
        rows = [dict(zip(header, row, strict=False)) for row in self.rows]
        dataset.write_scans(folder, rows)
        dataset.write_electrodes(folder, rows, p.n_channels)
        self.progress(f"expected values from {p.replicates} replicates")
        files.write_json(folder / "truth.json", self._truth())

    def _write_maps(self) -> None:
        for site, region in self.regions.items():
            seen = expected.seed_map(self.scene, region, self.p, tuple(sorted(set(self.regions.values()))))
            self._save_map(seen, f"truth/seed_map_site-{site}.nii.gz")
        if self.scene.delay_s is not None:
            self._save_map(self.scene.delay_s, "truth/hrf_delay_s.nii.gz")
        table = [[f"{x:.7g}" for x in row] for row in self.atlas.covariance]
        files.write_table(self.folder / "truth/covariance.tsv", [str(i) for i in self.atlas.index], table)

    def _write_run(self, run: dataset.Run) -> None:
        p = self.p
        draw = self.rng("activity", *run.key)
        free = band_limited(draw, len(self.atlas.index), p.span_s, p.activity_hz, p.activity_exponent)
        activity = free.mixed(self.lower)
        blocks = None
        if run.evoked:
            blocks, activity = stimulus.train(self.rng("stimulus", *run.key), p), activity.scaled(p.rest_left)
        draw = self.rng("clock", *run.key)
        start, ppm = p.lead_s + draw.uniform(0, 1), draw.uniform(-p.clock_ppm_max, p.clock_ppm_max)
        clock = Clock(round(start, 6), round(ppm, 3) if p.clock_ppm is None else p.clock_ppm)
        moved_s = movement_times(self.rng("moved", *run.key), p)
        perfect, moves, body = self._write_bold(run, activity, blocks, moved_s)
        clean = truth.clean_bold(perfect, p.tr_s)
        for number, site in enumerate(run.sites):
            self._write_site(run, site, (*run.key, number), activity, blocks, clock, clean, moves, body, moved_s)

    def _write_bold(self, run: dataset.Run, activity: Harmonics, blocks, moved_s) -> tuple:
        """Write images and motion of one run; return perfect BOLD (n_volumes, n_brain), motion and physiology."""
        p, awake = self.p, run.state in self.p.spikes
        moves = motion.trajectory(
            self.rng("motion", *run.key), p.n_volumes, p.motion_step_mm, p.motion_step_rad,
            p.spikes.get(run.state, 0.0), p.spike_fd_mm, p.jump_mm if run.jump else 0.0,
            (moved_s // p.tr_s).astype(int), p.movement_fd_mm,
        )  # fmt: skip
        if p.seed_reliability < 1:
            activity = with_own(self.rng("own", *run.key), activity, self.regions.values(), p)
        response = activity.filtered(expected.unit_response(p, activity.freqs_hz))
        if blocks is not None:
            response = expected.driven(
                response, blocks, p, stimulus.of_regions(p, run.state, self.atlas.covariance, self.regions)
            )
        disturbance = bold.nuisance(self.rng("nuisance", *run.key), self.scene, p, awake)
        images = np.empty((p.n_volumes, *self.atlas.brain.shape), np.int16)
        perfect = np.empty((p.n_volumes, int(self.atlas.brain.sum())), np.float32)
        stream = bold.volumes(self.rng("thermal", *run.key), self.scene, response, disturbance, moves, self.times_s, p)
        for first, raw, smooth in stream:
            images[first : first + len(raw)], perfect[first : first + len(raw)] = raw, smooth
            if p.n_volumes > 600:
                self.progress(f"  volume {first + len(raw)} of {p.n_volumes}")
        volumes.spoil(images, p)
        path = self.folder / run.bold
        path.parent.mkdir(parents=True, exist_ok=True)
        files.write_bold(path, np.moveaxis(images, 0, -1), self.atlas.affine, self.times_s, p, run.task)
        if blocks is not None:
            dataset.write_events(self.folder / run.events, blocks, p)
        fd = motion.framewise_displacement(moves)
        table = [[f"{x:.6f}" for x in row] for row in np.column_stack([moves, fd])]
        files.write_table(self.folder / run.truth("", "motion.tsv"), [*motion.HEADER, "fd_mm"], table)
        return perfect, moves, disturbance

    def _write_site(self, run, site, key, activity, blocks, clock, clean_bold, moves, body, moved_s) -> None:
        """Write the LFP of one electrode, its row of the sheet and its truth."""
        p, region, share = at_site(self.p, site), self.regions[site], self.p.share[run.state][site]
        sd = 1.0 if blocks is None else p.rest_left
        view = electrode_view(activity, region, share, self.rng("hidden", *key), sd, p.activity_exponent)
        if blocks is not None:
            felt = stimulus.region_weights(self.atlas.covariance, self.regions[p.stimulated_site])
            view = stimulus.Driven(view, blocks, felt[[region]])
        names = ("lfp", "multiunit", "artefact", "amplifier", "drift", "mains", "movements")
        seeds = {name: self.rng(name, *key) for name in names}
        seeds["electrode"] = self.rng("electrode", key[0], key[-1])  # the electrode stays in the animal
        recording = record(seeds, view, clock, len(self.times_s), p, body, moved_s)
        onsets = np.arange(p.n_volumes) * p.tr_s
        triggers = None
        if site not in run.untriggered:
            triggers = clock.lfp(onsets) + p.trigger_jitter_s * self.rng("trigger", *key).standard_normal(len(onsets))
        path = self.folder / run.lfp(site)
        path.parent.mkdir(parents=True, exist_ok=True)
        about = {"subject": f"sub-{run.sub}", "site": site, "location": dataset.LOCATIONS.get(site, site),
                 "state": run.state, "task": run.task, "session": 24 * run.key[1] + run.key[2]}  # fmt: skip
        files.write_lfp(path, recording, triggers, about, self.progress)
        self.rows.append([run.sub, run.ses, run.run, run.state, site, run.bold, run.lfp(site), "",
                          "" if triggers is not None else f"{clock.start_s:.6f}", "", run.task,
                          run.events])  # fmt: skip
        lfp = recording.clean_during_scan()
        np.save(self.folder / run.truth(site, "lfp.npy"), lfp)
        if recording.extras:
            np.save(self.folder / run.truth(site, "lfpwithextras.npy"), recording.with_extras_during_scan())
        power = truth.band_power(lfp, TRUTH_HZ, len(self.times_s) / p.tr_s, p.line_hz)
        after = clock.lfp(onsets) - clock.start_s
        model, spikes = truth.regressors(power, p.hrf_p, after), recording.multiunit
        heard = None if spikes is None else (truth.regressors(spikes.power(), p.hrf_p, after), spikes.rms_uv())
        seed = (self.atlas.labels == self.atlas.index[region])[self.atlas.brain]
        courses = {"seed": clean_bold[:, seed].mean(axis=1), **dict(zip(BANDS, model.T, strict=True))}
        courses |= {} if heard is None else {"multiunit": heard[0][:, 0]}
        means = truth.volume_means(power, after, p.tr_s)
        courses |= {f"power_{band}": mean for band, mean in zip(BANDS, means.T, strict=True)}
        table = [[f"{x:.7g}" for x in row] for row in zip(*courses.values(), strict=True)]
        files.write_table(self.folder / run.truth(site, "timeseries.tsv"), list(courses), table)
        found, entry = noted.coupling(p, model, heard, clean_bold, seed)
        moved = noted.moved(p, run.state, moves)
        if not moved["dropped"]:
            self.maps.setdefault((run.condition, site), []).append(found)
        self.recordings.append({
            "sub": run.sub, "ses": run.ses, "run": run.run, "state": run.condition, "site": site, "task": run.task,
            "bold": run.bold, "lfp": run.lfp(site), "clock_ppm": clock.ppm, "scan_start_s": clock.start_s,
            "volume_period_s": p.tr_s * (1 + clock.ppm * 1e-6), "triggers": triggers is not None,
            "share": share, "cnr": p.cnr, **moved, **entry, "life": noted.of_lfp(recording),
            "lfp_with_extras": run.truth(site, "lfpwithextras.npy") if recording.extras else None,
            "timeseries": run.truth(site, "timeseries.tsv"), "clean_lfp": run.truth(site, "lfp.npy"),
            "motion": run.truth("", "motion.tsv"),
        })  # fmt: skip

    def _truth(self) -> dict:
        """Content of truth.json; also writes the averaged maps."""
        p = self.p
        by_chance = expected.temporal(self.rng("expected"), self.scene, self.regions, self.times_s, p)
        wanted = {}
        for (state, site), maps in self.maps.items():
            r, spikes = np.split(by_chance[state][site], [len(BANDS)], axis=1)
            wanted.setdefault(state, {})[site] = {
                "n_scans": len(maps),
                "temporal_r": noted.by_band(r.mean(axis=0)),
                "temporal_r_sd": noted.by_band(r.std(axis=0, ddof=1)),
                "realised_temporal_r": noted.by_band(np.mean([m["temporal_r"] for m in maps], axis=0)),
                "spatial_r": noted.by_band(np.mean([m["spatial_r"] for m in maps], axis=0)),
                "spatial_r_averaged": noted.by_band(truth.averaged(maps)),
                "multiunit": noted.of_spikes(spikes[:, 0], maps) if spikes.size else None,
                "maps": self._write_averaged(state, site, maps),
            }
        return {
            "about": "What is found without artefact, clock error, motion, drift and physiological noise.",
            "preset": self.preset,
            "parameters": asdict(p),
            "bands_hz": {band: list(edges) for band, edges in BANDS.items()},
            "slice_rate_hz": len(self.times_s) / p.tr_s,
            "sites": {
                site: {"label": int(self.atlas.index[r]), "seed_map": f"truth/seed_map_site-{site}.nii.gz"}
                for site, r in self.regions.items()
            },
            "covariance": "truth/covariance.tsv",
            "recordings": self.recordings,
            "expected": wanted,
        }

    def _write_averaged(self, state: str, site: str, maps: list[dict]) -> str:
        """Write seed map and LFP maps averaged over scans as one 4-D image; return its path."""
        stack = [
            np.mean([m["seed_map"] for m in maps], axis=0),
            *np.mean([m["lfp_maps"] for m in maps], axis=0),
        ]
        name = f"truth/state-{state}_site-{site}_maps.nii.gz"
        self._save_map(np.stack(stack, axis=-1), name)
        return name

    def _save_map(self, values: np.ndarray, name: str) -> None:
        """Write values of the brain voxels, shape (n_brain,) or (n_brain, n), as an image."""
        import nibabel as nib

        volume = np.zeros((*self.atlas.brain.shape, *values.shape[1:]), np.float32)
        volume[self.atlas.brain] = np.round(values, 6)
        nib.save(nib.Nifti1Image(volume, self.atlas.affine), self.folder / name)
