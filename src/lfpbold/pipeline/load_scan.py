"""Reads what the nulls need of one scan, and of all scans of a state and site."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np

from ..derivatives import files as io
from ..derivatives.load import entities
from ..study.settings import band_names
from . import atlas, connectivity, projection
from . import hrf as stage
from .scan import BoldSeries, Design, PowerSeries, Scan

BIN = re.compile(r"f\d{3,}")


def scan(files, settings: dict, *, bands=None, clean=None, seed=None) -> Scan:
    """One scan from its files.

    Parameters
    ----------
    files : namespace of paths
        `bold` (its sidecar alone is read), `nuisance`, `regressors`, `power`; `contacts` and `seed_course` where there
        are any.
    settings : dict
        `bands`, `artefact`, `hrf` and `bold` sections.
    bands : list of str, optional
        Those to take; all that have a name by default.
    clean : array of float, shape (n_kept, n_voxels), optional
        The BOLD, where the seed's time course is not enough; then `seed` too, (n_voxels,), bool.
    """
    info = io.read_json(io.sidecar_path(files.bold))
    nuisance = io.read_matrix(files.nuisance)[0][:, 1:]
    regressors, listed = io.read_matrix(files.regressors)
    voxels = np.empty((len(nuisance), 0)) if clean is None else clean
    of_lfp = io.read_json(io.sidecar_path(files.regressors))
    voxels, nuisance, info = projection.covered_volumes(
        voxels, nuisance, info, len(regressors), settings["bold"], of_lfp
    )
    kept = np.zeros(len(regressors), dtype=bool)
    kept[np.asarray(info["VolumesKept"], dtype=int)] = True
    if clean is None:
        bold = BoldSeries(io.read_matrix(files.seed_course)[0][:, 2], kept, info["RepetitionTime"])
    else:
        bold = BoldSeries(voxels[:, seed].mean(axis=1), kept, info["RepetitionTime"], voxels, seed)
    bands = [band for band in bands or band_names(settings) if band in listed]
    labels = entities(files.regressors)
    return Scan(
        scan_id="{sub} {ses} {run} {site}".format(**labels),
        sub=labels["sub"],
        bold=bold,
        design=_design(files, regressors, listed, bands, kept, nuisance, info, settings),
        power=_power(files.power, bands, kept, settings),
    )


def _design(files, regressors, listed, bands, kept, nuisance, info, settings) -> Design:
    """Regressors of named bands and of 1-Hz bins, on the kept volumes and through the BOLD's own filter."""
    bins = [name for name in listed if BIN.fullmatch(name)]
    columns, in_bins = (regressors[:, [listed.index(name) for name in names]] for names in (bands, bins))
    apply_bold_filter = projection.bold_filter(info, nuisance, settings["bold"])
    design = Design(apply_bold_filter(columns[kept]), bands, apply_bold_filter(in_bins[kept]), bins, apply_bold_filter)
    if projection.is_projected(info, settings["bold"]):
        design.projector = projection.run_projector(info, nuisance, settings["bold"]["band_pass_hz"])
        design.raw, design.raw_bins = columns, in_bins
    if getattr(files, "contacts", None):
        design.contacts = _contacts(files.contacts, bands, kept, apply_bold_filter, settings)
    return design


def _power(path, bands, kept, settings) -> PowerSeries:
    series = io.read_series(path)
    values = np.asarray(series.data)[:, [series.names.index(band) for band in bands]]
    return PowerSeries(
        stage.prepared_power(values, series.fs_hz, settings),
        stage.frame_times(len(values), series.fs_hz, series.info),
        stage.volume_times(series.info, settings)[kept],
    )


def _contacts(path, bands, kept, apply_bold_filter, settings) -> np.ndarray:
    """Regressors of odd and even contacts, shape (2, n_kept, n_bands); NaN for bands that have no such power."""
    info = io.read_json(io.sidecar_path(path))
    power, names = io.read_matrix(path)
    halves = []
    for half in ("odd", "even"):
        known = [f"{band}_{half}" in names for band in bands]
        columns = np.full((len(power), len(bands)), np.nan)
        columns[:, known] = power[:, [names.index(f"{band}_{half}") for band in np.asarray(bands)[known]]]
        halves.append(apply_bold_filter(stage.hrf(columns, info["SamplingFrequency"], info, settings)[kept]))
    return np.array(halves)


def scans(files, settings: dict, *, brain=None, affine=None, site: str = ""):
    """Scans of a state and site one by one, with the bands and bins that all of them have.

    Parameters
    ----------
    files : namespace of lists of path
        As of `scan`, one each for every recording; `brain` too where the BOLD is to be read.
    brain : array of bool, shape (x, y, z), optional
        Common voxels, on which the BOLD is read.

    Returns
    -------
    scans : callable
        `scans()` starts at the first one.
    bands, bins : list of str
    """
    names = [
        n for n in ("bold", "nuisance", "regressors", "power", "seed_course", "brain", "nulls") if hasattr(files, n)
    ]
    together = [dict(zip(names, paths, strict=True)) for paths in zip(*(getattr(files, n) for n in names), strict=True)]
    usable = [SimpleNamespace(**paths) for paths in together if not any(io.exclusion(path) for path in paths.values())]
    listed = [io.read_matrix(paths.regressors)[1] for paths in usable]

    def common(wanted):
        return [name for name in wanted if all(name in known for known in listed)]

    bands = common(band_names(settings))
    bins = common([name for name in (listed[0] if listed else []) if BIN.fullmatch(name)])

    def one_by_one():
        for paths in usable:
            clean = seed = None
            if brain is not None:
                clean, own, _ = io.read_voxels(paths.bold, paths.brain)
                clean, seed = clean[:, brain[own]], atlas.open_seed(site, settings, brain, affine)
            one = scan(paths, settings, bands=bands, clean=clean, seed=seed)
            chosen = [one.design.bin_names.index(name) for name in bins]
            one.design.bins, one.design.bin_names = one.design.bins[:, chosen], bins
            one.design.raw_bins = None if one.design.raw_bins is None else one.design.raw_bins[:, chosen]
            yield one

    return one_by_one, bands, bins


def networks(settings: dict, site: str, brain, affine) -> connectivity.Networks:
    """Seeds, targets and regions that a state and site is asked for; none on a brain without voxels.

    Parameters
    ----------
    settings : dict
        `sites`, `atlas`, `coupling` and `connectivity` sections.
    brain : array of bool, shape (x, y, z)
        Common voxels.
    """
    if not brain.any():
        return connectivity.Networks(brain, affine, None, {}, {})
    seed, labels = atlas.open_seed(site, settings, brain, affine), atlas.open_labels(settings, brain, affine)
    return connectivity.networks_of_site(seed, settings["sites"][site], labels, brain, affine, settings["connectivity"])
