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
from .scan import Scan

BIN = re.compile(r"f\d{3,}")


def scan(files, settings: dict, **more) -> Scan:
    """One scan from its files.

    Parameters
    ----------
    files : namespace of paths
        `bold` (its sidecar alone is read), `nuisance`, `regressors`, `power`; `contacts` and `seed_course` where there
        are any.
    settings : dict
        `bands`, `artefact`, `hrf` and `bold` sections.
    **more
        Further attributes of the scan: `clean` and `seed`; `bands`, those to take.
    """
    wanted = more.pop("bands", None) or band_names(settings)
    info = io.read_json(io.sidecar_path(files.bold))
    nuisance = io.read_matrix(files.nuisance)[0][:, 1:]
    regressors, listed = io.read_matrix(files.regressors)
    clean, nuisance, info = projection.covered(
        more.get("clean", np.empty((len(nuisance), 0))), nuisance, info, len(regressors), settings["bold"]
    )
    apply_bold_filter = projection.of_run(info, nuisance, settings["bold"])
    kept = np.zeros(len(regressors), dtype=bool)
    kept[np.asarray(info["VolumesKept"], dtype=int)] = True
    bands = [band for band in wanted if band in listed]
    bins = [name for name in listed if BIN.fullmatch(name)]
    series = io.read_series(files.power)
    power = np.asarray(series.data)[:, [series.names.index(band) for band in bands]]
    labels = entities(files.regressors)
    if "clean" not in more:
        more["course"] = io.read_matrix(files.seed_course)[0][:, 2]
    else:
        more["clean"] = clean
        more["course"] = more["clean"][:, more["seed"]].mean(axis=1)
    if getattr(files, "contacts", None):
        more["contacts"] = _contacts(files.contacts, bands, kept, apply_bold_filter, settings)
    columns, in_bins = (regressors[:, [listed.index(name) for name in names]] for names in (bands, bins))
    projector = None
    if projection.is_projected(info, settings["bold"]):
        projector = projection.projector_of(info, nuisance, settings["bold"]["band_pass_hz"])
        more |= {"raw": columns, "raw_bins": in_bins}
    return Scan(
        scan_id="{sub} {ses} {run} {site}".format(**labels),
        sub=labels["sub"],
        columns=apply_bold_filter(columns[kept]),
        bands=bands,
        bins=apply_bold_filter(in_bins[kept]),
        bin_names=bins,
        power=stage.prepared_power(power, series.fs_hz, settings),
        power_times_s=stage.frame_times(len(power), series.fs_hz, series.info),
        volume_times_s=stage.volume_times(series.info, settings)[kept],
        kept=kept,
        tr_s=info["RepetitionTime"],
        projector=projector,
        apply_bold_filter=apply_bold_filter,
        **more,
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
            more = {}
            if brain is not None:
                clean, own, _ = io.read_voxels(paths.bold, paths.brain)
                more = {"clean": clean[:, brain[own]], "seed": atlas.open_seed(site, settings, brain, affine)}
            found = scan(paths, settings, bands=bands, **more)
            chosen = [found.bin_names.index(name) for name in bins]
            found.bins, found.bin_names = found.bins[:, chosen], bins
            found.raw_bins = None if found.raw_bins is None else found.raw_bins[:, chosen]
            yield found

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
    return connectivity.asked(seed, settings["sites"][site], labels, brain, affine, settings["connectivity"])
