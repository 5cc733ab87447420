"""Which recordings of a study are in doubt, why, and whether they were used."""

from __future__ import annotations

from .tables import RUN

RECORDING = ("sub", "ses", "run", "state", "site")


def doubts(found: list[dict], rows: list[dict]) -> list[dict]:
    """Every doubt about every recording that its own job had, each name once a recording.

    Parameters
    ----------
    found : list of dict
        From `load.doubts`.
    rows : list of dict
        The whole sheet.
    """
    states = {tuple(row[name] for name in RUN): row["state"] for row in rows}
    out: dict[tuple, dict] = {}
    for recording in found:
        state = states[tuple(recording[name] for name in RUN)]
        for doubt in recording["doubts"]:
            row = {
                **{name: recording[name] for name in ("sub", "ses", "run")},
                "state": state,
                "site": recording["site"],
                "doubt": doubt["Name"],
                "severity": doubt["Severity"],
                "consequence": _consequence(doubt, recording["excluded"]),
                "reason": doubt["Text"],
            }
            out.setdefault((*(row[name] for name in RECORDING), row["doubt"]), row)
    return list(out.values())


def _consequence(doubt: dict, excluded) -> str:
    if doubt["Severity"] != "severe":
        return "told"
    return "excluded" if excluded else "used"


def with_doubtful(headline: list[dict], temporal: list[dict], doubts: list[dict]) -> list[dict]:
    """The headline with `n_doubtful`: how many of the scans that it rests on are in severe doubt.

    Parameters
    ----------
    headline, temporal : list of dict
        Rows of the headline, and of temporal r, which tell the scans that were used.
    doubts : list of dict
        From `doubts`.
    """
    used = {tuple(row[name] for name in RECORDING) for row in temporal}
    doubted = {tuple(row[name] for name in RECORDING) for row in doubts if row["severity"] == "severe"} & used
    return [
        row | {"n_doubtful": sum((state, site) == (row["state"], row["site"]) for *_, state, site in doubted)}
        for row in headline
    ]
