"""The report: from tables, sidecars and figures to one HTML page that needs nothing else."""

from __future__ import annotations

import base64
import math
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from . import citations, methods
from .figures.removal import removal_names
from .figures.style import DPI, count, number, pairs, percent
from .report_inputs import Variant

SECTIONS = {
    "headline": "The answer",
    "maps": "Maps",
    "scatter": "LFP map against seed map",
    "bands": "All bands",
    "lags": "Lags",
    "removal": "The seed map without the LFP",
    "noise": "What noise would explain",
    "artefact": "Artefact removal",
    "motion": "Motion",
    "excluded": "Left out",
    "methods": "Methods",
}
SHOWN_DPI = 120  # CSS pixels per inch of a figure
SAME_NOISE = "temporal r if space and time suffered the same noise"
NOISE_CAVEAT = (
    "This is the study's argument and not a measurement: in simulated awake data it gives .52 where the truth is .09. "
    "It is meaningless where the interval of spatial r includes 0."
)
TWO_ANIMALS = "two animals: one degree of freedom"
CAVEAT = (
    "High spatial agreement of averaged maps is not by itself evidence of more than the temporal correlation: the "
    "map of any regressor that correlates with the seed by r is r times the seed map plus noise, so that agreement "
    "of about r/√(r² + k²) is expected, where k, the noise of the map over the spread of the seed map, shrinks as "
    "scans are averaged. A weak temporal correlation and a strong spatial one are therefore compatible without any "
    "further mechanism."
)


def build(variants: list[Variant], settings: dict, description: dict) -> str:
    """The report as one HTML page.

    Parameters
    ----------
    variants : list of Variant
        From `report_inputs.gather`; the first one leads.
    settings : dict
        Resolved configuration, shown under provenance.
    description : dict
        Content of `dataset_description.json`: versions, seed, hashes of the inputs.

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
    environment.filters |= {"r": number, "percent": percent, "png": _data_uri, "num": _plain}
    environment.filters |= {"ci": two_decimals, "width": shown_width}
    template = environment.get_template("report.html.j2")
    return template.render(
        variants=[_view(variant, i == 0, variants[0]) for i, variant in enumerate(variants)],
        titles=SECTIONS,
        caveat=CAVEAT,
        same_noise=SAME_NOISE,
        noise_caveat=NOISE_CAVEAT,
        two_animals=TWO_ANIMALS,
        description=description,
        config_hash=description.get("ConfigHash", ""),
        settings_yaml=yaml.safe_dump(settings, sort_keys=False, allow_unicode=True),
    )


def two_decimals(value) -> str:
    """The end of an interval: `.99`, never more digits; `n/a` where there is none.

    Examples
    --------
    >>> two_decimals(0.988), two_decimals(-0.054), two_decimals(1.2), two_decimals(float("nan"))
    ('.99', '−.05', '1.20', 'n/a')
    """
    if value is None or not math.isfinite(value):
        return "n/a"
    text = f"{abs(value):.2f}"
    sign = "−" if value < 0 and float(text) else ""
    return sign + (text[1:] if text.startswith("0") else text)


def shown_width(png: bytes) -> int:
    """Widest that a figure is shown, in CSS pixels, so that letters are as large in narrow figures as in wide ones."""
    if png[12:16] != b"IHDR":
        return 720
    return round(int.from_bytes(png[16:20], "big") / DPI * SHOWN_DPI)


def _data_uri(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _plain(value, form="{:.3g}") -> str:
    """A number for a table; an empty cell's dash where there is none."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    return form.format(value).replace("-", "−")


