"""Rows of tables: choosing and grouping them by what their columns hold. Order and values stay."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

RECORDING = ("sub", "ses", "run", "state", "site")  # the columns by which a row of any table names its recording


class Rows(list):
    """Rows of a table, a list of dicts.

    Examples
    --------
    >>> rows = Rows([{"site": "M1", "band": "gamma", "r": 0.5}, {"site": "ACC", "band": "gamma", "r": 0.25}])
    >>> rows.where(site="M1").column("r")
    array([0.5])
    >>> [(site, len(of_site)) for (site,), of_site in rows.groups("site")]
    [('M1', 1), ('ACC', 1)]
    """

    def where(self, condition: Callable[[dict], bool] | None = None, /, **labels) -> Rows:
        """The rows that have these labels, and for which `condition` holds where one is given.

        A tuple, list, set or dict of labels stands for any of them.
        """
        return Rows(
            row
            for row in self
            if all(_has(row[name], wanted) for name, wanted in labels.items()) and (condition is None or condition(row))
        )

    def finite(self, *columns: str) -> Rows:
        """The rows that have a finite number in each of these columns."""
        return Rows(row for row in self if all(np.isfinite(row[name]) for name in columns))

    def column(self, name: str) -> np.ndarray:
        """One column as an array; shape (n_rows,)."""
        return np.array([row[name] for row in self])

    def distinct(self, *columns: str) -> list[tuple]:
        """The different values of these columns together, in order of first occurrence."""
        return list(dict.fromkeys(tuple(row[name] for name in columns) for row in self))

    def groups(self, *columns: str) -> list[tuple[tuple, Rows]]:
        """The rows by their values in these columns: pairs of values and rows, in order of first occurrence."""
        found: dict[tuple, Rows] = {}
        for row in self:
            found.setdefault(tuple(row[name] for name in columns), Rows()).append(row)
        return list(found.items())


def _has(value, wanted) -> bool:
    return value in wanted if isinstance(wanted, tuple | list | set | frozenset | dict) else value == wanted


def of_group(rows: Iterable[dict], state, site, **labels) -> Rows:
    """The rows of one state and site, and of further labels where given."""
    return Rows(rows).where(state=state, site=site, **labels)


def pairs(rows: Iterable[dict]) -> list[tuple[str, str]]:
    """State and site of each group, in order of first occurrence."""
    return Rows(rows).distinct("state", "site")


def labels(row: dict) -> dict:
    """The columns by which a row of any table names its recording."""
    return {name: row[name] for name in RECORDING}
