"""The numbers of the reference study (Tu, Cramer & Zhang, eLife 2024;13:RP95680), to set a user's own beside them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...derivatives.rows import of_group

BANDS = ("delta", "theta", "alpha", "beta", "gamma")
MEASURES = ("temporal", "spatial_scan", "spatial_group", "lag_s", "cnr", "true_temporal")
EDGES_HZ = {"delta": (1, 4), "theta": (4, 7), "alpha": (7, 13), "beta": (13, 30), "gamma": (40, 100)}
SCANS = {("M1", "sedated"): 159, ("ACC", "sedated"): 172, ("M1", "awake"): 50, ("ACC", "awake"): 50}

# Mean temporal r over scans, mean spatial r of single scans, spatial r of averaged maps; one number per band.
TEMPORAL = {
    ("M1", "sedated"): (-0.20, -0.19, -0.11, -0.06, 0.37),
    ("ACC", "sedated"): (-0.13, -0.04, -0.03, -0.01, 0.18),
    ("M1", "awake"): (-0.05, -0.06, -0.06, -0.032, 0.04),
    ("ACC", "awake"): (0.02, 0.0009, -0.02, 0.006, 0.10),
}
SPATIAL_SCAN = {
    ("M1", "sedated"): (-0.37, -0.39, -0.24, -0.15, 0.58),
    ("ACC", "sedated"): (-0.26, -0.09, -0.04, 0.03, 0.33),
}
SPATIAL_GROUP = {
    ("M1", "sedated"): (-0.78, -0.78, -0.50, -0.34, 0.95),
    ("ACC", "sedated"): (-0.62, -0.30, -0.12, 0.12, 0.85),
    ("M1", "awake"): (-0.32, -0.41, -0.37, -0.30, 0.18),
    ("ACC", "awake"): (-0.19, 0.03, -0.05, 0.19, 0.63),
}
# The same of the analysis that left the global signal in.
SPATIAL_GROUP_WITHOUT = {
    ("M1", "sedated"): (-0.83, -0.82, -0.60, -0.46, 0.94),
    ("ACC", "sedated"): (-0.71, -0.44, -0.31, -0.06, 0.88),
}
# Single numbers that the study reports of M1 under sedation.
FURTHER = (
    ("infraslow", "temporal", 0.08),
    ("infraslow", "spatial_group", 0.70),
    ("gamma", "lag_s", 2.0),  # "about 2 s"
    ("gamma", "cnr", 1.3),
    ("gamma", "true_temporal", 0.59),
)


@dataclass(frozen=True)
class Published:
    """One number of the study; `value` is an r, a CNR, or s for `lag_s`; `n` counts scans, those of six animals."""

    state: str
    site: str
    band: str
    measure: str  # one of MEASURES
    value: float
    n: int
    global_signal: bool  # whether the global signal was regressed out


def _of_bands(measure: str, values: dict, global_signal: bool = True) -> list[Published]:
    return [
        Published(state, site, band, measure, value, SCANS[site, state], global_signal)
        for (site, state), row in values.items()
        for band, value in zip(BANDS, row, strict=True)
    ]


PUBLISHED: tuple[Published, ...] = (
    *_of_bands("temporal", TEMPORAL),
    *_of_bands("spatial_scan", SPATIAL_SCAN),
    *_of_bands("spatial_group", SPATIAL_GROUP),
    *_of_bands("spatial_group", SPATIAL_GROUP_WITHOUT, global_signal=False),
    *(Published("sedated", "M1", band, measure, value, 159, True) for band, measure, value in FURTHER),
)


def same_band(name: str, edges) -> bool:
    """Whether a user's band is the study's band of this name; its infraslow band lies below 1 Hz.

    Examples
    --------
    >>> same_band("gamma", [40, 100]), same_band("gamma", [30, 80]), same_band("infraslow", [0.1, 1])
    (True, False, True)
    """
    return tuple(edges) == EDGES_HZ.get(name, tuple(edges)) and (name != "infraslow" or edges[1] <= 1)


NONE = (math.nan, 0, 0)  # no such number, of no scan and no animal


def yardstick(tables: dict, main_band: str, global_signal: bool, bands: dict | None = None) -> list[dict]:
    """The user's numbers beside those of the study, one row per published number.

    Means of r are taken over scans, as in the study. States and sites are matched by name, upper or lower case alike;
    those that the study has and the user lacks are left out, and so are those that the study lacks.

    Parameters
    ----------
    tables : dict of name to list of dict
        Rows of `temporal`, `spatial`, `spatial_group`, `lags` (mean r per lag) and `noise`; a missing one is empty.
    main_band : str
        The band that the noise argument was made for.
    global_signal : bool
        Whether the global signal was regressed out; the study published both.
    bands : dict of name to (low, high), optional
        The user's bands, Hz: one of the same name and other edges is not compared.

    Returns
    -------
    rows : list of dict
        `state`, `site`, `band`, `measure`, `published`, `ours`, `n_scans`, `n_animals`, `published_n`; by state and
        site in the study's order. `ours` is NaN, and both n 0, where the user has no such number.

    Examples
    --------
    >>> scans = [{"sub": "01", "state": "sedated", "site": "M1", "band": "gamma", "r": r} for r in (0.3, 0.5)]
    >>> found = yardstick({"temporal": scans}, "gamma", True)
    >>> [(row["published"], row["ours"], row["n_scans"]) for row in found if row["ours"] == row["ours"]]
    [(0.37, 0.4, 2)]
    """
    mine = {}  # the study's state and site to the user's own spelling
    for rows in tables.values():
        for row in rows:
            if "state" in row and "site" in row:
                mine.setdefault((row["state"].casefold(), row["site"].casefold()), (row["state"], row["site"]))
    unlike = {name for name, edges in (bands or {}).items() if not same_band(name, edges)}
    wanted = [cell for cell in PUBLISHED if cell.global_signal == global_signal and cell.band not in unlike]
    found = []
    for site, state in SCANS:
        group = mine.get((state.casefold(), site.casefold()))
        if group is None:
            continue
        for cell in wanted:
            if (cell.state, cell.site) == (state, site):
                ours, n_scans, n_animals = _ours(tables, cell, group, main_band)
                found.append(
                    {
                        "state": group[0],
                        "site": group[1],
                        "band": cell.band,
                        "measure": cell.measure,
                        "published": cell.value,
                        "ours": ours,
                        "n_scans": n_scans,
                        "n_animals": n_animals,
                        "published_n": cell.n,
                    }
                )
    return found


def _ours(tables: dict, cell: Published, group: tuple[str, str], main_band: str) -> tuple[float, int, int]:
    """The user's number for one of the study's, and from how many scans and animals."""

    def rows(table, **labels):
        return of_group(tables.get(table, ()), *group, **labels)

    if cell.measure in ("temporal", "spatial_scan"):
        return _mean(rows("temporal" if cell.measure == "temporal" else "spatial", band=cell.band))
    if cell.measure == "spatial_group":
        averaged = rows("spatial_group", band=cell.band).finite("r")
        return _counted(averaged[0]["r"], averaged[0]) if averaged else NONE
    if cell.measure == "lag_s":
        course = rows("lags", band=cell.band).finite("r")
        best = max(course, key=lambda row: row["r"], default=None)
        return _counted(best["lag_s"], best) if best else NONE
    noise = rows("noise") if cell.band == main_band else []
    value = float(noise[0][cell.measure]) if noise else math.nan
    return _counted(value, noise[0]) if math.isfinite(value) else NONE


def _counted(value, row) -> tuple[float, int, int]:
    return float(value), int(row["n_scans"]), int(row["n_animals"])


def _mean(rows) -> tuple[float, int, int]:
    known = rows.finite("r")
    values = [row["r"] for row in known]
    return (sum(values) / len(values), len(values), len({row["sub"] for row in known})) if values else NONE
