"""The report: from tables, sidecars and figures to one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import math
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..derivatives.panels import FIGURES
from ..derivatives.rows import of_group, pairs
from ..figures import labels
from ..figures.captions import PANELS, caption
from ..figures.removal import removal_names
from ..figures.style import DPI
from ..figures.text import number, percent, probability, two_decimals
from ..study.settings import band_names
from ..workflow import provenance
from . import citations, methods
from .inputs import GROUP_FIGURES, Specification, Variant, runs
from .methods.facts import slow_bands
from .text import plain
from .views import nulls
from .views import tables as numbers
from .views import variants as variants_view
from .views.evoked import evoked
from .views.headline import TWO_ANIMALS, headline_sentence, summary
from .views.tables import facts

SECTIONS = {
    "headline": "Main result",
    "yardstick": "Comparison with the published study",
    "controls": "Controls",
    "bands": "All bands",
    "artefact": "Artefact removal",
    "motion": "Motion",
    "excluded": "Exclusions",
    "methods": "Methods",
}
# Of each state and site, in the study's order: the figures, `without` (those of the variant without global signal
# regression) and `noise` (this group's row of a table of all groups).
PANEL_TITLES = {
    "lags": "Correlation at each lag",
    "regressors": "Band power and its regressors in one scan",
    "maps": "Seed map and LFP maps",
    "scatter": "LFP maps against the seed map, voxel by voxel",
    "sweep": "Spatial r of every 1-Hz bin",
    "spectrogram": "Spectrogram before and after artefact removal",
    "without": "Without global signal regression",
    "shuffled": "Shuffled-power control",
    "paired": "Spatial and temporal correlation, scan by scan",
    "noise": "How much noise would explain",
    "hrfgrid": "Temporal r over the parameters of the HRF",
    "removal": "The seed map with the LFP regressed out",
    "peaks": "The seed map without peaks of power",
    "information": "Mutual information",
    "connectivity": "Correlation between regions, with and without the LFP",
    "network_peaks": "Positions of network peaks",
    "components": "Independent components: networks without a seed",
}
WITHOUT = ("maps", "scatter", "sweep")  # of the variant without global signal regression
EVOKED_TITLES = {"glm": "Response of the brain to the stimuli", "evoked": "Responses of BOLD, LFP and spiking"}
STUDY_PANELS = PANELS | {"without": "1-s3 2-s2"}
# Tables that hold the numbers of a figure, in the variant's folder `group`.
TABLES_BEHIND = {figure.name: figure.tables for figure in FIGURES if figure.tables}
GROUP_TABLES = ("temporal", "spatial", "spatial_group", "lags", "hrfgrid", "regression", "ttests", "information")
NETWORK_TABLES = ("connectivity", "network_peaks", "components")
SHOWN_DPI = 120  # CSS pixels per inch of a figure


def build(
    variants: list[Variant], settings: dict, description: dict, specification: Specification | None = None
) -> str:
    """The report as one HTML page.

    Parameters
    ----------
    variants : list of Variant
        From `inputs.gather`; the first one leads. Combinations of grids appear in the section on all variants.
    settings : dict
        Resolved configuration, shown under provenance.
    description : dict
        Content of `dataset_description.json`: versions, seed, hashes of the inputs.
    specification : Specification, optional
        From `inputs.specification`.

    Returns
    -------
    html : str
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"r": number, "percent": percent, "png": _data_uri, "num": plain, "p": probability}
    environment.filters |= {"ci": two_decimals, "width": shown_width, "study": study_panels}
    environment.globals |= {"caption_of": caption}
    template = environment.get_template("report.html.j2")
    members = [variant for variant in variants if variant.member]
    variants = [variant for variant in variants if not variant.member]
    views = [_view(variant, variants) for variant in variants]
    main_band = variants[0].settings["networks"]["main_band"]
    changes = {v.name: variants_view.changed(variants[0].settings, v.settings) for v in variants[1:]}
    return template.render(
        variants=views,
        together=variants_view.all_variants(variants, members, changes, specification, main_band),
        rigorous=[view for view in views if view["more"]["any"]],
        titles=SECTIONS,
        labels=labels,
        panel_titles=PANEL_TITLES,
        evoked_titles=EVOKED_TITLES,
        more_parts=nulls.PARTS,
        tables_behind=TABLES_BEHIND,
        two_animals=TWO_ANIMALS,
        description=description,
        config_hash=description.get("ConfigHash", ""),
        settings_yaml=provenance.resolved_yaml(provenance.portable(settings, provenance.study_of(settings))),
    )


def shown_width(png: bytes) -> int:
    """Widest that a figure is shown, in CSS pixels, so that letters are as large in narrow figures as in wide ones."""
    if png[12:16] != b"IHDR":
        return 720
    return round(int.from_bytes(png[16:20], "big") / DPI * SHOWN_DPI)


