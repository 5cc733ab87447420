"""Gathers from a results folder what the report is made of; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..derivatives import files, layout, panels
from ..figures.captions import caption
from ..figures.inputs import sidecar, table
from ..study import settings as config
from ..workflow.plan import Plan

TABLES = tuple(layout.GROUP)
# In the order of the study.
GROUP_FIGURES = panels.names("figures_group")
STUDY_FIGURES = panels.names("figures_study")
# Of runs with stimuli; each figure's caption is in its own sidecar.
EVOKED_FIGURES = {"group": panels.names("figures_evoked"), "study": panels.names("figures_rest_evoked")}


@dataclass(frozen=True)
class Recording:
    """One row of the sheet and its results; the dicts are sidecars, empty where a stage was not reached."""

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
    shares: dict = field(default_factory=dict)  # stage to the variant whose files it uses
    captions: dict = field(default_factory=dict)  # as `figures`, to what the figure's rule says of it
    member: bool = False  # one of the combinations of a grid, which has no panels of its own

    def caption(self, kind: str, *group: str) -> str:
        """What a figure shows, as its rule wrote it; in general terms where that is missing."""
        return self.captions.get((kind, *group), caption(kind))


@dataclass(frozen=True)
class Specification:
    """All variants at once: rows of `specification.tsv` and `specification_choices.tsv`, and a figure per group."""

    curve: list
    effects: list
    figures: dict = field(default_factory=dict)  # (state, site) to PNG bytes
    captions: dict = field(default_factory=dict)


def runs(recordings) -> list[Recording]:
    """One recording of each run: the BOLD of a run is the same for all its sites."""
    return list({(r.row["sub"], r.row["ses"], r.row["run"], r.row["state"]): r for r in recordings}.values())


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
        Combinations of grids last, with their headline alone.
    """
    plan, root = Plan(settings, rows), Path(folder or settings["results"])
    return [
        *(_variant(name, settings, plan, root, most_figures) for name in plan.drawn),
        *(_member(name, settings, root) for name in plan.variants if name not in plan.drawn),
    ]


def specification(settings: dict, folder=None) -> Specification:
    """What the study's own figure of all variants shows; empty where there is no such table."""
    root = Path(folder or settings["results"])
    curve, effects = (table(root / f"{name}.tsv") for name in ("specification", "specification_choices"))
    paths = {
        (row["state"], row["site"]): root / "figures" / "specification_state-{state}_site-{site}.png".format(**row)
        for row in curve
    }
    captions = {group: sidecar(path).get("Caption", "") for group, path in paths.items()}
    return Specification(curve, effects, {group: _bytes(path) for group, path in paths.items()}, captions)


def _member(name, settings, root) -> Variant:
    """A combination of a grid: its settings and its headline."""
    headline = table(layout.GROUP["headline"].at(root, variant=name))
    return Variant(name, config.variant(settings, name), {"headline": headline}, [], {}, member=True)


def _variant(name, settings, plan, root, most_figures) -> Variant:
    pictures = root / name / "figures"
    tables = {kind: table(layout.GROUP[kind].at(root, variant=name)) for kind in TABLES}
    figures, captions = {}, {}
    drawn = [("", (), STUDY_FIGURES)]
    drawn += [(f"state-{state}_site-{site}_", (state, site), GROUP_FIGURES) for state, site in plan.groups_of(name)]
    for start, group, kinds in drawn:
        told = pictures / f"{start}desc-captions.json"
        texts = files.read_json(told) if told.is_file() else {}
        for kind in kinds:
            figures[(kind, *group)] = _bytes(pictures / f"{start}desc-{kind}.png")
            if kind in texts:
                captions[(kind, *group)] = texts[kind]
    for start, group, kinds in [
        ("", (), EVOKED_FIGURES["study"] if plan.evoked_groups_of(name) else ()),
        *((f"state-{s}_site-{e}_", (s, e), EVOKED_FIGURES["group"]) for s, e in plan.evoked_groups_of(name)),
    ]:
        for kind in kinds:
            path = pictures / f"{start}desc-{kind}.png"
            figures[(kind, *group)], captions[(kind, *group)] = _bytes(path), sidecar(path).get("Caption", "")
    for kind in ("clusters", "prediction"):
        record, groups = layout.of_rule("evoked_average")[kind], plan.evoked_groups_of(name)
        paths = [record.at(root, variant=name, state=state, site=site) for state, site in groups]
        tables[f"evoked_{kind}"] = [row for path in paths for row in table(path)]
    shares = {stage: plan.owner(name, stage) for stage in config.STAGES}
    recordings = [_recording(row, name, shares, root, i < most_figures) for i, row in enumerate(plan.rows_of(name))]
    return Variant(name, config.variant(settings, name), tables, recordings, figures, shares, captions)


def _recording(row, variant, shares, root, with_figures) -> Recording:
    def of_rule(rule, name):
        return layout.of_rule(rule)[name].at(root, **{**row, "variant": shares[rule]})

    confounds = of_rule("motion", "confounds")
    displacement = np.array([r["framewise_displacement"] for r in table(confounds)], dtype=float)
    finite = displacement[np.isfinite(displacement)]
    qc = sidecar(of_rule("artefact", "qc"))
    # A figure is shown once, in the variant that computed what it shows.
    paths = {
        kind: of_rule("figures_recording", kind).with_suffix(".png")
        for kind in panels.names("figures_recording")
        if shares["figures_recording"] == variant
    }
    return Recording(
        row=row,
        lfp=sidecar(of_rule("artefact", "lfp")),
        qc={k: v for k, v in qc.items() if not k.startswith(("Trace", "Density", "Frequencies"))},
        motion=sidecar(confounds),
        displacement=(float(np.median(finite)), float(finite.max())) if finite.size else (),
        bold=sidecar(of_rule("bold", "bold")),
        figures={kind: _bytes(path) for kind, path in paths.items()} if with_figures else {},
        figure_paths={kind: path.relative_to(root).as_posix() for kind, path in paths.items()},
    )


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b""
