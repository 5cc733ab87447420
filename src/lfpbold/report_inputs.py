"""Gathers from a results folder what the figures and the report are made of; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import io
from . import settings as config
from .workflow import Plan

TABLES = ("temporal", "spatial", "spatial_group", "regression", "noise", "headline")
GROUP_FIGURES = ("maps", "scatter", "lags", "removal")
STUDY_FIGURES = ("headline", "bands", "noise")


@dataclass(frozen=True)
class Recording:
    """One row of the sheet and what became of it; the dicts are sidecars, empty where a step was not reached."""

    row: dict
    lfp: dict = field(default_factory=dict)  # desc-clean_ieeg
    qc: dict = field(default_factory=dict)  # desc-artefact_qc, without traces
    motion: dict = field(default_factory=dict)  # desc-confounds
    displacement: tuple = ()  # median and largest framewise displacement, mm
    bold: dict = field(default_factory=dict)  # desc-clean_bold
    figures: dict = field(default_factory=dict)  # name to PNG bytes
    figure_paths: dict = field(default_factory=dict)  # name to the file's place in the results folder


@dataclass(frozen=True)
class Variant:
    """Everything that the report shows of one variant."""

    name: str
    settings: dict
    tables: dict
    recordings: list
    figures: dict  # (name, state, site) or (name,) to PNG bytes
    shares: dict = field(default_factory=dict)  # stretch to the variant whose files it uses


def table(path) -> list[dict]:
    """Rows of a table; none where the recording was excluded or the step was not reached."""
    path = Path(path)
    return io.read_table(path) if path.is_file() and path.stat().st_size else []


def sidecar(path) -> dict:
    """Content of the JSON that belongs to an output; empty where there is none."""
    path = io.sidecar_path(path)
    return io.read_json(path) if path.is_file() else {}


def image(path):
    """A map and its affine; (None, None) for no path, and for the empty placeholder of an excluded recording."""
    if not path or not Path(path).is_file() or not Path(path).stat().st_size:
        return None, None
    return io.read_image(path)


def named_maps(path, key: str, names=None) -> dict[str, np.ndarray]:
    """Maps of a 4-D image by the names that its sidecar lists under `key`; only `names` where given, in their order."""
    data, _ = image(path)
    listed = sidecar(path).get(key)
    if data is None or not listed:  # a group of which nothing was left has a placeholder and an empty list
        return {}
    stored = dict(zip(listed, data[None] if data.ndim == 3 else data, strict=True))
    return {name: stored[name] for name in (stored if names is None else names) if name in stored}


def background(atlas: dict):
    """Anatomy to draw maps on: the atlas's image, else its brain mask, else None."""
    return image(atlas["anatomy"] or atlas["brain"])[0]


def of_group(rows: list[dict], state: str, site: str) -> list[dict]:
    """The rows of one state and site."""
    return [row for row in rows if (row["state"], row["site"]) == (state, site)]


def gather(settings: dict, rows: list[dict], *, folder=None, most_figures: int = 60) -> list[Variant]:
    """Read everything that the report shows.

    Parameters
    ----------
    settings : dict
        Resolved configuration, with its variants.
    rows : list of dict
        Of the sheet.
    folder : path, optional
        Results folder; that of the settings without it.
    most_figures : int
        Recordings whose figures are put into the page; of the others it names the files.

    Returns
    -------
    variants : list of Variant
    """
    plan, root = Plan(settings, rows), Path(folder or settings["results"])
    return [_variant(name, settings, plan, root, most_figures) for name in plan.variants]


def _variant(name, settings, plan, root, most_figures) -> Variant:
    group, pictures = root / name / "group", root / name / "figures"
    tables = {kind: table(group / f"{kind}.tsv") for kind in TABLES}
    tables["excluded"] = table(root / name / "excluded.tsv")
    figures = {(kind,): _bytes(pictures / f"desc-{kind}.png") for kind in STUDY_FIGURES}
    for state, site in plan.groups:
        for kind in GROUP_FIGURES:
            figures[kind, state, site] = _bytes(pictures / f"state-{state}_site-{site}_desc-{kind}.png")
    shares = {stretch: plan.owner(name, stretch) for stretch in config.SECTIONS}
    recordings = [_recording(row, name, shares, root, i < most_figures) for i, row in enumerate(plan.rows)]
    return Variant(name, config.variant(settings, name), tables, recordings, figures, shares)


def _recording(row, variant, shares, root, with_figures) -> Recording:
    run = "sub-{sub}_ses-{ses}_task-rest_run-{run}".format(**row)
    rec = f"{run}_acq-{row['site']}"

    def inside(stretch, kind, name):
        return root / shares[stretch] / f"sub-{row['sub']}" / f"ses-{row['ses']}" / kind / name

    confounds = inside("motion", "func", f"{run}_desc-confounds_timeseries.tsv")
    displacement = np.array([r["framewise_displacement"] for r in table(confounds)], dtype=float)
    finite = displacement[np.isfinite(displacement)]
    qc = sidecar(inside("artefact", "ieeg", f"{rec}_desc-artefact_qc.json"))
    # A figure stands once, in the variant that computed what it shows.
    paths = {
        kind: inside("figures_recording", "figures", f"{rec}_desc-{kind}_figure.png")
        for kind in ("artefact", "motion")
        if shares["figures_recording"] == variant
    }
    return Recording(
        row=row,
        lfp=sidecar(inside("artefact", "ieeg", f"{rec}_desc-clean_ieeg.vhdr")),
        qc={k: v for k, v in qc.items() if not k.startswith(("Trace", "Density", "Frequencies"))},
        motion=sidecar(confounds),
        displacement=(float(np.median(finite)), float(finite.max())) if finite.size else (),
        bold=sidecar(inside("bold", "func", f"{run}_desc-clean_bold.nii.gz")),
        figures={kind: _bytes(path) for kind, path in paths.items()} if with_figures else {},
        figure_paths={kind: path.relative_to(root).as_posix() for kind, path in paths.items()},
    )


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
