"""Numbers that the report shows with its figures, selected from the group tables; nothing is estimated here."""

from __future__ import annotations

import math
from statistics import median

from ...derivatives.rows import of_group, pairs
from ...figures.labels import PUBLISHED, PUBLISHED_ONCE
from ...figures.text import count
from ..text import sentence, span
from .headline import summary

NO_GROUP = {"r": math.nan, "ci_low": math.nan, "ci_high": math.nan, "n_animals": math.nan}


def band_rows(tables: dict, bands: list[str], groups) -> list[dict]:
    """Mean temporal and spatial r over scans, and r of averaged maps, per state, site and band."""
    by_label: dict = {}
    for name in ("temporal", "spatial", "spatial_group"):
        for row in tables[name]:
            by_label.setdefault((name, row["state"], row["site"], row["band"]), []).append(row)
    shown = []
    for state, site in groups:
        for band in bands:
            temporal, spatial, averaged = (
                by_label.get((name, state, site, band), []) for name in ("temporal", "spatial", "spatial_group")
            )
            if temporal:
                group = averaged[0] if averaged else NO_GROUP
                shown.append(
                    {
                        "state": state,
                        "site": site,
                        "band": band,
                        "n": len(temporal),
                        "temporal": mean(temporal),
                        "spatial": mean(spatial),
                        "group": group["r"],
                        "low": group.get("ci_low"),
                        "high": group.get("ci_high"),
                        "n_animals": group.get("n_animals"),
                    }
                )
    return shown


def mean(rows, key: str = "r") -> float:
    """Mean of one column over the rows that have a value; NaN without any."""
    values = [row[key] for row in rows if math.isfinite(row[key])]
    return sum(values) / len(values) if values else math.nan


def comparison_with_study(rows: list[dict]) -> dict:
    """The published numbers and those of this study: one row per band, and the single numbers.

    Returns
    -------
    shown : dict
        `measures`: which of the correlations the study published; `bands`: rows with `state`, `site`, `band`, `n`,
        `published_n` and `of` (measure to row); `single`: rows with the `name` of the measure.
    """
    bands: dict = {}
    for row in rows:
        if row["measure"] in PUBLISHED:
            bands.setdefault((row["state"], row["site"], row["band"]), {})[row["measure"]] = row
    return {
        "measures": [m for m in PUBLISHED if any(m in of for of in bands.values())],
        "bands": [
            {
                "state": state,
                "site": site,
                "band": band,
                "n": max(row["n_scans"] for row in of.values()),
                "published_n": max(row["published_n"] for row in of.values()),
                "of": of,
            }
            for (state, site, band), of in bands.items()
        ],
        "single": [
            row | {"name": _with_unit(*PUBLISHED_ONCE[row["measure"]])}
            for row in rows
            if row["measure"] in PUBLISHED_ONCE
        ],
    }


