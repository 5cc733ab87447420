"""Which rows of the sheet a variant analyses: by subject, session, run, state, site and date."""

from __future__ import annotations

import datetime

from ..errors import InputError
from . import settings as config
from .sheet import LABELS
from .suggestion import suggestion


def rows_by_variant(rows: list[dict], complete: dict[str, dict]) -> dict[str, list[dict]]:
    """The whole sheet as each variant sees it.

    Parameters
    ----------
    rows : list of dict
        From `sheet.read_sheet`; those with `exclude` stay excluded.
    complete : dict of variant to settings
        Complete settings of each variant, with their `select` section.

    Returns
    -------
    listed : dict of variant to list of dict
        The same rows in the same order. Those that a variant does not select are copies with the reason under
        `exclude`; all others are the rows themselves.

    Raises
    ------
    InputError
        For labels that are not in the sheet, days that cannot be read, and selections that match nothing.
    """
    listings: dict[str, list[dict]] = {}
    of_variants: dict[str, list[dict]] = {}
    for name, settings in complete.items():
        key = str(settings["select"])
        if key not in listings:
            listings[key] = listed(rows, settings["select"], f"variant `{name}`")
        of_variants[name] = listings[key]
    return of_variants


def mark_excluded(rows: list[dict], settings: dict) -> list[dict]:
    """The sheet for all variants together: rows that none of them selects have the reason under `exclude`."""
    complete = {name: config.variant(settings, name) for name in settings["variants"]}
    columns = zip(*rows_by_variant(rows, complete).values(), strict=True)
    return [next((row for row in alike if not row["exclude"]), alike[0]) for alike in columns]


def listed(rows: list[dict], wanted: dict, where: str) -> list[dict]:
    """The sheet as one selection sees it.

    Parameters
    ----------
    rows : list of dict
    wanted : dict
        `sub`, `ses`, `run`, `state`, `site`: labels or None for all; `date`: first and last day, None in either for no
        limit, or None.
    where : str
        Start of messages.
    """
    labels = {name: wanted[name] for name in LABELS if wanted.get(name) is not None}
    for name, chosen in labels.items():
        known = list(dict.fromkeys(row[name] for row in rows))
        unknown = next((label for label in chosen if label not in known), None)
        if unknown is not None:
            hint = suggestion(unknown, known, "the sheet has {known}")
            raise InputError(f"{where}: select.{name} names `{unknown}`, which is not in the sheet; {hint}")
    days = wanted.get("date") if any(wanted.get("date") or ()) else None
    selected = []
    for row in rows:
        if row["exclude"] and not row.get("unusable"):
            selected.append(row)
        else:  # a row that is not selected is not missed, whatever is wrong with it
            reason = _reason(row, labels, days, where)
            selected.append({**row, "exclude": reason, "unusable": False} if reason else row)
    if all(_excluded_by_choice(row) for row in selected) and not all(_excluded_by_choice(row) for row in rows):
        texts = [f"{name} {', '.join(chosen)}" for name, chosen in labels.items()]
        texts += [f"date {days[0] or 'any'} to {days[1] or 'any'}"] if days else []
        raise InputError(f"{where}: select matches no recording ({'; '.join(texts)}); remove one of these conditions")
    return selected


def _excluded_by_choice(row: dict) -> bool:
    """Whether a row was excluded by the user, and not for what is wrong with it."""
    return bool(row["exclude"]) and not row.get("unusable")


def _reason(row: dict, labels: dict, days, where: str) -> str:
    """Why a row is not selected; empty where it is."""
    for name, chosen in labels.items():
        if row[name] not in chosen:
            return f"not selected: {name} is {row[name]}"
    if days:
        day = _day(row, where)
        if (days[0] and day < days[0]) or (days[1] and day > days[1]):
            return f"not selected: date is {day}"
    return ""


def _day(row: dict, where: str) -> str:
    """The day of a recording, from the sheet's column `date`, as `2024-05-31`; a time of the day may follow."""
    text = row.get("date") or ""
    try:
        return datetime.datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        content = f"is `{text}`" if text else "is empty"
        raise InputError(
            f"{where}: select.date needs the day of every recording, but `date` {content} in {row['where']}; write it"
            " there as 2024-05-31"
        ) from None