def study_panels(kind: str) -> str:
    """The study's panels that a figure reproduces: `Study: 1B, 1C`; empty where it has none.

    Examples
    --------
    >>> study_panels("lags"), study_panels("headline")
    ('Study: 1B, 1C', '')
    """
    panels = STUDY_PANELS.get(kind, "")
    return "Study: " + re.sub(r"(\d[\w–-]*) (?=\d)", r"\1, ", panels) if panels else ""


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _view(variant: Variant, variants: list[Variant]) -> dict:
    """What the template shows of one variant."""
    settings, tables, first = variant.settings, variant.tables, variants[0]
    networks, leads = settings["networks"], variant is first
    removals = removal_names(networks["main_band"], networks["removal_bands"], networks["peak_percentile"])
    prefix = "" if leads else f"{variant.name}-"
    paragraphs, references = citations.numbered(methods.sections(variant), prefix)
    groups = list(dict.fromkeys((r.row["state"], r.row["site"]) for r in variant.recordings)) or pairs(
        tables["headline"]
    )
    return {
        "name": variant.name,
        "leads": leads,
        "prefix": prefix,
        "settings": settings,
        "changes": [] if leads else variants_view.differences(first.settings, settings),
        "main_band": networks["main_band"],
        "sentences": [headline_sentence(tables["headline"], *group, settings) for group in groups],
        "headline": tables["headline"],
        "summary": [summary(tables["headline"], *group) for group in groups],
        "has_maps": any(
            row["measure"] == "spatial_r_group" and math.isfinite(row["value"]) for row in tables["headline"]
        ),
        "removals": removals,
        "confidence": f"{100 * settings['variance']['confidence']:g} %",
        "measures": numbers.measure_names(networks["main_band"], removals),
        "figures": variant.figures,
        "caption": variant.caption,
        "more": nulls.comparison_with_nulls(tables, groups, settings),
        "evoked": evoked(variant),
        "published": numbers.comparison_with_study(tables["yardstick"]),
        "groups": [_group(variant, variants, *group) for group in groups],
        "bands": numbers.band_rows(tables, band_names(settings), groups),
        "infraslow": numbers.band_rows(tables, slow_bands(settings), groups),
        "states": tables["states"],
        "multiunit": numbers.multiunit_rows(tables["multiunit"], groups),
        "multiunit_tests": [row for row in tables["ttests"] if row["test"] == "lfp_minus_multiunit"],
        "noise": numbers.noise_rows(tables),
        "true_r": settings["variance"]["cnr_true_r"],
        "cnr_points": settings["variance"]["cnr_points"],
        "recordings": variant.recordings,
        "runs": runs(variant.recordings),
        "shares": variant.shares,
        "remain": numbers.remain(tables["flow"]),
        "unusable": numbers.unusable(tables["flow"]),
        "in_doubt": numbers.in_doubt(tables["headline"]),
        "doubts": tables["doubts"],
        "flow_steps": tables["flow"] if any(row["kind"] != "entered" for row in tables["flow"]) else [],
        "excluded": tables["excluded"],
        "excluded_whole": [row for row in tables["excluded"] if not _is_block(row)],
        "excluded_volumes": [row for row in tables["excluded"] if _is_block(row)],
        "methods": paragraphs,
        "references": references,
    }


def _is_block(row: dict) -> bool:
    """Whether a row of `excluded.tsv` is a block of volumes and not a whole recording."""
    return isinstance(row["n_volumes"], float) and math.isfinite(row["n_volumes"])


def _group(variant: Variant, variants: list[Variant], state: str, site: str) -> dict:
    """What the template shows of one state and site: its panels, and the numbers of their tables."""
    settings, first = variant.settings, variants[0]
    main = settings["networks"]["main_band"]
    without = without_global_signal(variants)
    place = f"panels-{state}-{site}"
    prefix = "" if variant is first else f"{variant.name}-"
    panels = []
    for kind in PANEL_TITLES:
        key, panel = (kind, state, site), {"kind": kind, "id": f"{prefix}{place}-{kind}", "stands_at": ""}
        if kind in GROUP_FIGURES:
            panel |= {"png": variant.figures.get(key, b""), "caption": variant.caption(*key)}
            # A figure is shown once in the page.
            if variant is not first and panel["png"] and panel["png"] == first.figures.get(key):
                panel["stands_at"] = f"{place}-{kind}"
            if variant is without and kind in WITHOUT:
                panel["stands_at"] = f"{place}-without"
        if kind != "without" or variant is first:
            panels.append(panel)
    tables = {name: of_group(variant.tables[name], state, site) for name in (*GROUP_TABLES, *NETWORK_TABLES)}
    return {
        "id": f"{prefix}{place}",
        "place": place,
        "title": f"{site}, {state}",
        "text": facts(variant, state, site)["text"],
        "panels": panels,
        "without": without,
        "ttests": tables["ttests"],
        "noise": [row for row in numbers.noise_rows(variant.tables) if (row["state"], row["site"]) == (state, site)],
        "lags": numbers.lag_peaks(tables["lags"], band_names(settings)),
        "shuffled": numbers.shuffled(tables, main),
        "hrfgrid": numbers.best_cell(tables["hrfgrid"]),
        "removals": numbers.removal_rows(tables["regression"]),
        "information": numbers.information_rows(tables["information"], band_names(settings)),
        "connectivity": [row for row in tables["connectivity"] if row["sub"] == "group"],
        "network_peaks": tables["network_peaks"],
        "components": tables["components"],
        "state": state,
        "site": site,
    }


def without_global_signal(variants: list[Variant]) -> Variant | None:
    """The variant that differs from the first one only in not regressing out the global signal; None without one."""
    first = variants[0].settings
    wanted = {**first, "bold": {**first["bold"], "global_signal": False}}
    return next((v for v in variants[1:] if v.settings == wanted and first["bold"]["global_signal"]), None)
