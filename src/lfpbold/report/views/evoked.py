"""Runs with stimuli: their groups, and rows of tables."""

from __future__ import annotations

from ..inputs import EVOKED_FIGURES, Variant


def evoked(variant: Variant) -> dict:
    """What the report shows: `any`; `groups` that have figures; rows of the tables."""
    first = EVOKED_FIGURES["group"][0]
    groups = [key[1:] for key, png in variant.figures.items() if key[0] == first and png]
    return {
        "any": bool(groups),
        "groups": [{"state": state, "site": site, "title": f"{site}, {state}"} for state, site in groups],
        "kinds": EVOKED_FIGURES["group"],
        "rows": variant.tables.get("rest_evoked", []),
        "clusters": variant.tables.get("evoked_clusters", []),
        "prediction": variant.tables.get("evoked_prediction", []),
    }