def _with_unit(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def lag_peaks(rows: list[dict], bands: list[str]) -> list[dict]:
    """The lags with the largest and the smallest mean r of each band, for one state and site."""
    peaks = []
    for band in bands:
        time_course = [row for row in rows if row["band"] == band and math.isfinite(row["r"])]
        if time_course:
            peaks.append(
                {
                    "band": band,
                    "largest": max(time_course, key=lambda row: row["r"]),
                    "smallest": min(time_course, key=lambda row: row["r"]),
                }
            )
    return peaks


def shuffled(of: dict, main_band: str) -> dict:
    """The main band's r and that of its shuffled power, for one state and site; empty without the control."""
    name = f"shuffled_{main_band}"
    if not any(row["band"] == name for row in of["spatial_group"]):
        return {}

    def rows(table, band):
        return [row for row in of[table] if row["band"] == band]

    return {
        kind: {table: mean(rows(table, band)) for table in ("temporal", "spatial", "spatial_group")}
        for kind, band in (("true", main_band), ("shuffled", name))
    }


def best_cell(rows: list[dict]) -> dict | None:
    """The HRF of the grid with the strongest mean r among those that have an undershoot; None without a grid."""
    usable = [row for row in rows if math.isfinite(row["r"]) and not row["degenerate"]]
    return max(usable, key=lambda row: abs(row["r"])) if usable else None


def removal_rows(rows: list[dict]) -> dict[str, dict]:
    """By removal: `group` (the row of averaged maps, or None), and means over scans of `r` and `slope`."""
    of_removal = {}
    for removal in dict.fromkeys(row["removal"] for row in rows):
        chosen = [row for row in rows if row["removal"] == removal]
        scans = [row for row in chosen if row["sub"] != "group"]
        of_removal[removal] = {
            "group": next((row for row in chosen if row["sub"] == "group"), None),
            "r": mean(scans),
            "slope": mean(scans, "slope"),
        }
    return of_removal


def information_rows(rows: list[dict], bands: list[str]) -> list[dict]:
    """Mutual information per band: means over scans, and how alike the averaged maps are."""
    shown = []
    for band in bands:
        scans = [row for row in rows if row["band"] == band and row["sub"] != "group"]
        group = [row for row in rows if row["band"] == band and row["sub"] == "group"]
        if scans:
            shown.append(
                {
                    "band": band,
                    "n": len(scans),
                    "mi": mean(scans, "mi"),
                    "chance": mean(scans, "chance"),
                    "spatial": mean(scans, "spatial_r"),
                    "group": mean(group, "spatial_r"),
                }
            )
    return shown


def multiunit_rows(rows: list[dict], groups) -> list[dict]:
    """LFP against spiking per state and site: means of r over scans, medians of amplitudes."""
    shown = []
    for state, site in groups:
        scans = of_group(rows, state, site)
        if scans:
            r = ("r_lfp", "r_multiunit", "r_lfp_partial", "r_multiunit_partial", "r_between")
            uv = ("artefact_uv", "after_uv", "outside_uv", "outside_s", "residue_uv")
            edges = {(row["band_low_hz"], row["band_high_hz"]) for row in scans}
            shown.append(
                {"state": state, "site": site, "n": len(scans), "low_hz": min(edges)[0], "high_hz": max(edges)[1]}
                | {key: mean(scans, key) for key in r}
                | {key: _median(scans, key) for key in uv}
            )
    return shown


def _median(rows, key) -> float:
    values = [row[key] for row in rows if math.isfinite(row[key])]
    return median(values) if values else math.nan


def noise_rows(tables: dict) -> list[dict]:
    """`group/noise.tsv` with a `doubt`: why the argument says nothing of a state and site, empty where it may."""
    return [row | {"doubt": noise_doubt(tables["headline"], row)} for row in tables["noise"]]


def noise_doubt(headline: list[dict], row: dict) -> str:
    """Why the noise argument says nothing of one state and site, from the interval of spatial r; empty where it may."""
    interval = summary(headline, row["state"], row["site"])["of"].get("spatial_r_scan")
    if interval is None or not (math.isfinite(interval["ci_low"]) and math.isfinite(interval["ci_high"])):
        return "not known: no interval"
    return "meaningless: includes 0" if interval["ci_low"] <= 0 <= interval["ci_high"] else ""


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
        words[f"seed_map_r_after_{kind}"] = f"seed map, {name}: r with the map before".replace("\n", " ")
        words[f"seed_map_slope_after_{kind}"] = f"seed map, {name}: slope on the map before".replace("\n", " ")
    return words


def facts(variant, state: str, site: str) -> dict:
    """What the captions say of one state and site: `scans`, `animals`, and `text` with the voxels too."""
    band = variant.settings["networks"]["main_band"]
    rows = [r for r in variant.tables["temporal"] if (r["state"], r["site"], r["band"]) == (state, site, band)]
    scans = {(r["sub"], r["ses"], r["run"]) for r in rows if math.isfinite(r["r"])}
    animals = len({sub for sub, _, _ in scans})
    voxels = {
        r.bold["BrainVoxels"]
        for r in variant.recordings
        if r.bold.get("BrainVoxels") and r.row["state"] == state and (r.row["sub"], r.row["ses"], r.row["run"]) in scans
    }
    text = f"{count(len(scans), 'scan')} of {count(animals, 'animal')}" if scans else "no scan"
    if voxels:
        text += f", {span(voxels)} voxel{'' if voxels == {1} else 's'}"
    return {"scans": len(scans), "animals": animals, "text": text}


def remain(flow: list[dict]) -> list[str]:
    """A sentence for each state and site: how many recordings entered and how many remain."""
    sentences = []
    for state, site in pairs(flow):
        entered, *later = of_group(flow, state, site)
        left = (later or [entered])[-1]
        sentences.append(sentence("sentences/remain.j2", state=state, site=site, entered=entered, left=left))
    return sentences


def unusable(flow: list[dict]) -> str:
    """What the first screen says where recordings could not be used; empty where all could."""
    lost = {kind: sum(row["lost"] for row in flow if row["kind"] == kind) for kind in ("unusable", "doubtful")}
    entered = sum(row["n_scans"] for row in flow if row["kind"] == "entered")
    return sentence("sentences/unusable.j2", entered=entered, **lost) if any(lost.values()) else ""


def in_doubt(headline: list[dict]) -> list[str]:
    """A sentence for each state and site whose numbers rest on recordings that are in doubt."""
    found = []
    for state, site in pairs(headline):
        row = of_group(headline, state, site)[0]
        if row.get("n_doubtful", 0) > 0:
            found.append(sentence("sentences/in_doubt.j2", state=state, site=site, row=row))
    return found
