"""Tests against surrogates over scans, and over animals: rows of tables."""

from __future__ import annotations

import math
from statistics import mean

from ...derivatives.rows import of_group

ALPHA = 0.05


def band_rows(rows: list[dict], groups, names) -> list[dict]:
    """Temporal and spatial r of each band with their p, per state and site: `temporal` and `spatial`, rows or None."""
    shown = []
    for state, site in groups:
        for band in names:
            of_measure = {
                measure: _first(of_group(rows, state, site, measure=measure, family="bands", band=band))
                for measure in ("temporal", "spatial")
            }
            if any(of_measure.values()):
                shown.append({"state": state, "site": site, "band": band, **of_measure})
    return shown


def floors(rows: list[dict], groups) -> list[dict]:
    """Scans and animals of each state and site, and the smallest p that an exact test over so many animals gives."""
    first = [_first(of_group(rows, *group, family="bands")) for group in groups]
    return [row for row in first if row]


def lag_rows(rows: list[dict], groups, names) -> list[dict]:
    """The strongest lag of each band, per state and site."""
    return [
        row
        for state, site in groups
        for band in names
        for row in of_group(rows, state, site, measure="lag", family="lags", band=band)
    ]


def bin_rows(rows: list[dict], bins: list[dict], groups) -> list[dict]:
    """How many 1-Hz bins are significant, family-wise over all of them, in time and in space.

    Parameters
    ----------
    rows : list of dict
        `group/significance.tsv`: of all scans together.
    bins : list of dict
        `group/bins.tsv`: of single scans, whose mean number is given.
    groups : list of (state, site)

    Returns
    -------
    shown : list of dict
        `measure`; of all scans together `n` bins, `beyond` by surrogates and their `where`, `beyond_animals` by
        sign-flips, or None where bins were not tested together; `of_scan`, mean number in a scan.
    """
    shown = []
    for state, site in groups:
        own = of_group(bins, state, site)
        for measure, column in (("temporal", "p_phase_max"), ("spatial", "p_spatial_max")):
            of_measure = of_group(rows, state, site, measure=measure, family="bins")
            if not (of_measure or own):
                continue
            beyond = [row["band"] for row in of_measure if row["p_max"] < ALPHA]
            row = {
                "state": state,
                "site": site,
                "measure": measure,
                "n": len(of_measure) or len({r["band"] for r in own}),
            }
            row |= {"beyond": len(beyond) if of_measure else None, "where": spans(beyond)}
            row["beyond_animals"] = sum(r["p_flip_max"] < ALPHA for r in of_measure) if of_measure else None
            shown.append(row | {"of_scan": _per_scan(own, column)})
    return shown


def _per_scan(rows, column) -> float:
    scans: dict[tuple, int] = {}
    for row in rows:
        key = row["sub"], row["ses"], row["run"]
        scans[key] = scans.get(key, 0) + (row[column] < ALPHA)
    return float(mean(scans.values())) if scans else math.nan


def spans(bins) -> str:
    """Runs of neighbouring 1-Hz bins in hertz.

    Examples
    --------
    >>> spans(["f041", "f040", "f060", "f042"]), spans([])
    ('40–43, 60–61', '')
    """
    starts = sorted(int(band[1:]) for band in bins)
    runs: list[list] = []
    for start in starts:
        if runs and start == runs[-1][1]:
            runs[-1][1] = start + 1
        else:
            runs.append([start, start + 1])
    return ", ".join(f"{low}–{high}" for low, high in runs)


def pairing_rows(rows: list[dict], groups, names) -> list[dict]:
    """Each band against BOLD of other animals, per state and site."""
    return [
        row for state, site in groups for band in names for row in of_group(rows, state, site, sub="group", band=band)
    ]


def _first(rows):
    return rows[0] if rows else None
