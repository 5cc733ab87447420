"""From the tables of scans to comparisons: space with time, LFP with spiking, one state with another."""

from __future__ import annotations

import numpy as np

from ...derivatives.rows import RECORDING, of_group
from ...derivatives.rows import pairs as groups_of
from ...stats import animals as of_animals
from ...stats import tests as science

MEASURES = {"r": "r", "rho": "r_spearman"}


def scan_key(row: dict) -> tuple:
    """What names a scan and site in any table."""
    return tuple(row[name] for name in RECORDING)


def paired(temporal, spatial, names) -> list[dict]:
    """Temporal and spatial r of each scan and band in one row: Pearson, Spearman, and Fisher's z of Pearson.

    Parameters
    ----------
    temporal, spatial : list of dict
        Rows of the tables of these names.
    names : list of str
        Bands to pair; the 1-Hz bins are left out.
    """
    found = {(*scan_key(row), row["band"]): row for row in spatial}
    rows = []
    for in_time in temporal:
        if in_time["band"] not in names:
            continue
        in_space = found[(*scan_key(in_time), in_time["band"])]
        row = {name: in_time[name] for name in ("sub", "ses", "run", "state", "site", "band")}
        for where, of in (("temporal", in_time), ("spatial", in_space)):
            row |= {f"{where}_{measure}": of[column] for measure, column in MEASURES.items()}
            row[f"{where}_z"] = float(science.fisher_z(of["r"]))
        rows.append(row)
    return rows


def ttests(pairs, multiunit, names) -> list[dict]:
    """The study's t-tests per state, site and band, with the scan as the unit, and the animal beside it.

    Parameters
    ----------
    pairs : list of dict
        From `paired`.
    multiunit : list of dict
        Rows of `multiunit.tsv`.
    names : list of str
    """
    rows = []
    for state, site in groups_of(pairs):
        for band in names:
            chosen = of_group(pairs, state, site, band=band)
            animals = [row["sub"] for row in chosen]
            of = {"state": state, "site": site, "band": band}
            for measure in ("r", "rho", "z") if chosen else ():
                in_time, in_space = (chosen.column(f"{where}_{measure}") for where in ("temporal", "spatial"))
                tests = {"temporal": in_time, "spatial": in_space, "spatial_minus_temporal": in_space - in_time}
                rows += [
                    {**of, "test": test, "measure": measure, **science.t_test(values, animals)}
                    for test, values in tests.items()
                ]
    for state, site in groups_of(multiunit):
        chosen = of_group(multiunit, state, site)
        animals = [row["sub"] for row in chosen]
        of = {"state": state, "site": site, "band": chosen[0]["band"], "test": "lfp_minus_multiunit"}
        lfp, spikes = (chosen.column(name) for name in ("r_lfp", "r_multiunit"))
        rows.append({**of, "measure": "r", **science.t_test(lfp - spikes, animals)})
        difference = science.fisher_z(lfp) - science.fisher_z(spikes)
        rows.append({**of, "measure": "z", **science.t_test(difference, animals)})
    return rows


def states(pairs, names, confidence: float) -> list[dict]:
    """Every two states of a site against each other, per band, in time and in space."""
    rows = []
    groups = groups_of(pairs)
    for site in dict.fromkeys(site for _, site in groups):
        found = [state for state, where in groups if where == site]
        for i, first in enumerate(found):
            for second in found[i + 1 :]:
                rows += [
                    {
                        "site": site,
                        "band": band,
                        "measure": measure,
                        "state_a": first,
                        "state_b": second,
                        **science.between_states(
                            *_values(pairs, first, site, band, measure),
                            *_values(pairs, second, site, band, measure),
                            confidence,
                        ),
                    }
                    for band in names
                    for measure in ("temporal", "spatial")
                ]
    return rows


def animals(pairs, names, confidence: float, n_bootstrap: int, seed: int) -> list[dict]:
    """What has the animal as its unit, for Fisher's z of temporal and spatial r, per state, site and band."""
    rows = []
    for state, site in groups_of(pairs):
        for band in names:
            chosen = of_group(pairs, state, site, band=band)
            for measure in ("temporal", "spatial"):
                values = np.array([row[f"{measure}_z"] for row in chosen], dtype=float)
                if not np.isfinite(values).any():
                    continue
                found = of_animals.summary(
                    values,
                    [row["sub"] for row in chosen],
                    [row["ses"] for row in chosen],
                    confidence=confidence,
                    n_bootstrap=n_bootstrap,
                    rng=np.random.default_rng(seed),
                )
                rows.append({"state": state, "site": site, "band": band, "measure": measure, **found})
    return rows


def _values(pairs, state, site, band, measure):
    chosen = of_group(pairs, state, site, band=band)
    return [row[f"{measure}_r"] for row in chosen], [row["sub"] for row in chosen]