def _view(variant: Variant, leads: bool, first: Variant) -> dict:
    """What the template shows of one variant."""
    settings, tables = variant.settings, variant.tables
    networks = settings["networks"]
    names = removal_names(networks["main_band"], networks["removal_bands"], networks["peak_percentile"])
    prefix = "" if leads else f"{variant.name}-"
    paragraphs, references = citations.numbered(methods.sections(variant), prefix)
    groups = list(dict.fromkeys((r.row["state"], r.row["site"]) for r in variant.recordings)) or pairs(
        tables["headline"]
    )
    return {
        "name": variant.name,
        "prefix": prefix,
        "changes": [] if leads else differences(first.settings, settings),
        "main_band": networks["main_band"],
        "sentences": [headline_sentence(tables["headline"], *group, settings) for group in groups],
        "headline": tables["headline"],
        "summary": [summary(tables["headline"], *group) for group in groups],
        "has_maps": any(
            row["measure"] == "spatial_r_group" and math.isfinite(row["value"]) for row in tables["headline"]
        ),
        "removals": names,
        "confidence": f"{100 * settings['variance']['confidence']:g} %",
        "measures": measure_names(networks["main_band"], names),
        "groups": groups,
        "figures": variant.figures,
        "bands": band_rows(tables, list(settings["bands"]), groups),
        "noise": [row | {"doubt": noise_doubt(tables["headline"], row)} for row in tables["noise"]],
        "facts": {group: facts(variant, *group) for group in groups},
        "true_r": settings["variance"]["cnr_true_r"],
        "recordings": variant.recordings,
        "runs": methods.runs(variant.recordings),
        "shares": variant.shares,
        "excluded": tables["excluded"],
        "excluded_whole": [row for row in tables["excluded"] if not _is_block(row)],
        "excluded_volumes": [row for row in tables["excluded"] if _is_block(row)],
        "methods": paragraphs,
        "references": references,
    }


def _is_block(row: dict) -> bool:
    """Whether a row of `excluded.tsv` is a block of volumes and not a whole recording."""
    return isinstance(row["n_volumes"], float) and math.isfinite(row["n_volumes"])


def differences(reference: dict, settings: dict) -> list[str]:
    """The settings in which a variant differs from the first one: `section.key: value`."""
    found = []
    for section, values in settings.items():
        if section == "variants" or values == reference.get(section):
            continue
        if not isinstance(values, dict):
            found.append(f"{section}: {values}")
            continue
        before = reference.get(section) or {}
        found += [
            f"{section}.{key}: {value} (otherwise {before.get(key)})"
            for key, value in values.items()
            if value != before.get(key)
        ]
    return found


def headline_sentence(rows: list[dict], state: str, site: str, settings: dict) -> dict:
    """What was found for one state and site, in words to quote.

    Parameters
    ----------
    rows : list of dict
        `group/headline.tsv`.
    state, site : str
    settings : dict
        Of the variant.

    Returns
    -------
    parts : dict
        `who`, `n` and `text`.
    """
    found = {row["measure"]: row for row in rows if (row["state"], row["site"]) == (state, site)}
    who, band = f"{site}, {state}", settings["networks"]["main_band"]
    if "temporal_r" not in found or not found["temporal_r"]["n"]:
        return {"who": who, "n": "no scan", "text": "every recording was left out; the reasons are listed below."}
    confidence = f"{100 * settings['variance']['confidence']:g} %"
    time = found["temporal_r"]
    text = (
        f"{band} power explained {percent(found['temporal_r2']['value'])} of the temporal variance of the BOLD "
        f"signal at the electrode (r = {number(time['value'])}, {_interval(time, confidence)})."
    )
    text = f"{text} {_in_space(found)} {_after_removal(found, settings['networks'])}".strip()
    # A number stays on the line of its symbol.
    return {"who": who, "n": _n(time), "text": text.replace("r = ", "r\u00a0=\u00a0").replace(" %", "\u00a0%")}


def summary(rows: list[dict], state: str, site: str) -> dict:
    """The headline rows of one state and site by measure."""
    found = {row["measure"]: row for row in rows if (row["state"], row["site"]) == (state, site)}
    return {"state": state, "site": site, "of": found}


def _n(row: dict) -> str:
    animals = row.get("n_animals")
    scans = f"n = {row['n']:.0f} scan{'' if row['n'] == 1 else 's'}"
    if animals is None or not math.isfinite(animals):
        return scans
    return f"{scans} of {animals:.0f} animal{'' if animals == 1 else 's'}"


def _interval(row: dict, confidence: str) -> str:
    if not (math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])):
        return "no interval from fewer than two animals"
    ends = f"{confidence} CI {two_decimals(row['ci_low'])} to {two_decimals(row['ci_high'])} over animals"
    return f"{ends}; {TWO_ANIMALS}" if row.get("n_animals") == 2 else ends


def noise_doubt(headline: list[dict], row: dict) -> str:
    """Why the noise argument says nothing of one state and site, from the interval of spatial r; empty where it may."""
    found = summary(headline, row["state"], row["site"])["of"].get("spatial_r_scan")
    if found is None or not (math.isfinite(found["ci_low"]) and math.isfinite(found["ci_high"])):
        return "not known: no interval"
    return "meaningless: includes 0" if found["ci_low"] <= 0 <= found["ci_high"] else ""


def facts(variant: Variant, state: str, site: str) -> dict:
    """What the captions say of one state and site: `scans`, `animals`, and `text` with the voxels too."""
    band = variant.settings["networks"]["main_band"]
    rows = [r for r in variant.tables["temporal"] if (r["state"], r["site"], r["band"]) == (state, site, band)]
    scans = {(r["sub"], r["ses"], r["run"]) for r in rows if math.isfinite(r["r"])}
    animals = len({sub for sub, _, _ in scans})
    voxels = {
        r.bold["BrainVoxels"]
        for r in variant.recordings
        if r.bold.get("BrainVoxels") and (r.row["sub"], r.row["ses"], r.row["run"]) in scans
    }
    text = f"{count(len(scans), 'scan')} of {count(animals, 'animal')}" if scans else "no scan"
    if voxels:
        text += f", {methods.span(voxels)} voxel{'' if voxels == {1} else 's'}"
    return {"scans": len(scans), "animals": animals, "text": text}


def _value(found: dict, measure: str) -> float:
    return found[measure]["value"] if measure in found else math.nan


def _in_space(found: dict) -> str:
    scan, group = _value(found, "spatial_r_scan"), _value(found, "spatial_r_group")
    if not math.isfinite(scan) and not math.isfinite(group):
        return "Maps were not compared: that needs at least three voxels."
    text = "The map of the same power agreed with the seed map at "
    parts = []
    if math.isfinite(scan):
        parts.append(
            f"r = {number(scan)} ({percent(_value(found, 'spatial_r2_scan'))} of spatial variance) scan by scan"
        )
    if math.isfinite(group):
        parts.append(f"r = {number(group)} ({percent(_value(found, 'spatial_r2_group'))}) for averaged maps")
    return text + " and ".join(parts) + "."


def _after_removal(found: dict, networks: dict) -> str:
    r, slope = _value(found, "seed_map_r_after_gamma"), _value(found, "seed_map_slope_after_gamma")
    if not math.isfinite(r):
        return ""
    text = f"After regressing {networks['main_band']} out, the seed map correlated {number(r)} with what it was"
    text += f" (slope {number(slope)})"
    joint = _value(found, "seed_map_r_after_all_joint")
    if math.isfinite(joint):
        bands = count(len(networks["removal_bands"]), "band")
        slope = _value(found, "seed_map_slope_after_all_joint")
        text += f"; with {bands} regressed out together, {number(joint)} (slope {number(slope)})"
    return text + "."


def measure_names(main_band: str, removals: dict) -> dict[str, str]:
    """What each measure of the headline table is, in words."""
    words = {
        "temporal_r": f"temporal r of {main_band}, mean of scans",
        "temporal_r2": "its square: temporal variance explained",
        "spatial_r_scan": "spatial r, mean of scans",
        "spatial_r2_scan": "its square",
        "spatial_r_group": "spatial r of averaged maps",
        "spatial_r2_group": "its square",
    }
    for kind, name in removals.items():
        words[f"seed_map_r_after_{kind}"] = f"seed map, {name}: r with before".replace("\n", " ")
        words[f"seed_map_slope_after_{kind}"] = f"seed map, {name}: slope on before".replace("\n", " ")
    return words


def band_rows(tables: dict, bands: list[str], groups) -> list[dict]:
    """Mean temporal and spatial r over scans, and r of averaged maps, per state, site and band."""
    found = []
    for state, site in groups:
        for band in bands:
            mine = {
                name: [row for row in tables[name] if (row["state"], row["site"], row["band"]) == (state, site, band)]
                for name in ("temporal", "spatial", "spatial_group")
            }
            if mine["temporal"]:
                group = (
                    mine["spatial_group"][0]
                    if mine["spatial_group"]
                    else {"r": math.nan, "ci_low": math.nan, "ci_high": math.nan}
                )
                found.append(
                    {
                        "state": state,
                        "site": site,
                        "band": band,
                        "n": len(mine["temporal"]),
                        "temporal": _mean(mine["temporal"]),
                        "spatial": _mean(mine["spatial"]),
                        "group": group["r"],
                        "low": group.get("ci_low"),
                        "high": group.get("ci_high"),
                        "n_animals": group.get("n_animals"),
                    }
                )
    return found


def _mean(rows) -> float:
    values = [row["r"] for row in rows if math.isfinite(row["r"])]
    return sum(values) / len(values) if values else math.nan
